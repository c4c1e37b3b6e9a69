/*
 * stats - what may be said after n repetitions.  Pure functions.
 *
 * Floor 1.  Nothing here assumes a distribution: medians, and intervals made of
 * order statistics, which can be checked by hand on a blackboard.
 */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include <stdbool.h>
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
 * The same of those that are not NaN; they are gathered at the beginning of
 * @x.  Some may be infinite, and then the ends may be, too.  That is honest:
 * order statistics ask only which value is the larger.  The median of an even
 * number is one between its middle two: infinite if one of them is, and NaN if
 * they are so in opposite ways.
 */
struct estimate stats_known_interval(double *x, size_t n, double confidence);

/*
 * The ratio a/b from @n pairs measured side by side: the median of
 * log(a[i] / b[i]) with its exact interval (that of the sign test),
 * exponentiated.  Pairs with a value that is not positive are left out.
 * Needs room for @n doubles at @scratch.
 */
struct estimate stats_ratio(const double *a, const double *b, size_t n,
			    double confidence, double *scratch);

/*
 * The confidence that each of @m >= 1 intervals needs for all of them to hold
 * at once with @confidence: 1 - (1 - confidence) / m, whatever they have to do
 * with each other (Bonferroni).  E.g. three comparisons in a table at 95 %:
 * 98.33 % each.
 */
double stats_family(double confidence, size_t m);

/*
 * How many standard errors to each side of a mean of normal values its
 * interval takes: Student's t with @dof >= 1 degrees of freedom, @confidence
 * (0 < confidence < 1) between both sides.  E.g. 95 %: 11 -> 2.201.
 * Source: Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.3-4.
 */
double stats_student(double confidence, size_t dof);

/*
 * Half the width of the interval of a @ratio, as a share: 0.03 means that it
 * reaches from 1.03 times below its middle to 1.03 times above.  NaN where a
 * bound is absent or not positive.
 */
double stats_half_width(const struct estimate *ratio);

/*
 * stats_rank() for two independent samples of @m and @n values, and their m * n
 * differences in ascending order: the k for which [d(k), d(mn+1-k)] covers the
 * true shift with at least @confidence, the largest k with P(U < k) <=
 * (1 - confidence) / 2, where U is Mann and Whitney's statistic.  0: no such
 * rank.  Exact up to 60 values each, about right beyond.  E.g. 95 %: 8 and 8
 * -> 14, 12 and 12 -> 38.  0 or -ENOMEM.
 * Source: Hollander, Wolfe & Chicken, "Nonparametric Statistical Methods",
 * section 4.3; Mann & Whitney, Annals of Mathematical Statistics 18 (1947).
 */
int stats_shift_rank(size_t m, size_t n, double confidence, size_t *ret);

/*
 * By how much the @n values of @y lie above the @m values of @x, measured
 * apart: Hodges and Lehmann's estimate, the median of all differences y - x,
 * with its exact interval.  No NaN among them.  m = 0 or n = 0: all NaN.  0 or
 * -ENOMEM.
 * Source: the same, section 4.2; Bauer, Journal of the American Statistical
 * Association 67 (1972).
 */
int stats_shift(const double *x, size_t m, const double *y, size_t n,
		double confidence, struct estimate *ret);

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

#define STATS_BLOCKS_MAX 1000

/*
 * About how many blocks in all, not only more of them, would let
 * stats_verdict() say something, if @ratio is what @n blocks gave: its interval
 * is taken to shrink about its median as 1 / sqrt(blocks).  @n when there is a
 * verdict already; else rounded up to tens; 0 where nobody can say: without an
 * interval, with the median at the margin, or with more than STATS_BLOCKS_MAX.
 */
size_t stats_blocks_needed(const struct estimate *ratio, size_t n,
			   double margin);

/*
 * Whether a value knows its predecessor.  Independent values stay within
 * +- @bound in 95 % of all series; NaN: too few values, or all the same.
 */
struct autocorrelation {
	double lag1;  /* -1 … 1 */
	double bound; /* 1.96 / sqrt(n) */
};

/*
 * The lag-1 autocorrelation of @n values in the order of time.  NaN is an
 * absent value and belongs to no pair.
 * Source: Box & Jenkins, "Time Series Analysis", section 2.1.
 */
struct autocorrelation stats_autocorrelation(const double *x, size_t n);

#define STATS_OUTLIER_IQRS 3 /* "far out" in Tukey's words */

/*
 * Label those of @n values which lie more than @k interquartile ranges outside
 * the quartiles, and return how many.  Labels are for the reader: nothing is
 * ever dropped.  Quartiles interpolate between order statistics at (n - 1) / 4
 * and 3 (n - 1) / 4.  NaN is absent and gets no label; fewer than 4 values have
 * no quartiles worth the name, so no outliers.  Needs room for @n doubles at
 * @scratch.
 * Source: Tukey, "Exploratory Data Analysis", section 2C.
 */
size_t stats_outliers(const double *x, size_t n, double k, double *scratch,
		      bool *label);

/* "faster", "slower", "no difference", "cannot tell". */
const char *verdict_name(enum verdict v);

/*
 * How fair it is if @n have numbers with this @sum and this sum of @squares:
 * sum² / (n squares), from 1/n, one has all, to 1, all have the same.  NaN if
 * nobody has anything.
 * Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and
 * Discrimination for Resource Allocation in Shared Computer Systems",
 * DEC-TR-301 (1984).
 */
double stats_jain(double sum, double squares, size_t n);

#endif
