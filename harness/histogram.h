/*
 * histogram - counts of durations with a bounded relative error.
 *
 * Floor 1.  Log-linear buckets as in HdrHistogram (Gil Tene): values below 256
 * have a bucket each; above, every power of two is divided in 128, so a bucket
 * is at most 1/128 (0.8 %) as wide as its values.  A plain array without
 * pointers: it may lie in shared memory, and merging is addition.
 */
#ifndef HARNESS_HISTOGRAM_H
#define HARNESS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_SUB_BITS 7
#define HISTOGRAM_MAX_BITS 40 /* 2^40 ns: 18 minutes */
#define HISTOGRAM_BUCKETS                                                      \
	((size_t)(HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1)                 \
	 << HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
	uint64_t n;        /* all values, those beyond the range too */
	uint64_t overflow; /* of them, values of 2^40 and more */
	uint64_t sum;      /* exact, of all values */
	uint64_t min, max; /* exact; 0 when empty */
};

/* An all-zero struct is an empty histogram. */
void histogram_add(struct histogram *h, uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The bucket of @value (< 2^40), and the smallest value of bucket @i. */
size_t histogram_bucket(uint64_t value);
uint64_t histogram_lower(size_t i);

/* The rank, 1 … @n, of quantile @q (0 … 1) among @n >= 1 values: ceil(q n). */
uint64_t histogram_rank(uint64_t n, double q);

/*
 * The value below or at which a share @q of all values lies: the highest value
 * of the bucket where histogram_rank() falls, clamped to [min, max].  0 when
 * empty.
 */
uint64_t histogram_quantile(const struct histogram *h, double q);

/*
 * Whether enough values lie beyond quantile @q for it to mean something:
 * n (1 - q) >= 10 (shared house rule; fewer make a percentile one outlier's
 * story).
 */
int histogram_supports(const struct histogram *h, double q);

#endif
