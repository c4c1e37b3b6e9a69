/*
 * placement - does it matter which processor a worker is pinned to?
 *
 * The same work by the same models, each with its workers in other places.  Two
 * workers on one core share its execution units and its caches; far apart, in
 * two packages, they share nothing and pay for every word that they pass on;
 * not pinned, they go where the kernel sends them; and all on one processor
 * they only take turns, which shows what the other processors are worth.
 *
 * On a small machine policies that have different names give the same places.
 * Each map of workers to processors is measured once, under the first name that
 * has it: what differs in the name alone would look like a choice and be none.
 *
 * The two default workloads stand for what sharing can hurt: `primes' needs the
 * arithmetic units, `walk' caches and memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/experiment.h"
#include "harness/placement.h"

/* What the user chose, four policies, and all workers on one processor. */
#define MAX_PLACES 6

struct places {
	char names[MAX_PLACES][sizeof(((struct cell_spec *)0)->pin)];
	int *cpus; /* [MAX_PLACES][workers]: where each worker is; owned */
	size_t n;
	uint32_t workers;
};

/* Add @policy, unless there is one with the same places.  0 or -errno. */
static int add_policy(struct places *p, const char *policy)
{
	int *cpus = p->cpus + p->n * p->workers;
	struct placement *placement;
	int r = placement_plan(policy, p->workers, NULL, &placement);

	if (r < 0)
		return r;
	CHECK(p->n < MAX_PLACES);
	for (uint32_t i = 0; i < p->workers; i++)
		cpus[i] = placement_cpu(placement, i);
	placement_free(placement);
	for (size_t i = 0; i < p->n; i++) {
		if (memcmp(p->cpus + i * p->workers, cpus,
			   p->workers * sizeof(*cpus)) == 0)
			return 0;
	}
	CHECK(snprintf(p->names[p->n++], sizeof(*p->names), "%s", policy) <
	      (int)sizeof(*p->names));
	return 0;
}

/* All workers where compact has its first. */
static int add_one_processor(struct places *p)
{
	struct placement *compact;
	char cpu[16];
	int r = placement_plan("compact", 1, NULL, &compact);

	if (r < 0)
		return r;
	snprintf(cpu, sizeof(cpu), "%d", placement_cpu(compact, 0));
	placement_free(compact);
	return add_policy(p, cpu);
}

/* Every different way to place the workers. */
static int find_places(const struct plan_options *o, struct places *p)
{
	int r = add_policy(p, o->pin);

	for (size_t i = 0; r == 0 && placement_policies[i]; i++)
		r = add_policy(p, placement_policies[i]);
	return r == 0 ? add_one_processor(p) : r;
}

static int add_cells(const struct plan_options *o, const struct places *p,
		     size_t workload, struct plan *plan)
{
	int r = 0;

	for (size_t m = 0; m < o->n_models; m++) {
		/* Serial has one worker, and any place is as good. */
		if (o->models[m].model->traits & MODEL_SERIAL)
			continue;
		for (size_t i = 0; r == 0 && i < p->n; i++) {
			struct cell_spec cell =
				plan_cell(o, "placement", &o->models[m],
					  workload, p->workers);

			memcpy(cell.pin, p->names[i], sizeof(cell.pin));
			r = plan_add(plan, &cell);
		}
	}
	return r;
}

static int placement_add(const struct plan_options *o, struct plan *plan)
{
	struct places places = {.workers = plan_focus(o)};
	int r;

	places.cpus = calloc((size_t)MAX_PLACES * places.workers,
			     sizeof(*places.cpus));
	if (!places.cpus)
		return -ENOMEM;
	r = find_places(o, &places);
	for (size_t w = 0; r == 0 && w < o->n_workloads; w++)
		r = add_cells(o, &places, w, plan);
	free(places.cpus);
	return r;
}

static const char *const placement_workloads[] = {"primes", "walk", NULL};

const struct experiment experiment_placement = {
	.name = "placement",
	.question = "Does it matter which processor a worker is pinned to?",
	.default_workloads = placement_workloads,
	.add = placement_add,
};
