/*
 * Efficiency against the duration of a task, with METG where the curves cross
 * 50 % and 95 %.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/metg.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define Y_LEAST 1.04 /* the axis shows at least all up to the ideal */
#define Y_MOST 1.30  /* and what a disturbed serial makes higher it cuts */
#define SIDE 1.12    /* air left of the shortest and right of the longest */

struct figure {
	const struct view *v;
	struct canvas c;
	struct metg m;
	const struct metg_curve **curves; /* [n]: those that are drawn */
	const char **models;              /* [n], and room for one */
	struct look *looks;               /* [n] */
	size_t n;
	bool intervals;          /* some curve has them */
	double low, high, y_max; /* ends of the axes; ns, ns, share */
};

/* Curves of this workload: a single point is none. */
static void choose(struct figure *f)
{
	const struct view *v = f->v;

	for (size_t i = 0; i < v->n_models; i++) {
		for (size_t k = 0; k < f->m.n; k++) {
			const struct metg_curve *c = &f->m.curves[k];

			if (strcmp(c->workload, v->workload) != 0 ||
			    strcmp(c->model, v->models[i]) != 0 ||
			    isnan(c->metg_ns[METG_50].median) ||
			    c->n_points < 2)
				continue;
			f->models[f->n] = v->models[i];
			f->looks[f->n] = look_of(v->models, v->n_models, i);
			f->curves[f->n++] = c;
			f->intervals |= isfinite(c->points[0].efficiency.low);
			break;
		}
	}
}

static void scale(struct figure *f)
{
	const char *before = "";
	struct tics t;

	f->low = INFINITY;
	f->high = 0;
	f->y_max = Y_LEAST;
	for (size_t i = 0; i < f->n; i++) {
		const struct metg_curve *c = f->curves[i];

		f->low = fmin(f->low, c->points[0].task_ns / SIDE);
		f->high = fmax(f->high,
			       c->points[c->n_points - 1].task_ns * SIDE);
		for (size_t k = 0; k < c->n_points; k++)
			f->y_max = fmax(f->y_max,
					1.02 * c->points[k].efficiency.median);
	}
	f->y_max = fmin(f->y_max, Y_MOST);
	t = plot_tics_log(f->low, f->high);
	fprintf(f->c.gp, "X_MIN = %.6g\nX_MAX = %.6g\nY_MAX = %.6g\n", f->low,
		f->high, f->y_max);
	fputs("set ytics ('0 %%' 0, '25 %%' 0.25, '50 %%' 0.5, '75 %%' 0.75, "
	      "'95 %%' 0.95, '100 %%' 1)\nset xtics (",
	      f->c.gp);
	for (size_t i = 0; i < t.n; i++) {
		fprintf(f->c.gp, "%s'%s' %.6g", before,
			number_time_short(t.at[i]).text, t.at[i]);
		before = ", ";
	}
	fputs(")\n", f->c.gp);
}

static double pixel_x(const struct figure *f, double ns)
{
	return f->c.left + log(ns / f->low) / log(f->high / f->low) *
				   (f->c.right - f->c.left);
}

static double pixel_y(const struct figure *f, double share)
{
	return f->c.bottom -
	       fmin(share / f->y_max, 1) * (f->c.bottom - f->c.top);
}

static void write_bounds(FILE *out, double low, double high)
{
	if (isfinite(low) && isfinite(high))
		fprintf(out, " %.6g %.6g\n", low, high);
	else
		fputs(" ? ?\n", out);
}

static void write_curve(const struct metg_curve *c, FILE *out)
{
	plot_comment(out, c->model);
	for (size_t k = 0; k < c->n_points; k++) {
		const struct estimate *e = &c->points[k].efficiency;

		if (!isfinite(e->median))
			continue;
		fprintf(out, "%.6g %.6g", c->points[k].task_ns, e->median);
		write_bounds(out, e->low, e->high);
	}
	fputs("\n\n", out);
}

/* An answer beyond what was measured is no place on the axis. */
static void write_metg(const struct metg_curve *c, FILE *out)
{
	plot_comment(out, c->model);
	for (int k = 0; k < METG_SHARES; k++) {
		const struct estimate *e = &c->metg_ns[k];

		if (isfinite(e->median))
			fprintf(out, "%.6g %g", e->median, metg_shares[k]);
		else
			fprintf(out, "? %g", metg_shares[k]);
		write_bounds(out, e->low, e->high);
	}
	fputs("\n\n", out);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# task_ns efficiency low high\n", out);
	for (size_t i = 0; i < f->n; i++)
		write_curve(f->curves[i], out);
	fputs("# metg_ns share low high\n", out);
	for (size_t i = 0; i < f->n; i++)
		write_metg(f->curves[i], out);
}

/* Names at the ends of the curves, with METG(95 %). */
static int write_labels(const struct figure *f)
{
	struct end_label *labels = calloc(f->n + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		const struct metg_curve *c = f->curves[i];
		const struct metg_point *last = &c->points[c->n_points - 1];

		while (last > c->points && !isfinite(last->efficiency.median))
			last--;
		labels[i] = (struct end_label){
			.x = pixel_x(f, last->task_ns),
			.y = pixel_y(f, last->efficiency.median),
			.colour = f->looks[i].text,
			.line_colour = f->looks[i].colour,
		};
		snprintf(labels[i].name, sizeof(labels[i].name), "%s",
			 c->model);
		snprintf(labels[i].second, sizeof(labels[i].second),
			 "95 %%: %.40s",
			 metg_text(c, c->metg_ns[METG_95].median).text);
	}
	r = canvas_end_labels(&f->c, labels, f->n);
	free(labels);
	return r;
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Line chart of the efficiency by duration of a task, %s, "
		"%" PRIu32 " worker%s.",
		f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->n; i++) {
		const struct metg_curve *c = f->curves[i];
		const char *before = "";

		fprintf(alt, " %s: ", c->model);
		for (size_t k = 0; k < c->n_points; k++) {
			const struct metg_point *p = &c->points[k];

			if (!isfinite(p->efficiency.median))
				continue;
			fprintf(alt, "%s%s with tasks of %s", before,
				number_percent(p->efficiency.median).text,
				number_time(p->task_ns).text);
			before = ", ";
		}
		for (int k = 0; k < METG_SHARES; k++)
			fprintf(alt, "; METG(%.0f %%) %s%s",
				100 * metg_shares[k],
				metg_text(c, c->metg_ns[k].median).text,
				metg_interval_text(c, &c->metg_ns[k]).text);
		fputc('.', alt);
	}
}

static void annotate(const struct figure *f)
{
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct text_style right = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *words = "METG: where a curve crosses 50 % and 95 %";
	double width = plot_text_width(words, SIZE_SMALL, false);

	canvas_text(&f->c, 20, 94, &left, "efficiency");
	canvas_text(&f->c, f->c.right, 94, &right, words);
	canvas_point(&f->c, f->c.right - width - 14, 94, 6, 1.1, GREY);
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &middle, "duration of a task in serial (log scale)");
	for (int k = 0; k < METG_SHARES; k++)
		canvas_line(&f->c, f->c.left, pixel_y(f, metg_shares[k]),
			    f->c.right, pixel_y(f, metg_shares[k]), GREY, 1,
			    "(5,3)");
	canvas_line(&f->c, f->c.left, pixel_y(f, 1), f->c.right, pixel_y(f, 1),
		    MARK, 1, "solid");
}

static int write_figure(struct figure *f, const struct draft *d,
			const char *name)
{
	const struct view *v = f->v;
	uint32_t blocks = v->s->run->info.blocks_done;
	char subtitle[200];

	f->c = (struct canvas){.gp = d->gp,
			       .width = 880,
			       .left = 72,
			       .right = 700,
			       .top = 118};
	f->c.bottom = f->c.top + fmax(400, plot_labels_height(f->n));
	f->c.height = f->c.bottom + 70;
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s. Line: median of %" PRIu32
		 " block%s%s",
		 v->workload, v->focus, v->focus == 1 ? "" : "s", blocks,
		 blocks == 1 ? "" : "s",
		 f->intervals ? "; band: its 95 % interval."
			      : ", too few for an interval.");
	canvas_begin(&f->c, name, d->title, subtitle);
	canvas_models(&f->c, f->models, f->looks, f->n);
	scale(f);
	annotate(f);
	/* Serial is the unit, and not missing. */
	f->models[f->n] = v->s->run->info.baseline;
	canvas_missing(&f->c, v, f->models, f->n + 1);
	write_data(f, d->data);
	write_alt(f, d->alt);
	return write_labels(f);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v};
	int r = metg_make(v->s->run, v->experiment, &f.m);

	if (r < 0)
		return r;
	f.curves = calloc(v->n_models + 1, sizeof(*f.curves));
	f.models = calloc(v->n_models + 1, sizeof(*f.models));
	f.looks = calloc(v->n_models + 1, sizeof(*f.looks));
	r = -ENOMEM;
	if (f.curves && f.models && f.looks) {
		choose(&f);
		r = f.n > 0 ? write_figure(&f, d, name) : -ENODATA;
	}
	free(f.curves);
	free(f.models);
	free(f.looks);
	metg_done(&f.m);
	return r;
}

const struct plot_kind plot_granularity = {
	.name = "granularity",
	.experiment = "granularity",
	.script = asset_granularity_gp,
	.draw = draw,
	.title = title_granularity,
	.neutral = title_neutral_granularity,
	.heading = "How small tasks may be",
	.lead = "The same work in ever shorter tasks: how much of the machine "
		"still does the work, and how much goes into the model?",
	.how = "The efficiency is the throughput as a share of what serial "
	       "would do on each of the processors.  What a model costs it "
	       "costs once per task, so to the left, where tasks are short, "
	       "every curve falls.  A ring marks the shortest duration from "
	       "which on a model stays above the dashed line, its METG "
	       "(minimum effective task granularity): at METG(50&nbsp;%) half "
	       "of the machine is wasted, at METG(95&nbsp;%) hardly any.  "
	       "The table below has the numbers with their intervals; "
	       "“below” and “above” mean that it lies outside the durations "
	       "that were measured.",
	.try = "Take a program you know.  How long does one of its tasks take, "
	       "and which models does that leave?",
};
