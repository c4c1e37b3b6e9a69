/*
 * goals_probes - the least that two of our models could cost, as models.
 *
 *	call:ping	a thread for each worker, a futex each way: wake it and wait
 *			for its answer.  What a task in flight alone takes that
 *			wakes a worker.
 *	call:forks	fork(2), _exit(2) and wait(2), a child for each task in
 *			flight, and nothing else.
 *
 * ping's threads run the tasks; the children of forks end at once, and the
 * generator runs the task itself, so that the digest is right.
 */
#ifndef BENCH_EXPERIMENTS_GOALS_PROBES_H
#define BENCH_EXPERIMENTS_GOALS_PROBES_H

#include "harness/model.h"

extern const struct model *const goals_probes[]; /* NULL at the end */

#endif
