/* How small tasks may be: known answers, of curves, of blocks and of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "harness/base.h"
#include "harness/metg.h"

static void expect_near(double a, double b)
{
	if (!(fabs(a - b) <= 1e-9 * fabs(b)))
		fail_msg("%.12g is not %.12g", a, b);
}

static const double decades[] = {1e3, 1e4, 1e5, 1e6};

static double of(double a, double b, double c, double d, double share)
{
	return metg_of_curve(decades, (double[]){a, b, c, d}, 4, share);
}

static void test_crossing(void **state)
{
	(void)state;
	/* Exactly there, and half-way in the logarithm. */
	expect_near(of(0.1, 0.5, 0.9, 1.0, 0.5), 1e4);
	expect_near(of(0.1, 0.4, 0.6, 1.0, 0.5), sqrt(1e4 * 1e5));
	expect_near(of(0.1, 0.4, 0.9, 1.0, 0.5), 1e4 * pow(10, 0.2));
	expect_near(of(0.1, 0.4, 0.6, 1.0, 0.95), 1e5 * pow(10, 7.0 / 8));
}

/* One duration that is worse than shorter ones decides. */
static void test_from_above(void **state)
{
	(void)state;
	expect_near(of(0.1, 0.9, 0.4, 0.6, 0.5), sqrt(1e5 * 1e6));
	expect_near(of(0.9, 0.4, 0.6, 0.9, 0.5), sqrt(1e4 * 1e5));
}

static void test_censored(void **state)
{
	static const double none[] = {NAN, NAN};

	(void)state;
	assert_true(of(0.5, 0.6, 0.7, 0.8, 0.5) == -INFINITY);
	assert_true(of(0.1, 0.2, 0.3, 0.4, 0.5) == INFINITY);
	assert_true(of(0.9, 0.9, 0.9, 0.4, 0.5) == INFINITY);
	assert_true(isnan(metg_of_curve(decades, none, 2, 0.5)));
	assert_true(isnan(metg_of_curve(decades, none, 0, 0.5)));
}

/* What was not measured is as if it had not been planned. */
static void test_gaps(void **state)
{
	(void)state;
	expect_near(of(0.1, 0.4, NAN, 0.6, 0.5), sqrt(1e4 * 1e6));
	expect_near(of(0.4, NAN, 0.6, 0.9, 0.5), sqrt(1e3 * 1e5));
	expect_near(of(0.1, 0.4, 0.6, NAN, 0.5), sqrt(1e4 * 1e5));
	assert_true(of(NAN, 0.6, 0.7, 0.8, 0.5) == -INFINITY);
	assert_true(of(0.1, 0.2, 0.3, NAN, 0.5) == INFINITY);
}

/* 12 blocks: from the third smallest to the third largest. */
static void test_interval(void **state)
{
	double x[14] = {5, 1, 2, 3, NAN, 4, 6, 7, 8, 9, 10, 11, 12, NAN};
	struct estimate e = stats_known_interval(x, 14, 0.95);

	(void)state;
	expect_near(e.median, 6.5);
	expect_near(e.low, 3);
	expect_near(e.high, 10);
}

static struct estimate censored(size_t below, size_t above)
{
	double x[12];

	for (size_t i = 0; i < 12; i++)
		x[i] = i < below         ? -INFINITY
		       : i >= 12 - above ? INFINITY
					 : (double)i + 1;
	return stats_known_interval(x, 12, 0.95);
}

static void test_interval_censored(void **state)
{
	struct estimate e = censored(2, 2);

	(void)state;
	expect_near(e.low, 3);
	expect_near(e.high, 10);
	e = censored(3, 3);
	assert_true(e.low == -INFINITY && e.high == INFINITY);
	expect_near(e.median, 6.5);
	e = censored(0, 6); /* one of the middle two */
	expect_near(e.low, 3);
	assert_true(e.median == INFINITY && e.high == INFINITY);
	e = censored(12, 0);
	assert_true(e.low == -INFINITY && e.high == -INFINITY);
	assert_true(e.median == -INFINITY);
	e = censored(6, 6);
	assert_true(isnan(e.median));
	assert_true(e.low == -INFINITY && e.high == INFINITY);
}

static void add(struct run_results *run, const char *model, uint32_t block,
		uint64_t size, uint32_t workers, uint64_t tasks)
{
	struct slice_result s = {
		.cell = {.experiment = "granularity",
			 .workload = "primes",
			 .size = size,
			 .workers = workers,
			 .depth = 2},
		.block = block,
		.tasks = tasks,
		.window_ns = NS_PER_S,
	};

	snprintf(s.cell.model, sizeof(s.cell.model), "%s", model);
	assert_int_equal(results_add(run, &s), 0);
}

/*
 * Tasks of 10 and 100 µs in serial; `pool' does 80 % and 180 % of that with 4
 * workers on 2 processors: 40 and 90 % of the ideal.  In every block the
 * machine is of another speed, which is no matter.
 */
static struct run_results make_run(void)
{
	struct run_results run = {
		.info = {.processors = 2, .baseline = "serial"}};

	for (uint32_t b = 1; b <= 6; b++) {
		uint64_t speed = b == 6 ? 10 : 5 + b;

		add(&run, "pool", b, 100, 4, 1800 * speed);
		add(&run, "serial", b, 100, 1, 1000 * speed);
		add(&run, "serial", b, 10, 1, 10000 * speed);
		add(&run, "pool", b, 10, 4, 8000 * speed);
	}
	return run;
}

static void test_run(void **state)
{
	struct run_results run = make_run();
	const struct metg_curve *c;
	struct metg m;

	(void)state;
	assert_int_equal(metg_make(&run, "granularity", &m), 0);
	assert_int_equal(m.n, 1);
	c = &m.curves[0];
	assert_string_equal(c->model, "pool");
	assert_string_equal(c->workload, "primes");
	assert_int_equal(c->workers, 4);
	assert_int_equal(c->n_points, 2);
	/* By duration, though the long ones came first. */
	assert_int_equal(c->points[0].size, 10);
	assert_int_equal(c->points[1].size, 100);
	/* Speeds 6 7 8 9 10 10: the median is 8.5. */
	expect_near(c->points[0].task_ns, 1e9 / 85000);
	expect_near(c->points[1].task_ns, 1e9 / 8500);
	expect_near(c->points[0].efficiency.median, 0.4);
	expect_near(c->points[0].efficiency.low, 0.4);
	expect_near(c->points[1].efficiency.median, 0.9);
	assert_true(isnan(c->points[0].blocks[0]));
	expect_near(c->points[0].blocks[1], 0.4);
	expect_near(c->metg_ns[METG_50].median, 1e9 / 85000 * pow(10, 0.2));
	expect_near(c->metg_ns[METG_50].low, c->metg_ns[METG_50].high);
	assert_true(c->metg_ns[METG_95].median == INFINITY);
	metg_done(&m);
	metg_done(&m);
	results_done(&run);
}

/* A block without serial, a size without, a failure, another experiment. */
static void test_run_with_gaps(void **state)
{
	struct run_results run = make_run();
	struct metg m;

	(void)state;
	add(&run, "pool", 7, 10, 4, 1); /* no serial in block 7 */
	add(&run, "serial", 7, 100, 1, 0);
	add(&run, "pool", 7, 100, 4, 1); /* nor here: it did nothing */
	add(&run, "pool", 7, 1000, 4, 1);
	add(&run, "fork", 7, 1000, 4, 1);
	add(&run, "pool", 8, 10, 4, 1);
	add(&run, "serial", 8, 10, 1, 80000);
	run.slices[run.n - 2].status = SLICE_CRASHED;
	add(&run, "other", 8, 10, 4, 1);
	strcpy(run.slices[run.n - 1].cell.experiment, "scaling");
	assert_int_equal(metg_make(&run, "granularity", &m), 0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.curves[0].n_points, 2);
	for (uint32_t b = 7; b <= 8; b++) {
		assert_true(isnan(m.curves[0].points[0].blocks[b]));
		assert_true(isnan(m.curves[0].points[1].blocks[b]));
	}
	expect_near(m.curves[0].points[0].efficiency.low, 0.4);
	assert_true(isfinite(m.curves[0].metg_ns[METG_50].median));
	metg_done(&m);

	strcpy(run.info.baseline, "");
	assert_int_equal(metg_make(&run, "granularity", &m), 0);
	assert_int_equal(m.n, 0);
	metg_done(&m);
	results_done(&run);
}

static void test_empty(void **state)
{
	struct run_results run = {.n = 0};
	struct metg m;

	(void)state;
	assert_int_equal(metg_make(&run, "granularity", &m), 0);
	assert_int_equal(m.n, 0);
	metg_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crossing),
		cmocka_unit_test(test_from_above),
		cmocka_unit_test(test_censored),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_interval_censored),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_with_gaps),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
