#include "harness/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"

static const struct model model = {.name = "pool:shm"};
static const struct plan_model again = {"again", &model, 50000, {0}};
static const struct workload first = {.name = "first"};
static const struct workload second = {.name = "second"};
static const struct workload *const workloads[] = {&first, &second};
static const uint64_t sizes[] = {10, UINT64_C(1) << 40};

static const struct plan_options options = {
	.workloads = workloads,
	.sizes = sizes,
	.n_workloads = 2,
	.depth = 3,
	.pin = "0-3,8",
};

static void a_cell_has_what_the_options_say(void **state)
{
	struct cell_spec wanted = {
		.size = UINT64_C(1) << 40,
		.workers = 7,
		.depth = 3,
		.extra_ppm = 50000,
		.rank = RANK_MAIN,
	};
	struct cell_spec cell = plan_cell(&options, "scaling", &again, 1, 7);

	(void)state;
	strcpy(wanted.experiment, "scaling");
	strcpy(wanted.model, "again");
	strcpy(wanted.runs, "pool:shm");
	strcpy(wanted.workload, "second");
	strcpy(wanted.pin, "0-3,8");
	/* Cells are compared as bytes: what is behind the texts counts. */
	assert_memory_equal(&cell, &wanted, sizeof(cell));
}

static void a_plan_keeps_cells_in_order(void **state)
{
	struct plan plan = {0};

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		struct cell_spec cell =
			plan_cell(&options, "scaling", &again, i % 2, i);

		assert_int_equal(plan_add(&plan, &cell), 0);
	}
	assert_int_equal(plan.n, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(plan.cells[i].workers, i + 1);
		assert_string_equal(plan.cells[i].workload,
				    i % 2 ? "first" : "second");
	}
	plan_done(&plan);
	assert_null(plan.cells);
	assert_int_equal(plan.n, 0);
	plan_done(&plan);
}

static void models_are_compared_where_all_workers_can_run(void **state)
{
	static const uint32_t workers[] = {1, 2, 3, 8};
	static const struct {
		uint32_t processors, focus;
	} cases[] = {{1, 1}, {2, 2}, {4, 3}, {7, 3}, {8, 8}, {99, 8}};
	struct plan_options o = options;

	(void)state;
	o.workers = workers;
	o.n_workers = ARRAY_LEN(workers);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		o.processors = cases[i].processors;
		assert_int_equal(plan_focus(&o), cases[i].focus);
	}
	/* Only too many were chosen: the fewest of them. */
	o.workers = &workers[2];
	o.n_workers = 2;
	o.processors = 2;
	assert_int_equal(plan_focus(&o), 3);
}

static void the_reference_is_found_by_its_name(void **state)
{
	static const struct plan_model models[] = {
		{"pool:shm", &model, 0, {0}}, {"again", &model, 50000, {0}}};
	struct plan_options o = options;

	(void)state;
	o.models = models;
	o.n_models = 2;
	o.reference = "again";
	assert_ptr_equal(plan_reference(&o), &models[1]);
	o.reference = "pool:shm";
	assert_ptr_equal(plan_reference(&o), &models[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_has_what_the_options_say),
		cmocka_unit_test(a_plan_keeps_cells_in_order),
		cmocka_unit_test(models_are_compared_where_all_workers_can_run),
		cmocka_unit_test(the_reference_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
