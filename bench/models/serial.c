/*
 * serial - no concurrency: the control that all others are measured against.
 *
 *	generator ──▶ queue
 *	    ▲           │   one thread, one process:
 *	    └── run ◀───┘   the generator does the work itself
 *
 * The cost to look for: none.  What a task takes here beyond its own work is
 * the price of the harness, and every model pays it.
 *
 * What that buys: the simplest program there is, and one busy processor.
 *
 * Read this first; then fork.c and thread_per_task.c (a worker per task), then
 * pool.c and threads.c (workers that stay), then cluster.c (a network between).
 * The files keep one order, so that `diff' of two of them is a lesson.
 */
#include <errno.h>
#include <stdlib.h>

#include "harness/fifo.h"
#include "harness/model.h"

struct serial {
	const struct job *job;
	struct worker self; /* the generator is worker 0 */
	struct fifo tasks;  /* of struct task, job_capacity() */
};

static void serial_close(void *model);

static int serial_open(const struct job *job, void **ret)
{
	struct serial *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->job = job;
	r = fifo_init(&s->tasks, job_capacity(job), sizeof(struct task));
	if (r < 0) {
		serial_close(s);
		return r;
	}
	worker_begin(&s->self, job, 0);
	*ret = s;
	return 0;
}

static int serial_submit(void *model, const struct task *tasks, size_t n)
{
	struct serial *s = model;
	size_t taken = 0;

	while (taken < n && fifo_put(&s->tasks, &tasks[taken]) == 0)
		taken++;
	return (int)taken;
}

/*
 * There is nobody to wait for: to reap is to run the oldest task here and now.
 * The deadline is looked at by the caller, between tasks.
 */
static int serial_reap(void *model, uint64_t deadline_ns,
		       struct completion *ret, size_t max)
{
	struct serial *s = model;
	struct task task;

	(void)deadline_ns;
	(void)max;
	if (!fifo_take(&s->tasks, &task))
		return 0;
	task_run(s->job, &s->self, &task, 0, ret);
	return 1;
}

static void serial_close(void *model)
{
	struct serial *s = model;

	if (!s)
		return;
	fifo_done(&s->tasks);
	free(s);
}

const struct model model_serial = {
	.name = "serial",
	.summary = "no concurrency: the generator runs every task itself",
	.traits = MODEL_SERIAL,
	.open = serial_open,
	.submit = serial_submit,
	.reap = serial_reap,
	.close = serial_close,
};
