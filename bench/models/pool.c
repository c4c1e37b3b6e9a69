/*
 * pool - worker processes forked once; tasks and results through sockets.
 *
 *	generator ══socket══▶ worker 0: receive, run, send
 *	          ══socket══▶ worker 1: receive, run, send
 *	             (AF_UNIX, SOCK_SEQPACKET: one task, one message)
 *
 * The cost to look for: `dispatch' and `return'.  Every task crosses the kernel
 * twice, copied in and out: two system calls on each side.
 *
 * What that buys: processes, so a crash takes one worker and one task with it,
 * and a new worker takes over, without paying fork(2) for every task.
 *
 * Compare threads.c: the same with threads.  fork.c: the same processes, but
 * made for each task.  cluster.c: the same behind a network socket.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/fifo.h"
#include "harness/gate.h"
#include "harness/model.h"

/* A worker that keeps dying is replaced so often, then given up. */
#define MAX_RESPAWNS 5

/* One worker and our end of its socket. */
struct lane {
	pid_t pid;         /* 0: nobody works here (any more) */
	int fd;            /* our end; -1 with nobody at the other */
	uint32_t respawns; /* so far */

	/* Tasks sent and not answered, oldest first: [job->depth].  The
	 * worker takes them in this order, so the first one is being run. */
	struct fifo sent;
};

struct pool {
	const struct job *job;
	struct lane *lanes; /* [job->workers] */
	int epoll;          /* of all lanes; the event's data is the index */
	uint32_t next;      /* lane to look at first in submit */
	uint32_t n_alive;   /* lanes with a worker */
	struct fifo failed; /* completions of tasks whose worker died */
	struct gate *ready; /* where new workers report; NULL after open */
	struct epoll_event *events; /* [job->workers], room for epoll_wait() */
};

/* The worker process: one task after the other until its socket ends. */
static _Noreturn void work(const struct pool *p, uint32_t index, pid_t parent,
			   int fd)
{
	struct worker self;
	struct task task;
	struct completion c;

	child_begin(parent, NULL);
	/*
	 * Close what fork(2) gave us of the other lanes.  A copy of our
	 * siblings' sockets would keep them alive after the parent closes its
	 * own, and they would never see the end.
	 */
	for (uint32_t i = 0; i < p->job->workers; i++) {
		if (p->lanes[i].fd >= 0)
			(void)close(p->lanes[i].fd);
	}
	(void)close(p->epoll);
	worker_begin(&self, p->job, index);
	if (p->ready) {
		gate_report(p->ready);
		gate_close(p->ready);
	}
	while (recv(fd, &task, sizeof(task), 0) == sizeof(task)) {
		task_run(p->job, &self, &task, 0, &c);
		if (send(fd, &c, sizeof(c), MSG_NOSIGNAL) != sizeof(c))
			break;
	}
	_exit(0);
}

/* Fork worker @index and connect it.  0 or -errno, the lane then empty. */
static int start(struct pool *p, uint32_t index)
{
	struct lane *lane = &p->lanes[index];
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
	pid_t parent = getpid();
	int ends[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	lane->fd = ends[0];
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, lane->fd, &event) < 0)
		goto fail;
	lane->pid = fork();
	if (lane->pid == 0)
		work(p, index, parent, ends[1]);
	if (lane->pid < 0)
		goto fail;
	/* Were the worker's end open here too, its death would go unseen. */
	(void)close(ends[1]);
	p->n_alive++;
	return 0;
fail:
	r = -errno;
	(void)close(ends[0]);
	(void)close(ends[1]);
	lane->fd = -1;
	lane->pid = 0;
	return r;
}

static void pool_close(void *model);

static int prepare(struct pool *p, const struct job *job)
{
	int r;

	p->job = job;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0)
		return -errno;
	p->lanes = calloc(job->workers, sizeof(*p->lanes));
	p->events = calloc(job->workers, sizeof(*p->events));
	if (!p->lanes || !p->events)
		return -ENOMEM;
	for (uint32_t i = 0; i < job->workers; i++)
		p->lanes[i].fd = -1;
	for (uint32_t i = 0; i < job->workers; i++) {
		r = fifo_init(&p->lanes[i].sent, job->depth,
			      sizeof(struct task));
		if (r < 0)
			return r;
	}
	return fifo_init(&p->failed, job_capacity(job),
			 sizeof(struct completion));
}

static int pool_open(const struct job *job, void **ret)
{
	struct pool *p = calloc(1, sizeof(*p));
	struct gate ready = {.reader = -1, .writer = -1};
	int r;

	if (!p)
		return -ENOMEM;
	r = prepare(p, job);
	if (r < 0)
		goto fail;
	r = gate_open(&ready);
	if (r < 0)
		goto fail;
	p->ready = &ready;
	for (uint32_t i = 0; i < job->workers; i++) {
		r = start(p, i);
		if (r < 0)
			goto fail;
	}
	gate_seal(&ready);
	r = gate_wait(&ready, job->workers, clock_ns() + job->open_limit_ns);
	if (r < 0)
		goto fail;
	p->ready = NULL;
	gate_close(&ready);
	*ret = p;
	return 0;
fail:
	gate_close(&ready);
	pool_close(p);
	return r;
}

/* The lane with the fewest tasks; lanes in turn where several have as few. */
static struct lane *choose(struct pool *p)
{
	struct lane *best = NULL;

	for (uint32_t i = 0; i < p->job->workers; i++) {
		uint32_t k = (p->next + i) % p->job->workers;
		struct lane *lane = &p->lanes[k];

		if (lane->fd >= 0 && (!best || lane->sent.n < best->sent.n))
			best = lane;
	}
	p->next = (p->next + 1) % p->job->workers;
	return best;
}

/*
 * Hand @task to the worker of @lane.  Should the worker be dead, the task is
 * lost in the socket but not in `sent': reap finds both out.
 */
static void hand_over(struct lane *lane, const struct task *task)
{
	ssize_t n = send(lane->fd, task, sizeof(*task),
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	/* JOB_MAX_DEPTH tasks always fit in a socket's buffer. */
	CHECK(n == sizeof(*task) || errno == EPIPE || errno == ECONNRESET);
	CHECK(fifo_put(&lane->sent, task) == 0);
}

static int pool_submit(void *model, const struct task *task)
{
	struct pool *p = model;
	struct lane *lane;

	if (p->n_alive == 0)
		return -ECHILD;
	lane = choose(p);
	if (lane->sent.n == p->job->depth)
		return -EAGAIN;
	hand_over(lane, task);
	return 0;
}

static void fail_task(struct pool *p, uint32_t index, const struct task *task,
		      int32_t status)
{
	struct completion c = {
		.id = task->id,
		.worker = index,
		.cpu = -1,
		.status = status,
	};

	CHECK(fifo_put(&p->failed, &c) == 0);
}

/*
 * The worker of lane @index is dead.  The task it was running ends with it; the
 * others it never looked at, so they go to its successor.
 */
static void bury(struct pool *p, uint32_t index)
{
	struct lane *lane = &p->lanes[index];
	struct task task;
	int status = 0;
	int again = lane->respawns < MAX_RESPAWNS;

	/* Its socket is closed, so it is gone or on its way: kill for sure. */
	(void)kill(lane->pid, SIGKILL);
	while (waitpid(lane->pid, &status, 0) < 0 && errno == EINTR)
		;
	/*
	 * Closing alone would not do: a worker just forked may still have a
	 * copy of this end, and the epoll set would go on telling of it.
	 */
	CHECK(epoll_ctl(p->epoll, EPOLL_CTL_DEL, lane->fd, NULL) == 0);
	(void)close(lane->fd);
	lane->fd = -1;
	lane->pid = 0;
	p->n_alive--;
	if (fifo_take(&lane->sent, &task))
		fail_task(p, index, &task, task_status_of_wait(status));

	lane->respawns++;
	again = again && start(p, index) == 0;
	for (uint32_t left = lane->sent.n; left > 0; left--) {
		CHECK(fifo_take(&lane->sent, &task) == 1);
		if (again)
			hand_over(lane, &task);
		else
			fail_task(p, index, &task,
				  TASK_STATUS(TASK_START, ECHILD));
	}
}

/* Receive from lane @index.  1: @ret is a completion; 0: nothing after all. */
static int receive(struct pool *p, uint32_t index, struct completion *ret)
{
	struct lane *lane = &p->lanes[index];
	struct task task;
	ssize_t n = recv(lane->fd, ret, sizeof(*ret), MSG_DONTWAIT);

	/*
	 * A worker died with tasks unread.  A socket tells that before it gives
	 * out what came earlier, but only once: so ask again.
	 */
	if (n < 0 && errno == ECONNRESET)
		n = recv(lane->fd, ret, sizeof(*ret), MSG_DONTWAIT);
	if (n == sizeof(*ret)) {
		/* One worker answers in the order in which it was asked. */
		CHECK(fifo_take(&lane->sent, &task) == 1);
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	bury(p, index);
	return 0;
}

static int pool_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct pool *p = model;
	size_t n = 0;

	for (;;) {
		int room = (int)(max < p->job->workers ? max : p->job->workers);
		int ready;

		while (n < max && fifo_take(&p->failed, &ret[n]))
			n++;
		if (n > 0)
			break;
		ready = clock_epoll_wait(p->epoll, p->events, room,
					 deadline_ns);
		if (ready < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < ready; i++) {
			uint32_t lane = p->events[i].data.u32;

			n += (size_t)receive(p, lane, &ret[n]);
		}
		if (n > 0 || clock_ns() >= deadline_ns)
			break;
	}
	return (int)n;
}

static void pool_close(void *model)
{
	struct pool *p = model;

	if (!p)
		return;
	for (uint32_t i = 0; p->lanes && i < p->job->workers; i++) {
		struct lane *lane = &p->lanes[i];

		if (lane->pid != 0) {
			(void)kill(lane->pid, SIGKILL);
			while (waitpid(lane->pid, NULL, 0) < 0 &&
			       errno == EINTR)
				;
		}
		if (lane->fd >= 0)
			(void)close(lane->fd);
		fifo_done(&lane->sent);
	}
	if (p->epoll >= 0)
		(void)close(p->epoll);
	fifo_done(&p->failed);
	free(p->events);
	free(p->lanes);
	free(p);
}

const struct model model_pool = {
	.name = "pool",
	.summary = "worker processes forked once, a socket each",
	.traits = MODEL_PROCESS,
	.open = pool_open,
	.submit = pool_submit,
	.reap = pool_reap,
	.close = pool_close,
};
