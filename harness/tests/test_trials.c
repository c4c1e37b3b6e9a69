/*
 * How verdicts are counted on measured ratios: windows, looks, draws, shares.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/tests/trials.h"

/* Room for one series of a test. */
static struct series one;
static const struct pool pool = {&one, 1};

/* @n times @ratio, appended. */
static void put(double ratio, size_t n)
{
	while (n-- > 0)
		one.ratio[one.n++] = ratio;
}

static void test_judge(void **state)
{
	(void)state;
	one.n = 0;
	put(1.1, 12);
	assert_int_equal(trials_judge(one.ratio, 12, false), VERDICT_FASTER);
	one.n = 0;
	put(0.9, 12);
	assert_int_equal(trials_judge(one.ratio, 12, false), VERDICT_SLOWER);
	/* Too few for an interval. */
	assert_int_equal(trials_judge(one.ratio, 5, false),
			 VERDICT_CANNOT_TELL);
}

/* Equal for 12 blocks, then twice as fast: who looks stops before. */
static void test_looks_stop(void **state)
{
	(void)state;
	one.n = 0;
	put(1, 12);
	put(2, 28);
	assert_int_equal(trials_judge(one.ratio, 40, true),
			 VERDICT_NO_DIFFERENCE);
	assert_int_equal(trials_judge(one.ratio, 40, false), VERDICT_FASTER);
	/* Too wide to stop: the end decides. */
	one.n = 0;
	put(0.5, 6);
	put(2, 34);
	assert_int_equal(trials_judge(one.ratio, 40, true), VERDICT_FASTER);
}

static void test_windows_share_no_block(void **state)
{
	struct tally t;

	(void)state;
	one.n = 0;
	put(1.2, 12);
	put(0.8, 12);
	put(1, 12);
	put(5, 11); /* not a whole one */
	t = trials_windows(&pool, 12, false);
	assert_int_equal(t.trials, 3);
	assert_int_equal(t.faster, 1);
	assert_int_equal(t.slower, 1);
	t = trials_windows(&pool, 48, false);
	assert_int_equal(t.trials, 0);
}

/* Windows and stretches end where a run ends. */
static void test_runs_are_apart(void **state)
{
	static struct series two[2];
	const struct pool both = {two, 2};
	struct rng r = {1};

	(void)state;
	two[0].n = two[1].n = 3;
	assert_int_equal(trials_windows(&both, 6, false).trials, 0);
	assert_int_equal(trials_resample(&both, 12, false, 1.5, 10, &r).trials,
			 0);
	for (size_t i = 0; i < 4; i++)
		two[1].ratio[i] = 2;
	two[1].n = 4;
	assert_int_equal(trials_resample(&both, 12, false, 1.5, 10, &r).faster,
			 10);
}

/* What neighbours have in common stays together. */
static void test_resample_keeps_neighbours(void **state)
{
	struct rng a = {7}, b = {7};
	struct tally s, t;

	(void)state;
	one.n = 0;
	for (size_t i = 0; i < 16; i++)
		put(i % 2 ? 1.2 : 1 / 1.2, TRIALS_STRETCH);
	/*
	 * Ten of twelve blocks must be on one side: of single ones 77 in 4000
	 * are, of stretches, with those that begin between, 195.
	 */
	t = trials_resample(&pool, 12, false, 1, 4000, &a);
	assert_int_equal(t.trials, 4000);
	assert_true(t.faster > 130 && t.slower > 130);
	/* The same seed, the same draws. */
	a = b;
	s = trials_resample(&pool, 12, false, 1, 100, &a);
	t = trials_resample(&pool, 12, false, 1, 100, &b);
	assert_memory_equal(&s, &t, sizeof(s));
	assert_int_equal(a.state, b.state);
}

/* What the pool is off by is taken away, and only @factor is left. */
static void test_resample_knows_the_truth(void **state)
{
	struct rng r = {7};

	(void)state;
	one.n = 0;
	put(1.2, 20);
	assert_int_equal(trials_resample(&pool, 12, false, 1, 50, &r).faster,
			 0);
	assert_int_equal(trials_resample(&pool, 12, false, 1.1, 50, &r).faster,
			 50);
	assert_int_equal(
		trials_resample(&pool, 12, false, 1 / 1.1, 50, &r).slower, 50);
}

/* Names are drawn: noise to one side becomes noise to both. */
static void test_resample_swaps_names(void **state)
{
	struct rng r = {7};
	struct tally t;

	(void)state;
	one.n = 0;
	put(1, 20);
	put(1.5, 19);
	t = trials_resample(&pool, 12, false, 1, 4000, &r);
	assert_true(t.slower > 20 && t.faster > 20);
}

/* The mean of all ratios. */
static double mean_of(const struct pool *part, const void *data)
{
	double sum = 0, n = 0;

	(void)data;
	for (size_t s = 0; s < part->n; s++) {
		sum += part->series[s].ratio[0];
		n++;
	}
	return sum / n;
}

/* Of a mean it is the textbook's standard error: 1, 2, 3 have 1 / sqrt(3). */
static void test_jackknife(void **state)
{
	static struct series three[] = {{{1}, 1}, {{2}, 1}, {{3}, 1}};
	const struct pool all = {three, 3}, single = {three, 1};

	(void)state;
	assert_true(fabs(trials_jackknife(&all, mean_of, NULL) -
			 4.3027 / sqrt(3)) < 0.001);
	assert_true(isinf(trials_jackknife(&single, mean_of, NULL)));
}

static void test_spread(void **state)
{
	double median, sd;

	(void)state;
	one.n = 0;
	trials_spread(&pool, &median, &sd);
	assert_true(isnan(median) && isnan(sd));
	put(1.1, 2);
	put(1.3, 1);
	put(0.9, 2);
	trials_spread(&pool, &median, &sd);
	assert_true(fabs(median - 1.1) < 1e-9);
	assert_true(fabs(sd - log(1.1 / 0.9) / 1.349) < 1e-9);
}

/* From the tables of Clopper and Pearson: 0 and 1 of 10, 5 of 100. */
static void test_share(void **state)
{
	double low, high;

	(void)state;
	trials_share(0, 10, &low, &high);
	assert_true(low == 0 && fabs(high - 0.3085) < 0.0001);
	trials_share(1, 10, &low, &high);
	assert_true(fabs(low - 0.0025) < 0.0001);
	assert_true(fabs(high - 0.4450) < 0.0001);
	trials_share(10, 10, &low, &high);
	assert_true(high == 1 && fabs(low - 0.6915) < 0.0001);
	trials_share(5, 100, &low, &high);
	assert_true(fabs(low - 0.0164) < 0.0001);
	assert_true(fabs(high - 0.1128) < 0.0001);
}

/* Add a slice of @model in block @block with @tasks tasks a second. */
static void add(struct run_results *run, const char *model, const char *runs,
		uint32_t extra_ppm, uint32_t block, uint64_t tasks)
{
	struct slice_result s = {
		.block = block, .tasks = tasks, .window_ns = NS_PER_S};

	snprintf(s.cell.model, sizeof(s.cell.model), "%s", model);
	snprintf(s.cell.runs, sizeof(s.cell.runs), "%s", runs);
	s.cell.extra_ppm = extra_ppm;
	assert_int_equal(results_add(run, &s), 0);
}

static void test_read(void **state)
{
	struct run_results run = {.info.reference = "a"};
	struct pool same = {0}, more = {0};

	(void)state;
	add(&run, "b", "threads", 0, 1, 30);
	add(&run, "a", "threads", 0, 1, 20);
	add(&run, "c", "threads", 100000, 1, 10);
	add(&run, "other", "pool", 0, 1, 70);
	add(&run, "a", "threads", 0, 2, 10);
	add(&run, "b", "threads", 0, 2, 10);
	add(&run, "b", "threads", 0, 3, 10); /* a failed here */
	assert_int_equal(trials_read(&run, 0, &same), 1);
	assert_int_equal(same.n, 1);
	assert_int_equal(same.series[0].n, 2);
	assert_true(same.series[0].ratio[0] == 1.5);
	assert_true(same.series[0].ratio[1] == 1);
	assert_int_equal(trials_read(&run, 100000, &more), 1);
	assert_true(more.series[0].n == 1 && more.series[0].ratio[0] == 0.5);
	trials_done(&same);
	trials_done(&more);
	results_done(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_looks_stop),
		cmocka_unit_test(test_windows_share_no_block),
		cmocka_unit_test(test_runs_are_apart),
		cmocka_unit_test(test_resample_keeps_neighbours),
		cmocka_unit_test(test_resample_knows_the_truth),
		cmocka_unit_test(test_resample_swaps_names),
		cmocka_unit_test(test_jackknife),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("trials", tests, NULL, NULL);
}
