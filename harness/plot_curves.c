#include "harness/plot_curves.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/number.h"

#define FIRST_STEP 1u /* the smallest time of all is one task's story */
#define RIGHT_PAD 16.0
#define MARGIN 1.15 /* above and below the curves */

static double axis_x(unsigned step)
{
	return -log10(1 - view_share(step));
}

/* The last step of a curve of @h; 0: not even the first has its tasks. */
static unsigned last_step(const struct histogram *h)
{
	unsigned step = 0;

	while (step + 1 < VIEW_SHARES &&
	       histogram_supports(h, view_share(step + 1)))
		step++;
	return step;
}

bool curve_set(struct curve *curve, const struct histogram *h)
{
	curve->end = last_step(h);
	for (unsigned k = 0; k <= curve->end; k++) {
		double ns = (double)histogram_quantile(h, view_share(k));

		curve->ns[k] = fmax(ns, 1); /* the axis is logarithmic */
	}
	return curve->end > FIRST_STEP;
}

void curve_percentiles(const struct histogram *h, char *buf, size_t size)
{
	struct number p99 = {""};

	if (histogram_supports(h, 0.99))
		p99 = number_time((double)histogram_quantile(h, 0.99));
	snprintf(buf, size, "p50 %.20s%s%.20s",
		 number_time((double)histogram_quantile(h, 0.50)).text,
		 p99.text[0] ? ", p99 " : "", p99.text);
}

static void scale(struct curves *cs)
{
	double low = INFINITY, high = 0, last = 0, middle;
	struct tics t;

	for (size_t i = 0; i < cs->n; i++) {
		const struct curve *c = &cs->list[i];

		low = fmin(low, c->ns[FIRST_STEP]);
		high = fmax(high, c->ns[c->end]);
		last = fmax(last, axis_x(c->end));
		/* fmax() and fmin() pass over what is NaN. */
		for (unsigned k = FIRST_STEP; cs->bands && k <= c->end; k++) {
			high = fmax(high, c->band[k].high);
			low = fmin(low, fmax(c->band[k].low, 1));
		}
	}
	cs->x_max = last / (1 - RIGHT_PAD / (cs->c.right - cs->c.left));
	/* At least a factor of two, or small differences look large. */
	middle = sqrt(low * high);
	cs->low = fmin(low / MARGIN, middle / sqrt(2));
	cs->high = fmax(high * MARGIN, middle * sqrt(2));
	t = plot_tics_log(cs->low, cs->high);
	fprintf(cs->c.gp,
		"X_MIN = 0\nX_MAX = %.6g\nY_MIN = %.6g\nY_MAX = %.6g\n",
		cs->x_max, cs->low, cs->high);
	fputs("set ytics (", cs->c.gp);
	for (size_t i = 0; i < t.n; i++)
		fprintf(cs->c.gp, "%s'%s' %.6g", i ? ", " : "",
			number_time_short(t.at[i]).text, t.at[i]);
	fputs(")\n", cs->c.gp);
}

static double pixel_x(const struct curves *cs, double x)
{
	return cs->c.left + x / cs->x_max * (cs->c.right - cs->c.left);
}

static double pixel_y(const struct curves *cs, double ns)
{
	double low = log10(cs->low), high = log10(cs->high);

	return cs->c.bottom -
	       (log10(ns) - low) / (high - low) * (cs->c.bottom - cs->c.top);
}

/* 50 %, 90 %, 99 %, …, each with its "1 in N". */
static void x_tics(const struct curves *cs)
{
	static const char *const shares[] = {"50 %",     "90 %",    "99 %",
					     "99.9 %",   "99.99 %", "99.999 %",
					     "99.9999 %"};
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *before = "";
	double in = 2;

	fputs("set xtics (", cs->c.gp);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		if (log10(in) <= cs->x_max) {
			fprintf(cs->c.gp, "%s'' %.6g", before, log10(in));
			before = ", ";
		}
		in = i == 0 ? 10 : in * 10;
	}
	fputs(")\n", cs->c.gp);
	in = 2;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		if (log10(in) <= cs->x_max) {
			char one_in[40];

			snprintf(one_in, sizeof(one_in), "1 in %.20s",
				 number_count((uint64_t)in).text);
			canvas_text(&cs->c, pixel_x(cs, log10(in)),
				    cs->c.bottom + 22, &text, shares[i]);
			canvas_text(&cs->c, pixel_x(cs, log10(in)),
				    cs->c.bottom + 43, &text, one_in);
		}
		in = i == 0 ? 10 : in * 10;
	}
}

static void write_data(const struct curves *cs, FILE *out)
{
	fprintf(out, "# -log10(1-share) share ns%s\n",
		cs->bands ? " low high" : "");
	for (size_t i = 0; i < cs->n; i++) {
		const struct curve *c = &cs->list[i];

		plot_comment(out, c->label);
		for (unsigned k = FIRST_STEP; k <= c->end; k++) {
			fprintf(out, "%.6g %.7f %.0f", axis_x(k), view_share(k),
				c->ns[k]);
			/* No interval: a band as narrow as the curve. */
			if (cs->bands && isfinite(c->band[k].low))
				fprintf(out, " %.0f %.0f", c->band[k].low,
					c->band[k].high);
			else if (cs->bands)
				fprintf(out, " %.0f %.0f", c->ns[k], c->ns[k]);
			fputc('\n', out);
		}
		fputs("\n\n", out);
	}
}

static int write_labels(const struct curves *cs)
{
	struct end_label *labels = calloc(cs->n + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t i = 0; i < cs->n; i++) {
		const struct curve *c = &cs->list[i];

		labels[i] = (struct end_label){
			.x = pixel_x(cs, axis_x(c->end)),
			.y = pixel_y(cs, c->ns[c->end]),
			.colour = c->look.text,
			.line_colour = c->look.colour,
		};
		snprintf(labels[i].name, sizeof(labels[i].name), "%s", c->name);
		snprintf(labels[i].second, sizeof(labels[i].second), "%s",
			 c->second);
	}
	r = canvas_end_labels(&cs->c, labels, cs->n);
	free(labels);
	return r;
}

static void annotate(const struct curves *cs)
{
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};

	canvas_text(&cs->c, 20, 94, &left, cs->axis);
	canvas_text(&cs->c, (cs->c.left + cs->c.right) / 2, cs->c.bottom + 68,
		    &middle, "percentile of tasks");
}

/* Labels, looks and their number as the script wants them. */
static int write_models(const struct curves *cs)
{
	const char **labels = calloc(cs->n + 1, sizeof(*labels));
	struct look *looks = calloc(cs->n + 1, sizeof(*looks));
	int r = labels && looks ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < cs->n; i++) {
		labels[i] = cs->list[i].label;
		looks[i] = cs->list[i].look;
	}
	if (r == 0)
		canvas_models(&cs->c, labels, looks, cs->n);
	fprintf(cs->c.gp, "BANDS = %zu\n", cs->bands ? cs->n : 0);
	free(labels);
	free(looks);
	return r;
}

int curves_draw(struct curves *cs, const struct draft *d, const char *name,
		const char *subtitle)
{
	int r;

	cs->c = (struct canvas){.gp = d->gp,
				.width = 880,
				.left = 72,
				.right = 700,
				.top = 118};
	cs->c.bottom = cs->c.top + fmax(340, plot_labels_height(cs->n));
	cs->c.height = cs->c.bottom + 88;
	canvas_begin(&cs->c, name, d->title, subtitle);
	r = write_models(cs);
	if (r < 0)
		return r;
	scale(cs);
	x_tics(cs);
	annotate(cs);
	write_data(cs, d->data);
	return write_labels(cs);
}
