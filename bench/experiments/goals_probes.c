#include "bench/experiments/goals_probes.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/fifo.h"

/* A word to wait for; alone in its cache line. */
struct flag {
	_Alignas(64) uint32_t raised;
};

/*
 * Wait until @f is raised, and lower it.  0, or -ETIMEDOUT at @deadline_ns,
 * CLOCK_NEVER: never.
 */
static int flag_wait(struct flag *f, uint64_t deadline_ns)
{
	struct timespec at = clock_timespec(deadline_ns);
	const struct timespec *until = deadline_ns == CLOCK_NEVER ? NULL : &at;

	while (__atomic_exchange_n(&f->raised, 0, __ATOMIC_ACQUIRE) == 0) {
		if (syscall(SYS_futex, &f->raised,
			    FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, until,
			    NULL, FUTEX_BITSET_MATCH_ANY) < 0 &&
		    errno == ETIMEDOUT)
			return -ETIMEDOUT;
	}
	return 0;
}

static void flag_raise(struct flag *f)
{
	__atomic_store_n(&f->raised, 1, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &f->raised, FUTEX_WAKE | FUTEX_PRIVATE_FLAG,
		      1);
}

struct ping {
	struct flag there, back;
	const struct job *job;
	pthread_t thread;
	bool begun; /* there is a thread */
	bool away;  /* a task has not come back yet */
	struct fifo tasks;
	struct task task;       /* handed over by `there' */
	struct completion done; /* by `back' */
	bool closing;           /* by `there' */
};

/* Without a deadline: ping_close() raises the flag. */
static void *answer(void *arg)
{
	struct ping *p = arg;
	struct worker self;

	worker_begin(&self, p->job, 0);
	flag_raise(&p->back);
	for (;;) {
		(void)flag_wait(&p->there, CLOCK_NEVER);
		if (p->closing)
			return NULL;
		task_run(p->job, &self, &p->task, 0, &p->done);
		flag_raise(&p->back);
	}
}

static void ping_close(void *model)
{
	struct ping *p = model;

	if (!p)
		return;
	if (p->begun) {
		/* It looks at nothing of ours while a task is with it. */
		if (p->away)
			(void)flag_wait(&p->back, CLOCK_NEVER);
		p->closing = true;
		flag_raise(&p->there);
		CHECK(pthread_join(p->thread, NULL) == 0);
	}
	fifo_done(&p->tasks);
	free(p);
}

static int ping_open(const struct job *job, void **ret)
{
	struct ping *p = aligned_alloc(_Alignof(struct ping), sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	*p = (struct ping){.job = job};
	r = fifo_init(&p->tasks, job_capacity(job), sizeof(struct task));
	if (r == 0)
		r = -pthread_create(&p->thread, NULL, answer, p);
	p->begun = r == 0;
	if (r == 0)
		r = flag_wait(&p->back, clock_ns() + job->open_limit_ns);
	if (r < 0) {
		ping_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

static int ping_submit(void *model, const struct task *tasks, size_t n)
{
	struct ping *p = model;

	(void)n;
	return fifo_put(&p->tasks, &tasks[0]) == 0;
}

static int ping_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct ping *p = model;

	(void)max;
	if (!p->away) {
		if (!fifo_take(&p->tasks, &p->task))
			return 0;
		p->away = true;
		flag_raise(&p->there);
	}
	if (flag_wait(&p->back, deadline_ns) < 0)
		return 0;
	p->away = false;
	*ret = p->done;
	return 1;
}

struct forks {
	const struct job *job;
	struct worker self; /* the generator; pinned, its children would be */
	struct fifo tasks;
	uint32_t running; /* children */
};

static void forks_close(void *model)
{
	struct forks *f = model;

	if (!f)
		return;
	while (f->running > 0 && wait(NULL) > 0)
		f->running--;
	fifo_done(&f->tasks);
	free(f);
}

static int forks_open(const struct job *job, void **ret)
{
	struct forks *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	f->job = job;
	r = fifo_init(&f->tasks, job_capacity(job), sizeof(struct task));
	if (r < 0) {
		forks_close(f);
		return r;
	}
	*ret = f;
	return 0;
}

static int forks_submit(void *model, const struct task *tasks, size_t n)
{
	struct forks *f = model;

	(void)n;
	return fifo_put(&f->tasks, &tasks[0]) == 0;
}

/*
 * A child for each task in flight; then wait for one of them.  It has nothing to
 * do but to end, so this is no long wait.
 */
static int forks_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		      size_t max)
{
	struct forks *f = model;
	struct task task;
	pid_t pid;

	(void)deadline_ns;
	(void)max;
	while (f->running < f->tasks.n) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return -errno;
		f->running++;
	}
	if (f->running == 0)
		return 0;
	while (wait(NULL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	f->running--;
	CHECK(fifo_take(&f->tasks, &task) == 1);
	task_run(f->job, &f->self, &task, 0, ret);
	return 1;
}

static const struct model ping = {
	.name = "call:ping",
	.summary = "a thread, woken and answering by a futex each",
	.traits = MODEL_THREAD | MODEL_UNEVEN, /* it has one worker */
	.open = ping_open,
	.submit = ping_submit,
	.reap = ping_reap,
	.close = ping_close,
};

static const struct model forks = {
	.name = "call:forks",
	.summary = "fork, _exit and wait, nothing else",
	.traits = MODEL_SERIAL,
	.open = forks_open,
	.submit = forks_submit,
	.reap = forks_reap,
	.close = forks_close,
};

const struct model *const goals_probes[] = {&ping, &forks, NULL};
