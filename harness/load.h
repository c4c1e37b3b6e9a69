/*
 * load - the cells of open loops, by how much was asked of the models.
 *
 * Floor 4.  There, model and workers do not yet name a cell: there is one for
 * each load.  A load is a share, in percent, of what `slowest' can do, the least
 * capable model, and so the same for all; or of its `own' capacity.
 */
#ifndef HARNESS_LOAD_H
#define HARNESS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/view.h"

/* The cell of @model at @percent of @of; NULL: none. */
const struct cell_summary *load_cell(const struct view *v, const char *model,
				     const char *of, uint32_t percent);

/* The least load of @of that is more than @above; 0: none. */
uint32_t load_next(const struct view *v, const char *of, uint32_t above);

/*
 * The load of `slowest' at which the models are compared: 70 %, or if nothing
 * can be said there the highest at which some model is not saturated.  0: none.
 */
uint32_t load_shared(const struct view *v);

/* Whether @c, which may be NULL, has percentiles: measured, not saturated. */
bool load_has_times(const struct cell_summary *c);

/* The model that `slowest' is; NULL: the run does not say. */
const char *load_slowest(const struct view *v);

/* Which times of a task: from when it was due, or from the hand-over. */
enum load_times {
	LOAD_CORRECTED,
	LOAD_UNCORRECTED,
};

/*
 * The quantiles @q[0 … n - 1] of @c with their 95 % intervals in @ret[n], see
 * bootstrap_percentiles(); all NaN without load_has_times().  0 or -ENOMEM.
 */
int load_percentiles(const struct view *v, const struct cell_summary *c,
		     enum load_times times, const double *q, size_t n,
		     struct estimate *ret);

/* The 99th percentile, the same.  NaN also without memory. */
struct estimate load_tail(const struct view *v, const struct cell_summary *c,
			  enum load_times times);

/*
 * The 99th percentile of @a over that of @b, to whom the same tasks came, paired
 * by block, with an interval of @confidence.  NaN also without memory.
 */
struct estimate load_tail_ratio(const struct view *v,
				const struct cell_summary *a,
				const struct cell_summary *b,
				double confidence);

/*
 * The cells of `slowest' at @percent with the lowest and the highest 99th
 * percentile, each told apart from all others, 95 % sure of all comparisons
 * together; NULL: there is no such cell.
 */
struct load_extremes {
	const struct cell_summary *lowest, *highest;
};
struct load_extremes load_extremes(const struct view *v, uint32_t percent);

/*
 * Where the waiting counts most: the cell of load_slowest(), or if that is not
 * known of the model with the highest 99th percentile, at the highest load of
 * `slowest' without saturation; NULL: none.
 */
const struct cell_summary *load_omission(const struct view *v);

/*
 * Whether the generator itself was so late that it, and not the model, may have
 * made the times of @c: p99 of its lateness above a tenth of their median.
 */
bool load_generator_limited(const struct cell_summary *c);

#endif
