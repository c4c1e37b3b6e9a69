/*
 * The table of choices in words.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/decision.h"
#include "harness/number.h"
#include "harness/view.h"

static const char *const need_names[DECISION_NEEDS] = {
	[DECISION_MOST] = "most work",
	[DECISION_ISOLATED] = "a crash stays alone",
	[DECISION_FRESH] = "a new worker for each task",
	[DECISION_WAITING] = "short waiting",
};

const char *decision_need_name(enum decision_need need)
{
	CHECK((size_t)need < ARRAY_LEN(need_names));
	return need_names[need];
}

void decision_say_models(const struct decision_choice *c, FILE *out)
{
	size_t n = 0;

	if (c->n_chosen == 0)
		fputs("–", out);
	else if (c->n_chosen > 1)
		fputs(c->n_unsure > 0 ? "one of " : "any of ", out);
	for (size_t i = 0; i < c->n; i++) {
		if (c->rivals[i].chosen)
			fprintf(out, "%s%s", n++ ? ", " : "",
				c->rivals[i].cell->spec.model);
	}
}

void decision_say_workers(const struct decision_choice *c, FILE *out)
{
	uint32_t few = UINT32_MAX, many = 0;

	for (size_t i = 0; i < c->n; i++) {
		uint32_t workers = c->rivals[i].cell->spec.workers;

		if (!c->rivals[i].chosen)
			continue;
		few = workers < few ? workers : few;
		many = workers > many ? workers : many;
	}
	if (c->n_chosen == 0)
		return;
	if (few < many)
		fprintf(out, "%" PRIu32 " or ", few);
	fprintf(out, "%" PRIu32 " worker%s", many, many == 1 ? "" : "s");
}

/* "96 % [95 %, 97 %]" */
static struct number estimate_text(const struct estimate *e,
				   struct number (*one)(double))
{
	struct number n;

	snprintf(n.text, sizeof(n.text), "%.16s%.46s", one(e->median).text,
		 number_interval(e->low, e->high, one).text);
	return n;
}

struct decision_words decision_value(const struct decision_row *row,
				     enum decision_need need)
{
	const struct decision_choice *c = &row->choices[need];
	struct decision_words w = {""};
	char whose[40] = "";

	if (!c->best)
		return w;
	if (c->n_chosen > 1)
		snprintf(whose, sizeof(whose), "%s: ", c->best->spec.model);
	if (need == DECISION_WAITING)
		snprintf(w.text, sizeof(w.text),
			 "%s99 %% done within %s, at %" PRIu32 " %% load",
			 whose, estimate_text(&c->value, number_time).text,
			 row->load_percent);
	else if (isfinite(c->value.median))
		snprintf(w.text, sizeof(w.text), "%s%s of the ideal", whose,
			 estimate_text(&c->value, number_percent).text);
	else
		snprintf(w.text, sizeof(w.text), "%s%s tasks/s", whose,
			 estimate_text(&c->best->throughput_per_s, number_plain)
				 .text);
	return w;
}

struct decision_words decision_doubt(const struct decision_choice *c)
{
	struct decision_words w = {""};

	if (c->n == 1)
		strcpy(w.text, "the only such model here");
	else if (c->n_unsure > 0)
		strcpy(w.text, "this run cannot tell which");
	else if (c->n_chosen > 1)
		strcpy(w.text, "no difference that matters");
	return w;
}

struct decision_words decision_price(const struct decision_row *row,
				     enum decision_need need)
{
	static const char *const prices[] = {
		[VERDICT_SLOWER] = "",
		[VERDICT_NO_DIFFERENCE] = "costs nothing that matters",
		[VERDICT_FASTER] = "no model is shown to do more",
		[VERDICT_CANNOT_TELL] = "this run cannot tell what it costs",
	};
	const struct decision_choice *c = &row->choices[need];
	struct estimate loss = {1 - c->price.median, 1 - c->price.high,
				1 - c->price.low};
	struct decision_words w = {""};

	if (need == DECISION_MOST || !isfinite(loss.median))
		return w;
	if (c->best == row->choices[DECISION_MOST].best)
		strcpy(w.text, "no model is shown to do more");
	else if (c->price_verdict == VERDICT_SLOWER)
		snprintf(w.text, sizeof(w.text), "costs %s of the work",
			 estimate_text(&loss, number_percent).text);
	else
		strcpy(w.text, prices[c->price_verdict]);
	return w;
}

void decision_say_scope(const struct summary *s, const struct decision *d,
			FILE *out)
{
	const char *last = "";
	size_t n = 0;

	if (d->n == 0)
		return;
	fprintf(out,
		"This holds for this machine with %s processor%s, and for these "
		"tasks, which compute (",
		number_short(view_processors(s)).text,
		view_processors(s) > 1 ? "s" : "");
	for (size_t i = 0; i < d->n; i++) {
		if (d->rows[i].workload == last)
			continue;
		last = d->rows[i].workload;
		fprintf(out, "%s%s", n++ ? ", " : "", last);
	}
	fputs("): a class is told by the one duration that was measured in it. "
	      "It does not cover tasks that wait for disks or networks, other "
	      "machines, or other numbers of workers.",
	      out);
}

/* "most work: threads, 2 workers; 97 % of the ideal"; NULL: no memory. */
char *decision_line(const struct decision_row *row, enum decision_need need)
{
	const struct decision_choice *c = &row->choices[need];
	const struct decision_words parts[] = {
		decision_doubt(c),
		decision_value(row, need),
		decision_price(row, need),
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s: ", decision_need_name(need));
	decision_say_models(c, out);
	fputs(c->best ? ", " : "", out);
	decision_say_workers(c, out);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		fprintf(out, "%s%s", parts[i].text[0] ? "; " : "",
			parts[i].text);
	(void)fclose(out); /* a failed close shows as a text not there */
	return text;
}
