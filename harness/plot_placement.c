/*
 * The throughput with every policy of placement, against one of them.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define MARGIN 1.04 /* air left and right of the ratios */
#define LEAST 1.08  /* the axis reaches at least this factor both ways */
#define BAND "#DDE1E6"

struct figure {
	const struct view *v;
	struct canvas c;
	struct plot_rows rows;
	struct estimate *ratio; /* [rows.n] */
	const char *base; /* the policy that the others are compared with */
	struct log_axis axis;
};

/* "numa", or for a list of processors "on CPU 0". */
static void name_policy(const char *pin, char *buf, size_t size)
{
	bool list = strspn(pin, "0123456789,-") == strlen(pin);

	snprintf(buf, size, "%s%.32s", list ? "all on CPU " : "", pin);
}

static void add_row(struct figure *f, size_t model,
		    const struct cell_summary *c)
{
	struct estimate r = view_placement_ratio(f->v, c);
	struct plot_row *row;

	if (!(r.median > 0))
		return;
	f->ratio[f->rows.n] = r;
	row = plot_rows_add(&f->rows, model);
	name_policy(c->spec.pin, row->label, sizeof(row->label));
	f->axis.low = fmin(f->axis.low, r.low > 0 ? r.low : r.median);
	f->axis.high = fmax(f->axis.high, isfinite(r.high) ? r.high : r.median);
}

static void choose(struct figure *f)
{
	const struct summary *s = f->v->s;

	f->base = view_placement_base(f->v);
	f->axis = (struct log_axis){
		.low = 1 / LEAST,
		.high = LEAST,
		.name = number_short,
		.words = "ratio of throughputs (log scale)",
		.margin = MARGIN,
	};
	for (size_t m = 0; m < f->v->n_models; m++) {
		for (size_t i = 0; i < s->n; i++) {
			if (view_owns(f->v, &s->cells[i]) &&
			    strcmp(s->cells[i].spec.model, f->v->models[m]) ==
				    0)
				add_row(f, m, &s->cells[i]);
		}
	}
}

/* Where there is no difference, and how large one is that does not matter. */
static void draw_band(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	double y = 92;
	char words[96];

	canvas_box(&f->c, canvas_log_x(&f->c, &f->axis, 1 - STATS_MARGIN),
		   f->c.top, canvas_log_x(&f->c, &f->axis, 1 + STATS_MARGIN),
		   f->c.bottom, BAND, 1);
	canvas_line(&f->c, canvas_log_x(&f->c, &f->axis, 1), f->c.top,
		    canvas_log_x(&f->c, &f->axis, 1), f->c.bottom, GREY, 1,
		    "solid");
	canvas_box(&f->c, f->c.left, y - 7, f->c.left + 20, y + 7, BAND, 1);
	canvas_line(&f->c, f->c.left + 10, y - 7, f->c.left + 10, y + 7, GREY,
		    1, "solid");
	snprintf(words, sizeof(words), "less than 3 %% from %.48s", f->base);
	canvas_text(&f->c, f->c.left + 26, y, &text, words);
}

/* Ratios and intervals as numbers, to the right. */
static void write_numbers(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	struct text_style word = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	double x = f->c.right + 12;

	canvas_text(&f->c, x, f->c.top - 14, &word, "ratio and interval");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct estimate *r = &f->ratio[i];
		char words[100];

		snprintf(words, sizeof(words), "%.20s%.60s",
			 number_times(r->median).text,
			 number_interval(r->low, r->high, number_ratio).text);
		canvas_text(&f->c, x, f->rows.list[i].y, &text, words);
	}
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# y ratio low high policy\n", out);
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct estimate *r = &f->ratio[i];

		plot_rows_data(&f->rows, i, out);
		fprintf(out, " %.6g", r->median);
		if (isfinite(r->low) && isfinite(r->high))
			fprintf(out, " %.6g %.6g ", r->low, r->high);
		else
			fputs(" ? ? ", out);
		plot_comment(out, f->rows.list[i].label);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Dot chart of the throughput by placement as a share of that "
		"with %s, %s, %" PRIu32 " worker%s.",
		f->base, f->v->workload, f->v->focus,
		f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct estimate *r = &f->ratio[i];

		fprintf(alt, " %s, %s: %s%s, %s.", f->rows.list[i].model,
			f->rows.list[i].label, number_times(r->median).text,
			number_interval(r->low, r->high, number_ratio).text,
			verdict_name(stats_verdict(r, STATS_MARGIN)));
	}
}

static void write_figure(struct figure *f, const struct draft *d,
			 const char *name)
{
	const struct view *v = f->v;
	char subtitle[200];

	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s: against %s, in the same block. "
		 "Dot: median; bar: its 95 %% interval.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s", f->base);
	f->c = canvas_begin_rows(d, name, subtitle, &f->rows, &f->axis);
	draw_band(f);
	write_numbers(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v};
	int r = plot_rows_init(&f.rows, v, v->s->n);

	f.ratio = calloc(v->s->n + 1, sizeof(*f.ratio));
	if (!f.ratio)
		r = -ENOMEM;
	if (r == 0) {
		choose(&f);
		r = f.rows.n > 0 ? 0 : -ENODATA;
	}
	if (r == 0)
		write_figure(&f, d, name);
	plot_rows_done(&f.rows);
	free(f.ratio);
	return r;
}

const struct plot_kind plot_placement = {
	.name = "placement",
	.experiment = "placement",
	.script = asset_placement_gp,
	.draw = draw,
	.title = title_placement,
	.neutral = title_neutral_placement,
	.heading = "Where the workers are",
	.lead = "The same work by the same models, with their workers on other "
		"processors.",
	.how = "Each row is a policy of placement, compared with one of them "
	       "in the same model and in the same block; further right is "
	       "better.  A row whose bar is inside the grey band makes no "
	       "difference that matters; one whose bar crosses the line in the "
	       "middle may be better or worse.  With “none” the kernel "
	       "chooses.  In the last row of a model all workers share one "
	       "processor: it shows what the others are worth.  Policies that "
	       "give the same places on this machine have one row.",
	.try = "Which policy would you choose for this machine if you knew "
	       "nothing about the work?",
};
