/*
 * experiment - the contract of a question: which slices answer it.
 *
 * Floor 2.
 */
#ifndef HARNESS_EXPERIMENT_H
#define HARNESS_EXPERIMENT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/model.h"

/*
 * One cell of an experiment: everything that decides a slice but the block it
 * belongs to.  Plain bytes: may be copied, compared and written to a file.
 */
struct cell_spec {
	char experiment[32];
	char model[32];
	char workload[32];
	uint64_t size;
	uint32_t workers;
	uint32_t depth; /* tasks in flight per worker */
	char pin[128];  /* placement policy or CPU list */
};

/* What the user chose, as the experiments see it. */
struct plan_options {
	const struct model *const *models; /* [n_models], in table order */
	size_t n_models;

	/* [n_workloads], with the size of each in sizes[i]. */
	const struct workload *const *workloads;
	const uint64_t *sizes;
	size_t n_workloads;

	const uint32_t *workers; /* [n_workers], ascending */
	size_t n_workers;

	uint32_t depth;
	const char *pin;
};

/* The cells of one run: those of all its experiments. */
struct plan {
	struct cell_spec *cells; /* [n] */
	size_t n, room;
};

struct experiment {
	const char *name;
	const char *question; /* a sentence with a question mark */

	/* Workloads it takes when the user names none; NULL at the end. */
	const char *const *default_workloads;

	/* Add this experiment's cells to @plan.  0 or -ENOMEM. */
	int (*add)(const struct plan_options *options, struct plan *plan);
};

/* An all-zero plan is empty.  Copy @cell into it: 0 or -ENOMEM. */
int plan_add(struct plan *plan, const struct cell_spec *cell);

/*
 * A cell of @experiment with everything that @options decide alone; the caller
 * sets the rest.
 */
struct cell_spec plan_cell(const struct plan_options *options,
			   const char *experiment, const struct model *model,
			   size_t workload, uint32_t workers);

/* Free the cells. */
void plan_done(struct plan *plan);

#endif
