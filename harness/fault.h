/*
 * fault - what can happen to a worker, done on purpose, and what each kind of
 * model promises then.
 *
 * Floor 2.  The contract that all models share: a task that was handed over ends
 * exactly once, whatever becomes of its worker.  How far the damage may go is
 * the model's choice, and most of what one pays for processes.
 */
#ifndef HARNESS_FAULT_H
#define HARNESS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/workload.h"

/* How far a fault may reach. */
enum fault_reach {
	REACH_NOTHING, /* there is no fault */
	REACH_TASK,    /* the task in which it happens, no other */
	REACH_WORKER,  /* also what else that worker had at hand */
	REACH_ALL,     /* the whole model, as all share one process */
};

/* "its own task", … for a table. */
const char *fault_reach_name(enum fault_reach reach);

/* That of a model with @traits, enum model_trait bits. */
enum fault_reach fault_reach_of(unsigned traits);

struct fault {
	const char *name;    /* as --fault of `manyhands slice' has it */
	const char *summary; /* what the worker does, or has done to it */

	/* What a task does to its worker; NULL: it comes from outside … */
	void (*act)(void);
	int sent; /* … as this signal, to some worker process */

	/*
	 * How the task ends where workers are processes, TASK_STATUS();
	 * TASK_OK: the fault does no harm to it.
	 */
	int32_t end;
};

extern const struct fault faults[]; /* [n_faults] */
extern const size_t n_faults;

/* The one of exactly this name, or NULL. */
const struct fault *fault_find(const char *name);

/*
 * Whether a task may end with @status in which @fault happened, in a model in
 * which it reaches as far as @reach.
 */
bool fault_promised(const struct fault *fault, enum fault_reach reach,
		    int32_t status);

/* A task with this bit in its seed is one in which the fault happens. */
#define FAULT_SEED (UINT64_C(1) << 62)

/*
 * @workload with @fault: run() does what the fault is if the seed has
 * FAULT_SEED, and then, should it still be there, the work with the rest of the
 * seed.  Its name is "WORKLOAD+FAULT", under which `manyhands task' knows it,
 * too.  One at a time in a process; the next call takes its place.
 */
const struct workload *fault_wrap(const struct fault *fault,
				  const struct workload *workload);

/*
 * The workload of the name that fault_wrap() gives, "WORKLOAD+FAULT", where
 * @find finds WORKLOAD; NULL: no such name, or not found.
 */
const struct workload *
fault_workload(const char *name,
	       const struct workload *(*find)(const char *name));

#endif
