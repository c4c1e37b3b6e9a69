/*
 * pool:shm - the pool, with tasks and results through shared memory.
 *
 *	generator ══lane══▶ worker 0: take, run, put
 *	          ══lane══▶ worker 1: take, run, put
 *	              (a ring of tasks down, a ring of results up: lanes.h)
 *
 * The cost to look for: little of it is left.  A task is copied twice, once into
 * the ring and once out of it, and no kernel is asked as long as all are busy.
 *
 * What that buys: processes at the price of threads.  A crash takes one worker
 * and one task with it; the lanes of the others are pages that it cannot write.
 *
 * There is no wire that ends with its worker, so the process itself is watched:
 * its pidfd is in the epoll set in which the generator sleeps.  All that is done
 * about workers is as in pool.c, and in pool_keeper.c.
 *
 * Compare threads_ring.c: the same lanes in one address space, and nothing else
 * is different.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/models/pool_internal.h"
#include "harness/base.h"

/* Look after the workers at least so often while tasks are in flight … */
#define LOOK_NS (100 * NS_PER_MS)

/* … and when there is always something to reap, so that nobody ever sleeps. */
#define BUSY_LOOK_NS NS_PER_MS

static const struct model_setting settings[] = {
	POOL_SETTINGS,
	[POOL_SPIN] = LANES_SPIN,
	{0},
};

static enum pool_end shm_serve(const struct pool *p, struct worker *self,
			       const struct pool_wire *wire,
			       struct pool_notice *notice)
{
	int64_t idle = p->job->settings[POOL_IDLE];
	uint64_t idle_ns = idle > 0 ? (uint64_t)idle * NS_PER_MS : CLOCK_NEVER;
	int statm = pool_open_statm(p);
	struct lanes_worker lane;
	int64_t n = 0;
	int r;

	(void)wire;
	(void)notice;
	lanes_attach(&lane, &p->rings, self->index);
	/* Against our own mistakes only: without it we work as well. */
	(void)lanes_defend(&p->rings, self->index);
	while ((r = lanes_next(&lane, idle_ns)) == 1) {
		lanes_run(&lane, p->job, self);
		if (pool_is_due(p, ++n, statm))
			return POOL_RECYCLED;
	}
	return r == -ETIMEDOUT ? POOL_IDLE_END : POOL_DIED;
}

/* Memory of the lanes: a file that has no name but this, and no place on disk. */
static int shm_open_memory(struct pool *p)
{
	size_t bytes = lanes_bytes(p->job);
	int fd = memfd_create("lanes", MFD_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes) < 0)
		r = -errno;
	if (r == 0) {
		p->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED, fd, 0);
		if (p->memory == MAP_FAILED) {
			r = -errno;
			p->memory = NULL;
		}
	}
	(void)close(fd); /* the mapping stays */
	return r;
}

static int shm_prepare(struct pool *p)
{
	int r = shm_open_memory(p);

	if (r == 0)
		r = lanes_open(&p->rings, p->job, p->memory, true,
			       p->job->settings[POOL_SPIN]);
	if (r == 0)
		p->epoll = p->rings.epoll;
	return r;
}

static int shm_connect(struct pool *p, uint32_t index, struct pool_wire *there)
{
	int64_t cap = p->job->settings[POOL_CAP];
	int64_t recycle = p->job->settings[POOL_RECYCLE];
	uint32_t depth = p->job->depth;

	(void)there;
	lanes_begin(&p->rings, index,
		    cap > 0 && cap < depth ? (uint32_t)cap : depth,
		    recycle > 0 ? (uint64_t)recycle : UINT64_MAX);
	p->lanes[index].first_ns = 0;
	return 0;
}

/* The worker's process takes the place of the wire. */
static int shm_connected(struct pool *p, uint32_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
	struct pool_lane *lane = &p->lanes[index];
	int pidfd = (int)syscall(SYS_pidfd_open, lane->pid, 0);

	if (pidfd < 0)
		return -errno;
	lane->wire.in = lane->wire.out = pidfd;
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, pidfd, &event) < 0)
		return -errno;
	return 0;
}

static void shm_disconnect(struct pool *p, uint32_t index)
{
	struct pool_wire *wire = &p->lanes[index].wire;

	lanes_end(&p->rings, index);
	if (wire->in >= 0)
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, wire->in, NULL);
	pool_wire_close(wire);
}

static bool shm_has_room(const struct pool *p, uint32_t index)
{
	return lanes_room(&p->rings, index) > 0;
}

static void shm_send(struct pool *p, uint32_t index, const struct task *task)
{
	lanes_send(&p->rings, index, task, 1);
}

static uint32_t shm_n_sent(const struct pool *p, uint32_t index)
{
	return lanes_open_tasks(&p->rings, index);
}

static uint64_t shm_n_begun(const struct pool *p, uint32_t index)
{
	return lanes_begun(&p->rings, index);
}

/*
 * Nobody notes for each task when it could have begun.  It is enough to see,
 * time and again, that a worker that has tasks has begun none.
 */
static uint64_t shm_first_since(struct pool *p, uint32_t index)
{
	struct pool_lane *lane = &p->lanes[index];
	uint64_t n_answered = p->rings.lane[index].results.mine;

	if (lanes_begun(&p->rings, index) > 0)
		return lanes_begun_ns(&p->rings, index);
	if (lane->first_ns == 0 || lane->n_answered != n_answered) {
		lane->n_answered = n_answered;
		lane->first_ns = clock_ns();
	}
	return lane->first_ns;
}

static bool shm_take_back(struct pool *p, uint32_t index, struct task *ret)
{
	return lanes_take_back(&p->rings, index, ret);
}

const struct pool_carrier pool_carrier_shm = {
	.open = shm_prepare,
	.connect = shm_connect,
	.connected = shm_connected,
	.disconnect = shm_disconnect,
	.serve = shm_serve,
	.has_room = shm_has_room,
	.send = shm_send,
	.n_sent = shm_n_sent,
	.n_begun = shm_n_begun,
	.first_since = shm_first_since,
	.take_back = shm_take_back,
};

static int pool_shm_open(const struct job *job, void **ret)
{
	return pool_open(job, &pool_carrier_shm, ret);
}

/*
 * Straight into the lanes, as long as nothing is out of order: nobody is to be
 * woken, and no task has waited for longer.
 */
static int pool_shm_submit(void *model, const struct task *tasks, size_t n)
{
	struct pool *p = model;
	size_t room = job_capacity(p->job) - p->in_flight, sent = 0;

	if (p->n_given_up == p->job->workers)
		return -ECHILD;
	if (n > room)
		n = room;
	if (p->returned.n + p->waiting.n + p->n_asleep == 0)
		sent = lanes_submit(&p->rings, tasks, n);
	for (size_t i = sent; i < n; i++)
		CHECK(fifo_put(&p->waiting, &tasks[i]) == 0);
	p->in_flight += (uint32_t)n;
	if (sent < n)
		pool_dispatch(p);
	return (int)n;
}

/* Worker @index is dead; first, all that it ever published is to be reaped. */
static void note_death(struct pool *p, uint32_t index)
{
	struct lane *lane = &p->rings.lane[index];

	if (lane->broken || ring_ready(&lane->results) <= 0)
		pool_bury(p, index);
}

/* Those that talk nonsense. */
static void bury_broken(struct pool *p)
{
	for (uint32_t i = 0; i < p->job->workers; i++) {
		if (!p->rings.lane[i].broken || p->lanes[i].pid == 0)
			continue;
		p->lanes[i].verdict = TASK_STATUS(TASK_PROTOCOL, 0);
		pool_bury(p, i);
	}
}

/* Look after the workers, not more often than makes sense. */
static void look_after(struct pool *p, uint64_t now_ns)
{
	uint32_t index;

	if (p->rings.n_broken > 0)
		bury_broken(p);
	if (now_ns < p->look_ns && now_ns < p->wake_ns)
		return;
	p->look_ns = now_ns + BUSY_LOOK_NS;
	index = lanes_look(&p->rings);
	if (index != LANES_BELL)
		note_death(p, index);
	p->wake_ns = pool_supervise(p);
}

/*
 * Until when to sleep.  A task handed over since we last looked may be late
 * before anything else happens.
 */
static uint64_t sleep_until(const struct pool *p, uint64_t now_ns,
			    uint64_t deadline_ns)
{
	uint64_t look_ns = p->in_flight > 0 ? now_ns + LOOK_NS : CLOCK_NEVER;

	if (look_ns > p->wake_ns)
		look_ns = p->wake_ns;
	return look_ns < deadline_ns ? look_ns : deadline_ns;
}

static int pool_shm_reap(void *model, uint64_t deadline_ns,
			 struct completion *ret, size_t max)
{
	struct pool *p = model;
	size_t n;

	for (;;) {
		uint64_t now_ns = clock_ns();
		uint32_t index;

		n = lanes_reap(&p->rings, ret, max);
		for (size_t i = 0; p->n_retried > 0 && i < n; i++)
			pool_forget(p, ret[i].id);
		look_after(p, now_ns);
		if (p->returned.n + p->waiting.n > 0)
			pool_dispatch(p);
		while (n < max && fifo_take(&p->failed, &ret[n]))
			n++;
		if (n > 0 || now_ns >= deadline_ns)
			break;
		index = lanes_wait(&p->rings,
				   sleep_until(p, now_ns, deadline_ns));
		if (index != LANES_BELL)
			note_death(p, index);
	}
	p->in_flight -= (uint32_t)n;
	return (int)n;
}

const struct model model_pool_shm = {
	.name = "pool:shm",
	.variant = "shm",
	.summary = "worker processes forked once, shared memory each",
	.traits = MODEL_PROCESS,
	.settings = settings,
	.open = pool_shm_open,
	.submit = pool_shm_submit,
	.reap = pool_shm_reap,
	.close = pool_close,
	.count = pool_count,
};
