#include "harness/peers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

const struct peers_pair peers_pairs[] = {
	{"pool", "node:fork", "Node's child_process.fork"},
	{"threads", "node:worker_threads", "Node's worker_threads"},
	{"cluster", "node:cluster", "Node's cluster"},
	{"pool", "python:pool", "Python's multiprocessing.Pool"},
};
const size_t n_peers_pairs = ARRAY_LEN(peers_pairs);

static const struct metg_curve *
curve_of(const struct view *v, const struct metg *m, const char *model)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct metg_curve *c = &m->curves[i];

		if (strcmp(c->workload, v->workload) == 0 &&
		    strcmp(c->model, model) == 0 && c->n_points > 1 &&
		    !isnan(c->metg_ns[METG_95].median))
			return c;
	}
	return NULL;
}

/* Enter in @row what all cells of its model say together. */
static void take_cells(const struct view *v, struct peers_row *row)
{
	const char *model = v->models[row->model];
	size_t sizes = 0;

	row->ours = true;
	row->trouble = "";
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c) || strcmp(c->spec.model, model) != 0)
			continue;
		row->only = sizes++ == 0 ? c : NULL;
		row->ours = row->ours && !c->unstamped;
		if (!row->trouble[0])
			row->trouble = c->trouble;
	}
}

/* NaN comes last, as the largest. */
static int compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

static double rate(const struct peers_row *r)
{
	return r->only ? r->only->throughput_per_s.median : NAN;
}

static double share_ns(const struct peers_row *r, enum metg_share share)
{
	return r->curve ? r->curve->metg_ns[share].median : NAN;
}

/* The efficiency with the shortest tasks it was given. */
static double least(const struct peers_row *r)
{
	return r->curve ? r->curve->points[0].efficiency.median : NAN;
}

static int compare_rows(const void *x, const void *y)
{
	const struct peers_row *a = x, *b = y;
	int r = compare(share_ns(a, METG_95), share_ns(b, METG_95));

	if (r == 0)
		r = compare(share_ns(a, METG_50), share_ns(b, METG_50));
	if (r == 0)
		r = compare(-least(a), -least(b));
	if (r == 0)
		r = compare(-rate(a), -rate(b));
	return r ? r : compare((double)a->model, (double)b->model);
}

int peers_make(const struct view *v, struct peers *ret)
{
	struct peers p = {.rows = calloc(v->n_models + 1, sizeof(*p.rows))};
	bool curves = false;
	int r = p.rows ? metg_make(v->s->run, v->experiment, &p.metg) : -ENOMEM;

	if (r < 0) {
		free(p.rows);
		return r;
	}
	for (size_t i = 0; i < v->n_models; i++) {
		struct peers_row *row = &p.rows[p.n++];

		row->model = i;
		take_cells(v, row);
		row->curve = curve_of(v, &p.metg, v->models[i]);
		curves = curves || row->curve;
	}
	/* Where there are curves, a single size is less than one, and says little. */
	for (size_t i = 0; curves && i < p.n; i++)
		p.rows[i].only = NULL;
	qsort(p.rows, p.n, sizeof(*p.rows), compare_rows);
	*ret = p;
	return 0;
}

void peers_done(struct peers *p)
{
	metg_done(&p->metg);
	free(p->rows);
	*p = (struct peers){0};
}

const struct peers_row *peers_find(const struct view *v, const struct peers *p,
				   const char *model)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(v->models[p->rows[i].model], model) == 0)
			return &p->rows[i];
	}
	return NULL;
}
