/*
 * slice_slow - what the slowest tasks of a slice spent their time on.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_SLOW_H
#define HARNESS_SLICE_SLOW_H

#include "harness/slice.h"

/*
 * Sums of phases by a task's time from turn to result, in the buckets of
 * struct histogram: which tasks are the slowest is known only at the end, and
 * to keep every task until then would cost memory without a bound.
 */
struct slow_tasks;

/* An empty table, all its pages there already; NULL: no memory. */
struct slow_tasks *slow_open(void);

/* Accepts NULL. */
void slow_close(struct slow_tasks *s);

/* Add a task.  Touches one line of memory or two. */
void slow_add(struct slow_tasks *s, const uint64_t phases[PHASES]);

/*
 * Set slow_tasks and slow_phase_sum_ns of @ret: of all tasks added, one in a
 * hundred, the slowest.  Of the bucket in which the last of them falls a part
 * is taken with the mean of all that are there: they differ by 0.8 % at most.
 */
void slow_note(const struct slow_tasks *s, struct slice_result *ret);

#endif
