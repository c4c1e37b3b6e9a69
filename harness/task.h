/*
 * task - the two records that travel between load generator and workers.
 *
 * Floor 2.  Both are plain bytes without pointers: they go through pipes,
 * sockets, queues and shared memory as they are.
 */
#ifndef HARNESS_TASK_H
#define HARNESS_TASK_H

#include <stddef.h>
#include <stdint.h>

struct job;

/* One call of the job's workload. */
struct task {
	uint64_t id; /* chosen by the load generator, unique while in flight */
	uint64_t seed;
};

/*
 * How a task ended.  A status is a kind and, for some, a value, in one int32:
 * `exit:7', `signal:SEGV', `start:EAGAIN'.  Zero is not a status of a finished
 * task: a record in zeroed memory is lost until proven done.
 */
enum task_end {
	TASK_LOST = 0, /* nobody has answered yet */
	TASK_OK,       /* ran to its end; digest is valid */
	TASK_EXIT,     /* the worker called exit(value), not 0, in the task */
	TASK_SIGNAL,   /* the worker was killed by signal value */
	TASK_TIMEOUT,  /* no answer within the job's limit */
	TASK_START,    /* no worker could be started: errno value */
	TASK_PROTOCOL, /* an answer that makes no sense */
	TASK_ENDS      /* how many kinds there are */
};

#define TASK_STATUS(end, value) ((int32_t)((end) | ((value) << 8)))

static inline enum task_end task_status_end(int32_t status)
{
	return (enum task_end)(status & 0xff);
}

static inline int task_status_value(int32_t status)
{
	return status >> 8;
}

/*
 * Turn what waitpid(2) said of a worker that died in a task into that task's
 * status.  exit(0) without an answer is TASK_PROTOCOL: no result, not ok.
 */
int32_t task_status_of_wait(int wait_status);

/*
 * Whether @status can be that of a finished task: a kind that there is, with a
 * value if the kind has one, and only then.
 */
int task_status_is_end(int32_t status);

/* The status in words, `ok' or `signal:KILL', in @buf of @size bytes. */
const char *task_status_name(int32_t status, char *buf, size_t size);

/* The word alone for one kind of end: "ok", "exit", "signal", … */
const char *task_end_name(enum task_end end);

/*
 * What a worker sends back.  Times are clock_ns() of the moment, 0 where the
 * model has no such moment.
 */
struct completion {
	uint64_t id;         /* of the task */
	uint64_t created_ns; /* first instruction of the task's own worker */
	uint64_t start_ns;   /* just before the workload ran */
	uint64_t end_ns;     /* just after, result still local */
	uint64_t digest;
	uint32_t worker;    /* 0 … workers - 1 */
	int32_t cpu;        /* on which CPU the task ended; -1 unknown */
	int32_t bind_errno; /* why the worker is not pinned; 0: it is */
	int32_t status;     /* TASK_STATUS(); set last */
};

/* What a worker knows of itself. */
struct worker {
	uint32_t index;     /* 0 … workers - 1: decides where it is pinned */
	int32_t bind_errno; /* of worker_begin() */

	/*
	 * The worker has just looked at the clock, and the next task begins with
	 * that look, not with one more; 0: it begins with a look of its own.
	 * For a worker with several tasks in its hands: the end of one is the
	 * start of the next.  To be set before, and only before, such a task.
	 */
	uint64_t now_ns;
};

/*
 * To be called by every worker, process or thread, once, before it says that
 * it is ready: pin the calling thread to the place of worker @index.  A failure
 * is not fatal but kept in @ret, whence it travels with every completion.
 */
void worker_begin(struct worker *ret, const struct job *job, uint32_t index);

/*
 * Run @task as worker @w: the body of every model's every worker.  Fills all of
 * @ret but created_ns, which it sets to @created_ns (0: the worker existed
 * before the task).  The status is stored last, with release order, so that a
 * reader of shared memory who sees TASK_OK sees the rest.
 */
void task_run(const struct job *job, const struct worker *w,
	      const struct task *task, uint64_t created_ns,
	      struct completion *ret);

/*
 * To be called by a workload during task_run(), if it waits for something that
 * can fail, such as a program: the task ends as @status, not as TASK_OK.  The
 * last one counts.
 */
void task_fail(int32_t status);

#endif
