#include "harness/arrivals.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/base.h"

#define MEAN_NS 1000000.0

static struct arrivals plan(uint64_t seed, uint64_t interval, uint64_t span)
{
	struct arrivals a;

	assert_int_equal(arrivals_init(seed, interval, span, &a), 0);
	return a;
}

static double gap(const struct arrivals *a, size_t i)
{
	return (double)(a->due_ns[i] - (i > 0 ? a->due_ns[i - 1] : 0));
}

/*
 * Computed apart, in Python, from splitmix64 as its authors wrote it: the state
 * is mix64(42), a uniform number is ((x >> 11) + 1) / 2^53, a gap -ln of it.
 */
static void known_arrivals(void **state)
{
	static const uint64_t wanted[] = {
		UINT64_C(45262331),   UINT64_C(766090034),
		UINT64_C(3463825221), UINT64_C(3854033697),
		UINT64_C(6549508170), UINT64_C(8182462643)};
	struct arrivals a = plan(42, NS_PER_S, 1000 * NS_PER_S);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		/* Logarithms may differ in their last bit. */
		assert_true(a.due_ns[i] + 2 >= wanted[i]);
		assert_true(a.due_ns[i] <= wanted[i] + 2);
	}
	arrivals_done(&a);
}

static void at_another_rate_the_same_arrivals_come(void **state)
{
	struct arrivals a = plan(3, 1000, 4000000);
	struct arrivals b = plan(3, 2000, 8000000);
	struct arrivals longer = plan(3, 1000, 9000000);
	struct arrivals other = plan(4, 1000, 4000000);

	(void)state;
	assert_true(a.n > 3000);
	assert_int_equal(a.n, b.n);
	assert_true(longer.n > a.n);
	for (size_t i = 0; i < a.n; i++) {
		/* Both are rounded down. */
		assert_in_range(b.due_ns[i], 2 * a.due_ns[i],
				2 * a.due_ns[i] + 1);
		assert_int_equal(longer.due_ns[i], a.due_ns[i]);
	}
	assert_true(longer.due_ns[a.n] >= 4000000);
	assert_int_not_equal(other.due_ns[0], a.due_ns[0]);
	arrivals_done(&a);
	arrivals_done(&b);
	arrivals_done(&longer);
	arrivals_done(&other);
}

static void they_stay_in_their_span(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct arrivals a = plan(seed, 1000, 20000);

		for (size_t i = 0; i < a.n; i++) {
			assert_true(a.due_ns[i] < 20000);
			assert_true(i == 0 || a.due_ns[i] >= a.due_ns[i - 1]);
		}
		arrivals_done(&a);
		assert_null(a.due_ns);
		arrivals_done(&a);
	}
}

/*
 * Mean and deviation of an exponential gap are the same, and a gap knows
 * nothing of the one before.  The bounds are five standard errors.
 */
static void gaps_are_exponential(void **state)
{
	struct arrivals a = plan(1, (uint64_t)MEAN_NS, 200000 * NS_PER_MS);
	double n = (double)a.n, sum = 0, squares = 0, products = 0;

	(void)state;
	assert_true(fabs(n - 200000) < 5 * sqrt(200000));
	for (size_t i = 0; i < a.n; i++) {
		double x = gap(&a, i) / MEAN_NS;

		sum += x;
		squares += (x - 1) * (x - 1);
		if (i > 0)
			products += (x - 1) * (gap(&a, i - 1) / MEAN_NS - 1);
	}
	assert_true(fabs(sum / n - 1) < 5 / sqrt(n));
	assert_true(fabs(squares / n - 1) < 5 * sqrt(8 / n));
	assert_true(fabs(products / n) < 5 / sqrt(n));
	arrivals_done(&a);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Kolmogorov: the largest distance between the distribution of the gaps and
 * 1 - exp(-x).  1.95 / sqrt(n) is exceeded once in a thousand, were the seed
 * chosen by chance.
 */
static void the_whole_distribution_is_right(void **state)
{
	struct arrivals a = plan(2, (uint64_t)MEAN_NS, 100000 * NS_PER_MS);
	double *gaps = calloc(a.n, sizeof(*gaps)), distance = 0;
	double n = (double)a.n;

	(void)state;
	assert_non_null(gaps);
	for (size_t i = 0; i < a.n; i++)
		gaps[i] = gap(&a, i) / MEAN_NS;
	qsort(gaps, a.n, sizeof(*gaps), compare);
	for (size_t i = 0; i < a.n; i++) {
		double theory = -expm1(-gaps[i]);

		distance = fmax(distance, fabs(theory - (double)i / n));
		distance = fmax(distance, fabs(theory - (double)(i + 1) / n));
	}
	assert_true(distance < 1.95 / sqrt(n));
	free(gaps);
	arrivals_done(&a);
}

/*
 * How many come in a fixed time has a Poisson distribution: its variance is
 * its mean, over seeds that follow each other as those of blocks may.
 */
static void counts_are_poisson(void **state)
{
	double sum = 0, squares = 0;
	const int n = 10000;

	(void)state;
	for (int i = 0; i < n; i++) {
		struct arrivals a = plan((uint64_t)i, 1000, 50000);
		double count = (double)a.n;

		sum += count;
		squares += (count - 50) * (count - 50);
		arrivals_done(&a);
	}
	assert_true(fabs(sum / n - 50) < 5 * sqrt(50.0 / n));
	assert_true(fabs(squares / n - 50) < 5 * 50 * sqrt(2.02 / n));
}

static void more_than_can_be_kept_are_refused(void **state)
{
	struct arrivals a = {.n = 77};

	(void)state;
	assert_int_equal(arrivals_init(1, 1, ARRIVALS_MAX + 100000, &a),
			 -EOVERFLOW);
	assert_int_equal(a.n, 77);
	a = plan(1, NS_PER_S, 0);
	assert_int_equal(a.n, 0);
	arrivals_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_arrivals),
		cmocka_unit_test(at_another_rate_the_same_arrivals_come),
		cmocka_unit_test(they_stay_in_their_span),
		cmocka_unit_test(gaps_are_exponential),
		cmocka_unit_test(the_whole_distribution_is_right),
		cmocka_unit_test(counts_are_poisson),
		cmocka_unit_test(more_than_can_be_kept_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
