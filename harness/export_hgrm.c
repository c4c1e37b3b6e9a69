#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "harness/base.h"
#include "harness/export.h"

#define TICKS 5 /* lines per half distance */

/*
 * HdrHistogram's names for our buckets: all of the first 256 values, and of
 * every doubling the 128 in its upper half.
 */
#define SUB_BUCKETS (2 << HISTOGRAM_SUB_BITS)
#define DOUBLINGS (HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS)

/* How many values lie in the bucket of @value or below. */
static uint64_t count_to(const struct histogram *h, uint64_t value)
{
	uint64_t n = 0;

	if (value >> HISTOGRAM_MAX_BITS)
		return h->n;
	for (size_t i = 0; i <= histogram_bucket(value); i++)
		n += h->count[i];
	return n;
}

/* Each value counts as the middle of its bucket, those beyond as the largest. */
static double deviation(const struct histogram *h, double mean)
{
	double squares = (double)h->overflow * pow((double)h->max - mean, 2);

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t low = histogram_lower(i);
		uint64_t middle = low + (histogram_lower(i + 1) - low) / 2;

		if (h->count[i] > 0)
			squares += (double)h->count[i] *
				   pow((double)middle - mean, 2);
	}
	return h->n > 0 ? sqrt(squares / (double)h->n) : 0;
}

/* Without the rounding of 1 / (1 - share), which @beyond is: 2, 2.22, … */
static void write_line(const struct histogram *h, double share, double beyond,
		       uint64_t n, FILE *out)
{
	fprintf(out, " %14.6f %14.12f %10" PRIu64 " %14.2f\n",
		(double)histogram_quantile(h, share) / (double)NS_PER_MS, share,
		n, beyond);
}

void export_hgrm(const struct histogram *h, FILE *out)
{
	double mean = h->n > 0 ? (double)h->sum / (double)h->n : 0;
	uint64_t n = 0;

	fprintf(out, " %14s %14s %10s %14s\n\n", "Value", "Percentile",
		"TotalCount", "1/(1-Percentile)");
	for (int half = 0; n < h->n && half < DBL_MANT_DIG; half++) {
		/* From here the next TICKS lines go half of what remains. */
		for (int tick = 0; tick < TICKS && n < h->n; tick++) {
			double left = ldexp(1 - tick / (2.0 * TICKS), -half);

			n = count_to(h, histogram_quantile(h, 1 - left));
			write_line(h, 1 - left, 1 / left, n, out);
		}
	}
	write_line(h, 1, INFINITY, n, out);
	fprintf(out, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n",
		mean / (double)NS_PER_MS,
		deviation(h, mean) / (double)NS_PER_MS);
	fprintf(out, "#[Max     = %12.6f, Total count    = %12" PRIu64 "]\n",
		(double)h->max / (double)NS_PER_MS, h->n);
	fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", DOUBLINGS,
		SUB_BUCKETS);
}
