/*
 * The figure of the knee: the 99th percentile of the response time by load, as
 * a share of what each model can do by itself.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/load.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define MAX_LOADS 16u
#define MARGIN 1.3     /* above and below the curves */
#define PAD 6.0        /* percent, left and right of the loads */
#define SHIFT 1.0      /* percent between models */
#define MARK_ROOM 14.0 /* from the upper edge to a mark of saturation, pixels */

/* The points of one model, a place for each load. */
struct line {
	const char *model;
	struct look look;
	const struct cell_summary *cells[MAX_LOADS]; /* NULL: none */
	struct estimate p99[MAX_LOADS];              /* NaN: saturated */
};

struct figure {
	const struct view *v;
	struct canvas c;
	uint32_t loads[MAX_LOADS]; /* [n_loads], in percent */
	size_t n_loads;
	struct line *lines; /* [n] */
	size_t n;
	double x_min, x_max, low, high; /* of the axes, percent and ns */
	double highest;                 /* of the tics of the latter */
	size_t n_saturated;             /* points */
};

/* Saturated or with a tail: something to show. */
static bool is_point(const struct line *l, size_t i)
{
	return l->cells[i] &&
	       (l->cells[i]->saturated || isfinite(l->p99[i].median));
}

/* The point of a cell without an interval, from few blocks. */
static struct estimate tail_of(const struct view *v,
			       const struct cell_summary *c)
{
	struct estimate e = load_tail(v, c, LOAD_CORRECTED);

	if (isnan(e.median) && load_has_times(c) && c->percentiles.p99_ns > 0)
		e.median = (double)c->percentiles.p99_ns;
	return e;
}

static void choose(struct figure *f)
{
	const struct view *v = f->v;

	for (uint32_t p = load_next(v, "own", 0); p > 0;
	     p = load_next(v, "own", p)) {
		if (f->n_loads < MAX_LOADS)
			f->loads[f->n_loads++] = p;
	}
	for (size_t m = 0; m < v->n_models; m++) {
		struct line *l = &f->lines[f->n];
		size_t points = 0;

		l->model = v->models[m];
		l->look = look_of(v->models, v->n_models, m);
		for (size_t i = 0; i < f->n_loads; i++) {
			l->cells[i] =
				load_cell(v, l->model, "own", f->loads[i]);
			l->p99[i] = tail_of(v, l->cells[i]);
			points += is_point(l, i);
			f->n_saturated += l->cells[i] && l->cells[i]->saturated;
		}
		f->n += points > 0;
	}
}

/* Ranges of both axes; how many points have a time. */
static size_t scale(struct figure *f)
{
	size_t points = 0;

	f->low = INFINITY;
	f->high = 0;
	for (size_t m = 0; m < f->n; m++) {
		for (size_t i = 0; i < f->n_loads; i++) {
			const struct estimate *e = &f->lines[m].p99[i];

			if (isnan(e->median))
				continue;
			points++;
			/* fmin() and fmax() pass over an absent bound. */
			f->low = fmin(f->low, fmin(e->median, e->low));
			f->high = fmax(f->high, fmax(e->median, e->high));
		}
	}
	f->low /= MARGIN;
	f->high *= MARGIN;
	f->highest = f->high;
	if (f->n_loads > 0) {
		f->x_min = f->loads[0] - PAD;
		f->x_max = f->loads[f->n_loads - 1] + PAD;
	}
	return points;
}

static double pixel_x(const struct figure *f, size_t line, size_t load)
{
	double x = f->loads[load] +
		   ((double)line - ((double)f->n - 1) / 2) * SHIFT;

	return f->c.left + (x - f->x_min) / (f->x_max - f->x_min) *
				   (f->c.right - f->c.left);
}

/* A point's height; a saturated one is at the upper edge. */
static double pixel_y(const struct figure *f, const struct line *l, size_t load)
{
	double y = l->p99[load].median;

	if (isnan(y))
		return f->c.top + MARK_ROOM;
	return f->c.bottom - log(y / f->low) / log(f->high / f->low) *
				     (f->c.bottom - f->c.top);
}

static void write_axes(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct tics t = plot_tics_log(f->low, f->highest);
	double middle = ((double)f->n - 1) / 2;
	FILE *gp = f->c.gp;

	fprintf(gp,
		"X_MIN = %g\nX_MAX = %g\nY_MIN = %.6g\nY_MAX = %.6g\n"
		"SHIFT = %g\nset ytics (",
		f->x_min, f->x_max, f->low, f->high, SHIFT);
	for (size_t i = 0; i < t.n; i++)
		fprintf(gp, "%s'%s' %.6g", i ? ", " : "",
			number_time_short(t.at[i]).text, t.at[i]);
	fputs(")\nset xtics (", gp);
	for (size_t i = 0; i < f->n_loads; i++)
		fprintf(gp, "%s'' %" PRIu32, i ? ", " : "", f->loads[i]);
	fputs(")\n", gp);
	for (size_t i = 0; i < f->n_loads; i++) {
		double x = pixel_x(f, 0, i), end = pixel_x(f, f->n - 1, i);
		char percent[16];

		snprintf(percent, sizeof(percent), "%" PRIu32 " %%",
			 f->loads[i]);
		x = middle > 0 ? (x + end) / 2 : x;
		canvas_text(&f->c, x, f->c.bottom + 22, &text, percent);
	}
	canvas_text(&f->c, 20, 94, &left,
		    "99th percentile of the response time (log scale)");
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &text, "load, of what the model itself can do");
}

/* A mark for every saturated cell, and what it means. */
static void mark_saturated(const struct figure *f)
{
	struct text_style small = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	double y = f->c.top + MARK_ROOM;

	for (size_t m = 0; m < f->n; m++) {
		const struct line *l = &f->lines[m];

		for (size_t i = 0; i < f->n_loads; i++) {
			double x = pixel_x(f, m, i);

			if (!l->cells[i] || !l->cells[i]->saturated)
				continue;
			canvas_point(&f->c, x, y, l->look.point, 0.9,
				     l->look.colour);
			if (i > 0 && isfinite(l->p99[i - 1].median))
				canvas_line(&f->c, pixel_x(f, m, i - 1),
					    pixel_y(f, l, i - 1), x, y,
					    l->look.colour, 1, "3");
		}
	}
	if (f->n_saturated == 0)
		return;
	canvas_line(&f->c, f->c.left, y + MARK_ROOM, f->c.right, y + MARK_ROOM,
		    MARK, 1, "solid");
	canvas_text(&f->c, f->c.width - 14, 94, &small,
		    "marks in the strip: saturated, the queue only grows");
}

/* "9.10 ms at 90 %", or from where on it is saturated. */
static void describe(const struct figure *f, const struct line *l, size_t last,
		     char *buf, size_t size)
{
	for (size_t i = 0; i < f->n_loads; i++) {
		if (l->cells[i] && l->cells[i]->saturated) {
			snprintf(buf, size, "saturated at %" PRIu32 " %%",
				 f->loads[i]);
			return;
		}
	}
	snprintf(buf, size, "%.20s at %" PRIu32 " %%",
		 number_time(l->p99[last].median).text, f->loads[last]);
}

static int write_labels(const struct figure *f)
{
	struct end_label *labels = calloc(f->n + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t m = 0; m < f->n; m++) {
		const struct line *l = &f->lines[m];
		size_t last = f->n_loads - 1;

		while (last > 0 && !is_point(l, last))
			last--;
		labels[m] = (struct end_label){
			.x = pixel_x(f, m, last),
			.y = pixel_y(f, l, last),
			.colour = l->look.text,
			.line_colour = l->look.colour,
		};
		snprintf(labels[m].name, sizeof(labels[m].name), "%s",
			 l->model);
		describe(f, l, last, labels[m].second,
			 sizeof(labels[m].second));
	}
	r = canvas_end_labels(&f->c, labels, f->n);
	free(labels);
	return r;
}

static void write_value(FILE *out, double ns)
{
	if (isfinite(ns))
		fprintf(out, " %.0f", ns);
	else
		fputs(" ?", out);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# load_percent p99_ns low high\n", out);
	for (size_t m = 0; m < f->n; m++) {
		const struct line *l = &f->lines[m];

		plot_comment(out, l->model);
		for (size_t i = 0; i < f->n_loads; i++) {
			const struct estimate *e = &l->p99[i];

			if (!is_point(l, i))
				continue;
			/* An empty line: no curve over what is saturated. */
			if (i > 0 && l->cells[i]->saturated &&
			    is_point(l, i - 1))
				fputc('\n', out);
			fprintf(out, "%" PRIu32, f->loads[i]);
			write_value(out, e->median);
			/* No interval: a bar without length. */
			write_value(out, isfinite(e->low) ? e->low : e->median);
			write_value(out,
				    isfinite(e->high) ? e->high : e->median);
			fputc('\n', out);
		}
		fputs("\n\n", out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Line chart of the 99th percentile of the response time by "
		"load in percent of each model's own capacity, %s.",
		f->v->workload);
	for (size_t m = 0; m < f->n; m++) {
		const struct line *l = &f->lines[m];
		const char *before = ": ";

		fprintf(alt, " %s", l->model);
		for (size_t i = 0; i < f->n_loads; i++) {
			const struct estimate *e = &l->p99[i];

			if (!is_point(l, i))
				continue;
			fprintf(alt, "%s%" PRIu32 " %%: %s%s", before,
				f->loads[i],
				isnan(e->median) ? "saturated"
						 : number_time(e->median).text,
				number_interval(e->low, e->high, number_time)
					.text);
			before = "; ";
		}
		fputc('.', alt);
	}
}

static int write_models(const struct figure *f)
{
	const char **names = calloc(f->n + 1, sizeof(*names));
	struct look *looks = calloc(f->n + 1, sizeof(*looks));
	int r = names && looks ? 0 : -ENOMEM;

	for (size_t m = 0; r == 0 && m < f->n; m++) {
		names[m] = f->lines[m].model;
		looks[m] = f->lines[m].look;
	}
	if (r == 0)
		canvas_models(&f->c, names, looks, f->n);
	free(names);
	free(looks);
	return r;
}

static int draw_figure(struct figure *f, const struct draft *d,
		       const char *name)
{
	char subtitle[200];
	int r;

	f->c = (struct canvas){.gp = d->gp,
			       .width = 880,
			       .left = 72,
			       .right = 700,
			       .top = 118};
	f->c.bottom = f->c.top + fmax(340, plot_labels_height(f->n));
	f->c.height = f->c.bottom + 72;
	/* Above all points, a strip for those that have no height. */
	if (f->n_saturated > 0)
		f->high *=
			pow(f->high / f->low,
			    2 * MARK_ROOM /
				    (f->c.bottom - f->c.top - 2 * MARK_ROOM));
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s. Open loop, each model at shares "
		 "of its own capacity. Bars: 95 %% intervals.",
		 f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	canvas_begin(&f->c, name, d->title, subtitle);
	r = write_models(f);
	write_axes(f);
	mark_saturated(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
	return r < 0 ? r : write_labels(f);
}

static int draw(struct draft *d, const char *name)
{
	struct figure f = {.v = d->v};
	int r = -ENODATA;

	f.lines = calloc(d->v->n_models + 1, sizeof(*f.lines));
	if (!f.lines)
		return -ENOMEM;
	choose(&f);
	/* One load is no curve. */
	if (scale(&f) > 0 && f.n_loads > 1)
		r = draw_figure(&f, d, name);
	free(f.lines);
	return r;
}

const struct plot_kind plot_knee = {
	.name = "knee",
	.experiment = "load",
	.script = asset_knee_gp,
	.draw = draw,
	.title = title_knee,
	.neutral = title_neutral_knee,
	.heading = "How near to full load",
	.lead = "The 99th percentile of the response time as the load grows.  "
		"Each model is given shares of its own capacity, which a pilot "
		"measured before in a closed loop.",
	.how = "A queue is short as long as a worker is often free, and then "
	       "grows faster and faster: where the curve bends up is the knee. "
	       " The same share is another number of tasks for each model, so "
	       "compare shapes here and not heights.  A mark at the upper edge "
	       "says that more came than the model could do.",
	.try = "Your users accept twice the time of a quiet machine.  How much "
	       "of its capacity may each model use?",
};
