#include "harness/task.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base.h"
#include "harness/model.h"

static const char *const end_names[TASK_ENDS] = {
	[TASK_LOST] = "lost",         [TASK_OK] = "ok",
	[TASK_EXIT] = "exit",         [TASK_SIGNAL] = "signal",
	[TASK_TIMEOUT] = "timeout",   [TASK_START] = "start",
	[TASK_PROTOCOL] = "protocol",
};

const char *task_end_name(enum task_end end)
{
	CHECK((size_t)end < ARRAY_LEN(end_names));
	return end_names[end];
}

int32_t task_status_of_wait(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return TASK_STATUS(TASK_SIGNAL, WTERMSIG(wait_status));
	if (WEXITSTATUS(wait_status) == 0)
		return TASK_STATUS(TASK_PROTOCOL, 0);
	return TASK_STATUS(TASK_EXIT, WEXITSTATUS(wait_status));
}

int task_status_is_end(int32_t status)
{
	enum task_end end = task_status_end(status);
	int valued =
		end == TASK_EXIT || end == TASK_SIGNAL || end == TASK_START;

	return end > TASK_LOST && end < TASK_ENDS &&
	       (task_status_value(status) > 0) == valued &&
	       task_status_value(status) >= 0;
}

const char *task_status_name(int32_t status, char *buf, size_t size)
{
	enum task_end end = task_status_end(status);
	int value = task_status_value(status);
	const char *word = NULL;

	if ((size_t)end >= TASK_ENDS)
		end = TASK_PROTOCOL;
	if (end == TASK_SIGNAL)
		word = sigabbrev_np(value);
	else if (end == TASK_START)
		word = strerrorname_np(value);
	if (word)
		snprintf(buf, size, "%s:%s", end_names[end], word);
	else if (end == TASK_EXIT || end == TASK_SIGNAL || end == TASK_START)
		snprintf(buf, size, "%s:%d", end_names[end], value);
	else
		snprintf(buf, size, "%s", end_names[end]);
	return buf;
}

/*
 * Whether @task is one of those that run twice.  The id decides, so that every
 * model chooses the same ones; mixed, because ids have a pattern.
 */
static bool runs_twice(const struct job *job, const struct task *task)
{
	return job->extra_ppm > 0 && mix64(task->id) % 1000000 < job->extra_ppm;
}

/* What the workload has said of the task that runs on this thread; 0: nothing. */
static _Thread_local int32_t failure;

void task_fail(int32_t status)
{
	failure = status;
}

void task_run(const struct job *job, const struct worker *w,
	      const struct task *task, uint64_t created_ns,
	      struct completion *ret)
{
	ret->id = task->id;
	ret->worker = w->index;
	ret->bind_errno = w->bind_errno;
	ret->created_ns = created_ns;
	failure = 0;
	ret->start_ns = w->now_ns ? w->now_ns : clock_ns();
	if (runs_twice(job, task))
		(void)job->workload->run(job->size, task->seed);
	ret->digest = job->workload->run(job->size, task->seed);
	ret->end_ns = clock_ns();
	ret->cpu = sched_getcpu();
	__atomic_store_n(&ret->status,
			 failure ? failure : TASK_STATUS(TASK_OK, 0),
			 __ATOMIC_RELEASE);
}
