/*
 * What limits a model: the Universal Scalability Law, in sentences.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer_internal.h"
#include "harness/number.h"

/* Throughputs as usl_fit() wants them. */
struct points {
	uint32_t *workers; /* [n] */
	double *per_s;     /* [n][blocks], NaN: absent */
	size_t n, blocks;
};

/* Add the row of @c: its slices in the blocks that count. */
static void add_point(const struct summary *s, const struct cell_summary *c,
		      struct points *p)
{
	results_throughputs_of(s->run, &c->spec, s->block_counts,
			       p->per_s + p->n * p->blocks);
	p->workers[p->n++] = c->spec.workers;
}

int answer_fit_usl(const struct view *v, const char *model, struct usl *ret)
{
	struct points p = {.blocks = v->s->n_blocks};
	int r = -ENOMEM;

	p.workers = calloc(v->n_workers + 1, sizeof(*p.workers));
	p.per_s = calloc(v->n_workers * p.blocks + 1, sizeof(*p.per_s));
	if (p.workers && p.per_s) {
		for (size_t i = 0; i < v->n_workers; i++) {
			const struct cell_summary *c =
				view_cell(v, model, v->workers[i]);

			if (view_measured(c) &&
			    v->workers[i] <= view_processors(v->s))
				add_point(v->s, c, &p);
		}
		r = usl_fit(p.workers, p.n, p.per_s, p.blocks, ret);
	}
	free(p.workers);
	free(p.per_s);
	/* A block without any task has no place in a curve. */
	return r == -EINVAL ? -ENODATA : r;
}

struct number answer_usl_share(double share)
{
	struct number n;
	double percent = 100 * share;

	/* Coherency is counted in hundredths of a percent, or it is none. */
	if (percent < 0.005)
		snprintf(n.text, sizeof(n.text), "0");
	else if (percent < 1)
		snprintf(n.text, sizeof(n.text), "%.2f", percent);
	else
		snprintf(n.text, sizeof(n.text), "%.1f", percent);
	return n;
}

/* "2.1 % [1.2, 3.0]" */
static void say_share(double share, double low, double high, FILE *out)
{
	fprintf(out, "%.8s %% [%.8s, %.8s]", answer_usl_share(share).text,
		answer_usl_share(low).text, answer_usl_share(high).text);
}

void answer_say_usl(const struct view *v, FILE *out)
{
	const char *model = v->s->reference;
	struct usl u;

	if (answer_fit_usl(v, model, &u) < 0)
		return;
	fprintf(out, " What keeps %s from the ideal: contention ", model);
	say_share(u.model.alpha, u.low.alpha, u.high.alpha, out);
	if (u.amdahl) {
		fputs("; no cost of coherency that this run can see.", out);
		return;
	}
	fputs(", coherency ", out);
	say_share(u.model.beta, u.low.beta, u.high.beta, out);
	if (u.has_peak)
		fprintf(out, "; it does most with %s workers%s.",
			number_short(round(u.peak)).text,
			number_interval(round(u.peak_low), round(u.peak_high),
					number_short)
				.text);
	else
		fputs("; its peak is beyond what was measured.", out);
}

/* The most worker counts up to the processors that one model has in @v. */
static size_t count_points(const struct view *v)
{
	size_t most = 0;

	for (size_t m = 0; m < v->n_models; m++) {
		size_t n = 0;

		for (size_t i = 0; i < v->n_workers; i++)
			n += v->workers[i] <= view_processors(v->s) &&
			     view_measured(
				     view_cell(v, v->models[m], v->workers[i]));
		if (n > most)
			most = n;
	}
	return most;
}

bool answer_usl_missing(const struct summary *s, char *buf, size_t size)
{
	size_t most = 0, n = view_workloads(s, "scaling");

	for (size_t i = 0; i < n; i++) {
		struct view v;

		if (view_make(s, "scaling", i, &v) < 0)
			return false;
		if (count_points(&v) > most)
			most = count_points(&v);
		view_done(&v);
	}
	if (most == 0 || most >= USL_POINTS)
		return false;
	snprintf(buf, size,
		 "Not enough points for the Universal Scalability Law: it "
		 "takes %d worker counts up to the processors, there %s %zu.",
		 USL_POINTS, most == 1 ? "is" : "are", most);
	return true;
}
