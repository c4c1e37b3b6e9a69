#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/errand.h"
#include "harness/workload.h"

static const struct completion extreme = {
	.id = UINT64_MAX,
	.created_ns = UINT64_MAX,
	.start_ns = 0,
	.end_ns = UINT64_MAX,
	.digest = UINT64_MAX,
	.cpu = -1,
	.bind_errno = INT32_MAX,
	.status = INT32_MAX,
};

static void test_line(void **state)
{
	static const struct completion zero = {0};
	char line[ERRAND_LINE];
	struct completion c = zero;
	size_t n = errand_print(&extreme, line);

	(void)state;
	assert_int_equal(line[n - 1], '\n');
	assert_true(errand_parse(line, n, &c));
	assert_memory_equal(&c, &extreme, sizeof(c));
	n = errand_print(&zero, line);
	assert_true(errand_parse(line, n, &c));
	assert_memory_equal(&c, &zero, sizeof(c));
}

/* Only what we would have written ourselves: no byte more, less or other. */
static void test_bad_lines(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"manyhands-task 1 2 3 4 0000000000000005 6 7 8",
		"manyhands-task 1 2 3 4 0000000000000005 6 7 8\n\n",
		"manyhands-task 1 2 3 4 0000000000000005 6 7 8 9\n",
		"manyhands-task 1 2 3 4 0000000000000005 6 7\n",
		"manyhands-task 1 2 3 4 5 6 7 8\n",
		"manyhands-task  1 2 3 4 0000000000000005 6 7 8\n",
		"manyhands-task +1 2 3 4 0000000000000005 6 7 8\n",
		"manyhands-task 01 2 3 4 0000000000000005 6 7 8\n",
		"manyhands-task -1 2 3 4 0000000000000005 6 7 8\n",
		("manyhands-task 18446744073709551616 2 3 4 "
		 "0000000000000005 6 7 8\n"),
		"manyhands-task 1 2 3 4 000000000000000A 6 7 8\n",
		"manyhands-task 1 2 3 4 0000000000000005 6 7 4294967304\n",
		" manyhands-task 1 2 3 4 0000000000000005 6 7 8\n",
		"Manyhands-task 1 2 3 4 0000000000000005 6 7 8\n",
	};
	char line[2 * ERRAND_LINE];
	struct completion c = extreme;
	size_t n = errand_print(&extreme, line);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_false(errand_parse(line, i, &c));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(errand_parse(bad[i], strlen(bad[i]), &c));
	memset(line, ' ', sizeof(line));
	assert_false(errand_parse(line, sizeof(line), &c));
	assert_memory_equal(&c, &extreme, sizeof(c));
}

static const struct workload some = {.name = "some"};

static void test_words(void **state)
{
	static const char *const more[] = {"--load-workload=/a b/c.so", NULL};
	const struct job job = {.workload = &some,
				.size = UINT64_MAX,
				.extra_ppm = 9,
				.words = more};
	const struct worker self = {.index = 3, .bind_errno = 5};
	const struct task task = {.id = 77, .seed = UINT64_MAX};
	static const char *const wanted[] = {
		"/proc/123/exe",
		"task",
		"--load-workload=/a b/c.so",
		"--record=77",
		"--bind-errno=5",
		"--extra-ppm=9",
		"some",
		"18446744073709551615",
		"18446744073709551615",
	};
	struct errand_words words;

	(void)state;
	errand_words(&words, &job, &self, &task, NULL, 123);
	assert_int_equal(words.n, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_string_equal(words.argv[i], wanted[i]);
	assert_null(words.argv[words.n]);
	/* The small program: no command to name, nothing to be loaded. */
	errand_words(&words, &job, &self, &task, "/x/small", 123);
	assert_int_equal(words.n, ARRAY_LEN(wanted) - 2);
	assert_string_equal(words.argv[0], "/x/small");
	for (size_t i = 1; i < words.n; i++)
		assert_string_equal(words.argv[i], wanted[i + 2]);
}

/* A real shell must find the very words again, whatever is in them. */
static void test_quote(void **state)
{
	static const char *const nasty[] = {"--x='",
					    "$(exit 7) `exit 8` $HOME ${IFS}",
					    "a\\'b\"c; * ? ~ #",
					    "\t\n!&|<>(){}[]",
					    "''",
					    NULL};
	const struct job job = {.workload = &some, .words = nasty};
	const struct worker self = {0};
	const struct task task = {0};
	struct errand_words words;
	char quoted[ERRAND_QUOTED_BYTES], line[ERRAND_QUOTED_BYTES + 64];
	char wanted[ERRAND_WORDS_BYTES] = "";
	const struct child_options options = {
		.command = line,
		.limit_ns = 60 * NS_PER_S,
		.out_cap = sizeof(wanted),
	};
	struct child_result r;

	(void)state;
	errand_words(&words, &job, &self, &task, NULL, 1);
	errand_quote(&words, quoted);
	snprintf(line, sizeof(line), "printf '%%s|' %s", quoted);
	for (size_t i = 0; i < words.n; i++) {
		strcat(wanted, words.argv[i]);
		strcat(wanted, "|");
	}
	assert_int_equal(child_run(&options, &r), 0);
	assert_string_equal(r.out, wanted);
	child_result_done(&r);
}

/* Run @script as an errand; kill it once it has said something if @kill_it. */
static int32_t run_script(const char *path, const char *script, bool kill_it)
{
	char *argv[] = {"sh", "-c", (char *)script, NULL};
	struct completion c = {.cpu = 99};
	struct errand e;
	pid_t pid;

	assert_int_equal(errand_open(&e), 0);
	assert_int_equal(errand_open_report(&e), 0);
	pid = fork();
	if (pid == 0) {
		if (errand_begin(&e) == 0)
			(void)execve(path, argv, environ);
		errand_fail(&e, errno);
	}
	assert_int_equal(errand_started(&e, pid, -1), 0);
	for (;;) {
		struct pollfd p[] = {{e.ended, POLLIN, 0}, {e.out, POLLIN, 0}};

		assert_true(poll(p, 2, 60000) > 0);
		if (p[1].revents) {
			errand_read(&e);
			if (kill_it)
				errand_kill(&e);
			kill_it = false;
		}
		if (p[0].revents)
			break;
	}
	errand_end(&e, 7, &c);
	assert_int_equal(e.pid, 0);
	assert_true(e.ended == -1 && e.out == -1 && e.report == -1);
	assert_int_equal(c.id, 7);
	/* Nobody is left; what was killed with it has been collected. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return c.status;
}

#define RECORD(id) "manyhands-task " id " 2 3 4 0000000000000005 6 0 "

static void test_ends(void **state)
{
	static const struct {
		const char *script;
		int32_t status;
	} ends[] = {
		{"echo '" RECORD("7") "1'", TASK_STATUS(TASK_OK, 0)},
		{"printf 'manyhands-task 7 2'; echo ' 3 4 0000000000000005 6 0 "
		 "1'",
		 TASK_STATUS(TASK_OK, 0)},
		/* What a workload has said of its task. */
		{"echo '" RECORD("7") "770'", TASK_STATUS(TASK_EXIT, 3)},
		{"echo '" RECORD("7") "0'", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"echo '" RECORD("8") "1'", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"echo '" RECORD("7") "1'; echo",
		 TASK_STATUS(TASK_PROTOCOL, 0)},
		{"printf '" RECORD("7") "1'", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"echo hello", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"echo '" RECORD("7") "1'; exit 3", TASK_STATUS(TASK_EXIT, 3)},
		{"exit 3", TASK_STATUS(TASK_EXIT, 3)},
		{"kill -9 $$", TASK_STATUS(TASK_SIGNAL, SIGKILL)},
		/* Without end, and not a byte more than fits. */
		{"while :; do echo; done", TASK_STATUS(TASK_PROTOCOL, 0)},
		{"printf %256s; exec sleep 1000",
		 TASK_STATUS(TASK_PROTOCOL, 0)},
		/* Its end counts, not that of its output, nor its children's. */
		{"exec >/dev/null; exit 4", TASK_STATUS(TASK_EXIT, 4)},
		{"sleep 1000 & echo '" RECORD("7") "1'",
		 TASK_STATUS(TASK_OK, 0)},
		/* Only what it was given: nothing to read, nobody to hear. */
		{"read line && exit 9; cd /proc/$$/fd; set -- *;"
		 " exit $#",
		 TASK_STATUS(TASK_EXIT, 4)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		assert_int_equal(run_script("/bin/sh", ends[i].script, false),
				 ends[i].status);
}

static void test_killed(void **state)
{
	(void)state;
	assert_int_equal(run_script("/bin/sh", "echo; exec sleep 1000", true),
			 TASK_STATUS(TASK_TIMEOUT, 0));
	assert_int_equal(run_script("/bin/sh", "sleep 1000 & echo; wait", true),
			 TASK_STATUS(TASK_TIMEOUT, 0));
	assert_int_equal(run_script("/bin/sh", "echo; kill -STOP $$", true),
			 TASK_STATUS(TASK_TIMEOUT, 0));
}

static void test_no_program(void **state)
{
	(void)state;
	assert_int_equal(run_script("/no/such", "", false),
			 TASK_STATUS(TASK_START, ENOENT));
	assert_int_equal(run_script("/dev/null", "", false),
			 TASK_STATUS(TASK_START, EACCES));
}

static void test_no_child(void **state)
{
	struct errand e;

	(void)state;
	assert_int_equal(errand_open(&e), 0);
	assert_int_equal(errand_started(&e, -EAGAIN, -1), -EAGAIN);
	assert_true(e.out == -1 && e.child_out == -1 && e.pid == 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_no_program),
		cmocka_unit_test(test_no_child),
	};

	/* What our children leave behind comes to us. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
