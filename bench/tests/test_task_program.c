/*
 * manyhands-task, the small program that exec and shell start, and who starts it
 * when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/fault.h"

#define M "\"$MANYHANDS\" "
#define TASK "\"$MANYHANDS-task\" "
#define SLICE                                                                  \
	M "slice --size=300 --workers=2 --settle-ns=1000000 "                  \
	  "--window-ns=50000000 "

static const char *const starters[] = {"exec", "exec:fork", "exec:spawn",
				       "exec:big", "shell"};

static void prints_digests(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_workloads; i++) {
		const struct workload *w = workloads[i];
		char command[128], expected[64];
		char *out;

		snprintf(command, sizeof(command), TASK "%s %llu 1", w->name,
			 (unsigned long long)w->default_size);
		snprintf(expected, sizeof(expected), "%016llx\n",
			 (unsigned long long)w->golden);
		out = program_output(command, 0);
		assert_string_equal(out, expected);
		free(out);
	}
}

static void refuses_nonsense(void **state)
{
	static const char *const nonsense[] = {
		"",
		"nop",
		"nop 1",
		"nop 1 1 1",
		"nopp 1 1",
		"nop+hungry 1 1",
		"nop 0 1",
		"nop 1x 1",
		"nop 1 -1",
		"nop 1 ''",
		"nop 1 18446744073709551616",
		"--record nop 1 1",
		"--record= nop 1 1",
		"--extra-ppm=1000001 nop 1 1",
		"--help",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		char command[128];
		struct child_result r;

		snprintf(command, sizeof(command), TASK "%s", nonsense[i]);
		program_run(command, &r);
		program_expect_code(&r, 2, command);
		assert_string_equal(r.out, "");
		assert_memory_equal(r.err, "usage: manyhands-task ", 22);
		child_result_done(&r);
	}
	free(program_output(TASK "nop 1 1 >/dev/full", 3));
}

/* The models exec and shell meet faults as the others do. */
static void knows_faults(void **state)
{
	char command[128];

	(void)state;
	free(program_output(TASK "primes+exit7 300 1", 0));
	snprintf(command, sizeof(command), TASK "primes+exit7 300 %llu",
		 (unsigned long long)(FAULT_SEED | 1));
	free(program_output(command, 7));
}

/* A slice, of which all tasks end as @key says, and some do. */
static void expect_all(const char *command, const char *key)
{
	json_t *json = program_json(command, 0);
	json_t *n = json_object_get(json, key);

	if (!json_equal(n, json_object_get(json, "x_submitted")) ||
	    json_integer_value(n) == 0)
		fail_msg("%s: not all are %s: %s", command, key,
			 json_dumps(json, 0));
	json_decref(json);
}

static void runs_the_tasks_of_models(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(starters) / sizeof(starters[0]); i++) {
		char command[512];

		snprintf(command, sizeof(command),
			 SLICE "--workload=primes --model=%s", starters[i]);
		expect_all(command, "x_ended_ok");
	}
}

/* In each way, what cannot be executed is the task's end, and soon. */
static void tells_why_not(void **state)
{
	(void)state;
	free(program_output("mkdir here && cp \"$MANYHANDS\" here/manyhands",
			    0));
	for (size_t i = 0; i < 3; i++) {
		char command[512];
		char *out;

		snprintf(command, sizeof(command),
			 "rm -f here/manyhands-task; here/manyhands slice "
			 "--workload=nop --size=1 --model=%s",
			 starters[i]);
		out = program_output(command, 0);
		assert_non_null(strstr(out, "\"x_status\":\"open:ENOENT\""));
		free(out);
		snprintf(command, sizeof(command),
			 "echo nonsense >here/manyhands-task && "
			 "chmod +x here/manyhands-task && here/manyhands slice "
			 "--workload=nop --size=1 --workers=2 "
			 "--settle-ns=1000000 --window-ns=50000000 --model=%s",
			 starters[i]);
		expect_all(command, "x_ended_start");
	}
	/* Who needs nothing small misses nothing. */
	expect_all("rm here/manyhands-task; here/manyhands slice "
		   "--workload=nop --size=1 --model=exec:big "
		   "--settle-ns=1000000 --window-ns=50000000",
		   "x_ended_ok");
}

/* Only the big program can load a workload; so that one is started. */
static void leaves_loading_to_the_big_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(starters) / sizeof(starters[0]); i++) {
		char command[512];

		snprintf(command, sizeof(command),
			 SLICE "--load-workload=\"$TREE/build/examples/"
			       "collatz.so\" --workload=collatz --model=%s",
			 starters[i]);
		expect_all(command, "x_ended_ok");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_digests),
		cmocka_unit_test(refuses_nonsense),
		cmocka_unit_test(knows_faults),
		cmocka_unit_test(runs_the_tasks_of_models),
		cmocka_unit_test(tells_why_not),
		cmocka_unit_test(leaves_loading_to_the_big_one),
	};

	return cmocka_run_group_tests(tests, program_setup, program_teardown);
}
