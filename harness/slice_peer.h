/*
 * slice_peer - a slice that a peer measures, as a result like any other.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_PEER_H
#define HARNESS_SLICE_PEER_H

#include "harness/peer.h"
#include "harness/slice.h"

/*
 * Have @peer measure @cell, whose workload is @workload, and check its digests
 * against our own.  0, and @ret tells what happened: SLICE_OPEN if it cannot be
 * started, SLICE_EXITED, SLICE_CRASHED or SLICE_LATE if it ended without a
 * result, SLICE_BROKEN if what it printed is none; message says more.  There are
 * no times of single tasks in it.  CPU time and memory are those of the whole
 * program, from its start to its end.  -errno: not even that could be tried.
 * Blocks for settle + window, and where things go wrong some seconds more.
 */
int slice_run_peer(const struct cell_spec *cell, const struct peer *peer,
		   const struct peer_home *home,
		   const struct workload *workload,
		   const struct slice_timing *timing, struct slice_result *ret);

#endif
