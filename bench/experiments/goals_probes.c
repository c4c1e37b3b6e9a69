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
#include "harness/gate.h"

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

/* A thread, and the task that is with it. */
struct partner {
	struct flag there;
	struct ping *ping;
	pthread_t thread;
	uint32_t index;
	bool away;              /* it has a task; of the generator alone */
	bool closing;           /* by `there' */
	struct task task;       /* by `there' */
	struct completion done; /* by `answered' */
	bool answered;
};

struct ping {
	struct flag back; /* raised by whoever has answered */
	const struct job *job;
	struct partner *partners; /* [n], begun */
	uint32_t n;
	struct gate ready; /* open only inside ping_open() */
	struct fifo tasks;
};

/* Without a deadline: ping_close() raises the flag. */
static void *answer(void *arg)
{
	struct partner *p = arg;
	struct ping *ping = p->ping;
	struct worker self;

	worker_begin(&self, ping->job, p->index);
	gate_report(&ping->ready);
	for (;;) {
		(void)flag_wait(&p->there, CLOCK_NEVER);
		if (p->closing)
			return NULL;
		task_run(ping->job, &self, &p->task, 0, &p->done);
		__atomic_store_n(&p->answered, true, __ATOMIC_RELEASE);
		flag_raise(&ping->back);
	}
}

/* A thread with a task goes on to its end, and sees only then that we close. */
static void ping_close(void *model)
{
	struct ping *p = model;

	if (!p)
		return;
	for (uint32_t i = 0; p->partners && i < p->n; i++) {
		struct partner *partner = &p->partners[i];

		while (partner->away &&
		       !__atomic_load_n(&partner->answered, __ATOMIC_ACQUIRE))
			(void)flag_wait(&p->back, CLOCK_NEVER);
		partner->closing = true;
		flag_raise(&partner->there);
		CHECK(pthread_join(partner->thread, NULL) == 0);
	}
	gate_close(&p->ready);
	fifo_done(&p->tasks);
	free(p->partners);
	free(p);
}

static int ping_open(const struct job *job, void **ret)
{
	struct ping *p = aligned_alloc(_Alignof(struct ping), sizeof(*p));
	size_t bytes = job->workers * sizeof(*p->partners);
	int r;

	if (!p)
		return -ENOMEM;
	*p = (struct ping){.job = job, .ready = {-1, -1}};
	r = fifo_init(&p->tasks, job_capacity(job), sizeof(struct task));
	p->partners = aligned_alloc(_Alignof(struct partner), bytes);
	if (!p->partners)
		r = -ENOMEM;
	if (r == 0)
		r = gate_open(&p->ready);
	while (r == 0 && p->n < job->workers) {
		struct partner *partner = &p->partners[p->n];

		*partner = (struct partner){.ping = p, .index = p->n};
		r = -pthread_create(&partner->thread, NULL, answer, partner);
		p->n += r == 0;
	}
	if (r == 0)
		r = gate_wait(&p->ready, p->n, clock_ns() + job->open_limit_ns);
	if (r < 0) {
		ping_close(p);
		return r;
	}
	gate_close(&p->ready);
	*ret = p;
	return 0;
}

static int ping_submit(void *model, const struct task *tasks, size_t n)
{
	struct ping *p = model;
	uint32_t away = 0;

	(void)n;
	for (uint32_t i = 0; i < p->n; i++)
		away += p->partners[i].away;
	if (p->tasks.n + away == job_capacity(p->job))
		return 0;
	return fifo_put(&p->tasks, &tasks[0]) == 0;
}

/* Hand a waiting task to everyone who has none. */
static void hand_over(struct ping *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct partner *partner = &p->partners[i];

		if (partner->away || !fifo_take(&p->tasks, &partner->task))
			continue;
		partner->away = true;
		flag_raise(&partner->there);
	}
}

static int ping_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct ping *p = model;
	size_t n = 0;
	int r = 0;

	hand_over(p);
	while (n == 0) {
		for (uint32_t i = 0; i < p->n && n < max; i++) {
			struct partner *partner = &p->partners[i];

			if (!__atomic_load_n(&partner->answered,
					     __ATOMIC_ACQUIRE))
				continue;
			partner->answered = partner->away = false;
			ret[n++] = partner->done;
		}
		if (n == 0 && r < 0)
			break;
		if (n == 0)
			r = flag_wait(&p->back, deadline_ns);
	}
	return (int)n;
}

struct forks {
	const struct job *job;
	struct worker self; /* the generator is worker 0 */
	struct fifo tasks;
	struct fifo children; /* pids, oldest first */
};

/*
 * Wait for the oldest child: others of this process may be anybody's.  It has
 * nothing to do but to end, so this is no long wait.  0 or -errno.
 */
static int bury(struct forks *f)
{
	pid_t pid;

	CHECK(fifo_take(&f->children, &pid) == 1);
	while (waitpid(pid, NULL, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static void forks_close(void *model)
{
	struct forks *f = model;

	if (!f)
		return;
	while (f->children.n > 0)
		(void)bury(f);
	fifo_done(&f->tasks);
	fifo_done(&f->children);
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
	if (r == 0)
		r = fifo_init(&f->children, job_capacity(job), sizeof(pid_t));
	if (r < 0) {
		forks_close(f);
		return r;
	}
	worker_begin(&f->self, job, 0);
	*ret = f;
	return 0;
}

static int forks_submit(void *model, const struct task *tasks, size_t n)
{
	struct forks *f = model;

	(void)n;
	return fifo_put(&f->tasks, &tasks[0]) == 0;
}

/* A child for each task in flight; then wait for one of them. */
static int forks_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		      size_t max)
{
	struct forks *f = model;
	struct task task;
	int r;

	(void)deadline_ns;
	(void)max;
	while (f->children.n < f->tasks.n) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return -errno;
		CHECK(fifo_put(&f->children, &pid) == 0);
	}
	if (f->children.n == 0)
		return 0;
	r = bury(f);
	if (r < 0)
		return r;
	CHECK(fifo_take(&f->tasks, &task) == 1);
	task_run(f->job, &f->self, &task, 0, ret);
	return 1;
}

static const struct model ping = {
	.name = "call:ping",
	.summary = "a thread, woken and answering by a futex each",
	.traits = MODEL_THREAD,
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
