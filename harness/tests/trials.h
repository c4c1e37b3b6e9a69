/*
 * trials - how often a verdict is wrong, counted on ratios that were measured.
 *
 * The other half of calibration.h: there the noise is simulated, here it is
 * that of a machine.  A run in which two arms are the same gives a ratio a
 * block, and each stretch of so many blocks is a run of its own.
 */
#ifndef HARNESS_TESTS_TRIALS_H
#define HARNESS_TESTS_TRIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base.h"
#include "harness/results.h"
#include "harness/stats.h"

#define TRIALS_BLOCKS 64 /* of a run, at most */

/* Throughput of an arm over that of the reference, in the order of time. */
struct series {
	double ratio[TRIALS_BLOCKS]; /* [n] */
	size_t n;
};

/* Series of several runs; zeroed it is empty. */
struct pool {
	struct series *series; /* [n] */
	size_t n;
};

struct tally {
	size_t trials, faster, slower;
};

/*
 * Append to @pool a series for each cell of @run that has the real model of the
 * reference under another name, everything else equal, and @extra_ppm more work
 * (0: an A/A pair).  All blocks, noisy ones too: harder than what a run does,
 * which leaves them out.  Returns how many series.
 */
size_t trials_read(const struct run_results *run, uint32_t extra_ppm,
		   struct pool *pool);

void trials_done(struct pool *pool);

/*
 * What a run with these @n <= TRIALS_BLOCKS ratios says at 95 %.  With @looks
 * it looks when design_next_look() says so, and ends where the ratio is known
 * to DESIGN_HALF_WIDTH.
 */
enum verdict trials_judge(const double *ratio, size_t n, bool looks);

/*
 * Cut each series into windows of @n blocks that share none; what is left at
 * its end is dropped.  Each window is a trial.
 */
struct tally trials_windows(const struct pool *pool, size_t n, bool looks);

#define TRIALS_STRETCH 4 /* about the cube root of 40 */

/*
 * @trials runs of @n blocks made of stretches of TRIALS_STRETCH neighbouring
 * blocks of the A/A pairs @pool, drawn with replacement: the moving-block
 * bootstrap, which keeps what a block knows of the one before.  That both arms
 * are the same is known, so it is made true of the pool: its median becomes 1,
 * and the arms of a stretch change their names half of the time.  Then one arm
 * is made @factor times as fast.  No trials if the pool has no whole stretch.
 * Source: Künsch, "The jackknife and the bootstrap for general stationary
 * observations", Annals of Statistics 17 (1989); for making the hypothesis true
 * of what is drawn from: Davison & Hinkley, "Bootstrap Methods and their
 * Application" (1997), section 4.4.
 */
struct tally trials_resample(const struct pool *pool, size_t n, bool looks,
			     double factor, size_t trials, struct rng *r);

/*
 * How far @share(@pool, @data) may be off because other runs would have given
 * another pool: half of its 95 % interval, by leaving out each series in turn
 * (the jackknife) and Student's t.  Infinite with fewer than two series.
 * Source: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993),
 * section 11.5.
 */
double trials_jackknife(const struct pool *pool,
			double (*share)(const struct pool *part,
					const void *data),
			const void *data);

/*
 * By how much the ratios of @pool differ: their interquartile range as that of
 * a normal distribution, the standard deviation of logarithms.  NaN if the pool
 * has none.  And their median, 1 in a perfect world.
 */
void trials_spread(const struct pool *pool, double *median, double *sd);

/*
 * The exact 95 % interval of a share of which @count of @trials >= 1 were seen.
 * Source: Clopper & Pearson, Biometrika 26 (1934).
 */
void trials_share(size_t count, size_t trials, double *low, double *high);

#endif
