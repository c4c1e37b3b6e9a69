/*
 * The table of the Universal Scalability Law, below the one of throughputs.
 */
#include <math.h>
#include <stdbool.h>

#include "harness/answer.h"
#include "harness/html.h"
#include "harness/look.h"
#include "harness/report_internal.h"

static const char head[] =
	"<thead><tr><th scope=\"col\">model</th>"
	"<th scope=\"col\">one worker, tasks/s</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">contention, %</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">coherency, %</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">peak, workers</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">worst point off by</th>"
	"</tr></thead>\n<tbody>\n";

static void write_number(FILE *out, double x, double low, double high,
			 struct number (*one)(double))
{
	struct number interval = number_interval(low, high, one);

	html_write(out, "<td>%s</td><td class=\"interval\">%s</td>",
		   one(x).text, &interval.text[interval.text[0] == ' ']);
}

static struct number whole(double x)
{
	return number_short(round(x));
}

static void write_row(const struct usl *u, const char *model,
		      const char *colour, FILE *out)
{
	html_write(out, "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>",
		   colour, model);
	write_number(out, u->model.gamma, u->low.gamma, u->high.gamma,
		     number_plain);
	write_number(out, u->model.alpha, u->low.alpha, u->high.alpha,
		     answer_usl_share);
	write_number(out, u->model.beta, u->low.beta, u->high.beta,
		     answer_usl_share);
	if (u->has_peak)
		write_number(out, u->peak, u->peak_low, u->peak_high, whole);
	else
		fputs("<td>beyond</td><td class=\"interval\"></td>", out);
	html_write(out, "<td>%s</td></tr>\n",
		   number_percent(u->worst_residual).text);
}

void report_usl(const struct view *v, FILE *out)
{
	bool begun = false;

	for (size_t i = 0; i < v->n_models; i++) {
		struct usl u;

		if (answer_fit_usl(v, v->models[i], &u) < 0)
			continue;
		if (!begun) {
			html_write(
				out,
				"<div class=\"scroll\" role=\"region\" "
				"tabindex=\"0\" aria-label=\"Scalability law "
				"for %s\">\n<table>\n<caption>%s: the "
				"Universal Scalability Law, fitted up to the "
				"processors.  Contention: the share of the "
				"work that only one worker can do at a time.  "
				"Coherency: what each pair of workers costs to "
				"agree.</caption>\n",
				v->workload, v->workload);
			fputs(head, out);
		}
		begun = true;
		write_row(&u, v->models[i],
			  look_of(v->models, v->n_models, i).colour, out);
	}
	if (begun)
		fputs("</tbody>\n</table>\n</div>\n", out);
}
