/*
 * fork - a child process per task, made by fork(2) and gone with its task.
 *
 *	generator ──fork──▶ child: run, leave the result, _exit
 *	    ▲                 │
 *	    │   shared page   │      one slot a worker: at most `workers'
 *	    └── waitpid ◀─────┘      children at a time, the rest waits
 *
 * The cost to look for: `create'.  fork(2) copies the page tables of the
 * parent and marks every page copy-on-write; parent and child then pay a page
 * fault for each page that either of them writes.  The bigger the parent, the
 * dearer the child.
 *
 * What that buys: the child starts with everything the parent knows, and
 * nothing it does can harm anyone else.  It may crash, leak or be killed; all
 * of it ends with the process.
 *
 * Compare thread_per_task.c: the same with threads.  pool.c: the same
 * processes, made once.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/fifo.h"
#include "harness/model.h"

/* A place for one child at a time; its index is the worker's number. */
struct slot {
	pid_t pid;          /* of the child that works here; 0: free */
	uint64_t task;      /* id of what it works on */
	uint64_t end_by_ns; /* it may run so long: job->run_limit_ns */
	int late;           /* it has not, and was killed */
};

struct fork {
	const struct job *job;
	struct slot *slots;         /* [job->workers] */
	struct completion *results; /* [job->workers], memory all share */
	struct fifo waiting;        /* tasks for which there is no slot yet */
	struct fifo failed;         /* completions of tasks never started */
	uint32_t next;              /* slot to ask first in collect */
	uint32_t in_flight;         /* running, waiting and failed */
	sigset_t old_mask;          /* signal mask before open */
};

/* The child.  Never returns: _exit skips the parent's atexit and stdio. */
static _Noreturn void work(const struct fork *f, uint32_t index, pid_t parent,
			   const struct task *task)
{
	uint64_t created_ns = clock_ns();
	struct worker self;

	child_begin(parent, &f->old_mask);
	(void)setpgid(0, 0); /* fails never: we are nobody's leader yet */
	worker_begin(&self, f->job, index);
	task_run(f->job, &self, task, created_ns, &f->results[index]);
	_exit(0);
}

static void start(struct fork *f, uint32_t index, const struct task *task)
{
	struct slot *slot = &f->slots[index];
	pid_t parent = getpid();
	pid_t pid;

	/* Lost until proven done: what the last task left here must go. */
	f->results[index] = (struct completion){.status = TASK_LOST};
	pid = fork();
	if (pid == 0)
		work(f, index, parent, task);
	if (pid < 0) {
		struct completion failed = {
			.id = task->id,
			.worker = index,
			.cpu = -1,
			.status = TASK_STATUS(TASK_START, errno),
		};

		CHECK(fifo_put(&f->failed, &failed) == 0);
		return;
	}
	/*
	 * The child leads a group, so that a kill reaches whatever its task has
	 * started.  It does the same: both must, or there might be no group yet
	 * for whoever comes first.
	 */
	(void)setpgid(pid, pid);
	*slot = (struct slot){
		.pid = pid,
		.task = task->id,
		.end_by_ns = f->job->run_limit_ns
				     ? clock_ns() + f->job->run_limit_ns
				     : CLOCK_NEVER,
	};
}

/* Start waiting tasks, oldest first, wherever a slot is free. */
static void dispatch(struct fork *f)
{
	for (uint32_t i = 0; i < f->job->workers; i++) {
		struct task task;

		while (f->slots[i].pid == 0 && fifo_take(&f->waiting, &task))
			start(f, i, &task);
	}
}

static void fork_close(void *model);

static int fork_open(const struct job *job, void **ret)
{
	struct fork *f = calloc(1, sizeof(*f));
	sigset_t child_ended;
	int r = -ENOMEM;

	if (!f)
		return -ENOMEM;
	f->job = job;

	/*
	 * SIGCHLD is blocked and taken by sigtimedwait() in reap.  Blocked, a
	 * child that ends between our look at the children and our sleep leaves
	 * the signal pending, and the sleep ends at once; with a handler that
	 * moment would be lost.
	 */
	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	CHECK(pthread_sigmask(SIG_BLOCK, &child_ended, &f->old_mask) == 0);

	f->slots = calloc(job->workers, sizeof(*f->slots));
	if (!f->slots)
		goto fail;
	f->results = mmap(NULL, job->workers * sizeof(*f->results),
			  PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (f->results == MAP_FAILED) {
		f->results = NULL;
		r = -errno;
		goto fail;
	}
	r = fifo_init(&f->waiting, job_capacity(job), sizeof(struct task));
	if (r < 0)
		goto fail;
	r = fifo_init(&f->failed, job_capacity(job), sizeof(struct completion));
	if (r < 0)
		goto fail;
	*ret = f;
	return 0;
fail:
	fork_close(f);
	return r;
}

/* One at a time: to start a worker takes longer than to be called. */
static int fork_submit(void *model, const struct task *tasks, size_t n)
{
	struct fork *f = model;

	(void)n;
	if (f->in_flight == job_capacity(f->job))
		return 0;
	f->in_flight++;
	CHECK(fifo_put(&f->waiting, &tasks[0]) == 0);
	dispatch(f);
	return 1;
}

/* The child of slot @index has ended as @wait_status says. */
static void finish(struct fork *f, uint32_t index, int wait_status,
		   struct completion *ret)
{
	struct slot *slot = &f->slots[index];

	*ret = f->results[index];
	if (wait_status != 0 || ret->status == TASK_LOST) {
		*ret = (struct completion){
			.id = slot->task,
			.worker = index,
			.cpu = -1,
			.status = slot->late ? TASK_STATUS(TASK_TIMEOUT, 0)
					     : task_status_of_wait(wait_status),
		};
	}
	slot->pid = 0;
}

/* Collect, without waiting, up to @max tasks that have ended. */
static int collect(struct fork *f, struct completion *ret, size_t max)
{
	size_t n = 0;
	int status;

	/*
	 * Ask for each of our children by its pid.  Signals do not queue: one
	 * SIGCHLD may stand for many children.  And waitpid(-1) would steal
	 * children from whoever else in this process has some.
	 */
	for (uint32_t i = 0; i < f->job->workers && n < max; i++) {
		/* Go on where we stopped: @max must not favour the first. */
		uint32_t index = f->next++ % f->job->workers;
		pid_t pid = f->slots[index].pid;

		if (pid != 0 && waitpid(pid, &status, WNOHANG) == pid)
			finish(f, index, status, &ret[n++]);
	}
	dispatch(f);
	while (n < max && fifo_take(&f->failed, &ret[n]))
		n++;
	f->in_flight -= (uint32_t)n;
	return (int)n;
}

/*
 * Kill the children whose time is over.  Returns when the next one's will be.
 * KILL, as a task that hangs may be stopped or deaf to all else.
 */
static uint64_t end_late(struct fork *f)
{
	uint64_t now = clock_ns(), next_ns = CLOCK_NEVER;

	for (uint32_t i = 0; f->job->run_limit_ns && i < f->job->workers; i++) {
		struct slot *slot = &f->slots[i];

		if (slot->pid == 0 || slot->late)
			continue;
		if (now >= slot->end_by_ns)
			slot->late = kill(-slot->pid, SIGKILL) == 0;
		else if (slot->end_by_ns < next_ns)
			next_ns = slot->end_by_ns;
	}
	return next_ns;
}

static int fork_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct fork *f = model;
	sigset_t child_ended;

	sigemptyset(&child_ended);
	sigaddset(&child_ended, SIGCHLD);
	for (;;) {
		int n = collect(f, ret, max);
		uint64_t wake_ns = end_late(f), now = clock_ns();
		struct timespec left;

		if (n > 0 || now >= deadline_ns)
			return n;
		if (wake_ns > deadline_ns)
			wake_ns = deadline_ns;
		left = clock_timespec(wake_ns > now ? wake_ns - now : 0);
		(void)sigtimedwait(&child_ended, NULL, &left);
	}
}

static void fork_close(void *model)
{
	struct fork *f = model;
	size_t bytes;

	if (!f)
		return;
	for (uint32_t i = 0; f->slots && i < f->job->workers; i++) {
		if (f->slots[i].pid == 0)
			continue;
		(void)kill(-f->slots[i].pid, SIGKILL); /* with its group */
		while (waitpid(f->slots[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	bytes = f->job->workers * sizeof(*f->results);
	if (f->results)
		(void)munmap(f->results, bytes);
	fifo_done(&f->waiting);
	fifo_done(&f->failed);
	free(f->slots);
	/* The last SIGCHLD may be pending still; nobody waits for it. */
	CHECK(pthread_sigmask(SIG_SETMASK, &f->old_mask, NULL) == 0);
	free(f);
}

const struct model model_fork = {
	.name = "fork",
	.summary = "a child process per task, without exec",
	.traits = MODEL_PROCESS | MODEL_PER_TASK,
	.open = fork_open,
	.submit = fork_submit,
	.reap = fork_reap,
	.close = fork_close,
};
