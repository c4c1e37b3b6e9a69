/*
 * pool - worker processes forked once; tasks and results through a wire each.
 *
 *	generator ══wire══▶ worker 0: receive, run, send
 *	          ══wire══▶ worker 1: receive, run, send
 *	              (a pipe for each way, or a socket: pool_wire.c)
 *
 * The cost to look for: `dispatch' and `return'.  Every task crosses the kernel
 * twice, copied in and out: two system calls on each side.
 *
 * What that buys: processes, so a crash takes one worker and one task with it,
 * and a new worker takes over, without paying fork(2) for every task.
 *
 * Read this file first, from work() on: how tasks travel.  Then pool_keeper.c:
 * what is done about workers that die, hang, grow or have nothing to do.
 *
 * Compare threads.c: the same with threads.  fork.c: the same processes, but
 * made for each task.  cluster.c: the same behind a network socket.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/models/pool_internal.h"
#include "harness/base.h"
#include "harness/child.h"

static const struct model_setting settings[] = {
	[POOL_CAP] = {"cap", "tasks queued at one worker at most; 0: the depth",
		      0, 0, JOB_MAX_DEPTH},
	[POOL_RETRY] =
		{"retry",
		 "1: run a task again, once, if its worker died; 0: never", 0,
		 0, 1},
	[POOL_RECYCLE] = {"recycle",
			  "replace a worker after so many tasks; 0: never", 0,
			  0, INT32_MAX},
	[POOL_MEMORY] = {"memory_mb",
			 "replace a worker found bigger after a task; 0: never",
			 0, 0, INT32_MAX},
	[POOL_IDLE] = {"idle_ms",
		       "end a worker without work for so long; 0: never", 0, 0,
		       INT32_MAX},
	{0},
};

/* The worker process. */
static _Noreturn void work(struct pool *p, uint32_t index, pid_t parent,
			   const struct pool_wire *wire)
{
	struct pool_notice *notice = &p->notices[index];
	struct worker self;

	child_begin(parent, NULL);
	(void)setpgid(0, 0); /* leads a group: what it starts ends with it */
	/*
	 * Close what fork(2) gave us of the other lanes.  A copy of our
	 * siblings' wires would keep them alive after the parent closes its
	 * own, and they would never see the end.
	 */
	for (uint32_t i = 0; i < p->job->workers; i++)
		pool_wire_close(&p->lanes[i].wire);
	(void)close(p->epoll);
	worker_begin(&self, p->job, index);
	__atomic_store_n(&notice->ready, 1, __ATOMIC_RELEASE);
	if (p->ready) {
		gate_report(p->ready);
		gate_close(p->ready);
	}
	__atomic_store_n(&notice->end, pool_serve(p, &self, wire, notice),
			 __ATOMIC_RELEASE);
	_exit(0);
}

int pool_start(struct pool *p, uint32_t index)
{
	struct pool_lane *lane = &p->lanes[index];
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
	struct pool_wire there;
	pid_t parent = getpid();
	int r;

	r = p->transport->open(&lane->wire, &there);
	if (r < 0)
		goto fail;
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, lane->wire.in, &event) < 0)
		goto fail_open;
	p->notices[index] = (struct pool_notice){0};
	lane->pid = fork();
	if (lane->pid == 0)
		work(p, index, parent, &there);
	if (lane->pid < 0)
		goto fail_open;
	/* Were the worker's end open here too, its death would go unseen. */
	pool_wire_close(&there);
	/* As in the worker: both must, or one might come too late. */
	(void)setpgid(lane->pid, lane->pid);
	pool_started(p, lane);
	return 0;
fail_open:
	r = -errno;
	lane->pid = 0;
	pool_wire_close(&lane->wire);
	pool_wire_close(&there);
fail:
	p->start_errno = -r;
	respawn_failed(&lane->respawn, clock_ns());
	return r;
}

static void pool_close(void *model);

static int pool_open(const struct job *job,
		     const struct pool_transport *transport, void **ret)
{
	struct pool *p = calloc(1, sizeof(*p));
	struct gate ready = {.reader = -1, .writer = -1};
	int r;

	if (!p)
		return -ENOMEM;
	p->transport = transport;
	r = pool_init(p, job);
	if (r < 0)
		goto fail;
	r = gate_open(&ready);
	if (r < 0)
		goto fail;
	p->ready = &ready;
	for (uint32_t i = 0; i < job->workers; i++) {
		r = pool_start(p, i);
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

static int open_socket(const struct job *job, void **ret)
{
	return pool_open(job, &pool_socket, ret);
}

static int open_pipe(const struct job *job, void **ret)
{
	return pool_open(job, &pool_pipe, ret);
}

static bool has_room(const struct pool *p, const struct pool_lane *lane)
{
	int64_t cap = p->job->settings[POOL_CAP];
	int64_t recycle = p->job->settings[POOL_RECYCLE];

	return lane->pid != 0 && lane->sent.n < p->job->depth &&
	       (cap == 0 || lane->sent.n < cap) &&
	       (recycle == 0 || (int64_t)lane->n_sent < recycle);
}

/* The lane with the fewest tasks; lanes in turn where several have as few. */
static struct pool_lane *choose(struct pool *p)
{
	struct pool_lane *best = NULL;

	for (uint32_t i = 0; i < p->job->workers; i++) {
		uint32_t k = (p->next + i) % p->job->workers;
		struct pool_lane *lane = &p->lanes[k];

		if (has_room(p, lane) && (!best || lane->sent.n < best->sent.n))
			best = lane;
	}
	p->next = (p->next + 1) % p->job->workers;
	return best;
}

/*
 * Should the worker of @lane be dead, the task is lost in the wire but not in
 * `sent': reap finds both out.
 */
static void hand_over(struct pool *p, struct pool_lane *lane,
		      const struct pool_order *order)
{
	if (lane->sent.n == 0 && p->job->run_limit_ns > 0)
		lane->first_ns = clock_ns();
	p->transport->send_task(&lane->wire, &order->task);
	lane->n_sent++;
	CHECK(fifo_put(&lane->sent, order) == 0);
}

void pool_dispatch(struct pool *p)
{
	struct pool_order order;

	while (p->returned.n + p->waiting.n > 0) {
		struct pool_lane *lane = choose(p);

		if ((!lane || lane->sent.n > 0) && p->n_asleep > 0) {
			pool_wake(p);
			continue;
		}
		if (!lane)
			return;
		if (!fifo_take(&p->returned, &order))
			CHECK(fifo_take(&p->waiting, &order) == 1);
		hand_over(p, lane, &order);
	}
}

static int pool_submit(void *model, const struct task *tasks, size_t n)
{
	struct pool *p = model;
	size_t room = job_capacity(p->job) - p->in_flight;

	if (p->n_given_up == p->job->workers)
		return -ECHILD;
	if (n > room)
		n = room;
	for (size_t i = 0; i < n; i++) {
		struct pool_order order = {.task = tasks[i]};

		CHECK(fifo_put(&p->waiting, &order) == 0);
	}
	p->in_flight += (uint32_t)n;
	pool_dispatch(p);
	return (int)n;
}

/* Receive from lane @index.  1: @ret is a completion; 0: nothing after all. */
static int receive(struct pool *p, uint32_t index, struct completion *ret)
{
	struct pool_lane *lane = &p->lanes[index];
	struct pool_order order;
	int r = p->transport->take_result(&lane->wire, ret);

	if (r == 0)
		return 0;
	if (r == 1 && fifo_take(&lane->sent, &order)) {
		lane->n_answered++;
		lane->verdict = 0;
		lane->first_ns = ret->end_ns;
		/* One worker answers in the order in which it was asked. */
		if (ret->id == order.task.id && ret->worker == index &&
		    task_status_is_end(ret->status))
			return 1;
		pool_fail(p, index, &order.task, TASK_STATUS(TASK_PROTOCOL, 0));
	}
	if (r != -EPIPE)
		lane->verdict = TASK_STATUS(TASK_PROTOCOL, 0);
	pool_bury(p, index);
	return 0;
}

static int pool_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct pool *p = model;
	int room = (int)(max < p->job->workers ? max : p->job->workers);
	size_t n = 0;

	for (;;) {
		uint64_t wake_ns = pool_supervise(p);
		int ready;

		while (n < max && fifo_take(&p->failed, &ret[n]))
			n++;
		if (n > 0)
			break;
		if (wake_ns > deadline_ns)
			wake_ns = deadline_ns;
		ready = clock_epoll_wait(p->epoll, p->events, room, wake_ns);
		if (ready < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < ready; i++) {
			uint32_t lane = p->events[i].data.u32;

			n += (size_t)receive(p, lane, &ret[n]);
		}
		pool_dispatch(p);
		if (n > 0 || clock_ns() >= deadline_ns)
			break;
	}
	p->in_flight -= (uint32_t)n;
	return (int)n;
}

static void pool_count(void *model, struct model_counts *ret)
{
	const struct pool *p = model;

	*ret = p->counts;
	ret->given_up = p->n_given_up;
}

static void pool_close(void *model)
{
	struct pool *p = model;

	if (!p)
		return;
	pool_end_all(p);
	pool_done(p);
	free(p);
}

const struct model model_pool = {
	.name = "pool",
	.variant = "pipe",
	.summary = "worker processes forked once, two pipes each",
	.traits = MODEL_PROCESS,
	.settings = settings,
	.open = open_pipe,
	.submit = pool_submit,
	.reap = pool_reap,
	.close = pool_close,
	.count = pool_count,
};

const struct model model_pool_socket = {
	.name = "pool:socket",
	.variant = "socket",
	.summary = "worker processes forked once, a socket each",
	.traits = MODEL_PROCESS,
	.settings = settings,
	.open = open_socket,
	.submit = pool_submit,
	.reap = pool_reap,
	.close = pool_close,
	.count = pool_count,
};
