/*
 * The table of METG, below the figure of the efficiency.
 */
#include <string.h>

#include "harness/html.h"
#include "harness/look.h"
#include "harness/metg.h"
#include "harness/report_internal.h"

static const char head[] =
	"<thead><tr><th scope=\"col\">model</th>"
	"<th scope=\"col\">METG(50&nbsp;%)</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">METG(95&nbsp;%)</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"</tr></thead>\n";

static void write_row(const struct metg_curve *c, const char *colour, FILE *out)
{
	html_write(out, "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>",
		   colour, c->model);
	for (int k = 0; k < METG_SHARES; k++) {
		struct number interval = metg_interval_text(c, &c->metg_ns[k]);

		html_write(out, "<td>%s</td><td class=\"interval\">%s</td>",
			   metg_text(c, c->metg_ns[k].median).text,
			   &interval.text[interval.text[0] == ' ']);
	}
	fputs("</tr>\n", out);
}

/* The colour of @model in all figures of @v. */
static const char *colour_of(const struct view *v, const char *model)
{
	size_t i = 0;

	while (i + 1 < v->n_models && strcmp(v->models[i], model) != 0)
		i++;
	return look_of(v->models, v->n_models, i).colour;
}

void report_metg(const struct view *v, FILE *out)
{
	struct metg m;

	/* Without memory the page has no table here. */
	if (metg_make(v->s->run, v->experiment, &m) < 0)
		return;
	html_write(out,
		   "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		   "aria-label=\"METG for %s\">\n<table>\n"
		   "<caption>%s: the shortest tasks with which a model is "
		   "50&nbsp;%% and 95&nbsp;%% efficient.</caption>\n",
		   v->workload, v->workload);
	fputs(head, out);
	fputs("<tbody>\n", out);
	for (size_t i = 0; i < m.n; i++) {
		if (strcmp(m.curves[i].workload, v->workload) == 0)
			write_row(&m.curves[i], colour_of(v, m.curves[i].model),
				  out);
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
	metg_done(&m);
}
