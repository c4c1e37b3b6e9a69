/*
 * slice_inject - faults in a model under load, and what becomes of its tasks.
 *
 * Floor 3, part of slice.  In the first half of the window something happens to
 * a worker every so often: a task is handed over that does it to its worker, or
 * some worker process is sent a signal.  The second half is for recovering.  A
 * cell without a fault passes here without a trace.
 *
 *	|<---------- window ----------->|
 *	x     x     x     x		.. on until every place works again
 */
#ifndef HARNESS_SLICE_INJECT_H
#define HARNESS_SLICE_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base.h"
#include "harness/fault.h"
#include "harness/task.h"

struct drive;
struct flight;

/* What a process has that a model must give back. */
struct belongings {
	uint64_t processes, descriptors, mappings;
};

struct inject {
	const struct fault *fault; /* NULL: none */
	enum fault_reach reach;
	uint64_t every_ns;
	uint64_t next_ns;       /* no fault before this moment */
	uint64_t *out_since_ns; /* [workers], 0: the place works */
	uint32_t n_out;         /* places that do not */
	uint32_t n_faulty;      /* tasks in flight with a fault in them */
	uint64_t noticed_ns; /* by then, whoever got a signal has been missed */
	struct rng rng;      /* which worker it is */
	struct belongings before;
};

/* Room for @workers places, and no fault yet.  0 or -ENOMEM. */
int inject_init(struct inject *i, uint32_t workers);
void inject_done(struct inject *i);

/*
 * Before the model opens, and after it was closed: choose the fault of the
 * result's cell; count what was there, and what is left.  The first makes this
 * process the one to which orphans go; the second waits for up to a second for
 * what is on its way out.
 */
void inject_begin(struct drive *d);
void inject_end(struct drive *d);

/* What to add to the seed of the task that is about to be handed over. */
uint64_t inject_seed(const struct drive *d);

/* The model has taken it. */
void inject_sent(struct drive *d, const struct flight *f);

/* If it is time for a signal, send it. */
void inject_strike(struct drive *d);

/* @deadline_ns, or the moment of the next signal if that is earlier. */
uint64_t inject_deadline(const struct drive *d, uint64_t deadline_ns);

/* The task of @f has ended as @status says, with completion @c. */
void inject_note(struct drive *d, const struct flight *f,
		 const struct completion *c, int32_t status);

/*
 * Whether some worker's place is out of order, or may be before long, or nothing
 * has happened to any yet.
 */
bool inject_waits(const struct drive *d);

/* All tasks have ended, or never will. */
void inject_finish(struct drive *d);

#endif
