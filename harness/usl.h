/*
 * usl - the Universal Scalability Law, fitted to throughputs.  Pure.
 *
 * Floor 1, of the module stats.  The law says what n workers together get done:
 *
 *	X(n) = gamma n / (1 + alpha (n - 1) + beta n (n - 1))
 *
 * gamma is what one worker does alone.  alpha is the share of the work that only
 * one can do at a time, so the others wait: contention.  beta is what each pair
 * of workers costs to agree: coherency.  With beta = 0 this is Amdahl's law, and
 * more workers never harm.  With beta > 0 throughput has a peak, at
 * n = sqrt((1 - alpha) / beta), and falls beyond it.
 * Source: Gunther, "Guerrilla Capacity Planning", Springer 2007, chapter 4.
 */
#ifndef HARNESS_USL_H
#define HARNESS_USL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USL_POINTS 6 /* fewer worker counts say nothing of three parameters */
#define USL_BLOCKS 6 /* fewer values have no 95 % interval, so no weight */

struct usl_model {
	double gamma; /* tasks/s, > 0 */
	double alpha; /* 0 … 1 */
	double beta;  /* >= 0 */
};

/* Every number is finite. */
struct usl {
	struct usl_model model;     /* the fit to all blocks */
	struct usl_model low, high; /* 95 % interval of each parameter */

	/*
	 * beta's interval contains 0: the data cannot tell the law from
	 * Amdahl's, which is the shorter story.  Its fit is always here.
	 */
	bool amdahl;
	struct usl_model without_beta;

	/*
	 * Number of workers with the most throughput and its 95 % interval; only
	 * where that lies within the worker counts measured.  Else 0: a peak
	 * beyond them is a guess.
	 */
	bool has_peak;
	double peak, peak_low, peak_high;

	/* The largest |measured - model| / measured, and where it is. */
	double worst_residual;
	uint32_t worst_workers;
};

/* Throughput of @n >= 1 workers by the law. */
double usl_at(const struct usl_model *m, double n);

/*
 * Fit the law to @n worker counts @workers, ascending, from 1 up.  @per_s is
 * [n][blocks]: tasks per second of each worker count in each block, NaN where
 * absent.  Pass only worker counts up to the number of processors: beyond it
 * workers wait for a processor, and that is not what alpha and beta describe.
 *
 * Each worker count is a point: the median of its blocks.  Least squares, each
 * point weighted by 1 / width², width being that of the median's 95 % interval,
 * but at least 0.1 % of the median: a point that was the same in all blocks by
 * luck must not silence all others.  Intervals are percentiles of the fits to
 * 1000 draws of whole blocks with replacement, weights kept (Efron &
 * Tibshirani, "An Introduction to the Bootstrap", chapter 13), stretched to
 * contain the fit.  With 12 blocks they hold the truth some 92 times of 100.
 * The seed is fixed: the same data give the same numbers.  Takes about 10 ms.
 *
 * 0; -ENODATA: fewer than USL_POINTS worker counts, or one of them with values
 * in fewer than USL_BLOCKS blocks; -EINVAL: a worker count without any value, a
 * throughput that is zero, negative or infinite, counts not ascending; -ENOMEM.
 */
int usl_fit(const uint32_t *workers, size_t n, const double *per_s,
	    size_t blocks, struct usl *ret);

#endif
