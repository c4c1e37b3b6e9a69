#include "harness/view.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Is cell @i the first of its workload in @experiment? */
static bool is_first(const struct summary *s, const char *experiment, size_t i)
{
	if (strcmp(s->cells[i].spec.experiment, experiment) != 0)
		return false;
	for (size_t k = 0; k < i; k++) {
		const struct cell_spec *spec = &s->cells[k].spec;

		if (strcmp(spec->experiment, experiment) == 0 &&
		    strcmp(spec->workload, s->cells[i].spec.workload) == 0)
			return false;
	}
	return true;
}

size_t view_workloads(const struct summary *s, const char *experiment)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += is_first(s, experiment, i);
	return n;
}

double view_processors(const struct summary *s)
{
	double p = s->run->info.processors;

	return isfinite(p) && p > 1 ? p : 1;
}

double view_share(unsigned step)
{
	return 1 - pow(10, -(double)step / 20);
}

bool view_is_baseline(const struct view *v, const char *model)
{
	return strcmp(model, v->s->run->info.baseline) == 0;
}

bool view_is_call(const struct cell_summary *c)
{
	return experiment_is_call(&c->spec);
}

bool view_measured(const struct cell_summary *c)
{
	return c && isfinite(c->throughput_per_s.median);
}

bool view_owns(const struct view *v, const struct cell_summary *c)
{
	return strcmp(c->spec.experiment, v->experiment) == 0 &&
	       strcmp(c->spec.workload, v->workload) == 0;
}

static void add_model(struct view *v, const char *model)
{
	for (size_t i = 0; i < v->n_models; i++) {
		if (strcmp(v->models[i], model) == 0)
			return;
	}
	v->models[v->n_models++] = model;
}

static void add_workers(struct view *v, uint32_t workers)
{
	size_t i = v->n_workers;

	for (size_t k = 0; k < v->n_workers; k++) {
		if (v->workers[k] == workers)
			return;
	}
	while (i > 0 && v->workers[i - 1] > workers) {
		v->workers[i] = v->workers[i - 1];
		i--;
	}
	v->workers[i] = workers;
	v->n_workers++;
}

/* Is @a a better number of workers to compare models at than @b (0: none)? */
static bool better_focus(uint32_t a, uint32_t b, double processors)
{
	if (b == 0)
		return true;
	if (a <= processors)
		return b > processors || a > b;
	return b > processors && a < b;
}

static void fill(struct view *v)
{
	double processors = view_processors(v->s);
	uint32_t of_baseline = 0;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c))
			continue;
		add_model(v, c->spec.model);
		add_workers(v, c->spec.workers);
		if (view_is_baseline(v, c->spec.model))
			of_baseline = c->spec.workers;
		else if (better_focus(c->spec.workers, v->focus, processors))
			v->focus = c->spec.workers;
	}
	if (v->focus == 0)
		v->focus = of_baseline;
}

int view_make(const struct summary *s, const char *experiment, size_t i,
	      struct view *ret)
{
	struct view v = {.s = s, .experiment = experiment};

	for (size_t k = 0; k < s->n && !v.workload; k++) {
		if (is_first(s, experiment, k) && i-- == 0)
			v.workload = s->cells[k].spec.workload;
	}
	if (!v.workload)
		return -EINVAL;
	v.models = calloc(s->n, sizeof(*v.models));
	v.workers = calloc(s->n, sizeof(*v.workers));
	if (!v.models || !v.workers) {
		view_done(&v);
		return -ENOMEM;
	}
	fill(&v);
	*ret = v;
	return 0;
}

void view_done(struct view *v)
{
	free(v->models);
	free(v->workers);
	*v = (struct view){0};
}

const struct cell_summary *view_cell(const struct view *v, const char *model,
				     uint32_t workers)
{
	return summary_find(v->s, v->experiment, model, v->workload, workers);
}

const struct cell_summary *view_focus(const struct view *v, const char *model)
{
	const struct cell_summary *c = view_cell(v, model, v->focus);

	if (!c && view_is_baseline(v, model))
		c = view_cell(v, model, 1);
	return c;
}

const struct cell_summary *view_rival(const struct view *v, const char *model)
{
	const struct cell_summary *c = view_cell(v, model, v->focus);

	return c && !c->is_reference && c->ratio.median > 0 ? c : NULL;
}

double view_unit(const struct view *v)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];
		double width = fmin(c->spec.workers, view_processors(v->s));

		if (view_owns(v, c) && isfinite(c->ideal_per_s))
			return c->ideal_per_s / width;
	}
	return NAN;
}

double view_task_ns(const struct view *v)
{
	const struct cell_summary *c = view_focus(v, v->s->run->info.baseline);

	for (size_t i = 0; i < v->n_models; i++) {
		if (c && isfinite(c->phase_ns[PHASE_COMPUTE]))
			return c->phase_ns[PHASE_COMPUTE];
		c = view_cell(v, v->models[i], v->workers[0]);
	}
	return c ? c->phase_ns[PHASE_COMPUTE] : NAN;
}
