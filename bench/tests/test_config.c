/*
 * The worker counts that `run' measures when nobody names them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bench/cli/config.h"
#include "harness/base.h"
#include "harness/usl.h"

#define MAX 16

struct expectation {
	uint32_t usable;
	uint32_t workers[MAX]; /* 0 at the end */
};

/* Too few processors for six counts. */
static const struct expectation small[] = {
	{1, {1, 2}},       {2, {1, 2, 4}},           {3, {1, 2, 3, 4, 6}},
	{4, {1, 2, 4, 8}}, {5, {1, 2, 4, 5, 8, 10}},
};

/* Six up to the processors, where gaps are widest, and twice as many. */
static const struct expectation large[] = {
	{6, {1, 2, 3, 4, 5, 6, 8, 12}},     {8, {1, 2, 3, 4, 6, 8, 16}},
	{12, {1, 2, 4, 6, 8, 12, 16, 24}},  {16, {1, 2, 4, 8, 12, 16, 32}},
	{24, {1, 2, 4, 8, 16, 24, 32, 48}}, {32, {1, 2, 4, 8, 16, 32, 64}},
};

static void expect(const struct expectation *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct run_config c = {0};

		config_auto_workers(&c, e[i].usable);
		for (size_t k = 0; k < c.n_workers; k++)
			assert_int_equal(c.workers[k], e[i].workers[k]);
		assert_int_equal(e[i].workers[c.n_workers], 0);
		config_done(&c);
	}
}

static void chooses_few_workers_on_small_machines(void **state)
{
	(void)state;
	expect(small, ARRAY_LEN(small));
}

static void chooses_enough_workers_for_the_law(void **state)
{
	(void)state;
	expect(large, ARRAY_LEN(large));
	for (uint32_t usable = USL_POINTS; usable < 2000; usable++) {
		struct run_config c = {0};
		size_t n = 0;

		config_auto_workers(&c, usable);
		for (size_t i = 0; i < c.n_workers; i++)
			n += c.workers[i] <= usable;
		assert_true(n >= USL_POINTS);
		assert_int_equal(c.workers[0], 1);
		config_done(&c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_few_workers_on_small_machines),
		cmocka_unit_test(chooses_enough_workers_for_the_law),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
