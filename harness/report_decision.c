/*
 * The table of choices in the page, and the numbers that are behind it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/decision.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"

/* The columns, trusted HTML. */
static const struct {
	const char *name, *about;
} needs[DECISION_NEEDS] = {
	[DECISION_MOST] = {"Most work", "whatever does it"},
	[DECISION_ISOLATED] = {"A crash stays alone", "workers are processes"},
	[DECISION_FRESH] = {"A new worker for each task",
			    "nothing is kept between tasks"},
	[DECISION_WAITING] = {"Short waiting", "tasks come at random times"},
};

/* Whether some row has something to say about @need. */
static bool has_column(const struct decision *d, enum decision_need need)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->rows[i].choices[need].n > 0)
			return true;
	}
	return false;
}

/* One of the texts that go to a stream, escaped. */
static void write_said(void (*say)(const struct decision_choice *, FILE *),
		       const struct decision_choice *c, FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *in = open_memstream(&text, &size);

	if (in) {
		say(c, in);
		(void)fclose(in); /* as a text that is not there */
	}
	if (text)
		html_escape(out, text);
	free(text);
}

static void write_choice(const struct decision *d, size_t i,
			 enum decision_need need, FILE *out)
{
	const struct decision_row *row = &d->rows[i];
	const struct decision_choice *c = &row->choices[need];
	const struct decision_words words[] = {
		decision_doubt(c),
		decision_value(row, need),
		decision_price(row, need),
	};

	if (c->n == 0) {
		fputs("<td>–</td>\n", out);
		return;
	}
	fprintf(out, "<td><a href=\"#choice-%zu-%d\">", i, (int)need);
	write_said(decision_say_models, c, out);
	fputs("</a>, ", out);
	write_said(decision_say_workers, c, out);
	for (size_t k = 0; k < ARRAY_LEN(words); k++) {
		if (words[k].text[0])
			html_write(out, "<span>%s</span>", words[k].text);
	}
	fputs("</td>\n", out);
}

static void write_scope(const struct summary *s, const struct decision *d,
			FILE *out)
{
	char *text = NULL;
	size_t size;
	FILE *in = open_memstream(&text, &size);

	if (in) {
		decision_say_scope(s, d, in);
		(void)fclose(in); /* as a text that is not there */
	}
	if (text)
		html_write(out, "<p class=\"small\">%s</p>\n", text);
	free(text);
}

void report_decision(const struct summary *s, const struct decision *d,
		     FILE *out)
{
	if (d->n == 0)
		return;
	fputs("<section id=\"decision\">\n<h2>What to take</h2>\n"
	      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	      "aria-label=\"What to take\">\n<table class=\"decision\">\n"
	      "<thead><tr><th scope=\"col\">Tasks of</th>",
	      out);
	for (int need = 0; need < DECISION_NEEDS; need++) {
		if (has_column(d, (enum decision_need)need))
			fprintf(out, "<th scope=\"col\">%s<span>%s</span></th>",
				needs[need].name, needs[need].about);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t i = 0; i < d->n; i++) {
		const struct decision_row *row = &d->rows[i];

		html_write(out,
			   "<tr><th scope=\"row\">%s<span>%s, %s</span></th>\n",
			   row->class_name, row->workload,
			   number_time(row->task_ns).text);
		for (int need = 0; need < DECISION_NEEDS; need++) {
			if (has_column(d, (enum decision_need)need))
				write_choice(d, i, (enum decision_need)need,
					     out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table>\n</div>\n", out);
	write_scope(s, d, out);
	fputs("</section>\n", out);
}

/* "no difference" of a rival to the best of its group. */
static const char *verdict_of(const struct decision_choice *c,
			      const struct decision_rival *r)
{
	if (r->cell == c->best)
		return "best";
	if (!r->chosen)
		return "worse";
	return r->unsure ? "cannot tell" : "no difference";
}

static void write_rival(const struct decision_choice *c,
			enum decision_need need, const struct decision_rival *r,
			FILE *out)
{
	const struct latency_summary *l = &r->cell->percentiles;
	const struct estimate *e = need == DECISION_WAITING
					   ? &l->interval[2]
					   : &r->cell->throughput_per_s;
	double value = need == DECISION_WAITING ? (double)l->p99_ns : e->median;
	struct number (*one)(double) =
		need == DECISION_WAITING ? number_time : number_plain;
	struct number interval = number_interval(e->low, e->high, one);
	struct number between =
		number_interval(r->ratio.low, r->ratio.high, number_ratio);

	html_write(out,
		   "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>"
		   "<td>%s</td><td class=\"interval\">%s</td><td>%s</td>",
		   r->cell->spec.model,
		   number_count(r->cell->spec.workers).text,
		   number_count(r->cell->index).text, one(value).text,
		   &interval.text[interval.text[0] == ' '],
		   need == DECISION_WAITING
			   ? "–"
			   : number_percent(r->cell->efficiency).text);
	html_write(out,
		   "<td>%s</td><td class=\"interval\">%s</td>"
		   "<td class=\"word\">%s</td></tr>\n",
		   number_ratio(r->ratio.median).text,
		   &between.text[between.text[0] == ' '], verdict_of(c, r));
}

/* All that a choice was made from. */
static void write_group(const struct decision *d, size_t i,
			enum decision_need need, FILE *out)
{
	const struct decision_row *row = &d->rows[i];
	const struct decision_choice *c = &row->choices[need];

	if (c->n == 0)
		return;
	fprintf(out, "<tbody id=\"choice-%zu-%d\">\n", i, (int)need);
	html_write(out,
		   "<tr><th scope=\"rowgroup\" colspan=\"9\">%s, %s: %s "
		   "(experiment %s, %s)</th></tr>\n",
		   row->class_name, row->workload, decision_need_name(need),
		   c->best->spec.experiment,
		   need == DECISION_WAITING ? "p99" : "tasks/s");
	for (size_t k = 0; k < c->n; k++)
		write_rival(c, need, &c->rivals[k], out);
	fputs("</tbody>\n", out);
}

void report_choices(const struct decision *d, FILE *out)
{
	static const char *const columns[] = {
		"model",      "workers", "cell",     "value",   "interval",
		"efficiency", "ratio",   "interval", "verdict",
	};

	if (d->n == 0)
		return;
	fputs("<section id=\"choices\">\n"
	      "<h2>The numbers behind the choices</h2>\n"
	      "<p>Each choice names the best of its group here, and all that "
	      "it cannot be told from.  The ratio is to that best; its "
	      "interval holds for all of a group <a href=\"#family\">at "
	      "once</a>.  For waiting the value is the p99, so more is "
	      "worse.</p>\n"
	      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	      "aria-label=\"Numbers behind the choices\">\n<table>\n"
	      "<caption>Cell: its number in "
	      "<a href=\"slices.csv\">slices.csv</a>, column x_cell.</caption>"
	      "\n<thead><tr>",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		fprintf(out, "<th scope=\"col\"%s>%s</th>",
			strcmp(columns[i], "interval") == 0
				? " class=\"interval\""
			: strcmp(columns[i], "verdict") == 0 ? " class=\"word\""
							     : "",
			columns[i]);
	fputs("</tr></thead>\n", out);
	for (size_t i = 0; i < d->n; i++) {
		for (int need = 0; need < DECISION_NEEDS; need++)
			write_group(d, i, (enum decision_need)need, out);
	}
	fputs("</table>\n</div>\n</section>\n", out);
}
