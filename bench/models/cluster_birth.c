/*
 * How a worker comes into the world: what the primary prepares, fork(2), and
 * the child's way to its loop.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/models/cluster_handout.h"
#include "bench/models/cluster_internal.h"
#include "harness/base.h"
#include "harness/child.h"

static int watch(struct cluster_primary *p, int fd, uint64_t tag,
		 uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = tag};

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/*
 * In a new worker: close what fork(2) gave us of the primary.  With a copy of a
 * sibling's channel that sibling would not notice the primary's end; with one
 * of another place's listener, connections would wait there for nobody; with
 * one of a connection, its client would not see it close.
 */
static int forget(struct cluster_primary *p, uint32_t index)
{
	bool pushed = p->options.policy->accept == ACCEPT_PRIMARY;

	for (uint32_t i = 0; i < 2 * p->options.workers; i++) {
		struct process *w = primary_process(p, i);

		if (w->pid == 0)
			continue;
		(void)close(w->pidfd);
		channel_close(&w->channel);
	}
	handout_done(p);
	(void)close(p->epoll);
	if (p->options.forget)
		p->options.forget(p->options.arg);
	for (uint32_t i = 0; i < p->options.workers; i++) {
		if (i != index && p->places[i].listener >= 0)
			(void)close(p->places[i].listener);
	}
	if (pushed)
		(void)close(p->listener);
	if (pushed)
		return -1;
	return p->listener >= 0 ? p->listener : p->places[index].listener;
}

/* The worker process. */
static _Noreturn void work(struct cluster_primary *p, uint32_t index,
			   uint32_t seat, pid_t parent, const sigset_t *mask,
			   int channel)
{
	struct cluster_duty duty = {
		.policy = p->options.policy,
		.service = &p->options.service,
		.limits = &p->options.limits,
		.board = &p->board,
		.index = index,
		.seat = seat,
		.channel = channel,
		.nudges = p->nudges,
	};

	child_begin(parent, mask);
	(void)setpgid(0, 0); /* leads a group: what it starts ends with it */
	duty.listener = forget(p, index);
	atomic_store(&p->board.seats[seat].pid, getpid());
	p->options.service.begin(p->options.service.arg, index);
	if (p->options.policy->accept == ACCEPT_BLOCK)
		cluster_work_blocking(&duty);
	cluster_work(&duty);
}

/* Watch the new worker @pid of @seat.  0 or -errno. */
static int adopt(struct cluster_primary *p, uint32_t seat, pid_t pid)
{
	struct process *w = primary_process(p, seat);
	int r = watch(p, w->channel.fd, TAG_CHANNEL(seat),
		      EPOLLIN | EPOLLOUT | EPOLLET);

	if (r < 0)
		return r;
	w->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (w->pidfd < 0)
		return -errno;
	r = watch(p, w->pidfd, TAG_PIDFD(seat), EPOLLIN);
	if (r < 0)
		(void)close(w->pidfd);
	return r;
}

int primary_start(struct cluster_primary *p, uint32_t index, uint32_t which)
{
	uint32_t seat = primary_seat(p, index, which);
	struct process *w = primary_process(p, seat);
	pid_t pid, parent = getpid();
	sigset_t all, mask;
	int ends[2];
	int r = channel_pair(ends);

	if (r < 0)
		return r;
	*w = (struct process){.grown_ns = clock_ns()};
	r = channel_open(&w->channel, ends[0], sizeof(struct cluster_note),
			 CLUSTER_OUTBOX);
	if (r < 0) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		return r;
	}
	seat_take(&p->board.seats[seat], SEAT_STARTING);
	seat_add(&p->board.seats[seat].starts, 1);
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &mask) == 0);
	pid = fork();
	r = pid < 0 ? -errno : 0;
	/* As in the worker: both must, or one might come too late. */
	if (pid > 0)
		(void)setpgid(pid, pid);
	if (pid == 0) {
		channel_close(&w->channel);
		work(p, index, seat, parent, &mask, ends[1]);
	}
	CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
	/* Were the worker's end open here too, its death would go unseen. */
	(void)close(ends[1]);
	if (r == 0) {
		r = adopt(p, seat, pid);
		if (r < 0) {
			(void)kill(-pid, SIGKILL);
			while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
	}
	if (r < 0) {
		channel_close(&w->channel);
		seat_take(&p->board.seats[seat], SEAT_EMPTY);
		return r;
	}
	w->pid = pid;
	p->n_alive++;
	return 0;
}
