/*
 * threads - pthread workers that stay, a queue of tasks and one of results.
 *
 *	generator ──put──▶ [ todo ] ──take──▶ worker 0: run
 *	    ▲                         └─────▶ worker 1: run
 *	    └──take── [ done ] ◀──put──────────┘      one memory, one mutex
 *
 * The cost to look for: `dispatch'.  Every hand-over takes the one lock, and
 * waking a worker that sleeps on the other processor costs microseconds.
 *
 * What that buys: no copying, no creation per task, and any idle worker takes
 * the next task, so none idles while there is work.  A crash in one task ends
 * them all.
 *
 * Compare pool.c: the same with processes.  thread_per_task.c: the same
 * threads, but made for each task.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/fifo.h"
#include "harness/gate.h"
#include "harness/model.h"

struct threads {
	const struct job *job;
	pthread_t *workers; /* [n_workers] */
	uint32_t n_workers; /* started so far */
	uint32_t n_begun;   /* numbers given out; guarded by lock */
	struct gate ready;  /* open only inside threads_open() */
	uint32_t in_flight; /* of the generator alone */

	pthread_mutex_t lock;     /* guards all below */
	pthread_cond_t have_todo; /* a worker may go on */
	pthread_cond_t have_done; /* the generator may go on */
	struct fifo todo;         /* of struct task */
	struct fifo done;         /* of struct completion */
	bool closing;             /* workers are to leave */
};

/*
 * A worker waits without a deadline of its own: close() wakes every one of them
 * with `closing' set, and nobody else ends a model.
 */
static void *work(void *arg)
{
	struct threads *t = arg;
	struct worker self;
	struct task task;
	struct completion c;
	uint32_t index;

	pthread_mutex_lock(&t->lock);
	index = t->n_begun++;
	pthread_mutex_unlock(&t->lock);
	worker_begin(&self, t->job, index);
	gate_report(&t->ready);

	pthread_mutex_lock(&t->lock);
	for (;;) {
		while (t->todo.n == 0 && !t->closing)
			pthread_cond_wait(&t->have_todo, &t->lock);
		if (t->closing)
			break;
		CHECK(fifo_take(&t->todo, &task) == 1);
		pthread_mutex_unlock(&t->lock);

		task_run(t->job, &self, &task, 0, &c);

		pthread_mutex_lock(&t->lock);
		CHECK(fifo_put(&t->done, &c) == 0);
		pthread_cond_signal(&t->have_done);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void threads_close(void *model);

/* Everything but the threads themselves. */
static int prepare(struct threads *t, const struct job *job)
{
	pthread_condattr_t attr;
	int r;

	t->job = job;
	t->ready = (struct gate){.reader = -1, .writer = -1};
	CHECK(pthread_mutex_init(&t->lock, NULL) == 0);
	CHECK(pthread_cond_init(&t->have_todo, NULL) == 0);
	/* Our deadlines are monotonic; a condition's clock by default is not. */
	CHECK(pthread_condattr_init(&attr) == 0);
	CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&t->have_done, &attr) == 0);
	CHECK(pthread_condattr_destroy(&attr) == 0);

	t->workers = calloc(job->workers, sizeof(*t->workers));
	if (!t->workers)
		return -ENOMEM;
	r = fifo_init(&t->todo, job_capacity(job), sizeof(struct task));
	if (r < 0)
		return r;
	return fifo_init(&t->done, job_capacity(job),
			 sizeof(struct completion));
}

static int threads_open(const struct job *job, void **ret)
{
	struct threads *t = calloc(1, sizeof(*t));
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
		r = -pthread_create(&t->workers[t->n_workers], NULL, work, t);
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
	threads_close(t);
	return r;
}

/* A batch takes the lock once, and wakes no more workers than it feeds. */
static int threads_submit(void *model, const struct task *tasks, size_t n)
{
	struct threads *t = model;
	size_t room = job_capacity(t->job) - t->in_flight;

	if (n > room)
		n = room;
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < n; i++)
		CHECK(fifo_put(&t->todo, &tasks[i]) == 0);
	pthread_mutex_unlock(&t->lock);
	/* After the lock is free: the woken worker need not wait for us. */
	for (size_t i = 0; i < n && i < t->n_workers; i++)
		pthread_cond_signal(&t->have_todo);
	t->in_flight += (uint32_t)n;
	return (int)n;
}

static int threads_reap(void *model, uint64_t deadline_ns,
			struct completion *ret, size_t max)
{
	struct threads *t = model;
	struct timespec deadline = clock_timespec(deadline_ns);
	size_t n = 0;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	while (t->done.n == 0 && r == 0)
		r = pthread_cond_timedwait(&t->have_done, &t->lock, &deadline);
	while (n < max && fifo_take(&t->done, &ret[n]))
		n++;
	pthread_mutex_unlock(&t->lock);
	t->in_flight -= (uint32_t)n;
	return (int)n;
}

/*
 * Threads cannot be killed, so close waits for the tasks that run to end; those
 * still in the queue are dropped.
 */
static void threads_close(void *model)
{
	struct threads *t = model;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->closing = true;
	pthread_cond_broadcast(&t->have_todo);
	pthread_mutex_unlock(&t->lock);
	for (uint32_t i = 0; i < t->n_workers; i++)
		CHECK(pthread_join(t->workers[i], NULL) == 0);
	gate_close(&t->ready);
	fifo_done(&t->todo);
	fifo_done(&t->done);
	CHECK(pthread_cond_destroy(&t->have_todo) == 0);
	CHECK(pthread_cond_destroy(&t->have_done) == 0);
	CHECK(pthread_mutex_destroy(&t->lock) == 0);
	free(t->workers);
	free(t);
}

const struct model model_threads = {
	.name = "threads",
	.summary = "pthread workers that share a queue under one mutex",
	.traits = MODEL_THREAD,
	.open = threads_open,
	.submit = threads_submit,
	.reap = threads_reap,
	.close = threads_close,
};
