/*
 * The workloads alone: a program that only runs tasks knows no models.
 */
#include <string.h>

#include "bench/registry.h"
#include "harness/base.h"

#define MODEL(x)
#define EXPERIMENT(x)
#define PEER(x)

#define WORKLOAD(x) extern const struct workload workload_##x;
#include "bench/registry.def"
#undef WORKLOAD

#define WORKLOAD(x) &workload_##x,
const struct workload *const workloads[] = {
#include "bench/registry.def"
};

const size_t n_workloads = ARRAY_LEN(workloads);

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < n_workloads; i++) {
		if (strcmp(workloads[i]->name, name) == 0)
			return workloads[i];
	}
	return NULL;
}
