/* The experiment peers as people run it, with peers that are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/base.h"
#include "harness/slice.h"

/*
 * No Python here, a xargs that is none, and a Node.js that is too old for one peer,
 * and of which each other one goes wrong in its own way; $3 is what is to be done.
 */
static const char node[] = "#!/bin/sh\n"
			   "case $1-$2 in\n"
			   "*piscina.js-probe) echo 3.9 ;;\n"
			   "*-probe) echo 20.0.0 ;;\n"
			   "*fork.js-run) kill -SEGV $$ ;;\n"
			   "*worker_threads.js-run) echo Hello ;;\n"
			   "*cluster.js-run) echo out of luck >&2; exit 9 ;;\n"
			   "*spawn.js-run) sleep 1000 ;;\n"
			   "esac\n";

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, 0755), 0);
}

/* Which status the slice of @model has; and it must say @message. */
static const char *status_of(const json_t *results, const char *model,
			     const char *message)
{
	size_t i;
	json_t *o;

	json_array_foreach(json_object_get(results, "benchmarks"), i, o)
	{
		const char *name =
			json_string_value(json_object_get(o, "x_model"));
		const char *said =
			json_string_value(json_object_get(o, "x_message"));

		if (strcmp(name, model) != 0)
			continue;
		if (!strstr(said, message))
			fail_msg("%s: %s", model, said);
		return json_string_value(json_object_get(o, "x_status"));
	}
	return NULL;
}

static void expect_status(const json_t *results, const char *model,
			  const char *status, const char *message)
{
	const char *got = status_of(results, model, message);

	if (!got || strcmp(got, status) != 0)
		fail_msg("%s: %s, not %s", model, got ? got : "no slice",
			 status);
}

static void what_is_wrong_with_a_peer_is_a_row(void **state)
{
	const char *absent, *found;
	json_t *results, *context;
	char *text;

	(void)state;
	assert_int_equal(mkdir("bin", 0755), 0);
	put("bin/node", node);
	put("bin/xargs", "#!/bin/sh\necho xargs, of a kind\n");
	put("bin/sh", "#!/bin/sh\nexec /bin/sh \"$@\"\n");
	put("bin/sleep", "#!/bin/sh\nexec /bin/sleep \"$@\"\n");
	text = program_output(
		"PATH=\"$PWD/bin\" \"$MANYHANDS\" run --experiment peers "
		"--model serial,threads --workload nop --blocks 1 "
		"--slice-ms 20 --timeout 1 --no-plots --quiet --out out "
		"2>err; echo $?",
		0);
	/* Some slices gave no result: that is said, and the run went on. */
	assert_non_null(strstr(text, "\n1\n"));
	assert_non_null(strstr(text, "threads"));
	free(text);
	text = program_read("err");
	assert_non_null(
		strstr(text, "slices gave no result; the first: node:"));
	free(text);

	results = json_load_file("out/results.json", 0, NULL);
	assert_non_null(results);
	expect_status(results, "serial", "ok", "");
	expect_status(results, "threads", "ok", "");
	expect_status(results, "node:fork", "crashed:SEGV", "");
	expect_status(results, "node:worker_threads", "broken:EPROTO",
		      "no result: ");
	expect_status(results, "node:cluster", "exited:9", "out of luck");
	expect_status(results, "node:spawn", "late", "");

	context = json_object_get(results, "context");
	found = json_string_value(json_object_get(context, "x_peers"));
	absent = json_string_value(json_object_get(context, "x_absent_peers"));
	assert_non_null(strstr(found, "node:fork 20.0.0"));
	assert_non_null(strstr(absent, "node:piscina: too old: version 3.9, "
				       "and 4 is needed (npm install "
				       "piscina)"));
	assert_non_null(strstr(absent, "python:pool: no python3 here (apt-get "
				       "install python3)"));
	assert_non_null(strstr(absent, "xargs: no bash here (apt-get install "
				       "findutils)"));
	json_decref(results);

	text = program_read("out/report.html");
	assert_non_null(strstr(text, "<li>node:piscina: too old"));
	assert_non_null(strstr(text, "crashed:SEGV"));
	free(text);
}

/* One slice by hand, as a run has it. */
static void a_slice_by_hand(void **state)
{
	json_t *slice = program_json(
		"\"$MANYHANDS\" slice --experiment=peers --model=no-peer:yet "
		"--runs=xargs --workload=nop --window-ns=20000000 --pin=none",
		0);

	(void)state;
	assert_string_equal(
		json_string_value(json_object_get(slice, "x_status")), "ok");
	assert_int_equal(
		json_integer_value(json_object_get(slice, "x_unstamped")), 1);
	assert_null(json_object_get(slice, "x_latency"));
	json_decref(slice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_wrong_with_a_peer_is_a_row, program_setup,
			program_teardown),
		cmocka_unit_test_setup_teardown(a_slice_by_hand, program_setup,
						program_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
