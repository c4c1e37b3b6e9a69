/*
 * A child in one call: its end, its output, its time, its group.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/tests/children.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_sh(const char *command, struct child_result *ret)
{
	const struct child_options o = {.command = command, .limit_ns = LONG};

	return child_run(&o, ret);
}

static void ends_are_told(void **state)
{
	(void)state;
	assert_string_equal(children_sh("echo hello"), "exit 0: hello\n");
	assert_string_equal(children_sh("exit 7"), "exit 7: ");
	assert_string_equal(children_sh("kill -KILL $$"), "killed by KILL: ");
	assert_string_equal(children_sh("kill -TERM $$"), "killed by TERM: ");
}

static void result_has_everything(void **state)
{
	uint64_t before = clock_ns(), wall;
	struct child_result r;
	sigset_t mask;

	(void)state;
	assert_int_equal(run_sh("echo out; echo error >&2; exit 3", &r), 0);
	wall = clock_ns() - before;
	assert_true(WIFEXITED(r.wait_status));
	assert_int_equal(WEXITSTATUS(r.wait_status), 3);
	assert_false(r.late || r.cancelled || r.out_cut || r.err_cut);
	assert_true(r.wall_ns > 0 && r.wall_ns <= wall);
	assert_string_equal(r.out, "out\n");
	assert_string_equal(r.err, "error\n");
	assert_int_equal(r.out_bytes, 4);
	assert_int_equal(r.err_bytes, 6);
	child_result_done(&r);
	child_result_done(&r);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	assert_int_equal(sigismember(&mask, SIGINT), 0);
}

static void unknown_signals_have_numbers(void **state)
{
	struct child_result r = {.wait_status = 40};
	char text[64];

	(void)state;
	assert_string_equal(child_result_text(&r, text, sizeof(text)),
			    "killed by signal 40");
}

static void limits_are_told_in_seconds(void **state)
{
	struct child_result r = {.late = 1, .limit_ns = 5 * NS_PER_S};
	char text[64];

	(void)state;
	assert_string_equal(child_result_text(&r, text, sizeof(text)),
			    "no end within 5 s");
	r.limit_ns = 250 * NS_PER_MS;
	assert_string_equal(child_result_text(&r, text, sizeof(text)),
			    "no end within 0.25 s");
}

/* Byte @i of what is written to descriptor @fd, not the same for both. */
static char byte_of(int fd, size_t i)
{
	return (char)((fd == 1 ? 'a' : 'A') + i % 26);
}

static void write_all(int fd, size_t bytes)
{
	char block[26 * 256];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = byte_of(fd, i);
	while (bytes > 0) {
		size_t n = bytes < sizeof(block) ? bytes : sizeof(block);

		CHECK(write(fd, block, n) == (ssize_t)n);
		bytes -= n;
	}
}

/*
 * Far more than a pipe holds, in the order of the digits of @script: who reads
 * one stream to its end, or writes all of the input, before the next, waits for
 * ever.
 */
static int act_flood(void *script)
{
	char block[4096];
	ssize_t n;

	for (const char *c = script; *c; c++) {
		if (*c != '0') {
			write_all(*c - '0', MIB);
			continue;
		}
		while ((n = read(0, block, sizeof(block))) > 0)
			CHECK(write(1, block, (size_t)n) == n);
	}
	return 0;
}

static void no_order_of_writes_deadlocks(void **state)
{
	static char *scripts[] = {"12",  "21",  "0",    "120",
				  "210", "012", "2011", "12121212"};
	char *input = malloc(MIB);

	(void)state;
	assert_non_null(input);
	for (size_t i = 0; i < MIB; i++)
		input[i] = byte_of(1, i);
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		size_t n[3] = {0}, bytes = 0;
		struct child_options o = {
			.function = act_flood,
			.argument = scripts[i],
			.stdio[0] = {CHILD_BYTES, .bytes = input,
				     .n_bytes = MIB},
			.limit_ns = LONG,
			.out_cap = 16 * MIB,
			.err_cap = 16 * MIB,
		};
		struct child_result r;

		for (const char *c = scripts[i]; *c; c++)
			n[*c - '0'] += MIB;
		assert_int_equal(child_run(&o, &r), 0);
		assert_int_equal(r.wait_status, 0);
		assert_false(r.late || r.out_cut || r.err_cut);
		assert_int_equal(r.out_bytes, n[0] + n[1]);
		assert_int_equal(r.err_bytes, n[2]);
		for (; bytes < r.out_bytes; bytes++)
			CHECK(r.out[bytes] == byte_of(1, bytes % MIB));
		for (bytes = 0; bytes < r.err_bytes; bytes++)
			CHECK(r.err[bytes] == byte_of(2, bytes % MIB));
		child_result_done(&r);
	}
	free(input);
}

static void programs_are_fed(void **state)
{
	char *input = malloc(MIB);
	struct child_options o = {
		.argv = ARGV("cat"),
		.stdio[0] = {CHILD_BYTES, .bytes = input, .n_bytes = MIB},
		.limit_ns = LONG,
	};
	struct child_result r;

	(void)state;
	assert_non_null(input);
	memset(input, 'x', MIB);
	assert_int_equal(child_run(&o, &r), 0);
	assert_int_equal(r.out_bytes, MIB);
	assert_memory_equal(r.out, input, MIB);
	assert_false(r.out_cut);
	child_result_done(&r);

	/* No bytes are an end of input, and not for ever none. */
	o.stdio[0].n_bytes = 0;
	assert_int_equal(child_run(&o, &r), 0);
	assert_int_equal(r.out_bytes, 0);
	child_result_done(&r);

	/* Who does not read to the end must not end us. */
	o.argv = ARGV("true");
	o.stdio[0].n_bytes = MIB;
	assert_int_equal(child_run(&o, &r), 0);
	assert_int_equal(r.wait_status, 0);
	child_result_done(&r);
	free(input);
}

/* What fits into the pipe is still there when its writer is gone. */
static void nothing_is_lost_at_the_end(void **state)
{
	struct child_result r;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run_sh("head -c 60000 /dev/zero;"
					"exec head -c 60000 /dev/zero >&2",
					&r),
				 0);
		assert_int_equal(r.out_bytes, 60000);
		assert_int_equal(r.err_bytes, 60000);
		child_result_done(&r);
	}
}

static void beyond_the_cap_is_dropped(void **state)
{
	struct child_options o = {
		.function = act_flood,
		.argument = "1122",
		.limit_ns = LONG,
		.out_cap = 100001,
		.err_cap = 1,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_int_equal(r.wait_status, 0);
	assert_true(r.out_cut && r.err_cut);
	assert_int_equal(r.out_bytes, 100001);
	assert_int_equal(strlen(r.out), 100001);
	assert_string_equal(r.err, "A");
	child_result_done(&r);

	/* As much as Node.js keeps. */
	o.out_cap = o.err_cap = 0;
	assert_int_equal(child_run(&o, &r), 0);
	assert_true(r.out_cut && r.err_cut);
	assert_int_equal(r.out_bytes, MIB);
	assert_int_equal(r.err_bytes, MIB);
	child_result_done(&r);
}

static void exactly_the_cap_is_not_cut(void **state)
{
	struct child_options o = {
		.command = "echo 123456789",
		.limit_ns = LONG,
		.out_cap = 10,
		.over_cap = CHILD_END,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_string_equal(r.out, "123456789\n");
	assert_false(r.out_cut || r.err_cut);
	child_result_done(&r);
	o.out_cap = 9;
	o.over_cap = CHILD_CUT;
	assert_int_equal(child_run(&o, &r), 0);
	assert_string_equal(r.out, "123456789");
	assert_true(r.out_cut);
	child_result_done(&r);
}

static void beyond_the_cap_may_be_an_error(void **state)
{
	struct child_options o = {
		.argv = ARGV("yes"),
		.limit_ns = LONG,
		.out_cap = 100,
		.over_cap = CHILD_END,
	};
	struct child_result r, untouched;

	(void)state;
	memset(&untouched, 0x5a, sizeof(untouched));
	r = untouched;
	assert_int_equal(child_run(&o, &r), -ENOBUFS);
	o.argv = NULL;
	o.command = "yes >&2";
	assert_int_equal(child_run(&o, &r), -ENOBUFS);

	/* Seen only when it has ended already. */
	o.command = "exec head -c 60000 /dev/zero";
	assert_int_equal(child_run(&o, &r), -ENOBUFS);
	assert_memory_equal(&r, &untouched, sizeof(r));
	(void)children_count_orphans();
}

static void deadline_kills_the_whole_group(void **state)
{
	struct child_options o = {
		.command = "for i in 1 2 3 4 5; do sleep 60 & done;"
			   "echo $!; wait",
		.limit_ns = 20 * NS_PER_MS,
	};
	char text[64], should[64];
	struct child_result r;
	int all = 0;

	(void)state;

	/* On a busy machine the shell may need longer to come so far. */
	while (!all) {
		assert_int_equal(child_run(&o, &r), 0);
		assert_true(r.late && !r.cancelled);
		assert_true(r.wall_ns >= o.limit_ns);
		assert_true(WIFSIGNALED(r.wait_status));
		assert_int_equal(WTERMSIG(r.wait_status), SIGKILL);
		snprintf(should, sizeof(should), "no end within %g s",
			 (double)o.limit_ns / 1e9);
		assert_string_equal(child_result_text(&r, text, sizeof(text)),
				    should);
		all = r.out_bytes > 0;
		child_result_done(&r);
		o.limit_ns *= 2;

		/* They sleep for a minute: who is gone soon was killed. */
		assert_true(children_count_orphans() == 5 || !all);
	}
	assert_true(o.limit_ns < LONG);
}

static int act_stop(void *nothing)
{
	(void)nothing;
	return raise(SIGSTOP);
}

static void deadline_meets_a_stopped_child(void **state)
{
	struct child_options o = {
		.function = act_stop,
		.limit_ns = 20 * NS_PER_MS,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_true(r.late);
	assert_int_equal(WTERMSIG(r.wait_status), SIGKILL);
	child_result_done(&r);
}

static void deadline_meets_endless_output(void **state)
{
	struct child_options o = {
		.argv = ARGV("yes"),
		.limit_ns = 50 * NS_PER_MS,
		.out_cap = 100,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_true(r.late);
	child_result_done(&r);
}

/* Before the exec, when there may be no group as yet. */
static void deadline_may_come_at_once(void **state)
{
	struct child_options o = {.argv = ARGV("sleep", "60"), .limit_ns = 1};
	struct child_result r;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(child_run(&o, &r), 0);
		assert_true(r.late);
		child_result_done(&r);
	}
}

/* The child itself makes the descriptor readable, in the middle of its life. */
static void cancelling_kills(void **state)
{
	struct children *b = *state;
	char fifo[80], text[64];
	char *const env[] = {fifo, NULL};
	struct child_options o = {
		.command = "sleep 60 & echo $!; echo >$FIFO; wait",
		.env = env,
		.limit_ns = LONG,
	};
	struct child_result r;

	snprintf(fifo, sizeof(fifo), "FIFO=%s", b->fifo);
	assert_int_equal(child_run_until(&o, b->fifo_fd, &r, NULL), 0);
	assert_true(r.cancelled && !r.late);
	assert_string_equal(child_result_text(&r, text, sizeof(text)),
			    "cancelled");
	assert_true(WIFSIGNALED(r.wait_status));
	children_expect_killed(children_number(r.out), SIGKILL);
	child_result_done(&r);

	/* Nobody has read it: the next one is cancelled from the start. */
	o.command = "exec sleep 60";
	assert_int_equal(child_run_until(&o, b->fifo_fd, &r, NULL), 0);
	assert_true(r.cancelled);
	child_result_done(&r);
}

static void end_does_not_wait_for_the_group(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(run_sh("sleep 60 & echo $!; exit 4", &r), 0);
	assert_false(r.late || r.cancelled);
	assert_int_equal(WEXITSTATUS(r.wait_status), 4);
	children_expect_killed(children_number(r.out), SIGKILL);
	child_result_done(&r);
}

/*
 * End, and leave a process behind in a group of its own that writes for ever;
 * print its pid.
 */
static int act_escape(void *nothing)
{
	char byte = 'x';
	int left[2];
	pid_t pid;

	(void)nothing;
	CHECK(pipe(left) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		CHECK(setsid() > 0);
		CHECK(write(left[1], &byte, 1) == 1);
		while (write(2, &byte, 1) == 1)
			;
		_exit(1);
	}
	CHECK(read(left[0], &byte, 1) == 1);
	dprintf(1, "%d", (int)pid);
	return 5;
}

/* End, and leave two processes, each in a group of its own. */
static int act_leave_groups(void *nothing)
{
	char byte = 'x';
	int left[2];

	(void)nothing;
	CHECK(pipe(left) == 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid > 0)
			continue;
		CHECK(setpgid(0, 0) == 0);
		CHECK(write(left[1], &byte, 1) == 1);
		for (;;)
			pause();
	}
	for (int i = 0; i < 2; i++)
		CHECK(read(left[0], &byte, 1) == 1);
	return 6;
}

static void end_kills_the_whole_session(void **state)
{
	struct child_options o = {
		.function = act_leave_groups,
		.group = CHILD_NEW_SESSION,
		.limit_ns = LONG,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_int_equal(WEXITSTATUS(r.wait_status), 6);
	child_result_done(&r);
	/* They pause for ever: who is gone soon was killed. */
	assert_int_equal(children_count_orphans(), 2);
}

static void end_does_not_wait_for_who_left_the_group(void **state)
{
	struct child_options o = {.function = act_escape, .limit_ns = LONG};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_false(r.late || r.cancelled);
	assert_int_equal(WEXITSTATUS(r.wait_status), 5);

	/* Nobody can find it to kill it, but it loses its reader. */
	children_expect_killed(children_number(r.out), SIGPIPE);
	child_result_done(&r);
}

static void child_dies_with_us(void **state)
{
	struct children *b = *state;
	char script[128];
	struct child_result r;
	pid_t middle, child;

	snprintf(script, sizeof(script), "echo $$ >%s; exec sleep 60", b->fifo);
	middle = fork();
	assert_true(middle >= 0);
	if (middle == 0)
		_exit(run_sh(script, &r) != 0);
	child = children_read_number(b->fifo_fd);
	assert_int_equal(kill(middle, SIGKILL), 0);
	children_expect_killed(middle, SIGKILL);
	children_expect_killed(child, SIGKILL);
}

static void *run_many(void *ret)
{
	int *wrong = ret;

	for (int i = 0; i < 10; i++) {
		struct child_result r;

		if (run_sh("echo $PPID; echo $$ >&2; exit 6", &r) != 0) {
			++*wrong;
			continue;
		}
		*wrong += children_number(r.out) != getpid();
		*wrong += children_number(r.err) <= 0;
		*wrong += WEXITSTATUS(r.wait_status) != 6;
		child_result_done(&r);
	}
	return NULL;
}

static void threads_may_run_children(void **state)
{
	int wrong[4] = {0};
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&t[i], NULL, run_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(wrong[i], 0);
	}
}

static int is_default(int sig)
{
	struct sigaction act;

	return sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_DFL;
}

static void begin_resets_signals(void **state)
{
	static const int sigs[] = {SIGINT,  SIGTERM, SIGHUP,
				   SIGPIPE, SIGXFSZ, SIGCHLD};
	struct sigaction ign = {.sa_handler = SIG_IGN};
	pid_t parent = getpid(), pid = fork();
	int death = 0, status;
	sigset_t mask, now;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
			CHECK(sigaction(sigs[i], &ign, NULL) == 0);
		sigemptyset(&mask);
		sigaddset(&mask, SIGUSR2);
		child_begin(parent, &mask);
		for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
			CHECK(is_default(sigs[i]));
		CHECK(prctl(PR_GET_PDEATHSIG, &death) == 0);
		CHECK(death == SIGKILL);

		/* No mask leaves the one there is. */
		child_begin(parent, NULL);
		CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
		CHECK(sigismember(&now, SIGUSR2) == 1);
		CHECK(sigismember(&now, SIGINT) == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Its parent is not who it was told: as if that one had died at once. */
static void begin_dies_without_parent(void **state)
{
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		child_begin(getpid(), NULL);
		_exit(0);
	}
	children_expect_killed(pid, SIGKILL);
}

static void begin_dies_with_parent(void **state)
{
	struct children *b = *state;
	pid_t middle = fork(), worker;

	assert_true(middle >= 0);
	if (middle == 0) {
		pid_t self = getpid();

		if (fork() == 0) {
			child_begin(self, NULL);
			CHECK(dprintf(b->fifo_fd, "%d", getpid()) > 0);
		}
		for (;;)
			pause();
	}
	worker = children_read_number(b->fifo_fd);
	assert_int_equal(kill(middle, SIGKILL), 0);
	children_expect_killed(middle, SIGKILL);
	children_expect_killed(worker, SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILDREN_TEST(ends_are_told),
		CHILDREN_TEST(result_has_everything),
		CHILDREN_TEST(unknown_signals_have_numbers),
		CHILDREN_TEST(limits_are_told_in_seconds),
		CHILDREN_TEST(no_order_of_writes_deadlocks),
		CHILDREN_TEST(programs_are_fed),
		CHILDREN_TEST(nothing_is_lost_at_the_end),
		CHILDREN_TEST(beyond_the_cap_is_dropped),
		CHILDREN_TEST(exactly_the_cap_is_not_cut),
		CHILDREN_TEST(beyond_the_cap_may_be_an_error),
		CHILDREN_TEST(deadline_kills_the_whole_group),
		CHILDREN_TEST(deadline_meets_a_stopped_child),
		CHILDREN_TEST(deadline_meets_endless_output),
		CHILDREN_TEST(deadline_may_come_at_once),
		CHILDREN_TEST(cancelling_kills),
		CHILDREN_TEST(end_does_not_wait_for_the_group),
		CHILDREN_TEST(end_kills_the_whole_session),
		CHILDREN_TEST(end_does_not_wait_for_who_left_the_group),
		CHILDREN_TEST(child_dies_with_us),
		CHILDREN_TEST(threads_may_run_children),
		CHILDREN_TEST(begin_resets_signals),
		CHILDREN_TEST(begin_dies_without_parent),
		CHILDREN_TEST(begin_dies_with_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
