/* Which cells the load experiment plans, for made-up capacities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/experiment.h"

static const struct model serial = {.name = "serial", .traits = MODEL_SERIAL};
static const struct model pool = {.name = "pool", .traits = MODEL_PROCESS};
static const struct model broken = {.name = "broken"};
static const struct plan_model named[] = {
	{"serial", &serial, 0, {0}},
	{"fast", &pool, 0, {0}},
	{"slow", &pool, 100000, {0}},
	{"broken", &broken, 0, {0}},
};
static const struct workload primes = {.name = "primes"};
static const struct workload *const chosen[] = {&primes};
static const uint64_t sizes[] = {12000};
static const uint32_t workers[] = {1, 2, 4, 8};

static int n_pilots;

/* Tasks per second: fast 2000, slow 1000. */
static double capacity_of(void *ctx, const struct cell_spec *cell)
{
	assert_ptr_equal(ctx, &n_pilots);
	assert_int_equal(cell->interval_ns, 0);
	assert_int_equal(cell->load_percent, 0);
	assert_int_equal(cell->depth, 1);
	assert_int_equal(cell->workers, 4);
	assert_string_not_equal(cell->model, "serial");
	n_pilots++;
	if (strcmp(cell->model, "broken") == 0)
		return 0;
	return strcmp(cell->model, "slow") == 0 ? 1000 : 2000;
}

static const struct plan_options options = {
	.models = named,
	.n_models = ARRAY_LEN(named),
	.workloads = chosen,
	.sizes = sizes,
	.n_workloads = 1,
	.workers = workers,
	.n_workers = ARRAY_LEN(workers),
	.processors = 4,
	.depth = 3,
	.pin = "compact",
	.capacity_of = capacity_of,
	.ctx = &n_pilots,
};

static struct plan plan_of(const struct plan_options *o)
{
	struct plan plan = {0};

	n_pilots = 0;
	assert_int_equal(experiment_find("load")->add(o, &plan), 0);
	return plan;
}

static void by_default_one_load_for_all(void **state)
{
	static const char *const names[] = {"fast", "slow", "broken"};
	struct plan plan = plan_of(&options);

	(void)state;
	assert_int_equal(n_pilots, 3);
	assert_int_equal(plan.n, 3);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct cell_spec *c = &plan.cells[i];

		assert_string_equal(c->experiment, "load");
		assert_string_equal(c->model, names[i]);
		assert_int_equal(c->workers, 4);
		assert_int_equal(c->depth, 1);
		assert_int_equal(c->load_percent, 70);
		assert_string_equal(c->load_of, "slowest");
		/* 700 of 1000 in a second. */
		assert_int_equal(c->interval_ns, 1428571);
		assert_int_equal(c->rank, RANK_MAIN);
	}
	plan_done(&plan);
}

static void thorough_all_shares_of_both_kinds(void **state)
{
	static const uint32_t shares[] = {30, 50, 70, 80, 90};
	struct plan_options o = options;
	struct plan plan;
	const struct cell_spec *c;

	(void)state;
	o.thorough = true;
	plan = plan_of(&o);
	assert_int_equal(n_pilots, 3); /* each capacity is measured once */
	assert_int_equal(plan.n, ARRAY_LEN(shares) * (3 + 2));
	c = plan.cells;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		uint64_t interval_ns = 100 * NS_PER_MS / shares[i];

		for (size_t k = 0; k < 5; k++, c++) {
			bool own = k > 2;
			uint64_t divide = own && k == 3 ? 2 : 1;

			assert_int_equal(c->load_percent, shares[i]);
			assert_string_equal(c->load_of,
					    own ? "own" : "slowest");
			assert_in_range(c->interval_ns,
					interval_ns / divide - 1,
					interval_ns / divide);
			assert_int_equal(c->rank, own ? RANK_EXTRA
						  : shares[i] == 70
							  ? RANK_MAIN
							  : RANK_DETAIL);
			assert_int_equal(c->extra_ppm,
					 strcmp(c->model, "slow") == 0 ? 100000
								       : 0);
		}
	}
	plan_done(&plan);
}

/* Neither serial alone nor models that do not work make a load. */
static void without_a_capacity_there_is_no_load(void **state)
{
	struct plan_options o = options;
	struct plan plan;

	(void)state;
	o.thorough = true;
	o.n_models = 1;
	plan = plan_of(&o);
	assert_int_equal(n_pilots, 0);
	assert_int_equal(plan.n, 0);
	o.models = &named[3];
	plan = plan_of(&o);
	assert_int_equal(n_pilots, 1);
	assert_int_equal(plan.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_default_one_load_for_all),
		cmocka_unit_test(thorough_all_shares_of_both_kinds),
		cmocka_unit_test(without_a_capacity_there_is_no_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
