/*
 * peers - are our ways better than what people would otherwise use?
 *
 * Who wants many processors to work does not write a pool: there is Node.js,
 * Python, OpenMP, a library, xargs.  Here they run the same tasks in the same
 * blocks, each as its users do it (harness/peer.h), as many as are found on the
 * machine.  Two questions.  With a workload that does nothing, what is left is
 * the price of bringing a task there and back: how many tasks a second?  With
 * one that any language computes alike, in tasks of ever longer duration: from
 * which on is the machine not wasted any more (harness/metg.h)?
 *
 * What is done all at once goes best with many tasks in flight, and that is how
 * such libraries are used.  A peer that starts a program for each task runs as
 * many as there are workers.  All are left where the kernel puts them: what we
 * pin and a peer does not would be a difference of placement, not of runtimes.
 *
 * No peer stamps its tasks, ours stamp each several times and check it.
 */
#include <stdbool.h>
#include <string.h>

#include "harness/base.h"
#include "harness/experiment.h"

/* In flight per worker: of tasks that do nothing, and of others. */
#define EMPTY_DEPTH 64
#define DEPTH 16

/* The window is this part of the run's, or so many tasks of a worker. */
#define WINDOW_PART 2
#define WINDOW_TASKS 20

static const struct point {
	uint64_t task_us;
	enum plan_rank rank;
	unsigned not_for; /* enum model_trait: hopeless with such tasks */
	bool for_slow;    /* only for peers, and a worker for each task */
} points[] = {
	{10, RANK_DETAIL, MODEL_PER_TASK, false},
	{100, RANK_MAIN, MODEL_PROGRAM, false},
	{1000, RANK_MAIN, 0, false},
	{10000, RANK_DETAIL, 0, true},
};

/* Measured without end: the only point of a workload that does nothing. */
static const struct point empty = {0, RANK_MAIN, 0, false};

/* What is the same for all cells of a point. */
static void fill(const struct plan_options *o, const struct point *point,
		 uint64_t size, struct cell_spec *cell)
{
	uint64_t window_ns = WINDOW_TASKS * point->task_us * NS_PER_US;

	if (window_ns < o->window_ns / WINDOW_PART)
		window_ns = o->window_ns / WINDOW_PART;
	cell->size = size;
	cell->depth = point == &empty ? EMPTY_DEPTH : DEPTH;
	cell->window_ns = window_ns;
	cell->rank = point->rank;
}

static int add_models(const struct plan_options *o, size_t workload,
		      const struct point *point, uint64_t size,
		      struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n_models; i++) {
		unsigned traits = o->models[i].model->traits;
		bool serial = traits & MODEL_SERIAL;
		struct cell_spec cell =
			plan_cell(o, "peers", &o->models[i], workload,
				  serial ? 1 : plan_focus(o));

		if (traits & point->not_for ||
		    (point->for_slow && !serial && !(traits & MODEL_PER_TASK)))
			continue;
		fill(o, point, size, &cell);
		r = plan_add(plan, &cell);
	}
	return r;
}

static bool knows(const struct peer *peer, const struct workload *workload)
{
	const char *const *name = peer->workloads;

	while (name && *name && strcmp(*name, workload->name) != 0)
		name++;
	return !name || *name;
}

static int add_peers(const struct plan_options *o, size_t workload,
		     const struct point *point, uint64_t size,
		     struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n_peers; i++) {
		const struct peer *peer = o->peers[i];
		struct cell_spec cell;

		if (peer->traits & point->not_for ||
		    !knows(peer, o->workloads[workload]) ||
		    !o->peer_is_there(o->ctx, peer))
			continue;
		cell = plan_peer_cell(o, "peers", peer, workload,
				      plan_focus(o));
		fill(o, point, size, &cell);
		r = plan_add(plan, &cell);
	}
	return r;
}

static int add_point(const struct plan_options *o, size_t workload,
		     const struct point *point, uint64_t size,
		     struct plan *plan)
{
	int r = add_models(o, workload, point, size, plan);

	return r < 0 ? r : add_peers(o, workload, point, size, plan);
}

/* Sizes grow, or a point is left out: see experiment `granularity'. */
static int add_workload(const struct plan_options *o, size_t workload,
			struct plan *plan)
{
	uint64_t last = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(points); i++) {
		uint64_t size = o->size_of(o->ctx, workload,
					   points[i].task_us * NS_PER_US);

		if (size <= last)
			continue;
		last = size;
		r = add_point(o, workload, &points[i], size, plan);
	}
	if (r == 0 && last == 0)
		r = add_point(o, workload, &empty, o->sizes[workload], plan);
	return r;
}

static int peers_add(const struct plan_options *options, struct plan *plan)
{
	struct plan_options o = *options;
	int r = 0;

	o.pin = "none";
	for (size_t w = 0; r == 0 && w < o.n_workloads; w++)
		r = add_workload(&o, w, plan);
	return r;
}

static const char *const peers_workloads[] = {"nop", "pbkdf2", NULL};

const struct experiment experiment_peers = {
	.name = "peers",
	.question = "Are these ways better than what people use otherwise?",
	.default_workloads = peers_workloads,
	.add = peers_add,
};
