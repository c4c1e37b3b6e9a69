#include "bench/registry.h"

#include <stdbool.h>
#include <string.h>

#include "harness/base.h"

/*
 * registry.def is read four times: for the declarations, then once for each
 * array, with the rows of the other kinds left out.
 */
#define MODEL(x) extern const struct model model_##x;
#define WORKLOAD(x)
#define EXPERIMENT(x) extern const struct experiment experiment_##x;
#define PEER(x) extern const struct peer peer_##x;
#include "bench/registry.def"
#undef MODEL
#undef EXPERIMENT
#undef PEER

#define MODEL(x) &model_##x,
#define EXPERIMENT(x)
#define PEER(x)
const struct model *const models[] = {
#include "bench/registry.def"
};
#undef MODEL
#undef EXPERIMENT

#define MODEL(x)
#define EXPERIMENT(x) &experiment_##x,
const struct experiment *const experiments[] = {
#include "bench/registry.def"
};
#undef EXPERIMENT
#undef PEER

#define EXPERIMENT(x)
#define PEER(x) &peer_##x,
const struct peer *const peers[] = {
#include "bench/registry.def"
};

const size_t n_models = ARRAY_LEN(models);
const size_t n_experiments = ARRAY_LEN(experiments);
const size_t n_peers = ARRAY_LEN(peers);

/* "pool" and "pool:pipe" are the same, if that is the best variant. */
static bool is_variant(const struct model *m, const char *name)
{
	size_t n = strlen(m->name);

	return m->variant && !strchr(m->name, ':') &&
	       strncmp(name, m->name, n) == 0 && name[n] == ':' &&
	       strcmp(name + n + 1, m->variant) == 0;
}

const struct model *model_find(const char *name)
{
	for (size_t i = 0; i < n_models; i++) {
		if (strcmp(models[i]->name, name) == 0 ||
		    is_variant(models[i], name))
			return models[i];
	}
	return NULL;
}

const struct experiment *experiment_find(const char *name)
{
	for (size_t i = 0; i < n_experiments; i++) {
		if (strcmp(experiments[i]->name, name) == 0)
			return experiments[i];
	}
	return NULL;
}

const struct peer *peer_find(const char *name)
{
	for (size_t i = 0; i < n_peers; i++) {
		if (strcmp(peers[i]->name, name) == 0)
			return peers[i];
	}
	return NULL;
}
