/*
 * exec - a program per task, started without a shell, answering through a pipe.
 *
 *	generator ──clone──▶ child ──execve──▶ manyhands-task …
 *	    ▲                                       │ standard output
 *	    └──── read, waitpid ◀═══════pipe════════╯
 *
 * The cost to look for: `create'.  execve(2) maps a new program, which the kernel
 * brings in page by page and the dynamic linker binds to its libraries: all of it
 * to run one task.  The answer is text, to be printed and read again.
 *
 * What that buys: any program in any language can be a worker, and it starts
 * with nothing of ours but what we hand to it.  It is what child_process.spawn()
 * and execFile() of Node.js do.
 *
 * The price has two parts, and the variants change one at a time: how the child
 * is made (exec_ways.c: exec, exec:fork, exec:spawn), and how much there is to
 * load.  manyhands-task holds the workloads, and where it can it holds its
 * libraries, too, so that nothing has to be linked.  exec:big runs `manyhands
 * task', with all libraries of the harness.
 *
 * Compare fork.c: the same without a new program.  shell.c: the same with a
 * shell between the two.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/models/exec_ways.h"
#include "harness/base.h"
#include "harness/errand.h"
#include "harness/fifo.h"
#include "harness/model.h"

/* A place for one program at a time; its index is the worker's number. */
struct slot {
	struct errand errand;
	struct task task;   /* that it works on */
	uint64_t end_by_ns; /* it may run so long: job->run_limit_ns */
};

/* What to wait for: two descriptors a slot, its end and its output. */
enum {
	END,
	OUTPUT,
	EVENTS
};

/* All of them. */
struct crew {
	const struct job *job;

	/* How a program is started, and which one; NULL: this one. */
	int (*way)(const struct exec_order *order);
	const char *program;

	char *stack;           /* [EXEC_STACK_BYTES], to be lent to a child */
	struct slot *slots;    /* [job->workers] */
	struct pollfd *events; /* [job->workers * EVENTS] */
	struct fifo waiting;   /* tasks for which there is no slot yet */
	struct fifo failed;    /* completions of tasks never started */
	uint32_t next;         /* slot to ask first in collect */
	uint32_t in_flight;    /* running, waiting and failed */

	cpu_set_t home[EXEC_CPU_SETS]; /* where we may run */
};

static void start(struct crew *crew, uint32_t index, const struct task *task)
{
	struct slot *slot = &crew->slots[index];
	const struct exec_order order = {
		.job = crew->job,
		.index = index,
		.task = task,
		.program = crew->program,
		.stack = crew->stack,
		.home = crew->home,
		.errand = &slot->errand,
	};
	int r;

	slot->task = *task;
	slot->end_by_ns = CLOCK_NEVER;
	r = crew->way(&order);
	if (r < 0) {
		struct completion failed = {
			.id = task->id,
			.worker = index,
			.cpu = -1,
			.status = TASK_STATUS(TASK_START, -r),
		};

		CHECK(fifo_put(&crew->failed, &failed) == 0);
		return;
	}
	if (crew->job->run_limit_ns)
		slot->end_by_ns = clock_ns() + crew->job->run_limit_ns;
}

/* Start waiting tasks, oldest first, wherever a slot is free. */
static void dispatch(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->job->workers; i++) {
		struct task task;

		while (crew->slots[i].errand.pid == 0 &&
		       fifo_take(&crew->waiting, &task))
			start(crew, i, &task);
	}
}

static void exec_close(void *model);

static int exec_open(const struct job *job,
		     int (*way)(const struct exec_order *), const char *program,
		     void **ret)
{
	struct crew *crew;
	int r = -ENOMEM;

	if (program && access(program, X_OK) < 0)
		return -errno;
	crew = calloc(1, sizeof(*crew));
	if (!crew)
		return -ENOMEM;
	crew->job = job;
	CHECK(sched_getaffinity(0, sizeof(crew->home), crew->home) >= 0);
	crew->way = way;
	crew->program = program;
	crew->stack = malloc(EXEC_STACK_BYTES);
	crew->slots = calloc(job->workers, sizeof(*crew->slots));
	crew->events = calloc(job->workers * EVENTS, sizeof(*crew->events));
	if (!crew->stack || !crew->slots || !crew->events)
		goto fail;
	r = fifo_init(&crew->waiting, job_capacity(job), sizeof(struct task));
	if (r < 0)
		goto fail;
	r = fifo_init(&crew->failed, job_capacity(job),
		      sizeof(struct completion));
	if (r < 0)
		goto fail;
	*ret = crew;
	return 0;
fail:
	exec_close(crew);
	return r;
}

static int open_borrow(const struct job *job, void **ret)
{
	return exec_open(job, way_borrow, job->task_program, ret);
}

static int open_fork(const struct job *job, void **ret)
{
	return exec_open(job, way_fork, job->task_program, ret);
}

static int open_spawn(const struct job *job, void **ret)
{
	return exec_open(job, way_spawn, job->task_program, ret);
}

static int open_big(const struct job *job, void **ret)
{
	return exec_open(job, way_borrow, NULL, ret);
}

/* One at a time: to start a worker takes longer than to be called. */
static int exec_submit(void *model, const struct task *tasks, size_t n)
{
	struct crew *crew = model;

	(void)n;
	if (crew->in_flight == job_capacity(crew->job))
		return 0;
	crew->in_flight++;
	CHECK(fifo_put(&crew->waiting, &tasks[0]) == 0);
	dispatch(crew);
	return 1;
}

/*
 * Sleep until a program has ended or said something, or @deadline_ns.  Kills
 * those whose time is over on the way.
 */
static void wait_for_events(struct crew *crew, uint64_t deadline_ns)
{
	uint64_t now = clock_ns(), wake_ns = deadline_ns;
	struct timespec left;

	for (uint32_t i = 0; i < crew->job->workers; i++) {
		struct pollfd *events = &crew->events[i * EVENTS];
		struct slot *slot = &crew->slots[i];
		struct errand *p = &slot->errand;
		bool runs = p->pid != 0;

		/* poll(2) passes over descriptors below zero. */
		events[END] = (struct pollfd){runs ? p->ended : -1, POLLIN, 0};
		events[OUTPUT] = (struct pollfd){runs ? p->out : -1, POLLIN, 0};
		if (!runs || p->killed)
			continue;
		if (now >= slot->end_by_ns)
			errand_kill(p);
		else if (slot->end_by_ns < wake_ns)
			wake_ns = slot->end_by_ns;
	}
	left = clock_timespec(wake_ns > now ? wake_ns - now : 0);
	if (ppoll(crew->events, crew->job->workers * EVENTS, &left, NULL) < 0)
		CHECK(errno == EINTR || errno == ENOMEM); /* both pass */
}

/* Take what has come, up to @max tasks that have ended. */
static int collect(struct crew *crew, struct completion *ret, size_t max)
{
	size_t n = 0;

	for (uint32_t i = 0; i < crew->job->workers && n < max; i++) {
		/* Go on where we stopped: @max must not favour the first. */
		uint32_t index = crew->next++ % crew->job->workers;
		const struct pollfd *events = &crew->events[index * EVENTS];
		struct slot *slot = &crew->slots[index];

		if (events[OUTPUT].revents)
			errand_read(&slot->errand);
		if (!events[END].revents)
			continue;
		errand_end(&slot->errand, slot->task.id, &ret[n]);
		ret[n++].worker = index;
	}
	dispatch(crew);
	while (n < max && fifo_take(&crew->failed, &ret[n]))
		n++;
	crew->in_flight -= (uint32_t)n;
	return (int)n;
}

static int exec_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct crew *crew = model;
	int n;

	for (;;) {
		/* What failed to start is there already: only look, then. */
		wait_for_events(crew, crew->failed.n > 0 ? 0 : deadline_ns);
		n = collect(crew, ret, max);
		if (n > 0 || clock_ns() >= deadline_ns)
			return n;
	}
}

static void exec_close(void *model)
{
	struct crew *crew = model;
	struct completion nobody;

	if (!crew)
		return;
	for (uint32_t i = 0; crew->slots && i < crew->job->workers; i++) {
		if (crew->slots[i].errand.pid != 0)
			errand_end(&crew->slots[i].errand, 0, &nobody);
	}
	fifo_done(&crew->waiting);
	fifo_done(&crew->failed);
	free(crew->events);
	free(crew->slots);
	free(crew->stack);
	free(crew);
}

const struct model model_exec = {
	.name = "exec",
	.variant = "vfork",
	.summary = "a program per task, without a shell",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.open = open_borrow,
	.submit = exec_submit,
	.reap = exec_reap,
	.close = exec_close,
};

const struct model model_exec_fork = {
	.name = "exec:fork",
	.summary = "a program per task, by fork(2) and execve(2)",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.open = open_fork,
	.submit = exec_submit,
	.reap = exec_reap,
	.close = exec_close,
};

const struct model model_exec_spawn = {
	.name = "exec:spawn",
	.summary = "a program per task, by posix_spawn(3)",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.open = open_spawn,
	.submit = exec_submit,
	.reap = exec_reap,
	.close = exec_close,
};

const struct model model_exec_big = {
	.name = "exec:big",
	.summary = "a program per task, with all of the harness in it",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.open = open_big,
	.submit = exec_submit,
	.reap = exec_reap,
	.close = exec_close,
};
