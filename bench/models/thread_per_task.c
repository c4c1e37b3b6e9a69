/*
 * thread_per_task - a pthread per task, made for it and gone with it.
 *
 *	generator ──pthread_create──▶ thread: run, leave the result, return
 *	    ▲                           │
 *	    │        one memory         │    one slot a worker: at most `workers'
 *	    └────── pthread_join ◀──────┘    threads at a time, the rest waits
 *
 * The cost to look for: `create'.  The kernel makes a task that shares memory,
 * descriptors and signals with us, so there is nothing to copy: a small part of
 * fork.c's cost, and the same in a parent of any size.
 *
 * What that buys: no queue to design and no idle workers to keep.  A crash in
 * one task ends them all.
 *
 * Compare fork.c: the same with processes.  threads.c: the same threads, made
 * once.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/fifo.h"
#include "harness/model.h"

struct thread_per_task;

/* A place for one thread at a time; its index is the worker's number. */
struct slot {
	struct thread_per_task *owner;
	bool busy;                /* only the generator looks */
	pthread_t thread;         /* valid while busy */
	struct task task;         /* what it runs */
	struct completion result; /* its own until it is in `ended' */
};

struct thread_per_task {
	const struct job *job;
	struct slot *slots;  /* [job->workers] */
	struct fifo waiting; /* tasks for which there is no slot yet */
	struct fifo failed;  /* completions of tasks never started */
	uint32_t in_flight;  /* running, waiting and failed */

	pthread_mutex_t lock; /* guards `ended' */
	pthread_cond_t news;  /* `ended' is no longer empty */
	struct fifo ended;    /* struct slot *, their threads are leaving */
};

static void *work(void *arg)
{
	struct slot *slot = arg;
	struct thread_per_task *t = slot->owner;
	uint64_t created_ns = clock_ns();
	struct worker self;

	worker_begin(&self, t->job, (uint32_t)(slot - t->slots));
	task_run(t->job, &self, &slot->task, created_ns, &slot->result);

	pthread_mutex_lock(&t->lock);
	CHECK(fifo_put(&t->ended, &slot) == 0);
	pthread_cond_signal(&t->news);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void start(struct thread_per_task *t, struct slot *slot)
{
	int r = -pthread_create(&slot->thread, NULL, work, slot);

	if (r < 0) {
		struct completion failed = {
			.id = slot->task.id,
			.worker = (uint32_t)(slot - t->slots),
			.cpu = -1,
			.status = TASK_STATUS(TASK_START, -r),
		};

		CHECK(fifo_put(&t->failed, &failed) == 0);
		return;
	}
	slot->busy = true;
}

/* Start waiting tasks, oldest first, wherever a slot is free. */
static void dispatch(struct thread_per_task *t)
{
	for (uint32_t i = 0; i < t->job->workers; i++) {
		struct slot *slot = &t->slots[i];

		while (!slot->busy && fifo_take(&t->waiting, &slot->task))
			start(t, slot);
	}
}

static void thread_per_task_close(void *model);

static int thread_per_task_open(const struct job *job, void **ret)
{
	struct thread_per_task *t = calloc(1, sizeof(*t));
	pthread_condattr_t attr;
	int r = -ENOMEM;

	if (!t)
		return -ENOMEM;
	t->job = job;
	CHECK(pthread_mutex_init(&t->lock, NULL) == 0);
	/* Our deadlines are monotonic; a condition's clock by default is not. */
	CHECK(pthread_condattr_init(&attr) == 0);
	CHECK(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&t->news, &attr) == 0);
	CHECK(pthread_condattr_destroy(&attr) == 0);

	t->slots = calloc(job->workers, sizeof(*t->slots));
	if (!t->slots)
		goto fail;
	for (uint32_t i = 0; i < job->workers; i++)
		t->slots[i].owner = t;
	r = fifo_init(&t->waiting, job_capacity(job), sizeof(struct task));
	if (r < 0)
		goto fail;
	r = fifo_init(&t->failed, job_capacity(job), sizeof(struct completion));
	if (r < 0)
		goto fail;
	r = fifo_init(&t->ended, job->workers, sizeof(struct slot *));
	if (r < 0)
		goto fail;
	*ret = t;
	return 0;
fail:
	thread_per_task_close(t);
	return r;
}

/* One at a time: to start a worker takes longer than to be called. */
static int thread_per_task_submit(void *model, const struct task *tasks,
				  size_t n)
{
	struct thread_per_task *t = model;

	(void)n;
	if (t->in_flight == job_capacity(t->job))
		return 0;
	t->in_flight++;
	CHECK(fifo_put(&t->waiting, &tasks[0]) == 0);
	dispatch(t);
	return 1;
}

/* Take the next slot whose thread is leaving; NULL at @deadline_ns. */
static struct slot *next_ended(struct thread_per_task *t, uint64_t deadline_ns)
{
	struct timespec deadline = clock_timespec(deadline_ns);
	struct slot *slot = NULL;
	int r = 0;

	pthread_mutex_lock(&t->lock);
	while (t->ended.n == 0 && r == 0)
		r = pthread_cond_timedwait(&t->news, &t->lock, &deadline);
	(void)fifo_take(&t->ended, &slot);
	pthread_mutex_unlock(&t->lock);
	return slot;
}

static int thread_per_task_reap(void *model, uint64_t deadline_ns,
				struct completion *ret, size_t max)
{
	struct thread_per_task *t = model;
	size_t n = 0;

	while (n < max && fifo_take(&t->failed, &ret[n]))
		n++;
	while (n < max) {
		/* Once there is something to give, only look for more. */
		struct slot *slot = next_ended(t, n > 0 ? 0 : deadline_ns);

		if (!slot)
			break;
		/* It has nothing left to do but return: a short wait. */
		CHECK(pthread_join(slot->thread, NULL) == 0);
		ret[n++] = slot->result;
		slot->busy = false;
		dispatch(t);
	}
	t->in_flight -= (uint32_t)n;
	return (int)n;
}

/* Threads cannot be killed, so close waits for those that run to end. */
static void thread_per_task_close(void *model)
{
	struct thread_per_task *t = model;

	if (!t)
		return;
	for (uint32_t i = 0; t->slots && i < t->job->workers; i++) {
		if (t->slots[i].busy)
			CHECK(pthread_join(t->slots[i].thread, NULL) == 0);
	}
	fifo_done(&t->waiting);
	fifo_done(&t->failed);
	fifo_done(&t->ended);
	CHECK(pthread_cond_destroy(&t->news) == 0);
	CHECK(pthread_mutex_destroy(&t->lock) == 0);
	free(t->slots);
	free(t);
}

const struct model model_thread_per_task = {
	.name = "thread_per_task",
	.summary = "a pthread per task",
	.traits = MODEL_THREAD | MODEL_PER_TASK,
	.open = thread_per_task_open,
	.submit = thread_per_task_submit,
	.reap = thread_per_task_reap,
	.close = thread_per_task_close,
};
