/*
 * drill - internal: open a model, run a handful of tasks, close it.
 *
 * What `manyhands xray' looks at.  Nothing is measured here and no clock is
 * read, so that nearly every system call between the marks is the model's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/cli/drill.h"
#include "harness/base.h"
#include "harness/placement.h"

/* Opening, and each task, must be done by then, though a tracer slows us. */
#define LIMIT_NS (30 * NS_PER_S)

struct drill {
	const struct model *model;
	struct job job;
	uint64_t tasks;
	void *open;    /* the model, once it is */
	uint64_t done; /* tasks that have ended */
};

static const struct argp_option options[] = {
	{"model", 'm', "NAME", 0, "which model", 0},
	{"workload", 'w', "NAME", 0, "which workload", 0},
	{"size", 's', "N", 0, "of each task", 0},
	{"workers", 'n', "N", 0, "how many workers", 0},
	{"depth", 'd', "N", 0, "tasks in flight per worker", 0},
	{"tasks", 't', "N", 0, "how many tasks before the last one", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct drill *d = state->input;

	switch (key) {
	case 'm':
		d->model = require_model(arg);
		return 0;
	case 'w':
		d->job.workload = require_workload(arg);
		return 0;
	case 's':
		d->job.size = parse_number("--size", arg, 1, INT64_MAX);
		return 0;
	case 'n':
		d->job.workers = parse_workers(arg);
		return 0;
	case 'd':
		d->job.depth = parse_depth(arg);
		return 0;
	case 't':
		d->tasks = parse_number("--tasks", arg, 1, 1000);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/*
 * A line for whoever traces us: a write(2) that cannot succeed, so that nobody
 * else sees it.
 */
static void mark(const char *name)
{
	(void)!write(-1, name, strlen(name));
}

/* Wait for what has ended, until no more than @left tasks are in flight. */
static void reap(struct drill *d, uint64_t submitted, uint64_t left)
{
	while (submitted - d->done > left) {
		struct completion c;
		int n = d->model->reap(d->open, clock_ns() + LIMIT_NS, &c, 1);
		char text[32];

		if (n < 0)
			die(EXIT_ENVIRONMENT, "model '%s' broke: %s",
			    d->model->name, strerror(-n));
		if (n == 0)
			die(EXIT_ENVIRONMENT, "model '%s': no task has ended",
			    d->model->name);
		if (task_status_end(c.status) != TASK_OK)
			die(EXIT_TASKS, "model '%s': a task ended as %s",
			    d->model->name,
			    task_status_name(c.status, text, sizeof(text)));
		d->done++;
	}
}

static void submit(struct drill *d, uint64_t id)
{
	struct task task = {.id = id, .seed = id + 1};
	int r = d->model->submit(d->open, &task, 1);

	if (r < 0)
		die(EXIT_ENVIRONMENT, "model '%s' takes no task: %s",
		    d->model->name, strerror(-r));
}

int command_drill(int argc, char **argv)
{
	static const struct argp argp = {options, parse, NULL, NULL,
					 NULL,    NULL,  NULL};
	struct drill d = {
		.job = {.workers = 1, .depth = 1, .open_limit_ns = LIMIT_NS},
		.tasks = 1,
	};
	struct placement *placement;
	int fd, r;

	parse_arguments(&argp, argc, argv, &d);
	CHECK(d.model && d.job.workload);
	if (d.job.size == 0)
		d.job.size = d.job.workload->default_size;
	placement = require_placement("compact", d.job.workers, NULL);
	d.job.placement = placement;
	d.job.task_program = task_program();
	model_standard(d.model, d.job.settings);
	fd = stdout_take();

	mark(DRILL_OPEN);
	r = d.model->open(&d.job, &d.open);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "model '%s' does not open: %s",
		    d.model->name, strerror(-r));
	mark(DRILL_TASKS);
	for (uint64_t i = 0; i < d.tasks; i++) {
		reap(&d, i, job_capacity(&d.job) - 1);
		submit(&d, i);
	}
	reap(&d, d.tasks, 0);
	mark(DRILL_LAST);
	submit(&d, d.tasks);
	reap(&d, d.tasks + 1, 0);
	mark(DRILL_CLOSE);
	d.model->close(d.open);
	mark(DRILL_END);

	placement_free(placement);
	stdout_give(fd);
	return finish_output(0);
}
