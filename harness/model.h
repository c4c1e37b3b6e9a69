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

/*
 * A number that a model lets its users choose: --set NAME.KEY=VALUE.  What more
 * there is to say than a number is a variant, a model of its own.
 */
struct model_setting {
	const char *key;     /* lower case, '_' */
	const char *summary; /* one line; says what 0 means */
	int64_t standard;    /* if nobody chooses */
	int64_t min, max;
};

#define MODEL_MAX_SETTINGS 8

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

	/*
	 * What a new process of this program must be told to know the workload,
	 * as words of its command line, NULL-terminated: "--load-workload=FILE".
	 * NULL: nothing.
	 */
	const char *const *words;

	/*
	 * A path to the small program that runs one task and knows the workload
	 * without such words: manyhands-task.  NULL: there is none that does.
	 */
	const char *task_program;

	/* Where each worker is pinned; NULL: nowhere. */
	const struct placement *placement;

	/* How long open() may wait for its workers to become ready. */
	uint64_t open_limit_ns;

	/*
	 * How long a task may run, counted from its start; 0: as long as it
	 * likes.  A model of processes kills the worker then, and the task ends
	 * as TASK_TIMEOUT; a thread cannot be killed, so for all others this
	 * means nothing.
	 */
	uint64_t run_limit_ns;

	/* The values of the model's settings, in the order of its table. */
	int64_t settings[MODEL_MAX_SETTINGS];
};

/* How many tasks a model must accept before it is full. */
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
	MODEL_UNEVEN = 1 << 5,   /* may leave a worker idle: chance decides */
	MODEL_PROGRAM =
		1 << 6, /* workers are programs: know workloads by name */
};

/* What a model has counted since it was opened; -1: nothing of that kind. */
struct model_counts {
	int64_t respawns; /* workers started in place of some that ended */
	int64_t given_up; /* places left empty, as their workers kept dying */
	int64_t recycled; /* workers replaced because the settings say so */
	int64_t retries;  /* tasks handed to a second worker */

	/* Of servers: returns from epoll_wait(2) or accept(2), all workers. */
	int64_t wakeups;
	int64_t wasted_wakeups;  /* of them, those that found nothing to do */
	int64_t connections;     /* accepted, all workers together */
	int64_t connections_max; /* … by the one that accepted most */
	int64_t connections_squares; /* sum of each worker's number, squared */
};

struct model {
	/*
	 * Lower case, '_'.  The best variant has the plain name, as in "pool";
	 * every other one says which it is, as in "pool:socket".
	 */
	const char *name;
	const char *variant; /* "pipe"; NULL: there is only one */
	const char *summary; /* one line */
	unsigned traits;     /* enum model_trait bits */

	/* [up to MODEL_MAX_SETTINGS], a NULL key at the end; NULL: none. */
	const struct model_setting *settings;

	/*
	 * Bring all workers up, each pinned and ready for its first task, and
	 * give the model's state in @ret.  Blocks up to job->open_limit_ns.  On
	 * failure returns -errno, leaves @ret alone and leaves nothing behind;
	 * -ETIMEDOUT: some worker never became ready; -ECHILD: one died first.
	 */
	int (*open)(const struct job *job, void **ret);

	/*
	 * Take the first of @tasks [@n >= 1], copied.  Returns how many; like
	 * write(2) it may take fewer than there is room for, and be called again:
	 * a model that gains nothing by a batch takes one at a time.  0: full,
	 * job_capacity() tasks are in flight.  -errno: none is taken, as the
	 * model can run no more tasks at all.  A worker that cannot be started is
	 * no error of submit but the task's status.
	 */
	int (*submit)(void *model, const struct task *tasks, size_t n);

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

	/* Say what was counted so far.  NULL: nothing is. */
	void (*count)(void *model, struct model_counts *ret);
};

/* The standard value of each of @model's settings, as a job has them. */
void model_standard(const struct model *model, int64_t ret[MODEL_MAX_SETTINGS]);

/*
 * Choose settings of @model as "key=value key=value" says, over what is in @ret.
 * 0, or -EINVAL with @error (of @size bytes) saying what is wrong, and @ret
 * untouched.
 */
int model_settings_parse(const struct model *model, const char *text,
			 int64_t ret[MODEL_MAX_SETTINGS], char *error,
			 size_t size);

/*
 * The other way: what in @values differs from the standard, in the order of the
 * table, to @ret of @size bytes.  0, or -ENAMETOOLONG.
 */
int model_settings_print(const struct model *model,
			 const int64_t values[MODEL_MAX_SETTINGS], char *ret,
			 size_t size);

/* Counts of a model that counts nothing. */
extern const struct model_counts model_no_counts;

#endif
