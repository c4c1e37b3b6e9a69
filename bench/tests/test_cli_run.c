/*
 * What `run' was told to do is what it did: models under other names, injected
 * work, experiments, blocks, budget, and going on with an interrupted run.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/base.h"

#define M "\"$MANYHANDS\" "
#define SMALL "--slice-ms 5 --no-plots --quiet --json --out out "
#define PRIMES "--workload primes --size 300 --workers 1 "

/* The slices of the run in the folder out. */
static json_t *read_slices(void)
{
	json_t *json = json_load_file("out/results.json", 0, NULL);
	json_t *slices = json_incref(json_object_get(json, "benchmarks"));

	assert_true(json_is_array(slices));
	json_decref(json);
	return slices;
}

/* What the run in the folder out says of itself under @key; to be freed. */
static json_t *read_context(const char *key)
{
	json_t *json = json_load_file("out/results.json", 0, NULL);
	json_t *value = json_incref(
		json_object_get(json_object_get(json, "context"), key));

	if (!value)
		fail_msg("no %s", key);
	json_decref(json);
	return value;
}

static const char *text_of(const json_t *slice, const char *key)
{
	const char *text = json_string_value(json_object_get(slice, key));

	if (!text)
		fail_msg("no %s", key);
	return text;
}

static json_int_t number_of(const json_t *slice, const char *key)
{
	const json_t *value = json_object_get(slice, key);

	if (!json_is_integer(value))
		fail_msg("no %s", key);
	return json_integer_value(value);
}

static void refuses_bad_models(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --model a=bogus", 2,
		 "model 'bogus'; one of: serial, fork, "},
		{"run --model a=", 2, "model ''"},
		{"run --model a=threads=b", 2, "model 'threads=b'"},
		{"run --model =threads", 2, "--model '=…': a name has letters"},
		{"run --model 'a b=threads'", 2, "--model 'a b=…'"},
		{"run --model a/b=threads", 2, "--model 'a/b=…'"},
		{"run --model $(printf %032d 0)=threads", 2, "is too long"},
		{"run --model a=threads,a=fork", 2, "'a' is named twice"},
		{"run --model a=fork --model a=fork", 2, "'a' is named twice"},
		{"run --model fork,fork=threads", 2, "'fork' is named twice"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void refuses_bad_inflation(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --inflate threads", 2, "'threads': give NAME=FACTOR"},
		{"run --inflate $(printf %099d 0)=1.5", 2, "give NAME=FACTOR"},
		{"run --inflate threads=", 2, "FACTOR is a number from 1 to 2"},
		{"run --inflate threads=x", 2, "from 1 to 2"},
		{"run --inflate threads=1.5x", 2, "from 1 to 2"},
		{"run --inflate threads=nan", 2, "from 1 to 2"},
		{"run --inflate threads=0.5", 2, "from 1 to 2"},
		{"run --inflate threads=3", 2, "from 1 to 2"},
		{"run --inflate threads=1.5,pool=9", 2, "'pool=9'"},
		{"run --inflate bogus=1.5", 2, "no model is called 'bogus'"},
		{"run --inflate fork=1.5 --model a=fork", 2,
		 "no model is called 'fork'"},
		{"run --set pool", 2, "--set 'pool': give NAME.KEY=VALUE"},
		{"run --set 'pool.retry=1 x=2'", 2, "give NAME.KEY=VALUE"},
		{"run --set $(printf %099d 0).retry=1", 2, "give NAME.KEY"},
		{"run --set bogus.retry=1", 2, "no model is called 'bogus'"},
		{"run --set serial.retry=1", 2,
		 "'serial' has no setting 'retry'; it has: none"},
		{"slice --model serial --workload nop --set retry=1", 2,
		 "'serial' has no setting 'retry'"},
		{"run --inflate ''", 2, "--inflate: an empty item"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

/* No bytes is a size; no size is the workload's own. */
static void measures_tasks_without_bytes(void **state)
{
	static const struct {
		const char *arguments;
		int64_t size;
	} some[] = {
		{"--experiment payload --model carry:pipe --workload bytes "
		 "--size 0",
		 0},
		{"--model serial --workload nop", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		char command[200];
		json_t *slice;

		snprintf(command, sizeof(command),
			 M "slice %s --settle-ns 1000000 --window-ns 1000000",
			 some[i].arguments);
		slice = program_json(command, 0);
		assert_int_equal(number_of(slice, "x_size"), some[i].size);
		assert_true(number_of(slice, "x_ended_ok") > 0);
		assert_int_equal(number_of(slice, "x_wrong_digests"), 0);
		json_decref(slice);
	}
}

/* One model under two names, one of which has half as much work again. */
static void runs_a_model_under_two_names(void **state)
{
	json_t *json = program_json(
		M "run --experiment scaling --model a=threads,b=threads "
		  "--inflate b=1.50 --blocks 2 " PRIMES SMALL,
		0);
	json_t *slices = read_slices(), *slice, *cell;
	size_t i, of_b = 0;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(json, "cells")), 2);
	json_array_foreach(json_object_get(json, "cells"), i, cell)
		assert_string_equal(text_of(cell, "digests"), "equal");
	assert_int_equal(json_array_size(slices), 4);
	json_array_foreach(slices, i, slice)
	{
		bool is_b = strcmp(text_of(slice, "x_model"), "b") == 0;

		of_b += is_b;
		if (!is_b)
			assert_string_equal(text_of(slice, "x_model"), "a");
		assert_string_equal(text_of(slice, "x_runs"), "threads");
		assert_int_equal(number_of(slice, "x_extra_ppm"),
				 is_b ? 500000 : 0);
	}
	assert_int_equal(of_b, 2);
	json_decref(slices);
	json_decref(json);
}

/* A workload that leaves in the file `calls' how often its process ran it. */
static bool compile_counter(void)
{
	struct child_result r;
	bool done;

	program_run("cat >counter.c <<'END'\n"
		    "#include <stdio.h>\n"
		    "#include \"harness/workload.h\"\n"
		    "static unsigned long calls;\n"
		    "static uint64_t run(uint64_t size, uint64_t seed)\n"
		    "{ calls++; return size ^ seed; }\n"
		    "static __attribute__((destructor)) void leave(void)\n"
		    "{ FILE *f = calls ? fopen(\"calls\", \"w\") : NULL;\n"
		    "  if (f) { fprintf(f, \"%lu\\n\", calls); fclose(f); } }\n"
		    "const struct workload workload = {\"counter\", \"test\",\n"
		    "\"units\", 7, run, 0};\n"
		    "END\n"
		    "${CC:-cc} -I\"$TREE\" -shared -fPIC counter.c -o "
		    "counter.so",
		    &r);
	done = r.wait_status == 0;
	child_result_done(&r);
	return done;
}

/*
 * Measure one slice of the counting workload in `serial', which runs it in the
 * measuring process.  How often it ran, and how many tasks that was.
 */
static json_int_t count_calls(const char *factor, json_int_t *ret_tasks)
{
	char command[512], *calls;
	json_int_t n;
	json_t *slices;

	snprintf(command, sizeof(command),
		 "rm -rf out calls; " M
		 "run --experiment scaling --model s=serial --inflate s=%s "
		 "--load-workload ./counter.so --blocks 1 --workers 1 " SMALL,
		 factor);
	free(program_output(command, 0));
	/* The warm-up left one, too; the slice that counts came after it. */
	calls = program_read("calls");
	assert_non_null(calls);
	n = strtoll(calls, NULL, 10);
	free(calls);
	slices = read_slices();
	assert_int_equal(json_array_size(slices), 1);
	*ret_tasks = number_of(json_array_get(slices, 0), "x_submitted");
	json_decref(slices);
	return n;
}

/* Work is really done twice, as often as was asked for. */
static void inflates(void **state)
{
	json_int_t calls, tasks, references, twice;

	(void)state;
	if (!compile_counter())
		skip();
	/* Once a task, and before that for the digests to compare with. */
	calls = count_calls("1", &tasks);
	assert_true(tasks > 0);
	references = calls - tasks;
	assert_true(references > 0);
	calls = count_calls("2.00", &tasks);
	assert_int_equal(calls, references + 2 * tasks);
	/* The ids decide which ones, by a hash: about half of them. */
	calls = count_calls("1.5", &tasks);
	twice = calls - references - tasks;
	assert_true(tasks >= 100);
	assert_true(twice > 2 * tasks / 5 && twice < 3 * tasks / 5);
}

/* How many slices of the run in the folder out are of @experiment. */
static size_t count_slices(const char *experiment)
{
	json_t *slices = read_slices(), *slice;
	size_t i, n = 0;

	json_array_foreach(slices, i, slice) n +=
		strcmp(text_of(slice, "x_experiment"), experiment) == 0;
	json_decref(slices);
	return n;
}

static void refuses_bad_experiments(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --experiment scaling,bogus", 2,
		 "experiment 'bogus'; one of: scaling"},
		{"run --experiment scaling,scaling", 2,
		 "'scaling' is named twice"},
		{"run --experiment load --experiment load", 2,
		 "'load' is named twice"},
		{"run --experiment all,scaling", 2, "'scaling' is named twice"},
		{"run --experiment ''", 2, "--experiment: an empty item"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

/* As some service managers do; else the kernel would not tell us of their end. */
static void runs_when_started_without_sigchld(void **state)
{
	(void)state;
	free(program_output("env --ignore-signal=CHLD \"$MANYHANDS\" run "
			    "--experiment scaling --model fork,pool "
			    "--blocks 1 " PRIMES SMALL,
			    0));
}

static void runs_several_experiments(void **state)
{
	(void)state;
	free(program_output(M "run --experiment check,scaling --model "
			      "serial,fork --blocks 1 " PRIMES SMALL,
			    0));
	assert_true(count_slices("check") > 0);
	assert_true(count_slices("scaling") > 0);
	assert_int_equal(count_slices("load"), 0);
	assert_int_equal(count_slices("granularity"), 0);
}

/* They would take a minute: those with no time for them are named at least. */
static void runs_all_experiments(void **state)
{
	json_t *pruned;

	(void)state;
	free(program_output(M "run --experiment all --model serial,threads "
			      "--blocks 1 --budget 3 " PRIMES SMALL,
			    0));
	pruned = read_context("x_pruned");
	for (size_t i = 0; i < n_experiments; i++) {
		const char *name = experiments[i]->name;

		if (!experiments[i]->only_named && count_slices(name) == 0 &&
		    !strstr(json_string_value(pruned), name))
			fail_msg("nothing of %s", name);
	}
	json_decref(pruned);
}

/*
 * The run in the folder out has @blocks blocks, each with all of @cells cells
 * once.
 */
static void expect_blocks(size_t blocks, size_t cells)
{
	json_t *slices = read_slices(), *slice;
	bool *seen = calloc(blocks * cells, sizeof(*seen));
	size_t i;

	assert_non_null(seen);
	assert_int_equal(json_array_size(slices), blocks * cells);
	json_array_foreach(slices, i, slice)
	{
		size_t cell = (size_t)number_of(slice, "x_cell");
		size_t block = (size_t)number_of(slice, "x_block");

		assert_in_range(block, 1, blocks);
		assert_in_range(cell, 0, cells - 1);
		if (seen[(block - 1) * cells + cell])
			fail_msg("block %zu has cell %zu twice", block, cell);
		seen[(block - 1) * cells + cell] = true;
	}
	free(seen);
	json_decref(slices);
}

static void measures_so_many_blocks(void **state)
{
	json_t *value;

	(void)state;
	/* Not 12, where others look, and not so many as to be repeated. */
	free(program_output(
		M
		"run --experiment scaling --model serial,fork --blocks 13 " PRIMES
			SMALL,
		0));
	expect_blocks(13, 2);
	value = read_context("x_exact");
	assert_true(json_is_true(value));
	json_decref(value);
	value = read_context("x_harness_ns");
	assert_true(json_integer_value(value) > 0);
	json_decref(value);
	value = read_context("x_pruned");
	assert_string_equal(json_string_value(value), "");
	json_decref(value);
}

static void leaves_out_what_has_no_time(void **state)
{
	json_t *value, *slices, *slice;
	size_t i;

	(void)state;
	/* 14 cells, 13 rounds, each slice 25 ms at least: more than 2 s. */
	free(program_output(
		M
		"run --experiment scaling --model serial,fork,threads --workload "
		"primes,sha256 --size 300 --workers 1,2,4 "
		"--budget 2 " SMALL,
		0));
	value = read_context("x_pruned");
	assert_non_null(strstr(json_string_value(value), "scaling primes: "));
	assert_non_null(strstr(json_string_value(value), "scaling sha256: "));
	json_decref(value);
	/* The same everywhere, and not what the run is about. */
	slices = read_slices();
	assert_true(json_array_size(slices) > 0);
	json_array_foreach(slices, i, slice)
		assert_int_equal(number_of(slice, "x_rank"), 0);
	json_decref(slices);
}

/* A run of 3 cells whose blocks take long enough to be killed among them. */
#define BLOCKS 24
#define CELLS 3
#define PLANNED                                                                \
	"run --experiment scaling --model serial,fork,threads --blocks 24 " PRIMES

/* Measure it until it has @blocks blocks and some slices more, then kill it. */
static void kill_in_the_middle(size_t blocks)
{
	pid_t pid = program_start("", PLANNED SMALL);

	program_await("out/journal.jsonl", 1 + blocks * CELLS + 1);
	kill(pid, SIGKILL);
	assert_true(WIFSIGNALED(program_wait(pid)));
	program_expect_alone();
	assert_false(program_has("out/results.json"));
	/* A power cut may even leave half a line. */
	free(program_output("printf '{\"name\":\"sca' >>out/journal.jsonl", 0));
}

static void expect_same_keys(json_t *a, json_t *b, const char *where)
{
	const char *key;
	json_t *value;

	json_object_foreach(a, key, value)
	{
		if (!json_object_get(b, key))
			fail_msg("%s: no \"%s\"", where, key);
	}
	assert_int_equal(json_object_size(a), json_object_size(b));
}

/* Two summaries say the same things of the same cells. */
static void expect_same_structure(json_t *a, json_t *b)
{
	json_t *cells_a = json_object_get(a, "cells"), *cell;
	json_t *cells_b = json_object_get(b, "cells");
	size_t i;

	expect_same_keys(a, b, "summary");
	assert_int_equal(json_array_size(cells_a), json_array_size(cells_b));
	json_array_foreach(cells_a, i, cell)
	{
		json_t *other = json_array_get(cells_b, i);

		expect_same_keys(cell, other, "cell");
		assert_string_equal(text_of(cell, "model"),
				    text_of(other, "model"));
	}
}

static void goes_on_where_it_was_killed(void **state)
{
	json_t *whole, *resumed, *value;

	(void)state;
	/* What keys there are has nothing to do with how many blocks. */
	whole = program_json(M PLANNED SMALL "--blocks 12", 0);
	free(program_output("rm -r out", 0));
	kill_in_the_middle(2);
	/* What it had measured is what the new results begin with. */
	free(program_output("sed -n 2,7p out/journal.jsonl >before", 0));
	resumed =
		program_json(M "run --resume out --no-plots --quiet --json", 0);
	expect_blocks(BLOCKS, CELLS);
	free(program_output("sed -n 2,7p out/journal.jsonl | cmp - before", 0));
	free(program_output("test $(wc -l <out/journal.jsonl) -eq 73", 0));
	expect_same_structure(whole, resumed);
	value = read_context("x_complete");
	assert_true(json_is_true(value));
	json_decref(value);
	assert_true(program_has("out/report.html"));
	json_decref(whole);
	json_decref(resumed);
}

/* There is nothing to go on with, and nothing is lost. */
static void resumes_what_is_complete(void **state)
{
	(void)state;
	free(program_output(
		M
		"run --experiment scaling --model serial,fork --blocks 3 " PRIMES
			SMALL,
		0));
	free(program_output("cp -r out before", 0));
	free(program_output(M "run --resume out --no-plots --quiet", 0));
	expect_blocks(3, 2);
	free(program_output("cmp out/journal.jsonl before/journal.jsonl", 0));
	free(program_output("cmp out/slices.csv before/slices.csv", 0));
}

static void refuses_to_resume_what_is_no_run(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --resume nowhere", 2, "nowhere/journal.jsonl: No such"},
		{"run --resume empty", 2, "empty/journal.jsonl: No such"},
		{"run --resume file", 2, "file/journal.jsonl: Not a dir"},
		{"run --resume broken", 2, "broken/journal.jsonl: line 1: "},
		{"run --resume begun", 2,
		 "begun/journal.jsonl: the run was stopped before its first"},
		{"run --resume $(printf %09999d 0)", 2, "too long"},
		{"run --resume", 2, "--resume needs a value: DIR"},
	};

	(void)state;
	free(program_output("mkdir empty broken begun; touch file; "
			    "echo '{}' >broken/journal.jsonl; "
			    "touch begun/journal.jsonl",
			    0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void resumes_only_what_was_planned_here(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --resume host", 2,
		 "begun on the machine 'elsewhere', this is '"},
		{"run --resume cpu", 2,
		 "processor, kernel or compiler changed since"},
		{"run --resume kernel", 2, "changed since"},
		{"run --resume compiler", 2, "changed since"},
		{"run --resume run --blocks 3", 2,
		 "only --no-plots, --json and --quiet"},
		{"run --resume run --quick", 2, "as the run was planned"},
		{"run --resume run --model fork", 2, "as the run was planned"},
		{"run --resume run --inflate fork=2", 2, "was planned"},
		{"run --resume run --out other", 2, "was planned"},
		{"run --resume run extra", 2, "too many: 'extra'"},
	};

	(void)state;
	free(program_output(
		M "run --experiment scaling --model serial --blocks 1 " PRIMES
			SMALL "&& mv out run",
		0));
	free(program_output(
		"for what in name cpu kernel compiler; do cp -r run $what; "
		"sed -i \"s/\\\"x_host_$what\\\":\\\"[^\\\"]*\\\"/"
		"\\\"x_host_$what\\\":\\\"elsewhere\\\"/\" $what/journal.jsonl; "
		"done; mv name host; cp -r run before",
		0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
	free(program_output("diff -r run before", 0));
}

static void resumes_no_run_that_goes_on(void **state)
{
	pid_t pid = program_start("", PLANNED "--slice-ms 600000 --out run");
	const struct program_misuse misuse[] = {
		{"run --resume run", 3,
		 "run/journal.jsonl: another run is writing it"},
	};

	(void)state;
	program_await("run/journal.jsonl", 0);
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
	kill(pid, SIGKILL);
	assert_true(WIFSIGNALED(program_wait(pid)));
	program_expect_alone();
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, program_setup, program_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refuses_bad_models),
		TEST(refuses_bad_inflation),
		TEST(measures_tasks_without_bytes),
		TEST(runs_a_model_under_two_names),
		TEST(inflates),
		TEST(refuses_bad_experiments),
		TEST(runs_when_started_without_sigchld),
		TEST(runs_several_experiments),
		TEST(runs_all_experiments),
		TEST(measures_so_many_blocks),
		TEST(leaves_out_what_has_no_time),
		TEST(goes_on_where_it_was_killed),
		TEST(resumes_what_is_complete),
		TEST(refuses_to_resume_what_is_no_run),
		TEST(resumes_only_what_was_planned_here),
		TEST(resumes_no_run_that_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
