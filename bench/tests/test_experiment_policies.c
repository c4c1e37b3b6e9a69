/* Which cells the experiment policies plans, for made-up models. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/experiment.h"
#include "harness/fault.h"

static const struct model_setting settings[] = {
	{"close", "a connection for each task", 0, 0, 1},
	{NULL, NULL, 0, 0, 0},
};
static const struct model cluster = {
	.name = "cluster",
	.traits = MODEL_PROCESS | MODEL_NETWORK,
	.settings = settings,
};
static const struct model herd = {
	.name = "cluster:herd",
	.traits = MODEL_PROCESS | MODEL_NETWORK,
	.settings = settings,
};
static const struct model clusters = {.name = "clusters"};
static const struct model clust = {.name = "clust"};
static const struct model pool = {.name = "pool"};
static const struct model *const all[] = {&pool, &cluster, &clusters, &clust,
					  &herd};
static const struct plan_model named[] = {{"pool", &pool, 0, {0}}};
static const struct workload primes = {.name = "primes"};
static const struct workload *const chosen[] = {&primes};
static const uint64_t sizes[] = {12000};
static const uint32_t workers[] = {1, 2, 4};

static int n_pilots;
static uint64_t size;
static double herd_per_s;

static uint64_t size_of(void *ctx, size_t workload, uint64_t task_ns)
{
	assert_ptr_equal(ctx, &n_pilots);
	assert_int_equal(workload, 0);
	assert_int_equal(task_ns, 100 * NS_PER_US);
	return size;
}

static double capacity_of(void *ctx, const struct cell_spec *cell)
{
	assert_ptr_equal(ctx, &n_pilots);
	assert_int_equal(cell->interval_ns, 0);
	assert_int_equal(cell->depth, 8);
	n_pilots++;
	return strcmp(cell->runs, "cluster") == 0 ? 2000 : herd_per_s;
}

static const struct plan_options options = {
	.models = named,
	.n_models = 1,
	.reference = "pool",
	.all_models = all,
	.n_all_models = ARRAY_LEN(all),
	.workloads = chosen,
	.sizes = sizes,
	.n_workloads = 1,
	.workers = workers,
	.n_workers = ARRAY_LEN(workers),
	.processors = 2,
	.depth = 3,
	.pin = "compact",
	.size_of = size_of,
	.capacity_of = capacity_of,
	.ctx = &n_pilots,
};

static int setup(void **state)
{
	(void)state;
	n_pilots = 0;
	size = 700;
	herd_per_s = 1000;
	return 0;
}

static struct plan plan_of(const struct plan_options *o)
{
	struct plan plan = {0};

	assert_int_equal(experiment_find("policies")->add(o, &plan), 0);
	return plan;
}

static void all_policies_in_all_situations(void **state)
{
	static const struct {
		const char *model, *runs, *settings;
		uint32_t depth, load_percent, rank;
		bool kill;
	} cells[] = {
		{"cluster", "cluster", "", 8, 0, RANK_MAIN, false},
		{"cluster:herd", "cluster:herd", "", 8, 0, RANK_MAIN, false},
		{"cluster", "cluster", "", 8, 70, RANK_DETAIL, false},
		{"cluster:herd", "cluster:herd", "", 8, 70, RANK_DETAIL, false},
		{"cluster", "cluster", "", 8, 0, RANK_DETAIL, true},
		{"cluster:herd", "cluster:herd", "", 8, 0, RANK_DETAIL, true},
		{"cluster:close", "cluster", "close=1", 8, 0, RANK_MAIN, false},
		{"cluster:herd:close", "cluster:herd", "close=1", 8, 0,
		 RANK_MAIN, false},
		{"cluster:close", "cluster", "close=1", 8, 70, RANK_DETAIL,
		 false},
		{"cluster:herd:close", "cluster:herd", "close=1", 8, 70,
		 RANK_DETAIL, false},
		{"cluster", "cluster", "", 1, 0, RANK_MAIN, false},
		{"cluster:herd", "cluster:herd", "", 1, 0, RANK_MAIN, false},
		{"cluster:close", "cluster", "close=1", 1, 0, RANK_MAIN, false},
		{"cluster:herd:close", "cluster:herd", "close=1", 1, 0,
		 RANK_MAIN, false},
	};
	struct plan plan = plan_of(&options);

	(void)state;
	assert_int_equal(plan.n, ARRAY_LEN(cells));
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *c = &plan.cells[i];

		assert_string_equal(c->experiment, "policies");
		assert_string_equal(c->model, cells[i].model);
		assert_string_equal(c->runs, cells[i].runs);
		assert_string_equal(c->settings, cells[i].settings);
		assert_int_equal(c->depth, cells[i].depth);
		assert_int_equal(c->rank, cells[i].rank);
		assert_int_equal(c->workers, 2);
		assert_int_equal(c->size, 700);
		assert_int_equal(c->load_percent, cells[i].load_percent);
		/* 700 of 1000 in a second, for both. */
		assert_int_equal(c->interval_ns, c->load_percent ? 1428571 : 0);
		assert_string_equal(c->load_of,
				    c->load_percent ? "slowest" : "");
		assert_string_equal(c->fault,
				    cells[i].kill ? "kill:outside" : "");
		assert_int_equal(c->fault_reach,
				 cells[i].kill ? REACH_WORKER : REACH_NOTHING);
		assert_int_equal(c->fault_every_ns,
				 cells[i].kill ? 50 * NS_PER_MS : 0);
		assert_int_equal(c->window_ns,
				 cells[i].kill ? 400 * NS_PER_MS : 0);
		assert_int_equal(c->limit_ns,
				 cells[i].kill ? 400 * NS_PER_MS : 0);
	}
	assert_int_equal(n_pilots, 4);
	plan_done(&plan);
}

/* One that does not work shows so in the closed loop and sets no load. */
static void a_policy_that_fails_sets_no_load(void **state)
{
	struct plan plan;

	(void)state;
	herd_per_s = 0;
	plan = plan_of(&options);
	assert_int_equal(plan.n, 14);
	assert_int_equal(plan.cells[2].interval_ns, 714285);
	assert_int_equal(plan.cells[3].interval_ns, 714285);
	plan_done(&plan);
}

static void tasks_that_cannot_be_so_short_are_as_they_are(void **state)
{
	struct plan plan;

	(void)state;
	size = 0;
	plan = plan_of(&options);
	for (size_t i = 0; i < plan.n; i++)
		assert_int_equal(plan.cells[i].size, 12000);
	plan_done(&plan);
}

/* No server in the registry, no question. */
static void without_servers_there_is_nothing(void **state)
{
	struct plan_options o = options;
	struct plan plan;

	(void)state;
	o.n_all_models = 1;
	plan = plan_of(&o);
	assert_int_equal(plan.n, 0);
	assert_int_equal(n_pilots, 0);
	plan_done(&plan);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(all_policies_in_all_situations),
		TEST(a_policy_that_fails_sets_no_load),
		TEST(tasks_that_cannot_be_so_short_are_as_they_are),
		TEST(without_servers_there_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
