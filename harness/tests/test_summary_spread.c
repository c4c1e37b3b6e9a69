/*
 * What a summary says of how even the work was, and of what models count.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/summary.h"
#include "harness/tests/fake_summary.h"

static struct run_results run;
static struct summary s;

static int teardown(void **state)
{
	(void)state;
	fake_summary_done(&run, &s);
	return 0;
}

/* A slice of four workers that had tasks and connections as told. */
static struct slice_result *add(uint32_t block, const int64_t tasks[4],
				const int64_t connections[4])
{
	struct cell_spec cell = {.workers = 4, .size = 1, .depth = 1};
	struct slice_result r;

	strcpy(cell.experiment, "scaling");
	strcpy(cell.model, "cluster");
	strcpy(cell.runs, "cluster");
	strcpy(cell.workload, "primes");
	r = slice_result_of(&cell);
	r.block = block;
	r.window_ns = NS_PER_S;
	r.worker_tasks_max = r.worker_tasks_squares = 0;
	r.counts.connections = 0;
	r.counts.connections_squares = 0;
	for (int i = 0; i < 4; i++) {
		int64_t n = tasks[i], k = connections[i];

		r.tasks += (uint64_t)n;
		r.worker_tasks_squares += n * n;
		r.worker_tasks_max =
			n > r.worker_tasks_max ? n : r.worker_tasks_max;
		r.counts.connections += k;
		r.counts.connections_squares += k * k;
		r.counts.connections_max = k > r.counts.connections_max
						   ? k
						   : r.counts.connections_max;
	}
	r.ended[TASK_OK] = r.submitted = 2 * r.tasks; /* it settled, too */
	assert_int_equal(results_add(&run, &r), 0);
	return &run.slices[run.n - 1];
}

static const struct cell_summary *cell(void)
{
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(s.n, 1);
	return &s.cells[0];
}

static bool near(double x, double y)
{
	return fabs(x - y) < 1e-9;
}

/* In the middle of the blocks; one alone has no interval. */
static void spreads_are_medians(void **state)
{
	static const int64_t even[] = {100, 100, 100, 100};
	static const int64_t one[] = {400, 0, 0, 0};
	static const int64_t half[] = {200, 200, 0, 0};
	const struct cell_summary *c;

	(void)state;
	(void)add(1, even, one);
	(void)add(2, half, half);
	(void)add(3, one, half);
	c = cell();
	assert_true(near(c->task_spread.most.median, 2));
	assert_true(near(c->task_spread.jain, 0.5));
	assert_true(near(c->connection_spread.most.median, 2));
	assert_true(near(c->connection_spread.jain, 0.5));
	assert_true(isnan(c->task_spread.most.low));
}

static void extremes_of_spreads(void **state)
{
	static const int64_t even[] = {100, 100, 100, 100};
	static const int64_t one[] = {400, 0, 0, 0};
	const struct cell_summary *c;

	(void)state;
	for (uint32_t block = 1; block <= 8; block++)
		(void)add(block, even, one);
	c = cell();
	assert_true(near(c->task_spread.most.median, 1));
	assert_true(near(c->task_spread.most.low, 1));
	assert_true(near(c->task_spread.jain, 1));
	assert_true(near(c->connection_spread.most.median, 4));
	assert_true(near(c->connection_spread.jain, 0.25));
}

/* Most models have no connections, and old runs not even tasks by worker. */
static void what_was_not_counted_is_unknown(void **state)
{
	static const int64_t even[] = {100, 100, 100, 100};
	struct slice_result *r = add(1, even, even);
	const struct cell_summary *c;

	(void)state;
	r->counts = model_no_counts;
	r->worker_tasks_max = r->worker_tasks_squares = -1;
	c = cell();
	assert_true(isnan(c->task_spread.most.median));
	assert_true(isnan(c->task_spread.jain));
	assert_true(isnan(c->connection_spread.most.median));
	assert_true(isnan(c->connection_spread.jain));
	assert_true(isnan(c->wakeups));
	assert_true(isnan(c->wasted_wakeups));
	assert_memory_equal(&c->counts, &model_no_counts, sizeof(c->counts));
}

/* Counts are of all blocks: also of those whose times do not count. */
static void counts_are_added_up(void **state)
{
	static const int64_t even[] = {100, 100, 100, 100};
	const struct cell_summary *c;
	struct slice_result *r;

	(void)state;
	for (uint32_t block = 1; block <= 2; block++) {
		r = add(block, even, even);
		r->counts.respawns = block;
		r->counts.wakeups = 1000;
		r->counts.wasted_wakeups = 200;
	}
	r->counts.retries = INT64_MAX;
	run.slices[0].counts.recycled = 5; /* and -1 in the other */
	c = cell();
	assert_int_equal(c->counts.respawns, 3);
	assert_int_equal(c->counts.retries, INT64_MAX);
	assert_int_equal(c->counts.recycled, 5);
	assert_int_equal(c->counts.given_up, -1);
	assert_int_equal(c->counts.connections, 800);
	assert_int_equal(c->counts.connections_max, -1);
	/* 1600 ok tasks. */
	assert_true(near(c->wakeups, 1.25));
	assert_true(near(c->wasted_wakeups, 0.25));
}

static void sums_of_counts_do_not_go_round(void **state)
{
	static const int64_t even[] = {100, 100, 100, 100};
	const struct cell_summary *c;

	(void)state;
	add(1, even, even)->counts.wakeups = INT64_MAX;
	add(2, even, even)->counts.wakeups = INT64_MAX;
	c = cell();
	assert_int_equal(c->counts.wakeups, INT64_MAX);
}

static void json_has_both(void **state)
{
	static const int64_t half[] = {200, 200, 0, 0};
	static const int64_t one_has_all[] = {400, 0, 0, 0};
	json_t *json, *one, *counts, *spread;

	(void)state;
	add(1, half, one_has_all)->counts.respawns = 7;
	(void)cell();
	json = summary_json(&s, "results/x");
	one = json_array_get(json_object_get(json, "cells"), 0);
	counts = json_object_get(one, "counts");
	spread = json_object_get(one, "spread");
	assert_int_equal(
		json_integer_value(json_object_get(counts, "respawns")), 7);
	assert_int_equal(
		json_integer_value(json_object_get(counts, "connections")),
		400);
	assert_true(json_is_null(json_object_get(counts, "retries")));
	assert_true(
		near(json_real_value(json_object_get(spread, "tasks_max")), 2));
	assert_true(near(
		json_real_value(json_object_get(spread, "connections_jain")),
		0.25));
	json_decref(json);
}

#define TEST(test) cmocka_unit_test_teardown(test, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spreads_are_medians),
		TEST(extremes_of_spreads),
		TEST(what_was_not_counted_is_unknown),
		TEST(counts_are_added_up),
		TEST(sums_of_counts_do_not_go_round),
		TEST(json_has_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
