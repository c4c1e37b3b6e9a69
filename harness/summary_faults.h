/*
 * summary_faults - what became of each model under each fault, and whether that
 * is what it promises.
 *
 * Floor 4, part of summary.  The promise, of all models: a task ends exactly
 * once; a fault reaches no farther than the model says (harness/fault.h); every
 * place of a worker works again; nothing is left behind.  Where all share one
 * process the promise is only that the end of that process is told.
 */
#ifndef HARNESS_SUMMARY_FAULTS_H
#define HARNESS_SUMMARY_FAULTS_H

#include "harness/fault.h"
#include "harness/summary.h"

/* A model and a fault, over all slices. */
struct fault_row {
	const struct cell_summary *cell;
	const struct fault *fault;

	uint64_t
		injected; /* faults that happened, as far as anyone could tell */
	uint64_t lost, strays, misreported, collateral, places_lost;
	uint64_t left_processes, left_descriptors, left_mappings;
	int64_t retried, replaced; /* tasks and workers; -1: nobody counts */
	uint64_t outages;
	double outage_ns, outage_max_ns; /* mean and longest; NaN: none */
	size_t died; /* slices whose process ended as the fault wants it */

	/* Throughput over that of the same model left in peace. */
	struct estimate kept;

	/* What was promised and not kept: "" if all was. */
	char broken[128];
};

/*
 * A row for each cell of @s in which something happened, in the order of the
 * plan, in *@ret, which the caller frees.  How many, or -ENOMEM.
 */
int summary_faults(const struct summary *s, struct fault_row **ret);

/* Does the fault end the whole model there, as promised? */
bool fault_row_ends_all(const struct fault_row *r);

/* What was still there: "all workers' places", "nothing", … */
const char *fault_row_survived(const struct fault_row *r);

/* What became of the tasks with a fault, in @buf: "48 killed", "all ok". */
const char *fault_row_fate(const struct fault_row *r, char *buf, size_t size);

/* For the terminal and summary.txt; nothing if there is no row. */
void summary_faults_table(const struct summary *s, FILE *out);

/* An array for summary_json(); a new reference. */
json_t *summary_faults_json(const struct summary *s);

#endif
