/*
 * policies - which worker of a server should get a new connection?
 *
 * The variants of the model `cluster' differ in nothing else.  A worker may
 * take a connection from the listener that all share, or from one of its own
 * between which the kernel chooses, or be handed it by the primary.  Whoever
 * chooses knows more or less of who is busy, and pays more or less for it.  So
 * two things are measured beside each other: how much work gets done, and how
 * evenly it was spread over the workers.  On few processors the two may tell
 * opposite stories: one worker that takes all connections wakes nobody else,
 * until there is enough work for two.
 *
 * Four situations.  A policy chooses once per connection: with connections that
 * are kept, a bad choice lasts; with one for each task it costs each time.  And
 * with one connection for each worker there is nobody to make up for one that
 * gets none; with eight there is.  In the two with eight also an open loop, at
 * a load that all policies can bear: how long do tasks wait?  And where eight
 * are kept, workers are killed, 20 a second for half of a longer window: what
 * does that cost, and for how long is a place without a worker?
 *
 * Tasks of 100 us: long enough that an idle worker is missed, short enough that
 * a system call more shows.
 *
 * Whatever models the user chose, this is about these alone.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base.h"
#include "harness/experiment.h"
#include "harness/fault.h"

#define TASK_NS (100 * NS_PER_US)
#define LOAD_PERCENT 70

#define KILL_EVERY_NS (50 * NS_PER_MS)
#define KILL_WINDOW_NS (400 * NS_PER_MS)

/*
 * So long a slice waits for every place to work again.  Kept connections may all
 * have gone to the worker that was left: then its new sibling has nobody to
 * serve, and one would wait for ever.
 */
#define KILL_LIMIT_NS (400 * NS_PER_MS)

static const struct situation {
	uint32_t depth; /* connections for each worker */
	bool close;     /* a connection for each task */
	bool open;      /* measured in an open loop, too */
	bool kill;      /* and once more while workers are killed */
} situations[] = {
	{8, false, true, true},
	{8, true, true, false},
	{1, false, false, false},
	{1, true, false, false},
};

static bool is_policy(const struct model *model)
{
	size_t n = strcspn(model->name, ":");

	return n == strlen("cluster") && memcmp(model->name, "cluster", n) == 0;
}

/* The cell of @model in @s, a closed loop.  0 or -errno. */
static int make_cell(const struct plan_options *o, const struct situation *s,
		     const struct model *model, size_t workload, uint64_t size,
		     struct cell_spec *ret)
{
	char name[sizeof(ret->model)], error[320];
	struct plan_model m = {.name = name, .model = model};
	int r = 0;

	/* The same model in another situation needs another name. */
	CHECK(snprintf(name, sizeof(name), "%s%s", model->name,
		       s->close ? ":close" : "") < (int)sizeof(name));
	model_standard(model, m.settings);
	if (s->close)
		r = model_settings_parse(model, "close=1", m.settings, error,
					 sizeof(error));
	if (r < 0)
		return r;
	*ret = plan_cell(o, "policies", &m, workload, plan_focus(o));
	ret->size = size;
	ret->depth = s->depth;
	return 0;
}

/*
 * Add the @n cells of @plan from @first on once more, as open loops.  All get
 * the same load, or their waiting could not be compared.
 */
static int add_open(const struct plan_options *o, size_t first, size_t n,
		    struct plan *plan)
{
	double slowest = 0;
	int r = 0;

	for (size_t i = first; i < first + n; i++) {
		double per_s = o->capacity_of(o->ctx, &plan->cells[i]);

		if (per_s > 0 && (slowest == 0 || per_s < slowest))
			slowest = per_s;
	}
	for (size_t i = first; r == 0 && slowest > 0 && i < first + n; i++) {
		struct cell_spec cell = plan->cells[i];

		plan_load(&cell, LOAD_PERCENT, slowest, "slowest");
		cell.rank = RANK_DETAIL;
		r = plan_add(plan, &cell);
	}
	return r;
}

/* And once more, while workers are killed. */
static int add_kills(const struct plan_options *o, size_t first, size_t n,
		     struct plan *plan)
{
	int r = 0;

	for (size_t i = 0, k = 0; r == 0 && i < o->n_all_models; i++) {
		struct cell_spec cell;

		if (!is_policy(o->all_models[i]))
			continue;
		CHECK(k < n);
		cell = plan->cells[first + k++];
		snprintf(cell.fault, sizeof(cell.fault), "kill:outside");
		cell.fault_reach = fault_reach_of(o->all_models[i]->traits);
		cell.fault_every_ns = KILL_EVERY_NS;
		cell.window_ns = KILL_WINDOW_NS;
		cell.limit_ns = KILL_LIMIT_NS;
		cell.rank = RANK_DETAIL;
		r = plan_add(plan, &cell);
	}
	return r;
}

static int add_situation(const struct plan_options *o,
			 const struct situation *s, size_t workload,
			 uint64_t size, struct plan *plan)
{
	size_t first = plan->n, n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n_all_models; i++) {
		struct cell_spec cell;

		if (!is_policy(o->all_models[i]))
			continue;
		r = make_cell(o, s, o->all_models[i], workload, size, &cell);
		if (r == 0)
			r = plan_add(plan, &cell);
	}
	n = plan->n - first;
	if (r == 0 && s->open)
		r = add_open(o, first, n, plan);
	if (r == 0 && s->kill)
		r = add_kills(o, first, n, plan);
	return r;
}

static int policies_add(const struct plan_options *o, struct plan *plan)
{
	int r = 0;

	for (size_t w = 0; r == 0 && w < o->n_workloads; w++) {
		uint64_t size = o->size_of(o->ctx, w, TASK_NS);

		/* A workload whose smallest task takes longer: as it is. */
		if (size == 0)
			size = o->sizes[w];
		for (size_t i = 0; r == 0 && i < ARRAY_LEN(situations); i++)
			r = add_situation(o, &situations[i], w, size, plan);
	}
	return r;
}

static const char *const policies_workloads[] = {"primes", NULL};

const struct experiment experiment_policies = {
	.name = "policies",
	.question = "Which worker of a server should get a new connection?",
	.default_workloads = policies_workloads,
	.add = policies_add,
};
