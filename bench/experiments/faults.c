/*
 * faults - what happens when a worker dies, hangs or runs wild?
 *
 * Every model does its work while, again and again, something happens to one of
 * its workers: harness/fault.h has the list, and what each kind of model
 * promises.  Beside these cells is one of each model in which nothing happens;
 * what throughput a fault leaves is the ratio to that one, of the same block.
 *
 * A fault comes every 50 ms in the first half of a window of 0.4 s: 20 a second,
 * more than any real program should see.  One that only a limit of time can end
 * comes once, in a window of 0.5 s.  A task may run for 1 s: a busy machine was
 * seen to keep one of 25 us waiting for 0.3 s.
 *
 * In a model without processes a fault ends all, at once: that is soon measured.
 * But one that hangs has to be waited for, by the run itself and for seconds; so
 * there are few of these, and they are the first to go when time is short.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base.h"
#include "harness/experiment.h"
#include "harness/fault.h"

#define WINDOW_NS (400 * NS_PER_MS)
#define EVERY_NS (50 * NS_PER_MS)
#define LIMIT_NS (1 * NS_PER_S)

/* Of a fault that only a limit can end. */
#define HANG_WINDOW_NS (500 * NS_PER_MS)
#define HANG_EVERY_NS (250 * NS_PER_MS)

/* A thread cannot be ended at all: do not wait for it. */
#define THREAD_LIMIT_NS (100 * NS_PER_MS)

/* The first is none: what the others are compared with. */
static const struct {
	const char *name;
	bool fine; /* much like another: only if there is time for it */
} rows[] = {
	{"", false},
	{"kill", false},
	{"segv", true},
	{"abort", true},
	{"exit0", false},
	{"exit7", true},
	{"hang", false},
	{"sleep", true},
	{"stop", false},
	{"garble", false},
	{"flood", false},
	{"leak", false},
	{"kill:outside", false},
	{"stop:outside", true},
};

static void add_fault(struct cell_spec *cell, const struct fault *fault,
		      enum fault_reach reach)
{
	(void)snprintf(cell->fault, sizeof(cell->fault), "%s", fault->name);
	cell->fault_reach = reach;
	if (task_status_end(fault->end) != TASK_TIMEOUT)
		return;
	if (reach == REACH_ALL) {
		cell->limit_ns = THREAD_LIMIT_NS;
		cell->rank = RANK_EXTRA;
		return;
	}
	cell->window_ns = HANG_WINDOW_NS;
	cell->fault_every_ns = HANG_EVERY_NS;
}

static int add_cell(const struct plan_options *o, const struct plan_model *m,
		    size_t row, struct plan *plan)
{
	bool serial = m->model->traits & MODEL_SERIAL;
	struct cell_spec cell =
		plan_cell(o, "faults", m, 0, serial ? 1 : plan_focus(o));
	const struct fault *fault = fault_find(rows[row].name);
	enum fault_reach reach = fault_reach_of(m->model->traits);

	cell.window_ns = WINDOW_NS;
	cell.fault_every_ns = EVERY_NS;
	cell.limit_ns = LIMIT_NS;
	cell.rank = rows[row].fine ? RANK_EXTRA : RANK_DETAIL;
	if (fault) {
		/* Alike where all die together: once is enough. */
		if (rows[row].fine && reach == REACH_ALL)
			return 0;
		add_fault(&cell, fault, reach);
	}
	return plan_add(plan, &cell);
}

static int faults_add(const struct plan_options *o, struct plan *plan)
{
	int r = 0;

	for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
		if (rows[row].fine && !o->thorough)
			continue;
		for (size_t m = 0; r == 0 && m < o->n_models; m++)
			r = add_cell(o, &o->models[m], row, plan);
	}
	return r;
}

static const char *const faults_workloads[] = {"primes", NULL};

const struct experiment experiment_faults = {
	.name = "faults",
	.question = "What happens when a worker dies, hangs or runs wild?",
	.default_workloads = faults_workloads,
	.add = faults_add,
};
