/*
 * Timelines: phases of traced tasks, the part in which all is known, and the
 * trace as Perfetto would read it.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "harness/base.h"
#include "harness/tests/fake_summary.h"
#include "harness/timeline.h"

static const char *const one_workload[] = {"primes"};
static struct fake_recipe recipe;
static struct run_results run;
static struct summary s;
static struct view v;
static char folder[64];

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	recipe.workloads = one_workload;
	recipe.n_workloads = 1;
	recipe.blocks = 2;
	fake_summary_run(&recipe, &run);
	fake_summary_trace(&run);
	CHECK(summary_make(&run, &s) == 0);
	CHECK(view_make(&s, "scaling", 0, &v) == 0);
	fake_summary_folder(folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	view_done(&v);
	fake_summary_done(&run, &s);
	fake_summary_folder_remove(folder);
	return 0;
}

static struct slice_result *traced(const char *model)
{
	const struct slice_result *slice = timeline_slice(&v, model);

	assert_non_null(slice);
	return &run.slices[slice - run.slices];
}

static void test_phases(void **state)
{
	struct timeline_task *tasks;
	const struct slice_result *slice = traced("pool");

	(void)state;
	assert_int_equal(slice->block, 1);
	assert_int_equal(slice->cell.workers, 2);
	assert_int_equal(timeline_tasks(slice, &tasks), 2 * FAKE_TRACE_TASKS);
	for (uint32_t i = 0; i < 2 * FAKE_TRACE_TASKS; i++) {
		const struct task_trace *t = &slice->trace[i];
		const uint64_t *at = tasks[i].at;

		assert_int_equal(tasks[i].worker, i % 2);
		assert_int_equal(at[PHASE_QUEUE], t->due);
		assert_int_equal(at[PHASE_CREATE],
				 i < 2 ? t->submit : slice->trace[i - 2].end);
		assert_int_equal(at[PHASE_COMPUTE], t->start);
		assert_int_equal(at[PHASE_RETURN], t->end);
		assert_int_equal(at[PHASES], t->done);
		for (int p = 0; p < PHASES; p++)
			assert_true(at[p] <= at[p + 1]);
	}
	free(tasks);
}

/* A worker that does two things at once, or times that run backwards. */
static void test_nonsense(void **state)
{
	struct timeline_task *tasks;
	struct slice_result *slice = traced("pool");

	(void)state;
	slice->trace[2].end = slice->trace[4].start + 1;
	slice->trace[2].done = slice->trace[4].start + 1;
	slice->trace[7].done = slice->trace[7].end - 1;
	assert_int_equal(timeline_tasks(slice, &tasks),
			 2 * FAKE_TRACE_TASKS - 2);
	free(tasks);
}

static void test_known(void **state)
{
	struct slice_result *slice = traced("threads");
	struct timeline_span span = timeline_known(slice);

	(void)state;
	assert_int_equal(span.from_ns, slice->trace[1].start);
	assert_int_equal(span.from_ns + span.length_ns,
			 slice->trace[slice->n_trace - 2].end);
	/* A worker that never had a task: nothing is known of it. */
	slice->cell.workers = 3;
	assert_int_equal(timeline_known(slice).length_ns, 0);
	assert_true(isnan(timeline_busy(slice, timeline_known(slice))));
}

/* All but 20 of 1000 us; in fork, half a task passes in between. */
static void test_busy(void **state)
{
	struct timeline_span span = {2 * NS_PER_MS, 9 * NS_PER_MS};

	(void)state;
	assert_true(fabs(timeline_busy(traced("threads"), span) - 0.98) < 1e-3);
	assert_true(fabs(timeline_busy(traced("fork"), span) - 0.98 / 1.5) <
		    1e-2);
}

/* Round, for about 20 tasks, and no longer than the shortest trace. */
static void test_length(void **state)
{
	(void)state;
	assert_int_equal(timeline_length_ns(&v), 20 * NS_PER_MS);
	traced("cluster")->n_trace = 16;
	assert_int_equal(timeline_length_ns(&v), 5 * NS_PER_MS);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].n_trace = 0;
	assert_int_equal(timeline_length_ns(&v), 0);
	assert_null(timeline_slice(&v, "cluster"));
}

/* What the events of one process say. */
struct process {
	char name[80];
	double until[8]; /* of each thread: the end of its last event */
	double sums[PHASES];
	double returns; /* sum of all ends less sum of all begins */
	size_t n_begun, n_ended;
};

static void read_event(json_t *event, struct process *p)
{
	const char *ph = json_string_value(json_object_get(event, "ph"));
	const char *name = json_string_value(json_object_get(event, "name"));
	json_int_t tid = json_integer_value(json_object_get(event, "tid"));
	double ts = json_number_value(json_object_get(event, "ts"));
	double dur = json_number_value(json_object_get(event, "dur"));

	assert_in_range(tid, 0, 7);
	if (*ph == 'M' && strcmp(name, "process_name") == 0)
		snprintf(p->name, sizeof(p->name), "%s",
			 json_string_value(json_object_get(
				 json_object_get(event, "args"), "name")));
	if (*ph == 'X') {
		/* In order, and never two at once on one worker. */
		assert_true(dur > 0);
		assert_true(ts >= p->until[tid] - 1e-6);
		p->until[tid] = ts + dur;
		for (int i = 0; i < PHASES; i++) {
			if (strcmp(name, phase_name((enum phase)i)) == 0)
				p->sums[i] += dur;
		}
	}
	p->n_begun += *ph == 'b';
	p->n_ended += *ph == 'e';
	p->returns += *ph == 'e' ? ts : *ph == 'b' ? -ts : 0;
}

/* The sums of all phases, as the slice's trace gives them; us. */
static void assert_sums(const struct slice_result *slice,
			const struct process *p)
{
	struct timeline_task *tasks;
	int n = timeline_tasks(slice, &tasks);
	double sums[PHASES] = {0};

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < PHASES; k++)
			sums[k] +=
				(double)(tasks[i].at[k + 1] - tasks[i].at[k]) /
				1e3;
	}
	for (int k = PHASE_CREATE; k <= PHASE_COMPUTE; k++)
		assert_true(fabs(p->sums[k] - sums[k]) < 1e-3);
	assert_true(fabs(p->returns - sums[PHASE_RETURN]) < 1e-3);
	assert_int_equal(p->n_begun, n);
	assert_int_equal(p->n_ended, n);
	free(tasks);
}

static void test_trace_json(void **state)
{
	static struct process processes[64];
	char path[PATH_MAX];
	json_t *root, *events;
	size_t n = 0;

	(void)state;
	memset(processes, 0, sizeof(processes));
	snprintf(path, sizeof(path), "%s/trace.json", folder);
	assert_int_equal(timeline_write(&run, path), 1);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	events = json_object_get(root, "traceEvents");
	for (size_t i = 0; i < json_array_size(events); i++) {
		json_t *event = json_array_get(events, i);
		json_int_t pid =
			json_integer_value(json_object_get(event, "pid"));

		assert_in_range(pid, 1, 63);
		read_event(event, &processes[pid]);
	}
	for (size_t i = 0; i < run.n; i++) {
		if (run.slices[i].n_trace > 0)
			assert_sums(&run.slices[i], &processes[++n]);
	}
	assert_int_equal(n, 16);
	assert_string_equal(processes[1].name,
			    "serial primes, 1 worker (scaling)");
	assert_true(processes[2].sums[PHASE_CREATE] > 0);
	json_decref(root);
}

/* Without a trace there is no file, nor one of before. */
static void test_no_trace(void **state)
{
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof(path), "%s/trace.json", folder);
	assert_int_equal(timeline_write(&run, path), 1);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].n_trace = 0;
	assert_int_equal(timeline_write(&run, path), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(timeline_write(&run, path), 0);
}

static void test_unwritable(void **state)
{
	(void)state;
	assert_int_equal(timeline_write(&run, "/nonexistent/trace.json"),
			 -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_phases),   TEST(test_nonsense),
		TEST(test_known),    TEST(test_busy),
		TEST(test_length),   TEST(test_trace_json),
		TEST(test_no_trace), TEST(test_unwritable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
