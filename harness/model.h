/*
 * model - the contract of a way to bring tasks to workers and results back.
 *
 * Floor 2.  There is one load generator, in the slice runner; a model only
 * carries tasks there and completions back, as io_uring does with I/O.  The
 * four operations are called by one thread, the generator's, in this order:
 *
 *	open  (submit | reap)*  close
 */
#ifndef HARNESS_MODEL_H
#define HARNESS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "harness/task.h"
#include "harness/workload.h"

struct placement;

/*
 * Bounds that every model can keep: descriptors for a socket per worker, and
 * tasks that fit in a socket's buffer.
 */
#define JOB_MAX_WORKERS 1024
#define JOB_MAX_DEPTH 64

/* What the workers are to do, and where.  Outlives the open model. */
struct job {
	const struct workload *workload;
	uint64_t size;    /* of every task, in the workload's unit */
	uint32_t workers; /* 1 … JOB_MAX_WORKERS */
	uint32_t depth;   /* tasks in flight per worker, 1 … JOB_MAX_DEPTH */

	/*
	 * So many tasks in a million do their work twice: more work by a known
	 * share, to see whether it is found.
	 */
	uint32_t extra_ppm;

	/* Where each worker is pinned; NULL: nowhere. */
	const struct placement *placement;

	/* How long open() may wait for its workers to become ready. */
	uint64_t open_limit_ns;
};

/* How many tasks a model must accept before it answers -EAGAIN. */
static inline uint32_t job_capacity(const struct job *job)
{
	return job->workers * job->depth;
}

/* What a model is, for tables and reports; a set of bits. */
enum model_trait {
	MODEL_SERIAL = 1 << 0,   /* runs tasks inside reap: one worker */
	MODEL_PROCESS = 1 << 1,  /* workers are processes: crashes stay there */
	MODEL_THREAD = 1 << 2,   /* workers are threads: memory is shared */
	MODEL_PER_TASK = 1 << 3, /* makes a new worker for every task */
	MODEL_NETWORK = 1 << 4,  /* tasks cross a socket that could be remote */
};

struct model {
	const char *name;    /* lower case, '_'; a variant is `name:variant' */
	const char *summary; /* one line */
	unsigned traits;     /* enum model_trait bits */

	/*
	 * Bring all workers up, each pinned and ready for its first task, and
	 * give the model's state in @ret.  Blocks up to job->open_limit_ns.  On
	 * failure returns -errno, leaves @ret alone and leaves nothing behind;
	 * -ETIMEDOUT: some worker never became ready; -ECHILD: one died first.
	 */
	int (*open)(const struct job *job, void **ret);

	/*
	 * Take @task (copied).  0; -EAGAIN if job_capacity() tasks are in
	 * flight; another -errno if the model can run no more tasks at all, in
	 * which case the task is not taken.  A worker that cannot be started is
	 * no error of submit but the task's status.
	 */
	int (*submit)(void *model, const struct task *task);

	/*
	 * Wait until a task has ended or clock_ns() is @deadline_ns (past: only
	 * look), then give up to @max completions (@max >= 1), each task taken
	 * exactly once, however its worker ended.  Returns how many; 0 at the
	 * deadline; -errno if the model is beyond use.
	 */
	int (*reap)(void *model, uint64_t deadline_ns, struct completion *ret,
		    size_t max);

	/*
	 * End and collect every worker, tasks in flight or not: no process, no
	 * zombie, no thread, no descriptor stays.  Accepts NULL.
	 */
	void (*close)(void *model);
};

#endif
