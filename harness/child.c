#include "harness/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child_stream.h"

/* Everything about one child, from before its birth until it is collected. */
struct run {
	const struct child_spec *spec;
	char **env;
	int report[2]; /* pipe on which the child says why exec failed */
	struct stream out, err;

	pid_t pid; /* of the child, and of its process group */
	int pidfd; /* readable when it has ended */
	uint64_t start_ns, deadline_ns;
	int late, cancelled;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* Pipes and pidfds cannot lose data here. */
	*fd = -1;
}

/* Whether one of @env sets the same name as @entry, a "NAME=value". */
static int env_has(char *const *env, const char *entry)
{
	size_t name = strcspn(entry, "=");

	for (; *env; env++) {
		if (strcspn(*env, "=") == name && !memcmp(*env, entry, name))
			return 1;
	}
	return 0;
}

/* Our environment with @add in it: an array of borrowed strings, or NULL. */
static char **env_merge(char *const *add)
{
	static char *const none[] = {NULL};
	size_t n = 0, room = 1;
	char **env;

	if (!add)
		add = none;
	for (char **e = environ; e && *e; e++)
		room++;
	for (char *const *e = add; *e; e++)
		room++;
	env = malloc(room * sizeof(*env));
	if (!env)
		return NULL;
	for (char **e = environ; e && *e; e++) {
		if (!env_has(add, *e))
			env[n++] = *e;
	}
	for (char *const *e = add; *e; e++)
		env[n++] = *e;
	env[n] = NULL;
	return env;
}

static int run_open(struct run *run)
{
	const struct child_spec *spec = run->spec;
	int r;

	run->env = env_merge(spec->env);
	if (!run->env)
		return -ENOMEM;
	if (pipe2(run->report, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	r = stream_open(&run->out, spec->out_cap);
	if (r == 0)
		r = stream_open(&run->err, spec->err_cap);
	return r;
}

static void run_close(struct run *run)
{
	stream_close(&run->out);
	stream_close(&run->err);
	close_fd(&run->report[0]);
	close_fd(&run->report[1]);
	close_fd(&run->pidfd);
	free(run->env);
}

/* Die with @parent.  It may be gone before we asked for its signal. */
static void die_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* fails for no known signal */
	if (getppid() != parent)
		(void)kill(getpid(), SIGKILL);
}

/* A copy out of the way of 0, 1 and 2, even if those were closed in us. */
static int fd_above(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/*
 * The child's way from fork to exec.  Another thread of the parent may have
 * held any lock at the fork, malloc's for one, and nobody here will ever
 * release it: so only async-signal-safe calls.  execvpe() is not on POSIX's
 * list, but glibc's reads PATH and works on the stack alone.
 */
static _Noreturn void exec_child(const struct run *run, pid_t parent)
{
	const struct child_spec *spec = run->spec;
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	int report = fd_above(run->report[1]);
	int in, out, err;
	sigset_t none;

	die_with(parent);
	(void)setpgid(0, 0); /* Ours to do: can fail for session leaders only */

	/*
	 * exec resets handlers but hands ignored signals on.  Some numbers
	 * cannot be set; those need not be.
	 */
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);

	in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (in < 0)
		goto fail;
	in = fd_above(in);
	out = fd_above(run->out.writer);
	err = fd_above(run->err.writer);
	if (in < 0 || out < 0 || err < 0)
		goto fail;
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		goto fail;

	/* What others have left open is not for the child; needs Linux 5.11. */
	(void)close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	if (spec->cwd && chdir(spec->cwd) != 0)
		goto fail;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execvpe(spec->argv[0], spec->argv, run->env);
fail:
	/* If not even this works, the parent sees the exit status. */
	(void)!write(report, &errno, sizeof(errno));
	_exit(127);
}

/*
 * Fork and exec.  Signals wait meanwhile: a handler of ours must not run in
 * the child, where it would do the parent's business.
 */
static int run_start(struct run *run)
{
	pid_t parent = getpid();
	sigset_t all, old;
	int r = 0;

	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &old) == 0);
	run->pid = fork();
	if (run->pid < 0)
		r = -errno;
	if (run->pid == 0)
		exec_child(run, parent);
	CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	if (r < 0)
		return r;

	/*
	 * The child does the same.  Both must, so that there is a group to kill
	 * whoever comes first; this one fails if the child has exec'ed before.
	 */
	(void)setpgid(run->pid, run->pid);
	close_fd(&run->out.writer);
	close_fd(&run->err.writer);
	close_fd(&run->report[1]);

	run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	return run->pidfd < 0 ? -errno : 0;
}

/* Listen until the child has ended, and make it end when it is time. */
static void run_listen(struct run *run)
{
	struct pollfd p[] = {
		{.fd = run->pidfd, .events = POLLIN},
		{.fd = run->spec->cancel_fd, .events = POLLIN},
		{.fd = run->out.reader, .events = POLLIN},
		{.fd = run->err.reader, .events = POLLIN},
	};

	for (;;) {
		p[2].fd = run->out.reader;
		p[3].fd = run->err.reader;
		if (poll(p, ARRAY_LEN(p), clock_poll_ms(run->deadline_ns)) < 0)
			continue; /* EINTR, or ENOMEM, which passes */
		if (p[2].revents)
			(void)stream_read(&run->out);
		if (p[3].revents)
			(void)stream_read(&run->err);
		if (p[0].revents)
			return;

		if (p[1].revents)
			run->cancelled = 1;
		else if (clock_ns() >= run->deadline_ns)
			run->late = 1;
		else
			continue;
		(void)kill(-run->pid, SIGKILL);

		/* Only its end is left to wait for: the kernel grants it. */
		p[1].fd = -1;
		run->deadline_ns = CLOCK_NEVER;
	}
}

/*
 * Kill what is left of the group, then collect the child.  In this order: until
 * it is collected its pid is taken, so the group's number cannot have become
 * somebody else's.
 */
static int run_collect(struct run *run)
{
	int wait_status;

	(void)kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &wait_status, 0) < 0)
		CHECK(errno == EINTR);
	return wait_status;
}

int child_run(const struct child_spec *spec, struct child_result *ret)
{
	struct run run = {
		.spec = spec,
		.report = {-1, -1},
		.out = {.reader = -1, .writer = -1},
		.err = {.reader = -1, .writer = -1},
		.pidfd = -1,
		.start_ns = clock_ns(),
	};
	int wait_status = 0;
	int r, failure;

	CHECK(spec->limit_ns > 0);
	run.deadline_ns = spec->limit_ns < CLOCK_NEVER - run.start_ns
				  ? run.start_ns + spec->limit_ns
				  : CLOCK_NEVER;
	r = run_open(&run);
	if (r == 0)
		r = run_start(&run);
	if (r == 0)
		run_listen(&run);
	if (run.pid > 0)
		wait_status = run_collect(&run);
	if (r == 0 && read(run.report[0], &failure, sizeof(failure)) ==
			      (ssize_t)sizeof(failure))
		r = -failure;
	if (r < 0) {
		run_close(&run);
		return r;
	}

	stream_rest(&run.out);
	stream_rest(&run.err);
	*ret = (struct child_result){
		.wait_status = wait_status,
		.late = run.late,
		.cancelled = run.cancelled,
		.limit_ns = spec->limit_ns,
		.wall_ns = clock_ns() - run.start_ns,
		.out = run.out.data,
		.err = run.err.data,
		.out_bytes = run.out.bytes,
		.err_bytes = run.err.bytes,
		.out_cut = run.out.cut,
		.err_cut = run.err.cut,
	};
	run.out.data = run.err.data = NULL; /* the caller's now */
	run_close(&run);
	return 0;
}

void child_result_done(struct child_result *r)
{
	free(r->out);
	free(r->err);
	r->out = r->err = NULL;
}

const char *child_result_text(const struct child_result *r, char *buf,
			      size_t size)
{
	int status = r->wait_status;
	const char *name;

	if (r->cancelled)
		snprintf(buf, size, "cancelled");
	else if (r->late)
		snprintf(buf, size, "no end within %g s",
			 (double)r->limit_ns / (double)NS_PER_S);
	else if (!WIFSIGNALED(status))
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
	else if ((name = sigabbrev_np(WTERMSIG(status))))
		snprintf(buf, size, "killed by %s", name);
	else
		snprintf(buf, size, "killed by signal %d", WTERMSIG(status));
	return buf;
}

void child_begin(pid_t parent, const sigset_t *mask)
{
	static const int changed[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE,
				      SIGCHLD};
	struct sigaction dfl = {.sa_handler = SIG_DFL};

	die_with(parent);
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		CHECK(sigaction(changed[i], &dfl, NULL) == 0);

	/* Last: a signal that has waited must not meet the old handler. */
	if (mask)
		CHECK(sigprocmask(SIG_SETMASK, mask, NULL) == 0);
}
