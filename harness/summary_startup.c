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

/*
 * Median and interval of @number over the slices of @c in blocks that count, or
 * in all: memory is measured in one block, and noise is no matter to it.  @x
 * has room for all.
 */
static struct estimate median_of(const struct summary *s,
				 const struct cell_summary *c,
				 double (*number)(const struct slice_result *r),
				 bool all, double *x)
{
	size_t n = 0;

	for (size_t i = 0; i < s->run->n; i++) {
		const struct slice_result *r = &s->run->slices[i];

		if (r->status != SLICE_OK ||
		    !(all || s->block_counts[r->block]) ||
		    memcmp(&r->cell, &c->spec, sizeof(r->cell)) != 0)
			continue;
		x[n] = number(r);
		if (!isnan(x[n]))
			n++;
	}
	return stats_median_interval(x, n, CONFIDENCE);
}

int summary_add_startup(struct summary *s)
{
	double *x = calloc(s->run->n + 1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct cell_summary *c = &s->cells[i];

		c->open_ns = median_of(s, c, open_of, false, x);
		c->close_ns = median_of(s, c, close_of, false, x);
		c->create_ns = median_of(s, c, create_of, false, x);
		c->own_ns = median_of(s, c, own_of, false, x);
		c->pss_bytes = median_of(s, c, pss_of, true, x).median;
		c->rss_bytes = median_of(s, c, rss_of, true, x).median;
		c->processes = median_of(s, c, processes_of, true, x).median;
	}
	free(x);
	return 0;
}
