/*
 * The figure of the evidence: the ratio of each model to the reference in every
 * block, as a run sequence.
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

#define PANEL_HEIGHT 84.0
#define PANEL_GAP 14.0
#define ROOM (PANEL_HEIGHT / 2 - 10) /* for dots, above and below the middle */
#define LEAST_REACH 0.06 /* in logarithms: a panel shows at least +-6 % */
#define BAND "#DDE1E6"
#define PAPER "#F6F7F8"

/* The ratios of one model; in logarithms, because a ratio is a factor. */
struct panel {
	const struct cell_summary *cell;
	struct look look;
	struct block_ratio *ratios; /* [n], owned */
	int n, n_out, n_noisy;
	double centre; /* log of the median */
	double middle; /* y of that, pixels */
};

struct figure {
	const struct view *v;
	struct canvas c;
	struct panel *panels; /* [n] */
	size_t n;
	double reach; /* of all panels: the farthest dot from its centre */
	double x_min, x_max;
};

/* The panel of a cell that has ratios.  0, 1 if it has none, -ENOMEM. */
static int make_panel(const struct figure *f, size_t model, struct panel *ret)
{
	const struct view *v = f->v;
	struct panel p = {.cell = view_rival(v, v->models[model])};

	if (!p.cell)
		return 1;
	p.look = look_of(v->models, v->n_models, model);
	p.centre = log(p.cell->ratio.median);
	p.n = view_block_ratios(v, p.cell, &p.ratios);
	if (p.n < 0)
		return p.n;
	for (int i = 0; i < p.n; i++) {
		p.n_out += p.ratios[i].outlier;
		p.n_noisy += p.ratios[i].noisy;
	}
	*ret = p;
	return 0;
}

static int choose(struct figure *f)
{
	f->reach = LEAST_REACH;
	f->x_min = INFINITY;
	f->x_max = 0;
	for (size_t i = 0; i < f->v->n_models; i++) {
		struct panel *p = &f->panels[f->n];
		int r = make_panel(f, i, p);

		if (r < 0)
			return r;
		f->n += r == 0;
		for (int k = 0; r == 0 && k < p->n; k++) {
			const struct block_ratio *b = &p->ratios[k];

			f->x_min = fmin(f->x_min, b->block);
			f->x_max = fmax(f->x_max, b->block);
			/* What is far out does not squeeze the others. */
			if (!b->outlier)
				f->reach = fmax(f->reach, fabs(log(b->ratio) -
							       p->centre));
		}
	}
	return 0;
}

static double pixel_x(const struct figure *f, double block)
{
	return f->c.left + (block - f->x_min) / (f->x_max - f->x_min) *
				   (f->c.right - f->c.left);
}

/* Where the logarithm @d is in panel @p; beyond it, at the end of its room. */
static double pixel_y(const struct figure *f, const struct panel *p, double d)
{
	double y = (d - p->centre) * ROOM / f->reach;

	return p->middle - fmax(-ROOM, fmin(ROOM, y));
}

/* Where there is no difference, and how large one is that does not matter. */
static void draw_band(const struct figure *f, const struct panel *p)
{
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	double half = PANEL_HEIGHT / 2;
	double top = pixel_y(f, p, log(1 + STATS_MARGIN));
	double bottom = pixel_y(f, p, log(1 - STATS_MARGIN));

	canvas_box(&f->c, f->c.left, p->middle - half, f->c.right,
		   p->middle + half, PAPER, 1);
	if (bottom - top > 0)
		canvas_box(&f->c, f->c.left, top, f->c.right, bottom, BAND, 1);
	if (fabs(p->centre) <= f->reach)
		canvas_line(&f->c, f->c.left, pixel_y(f, p, 0), f->c.right,
			    pixel_y(f, p, 0), GREY, 1, "solid");
	else
		canvas_text(&f->c, f->c.left + 6,
			    p->middle + (p->centre < 0 ? -half : half) +
				    (p->centre < 0 ? 10 : -10),
			    &small,
			    p->centre < 0 ? "1 is further up"
					  : "1 is further down");
}

static void draw_interval(const struct figure *f, const struct panel *p)
{
	const struct estimate *r = &p->cell->ratio;

	if (r->low > 0 && isfinite(r->high))
		canvas_box(&f->c, f->c.left, pixel_y(f, p, log(r->high)),
			   f->c.right, pixel_y(f, p, log(r->low)),
			   p->look.colour, 0.22);
	canvas_line(&f->c, f->c.left, p->middle, f->c.right, p->middle,
		    p->look.colour, 1.5, "solid");
}

/* Round ratios beside a panel, two or three. */
static void y_tics(const struct figure *f, const struct panel *p)
{
	static const double steps[] = {1, 2, 5};
	struct text_style text = {SIZE_SMALL, ALIGN_RIGHT, INK, false};
	double low = exp(p->centre - f->reach),
	       high = exp(p->centre + f->reach);
	double step = 0.01, first;

	for (int i = 0; (high - low) / step > 4; i++) {
		int power = i / 3 - 2;

		step = steps[i % 3] * pow(10, power);
	}
	first = ceil(low / step) * step;
	for (int i = 0; first + i * step <= high; i++)
		canvas_text(&f->c, f->c.left - 8,
			    pixel_y(f, p, log(first + i * step)), &text,
			    number_ratio(first + i * step).text);
}

/* The values of the ratios that are far out, beside their rings. */
static void label_outliers(const struct figure *f, const struct panel *p)
{
	for (int i = 0; i < p->n; i++) {
		const struct block_ratio *b = &p->ratios[i];
		double x = pixel_x(f, b->block);
		bool left = x > f->c.right - 50;
		struct text_style small = {SIZE_SMALL,
					   left ? ALIGN_RIGHT : ALIGN_LEFT, INK,
					   false};

		if (b->outlier)
			canvas_text(&f->c, x + (left ? -10 : 10),
				    pixel_y(f, p, log(b->ratio)), &small,
				    number_ratio(b->ratio).text);
	}
}

static void label_panel(const struct figure *f, const struct panel *p)
{
	struct text_style name = {SIZE_TEXT, ALIGN_LEFT, p->look.text, true};
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	const struct estimate *r = &p->cell->ratio;
	double x = f->c.right + 12;
	char text[100];

	canvas_text(&f->c, x, p->middle - 17, &name, p->cell->spec.model);
	snprintf(text, sizeof(text), "%.20s%.60s", number_ratio(r->median).text,
		 number_interval(r->low, r->high, number_ratio).text);
	canvas_text(&f->c, x, p->middle + 1, &small, text);
	canvas_text(&f->c, x, p->middle + 18, &small,
		    verdict_name(p->cell->verdict));
}

static void x_tics(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	struct tics t = plot_tics(f->x_max, 8, false);
	const char *before = "";

	fprintf(f->c.gp, "X_MIN = %.6g\nX_MAX = %.6g\nset xtics (", f->x_min,
		f->x_max);
	for (size_t i = 0; i < t.n; i++) {
		if (t.at[i] < f->x_min || fmod(t.at[i], 1) > 0)
			continue;
		fprintf(f->c.gp, "%s'' %g", before, t.at[i]);
		before = ", ";
	}
	fputs(")\n", f->c.gp);
	for (size_t i = 0; i < t.n; i++) {
		if (t.at[i] >= f->x_min && !(fmod(t.at[i], 1) > 0))
			canvas_text(&f->c, pixel_x(f, t.at[i]),
				    f->c.bottom + 18, &text,
				    number_short(t.at[i]).text);
	}
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 42,
		    &text, "block, in the order measured");
}

/* What the marks mean; of the rare ones, only those that are there. */
static void legend(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	double x = f->c.left, y = 92;
	const char *words = "less than 3 % from the reference";
	bool noisy = false, out = false;

	canvas_box(&f->c, x, y - 7, x + 20, y + 7, BAND, 1);
	canvas_line(&f->c, x, y, x + 20, y, GREY, 1, "solid");
	canvas_text(&f->c, x + 26, y, &text, words);
	x += 50 + plot_text_width(words, SIZE_SMALL, false);
	words = "median and its 95 % interval";
	canvas_box(&f->c, x, y - 7, x + 20, y + 7, MARK, 0.3);
	canvas_line(&f->c, x, y, x + 20, y, GREY, 1.5, "solid");
	canvas_text(&f->c, x + 26, y, &text, words);
	x += 50 + plot_text_width(words, SIZE_SMALL, false);
	for (size_t i = 0; i < f->n; i++) {
		noisy |= f->panels[i].n_noisy > 0;
		out |= f->panels[i].n_out > 0;
	}
	if (noisy) {
		canvas_point(&f->c, x + 6, y, 6, 0.6, INK);
		canvas_text(&f->c, x + 17, y, &text, "noisy block");
		x += 41 + plot_text_width("noisy block", SIZE_SMALL, false);
	}
	if (out) {
		canvas_point(&f->c, x + 6, y, 7, 0.6, GREY);
		canvas_point(&f->c, x + 6, y, 6, 1.3, INK);
		canvas_text(&f->c, x + 19, y, &text, "far out");
	}
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# block ratio noisy far_out\n", out);
	for (size_t i = 0; i < f->n; i++) {
		const struct panel *p = &f->panels[i];

		plot_comment(out, p->cell->spec.model);
		for (int k = 0; k < p->n; k++)
			fprintf(out, "%" PRIu32 " %.6g %d %d\n",
				p->ratios[k].block, p->ratios[k].ratio,
				p->ratios[k].noisy, p->ratios[k].outlier);
		fputs("\n\n", out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Dot chart of the throughput as a share of that of %s, block by "
		"block, %s, %" PRIu32 " worker%s.",
		f->v->s->reference, f->v->workload, f->v->focus,
		f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->n; i++) {
		const struct panel *p = &f->panels[i];
		const struct estimate *r = &p->cell->ratio;
		double low = INFINITY, high = 0;

		for (int k = 0; k < p->n; k++) {
			low = fmin(low, p->ratios[k].ratio);
			high = fmax(high, p->ratios[k].ratio);
		}
		fprintf(alt,
			" %s: median %s%s of %d block%s, from %s to %s; %d far "
			"out, %d in noisy blocks.",
			p->cell->spec.model, number_ratio(r->median).text,
			number_interval(r->low, r->high, number_ratio).text,
			p->n, p->n == 1 ? "" : "s", number_ratio(low).text,
			number_ratio(high).text, p->n_out, p->n_noisy);
	}
}

static void write_arrays(const struct figure *f, const char **names,
			 struct look *looks)
{
	FILE *gp = f->c.gp;

	for (size_t i = 0; i < f->n; i++) {
		names[i] = f->panels[i].cell->spec.model;
		looks[i] = f->panels[i].look;
	}
	canvas_models(&f->c, names, looks, f->n);
	fprintf(gp,
		"ROOM = %g\nSCALE = %.6g\narray MIDDLE[%zu]\narray CENTRE[%zu]\n",
		ROOM, ROOM / f->reach, f->n, f->n);
	for (size_t i = 0; i < f->n; i++)
		fprintf(gp, "MIDDLE[%zu] = %.1f\nCENTRE[%zu] = %.6g\n", i + 1,
			f->panels[i].middle, i + 1, exp(f->panels[i].centre));
}

static void layout(struct figure *f)
{
	f->c.width = 880;
	f->c.left = 66;
	f->c.right = 708;
	f->c.top = 118;
	for (size_t i = 0; i < f->n; i++)
		f->panels[i].middle = f->c.top + PANEL_HEIGHT / 2 +
				      (double)i * (PANEL_HEIGHT + PANEL_GAP);
	f->c.bottom = f->panels[f->n - 1].middle + PANEL_HEIGHT / 2;
	f->c.height = f->c.bottom + 64;
	/* Half a block of air at both ends. */
	f->x_min -= 0.5;
	f->x_max += 0.5;
}

static void write_figure(const struct figure *f, const struct draft *d,
			 const char *name)
{
	char subtitle[200];

	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s: throughput as a share of that of "
		 "%s in the same block",
		 f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s",
		 f->v->s->reference);
	canvas_begin(&f->c, name, d->title, subtitle);
	legend(f);
	x_tics(f);
	for (size_t i = 0; i < f->n; i++) {
		draw_band(f, &f->panels[i]);
		draw_interval(f, &f->panels[i]);
		y_tics(f, &f->panels[i]);
		label_outliers(f, &f->panels[i]);
		label_panel(f, &f->panels[i]);
	}
	write_data(f, d->data);
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v, .c.gp = d->gp};
	const char **names = calloc(v->n_models + 1, sizeof(*names));
	struct look *looks = calloc(v->n_models + 1, sizeof(*looks));
	int r = -ENOMEM;

	f.panels = calloc(v->n_models + 1, sizeof(*f.panels));
	if (names && looks && f.panels)
		r = choose(&f);
	if (r == 0 && f.n == 0)
		r = -ENODATA;
	if (r == 0) {
		layout(&f);
		write_figure(&f, d, name);
		write_arrays(&f, names, looks);
	}
	for (size_t i = 0; f.panels && i < f.n; i++)
		free(f.panels[i].ratios);
	free(f.panels);
	free(names);
	free(looks);
	return r;
}

const struct plot_kind plot_evidence = {
	.name = "evidence",
	.experiment = "scaling",
	.script = asset_evidence_gp,
	.draw = draw,
	.title = title_evidence,
	.neutral = title_neutral_evidence,
	.heading = "The evidence, block by block",
	.lead = "What the ratios and verdicts are made of: each dot compares a "
		"model with the reference, measured within seconds of each "
		"other.",
	.how = "From left to right goes time.  Each panel is centred on the "
	       "median ratio of its model, drawn as a line with its 95&nbsp;% "
	       "interval, and the same height is the same percentage in all "
	       "panels.  Good evidence looks like rain: no slope, no steps, no "
	       "two layers.  A slope or a step is a machine that changed "
	       "during the run, and then the interval promises too much.  A "
	       "ring marks a ratio more than three interquartile ranges "
	       "outside the quartiles (Tukey calls it far out); if it does not "
	       "fit, it stands at the edge.  It counts like all others: the "
	       "median does not mind.  Hollow dots are blocks during which "
	       "other programs or other virtual machines took more than "
	       "10&nbsp;% of the processors.",
	.try = "Cover the right half of the dots with your hand.  Would the "
	       "verdict of the left half be the same?",
};
