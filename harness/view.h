/*
 * view - the cells of one workload in one experiment, in the shape that
 * sentences, figures and tables want.
 *
 * Floor 4.
 */
#ifndef HARNESS_VIEW_H
#define HARNESS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/summary.h"

struct view {
	const struct summary *s; /* outlives the view, with its strings */
	const char *experiment;
	const char *workload;

	const char **models; /* [n_models], in order of first appearance */
	size_t n_models;
	uint32_t *workers; /* [n_workers], ascending */
	size_t n_workers;

	/*
	 * Where models are compared: the largest measured number of workers
	 * that does not exceed the processors, else the smallest.
	 */
	uint32_t focus;
};

/* How many workloads @experiment has in the run; 0: it was not asked. */
size_t view_workloads(const struct summary *s, const char *experiment);

/*
 * The view of workload number @i of @experiment, a string that outlives the
 * view.  0; -EINVAL: there is no such workload; -ENOMEM.
 */
int view_make(const struct summary *s, const char *experiment, size_t i,
	      struct view *ret);

/* Accepts a zeroed struct. */
void view_done(struct view *v);

/*
 * Does @c belong to the view?  For experiments in which model and workers do
 * not yet name a cell: walk all of v->s and ask this.
 */
bool view_owns(const struct view *v, const struct cell_summary *c);

/* The first such cell; NULL: there is none. */
const struct cell_summary *view_cell(const struct view *v, const char *model,
				     uint32_t workers);

/*
 * The cell of @model to compare: with v->focus workers, but the baseline, which
 * has no more than one, with that.  NULL: none.
 */
const struct cell_summary *view_focus(const struct view *v, const char *model);

/*
 * The cell of @model with v->focus workers if it has a ratio to the reference;
 * NULL: it has none, or is the reference itself.
 */
const struct cell_summary *view_rival(const struct view *v, const char *model);

/* Is @model the serial model? */
bool view_is_baseline(const struct view *v, const char *model);

/*
 * Is @c no model but a way to create a worker, measured alone?  Experiment
 * `startup' calls them "call:fork" and so on.
 */
bool view_is_call(const struct cell_summary *c);

/* Whether @c has a throughput at all. */
bool view_measured(const struct cell_summary *c);

/* The ideal throughput of one worker; NaN: unknown. */
double view_unit(const struct view *v);

/* The mean time of the work itself in one task; NaN: unknown. */
double view_task_ns(const struct view *v);

/*
 * The throughput of @a over that of @b, paired by block, with an exact interval
 * as wide as that of struct cell_summary's ratio.  All NaN if nothing can be paired, or without memory.
 */
struct estimate view_ratio(const struct view *v, const struct cell_summary *a,
			   const struct cell_summary *b);

/*
 * The policy of placement that the others are compared with: "compact", or
 * without it the first of the plan.  NULL: the view has no cell.
 */
const char *view_placement_base(const struct view *v);

/*
 * view_ratio() of @c to the same model with that policy; all NaN also for that
 * cell itself.
 */
struct estimate view_placement_ratio(const struct view *v,
				     const struct cell_summary *c);

/* One block's ratio of a model to the reference. */
struct block_ratio {
	uint32_t block;
	double ratio;
	bool noisy;   /* the machine did too much else meanwhile */
	bool outlier; /* far out, see stats_outliers(); counts all the same */
};

/*
 * What the ratio of @c, a view_rival(), is made of: all blocks that have both,
 * in the order of time.  Returns how many, in *@ret, which the caller frees; or
 * -ENOMEM.
 */
int view_block_ratios(const struct view *v, const struct cell_summary *c,
		      struct block_ratio **ret);

/*
 * The shares of tasks at which a latency curve is drawn, twenty a decade of
 * 1 / (1 - share); all of them are looked at before a title claims something.
 */
#define VIEW_SHARES 120u
double view_share(unsigned step);

/* The processors that the run could use, at least 1. */
double view_processors(const struct summary *s);

#endif
