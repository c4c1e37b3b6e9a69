#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/stats.h"

#include <math.h>

#define TRIALS 4000

static void assert_close(double is, double should)
{
	assert_true(fabs(is - should) <= 1e-12 * fabs(should));
}

static void sorting_sorts(void **state)
{
	double x[] = {3, -1, INFINITY, 0, -INFINITY, 3, 1e-300};
	double should[] = {-INFINITY, -1, 0, 1e-300, 3, 3, INFINITY};

	(void)state;
	stats_sort(x, ARRAY_LEN(x));
	for (size_t i = 0; i < ARRAY_LEN(x); i++)
		assert_true(x[i] == should[i]);
	stats_sort(NULL, 0);
}

static void median_of_odd_and_even(void **state)
{
	double x[] = {1, 2, 4, 8};

	(void)state;
	assert_true(stats_median_sorted(x, 1) == 1);
	assert_true(stats_median_sorted(x, 2) == 1.5);
	assert_true(stats_median_sorted(x, 3) == 2);
	assert_true(stats_median_sorted(x, 4) == 3);
}

static void known_ranks(void **state)
{
	static const struct {
		size_t n, rank;
	} known[] = {
		{0, 0},   {1, 0},   {5, 0},    {6, 1},      {8, 1},
		{9, 2},   {12, 3},  {20, 6},   {28, 9},     {40, 14},
		{50, 18}, {70, 27}, {100, 40}, {1000, 469}, {100000, 49690},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(stats_rank(known[i].n, 0.95), known[i].rank);
}

/* The definition word for word, in whole numbers: Pascal's triangle. */
static size_t exact_rank(const uint64_t *row, int n, uint64_t one_in)
{
	uint64_t tail = 0;
	size_t k = 0;

	while (tail + row[k] <= (UINT64_C(1) << n) / one_in)
		tail += row[k++];
	return k;
}

static void ranks_agree_with_pascal(void **state)
{
	uint64_t row[64] = {1};

	(void)state;
	for (int n = 1; n <= 60; n++) {
		for (int k = n; k > 0; k--)
			row[k] += row[k - 1];
		assert_int_equal(stats_rank((size_t)n, 0.95),
				 exact_rank(row, n, 40));
		assert_int_equal(stats_rank((size_t)n, 0.99),
				 exact_rank(row, n, 200));
		assert_int_equal(stats_rank((size_t)n, 0.5),
				 exact_rank(row, n, 4));
	}
}

/*
 * Where both sides of the definition are equal, 1 / 2^n, rounding must not
 * decide: the least and the greatest of n values miss the median with 2 / 2^n.
 */
static void equal_sides_count(void **state)
{
	(void)state;
	for (int n = 2; n <= 50; n++)
		assert_int_equal(stats_rank((size_t)n, 1 - ldexp(2, -n)), 1);
}

static void rank_never_crosses_the_middle(void **state)
{
	(void)state;
	for (size_t n = 0; n < 100; n++)
		assert_true(2 * stats_rank(n, 0) <= n + 1);
	assert_int_equal(stats_rank(100, 1), 0);
}

static void interval_is_made_of_order_statistics(void **state)
{
	double x[] = {7, 3, 12, 1, 9, 5, 11, 2, 10, 6, 4, 8};
	struct estimate e = stats_median_interval(x, 12, 0.95);

	(void)state;
	assert_true(e.median == 6.5);
	assert_true(e.low == 3);
	assert_true(e.high == 10);
}

static void too_few_values_have_no_interval(void **state)
{
	double x[] = {5, 4, 3, 2, 1, 0};
	struct estimate e = stats_median_interval(x, 5, 0.95);

	(void)state;
	assert_true(e.median == 3);
	assert_true(isnan(e.low) && isnan(e.high));
	e = stats_median_interval(x, 6, 0.95);
	assert_true(e.low == 0 && e.high == 5);
	e = stats_median_interval(x, 0, 0.95);
	assert_true(isnan(e.median) && isnan(e.low) && isnan(e.high));
}

/* Uniform in (0, 1). */
static double uniform(struct rng *r)
{
	return ((double)(rng_next(r) >> 12) + 0.5) * 0x1p-52;
}

/* Nearly normal, mean 0, deviation 1. */
static double normal(struct rng *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(r);
	return sum;
}

/*
 * Exponential values, as skewed as latencies are: their median is log 2.  With
 * 12 of them ranks 3 and 10 should cover it 1 - 2 * 79 / 4096 = 96.1 % of the
 * time; 12 coins show fewer than 3 heads in 79 of 4096 ways.
 */
static void interval_covers_a_skewed_median(void **state)
{
	struct rng r = {1};
	int covered = 0;

	(void)state;
	for (int t = 0; t < TRIALS; t++) {
		struct estimate e;
		double x[12];

		for (size_t i = 0; i < ARRAY_LEN(x); i++)
			x[i] = -log(uniform(&r));
		e = stats_median_interval(x, ARRAY_LEN(x), 0.95);
		covered += e.low <= log(2) && log(2) <= e.high;
	}
	assert_in_range(covered, TRIALS * 95 / 100, TRIALS * 972 / 1000);
}

static void known_ratio(void **state)
{
	double a[] = {2, 4, 8, 16, 32, 64}, b[] = {1, 1, 1, 1, 1, 1};
	double scratch[6];
	struct estimate e = stats_ratio(a, b, 6, 0.95, scratch);

	(void)state;
	assert_close(e.median, sqrt(8 * 16));
	assert_close(e.low, 2);
	assert_close(e.high, 64);

	/* The ratio the other way round says the same. */
	e = stats_ratio(b, a, 6, 0.95, scratch);
	assert_close(e.median, 1 / sqrt(8 * 16));
	assert_close(e.low, 1.0 / 64);
	assert_close(e.high, 1.0 / 2);
}

static void ratio_leaves_absent_values_out(void **state)
{
	double a[] = {3, 0, NAN, 3, 3, 3, -1, 3, INFINITY, 3, 3};
	double b[] = {1, 1, 1, 0, 1, 1, 1, NAN, 1, 1, 1};
	double scratch[11];
	struct estimate e = stats_ratio(a, b, 11, 0.95, scratch);

	(void)state;

	/* Five are left: enough for a median, not for an interval. */
	assert_close(e.median, 3);
	assert_true(isnan(e.low) && isnan(e.high));

	b[3] = 1;
	e = stats_ratio(a, b, 11, 0.95, scratch);
	assert_close(e.low, 3);
	assert_close(e.high, 3);

	e = stats_ratio(a + 1, b + 1, 2, 0.95, scratch);
	assert_true(isnan(e.median) && isnan(e.low) && isnan(e.high));
}

/*
 * The verdict on 12 pairs from a machine that becomes faster and slower by far
 * more than what is to be found, but equally for both.
 */
static enum verdict judge(struct rng *r, double effect, double noise)
{
	double a[12], b[12], scratch[12];
	double drift = 0;
	struct estimate e;

	for (size_t i = 0; i < ARRAY_LEN(a); i++) {
		drift += 0.3 * normal(r);
		a[i] = exp(drift + noise * normal(r)) * effect;
		b[i] = exp(drift + noise * normal(r));
	}
	e = stats_ratio(a, b, ARRAY_LEN(a), 0.95, scratch);
	return stats_verdict(&e, STATS_MARGIN);
}

static void count_verdicts(uint64_t seed, double effect, double noise,
			   int ret[4])
{
	struct rng r = {seed};

	for (int v = 0; v < 4; v++)
		ret[v] = 0;
	for (int t = 0; t < TRIALS; t++)
		ret[judge(&r, effect, noise)]++;
}

static void equals_are_seldom_called_different(void **state)
{
	int n[4];

	(void)state;

	/* So noisy that the margin protects nobody: only the interval does. */
	count_verdicts(2, 1, 0.2, n);
	assert_true(n[VERDICT_FASTER] + n[VERDICT_SLOWER] <= TRIALS * 5 / 100);
	assert_true(n[VERDICT_FASTER] > 0 && n[VERDICT_SLOWER] > 0);

	/* So quiet that equality itself can be seen. */
	count_verdicts(3, 1, 0.005, n);
	assert_int_equal(n[VERDICT_FASTER] + n[VERDICT_SLOWER], 0);
	assert_true(n[VERDICT_NO_DIFFERENCE] > TRIALS * 99 / 100);
}

static void real_effects_are_found(void **state)
{
	int n[4];

	(void)state;
	count_verdicts(4, 1.1, 0.03, n);
	assert_true(n[VERDICT_FASTER] > TRIALS * 99 / 100);
	assert_int_equal(n[VERDICT_SLOWER], 0);
	count_verdicts(5, 1 / 1.1, 0.03, n);
	assert_true(n[VERDICT_SLOWER] > TRIALS * 99 / 100);
	assert_int_equal(n[VERDICT_FASTER], 0);
}

static void known_verdicts(void **state)
{
	static const struct {
		struct estimate r;
		enum verdict v;
	} known[] = {
		{{1.10, 1.01, 1.20}, VERDICT_FASTER},
		{{0.90, 0.80, 0.99}, VERDICT_SLOWER},
		{{1.00, 0.98, 1.02}, VERDICT_NO_DIFFERENCE},
		{{1.00, 0.97, 1.03}, VERDICT_NO_DIFFERENCE},

		/* Surely more than 1, as surely not enough to matter. */
		{{1.01, 1.005, 1.02}, VERDICT_NO_DIFFERENCE},
		{{0.99, 0.985, 0.995}, VERDICT_NO_DIFFERENCE},

		/* Surely more than 1, but does it matter? */
		{{1.02, 1.01, 1.04}, VERDICT_CANNOT_TELL},
		{{1.03, 1.01, 1.04}, VERDICT_CANNOT_TELL},
		{{0.98, 0.96, 0.99}, VERDICT_CANNOT_TELL},
		{{0.97, 0.96, 0.99}, VERDICT_CANNOT_TELL},

		/* The interval holds 1. */
		{{1.50, 0.99, 2.00}, VERDICT_CANNOT_TELL},
		{{1.50, 1.00, 2.00}, VERDICT_CANNOT_TELL},
		{{0.50, 0.30, 1.00}, VERDICT_CANNOT_TELL},
		{{1.00, 0.90, 1.01}, VERDICT_CANNOT_TELL},
		{{1.00, 0.99, 1.10}, VERDICT_CANNOT_TELL},

		/* What is not known cannot tell. */
		{{1.50, NAN, NAN}, VERDICT_CANNOT_TELL},
		{{1.50, 1.40, NAN}, VERDICT_CANNOT_TELL},
		{{0.50, NAN, 0.60}, VERDICT_CANNOT_TELL},
		{{NAN, NAN, NAN}, VERDICT_CANNOT_TELL},
		{{NAN, 1.00, 1.00}, VERDICT_CANNOT_TELL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(stats_verdict(&known[i].r, 0.03), known[i].v);
}

static void verdicts_have_names(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_FASTER), "faster");
	assert_string_equal(verdict_name(VERDICT_SLOWER), "slower");
	assert_string_equal(verdict_name(VERDICT_NO_DIFFERENCE),
			    "no difference");
	assert_string_equal(verdict_name(VERDICT_CANNOT_TELL), "cannot tell");
}

static void test_jain(void **state)
{
	(void)state;
	/* All the same, one has all, and the paper's "2 of 10 dollars". */
	assert_true(stats_jain(12, 48, 3) == 1);
	assert_true(stats_jain(12, 144, 3) == 1.0 / 3);
	assert_true(fabs(stats_jain(100, 20 * 25, 100) - 0.2) < 1e-12);
	assert_true(isnan(stats_jain(0, 0, 3)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorting_sorts),
		cmocka_unit_test(median_of_odd_and_even),
		cmocka_unit_test(known_ranks),
		cmocka_unit_test(ranks_agree_with_pascal),
		cmocka_unit_test(equal_sides_count),
		cmocka_unit_test(rank_never_crosses_the_middle),
		cmocka_unit_test(interval_is_made_of_order_statistics),
		cmocka_unit_test(too_few_values_have_no_interval),
		cmocka_unit_test(interval_covers_a_skewed_median),
		cmocka_unit_test(known_ratio),
		cmocka_unit_test(ratio_leaves_absent_values_out),
		cmocka_unit_test(equals_are_seldom_called_different),
		cmocka_unit_test(real_effects_are_found),
		cmocka_unit_test(known_verdicts),
		cmocka_unit_test(verdicts_have_names),
		cmocka_unit_test(test_jain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
