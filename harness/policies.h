/*
 * policies - how connections come to workers: who works, and who is idle.
 *
 * Floor 4.  Pure.  The cells of experiment `policies': the same server with
 * different ways to choose a worker for a new connection, in situations that
 * differ in how many connections there are and for how long they are kept.
 */
#ifndef HARNESS_POLICIES_H
#define HARNESS_POLICIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "harness/summary.h"
#include "harness/view.h"

/* One policy in one situation. */
struct policy_row {
	size_t policy;                     /* its place in policies.list */
	const struct cell_summary *closed; /* how much it does */
	const struct cell_summary
		*open; /* how long tasks wait; NULL: unasked */

	/* Its throughput to that of the default; 1 for itself, NaN: unknown. */
	struct estimate ratio;

	/*
	 * While workers are killed: the throughput that is kept, as a share,
	 * and for how long a place was out, on average.  NaN: not measured.
	 */
	struct estimate kept;
	double outage_ns;
};

/* What is true of a policy in all situations together. */
struct policy {
	const char *name; /* of its model: "cluster:herd" */
	size_t model;     /* place in view.models: how it is drawn */

	/*
	 * Throughput times Jain's index of the requests, to that of the best
	 * policy: who does as much with half of the fairness has done half.  The
	 * geometric mean of all situations, paired by block; all of these
	 * intervals hold together with 95 %.  NaN: one situation is missing.
	 */
	struct estimate score;
	bool chosen; /* the best, or not shown to be worse than it */
	bool unsure; /* chosen because this run cannot tell */
};

struct policies {
	struct policy_row *rows; /* [n_rows], by situation, then as in list */
	size_t n_rows;
	struct policy *list; /* [n] */
	size_t n;

	/* What whoever names no policy gets; NULL: was not measured. */
	const struct policy *standard;

	const struct policy *best; /* NULL: none was measured everywhere */
	size_t n_scored, n_chosen, n_unsure;
};

/* Of a view of experiment `policies', which outlives @ret.  0 or -ENOMEM. */
int policies_make(const struct view *v, struct policies *ret);

/* Accepts a zeroed struct. */
void policies_done(struct policies *p);

/*
 * An array with an object for each policy, which results/README.md describes; a
 * new reference.  NULL: no memory.
 */
json_t *policies_json(const struct summary *s);

/* Are these two cells of one situation? */
bool policies_same_situation(const struct cell_spec *a,
			     const struct cell_spec *b);

/* "8 connections a worker, kept", … in @buf. */
const char *policies_situation(const struct cell_spec *cell, char buf[64]);

#endif
