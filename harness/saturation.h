/*
 * saturation - whether a load was more than a model can bear.  Pure.
 *
 * Floor 3.  With more work than it can do a queue grows as long as one looks,
 * and every latency says how long that was.  There are no percentiles then.
 */
#ifndef HARNESS_SATURATION_H
#define HARNESS_SATURATION_H

#include <stdbool.h>

#include "harness/slice.h"
#include "harness/stats.h"

/*
 * By how much the queue of an open loop's slice grew in its window, as a share
 * of the tasks that were due in it; so a share of 0.1 means that a model did
 * nine in ten of what it was asked.  Negative: it got shorter.  NaN: nothing
 * was measured, or nothing was due.
 */
double saturation_growth(const struct slice_result *r);

/*
 * Whether a cell is saturated: fewer than 99 % of the @offered tasks of all its
 * slices ended ok, or its queues grew for sure: the interval of the median of
 * saturation_growth(), @growth, lies above 0.  A single slice's queue may be
 * longer at the end by chance, the median of many only if it grows.
 */
bool saturation_of_cell(const struct estimate *growth, uint64_t tasks,
			uint64_t offered);

#endif
