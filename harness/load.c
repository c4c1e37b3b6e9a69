#include "harness/load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bootstrap.h"

#define COMPARED 70u /* as experiment `load' measures first of all */
#define CONFIDENCE 0.95
#define TAIL 0.99
#define LATE 0.1 /* of the median response */

static const struct estimate unknown = {NAN, NAN, NAN};

const struct cell_summary *load_cell(const struct view *v, const char *model,
				     const char *of, uint32_t percent)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && c->spec.load_percent == percent &&
		    strcmp(c->spec.model, model) == 0 &&
		    strcmp(c->spec.load_of, of) == 0)
			return c;
	}
	return NULL;
}

uint32_t load_next(const struct view *v, const char *of, uint32_t above)
{
	uint32_t next = 0;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_spec *c = &v->s->cells[i].spec;

		if (view_owns(v, &v->s->cells[i]) &&
		    strcmp(c->load_of, of) == 0 && c->load_percent > above &&
		    (next == 0 || c->load_percent < next))
			next = c->load_percent;
	}
	return next;
}

bool load_has_times(const struct cell_summary *c)
{
	return c && c->uncorrected && !c->saturated &&
	       c->percentiles.p50_ns > 0;
}

static bool any_has_times(const struct view *v, uint32_t percent)
{
	for (size_t i = 0; i < v->n_models; i++) {
		if (load_has_times(
			    load_cell(v, v->models[i], "slowest", percent)))
			return true;
	}
	return false;
}

uint32_t load_shared(const struct view *v)
{
	uint32_t highest = 0;

	if (any_has_times(v, COMPARED))
		return COMPARED;
	for (uint32_t p = load_next(v, "slowest", 0); p > 0;
	     p = load_next(v, "slowest", p)) {
		if (any_has_times(v, p))
			highest = p;
	}
	return highest;
}

const char *load_slowest(const struct view *v)
{
	for (size_t i = 0; i < v->n_models; i++) {
		for (uint32_t p = load_next(v, "own", 0); p > 0;
		     p = load_next(v, "own", p)) {
			const struct cell_summary *own =
				load_cell(v, v->models[i], "own", p);
			const struct cell_summary *shared =
				load_cell(v, v->models[i], "slowest", p);

			if (own && shared &&
			    own->spec.interval_ns == shared->spec.interval_ns)
				return v->models[i];
		}
	}
	return NULL;
}

/* The histograms of @c by block in *@ret, to be freed.  How many; -ENOMEM. */
static int list_times(const struct view *v, const struct cell_summary *c,
		      enum load_times times, const struct histogram ***ret)
{
	const struct slice_result **slices;
	const struct histogram **list;
	int n = cell_slices(v->s, c, &slices);

	if (n < 0)
		return n;
	list = calloc((size_t)n, sizeof(*list));
	for (int i = 0; list && i < n; i++) {
		if (slices[i])
			list[i] = times == LOAD_CORRECTED
					  ? slices[i]->latency
					  : slices[i]->uncorrected;
	}
	free(slices);
	if (!list)
		return -ENOMEM;
	*ret = list;
	return n;
}

int load_percentiles(const struct view *v, const struct cell_summary *c,
		     enum load_times times, const double *q, size_t n,
		     struct estimate *ret)
{
	const struct histogram **list;
	int r;

	for (size_t i = 0; i < n; i++)
		ret[i] = unknown;
	if (!load_has_times(c))
		return 0;
	r = list_times(v, c, times, &list);
	if (r < 0)
		return r;
	r = bootstrap_percentiles(list, (size_t)r, q, n, CONFIDENCE, ret);
	free(list);
	return r;
}

struct estimate load_tail(const struct view *v, const struct cell_summary *c,
			  enum load_times times)
{
	const double q = TAIL;
	struct estimate e;

	return load_percentiles(v, c, times, &q, 1, &e) < 0 ? unknown : e;
}

struct estimate load_tail_ratio(const struct view *v,
				const struct cell_summary *a,
				const struct cell_summary *b, double confidence)
{
	const struct histogram **x = NULL, **y = NULL;
	struct estimate e = unknown;
	int n;

	if (!load_has_times(a) || !load_has_times(b))
		return unknown;
	n = list_times(v, a, LOAD_CORRECTED, &x);
	if (n >= 0 && list_times(v, b, LOAD_CORRECTED, &y) == n &&
	    bootstrap_ratio(x, y, (size_t)n, TAIL, confidence, &e) < 0)
		e = unknown;
	free(x);
	free(y);
	return e;
}

/* Is the tail of @c greater (@sign 1) or smaller (-1) than all others, surely? */
static bool is_extreme(const struct view *v, const struct cell_summary *c,
		       uint32_t percent, int sign)
{
	double confidence = stats_family(CONFIDENCE, v->n_models);
	size_t others = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *o =
			load_cell(v, v->models[i], "slowest", percent);
		struct estimate r;

		if (!load_has_times(o) || o == c)
			continue;
		others++;
		r = sign > 0 ? load_tail_ratio(v, c, o, confidence)
			     : load_tail_ratio(v, o, c, confidence);
		/* A ratio of times: what is "faster" there is longer here. */
		if (stats_verdict(&r, STATS_MARGIN) != VERDICT_FASTER)
			return false;
	}
	return others > 0;
}

struct load_extremes load_extremes(const struct view *v, uint32_t percent)
{
	struct load_extremes e = {NULL, NULL};

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", percent);

		if (!load_has_times(c))
			continue;
		if (!e.lowest && is_extreme(v, c, percent, -1))
			e.lowest = c;
		if (!e.highest && is_extreme(v, c, percent, 1))
			e.highest = c;
	}
	return e;
}

/* Whether both tails of @c are known. */
static bool has_tails(const struct cell_summary *c)
{
	return load_has_times(c) && c->percentiles.p99_ns > 0 &&
	       histogram_supports(c->uncorrected, TAIL);
}

const struct cell_summary *load_omission(const struct view *v)
{
	const char *slowest = load_slowest(v);
	const struct cell_summary *best = NULL;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c) || !has_tails(c) ||
		    strcmp(c->spec.load_of, "slowest") != 0 ||
		    (slowest && strcmp(c->spec.model, slowest) != 0))
			continue;
		if (!best || c->spec.load_percent > best->spec.load_percent ||
		    (c->spec.load_percent == best->spec.load_percent &&
		     c->percentiles.p99_ns > best->percentiles.p99_ns))
			best = c;
	}
	return best;
}

bool load_generator_limited(const struct cell_summary *c)
{
	return load_has_times(c) && c->lateness->n > 0 &&
	       (double)histogram_quantile(c->lateness, TAIL) >
		       LATE * (double)c->percentiles.p50_ns;
}
