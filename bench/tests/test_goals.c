/* The goals: is the table right, and is a run judged by it as it should be? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/base.h"
#include "harness/results.h"

#define BLOCKS 10

static const struct experiment *e; /* `goals' */

/* A name of the table means somebody. */
static bool is_known(const char *name)
{
	for (size_t i = 0; e->own_models[i]; i++) {
		if (strcmp(e->own_models[i]->name, name) == 0)
			return true;
	}
	return model_find(name) || peer_find(name);
}

static bool is_default(const char *workload)
{
	const char *const *name = e->default_workloads;

	while (*name && strcmp(*name, workload) != 0)
		name++;
	return *name;
}

/* Two cells of one name would be taken for one. */
static void expect_own_name(const struct goal_side *a,
			    const struct goal_side *b)
{
	char name_a[GOAL_NAME], name_b[GOAL_NAME];

	goal_name(a, name_a);
	goal_name(b, name_b);
	if (strcmp(name_a, name_b) != 0)
		return;
	assert_string_equal(a->workload, b->workload);
	assert_int_equal(a->workers, b->workers);
	assert_int_equal(a->windows, b->windows);
}

static void has_a_sound_table(void **state)
{
	(void)state;
	assert_true(e->n_goals > 0);
	assert_true(e->only_named);
	for (size_t i = 0; i < e->n_goals; i++) {
		const struct goal *g = &e->goals[i];

		assert_true(is_known(g->ours.runs));
		assert_true(is_known(g->theirs.runs));
		assert_true(is_default(g->ours.workload));
		assert_string_equal(g->ours.workload, g->theirs.workload);
		assert_int_equal(g->ours.task_us, g->theirs.task_us);
		assert_true(g->bound > 0);
		if (peer_find(g->theirs.runs))
			assert_true(g->ours.loose && g->theirs.loose);
		for (size_t k = 0; k < e->n_goals; k++) {
			expect_own_name(&g->ours, &e->goals[k].ours);
			expect_own_name(&g->ours, &e->goals[k].theirs);
			expect_own_name(&g->theirs, &e->goals[k].theirs);
		}
	}
}

/* A slice of @side in @block that did @per_s, or waited so many ns. */
static void add(struct run_results *run, const struct goal_side *side,
		uint32_t block, double value)
{
	struct cell_spec cell = {
		.size = 1,
		.workers = side->workers ? side->workers : 2,
		.depth = side->depth ? side->depth : 2,
	};
	struct slice_result s;

	strcpy(cell.experiment, "goals");
	goal_name(side, cell.model);
	strcpy(cell.runs, side->runs);
	strcpy(cell.workload, side->workload);
	strcpy(cell.pin, "none");
	s = slice_result_of(&cell);
	for (size_t i = 0; i < run->n; i++) {
		if (run->slices[i].block == block &&
		    memcmp(&run->slices[i].cell, &cell, sizeof(cell)) == 0)
			return; /* a side of another goal, too */
	}
	s.block = block;
	s.window_ns = NS_PER_S;
	s.tasks = s.submitted = s.ended[TASK_OK] = (uint64_t)value;
	s.peak_self_bytes = (uint64_t)value;
	s.latency = calloc(1, sizeof(*s.latency));
	assert_non_null(s.latency);
	s.phase_sum_ns[PHASE_COMPUTE] = s.tasks * (uint64_t)value;
	for (uint64_t i = 0; i < s.tasks; i++)
		histogram_add(s.latency, (uint64_t)value);
	for (size_t i = 0; i < run->n; i++)
		s.position += run->slices[i].block == block;
	s.cell_index = s.position; /* one order in all blocks */
	assert_int_equal(results_add(run, &s), 0);
}

/* The line of the output that is about goal @what; NULL: none. */
static const char *line_of(const char *out, const char *what)
{
	static char line[256];
	const char *at = strstr(out, what);

	if (!at)
		return NULL;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

static void expect_verdict(const char *out, const char *what,
			   const char *verdict)
{
	const char *line = line_of(out, what);

	if (!line || !strstr(line, verdict))
		fail_msg("%s: %s", what, line ? line : "no line");
	/* "reached" is also how "reached, surely" begins. */
	assert_int_equal(strlen(strstr(line, verdict)), strlen(verdict));
}

/* Of @g: theirs is always 10 000, ours so many times that. */
static void measure(struct run_results *run, const struct goal *g, double low,
		    double high)
{
	for (uint32_t b = 1; b <= BLOCKS; b++) {
		double share = b <= BLOCKS / 2 - 1 ? low : high;

		add(run, &g->ours, b, 10000 * share);
		add(run, &g->theirs, b, 10000);
	}
}

static const struct goal *find(const char *what)
{
	for (size_t i = 0; i < e->n_goals; i++) {
		if (strcmp(e->goals[i].what, what) == 0)
			return &e->goals[i];
	}
	fail_msg("no goal %s", what);
	return NULL;
}

static void judges_a_run(void **state)
{
	struct run_results run = {
		.info = {.started = "2026-11-21T04:30:00Z",
			 .command = "none",
			 .blocks_planned = BLOCKS,
			 .blocks_done = BLOCKS,
			 .complete = true,
			 .timing = {1, NS_PER_S, NS_PER_S},
			 .usable_pus = 2,
			 .usable_cores = 2,
			 .processors = 2,
			 .clock_cost_ns = -1,
			 .clock_hop_ns = -1,
			 .clock_backwards = -1,
			 .harness_ns = 151,
			 .host = {.quota_cpus = NAN, .mhz = NAN}},
	};
	char *out;

	(void)state;
	measure(&run, find("threads to GLib, empty"), 2.1, 2.2);
	measure(&run, find("pool to threads, 10 us, 1 deep"), 0.5, 1.2);
	measure(&run, find("pool to threads, 10 us, 16 deep"), 0.5, 0.6);
	measure(&run, find("pool to threads, 1 ms, 1 deep"), 1.2, 0.9);
	/* A worker of two beside the only one: half of 1.0. */
	measure(&run, find("a worker of threads to serial, 5 us"), 1.0, 1.0);
	measure(&run, find("threads to two futexes, one in flight"), 1.1, 1.2);
	measure(&run, find("memory, ten times the tasks: pool"), 1.1, 1.2);
	assert_int_equal(results_write(&run, "."), 0);
	results_done(&run);
	out = program_output("\"$MANYHANDS\" goals .", 0);
	expect_verdict(out, "threads to GLib, empty", "reached, surely");
	expect_verdict(out, "pool to threads, 10 us, 1 deep", " reached");
	expect_verdict(out, "pool to threads, 10 us, 16 deep",
		       "missed, surely");
	expect_verdict(out, "pool to threads, 1 ms, 1 deep", " missed");
	expect_verdict(out, "a worker of threads to serial, 5 us",
		       "missed, surely");
	assert_non_null(strstr(
		line_of(out, "a worker of threads to serial, 5 us"), " 0.50"));
	expect_verdict(out, "threads to two futexes, one in flight",
		       "reached, surely");
	expect_verdict(out, "memory, ten times the tasks: pool",
		       "missed, surely");
	expect_verdict(out, "exec to xargs -P", "not here");
	expect_verdict(out, "harness, processor time a task", "missed");
	free(out);
}

/* The limits are models that work. */
static void measures_its_limits(void **state)
{
	(void)state;
	for (size_t i = 0; e->own_models[i]; i++) {
		char command[300], *out;

		snprintf(command, sizeof(command),
			 "\"$MANYHANDS\" slice --experiment goals --model %s "
			 "--workload nop --workers %d --depth 4 --window-ns "
			 "20000000",
			 e->own_models[i]->name,
			 e->own_models[i]->traits & MODEL_SERIAL ? 1 : 2);
		out = program_output(command, 0);
		assert_non_null(strstr(out, "\"x_status\":\"ok\""));
		assert_null(strstr(out, "\"iterations\":0,"));
		free(out);
	}
}

static void says_what_it_needs(void **state)
{
	static const struct program_misuse misuse[] = {
		{"goals", 2, "name the folder"},
		{"goals a b", 2, "one argument too many"},
		{"goals nowhere", 3, "nowhere"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, program_setup, program_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_a_sound_table),
		TEST(judges_a_run),
		TEST(measures_its_limits),
		TEST(says_what_it_needs),
	};

	e = experiment_find("goals");
	assert_non_null(e);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
