#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define SELF "/proc/self/exe"

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/*
 * This program is also the child of some of its tests: called with the name of
 * an act it plays that instead.
 */

/* Fill both streams in turns, far beyond what their pipes hold. */
static int act_flood(void)
{
	static char out[8192], err[8192];

	for (size_t i = 0; i < sizeof(out); i++) {
		out[i] = (char)('a' + i % 26);
		err[i] = (char)('A' + i % 26);
	}
	for (size_t done = 0; done < 8 * MIB; done += sizeof(out)) {
		CHECK(write(1, out, sizeof(out)) == sizeof(out));
		CHECK(write(2, err, sizeof(err)) == sizeof(err));
	}
	return 0;
}

/* Print the descriptors that we were born with. */
static int act_list_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	CHECK(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] != '.' && number(e->d_name) != dirfd(d))
			printf("%s ", e->d_name);
	}
	return closedir(d);
}

/*
 * End, and leave a process behind in a group of its own that writes for ever;
 * print its pid.
 */
static int act_escape(void)
{
	char byte = 'x';
	int left[2];
	pid_t pid;

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
	printf("%d", (int)pid);
	return 5;
}

static int act(const char *name)
{
	if (!strcmp(name, "flood"))
		return act_flood();
	if (!strcmp(name, "fds"))
		return act_list_fds();
	if (!strcmp(name, "escape"))
		return act_escape();
	return 99;
}

/*
 * Before and after each test we must have the same descriptors and no child,
 * neither running nor dead.  Orphans of our children become ours.
 */
struct before {
	int fds;
	char dir[32]; /* temporary, with a pipe named "fifo" in it */
	char fifo[64];
	int fifo_fd;
};

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int setup(void **state)
{
	struct before *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	b->fds = count_fds();
	strcpy(b->dir, "/tmp/test_child.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->fifo, sizeof(b->fifo), "%s/fifo", b->dir);
	assert_int_equal(mkfifo(b->fifo, 0600), 0);

	/* Open in both directions: never blocks, never ends. */
	b->fifo_fd = open(b->fifo, O_RDWR | O_CLOEXEC);
	assert_true(b->fifo_fd >= 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct before *b = *state;
	int fds, nobody;

	close(b->fifo_fd);
	unlink(b->fifo);
	rmdir(b->dir);
	fds = count_fds();
	nobody = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
	if (fds != b->fds || !nobody)
		print_error("left behind: %d descriptors, %s\n", fds - b->fds,
			    nobody ? "no process" : "a process");
	nobody = nobody && fds == b->fds;
	free(b);
	return nobody ? 0 : -1;
}

/* Patience that only a test which fails runs out of. */
#define LONG (120 * NS_PER_S)

static int run(const char *const *argv, struct child_result *ret)
{
	struct child_spec spec = {
		.argv = (char *const *)argv,
		.limit_ns = LONG,
		.out_cap = 16 * MIB,
		.err_cap = 16 * MIB,
		.cancel_fd = -1,
	};

	return child_run(&spec, ret);
}

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SH(script) ARGV("sh", "-c", script)

/* How it ended and what it said on standard output, "exit 0: hello". */
static const char *story(const char *const *argv)
{
	static char text[512];
	struct child_result r;
	char end[64];

	assert_int_equal(run(argv, &r), 0);
	assert_int_equal(strlen(r.out), r.out_bytes);
	snprintf(text, sizeof(text), "%s: %s",
		 child_result_text(&r, end, sizeof(end)), r.out);
	child_result_done(&r);
	return text;
}

/* Orphan @pid, ours by now, must have been killed by @sig. */
static void assert_orphan_killed(pid_t pid, int sig)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
}

static void ends_are_told(void **state)
{
	(void)state;
	assert_string_equal(story(SH("echo hello")), "exit 0: hello\n");
	assert_string_equal(story(SH("exit 7")), "exit 7: ");
	assert_string_equal(story(SH("kill -KILL $$")), "killed by KILL: ");
	assert_string_equal(story(SH("kill -TERM $$")), "killed by TERM: ");
}

static void result_has_everything(void **state)
{
	uint64_t before = clock_ns(), wall;
	struct child_result r;
	sigset_t mask;

	(void)state;
	assert_int_equal(run(SH("echo out; echo error >&2; exit 3"), &r), 0);
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

static void both_streams_flood(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(run(ARGV(SELF, "flood"), &r), 0);
	assert_int_equal(r.wait_status, 0);
	assert_false(r.out_cut || r.err_cut);
	assert_int_equal(r.out_bytes, 8 * MIB);
	assert_int_equal(r.err_bytes, 8 * MIB);
	for (size_t i = 0; i < 8 * MIB; i++) {
		CHECK(r.out[i] == (char)('a' + i % 8192 % 26));
		CHECK(r.err[i] == (char)('A' + i % 8192 % 26));
	}
	child_result_done(&r);
}

/* What fits into the pipe is still there when its writer is gone. */
static void nothing_is_lost_at_the_end(void **state)
{
	struct child_result r;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run(SH("head -c 60000 /dev/zero;"
					"exec head -c 60000 /dev/zero >&2"),
				     &r),
				 0);
		assert_int_equal(r.out_bytes, 60000);
		assert_int_equal(r.err_bytes, 60000);
		child_result_done(&r);
	}
}

static void beyond_the_cap_is_dropped(void **state)
{
	struct child_spec spec = {
		.argv = (char *const *)ARGV(SELF, "flood"),
		.limit_ns = LONG,
		.out_cap = 100001,
		.err_cap = 0,
		.cancel_fd = -1,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&spec, &r), 0);
	assert_int_equal(r.wait_status, 0);
	assert_true(r.out_cut && r.err_cut);
	assert_int_equal(r.out_bytes, 100001);
	assert_int_equal(strlen(r.out), 100001);
	assert_int_equal(r.err_bytes, 0);
	assert_string_equal(r.err, "");
	child_result_done(&r);
}

static void exactly_the_cap_is_not_cut(void **state)
{
	struct child_spec spec = {
		.argv = (char *const *)SH("echo 123456789"),
		.limit_ns = LONG,
		.out_cap = 10,
		.cancel_fd = -1,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&spec, &r), 0);
	assert_string_equal(r.out, "123456789\n");
	assert_false(r.out_cut || r.err_cut);
	child_result_done(&r);
	spec.out_cap = 9;
	assert_int_equal(child_run(&spec, &r), 0);
	assert_string_equal(r.out, "123456789");
	assert_true(r.out_cut);
	child_result_done(&r);
}

static void failed_starts_are_told(void **state)
{
	struct before *b = *state;
	struct child_spec spec = {
		.argv = (char *const *)ARGV("no-such-program-anywhere"),
		.limit_ns = CLOCK_NEVER,
		.out_cap = 100,
		.err_cap = 100,
		.cancel_fd = -1,
	};
	struct child_result r, untouched;

	memset(&untouched, 0x5a, sizeof(untouched));
	r = untouched;
	assert_int_equal(child_run(&spec, &r), -ENOENT);
	spec.argv = (char *const *)ARGV("/no/such/program");
	assert_int_equal(child_run(&spec, &r), -ENOENT);
	spec.argv = (char *const *)ARGV(b->dir);
	assert_int_equal(child_run(&spec, &r), -EACCES);
	spec.argv = (char *const *)ARGV("true");
	spec.cwd = "/no/such/directory";
	assert_int_equal(child_run(&spec, &r), -ENOENT);
	spec.cwd = b->fifo;
	assert_int_equal(child_run(&spec, &r), -ENOTDIR);
	assert_memory_equal(&r, &untouched, sizeof(r));
}

static void deadline_kills_the_whole_group(void **state)
{
	struct child_spec spec = {
		.argv = (char *const *)SH("sleep 60 & echo $!; wait"),
		.limit_ns = 20 * NS_PER_MS,
		.out_cap = 100,
		.err_cap = 100,
		.cancel_fd = -1,
	};
	char text[64], should[64];
	struct child_result r;
	pid_t orphan;

	(void)state;

	/* On a busy machine the shell may need longer to come so far. */
	for (;;) {
		assert_int_equal(child_run(&spec, &r), 0);
		assert_true(r.late && !r.cancelled);
		assert_true(r.wall_ns >= spec.limit_ns);
		assert_true(WIFSIGNALED(r.wait_status));
		assert_int_equal(WTERMSIG(r.wait_status), SIGKILL);
		snprintf(should, sizeof(should), "no end within %g s",
			 (double)spec.limit_ns / 1e9);
		assert_string_equal(child_result_text(&r, text, sizeof(text)),
				    should);
		orphan = number(r.out);
		child_result_done(&r);
		if (orphan)
			break;

		/* It may have been killed between fork and echo. */
		while (waitpid(-1, NULL, 0) > 0)
			;
		spec.limit_ns *= 2;
	}
	assert_orphan_killed(orphan, SIGKILL);
}

static void deadline_meets_endless_output(void **state)
{
	struct child_spec spec = {
		.argv = (char *const *)ARGV("yes"),
		.limit_ns = 50 * NS_PER_MS,
		.out_cap = 100,
		.cancel_fd = -1,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(child_run(&spec, &r), 0);
	assert_true(r.late);
	child_result_done(&r);
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

/* The child itself makes the descriptor readable, in the middle of its life. */
static void cancelling_kills(void **state)
{
	struct before *b = *state;
	char fifo[80], text[64];
	char *const env[] = {fifo, NULL};
	struct child_spec spec = {
		.argv = (char *const *)SH("sleep 60 & echo $!;"
					  "echo >$FIFO; wait"),
		.env = env,
		.limit_ns = LONG,
		.out_cap = 100,
		.cancel_fd = b->fifo_fd,
	};
	struct child_result r;

	snprintf(fifo, sizeof(fifo), "FIFO=%s", b->fifo);
	assert_int_equal(child_run(&spec, &r), 0);
	assert_true(r.cancelled && !r.late);
	assert_string_equal(child_result_text(&r, text, sizeof(text)),
			    "cancelled");
	assert_true(WIFSIGNALED(r.wait_status));
	assert_orphan_killed(number(r.out), SIGKILL);
	child_result_done(&r);

	/* Nobody has read it: the next one is cancelled from the start. */
	spec.argv = (char *const *)ARGV("sleep", "60");
	assert_int_equal(child_run(&spec, &r), 0);
	assert_true(r.cancelled);
	child_result_done(&r);
}

static void environment_is_ours_and_more(void **state)
{
	char *const env[] = {"MANY=new", "MANYHANDS=added", NULL};
	struct child_spec spec = {
		.argv = (char *const *)ARGV("env"),
		.env = env,
		.limit_ns = LONG,
		.out_cap = MIB,
		.cancel_fd = -1,
	};
	struct child_result r;

	(void)state;
	assert_int_equal(setenv("MANY", "old", 1), 0);
	assert_int_equal(setenv("MANYFOLD", "kept", 1), 0);
	assert_int_equal(setenv("MANX", "kept", 1), 0);
	assert_int_equal(child_run(&spec, &r), 0);
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

static void directory_is_the_child_s_alone(void **state)
{
	struct before *b = *state;
	struct child_spec spec = {
		.argv = (char *const *)SH("[ -p fifo ] && ! [ -e /fifo ]"),
		.cwd = b->dir,
		.limit_ns = LONG,
		.cancel_fd = -1,
	};
	struct child_result r;

	assert_int_equal(child_run(&spec, &r), 0);
	assert_int_equal(r.wait_status, 0);
	child_result_done(&r);
	assert_true(access("fifo", F_OK) != 0);
}

static void input_is_empty(void **state)
{
	(void)state;
	assert_string_equal(story(ARGV("cat")), "exit 0: ");
	assert_string_equal(story(ARGV("readlink", "/proc/self/fd/0")),
			    "exit 0: /dev/null\n");
}

static void child_has_three_descriptors(void **state)
{
	int careless = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(careless >= 0);
	assert_string_equal(story(ARGV(SELF, "fds")), "exit 0: 0 1 2 ");
	close(careless);
}

/* Our pipes then get the numbers that the child's streams are to have. */
static void works_without_standard_streams(void **state)
{
	struct child_result r;
	int status, ok;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		if (run(SH("cat; echo out; echo error >&2"), &r) != 0)
			_exit(2);
		ok = !strcmp(r.out, "out\n") && !strcmp(r.err, "error\n");
		ok = ok && r.wait_status == 0;
		ok = ok && run(ARGV("no-such-program"), &r) == -ENOENT;
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
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
		story(ARGV("grep", "-Ec",
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

/* A signal that nobody minds, but for which we have a handler. */
static void our_handlers_do_not_run_in_the_child(void **state)
{
	struct sigaction act = {.sa_handler = on_signal}, old;

	(void)state;
	assert_int_equal(sigaction(SIGURG, &act, &old), 0);
	signal_at_birth = SIGURG;
	assert_string_equal(story(SH("echo hello")), "exit 0: hello\n");
	signal_at_birth = 0;
	assert_int_equal(sigaction(SIGURG, &old, NULL), 0);
}

static void end_does_not_wait_for_the_group(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(run(SH("sleep 60 & echo $!; exit 4"), &r), 0);
	assert_false(r.late || r.cancelled);
	assert_int_equal(WEXITSTATUS(r.wait_status), 4);
	assert_orphan_killed(number(r.out), SIGKILL);
	child_result_done(&r);
}

static void end_does_not_wait_for_who_left_the_group(void **state)
{
	struct child_result r;

	(void)state;
	assert_int_equal(run(ARGV(SELF, "escape"), &r), 0);
	assert_false(r.late || r.cancelled);
	assert_int_equal(WEXITSTATUS(r.wait_status), 5);

	/* Nobody can find it to kill it, but it loses its reader. */
	assert_orphan_killed(number(r.out), SIGPIPE);
	child_result_done(&r);
}

static pid_t read_pid(int fd)
{
	char text[32];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n > 0);
	text[n] = '\0';
	return number(text);
}

static void child_dies_with_us(void **state)
{
	struct before *b = *state;
	char script[128];
	struct child_result r;
	pid_t middle, child;

	snprintf(script, sizeof(script), "echo $$ >%s; exec sleep 60", b->fifo);
	middle = fork();
	assert_true(middle >= 0);
	if (middle == 0)
		_exit(run(SH(script), &r) != 0);
	child = read_pid(b->fifo_fd);
	assert_int_equal(kill(middle, SIGKILL), 0);
	assert_orphan_killed(middle, SIGKILL);
	assert_orphan_killed(child, SIGKILL);
}

static void *run_many(void *ret)
{
	int *wrong = ret;

	for (int i = 0; i < 10; i++) {
		struct child_result r;

		if (run(SH("echo $PPID; echo $$ >&2; exit 6"), &r) != 0) {
			++*wrong;
			continue;
		}
		*wrong += number(r.out) != getpid() || number(r.err) <= 0;
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
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD};
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
	assert_orphan_killed(pid, SIGKILL);
}

static void begin_dies_with_parent(void **state)
{
	struct before *b = *state;
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
	worker = read_pid(b->fifo_fd);
	assert_int_equal(kill(middle, SIGKILL), 0);
	assert_orphan_killed(middle, SIGKILL);
	assert_orphan_killed(worker, SIGKILL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(ends_are_told),
		TEST(result_has_everything),
		TEST(unknown_signals_have_numbers),
		TEST(both_streams_flood),
		TEST(nothing_is_lost_at_the_end),
		TEST(beyond_the_cap_is_dropped),
		TEST(exactly_the_cap_is_not_cut),
		TEST(failed_starts_are_told),
		TEST(deadline_kills_the_whole_group),
		TEST(deadline_meets_endless_output),
		TEST(limits_are_told_in_seconds),
		TEST(cancelling_kills),
		TEST(environment_is_ours_and_more),
		TEST(directory_is_the_child_s_alone),
		TEST(input_is_empty),
		TEST(child_has_three_descriptors),
		TEST(works_without_standard_streams),
		TEST(signals_are_as_in_a_shell),
		TEST(our_handlers_do_not_run_in_the_child),
		TEST(end_does_not_wait_for_the_group),
		TEST(end_does_not_wait_for_who_left_the_group),
		TEST(child_dies_with_us),
		TEST(threads_may_run_children),
		TEST(begin_resets_signals),
		TEST(begin_dies_without_parent),
		TEST(begin_dies_with_parent),
	};

	if (argc > 1)
		return act(argv[1]);
	CHECK(pthread_atfork(NULL, NULL, just_forked) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
