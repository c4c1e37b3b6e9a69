/*
 * How workers come and go, and the memory that they have meanwhile.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/summary_internal.h"

#define CONFIDENCE 0.95

/* Each of these: one number of a slice; NaN where it has none. */

static double open_of(const struct slice_result *r)
{
	return (double)r->open_ns;
}

static double close_of(const struct slice_result *r)
{
	return (double)r->close_ns;
}

static double create_of(const struct slice_result *r)
{
	return r->tasks > 0 ? (double)r->phase_sum_ns[PHASE_CREATE] /
				      (double)r->tasks
			    : NAN;
}

static double own_of(const struct slice_result *r)
{
	double sum = 0;

	for (int i = PHASE_QUEUE + 1; i < PHASES; i++)
		sum += (double)r->phase_sum_ns[i];
	return r->tasks > 0 ? sum / (double)r->tasks : NAN;
}

static double pss_of(const struct slice_result *r)
{
	return r->pss_bytes >= 0 ? (double)r->pss_bytes : NAN;
}

static double rss_of(const struct slice_result *r)
{
	return r->rss_bytes >= 0 ? (double)r->rss_bytes : NAN;
}

static double processes_of(const struct slice_result *r)
{
	return r->processes > 0 ? (double)r->processes : NAN;
}

/* For one cell, [n_blocks] each. */
struct room {
	const struct slice_result **slices;
	double *x;
};

/*
 * Median and interval of @number over the slices of @c in blocks that count, or
 * in all: memory is measured in one block, and noise is no matter to it.
 */
static struct estimate median_of(const struct summary *s,
				 const struct cell_summary *c,
				 double (*number)(const struct slice_result *r),
				 bool all, const struct room *room)
{
	results_slices_of(s->run, &c->spec, all ? NULL : s->block_counts,
			  room->slices);
	for (size_t i = 0; i < s->n_blocks; i++)
		room->x[i] = room->slices[i] ? number(room->slices[i]) : NAN;
	return stats_known_interval(room->x, s->n_blocks, CONFIDENCE);
}

int summary_add_startup(struct summary *s)
{
	struct room w = {
		.slices = calloc(s->n_blocks, sizeof(*w.slices)),
		.x = calloc(s->n_blocks, sizeof(*w.x)),
	};
	int r = w.slices && w.x ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct cell_summary *c = &s->cells[i];

		c->open_ns = median_of(s, c, open_of, false, &w);
		c->close_ns = median_of(s, c, close_of, false, &w);
		c->create_ns = median_of(s, c, create_of, false, &w);
		c->own_ns = median_of(s, c, own_of, false, &w);
		c->pss_bytes = median_of(s, c, pss_of, true, &w).median;
		c->rss_bytes = median_of(s, c, rss_of, true, &w).median;
		c->processes = median_of(s, c, processes_of, true, &w).median;
	}
	free(w.slices);
	free(w.x);
	return r;
}
