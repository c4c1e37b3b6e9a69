/*
 * The figure of time per task by percentile.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define FIRST_STEP 1u /* the smallest time of all is one task's story */
#define RIGHT_PAD 16.0
#define MARGIN 1.15 /* above and below the curves */

struct figure {
	const struct view *v;
	struct canvas c;
	const char **models;               /* [n]: those with a curve */
	struct look *looks;                /* [n] */
	const struct cell_summary **cells; /* [n] */
	size_t n;
	double x_max;     /* end of the axis */
	double low, high; /* ends of the other, ns */
};

static double axis_x(unsigned step)
{
	return -log10(1 - view_share(step));
}

/* The last step of the curve of @c; 0: not even the first has its tasks. */
static unsigned last_step(const struct cell_summary *c)
{
	unsigned step = 0;

	while (step + 1 < VIEW_SHARES &&
	       histogram_supports(c->latency, view_share(step + 1)))
		step++;
	return step;
}

static double time_ns(const struct cell_summary *c, unsigned step)
{
	double ns = (double)histogram_quantile(c->latency, view_share(step));

	return fmax(ns, 1); /* the axis is logarithmic */
}

static void choose(struct figure *f)
{
	const struct view *v = f->v;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!c || !c->latency || last_step(c) <= FIRST_STEP)
			continue;
		f->models[f->n] = v->models[i];
		f->looks[f->n] = look_of(v->models, v->n_models, i);
		f->cells[f->n++] = c;
	}
}

static void scale(struct figure *f)
{
	double low = INFINITY, high = 0, last = 0, middle;
	struct tics t;

	for (size_t i = 0; i < f->n; i++) {
		unsigned end = last_step(f->cells[i]);

		low = fmin(low, time_ns(f->cells[i], FIRST_STEP));
		high = fmax(high, time_ns(f->cells[i], end));
		last = fmax(last, axis_x(end));
	}
	f->x_max = last / (1 - RIGHT_PAD / (f->c.right - f->c.left));
	/* At least a factor of two, or small differences look large. */
	middle = sqrt(low * high);
	f->low = fmin(low / MARGIN, middle / sqrt(2));
	f->high = fmax(high * MARGIN, middle * sqrt(2));
	t = plot_tics_log(f->low, f->high);
	fprintf(f->c.gp,
		"X_MIN = 0\nX_MAX = %.6g\nY_MIN = %.6g\nY_MAX = %.6g\n",
		f->x_max, f->low, f->high);
	fputs("set ytics (", f->c.gp);
	for (size_t i = 0; i < t.n; i++)
		fprintf(f->c.gp, "%s'%s' %.6g", i ? ", " : "",
			number_time_short(t.at[i]).text, t.at[i]);
	fputs(")\n", f->c.gp);
}

static double pixel_x(const struct figure *f, double x)
{
	return f->c.left + x / f->x_max * (f->c.right - f->c.left);
}

static double pixel_y(const struct figure *f, double ns)
{
	double low = log10(f->low), high = log10(f->high);

	return f->c.bottom -
	       (log10(ns) - low) / (high - low) * (f->c.bottom - f->c.top);
}

/* 50 %, 90 %, 99 %, …, each with its "1 in N". */
static void x_tics(const struct figure *f)
{
	static const char *const shares[] = {"50 %",     "90 %",    "99 %",
					     "99.9 %",   "99.99 %", "99.999 %",
					     "99.9999 %"};
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *before = "";
	double in = 2;

	fputs("set xtics (", f->c.gp);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		if (log10(in) <= f->x_max) {
			fprintf(f->c.gp, "%s'' %.6g", before, log10(in));
			before = ", ";
		}
		in = i == 0 ? 10 : in * 10;
	}
	fputs(")\n", f->c.gp);
	in = 2;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		if (log10(in) <= f->x_max) {
			char one_in[40];

			snprintf(one_in, sizeof(one_in), "1 in %.20s",
				 number_count((uint64_t)in).text);
			canvas_text(&f->c, pixel_x(f, log10(in)),
				    f->c.bottom + 22, &text, shares[i]);
			canvas_text(&f->c, pixel_x(f, log10(in)),
				    f->c.bottom + 43, &text, one_in);
		}
		in = i == 0 ? 10 : in * 10;
	}
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# -log10(1-share) share ns\n", out);
	for (size_t i = 0; i < f->n; i++) {
		unsigned end = last_step(f->cells[i]);

		plot_comment(out, f->models[i]);
		for (unsigned k = FIRST_STEP; k <= end; k++)
			fprintf(out, "%.6g %.7f %.0f\n", axis_x(k),
				view_share(k), time_ns(f->cells[i], k));
		fputs("\n\n", out);
	}
}

/* "p50 0.97 ms, p99 2.40 ms": p99 only where it has its tasks. */
static void percentiles(const struct cell_summary *c, char *buf, size_t size)
{
	struct number p99 = {""};

	if (c->percentiles.p99_ns > 0)
		p99 = number_time((double)c->percentiles.p99_ns);
	snprintf(buf, size, "p50 %.20s%s%.20s",
		 number_time((double)c->percentiles.p50_ns).text,
		 p99.text[0] ? ", p99 " : "", p99.text);
}

static int write_labels(const struct figure *f)
{
	struct end_label *labels = calloc(f->n + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		unsigned end = last_step(f->cells[i]);

		labels[i] = (struct end_label){
			.x = pixel_x(f, axis_x(end)),
			.y = pixel_y(f, time_ns(f->cells[i], end)),
			.colour = f->looks[i].text,
			.line_colour = f->looks[i].colour,
		};
		plot_cell_name(f->v, f->cells[i], labels[i].name);
		percentiles(f->cells[i], labels[i].second,
			    sizeof(labels[i].second));
	}
	r = canvas_end_labels(&f->c, labels, f->n);
	free(labels);
	return r;
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Line chart of the time per task by percentile, %s, %" PRIu32
		" worker%s.",
		f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->n; i++) {
		char model[64], text[64];

		plot_cell_name(f->v, f->cells[i], model);
		percentiles(f->cells[i], text, sizeof(text));
		fprintf(alt, " %s: %s.", model, text);
	}
}

static void annotate(const struct figure *f)
{
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};

	canvas_text(&f->c, 20, 94, &left, "time per task (log scale)");
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 68,
		    &middle, "percentile of tasks");
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v};
	char subtitle[200];
	int r = -ENOMEM;

	f.models = calloc(v->n_models + 1, sizeof(*f.models));
	f.looks = calloc(v->n_models + 1, sizeof(*f.looks));
	f.cells = calloc(v->n_models + 1, sizeof(*f.cells));
	if (!f.models || !f.looks || !f.cells)
		goto out;
	choose(&f);
	r = -ENODATA;
	if (f.n == 0)
		goto out;
	f.c = (struct canvas){.gp = d->gp,
			      .width = 880,
			      .left = 72,
			      .right = 700,
			      .top = 118};
	f.c.bottom = f.c.top + fmax(340, plot_labels_height(f.n));
	f.c.height = f.c.bottom + 88;
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s. "
		 "Service time at full load (closed loop), tasks of %" PRIu32
		 " block%s together.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s",
		 v->s->run->info.blocks_done,
		 v->s->run->info.blocks_done == 1 ? "" : "s");
	canvas_begin(&f.c, name, d->title, subtitle);
	canvas_models(&f.c, f.models, f.looks, f.n);
	scale(&f);
	x_tics(&f);
	annotate(&f);
	canvas_missing(&f.c, v, f.models, f.n);
	write_data(&f, d->data);
	write_alt(&f, d->alt);
	r = write_labels(&f);
out:
	free(f.models);
	free(f.looks);
	free(f.cells);
	return r;
}

const struct plot_kind plot_latency = {
	.name = "latency",
	.experiment = "scaling",
	.script = asset_latency_gp,
	.draw = draw,
	.title = title_latency,
	.neutral = title_neutral_latency,
	.heading = "How long single tasks take",
	.lead = "Service time under full load: the next task is handed over "
		"as soon as one is done (closed loop).  It is not the time "
		"that users who come when they like would wait.",
	.how = "Read the place 99&nbsp;% as: one task in a hundred took "
	       "longer.  To the right, each step leaves a tenth of the "
	       "tasks, so the slowest few get as much room as the many.  A "
	       "curve ends where fewer than ten tasks are left.  The "
	       "vertical axis is logarithmic: equal distances are equal "
	       "ratios.",
	.try = "Where does a curve bend up?  A bend at 1 in N says that "
	       "something happens to about one task in N.",
};
