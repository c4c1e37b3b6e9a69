#include "harness/metg.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/design.h"

#define CONFIDENCE 0.95

const double metg_shares[METG_SHARES] = {
	[METG_50] = 0.50,
	[METG_95] = 0.95,
};

double metg_of_curve(const double *task_ns, const double *efficiency, size_t n,
		     double share)
{
	size_t good = n; /* the last looked at that reaches the share */
	double slope;

	/* From above: one bad duration makes all shorter ones bad. */
	for (size_t i = n; i-- > 0;) {
		if (isnan(efficiency[i]))
			continue;
		if (efficiency[i] >= share) {
			good = i;
			continue;
		}
		if (good == n)
			return INFINITY;
		slope = log(task_ns[good] / task_ns[i]) /
			(efficiency[good] - efficiency[i]);
		return task_ns[i] * exp((share - efficiency[i]) * slope);
	}
	return good == n ? NAN : -INFINITY;
}

/* The cells of one experiment of a run. */
struct survey {
	const struct run_results *run;
	const struct cell_spec **cells; /* [n_cells], each once */
	size_t n_cells;
	size_t n_blocks;
	bool *counts;                   /* [n_blocks], see design.h */
	double *serial, *model, *block; /* [n_blocks], [n_blocks], [n_cells] */
};

static int survey_init(struct survey *s, const struct run_results *run,
		       const char *experiment)
{
	uint32_t noisy;

	*s = (struct survey){.run = run, .n_blocks = results_blocks(run)};
	s->cells = calloc(run->n + 1, sizeof(const struct cell_spec *));
	if (!s->cells)
		return -ENOMEM;
	for (size_t i = 0; i < run->n; i++) {
		const struct cell_spec *cell = &run->slices[i].cell;
		size_t k = 0;

		if (strcmp(cell->experiment, experiment) != 0)
			continue;
		while (k < s->n_cells &&
		       memcmp(s->cells[k], cell, sizeof(*cell)) != 0)
			k++;
		if (k == s->n_cells)
			s->cells[s->n_cells++] = cell;
	}
	s->counts = calloc(s->n_blocks, sizeof(*s->counts));
	s->serial = calloc(s->n_blocks, sizeof(*s->serial));
	s->model = calloc(s->n_blocks, sizeof(*s->model));
	s->block = calloc(2 * s->n_cells + 1, sizeof(*s->block));
	if (!s->counts || !s->serial || !s->model || !s->block)
		return -ENOMEM;
	(void)design_blocks_that_count(run, s->counts, &noisy);
	return 0;
}

static void survey_done(struct survey *s)
{
	free(s->cells);
	free(s->counts);
	free(s->serial);
	free(s->model);
	free(s->block);
}

static bool is_baseline(const struct survey *s, const struct cell_spec *cell)
{
	return strcmp(cell->model, s->run->info.baseline) == 0;
}

/* Serial with the tasks of @cell; NULL: was not measured. */
static const struct cell_spec *serial_of(const struct survey *s,
					 const struct cell_spec *cell)
{
	for (size_t i = 0; i < s->n_cells; i++) {
		const struct cell_spec *c = s->cells[i];

		if (is_baseline(s, c) && c->size == cell->size &&
		    strcmp(c->workload, cell->workload) == 0)
			return c;
	}
	return NULL;
}

/*
 * Leave the efficiency of @cell in each block in s->model, and how long a task
 * takes in serial in @ret_task_ns.  False: there is nothing to compare with.
 */
static bool find_efficiency(const struct survey *s,
			    const struct cell_spec *cell, double *ret_task_ns)
{
	const struct cell_spec *serial = serial_of(s, cell);
	double width = fmin(cell->workers, s->run->info.processors);
	size_t n = 0;

	if (!serial)
		return false;
	results_throughputs_of(s->run, serial, s->counts, s->serial);
	results_throughputs_of(s->run, cell, s->counts, s->model);
	for (size_t i = 0; i < s->n_blocks; i++) {
		if (!(s->serial[i] > 0)) {
			s->model[i] = NAN;
			continue;
		}
		s->model[i] /= s->serial[i] * width;
		s->serial[n++] = s->serial[i];
	}
	if (n == 0)
		return false;
	stats_sort(s->serial, n);
	*ret_task_ns = (double)NS_PER_S / stats_median_sorted(s->serial, n);
	return true;
}

/* Put a point where it belongs among those of @c, and its blocks with it. */
static int add_point(const struct survey *s, struct metg_curve *c,
		     const struct cell_spec *cell)
{
	struct metg_point point = {.size = cell->size};
	size_t i = c->n_points;

	if (!find_efficiency(s, cell, &point.task_ns))
		return 0;
	point.blocks = calloc(s->n_blocks, sizeof(*point.blocks));
	if (!point.blocks)
		return -ENOMEM;
	memcpy(point.blocks, s->model, s->n_blocks * sizeof(*point.blocks));
	point.efficiency =
		stats_known_interval(s->model, s->n_blocks, CONFIDENCE);
	for (; i > 0 && c->points[i - 1].task_ns > point.task_ns; i--)
		c->points[i] = c->points[i - 1];
	c->points[i] = point;
	c->n_points++;
	return 0;
}

/* METG in each block, and what they say together. */
static void find_metg(const struct survey *s, struct metg_curve *c)
{
	double *task_ns = s->block, *efficiency = s->block + c->n_points;

	for (int k = 0; k < METG_SHARES; k++) {
		for (size_t b = 0; b < s->n_blocks; b++) {
			for (size_t i = 0; i < c->n_points; i++) {
				task_ns[i] = c->points[i].task_ns;
				efficiency[i] = c->points[i].blocks[b];
			}
			s->model[b] =
				metg_of_curve(task_ns, efficiency, c->n_points,
					      metg_shares[k]);
		}
		c->metg_ns[k] =
			stats_known_interval(s->model, s->n_blocks, CONFIDENCE);
	}
}

static bool same_curve(const struct metg_curve *c, const struct cell_spec *cell)
{
	return strcmp(c->model, cell->model) == 0 &&
	       strcmp(c->workload, cell->workload) == 0 &&
	       c->workers == cell->workers;
}

/* The curve that @cell is a point of; a new one if need be.  NULL: no memory. */
static struct metg_curve *curve_of(const struct survey *s, struct metg *m,
				   const struct cell_spec *cell)
{
	struct metg_curve *c = m->curves;

	while (c < m->curves + m->n && !same_curve(c, cell))
		c++;
	if (c < m->curves + m->n)
		return c;
	*c = (struct metg_curve){
		.model = cell->model,
		.workload = cell->workload,
		.workers = cell->workers,
		.points = calloc(s->n_cells, sizeof(*c->points)),
	};
	if (!c->points)
		return NULL;
	m->n++;
	return c;
}

static int make_curves(const struct survey *s, struct metg *m)
{
	int r = 0;

	m->curves = calloc(s->n_cells + 1, sizeof(*m->curves));
	if (!m->curves)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < s->n_cells; i++) {
		struct metg_curve *c;

		if (is_baseline(s, s->cells[i]) || !serial_of(s, s->cells[i]))
			continue;
		c = curve_of(s, m, s->cells[i]);
		r = c ? add_point(s, c, s->cells[i]) : -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < m->n; i++)
		find_metg(s, &m->curves[i]);
	return r;
}

int metg_make(const struct run_results *run, const char *experiment,
	      struct metg *ret)
{
	struct survey s;
	struct metg m = {0};
	int r = survey_init(&s, run, experiment);

	if (r == 0)
		r = make_curves(&s, &m);
	survey_done(&s);
	if (r < 0)
		metg_done(&m);
	else
		*ret = m;
	return r;
}

void metg_done(struct metg *m)
{
	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; k < m->curves[i].n_points; k++)
			free(m->curves[i].points[k].blocks);
		free(m->curves[i].points);
	}
	free(m->curves);
	*m = (struct metg){0};
}
