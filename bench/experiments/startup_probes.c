#include "bench/experiments/startup_probes.h"

#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/fifo.h"

#define TRUE_PROGRAM "/bin/true"

/* Its own: what is in ours would only be more to copy. */
static char *const arguments[] = {TRUE_PROGRAM, NULL};
static char *const environment[] = {NULL};

/* How a worker came and went. */
struct life {
	uint64_t created_ns; /* when the call had returned */
	int wait_status;     /* of waitpid(2); 0 for a thread */
};

/* Has nothing to do but to end, so this is no long wait.  0 or -errno. */
static int wait_until_gone(pid_t pid, struct life *ret)
{
	while (waitpid(pid, &ret->wait_status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Each of these: live through one worker.  0 or -errno: could not be made. */

static int live_fork(struct life *ret)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ret->created_ns = clock_ns();
	return pid < 0 ? -errno : wait_until_gone(pid, ret);
}

static int live_fork_exec(struct life *ret)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(TRUE_PROGRAM, arguments, environment);
		_exit(127); /* as a shell says it */
	}
	ret->created_ns = clock_ns();
	return pid < 0 ? -errno : wait_until_gone(pid, ret);
}

static int live_posix_spawn(struct life *ret)
{
	pid_t pid;
	int r = -posix_spawn(&pid, TRUE_PROGRAM, NULL, NULL, arguments,
			     environment);

	ret->created_ns = clock_ns();
	return r < 0 ? r : wait_until_gone(pid, ret);
}

static void *end_at_once(void *arg)
{
	return arg;
}

static int live_pthread_create(struct life *ret)
{
	pthread_t thread;
	int r = -pthread_create(&thread, NULL, end_at_once, NULL);

	ret->created_ns = clock_ns();
	return r < 0 ? r : -pthread_join(thread, NULL);
}

/* The model around the call: as serial, but for the worker before each task. */
struct probe {
	const struct job *job;
	struct worker self; /* the generator is worker 0 */
	struct fifo tasks;  /* of struct task, job_capacity() */
	int (*live)(struct life *ret);
};

static void probe_close(void *model);

static int probe_open(const struct job *job, int (*live)(struct life *ret),
		      void **ret)
{
	struct probe *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->job = job;
	p->live = live;
	r = fifo_init(&p->tasks, job_capacity(job), sizeof(struct task));
	if (r < 0) {
		probe_close(p);
		return r;
	}
	worker_begin(&p->self, job, 0);
	*ret = p;
	return 0;
}

static int fork_open(const struct job *job, void **ret)
{
	return probe_open(job, live_fork, ret);
}

static int fork_exec_open(const struct job *job, void **ret)
{
	return probe_open(job, live_fork_exec, ret);
}

static int posix_spawn_open(const struct job *job, void **ret)
{
	return probe_open(job, live_posix_spawn, ret);
}

static int pthread_create_open(const struct job *job, void **ret)
{
	return probe_open(job, live_pthread_create, ret);
}

static int probe_submit(void *model, const struct task *tasks, size_t n)
{
	struct probe *p = model;

	(void)n;
	return fifo_put(&p->tasks, &tasks[0]) == 0;
}

/* One worker from its creation until it is gone, then the task itself. */
static int probe_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		      size_t max)
{
	struct probe *p = model;
	struct life life = {0};
	struct task task;
	int r;

	(void)deadline_ns;
	(void)max;
	if (!fifo_take(&p->tasks, &task))
		return 0;
	r = p->live(&life);
	if (r == 0 && life.wait_status == 0) {
		task_run(p->job, &p->self, &task, life.created_ns, ret);
		return 1;
	}
	*ret = (struct completion){
		.id = task.id,
		.cpu = -1,
		.status = r < 0 ? TASK_STATUS(TASK_START, -r)
				: task_status_of_wait(life.wait_status),
	};
	return 1;
}

static void probe_close(void *model)
{
	struct probe *p = model;

	if (!p)
		return;
	fifo_done(&p->tasks);
	free(p);
}

#define PROBE(call, what)                                                      \
	{                                                                      \
		.name = "call:" #call, .summary = (what),                      \
		.traits = MODEL_SERIAL | MODEL_PER_TASK, .open = call##_open,  \
		.submit = probe_submit, .reap = probe_reap,                    \
		.close = probe_close,                                          \
	}

static const struct model probes[] = {
	PROBE(fork, "fork(2), and the child ends"),
	PROBE(fork_exec, "fork(2), and the child executes " TRUE_PROGRAM),
	PROBE(posix_spawn, "posix_spawn(3) of " TRUE_PROGRAM),
	PROBE(pthread_create, "pthread_create(3), and the thread ends"),
};

const struct model *const startup_probes[] = {&probes[0], &probes[1],
					      &probes[2], &probes[3], NULL};
