/*
 * config - what `manyhands run' was asked to do.
 */
#ifndef BENCH_CLI_CONFIG_H
#define BENCH_CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/experiment.h"
#include "harness/slice.h"

/* Quick, default and full differ in these; options override them. */
struct profile {
	const char *name;
	uint32_t blocks;
	uint64_t window_ns, budget_ns;
	const char *experiments; /* comma-separated */
	const char *without;     /* models that must be named; likewise */
	bool one_workload;       /* only each experiment's first */
	bool thorough;           /* of struct plan_options */
};

struct run_config {
	const struct profile *profile;
	const struct experiment **experiments; /* [n_experiments] */
	size_t n_experiments;
	bool thorough;

	struct plan_model *models; /* [n_models], in the order named */
	size_t n_models;
	const char *reference; /* the name of one of them */

	/* [n_workloads]; none: those of each experiment. */
	const struct workload **workloads;
	size_t n_workloads;
	uint32_t *workers; /* [n_workers], ascending; none: auto */
	size_t n_workers;

	char *plugin;        /* --load-workload, absolute; NULL: none */
	const char *program; /* --command; NULL: none */
	const char *pin;
	uint64_t task_us; /* calibrate sizes to this; 0: no */
	uint64_t size;    /* of every workload; 0: its default */
	uint32_t depth;
	uint32_t blocks;
	bool exact; /* --blocks: so many, no more and no less */
	uint64_t seed;
	bool seed_given;
	uint64_t budget_ns;
	struct slice_timing timing;
	bool window_given; /* --slice-ms */

	const char *out;    /* folder to make; NULL: results/<utc>-<host> */
	const char *resume; /* folder of a run to go on with; NULL: none */
	bool no_plots, json, quiet;
};

/*
 * Parse the arguments of `run', or die saying what is wrong.  What was not
 * asked for is filled in from profile, experiment and table, except the workers
 * and the seed.
 */
void config_parse(int argc, char **argv, struct run_config *ret);

void config_done(struct run_config *c);

/*
 * The worker counts to measure without --workers: the powers of two up to twice
 * @usable, @usable and twice @usable; where @usable allows it, so many up to it
 * that the Universal Scalability Law can be fitted (usl.h).  Fills in @c.
 */
void config_auto_workers(struct run_config *c, uint32_t usable);

#endif
