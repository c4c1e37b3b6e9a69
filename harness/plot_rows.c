/*
 * Charts with a row for each measurement, and the rows of a model together.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plot_internal.h"

#define ROW 24.0
#define GROUP_GAP 10.0
#define GROUND "#F6F7F8"
#define WORD_GAP 6.0

static bool begins_group(const struct plot_row *rows, size_t i)
{
	return i == 0 || strcmp(rows[i].model, rows[i - 1].model) != 0;
}

int plot_rows_init(struct plot_rows *rows, const struct view *v, size_t most)
{
	*rows = (struct plot_rows){
		.v = v,
		.list = calloc(most + 1, sizeof(*rows->list)),
		.models = calloc(v->n_models + 1, sizeof(*rows->models)),
		.looks = calloc(v->n_models + 1, sizeof(*rows->looks)),
	};
	return rows->list && rows->models && rows->looks ? 0 : -ENOMEM;
}

void plot_rows_done(struct plot_rows *rows)
{
	free(rows->list);
	free(rows->models);
	free(rows->looks);
}

struct plot_row *plot_rows_add(struct plot_rows *rows, size_t model)
{
	const struct view *v = rows->v;
	struct plot_row *row = &rows->list[rows->n++];

	*row = (struct plot_row){
		.model = v->models[model],
		.look = look_of(v->models, v->n_models, model),
	};
	if (begins_group(rows->list, rows->n - 1)) {
		rows->looks[rows->n_models] = row->look;
		rows->models[rows->n_models++] = row->model;
	}
	return row;
}

void plot_rows_place(struct plot_rows *rows, struct canvas *c)
{
	c->bottom = c->top;
	for (size_t i = 0; i < rows->n; i++) {
		if (i > 0 && begins_group(rows->list, i))
			c->bottom += GROUP_GAP;
		rows->list[i].y = c->bottom + ROW / 2;
		c->bottom += ROW;
	}
}

/* Models as gnuplot arrays, the names, and a light ground for every row. */
static void canvas_rows(const struct canvas *c, const struct plot_rows *rows)
{
	struct text_style label = {SIZE_SMALL, ALIGN_RIGHT, INK, false};

	canvas_models(c, rows->models, rows->looks, rows->n_models);
	for (size_t i = 0; i < rows->n; i++) {
		const struct plot_row *row = &rows->list[i];
		struct text_style name = {SIZE_TEXT, ALIGN_LEFT, row->look.text,
					  true};

		canvas_box(c, c->left, row->y - ROW / 2, c->right,
			   row->y + ROW / 2, GROUND, 1);
		if (begins_group(rows->list, i))
			canvas_text(c, 20, row->y, &name, row->model);
		canvas_text(c, c->left - 10, row->y, &label, row->label);
	}
}

void log_axis_reach(struct log_axis *axis, const struct estimate *e)
{
	/* fmin() and fmax() pass over NaN. */
	axis->low = fmin(axis->low, fmin(e->median > 0 ? e->median : NAN,
					 e->low > 0 ? e->low : NAN));
	axis->high = fmax(axis->high,
			  fmax(e->median, isfinite(e->high) ? e->high : NAN));
}

double canvas_log_x(const struct canvas *c, const struct log_axis *axis,
		    double value)
{
	return c->left + log(value / axis->low) / log(axis->high / axis->low) *
				 (c->right - c->left);
}

static void canvas_log_axis(const struct canvas *c, const struct log_axis *axis)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	struct tics t = plot_tics_log(axis->low, axis->high);
	double taken = 0; /* by words, up to here */

	fprintf(c->gp, "X_MIN = %.6g\nX_MAX = %.6g\nset xtics (", axis->low,
		axis->high);
	for (size_t i = 0; i < t.n; i++)
		fprintf(c->gp, "%s'' %.6g", i ? ", " : "", t.at[i]);
	fputs(")\n", c->gp);
	for (size_t i = 0; i < t.n; i++) {
		double x = canvas_log_x(c, axis, t.at[i]), half;
		struct number name;

		if (axis->grid)
			canvas_line(c, x, c->top, x, c->bottom, "#E3E5E8", 1,
				    "solid");
		name = axis->name(t.at[i]);
		half = plot_text_width(name.text, SIZE_TEXT, false) / 2;
		/* A tic whose words would touch those before has none. */
		if (x - half < taken + WORD_GAP)
			continue;
		canvas_text(c, x, c->bottom + 18, &text, name.text);
		taken = x + half;
	}
	canvas_text(c, (c->left + c->right) / 2, c->bottom + 42, &text,
		    axis->words);
}

struct canvas canvas_begin_rows(const struct draft *d, const char *name,
				const char *subtitle, struct plot_rows *rows,
				struct log_axis *axis)
{
	struct canvas c = {.gp = d->gp,
			   .width = 880,
			   .left = 236,
			   .right = 704,
			   .top = 124};

	plot_rows_place(rows, &c);
	c.height = c.bottom + 62;
	axis->low /= axis->margin;
	axis->high *= axis->margin;
	canvas_begin(&c, name, d->title, subtitle);
	canvas_rows(&c, rows);
	canvas_log_axis(&c, axis);
	return c;
}

void plot_rows_data(const struct plot_rows *rows, size_t i, FILE *out)
{
	if (begins_group(rows->list, i)) {
		if (i > 0)
			fputs("\n\n", out);
		plot_comment(out, rows->list[i].model);
	}
	fprintf(out, "%.1f", rows->list[i].y);
}

void plot_estimate(FILE *out, const struct estimate *e)
{
	fprintf(out, " %.6g", e->median);
	if (isfinite(e->low) && isfinite(e->high))
		fprintf(out, " %.6g %.6g", e->low, e->high);
	else
		fputs(" ? ?", out);
}
