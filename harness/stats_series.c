/*
 * stats_series.c - what to look at before a series of blocks is believed.
 */
#include <float.h>
#include <math.h>

#include "harness/base.h"
#include "harness/stats.h"

/* The mean of the values that are there, and how many they are. */
static double mean(const double *x, size_t n, size_t *ret_present)
{
	double sum = 0;

	*ret_present = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]))
			continue;
		sum += x[i];
		++*ret_present;
	}
	return sum / (double)*ret_present;
}

struct autocorrelation stats_autocorrelation(const double *x, size_t n)
{
	struct autocorrelation a = {.lag1 = NAN, .bound = NAN};
	double together = 0, alone = 0;
	size_t present;
	double m = mean(x, n, &present);
	double rounding = 4 * DBL_EPSILON * m;

	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]))
			continue;
		alone += (x[i] - m) * (x[i] - m);
		if (i > 0 && !isnan(x[i - 1]))
			together += (x[i] - m) * (x[i - 1] - m);
	}
	if (present < 3 || alone <= (double)present * rounding * rounding)
		return a;
	a.lag1 = together / alone;
	a.bound = 1.96 / sqrt((double)present);
	return a;
}

/* The value at place @at, 0 … n - 1, of @n sorted values. */
static double interpolate(const double *x, size_t n, double at)
{
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return x[n - 1];
	return x[i] + (at - (double)i) * (x[i + 1] - x[i]);
}

size_t stats_outliers(const double *x, size_t n, double k, double *scratch,
		      bool *label)
{
	size_t present = 0, outliers = 0;
	double first, third, reach;

	for (size_t i = 0; i < n; i++) {
		label[i] = false;
		if (!isnan(x[i]))
			scratch[present++] = x[i];
	}
	if (present < 4)
		return 0;
	stats_sort(scratch, present);
	first = interpolate(scratch, present, (double)(present - 1) * 0.25);
	third = interpolate(scratch, present, (double)(present - 1) * 0.75);
	reach = k * (third - first);
	for (size_t i = 0; i < n; i++) {
		/* No comparison with NaN is true. */
		label[i] = x[i] < first - reach || x[i] > third + reach;
		outliers += label[i];
	}
	return outliers;
}
