/* Which cells the experiment peers plans, for made-up models and peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/experiment.h"

static const struct model serial = {.name = "serial", .traits = MODEL_SERIAL};
static const struct model pool = {.name = "pool", .traits = MODEL_PROCESS};
static const struct model fork_model = {
	.name = "fork", .traits = MODEL_PROCESS | MODEL_PER_TASK};
static const struct model exec = {.name = "exec",
				  .traits = MODEL_PROCESS | MODEL_PER_TASK |
					    MODEL_PROGRAM};
static const struct plan_model models_named[] = {
	{"serial", &serial, 0, {0}},
	{"pool", &pool, 0, {0}},
	{"forks", &fork_model, 7, {0}},
	{"exec", &exec, 0, {0}},
};

static const char *const known[] = {"nop", "sums", NULL};
static const struct peer openmp = {.name = "openmp", .traits = MODEL_THREAD};
static const struct peer node = {
	.name = "node", .traits = MODEL_PROCESS, .workloads = known};
static const struct peer gone = {.name = "gone", .traits = MODEL_THREAD};
static const struct peer xargs = {.name = "xargs",
				  .traits = MODEL_PROCESS | MODEL_PER_TASK |
					    MODEL_PROGRAM};
static const struct peer *const peers_named[] = {&openmp, &node, &gone, &xargs};

static const struct workload nop = {.name = "nop"};
static const struct workload sums = {.name = "sums"};
static const struct workload images = {.name = "images"};
static const struct workload *const chosen[] = {&nop, &sums, &images};
static const uint64_t sizes[] = {1, 5000, 6000};
static const uint32_t workers[] = {1, 2, 4};

static int shortest_us; /* of a task that is not nop */

static uint64_t size_of(void *ctx, size_t workload, uint64_t task_ns)
{
	assert_ptr_equal(ctx, &shortest_us);
	if (workload == 0 || task_ns < (uint64_t)shortest_us * NS_PER_US)
		return 0;
	return task_ns / NS_PER_US * 3;
}

static bool peer_is_there(void *ctx, const struct peer *peer)
{
	assert_ptr_equal(ctx, &shortest_us);
	return peer != &gone;
}

static const struct plan_options options = {
	.models = models_named,
	.n_models = ARRAY_LEN(models_named),
	.reference = "pool",
	.workloads = chosen,
	.sizes = sizes,
	.n_workloads = 1,
	.workers = workers,
	.n_workers = ARRAY_LEN(workers),
	.processors = 2,
	.depth = 3,
	.pin = "compact",
	.window_ns = 200 * NS_PER_MS,
	.size_of = size_of,
	.peers = peers_named,
	.n_peers = ARRAY_LEN(peers_named),
	.peer_is_there = peer_is_there,
	.ctx = &shortest_us,
};

static struct plan plan_of(const struct plan_options *o)
{
	struct plan plan = {0};

	assert_int_equal(experiment_find("peers")->add(o, &plan), 0);
	return plan;
}

static int setup(void **state)
{
	(void)state;
	shortest_us = 0;
	return 0;
}

/* The cells of @plan, in order: "pool:30 openmp:30 …", by model and size. */
static void expect(const struct plan *plan, const char *what)
{
	char text[2000] = "";

	for (size_t i = 0; i < plan->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s:%d", i ? " " : "", plan->cells[i].model,
			 (int)plan->cells[i].size);
	assert_string_equal(text, what);
}

static void nothing_is_done_by_all_in_one_size(void **state)
{
	struct plan plan = plan_of(&options);

	(void)state;
	expect(&plan, "serial:1 pool:1 forks:1 exec:1 openmp:1 node:1 xargs:1");
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *c = &plan.cells[i];

		assert_string_equal(c->experiment, "peers");
		assert_string_equal(c->workload, "nop");
		assert_int_equal(c->depth, 64);
		assert_int_equal(c->workers, i == 0 ? 1 : 2);
		assert_int_equal(c->window_ns, 100 * NS_PER_MS);
		assert_int_equal(c->interval_ns, 0);
		assert_int_equal(c->rank, RANK_MAIN);
		/* Nobody has a place: a peer cannot be given one. */
		assert_string_equal(c->pin, "none");
	}
	assert_string_equal(plan.cells[2].runs, "fork");
	assert_int_equal(plan.cells[2].extra_ppm, 7);
	assert_string_equal(plan.cells[4].runs, "openmp");
	plan_done(&plan);
}

/* A program is not started for a task of 10 us, and 10 ms are for the slow. */
static void work_is_done_in_tasks_of_four_durations(void **state)
{
	struct plan_options o = options;
	struct plan plan;

	(void)state;
	o.n_workloads = 2;
	plan = plan_of(&o);
	/* The first workload does nothing, see above. */
	plan.n -= 7;
	memmove(plan.cells, plan.cells + 7, plan.n * sizeof(*plan.cells));
	expect(&plan,
	       "serial:30 pool:30 openmp:30 node:30 "
	       "serial:300 pool:300 forks:300 openmp:300 node:300 "
	       "serial:3000 pool:3000 forks:3000 exec:3000 openmp:3000 "
	       "node:3000 xargs:3000 "
	       "serial:30000 forks:30000 exec:30000 openmp:30000 node:30000 "
	       "xargs:30000");
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *c = &plan.cells[i];

		assert_int_equal(c->depth, 16);
		assert_int_equal(c->window_ns,
				 (c->size == 30000 ? 200 : 100) * NS_PER_MS);
		assert_int_equal(c->rank, c->size == 30 || c->size == 30000
						  ? RANK_DETAIL
						  : RANK_MAIN);
	}
	plan_done(&plan);
}

static void a_peer_runs_what_it_knows(void **state)
{
	struct plan_options o = options;
	struct plan plan;
	size_t openmps = 0;

	(void)state;
	o.n_workloads = 3;
	plan = plan_of(&o);
	for (size_t i = 0; i < plan.n; i++) {
		if (strcmp(plan.cells[i].workload, "images") != 0)
			continue;
		assert_string_not_equal(plan.cells[i].model, "node");
		openmps += strcmp(plan.cells[i].model, "openmp") == 0;
	}
	assert_int_equal(openmps, 4);
	plan_done(&plan);
}

/* What cannot be so short has fewer points. */
static void tasks_that_cannot_be_so_short(void **state)
{
	struct plan_options o = options;
	struct plan plan;

	(void)state;
	shortest_us = 500;
	o.n_workloads = 2;
	plan = plan_of(&o);
	assert_int_equal(plan.n, 7 + 7 + 6);
	plan_done(&plan);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_done_by_all_in_one_size),
		TEST(work_is_done_in_tasks_of_four_durations),
		TEST(a_peer_runs_what_it_knows),
		TEST(tasks_that_cannot_be_so_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
