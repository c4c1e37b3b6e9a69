/*
 * peers - what people would otherwise use, beside our models.
 *
 * Floor 4.  Pure.  The cells of experiment `peers' of one workload: with one size
 * of tasks, how many get done; with several, from which duration on the machine
 * is not wasted (metg.h).
 */
#ifndef HARNESS_PEERS_H
#define HARNESS_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/metg.h"
#include "harness/summary.h"
#include "harness/view.h"

/* One model or peer. */
struct peers_row {
	size_t model; /* its place in view.models */
	bool ours;    /* no peer */

	/* With one size of tasks: its cell; NULL: several. */
	const struct cell_summary *only;

	/* With several: its curve; NULL: one, or none of them worked. */
	const struct metg_curve *curve;

	const char *trouble; /* status of its first slice that failed; "" */
};

struct peers {
	struct metg metg;
	struct peers_row *rows; /* [n], the best first */
	size_t n;
};

/* Of a view of experiment `peers', which outlives @ret.  0 or -ENOMEM. */
int peers_make(const struct view *v, struct peers *ret);

/* Accepts a zeroed struct. */
void peers_done(struct peers *p);

/* The row of @model; NULL: it has none. */
const struct peers_row *peers_find(const struct view *v, const struct peers *p,
				   const char *model);

/* A model of ours, and the peer that people would use in its place. */
struct peers_pair {
	const char *model, *peer;
	const char *words; /* "Node's child_process.fork" */
};

/* The pair that says most is the first. */
extern const struct peers_pair peers_pairs[];
extern const size_t n_peers_pairs;

#endif
