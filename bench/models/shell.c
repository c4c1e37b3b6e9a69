/*
 * shell - a program per task, started by /bin/sh, answering through a pipe.
 *
 *	generator ──fork──▶ child ──execve──▶ /bin/sh -c "manyhands-task …"
 *	    ▲                                       │ fork or not, execve
 *	    ╰──── read, waitpid ◀═══════pipe════════╯
 *
 * The cost to look for: `create', and by how much it is above exec's.  The shell
 * is a program, too: it is loaded, linked and started, only to read one line,
 * take its quotes away and load the next program.
 *
 * What that buys: pipes, wildcards and variables in the line, and with them all
 * that a hostile word in it can do; so every word must be quoted.  It is what
 * popen(3), system(3) and child_process.exec() of Node.js do.
 *
 * Whether the shell forks for its last command (dash) or becomes it (bash) is its
 * own choice.  So our child may be the program or a shell that waits for it.  A
 * kill must reach both, so they are a group; and should the shell die first, the
 * program becomes an orphan, which somebody must collect: we do.
 *
 * Compare exec.c: the same without the shell.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"
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
	struct slot *slots;    /* [job->workers] */
	struct pollfd *events; /* [job->workers * EVENTS] */
	struct fifo waiting;   /* tasks for which there is no slot yet */
	struct fifo failed;    /* completions of tasks never started */
	uint32_t next;         /* slot to ask first in collect */
	uint32_t in_flight;    /* running, waiting and failed */
	int adopted;           /* whether we took in orphans before open */
};

/* The child: pinned as the worker it will be, for execve(2) keeps that. */
static _Noreturn void become_program(const struct crew *crew, uint32_t index,
				     pid_t parent)
{
	const struct slot *slot = &crew->slots[index];
	char line[ERRAND_QUOTED_BYTES];
	char *argv[] = {"sh", "-c", line, NULL};
	struct errand_words words;
	struct worker self;
	int r;

	child_begin(parent, NULL);
	worker_begin(&self, crew->job, index);
	errand_words(&words, crew->job, &self, &slot->task,
		     crew->job->task_program, parent);
	errand_quote(&words, line);
	r = errand_begin(&slot->errand);
	if (r == 0) {
		(void)execve("/bin/sh", argv, environ);
		r = -errno; /* still here, so it failed */
	}
	errand_fail(&slot->errand, -r);
}

static void start(struct crew *crew, uint32_t index, const struct task *task)
{
	struct slot *slot = &crew->slots[index];
	pid_t parent = getpid(), pid;
	int r;

	slot->task = *task;
	slot->end_by_ns = CLOCK_NEVER;
	r = errand_open(&slot->errand);
	if (r == 0)
		r = errand_open_report(&slot->errand);
	if (r == 0) {
		pid = fork();
		if (pid == 0)
			become_program(crew, index, parent);
		r = errand_started(&slot->errand, pid < 0 ? -errno : pid, -1);
	}
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

static void shell_close(void *model);

static int shell_open(const struct job *job, void **ret)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	int r = -ENOMEM;

	if (!crew)
		return -ENOMEM;
	crew->job = job;
	CHECK(prctl(PR_GET_CHILD_SUBREAPER, &crew->adopted) == 0);
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	crew->slots = calloc(job->workers, sizeof(*crew->slots));
	crew->events = calloc(job->workers * EVENTS, sizeof(*crew->events));
	if (!crew->slots || !crew->events)
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
	shell_close(crew);
	return r;
}

/* One at a time: to start a worker takes longer than to be called. */
static int shell_submit(void *model, const struct task *tasks, size_t n)
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

/*
 * A shell that has waited for a program killed by a signal exits with 128 + its
 * number.  Nobody can tell that from a program that exits with such a number:
 * what one learns through a shell is less.
 */
static int32_t behind_shell(int32_t status)
{
	int value = task_status_value(status);

	if (task_status_end(status) == TASK_EXIT && value > 128 &&
	    value < 128 + NSIG)
		return TASK_STATUS(TASK_SIGNAL, value - 128);
	return status;
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
		ret[n].status = behind_shell(ret[n].status);
		ret[n++].worker = index;
	}
	dispatch(crew);
	while (n < max && fifo_take(&crew->failed, &ret[n]))
		n++;
	crew->in_flight -= (uint32_t)n;
	return (int)n;
}

static int shell_reap(void *model, uint64_t deadline_ns, struct completion *ret,
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

static void shell_close(void *model)
{
	struct crew *crew = model;
	struct completion nobody;

	if (!crew)
		return;
	for (uint32_t i = 0; crew->slots && i < crew->job->workers; i++) {
		if (crew->slots[i].errand.pid != 0)
			errand_end(&crew->slots[i].errand, 0, &nobody);
	}
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, crew->adopted) == 0);
	fifo_done(&crew->waiting);
	fifo_done(&crew->failed);
	free(crew->events);
	free(crew->slots);
	free(crew);
}

const struct model model_shell = {
	.name = "shell",
	.summary = "a program per task, through /bin/sh",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.open = shell_open,
	.submit = shell_submit,
	.reap = shell_reap,
	.close = shell_close,
};
