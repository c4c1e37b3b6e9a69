/*
 * Ratios block by block: what an interval is made of, for those who look.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/design.h"
#include "harness/view.h"

#define CONFIDENCE 0.95

/* As many comparisons as the table has in which the two are compared. */
static size_t family_of(const struct cell_summary *a,
			const struct cell_summary *b)
{
	return a->comparisons > b->comparisons ? a->comparisons
					       : b->comparisons;
}

struct estimate view_ratio(const struct view *v, const struct cell_summary *a,
			   const struct cell_summary *b)
{
	const struct summary *s = v->s;
	struct estimate r = {NAN, NAN, NAN};
	size_t n = s->n_blocks;
	double *x = calloc(3 * n, sizeof(*x));

	if (!x)
		return r;
	results_throughputs_of(s->run, &a->spec, s->block_counts, x);
	results_throughputs_of(s->run, &b->spec, s->block_counts, &x[n]);
	r = stats_ratio(x, &x[n], n, stats_family(CONFIDENCE, family_of(a, b)),
			&x[2 * n]);
	free(x);
	return r;
}

/* Those of @n logarithms @d that are there, in @ret. */
static int list_ratios(const struct run_results *run, const double *d,
		       const bool *outlier, size_t n, struct block_ratio *ret)
{
	int found = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(d[i]))
			continue;
		ret[found++] = (struct block_ratio){
			.block = (uint32_t)i,
			.ratio = exp(d[i]),
			.noisy = design_block_noise(run, (uint32_t)i) ==
				 NOISE_BAD,
			.outlier = outlier[i],
		};
	}
	return found;
}

int view_block_ratios(const struct view *v, const struct cell_summary *c,
		      struct block_ratio **ret)
{
	const struct run_results *run = v->s->run;
	const struct cell_summary *ref =
		view_cell(v, v->s->reference, v->focus);
	size_t n = v->s->n_blocks;
	struct block_ratio *ratios = calloc(n, sizeof(*ratios));
	double *x = calloc(3 * n, sizeof(*x));
	bool *outlier = calloc(n, sizeof(*outlier));
	int r = -ENOMEM;

	if (ratios && x && outlier) {
		for (size_t i = n; i < 2 * n; i++)
			x[i] = NAN;
		results_throughputs_of(run, &c->spec, NULL, x);
		if (ref)
			results_throughputs_of(run, &ref->spec, NULL, &x[n]);
		for (size_t i = 0; i < n; i++)
			x[i] = x[i] > 0 && x[n + i] > 0 ? log(x[i] / x[n + i])
							: NAN;
		stats_outliers(x, n, STATS_OUTLIER_IQRS, &x[2 * n], outlier);
		r = list_ratios(run, x, outlier, n, ratios);
	}
	free(outlier);
	free(x);
	if (r < 0)
		free(ratios);
	else
		*ret = ratios;
	return r;
}
