/*
 * A child as events: their order, its input, signals, and a loop of one's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/child_stream.h"
#include "harness/tests/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What has been told, in its order: data as it came, then "<exit>", "<close>". */
struct told {
	char text[256];
	size_t bytes[3]; /* of each stream */
	int drained, exited, closed;
	int wait_status;
};

static void add(struct told *t, const char *what, size_t n)
{
	size_t have = strlen(t->text);

	if (have + n < sizeof(t->text)) {
		memcpy(t->text + have, what, n);
		t->text[have + n] = '\0';
	}
}

static void on_data(void *ctx, int fd, const char *bytes, size_t n)
{
	struct told *t = ctx;

	assert_true(fd == 1 || fd == 2);
	assert_true(n > 0);
	t->bytes[fd] += n;
	add(t, bytes, n);
}

static void on_drain(void *ctx)
{
	((struct told *)ctx)->drained++;
}

static void when_exited(void *ctx, int wait_status)
{
	struct told *t = ctx;

	t->exited++;
	t->wait_status = wait_status;
	add(t, "<exit>", 6);
}

static void when_closed(void *ctx)
{
	struct told *t = ctx;

	t->closed++;
	add(t, "<close>", 7);
}

static struct child *start(const struct child_options *o, struct told *t)
{
	const struct child_events events = {
		.ctx = t,
		.data = on_data,
		.drain = on_drain,
		.exit = when_exited,
		.close = when_closed,
	};
	struct child_options options = *o;
	struct child *c;

	*t = (struct told){.drained = 0};
	if (!options.limit_ns)
		options.limit_ns = LONG;
	assert_int_equal(child_start(&options, &events, &c, NULL), 0);
	return c;
}

#define START(told, ...) start(&(struct child_options){__VA_ARGS__}, told)

/* Handle what comes until @flag of what is told is set. */
static void listen_until(struct child *c, const int *flag)
{
	struct pollfd p[CHILD_POLLFDS];

	while (!*flag) {
		child_prepare(c, p);
		assert_true(child_deadline_ns(c) > clock_ns());
		if (poll(p, CHILD_POLLFDS,
			 clock_poll_ms(child_deadline_ns(c))) > 0)
			(void)child_handle(c, p);
	}
}

/* Listen to all of it, then end it. */
static void listen_to_all(struct child *c)
{
	assert_int_equal(child_wait(c, CLOCK_NEVER), 0);
	child_end(c);
}

static void streams_are_told_apart(void **state)
{
	struct told t;

	(void)state;
	listen_to_all(START(&t, .command = "echo out; echo error >&2; exit 3"));
	assert_int_equal(t.bytes[1], 4);
	assert_int_equal(t.bytes[2], 6);
	assert_int_equal(WEXITSTATUS(t.wait_status), 3);
	assert_int_equal(t.exited, 1);
	assert_int_equal(t.closed, 1);
}

static void nobody_needs_to_listen(void **state)
{
	const struct child_options o = {.command = "echo out; echo error >&2",
					.limit_ns = LONG};
	const struct child_events deaf = {0};
	struct child *c;

	(void)state;
	assert_int_equal(child_start(&o, &deaf, &c, NULL), 0);
	listen_to_all(c);
	child_end(NULL);
}

/* Close the output, then wait for the end of the input. */
static int act_close_first(void *nothing)
{
	char c;

	(void)nothing;
	close(1);
	close(2);
	return read(0, &c, 1) == 0 ? 4 : 1;
}

static void close_may_come_before_exit(void **state)
{
	struct told t;
	struct child *c = START(&t, .function = act_close_first,
				.stdio[0] = {.kind = CHILD_PIPE});

	(void)state;
	listen_until(c, &t.closed);
	assert_string_equal(t.text, "<close>");
	child_write_end(c);
	listen_to_all(c);
	assert_string_equal(t.text, "<close><exit>");
	assert_int_equal(WEXITSTATUS(t.wait_status), 4);
}

static void with_no_pipe_close_comes_first(void **state)
{
	struct told t;

	(void)state;
	listen_to_all(START(&t, .argv = ARGV("true"),
			    .stdio = {[1] = {.kind = CHILD_NULL},
				      [2] = {.kind = CHILD_NULL}}));
	assert_string_equal(t.text, "<close><exit>");
}

/* Leave a grandchild that says "late" when the input has ended. */
static int act_leave_heir(void *own_session)
{
	pid_t pid = fork();
	char c;

	CHECK(pid >= 0);
	if (pid > 0) {
		dprintf(1, "early");
		return 0;
	}
	CHECK(!own_session || setsid() > 0);
	CHECK(read(0, &c, 1) == 0);
	dprintf(1, "late");
	_exit(0);
}

static void exit_may_come_before_close(void **state)
{
	struct told t;
	struct child *c = START(&t, .function = act_leave_heir,
				.stdio[0] = {.kind = CHILD_PIPE});

	(void)state;
	listen_until(c, &t.exited);
	assert_int_equal(child_wait(c, clock_ns()), -ETIMEDOUT);
	assert_string_equal(t.text, "early<exit>");
	child_write_end(c);
	listen_to_all(c);
	assert_string_equal(t.text, "early<exit>late<close>");
	assert_int_equal(children_count_orphans(), 1);
}

static void who_hangs_up_does_not_wait_for_close(void **state)
{
	struct told t;
	struct child *c =
		START(&t, .function = act_leave_heir, .argument = "own session",
		      .stdio[0] = {.kind = CHILD_PIPE});

	(void)state;
	listen_until(c, &t.exited);
	child_hang_up(c);
	assert_string_equal(t.text, "early<exit><close>");
	assert_int_equal(child_wait(c, CLOCK_NEVER), 0);

	/* It left the group, so only the end of its input ends it. */
	child_end(c);
	assert_int_equal(children_count_orphans(), 1);
}

static _Noreturn void wait_for_ever(void)
{
	for (;;)
		pause();
}

/* More than one read(2) takes, into a pipe that holds it all. */
static int act_leave_much(void *nothing)
{
	static char block[MIB];

	(void)nothing;
	CHECK(fcntl(1, F_SETPIPE_SZ, MIB) >= (int)MIB);
	CHECK(write(1, block, MIB) == (ssize_t)MIB);
	return 0;
}

static void who_hangs_up_takes_what_is_there(void **state)
{
	struct told t;
	struct child *c = START(&t, .function = act_leave_much);
	siginfo_t i;

	(void)state;
	assert_int_equal(
		waitid(P_PID, (id_t)child_pid(c), &i, WEXITED | WNOWAIT), 0);
	listen_until(c, &t.exited);
	assert_true(t.bytes[1] < MIB);
	child_hang_up(c);
	assert_int_equal(t.bytes[1], MIB);
	child_end(c);
}

/* The state letter of process @pid in /proc, or 0 if there is none. */
static char state_of(pid_t pid)
{
	char path[64], text[512], letter = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fgets(text, sizeof(text), f) && strrchr(text, ')'))
		letter = strrchr(text, ')')[2];
	fclose(f);
	return letter;
}

static void the_dead_keep_their_number_and_get_no_signal(void **state)
{
	struct told t;
	struct child *c = START(&t, .argv = ARGV("cat"),
				.stdio[0] = {.kind = CHILD_PIPE});
	pid_t pid = child_pid(c);
	siginfo_t i;

	(void)state;
	assert_int_equal(child_signal(c, 0), 0);
	child_write_end(c);
	assert_int_equal(waitid(P_PID, (id_t)pid, &i, WEXITED | WNOWAIT), 0);

	/* It has ended, and nobody has told us so far. */
	assert_int_equal(child_signal(c, SIGTERM), -ESRCH);
	assert_int_equal(child_wait(c, CLOCK_NEVER), 0);
	assert_int_equal(child_signal(c, SIGTERM), -ESRCH);
	assert_int_equal(state_of(pid), 'Z');
	child_end(c);
	assert_int_equal(state_of(pid), 0);
	assert_int_equal(WEXITSTATUS(t.wait_status), 0);
}

static void signals_arrive(void **state)
{
	struct told t;
	struct child *c = START(&t, .argv = ARGV("sleep", "60"));

	(void)state;
	assert_int_equal(child_signal(c, 12345), -EINVAL);
	assert_int_equal(child_signal(c, SIGTERM), 0);
	listen_to_all(c);
	assert_true(WIFSIGNALED(t.wait_status));
	assert_int_equal(WTERMSIG(t.wait_status), SIGTERM);
}

static int act_abort(void *nothing)
{
	const struct rlimit some = {1 << 20, 1 << 20};

	(void)nothing;
	(void)setrlimit(RLIMIT_CORE, &some);
	abort();
}

/* As waitpid(2) tells it of another that did the same, dumped core or not. */
static void wait_status_is_the_kernel_s(void **state)
{
	const struct children *b = *state;
	struct told t;
	pid_t other;
	int status;

	listen_to_all(START(&t, .function = act_abort, .cwd = b->dir));
	other = fork();
	assert_true(other >= 0);
	if (other == 0)
		_exit(chdir(b->dir) == 0 && act_abort(NULL));
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(t.wait_status, status);
	listen_to_all(START(&t, .command = "rm -f core*", .cwd = b->dir));
}

static void others_children_are_not_stolen(void **state)
{
	struct told t;
	pid_t other = fork();
	siginfo_t i;
	int status;

	(void)state;
	assert_true(other >= 0);
	if (other == 0)
		_exit(9);
	assert_int_equal(waitid(P_PID, (id_t)other, &i, WEXITED | WNOWAIT), 0);
	listen_to_all(START(&t, .command = "exit 3"));
	assert_int_equal(WEXITSTATUS(t.wait_status), 3);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(WEXITSTATUS(status), 9);
}

static void end_kills_whom_nobody_listens_to(void **state)
{
	struct told t;
	struct child *c = START(&t, .command = "sleep 60 & echo; wait");

	(void)state;
	while (t.bytes[1] == 0)
		assert_int_equal(child_wait(c, clock_ns()), -ETIMEDOUT);
	child_end(c);
	assert_int_equal(children_count_orphans(), 1);
	assert_string_equal(t.text, "\n");
}

static void stop_lets_a_child_clean_up(void **state)
{
	struct told t;
	struct child *c = START(&t,
				.command = "trap 'echo bye; exit 3' TERM;"
					   "echo; while :; do sleep 0.01; done",
				.kill_signal = SIGTERM, .grace_ns = LONG);
	uint64_t deadline_ns;

	(void)state;
	while (t.bytes[1] == 0)
		assert_int_equal(child_wait(c, clock_ns()), -ETIMEDOUT);
	child_stop(c);
	deadline_ns = child_deadline_ns(c);
	child_stop(c);
	assert_int_equal(child_deadline_ns(c), deadline_ns);
	listen_to_all(c);
	assert_int_equal(WEXITSTATUS(t.wait_status), 3);
	assert_non_null(strstr(t.text, "bye"));
	(void)children_count_orphans();
}

/* Ready, deaf to SIGTERM, with as deaf a child of its own. */
static int act_deaf(void *nothing)
{
	(void)nothing;
	(void)signal(SIGTERM, SIG_IGN);
	CHECK(fork() >= 0);
	dprintf(1, "x");
	wait_for_ever();
}

static void grace_ends_with_sigkill(void **state)
{
	struct told t;
	struct child *c =
		START(&t, .function = act_deaf, .kill_signal = SIGTERM,
		      .grace_ns = 10 * NS_PER_MS);
	uint64_t begin_ns;

	(void)state;
	while (t.bytes[1] < 2)
		assert_int_equal(child_wait(c, clock_ns()), -ETIMEDOUT);
	begin_ns = clock_ns();
	child_stop(c);
	assert_int_equal(child_wait(c, CLOCK_NEVER), 0);
	assert_true(clock_ns() - begin_ns >= 10 * NS_PER_MS);
	assert_false(child_is_late(c));
	child_end(c);
	assert_int_equal(WTERMSIG(t.wait_status), SIGKILL);
	assert_int_equal(children_count_orphans(), 1);
}

static void lateness_is_told(void **state)
{
	struct told t;
	struct child *c =
		START(&t, .function = act_deaf, .limit_ns = 20 * NS_PER_MS,
		      .kill_signal = SIGTERM, .grace_ns = NS_PER_MS);

	(void)state;
	assert_int_equal(child_wait(c, CLOCK_NEVER), 0);
	assert_true(child_is_late(c));
	child_end(c);
	(void)children_count_orphans();
}

static int act_stop_then_listen(void *nothing)
{
	(void)nothing;
	CHECK(raise(SIGSTOP) == 0);
	wait_for_ever();
}

/* SIGTERM alone would wait, with the child, for somebody's SIGCONT. */
static void stop_reaches_a_stopped_child(void **state)
{
	struct told t;
	struct child *c = START(&t, .function = act_stop_then_listen,
				.kill_signal = SIGTERM, .grace_ns = LONG / 4);
	siginfo_t i;

	(void)state;
	assert_int_equal(
		waitid(P_PID, (id_t)child_pid(c), &i, WSTOPPED | WNOWAIT), 0);
	child_stop(c);
	listen_to_all(c);
	assert_int_equal(WTERMSIG(t.wait_status), SIGTERM);
}

static void full_pipes_are_told_and_drained(void **state)
{
	static char block[100000];
	struct told t;
	struct child *c = START(&t, .argv = ARGV("sleep", "60"),
				.stdio[0] = {.kind = CHILD_PIPE});
	size_t sent;
	ssize_t n;

	(void)state;
	while ((n = child_write(c, block, sizeof(block))) > 0)
		assert_true((size_t)n < sizeof(block));
	assert_int_equal(n, 0);
	child_end(c);

	/* Who reads makes room. */
	c = START(&t, .argv = ARGV("wc", "-c"),
		  .stdio[0] = {.kind = CHILD_PIPE});
	for (sent = 0; sent < MIB; sent += (size_t)n) {
		size_t left = MIB - sent;

		if (left > sizeof(block))
			left = sizeof(block);
		t.drained = 0;
		n = child_write(c, block, left);
		assert_true(n >= 0);
		if ((size_t)n < left)
			listen_until(c, &t.drained);
	}
	child_write_end(c);
	listen_to_all(c);
	assert_int_equal(children_number(t.text), MIB);
}

static int act_close_input(void *nothing)
{
	(void)nothing;
	close(0);
	dprintf(1, "x");
	wait_for_ever();
}

static void input_nobody_reads_is_told(void **state)
{
	struct told t;
	struct child *c = START(&t, .function = act_close_input,
				.stdio[0] = {.kind = CHILD_PIPE});
	sigset_t pending;

	(void)state;
	while (t.bytes[1] == 0)
		assert_int_equal(child_wait(c, clock_ns()), -ETIMEDOUT);
	assert_int_equal(child_write(c, "x", 1), -EPIPE);
	assert_int_equal(child_write(c, "x", 1), -EPIPE);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGPIPE), 0);
	child_end(c);
}

/* Two children and a descriptor of ours in one array. */
static void a_loop_may_have_many(void **state)
{
	struct pollfd p[2 * CHILD_POLLFDS + 1];
	struct told t[2];
	struct child *c[2];
	int done = 0, said = 0, pipe_fd[2];

	(void)state;
	assert_int_equal(pipe2(pipe_fd, O_CLOEXEC), 0);
	c[0] = START(&t[0], .command = "echo one; read x; echo three",
		     .stdio[0] = {.kind = CHILD_PIPE});
	c[1] = START(&t[1], .command = "read x; echo two",
		     .stdio[0] = {.kind = CHILD_PIPE});
	while (done != 3) {
		uint64_t next = CLOCK_NEVER;

		for (int i = 0; i < 2; i++) {
			child_prepare(c[i], p + i * CHILD_POLLFDS);
			if (child_deadline_ns(c[i]) < next)
				next = child_deadline_ns(c[i]);
		}
		p[2 * CHILD_POLLFDS] =
			(struct pollfd){.fd = pipe_fd[0], .events = POLLIN};
		assert_true(poll(p, ARRAY_LEN(p), clock_poll_ms(next)) > 0);
		for (int i = 0; i < 2; i++)
			done |= child_handle(c[i], p + i * CHILD_POLLFDS) << i;

		/* "one" sets off ours, ours "two", and "two" sets off "three". */
		if (t[0].bytes[1] == 4 && said++ == 0)
			assert_int_equal(write(pipe_fd[1], "x", 1), 1);
		if (p[2 * CHILD_POLLFDS].revents) {
			char byte;

			assert_int_equal(read(pipe_fd[0], &byte, 1), 1);
			assert_int_equal(child_write(c[1], "\n", 1), 1);
		}
		if (t[1].bytes[1] == 4)
			(void)child_write(c[0], "\n", 1);
	}
	for (int i = 0; i < 2; i++) {
		child_end(c[i]);
		close(pipe_fd[i]);
	}
	assert_int_equal(t[0].bytes[1], 10);
}

static atomic_int ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

static void a_storm_of_signals_loses_nothing(void **state)
{
	const struct itimerval storm = {{0, 1000}, {0, 1000}}, calm = {0};
	struct sigaction act = {.sa_handler = on_tick}, old;
	char *input = calloc(1, 8 * MIB);

	(void)state;
	assert_non_null(input);
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &storm, NULL), 0);
	ticks = 0;
	for (int i = 0; i < 20 || ticks < 20; i++) {
		struct told t;

		listen_to_all(START(&t, .command = "cat; echo x >&2; exit 5",
				    .stdio[0] = {CHILD_BYTES, .bytes = input,
						 .n_bytes = 8 * MIB}));
		CHECK(t.bytes[1] == 8 * MIB && t.bytes[2] == 2);
		CHECK(WEXITSTATUS(t.wait_status) == 5);
	}
	assert_int_equal(setitimer(ITIMER_REAL, &calm, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	free(input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILDREN_TEST(streams_are_told_apart),
		CHILDREN_TEST(nobody_needs_to_listen),
		CHILDREN_TEST(close_may_come_before_exit),
		CHILDREN_TEST(with_no_pipe_close_comes_first),
		CHILDREN_TEST(exit_may_come_before_close),
		CHILDREN_TEST(who_hangs_up_does_not_wait_for_close),
		CHILDREN_TEST(who_hangs_up_takes_what_is_there),
		CHILDREN_TEST(the_dead_keep_their_number_and_get_no_signal),
		CHILDREN_TEST(signals_arrive),
		CHILDREN_TEST(wait_status_is_the_kernel_s),
		CHILDREN_TEST(others_children_are_not_stolen),
		CHILDREN_TEST(end_kills_whom_nobody_listens_to),
		CHILDREN_TEST(stop_lets_a_child_clean_up),
		CHILDREN_TEST(grace_ends_with_sigkill),
		CHILDREN_TEST(lateness_is_told),
		CHILDREN_TEST(stop_reaches_a_stopped_child),
		CHILDREN_TEST(full_pipes_are_told_and_drained),
		CHILDREN_TEST(input_nobody_reads_is_told),
		CHILDREN_TEST(a_loop_may_have_many),
		CHILDREN_TEST(a_storm_of_signals_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
