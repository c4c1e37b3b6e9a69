/*
 * slice_drive - a model under load: tasks out, completions back, accounts kept.
 *
 * Floor 3, part of slice: what its two loops have in common.  slice_closed.c
 * and slice_open.c decide only when the next task is handed over.
 */
#ifndef HARNESS_SLICE_DRIVE_H
#define HARNESS_SLICE_DRIVE_H

#include <stdbool.h>

#include "harness/arrivals.h"
#include "harness/slice.h"
#include "harness/slice_inject.h"
#include "harness/slice_slow.h"

/* Before the window, every worker has run so many tasks on average. */
#define SETTLE_TASKS 10

/* Tasks use the seeds 1 … N_SEEDS in turn; serial runs each once beforehand. */
#define N_SEEDS 4

/* What is known of a task between submit and completion. */
struct flight {
	uint64_t id; /* 0: this place is free */
	uint64_t due_ns, submit_ns;
	bool faulty; /* a fault was put into it */
};

/* One loop under way. */
struct drive {
	const struct model *model;
	void *handle; /* the open model */
	const struct job *job;
	const struct slice_timing *timing;
	struct slice_result *result;

	/* The clock, clock_ns(); a test has one of its own. */
	uint64_t (*now)(void);
	void (*sleep_until)(uint64_t deadline_ns);

	uint64_t window_ns;
	size_t trace_room; /* of result->trace */
	bool memory;       /* to be measured */
	bool open_loop;
	uint64_t arrival_seed;

	uint64_t reference[N_SEEDS]; /* the right digests */
	struct flight *flights;      /* [job_capacity()]; task id % capacity */
	uint32_t *free_places;       /* [n_free] of them */
	uint32_t n_free;
	uint64_t n_ids;         /* tasks made so far */
	uint64_t *last_end_ns;  /* [workers], of its task before; 0: none */
	uint64_t *batch_end_ns; /* [workers], the same within one reap */
	int *last_cpu;          /* [workers], -1: not seen yet */
	uint64_t *worker_tasks; /* [workers], of result->tasks */
	struct slow_tasks *slow;
	struct inject inject;

	uint64_t seen_ns; /* when drive_take() last looked at the clock */

	/* CLOCK_NEVER until the window is known: nothing is inside it. */
	uint64_t window_start_ns, window_end_ns;

	/* Open loop: what is to come, from settle_ns before the window. */
	uint64_t settle_ns;
	struct arrivals arrivals;
	size_t n_come; /* of them, those whose time has come */
	size_t n_sent; /* of those, handed over; the others wait in order */
};

/*
 * Make room for all that the loop and its result need; the fields above are the
 * caller's, until `reference'.  0 or -ENOMEM.  drive_done() frees in any case,
 * but not the result.
 */
int drive_init(struct drive *d);
void drive_done(struct drive *d);

/*
 * Hand over tasks that were wanted at @due_ns [@n], NULL: now.  How many, the
 * first ones; if some are left, call again.  0: the model is full; -errno of
 * submit.
 */
int drive_submit(struct drive *d, const uint64_t *due_ns, size_t n);

/* Reap until @deadline_ns, once, and account.  How many, or -errno. */
int drive_take(struct drive *d, uint64_t deadline_ns);

/* How long to wait for what does not come: slice_timeout_ns(). */
uint64_t drive_timeout_ns(const struct drive *d);

/* Whether no task is in flight. */
bool drive_idle(const struct drive *d);

/* All tasks in flight have waited long enough: they end as timeouts. */
void drive_give_up(struct drive *d);

/*
 * Open loop: a task wanted at @due_ns ended at @done_ns, in whatever way, or
 * did not: CLOCK_NEVER.
 */
void drive_note_backlog(struct drive *d, uint64_t due_ns, uint64_t done_ns);

/* After the drain: what only the whole can tell goes to the result. */
void drive_finish(struct drive *d);

/* A way to load the model. */
struct loop {
	/* What can be made before the model is opened.  0 or -errno. */
	int (*prepare)(struct drive *d);

	/*
	 * From @start_ns: settle, set the window, and load the model until it
	 * closes.  0 or -errno of the model.
	 */
	int (*load)(struct drive *d, uint64_t start_ns);

	/* Take what is still out there; at @deadline_ns give it up. */
	void (*drain)(struct drive *d, uint64_t deadline_ns);
};

extern const struct loop loop_closed, loop_open;

#endif
