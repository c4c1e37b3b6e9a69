/*
 * slice_usage - what a slice costs: CPU time, switches, faults, memory; and what
 * the rest of the machine did meanwhile.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_USAGE_H
#define HARNESS_SLICE_USAGE_H

#include <sys/resource.h>

#include "harness/noise.h"
#include "harness/slice.h"

/* What had been used when a slice began. */
struct slice_usage {
	struct noise_sample noise;
	uint64_t at_ns;               /* when that was */
	struct rusage self, children; /* those that were waited for */
};

/* Remember in @u what was used until now, and enter the canary in @ret. */
void slice_usage_begin(struct slice_usage *u, struct slice_result *ret);

/*
 * Enter in @ret what was used since @before, by this process and its children
 * together, and the canary.  Peak memory is that of the whole life of each.
 */
void slice_usage_end(const struct slice_usage *before,
		     struct slice_result *ret);

#endif
