/*
 * The figure of where a task's time goes: on average, and in the slowest tasks.
 * Queueing is left out: how many tasks wait in line is the load's choice, and
 * would dwarf the rest.
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

#define RIGHT_ROOM 118.0 /* beside the longest bar, for its total */
#define SEEN 0.001       /* of the longest time: below, a phase is left out */

struct row {
	char name[64];
	const struct cell_summary *cell;
};

/*
 * The bars of all models for one kind of tasks.  Each group has an axis of its
 * own: on that of the slowest tasks the others could hardly be seen.
 */
struct group {
	const char *heading;
	double (*own_ns)(const struct cell_summary *c); /* of a whole bar */
	bool slow;
	double row_height, half_bar; /* pixels */
	double top, bottom, longest; /* pixels, pixels, ns */
};

struct figure {
	const struct view *v;
	struct canvas c;
	struct row *rows; /* [n], from above: the shortest time first */
	size_t n;
	enum phase phases[PHASES]; /* [n_phases]: those that can be seen */
	size_t n_phases;
	struct group groups[2]; /* [n_groups]: all tasks, the slowest */
	size_t n_groups;
};

static double phase_of(const struct group *g, const struct cell_summary *c,
		       enum phase phase)
{
	return g->slow ? c->slow_phase_ns[phase] : c->phase_ns[phase];
}

static void choose_rows(struct figure *f)
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
	}
}

/* A second group only if there were enough slow tasks in some model. */
static void choose_groups(struct figure *f)
{
	static const struct group kinds[] = {
		{"All tasks", cell_own_ns, false, 52, 17, 0, 0, 0},
		{"The slowest 1 % of the tasks, on an axis of their own",
		 cell_slow_own_ns, true, 36, 10, 0, 0, 0},
	};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct group g = kinds[k];

		for (size_t i = 0; i < f->n; i++)
			g.longest = fmax(g.longest, g.own_ns(f->rows[i].cell));
		if (g.longest > 0)
			f->groups[f->n_groups++] = g;
	}
}

static bool is_seen(const struct figure *f, enum phase phase)
{
	for (size_t k = 0; k < f->n_groups; k++) {
		const struct group *g = &f->groups[k];

		for (size_t i = 0; i < f->n; i++) {
			const struct cell_summary *c = f->rows[i].cell;

			if (g->own_ns(c) > 0 &&
			    phase_of(g, c, phase) > SEEN * g->longest)
				return true;
		}
	}
	return false;
}

static void choose(struct figure *f)
{
	choose_rows(f);
	choose_groups(f);
	for (int p = PHASE_QUEUE + 1; p < PHASES; p++) {
		if (is_seen(f, (enum phase)p))
			f->phases[f->n_phases++] = (enum phase)p;
	}
}

static double pixel_x(const struct figure *f, const struct group *g, double ns)
{
	return f->c.left + ns / g->longest * (f->c.right - f->c.left);
}

/* The unit of the axis and all numbers in the bars. */
static double unit_ns(const struct group *g, const char **name)
{
	*name = g->longest < 2e3   ? "ns"
		: g->longest < 2e6 ? "µs"
		: g->longest < 2e9 ? "ms"
				   : "s";
	return g->longest < 2e3   ? 1
	       : g->longest < 2e6 ? 1e3
	       : g->longest < 2e9 ? 1e6
				  : 1e9;
}

static void x_tics(const struct figure *f, const struct group *g)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *unit;
	double one = unit_ns(g, &unit);
	struct tics t = plot_tics(g->longest / one, 7, false);

	for (size_t i = 0; i < t.n; i++) {
		char label[48];

		snprintf(label, sizeof(label), "%.20s%s%s",
			 number_short(t.at[i]).text, i + 1 == t.n ? " " : "",
			 i + 1 == t.n ? unit : "");
		canvas_text(&f->c, pixel_x(f, g, t.at[i] * one), g->bottom + 20,
			    &text, label);
	}
}

/* How long the bar of @c is, and how much of it is not the task itself. */
static void write_total(const struct figure *f, const struct group *g,
			const struct cell_summary *c, double y)
{
	struct text_style total = {SIZE_TEXT, ALIGN_LEFT, INK, true};
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	double ns = g->own_ns(c), x = pixel_x(f, g, ns) + 8;
	char text[64];

	snprintf(text, sizeof(text), "overhead %.20s",
		 number_percent(1 - phase_of(g, c, PHASE_COMPUTE) / ns).text);
	canvas_text(&f->c, x, y - (g->slow ? 0 : 9), &total,
		    number_time(ns).text);
	if (!g->slow)
		canvas_text(&f->c, x, y + 10, &small, text);
}

/* Name, numbers and sum of row @i. */
static void write_row(const struct figure *f, const struct group *g, size_t i)
{
	struct text_style name = {SIZE_TEXT, ALIGN_RIGHT, INK, false};
	struct text_style small = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	const struct cell_summary *c = f->rows[i].cell;
	double y = g->top + g->row_height * ((double)i + 0.5), sum = 0, one;
	const char *unit;

	canvas_text(&f->c, f->c.left - 10, y, &name, f->rows[i].name);
	if (!(g->own_ns(c) > 0)) {
		canvas_text(&f->c, f->c.left + 8, y, &small, "too few tasks");
		return;
	}
	one = unit_ns(g, &unit);
	for (size_t k = 0; k < f->n_phases; k++) {
		double ns = phase_of(g, c, f->phases[k]);
		double from = pixel_x(f, g, sum), to = pixel_x(f, g, sum + ns);
		struct number n = number_short(ns / one);
		struct text_style inside = {SIZE_TEXT, ALIGN_CENTRE,
					    phase_looks[f->phases[k]].text,
					    false};

		sum += ns;
		if (to - from > plot_text_width(n.text, SIZE_TEXT, false) + 8)
			canvas_text(&f->c, (from + to) / 2, y, &inside, n.text);
	}
	write_total(f, g, c, y);
}

static void write_group(const struct figure *f, const struct group *g)
{
	struct text_style heading = {SIZE_TEXT, ALIGN_LEFT, GREY, false};

	canvas_text(&f->c, f->c.left, g->top - 12, &heading, g->heading);
	canvas_line(&f->c, f->c.left - 1, g->top, f->c.left - 1, g->bottom,
		    MARK, 1, "solid");
	x_tics(f, g);
	for (size_t i = 0; i < f->n; i++)
		write_row(f, g, i);
}

static void write_data(const struct figure *f, FILE *out)
{
	for (size_t j = 0; j < f->n_groups; j++) {
		const struct group *g = &f->groups[j];

		plot_comment(out, g->heading);
		fputs("# row", out);
		for (size_t k = 0; k < f->n_phases; k++)
			fprintf(out, " %s_ns", phase_name(f->phases[k]));
		fputc('\n', out);
		for (size_t i = 0; i < f->n; i++) {
			const struct cell_summary *c = f->rows[i].cell;

			if (!(g->own_ns(c) > 0))
				continue;
			fprintf(out, "%zu", f->n - i);
			for (size_t k = 0; k < f->n_phases; k++)
				fprintf(out, " %.1f",
					phase_of(g, c, f->phases[k]));
			fputc(' ', out);
			plot_comment(out, f->rows[i].name);
		}
		fputs("\n\n", out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Bar chart of the mean time of a task from its turn on, %s, %" PRIu32
		" worker%s.",
		f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	for (size_t j = 0; j < f->n_groups; j++) {
		const struct group *g = &f->groups[j];

		fprintf(alt, "%s", g->slow ? " The slowest 1 %:" : "");
		for (size_t i = 0; i < f->n; i++) {
			const struct cell_summary *c = f->rows[i].cell;

			if (!(g->own_ns(c) > 0))
				continue;
			fprintf(alt, " %s: %s", f->rows[i].name,
				number_time(g->own_ns(c)).text);
			for (size_t k = 0; k < f->n_phases; k++)
				fprintf(alt, "%s%s %s", k ? ", " : ", of it ",
					phase_name(f->phases[k]),
					number_time(
						phase_of(g, c, f->phases[k]))
						.text);
			fputc('.', alt);
		}
	}
}

/* What plots/breakdown.gp needs: an array of each number of the groups. */
static void write_arrays(const struct figure *f)
{
	FILE *gp = f->c.gp;

	canvas_phases(&f->c, f->phases, f->n_phases);
	fprintf(gp, "ROWS = %zu\n", f->n);
	fprintf(gp,
		"GROUPS = %zu\narray GROUP_BOTTOM[2]\narray ROW_HEIGHT[2]\n"
		"array HALF_BAR[2]\narray LONGEST[2]\n",
		f->n_groups);
	for (size_t j = 0; j < f->n_groups; j++) {
		const struct group *g = &f->groups[j];

		fprintf(gp,
			"GROUP_BOTTOM[%zu] = %.1f\nROW_HEIGHT[%zu] = %.1f\n"
			"HALF_BAR[%zu] = %.1f\nLONGEST[%zu] = %.6g\n",
			j + 1, g->bottom, j + 1, g->row_height, j + 1,
			g->half_bar, j + 1, g->longest);
	}
}

static void layout(struct figure *f)
{
	double widest = 0, y;

	for (size_t i = 0; i < f->n; i++)
		widest = fmax(widest, plot_text_width(f->rows[i].name,
						      SIZE_TEXT, false));
	f->c.width = 880;
	f->c.left = 36 + widest;
	f->c.right = f->c.width - RIGHT_ROOM;
	y = 140;
	for (size_t j = 0; j < f->n_groups; j++) {
		struct group *g = &f->groups[j];

		g->top = y;
		g->bottom = y + g->row_height * (double)f->n;
		y = g->bottom + 64;
	}
	f->c.top = f->groups[0].top;
	f->c.bottom = f->groups[f->n_groups - 1].bottom;
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
	write_arrays(&f);
	canvas_phase_legend(&f.c, f.phases, f.n_phases, 98);
	for (size_t j = 0; j < f.n_groups; j++)
		write_group(&f, &f.groups[j]);
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
	       "were cold.  The lower bars are the mean phases of the slowest "
	       "hundredth of the tasks: compare which phase has grown most.  "
	       "Mind that their axis is another one.",
	.try = "How long would a task have to be for the overhead to be "
	       "below 1&nbsp;%?",
};
