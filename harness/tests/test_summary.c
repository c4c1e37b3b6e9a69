#include "harness/summary.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/tests/fake_summary.h"
#include "harness/tests/readme.h"

static void assert_near(double is, double wanted)
{
	if (isnan(is) || fabs(is - wanted) > 1e-9 * fabs(wanted))
		fail_msg("%.12g is not %.12g", is, wanted);
}

/* One measured slice as the tests below want it. */
struct recipe {
	const char *model;
	uint32_t workers, block, index;
	uint64_t tasks; /* in a window of 1 s: tasks per second */
};

static struct slice_result *add(struct run_results *run, struct recipe how)
{
	struct slice_result s = {
		.cell = {.experiment = "scaling",
			 .workload = "primes",
			 .size = 10,
			 .workers = how.workers,
			 .depth = 1,
			 .pin = "none"},
		.cell_index = how.index,
		.block = how.block,
		.window_ns = NS_PER_S,
		.tasks = how.tasks,
		.submitted = how.tasks,
		.user_ns = NS_PER_S / 2,
		.generator_cpu = 3,
		.reference_digest = 7,
	};

	strcpy(s.cell.model, how.model);
	s.ended[TASK_OK] = how.tasks;
	s.latency = calloc(1, sizeof(*s.latency));
	assert_non_null(s.latency);
	for (uint64_t i = 0; i < how.tasks; i++)
		histogram_add(s.latency, 100);
	s.phase_sum_ns[PHASE_COMPUTE] = 60 * how.tasks;
	s.phase_sum_ns[PHASE_RETURN] = 40 * how.tasks;
	assert_int_equal(results_add(run, &s), 0);
	return &run->slices[run->n - 1];
}

static struct run_results new_run(void)
{
	return (struct run_results){
		.info = {.reference = "threads",
			 .baseline = "serial",
			 .processors = 2,
			 .complete = true},
	};
}

static struct summary summarise(const struct run_results *run)
{
	struct summary s;

	assert_int_equal(summary_make(run, &s), 0);
	return s;
}

static const struct cell_summary *cell(const struct summary *s,
				       const char *model, uint32_t workers)
{
	const struct cell_summary *c =
		summary_find(s, "scaling", model, "primes", workers);

	assert_non_null(c);
	return c;
}

/* The drift doubles every value, the ratio in each block stays the same. */
static void ratios_are_paired_by_block(void **state)
{
	struct run_results run = new_run();
	struct summary s;
	const struct cell_summary *c;

	(void)state;
	for (uint32_t b = 1; b <= 7; b++) {
		add(&run, (struct recipe){"pool", 1, b, 0, 80u << b});
		add(&run, (struct recipe){"threads", 1, b, 1, 100u << b});
	}
	s = summarise(&run);
	c = cell(&s, "pool", 1);
	assert_near(c->throughput_per_s.median, 80 * 16);
	assert_near(c->throughput_per_s.low, 80 * 2);
	assert_near(c->throughput_per_s.high, 80 * 128);
	assert_near(c->ratio.median, 0.8);
	assert_near(c->ratio.low, 0.8);
	assert_near(c->ratio.high, 0.8);
	assert_int_equal(c->verdict, VERDICT_SLOWER);
	assert_false(c->is_reference);
	assert_true(cell(&s, "threads", 1)->is_reference);
	assert_true(isnan(cell(&s, "threads", 1)->ratio.median));
	fake_summary_done(&run, &s);
}

/* Without pairs, 800 of blocks 1 to 6 would meet 100 and 200. */
static void blocks_that_one_of_them_misses_are_left_out(void **state)
{
	struct run_results run = new_run();
	struct summary s;
	const struct cell_summary *c;

	(void)state;
	for (uint32_t b = 1; b <= 13; b++) {
		if (b != 3 && b != 4)
			add(&run, (struct recipe){"threads", 1, b, 0, 10 * b});
		if (b <= 6 || b == 9)
			add(&run, (struct recipe){"pool", 1, b, 1, 20 * b});
	}
	/* Measured, but it failed: as good as missing. */
	add(&run, (struct recipe){"pool", 1, 10, 1, 9999})->status =
		SLICE_BROKEN;
	s = summarise(&run);
	c = cell(&s, "pool", 1);
	assert_near(c->ratio.median, 2);
	/* Blocks 1, 2, 5, 6 and 9 are 5: no interval, no verdict. */
	assert_true(isnan(c->ratio.low) && isnan(c->ratio.high));
	assert_int_equal(c->verdict, VERDICT_CANNOT_TELL);
	assert_int_equal(c->n_measured, 7);
	assert_int_equal(c->n_slices, 8);
	fake_summary_done(&run, &s);
}

static void efficiency_is_a_share_of_the_baseline(void **state)
{
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	for (uint32_t b = 1; b <= 3; b++) {
		add(&run, (struct recipe){"serial", 1, b, 0, 100});
		add(&run, (struct recipe){"pool", 1, b, 1, 90});
		add(&run, (struct recipe){"pool", 2, b, 2, 150});
		add(&run, (struct recipe){"pool", 4, b, 3, 180});
	}
	s = summarise(&run);
	assert_near(cell(&s, "serial", 1)->efficiency, 1);
	assert_near(cell(&s, "pool", 1)->efficiency, 0.9);
	assert_near(cell(&s, "pool", 2)->efficiency, 0.75);
	/* Two processors do not become four by four workers. */
	assert_near(cell(&s, "pool", 4)->efficiency, 0.9);
	assert_near(cell(&s, "pool", 4)->ideal_per_s, 200);
	summary_done(&s);

	/* A quota of less than one processor. */
	run.info.processors = 0.5;
	s = summarise(&run);
	assert_near(cell(&s, "pool", 1)->efficiency, 1.8);
	summary_done(&s);

	/* Other sizes cannot be compared. */
	run.info.processors = 2;
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].cell.size +=
			strcmp(run.slices[i].cell.model, "serial") == 0;
	s = summarise(&run);
	assert_true(isnan(cell(&s, "pool", 1)->efficiency));
	summary_done(&s);

	run.info.baseline[0] = '\0';
	s = summarise(&run);
	assert_true(isnan(cell(&s, "serial", 1)->efficiency));
	assert_true(isnan(cell(&s, "pool", 4)->ideal_per_s));
	fake_summary_done(&run, &s);
}

/* With two sizes each has its own ideal; an open loop has none. */
static void every_size_has_its_own_baseline(void **state)
{
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	for (uint32_t b = 1; b <= 3; b++) {
		add(&run, (struct recipe){"serial", 1, b, 0, 100});
		add(&run, (struct recipe){"pool", 2, b, 1, 150});
		add(&run, (struct recipe){"serial", 1, b, 2, 10})->cell.size =
			100;
		add(&run, (struct recipe){"pool", 2, b, 3, 18})->cell.size =
			100;
		add(&run, (struct recipe){"pool", 2, b, 4, 18})
			->cell.interval_ns = 5;
	}
	s = summarise(&run);
	assert_int_equal(s.n, 5);
	assert_near(s.cells[1].efficiency, 0.75);
	assert_near(s.cells[3].efficiency, 0.9);
	assert_true(isnan(s.cells[4].efficiency));
	fake_summary_done(&run, &s);
}

static void without_reference_there_is_no_ratio(void **state)
{
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	/* It is there, but with other workers: that is another cell. */
	for (uint32_t b = 1; b <= 8; b++) {
		add(&run, (struct recipe){"pool", 1, b, 0, 100});
		add(&run, (struct recipe){"threads", 2, b, 1, 100});
	}
	s = summarise(&run);
	assert_true(isnan(cell(&s, "pool", 1)->ratio.median));
	assert_int_equal(cell(&s, "pool", 1)->verdict, VERDICT_CANNOT_TELL);
	fake_summary_done(&run, &s);
}

static void failed_slices_count_but_do_not_measure(void **state)
{
	struct run_results run = new_run();
	struct slice_result *bad;
	struct summary s;
	const struct cell_summary *c;

	(void)state;
	add(&run, (struct recipe){"pool", 1, 1, 0, 100});
	bad = add(&run, (struct recipe){"pool", 1, 2, 0, 50});
	bad->status = SLICE_BROKEN;
	bad->status_value = 32;
	bad->submitted = 53;
	bad->ended[TASK_SIGNAL] = 2;
	bad->ended[TASK_TIMEOUT] = 1;
	bad = add(&run, (struct recipe){"pool", 1, 3, 0, 0});
	bad->status = SLICE_CRASHED;
	bad->status_value = SIGSEGV;
	s = summarise(&run);
	c = cell(&s, "pool", 1);
	assert_int_equal(c->n_slices, 3);
	assert_int_equal(c->n_measured, 1);
	assert_string_equal(c->trouble, "broken:EPIPE");
	assert_int_equal(c->submitted, 153);
	assert_int_equal(c->ok, 150);
	assert_int_equal(c->failed, 3);
	assert_int_equal(c->ended[TASK_SIGNAL], 2);
	assert_int_equal(c->tasks, 100);
	assert_near(c->throughput_per_s.median, 100);
	assert_true(isnan(c->throughput_per_s.low));
	/* Cost and tasks of the broken one, or neither: 1 s for 150 tasks. */
	assert_near(c->user_ns, 1e9 / 150);
	assert_int_equal(s.n_bad_slices, 2);
	assert_int_equal(s.submitted, 153);
	assert_int_equal(s.ok, 150);
	assert_int_equal(s.failed, 3);
	fake_summary_done(&run, &s);
}

static void nothing_measured_is_no_number(void **state)
{
	struct run_results run = new_run();
	struct slice_result *bad =
		add(&run, (struct recipe){"pool", 1, 1, 0, 0});
	struct summary s;
	const struct cell_summary *c;

	(void)state;
	slice_result_done(bad);
	bad->status = SLICE_LATE;
	s = summarise(&run);
	c = cell(&s, "pool", 1);
	assert_true(isnan(c->throughput_per_s.median));
	assert_true(isnan(c->tasks_per_cpu_s));
	assert_true(isnan(c->latency_mean_ns));
	assert_true(isnan(c->phase_ns[PHASE_COMPUTE]));
	assert_true(isnan(c->user_ns));
	assert_int_equal(c->percentiles.max_ns, 0);
	fake_summary_done(&run, &s);
}

static void wrong_results_are_told(void **state)
{
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		add(&run, (struct recipe){"pool", 1, i + 1, 0, 10});
	s = summarise(&run);
	assert_true(s.digests_equal);
	summary_done(&s);

	run.slices[1].reference_digest = 8;
	s = summarise(&run);
	assert_false(s.digests_equal);
	summary_done(&s);

	/* That of another size is another. */
	run.slices[1].cell.size = 11;
	s = summarise(&run);
	assert_true(s.digests_equal);
	summary_done(&s);

	/* In a slice that broke later, too. */
	run.slices[2].wrong_digests = 1;
	run.slices[2].status = SLICE_BROKEN;
	s = summarise(&run);
	assert_false(s.digests_equal);
	assert_int_equal(s.wrong_digests, 1);
	summary_done(&s);

	/* One that did not come that far has none. */
	run.slices[2].wrong_digests = 0;
	run.slices[2].reference_digest = 0;
	s = summarise(&run);
	assert_true(s.digests_equal);
	fake_summary_done(&run, &s);
}

/* The slowest of all blocks together; a mean of nine would be none. */
static void slowest_tasks(void **state)
{
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	for (uint32_t b = 1; b <= 3; b++) {
		struct slice_result *slice =
			add(&run, (struct recipe){"pool", 2, b, 0, 400});

		slice->slow_tasks = b == 3 ? 2 : 4;
		slice->slow_phase_sum_ns[PHASE_QUEUE] = 1000;
		slice->slow_phase_sum_ns[PHASE_COMPUTE] = 300;
		slice->slow_phase_sum_ns[PHASE_RETURN] = 200;
	}
	s = summarise(&run);
	assert_int_equal(s.cells[0].slow_tasks, 10);
	assert_near(s.cells[0].slow_phase_ns[PHASE_QUEUE], 300);
	assert_near(s.cells[0].slow_phase_ns[PHASE_COMPUTE], 90);
	assert_near(cell_slow_own_ns(&s.cells[0]), 150);
	s.cells[0].slow_tasks = 9;
	assert_true(isnan(cell_slow_own_ns(&s.cells[0])));
	summary_done(&s);
	results_done(&run);
}

static void phases_add_up_to_the_latency(void **state)
{
	struct run_results run;
	struct summary s;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	for (size_t i = 0; i < s.n; i++) {
		double sum = 0;

		for (int p = 0; p < PHASES; p++)
			sum += s.cells[i].phase_ns[p];
		assert_near(sum, s.cells[i].latency_mean_ns);
		assert_true(sum > 0.9e6);
	}
	fake_summary_done(&run, &s);
}

static void percentiles_need_tasks_beyond_them(void **state)
{
	static const struct {
		uint64_t tasks;
		int known; /* of p50, p90, p99, p999 */
	} rows[] = {{19, 0},  {20, 1},   {99, 1},   {100, 2},
		    {999, 2}, {1000, 3}, {9999, 3}, {10000, 4}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_results run = new_run();
		struct summary s;
		const struct latency_summary *l;

		/* Of all blocks together. */
		add(&run, (struct recipe){"pool", 1, 1, 0, rows[i].tasks - 9});
		add(&run, (struct recipe){"pool", 1, 2, 0, 9});
		s = summarise(&run);
		l = &s.cells[0].percentiles;
		assert_int_equal(l->p50_ns, rows[i].known >= 1 ? 100 : 0);
		assert_int_equal(l->p90_ns, rows[i].known >= 2 ? 100 : 0);
		assert_int_equal(l->p99_ns, rows[i].known >= 3 ? 100 : 0);
		assert_int_equal(l->p999_ns, rows[i].known >= 4 ? 100 : 0);
		assert_int_equal(l->max_ns, 100);
		fake_summary_done(&run, &s);
	}
}

/* Slices come in random order, cells in that of the plan. */
static void cells_keep_the_order_of_the_plan(void **state)
{
	static const uint32_t order[] = {3, 0, 4, 1, 2};
	struct run_results run = new_run();
	struct summary s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		add(&run,
		    (struct recipe){"pool", 1 + order[i], 1, order[i], 10});
	s = summarise(&run);
	assert_int_equal(s.n, ARRAY_LEN(order));
	for (uint32_t i = 0; i < s.n; i++)
		assert_int_equal(s.cells[i].spec.workers, 1 + i);
	assert_null(summary_find(&s, "scaling", "pool", "primes", 6));
	assert_null(summary_find(&s, "scaling", "fork", "primes", 1));
	assert_null(summary_find(&s, "other", "pool", "primes", 1));
	fake_summary_done(&run, &s);
}

static void an_empty_run_has_no_cells(void **state)
{
	struct run_results run = new_run();
	struct summary s = summarise(&run);

	(void)state;
	assert_int_equal(s.n, 0);
	fake_summary_done(&run, &s);
}

/* Read the table line by line: none may be wider than a terminal. */
static char *table_of(const struct summary *s)
{
	char *text = NULL, *line;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	summary_table(s, out);
	assert_int_equal(fclose(out), 0);
	for (line = text; *line; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") > 80)
			fail_msg("too wide: %.*s", (int)strcspn(line, "\n"),
				 line);
		assert_true(strcspn(line, "\n") == 0 ||
			    line[strcspn(line, "\n") - 1] != '\t');
	}
	return text;
}

static void the_table_has_every_cell(void **state)
{
	struct run_results run;
	struct summary s;
	char *text;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	text = table_of(&s);
	/* Three workloads, and two models a line has no room to confuse. */
	assert_int_equal(fake_summary_count(text, "scaling, "), 3);
	assert_int_equal(fake_summary_count(text, "  thread_per_task "), 9);
	assert_int_equal(fake_summary_count(text, " reference"), 9);
	free(text);
	fake_summary_done(&run, &s);
}

/* The cells of one workload, each in circumstances of its own. */
static void circumstances_have_tables_of_their_own(void **state)
{
	struct run_results run = new_run();
	struct summary s;
	char *text;

	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		add(&run, (struct recipe){"pool", 2, 1, i, 100});
	for (uint32_t i = 0; i < 6; i++)
		add(&run, (struct recipe){"fork", 2, 1, i + 6, 100});
	for (size_t i = 0; i < run.n; i += 6) {
		run.slices[i + 1].cell.size = 77;
		run.slices[i + 2].cell.load_percent = 90;
		strcpy(run.slices[i + 2].cell.load_of, "slowest");
		run.slices[i + 3].cell.load_percent = 50;
		strcpy(run.slices[i + 3].cell.load_of, "own");
		run.slices[i + 4].cell.ballast_bytes = 64 << 20;
		run.slices[i + 5].cell.ballast_bytes = 64 << 20;
		run.slices[i + 5].cell.ballast_huge = 1;
	}
	s = summarise(&run);
	text = table_of(&s);
	assert_int_equal(fake_summary_count(text, "scaling, primes"), 6);
	assert_int_equal(fake_summary_count(text, "(size 77)\n  model"), 1);
	assert_int_equal(fake_summary_count(
				 text, "90 % of the slowest model's capacity"),
			 1);
	assert_int_equal(fake_summary_count(text, "50 % of its own capacity"),
			 1);
	assert_int_equal(fake_summary_count(text, "64 MiB of memory in small"),
			 1);
	assert_int_equal(fake_summary_count(text, "64 MiB of memory in huge"),
			 1);
	assert_int_equal(fake_summary_count(text, "pin"), 0);
	free(text);
	/* Only where there are several is the policy worth a word. */
	strcpy(s.cells[0].spec.pin, "scatter");
	text = table_of(&s);
	assert_int_equal(fake_summary_count(text, "scaling, primes"), 7);
	assert_int_equal(fake_summary_count(text, "  pin scatter\n"), 1);
	free(text);
	fake_summary_done(&run, &s);
}

/* The widest of everything. */
static void the_table_fits_a_terminal(void **state)
{
	const double rates[] = {1.567e-9, 0.001234, 99.96,    9999999.4,
				1.2e7,    9.999e9,  1.234e13, NAN};
	const double ratios[] = {1.234e-5, 1, 0.8888888, 1.234e6, NAN};
	struct run_results run;
	struct summary s;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	for (size_t i = 0; i < s.n; i++) {
		struct cell_summary *c = &s.cells[i];
		double rate = rates[i % ARRAY_LEN(rates)];

		c->throughput_per_s = (struct estimate){rate, rate, rate};
		c->ratio.median = ratios[i % ARRAY_LEN(ratios)];
		c->is_reference = false;
		c->verdict = VERDICT_NO_DIFFERENCE;
		c->efficiency = i % 3 ? 99.99 : NAN;
		c->spec.workers = 1024;
		c->spec.size = UINT64_MAX;
		strcpy(c->trouble, i % 2 ? "" : "open:EAFNOSUPPORT");
		memset(c->spec.experiment, 'e', 31);
		memset(c->spec.workload, 'w', 31);
		memset(c->spec.pin, 'p', 127 - i);
		c->spec.ballast_bytes = UINT64_MAX;
		c->spec.load_percent = UINT32_MAX;
		strcpy(c->spec.load_of, "slowest");
		if (i % 2)
			memset(c->spec.model, 'm', 31);
	}
	free(table_of(&s));
	fake_summary_done(&run, &s);
}

static void the_table_tells_of_trouble(void **state)
{
	struct run_results run = new_run();
	struct summary s;
	char *text;

	(void)state;
	for (uint32_t b = 1; b <= 12; b++)
		add(&run, (struct recipe){"pool", 1, b, 0, 1000});
	run.slices[4].status = run.slices[7].status = SLICE_CRASHED;
	run.slices[4].status_value = run.slices[7].status_value = SIGSEGV;
	s = summarise(&run);
	text = table_of(&s);
	assert_non_null(strstr(text, "crashed:SEGV in 2 of 12 slices\n"));
	free(text);
	fake_summary_done(&run, &s);
}

/* Every key below @value, as a path: "cells[].ratio.low". */
static void list_paths(json_t *value, const char *path, struct readme *ret)
{
	char below[64];
	const char *key;
	json_t *part;

	if (path[0] && readme_count(ret, path) == 0) {
		assert_true(ret->n < ARRAY_LEN(ret->keys));
		strcpy(ret->keys[ret->n++], path);
	}
	if (json_is_array(value)) {
		snprintf(below, sizeof(below), "%s[]", path);
		for (size_t i = 0; i < json_array_size(value); i++) {
			json_object_foreach(json_array_get(value, i), key, part)
			{
				char name[64];

				assert_true(snprintf(name, sizeof(name),
						     "%.30s.%.30s", below,
						     key) < 63);
				list_paths(part, name, ret);
			}
		}
		return;
	}
	json_object_foreach(value, key, part)
	{
		assert_true(snprintf(below, sizeof(below), "%.40s%s%.20s", path,
				     path[0] ? "." : "", key) < 63);
		list_paths(part, below, ret);
	}
}

static json_t *json_of(const struct summary *s)
{
	json_t *json = summary_json(s, "results/x");
	char *text = json_dumps(json, 0);
	json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(again);
	free(text);
	json_decref(json);
	return again;
}

static void readme_explains_every_key(void **state)
{
	struct readme written = {.n = 0}, explained;
	struct run_results run;
	struct summary s;
	json_t *json;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	/* Only open loops have this one; see test_summary_open.c. */
	s.cells[0].latency_ratio = (struct estimate){1, 1, 1};
	json = json_of(&s);
	list_paths(json, "", &written);
	readme_read("## The summary object", &explained);
	for (size_t i = 0; i < explained.n; i++) {
		const char *key = explained.keys[i];
		bool verdict = !strcmp(key, "faster") ||
			       !strcmp(key, "slower") ||
			       !strcmp(key, "no difference") ||
			       !strcmp(key, "cannot tell");

		if (!verdict && readme_count(&written, key) != 1 &&
		    strcmp(key, "tasks") != 0)
			fail_msg("%s: explained, but there is none", key);
	}
	for (size_t i = 0; i < written.n; i++) {
		const char *key = written.keys[i];
		bool parent = !strcmp(key, "tasks") ||
			      !strcmp(key, "cells[].throughput_per_s") ||
			      !strcmp(key, "cells[].latency_ns") ||
			      !strcmp(key, "cells[].phase_ns") ||
			      !strcmp(key, "cells[].spread") ||
			      !strcmp(key, "cells[].counts");

		if (!parent && readme_count(&explained, key) != 1)
			fail_msg("%s: not explained once", key);
	}
	for (int v = 0; v <= VERDICT_NO_DIFFERENCE; v++)
		assert_int_equal(
			readme_count(&explained, verdict_name((enum verdict)v)),
			1);
	json_decref(json);
	fake_summary_done(&run, &s);
}

/* The value at @path of cell @i, "ratio.median". */
static json_t *at(json_t *json, size_t i, const char *path)
{
	json_t *value = json_array_get(json_object_get(json, "cells"), i);
	char copy[64], *rest = copy, *key;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((key = strsep(&rest, ".")))
		value = json_object_get(value, key);
	if (!value)
		fail_msg("no %s", path);
	return value;
}

static void assert_at(json_t *json, size_t i, const char *path,
		      const char *wanted)
{
	char *text = json_dumps(at(json, i, path), JSON_ENCODE_ANY);

	assert_string_equal(text, wanted);
	free(text);
}

static void json_says_what_the_summary_says(void **state)
{
	struct run_results run = new_run();
	struct summary s;
	json_t *json, *o;

	(void)state;
	run.info.seed = 42;
	run.info.blocks_done = 12;
	for (uint32_t b = 1; b <= 12; b++) {
		add(&run, (struct recipe){"serial", 1, b, 0, 100});
		add(&run, (struct recipe){"threads", 1, b, 1, 100});
		add(&run, (struct recipe){"pool:shm", 1, b, 2, 150});
	}
	run.slices[2].ended[TASK_EXIT] = 1;
	run.slices[2].submitted++;
	s = summarise(&run);
	json = json_of(&s);
	o = json_pack("{s:s, s:s, s:b, s:i, s:i, s:{s:i, s:i, s:i}, s:s, s:i,"
		      " s:O, s:[]}",
		      "schema", "manyhands-summary/1", "run", "results/x",
		      "complete", 1, "seed", 42, "blocks", 12, "tasks",
		      "submitted", 12 * 350 + 1, "ok", 12 * 350, "failed", 1,
		      "digests", "equal", "bad_slices", 0, "cells",
		      json_object_get(json, "cells"), "faults");
	assert_true(json_equal(json, o));
	json_decref(o);
	assert_at(json, 0, "variant", "null");
	assert_at(json, 1, "ratio",
		  "{\"reference\": \"threads\", \"median\": 1.0, \"low\": 1.0, "
		  "\"high\": 1.0, \"verdict\": null}");
	assert_at(json, 2, "model", "\"pool\"");
	assert_at(json, 2, "variant", "\"shm\"");
	assert_at(json, 2, "workload", "\"primes\"");
	assert_at(json, 2, "size", "10");
	assert_at(json, 2, "workers", "1");
	assert_at(json, 2, "depth", "1");
	assert_at(json, 2, "pin", "\"none\"");
	assert_at(json, 2, "offered_per_s", "null");
	assert_at(json, 2, "throughput_per_s",
		  "{\"median\": 150.0, \"low\": 150.0, \"high\": 150.0}");
	assert_at(json, 2, "tasks_per_cpu_s", "300.0");
	assert_at(json, 2, "efficiency", "1.5");
	assert_at(json, 2, "ratio.verdict", "\"faster\"");
	assert_near(json_real_value(at(json, 2, "ratio.low")), 1.5);
	assert_at(json, 2, "latency_ns",
		  "{\"p50\": 100, \"p90\": 100, \"p99\": 100, \"p999\": null, "
		  "\"max\": 100}");
	assert_at(json, 2, "phase_ns",
		  "{\"queue\": 0.0, \"create\": 0.0, \"dispatch\": 0.0, "
		  "\"compute\": 60.0, \"return\": 40.0}");
	assert_at(json, 2, "tasks", "1800");
	assert_at(json, 2, "failed", "1");
	assert_at(json, 2, "blocks", "12");
	assert_at(json, 2, "digests", "\"equal\"");
	assert_at(json, 2, "status", "\"ok\"");
	json_decref(json);
	fake_summary_done(&run, &s);
}

static void json_is_null_where_nothing_is_known(void **state)
{
	struct run_results run = new_run();
	struct slice_result *bad;
	struct summary s;
	json_t *json;

	(void)state;
	run.info.complete = false;
	bad = add(&run, (struct recipe){"pool", 1, 1, 0, 0});
	bad->status = SLICE_EXITED;
	bad->status_value = 3;
	add(&run, (struct recipe){"fork", 1, 1, 1, 5})->wrong_digests = 2;
	s = summarise(&run);
	json = json_of(&s);
	assert_true(json_is_false(json_object_get(json, "complete")));
	assert_string_equal(json_string_value(json_object_get(json, "digests")),
			    "different");
	assert_at(json, 0, "throughput_per_s",
		  "{\"median\": null, \"low\": null, \"high\": null}");
	assert_at(json, 0, "tasks_per_cpu_s", "null");
	assert_at(json, 0, "efficiency", "null");
	assert_at(json, 0, "ratio", "null");
	assert_at(json, 0, "latency_ns",
		  "{\"p50\": null, \"p90\": null, \"p99\": null, \"p999\": "
		  "null, \"max\": null}");
	assert_at(json, 0, "phase_ns.compute", "null");
	assert_at(json, 0, "blocks", "0");
	assert_at(json, 0, "digests", "\"none\"");
	assert_at(json, 0, "status", "\"exited:3\"");
	assert_at(json, 1, "throughput_per_s",
		  "{\"median\": 5.0, \"low\": null, \"high\": null}");
	assert_at(json, 1, "digests", "\"different\"");
	json_decref(json);
	fake_summary_done(&run, &s);
}

/* The folder may have a name that is no UTF-8. */
static void json_of_any_folder(void **state)
{
	struct run_results run = new_run();
	struct summary s = summarise(&run);
	json_t *json = summary_json(&s, "/tmp/caf\xe9");

	(void)state;
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "run")),
			    "/tmp/caf?");
	json_decref(json);
	fake_summary_done(&run, &s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratios_are_paired_by_block),
		cmocka_unit_test(blocks_that_one_of_them_misses_are_left_out),
		cmocka_unit_test(efficiency_is_a_share_of_the_baseline),
		cmocka_unit_test(every_size_has_its_own_baseline),
		cmocka_unit_test(without_reference_there_is_no_ratio),
		cmocka_unit_test(failed_slices_count_but_do_not_measure),
		cmocka_unit_test(nothing_measured_is_no_number),
		cmocka_unit_test(wrong_results_are_told),
		cmocka_unit_test(slowest_tasks),
		cmocka_unit_test(phases_add_up_to_the_latency),
		cmocka_unit_test(percentiles_need_tasks_beyond_them),
		cmocka_unit_test(cells_keep_the_order_of_the_plan),
		cmocka_unit_test(an_empty_run_has_no_cells),
		cmocka_unit_test(the_table_has_every_cell),
		cmocka_unit_test(circumstances_have_tables_of_their_own),
		cmocka_unit_test(the_table_fits_a_terminal),
		cmocka_unit_test(the_table_tells_of_trouble),
		cmocka_unit_test(readme_explains_every_key),
		cmocka_unit_test(json_says_what_the_summary_says),
		cmocka_unit_test(json_is_null_where_nothing_is_known),
		cmocka_unit_test(json_of_any_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
