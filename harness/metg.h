/*
 * metg - minimum effective task granularity: how small tasks may be.
 *
 * Floor 4.  METG(50 %) is the shortest duration of tasks at which a model still
 * turns half of the machine into work, METG(95 %) that at which it wastes
 * hardly any.
 *
 * Source: Slaughter et al., "Task Bench: A Parameterized Benchmark for
 * Evaluating Parallel Runtime Performance", SC'20.
 */
#ifndef HARNESS_METG_H
#define HARNESS_METG_H

#include <stddef.h>
#include <stdint.h>

#include "harness/number.h"
#include "harness/results.h"
#include "harness/stats.h"

/*
 * The shortest duration from which on, in all longer ones too, the efficiency
 * is at least @share: of @n durations @task_ns, ascending and positive, with
 * their @efficiency, NaN where there is none.  Between two durations the
 * efficiency is taken to be linear in the logarithm of the duration.
 *
 * -INFINITY: at the shortest already, so the answer is less than that;
 * INFINITY: at the longest not yet, so it is more; NaN: no efficiency at all.
 */
double metg_of_curve(const double *task_ns, const double *efficiency, size_t n,
		     double share);

/* How well one model does with tasks of one size. */
struct metg_point {
	uint64_t size;
	double task_ns;             /* median time of a task in serial */
	struct estimate efficiency; /* of the blocks: median and interval */
	double *blocks; /* of each block, by its number; NaN: none; owned */
};

/* The two shares that are asked for. */
enum metg_share {
	METG_50,
	METG_95,
	METG_SHARES,
};

extern const double metg_shares[METG_SHARES]; /* 0.50, 0.95 */

/* One model with one workload. */
struct metg_curve {
	const char *model, *workload; /* of the run */
	uint32_t workers;
	struct metg_point *points; /* [n_points], by task_ns; owned */
	size_t n_points;
	struct estimate metg_ns[METG_SHARES]; /* as of stats_known_interval() */
};

struct metg {
	struct metg_curve *curves; /* [n], in the order of the plan; owned */
	size_t n;
};

/*
 * The curves of all models in @experiment, whose cells have tasks of different
 * sizes.  The efficiency is the model's throughput as a share of what serial,
 * the run's baseline, would do with tasks of this size, in the same block, on
 * as many processors as the model has workers or the machine processors,
 * whichever is less.  Sizes without serial have no place on a curve; no serial,
 * no curves.  @run must outlive @ret.  0 or -ENOMEM.
 */
int metg_make(const struct run_results *run, const char *experiment,
	      struct metg *ret);

/*
 * @ns, an answer of @c, in words: "120 µs"; where it lies beyond the durations
 * that were measured, "below 5.00 µs" or "above 2.00 ms"; an en dash: unknown.
 */
struct number metg_text(const struct metg_curve *c, double ns);

/*
 * The interval of such an answer, as of number_interval(); empty also where
 * both ends are beyond the durations on the same side.
 */
struct number metg_interval_text(const struct metg_curve *c,
				 const struct estimate *e);

/* Accepts a zeroed struct. */
void metg_done(struct metg *m);

#endif
