/*
 * The table of response times: all models at the load that all had.
 */
#include <inttypes.h>
#include <math.h>

#include "harness/base.h"
#include "harness/html.h"
#include "harness/load.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/report_internal.h"

static const double shares[] = {0.50, 0.99, 0.999};

static const char head[] =
	"<thead><tr><th scope=\"col\">model</th>"
	"<th scope=\"col\">p50</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">p99</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">p99.9</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">p99, ratio</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">generator late, p99</th>"
	"<th scope=\"col\" class=\"word\">status</th></tr></thead>\n";

/* Too few blocks for an interval leave a percentile all the same. */
static struct estimate with_point(const struct cell_summary *c,
				  struct estimate e, double q)
{
	if (isnan(e.median) && load_has_times(c) &&
	    histogram_supports(c->latency, q))
		e.median = (double)histogram_quantile(c->latency, q);
	return e;
}

static const char *status_of(const struct cell_summary *c)
{
	return c->saturated                ? "saturated"
	       : c->trouble[0]             ? c->trouble
	       : !load_has_times(c)        ? "not measured"
	       : load_generator_limited(c) ? "generator-limited"
	       : c->failed > 0             ? "some tasks failed"
					   : "ok";
}

static void write_row(const struct view *v, const struct cell_summary *c,
		      const char *colour, FILE *out)
{
	static const struct estimate one = {1, NAN, NAN};
	struct estimate e[ARRAY_LEN(shares)];
	double late = NAN;

	/* Without memory the row is empty; it is NaN before. */
	(void)load_percentiles(v, c, LOAD_CORRECTED, shares, ARRAY_LEN(shares),
			       e);
	if (c->lateness && histogram_supports(c->lateness, 0.99))
		late = (double)histogram_quantile(c->lateness, 0.99);
	html_write(out, "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>",
		   colour, c->spec.model);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		e[i] = with_point(c, e[i], shares[i]);
		report_estimate(&e[i], number_time, out);
	}
	report_estimate(
		c->is_reference && load_has_times(c) ? &one : &c->latency_ratio,
		number_ratio, out);
	html_write(out, "<td>%s</td><td class=\"word\">%s</td></tr>\n",
		   number_time(late).text, status_of(c));
}

void report_load_table(const struct view *v, FILE *out)
{
	uint32_t percent = load_shared(v);

	/* All saturated: the least load says so best. */
	if (percent == 0)
		percent = load_next(v, "slowest", 0);
	if (percent == 0)
		return;
	html_write(out,
		   "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		   "aria-label=\"Response times for %s\">\n<table>\n",
		   v->workload);
	html_write(out, "<caption>%s at %s&nbsp;%% load in numbers.  ",
		   v->workload, number_count(percent).text);
	html_write(out,
		   "Ratio: to %s; below 1 is faster.  Generator-limited: the "
		   "load generator was late by more than a tenth of the median "
		   "response.</caption>\n",
		   v->s->reference);
	fputs(head, out);
	fputs("<tbody>\n", out);
	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", percent);
		struct look look = look_of(v->models, v->n_models, i);

		if (c)
			write_row(v, c, look.colour, out);
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
}
