/*
 * simulate - blocks as a noisy machine gives them, with a truth that is known.
 *
 * The machine becomes faster and slower for many blocks at a time, for all that
 * it runs: an autoregressive process of order 1.  Each slice has a noise of its
 * own on top, now and then a large one.  All noises are log-normal.
 */
#ifndef HARNESS_TESTS_SIMULATE_H
#define HARNESS_TESTS_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base.h"
#include "harness/histogram.h"
#include "harness/stats.h"

#define SIMULATE_BLOCKS 40 /* at most */
#define SIMULATE_ARMS 6    /* at most */

/* Standard deviations are of logarithms. */
struct weather {
	double machine_sd;  /* of the factor that a block's arms share */
	double machine_rho; /* its lag-1 autocorrelation */
	double slice_sd;    /* of a slice's own factor */
	double storms;      /* share of slices with four times that */
};

/*
 * The throughputs of @arms arms in @n blocks: ret[arm][block].  Arm i is
 * effect[i] times as fast as weather alone would have it.
 */
void simulate_blocks(struct rng *r, const struct weather *w,
		     const double *effect, size_t arms, size_t n,
		     double ret[][SIMULATE_BLOCKS]);

/*
 * Compare arms 1 … @arms - 1 to arm 0, as a table does: after 12, 20, 28 and 40
 * blocks, and no more once each ratio is known to 3 % each way, at 95 % as a
 * family.  With @looks false only after @n blocks.  Returns how many blocks it
 * took; the verdicts at @ret[1 … arms - 1].
 */
size_t simulate_table(struct rng *r, const struct weather *w,
		      const double *effect, size_t arms, bool looks, size_t n,
		      enum verdict *ret);

#define SIMULATE_TASK_SD 0.5
#define SIMULATE_TASK_MEDIAN_NS 100000.0

/*
 * The latencies of @tasks tasks in each of @n blocks of @arms arms that do not
 * differ: ret[arm][block].  Storms are left out, so that all noises together
 * are log-normal again and quantiles of the truth can be written down.
 */
void simulate_latencies(struct rng *r, const struct weather *w, size_t n,
			size_t arms, int tasks,
			struct histogram ret[][SIMULATE_BLOCKS]);

#endif
