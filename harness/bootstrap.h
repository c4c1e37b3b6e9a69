/*
 * bootstrap - how sure a percentile is: blocks drawn again and again.
 *
 * Floor 4.  The tasks of one block share that block's weather, so thousands of
 * tasks are not thousands of independent witnesses: the blocks are.  We ask what
 * other runs might have shown by drawing whole blocks, with replacement, from
 * those that there are.  The draws are always the same, so a report is, too.
 *
 * What it promises, and `make calibrate' measures, is for blocks that are
 * independent of each other.  Where the machine is slow for many blocks and then
 * fast for many (see stats_autocorrelation()), an interval of nanoseconds tells
 * of this run's weather only; the ratio of two cells does not depend on it, as
 * both share each block.
 */
#ifndef HARNESS_BOOTSTRAP_H
#define HARNESS_BOOTSTRAP_H

#include <stddef.h>

#include "harness/histogram.h"
#include "harness/stats.h"

#define BOOTSTRAP_RESAMPLES 2000
#define BOOTSTRAP_MIN_BLOCKS 6

/*
 * The quantiles @q[0 … n_q - 1] of all values of @n blocks together, each with
 * its interval, in @ret[n_q].  @block[i] may be NULL or empty: absent.  The
 * point is histogram_quantile() of the merged blocks, the bounds are edges of
 * buckets.  All NaN where fewer than BOOTSTRAP_MIN_BLOCKS blocks contribute or
 * histogram_supports() says no.  0 or -ENOMEM.
 *
 * The interval is the "expanded" percentile interval: the plain one is too
 * narrow for few blocks (a 95 % interval of 12 blocks holds 92 %) by the same
 * factors by which z and a divisor of n are too small for a mean.
 * Source: Hesterberg, "What Teachers Should Know About the Bootstrap", The
 * American Statistician 69 (2015), section 5.3; for whole clusters: Davison &
 * Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8.
 */
int bootstrap_percentiles(const struct histogram *const *block, size_t n,
			  const double *q, size_t n_q, double confidence,
			  struct estimate *ret);

/*
 * Quantile @q of the blocks @a divided by that of the blocks @b, @n of each,
 * where @a[i] and @b[i] were measured side by side and are drawn together.  A
 * block counts if both are there.  Otherwise as bootstrap_percentiles(); the
 * quantiles are those of histogram_quantile(), exact to 0.8 %.
 */
int bootstrap_ratio(const struct histogram *const *a,
		    const struct histogram *const *b, size_t n, double q,
		    double confidence, struct estimate *ret);

#endif
