#include "harness/histogram.h"

#include <float.h>
#include <math.h>

#include "harness/base.h"

#define SUB_BUCKETS ((size_t)1 << HISTOGRAM_SUB_BITS)
#define BEYOND (UINT64_C(1) << HISTOGRAM_MAX_BITS)

/*
 * Drop bits of @value from the right until 8 are left, whose first is a 1, so
 * 128 … 255.  How many were dropped chooses the group of 128 buckets.  Values
 * below 256 lose no bit and are their own bucket.
 */
size_t histogram_bucket(uint64_t value)
{
	int dropped;

	CHECK(value < BEYOND);
	if (value < 2 * SUB_BUCKETS)
		return (size_t)value;
	dropped = 63 - __builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return ((size_t)dropped << HISTOGRAM_SUB_BITS) +
	       (size_t)(value >> dropped);
}

/* @i may be one more than the last bucket: what follows the range. */
uint64_t histogram_lower(size_t i)
{
	size_t group = i >> HISTOGRAM_SUB_BITS;

	CHECK(i <= HISTOGRAM_BUCKETS);
	if (group == 0)
		return i;
	return (uint64_t)(SUB_BUCKETS + i % SUB_BUCKETS) << (group - 1);
}

/* What both adding and merging have to do for the extremes. */
static void stretch(struct histogram *h, uint64_t min, uint64_t max)
{
	if (h->n == 0 || min < h->min)
		h->min = min;
	if (h->n == 0 || max > h->max)
		h->max = max;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	stretch(h, value, value);
	h->n++;
	h->sum += value;
	if (value < BEYOND)
		h->count[histogram_bucket(value)]++;
	else
		h->overflow++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	if (from->n == 0)
		return;
	stretch(into, from->min, from->max);
	into->n += from->n;
	into->sum += from->sum;
	into->overflow += from->overflow;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->count[i] += from->count[i];
}

/*
 * The double next to 0.07 times 100 is a little more than 7, which must not
 * become 8: allow for rounding.
 */
uint64_t histogram_rank(uint64_t n, double q)
{
	double exact = q * (double)n;
	double rank = ceil(exact - 2 * DBL_EPSILON * exact);

	if (!(rank > 1))
		return 1;
	return rank < (double)n ? (uint64_t)rank : n;
}

uint64_t histogram_quantile(const struct histogram *h, double q)
{
	uint64_t rank = histogram_rank(h->n, q);
	uint64_t seen = 0, highest;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->count[i];
		if (seen < rank)
			continue;
		highest = histogram_lower(i + 1) - 1;
		return highest < h->max ? highest : h->max;
	}

	/* Beyond the range the maximum is all we know; 0 when empty. */
	return h->max;
}

int histogram_supports(const struct histogram *h, double q)
{
	/* 100 (1 - 0.9) is a little less than 10 in binary. */
	return (double)h->n * (1 - q) >= 10 * (1 - 1e-9);
}
