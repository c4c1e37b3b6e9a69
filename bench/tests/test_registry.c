/* The table: what is in it is found by its name, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/registry.h"

static void test_models(void **state)
{
	(void)state;
	assert_true(n_models > 0);
	assert_string_equal(models[0]->name, "serial");
	for (size_t i = 0; i < n_models; i++)
		assert_ptr_equal(model_find(models[i]->name), models[i]);
	assert_null(model_find(""));
	assert_null(model_find("seria"));
	assert_null(model_find("serial "));
	assert_null(model_find("Serial"));
}

static void test_workloads(void **state)
{
	(void)state;
	assert_true(n_workloads > 0);
	assert_string_equal(workloads[0]->name, "nop");
	for (size_t i = 0; i < n_workloads; i++)
		assert_ptr_equal(workload_find(workloads[i]->name),
				 workloads[i]);
	assert_null(workload_find(""));
	assert_null(workload_find("no"));
	assert_null(workload_find("serial"));
}

static void test_experiments(void **state)
{
	(void)state;
	assert_true(n_experiments > 0);
	for (size_t i = 0; i < n_experiments; i++)
		assert_ptr_equal(experiment_find(experiments[i]->name),
				 experiments[i]);
	assert_null(experiment_find(""));
	assert_null(experiment_find("nop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_workloads),
		cmocka_unit_test(test_experiments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
