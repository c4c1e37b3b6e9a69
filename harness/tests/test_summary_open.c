/*
 * What a summary says of open loops.
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
#include "harness/number.h"
#include "harness/tests/fake_load.h"
#include "harness/tests/fake_summary.h"

static struct fake_load_model models[3];
static struct fake_load recipe;
static struct run_results run;
static struct summary s;

static int setup(void **state)
{
	(void)state;
	recipe = fake_load_changeable(models);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_summary_done(&run, &s);
	return 0;
}

static json_t *json_of(const struct cell_summary *c)
{
	json_t *all = summary_json(&s, "results/x");
	json_t *cell = json_array_get(json_object_get(all, "cells"),
				      (size_t)(c - s.cells));

	assert_non_null(cell);
	json_incref(cell);
	json_decref(all);
	return cell;
}

static void sums_are_those_of_all_blocks(void **state)
{
	const struct cell_summary *c;

	(void)state;
	fake_load_make(&recipe, &run, &s);
	c = fake_load_cell(&s, "fork", "slowest", 70);
	assert_int_equal(c->offered, 8 * 1500);
	assert_int_equal(c->unfinished, 0);
	assert_int_equal(c->uncorrected->n, 8 * 1500);
	assert_int_equal(c->lateness->n, 8 * 1500);
	assert_int_equal(c->lateness->max, 20000);
	assert_true(fabs(cell_offered_per_s(c) - 700) < 0.01);
	assert_false(c->saturated);
	assert_true(c->growth.low < 0 && c->growth.high > 0);
	assert_true(c->percentiles.p99_ns > c->percentiles.p50_ns);
}

/* Tasks that did not end are in the histogram, and not among the tasks. */
static void mean_is_of_all_that_are_in_it(void **state)
{
	struct slice_result *slice;
	struct cell_summary *c;

	(void)state;
	fake_load_make(&recipe, &run, &s);
	slice = &run.slices[0];
	slice->tasks -= 10;
	slice->unfinished = 10;
	summary_done(&s);
	assert_int_equal(summary_make(&run, &s), 0);
	c = fake_load_cell(&s, slice->cell.model, slice->cell.load_of,
			   slice->cell.load_percent);
	assert_int_equal(c->unfinished, 10);
	assert_true(fabs(c->latency_mean_ns -
			 (double)c->latency->sum / (double)c->latency->n) <
		    1e-6);
}

static void a_growing_queue_saturates(void **state)
{
	const struct cell_summary *c;
	json_t *json;

	(void)state;
	models[1].bears_per_s = 650; /* fork: less than the pilot believed */
	fake_load_make(&recipe, &run, &s);
	assert_false(fake_load_cell(&s, "fork", "slowest", 30)->saturated);
	c = fake_load_cell(&s, "fork", "slowest", 70);
	assert_true(c->saturated);
	assert_true(c->growth.low > 0.2);
	assert_int_equal(c->percentiles.p50_ns, 0);
	assert_int_equal(c->percentiles.max_ns, 0);
	assert_true(isnan(c->latency_ratio.median));
	json = json_of(c);
	assert_true(json_is_true(json_object_get(json, "saturated")));
	assert_true(json_is_null(json_object_get(json, "latency_ns")));
	assert_true(json_is_null(json_object_get(json, "latency_ratio")));
	json_decref(json);
}

static void losing_tasks_saturates(void **state)
{
	const struct cell_spec *spec;

	(void)state;
	fake_load_make(&recipe, &run, &s);
	spec = &run.slices[0].cell;
	for (size_t i = 0; i < run.n; i++) {
		if (memcmp(&run.slices[i].cell, spec, sizeof(*spec)) == 0)
			run.slices[i].tasks = run.slices[i].offered * 98 / 100;
	}
	summary_done(&s);
	assert_int_equal(summary_make(&run, &s), 0);
	assert_true(s.cells[0].saturated);
	assert_false(s.cells[1].saturated);
}

/* What an open loop completes is what was asked, so it proves nothing. */
static void tails_are_compared_and_not_throughputs(void **state)
{
	const struct cell_summary *c, *ref;
	json_t *json;

	(void)state;
	fake_load_make(&recipe, &run, &s);
	c = fake_load_cell(&s, "cluster", "slowest", 70);
	ref = fake_load_cell(&s, "threads", "slowest", 70);
	assert_true(isnan(c->ratio.median));
	assert_int_equal(c->verdict, VERDICT_CANNOT_TELL);
	assert_true(fabs(c->latency_ratio.median -
			 (double)c->percentiles.p99_ns /
				 (double)ref->percentiles.p99_ns) < 1e-9);
	assert_true(c->latency_ratio.low < c->latency_ratio.median);
	assert_true(c->latency_ratio.low > 2);
	assert_true(ref->is_reference && isnan(ref->latency_ratio.median));
	json = json_of(c);
	assert_true(json_is_null(json_object_get(json, "ratio")));
	assert_true(json_is_real(json_object_get(
		json_object_get(json, "latency_ratio"), "high")));
	assert_true(
		fabs(json_real_value(json_object_get(json, "offered_per_s")) -
		     700) < 0.01);
	assert_true(json_is_false(json_object_get(json, "saturated")));
	json_decref(json);
	json = json_of(ref);
	assert_true(json_is_null(json_object_get(json, "ratio")));
	json_decref(json);
	/* Shares of different capacities are different loads. */
	c = fake_load_cell(&s, "cluster", "own", 70);
	assert_true(isnan(c->latency_ratio.median));
}

/* Where a closed loop has a ratio of throughputs there is the tail. */
static void table_shows_tails(void **state)
{
	char *text, line[80];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	models[1].bears_per_s = 650;
	fake_load_make(&recipe, &run, &s);
	summary_table(&s, out);
	fclose(out);
	snprintf(
		line, sizeof(line), "  %s\n",
		number_time((double)fake_load_cell(&s, "cluster", "slowest", 70)
				    ->percentiles.p99_ns)
			.text);
	assert_non_null(strstr(text, line));
	assert_non_null(strstr(text, " p99\n"));
	assert_non_null(strstr(text, "  saturated\n"));
	assert_null(strstr(text, "reference"));
	assert_null(strstr(text, " \n"));
	free(text);
}

static void closed_loops_have_none_of_it(void **state)
{
	json_t *json;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	assert_null(s.cells[1].uncorrected);
	assert_null(s.cells[1].lateness);
	assert_false(s.cells[1].saturated);
	assert_true(isnan(s.cells[1].growth.median));
	assert_true(isnan(s.cells[1].latency_ratio.median));
	assert_true(isnan(cell_offered_per_s(&s.cells[1])));
	json = json_of(&s.cells[1]);
	assert_true(json_is_null(json_object_get(json, "offered_per_s")));
	assert_true(json_is_null(json_object_get(json, "saturated")));
	assert_true(json_is_object(json_object_get(json, "latency_ns")));
	json_decref(json);
}

static void slices_have_the_place_of_their_block(void **state)
{
	const struct slice_result **slices;
	const struct cell_summary *c;
	int n;

	(void)state;
	fake_load_make(&recipe, &run, &s);
	c = fake_load_cell(&s, "fork", "own", 30);
	n = cell_slices(&s, c, &slices);
	assert_int_equal(n, 9);
	assert_null(slices[0]); /* block 0 warms up and is not kept */
	for (int i = 1; i < n; i++) {
		assert_int_equal(slices[i]->block, i);
		assert_memory_equal(&slices[i]->cell, &c->spec,
				    sizeof(c->spec));
	}
	free(slices);
	/* A noisy block that does not count is absent. */
	s.block_counts[3] = false;
	assert_int_equal(cell_slices(&s, c, &slices), 9);
	assert_null(slices[3]);
	assert_non_null(slices[4]);
	free(slices);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sums_are_those_of_all_blocks),
		TEST(mean_is_of_all_that_are_in_it),
		TEST(a_growing_queue_saturates),
		TEST(losing_tasks_saturates),
		TEST(tails_are_compared_and_not_throughputs),
		TEST(table_shows_tails),
		TEST(closed_loops_have_none_of_it),
		TEST(slices_have_the_place_of_their_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
