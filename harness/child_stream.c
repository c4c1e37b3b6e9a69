#include "harness/child_stream.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child_ends.h"
#include "harness/child_feed.h"
#include "harness/child_session.h"
#include "harness/child_spawn.h"

enum {
	ENDED = 3
}; /* in the pollfds, after the three streams */

struct child {
	struct child_events events;
	pid_t pid;   /* ours until child_end(): not collected before */
	int pidfd;   /* readable when it has ended */
	int session; /* its own; else only a group, or not even that */
	int ours[3]; /* as of struct child_ends */
	struct child_feed feed; /* what is still to be written into ours[0] */

	int kill_signal;
	uint64_t grace_ns;
	uint64_t deadline_ns; /* of its life; while stopping, of the grace */
	int stopping, late, exited, closed;
};

static uint64_t deadline_after(uint64_t ns)
{
	uint64_t now = clock_ns();

	return ns < CLOCK_NEVER - now ? now + ns : CLOCK_NEVER;
}

/* Of whose children the kernel keeps nothing: no status, and no number. */
static int drops_children(void)
{
	struct sigaction act;

	CHECK(sigaction(SIGCHLD, NULL, &act) == 0);
	return act.sa_handler == SIG_IGN || (act.sa_flags & SA_NOCLDWAIT);
}

static int start(struct child *c, const struct child_options *o,
		 enum child_step *ret_step)
{
	struct child_words words = {0};
	struct child_ends ends;
	struct child_plan plan;
	int r;

	*ret_step = CHILD_STEP_PREPARE;
	if (drops_children())
		return -ECHILD;
	r = child_ends_open(&ends, o);
	if (r < 0)
		return r;
	plan = (struct child_plan){
		.options = o,
		.words = &words,
		.fds = ends.theirs,
		.n_fds = ends.n,
	};
	r = child_words_init(&words, o);
	if (r == 0)
		r = child_spawn(&plan, c->deadline_ns, &c->pid, &c->pidfd,
				ret_step);
	child_words_done(&words);
	child_ends_close_theirs(&ends);
	if (r < 0) {
		child_ends_close(&ends);
		return r;
	}
	for (int i = 0; i < 3; i++)
		c->ours[i] = ends.ours[i];
	return 0;
}

int child_start(const struct child_options *o,
		const struct child_events *events, struct child **ret,
		enum child_step *ret_step)
{
	struct child *c = calloc(1, sizeof(*c));
	enum child_step step = CHILD_STEP_PREPARE;
	int r = -ENOMEM;

	CHECK(!!o->argv + !!o->command + !!o->function == 1);
	if (!c)
		goto fail;
	*c = (struct child){
		.events = *events,
		.session = o->group == CHILD_NEW_SESSION,
		.kill_signal = o->kill_signal ? o->kill_signal : SIGKILL,
		.grace_ns = o->grace_ns ? o->grace_ns : NS_PER_S,
		.deadline_ns =
			o->limit_ns ? deadline_after(o->limit_ns) : CLOCK_NEVER,
	};
	r = start(c, o, &step);
	if (r < 0)
		goto fail;
	if (o->stdio[0].kind == CHILD_BYTES)
		child_feed_all(&c->feed, &c->ours[0], &o->stdio[0]);
	*ret = c;
	return 0;
fail:
	free(c);
	if (ret_step)
		*ret_step = step;
	return r;
}

void child_prepare(const struct child *c, struct pollfd p[CHILD_POLLFDS])
{
	int writes = c->feed.waits ? c->ours[0] : -1;
	int ends = c->exited ? -1 : c->pidfd;

	p[0] = (struct pollfd){.fd = writes, .events = POLLOUT};
	p[1] = (struct pollfd){.fd = c->ours[1], .events = POLLIN};
	p[2] = (struct pollfd){.fd = c->ours[2], .events = POLLIN};
	p[ENDED] = (struct pollfd){.fd = ends, .events = POLLIN};
}

uint64_t child_deadline_ns(const struct child *c)
{
	return c->deadline_ns;
}

/*
 * Tell one portion, or find the end.  Not all there is: a child that writes
 * without end must not keep us from looking at the clock.  Returns the bytes.
 */
static size_t hear(struct child *c, int fd)
{
	char bytes[65536]; /* what a pipe holds */
	ssize_t n = read(c->ours[fd], bytes, sizeof(bytes));

	if (n > 0) {
		if (c->events.data)
			c->events.data(c->events.ctx, fd, bytes, (size_t)n);
		return (size_t)n;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		child_close_fd(&c->ours[fd]);
	return 0;
}

static void tell_close(struct child *c)
{
	if (c->closed || c->ours[1] >= 0 || c->ours[2] >= 0)
		return;
	c->closed = 1;
	if (c->events.close)
		c->events.close(c->events.ctx);
}

/* Look at how it ended, but leave it a zombie: WNOWAIT. */
static void tell_exit(struct child *c)
{
	siginfo_t i;
	int status;

	while (waitid(P_PID, (id_t)c->pid, &i, WEXITED | WNOWAIT) != 0)
		CHECK(errno == EINTR);
	if (i.si_code == CLD_EXITED)
		status = W_EXITCODE(i.si_status, 0);
	else
		status =
			i.si_status | (i.si_code == CLD_DUMPED ? WCOREFLAG : 0);
	c->exited = 1;
	if (c->events.exit)
		c->events.exit(c->events.ctx, status);
}

static int send_signal(const struct child *c, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, c->pidfd, sig, NULL, 0);
}

/*
 * Where there is no group of its number the child is meant alone: if it is in
 * ours, or its time was over before it could make one.
 */
static void signal_group(const struct child *c, int sig)
{
	if (kill(-c->pid, sig) != 0)
		(void)send_signal(c, sig);
}

void child_stop(struct child *c)
{
	if (c->stopping)
		return;
	c->stopping = 1;
	signal_group(c, c->kill_signal);

	/* Who is stopped, as by Ctrl-Z, takes a signal when it goes on. */
	signal_group(c, SIGCONT);
	c->deadline_ns = c->kill_signal == SIGKILL
				 ? CLOCK_NEVER
				 : deadline_after(c->grace_ns);
}

static void watch_clock(struct child *c)
{
	if (clock_ns() < c->deadline_ns)
		return;
	if (!c->stopping) {
		c->late = 1;
		child_stop(c);
		return;
	}
	signal_group(c, SIGKILL);

	/* Only its end is left to wait for: the kernel grants it. */
	c->deadline_ns = CLOCK_NEVER;
}

int child_handle(struct child *c, const struct pollfd p[CHILD_POLLFDS])
{
	if (p[0].revents && child_feed_on(&c->feed, &c->ours[0]) &&
	    c->events.drain)
		c->events.drain(c->events.ctx);
	if (p[1].revents)
		(void)hear(c, 1);
	if (p[2].revents)
		(void)hear(c, 2);
	tell_close(c);
	if (p[ENDED].revents)
		tell_exit(c);
	else
		watch_clock(c);
	return c->exited && c->closed;
}

int child_wait(struct child *c, uint64_t deadline_ns)
{
	struct pollfd p[CHILD_POLLFDS];

	while (!c->exited || !c->closed) {
		uint64_t next = c->deadline_ns < deadline_ns ? c->deadline_ns
							     : deadline_ns;

		child_prepare(c, p);
		if (poll(p, CHILD_POLLFDS, clock_poll_ms(next)) < 0)
			continue; /* EINTR, or ENOMEM, which passes */
		if (!child_handle(c, p) && clock_ns() >= deadline_ns)
			return -ETIMEDOUT;
	}
	return 0;
}

ssize_t child_write(struct child *c, const void *bytes, size_t n)
{
	return child_feed_write(&c->feed, &c->ours[0], bytes, n);
}

void child_write_end(struct child *c)
{
	child_close_fd(&c->ours[0]);
}

int child_signal(const struct child *c, int sig)
{
	struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

	/* A zombie would take the signal, and nothing would happen. */
	if (poll(&p, 1, 0) == 1)
		return -ESRCH;
	return send_signal(c, sig) != 0 ? -errno : 0;
}

int child_is_late(const struct child *c)
{
	return c->late;
}

pid_t child_pid(const struct child *c)
{
	return c->pid;
}

/*
 * Not until the end of the pipe: a process that left the group may hold it
 * open, and write, for ever.
 */
static void hear_rest(struct child *c, int fd)
{
	int left = 0;
	size_t n;

	if (c->ours[fd] >= 0 && ioctl(c->ours[fd], FIONREAD, &left) != 0)
		left = 0;
	while (left > 0 && (n = hear(c, fd)) > 0)
		left -= (int)n;
	child_close_fd(&c->ours[fd]);
}

/* The child has ended, or is to: nobody of its own shall be left. */
static void kill_rest(const struct child *c)
{
	signal_group(c, SIGKILL);
	if (c->session)
		child_session_kill(c->pid);
}

void child_hang_up(struct child *c)
{
	CHECK(c->exited);
	kill_rest(c);
	hear_rest(c, 1);
	hear_rest(c, 2);
	tell_close(c);
}

void child_end(struct child *c)
{
	if (!c)
		return;

	/* In this order: until it is collected the group's number is taken. */
	kill_rest(c);
	while (waitpid(c->pid, NULL, 0) < 0)
		CHECK(errno == EINTR);
	for (int i = 0; i < 3; i++)
		child_close_fd(&c->ours[i]);
	child_close_fd(&c->pidfd);
	free(c);
}
