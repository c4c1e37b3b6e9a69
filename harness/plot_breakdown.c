/*
 * The figure of where a task's time goes.
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

#define ROW_HEIGHT 52.0
#define RIGHT_ROOM 118.0 /* beside the longest bar, for its total */
#define SEEN 0.001       /* of the longest time: below, a phase is left out */

/*
 * How a phase is drawn: other colours than any model's.  Queueing is not: how
 * many tasks wait in line is the load's choice, and would dwarf the rest.
 */
static const struct {
	const char *label, *colour, *text;
} styles[PHASES] = {
	[PHASE_CREATE] = {"create worker", "#882255", "#FFFFFF"},
	[PHASE_DISPATCH] = {"reach the worker", "#E69F00", INK},
	[PHASE_COMPUTE] = {"compute (the task itself)", "#CFD5DD", INK},
	[PHASE_RETURN] = {"return the result", "#56B4E9", INK},
};

struct row {
	char name[64];
	const struct cell_summary *cell;
};

struct figure {
	const struct view *v;
	struct canvas c;
	struct row *rows; /* [n], from above: the shortest time first */
	size_t n;
	enum phase phases[PHASES]; /* [n_phases]: those that can be seen */
	size_t n_phases;
	double longest; /* ns */
};

static void choose(struct figure *f)
{
	const struct view *v = f->v;

	for (size_t i = 0; i < v->n_models; i++) {
		struct row row = {.cell = view_focus(v, v->models[i])};
		size_t k = f->n;

		if (!row.cell || !(cell_own_ns(row.cell) > 0))
			continue;
		plot_cell_name(v, row.cell, row.name);
		for (; k > 0 &&
		       cell_own_ns(f->rows[k - 1].cell) > cell_own_ns(row.cell);
		     k--)
			f->rows[k] = f->rows[k - 1];
		f->rows[k] = row;
		f->n++;
		f->longest = fmax(f->longest, cell_own_ns(row.cell));
	}
	for (int p = PHASE_QUEUE + 1; p < PHASES; p++) {
		double most = 0;

		for (size_t i = 0; i < f->n; i++)
			most = fmax(most, f->rows[i].cell->phase_ns[p]);
		if (most > SEEN * f->longest)
			f->phases[f->n_phases++] = (enum phase)p;
	}
}

static double pixel_x(const struct figure *f, double ns)
{
	return f->c.left + ns / f->longest * (f->c.right - f->c.left);
}

/* The unit of the axis and all numbers in the bars. */
static double unit_ns(const struct figure *f, const char **name)
{
	*name = f->longest < 2e3   ? "ns"
		: f->longest < 2e6 ? "µs"
		: f->longest < 2e9 ? "ms"
				   : "s";
	return f->longest < 2e3   ? 1
	       : f->longest < 2e6 ? 1e3
	       : f->longest < 2e9 ? 1e6
				  : 1e9;
}

static void x_tics(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *unit;
	double one = unit_ns(f, &unit);
	struct tics t = plot_tics(f->longest / one, 7, false);

	fputs("set xtics (", f->c.gp);
	for (size_t i = 0; i < t.n; i++)
		fprintf(f->c.gp, "%s'' %.6g", i ? ", " : "", t.at[i] * one);
	fputs(")\n", f->c.gp);
	for (size_t i = 0; i < t.n; i++) {
		char label[48];

		snprintf(label, sizeof(label), "%.20s%s%s",
			 number_short(t.at[i]).text, i + 1 == t.n ? " " : "",
			 i + 1 == t.n ? unit : "");
		canvas_text(&f->c, pixel_x(f, t.at[i] * one), f->c.bottom + 20,
			    &text, label);
	}
}

/* Squares and words; a new line where they would leave the figure. */
static void legend(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_LEFT, INK, false};
	double x = f->c.left, y = 98;

	for (size_t i = 0; i < f->n_phases; i++) {
		const char *label = styles[f->phases[i]].label;
		double width = 22 + plot_text_width(label, SIZE_TEXT, false);

		if (x + width > f->c.width - 10) {
			x = f->c.left;
			y += 24;
		}
		fprintf(f->c.gp,
			"set object rectangle from screen %.5f, %.5f to screen "
			"%.5f, %.5f fillcolor rgb '%s' fillstyle solid 1 "
			"noborder\n",
			x / f->c.width, 1 - (y + 6.5) / f->c.height,
			(x + 13) / f->c.width, 1 - (y - 6.5) / f->c.height,
			styles[f->phases[i]].colour);
		canvas_text(&f->c, x + 19, y, &text, label);
		x += width + 26;
	}
}

/* Name, numbers and sum of row @i, whose middle is at @y. */
static void write_row(const struct figure *f, size_t i, double y)
{
	struct text_style name = {SIZE_TEXT, ALIGN_RIGHT, INK, false};
	struct text_style total = {SIZE_TEXT, ALIGN_LEFT, INK, true};
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	const struct cell_summary *c = f->rows[i].cell;
	const char *unit;
	double one = unit_ns(f, &unit), sum = 0;
	char text[64];

	canvas_text(&f->c, f->c.left - 10, y, &name, f->rows[i].name);
	for (size_t k = 0; k < f->n_phases; k++) {
		double ns = c->phase_ns[f->phases[k]];
		double from = pixel_x(f, sum), to = pixel_x(f, sum + ns);
		struct number n = number_short(ns / one);
		struct text_style inside = {SIZE_TEXT, ALIGN_CENTRE,
					    styles[f->phases[k]].text, false};

		sum += ns;
		if (to - from > plot_text_width(n.text, SIZE_TEXT, false) + 8)
			canvas_text(&f->c, (from + to) / 2, y, &inside, n.text);
	}
	canvas_text(&f->c, pixel_x(f, cell_own_ns(c)) + 8, y - 9, &total,
		    number_time(cell_own_ns(c)).text);
	snprintf(text, sizeof(text), "overhead %.20s",
		 number_percent(cell_overhead(c)).text);
	canvas_text(&f->c, pixel_x(f, cell_own_ns(c)) + 8, y + 10, &small,
		    text);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# row", out);
	for (size_t k = 0; k < f->n_phases; k++)
		fprintf(out, " %s_ns", phase_name(f->phases[k]));
	fputc('\n', out);
	for (size_t i = 0; i < f->n; i++) {
		fprintf(out, "%zu", f->n - i);
		for (size_t k = 0; k < f->n_phases; k++)
			fprintf(out, " %.1f",
				f->rows[i].cell->phase_ns[f->phases[k]]);
		fputc(' ', out);
		plot_comment(out, f->rows[i].name);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Bar chart of the mean time of a task from its turn on, %s, %" PRIu32
		" worker%s.",
		f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->n; i++) {
		const struct cell_summary *c = f->rows[i].cell;

		fprintf(alt, " %s: %s", f->rows[i].name,
			number_time(cell_own_ns(c)).text);
		for (size_t k = 0; k < f->n_phases; k++)
			fprintf(alt, "%s%s %s", k ? ", " : ", of it ",
				phase_name(f->phases[k]),
				number_time(c->phase_ns[f->phases[k]]).text);
		fputc('.', alt);
	}
}

static void write_phases(const struct figure *f)
{
	FILE *gp = f->c.gp;

	fprintf(gp,
		"ROWS = %zu\nX_MAX = %.6g\nPHASES = %zu\narray PHASE[%zu] = [",
		f->n, f->longest, f->n_phases, f->n_phases);
	for (size_t k = 0; k < f->n_phases; k++)
		fprintf(gp, "%s'%s'", k ? ", " : "",
			styles[f->phases[k]].label);
	fprintf(gp, "]\narray PHASE_COLOUR[%zu] = [", f->n_phases);
	for (size_t k = 0; k < f->n_phases; k++)
		fprintf(gp, "%s'%s'", k ? ", " : "",
			styles[f->phases[k]].colour);
	fputs("]\n", gp);
}

static void layout(struct figure *f)
{
	double widest = 0;

	for (size_t i = 0; i < f->n; i++)
		widest = fmax(widest, plot_text_width(f->rows[i].name,
						      SIZE_TEXT, false));
	f->c.width = 880;
	f->c.left = 36 + widest;
	f->c.right = f->c.width - RIGHT_ROOM;
	f->c.top = f->n_phases > 4 ? 144 : 122;
	f->c.bottom = f->c.top + ROW_HEIGHT * (double)f->n;
	f->c.height = f->c.bottom + 44;
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v, .c.gp = d->gp};
	char subtitle[200];

	f.rows = calloc(v->n_models + 1, sizeof(*f.rows));
	if (!f.rows)
		return -ENOMEM;
	choose(&f);
	if (f.n == 0) {
		free(f.rows);
		return -ENODATA;
	}
	layout(&f);
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s, closed "
		 "loop. Mean time of a task from its turn to its result; the "
		 "phases add up.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s");
	canvas_begin(&f.c, name, d->title, subtitle);
	write_phases(&f);
	x_tics(&f);
	legend(&f);
	for (size_t i = 0; i < f.n; i++)
		write_row(&f, i, f.c.top + ROW_HEIGHT * ((double)i + 0.5));
	write_data(&f, d->data);
	write_alt(&f, d->alt);
	free(f.rows);
	return 0;
}

const struct plot_kind plot_breakdown = {
	.name = "breakdown",
	.experiment = "scaling",
	.script = asset_breakdown_gp,
	.draw = draw,
	.title = title_breakdown,
	.neutral = title_neutral_breakdown,
	.heading = "Where the time of a task goes",
	.lead = "Mean time of one task, from its turn to having the result, "
		"cut into phases.",
	.how = "Each bar is a model; shorter is better.  Grey is the task "
	       "itself, all else is overhead: <em>create</em>, a process or "
	       "thread comes to life for this task; <em>dispatch</em>, the "
	       "task travels to a worker that is free; <em>return</em>, the "
	       "result travels back.  These are means, because only means "
	       "add up.  With several tasks in flight per worker, a task "
	       "first waits for the one before it: that is the load's "
	       "choice, not the model's cost, and left out here.  If the "
	       "grey parts differ, the processor was shared or its caches "
	       "were cold.",
	.try = "How long would a task have to be for the overhead to be "
	       "below 1&nbsp;%?",
};
