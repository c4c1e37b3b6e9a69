/*
 * What an open loop tells beyond a closed one: whether the model can bear its
 * load, and if so how long the slowest tasks take.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/bootstrap.h"
#include "harness/order.h"
#include "harness/saturation.h"
#include "harness/summary_internal.h"

#define CONFIDENCE 0.95
#define TAIL 0.99 /* the percentile by which models are compared */

static const struct estimate unknown = {NAN, NAN, NAN};

double cell_offered_per_s(const struct cell_summary *c)
{
	return c->spec.interval_ns > 0
		       ? (double)NS_PER_S / (double)c->spec.interval_ns
		       : NAN;
}

int cell_slices(const struct summary *s, const struct cell_summary *c,
		const struct slice_result ***ret)
{
	const struct slice_result **slices =
		calloc(s->n_blocks, sizeof(*slices));

	if (!slices)
		return -ENOMEM;
	results_slices_of(s->run, &c->spec, s->block_counts, slices);
	*ret = slices;
	return (int)s->n_blocks;
}

static void add_slice(struct cell_summary *c, const struct slice_result *s)
{
	c->offered += s->offered;
	c->unfinished += s->unfinished;
	if (s->uncorrected)
		histogram_merge(c->uncorrected, s->uncorrected);
	if (s->lateness)
		histogram_merge(c->lateness, s->lateness);
}

/* Sum up the slices of @c and judge whether it was saturated. */
static int sum_up(const struct summary *s, struct cell_summary *c)
{
	const struct slice_result **slices;
	double *growth;
	size_t n_growth = 0;
	int n;

	c->uncorrected = calloc(1, sizeof(*c->uncorrected));
	c->lateness = calloc(1, sizeof(*c->lateness));
	if (!c->uncorrected || !c->lateness)
		return -ENOMEM;
	n = cell_slices(s, c, &slices);
	if (n < 0)
		return n;
	growth = calloc((size_t)n + 1, sizeof(*growth));
	for (int i = 0; growth && i < n; i++) {
		if (!slices[i])
			continue;
		add_slice(c, slices[i]);
		growth[n_growth] = saturation_growth(slices[i]);
		if (!isnan(growth[n_growth]))
			n_growth++;
	}
	if (growth) {
		c->growth = stats_median_interval(growth, n_growth, CONFIDENCE);
		c->saturated =
			saturation_of_cell(&c->growth, c->tasks, c->offered);
	}
	/* They would tell how long we looked, not how long a task takes. */
	if (c->saturated)
		c->percentiles = (struct latency_summary){
			.interval = {unknown, unknown, unknown, unknown}};
	free(slices);
	n = growth ? 0 : -ENOMEM;
	free(growth);
	return n;
}

int cell_latency_ratio(const struct summary *s, const struct cell_summary *c,
		       const struct cell_summary *ref, struct estimate *ret)
{
	const struct slice_result **a = NULL, **b = NULL;
	const struct histogram **times = NULL;
	int n = cell_slices(s, c, &a), r = n;

	if (r >= 0)
		r = cell_slices(s, ref, &b);
	if (r >= 0)
		times = calloc(2 * (size_t)n + 1, sizeof(*times));
	for (int i = 0; times && i < n; i++) {
		times[i] = a[i] ? a[i]->latency : NULL;
		times[n + i] = b[i] ? b[i]->latency : NULL;
	}
	if (r >= 0)
		r = times ? bootstrap_ratio(
				    times, &times[n], (size_t)n, TAIL,
				    stats_family(CONFIDENCE, c->comparisons),
				    ret)
			  : -ENOMEM;
	free(times);
	free(a);
	free(b);
	return r;
}

/* A share of each one's own capacity is another load for each: none then. */
static const struct cell_summary *reference_of(const struct summary *s,
					       const struct cell_summary *c)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->cells[i].spec.model, s->reference) == 0 &&
		    s->cells[i].spec.interval_ns == c->spec.interval_ns &&
		    order_same_group(&s->cells[i].spec, &c->spec))
			return &s->cells[i];
	}
	return NULL;
}

int summary_open(struct summary *s)
{
	int r = 0;

	for (size_t i = 0; i < s->n; i++) {
		s->cells[i].growth = s->cells[i].latency_ratio = unknown;
		if (r == 0 && s->cells[i].spec.interval_ns > 0)
			r = sum_up(s, &s->cells[i]);
	}
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct cell_summary *c = &s->cells[i];
		const struct cell_summary *ref = reference_of(s, c);

		if (c->spec.interval_ns > 0 && ref && ref != c &&
		    !c->saturated && !ref->saturated)
			r = cell_latency_ratio(s, c, ref, &c->latency_ratio);
	}
	return r;
}
