/*
 * experiment - the contract of a question: which slices answer it.
 *
 * Floor 2.
 */
#ifndef HARNESS_EXPERIMENT_H
#define HARNESS_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/goal.h"
#include "harness/model.h"
#include "harness/peer.h"

/*
 * One cell of an experiment: everything that decides a slice but the block it
 * belongs to.  Plain bytes without holes: may be copied, compared and written
 * to a file.  What an experiment does not need is zero.
 */
struct cell_spec {
	char experiment[32];
	char model[32]; /* its name in this run: that of `runs', or an alias */
	char runs[32];  /* the model in the registry, or of the experiment */
	char workload[32];
	char pin[128];      /* placement policy or CPU list */
	char settings[128]; /* "key=value …" of model_settings_print() */
	uint64_t size;
	uint32_t workers;
	uint32_t depth;     /* tasks in flight per worker, at most */
	uint32_t extra_ppm; /* so many tasks in a million run twice */

	/*
	 * Open loop: tasks come at random times (a Poisson process) whether or
	 * not those before are done, one each interval_ns on average.  That is
	 * load_percent of the capacity of load_of: "slowest", the least capable
	 * of the models, so that all get the same load, or "own".
	 */
	uint32_t load_percent; /* 0, with the other two: closed loop */
	uint64_t interval_ns;
	char load_of[16];

	uint64_t window_ns; /* of this cell alone; 0: that of the run */

	/*
	 * What happens to a worker every so often in the first half of the
	 * window, "": nothing; enum fault_reach says how far it may go.
	 */
	char fault[16];
	uint64_t fault_reach;
	uint64_t fault_every_ns;

	/* How long a task may run; 0: the run's timeout. */
	uint64_t limit_ns;

	/* Memory that the measuring process has touched before it begins. */
	uint64_t ballast_bytes;
	uint32_t ballast_huge; /* 1: in huge pages */
	uint32_t rank;         /* enum plan_rank */
};

/* A model as the user named it. */
struct plan_model {
	const char *name; /* its own, or an alias */
	const struct model *model;
	uint32_t extra_ppm; /* of cell_spec */
	int64_t settings[MODEL_MAX_SETTINGS];
};

/* What the user chose, as the experiments see it. */
struct plan_options {
	const struct plan_model *models; /* [n_models], in the order named */
	size_t n_models;
	const char *reference; /* the name of the one that ratios refer to */

	/* Every model there is, for a question about some whoever is chosen. */
	const struct model *const *all_models; /* [n_all_models] */
	size_t n_all_models;

	/* [n_workloads], with the size of each in sizes[i]. */
	const struct workload *const *workloads;
	const uint64_t *sizes;
	size_t n_workloads;

	const uint32_t *workers; /* [n_workers], ascending */
	size_t n_workers;

	uint32_t processors; /* usable: where more workers only take turns */
	uint32_t depth;
	const char *pin;
	bool thorough;      /* time enough for every point of a curve */
	uint64_t window_ns; /* that of the run */

	/*
	 * The size at which a task of workload number @workload takes @task_ns,
	 * measured; 0: there is none, its smallest task takes longer.
	 */
	uint64_t (*size_of)(void *ctx, size_t workload, uint64_t task_ns);

	/*
	 * What @cell can do at most, in tasks per second: measured in a closed
	 * loop.  0: it did not work.
	 */
	double (*capacity_of)(void *ctx, const struct cell_spec *cell);

	/* Every peer there is, and whether one can run here: it is asked. */
	const struct peer *const *peers; /* [n_peers] */
	size_t n_peers;
	bool (*peer_is_there)(void *ctx, const struct peer *peer);
	void *ctx;
};

/* The cells of one run: those of all its experiments. */
struct plan {
	struct cell_spec *cells; /* [n] */
	size_t n, room;
};

/*
 * How much a run would lose without a cell.  If the time is short, the highest
 * rank of the plan goes first, as a whole; RANK_HEADLINE stays, and its ratios
 * decide when there are enough blocks.
 */
enum plan_rank {
	RANK_HEADLINE,
	RANK_MAIN,
	RANK_DETAIL,
	RANK_EXTRA,
};

struct experiment {
	const char *name;
	const char *question; /* a sentence with a question mark */

	/* Workloads it takes when the user names none; NULL at the end. */
	const char *const *default_workloads;

	/* Mechanisms that only this experiment measures; NULL: none. */
	const struct model *const *own_models; /* NULL at the end */

	const struct goal *goals; /* [n_goals], of its cells */
	size_t n_goals;

	bool only_named; /* not one of "all": a question for who made this */

	/* Add this experiment's cells to @plan.  0 or -errno. */
	int (*add)(const struct plan_options *options, struct plan *plan);
};

/* An all-zero plan is empty.  Copy @cell into it.  0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct cell_spec *cell);

/*
 * A cell of @experiment with everything that @options decide alone, of
 * RANK_MAIN; the caller sets the rest.
 */
struct cell_spec plan_cell(const struct plan_options *options,
			   const char *experiment,
			   const struct plan_model *model, size_t workload,
			   uint32_t workers);

/* The same for a peer, which is not pinned. */
struct cell_spec plan_peer_cell(const struct plan_options *options,
				const char *experiment, const struct peer *peer,
				size_t workload, uint32_t workers);

/*
 * Make @cell an open loop with @percent of @per_s, the capacity of @of: see
 * cell_spec.load_of.
 */
void plan_load(struct cell_spec *cell, uint32_t percent, double per_s,
	       const char *of);

/*
 * The largest of the chosen numbers of workers that the processors can really
 * run at once, else the smallest: where models are compared.
 */
uint32_t plan_focus(const struct plan_options *options);

/* The model of @options that ratios refer to. */
const struct plan_model *plan_reference(const struct plan_options *options);

/*
 * Whether @cell measures a bare call that creates a worker, not a model: a
 * mechanism of an experiment's own that is named "call:fork" or the like.
 */
bool experiment_is_call(const struct cell_spec *cell);

/* Free the cells. */
void plan_done(struct plan *plan);

#endif
