/*
 * Run against run: what is the same, what has changed, and what cannot be
 * compared.
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

#include "harness/base.h"
#include "harness/compare.h"
#include "harness/number.h"
#include "harness/tests/fake_summary.h"

#define ROWS 13 /* six models, the reference's cells left out */

static const char *const one_workload[] = {"primes"};
static const char *const two_workloads[] = {"primes", "walk"};

/* Two runs of the usual models, to be changed before measure(). */
static struct side {
	struct fake_model models[8];
	struct fake_recipe recipe;
	struct run_results run;
	struct summary summary;
} a, b;

static struct comparison c;

static void side_setup(struct side *s)
{
	s->recipe = fake_summary_usual;
	memcpy(s->models, s->recipe.models,
	       s->recipe.n_models * sizeof(*s->models));
	s->recipe.models = s->models;
	s->recipe.workloads = one_workload;
	s->recipe.n_workloads = 1;
}

static int setup(void **state)
{
	(void)state;
	side_setup(&a);
	side_setup(&b);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	compare_done(&c);
	fake_summary_done(&a.run, &a.summary);
	fake_summary_done(&b.run, &b.summary);
	return 0;
}

/* Let every canary of @run take @ns; -1: it was not timed. */
static void set_canary(struct run_results *run, int64_t ns)
{
	for (size_t i = 0; i < run->n; i++) {
		run->slices[i].canary_before_ns = ns;
		run->slices[i].canary_after_ns = ns;
	}
}

/* The runs, without canaries, the second on another day. */
static void make_runs(void)
{
	fake_summary_run(&a.recipe, &a.run);
	fake_summary_run(&b.recipe, &b.run);
	strcpy(b.run.info.started, "2026-11-22T04:30:00Z");
	set_canary(&a.run, -1);
	set_canary(&b.run, -1);
}

static void summarise(void)
{
	assert_int_equal(summary_make(&a.run, &a.summary), 0);
	assert_int_equal(summary_make(&b.run, &b.summary), 0);
	assert_int_equal(compare_make(&a.summary, &b.summary, &c), 0);
}

static void measure(void)
{
	make_runs();
	summarise();
}

static void slow_down(struct side *s, const char *model, double factor)
{
	for (size_t i = 0; i < s->recipe.n_models; i++) {
		if (strcmp(s->models[i].name, model) == 0)
			s->models[i].speed *= factor;
	}
}

static const struct compare_row *row_of(const char *model, uint32_t workers)
{
	for (size_t i = 0; i < c.n; i++) {
		if (c.rows[i].a->spec.workers == workers &&
		    strcmp(c.rows[i].a->spec.model, model) == 0)
			return &c.rows[i];
	}
	fail_msg("no row of %s", model);
	return NULL;
}

static size_t gaps(enum compare_gap gap)
{
	size_t n = 0;

	for (size_t i = 0; i < c.n_left_out; i++)
		n += c.left_out[i].gap == gap;
	return n;
}

static void assert_near(double is, double should, double share)
{
	if (!(fabs(is - should) <= share * should))
		fail_msg("%g is not %g", is, should);
}

/* Words that betray a number that is none. */
static void assert_clean(const char *text)
{
	static const char *const bad[] = {"nan",  "NaN",  " inf",
					  "-inf", "[inf", "(null)"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (strstr(text, bad[i]))
			fail_msg("\"%s\" in: %s", bad[i], text);
	}
}

static char *table_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	compare_table(&c, 'B', out);
	assert_int_equal(fclose(out), 0);
	assert_clean(text);
	return text;
}

static void assert_says(const char *words)
{
	char *text = table_text();

	/* Lines are broken where they are full. */
	for (char *p = text; *p; p++) {
		if (*p == '\n' && strncmp(p + 1, "  ", 2) == 0)
			memmove(p, p + 2, strlen(p + 2) + 1);
		if (*p == '\n')
			*p = ' ';
	}
	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
	free(text);
}

static void test_itself_is_no_difference(void **state)
{
	(void)state;
	a.recipe.noise = b.recipe.noise = 0.5;
	make_runs();
	b.run.info = a.run.info;
	summarise();
	assert_true(c.same_run);
	assert_int_equal(c.n, ROWS);
	for (size_t i = 0; i < c.n; i++) {
		assert_true(c.rows[i].ratio.median == 1);
		assert_true(c.rows[i].ratio.low == 1);
		assert_true(c.rows[i].ratio.high == 1);
		assert_true(c.rows[i].ratio_a == c.rows[i].ratio_b);
		assert_int_equal(c.rows[i].verdict, VERDICT_NO_DIFFERENCE);
	}
	assert_says("A and B are the same run: it is compared with itself.");
}

/* Two runs that chance made alike are two runs: their noise counts. */
static void test_another_run_is_another_sample(void **state)
{
	(void)state;
	a.recipe.noise = b.recipe.noise = 0.5;
	measure();
	assert_false(c.same_run);
	for (size_t i = 0; i < c.n; i++) {
		assert_true(c.rows[i].ratio.median == 1);
		assert_true(c.rows[i].ratio.low < 1);
		assert_int_equal(c.rows[i].verdict, VERDICT_CANNOT_TELL);
	}
}

/* It says so, but its numbers are others: not taken for the same. */
static void test_false_twin(void **state)
{
	(void)state;
	slow_down(&b, "fork", 0.5);
	make_runs();
	b.run.info = a.run.info;
	summarise();
	assert_true(c.same_run);
	assert_int_equal(row_of("fork", 2)->verdict, VERDICT_SLOWER);
}

static void test_finds_what_changed(void **state)
{
	(void)state;
	slow_down(&b, "pool", 0.8);
	slow_down(&b, "fork", 1.25);
	b.recipe.blocks = 20;
	measure();
	assert_int_equal(c.n, ROWS);
	assert_int_equal(c.n_left_out, 0);
	assert_string_equal(c.reference, "threads");
	assert_near(c.confidence, 1 - 0.05 / ROWS, 1e-12);
	for (uint32_t w = 1; w <= 4; w *= 2) {
		const struct compare_row *pool = row_of("pool", w);
		const struct compare_row *fork = row_of("fork", w);

		assert_int_equal(pool->verdict, VERDICT_SLOWER);
		assert_near(pool->ratio.median, 0.8, 0.01);
		assert_near(pool->ratio_a, 0.96 / 0.98, 0.01);
		assert_near(pool->ratio_b, 0.8 * 0.96 / 0.98, 0.01);
		assert_true(pool->ratio.low < pool->ratio.median);
		assert_true(pool->ratio.high > pool->ratio.median);
		assert_int_equal(pool->n_a, 12);
		assert_int_equal(pool->n_b, 20);
		assert_int_equal(fork->verdict, VERDICT_FASTER);
		assert_near(fork->ratio.median, 1.25, 0.01);
		assert_int_equal(row_of("cluster", w)->verdict,
				 VERDICT_NO_DIFFERENCE);
	}
	assert_int_equal(compare_count(&c, VERDICT_SLOWER), 3);
	assert_int_equal(compare_count(&c, VERDICT_FASTER), 3);
	assert_int_equal(compare_count(&c, VERDICT_NO_DIFFERENCE), ROWS - 6);
	assert_int_equal(compare_count(&c, VERDICT_CANNOT_TELL), 0);
}

static void test_worst_first(void **state)
{
	static const int place[] = {
		[VERDICT_SLOWER] = 0,
		[VERDICT_CANNOT_TELL] = 1,
		[VERDICT_NO_DIFFERENCE] = 2,
		[VERDICT_FASTER] = 3,
	};

	(void)state;
	slow_down(&b, "pool", 0.8);
	slow_down(&b, "cluster", 0.6);
	slow_down(&b, "fork", 1.25);
	slow_down(&b, "thread_per_task", 0.968);
	a.recipe.noise = 0.015;
	measure();
	assert_string_equal(c.rows[0].a->spec.model, "cluster");
	assert_string_equal(c.rows[3].a->spec.model, "pool");
	assert_string_equal(c.rows[c.n - 1].a->spec.model, "fork");
	for (size_t i = 1; i < c.n; i++) {
		const struct compare_row *x = &c.rows[i - 1], *y = &c.rows[i];

		assert_true(place[x->verdict] <= place[y->verdict]);
		assert_true(x->verdict != y->verdict ||
			    x->ratio.median <= y->ratio.median);
	}
}

/* Another machine, twice as fast: everything is as it was beside threads. */
static void test_ratios_do_not_see_the_machine(void **state)
{
	(void)state;
	b.recipe.task_ns /= 2;
	measure();
	for (size_t i = 0; i < c.n; i++) {
		assert_int_equal(c.rows[i].verdict, VERDICT_NO_DIFFERENCE);
		assert_near(c.rows[i].b->throughput_per_s.median,
			    2 * c.rows[i].a->throughput_per_s.median, 0.02);
	}
}

static void test_too_few_blocks(void **state)
{
	(void)state;
	slow_down(&b, "fork", 0.5);
	a.recipe.blocks = b.recipe.blocks = 3;
	measure();
	assert_near(row_of("fork", 2)->ratio.median, 0.5, 0.02);
	for (size_t i = 0; i < c.n; i++) {
		assert_true(isnan(c.rows[i].ratio.low));
		assert_int_equal(c.rows[i].verdict, VERDICT_CANNOT_TELL);
	}
	free(table_text());
}

/*
 * The promise of the table: runs that differ by chance alone have any verdict of
 * a difference in at most 5 % of pairs.
 */
static void test_rarely_wrong(void **state)
{
	enum {
		PAIRS = 60
	};
	struct rng r = {17};
	int wrong = 0;

	(void)state;
	for (int t = 0; t < PAIRS; t++) {
		make_runs();
		for (size_t i = 0; i < a.run.n; i++) {
			a.run.slices[i].tasks += rng_below(&r, 200);
			b.run.slices[i].tasks += rng_below(&r, 200);
		}
		summarise();
		wrong += compare_count(&c, VERDICT_SLOWER) > 0 ||
			 compare_count(&c, VERDICT_FASTER) > 0;
		(void)teardown(NULL);
	}
	/* 3 expected at most; 9 or more come once in 200 times. */
	assert_in_range(wrong, 0, 8);
}

static void test_reference_of_both(void **state)
{
	(void)state;
	make_runs();
	strcpy(b.run.info.reference, "pool");
	summarise();
	assert_string_equal(c.reference, "threads");
	assert_int_equal(c.n, ROWS);
	assert_says("have different references, threads and pool; here it is "
		    "threads.");
}

/* A's reference was not measured in B, but B's in A. */
static void test_reference_of_the_second(void **state)
{
	(void)state;
	b.models[4].name = "others";
	make_runs();
	strcpy(b.run.info.reference, "pool");
	summarise();
	assert_string_equal(c.reference, "pool");
	assert_int_equal(c.n, ROWS - 3);
	assert_int_equal(gaps(COMPARE_ONLY_A), 3);
	assert_int_equal(gaps(COMPARE_ONLY_B), 3);
}

static char *nothing_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	compare_say_nothing(&c, 'B', out);
	assert_int_equal(fclose(out), 0);
	assert_null(strchr(text, '\n'));
	return text;
}

static void test_no_common_reference(void **state)
{
	char *text;

	(void)state;
	b.models[4].name = "others";
	b.models[3].name = "another";
	make_runs();
	strcpy(b.run.info.reference, "others");
	summarise();
	assert_null(c.reference);
	assert_int_equal(c.n, 0);
	assert_int_equal(gaps(COMPARE_NO_RATIO_A), 10);
	text = nothing_text();
	assert_non_null(strstr(text, "neither reference, threads of A or "
				     "others of B, is in both"));
	assert_non_null(strstr(text, "10 cells without a ratio in A"));
	free(text);
}

static void test_what_only_one_has(void **state)
{
	(void)state;
	a.recipe.workloads = two_workloads;
	a.recipe.n_workloads = 2;
	b.recipe.n_workers = 2;
	b.models[6] = (struct fake_model){"new", 0.5, 0, 0, 0};
	b.recipe.n_models = 7;
	measure();
	assert_int_equal(c.n, 9); /* serial, four models with 1 and 2 */
	assert_int_equal(gaps(COMPARE_ONLY_A), 16 + 5);
	assert_int_equal(gaps(COMPARE_ONLY_B), 2);
	assert_says("Left out, only in A: 21 cells, scaling primes fork 4, "
		    "scaling primes thread_per_task 4, scaling primes pool 4 "
		    "and 18 more.");
	assert_says("Left out, only in B: 2 cells, scaling primes new 1, "
		    "scaling primes new 2.");
}

static void test_other_sizes_have_nothing_in_common(void **state)
{
	char *text;

	(void)state;
	make_runs();
	for (size_t i = 0; i < b.run.n; i++)
		b.run.slices[i].cell.size = 99;
	summarise();
	assert_int_equal(c.n, 0);
	text = nothing_text();
	assert_string_equal(
		text, "A measured scaling primes (size 12000); B measured "
		      "scaling primes (size 99); 16 cells only in A; 16 "
		      "cells only in B");
	free(text);
}

static void test_empty_runs(void **state)
{
	char *text;

	(void)state;
	a.recipe.blocks = b.recipe.blocks = 0;
	measure();
	assert_int_equal(c.n, 0);
	text = nothing_text();
	assert_non_null(strstr(text, "A measured nothing; B measured nothing"));
	free(text);
}

/* Every slice of @model in @run gets @tasks, from block @from on. */
static void set_tasks(struct run_results *run, const char *model, uint32_t from,
		      uint64_t tasks)
{
	for (size_t i = 0; i < run->n; i++) {
		struct slice_result *s = &run->slices[i];

		if (s->block >= from && strcmp(s->cell.model, model) == 0)
			s->tasks = tasks;
	}
}

static void test_zero_is_left_out(void **state)
{
	(void)state;
	make_runs();
	set_tasks(&a.run, "fork", 0, 0);
	set_tasks(&b.run, "pool", 0, 0);
	set_tasks(&b.run, "cluster", 3, 0); /* the first is 1 */
	summarise();
	assert_int_equal(c.n, ROWS - 6);
	assert_int_equal(gaps(COMPARE_NO_RATIO_A), 3);
	assert_int_equal(gaps(COMPARE_NO_RATIO_B), 3);
	assert_int_equal(row_of("cluster", 2)->n_a, 12);
	assert_int_equal(row_of("cluster", 2)->n_b, 2);
	for (size_t i = 0; i < c.n; i++)
		assert_true(isfinite(c.rows[i].ratio.median));
	assert_says("Left out, without a ratio in B: 3 cells");
}

static void test_reference_without_tasks(void **state)
{
	(void)state;
	make_runs();
	set_tasks(&b.run, "threads", 0, 0);
	summarise();
	assert_int_equal(c.n, 0);
	assert_int_equal(gaps(COMPARE_NO_RATIO_B), ROWS);
}

static void test_failed_slices(void **state)
{
	(void)state;
	make_runs();
	for (size_t i = 0; i < b.run.n; i++) {
		if (strcmp(b.run.slices[i].cell.model, "fork") == 0)
			b.run.slices[i].status = SLICE_CRASHED;
	}
	summarise();
	assert_int_equal(gaps(COMPARE_NO_RATIO_B), 3);
}

static void test_other_work(void **state)
{
	(void)state;
	make_runs();
	for (size_t i = 0; i < b.run.n; i++) {
		if (b.run.slices[i].cell.workers == 4)
			b.run.slices[i].reference_digest = 8;
	}
	summarise();
	assert_int_equal(gaps(COMPARE_OTHER_WORK), 4);
	assert_int_equal(c.n, ROWS - 4);
	assert_says("Left out, with other results of tasks in B: 4 cells");
}

/* How much work an open loop does is decided by whoever sends it. */
static void test_open_loop(void **state)
{
	(void)state;
	make_runs();
	for (size_t i = 0; i < a.run.n; i++) {
		if (a.run.slices[i].cell.workers == 4) {
			a.run.slices[i].cell.load_percent = 50;
			b.run.slices[i].cell.load_percent = 50;
			b.run.slices[i].cell.interval_ns = 5000;
		}
	}
	summarise();
	assert_int_equal(gaps(COMPARE_OPEN_LOOP), 4);
	assert_int_equal(c.n, ROWS - 4);
}

static void test_what_makes_a_cell(void **state)
{
	const struct cell_spec one = {.experiment = "e",
				      .model = "m",
				      .runs = "m",
				      .workload = "w",
				      .pin = "p",
				      .size = 1,
				      .workers = 2};
	struct cell_spec other[10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		other[i] = one;
	strcpy(other[0].experiment, "x");
	strcpy(other[1].model, "x");
	strcpy(other[2].workload, "x");
	strcpy(other[3].pin, "x");
	other[4].size = 7;
	other[5].workers = 7;
	other[6].depth = 7;
	other[7].load_percent = 7;
	other[8].ballast_bytes = 7;
	strcpy(other[9].load_of, "own");
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		if (compare_same_cell(&one, &other[i]))
			fail_msg("%zu is the same", i);
	}
	/* What stands behind a name, and what one run alone has decided. */
	other[0] = one;
	strcpy(other[0].runs, "x");
	other[0].extra_ppm = 7;
	other[0].interval_ns = 7;
	other[0].rank = 7;
	assert_true(compare_same_cell(&one, &other[0]));
}

/* Why the runs' tasks/s are not comparable. */
static const char *why_not(void)
{
	static char why[512];

	assert_int_equal(compare_absolute(&a.run, &b.run, why, sizeof(why)), 0);
	return why;
}

static void test_absolute_wants_a_canary(void **state)
{
	(void)state;
	make_runs();
	assert_string_equal(why_not(), "no canary tells whether the machine "
				       "was as fast");
	set_canary(&a.run, 2000000);
	assert_string_equal(why_not(), "no canary tells whether the machine "
				       "was as fast");
	set_canary(&b.run, 2030000);
	assert_string_equal(why_not(), "");
	set_canary(&b.run, 1970000);
	assert_string_equal(why_not(), "");
	set_canary(&b.run, 2050000);
	assert_string_equal(why_not(),
			    "the canary, a fixed piece of work, took "
			    "2.00 ms and 2.05 ms");
	/* One slice in the dark does not darken the median. */
	set_canary(&b.run, 2010000);
	b.run.slices[3].canary_after_ns = 0;
	b.run.slices[4].canary_after_ns = 90000000;
	assert_string_equal(why_not(), "");
}

static void test_absolute_wants_the_same_machine(void **state)
{
	struct run_info *i = &b.run.info;
	struct run_info as_it_was;

	(void)state;
	make_runs();
	set_canary(&a.run, 2000000);
	set_canary(&b.run, 2000000);
	as_it_was = *i;

#define DIFFERS(change, says)                                                  \
	do {                                                                   \
		change;                                                        \
		assert_string_equal(why_not(), says);                          \
		*i = as_it_was;                                                \
	} while (0)

	DIFFERS(strcpy(i->host.cpu, "Other"),
		"the processor differs (Example CPU @ 2.70GHz and Other)");
	DIFFERS(i->host.cpus = 8, "the number of processors differs (2 and 8)");
	DIFFERS(i->processors = 1.5,
		"the number of usable processors differs (2.00 and 1.50)");
	DIFFERS(i->host.memory_bytes *= 2,
		"the memory differs (8.00 GiB and 16.0 GiB)");
	DIFFERS(i->host.memory_bytes += 1 << 20, "");
	DIFFERS(strcpy(i->host.kernel, "Linux 7"),
		"the kernel differs (Linux 6.1.0 x86_64 and Linux 7)");
	DIFFERS(strcpy(i->host.compiler, "clang 14"),
		"the compiler differs (gcc 12.2.0 and clang 14)");
	DIFFERS(strcpy(i->host.hypervisor, "none"),
		"the hypervisor differs (kvm and none)");
	DIFFERS(strcpy(i->host.governor, "powersave"),
		"the governor differs (unknown and powersave)");
	DIFFERS(strcpy(i->host.clocksource, "hpet"),
		"the clock source differs (tsc and hpet)");
	DIFFERS(i->host.aslr = 0,
		"the address randomisation differs (2 and 0)");
	DIFFERS((strcpy(i->host.cpu, ""), i->host.cpus = 4,
		 strcpy(i->host.kernel, "x")),
		"the processor differs (Example CPU @ 2.70GHz and unknown); "
		"also: number of processors, kernel");
	/* What every run has anew. */
	DIFFERS((strcpy(i->host.name, "other"), i->host.mhz = 1,
		 i->host.load[0] = 9),
		"");
#undef DIFFERS
}

/* Two machines of which nothing is known are not the same one. */
static void test_unknown_is_not_equal(void **state)
{
	(void)state;
	make_runs();
	set_canary(&a.run, 2000000);
	set_canary(&b.run, 2000000);
	a.run.info.host.cpu[0] = b.run.info.host.cpu[0] = '\0';
	assert_string_equal(why_not(),
			    "the processor differs (unknown and unknown)");
}

static void test_table_of_absolutes(void **state)
{
	char *text;

	(void)state;
	make_runs();
	summarise();
	text = table_text();
	assert_null(strstr(text, "The machine is as it was"));
	assert_int_equal(fake_summary_count(text, "\nthreads "), 0);
	free(text);
	(void)teardown(NULL);
	make_runs();
	set_canary(&a.run, 2000000);
	set_canary(&b.run, 2000000);
	summarise();
	text = table_text();
	assert_non_null(strstr(text, "The machine is as it was"));
	assert_int_equal(fake_summary_count(text, "\nthreads "), 3);
	assert_int_equal(fake_summary_count(text, "\nfork "), 6);
	assert_null(strstr(text, "not compared"));
	free(text);
}

static void test_says_what_one_must_know(void **state)
{
	(void)state;
	make_runs();
	b.run.info.complete = false;
	b.run.info.blocks_done = 7;
	strcpy(b.run.info.stopped, "interrupted");
	b.run.info.timing.window_ns = 20 * NS_PER_MS;
	a.run.slices[0].wrong_digests = 3;
	summarise();
	assert_says("B is not complete: 7 of 12 blocks, stopped: interrupted.");
	assert_says("A has tasks that failed (0) or gave a wrong result (3).");
	assert_says("The windows differ: 200 ms in A and 20 ms in B");
}

/* No line is wider than a terminal, whatever the numbers are. */
static void test_table_is_narrow(void **state)
{
	static const uint64_t tasks[] = {400, 1, 300000000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
		char *text, *line;

		(void)setup(NULL);
		a.recipe.noise = b.recipe.noise = 0.9;
		make_runs();
		set_tasks(&b.run, "fork", 0, tasks[i]);
		set_tasks(&a.run, "pool", 0, tasks[i]);
		set_tasks(&b.run, "cluster", 0, tasks[i]);
		summarise();
		text = table_text();
		for (line = strtok(text, "\n"); line;
		     line = strtok(NULL, "\n")) {
			const char *open = strchr(line, '[');

			/* Whatever verdict comes after it. */
			if (open && strcspn(open, "]") >= 14)
				fail_msg("too wide: %s", line);
			if (number_columns(line) > 80)
				fail_msg("too wide: %s", line);
		}
		free(text);
		(void)teardown(NULL);
	}
}

/* What model, workload and workers do not tell stands in a second line. */
static void test_rows_that_look_alike(void **state)
{
	static const char *const same[] = {"primes", "primes"};
	char *text;

	(void)state;
	a.recipe.workloads = b.recipe.workloads = same;
	a.recipe.n_workloads = b.recipe.n_workloads = 2;
	make_runs();
	for (size_t i = 0; i < a.run.n; i++) {
		/* The second half of each block is the second workload. */
		if (i % 32 >= 16)
			a.run.slices[i].cell.size = b.run.slices[i].cell.size =
				77;
	}
	summarise();
	assert_int_equal(c.n, 2 * ROWS);
	text = table_text();
	assert_int_equal(
		fake_summary_count(text, "\n  scaling, size 77, depth"), ROWS);
	assert_int_equal(fake_summary_count(text, "\n  scaling, size 12000,"),
			 ROWS);
	free(text);
}

static void test_json(void **state)
{
	json_t *json, *cells, *first;
	char *text;

	(void)state;
	slow_down(&b, "pool", 0.8);
	b.models[6] = (struct fake_model){"new:odd", 0.5, 0, 0, 0};
	b.recipe.n_models = 7;
	measure();
	json = compare_json(&c, "some/where");
	assert_non_null(json);
	text = json_dumps(json, 0);
	assert_clean(text);
	free(text);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json, "run"), "dir")),
			    "some/where");
	cells = json_object_get(json, "cells");
	assert_int_equal(json_array_size(cells), ROWS);
	first = json_array_get(cells, 0);
	assert_string_equal(json_string_value(json_object_get(first, "model")),
			    "pool");
	assert_string_equal(
		json_string_value(json_object_get(first, "verdict")), "slower");
	assert_near(json_real_value(json_object_get(
			    json_object_get(first, "change"), "median")),
		    0.8, 0.01);
	assert_true(json_is_null(json_object_get(first, "throughput_per_s")));
	first = json_array_get(json_object_get(json, "left_out"), 0);
	assert_string_equal(
		json_string_value(json_object_get(first, "variant")), "odd");
	assert_string_equal(json_string_value(json_object_get(first, "why")),
			    "only in B");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(json, "verdicts"), "slower")),
			 3);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_itself_is_no_difference),
		TEST(test_another_run_is_another_sample),
		TEST(test_false_twin),
		TEST(test_finds_what_changed),
		TEST(test_worst_first),
		TEST(test_ratios_do_not_see_the_machine),
		TEST(test_too_few_blocks),
		TEST(test_rarely_wrong),
		TEST(test_reference_of_both),
		TEST(test_reference_of_the_second),
		TEST(test_no_common_reference),
		TEST(test_what_only_one_has),
		TEST(test_other_sizes_have_nothing_in_common),
		TEST(test_empty_runs),
		TEST(test_zero_is_left_out),
		TEST(test_reference_without_tasks),
		TEST(test_failed_slices),
		TEST(test_other_work),
		TEST(test_open_loop),
		TEST(test_what_makes_a_cell),
		TEST(test_absolute_wants_a_canary),
		TEST(test_absolute_wants_the_same_machine),
		TEST(test_unknown_is_not_equal),
		TEST(test_table_of_absolutes),
		TEST(test_says_what_one_must_know),
		cmocka_unit_test(test_table_is_narrow),
		TEST(test_rows_that_look_alike),
		TEST(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
