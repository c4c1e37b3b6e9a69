#include "harness/saturation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/tests/server.h"

#define BLOCKS 12

static void growth_is_a_share_of_what_was_asked(void **state)
{
	struct slice_result r = {
		.offered = 200, .backlog_begin = 3, .backlog_end = 23};

	(void)state;
	assert_true(saturation_growth(&r) == 0.1);
	r.backlog_end = 1;
	assert_true(saturation_growth(&r) == -0.01);
	r.offered = 0;
	assert_true(isnan(saturation_growth(&r)));
	r.offered = 200;
	r.status = SLICE_BROKEN;
	assert_true(isnan(saturation_growth(&r)));
}

static void tasks_without_a_result_are_enough(void **state)
{
	const struct estimate none = {NAN, NAN, NAN};

	(void)state;
	assert_false(saturation_of_cell(&none, 990, 1000));
	assert_true(saturation_of_cell(&none, 989, 1000));
	assert_false(saturation_of_cell(&none, 0, 0));
}

static void growth_must_be_certain(void **state)
{
	static const struct {
		struct estimate growth;
		bool saturated;
	} cases[] = {
		{{0.1, 0.01, 0.2}, true},  {{0.1, 0, 0.2}, false},
		{{0.1, -0.1, 0.2}, false}, {{-0.2, -0.3, -0.1}, false},
		{{0.1, NAN, NAN}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(
			saturation_of_cell(&cases[i].growth, 1000, 1000),
			cases[i].saturated);
}

/* Twelve simulated blocks of a server at @percent of what it can do. */
static bool is_saturated_at(uint64_t percent)
{
	const struct server s = {
		.workers = 2, .depth = 1, .service_ns = 2 * NS_PER_MS};
	struct server_load l = {
		.interval_ns = 100 * NS_PER_MS / percent,
		.timing = {50 * NS_PER_MS, NS_PER_S, 100 * NS_PER_S},
	};
	double growth[BLOCKS];
	struct estimate e;
	uint64_t tasks = 0, offered = 0;

	for (l.seed = 0; l.seed < BLOCKS; l.seed++) {
		struct slice_result r = server_run(&s, &l);

		growth[l.seed] = saturation_growth(&r);
		tasks += r.tasks;
		offered += r.offered;
		slice_result_done(&r);
	}
	/* It had all the time it needed, afterwards. */
	assert_int_equal(tasks, offered);
	e = stats_median_interval(growth, BLOCKS, 0.95);
	return saturation_of_cell(&e, tasks, offered);
}

static void a_server_is_saturated_above_its_capacity(void **state)
{
	(void)state;
	assert_false(is_saturated_at(30));
	assert_false(is_saturated_at(70));
	assert_false(is_saturated_at(90));
	assert_true(is_saturated_at(115));
	assert_true(is_saturated_at(150));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_a_share_of_what_was_asked),
		cmocka_unit_test(tasks_without_a_result_are_enough),
		cmocka_unit_test(growth_must_be_certain),
		cmocka_unit_test(a_server_is_saturated_above_its_capacity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
