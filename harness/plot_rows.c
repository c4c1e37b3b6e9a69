/*
 * Charts with a row for each measurement, and the rows of a model together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/plot_internal.h"

#define ROW 24.0
#define GROUP_GAP 10.0
#define GROUND "#F6F7F8"

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

void canvas_rows(const struct canvas *c, const struct plot_rows *rows)
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

void plot_rows_data(const struct plot_rows *rows, size_t i, FILE *out)
{
	if (begins_group(rows->list, i)) {
		if (i > 0)
			fputs("\n\n", out);
		plot_comment(out, rows->list[i].model);
	}
	fprintf(out, "%.1f", rows->list[i].y);
}
