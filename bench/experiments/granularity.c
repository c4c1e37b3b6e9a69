/*
 * granularity - how small may tasks be before a model wastes the machine?
 *
 * Every model does the same work in tasks of ever shorter duration.  What a
 * model costs it costs per task, so the shorter the tasks the more of the
 * machine goes into the model.  The efficiency, its throughput as a share of
 * what serial would do on each of these processors, falls from nearly 1 to
 * nearly 0, and the duration at which it passes 50 % or 95 % is the number to
 * remember a model by: harness/metg.h.
 *
 * All models run where they are compared, with as many workers as really run at
 * once.  Serial runs each size alone: it is the unit, and its time per task is
 * the duration that counts, not the one that was asked for.
 *
 * In flight per worker are as many tasks as in the other experiments, usually
 * two: while a worker brings back a result the next task waits for it already,
 * as in any program that has much to do.  With one in flight the way back and
 * forth would count fully against every model, with many none of it would.
 *
 * Short tasks need no long window: 40 ms of the usual 200 hold hundreds of
 * them.  Long ones need one in which each worker ends 20, so that one more or
 * less is 5 % of a slice and blocks can make up for it.  (Before the window
 * every worker runs 10 anyway.)
 */
#include "harness/base.h"
#include "harness/experiment.h"

/* The window is this part of the run's, or so many tasks of a worker. */
#define WINDOW_PART 5
#define WINDOW_TASKS 20

/* A decade apart, and what lies between. */
static const struct point {
	uint64_t task_us;
	bool fine; /* only if there is time for it */
} points[] = {
	{2, true},     {5, false},    {10, true},    {20, true},
	{50, false},   {100, true},   {200, true},   {500, false},
	{1000, true},  {2000, true},  {5000, false}, {10000, true},
	{20000, true}, {50000, true},
};

static int add_point(const struct plan_options *o, size_t workload,
		     const struct point *point, uint64_t size,
		     struct plan *plan)
{
	uint64_t window_ns = WINDOW_TASKS * point->task_us * NS_PER_US;
	int r = 0;

	if (window_ns < o->window_ns / WINDOW_PART)
		window_ns = o->window_ns / WINDOW_PART;
	for (size_t m = 0; r == 0 && m < o->n_models; m++) {
		bool serial = o->models[m].model->traits & MODEL_SERIAL;
		struct cell_spec cell =
			plan_cell(o, "granularity", &o->models[m], workload,
				  serial ? 1 : plan_focus(o));

		cell.size = size;
		cell.window_ns = window_ns;
		cell.rank = point->fine ? RANK_DETAIL : RANK_MAIN;
		r = plan_add(plan, &cell);
	}
	return r;
}

/*
 * Sizes grow with the time asked for, or else two points are the same: then the
 * workload knows no size in between, or the machine was disturbed.
 */
static int add_workload(const struct plan_options *o, size_t workload,
			struct plan *plan)
{
	uint64_t last = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(points); i++) {
		uint64_t size;

		if (points[i].fine && !o->thorough)
			continue;
		size = o->size_of(o->ctx, workload,
				  points[i].task_us * NS_PER_US);
		if (size <= last)
			continue;
		last = size;
		r = add_point(o, workload, &points[i], size, plan);
	}
	return r;
}

static int granularity_add(const struct plan_options *o, struct plan *plan)
{
	int r = 0;

	for (size_t w = 0; r == 0 && w < o->n_workloads; w++)
		r = add_workload(o, w, plan);
	return r;
}

static const char *const granularity_workloads[] = {"primes", NULL};

const struct experiment experiment_granularity = {
	.name = "granularity",
	.question = "How small may tasks be before a model wastes the machine?",
	.default_workloads = granularity_workloads,
	.add = granularity_add,
};
