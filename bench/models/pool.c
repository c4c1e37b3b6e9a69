/*
 * pool - worker processes forked once; tasks and results through a wire each.
 *
 *	generator ══wire══▶ worker 0: receive, run, send
 *	          ══wire══▶ worker 1: receive, run, send
 *	              (a pipe for each way, or a socket: pool_wire.c;
 *	               or no wire, but shared memory: pool_shm.c)
 *
 * The cost to look for: `dispatch' and `return'.  Every task crosses the kernel
 * twice, copied in and out: two system calls on each side.
 *
 * What that buys: processes, so a crash takes one worker and one task with it,
 * and a new worker takes over, without paying fork(2) for every task.
 *
 * Read this file first, from work() on: how tasks travel.  Then pool_keeper.c:
 * what is done about workers that die, hang, grow or have nothing to do; and
 * pool_shm.c: the same pool without the kernel in the way.
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
	POOL_SETTINGS,
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
	__atomic_store_n(&notice->end,
			 p->carrier->serve(p, &self, wire, notice),
			 __ATOMIC_RELEASE);
	_exit(0);
}

int pool_start(struct pool *p, uint32_t index)
{
	struct pool_lane *lane = &p->lanes[index];
	struct pool_wire there = {-1, -1, -1};
	pid_t parent = getpid();
	int r;

	r = p->carrier->connect(p, index, &there);
	if (r < 0)
		goto fail;
	p->notices[index] = (struct pool_notice){0};
	lane->pid = fork();
	if (lane->pid == 0)
		work(p, index, parent, &there);
	r = lane->pid < 0 ? -errno : 0;
	/* Were the worker's end open here too, its death would go unseen. */
	pool_wire_close(&there);
	if (r < 0)
		goto fail_connected;
	/* As in the worker: both must, or one might come too late. */
	(void)setpgid(lane->pid, lane->pid);
	r = p->carrier->connected(p, index);
	if (r < 0)
		goto fail_forked;
	pool_started(p, lane);
	return 0;
fail_forked:
	(void)pool_collect(lane->pid);
fail_connected:
	p->carrier->disconnect(p, index);
	lane->pid = 0;
fail:
	p->start_errno = -r;
	respawn_failed(&lane->respawn, clock_ns());
	return r;
}

int pool_open(const struct job *job, const struct pool_carrier *carrier,
	      void **ret)
{
	struct pool *p = calloc(1, sizeof(*p));
	struct gate ready = {.reader = -1, .writer = -1};
	int r;

	if (!p)
		return -ENOMEM;
	p->carrier = carrier;
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
	return pool_open(job, &pool_carrier_socket, ret);
}

static int open_pipe(const struct job *job, void **ret)
{
	return pool_open(job, &pool_carrier_pipe, ret);
}

/*
 * The lane with the fewest tasks; lanes in turn where several have as few.
 * job->workers: no lane has room.
 */
static uint32_t choose(struct pool *p)
{
	uint32_t workers = p->job->workers, best = workers;

	for (uint32_t i = 0; i < workers; i++) {
		uint32_t k = (p->next + i) % workers;

		if (p->lanes[k].pid != 0 && p->carrier->has_room(p, k) &&
		    (best == workers ||
		     p->carrier->n_sent(p, k) < p->carrier->n_sent(p, best)))
			best = k;
	}
	p->next = (p->next + 1) % workers;
	return best;
}

void pool_dispatch(struct pool *p)
{
	struct task task;

	while (p->returned.n + p->waiting.n > 0) {
		uint32_t best = choose(p);
		bool none = best == p->job->workers;

		if (p->n_asleep > 0 &&
		    (none || p->carrier->n_sent(p, best) > 0)) {
			pool_wake(p);
			continue;
		}
		if (none)
			return;
		if (!fifo_take(&p->returned, &task))
			CHECK(fifo_take(&p->waiting, &task) == 1);
		/*
		 * Should the worker be dead, the task is lost on its way, but
		 * it is known that it was sent: reap finds both out.
		 */
		p->carrier->send(p, best, &task);
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
	for (size_t i = 0; i < n; i++)
		CHECK(fifo_put(&p->waiting, &tasks[i]) == 0);
	p->in_flight += (uint32_t)n;
	pool_dispatch(p);
	return (int)n;
}

/* Receive from lane @index.  1: @ret is a completion; 0: nothing after all. */
static int receive(struct pool *p, uint32_t index, struct completion *ret)
{
	struct pool_lane *lane = &p->lanes[index];
	struct task task;
	int r = p->carrier->wire->take_result(&lane->wire, ret);

	if (r == 0)
		return 0;
	if (r == 1 && fifo_take(&lane->sent, &task)) {
		lane->n_answered++;
		lane->verdict = 0;
		lane->first_ns = ret->end_ns;
		/* One worker answers in the order in which it was asked. */
		if (ret->id == task.id && ret->worker == index &&
		    task_status_is_end(ret->status)) {
			pool_forget(p, task.id);
			return 1;
		}
		pool_fail(p, index, &task, TASK_STATUS(TASK_PROTOCOL, 0));
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

void pool_count(void *model, struct model_counts *ret)
{
	const struct pool *p = model;

	*ret = p->counts;
	ret->given_up = p->n_given_up;
}

void pool_close(void *model)
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
