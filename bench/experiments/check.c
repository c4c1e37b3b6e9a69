/*
 * check - does the measuring see differences that are not there?
 *
 * The A/A test inside every run: the model that all others are compared with
 * is measured a second time under another name, the same in everything else.
 * Their ratio must be 1 within its interval, and a verdict of "faster" or
 * "slower" is an error of the measuring, on this machine and on this day.  With
 * intervals of 95 % that may happen in one run of twenty.
 */
#include <stdio.h>

#include "harness/base.h"
#include "harness/experiment.h"

#define AGAIN ":again"

/* Letters of a longer name go, so that the suffix has room. */
#define MOST (sizeof(((struct cell_spec *)0)->model) - sizeof(AGAIN))

static int check_add(const struct plan_options *o, struct plan *plan)
{
	const struct plan_model *reference = plan_reference(o);
	uint32_t workers = plan_focus(o);
	struct cell_spec cell;
	int r;

	if (reference->model->traits & MODEL_SERIAL)
		workers = 1;
	/* One workload: more would only ask the same question again. */
	cell = plan_cell(o, "check", reference, 0, workers);
	/* Never left out: without it, nobody knows what the rest is worth. */
	cell.rank = RANK_HEADLINE;
	r = plan_add(plan, &cell);
	if (r < 0)
		return r;
	CHECK(snprintf(cell.model, sizeof(cell.model), "%.*s" AGAIN, (int)MOST,
		       reference->name) < (int)sizeof(cell.model));
	return plan_add(plan, &cell);
}

static const char *const check_workloads[] = {"primes", NULL};

const struct experiment experiment_check = {
	.name = "check",
	.question = "Does the measuring see differences that are not there?",
	.default_workloads = check_workloads,
	.add = check_add,
};
