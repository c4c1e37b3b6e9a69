/*
 * goals - how fast we want to be (harness/goal.h).
 *
 * All of it is measured in the same blocks.  Libraries that run a task in the
 * thread that hands it over, when their queue is full, wake nobody; and no rival
 * takes stamps, or checks what came back, as ours do.
 */
#include <string.h>

#include "bench/experiments/goals_probes.h"
#include "harness/base.h"
#include "harness/experiment.h"
#include "harness/goal.h"

/* As many in flight as there may be. */
#define DEEP JOB_MAX_DEPTH

/* A side in few words.  Ours beside a peer are as loose as the peer. */
#define EMPTY(name, depth_)                                                    \
	{                                                                      \
		(name), "nop", 0, (depth_), 0, false, 0                        \
	}
#define LOOSE(name)                                                            \
	{                                                                      \
		(name), "nop", 0, DEEP, 0, true, 0                             \
	}
#define TASKS(name, us, depth_)                                                \
	{                                                                      \
		(name), "primes", (us), (depth_), 0, false, 0                  \
	}
#define LOOSE_TASKS(name, us)                                                  \
	{                                                                      \
		(name), "primes", (us), DEEP, 0, true, 0                       \
	}
#define ALONE(name)                                                            \
	{                                                                      \
		(name), "nop", 0, 1, 1, false, 0                               \
	}
#define ONE(name, us, depth_)                                                  \
	{                                                                      \
		(name), "primes", (us), (depth_), 1, false, 0                  \
	}
#define LOGIN(name)                                                            \
	{                                                                      \
		(name), "pbkdf2", 1000, 16, 0, true, 0                         \
	}
#define ONE_EACH(name)                                                         \
	{                                                                      \
		(name), "nop", 0, 1, 0, true, 0                                \
	}
#define FORKS                                                                  \
	{                                                                      \
		"call:forks", "nop", 0, 0, 1, true, 0                          \
	}
#define LONG(name)                                                             \
	{                                                                      \
		(name), "nop", 0, DEEP, 0, false, 10                           \
	}

#define AT_LEAST(text, measure_, bound_, ...)                                  \
	{                                                                      \
		.what = (text), .measure = (measure_), .bound = (bound_),      \
		__VA_ARGS__                                                    \
	}
#define AT_MOST(text, measure_, bound_, ...)                                   \
	{                                                                      \
		.what = (text), .measure = (measure_), .bound = (bound_),      \
		.at_most = true, __VA_ARGS__                                   \
	}

static const struct goal goals[] = {
	/* OpenMP and oneTBB run a task themselves when their queue is full. */
	AT_LEAST("threads to OpenMP, 10 us", GOAL_THROUGHPUT, 1.0,
		 .ours = LOOSE_TASKS("threads", 10),
		 .theirs = LOOSE_TASKS("openmp", 10)),
	AT_LEAST("threads to oneTBB, 10 us", GOAL_THROUGHPUT, 1.0,
		 .ours = LOOSE_TASKS("threads", 10),
		 .theirs = LOOSE_TASKS("tbb", 10)),
	AT_LEAST("threads to OpenMP, 1 us", GOAL_THROUGHPUT, 0.95,
		 .ours = LOOSE_TASKS("threads", 1),
		 .theirs = LOOSE_TASKS("openmp", 1)),
	AT_LEAST("threads to oneTBB, 1 us", GOAL_THROUGHPUT, 0.95,
		 .ours = LOOSE_TASKS("threads", 1),
		 .theirs = LOOSE_TASKS("tbb", 1)),
	AT_LEAST("threads to OpenMP, empty", GOAL_THROUGHPUT, 0.5,
		 .ours = LOOSE("threads"), .theirs = LOOSE("openmp")),
	AT_LEAST("threads to oneTBB, empty", GOAL_THROUGHPUT, 0.5,
		 .ours = LOOSE("threads"), .theirs = LOOSE("tbb")),
	AT_LEAST("threads to GLib, empty", GOAL_THROUGHPUT, 2,
		 .ours = LOOSE("threads"), .theirs = LOOSE("glib")),
	AT_LEAST("threads to libuv, empty", GOAL_THROUGHPUT, 2,
		 .ours = LOOSE("threads"), .theirs = LOOSE("libuv")),

	/* The same but for the address space. */
	AT_LEAST("pool to threads, empty, 1 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = EMPTY("pool", 1), .theirs = EMPTY("threads", 1)),
	AT_LEAST("pool to threads, empty, 16 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = EMPTY("pool", 16), .theirs = EMPTY("threads", 16)),
	AT_LEAST("pool to threads, empty, 64 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = EMPTY("pool", DEEP), .theirs = EMPTY("threads", DEEP)),
	AT_LEAST("pool to threads, 10 us, 1 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = TASKS("pool", 10, 1),
		 .theirs = TASKS("threads", 10, 1)),
	AT_LEAST("pool to threads, 10 us, 16 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = TASKS("pool", 10, 16),
		 .theirs = TASKS("threads", 10, 16)),
	AT_LEAST("pool to threads, 10 us, 64 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = TASKS("pool", 10, DEEP),
		 .theirs = TASKS("threads", 10, DEEP)),
	AT_LEAST("pool to threads, 1 ms, 1 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = TASKS("pool", 1000, 1),
		 .theirs = TASKS("threads", 1000, 1)),
	AT_LEAST("pool to threads, 1 ms, 16 deep", GOAL_THROUGHPUT, 0.95,
		 .ours = TASKS("pool", 1000, 16),
		 .theirs = TASKS("threads", 1000, 16)),

	AT_LEAST("pool to Python's imap_unordered, empty", GOAL_THROUGHPUT, 100,
		 .ours = LOOSE("pool"), .theirs = LOOSE("python:pool")),
	AT_LEAST("pool to Node's fork and send, empty", GOAL_THROUGHPUT, 20,
		 .ours = LOOSE("pool"), .theirs = LOOSE("node:fork")),
	AT_LEAST("pool to piscina, empty", GOAL_THROUGHPUT, 50,
		 .ours = LOOSE("pool"), .theirs = LOOSE("node:piscina")),

	AT_LEAST("a worker of threads to serial, 1 ms", GOAL_PER_WORKER, 0.99,
		 .ours = TASKS("threads", 1000, 16),
		 .theirs = ONE("serial", 1000, 16)),
	AT_LEAST("a worker of pool to serial, 1 ms", GOAL_PER_WORKER, 0.99,
		 .ours = TASKS("pool", 1000, 16),
		 .theirs = ONE("serial", 1000, 16)),
	/* METG(95 %) is at most 5 us if tasks of 5 us waste no more. */
	AT_LEAST("a worker of threads to serial, 5 us", GOAL_PER_WORKER, 0.95,
		 .ours = TASKS("threads", 5, 16),
		 .theirs = ONE("serial", 5, 16)),
	AT_LEAST("a worker of pool to serial, 5 us", GOAL_PER_WORKER, 0.95,
		 .ours = TASKS("pool", 5, 16), .theirs = ONE("serial", 5, 16)),

	AT_MOST("threads to two futexes, one in flight", GOAL_ROUND_TRIP, 1.3,
		.ours = ALONE("threads"), .theirs = ALONE("call:ping")),
	AT_MOST("pool to two futexes, one in flight", GOAL_ROUND_TRIP, 1.3,
		.ours = ALONE("pool"), .theirs = ALONE("call:ping")),
	AT_LEAST("fork to fork, _exit and wait", GOAL_THROUGHPUT, 0.95,
		 .ours = ONE_EACH("fork"), .theirs = FORKS),
	AT_LEAST("exec to Node's spawn", GOAL_THROUGHPUT, 8,
		 .ours = ONE_EACH("exec"), .theirs = ONE_EACH("node:spawn")),
	AT_LEAST("exec to xargs -P", GOAL_THROUGHPUT, 1,
		 .ours = ONE_EACH("exec"), .theirs = ONE_EACH("xargs")),
	AT_LEAST("cluster to Node's cluster, pbkdf2 1 ms", GOAL_THROUGHPUT, 1.1,
		 .ours = LOGIN("cluster"), .theirs = LOGIN("node:cluster")),

	AT_MOST("memory, ten times the tasks: threads", GOAL_MEMORY, 1.05,
		.ours = LONG("threads"), .theirs = EMPTY("threads", DEEP)),
	AT_MOST("memory, ten times the tasks: pool", GOAL_MEMORY, 1.05,
		.ours = LONG("pool"), .theirs = EMPTY("pool", DEEP)),
};

/* Which of the user's workloads; -1: not among them. */
static int workload_of(const struct plan_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_workloads; i++) {
		if (strcmp(o->workloads[i]->name, name) == 0)
			return (int)i;
	}
	return -1;
}

static bool planned(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (strcmp(plan->cells[i].experiment, "goals") == 0 &&
		    strcmp(plan->cells[i].model, name) == 0)
			return true;
	}
	return false;
}

/* Who is called @name: in @m, or among peers in @peer.  False: nobody here. */
static bool find(const struct plan_options *o, const char *name,
		 struct plan_model *m, const struct peer **peer)
{
	*peer = NULL;
	m->model = NULL;
	for (size_t i = 0; goals_probes[i]; i++) {
		if (strcmp(goals_probes[i]->name, name) == 0)
			m->model = goals_probes[i];
	}
	for (size_t i = 0; i < o->n_all_models; i++) {
		if (strcmp(o->all_models[i]->name, name) == 0)
			m->model = o->all_models[i];
	}
	for (size_t i = 0; i < o->n_peers; i++) {
		if (strcmp(o->peers[i]->name, name) == 0)
			*peer = o->peers[i];
	}
	if (*peer)
		return o->peer_is_there(o->ctx, *peer);
	return m->model;
}

/* Both sides of a goal have tasks of one size, so each is calibrated once. */
struct sizes {
	struct known {
		int workload;
		uint64_t task_us, size;
	} all[16];
	size_t n;
};

static uint64_t size_of(const struct plan_options *o, struct sizes *s,
			int workload, uint64_t task_us)
{
	struct known *k = s->all;

	for (; k < s->all + s->n; k++) {
		if (k->workload == workload && k->task_us == task_us)
			return k->size;
	}
	CHECK(s->n < ARRAY_LEN(s->all));
	s->n++;
	*k = (struct known){workload, task_us, o->sizes[workload]};
	if (task_us > 0)
		k->size = o->size_of(o->ctx, (size_t)workload,
				     task_us * NS_PER_US);
	return k->size;
}

/* Add the cell of @side, unless it is there, or nobody can run it here. */
static int add_side(const struct plan_options *options,
		    const struct goal_side *side, struct sizes *sizes,
		    struct plan *plan)
{
	struct plan_options o = *options;
	int workload = workload_of(&o, side->workload);
	uint32_t workers = side->workers ? side->workers : plan_focus(&o);
	char name[GOAL_NAME];
	struct plan_model m = {.name = name};
	const struct peer *peer;
	struct cell_spec cell;

	goal_name(side, name);
	if (workload < 0 || planned(plan, name) ||
	    !find(&o, side->runs, &m, &peer))
		return 0;
	o.pin = side->loose ? "none" : o.pin;
	if (peer) {
		cell = plan_peer_cell(&o, "goals", peer, (size_t)workload,
				      workers);
		memset(cell.model, 0, sizeof(cell.model));
		memcpy(cell.model, name, strlen(name));
	} else {
		model_standard(m.model, m.settings);
		cell = plan_cell(&o, "goals", &m, (size_t)workload, workers);
	}
	cell.size = size_of(&o, sizes, workload, side->task_us);
	if (cell.size == 0)
		return 0;
	cell.depth = side->depth ? side->depth : plan_focus(&o);
	if (cell.depth > JOB_MAX_DEPTH)
		cell.depth = JOB_MAX_DEPTH;
	cell.window_ns = side->windows * o.window_ns;
	cell.rank = RANK_HEADLINE;
	return plan_add(plan, &cell);
}

static int goals_add(const struct plan_options *o, struct plan *plan)
{
	struct sizes sizes = {.n = 0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(goals); i++) {
		r = add_side(o, &goals[i].ours, &sizes, plan);
		if (r == 0)
			r = add_side(o, &goals[i].theirs, &sizes, plan);
	}
	return r;
}

static const char *const goals_workloads[] = {"nop", "primes", "pbkdf2", NULL};

const struct experiment experiment_goals = {
	.name = "goals",
	.question = "Are we as fast as we want to be?",
	.default_workloads = goals_workloads,
	.own_models = goals_probes,
	.only_named = true,
	.goals = goals,
	.n_goals = ARRAY_LEN(goals),
	.add = goals_add,
};
