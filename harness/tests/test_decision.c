/*
 * The table of choices: data that make a model be named, and data that must
 * not.
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

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/decision.h"
#include "harness/number.h"
#include "harness/tests/fake_summary.h"

static const char *const one_workload[] = {"primes"};
static const uint32_t two_workers[] = {2};

/* A run that the tests bend, its choices, and what is said of them. */
static struct fake_model models[8];
static struct fake_recipe recipe;
static struct run_results run;
static struct summary s;
static struct decision d;
static char *said;

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	recipe.models = models;
	recipe.workloads = one_workload;
	recipe.n_workloads = 1;
	recipe.workers = two_workers;
	recipe.n_workers = 1;
	recipe.task_ns = 2e6;
	run = (struct run_results){.n = 0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	decision_done(&d);
	fake_summary_done(&run, &s);
	free(said);
	said = NULL;
	return 0;
}

static void set_speed(const char *model, double speed)
{
	for (size_t i = 0; i < recipe.n_models; i++) {
		if (strcmp(models[i].name, model) == 0)
			models[i].speed = speed;
	}
}

static void keep(size_t from, size_t n)
{
	memmove(models, &models[from], n * sizeof(*models));
	recipe.n_models = n;
}

/*
 * Measure as the recipe says now, but call it @experiment with tasks of @size,
 * and at @load percent if that is not 0.
 */
static void add(const char *experiment, uint64_t size, uint32_t load)
{
	struct run_results part;

	fake_summary_run(&recipe, &part);
	if (run.n == 0)
		run.info = part.info;
	for (size_t i = 0; i < part.n; i++) {
		struct slice_result *slice = &part.slices[i];

		snprintf(slice->cell.experiment, sizeof(slice->cell.experiment),
			 "%s", experiment);
		slice->cell.size = size;
		slice->cell_index += 100 * (uint32_t)size + load;
		if (load > 0) {
			slice->cell.load_percent = load;
			slice->cell.interval_ns = NS_PER_MS;
			strcpy(slice->cell.load_of, "slowest");
			slice->offered = slice->tasks;
		}
		assert_int_equal(results_add(&run, slice), 0);
	}
	free(part.slices);
}

static void decide(void)
{
	size_t size;
	FILE *out;

	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(decision_make(&s, &d), 0);
	out = open_memstream(&said, &size);
	for (size_t i = 0; i < d.n; i++) {
		fprintf(out, "[%s, %s]\n", d.rows[i].class_name,
			d.rows[i].workload);
		for (int need = 0; need < DECISION_NEEDS; need++) {
			char *line = decision_line(&d.rows[i],
						   (enum decision_need)need);

			assert_non_null(line);
			fprintf(out, "%s\n", line);
			free(line);
		}
	}
	decision_say_scope(&s, &d, out);
	fclose(out);
}

/* Scaling alone, with the models as they are now. */
static void measure(void)
{
	add("scaling", 12000, 0);
	decide();
}

static void test_one_is_best(void **state)
{
	(void)state;
	set_speed("pool", 0.90);
	set_speed("cluster", 0.70);
	measure();
	assert_int_equal(d.n, 1);
	assert_said("[1 to 10 ms, primes]\nmost work: threads, 2 workers; 98 % "
		    "[98 %, 98 %] of the ideal\n");
	assert_unsaid("any of");
	assert_unsaid("one of");
}

static void test_two_do_not_differ(void **state)
{
	(void)state;
	measure();
	assert_said("most work: any of pool, threads, 2 workers; no difference "
		    "that matters; threads: 98 %");
	assert_unsaid("one of");
}

static void test_cannot_tell(void **state)
{
	(void)state;
	recipe.noise = 0.4;
	for (size_t i = 1; i < recipe.n_models; i++)
		models[i].speed = 0.9;
	measure();
	assert_said("most work: one of ");
	assert_said("; this run cannot tell which; ");
	assert_unsaid("any of");
}

/* Without intervals nobody wins. */
static void test_few_blocks(void **state)
{
	(void)state;
	recipe.blocks = 5;
	set_speed("threads", 2);
	measure();
	assert_said("most work: one of serial, fork, thread_per_task, pool, "
		    "threads, cluster, 1 or 2 workers; this run cannot tell");
	assert_said("threads: 200 % of the ideal");
}

/* Doing it alone is a choice, too. */
static void test_serial_is_best(void **state)
{
	(void)state;
	for (size_t i = 1; i < recipe.n_models; i++)
		models[i].speed = 0.1;
	measure();
	assert_said("most work: serial, 1 worker; 100 %");
}

static void test_isolation_has_a_price(void **state)
{
	(void)state;
	set_speed("pool", 0.88);
	set_speed("cluster", 0.60);
	measure();
	assert_said("a crash stays alone: pool, 2 workers; 88 % [8");
	assert_said("of the ideal; costs 10 % [9.7 %, 10 %] of the work");
	assert_unsaid("costs nothing");
}

static void test_isolation_is_cheap(void **state)
{
	(void)state;
	measure();
	assert_said("a crash stays alone: pool, 2 workers; 96 % [9");
	assert_said("of the ideal; costs nothing that matters");
}

static void test_isolation_is_best(void **state)
{
	(void)state;
	set_speed("pool", 1.2);
	measure();
	assert_said("a crash stays alone: pool, 2 workers; 120 % [1");
	assert_said("of the ideal; no model is shown to do more");
	assert_unsaid("costs nothing");
}

static void test_price_unknown(void **state)
{
	(void)state;
	recipe.noise = 0.4;
	for (size_t i = 1; i < recipe.n_models; i++)
		models[i].speed = 0.9;
	keep(3, 2); /* pool and threads */
	set_speed("threads", 0.95);
	measure();
	assert_said("a crash stays alone: pool, 2 workers; the only such model "
		    "here; ");
	assert_said("this run cannot tell what it costs");
}

static void test_new_workers(void **state)
{
	(void)state;
	measure();
	assert_said("a new worker for each task: thread_per_task, 2 workers; "
		    "85 % [8");
	assert_said("costs 13 % [13 %, 14 %] of the work");
}

/* Nothing in the run meets the need. */
static void test_nothing_meets(void **state)
{
	(void)state;
	keep(4, 1); /* threads */
	measure();
	assert_said("most work: threads, 2 workers; the only such model here; "
		    "980 [975, 985] tasks/s");
	assert_said("a crash stays alone: –\n");
	assert_said("a new worker for each task: –\n");
	assert_said("short waiting: –\n");
	assert_unsaid("ideal");
}

/* Another name does not change what a model is. */
static void test_alias(void **state)
{
	(void)state;
	add("scaling", 12000, 0);
	for (size_t i = 0; i < run.n; i++) {
		if (strcmp(run.slices[i].cell.model, "pool") == 0)
			strcpy(run.slices[i].cell.model, "mine");
		if (strcmp(run.slices[i].cell.model, "cluster") == 0)
			strcpy(run.slices[i].cell.model, "fork:x");
	}
	decide();
	assert_said("a crash stays alone: mine, 2 workers");
	assert_said("a new worker for each task: thread_per_task, 2 workers");
}

/* Each class is told by its own tasks; granularity comes first. */
static void test_classes(void **state)
{
	(void)state;
	add("scaling", 9, 0);
	recipe.task_ns = 5e4;
	set_speed("threads", 0.5);
	add("granularity", 2, 0);
	recipe.task_ns = 3e6;
	set_speed("threads", 0.75);
	add("granularity", 3, 0);
	decide();
	assert_int_equal(d.n, 2);
	assert_string_equal(d.rows[0].class_name, "10 to 100 µs");
	assert_string_equal(d.rows[1].class_name, "1 to 10 ms");
	assert_string_equal(d.rows[1].experiment, "granularity");
	assert_true(fabs(d.rows[1].task_ns - 3e6) < 1e5);
	for (size_t i = 0; i < d.n; i++)
		assert_string_equal(
			d.rows[i].choices[DECISION_MOST].best->spec.model,
			"pool");
}

/* Of two durations the one nearer the middle of the class speaks for it. */
static void test_middle_of_class(void **state)
{
	(void)state;
	recipe.task_ns = 9e6;
	add("granularity", 3, 0);
	recipe.task_ns = 2.5e6;
	add("granularity", 1, 0);
	recipe.task_ns = 1.1e6;
	add("granularity", 2, 0);
	decide();
	assert_int_equal(d.n, 1);
	assert_true(fabs(d.rows[0].task_ns - 2.5e6) < 1e5);
}

/* The efficiency of a point is that of the figure, block by block. */
static void test_efficiency_of_curve(void **state)
{
	(void)state;
	set_speed("pool", 0.5);
	add("granularity", 3, 0);
	/* A machine that slows down for all: the efficiency stays. */
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].tasks /= run.slices[i].block;
	decide();
	assert_true(s.cells[0].throughput_per_s.low * 2 <
		    s.cells[0].throughput_per_s.high);
	assert_said("most work: threads, 2 workers; 9");
	assert_true(d.rows[0].choices[DECISION_MOST].value.low > 0.9);
}

static void test_waiting(void **state)
{
	const struct decision_choice *c;

	(void)state;
	add("scaling", 9, 0);
	keep(1, 5); /* no serial */
	models[0].dispatch_ns = models[1].dispatch_ns = 5e6;
	models[2].dispatch_ns = models[4].dispatch_ns = 8e6;
	add("load", 9, 70);
	decide();
	assert_int_equal(d.n, 1);
	c = &d.rows[0].choices[DECISION_WAITING];
	assert_int_equal(c->n, 5);
	assert_int_equal(c->n_chosen, 1);
	assert_said("short waiting: threads, 2 workers; 99 % done within ");
	assert_said(" ms], at 70 % load");
}

static void test_waiting_unsure(void **state)
{
	(void)state;
	keep(1, 5);
	add("load", 9, 70);
	decide();
	assert_said("most work: –");
	assert_said("short waiting: one of ");
	assert_said("this run cannot tell which");
}

/* Of several loads the one to compare at; "own" is not the same for all. */
static void test_load_for_all(void **state)
{
	(void)state;
	keep(1, 5);
	add("load", 9, 30);
	add("load", 9, 70);
	add("load", 9, 90);
	add("load", 9, 71);
	for (size_t i = 0; i < run.n; i++) {
		if (run.slices[i].cell.load_percent == 71) {
			run.slices[i].cell.load_percent = 70;
			strcpy(run.slices[i].cell.load_of, "own");
		}
	}
	decide();
	assert_int_equal(d.rows[0].choices[DECISION_WAITING].n, 5);
	assert_int_equal(d.rows[0].load_percent, 70);
	for (size_t i = 0; i < d.rows[0].choices[DECISION_WAITING].n; i++)
		assert_int_equal(d.rows[0]
					 .choices[DECISION_WAITING]
					 .rivals[i]
					 .cell->spec.load_percent,
				 70);
}

/* A queue that grows without end has no p99, however short it looks. */
static void test_saturated(void **state)
{
	(void)state;
	keep(3, 2); /* pool and threads */
	add("load", 9, 70);
	for (size_t i = 0; i < run.n; i++) {
		if (strcmp(run.slices[i].cell.model, "pool") == 0)
			run.slices[i].offered *= 2;
	}
	decide();
	assert_said("short waiting: threads, 2 workers; the only such model");
	assert_unsaid("pool");
}

static void test_scope(void **state)
{
	static const char *const two[] = {"primes", "json"};

	(void)state;
	recipe.workloads = two;
	recipe.n_workloads = 2;
	measure();
	assert_int_equal(d.n, 2);
	assert_said("This holds for this machine with 2 processors, and for "
		    "these tasks, which compute (primes, json): a class is");
}

static void test_nothing_measured(void **state)
{
	(void)state;
	recipe.blocks = 0;
	measure();
	assert_int_equal(d.n, 0);
	assert_string_equal(said, "");
}

/* The same on a terminal, in lines that fit. */
static void test_plain_text(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	measure();
	answer_text(&s, out);
	fclose(out);
	assert_non_null(strstr(text, "\nTasks of 1 to 10 ms (primes, 2.0"));
	assert_non_null(strstr(text, "\n  most work: any of pool, threads, "));
	/* What has no data has no line. */
	assert_null(strstr(text, "short waiting"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(number_columns(line) <= 78);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_is_best),
		TEST(test_two_do_not_differ),
		TEST(test_cannot_tell),
		TEST(test_few_blocks),
		TEST(test_serial_is_best),
		TEST(test_isolation_has_a_price),
		TEST(test_isolation_is_cheap),
		TEST(test_isolation_is_best),
		TEST(test_price_unknown),
		TEST(test_new_workers),
		TEST(test_nothing_meets),
		TEST(test_alias),
		TEST(test_classes),
		TEST(test_middle_of_class),
		TEST(test_efficiency_of_curve),
		TEST(test_waiting),
		TEST(test_waiting_unsure),
		TEST(test_load_for_all),
		TEST(test_saturated),
		TEST(test_scope),
		TEST(test_nothing_measured),
		TEST(test_plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
