/*
 * slice_memory - how much memory a process and all its descendants use.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_MEMORY_H
#define HARNESS_SLICE_MEMORY_H

#include "harness/slice.h"

/*
 * Set pss_bytes, rss_bytes and processes of @ret: of this process and all that
 * descend from it, now; -1 and 0 if that cannot be known.  Who ends meanwhile
 * is not in it.  Looks at every process of the machine to find the descendants,
 * about 8 us each, and 40 us at each of them: a kernel may be built without
 * /proc/[pid]/task/[tid]/children.  Source: proc(5), stat and smaps_rollup.
 */
void slice_memory_read(struct slice_result *ret);

#endif
