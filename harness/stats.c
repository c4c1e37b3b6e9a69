#include "harness/stats.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

void stats_sort(double *x, size_t n)
{
	if (n > 1)
		qsort(x, n, sizeof(*x), compare);
}

double stats_median_sorted(const double *x, size_t n)
{
	CHECK(n > 0);
	if (n % 2 == 1)
		return x[n / 2];
	return (x[n / 2 - 1] + x[n / 2]) / 2;
}

/*
 * Each value lies below the true median with probability 1/2, as a coin falls.
 * So the interval misses the median on one side exactly if fewer than k of n
 * coins show heads: P = (C(n,0) + … + C(n,k-1)) / 2^n.  The terms go by their
 * logarithms, as 2^-n is no double any more for n above 1074.
 */
size_t stats_rank(size_t n, double confidence)
{
	/* Rounding must not cost a rank where both sides are equal. */
	double allowed = (1 - confidence) / 2 * (1 + 1e-9);
	double log_term = -(double)n * log(2);
	double tail = 0;
	size_t k = 0;

	for (; k < n; k++) {
		tail += exp(log_term); /* now P(fewer than k + 1 heads) */
		if (tail > allowed)
			break;
		log_term += log((double)(n - k) / (double)(k + 1));
	}
	return k;
}

struct estimate stats_median_interval(double *x, size_t n, double confidence)
{
	struct estimate e = {.median = NAN, .low = NAN, .high = NAN};
	size_t k = stats_rank(n, confidence);

	if (n == 0)
		return e;
	stats_sort(x, n);
	e.median = stats_median_sorted(x, n);
	if (k > 0) {
		e.low = x[k - 1];
		e.high = x[n - k];
	}
	return e;
}

struct estimate stats_known_interval(double *x, size_t n, double confidence)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isnan(x[i]))
			x[known++] = x[i];
	}
	return stats_median_interval(x, known, confidence);
}

struct estimate stats_ratio(const double *a, const double *b, size_t n,
			    double confidence, double *scratch)
{
	struct estimate e;
	size_t pairs = 0;

	for (size_t i = 0; i < n; i++) {
		/* NaN, an absent measurement, is not positive either. */
		if (!(a[i] > 0 && b[i] > 0) || isinf(a[i]) || isinf(b[i]))
			continue;
		scratch[pairs++] = log(a[i] / b[i]);
	}
	e = stats_median_interval(scratch, pairs, confidence);
	e.median = exp(e.median);
	e.low = exp(e.low);
	e.high = exp(e.high);
	return e;
}

double stats_family(double confidence, size_t m)
{
	CHECK(m > 0);
	return 1 - (1 - confidence) / (double)m;
}

/*
 * The share of Student's distribution between -t and t, where t is
 * sqrt(dof) tan(@angle): a finite sum, as dof is a whole number.
 */
static double student_share(double angle, size_t dof)
{
	double cos2 = cos(angle) * cos(angle);
	double term = dof % 2 == 0 ? 1 : cos(angle);
	double sum = 0;

	for (size_t i = dof % 2 + 2; i <= dof; i += 2) {
		sum += term;
		term *= (double)(i - 1) / (double)i * cos2;
	}
	if (dof % 2 == 0)
		return sin(angle) * sum;
	return M_2_PI * (angle + sin(angle) * sum);
}

double stats_student(double confidence, size_t dof)
{
	double low = 0, high = M_PI_2;

	CHECK(dof > 0 && confidence > 0 && confidence < 1);

	/* Each step settles one more bit of the angle; a double has 53. */
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (student_share(middle, dof) < confidence)
			low = middle;
		else
			high = middle;
	}
	return sqrt((double)dof) * tan((low + high) / 2);
}

double stats_half_width(const struct estimate *ratio)
{
	if (!(ratio->low > 0))
		return NAN;
	return expm1(log(ratio->high / ratio->low) / 2);
}

enum verdict stats_verdict(const struct estimate *r, double margin)
{
	/* No comparison with NaN is true, but one bound alone is not enough. */
	if (isnan(r->median) || isnan(r->low) || isnan(r->high))
		return VERDICT_CANNOT_TELL;
	if (r->low > 1 && r->median > 1 + margin)
		return VERDICT_FASTER;
	if (r->high < 1 && r->median < 1 - margin)
		return VERDICT_SLOWER;
	if (r->low >= 1 - margin && r->high <= 1 + margin)
		return VERDICT_NO_DIFFERENCE;
	return VERDICT_CANNOT_TELL;
}

/*
 * By what factor an interval must shrink so that a bound at distance @reach
 * from the median comes as near as @room.  At the margin itself is no room.
 */
static double shrinkage(double reach, double room)
{
	if (reach <= 0)
		return 0;
	return room > 0 ? reach / room : INFINITY;
}

/*
 * All in logarithms, where an interval shrinks about its median.  A median
 * beyond the margin becomes a verdict when the bound on the side of 1 passes 1;
 * a median within it, when both bounds are within it too.
 */
size_t stats_blocks_needed(const struct estimate *ratio, size_t n,
			   double margin)
{
	double m = log(ratio->median);
	double below = m - log(ratio->low), above = log(ratio->high) - m;
	double factor, blocks;

	if (!isfinite(m) || !isfinite(below) || !isfinite(above) || n == 0)
		return 0;
	if (stats_verdict(ratio, margin) != VERDICT_CANNOT_TELL)
		return n;
	if (ratio->median > 1 + margin)
		factor = shrinkage(below, m);
	else if (ratio->median < 1 - margin)
		factor = shrinkage(above, -m);
	else
		factor = fmax(shrinkage(above, log1p(margin) - m),
			      shrinkage(below, m - log1p(-margin)));

	/* To reach 1 is not to pass it, and rounding must not decide. */
	blocks = (double)n * factor * factor * (1 + 1e-9);

	if (blocks >= STATS_BLOCKS_MAX)
		return 0;
	return ((size_t)blocks / 10 + 1) * 10;
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_CANNOT_TELL] = "cannot tell",
		[VERDICT_FASTER] = "faster",
		[VERDICT_SLOWER] = "slower",
		[VERDICT_NO_DIFFERENCE] = "no difference",
	};

	CHECK((size_t)v < ARRAY_LEN(names));
	return names[v];
}

double stats_jain(double sum, double squares, size_t n)
{
	return sum * sum / ((double)n * squares);
}
