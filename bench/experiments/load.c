/*
 * load - how long do tasks wait when they come at random times?
 *
 * Here nobody waits for an answer before asking: tasks come at times drawn
 * beforehand, as from users who do not know of each other, and those who find
 * all workers busy stand in a queue.  At half load it is short; near full load
 * it grows without end, and where it begins to, the knee, is what a planner
 * needs to know.
 *
 * Two loads.  "slowest": a share of what the least capable model can do, the
 * same tasks at the same times for all, so that latencies can be compared.
 * "own": the same share of each model's own capacity, to see how near to full
 * load each of them may go.  A pilot measures the capacities in closed loops.
 *
 * One task in flight per worker: with more, tasks would queue inside a model,
 * and a task could wait behind a long one while another worker idles.  With one
 * they all wait in one queue, first come first served, whatever the model; and
 * a process per task needs that limit, else it would be a fork bomb.
 *
 * Serial is left out.  It has one worker where the others have several, so it
 * would be the slowest of all, and a load that it can bear keeps the others
 * idle: nothing would be seen of them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/experiment.h"

/* In percent of a capacity; at COMPARED the models are compared first of all. */
static const uint32_t shares[] = {30, 50, 70, 80, 90};
#define COMPARED 70

/* The cell of @m without its load: as the pilot measures it. */
static struct cell_spec base_cell(const struct plan_options *o, size_t workload,
				  const struct plan_model *m)
{
	struct cell_spec cell =
		plan_cell(o, "load", m, workload, plan_focus(o));

	cell.depth = 1;
	return cell;
}

/* Add the cell of @m at @percent of @per_s.  0 or -ENOMEM. */
static int add_cell(const struct plan_options *o, size_t workload,
		    const struct plan_model *m, uint32_t percent, double per_s,
		    const char *of, uint32_t rank, struct plan *plan)
{
	struct cell_spec cell = base_cell(o, workload, m);

	plan_load(&cell, percent, per_s, of);
	cell.rank = rank;
	return plan_add(plan, &cell);
}

/*
 * Add the cells of all models at @percent.  A model whose pilot failed, 0, has
 * no share of its own; in the load for all it shows how it fails.
 */
static int add_share(const struct plan_options *o, size_t workload,
		     const double *per_s, double slowest, uint32_t percent,
		     struct plan *plan)
{
	uint32_t rank = percent == COMPARED ? RANK_MAIN : RANK_DETAIL;
	int r = 0;

	for (size_t m = 0; r == 0 && slowest > 0 && m < o->n_models; m++) {
		if (!(o->models[m].model->traits & MODEL_SERIAL))
			r = add_cell(o, workload, &o->models[m], percent,
				     slowest, "slowest", rank, plan);
	}
	for (size_t m = 0; r == 0 && o->thorough && m < o->n_models; m++) {
		if (per_s[m] > 0)
			r = add_cell(o, workload, &o->models[m], percent,
				     per_s[m], "own", RANK_EXTRA, plan);
	}
	return r;
}

static int add_workload(const struct plan_options *o, size_t workload,
			double *per_s, struct plan *plan)
{
	double slowest = 0;
	int r = 0;

	for (size_t m = 0; m < o->n_models; m++) {
		struct cell_spec cell = base_cell(o, workload, &o->models[m]);

		per_s[m] = 0;
		if (o->models[m].model->traits & MODEL_SERIAL)
			continue;
		per_s[m] = o->capacity_of(o->ctx, &cell);
		if (per_s[m] > 0 && (slowest == 0 || per_s[m] < slowest))
			slowest = per_s[m];
	}
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(shares); i++) {
		if (o->thorough || shares[i] == COMPARED)
			r = add_share(o, workload, per_s, slowest, shares[i],
				      plan);
	}
	return r;
}

static int load_add(const struct plan_options *o, struct plan *plan)
{
	double *per_s = calloc(o->n_models, sizeof(*per_s));
	int r = per_s ? 0 : -ENOMEM;

	for (size_t w = 0; r == 0 && w < o->n_workloads; w++)
		r = add_workload(o, w, per_s, plan);
	free(per_s);
	return r;
}

static const char *const load_workloads[] = {"primes", NULL};

const struct experiment experiment_load = {
	.name = "load",
	.question = "How long do tasks wait when they come at random times?",
	.default_workloads = load_workloads,
	.add = load_add,
};
