/*
 * threads:ring - pthread workers that stay, and a lane of rings to each.
 *
 *	generator ══lane══▶ worker 0: take, run, put
 *	          ══lane══▶ worker 1: take, run, put
 *	              (a ring of tasks down, a ring of results up: lanes.h)
 *
 * The cost to look for: little of it is left.  Nobody takes a lock, and nobody
 * enters the kernel while all are busy; but who sleeps must still be woken, and
 * that takes microseconds as ever.
 *
 * What that buys: tasks of a few microseconds are worth handing out.  And what
 * it costs, against threads.c: the generator chooses the worker when it hands a
 * task over, so one may wait behind a long task while another worker is idle.
 *
 * Compare pool_shm.c: the same lanes between processes, and nothing else is
 * different.  threads.c: one queue for all, under a lock.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "harness/base.h"
#include "harness/gate.h"
#include "harness/lanes.h"
#include "harness/model.h"

enum setting {
	SPIN,
};

static const struct model_setting settings[] = {
	[SPIN] = LANES_SPIN,
	{0},
};

/* One worker; of the thread itself once it runs. */
struct ring_worker {
	struct threads_ring *t;
	uint32_t index;
	pthread_t thread;
};

struct threads_ring {
	const struct job *job;
	struct lanes lanes;
	void *memory;                /* of the lanes */
	struct ring_worker *workers; /* [job->workers] */
	uint32_t n_workers;          /* started so far */
	struct gate ready;           /* open only inside threads_ring_open() */
};

static void *work(void *arg)
{
	const struct ring_worker *me = arg;
	const struct job *job = me->t->job;
	struct lanes_worker lane;
	struct worker self;

	worker_begin(&self, job, me->index);
	lanes_attach(&lane, &me->t->lanes, me->index);
	gate_report(&me->t->ready);
	while (lanes_next(&lane, CLOCK_NEVER) == 1)
		lanes_run(&lane, job, &self);
	return NULL;
}

static void threads_ring_close(void *model);

/* Everything but the threads themselves. */
static int prepare(struct threads_ring *t, const struct job *job)
{
	int r;

	t->job = job;
	t->ready = (struct gate){.reader = -1, .writer = -1};
	t->workers = calloc(job->workers, sizeof(*t->workers));
	if (!t->workers)
		return -ENOMEM;
	t->memory = mmap(NULL, lanes_bytes(job), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED) {
		t->memory = NULL;
		return -errno;
	}
	r = lanes_open(&t->lanes, job, t->memory, false, job->settings[SPIN]);
	for (uint32_t i = 0; r == 0 && i < job->workers; i++)
		lanes_begin(&t->lanes, i, job->depth, UINT64_MAX);
	return r;
}

static int threads_ring_open(const struct job *job, void **ret)
{
	struct threads_ring *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	r = prepare(t, job);
	if (r < 0)
		goto fail;
	r = gate_open(&t->ready);
	if (r < 0)
		goto fail;
	while (t->n_workers < job->workers) {
		struct ring_worker *w = &t->workers[t->n_workers];

		*w = (struct ring_worker){.t = t, .index = t->n_workers};
		r = -pthread_create(&w->thread, NULL, work, w);
		if (r < 0)
			goto fail;
		t->n_workers++;
	}
	r = gate_wait(&t->ready, job->workers, clock_ns() + job->open_limit_ns);
	if (r < 0)
		goto fail;
	gate_close(&t->ready);
	*ret = t;
	return 0;
fail:
	threads_ring_close(t);
	return r;
}

static int threads_ring_submit(void *model, const struct task *tasks, size_t n)
{
	struct threads_ring *t = model;

	return (int)lanes_submit(&t->lanes, tasks, n);
}

static int threads_ring_reap(void *model, uint64_t deadline_ns,
			     struct completion *ret, size_t max)
{
	struct threads_ring *t = model;
	size_t n = lanes_reap(&t->lanes, ret, max);

	while (n == 0 && clock_ns() < deadline_ns) {
		lanes_wait(&t->lanes, deadline_ns);
		n = lanes_reap(&t->lanes, ret, max);
	}
	return (int)n;
}

/*
 * Threads cannot be killed, so close waits for the tasks that run to end; those
 * still in the lanes are dropped.
 */
static void threads_ring_close(void *model)
{
	struct threads_ring *t = model;

	if (!t)
		return;
	for (uint32_t i = 0; i < t->n_workers; i++)
		lanes_end(&t->lanes, i);
	for (uint32_t i = 0; i < t->n_workers; i++)
		CHECK(pthread_join(t->workers[i].thread, NULL) == 0);
	gate_close(&t->ready);
	lanes_close(&t->lanes);
	if (t->memory)
		CHECK(munmap(t->memory, lanes_bytes(t->job)) == 0);
	free(t->workers);
	free(t);
}

const struct model model_threads_ring = {
	.name = "threads:ring",
	.variant = "ring",
	.summary = "pthread workers, a lane of rings to each",
	.traits = MODEL_THREAD,
	.settings = settings,
	.open = threads_ring_open,
	.submit = threads_ring_submit,
	.reap = threads_ring_reap,
	.close = threads_ring_close,
};
