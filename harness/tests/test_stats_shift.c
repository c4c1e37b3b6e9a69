/*
 * Two samples measured apart: ranks from published tables, and the promise
 * that an interval makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/stats.h"

#include <math.h>

#define TRIALS 4000
#define MAX_VALUES 40

static size_t rank_of(size_t m, size_t n, double confidence)
{
	size_t k = 12345;

	assert_int_equal(stats_shift_rank(m, n, confidence, &k), 0);
	return k;
}

/*
 * Critical values of U, two-sided, as printed in every table of it (Siegel,
 * "Nonparametric Statistics", table K): U at or below them is significant.
 */
static void known_critical_values(void **state)
{
	static const struct {
		size_t m, n;
		double confidence;
		int64_t critical; /* -1: a dash in the table */
	} known[] = {
		{3, 4, 0.95, -1},    {4, 4, 0.95, 0},     {3, 5, 0.95, 0},
		{5, 5, 0.95, 2},     {6, 6, 0.95, 5},     {5, 10, 0.95, 8},
		{7, 9, 0.95, 12},    {8, 8, 0.95, 13},    {10, 10, 0.95, 23},
		{9, 18, 0.95, 42},   {12, 12, 0.95, 37},  {15, 15, 0.95, 64},
		{20, 20, 0.95, 127}, {4, 4, 0.99, -1},    {5, 5, 0.99, 0},
		{8, 8, 0.99, 7},     {10, 10, 0.99, 16},  {12, 12, 0.99, 27},
		{12, 20, 0.99, 54},  {20, 20, 0.99, 105}, {10, 10, 0.90, 27},
		{20, 20, 0.90, 138},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		size_t m = known[i].m, n = known[i].n;
		double confidence = known[i].confidence;
		size_t rank = (size_t)(known[i].critical + 1);

		if (rank_of(m, n, confidence) != rank)
			fail_msg("%zu and %zu at %g: %zu, not %zu", m, n,
				 confidence, rank_of(m, n, confidence), rank);
		assert_int_equal(rank_of(n, m, confidence), rank);
	}
}

/* The definition word for word: all orders of m + n values, one by one. */
static size_t counted_rank(unsigned m, unsigned n, double allowed)
{
	size_t with[128] = {0}, all = 0, tail = 0, k = 0;

	for (unsigned set = 0; set < 1u << (m + n); set++) {
		unsigned below = 0, u = 0, of_x = 0;

		for (unsigned bit = 0; bit < m + n; bit++) {
			if (set >> bit & 1) {
				of_x++;
				u += below;
			} else {
				below++;
			}
		}
		if (of_x == m) {
			with[u]++;
			all++;
		}
	}
	while ((double)(tail + with[k]) <= allowed * (double)all)
		tail += with[k++];
	return k;
}

static void ranks_by_enumeration(void **state)
{
	(void)state;
	for (unsigned m = 1; m <= 7; m++) {
		for (unsigned n = 1; n <= 7; n++) {
			assert_int_equal(rank_of(m, n, 0.95),
					 counted_rank(m, n, 0.025));
			assert_int_equal(rank_of(m, n, 0.6),
					 counted_rank(m, n, 0.2));
		}
	}
}

static void ranks_without_values(void **state)
{
	(void)state;
	assert_int_equal(rank_of(0, 0, 0.95), 0);
	assert_int_equal(rank_of(0, 9, 0.95), 0);
	assert_int_equal(rank_of(9, 0, 0.95), 0);
	assert_int_equal(rank_of(0, 100, 0.95), 0);
}

/* Where exact and normal meet there is no step. */
static void approximation_goes_on(void **state)
{
	(void)state;
	for (size_t n = 58; n < 64; n++) {
		size_t here = rank_of(n, n, 0.95),
		       next = rank_of(n + 1, n + 1, 0.95);

		/* The rank grows as n^2 / 2 less n^1.5 times 0.8. */
		assert_in_range(next - here, 47, 57);
	}
	/* 100 and 100: 5000 - 1.95996 * sqrt(10000 * 201 / 12) + 0.5. */
	assert_int_equal(rank_of(100, 100, 0.95), 4198);
}

static struct estimate shift(const double *x, size_t m, const double *y,
			     size_t n, double confidence)
{
	struct estimate e = {-1, -1, -1};

	assert_int_equal(stats_shift(x, m, y, n, confidence, &e), 0);
	return e;
}

/* By hand: the 16 differences are -3 … 11; 4 and 4 at 95 % takes the ends. */
static void shift_by_hand(void **state)
{
	const double x[] = {1, 5, 3, 2}, y[] = {6, 2, 12, 4};
	struct estimate e = shift(x, 4, y, 4, 0.95);

	(void)state;
	assert_true(e.median == 2.5);
	assert_true(e.low == -3 && e.high == 11);
	e = shift(y, 4, x, 4, 0.95);
	assert_true(e.median == -2.5);
	assert_true(e.low == -11 && e.high == 3);
}

static void shift_of_too_few(void **state)
{
	const double x[] = {1, 2, 3}, y[] = {11, 12, 13};
	struct estimate e = shift(x, 3, y, 3, 0.95);

	(void)state;
	assert_true(e.median == 10);
	assert_true(isnan(e.low) && isnan(e.high));
	e = shift(x, 3, y, 0, 0.95);
	assert_true(isnan(e.median) && isnan(e.low) && isnan(e.high));
	e = shift(x, 0, y, 3, 0.95);
	assert_true(isnan(e.median));
}

/* However strange its values: a sample does not lie above itself. */
static void shift_to_itself_is_nothing(void **state)
{
	double x[MAX_VALUES];
	struct rng r = {3};

	(void)state;
	for (size_t n = 1; n <= MAX_VALUES; n++) {
		for (size_t i = 0; i < n; i++)
			x[i] = log((double)(1 + rng_below(&r, 1000)) / 7);
		assert_true(shift(x, n, x, n, 0.95).median == 0);
	}
}

/* A value with long tails: the quotient of two, as those of blocks are. */
static double draw(struct rng *r)
{
	return log((double)(1 + rng_below(r, 1000)) /
		   (double)(1 + rng_below(r, 1000)));
}

/* How often the interval for @m and @n values misses a shift of 0.3. */
static double misses(size_t m, size_t n, struct rng *r)
{
	double x[MAX_VALUES], y[MAX_VALUES];
	size_t missed = 0;

	for (int t = 0; t < TRIALS; t++) {
		struct estimate e;

		for (size_t i = 0; i < m; i++)
			x[i] = draw(r);
		for (size_t i = 0; i < n; i++)
			y[i] = draw(r) + 0.3;
		e = shift(x, m, y, n, 0.95);
		missed += !(e.low <= 0.3 && e.high >= 0.3);
	}
	return (double)missed / TRIALS;
}

static void interval_keeps_its_promise(void **state)
{
	static const size_t sizes[][2] = {{6, 6}, {12, 12}, {6, 20}, {20, 20}};
	struct rng r = {11};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		double rate = misses(sizes[i][0], sizes[i][1], &r);

		/* 5 % less the step of the rank; three sd of the count. */
		if (rate > 0.061 || rate < 0.02)
			fail_msg("%zu and %zu: missed in %g", sizes[i][0],
				 sizes[i][1], rate);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_critical_values),
		cmocka_unit_test(ranks_by_enumeration),
		cmocka_unit_test(ranks_without_values),
		cmocka_unit_test(approximation_goes_on),
		cmocka_unit_test(shift_by_hand),
		cmocka_unit_test(shift_of_too_few),
		cmocka_unit_test(shift_to_itself_is_nothing),
		cmocka_unit_test(interval_keeps_its_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
