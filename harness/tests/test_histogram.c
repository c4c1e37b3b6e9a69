#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/histogram.h"

#include <stdlib.h>
#include <string.h>

#define BEYOND (UINT64_C(1) << HISTOGRAM_MAX_BITS)

/* @value lies in its bucket, and the bucket is narrow enough. */
static void assert_bucket(uint64_t value)
{
	size_t i = histogram_bucket(value);
	uint64_t low = histogram_lower(i);
	uint64_t high = histogram_lower(i + 1) - 1;

	assert_true(i < HISTOGRAM_BUCKETS);
	assert_true(low <= value && value <= high);
	if (value < 256)
		assert_true(low == high);
	else
		assert_true((high - low + 1) * 128 <= low);
}

static void powers_of_two_find_their_bucket(void **state)
{
	(void)state;
	assert_bucket(0);
	for (int bit = 0; bit < HISTOGRAM_MAX_BITS; bit++) {
		uint64_t power = UINT64_C(1) << bit;

		assert_bucket(power - 1);
		assert_bucket(power);
		if (power + 1 < BEYOND)
			assert_bucket(power + 1);
	}
	assert_bucket(BEYOND - 1);
}

static void random_values_find_their_bucket(void **state)
{
	struct rng r = {1};

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_bucket(rng_next(&r) >> (24 + rng_below(&r, 40)));
}

static void buckets_have_no_gap(void **state)
{
	(void)state;
	assert_true(histogram_lower(0) == 0);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t next = histogram_lower(i + 1);

		assert_int_equal(histogram_bucket(histogram_lower(i)), i);
		assert_int_equal(histogram_bucket(next - 1), i);
	}
	assert_true(histogram_lower(HISTOGRAM_BUCKETS) == BEYOND);
}

static void known_buckets(void **state)
{
	(void)state;
	assert_int_equal(histogram_bucket(255), 255);
	assert_int_equal(histogram_bucket(256), 256);
	assert_int_equal(histogram_bucket(257), 256);
	assert_int_equal(histogram_bucket(258), 257);
	assert_int_equal(histogram_bucket(512), 384);
	assert_int_equal(histogram_bucket(BEYOND - 1), HISTOGRAM_BUCKETS - 1);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Latencies are skewed: most are short, some very long. */
static uint64_t skewed(struct rng *r)
{
	return rng_next(r) >> (24 + rng_below(r, 30));
}

static void quantiles_agree_with_sorting(void **state)
{
	static const size_t sizes[] = {1, 2, 9, 100, 1000, 12345};
	static uint64_t x[12345];
	struct rng r = {2};

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct histogram h = {0};
		size_t n = sizes[s];

		for (size_t i = 0; i < n; i++) {
			x[i] = skewed(&r);
			histogram_add(&h, x[i]);
		}
		qsort(x, n, sizeof(x[0]), compare);
		for (size_t permille = 0; permille <= 1000; permille++) {
			size_t rank = (permille * n + 999) / 1000;
			uint64_t exact = x[rank > 0 ? rank - 1 : 0];
			uint64_t q =
				histogram_quantile(&h, (double)permille / 1000);

			assert_true(q >= exact);
			assert_true(q <= exact + exact / 128);
			assert_true(q >= h.min && q <= h.max);
		}
		assert_true(histogram_quantile(&h, 1) == x[n - 1]);
	}
}

/* The double of 0.07 is a little more than 7/100. */
static void rounding_does_not_move_the_rank(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (uint64_t v = 1; v <= 100; v++)
		histogram_add(&h, v);
	for (uint64_t v = 1; v <= 100; v++)
		assert_int_equal(histogram_quantile(&h, (double)v / 100), v);
	assert_int_equal(histogram_quantile(&h, 0.071), 8);
}

static void empty_is_all_zero(void **state)
{
	struct histogram h = {0};

	(void)state;
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_false(histogram_supports(&h, 0.5));
}

static void sum_and_extremes_are_exact(void **state)
{
	struct histogram h = {0};

	(void)state;
	histogram_add(&h, 1000001);
	assert_int_equal(h.min, 1000001);
	assert_int_equal(h.max, 1000001);

	/* Its bucket ends at 1003519, but no value is so large. */
	assert_int_equal(histogram_quantile(&h, 0), 1000001);
	histogram_add(&h, 3);
	histogram_add(&h, 2000003);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.sum, 3000007);
	assert_int_equal(h.min, 3);
	assert_int_equal(h.max, 2000003);
	assert_int_equal(h.overflow, 0);
}

static void values_beyond_the_range_are_counted(void **state)
{
	struct histogram h = {0};

	(void)state;
	histogram_add(&h, 5);
	histogram_add(&h, BEYOND - 1);
	assert_int_equal(h.overflow, 0);
	histogram_add(&h, BEYOND);
	histogram_add(&h, BEYOND + 12345);
	assert_int_equal(h.n, 4);
	assert_int_equal(h.overflow, 2);
	assert_true(h.sum == 3 * BEYOND + 12349);
	assert_true(h.max == BEYOND + 12345);
	assert_int_equal(histogram_quantile(&h, 0.25), 5);
	assert_true(histogram_quantile(&h, 0.5) == BEYOND - 1);
	assert_true(histogram_quantile(&h, 0.75) == h.max);
}

static void merging_is_adding_all(void **state)
{
	static struct histogram all, parts[3], merged, empty;
	struct rng r = {3};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t v = i % 100 ? skewed(&r) : BEYOND + skewed(&r);

		histogram_add(&all, v);
		histogram_add(&parts[rng_below(&r, 3)], v);
	}
	histogram_merge(&merged, &empty);
	assert_memory_equal(&merged, &empty, sizeof(empty));
	for (int i = 0; i < 3; i++)
		histogram_merge(&merged, &parts[i]);
	histogram_merge(&merged, &empty);
	assert_memory_equal(&merged, &all, sizeof(all));
}

/* Ten values beyond the quantile, and not one less. */
static void support_needs_ten_beyond(void **state)
{
	static const struct {
		double q;
		uint64_t n;
	} enough[] = {
		{0.5, 20},    {0.75, 40},         {0.9, 100},
		{0.99, 1000}, {0.999, 10000},     {0.9999, 100000},
		{0.95, 200},  {0.99999, 1000000},
	};
	struct histogram h = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(enough); i++) {
		h.n = enough[i].n;
		assert_true(histogram_supports(&h, enough[i].q));
		h.n--;
		assert_false(histogram_supports(&h, enough[i].q));
	}
	h.n = UINT64_MAX;
	assert_false(histogram_supports(&h, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(powers_of_two_find_their_bucket),
		cmocka_unit_test(random_values_find_their_bucket),
		cmocka_unit_test(buckets_have_no_gap),
		cmocka_unit_test(known_buckets),
		cmocka_unit_test(quantiles_agree_with_sorting),
		cmocka_unit_test(rounding_does_not_move_the_rank),
		cmocka_unit_test(empty_is_all_zero),
		cmocka_unit_test(sum_and_extremes_are_exact),
		cmocka_unit_test(values_beyond_the_range_are_counted),
		cmocka_unit_test(merging_is_adding_all),
		cmocka_unit_test(support_needs_ten_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
