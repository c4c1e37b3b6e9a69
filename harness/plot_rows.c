/*
 * Charts with a row for each measurement, and the rows of a model together.
 */
#include <string.h>

#include "harness/plot_internal.h"

#define ROW 24.0
#define GROUP_GAP 10.0
#define GROUND "#F6F7F8"

static bool begins_group(const struct plot_row *rows, size_t i)
{
	return i == 0 || strcmp(rows[i].model, rows[i - 1].model) != 0;
}

double plot_rows(struct plot_row *rows, size_t n, double top)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && begins_group(rows, i))
			top += GROUP_GAP;
		rows[i].y = top + ROW / 2;
		top += ROW;
	}
	return top;
}

void canvas_rows(const struct canvas *c, const struct plot_row *rows, size_t n)
{
	struct text_style label = {SIZE_SMALL, ALIGN_RIGHT, INK, false};

	for (size_t i = 0; i < n; i++) {
		struct text_style name = {SIZE_TEXT, ALIGN_LEFT,
					  rows[i].look.text, true};

		canvas_box(c, c->left, rows[i].y - ROW / 2, c->right,
			   rows[i].y + ROW / 2, GROUND, 1);
		if (begins_group(rows, i))
			canvas_text(c, 20, rows[i].y, &name, rows[i].model);
		canvas_text(c, c->left - 10, rows[i].y, &label, rows[i].label);
	}
}
