#include "harness/decision.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/decision_internal.h"
#include "harness/look.h"
#include "harness/metg.h"
#include "harness/view.h"

/* All that the rules look at. */
struct table {
	const struct summary *s;
	struct metg metg; /* of experiment granularity */
};

/* Whether @c does what @need asks for. */
static bool meets(const struct cell_summary *c, enum decision_need need)
{
	switch (need) {
	case DECISION_ISOLATED:
		return look_family(c->spec.runs) == LOOK_PROCESS;
	case DECISION_FRESH:
		return look_per_task(c->spec.runs);
	default:
		return true;
	}
}

/* Is @c a cell of @from that was measured? */
static bool is_rival(const struct source *from, const struct cell_summary *c)
{
	const struct view *v = &from->view;
	bool baseline = view_is_baseline(v, c->spec.model);

	if (!view_owns(v, c) || !decision_compares(c) ||
	    c->spec.size != from->size ||
	    c->spec.load_percent != from->load_percent || !view_measured(c) ||
	    (c->spec.workers != v->focus && !baseline))
		return false;
	/* A saturated cell has no percentiles. */
	return from->load_percent == 0 || c->percentiles.p99_ns > 0;
}

/* Which of two is better: throughput, or the shorter wait. */
static bool is_better(const struct cell_summary *a,
		      const struct cell_summary *than, enum decision_need need)
{
	if (need == DECISION_WAITING)
		return a->percentiles.p99_ns < than->percentiles.p99_ns;
	return a->throughput_per_s.median > than->throughput_per_s.median;
}

/* Compare all rivals with the best, and choose. */
static int compare_all(const struct source *from, enum decision_need need,
		       struct decision_choice *c)
{
	enum verdict worse =
		need == DECISION_WAITING ? VERDICT_FASTER : VERDICT_SLOWER;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->n; i++) {
		struct decision_rival *rival = &c->rivals[i];
		enum verdict verdict;

		rival->ratio = (struct estimate){1, 1, 1};
		if (rival->cell != c->best && need == DECISION_WAITING)
			r = cell_latency_ratio(from->view.s, rival->cell,
					       c->best, &rival->ratio);
		else if (rival->cell != c->best)
			rival->ratio =
				view_ratio(&from->view, rival->cell, c->best);
		verdict = stats_verdict(&rival->ratio, STATS_MARGIN);
		rival->chosen = verdict != worse;
		rival->unsure = rival->cell != c->best &&
				verdict == VERDICT_CANNOT_TELL;
		c->n_chosen += rival->chosen;
		c->n_unsure += rival->unsure;
	}
	return r;
}

/*
 * The efficiency of @c.  In granularity that of its curve, made block by block,
 * so that it is the number which the figure shows.
 */
static struct estimate efficiency_of(const struct table *t,
				     const struct cell_summary *c)
{
	const struct estimate *e = &c->throughput_per_s;
	double ideal = c->ideal_per_s;

	for (size_t i = 0; i < t->metg.n; i++) {
		const struct metg_curve *curve = &t->metg.curves[i];

		if (strcmp(c->spec.experiment, "granularity") != 0 ||
		    strcmp(curve->model, c->spec.model) != 0 ||
		    strcmp(curve->workload, c->spec.workload) != 0 ||
		    curve->workers != c->spec.workers)
			continue;
		for (size_t k = 0; k < curve->n_points; k++) {
			if (curve->points[k].size == c->spec.size)
				return curve->points[k].efficiency;
		}
	}
	return (struct estimate){e->median / ideal, e->low / ideal,
				 e->high / ideal};
}

static int choose(const struct table *t, const struct source *from,
		  enum decision_need need, struct decision_choice *ret)
{
	struct decision_choice c = {.value = {NAN, NAN, NAN},
				    .price = {NAN, NAN, NAN}};
	int r = 0;

	c.rivals = calloc(t->s->n + 1, sizeof(*c.rivals));
	if (!c.rivals)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < t->s->n; i++) {
		const struct cell_summary *cell = &t->s->cells[i];

		if (!is_rival(from, cell) || !meets(cell, need))
			continue;
		c.rivals[c.n++].cell = cell;
		if (!c.best || is_better(cell, c.best, need))
			c.best = cell;
	}
	if (r == 0)
		r = compare_all(from, need, &c);
	if (r < 0) {
		free(c.rivals);
		return r;
	}
	if (c.best)
		c.value = need == DECISION_WAITING ? cell_p99_ns(c.best)
						   : efficiency_of(t, c.best);
	*ret = c;
	return 0;
}

/* What the best for a need does, compared with the best of all. */
static void set_price(const struct source *from, const struct decision_row *row,
		      struct decision_choice *c)
{
	const struct cell_summary *best = row->choices[DECISION_MOST].best;

	if (!c->best || !best)
		return;
	c->price = (struct estimate){1, 1, 1};
	if (c->best != best)
		c->price = view_ratio(&from->view, c->best, best);
	c->price_verdict = stats_verdict(&c->price, STATS_MARGIN);
}

/* The row of one class, from cells with @work and with @load; 1: there is one. */
static int make_row(const struct table *t, size_t k, const struct source *work,
		    const struct source *load, struct decision_row *ret)
{
	struct decision_row row = {.class_name = decision_class_name(k)};
	int r = 0;

	if (work->size == 0 && load->size == 0)
		return 0;
	row.task_ns = work->size > 0 ? work->task_ns : load->task_ns;
	row.experiment = work->size > 0 ? work->view.experiment : NULL;
	row.load_percent = load->size > 0 ? load->load_percent : 0;
	row.workload =
		work->size > 0 ? work->view.workload : load->view.workload;
	for (int need = 0; r == 0 && need < DECISION_NEEDS; need++) {
		const struct source *from =
			need == DECISION_WAITING ? load : work;
		struct decision_choice *c = &row.choices[need];

		c->value = c->price = (struct estimate){NAN, NAN, NAN};
		if (from->size == 0)
			continue;
		r = choose(t, from, (enum decision_need)need, c);
		if (r == 0 && need != DECISION_WAITING)
			set_price(from, &row, c);
	}
	*ret = row;
	return r < 0 ? r : 1;
}

/* Views of all three, with the one for work chosen by what it has. */
enum {
	GRANULARITY,
	SCALING,
	LOAD,
	SOURCES
};

static const char *const experiments[SOURCES] = {
	[GRANULARITY] = "granularity",
	[SCALING] = "scaling",
	[LOAD] = "load",
};

static int add_workload(const struct table *t, const char *workload,
			struct decision *d)
{
	struct view v[SOURCES] = {{0}};
	int r = 0;

	for (int i = 0; r == 0 && i < SOURCES; i++)
		r = decision_view(t->s, experiments[i], workload, &v[i]);
	for (size_t k = 0; r >= 0 && k < DECISION_CLASSES; k++) {
		struct source work = decision_source(&v[GRANULARITY], k);
		struct source load = decision_source(&v[LOAD], k);

		if (work.size == 0)
			work = decision_source(&v[SCALING], k);
		r = make_row(t, k, &work, &load, &d->rows[d->n]);
		/* Also a row that broke off has memory to give back. */
		d->n += r != 0;
	}
	for (int i = 0; i < SOURCES; i++)
		view_done(&v[i]);
	return r < 0 ? r : 0;
}

/* Is @i the first cell with its workload in one of the experiments? */
static bool is_first(const struct summary *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(s->cells[k].spec.workload,
			   s->cells[i].spec.workload) == 0)
			return false;
	}
	return true;
}

int decision_make(const struct summary *s, struct decision *ret)
{
	struct table t = {.s = s};
	struct decision d = {0};
	int r = metg_make(s->run, "granularity", &t.metg);

	d.rows = calloc(s->n * DECISION_CLASSES + 1, sizeof(*d.rows));
	if (!d.rows)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		if (is_first(s, i))
			r = add_workload(&t, s->cells[i].spec.workload, &d);
	}
	metg_done(&t.metg);
	if (r < 0)
		decision_done(&d);
	else
		*ret = d;
	return r;
}

void decision_done(struct decision *d)
{
	for (size_t i = 0; i < d->n; i++) {
		for (int need = 0; need < DECISION_NEEDS; need++)
			free(d->rows[i].choices[need].rivals);
	}
	free(d->rows);
	*d = (struct decision){0};
}
