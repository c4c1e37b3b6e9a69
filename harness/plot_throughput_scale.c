/*
 * Throughput against workers: what is drawn, and where on the canvas.
 */
#include <inttypes.h>
#include <math.h>

#include "harness/number.h"
#include "harness/plot_throughput.h"

#define LEFT_PAD 26.0   /* pixels from the axis to the first position */
#define SERIAL_PAD 84.0 /* the same where the serial model has its mark */
#define RIGHT_PAD 22.0  /* from the last position to the end of the box */
#define MIN_STEP 40.0   /* positions closer than this want a log axis */
#define HIGHEST 1.35    /* no interval makes the figure higher than this */

double throughput_position(const struct throughput *f, double workers)
{
	return f->log_axis ? log2(workers) : workers;
}

double throughput_x(const struct throughput *f, double workers)
{
	return f->c.left + (throughput_position(f, workers) - f->x_min) /
				   (f->x_max - f->x_min) *
				   (f->c.right - f->c.left);
}

double throughput_y(const struct throughput *f, double per_s)
{
	return f->c.bottom - per_s / f->y_max * (f->c.bottom - f->c.top);
}

double throughput_ideal(const struct throughput *f, double workers)
{
	return f->unit * fmin(workers, view_processors(f->v->s));
}

void throughput_choose(struct throughput *f)
{
	const struct view *v = f->v;

	for (size_t i = 0; i < v->n_models; i++) {
		size_t measured = 0;

		for (size_t k = 0; k < v->n_workers; k++)
			measured += view_measured(view_cell(v, v->models[i],
							    v->workers[k]))
					    ? 1
					    : 0;
		if (measured == 1 && view_is_baseline(v, v->models[i]))
			f->serial = view_focus(v, v->models[i]);
		if (measured == 0 ||
		    (f->serial && view_is_baseline(v, v->models[i])))
			continue;
		f->models[f->n] = v->models[i];
		f->looks[f->n++] = look_of(v->models, v->n_models, i);
	}
	if (f->serial && !view_measured(f->serial))
		f->serial = NULL;
}

static void scale_x(struct throughput *f)
{
	const struct view *v = f->v;
	double left = f->serial ? SERIAL_PAD : LEFT_PAD;
	double room = f->c.right - f->c.left - left - RIGHT_PAD, range;
	double narrowest = INFINITY;

	for (size_t i = 1; i < v->n_workers; i++)
		narrowest = fmin(narrowest,
				 v->workers[i] - (double)v->workers[i - 1]);
	range = v->workers[v->n_workers - 1] - (double)v->workers[0];
	f->log_axis = range > 0 && narrowest / range * room < MIN_STEP;
	f->first = throughput_position(f, v->workers[0]);
	f->last = throughput_position(f, v->workers[v->n_workers - 1]);
	range = f->last - f->first;
	if (range <= 0) {
		/* One position only: in the middle. */
		f->x_min = f->first - 0.5;
		f->x_max = f->last + 0.5;
		return;
	}
	f->x_min = f->first - left / room * range;
	f->x_max = f->last + RIGHT_PAD / room * range;
}

/* The number beyond which nothing is drawn, and round tics up to there. */
static void scale_y(struct throughput *f)
{
	const struct view *v = f->v;
	double median = 0, bound = 0;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c) || !view_measured(c))
			continue;
		median = fmax(median, c->throughput_per_s.median);
		if (isfinite(c->throughput_per_s.high))
			bound = fmax(bound, c->throughput_per_s.high);
	}
	if (isfinite(f->unit))
		median =
			fmax(median,
			     throughput_ideal(f, v->workers[v->n_workers - 1]));
	f->y_max = fmax(median, fmin(bound, HIGHEST * median)) * 1.04;
	f->y = plot_tics(f->y_max, 6, false);
}

/* The places of the axes, so that the longest number fits beside them. */
static void layout(struct throughput *f)
{
	struct number last = number_short(f->y.at[f->y.n - 1]);

	f->c.width = 880;
	f->c.left = fmax(66, 30 + plot_text_width(last.text, SIZE_TEXT, false));
	f->c.right = 706;
	f->c.top = 132;
	f->c.bottom = f->c.top + fmax(348, plot_labels_height(f->n));
	f->c.height = f->c.bottom + 68;
}

static void y_tics(const struct throughput *f)
{
	fputs("set ytics (", f->c.gp);
	for (size_t i = 0; i < f->y.n; i++)
		fprintf(f->c.gp, "%s'%s' %g", i ? ", " : "",
			number_short(f->y.at[i]).text, f->y.at[i]);
	fputs(")\n", f->c.gp);
}

/* A tic for every number of workers, a label where there is room. */
static void x_tics(const struct throughput *f)
{
	const struct view *v = f->v;
	double taken = -INFINITY;
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};

	fputs("set xtics (", f->c.gp);
	for (size_t i = 0; i < v->n_workers; i++)
		fprintf(f->c.gp, "%s'' %.6g", i ? ", " : "",
			throughput_position(f, v->workers[i]));
	fputs(")\n", f->c.gp);
	for (size_t i = 0; i < v->n_workers; i++) {
		double x = throughput_x(f, v->workers[i]), half;
		char label[16];

		snprintf(label, sizeof(label), "%" PRIu32, v->workers[i]);
		half = plot_text_width(label, SIZE_TEXT, false) / 2;
		if (x - half < taken + 6)
			continue;
		taken = x + half;
		canvas_text(&f->c, x, f->c.bottom + 22, &text, label);
	}
}

void throughput_scale(struct throughput *f)
{
	scale_y(f);
	layout(f);
	scale_x(f);
}

void throughput_tics(const struct throughput *f)
{
	fprintf(f->c.gp, "X_MIN = %.6g\nX_MAX = %.6g\nY_MAX = %.6g\n", f->x_min,
		f->x_max, f->y_max);
	x_tics(f);
	y_tics(f);
}
