/*
 * The user's own program as the workload: run --command './mytool {seed}'.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/tests/program.h"
#include "harness/base.h"

#define M "\"$MANYHANDS\" "
#define RUN M "run --experiment scaling --workers 2 --blocks 1 "
#define SMALL " --slice-ms 5 --no-plots --quiet --json --out out"

/* A program of the user, in the folder of the test. */
static void write_tool(const char *script)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "cat >tool <<'END'\n#!/bin/sh\n%s\nEND\nchmod +x tool",
		 script);
	free(program_output(command, 0));
}

static void refuses_what_does_not_work(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --command ''", 2, "name a program"},
		{"run --command \"'' a\"", 2, "name a program"},
		{"run --command \"a 'b\"", 2, "a single quote is not closed"},
		{"run --command 'a \"b\\\"'", 2,
		 "a double quote is not closed"},
		{"run --command \"$(printf 'a %070d' 0 | tr 0 ' ')$(yes a | "
		 "head -99 | tr '\\n' ' ')\"",
		 2, "more than 64 words"},
		{"run --command $(printf %01001d 0)", 2, "too long"},
		{"run --command a --command b", 2, "only one"},
		{"run --command ./missing", 2,
		 "cannot start './missing': No such file"},
		{"run --command ./text", 2,
		 "cannot start './text': Permission"},
		{"run --command 'no\\ such'", 2, "cannot start 'no such'"},
		{"run --command \"sh -c 'echo oops >&2; echo more >&2; exit "
		 "3'\"",
		 2, "'sh': exit 3; it says: oops"},
		{"run --command \"sh -c 'kill -9 \\$\\$'\"", 2,
		 "'sh': killed by KILL"},
		{"run --command true", 2, "'true' prints nothing"},
		{"run --command 'sleep 1000' --timeout 1", 2,
		 "'sleep': no end within 1 s"},
		{"run --command yes --timeout 1", 2,
		 "'yes' prints more than 16 MiB"},
		{"run --command 'echo a' --workload nothing", 2,
		 "workload 'nothing'"},
		{"task command 1 1", 2, "unknown workload 'command'"},
		{"task command 1 5 --command './missing {seed}'", 1,
		 "the task with seed 5 failed: start:ENOENT"},
		{"task command 1 5 --command 'sh -c \"exit {seed}\"'", 1,
		 "failed: exit:5"},
		{"task command 1 1 --command true", 1, "failed: protocol"},
	};

	(void)state;
	free(program_output("echo text >text", 0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

/* What the program printed is what counts, so equal texts have one digest. */
static void expect_words(const char *line, const char *wanted)
{
	static const char task[] = M "task command 34 12 --command ";
	char command[1024], *a, *b;

	snprintf(command, sizeof(command),
		 "cat >line <<'END'\n%s\nEND\n%s \"$(cat line)\"", line, task);
	a = program_output(command, 0);
	snprintf(command, sizeof(command),
		 "cat >wanted <<'END'\n%s\nEND\n%s 'cat wanted'", wanted, task);
	b = program_output(command, 0);
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void splits_words_as_a_shell_does(void **state)
{
	char *a, *b;

	(void)state;
	expect_words("echo a  b\tc", "a b c");
	expect_words("printf '%s|%s\\n' 'b  c' x\\ y", "b  c|x y");
	expect_words("printf '%s|%s|%s\\n' \"q'\\\"\\\\z\" '' a'b'\"c\"",
		     "q'\"\\z||abc");
	expect_words("printf '%s\\n' \"a\\b\" 'c\\d'", "a\\b\nc\\d");
	/* It is no shell. */
	expect_words("echo $HOME * ; a|b >c `d` # e",
		     "$HOME * ; a|b >c `d` # e");
	expect_words("echo {seed} --size={size}/{seed}{seeds} {see",
		     "12 --size=34/12{seeds} {see");
	/* And equal digests mean something. */
	a = program_output(M "task command 1 1 --command 'echo a'", 0);
	b = program_output(M "task command 1 1 --command 'echo b'", 0);
	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

static json_int_t count(const json_t *slice, const char *key)
{
	const json_t *value = json_object_get(slice, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* The slices of the folder `out', one for each model. */
static json_t *read_slices(json_t **ret_context)
{
	char *text = program_read("out/results.json");
	json_t *all = json_loads(text, 0, NULL);
	json_t *slices;

	assert_non_null(all);
	free(text);
	*ret_context = json_incref(json_object_get(all, "context"));
	slices = json_incref(json_object_get(all, "benchmarks"));
	json_decref(all);
	assert_true(json_array_size(slices) > 0);
	return slices;
}

static void runs_in_every_model(void **state)
{
	json_t *context, *slices, *slice;
	size_t i;

	(void)state;
	write_tool("echo \"$1 squared is $(($1 * $1))\"");
	free(program_output(RUN "--command './tool {seed}'" SMALL, 0));
	slices = read_slices(&context);
	assert_string_equal(json_string_value(json_object_get(
				    context, "x_command_workload")),
			    "./tool {seed}");
	json_array_foreach(slices, i, slice)
	{
		assert_string_equal(
			json_string_value(json_object_get(slice, "x_workload")),
			"command");
		assert_true(count(slice, "x_ended_ok") > 0);
		assert_int_equal(count(slice, "x_ended_ok"),
				 count(slice, "x_submitted"));
		assert_int_equal(count(slice, "x_wrong_digests"), 0);
	}
	json_decref(context);
	json_decref(slices);
}

/* Seeds 2, 3 and 4 fail, each in its way; 1 is what is tried beforehand. */
static void fails_tasks_in_every_model(void **state)
{
	json_t *context, *slices, *slice;
	size_t i;

	(void)state;
	write_tool("case $1 in 2) exit 5;; 3) kill -ABRT $$;; 4) exit 0;; esac;"
		   "echo $1");
	free(program_output(RUN "--command './tool {seed}'" SMALL, 1));
	slices = read_slices(&context);
	json_array_foreach(slices, i, slice)
	{
		assert_true(count(slice, "x_ended_ok") > 0);
		assert_true(count(slice, "x_ended_exit") > 0);
		assert_true(count(slice, "x_ended_signal") > 0);
		assert_true(count(slice, "x_ended_protocol") > 0);
		assert_int_equal(count(slice, "x_ended_ok") +
					 count(slice, "x_ended_exit") +
					 count(slice, "x_ended_signal") +
					 count(slice, "x_ended_protocol"),
				 count(slice, "x_submitted"));
	}
	json_decref(context);
	json_decref(slices);
}

/* What hangs is ended with all that it has started. */
static void ends_programs_that_hang(void **state)
{
	json_t *context, *slices, *slice;
	size_t i;

	(void)state;
	write_tool("case $1 in 2) sleep 1000 & sleep 1001;; esac; echo $1");
	free(program_output(RUN "--command './tool {seed}' --timeout 1 "
				"--model shell,pool,threads" SMALL,
			    1));
	slices = read_slices(&context);
	json_array_foreach(slices, i, slice)
		assert_true(count(slice, "x_ended_timeout") > 0);
	json_decref(context);
	json_decref(slices);
	program_expect_alone();
}

static void notices_other_output_for_the_same_seed(void **state)
{
	struct child_result r;

	(void)state;
	write_tool("echo $$");
	program_run(RUN "--model fork --command ./tool" SMALL, &r);
	program_expect_code(&r, 1, "run");
	assert_non_null(strstr(r.err, "prints something else each time for the "
				      "same seed"));
	assert_non_null(strstr(r.err, "unequal digests"));
	child_result_done(&r);
}

/* The window is made longer, so that it holds some tasks; and says so. */
static void takes_its_time_for_slow_programs(void **state)
{
	struct child_result r;
	json_t *context, *slices;

	(void)state;
	write_tool("sleep 0.1; echo $1");
	program_run(RUN "--model serial --command './tool {seed}' --no-plots "
			"--out out",
		    &r);
	program_expect_code(&r, 0, "run");
	assert_non_null(strstr(r.err, "the program takes 1"));
	assert_non_null(strstr(r.err, " ms: slices of "));
	child_result_done(&r);
	slices = read_slices(&context);
	assert_true(count(context, "x_window_ns") >= 300000000);
	json_decref(context);
	json_decref(slices);
}

static void resumes(void **state)
{
	(void)state;
	write_tool("echo $1");
	free(program_output(RUN "--model fork --command './tool {seed}'" SMALL,
			    0));
	free(program_output(M "run --resume out --no-plots --quiet", 0));
	/* Planned for two blocks more, it goes on with the same program. */
	free(program_output("sed -i '1s/\"x_blocks_planned\":1/"
			    "\"x_blocks_planned\":3/' out/journal.jsonl; "
			    "echo 'echo $1 >>seen' >>tool",
			    0));
	free(program_output(M "run --resume out --no-plots --quiet", 0));
	assert_true(program_has("seen"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, program_setup, program_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(refuses_what_does_not_work),
		TEST(splits_words_as_a_shell_does),
		TEST(runs_in_every_model),
		TEST(fails_tasks_in_every_model),
		TEST(ends_programs_that_hang),
		TEST(notices_other_output_for_the_same_seed),
		TEST(takes_its_time_for_slow_programs),
		TEST(resumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
