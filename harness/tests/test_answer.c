/*
 * Every sentence: data that make it be said, and data that must not.
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
#include "harness/number.h"
#include "harness/tests/fake_summary.h"

static const char *const one_workload[] = {"primes"};

/* A run that the tests bend, and what was said of it. */
static struct fake_model models[8];
static struct fake_recipe recipe;
static struct run_results run;
static struct summary s;
static char *said;

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	recipe.models = models;
	recipe.workloads = one_workload;
	recipe.n_workloads = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
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

/* All models but serial at @speed. */
static void set_all(double speed)
{
	for (size_t i = 1; i < recipe.n_models; i++)
		models[i].speed = speed;
}

static void keep(size_t from, size_t n)
{
	memmove(models, &models[from], n * sizeof(*models));
	recipe.n_models = n;
}

static void speak(void)
{
	struct answer a;
	size_t size;
	FILE *out;

	free(said);
	out = open_memstream(&said, &size);
	assert_int_equal(answer_make(&s, &a), 0);
	for (size_t i = 0; i < a.n; i++)
		fprintf(out, "[%s] %s\n", a.items[i].head, a.items[i].text);
	fclose(out);
	answer_done(&a);
}

static void measure(void)
{
	fake_summary_make(&recipe, &run, &s);
	speak();
}

static void test_run(void **state)
{
	(void)state;
	measure();
	assert_said("on lab7, with 2 processors to use, in 12 blocks.");
	assert_said("In brackets: 95 % intervals; those of ratios hold for "
		    "all models side by side at once.");
	assert_unsaid("too few");
}

static void test_run_few_blocks(void **state)
{
	(void)state;
	recipe.blocks = 5;
	measure();
	assert_said("in 5 blocks. That is too few for intervals");
	assert_unsaid("In brackets");
	assert_unsaid("is fastest");
	assert_said("cannot tell");
}

static void test_head(void **state)
{
	(void)state;
	measure();
	assert_said("[primes, 1.0");
	assert_said(" ms a task]");
}

static void test_fastest_alone(void **state)
{
	(void)state;
	set_speed("pool", 0.90);
	measure();
	assert_said("With 2 workers, threads is fastest: 1\u202f960 tasks/s [");
	assert_unsaid("no difference that matters to pool");
}

static void test_fastest_tied(void **state)
{
	(void)state;
	measure();
	assert_said("threads is fastest with 1\u202f960 tasks/s");
	assert_said("no difference that matters to pool.");
	assert_unsaid("is fastest: ");
}

static void test_fastest_unsure(void **state)
{
	(void)state;
	recipe.noise = 0.3;
	set_all(0.9);
	measure();
	assert_said("has the highest median, ");
	assert_said("but this run cannot tell it from ");
	assert_unsaid("is fastest");
}

static void test_fastest_of_one(void **state)
{
	(void)state;
	keep(4, 1);
	measure();
	assert_said("With 2 workers, threads does 1\u202f960 tasks/s");
	assert_unsaid("fastest");
}

static void test_serial_beaten(void **state)
{
	(void)state;
	measure();
	assert_said("That is 1.96× [1.9");
	assert_said("] of serial.");
	assert_unsaid("beats serial");
}

static void test_serial_wins(void **state)
{
	(void)state;
	set_all(0.3);
	measure();
	assert_said("No model beats serial here: ");
	assert_said(" does 0.60× [");
	assert_unsaid("That is");
}

static void test_serial_equal(void **state)
{
	(void)state;
	set_all(0.5);
	measure();
	assert_said("It gains nothing that matters over serial: 1.00×");
}

static void test_serial_unsure(void **state)
{
	(void)state;
	recipe.noise = 0.4;
	set_all(0.5);
	measure();
	assert_said("Whether it beats serial, this run cannot tell: ");
}

static void test_serial_absent(void **state)
{
	(void)state;
	keep(1, 5);
	measure();
	assert_unsaid("serial");
	assert_said("threads is fastest");
}

static void test_isolation_costs(void **state)
{
	(void)state;
	set_speed("pool", 0.88);
	set_speed("cluster", 0.60);
	measure();
	assert_said("Isolation costs 10 %: pool, whose workers are processes, "
		    "does 0.90× [");
}

static void test_isolation_costs_nothing(void **state)
{
	(void)state;
	measure();
	assert_said("Isolation costs nothing that matters: pool");
}

static void test_isolation_gains(void **state)
{
	(void)state;
	set_speed("pool", 1.2);
	measure();
	assert_said("Isolation costs nothing here: pool, whose workers are "
		    "processes, does 1.22×");
}

static void test_isolation_unsure(void **state)
{
	(void)state;
	recipe.noise = 0.3;
	set_all(0.9);
	measure();
	assert_said("What isolation costs, this run cannot tell: ");
}

static void test_isolation_needs_both(void **state)
{
	(void)state;
	keep(4, 1);
	measure();
	assert_unsaid("solation");
}

static void test_slowest(void **state)
{
	(void)state;
	measure();
	assert_said("Slowest is fork: 0.56× [");
	assert_said("] of threads.");
}

static void test_slowest_not_alone(void **state)
{
	(void)state;
	set_speed("thread_per_task", 0.55);
	measure();
	assert_unsaid("Slowest");
}

static void test_slowest_needs_three(void **state)
{
	(void)state;
	set_speed("pool", 0.5);
	keep(3, 2);
	measure();
	assert_said("threads is fastest: ");
	assert_unsaid("Slowest");
}

static void test_workers(void **state)
{
	(void)state;
	measure();
	assert_said("With threads, 2 workers do more than 1: ");
	assert_said("; 4 workers make no difference that matters to 2: ");
}

static void test_workers_one_processor(void **state)
{
	(void)state;
	recipe.processors = 1;
	measure();
	assert_said("With 1 worker, ");
	assert_said("With threads, 2 workers make no difference that matters "
		    "to 1: ");
}

static void test_workers_one_count(void **state)
{
	static const uint32_t two[] = {2};

	(void)state;
	recipe.workers = two;
	recipe.n_workers = 1;
	measure();
	assert_said("With 2 workers, threads");
	assert_unsaid("With threads, ");
}

static void test_nothing_measured(void **state)
{
	(void)state;
	measure();
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].throughput_per_s = (struct estimate){NAN, NAN, NAN};
	speak();
	assert_said("Measured on lab7");
	assert_unsaid("primes");
	assert_unsaid("nan");
}

/* Is there a note of @level that contains @text? */
static int noted(enum note_level level, const char *text)
{
	struct notes notes;

	notes_make(&s, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		if (notes.items[i].level == level &&
		    strstr(notes.items[i].text, text))
			return 1;
	}
	return 0;
}

static void test_notes_good(void **state)
{
	(void)state;
	measure();
	assert_true(noted(NOTE_GOOD, "All 12 planned blocks"));
	assert_true(noted(NOTE_GOOD, "tasks ended ok"));
	assert_false(noted(NOTE_GOOD, "without faults"));
	snprintf(s.cells[3].spec.fault, sizeof(s.cells[3].spec.fault), "kill");
	assert_true(noted(NOTE_GOOD, "tasks of cells without faults ended ok"));
	s.cells[3].spec.fault[0] = '\0';
	assert_true(noted(NOTE_GOOD, "Every result is the same"));
	assert_true(noted(NOTE_GOOD, "Pinning held"));
	assert_true(noted(NOTE_INFO, "In 10 of 16 cells the load generator "
				     "shared"));
	assert_true(noted(NOTE_INFO, "virtual machine (kvm)"));
	assert_false(noted(NOTE_WARN, ""));
	assert_false(noted(NOTE_BAD, ""));
}

static void test_note_blocks(void **state)
{
	(void)state;
	measure();
	run.info.complete = false;
	run.info.blocks_done = 7;
	strcpy(run.info.stopped, "interrupted");
	assert_true(noted(NOTE_WARN, "ended early (interrupted): 7 of 12"));
	assert_false(noted(NOTE_GOOD, "blocks"));
	run.info.complete = true;
	run.info.blocks_done = run.info.blocks_planned = 1;
	assert_true(noted(NOTE_GOOD, "The one planned block was measured."));
	run.info.blocks_done = 7;
	run.info.blocks_planned = 12;
	strcpy(run.info.stopped, "budget");
	assert_true(noted(NOTE_INFO, "used up after 7 of 12 blocks"));
	assert_false(noted(NOTE_GOOD, "blocks"));
	assert_false(noted(NOTE_WARN, ""));
}

static void test_note_intervals(void **state)
{
	struct cell_summary *c;

	(void)state;
	measure();
	c = fake_summary_cell(&s, "pool", "primes", 2);
	c->throughput_per_s.low = c->throughput_per_s.high = NAN;
	assert_true(noted(NOTE_WARN, "1 of 16 cells were measured too few"));
	assert_false(noted(NOTE_BAD, "never"));
	c->throughput_per_s.median = NAN;
	assert_true(noted(NOTE_BAD, "1 of 16 cells were never measured"));
	assert_false(noted(NOTE_WARN, "too few"));
}

static void test_note_tasks(void **state)
{
	struct cell_summary *c;

	(void)state;
	measure();
	c = fake_summary_cell(&s, "fork", "primes", 2);
	c->ended[TASK_SIGNAL] = 3;
	c->ended[TASK_TIMEOUT] = 1;
	s.failed = 4;
	assert_true(noted(NOTE_BAD, "4 of "));
	assert_true(noted(NOTE_BAD, "tasks failed (signal 3, timeout 1)"));
	assert_false(noted(NOTE_GOOD, "tasks ended ok"));
}

static void test_note_digests(void **state)
{
	(void)state;
	measure();
	s.wrong_digests = 2;
	assert_true(noted(NOTE_BAD, "2 results differ"));
	s.wrong_digests = 0;
	s.digests_equal = false;
	assert_true(noted(NOTE_BAD, "different results"));
	assert_false(noted(NOTE_GOOD, "Every result"));
	s.ok = 0;
	assert_false(noted(NOTE_BAD, "results"));
}

static void test_note_slices(void **state)
{
	(void)state;
	measure();
	s.n_bad_slices = 3;
	strcpy(fake_summary_cell(&s, "fork", "primes", 2)->trouble,
	       "crashed:SEGV");
	assert_true(noted(NOTE_BAD, "3 of 192 slices did not end well; the "
				    "first: crashed:SEGV (fork, primes"));
}

static void test_note_pinning(void **state)
{
	struct cell_summary *c;

	(void)state;
	measure();
	c = fake_summary_cell(&s, "fork", "primes", 2);
	c->misplaced = 5;
	assert_true(noted(NOTE_WARN, "processor 5,"));
	assert_false(noted(NOTE_GOOD, "Pinning"));
	c->misplaced = 0;
	for (size_t i = 0; i < s.n; i++)
		strcpy(s.cells[i].spec.pin, "none");
	c->migrations = 17;
	assert_true(noted(NOTE_INFO, "not pinned: they moved"));
	assert_true(noted(NOTE_INFO, " 17 times"));
	assert_false(noted(NOTE_WARN, "Pinning"));
}

static void test_note_generator(void **state)
{
	(void)state;
	measure();
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].generator_shared = false;
	assert_true(noted(NOTE_GOOD, "processor of its own"));
	assert_false(noted(NOTE_INFO, "shared the"));
}

static void test_note_machine(void **state)
{
	(void)state;
	measure();
	assert_false(noted(NOTE_WARN, "quota"));
	run.info.host.quota_cpus = 1.5;
	strcpy(run.info.host.quota_from, "v2");
	assert_true(noted(NOTE_WARN, "quota allowed 1.5 processors (cgroup "
				     "v2); 2 were"));
	run.info.usable_cores = 1;
	assert_true(noted(NOTE_INFO, "2 processors are in 1 core"));
	assert_false(noted(NOTE_WARN, "not idle"));
	run.info.host.load[0] = 1.9;
	assert_true(noted(NOTE_WARN, "load average 1.90"));
	run.info.host.load[0] = NAN;
	assert_false(noted(NOTE_WARN, "load average"));
	strcpy(run.info.host.hypervisor, "none");
	assert_false(noted(NOTE_INFO, "virtual"));
}

static void test_text_is_narrow(void **state)
{
	size_t size;
	FILE *out;

	(void)state;
	measure();
	free(said);
	out = open_memstream(&said, &size);
	answer_text(&s, out);
	fclose(out);
	assert_said("primes, 1.0");
	assert_said("good: All 12 planned blocks");
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(number_columns(line), 1, 78);
}

typedef void title_function(const struct view *v, char *buf, size_t size);

static void assert_title(title_function *title, const char *expected)
{
	char buf[160];
	struct view v;

	assert_int_equal(view_make(&s, "scaling", 0, &v), 0);
	title(&v, buf, sizeof(buf));
	view_done(&v);
	assert_string_equal(buf, expected);
}

static void test_title_throughput(void **state)
{
	(void)state;
	measure();
	assert_title(title_throughput,
		     "pool and threads use 2 processors well; fork does not");
}

static void test_title_throughput_all(void **state)
{
	(void)state;
	set_all(0.95);
	measure();
	assert_title(title_throughput, "All models use 2 processors well");
}

static void test_title_throughput_none(void **state)
{
	(void)state;
	set_all(0.5);
	measure();
	assert_title(title_throughput, "No model uses 2 processors well");
}

static void test_title_throughput_only_bad(void **state)
{
	(void)state;
	set_all(0.85);
	set_speed("fork", 0.5);
	measure();
	assert_title(title_throughput, "fork does not use 2 processors well");
}

/* Wide intervals, none, one processor or no ideal: no claim. */
static void test_title_throughput_neutral(void **state)
{
	(void)state;
	measure();
	for (size_t i = 0; i < s.n; i++) {
		s.cells[i].throughput_per_s.low /= 2;
		s.cells[i].throughput_per_s.high *= 2;
	}
	assert_title(title_throughput, title_neutral_throughput);
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].throughput_per_s.low =
			s.cells[i].throughput_per_s.high = NAN;
	assert_title(title_throughput, title_neutral_throughput);
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].efficiency = NAN;
	assert_title(title_throughput, title_neutral_throughput);
}

static void test_title_throughput_one_processor(void **state)
{
	(void)state;
	recipe.processors = 1;
	measure();
	assert_title(title_throughput, title_neutral_throughput);
}

/* Give @model's cell at 2 workers a thousand tasks from @ns up. */
static void set_latency(const char *model, uint64_t ns)
{
	struct cell_summary *c = fake_summary_cell(&s, model, "primes", 2);

	memset(c->latency, 0, sizeof(*c->latency));
	for (uint64_t i = 0; i < 2000; i++)
		histogram_add(c->latency, ns + i * 100);
}

static void test_title_latency(void **state)
{
	(void)state;
	measure();
	set_latency("fork", 2000000);
	set_latency("thread_per_task", 1000000);
	set_latency("pool", 1000000);
	set_latency("cluster", 1000000);
	set_latency("threads", 500000);
	assert_title(title_latency,
		     "From the median up, threads is fastest and fork "
		     "slowest");
	set_latency("threads", 1000000);
	assert_title(title_latency, "From the median up, fork is slowest");
	set_latency("fork", 500000);
	assert_title(title_latency, "From the median up, fork is fastest");
	set_latency("fork", 1000000);
	assert_title(title_latency, title_neutral_latency);
}

/* Slower at the median, but not in the tail: no claim. */
static void test_title_latency_crossing(void **state)
{
	struct cell_summary *c;

	(void)state;
	keep(3, 2);
	measure();
	set_latency("pool", 1000000);
	c = fake_summary_cell(&s, "threads", "primes", 2);
	memset(c->latency, 0, sizeof(*c->latency));
	for (uint64_t i = 0; i < 2000; i++)
		histogram_add(c->latency, i < 1960 ? 500000 : 9000000);
	assert_title(title_latency, title_neutral_latency);
}

static void test_title_breakdown(void **state)
{
	(void)state;
	measure();
	assert_title(title_breakdown, "Starting a worker is the largest "
				      "overhead: 212 µs in fork");
	fake_summary_cell(&s, "fork", "primes", 2)->phase_ns[PHASE_DISPATCH] =
		300000;
	assert_title(title_breakdown, "Reaching a worker is the largest "
				      "overhead: 300 µs in fork");
	fake_summary_cell(&s, "cluster", "primes", 2)->phase_ns[PHASE_RETURN] =
		400000;
	assert_title(title_breakdown, "Bringing back the result is the largest "
				      "overhead: 400 µs in cluster");
}

/* The claim of the house's cautionary tale: 214 against 212. */
static void test_title_breakdown_close(void **state)
{
	(void)state;
	measure();
	fake_summary_cell(&s, "fork", "primes", 2)->phase_ns[PHASE_DISPATCH] =
		214000;
	assert_title(title_breakdown, title_neutral_breakdown);
}

static void test_title_breakdown_small(void **state)
{
	(void)state;
	keep(3, 2);
	measure();
	assert_title(title_breakdown, "In every model, at least 96 % of the "
				      "mean time is the task itself");
}

static void test_title_timeline(void **state)
{
	(void)state;
	fake_summary_run(&recipe, &run);
	fake_summary_trace(&run);
	assert_int_equal(summary_make(&run, &s), 0);
	assert_title(title_timeline, "Here, workers of fork compute for 66 % "
				     "of the time, of thread_per_task for "
				     "98 %");
}

/* No trace, or all alike: no claim. */
static void test_title_timeline_neutral(void **state)
{
	(void)state;
	fake_summary_run(&recipe, &run);
	assert_int_equal(summary_make(&run, &s), 0);
	assert_title(title_timeline, title_neutral_timeline);
	fake_summary_trace(&run);
	for (size_t i = 0; i < run.n; i++) {
		if (strcmp(run.slices[i].cell.model, "fork") == 0)
			run.slices[i].n_trace = 0;
	}
	assert_title(title_timeline, title_neutral_timeline);
}

/* In the last block: one ratio of the four models @factor times as large. */
static void disturb(double factor)
{
	fake_summary_run(&recipe, &run);
	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *slice = &run.slices[i];

		if (slice->block == recipe.blocks - 1 &&
		    slice->cell.workers == 2 &&
		    strcmp(slice->cell.model, "pool") == 0)
			slice->tasks =
				(uint64_t)(factor * (double)slice->tasks);
	}
	assert_int_equal(summary_make(&run, &s), 0);
}

static void test_title_evidence(void **state)
{
	(void)state;
	recipe.blocks = 12;
	disturb(1);
	assert_title(title_evidence, "No ratio lies far out");
}

static void test_title_evidence_out(void **state)
{
	(void)state;
	recipe.blocks = 12;
	disturb(1.5);
	assert_title(title_evidence, "1 of 48 ratios lies far out");
}

/* The reference's own slice is far out: so are all ratios of that block. */
static void test_title_evidence_reference(void **state)
{
	(void)state;
	recipe.blocks = 12;
	fake_summary_run(&recipe, &run);
	for (size_t i = 0; i < run.n; i++) {
		if (run.slices[i].block == 3 &&
		    strcmp(run.slices[i].cell.model, "threads") == 0)
			run.slices[i].tasks /= 2;
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_title(title_evidence, "4 of 48 ratios lie far out");
}

/* Too few blocks for an interval, or nothing to compare: no claim. */
static void test_title_evidence_neutral(void **state)
{
	(void)state;
	recipe.blocks = 5;
	disturb(1.5);
	assert_title(title_evidence, title_neutral_evidence);
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].ratio.median = NAN;
	assert_title(title_evidence, title_neutral_evidence);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A number and its unit stand on one line. */
static void keeps_units(void **state)
{
	char *text = NULL, words[128];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	snprintf(words, sizeof(words), "%070d more than 5.0 %% of", 0);
	answer_wrap(out, words, 0, 2);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, " more\n  than 5.0 % of\n"));
	free(text);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	snprintf(words, sizeof(words), "%068d than 5.0 %% of", 0);
	answer_wrap(out, words, 0, 2);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, " than\n  5.0 % of\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_run),
		TEST(test_run_few_blocks),
		TEST(test_head),
		TEST(test_fastest_alone),
		TEST(test_fastest_tied),
		TEST(test_fastest_unsure),
		TEST(test_fastest_of_one),
		TEST(test_serial_beaten),
		TEST(test_serial_wins),
		TEST(test_serial_equal),
		TEST(test_serial_unsure),
		TEST(test_serial_absent),
		TEST(test_isolation_costs),
		TEST(test_isolation_costs_nothing),
		TEST(test_isolation_gains),
		TEST(test_isolation_unsure),
		TEST(test_isolation_needs_both),
		TEST(test_slowest),
		TEST(test_slowest_not_alone),
		TEST(test_slowest_needs_three),
		TEST(test_workers),
		TEST(test_workers_one_processor),
		TEST(test_workers_one_count),
		TEST(test_nothing_measured),
		TEST(test_notes_good),
		TEST(test_note_blocks),
		TEST(test_note_intervals),
		TEST(test_note_tasks),
		TEST(test_note_digests),
		TEST(test_note_slices),
		TEST(test_note_pinning),
		TEST(test_note_generator),
		TEST(test_note_machine),
		TEST(test_text_is_narrow),
		TEST(test_title_throughput),
		TEST(test_title_throughput_all),
		TEST(test_title_throughput_none),
		TEST(test_title_throughput_only_bad),
		TEST(test_title_throughput_neutral),
		TEST(test_title_throughput_one_processor),
		TEST(test_title_latency),
		TEST(test_title_latency_crossing),
		TEST(test_title_breakdown),
		TEST(test_title_breakdown_close),
		TEST(test_title_breakdown_small),
		TEST(test_title_timeline),
		TEST(test_title_timeline_neutral),
		TEST(test_title_evidence),
		TEST(test_title_evidence_out),
		TEST(test_title_evidence_reference),
		TEST(test_title_evidence_neutral),
		cmocka_unit_test(keeps_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
