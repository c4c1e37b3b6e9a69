#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 8

/* Histograms are too large for a stack that sanitisers have filled. */
static struct histogram pool[2 * BLOCKS];
static const struct histogram *a[BLOCKS], *b[BLOCKS];

static int clear(void **state)
{
	(void)state;
	memset(pool, 0, sizeof(pool));
	for (size_t i = 0; i < BLOCKS; i++) {
		a[i] = &pool[i];
		b[i] = &pool[BLOCKS + i];
	}
	return 0;
}

static void add(size_t block, uint64_t value, int times)
{
	for (int i = 0; i < times; i++)
		histogram_add(&pool[block], value);
}

static struct estimate percentile(size_t n, double q, double confidence)
{
	struct estimate e = {0};

	assert_int_equal(bootstrap_percentiles(a, n, &q, 1, confidence, &e), 0);
	return e;
}

static struct estimate ratio(size_t n, double q)
{
	struct estimate e = {0};

	assert_int_equal(bootstrap_ratio(a, b, n, q, 0.95, &e), 0);
	return e;
}

static void assert_estimate(struct estimate e, double low, double median,
			    double high)
{
	assert_true(e.low == low);
	assert_true(e.median == median);
	assert_true(e.high == high);
}

static void assert_unknown(struct estimate e)
{
	assert_true(isnan(e.low) && isnan(e.median) && isnan(e.high));
}

/* Blocks that do not differ leave nothing to be unsure of. */
static void equal_blocks_have_no_width(void **state)
{
	double q[] = {0.5, 0.9, 0.99};
	struct estimate e[3];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (uint64_t v = 1; v <= 100; v++)
			add(i, v, 1);
	}
	assert_int_equal(bootstrap_percentiles(a, 6, q, 3, 0.95, e), 0);
	assert_estimate(e[0], 50, 50, 50);
	assert_estimate(e[1], 90, 90, 90);

	/* 600 values leave 6 beyond it: too few. */
	assert_unknown(e[2]);
}

/*
 * Block k = 1 … 6 holds the value 10 k a hundred times, so the median of a
 * resample is its third smallest block.  That is at most block k if at least 3
 * of 6 draws are among the k first: P(Binomial(6, k / 6) >= 3), which is 0.062,
 * 0.320, 0.656, 0.900, 0.991, 1 for k = 1 … 6.
 *
 * The tail on each side, with t of 5 degrees of freedom times sqrt(6 / 5):
 *	95 %	t 2.571, z 2.816: 0.0024, so blocks 1 and 6
 *	80 %	t 1.476, z 1.617: 0.053, so blocks 1 and 5.  The plain interval
 *		has 0.1 on each side and would begin at block 2, and so would
 *		one with t alone: 0.07.
 *	50 %	t 0.727, z 0.796: 0.213, so blocks 2 and 4
 */
static void known_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++)
		add(i, 10 * (i + 1), 100);
	assert_estimate(percentile(6, 0.5, 0.95), 10, 30, 60);
	assert_estimate(percentile(6, 0.5, 0.80), 10, 30, 50);
	assert_estimate(percentile(6, 0.5, 0.50), 20, 30, 40);
}

/* Who measured more tasks says more, in each resample too. */
static void blocks_weigh_what_they_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < 7; i++)
		add(i, 10, 10);
	add(7, 20, 1000);

	/* Block 8 is in nearly two of three resamples, and decides those. */
	assert_estimate(percentile(8, 0.5, 0.5), 10, 20, 20);
}

static void bounds_are_edges_of_buckets(void **state)
{
	(void)state;

	/* One bucket holds 1000 … 1003. */
	for (size_t i = 0; i < 6; i++)
		add(i, 1001, 50);
	add(0, 10, 1);
	add(0, 5000, 1);
	assert_estimate(percentile(6, 0.5, 0.95), 1000, 1003, 1003);
}

static void extremes_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		add(i, 1001, 20);
		add(i, 1002, 20);
	}
	assert_estimate(percentile(6, 0.5, 0.95), 1001, 1002, 1002);
}

static void beyond_the_range_is_the_maximum(void **state)
{
	uint64_t range = UINT64_C(1) << HISTOGRAM_MAX_BITS;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		add(i, 1, 10);
		add(i, range + 5 + i, 30);
	}
	assert_estimate(percentile(6, 0.5, 0.95), (double)range,
			(double)range + 10, (double)range + 10);
	assert_estimate(percentile(6, 0.1, 0.95), 1, 1, 1);
}

static void absent_blocks_do_not_count(void **state)
{
	(void)state;
	assert_unknown(percentile(0, 0.5, 0.95));
	assert_unknown(percentile(8, 0.5, 0.95));
	for (size_t i = 0; i < 8; i++)
		add(i, 10, 100);
	a[1] = a[4] = NULL;
	assert_estimate(percentile(8, 0.5, 0.95), 10, 10, 10);
	memset(&pool[6], 0, sizeof(pool[6]));
	assert_unknown(percentile(8, 0.5, 0.95));
}

static void ten_values_must_lie_beyond(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++)
		add(i, 10, 16);
	assert_unknown(percentile(6, 0.9, 0.95));
	add(0, 10, 4);
	assert_estimate(percentile(6, 0.9, 0.95), 10, 10, 10);
}

static void twice_is_the_same(void **state)
{
	struct rng r = {3};
	struct estimate first, second;

	(void)state;
	for (size_t i = 0; i < BLOCKS; i++) {
		for (int k = 0; k < 200; k++)
			add(i, 1000 + rng_below(&r, 100000), 1);
	}
	first = percentile(BLOCKS, 0.9, 0.95);
	second = percentile(BLOCKS, 0.9, 0.95);
	assert_memory_equal(&first, &second, sizeof(first));
	assert_true(first.low < first.median && first.median < first.high);
}

/*
 * Weather that makes block k take k times as long, both alike: the cell's own
 * interval is wide, and that of the ratio has no width at all.
 */
static void shared_weather_cancels(void **state)
{
	struct estimate e;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		add(i, 20 * (i + 1), 100);
		add(BLOCKS + i, 10 * (i + 1), 100);
	}
	assert_estimate(ratio(6, 0.5), 2, 2, 2);
	e = percentile(6, 0.5, 0.95);
	assert_true(e.high / e.low == 6);
}

static void ratio_wants_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < BLOCKS; i++) {
		add(i, 30, 100);
		add(BLOCKS + i, 10, 100);
	}
	assert_estimate(ratio(BLOCKS, 0.5), 3, 3, 3);
	a[0] = b[1] = NULL;
	assert_estimate(ratio(BLOCKS, 0.5), 3, 3, 3);
	b[2] = NULL;
	assert_unknown(ratio(BLOCKS, 0.5));
}

static void ratio_wants_times_and_enough_of_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		add(i, 30, 100);
		add(BLOCKS + i, 10, 16);
	}
	assert_unknown(ratio(6, 0.9));
	add(BLOCKS, 10, 4);
	assert_estimate(ratio(6, 0.9), 3, 3, 3);
	add(BLOCKS, 0, 1);
	assert_unknown(ratio(6, 0.9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equal_blocks_have_no_width, clear),
		cmocka_unit_test_setup(known_bounds, clear),
		cmocka_unit_test_setup(blocks_weigh_what_they_hold, clear),
		cmocka_unit_test_setup(bounds_are_edges_of_buckets, clear),
		cmocka_unit_test_setup(extremes_are_exact, clear),
		cmocka_unit_test_setup(beyond_the_range_is_the_maximum, clear),
		cmocka_unit_test_setup(absent_blocks_do_not_count, clear),
		cmocka_unit_test_setup(ten_values_must_lie_beyond, clear),
		cmocka_unit_test_setup(twice_is_the_same, clear),
		cmocka_unit_test_setup(shared_weather_cancels, clear),
		cmocka_unit_test_setup(ratio_wants_both, clear),
		cmocka_unit_test_setup(ratio_wants_times_and_enough_of_them,
				       clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
