/*
 * How the phases of a task are drawn, in all figures that show them.
 */
#include "harness/plot_internal.h"

const struct phase_look phase_looks[PHASES] = {
	[PHASE_QUEUE] = {"wait in line", "#FFFFFF", INK},
	[PHASE_CREATE] = {"create worker", "#882255", "#FFFFFF"},
	[PHASE_DISPATCH] = {"reach the worker", "#E69F00", INK},
	[PHASE_COMPUTE] = {"compute (the task itself)", "#CFD5DD", INK},
	[PHASE_RETURN] = {"return the result", "#56B4E9", INK},
};

void canvas_phases(const struct canvas *c, const enum phase *phases, size_t n)
{
	fprintf(c->gp, "PHASES = %zu\narray PHASE[%zu] = [", n, n);
	for (size_t k = 0; k < n; k++)
		fprintf(c->gp, "%s'%s'", k ? ", " : "",
			phase_looks[phases[k]].label);
	fprintf(c->gp, "]\narray PHASE_COLOUR[%zu] = [", n);
	for (size_t k = 0; k < n; k++)
		fprintf(c->gp, "%s'%s'", k ? ", " : "",
			phase_looks[phases[k]].colour);
	fputs("]\n", c->gp);
}

void canvas_phase_legend(const struct canvas *c, const enum phase *phases,
			 size_t n, double y)
{
	struct text_style text = {SIZE_TEXT, ALIGN_LEFT, INK, false};
	double x = c->left;

	for (size_t i = 0; i < n; i++) {
		const struct phase_look *look = &phase_looks[phases[i]];
		double width =
			22 + plot_text_width(look->label, SIZE_TEXT, false);

		if (x + width > c->width - 10) {
			x = c->left;
			y += 24;
		}
		canvas_box(c, x, y - 6.5, x + 13, y + 6.5, look->colour, 1);
		canvas_text(c, x + 19, y, &text, look->label);
		x += width + 26;
	}
}
