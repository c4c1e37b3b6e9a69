/*
 * Whether the statistics are right about simulated runs whose truth is known:
 * one test a claim, with seeds that are always the same.
 *
 *	test_calibration TRIALS		prints all claims as rows of a table instead
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/tests/calibration.h"
#include "harness/tests/effort.h"
#include "harness/tests/table.h"

#include <math.h>
#include <stdlib.h>

#define TRIALS 2000

static void claim_is_true(void **state)
{
	const struct claim *c = *state;
	int trials = effort_of(TRIALS);
	int count = claim_count(c, trials);

	/* Of fewer trials, chance has too large a share in what they show. */
	if (trials == TRIALS && !claim_holds(c, count, trials))
		fail_msg("%s: %d of %d", c->text, count, trials);
}

/*
 * The simulation itself: what it is to have, it has.  A slice's own noise knows
 * nothing of the slice before, so blocks correlate by 0.9 * 0.3^2 / (0.3^2 +
 * 0.05^2) = 0.876.
 */
static void weather_is_as_described(void **state)
{
	const struct weather w = {
		.machine_sd = 0.3, .machine_rho = 0.9, .slice_sd = 0.05};
	double x[2][SIMULATE_BLOCKS], effect[] = {1, 2};
	double lag1 = 0, ratio = 0, square = 0, level = 0;
	struct rng r = {1};

	(void)state;
	for (int t = 0; t < TRIALS; t++) {
		simulate_blocks(&r, &w, effect, 2, SIMULATE_BLOCKS, x);
		for (size_t b = 0; b < SIMULATE_BLOCKS; b++) {
			double d = log(x[1][b] / x[0][b]);

			ratio += d;
			square += (d - log(2)) * (d - log(2));
			x[0][b] = log(x[0][b]);
			level += x[0][b] * x[0][b];
			if (b > 0)
				lag1 += x[0][b] * x[0][b - 1];
		}
	}
	ratio /= TRIALS * SIMULATE_BLOCKS;
	square /= TRIALS * SIMULATE_BLOCKS;
	level /= TRIALS * SIMULATE_BLOCKS;
	lag1 /= TRIALS * (SIMULATE_BLOCKS - 1);
	assert_true(fabs(lag1 / level - 0.876) < 0.01);
	assert_true(fabs(ratio - log(2)) < 0.001);
	assert_true(fabs(sqrt(square) - 0.05 * M_SQRT2) < 0.001);
	assert_true(fabs(sqrt(level) - sqrt(0.3 * 0.3 + 0.05 * 0.05)) < 0.02);
}

/* Quiet machines stop early, noisy ones never do. */
static void looks_end_when_narrow(void **state)
{
	const struct weather quiet = {.slice_sd = 0.001};
	const struct weather loud = {.slice_sd = 0.5};
	double effect[] = {1, 1};
	enum verdict v[2];
	struct rng r = {1};

	(void)state;
	assert_int_equal(simulate_table(&r, &quiet, effect, 2, true, 0, v), 12);
	assert_int_equal(v[1], VERDICT_NO_DIFFERENCE);
	assert_int_equal(simulate_table(&r, &loud, effect, 2, true, 0, v), 40);
	assert_int_equal(simulate_table(&r, &quiet, effect, 2, false, 28, v),
			 28);
}

static void claims_have_bounds(void **state)
{
	struct claim c = {.at_least = 90, .at_most = 95};

	(void)state;
	assert_false(claim_holds(&c, 89, 100));
	assert_true(claim_holds(&c, 90, 100));
	assert_true(claim_holds(&c, 95, 100));
	assert_false(claim_holds(&c, 96, 100));
}

/* What is claimed is also published. */
static void claims_are_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_claims; i++) {
		if (!table_published(claims[i].text))
			fail_msg("not once in harness/README.md: %s",
				 claims[i].text);
	}
	assert_false(table_published("a claim that nobody made"));
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[64] = {
		cmocka_unit_test(weather_is_as_described),
		cmocka_unit_test(looks_end_when_narrow),
		cmocka_unit_test(claims_have_bounds),
		cmocka_unit_test(claims_are_published),
	};
	size_t n = 4;

	if (argc > 1) {
		int trials = atoi(argv[1]);

		return trials < 1 || claims_print(stdout, trials) > 0;
	}
	CHECK(n + n_claims <= ARRAY_LEN(tests));
	for (size_t i = 0; i < n_claims; i++)
		tests[n++] = (struct CMUnitTest){
			.name = claims[i].text,
			.test_func = claim_is_true,
			.initial_state = (void *)(uintptr_t)&claims[i],
		};
	return _cmocka_run_group_tests("calibration", tests, n, NULL, NULL);
}
