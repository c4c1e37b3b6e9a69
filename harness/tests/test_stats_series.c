/*
 * What is said of a series of blocks beside its verdict: how many more it would
 * take, whether blocks know their predecessors, which of them lie far out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/stats.h"

#include <math.h>

static void assert_close(double is, double should)
{
	assert_true(fabs(is - should) <= 1e-12 * fabs(should));
}

static void a_family_shares_its_errors(void **state)
{
	(void)state;
	assert_close(stats_family(0.95, 1), 0.95);
	assert_close(stats_family(0.95, 5), 0.99);
	assert_close(stats_family(0.9, 4), 0.975);

	/* 8 blocks, not 6, until there is an interval at 99 %: 2 / 2^8. */
	assert_int_equal(stats_rank(7, stats_family(0.95, 5)), 0);
	assert_int_equal(stats_rank(8, stats_family(0.95, 5)), 1);
}

/* As printed in the tables; with one degree of freedom it is tan(pi c / 2). */
static void known_students(void **state)
{
	static const struct {
		double confidence, t;
		size_t dof;
	} known[] = {
		{0.95, 12.7062, 1},   {0.95, 4.3027, 2},  {0.95, 3.1824, 3},
		{0.95, 2.5706, 5},    {0.95, 2.2010, 11}, {0.95, 2.0227, 39},
		{0.99, 4.0321, 5},    {0.99, 2.7045, 40}, {0.50, 0.7267, 5},
		{0.95, 1.9623, 1000}, {0.99, 63.6567, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_true(
			fabs(stats_student(known[i].confidence, known[i].dof) -
			     known[i].t) < 0.00006);
	assert_close(stats_student(0.5, 1), 1);
}

static void half_width_is_a_share(void **state)
{
	struct estimate r = {.median = 1.1, .low = 1, .high = 1.21};

	(void)state;
	assert_close(stats_half_width(&r), 0.1);

	/* Half as fast and twice as fast are equally far. */
	r = (struct estimate){.median = 1, .low = 0.5, .high = 2};
	assert_close(stats_half_width(&r), 1);
	r.high = 0.5;
	assert_true(stats_half_width(&r) == 0);
	r.low = NAN;
	assert_true(isnan(stats_half_width(&r)));
	r = (struct estimate){.median = 1, .low = 0, .high = 2};
	assert_true(isnan(stats_half_width(&r)));
}

static void known_numbers_of_blocks(void **state)
{
	static const struct {
		struct estimate r;
		size_t n, needed;
	} known[] = {
		/* Its lower bound must pass 1: (ln(1.05 / 0.95) / ln 1.05)^2
		 * = 4.208 times 20 = 84.2 */
		{{1.05, 0.95, 1.16}, 20, 90},
		{{1 / 1.05, 1 / 1.16, 1 / 0.95}, 20, 90},

		/* At 1 already, and only has to pass it. */
		{{0.90, 0.80, 1.00}, 12, 20},
		{{0.90, 0.80, 1.00}, 20, 30},

		/* Both bounds must come inside the margin, and the upper one
		 * is the nearer: (ln 1.06 / ln 1.03)^2 = 3.886 times 12 =
		 * 46.6 */
		{{1.00, 1 / 1.06, 1.06}, 12, 50},

		/* (ln(1.05 / 1.02) / ln(1.03 / 1.02))^2 = 8.83 times 20 =
		 * 176.6; its other bound is inside. */
		{{1.02, 0.99, 1.05}, 20, 180},

		/* The lower margin is farther, in logarithms: (ln(0.98 /
		 * 0.955) / ln(0.98 / 0.97))^2 = 6.35 times 20 = 127.0 */
		{{0.98, 0.955, 0.99}, 20, 130},

		/* A verdict needs no more. */
		{{1.10, 1.01, 1.20}, 12, 12},
		{{1.00, 0.98, 1.02}, 28, 28},

		/* (ln 2 / ln 1.03)^2 = 550 times 12 is more than anybody
		 * measures. */
		{{1.00, 0.50, 2.00}, 12, 0},

		/* At the margin no number of blocks will do. */
		{{1.03, 0.90, 1.20}, 12, 0},
		{{0.97, 0.90, 1.20}, 12, 0},

		{{1.00, NAN, NAN}, 5, 0},
		{{1.00, 0.00, 1.10}, 12, 0},
		{{NAN, NAN, NAN}, 0, 0},
		{{1.50, 0.90, 2.00}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(stats_blocks_needed(&known[i].r, known[i].n,
						     STATS_MARGIN),
				 known[i].needed);
}

/* What is promised: an interval shrunk as it says has a verdict. */
static void so_many_blocks_bring_a_verdict(void **state)
{
	struct rng r = {11};
	int promised = 0;

	(void)state;
	for (int t = 0; t < 20000; t++) {
		double m = ((double)rng_below(&r, 2001) - 1000) / 1e4;
		double below = (double)rng_below(&r, 1000) / 5e3;
		double above = (double)rng_below(&r, 1000) / 5e3;
		struct estimate e = {exp(m), exp(m - below), exp(m + above)};
		size_t n = 12 + rng_below(&r, 29);
		size_t needed = stats_blocks_needed(&e, n, STATS_MARGIN);
		double by;

		if (needed == 0)
			continue;
		assert_in_range(needed, n, STATS_BLOCKS_MAX);
		by = sqrt((double)n / (double)needed);
		e.low = exp(m - below * by);
		e.high = exp(m + above * by);
		assert_int_not_equal(stats_verdict(&e, STATS_MARGIN),
				     VERDICT_CANNOT_TELL);
		promised++;
	}
	assert_true(promised > 10000);
}

static void known_autocorrelations(void **state)
{
	static const struct {
		double x[5];
		size_t n;
		double lag1;
	} known[] = {
		/* Deviations -2 … 2: (2 + 0 + 0 + 2) / 10 */
		{{1, 2, 3, 4, 5}, 5, 0.4},
		/* To and fro: -3 / 4 */
		{{1, -1, 1, -1}, 4, -0.75},
		/* One is absent, and so are its pairs: (6 + 6) / 26 */
		{{0, 1, NAN, 5, 6}, 5, 12.0 / 26},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_close(stats_autocorrelation(known[i].x, known[i].n).lag1,
			     known[i].lag1);
	assert_close(stats_autocorrelation(known[1].x, 4).bound, 0.98);
	assert_close(stats_autocorrelation(known[2].x, 5).bound, 0.98);
}

static void nothing_varies_nothing_correlates(void **state)
{
	double equal[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
	double few[] = {1, NAN, 2};
	struct autocorrelation a;

	(void)state;
	for (size_t n = 0; n <= ARRAY_LEN(equal); n++) {
		a = stats_autocorrelation(equal, n);
		assert_true(isnan(a.lag1) && isnan(a.bound));
	}
	a = stats_autocorrelation(few, 3);
	assert_true(isnan(a.lag1) && isnan(a.bound));
}

static void far_out_is_beyond_three_ranges(void **state)
{
	/* Quartiles 1.75 and 5.25: fences at -8.75 and 15.75. */
	double x[] = {15.75, 3, 0, 5, 1, 6, 4, 2};
	double before[ARRAY_LEN(x)], scratch[ARRAY_LEN(x)];
	bool label[ARRAY_LEN(x)];

	(void)state;
	assert_int_equal(stats_outliers(x, 8, 3, scratch, label), 0);
	for (size_t i = 0; i < 8; i++)
		assert_false(label[i]);
	x[0] = 15.76;
	for (size_t i = 0; i < 8; i++)
		before[i] = x[i];
	assert_int_equal(
		stats_outliers(x, 8, STATS_OUTLIER_IQRS, scratch, label), 1);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(label[i], i == 0);
		assert_true(x[i] == before[i]); /* still there, still so */
	}

	/* As far on the other side, and fences that are nearer. */
	for (size_t i = 0; i < 8; i++)
		x[i] = -x[i];
	assert_int_equal(stats_outliers(x, 8, 3, scratch, label), 1);
	assert_true(label[0]);
	x[0] = -10.6;
	assert_int_equal(stats_outliers(x, 8, 3, scratch, label), 0);
	assert_int_equal(stats_outliers(x, 8, 1.5, scratch, label), 1);
}

static void absent_and_few_have_no_outliers(void **state)
{
	double x[] = {1, NAN, 2, 1e9, NAN};
	double five[] = {1, NAN, 2, 1e9, 3, 4, 5};
	double scratch[ARRAY_LEN(five)];
	bool label[ARRAY_LEN(five)];

	(void)state;
	assert_int_equal(stats_outliers(x, 5, 0, scratch, label), 0);
	for (size_t i = 0; i < 5; i++)
		assert_false(label[i]);
	assert_int_equal(stats_outliers(five, 7, 3, scratch, label), 1);
	assert_true(label[3]);
	assert_false(label[1]);
	assert_int_equal(stats_outliers(NULL, 0, 3, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_shares_its_errors),
		cmocka_unit_test(known_students),
		cmocka_unit_test(half_width_is_a_share),
		cmocka_unit_test(known_numbers_of_blocks),
		cmocka_unit_test(so_many_blocks_bring_a_verdict),
		cmocka_unit_test(known_autocorrelations),
		cmocka_unit_test(nothing_varies_nothing_correlates),
		cmocka_unit_test(far_out_is_beyond_three_ranges),
		cmocka_unit_test(absent_and_few_have_no_outliers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
