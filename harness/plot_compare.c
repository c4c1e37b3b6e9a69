/*
 * The figure of a comparison: a row a cell, worst first, with the change of its
 * ratio and the interval.  Statisticians call it a forest plot.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define ROW_HEIGHT 26.0
#define RIGHT_ROOM 170.0 /* for number and verdict */
#define TIC_ROOM 46.0    /* between two numbers of the axis */
#define LEAST 1.1        /* the axis goes so far beyond 1 on both sides */
#define MOST 4.0         /* an interval makes it no longer than this */
#define ROW_NAME 240     /* bytes that hold the longest name of a row */

struct figure {
	const struct comparison *compared;
	struct canvas c;
	char letter;
	const char **models; /* [n_models], in the order of the plan */
	struct look *looks;  /* [n_models] */
	size_t n_models;
	double low, high; /* ends of the axis */
};

static size_t model_of(const struct figure *f, const char *model)
{
	size_t i = 0;

	while (i < f->n_models && strcmp(f->models[i], model) != 0)
		i++;
	return i;
}

/* The models of the base, so that each has the look it has in its report. */
static int choose_models(struct figure *f)
{
	const struct summary *a = f->compared->a;

	f->models = calloc(a->n + 1, sizeof(*f->models));
	f->looks = calloc(a->n + 1, sizeof(*f->looks));
	if (!f->models || !f->looks)
		return -ENOMEM;
	for (size_t i = 0; i < a->n; i++) {
		if (model_of(f, a->cells[i].spec.model) == f->n_models)
			f->models[f->n_models++] = a->cells[i].spec.model;
	}
	for (size_t i = 0; i < f->n_models; i++)
		f->looks[i] = look_of(f->models, f->n_models, i);
	return 0;
}

/* Do all rows agree in workload, in size, in what else makes a cell? */
struct same {
	bool workload, size, experiment, other;
};

static struct same same_in_all(const struct comparison *c)
{
	const struct cell_spec *a = &c->rows[0].a->spec;
	struct same s = {true, true, true, true};

	for (size_t i = 1; i < c->n; i++) {
		const struct cell_spec *b = &c->rows[i].a->spec;
		bool workload = strcmp(a->workload, b->workload) == 0;

		s.workload &= workload;
		s.size &= !workload || a->size == b->size;
		s.experiment &= strcmp(a->experiment, b->experiment) == 0;
		s.other &= a->depth == b->depth &&
			   a->ballast_bytes == b->ballast_bytes;
	}
	return s;
}

/* "primes, fork, 2 workers", and what else tells it from other rows. */
static void row_name(const struct figure *f, size_t i, char name[ROW_NAME])
{
	const struct cell_spec *s = &f->compared->rows[i].a->spec;
	struct same same = same_in_all(f->compared);
	char size[32] = "", other[80] = "";

	if (!same.size)
		snprintf(size, sizeof(size), " %" PRIu64, s->size);
	if (!same.other)
		snprintf(other, sizeof(other), ", depth %" PRIu32 ", %.40s",
			 s->depth, number_bytes((double)s->ballast_bytes).text);
	snprintf(name, ROW_NAME, "%s%s%s%s%s%s, %" PRIu32 " worker%s%s",
		 same.experiment ? "" : s->experiment,
		 same.experiment ? "" : ", ", same.workload ? "" : s->workload,
		 size, same.workload && !*size ? "" : ", ", s->model,
		 s->workers, s->workers == 1 ? "" : "s", other);
}

/*
 * From the medians and as much of the intervals as leaves them readable: one
 * interval from 0.01 to 100 must not make all others dots.
 */
static void scale(struct figure *f)
{
	double room;

	f->low = 1 / LEAST;
	f->high = LEAST;
	for (size_t i = 0; i < f->compared->n; i++) {
		const struct estimate *e = &f->compared->rows[i].ratio;

		f->low = fmin(f->low, e->median);
		f->high = fmax(f->high, e->median);
		if (isfinite(e->low) && isfinite(e->high)) {
			f->low = fmin(f->low, fmax(e->low, 1 / MOST));
			f->high = fmax(f->high, fmin(e->high, MOST));
		}
	}
	room = pow(f->high / f->low, 0.03);
	f->low /= room;
	f->high *= room;
	fprintf(f->c.gp,
		"ROWS = %zu\nX_MIN = %.6g\nX_MAX = %.6g\nMARGIN = %g\n",
		f->compared->n, f->low, f->high, STATS_MARGIN);
}

static double pixel_x(const struct figure *f, double ratio)
{
	return f->c.left + log(ratio / f->low) / log(f->high / f->low) *
				   (f->c.right - f->c.left);
}

/* The rounder comes first, and takes its place from the less round. */
static const double round_ratios[] = {
	1,   0.5, 2,    0.1, 10,  0.2,  5,    0.01, 100,  0.8,  1.2,
	0.9, 1.1, 0.6,  1.5, 0.7, 3,    0.4,  0.3,  0.02, 0.05, 20,
	50,  1.3, 1.05, 4,   7,   0.95, 0.85, 1.15, 0.97, 1.03,
};

static void x_tics(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	double taken[ARRAY_LEN(round_ratios)];
	size_t n = 0;

	fputs("set xtics (", f->c.gp);
	for (size_t i = 0; i < ARRAY_LEN(round_ratios); i++) {
		double x = pixel_x(f, round_ratios[i]);
		bool room = x >= f->c.left && x <= f->c.right;

		for (size_t k = 0; k < n && room; k++)
			room = fabs(x - pixel_x(f, taken[k])) >= TIC_ROOM;
		if (!room)
			continue;
		fprintf(f->c.gp, "%s'' %g", n ? ", " : "", round_ratios[i]);
		taken[n++] = round_ratios[i];
	}
	fputs(")\n", f->c.gp);
	for (size_t i = 0; i < n; i++)
		canvas_text(&f->c, pixel_x(f, taken[i]), f->c.bottom + 22,
			    &text, number_short(taken[i]).text);
}

static void write_rows(const struct figure *f)
{
	for (size_t i = 0; i < f->compared->n; i++) {
		const struct compare_row *row = &f->compared->rows[i];
		bool certain = row->verdict == VERDICT_FASTER ||
			       row->verdict == VERDICT_SLOWER;
		const struct look *look =
			&f->looks[model_of(f, row->a->spec.model)];
		struct text_style name = {SIZE_TEXT, ALIGN_RIGHT, look->text,
					  false};
		struct text_style value = {SIZE_TEXT, ALIGN_RIGHT, INK,
					   certain};
		struct text_style verdict = {SIZE_TEXT, ALIGN_LEFT,
					     certain ? INK : GREY, certain};
		double y = f->c.top + ROW_HEIGHT * ((double)i + 0.5);
		char text[ROW_NAME];

		row_name(f, i, text);
		canvas_text(&f->c, f->c.left - 12, y, &name, text);
		canvas_text(&f->c, f->c.right + 54, y, &value,
			    number_times(row->ratio.median).text);
		canvas_text(&f->c, f->c.right + 64, y, &verdict,
			    verdict_name(row->verdict));
	}
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# row change low high\n", out);
	for (size_t m = 0; m < f->n_models; m++) {
		plot_comment(out, f->models[m]);
		for (size_t i = 0; i < f->compared->n; i++) {
			const struct compare_row *row = &f->compared->rows[i];
			const struct estimate *e = &row->ratio;

			if (model_of(f, row->a->spec.model) != m)
				continue;
			fprintf(out, "%zu %.6g", f->compared->n - i, e->median);
			if (isfinite(e->low) && isfinite(e->high))
				fprintf(out, " %.6g %.6g\n", e->low, e->high);
			else
				fputs(" ? ?\n", out);
		}
		/* gnuplot would not count a data set without a line. */
		fputs("? ? ? ?\n\n\n", out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Forest plot of %zu ratios to %s in run %c over those in A, "
		"worst first.",
		f->compared->n, f->compared->reference, f->letter);
	for (size_t i = 0; i < f->compared->n; i++) {
		const struct compare_row *row = &f->compared->rows[i];
		char name[ROW_NAME];

		row_name(f, i, name);
		fprintf(alt, " %s: %s%s, %s.", name,
			number_ratio(row->ratio.median).text,
			number_interval(row->ratio.low, row->ratio.high,
					number_ratio)
				.text,
			verdict_name(row->verdict));
	}
}

static void layout(struct figure *f)
{
	double widest = 0;
	char name[ROW_NAME];

	for (size_t i = 0; i < f->compared->n; i++) {
		row_name(f, i, name);
		widest = fmax(widest, plot_text_width(name, SIZE_TEXT, false));
	}
	f->c.left = 34 + widest;
	f->c.right = fmax(880 - RIGHT_ROOM, f->c.left + 300);
	f->c.width = f->c.right + RIGHT_ROOM;
	f->c.top = 90;
	f->c.bottom = f->c.top + ROW_HEIGHT * (double)f->compared->n;
	f->c.height = f->c.bottom + 92;
}

static void annotate(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	const struct run_info *a = &f->compared->a->run->info;
	const struct run_info *b = &f->compared->b->run->info;
	char label[320];

	snprintf(label, sizeof(label),
		 "below 1: %c does less; above 1: %c does more (log scale)",
		 f->letter, f->letter);
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &text, label);
	snprintf(label, sizeof(label),
		 "A: %s, %s, %" PRIu32 " blocks; %c: %s, %s, %" PRIu32
		 " blocks",
		 a->host.name, a->started, a->blocks_done, f->letter,
		 b->host.name, b->started, b->blocks_done);
	canvas_text(&f->c, 20, f->c.height - 16, &small, label);
}

int plot_compare_draw(struct draft *d, const char *name)
{
	struct figure f = {
		.compared = d->compared, .letter = d->letter, .c.gp = d->gp};
	char subtitle[240];
	bool same;
	int r = -ENODATA;

	if (f.compared->n > 0)
		r = choose_models(&f);
	if (r < 0)
		goto out;
	layout(&f);
	same = same_in_all(f.compared).workload;
	snprintf(subtitle, sizeof(subtitle),
		 "%s%s to %s in %c over that in A. Intervals hold with 95 %% "
		 "for all rows together. Grey: ±%g %%, does not matter.",
		 same ? f.compared->rows[0].a->spec.workload : "",
		 same ? ": ratio" : "Ratio", f.compared->reference, f.letter,
		 100 * STATS_MARGIN);
	canvas_begin(&f.c, name, d->title, subtitle);
	canvas_models(&f.c, f.models, f.looks, f.n_models);
	scale(&f);
	x_tics(&f);
	annotate(&f);
	write_rows(&f);
	write_data(&f, d->data);
	write_alt(&f, d->alt);
out:
	free(f.models);
	free(f.looks);
	return r;
}
