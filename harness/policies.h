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

#include "harness/summary.h"
#include "harness/view.h"

/*
 * A policy is even if its busiest worker never has more than so many times its
 * share of the requests, in the median of any situation.
 */
#define POLICIES_EVEN 1.25

/* One policy in one situation. */
struct policy_row {
	size_t policy;                     /* its place in policies.list */
	const struct cell_summary *closed; /* how much it does */
	const struct cell_summary
		*open; /* how long tasks wait; NULL: unasked */

	/* Its throughput to that of the default; 1 for itself, NaN: unknown. */
	struct estimate ratio;
};

/* What is true of a policy everywhere. */
struct policy {
	const char *name; /* of its model: "cluster:herd" */

	/* The situation in which its busiest worker had most, and that. */
	const struct policy_row *worst;
	double most; /* NaN: it was not measured everywhere */
	bool even;

	/*
	 * For even ones: its throughput to that of the best of them, the
	 * geometric mean of all situations, paired by block; all of these
	 * intervals hold together with 95 %.
	 */
	struct estimate speed;
	bool chosen; /* the best, or not shown to be slower than it */
	bool unsure; /* chosen because this run cannot tell */
};

struct policies {
	struct policy_row *rows; /* [n_rows], by situation, then as in list */
	size_t n_rows;
	struct policy *list; /* [n] */
	size_t n;

	/* What whoever names no policy gets; NULL: was not measured. */
	const struct policy *standard;

	const struct policy *best; /* NULL: none is even */
	size_t n_even, n_chosen, n_unsure;
};

/* Of a view of experiment `policies', which outlives @ret.  0 or -ENOMEM. */
int policies_make(const struct view *v, struct policies *ret);

/* Accepts a zeroed struct. */
void policies_done(struct policies *p);

/* Are these two cells of one situation? */
bool policies_same_situation(const struct cell_spec *a,
			     const struct cell_spec *b);

/* "8 connections a worker, kept", … in @buf. */
const char *policies_situation(const struct cell_spec *cell, char buf[64]);

#endif
