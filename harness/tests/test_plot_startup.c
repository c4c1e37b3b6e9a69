/*
 * Startup: what a summary has of it, the figures of workers and of calls, their
 * titles and tables.
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
#include "harness/base.h"
#include "harness/plot.h"
#include "harness/plot_internal.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_summary.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static struct run_results run;
static struct summary s;
static struct view v;
static char *text;

static int teardown(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	view_done(&v);
	fake_summary_done(&run, &s);
	return 0;
}

static struct slice_result *add(const char *name, uint32_t block,
				uint32_t workers)
{
	struct slice_result r = {
		.cell = {.experiment = "startup",
			 .workload = "nop",
			 .size = 1,
			 .workers = workers,
			 .depth = 1},
		.cell_index = (uint32_t)run.n,
		.block = block,
		.tasks = 100,
		.window_ns = NS_PER_S,
		.open_ns = block * 100 * NS_PER_US,
		.close_ns = 40 * NS_PER_US,
		.pss_bytes = -1,
		.rss_bytes = -1,
	};

	snprintf(r.cell.model, sizeof(r.cell.model), "%s", name);
	snprintf(r.cell.runs, sizeof(r.cell.runs), "%s", name);
	assert_int_equal(results_add(&run, &r), 0);
	return &run.slices[run.n - 1];
}

/* A worker in @us, a fifth of that for the call; @wavers: not in all blocks. */
static void add_call(const char *name, uint32_t block, uint64_t bytes,
		     uint32_t huge, double us, bool wavers)
{
	struct slice_result *r = add(name, block, 1);
	uint64_t own_ns =
		(uint64_t)(us * 1e3) * (wavers && block == 1 ? 100 : 1);

	r->cell.ballast_bytes = bytes;
	r->cell.ballast_huge = huge;
	r->phase_sum_ns[PHASE_QUEUE] = 1000 * own_ns;
	r->phase_sum_ns[PHASE_CREATE] = 20 * own_ns;
	r->phase_sum_ns[PHASE_DISPATCH] = 80 * own_ns;
}

static void begin(uint32_t blocks)
{
	run.info.processors = 2;
	run.info.blocks_done = blocks;
	strcpy(run.info.baseline, "serial");
	strcpy(run.info.reference, "threads");
}

static void finish(void)
{
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "startup", 0, &v), 0);
}

/* Two models; pool has 2, 3 and 5 processes and 1 MiB for each worker more. */
static void measure(uint32_t blocks)
{
	static const uint32_t workers[] = {1, 2, 4};

	begin(blocks);
	for (uint32_t b = 1; b <= blocks; b++) {
		for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
			struct slice_result *r = add("pool", b, workers[i]);

			if (b == 1) {
				r->pss_bytes =
					(int64_t)((3 + workers[i]) * MIB);
				r->rss_bytes = (int64_t)(9 * workers[i] * MIB);
				r->processes = 1 + workers[i];
			}
			add("threads", b, workers[i]);
		}
		add_call("call:fork", b, 0, 0, 100, false);
	}
	finish();
}

/* Both calls in parents of 0, 64 MiB and 1 GiB; one in 2 GiB of huge pages. */
static void measure_calls(uint32_t blocks, double fork_us, bool wavers)
{
	static const uint64_t parents[] = {0, GIB, 64 * MIB};

	begin(blocks);
	for (uint32_t b = 1; b <= blocks; b++) {
		for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
			double us = parents[i] == GIB ? fork_us : 150;

			add_call("call:fork_exec", b, parents[i], 0, us,
				 wavers);
			add_call("call:posix_spawn", b, parents[i], 0, 140,
				 wavers);
		}
		add_call("call:fork_exec", b, 2 * GIB, 1, 300, false);
	}
	finish();
}

static void test_summary(void **state)
{
	const struct cell_summary *c;

	(void)state;
	measure(6);
	c = view_cell(&v, "pool", 4);
	assert_true(c->open_ns.median == 350e3);
	assert_true(c->open_ns.low == 100e3 && c->open_ns.high == 600e3);
	assert_true(c->close_ns.median == 40e3);
	/* Known of one block only. */
	assert_true(c->pss_bytes == 7.0 * MIB && c->rss_bytes == 36.0 * MIB);
	assert_true(c->processes == 5);
	c = view_cell(&v, "threads", 4);
	assert_true(isnan(c->pss_bytes) && isnan(c->rss_bytes));
	assert_true(isnan(c->processes));
	/* Of a call's time, what was waited for its turn is no part. */
	c = view_cell(&v, "call:fork", 1);
	assert_true(c->own_ns.median == 100e3);
	assert_true(c->create_ns.median == 20e3);
	assert_true(view_is_call(c));
	assert_false(view_is_call(view_cell(&v, "pool", 1)));
}

/* What a slice that failed took says nothing. */
static void test_summary_failed(void **state)
{
	(void)state;
	begin(1);
	add("pool", 1, 1)->status = SLICE_LATE;
	add("threads", 1, 1)->tasks = 0;
	finish();
	assert_true(isnan(view_cell(&v, "pool", 1)->open_ns.median));
	assert_true(isnan(view_cell(&v, "threads", 1)->own_ns.median));
}

static void test_figure(void **state)
{
	struct plot p;

	(void)state;
	measure(6);
	assert_int_equal(plot_make(&v, &plot_startup, &p), 0);
	assert_string_equal(p.title, title_neutral_startup);
	assert_non_null(strstr(p.data, " 4 350000 100000 600000 40000 40000 "
				       "40000\n"));
	assert_int_equal(fake_summary_count(p.data, "\n\n\n"), 1);
	assert_non_null(strstr(p.alt, " pool, 2 workers: ready in 350 µs "
				      "[100 µs, 600 µs], gone in 40.0 µs "
				      "[40.0 µs, 40.0 µs]."));
	assert_int_equal(fake_summary_count(p.alt, "ready in"), 6);
	/* A call is no model. */
	assert_null(strstr(p.data, "call:"));
	assert_null(strstr(p.script, "call:"));
	plot_done(&p);
}

static void test_figure_few(void **state)
{
	struct plot p;

	(void)state;
	measure(1);
	assert_int_equal(plot_make(&v, &plot_startup, &p), 0);
	assert_non_null(strstr(p.data, " 100000 ? ? 40000 ? ?\n"));
	assert_non_null(strstr(p.script, "too few for an interval"));
	assert_null(strstr(p.alt, "["));
	plot_done(&p);
}

/* Of one model two rows, of the next one: it stands a bit apart. */
static void test_rows(void **state)
{
	struct canvas c = {.top = 100};
	struct plot_rows rows;
	const struct plot_row *row;

	(void)state;
	measure(1);
	assert_int_equal(plot_rows_init(&rows, &v, 3), 0);
	for (size_t i = 0; i < 3; i++)
		assert_non_null(plot_rows_add(&rows, i / 2));
	assert_int_equal(rows.n, 3);
	assert_int_equal(rows.n_models, 2);
	assert_string_equal(rows.models[1], v.models[1]);
	plot_rows_place(&rows, &c);
	row = rows.list;
	assert_true(row[0].y > 100);
	assert_true(row[2].y - row[1].y > row[1].y - row[0].y);
	assert_true(c.bottom - row[2].y == row[0].y - 100);
	plot_rows_done(&rows);
}

static void test_calls(void **state)
{
	struct plot p;

	(void)state;
	measure_calls(6, 9000, false);
	assert_int_equal(plot_make(&v, &plot_calls, &p), 0);
	assert_non_null(strstr(
		p.data, "# fork + exec, small pages\n0 150000 150000 150000\n"
			"67108864 150000 150000 150000\n"
			"1073741824 9e+06 9e+06 9e+06\n"));
	/* A parent without memory has pages of no size. */
	assert_non_null(strstr(p.data, "# fork + exec, huge pages\n"
				       "0 150000 150000 150000\n"
				       "2147483648 300000 300000 300000\n"));
	assert_string_equal(p.title, "A program started by a parent of 1 GiB: "
				     "fork + exec 9.00 ms, posix_spawn 140 µs");
	assert_non_null(strstr(p.alt, " fork + exec, huge pages: 150 µs "
				      "[150 µs, 150 µs] with 0 B, 300 µs "
				      "[300 µs, 300 µs] with 2 GiB."));
	assert_non_null(strstr(p.script, "'512 MiB' 536870912"));
	assert_non_null(strstr(p.script, "'2 GiB' 2147483648"));
	assert_non_null(strstr(p.script, "MODELS = 2\n"));
	plot_done(&p);
}

static void check_calls_title(uint32_t blocks, double fork_us, bool wavers)
{
	char buf[160];

	measure_calls(blocks, fork_us, wavers);
	title_calls(&v, buf, sizeof(buf));
	assert_string_equal(buf, title_neutral_calls);
	view_done(&v);
	fake_summary_done(&run, &s);
}

/* No interval; faster; intervals that overlap. */
static void test_calls_title(void **state)
{
	(void)state;
	check_calls_title(5, 9000, false);
	check_calls_title(6, 130, false);
	check_calls_title(6, 9000, true);
}

/* With no memory in any parent there is nothing to see. */
static void test_calls_none(void **state)
{
	struct plot p;
	char buf[160];

	(void)state;
	measure(6);
	assert_int_equal(plot_make(&v, &plot_calls, &p), -ENODATA);
	title_calls(&v, buf, sizeof(buf));
	assert_string_equal(buf, title_neutral_calls);
}

/* gnuplot draws both, with and without intervals. */
static void test_drawn(void **state)
{
	int missing = 0;

	(void)state;
	for (uint32_t blocks = 1; blocks <= 6; blocks += 5) {
		struct plot p;

		measure(blocks);
		assert_int_equal(plot_make(&v, &plot_startup, &p), 0);
		missing |= fake_summary_draw(&p);
		plot_done(&p);
		view_done(&v);
		fake_summary_done(&run, &s);
		measure_calls(blocks, 9000, true);
		assert_int_equal(plot_make(&v, &plot_calls, &p), 0);
		missing |= fake_summary_draw(&p);
		plot_done(&p);
		view_done(&v);
		fake_summary_done(&run, &s);
	}
	if (missing)
		skip();
}

static void write_table(void (*table)(const struct view *v, FILE *out))
{
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	table(&v, out);
	fclose(out);
	assert_null(strstr(text, "nan"));
}

static void test_table(void **state)
{
	(void)state;
	measure(6);
	write_table(report_startup);
	assert_non_null(strstr(text, "<td>5</td><td>36.0 MiB</td><td>7.00 MiB"
				     "</td><td>1.00 MiB</td></tr>"));
	/* With one worker there is no further one. */
	assert_non_null(strstr(text, "<td>2</td><td>9.00 MiB</td><td>4.00 MiB"
				     "</td><td>–</td></tr>"));
	assert_non_null(strstr(text, "<td>–</td><td>–</td><td>–</td><td>–</td>"
				     "</tr>"));
	assert_null(strstr(text, "call:"));
}

/* Workers that were not all there do not tell what one takes. */
static void test_table_per_task(void **state)
{
	(void)state;
	measure(6);
	for (size_t i = 0; i < s.n; i++) {
		if (s.cells[i].spec.workers == 4)
			s.cells[i].processes = 3;
	}
	write_table(report_startup);
	assert_non_null(strstr(text, "<td>3</td><td>36.0 MiB</td><td>7.00 MiB"
				     "</td><td>–</td></tr>"));
}

static void test_calls_table(void **state)
{
	(void)state;
	measure_calls(6, 9000, false);
	write_table(report_calls);
	assert_non_null(strstr(
		text, "fork_exec</th><td>1 GiB</td><td>4 KiB</td>"
		      "<td>1.80 ms</td><td class=\"interval\">[1.80 ms, 1.80 "
		      "ms]</td><td>9.00 ms</td>"));
	assert_non_null(strstr(text, "<td>2 GiB</td><td>huge</td>"));
	assert_non_null(strstr(text, "<td>0 B</td><td>–</td>"));
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_summary),     TEST(test_summary_failed),
		TEST(test_figure),      TEST(test_figure_few),
		TEST(test_rows),        TEST(test_calls),
		TEST(test_calls_title), TEST(test_calls_none),
		TEST(test_table),       TEST(test_table_per_task),
		TEST(test_calls_table), TEST(test_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
