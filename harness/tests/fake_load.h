/*
 * fake_load - made-up runs of open loops, for tests of what is said of them.
 */
#ifndef HARNESS_TESTS_FAKE_LOAD_H
#define HARNESS_TESTS_FAKE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/results.h"
#include "harness/summary.h"

struct fake_load_model {
	const char *name;
	double capacity_per_s; /* as the pilot measured it */
	double bears_per_s;    /* what it really can do */
	double service_ns;     /* of a task without waiting */
};

struct fake_load {
	const struct fake_load_model *models; /* [n_models] */
	size_t n_models;
	const uint32_t *percents; /* [n_percents] */
	size_t n_percents;
	bool own; /* with loads of each model's own capacity, too */
	uint32_t blocks, tasks; /* due in a slice */
	uint64_t lateness_ns;   /* of the generator */
};

/*
 * threads, fork and cluster, of which fork can do least and cluster takes
 * longest; 30, 70 and 90 %, both kinds of load, 8 blocks.
 */
extern const struct fake_load fake_load_usual;

/* The same, with its models copied to @models[3], where a test changes them. */
struct fake_load fake_load_changeable(struct fake_load_model *models);

/* Measure as @how says; always the same for the same @how. */
void fake_load_make(const struct fake_load *how, struct run_results *run,
		    struct summary *ret);

/* The cell of @model at @percent of @of; must exist. */
struct cell_summary *fake_load_cell(struct summary *s, const char *model,
				    const char *of, uint32_t percent);

#endif
