/*
 * What must survive what, of the whole program: a disk that is full, signals by
 * the thousand, children that are not ours, closed streams, one processor; and
 * the experiment `faults' itself, as people run it.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/tests/program.h"
#include "harness/base.h"

#define M "\"$MANYHANDS\" "
#define SMALL "--no-plots --quiet --out out "
#define SCALING                                                                \
	"run --experiment scaling --workload primes --size 300 --workers 2 "

/* All slices of the run in the folder out went well. */
static void expect_good(void)
{
	json_t *json = json_load_file("out/results.json", 0, NULL), *slice;
	json_t *slices = json_object_get(json, "benchmarks");
	size_t i;

	assert_true(json_array_size(slices) > 0);
	json_array_foreach(slices, i, slice)
	{
		json_t *status = json_object_get(slice, "x_status");
		json_t *ok = json_object_get(slice, "x_ended_ok");
		json_t *all = json_object_get(slice, "x_submitted");

		assert_string_equal(json_string_value(status), "ok");
		assert_true(json_equal(ok, all));
	}
	json_decref(json);
}

/*
 * All promises are kept; and where one is not, as a journal says that we have
 * tampered with, the run says so and fails.
 */
static void judges_faults(void **state)
{
	json_t *json, *row, *list;
	struct child_result r;
	size_t i;

	(void)state;
	json = program_json(M "run --experiment faults --model pool --size 300 "
			      "--workers 2 --blocks 1 --json " SMALL,
			    0);
	list = json_object_get(json, "faults");
	assert_true(json_array_size(list) >= 10);
	json_array_foreach(list, i, row)
	{
		assert_true(json_is_null(json_object_get(row, "broken")));
		assert_true(json_integer_value(
				    json_object_get(row, "happened")) > 0);
	}
	json_decref(json);
	free(program_output("grep -q 'Of .* faults, each did' out/summary.txt",
			    0));
	free(program_output("sed -i 's/\"x_injected\":/\"x_lost\": 9, "
			    "&/' out/journal.jsonl",
			    0));
	program_run(M "run --resume out --no-plots --quiet", &r);
	program_expect_code(&r, 1, "resume");
	assert_non_null(strstr(r.err, "promise broken: pool under 'kill': 9 "
				      "tasks were never answered"));
	assert_non_null(strstr(r.err, "promises more"));
	child_result_done(&r);
}

/* A file that may not grow is an error, and not the end of us. */
static void says_that_the_disk_is_full(void **state)
{
	struct child_result r;

	(void)state;
	program_run("ulimit -f 16; " M SCALING
		    "--model serial,threads --blocks 3 --slice-ms 5 " SMALL,
		    &r);
	program_expect_code(&r, 3, "run");
	assert_non_null(strstr(r.err, "File too large"));
	child_result_done(&r);
	assert_false(program_has("out/report.html"));
	assert_false(program_has("out/*.tmp*"));
}

/* Whoever starts us may have left us a child, and it is none of our workers. */
static void leaves_foreign_children_alone(void **state)
{
	(void)state;
	free(program_output(
		"sh -c 'sleep 1000 & echo $! >alive; (exit 42) & exec \"$0\" " SCALING
		"--model fork,pool,cluster --blocks 1 --slice-ms 20 " SMALL
		"' \"$MANYHANDS\" >/dev/null",
		0));
	expect_good();
	free(program_output("kill $(cat alive)", 0));
}

/*
 * Signals to process @pid and its children, without end.  Should one be gone
 * meanwhile, whoever has its number now gets what does nobody any harm.
 */
static _Noreturn void storm(pid_t pid)
{
	static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid,
		       pid);
	for (unsigned n = 0;; n++) {
		FILE *f = n % 64 ? NULL : fopen(path, "re");
		static int children[8];
		static int n_children;

		for (n_children = f ? 0 : n_children;
		     f && n_children < 8 &&
		     fscanf(f, "%d", &children[n_children]) == 1;)
			n_children++;
		if (f)
			(void)fclose(f);
		(void)kill(pid, harmless[n % 4]);
		for (int i = 0; i < n_children; i++)
			(void)kill(children[i], harmless[n % 4]);
		clock_sleep_until(clock_ns() + 50 * NS_PER_US);
	}
}

/*
 * Without the sanitiser's leak check: it attaches to the process with ptrace(2),
 * which waits for a SIGSTOP, and a SIGCONT takes that one back.
 */
static void works_in_a_storm_of_signals(void **state)
{
	pid_t pid, stormer;
	int status;

	(void)state;
	pid = program_start("ASAN_OPTIONS=detect_leaks=0",
			    SCALING "--model fork,thread_per_task,pool,"
				    "threads,cluster --blocks 1 "
				    "--slice-ms 100 " SMALL);
	stormer = fork();
	if (stormer == 0)
		storm(pid);
	status = program_wait(pid);
	assert_int_equal(kill(stormer, SIGKILL), 0);
	assert_int_equal(waitpid(stormer, NULL, 0), stormer);
	program_expect_exit(status, 0);
	expect_good();
}

/* No headline, so all of it may be left out; but not without a word. */
static void says_that_there_is_no_time(void **state)
{
	struct child_result r;

	(void)state;
	program_run(M "run --experiment faults --model fork --workers 1 "
		      "--budget 1 " SMALL,
		    &r);
	program_expect_code(&r, 3, "run");
	program_expect_line(&r, "raise --budget", "run");
	child_result_done(&r);
	assert_false(program_has("out"));
}

/* With nothing to read from and nobody to talk to, results are results. */
static void works_without_streams(void **state)
{
	struct child_result r;

	(void)state;
	program_run(M SCALING "--model fork,pool --blocks 1 --slice-ms 5 " SMALL
			      "<&- >&- 2>&-",
		    &r);
	program_expect_code(&r, 3, "run");
	child_result_done(&r);
	expect_good();
	assert_true(program_has("out/report.html"));
}

/* One processor for all, and workers for two. */
static void works_on_one_processor(void **state)
{
	cpu_set_t before, one;
	size_t cpu = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	free(program_output(M SCALING "--model fork,pool,threads,cluster "
				      "--blocks 1 --slice-ms 20 " SMALL,
			    0));
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	expect_good();
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, program_setup, program_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(judges_faults),
		TEST(says_that_the_disk_is_full),
		TEST(leaves_foreign_children_alone),
		TEST(works_in_a_storm_of_signals),
		TEST(says_that_there_is_no_time),
		TEST(works_without_streams),
		TEST(works_on_one_processor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
