/*
 * What a child is given and what not, and how a start fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/child_stream.h"
#include "harness/tests/children.h"
#include "harness/tests/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What children_story() says of these options. */
#define STORY(...) children_story(&(struct child_options){__VA_ARGS__})

static void commands_have_a_shell(void **state)
{
	(void)state;
	assert_string_equal(children_sh("echo $0 $((1 + 1))"),
			    "exit 0: /bin/sh 2\n");
}

static void programs_have_no_shell(void **state)
{
	const struct children *b = *state;

	assert_string_equal(STORY(.argv = ARGV("echo", "$0; touch pwned", "*"),
				  .cwd = b->dir),
			    "exit 0: $0; touch pwned *\n");
	assert_string_equal(STORY(.argv = ARGV("ls"), .cwd = b->dir),
			    "exit 0: fifo\n");
}

static int act_say(void *what)
{
	dprintf(1, "%s", (const char *)what);
	return 7;
}

static void functions_are_called(void **state)
{
	(void)state;
	assert_string_equal(children_call(act_say, "hello"), "exit 7: hello");
}

/*
 * Else it would come out twice: at our exit, and at the child's.  The child has
 * the file under the number that stdio knows.
 */
static void what_we_hold_back_is_not_the_child_s(void **state)
{
	int fd = memfd_create("held back", MFD_CLOEXEC), fds[16];
	FILE *f = fdopen(fd, "w");
	off_t bytes;

	(void)state;
	assert_non_null(f);
	assert_in_range(fd, 3, ARRAY_LEN(fds));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = fd;
	fprintf(f, "hello");
	assert_string_equal(STORY(.function = act_say, .argument = "",
				  .fds = fds, .n_fds = (size_t)fd - 2),
			    "exit 7: ");
	assert_int_equal(fflush(f), 0);
	bytes = lseek(fd, 0, SEEK_END);
	fclose(f);
	assert_int_equal(bytes, 5);
}

static void programs_may_be_called_otherwise(void **state)
{
	(void)state;
	assert_string_equal(
		STORY(.argv = ARGV("sh", "-c", "echo $0"), .argv0 = "wolf"),
		"exit 0: wolf\n");
}

static void environment_is_ours_and_more(void **state)
{
	struct child_options o = {
		.argv = ARGV("env"),
		.env = ARGV("MANY=new", "MANYHANDS=added"),
		.limit_ns = LONG,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(setenv("MANY", "old", 1), 0);
	assert_int_equal(setenv("MANYFOLD", "kept", 1), 0);
	assert_int_equal(setenv("MANX", "kept", 1), 0);
	assert_int_equal(child_run(&o, &r), 0);
	assert_non_null(strstr(r.out, "\nMANYFOLD=kept\n"));
	assert_non_null(strstr(r.out, "\nMANX=kept\n"));
	assert_non_null(strstr(r.out, "\nMANY=new\nMANYHANDS=added\n"));
	assert_null(strstr(r.out, "MANY=old"));
	child_result_done(&r);
	assert_string_equal(getenv("MANY"), "old");
	assert_int_equal(unsetenv("MANX"), 0);
	assert_int_equal(unsetenv("MANY"), 0);
	assert_int_equal(unsetenv("MANYFOLD"), 0);
}

static void environment_may_be_all_new(void **state)
{
	(void)state;
	assert_string_equal(
		STORY(.argv = ARGV("env"), .env = ARGV("A=1"), .env_is_all = 1),
		"exit 0: A=1\n");
	assert_string_equal(STORY(.argv = ARGV("env"), .env_is_all = 1),
			    "exit 0: ");
}

static void directory_is_the_child_s_alone(void **state)
{
	const struct children *b = *state;

	assert_string_equal(STORY(.command = "[ -p fifo ] && ! [ -e /fifo ]",
				  .cwd = b->dir),
			    "exit 0: ");
	assert_true(access("fifo", F_OK) != 0);
}

static void usual_streams(void **state)
{
	(void)state;
	assert_string_equal(children_sh("readlink /proc/self/fd/0"),
			    "exit 0: /dev/null\n");
	assert_string_equal(children_sh("[ -p /dev/fd/1 ] && [ -p /dev/fd/2 ]"),
			    "exit 0: ");
}

static void streams_may_be_nothing(void **state)
{
	(void)state;
	assert_string_equal(STORY(.command = "echo lost && echo lost >&2",
				  .stdio = {[1] = {.kind = CHILD_NULL},
					    [2] = {.kind = CHILD_NULL}}),
			    "exit 0: ");
}

/* The text in file @fd, which is closed. */
static const char *text_of(int fd)
{
	static char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static void streams_may_be_descriptors(void **state)
{
	int fd = memfd_create("out", MFD_CLOEXEC);

	(void)state;
	assert_string_equal(STORY(.command = "echo one; echo two >&2",
				  .stdio = {[1] = {CHILD_FD, .fd = fd},
					    [2] = {CHILD_FD, .fd = fd}}),
			    "exit 0: ");
	assert_string_equal(text_of(fd), "one\ntwo\n");
}

static void streams_may_be_ours(void **state)
{
	int in = memfd_create("in", MFD_CLOEXEC), kept[3];
	int out = memfd_create("out", MFD_CLOEXEC);

	(void)state;
	for (int i = 0; i < 3; i++) {
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
		assert_int_equal(dup2(i == 0 ? in : out, i), i);
	}
	assert_int_equal(write(in, "in\n", 3), 3);
	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	assert_string_equal(STORY(.command = "cat; echo out; echo error >&2",
				  .stdio = {{.kind = CHILD_INHERIT},
					    {.kind = CHILD_INHERIT},
					    {.kind = CHILD_INHERIT}}),
			    "exit 0: ");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dup2(kept[i], i), i);
		close(kept[i]);
	}
	close(in);
	assert_string_equal(text_of(out), "in\nout\nerror\n");
}

static int act_copy_three_to_four(void *nothing)
{
	char c;

	(void)nothing;
	CHECK(read(3, &c, 1) == 1);
	CHECK(write(4, &c, 1) == 1);
	return children_list_fds(NULL);
}

/* The numbers that they are to have are those that they have now, crossed. */
static void more_descriptors_may_be_given(void **state)
{
	int in[2], out[2], fds[2];
	char c = 'x';

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	fds[0] = in[0];
	fds[1] = out[1];
	if (in[0] == 4) {
		fds[1] = dup2(out[1], 3);
		assert_int_equal(fds[1], 3);
	}
	assert_int_equal(write(in[1], &c, 1), 1);
	assert_string_equal(STORY(.function = act_copy_three_to_four,
				  .fds = fds, .n_fds = 2),
			    "exit 0: 0 1 2 3 4 ");
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
	if (fds[1] != out[1])
		close(fds[1]);
}

static void child_has_three_descriptors(void **state)
{
	int careless = open("/dev/null", O_RDONLY);
	char *self[] = {"/proc/self/exe", "fds", NULL};

	(void)state;
	assert_true(careless >= 0);
	assert_string_equal(STORY(.argv = self), "exit 0: 0 1 2 ");
	assert_string_equal(children_call(children_list_fds, NULL),
			    "exit 0: 0 1 2 ");
	close(careless);
}

/* Our pipes then get the numbers that the child's streams are to have. */
static int act_without_streams(void *nothing)
{
	struct child_options o = {
		.command = "cat; echo out; echo error >&2",
		.stdio[0] = {CHILD_BYTES, .bytes = "in\n", .n_bytes = 3},
		.limit_ns = LONG,
	};
	enum child_step step;
	struct child_result r;

	(void)nothing;
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	CHECK(child_run(&o, &r) == 0);
	CHECK(!strcmp(r.out, "in\nout\n") && !strcmp(r.err, "error\n"));
	CHECK(r.wait_status == 0);
	child_result_done(&r);
	o.command = NULL;
	o.argv = ARGV("no-such-program");
	CHECK(child_run(&o, &r) == -ENOENT);

	/* Not whatever of ours has got number 1 by then. */
	o.stdio[1].kind = CHILD_INHERIT;
	CHECK(child_run_until(&o, -1, &r, &step) == -EBADF);
	CHECK(step == CHILD_STEP_PREPARE);
	return 0;
}

static void works_without_standard_streams(void **state)
{
	(void)state;
	assert_string_equal(children_call(act_without_streams, NULL),
			    "exit 0: ");
}

static int act_tell_group(void *nothing)
{
	(void)nothing;
	dprintf(1, "%d %d", getpgrp() == getpid(), getsid(0) == getpid());
	return getpgrp() == getpgid(getppid());
}

static void group_is_as_asked(void **state)
{
	(void)state;
	assert_string_equal(children_call(act_tell_group, NULL), "exit 0: 1 0");
	assert_string_equal(
		STORY(.function = act_tell_group, .group = CHILD_NEW_SESSION),
		"exit 0: 1 1");
	assert_string_equal(
		STORY(.function = act_tell_group, .group = CHILD_OUR_GROUP),
		"exit 1: 0 0");
}

static void in_our_group_the_child_is_killed_alone(void **state)
{
	struct child_options o = {
		.command = "exec sleep 60",
		.group = CHILD_OUR_GROUP,
		.limit_ns = 10 * NS_PER_MS,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&o, &r), 0);
	assert_true(r.late);
	assert_int_equal(WTERMSIG(r.wait_status), SIGKILL);
	child_result_done(&r);
}

static int act_tell_death(void *nothing)
{
	int sig;

	(void)nothing;
	CHECK(prctl(PR_GET_PDEATHSIG, &sig) == 0);
	return sig;
}

static void child_dies_with_us_if_not_told_otherwise(void **state)
{
	(void)state;
	assert_string_equal(children_call(act_tell_death, NULL), "exit 9: ");
	assert_string_equal(STORY(.function = act_tell_death, .outlives_us = 1),
			    "exit 0: ");
}

static void user_is_as_asked(void **state)
{
	gid_t groups[] = {1234, 4321};
	struct child_user user = {65534, 65533, groups, 2};
	struct child_options o = {
		.command = "id -u; id -g; id -G",
		.user = &user,
		.limit_ns = LONG,
	};
	enum child_step step;
	struct child_result r;

	(void)state;
	if (geteuid() != 0) {
		assert_int_equal(child_run_until(&o, -1, &r, &step), -EPERM);
		assert_int_equal(step, CHILD_STEP_USER);
		return;
	}
	assert_string_equal(children_story(&o),
			    "exit 0: 65534\n65533\n65533 1234 4321\n");
	user.n_groups = 0;
	assert_string_equal(children_story(&o),
			    "exit 0: 65534\n65533\n65533\n");

	/* The change makes the kernel forget whom to die with. */
	assert_string_equal(STORY(.function = act_tell_death, .user = &user),
			    "exit 9: ");
}

static void limits_are_as_asked(void **state)
{
	const struct child_limit limits[] = {
		{RLIMIT_NOFILE, {17, 19}},
		{RLIMIT_CORE, {0, 0}},
	};

	(void)state;
	assert_string_equal(STORY(.command = "ulimit -n; ulimit -Hn; ulimit -c",
				  .limits = limits, .n_limits = 2),
			    "exit 0: 17\n19\n0\n");
}

/* Keep the child out of what we do to signals, and us out of what it does. */
static void signals_are_as_in_a_shell(void **state)
{
	static const int sigs[] = {SIGINT, SIGPIPE, SIGHUP, SIGCHLD, SIGUSR1};
	struct sigaction ign = {.sa_handler = SIG_IGN}, old[5];
	sigset_t all, before, after;

	(void)state;
	sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++) {
		/* Who ignores SIGCHLD could not wait for the child. */
		assert_int_equal(sigaction(sigs[i], NULL, &old[i]), 0);
		if (sigs[i] != SIGCHLD)
			assert_int_equal(sigaction(sigs[i], &ign, NULL), 0);
	}
	/*
	 * Signals 32 and 33 are glibc's own; whoever started us by posix_spawn
	 * may have left them ignored, and sigaction(2) does not reach them.
	 */
	assert_string_equal(
		STORY(.argv = ARGV("grep", "-Ec",
				   "SigBlk:.0{16}$|SigIgn:.0{7}[01][08]0{7}$",
				   "/proc/self/status")),
		"exit 0: 2\n");
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		assert_int_equal(sigaction(sigs[i], &old[i], NULL), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, &after), 0);
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		assert_true(sigismember(&after, sigs[i]));
}

static int signal_at_birth;

/* The first instructions after each fork, in the child. */
static void just_forked(void)
{
	if (signal_at_birth)
		(void)kill(getpid(), signal_at_birth);
}

static void on_signal(int sig)
{
	(void)sig;
	_exit(77);
}

static int act_raise(void *sig)
{
	return raise(*(int *)sig);
}

/* A signal that nobody minds, but for which we have a handler. */
static void our_handlers_do_not_run_in_the_child(void **state)
{
	struct sigaction act = {.sa_handler = on_signal}, old;
	int sig = SIGURG;

	(void)state;
	assert_int_equal(sigaction(sig, &act, &old), 0);
	signal_at_birth = sig;
	assert_string_equal(children_sh("echo hello"), "exit 0: hello\n");
	signal_at_birth = 0;
	assert_string_equal(children_call(act_raise, &sig), "exit 0: ");
	assert_int_equal(sigaction(sig, &old, NULL), 0);
}

/* @o fails with @error at @step, and leaves @ret as it was. */
static void expect_failure(const struct child_options *o, int error,
			   enum child_step step)
{
	const struct child_events none = {0};
	struct child_result r, untouched;
	enum child_step at = 99;
	struct child *c = NULL;

	memset(&untouched, 0x5a, sizeof(untouched));
	r = untouched;
	assert_int_equal(child_run(o, &r), error);
	assert_int_equal(child_run_until(o, -1, &r, &at), error);
	assert_int_equal(at, step);
	assert_memory_equal(&r, &untouched, sizeof(r));
	assert_int_equal(child_start(o, &none, &c, &at), error);
	assert_null(c);
	assert_int_equal(at, step);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void failed_starts_are_told(void **state)
{
	const struct children *b = *state;
	const struct child_limit too_much = {RLIMIT_NOFILE, {20, 10}};
	char *const *good = ARGV("true");
	const struct {
		struct child_options o;
		int error;
		enum child_step step;
	} failures[] = {
		{{.argv = ARGV("no-such-program-anywhere")},
		 -ENOENT,
		 CHILD_STEP_PROGRAM},
		{{.argv = ARGV("/no/such/program")},
		 -ENOENT,
		 CHILD_STEP_PROGRAM},
		{{.argv = ARGV(b->dir)}, -EACCES, CHILD_STEP_PROGRAM},
		{{.argv = ARGV(b->fifo)}, -EACCES, CHILD_STEP_PROGRAM},
		{{.argv = ARGV("/etc/passwd")}, -EACCES, CHILD_STEP_PROGRAM},
		{{.argv = good, .cwd = "/no/such/directory"},
		 -ENOENT,
		 CHILD_STEP_DIRECTORY},
		{{.argv = good, .cwd = b->fifo},
		 -ENOTDIR,
		 CHILD_STEP_DIRECTORY},
		{{.command = "true", .cwd = "/no/such/directory"},
		 -ENOENT,
		 CHILD_STEP_DIRECTORY},
		{{.function = act_say, .cwd = "/no/such/directory"},
		 -ENOENT,
		 CHILD_STEP_DIRECTORY},
		{{.argv = good, .limits = &too_much, .n_limits = 1},
		 -EINVAL,
		 CHILD_STEP_LIMITS},
		{{.argv = good, .stdio[2] = {CHILD_FD, .fd = 12345}},
		 -EBADF,
		 CHILD_STEP_PREPARE},
		{{.argv = good, .fds = (int[]){12345}, .n_fds = 1},
		 -EBADF,
		 CHILD_STEP_PREPARE},
	};

	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		expect_failure(&failures[i].o, failures[i].error,
			       failures[i].step);
}

/* The kernel then forgets a child at its end: so do we, before its start. */
static void who_ignores_sigchld_has_no_children(void **state)
{
	const struct sigaction ways[] = {
		{.sa_handler = SIG_IGN},
		{.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT},
	};
	const struct child_options o = {.command = "true"};
	struct sigaction old;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		assert_int_equal(sigaction(SIGCHLD, &ways[i], &old), 0);
		expect_failure(&o, -ECHILD, CHILD_STEP_PREPARE);
		assert_int_equal(sigaction(SIGCHLD, &old, NULL), 0);
	}
}

static void steps_have_names(void **state)
{
	(void)state;
	for (int i = CHILD_STEP_PREPARE; i <= CHILD_STEP_PROGRAM; i++)
		assert_true(strlen(child_step_text((enum child_step)i)) > 0);
	assert_string_equal(child_step_text(CHILD_STEP_DIRECTORY),
			    "working directory");
}

/*
 * Let the first, the second, … descriptor that a start needs fail, until it
 * needs no more.  In a child: the limit is for us as well as for what we start,
 * and there it fails in other places again when our 0, 1 and 2 are closed.
 */
static int act_sweep(void *options)
{
	struct child_options *o = options;
	struct rlimit limit = {0};
	struct child_result r;
	int failed = 0, fds = fds_count(), e = -EMFILE;
	rlim_t open_fds = 3;

	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (int fd = 0; o->n_fds == 0 && fd < 3; fd++) {
		close(fd);
		open_fds = 0;
	}
	if (open_fds == 0)
		fds -= 3;
	for (limit.rlim_cur = open_fds; e != 0; limit.rlim_cur++) {
		CHECK(limit.rlim_cur < 40);
		CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
		e = child_run(o, &r);
		CHECK(e == 0 || e == -EMFILE);
		failed += e == -EMFILE;
		CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);

		/* To count takes one as well. */
		limit.rlim_cur += 10;
		CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
		limit.rlim_cur -= 10;
		CHECK(fds_count() == fds);
	}
	CHECK(r.wait_status == 0 && !strcmp(r.out, "hello\n"));
	child_result_done(&r);
	return failed;
}

static int act_echo(void *nothing)
{
	(void)nothing;
	return dprintf(1, "hello\n") != 6;
}

static void too_few_descriptors_are_told(void **state)
{
	int zero = 0;
	struct child_options forms[] = {
		{.command = "cat"},
		{.function = act_echo},
		{.command = "cat", .fds = &zero, .n_fds = 1},
		{.function = act_echo, .fds = &zero, .n_fds = 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const char *story;

		forms[i].limit_ns = LONG;
		forms[i].stdio[0] = (struct child_stdio){
			CHILD_BYTES, .bytes = "hello\n", .n_bytes = 6};
		story = children_call(act_sweep, &forms[i]);

		/* Three pipes, the report's, and the pidfd. */
		assert_true(strncmp(story, "exit ", 5) == 0);
		assert_in_range(children_number(story + 5), 8, 12);
	}
}

/* Root may have as many processes as it likes. */
static int act_too_many(void *nothing)
{
	const struct rlimit limit = {0, 0};
	const struct child_options o = {.command = "true", .limit_ns = LONG};
	int fds = fds_count();
	enum child_step step = 99;
	struct child_result r;

	(void)nothing;
	CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
	CHECK(geteuid() != 0 || setuid(65534) == 0);
	CHECK(child_run_until(&o, -1, &r, &step) == -EAGAIN);
	CHECK(step == CHILD_STEP_FORK);
	CHECK(fds_count() == fds);
	return 0;
}

static void too_many_processes_are_told(void **state)
{
	(void)state;
	assert_string_equal(children_call(act_too_many, NULL), "exit 0: ");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CHILDREN_TEST(commands_have_a_shell),
		CHILDREN_TEST(programs_have_no_shell),
		CHILDREN_TEST(functions_are_called),
		CHILDREN_TEST(what_we_hold_back_is_not_the_child_s),
		CHILDREN_TEST(programs_may_be_called_otherwise),
		CHILDREN_TEST(environment_is_ours_and_more),
		CHILDREN_TEST(environment_may_be_all_new),
		CHILDREN_TEST(directory_is_the_child_s_alone),
		CHILDREN_TEST(usual_streams),
		CHILDREN_TEST(streams_may_be_nothing),
		CHILDREN_TEST(streams_may_be_descriptors),
		CHILDREN_TEST(streams_may_be_ours),
		CHILDREN_TEST(more_descriptors_may_be_given),
		CHILDREN_TEST(child_has_three_descriptors),
		CHILDREN_TEST(works_without_standard_streams),
		CHILDREN_TEST(group_is_as_asked),
		CHILDREN_TEST(in_our_group_the_child_is_killed_alone),
		CHILDREN_TEST(child_dies_with_us_if_not_told_otherwise),
		CHILDREN_TEST(user_is_as_asked),
		CHILDREN_TEST(limits_are_as_asked),
		CHILDREN_TEST(signals_are_as_in_a_shell),
		CHILDREN_TEST(our_handlers_do_not_run_in_the_child),
		CHILDREN_TEST(failed_starts_are_told),
		CHILDREN_TEST(who_ignores_sigchld_has_no_children),
		CHILDREN_TEST(steps_have_names),
		CHILDREN_TEST(too_few_descriptors_are_told),
		CHILDREN_TEST(too_many_processes_are_told),
	};

	/* As a child of its own test. */
	if (argc > 1 && strcmp(argv[1], "fds") == 0)
		return children_list_fds(NULL);
	CHECK(pthread_atfork(NULL, NULL, just_forked) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
