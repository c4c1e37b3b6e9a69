#include "harness/child_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child_ends.h"

/* What the child sends home when a step has failed. */
struct failure {
	enum child_step step;
	int error; /* errno */
};

/*
 * The child's steps.  Another thread of the parent may have held any lock at
 * the fork, malloc's for one, and nobody here will ever release it: so only
 * async-signal-safe calls.  Each returns 0 or -errno.
 */

static int take_group(struct child_plan *p)
{
	if (p->options->group == CHILD_NEW_GROUP)
		return setpgid(0, 0) != 0 ? -errno : 0;
	if (p->options->group == CHILD_NEW_SESSION)
		return setsid() < 0 ? -errno : 0;
	return 0;
}

/* *@fd in the same or another place, but not below @lowest. */
static int move_above(int *fd, int lowest)
{
	int moved = *fd < lowest ? fcntl(*fd, F_DUPFD_CLOEXEC, lowest) : *fd;

	if (moved < 0)
		return -errno;
	*fd = moved;
	return 0;
}

/*
 * First everything out of the way of the numbers that are to be set, as ours
 * may have been closed and given to these very pipes; then each to its number.
 * All others are not for the child.  They go at exec, not now: one of them is
 * the pipe that leads home.
 */
static int take_streams(struct child_plan *p)
{
	int n = (int)p->n_fds;
	int r = move_above(&p->report, n);

	for (int i = 0; i < n && r == 0; i++)
		r = move_above(&p->fds[i], n);
	if (r < 0)
		return r;
	for (int i = 0; i < n; i++) {
		if (dup2(p->fds[i], i) < 0)
			return -errno;
	}
	if (close_range((unsigned)n, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
		return -errno; /* before Linux 5.11 */
	return 0;
}

static int take_directory(struct child_plan *p)
{
	const char *cwd = p->options->cwd;

	return cwd && chdir(cwd) != 0 ? -errno : 0;
}

/* While we may still raise them. */
static int take_limits(struct child_plan *p)
{
	for (size_t i = 0; i < p->options->n_limits; i++) {
		const struct child_limit *l = &p->options->limits[i];

		/* gcc and clang disagree on whether its type has a sign. */
		if (setrlimit((__rlimit_resource_t)l->resource, &l->limit) != 0)
			return -errno;
	}
	return 0;
}

/*
 * The user last: without root's rights the groups could not be changed.  A
 * change of user also makes the kernel forget whom to die with, hence here.
 */
static int take_user(struct child_plan *p)
{
	const struct child_user *u = p->options->user;

	if (u && (setgroups(u->n_groups, u->groups) != 0 ||
		  setgid(u->gid) != 0 || setuid(u->uid) != 0))
		return -errno;
	if (!p->options->outlives_us)
		child_die_with(p->parent);
	return 0;
}

/*
 * exec resets handlers but hands ignored signals and the mask on; a function
 * must not run our handlers.  Some numbers cannot be set; those need not be.
 */
static void forget_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * execvpe() is not on POSIX's list of safe calls, but glibc's reads PATH and
 * works on the stack alone.
 */
static int take_program(struct child_plan *p)
{
	const struct child_options *o = p->options;

	forget_signals();
	if (o->function) {
		(void)close_range((unsigned)p->n_fds, ~0u, 0);
		_exit(o->function(o->argument));
	}
	execvpe(p->words->file, p->words->argv, p->words->env);
	return -errno;
}

static const struct {
	enum child_step step;
	int (*take)(struct child_plan *p);
} way[] = {
	{CHILD_STEP_GROUP, take_group},
	{CHILD_STEP_STREAMS, take_streams},
	{CHILD_STEP_DIRECTORY, take_directory},
	{CHILD_STEP_LIMITS, take_limits},
	{CHILD_STEP_USER, take_user},
	{CHILD_STEP_PROGRAM, take_program},
};

static _Noreturn void go(struct child_plan *p)
{
	for (size_t i = 0; i < ARRAY_LEN(way); i++) {
		int r = way[i].take(p);
		struct failure f = {.step = way[i].step, .error = -r};

		if (r == 0)
			continue;
		/* If not even this works, the parent sees the exit status. */
		(void)!write(p->report, &f, sizeof(f));
		break;
	}
	/* Not exit(): what the parent has at exit is not the child's to do. */
	_exit(127);
}

/*
 * Signals wait while we fork: a handler of ours must not run in the child,
 * where it would do the parent's business.
 */
static pid_t fork_quietly(struct child_plan *plan)
{
	sigset_t all, old;
	pid_t pid;
	int error;

	plan->parent = getpid();
	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &old) == 0);
	pid = fork();
	if (pid == 0)
		go(plan);
	error = errno;
	CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	return pid < 0 ? -error : pid;
}

/* What the child says until @deadline_ns: 1 if it has failed, 0 if not. */
static int hear_failure(int reader, uint64_t deadline_ns, struct failure *ret)
{
	struct pollfd p = {.fd = reader, .events = POLLIN};
	struct failure f;
	int r;

	do
		r = poll(&p, 1, clock_poll_ms(deadline_ns));
	while (r < 0 || (r == 0 && clock_ns() < deadline_ns));

	/* What is shorter than a pipe's buffer comes whole or not at all. */
	if (r == 0 || read(reader, &f, sizeof(f)) != (ssize_t)sizeof(f))
		return 0;
	*ret = f;
	return 1;
}

int child_spawn(struct child_plan *plan, uint64_t deadline_ns, pid_t *ret_pid,
		int *ret_pidfd, enum child_step *ret_step)
{
	struct failure failure = {.step = CHILD_STEP_FORK};
	int report[2], pidfd;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) != 0) {
		*ret_step = CHILD_STEP_PREPARE;
		return -errno;
	}
	plan->report = report[1];
	pid = fork_quietly(plan);
	(void)close(report[1]);
	if (pid < 0) {
		(void)close(report[0]);
		*ret_step = CHILD_STEP_FORK;
		return pid;
	}

	/* Its number is its own until we have waited for it, here at least. */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		failure.error = errno;
	else
		(void)hear_failure(report[0], deadline_ns, &failure);
	(void)close(report[0]);
	if (failure.error == 0) {
		*ret_pid = pid;
		*ret_pidfd = pidfd;
		return 0;
	}
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0)
		CHECK(errno == EINTR);
	child_close_fd(&pidfd);
	*ret_step = failure.step;
	return -failure.error;
}

const char *child_step_text(enum child_step step)
{
	static const char *const texts[] = {
		[CHILD_STEP_PREPARE] = "memory and pipes",
		[CHILD_STEP_FORK] = "new process",
		[CHILD_STEP_GROUP] = "process group",
		[CHILD_STEP_STREAMS] = "standard streams",
		[CHILD_STEP_DIRECTORY] = "working directory",
		[CHILD_STEP_LIMITS] = "limits",
		[CHILD_STEP_USER] = "user and groups",
		[CHILD_STEP_PROGRAM] = "program",
	};

	return texts[step];
}
