/*
 * slice_usage - what a slice costs: CPU time, switches, faults, memory.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_USAGE_H
#define HARNESS_SLICE_USAGE_H

#include <sys/resource.h>

#include "harness/slice.h"

/* Of this process, and of its children that were waited for. */
struct slice_usage {
	struct rusage self, children;
};

void slice_usage_read(struct slice_usage *u);

/*
 * Enter in @ret what was used from @before to @after, both kinds of processes
 * together.  Peak memory is that of the whole life of each.
 */
void slice_usage_note(const struct slice_usage *before,
		      const struct slice_usage *after,
		      struct slice_result *ret);

#endif
