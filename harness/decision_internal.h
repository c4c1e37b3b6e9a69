/*
 * What the files of decision share: which cells speak for which durations.
 */
#ifndef HARNESS_DECISION_INTERNAL_H
#define HARNESS_DECISION_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/view.h"

#define DECISION_CLASSES 5 /* of durations, from short to long */

/* "10 to 100 µs". */
const char *decision_class_name(size_t k);

/* Which cells of an experiment are compared: those with tasks of one size. */
struct source {
	struct view view; /* as long as that lives */
	uint64_t size;    /* 0: there are none */
	double task_ns;
	uint32_t load_percent;
};

/*
 * The cells of @v whose tasks speak for class @k; size 0: there are none.  With
 * a load: those at the load to compare at.
 */
struct source decision_source(const struct view *v, size_t k);

/* Whether @c belongs to the cells that its experiment compares models by. */
bool decision_compares(const struct cell_summary *c);

/*
 * The view of @workload in @experiment; without cells if it was not asked.  0 or
 * -ENOMEM.
 */
int decision_view(const struct summary *s, const char *experiment,
		  const char *workload, struct view *ret);

#endif
