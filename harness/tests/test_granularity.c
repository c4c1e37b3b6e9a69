/*
 * How small tasks may be: the sentence, the title, the figure and the table, with
 * data that make a claim true and data that do not.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/metg.h"
#include "harness/plot.h"
#include "harness/plot_internal.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_summary.h"

#define SIZES 4
static const uint64_t task_ns[SIZES] = {10000, 100000, 1000000, 10000000};

/* Efficiency in percent, by duration; one model wavers from block to block. */
struct model_efficiency {
	const char *model;
	int percent[SIZES];
	int wavers; /* +- so much */
};

static struct run_results run;
static struct summary s;
static struct view v;
static char *said;

static int teardown(void **state)
{
	(void)state;
	free(said);
	said = NULL;
	view_done(&v);
	fake_summary_done(&run, &s);
	return 0;
}

static void add(const char *model, uint32_t block, size_t size,
		uint32_t workers, double tasks)
{
	struct slice_result r = {
		.cell = {.experiment = "granularity",
			 .workload = "primes",
			 .size = task_ns[size] / 1000,
			 .workers = workers,
			 .depth = 2},
		.cell_index = (uint32_t)(run.n % 64),
		.block = block,
		.tasks = (uint64_t)tasks,
		.window_ns = 100 * NS_PER_S,
	};

	snprintf(r.cell.model, sizeof(r.cell.model), "%s", model);
	assert_int_equal(results_add(&run, &r), 0);
}

static void measure_with(const struct model_efficiency *models, size_t n,
			 uint32_t blocks, uint32_t workers)
{
	view_done(&v);
	fake_summary_done(&run, &s);
	run = (struct run_results){
		.info = {.processors = 2, .blocks_done = blocks}};
	strcpy(run.info.baseline, "serial");
	strcpy(run.info.reference, "threads");
	for (uint32_t b = 1; b <= blocks; b++) {
		for (size_t k = 0; k < SIZES; k++) {
			double unit = 100e9 / (double)task_ns[k];

			add("serial", b, k, 1, unit);
			for (size_t i = 0; i < n; i++) {
				int off = models[i].wavers *
					  (b % 2 == 0 ? 1 : -1);

				add(models[i].model, b, k, workers,
				    unit * fmin(workers, 2) *
					    (models[i].percent[k] + off) / 100);
			}
		}
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "granularity", 0, &v), 0);
}

static const char *say(const struct model_efficiency *models, size_t n,
		       uint32_t blocks)
{
	size_t size;
	FILE *out;

	measure_with(models, n, blocks, 2);
	free(said);
	out = open_memstream(&said, &size);
	answer_say_granularity(&v, out);
	fclose(out);
	return said;
}

static const char *title(void)
{
	static char buf[160];

	title_granularity(&v, buf, sizeof(buf));
	return buf;
}

/* From 100 µs, from 1 ms, always, never; one that cannot be told from these. */
#define THREADS                                                                \
	{                                                                      \
		"threads", {20, 95, 99, 100}, 0                                \
	}
#define FORK                                                                   \
	{                                                                      \
		"fork", {5, 30, 95, 99}, 0                                     \
	}
#define ALWAYS                                                                 \
	{                                                                      \
		"magic", {95, 96, 97, 98}, 0                                   \
	}
#define NEVER                                                                  \
	{                                                                      \
		"never", {5, 10, 20, 60}, 0                                    \
	}
#define WAVERS                                                                 \
	{                                                                      \
		"wavers", {5, 30, 60, 95}, 2                                   \
	}

static void test_best_and_worst(void **state)
{
	static const struct model_efficiency models[] = {FORK, THREADS};

	(void)state;
	assert_string_equal(
		say(models, 2, 6),
		"How small may tasks be? threads keeps 95 % of the machine "
		"busy with tasks of 100 µs [100 µs, 100 µs] and longer; fork "
		"needs tasks of 1.00 ms [1.00 ms, 1.00 ms].");
	assert_string_equal(
		title(),
		"95 % efficient: threads from 100 µs a task, fork from "
		"1.00 ms");
}

/* What lies outside the durations is said as such. */
static void test_censored(void **state)
{
	static const struct model_efficiency models[] = {NEVER, ALWAYS};

	(void)state;
	assert_string_equal(
		say(models, 2, 6),
		"How small may tasks be? magic keeps 95 % of the machine busy "
		"with tasks of 10.0 µs already; never needs tasks above 10.0 "
		"ms.");
	assert_string_equal(
		title(), "95 % efficient: magic from 10.0 µs a task, never not "
			 "even at 10.0 ms");
	assert_string_equal(
		say(models, 1, 6),
		"How small may tasks be? No model keeps 95 % of the machine "
		"busy, not even with tasks of 10.0 ms.");
	assert_string_equal(
		title(),
		"No model is 95 % efficient, not even with tasks of 10.0 ms");
}

/* Half of the blocks reach the share, half do not: nobody knows. */
static void test_cannot_tell(void **state)
{
	static const struct model_efficiency models[] = {WAVERS, THREADS};
	struct model_efficiency late = WAVERS;

	(void)state;
	late.percent[3] = 94;
	assert_string_equal(
		say(&late, 1, 6),
		"How small may tasks be? Whether a model keeps 95 % of the "
		"machine busy, even with tasks of 10.0 ms, this run cannot "
		"tell.");
	assert_string_equal(title(), title_neutral_granularity);
	/* Shorter tasks do reach it: something was wrong with the longest. */
	late = (struct model_efficiency){"odd", {20, 96, 97, 60}, 0};
	assert_non_null(strstr(say(&late, 1, 6), "this run cannot tell"));
	assert_string_equal(title(), title_neutral_granularity);
	/* Told from threads all the same, but not as a title. */
	assert_non_null(strstr(say(models, 2, 6), "; wavers needs tasks above "
						  "10.0 ms ["));
	assert_string_equal(title(), title_neutral_granularity);
}

/* Two that are alike: no worst, no title. */
static void test_alike(void **state)
{
	static const struct model_efficiency models[] = {
		{"pool", {20, 94, 99, 100}, 2},
		THREADS,
	};

	(void)state;
	assert_null(strstr(say(models, 2, 6), "needs"));
	assert_non_null(strstr(said, "busy with tasks of"));
	assert_string_equal(title(), title_neutral_granularity);
}

/* Without an interval nothing is claimed; nor without serial. */
static void test_silent(void **state)
{
	static const struct model_efficiency models[] = {FORK, THREADS};

	(void)state;
	assert_string_equal(say(models, 2, 5), "");
	assert_string_equal(title(), title_neutral_granularity);
	measure_with(models, 2, 6, 2);
	strcpy(run.info.baseline, "none");
	assert_string_equal(title(), title_neutral_granularity);
}

/* One worker cannot keep a machine of two processors busy. */
static void test_fewer_workers(void **state)
{
	static const struct model_efficiency models[] = {THREADS};
	size_t size;
	FILE *out;

	(void)state;
	measure_with(models, 1, 6, 1);
	out = open_memstream(&said, &size);
	answer_say_granularity(&v, out);
	fclose(out);
	assert_non_null(strstr(said, "95 % of 1 processor busy"));
}

static void test_figure(void **state)
{
	static const struct model_efficiency models[] = {FORK, NEVER, THREADS};
	struct plot p;

	(void)state;
	measure_with(models, 3, 6, 2);
	assert_int_equal(plot_make(&v, &plot_granularity, &p), 0);
	assert_non_null(strstr(p.data, "# threads\n10000 0.2 0.2 0.2\n"
				       "100000 0.95 0.95 0.95\n"));
	assert_non_null(strstr(p.data, "# threads\n25118.9 0.5 25118.9 "));
	/* What was never reached has no ring. */
	assert_non_null(strstr(p.data, "? 0.95 ? ?\n"));
	assert_non_null(strstr(p.alt, " fork: 5.0 % with tasks of 10.0 µs, "
				      "30 % with tasks of 100 µs, 95 % with "
				      "tasks of 1.00 ms, 99 % with tasks of "
				      "10.0 ms; METG(50 %) "));
	assert_non_null(strstr(p.alt, "METG(95 %) above 10.0 ms."));
	assert_non_null(strstr(p.script, "MODELS = 3\n"));
	assert_null(strstr(p.script, "not measured"));
	assert_non_null(strstr(p.script, "band: its 95 % interval"));
	plot_done(&p);
	measure_with(models, 3, 5, 2);
	assert_int_equal(plot_make(&v, &plot_granularity, &p), 0);
	assert_non_null(strstr(p.script, "too few for an interval"));
	assert_non_null(strstr(p.data, "\n10000 0.05 ? ?\n"));
	plot_done(&p);
}

/* gnuplot draws it: usual, without intervals, and with one model alone. */
static void test_drawn(void **state)
{
	static const struct model_efficiency models[] = {NEVER, ALWAYS, WAVERS};
	static const struct {
		size_t n;
		uint32_t blocks;
	} runs[] = {{3, 6}, {3, 1}, {1, 6}};
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		struct plot p;

		measure_with(models, runs[i].n, runs[i].blocks, 2);
		assert_int_equal(plot_make(&v, &plot_granularity, &p), 0);
		missing |= fake_summary_draw(&p);
		plot_done(&p);
	}
	if (missing)
		skip();
}

/* A line of one point is none. */
static void test_no_figure(void **state)
{
	static const struct model_efficiency models[] = {FORK};
	struct plot p;

	(void)state;
	measure_with(models, 1, 6, 2);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].cell.size = 7;
	assert_int_equal(plot_make(&v, &plot_granularity, &p), -ENODATA);
}

static void test_table(void **state)
{
	static const struct model_efficiency models[] = {NEVER, THREADS};
	size_t size;
	FILE *out;

	(void)state;
	measure_with(models, 2, 6, 2);
	out = open_memstream(&said, &size);
	report_metg(&v, out);
	fclose(out);
	assert_non_null(strstr(said, "threads</th>"));
	assert_non_null(strstr(said, "<td>100 µs</td><td class=\"interval\">"
				     "[100 µs, 100 µs]</td></tr>"));
	assert_non_null(strstr(said, "<td>above 10.0 ms</td>"
				     "<td class=\"interval\"></td></tr>"));
	assert_null(strstr(said, "nan"));
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_best_and_worst), TEST(test_censored),
		TEST(test_cannot_tell),    TEST(test_alike),
		TEST(test_silent),         TEST(test_fewer_workers),
		TEST(test_figure),         TEST(test_no_figure),
		TEST(test_table),          TEST(test_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
