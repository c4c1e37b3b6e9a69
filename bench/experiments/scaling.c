/*
 * scaling - how does throughput grow with the number of workers?
 *
 * Every model runs every workload with every worker count, up to twice the
 * processors there are: below that number more workers should mean more work
 * done; above it they only take turns.  Serial has one worker and is the ideal
 * line's unit.
 *
 * The three default workloads stand for three different limits: `primes' lives
 * in the first-level cache and needs only the arithmetic unit, `walk' waits for
 * memory all the time, `json' allocates and frees without end.
 */
#include "harness/base.h"
#include "harness/experiment.h"

/*
 * What to do without first: other workloads at other numbers of workers than
 * the one where the models are compared.
 */
static uint32_t rank_of(const struct plan_options *o, size_t workload,
			uint32_t workers, bool serial)
{
	if (serial || workers == plan_focus(o))
		return RANK_HEADLINE;
	return workload == 0 ? RANK_MAIN : RANK_EXTRA;
}

static int add_model(const struct plan_options *o, size_t workload,
		     const struct plan_model *m, struct plan *plan)
{
	bool serial = (m->model->traits & MODEL_SERIAL) != 0;
	size_t n = serial ? 1 : o->n_workers;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		uint32_t workers = serial ? 1 : o->workers[i];
		struct cell_spec cell =
			plan_cell(o, "scaling", m, workload, workers);

		cell.rank = rank_of(o, workload, workers, serial);
		r = plan_add(plan, &cell);
	}
	return r;
}

static int scaling_add(const struct plan_options *o, struct plan *plan)
{
	int r = 0;

	for (size_t w = 0; w < o->n_workloads; w++) {
		for (size_t m = 0; r == 0 && m < o->n_models; m++)
			r = add_model(o, w, &o->models[m], plan);
	}
	return r;
}

static const char *const scaling_workloads[] = {"primes", "walk", "json", NULL};

const struct experiment experiment_scaling = {
	.name = "scaling",
	.question = "How does throughput grow with the number of workers?",
	.default_workloads = scaling_workloads,
	.add = scaling_add,
};
