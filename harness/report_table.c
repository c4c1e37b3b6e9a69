/*
 * The tables of the page.
 */
#include <math.h>
#include <string.h>

#include "harness/base.h"
#include "harness/html.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/report_internal.h"

void report_begin_table(FILE *out, const char *label, const char *caption,
			const char *const *columns)
{
	html_write(out,
		   "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		   "aria-label=\"%s\">\n<table>\n<caption>%s</caption>\n",
		   label, caption);
	fputs("<thead><tr>", out);
	for (; *columns; columns++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>",
			strstr(*columns, "interval") ? " class=\"interval\""
						     : "",
			*columns);
	fputs("</tr></thead>\n<tbody>\n", out);
}

void report_end_table(FILE *out)
{
	fputs("</tbody>\n</table>\n</div>\n", out);
}

void report_estimate(const struct estimate *e, struct number (*one)(double),
		     FILE *out)
{
	struct number interval = number_interval(e->low, e->high, one);

	html_write(out, "<td>%s</td><td class=\"interval\">%s</td>",
		   one(e->median).text,
		   &interval.text[interval.text[0] == ' ']);
}

static void write_verdict(FILE *out, const struct cell_summary *c)
{
	static const char *const classes[] = {
		[VERDICT_CANNOT_TELL] = "unsure",
		[VERDICT_FASTER] = "faster",
		[VERDICT_SLOWER] = "slower",
		[VERDICT_NO_DIFFERENCE] = "same",
	};

	if (c->is_reference)
		fputs("<td class=\"word\">reference", out);
	else if (!isfinite(c->ratio.median))
		fputs("<td class=\"word\">–", out);
	else
		html_write(out, "<td class=\"word %s\">%s", classes[c->verdict],
			   verdict_name(c->verdict));
	if (!c->is_reference && c->verdict == VERDICT_CANNOT_TELL &&
	    c->more_blocks > 0)
		html_write(out,
			   "<span class=\"interval\">(about %s more "
			   "block%s)</span>",
			   number_count(c->more_blocks).text,
			   c->more_blocks == 1 ? "" : "s");
	fputs("</td>", out);
}

#define MIB (1024.0 * 1024.0)

static void write_memory(FILE *out, const struct cell_summary *c)
{
	html_write(out, "<td>%s", number_plain(c->peak_self_bytes / MIB).text);
	if (c->peak_child_bytes > 0)
		html_write(out, " + %s",
			   number_plain(c->peak_child_bytes / MIB).text);
	fputs("</td>", out);
}

/* A percentile, its interval below; one that had too few tasks is 0. */
static void write_percentile(FILE *out, uint64_t ns, const struct estimate *e)
{
	struct number interval = number_interval(e->low, e->high, number_time);

	html_write(out, "<td>%s", number_time(ns > 0 ? (double)ns : NAN).text);
	if (ns > 0 && interval.text[0])
		html_write(out, "<span class=\"interval\">%s</span>",
			   &interval.text[1]);
	fputs("</td>", out);
}

static const char *status_of(const struct cell_summary *c)
{
	return c->trouble[0]      ? c->trouble
	       : c->failed > 0    ? "some tasks failed"
	       : view_measured(c) ? "ok"
				  : "not measured";
}

static void write_row(const struct cell_summary *c, const char *colour,
		      bool status, FILE *out)
{
	static const struct estimate one = {1, NAN, NAN};
	double cpu_ns = c->tasks_per_cpu_s > 0 ? 1e9 / c->tasks_per_cpu_s : NAN;

	html_write(out, "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>",
		   colour, c->spec.model);
	html_write(out, "<td>%s</td>", number_count(c->spec.workers).text);
	report_estimate(&c->throughput_per_s, number_plain, out);
	report_estimate(c->is_reference ? &one : &c->ratio, number_ratio, out);
	write_verdict(out, c);
	html_write(out, "<td>%s</td><td>%s</td>",
		   number_percent(c->efficiency).text,
		   number_time(cpu_ns).text);
	write_percentile(out, c->percentiles.p50_ns,
			 &c->percentiles.interval[0]);
	write_percentile(out, c->percentiles.p99_ns,
			 &c->percentiles.interval[2]);
	write_memory(out, c);
	if (status)
		html_write(out, "<td class=\"word\">%s</td>", status_of(c));
	fputs("</tr>\n", out);
}

/* Whether some cell of the table has a status worth a column. */
static bool has_status(const struct view *v)
{
	for (size_t k = 0; k < v->n_workers; k++) {
		for (size_t i = 0; i < v->n_models; i++) {
			const struct cell_summary *c =
				view_cell(v, v->models[i], v->workers[k]);

			if (c && strcmp(status_of(c), "ok") != 0)
				return true;
		}
	}
	return false;
}

static const struct {
	const char *name, *attributes;
} columns[] = {
	{"model", ""},
	{"workers", ""},
	{"tasks/s", ""},
	{"95&nbsp;% interval", " class=\"interval\""},
	{"ratio", ""},
	{"95&nbsp;% interval", " class=\"interval\""},
	{"verdict", " class=\"word\""},
	{"efficiency", ""},
	{"CPU per task", ""},
	{"p50", ""},
	{"p99", ""},
	{"memory, MiB", ""},
};

/*
 * What the table is, and for how many comparisons at once the intervals of its
 * ratios hold.  Serial has fewer workers and so, mostly, no others beside it.
 */
static void write_caption(const struct view *v, FILE *out)
{
	size_t most = 1;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && c->comparisons > most)
			most = c->comparisons;
	}
	html_write(out,
		   "<caption>%s in numbers.  Ratio and verdict: to %s with as "
		   "many workers.",
		   v->workload, v->s->reference);
	if (most > 1)
		html_write(out,
			   "  The intervals of the ratios hold <a "
			   "href=\"#family\">at once</a> for all models with "
			   "as many workers: up to %s comparisons.",
			   number_count(most).text);
	fputs("</caption>\n", out);
}

void report_table(const struct view *v, FILE *out)
{
	bool status = has_status(v);

	html_write(out,
		   "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		   "aria-label=\"Numbers for %s\">\n<table>\n",
		   v->workload);
	write_caption(v, out);
	fputs("<thead><tr>", out);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>",
			columns[i].attributes, columns[i].name);
	if (status)
		fputs("<th scope=\"col\" class=\"word\">status</th>", out);
	fputs("</tr></thead>\n", out);
	for (size_t k = 0; k < v->n_workers; k++) {
		fputs("<tbody>\n", out);
		for (size_t i = 0; i < v->n_models; i++) {
			const struct cell_summary *c =
				view_cell(v, v->models[i], v->workers[k]);
			struct look look = look_of(v->models, v->n_models, i);

			if (c)
				write_row(c, look.colour, status, out);
		}
		fputs("</tbody>\n", out);
	}
	fputs("</table>\n</div>\n", out);
}
