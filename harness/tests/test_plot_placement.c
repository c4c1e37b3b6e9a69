/*
 * Placement: ratios to one policy, the figure and its title.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/plot.h"
#include "harness/plot_internal.h"
#include "harness/tests/fake_summary.h"

static struct run_results run;
static struct summary s;
static struct view v;

static int teardown(void **state)
{
	(void)state;
	view_done(&v);
	fake_summary_done(&run, &s);
	return 0;
}

static void add(const char *model, const char *pin, uint32_t block,
		double tasks)
{
	struct slice_result r = {
		.cell = {.experiment = "placement",
			 .workload = "primes",
			 .size = 1,
			 .workers = 2,
			 .depth = 2},
		.cell_index = (uint32_t)run.n,
		.block = block,
		.tasks = (uint64_t)tasks,
		.window_ns = NS_PER_S,
	};

	snprintf(r.cell.model, sizeof(r.cell.model), "%s", model);
	snprintf(r.cell.runs, sizeof(r.cell.runs), "%s", model);
	snprintf(r.cell.pin, sizeof(r.cell.pin), "%s", pin);
	assert_int_equal(results_add(&run, &r), 0);
}

/*
 * Two models in four places; every block is of another speed.  @base is the
 * policy of ratio 1, none has @none; scatter is like it, and CPU 0 half.
 */
static void measure(const char *base, double none, uint32_t blocks)
{
	run.info.processors = 2;
	run.info.blocks_done = blocks;
	strcpy(run.info.reference, "threads");
	for (uint32_t b = 1; b <= blocks; b++) {
		double speed = 1e6 * b;

		add("threads", "scatter", b, speed);
		add("threads", base, b, speed);
		add("threads", "none", b, none * speed);
		add("pool", "scatter", b, speed);
		add("pool", "none", b, none * speed);
		add("pool", "0", b, 0.5 * speed);
		add("pool", base, b, speed);
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "placement", 0, &v), 0);
}

static void test_figure(void **state)
{
	struct plot p;

	(void)state;
	measure("compact", 0.8, 6);
	assert_string_equal(view_placement_base(&v), "compact");
	assert_int_equal(plot_make(&v, &plot_placement, &p), 0);
	assert_string_equal(p.title, title_neutral_placement);
	assert_non_null(strstr(p.data, " 0.5 0.5 0.5 # all on CPU 0\n"));
	assert_int_equal(fake_summary_count(p.data, " 0.8 0.8 0.8 # none\n"),
			 2);
	assert_int_equal(fake_summary_count(p.data, " 1 1 1 # scatter\n"), 2);
	assert_int_equal(fake_summary_count(p.data, "\n\n\n"), 1);
	/* What the others are compared with has no row of its own. */
	assert_null(strstr(p.data, "compact"));
	assert_non_null(strstr(p.alt, "as a share of that with compact"));
	assert_non_null(strstr(p.alt, " pool, all on CPU 0: 0.50× [0.50, 0.50]"
				      ", slower."));
	assert_non_null(strstr(p.alt,
			       " threads, scatter: 1.00× [1.00, 1.00], no "
			       "difference."));
	plot_done(&p);
}

/* Without compact, the first of the plan. */
static void test_base(void **state)
{
	(void)state;
	measure("numa", 0.8, 6);
	assert_string_equal(view_placement_base(&v), "scatter");
}

static void test_title(void **state)
{
	char buf[160];

	(void)state;
	measure("compact", 1.01, 6);
	title_placement(&v, buf, sizeof(buf));
	assert_string_equal(
		buf, "No policy makes a difference that matters to compact");
}

/* Without intervals nobody knows. */
static void test_title_few(void **state)
{
	char buf[160];
	struct plot p;

	(void)state;
	measure("compact", 1.01, 5);
	title_placement(&v, buf, sizeof(buf));
	assert_string_equal(buf, title_neutral_placement);
	assert_int_equal(plot_make(&v, &plot_placement, &p), 0);
	assert_non_null(strstr(p.data, " 1.01 ? ? # none\n"));
	assert_non_null(strstr(p.alt, "none: 1.01×, cannot tell."));
	plot_done(&p);
}

/* gnuplot draws it, with and without intervals. */
static void test_drawn(void **state)
{
	int missing = 0;

	(void)state;
	for (uint32_t blocks = 1; blocks <= 6; blocks += 5) {
		struct plot p;

		measure("compact", 0.8, blocks);
		assert_int_equal(plot_make(&v, &plot_placement, &p), 0);
		missing |= fake_summary_draw(&p);
		plot_done(&p);
		view_done(&v);
		fake_summary_done(&run, &s);
	}
	if (missing)
		skip();
}

/* One policy alone: nothing to compare. */
static void test_none(void **state)
{
	struct plot p;

	(void)state;
	run.info.processors = 2;
	add("pool", "compact", 1, 1000);
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "placement", 0, &v), 0);
	assert_int_equal(plot_make(&v, &plot_placement, &p), -ENODATA);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_figure),    TEST(test_base), TEST(test_title),
		TEST(test_title_few), TEST(test_none), TEST(test_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
