/*
 * stats - what may be said after n repetitions.  Pure functions.
 *
 * Floor 1.  Nothing here assumes a distribution: medians, and intervals made of
 * order statistics, which can be checked by hand on a blackboard.
 */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include <stddef.h>

/* A point with its interval.  An absent bound is NaN: too few values. */
struct estimate {
	double median, low, high;
};

/* Sort @n numbers in place, ascending.  No NaN among them. */
void stats_sort(double *x, size_t n);

/* Median of @n >= 1 sorted numbers. */
double stats_median_sorted(const double *x, size_t n);

/*
 * The rank k (1-based) for which [x(k), x(n+1-k)] covers the true median with
 * at least @confidence, whatever the distribution: the largest k with
 * P(Binomial(n, 1/2) < k) <= (1 - confidence) / 2.  0: no such rank, @n is too
 * small (below 6 for 95 %).  E.g. 95 %: 12 -> 3, 20 -> 6, 28 -> 9, 40 -> 14.
 * Source: David & Nagaraja, "Order Statistics", section 7.1.
 */
size_t stats_rank(size_t n, double confidence);

/*
 * Median and exact interval of @n values, in any order (@x is sorted).  n = 0:
 * all NaN.
 */
struct estimate stats_median_interval(double *x, size_t n, double confidence);

/*
 * The ratio a/b from @n pairs measured side by side: the median of
 * log(a[i] / b[i]) with its exact interval (that of the sign test),
 * exponentiated.  Pairs with a value that is not positive are left out.
 * Needs room for @n doubles at @scratch.
 */
struct estimate stats_ratio(const double *a, const double *b, size_t n,
			    double confidence, double *scratch);

/* What an interval of a ratio allows to say; see stats_verdict(). */
enum verdict {
	VERDICT_CANNOT_TELL,
	VERDICT_FASTER,
	VERDICT_SLOWER,
	VERDICT_NO_DIFFERENCE,
};

#define STATS_MARGIN 0.03 /* differences below 3 % do not matter */

/*
 * faster / slower: the interval excludes 1 and the median is beyond the margin;
 * no difference: the whole interval is inside the margin; else cannot tell.
 * @r is a ratio of throughputs to a reference.
 */
enum verdict stats_verdict(const struct estimate *r, double margin);

/* "faster", "slower", "no difference", "cannot tell". */
const char *verdict_name(enum verdict v);

#endif
