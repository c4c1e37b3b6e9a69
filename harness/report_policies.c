/*
 * The table of experiment `policies'.
 */
#include <math.h>

#include "harness/html.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/policies.h"
#include "harness/report_internal.h"

static const char *const columns[] = {
	"policy",
	"tasks/s",
	"95&nbsp;% interval",
	"ratio",
	"95&nbsp;% interval",
	"requests, busiest to mean",
	"Jain’s index",
	"connections, busiest to mean",
	"wasted wake-ups a request",
	"p99 at the same load",
	"95&nbsp;% interval",
	"kept under kills",
	"95&nbsp;% interval",
	"place out",
	NULL,
};

static void write_row(const struct view *v, const struct policies *p,
		      const struct policy_row *row, FILE *out)
{
	static const struct estimate unknown = {NAN, NAN, NAN};
	const struct cell_summary *c = row->closed;
	const struct policy *policy = &p->list[row->policy];
	struct look look = look_of(v->models, v->n_models, policy->model);
	struct estimate p99 = row->open ? cell_p99_ns(row->open) : unknown;

	html_write(out, "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>",
		   look.colour, policy->name);
	report_estimate(&c->throughput_per_s, number_plain, out);
	report_estimate(&row->ratio, number_ratio, out);
	html_write(out, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
		   number_ratio(c->task_spread.most.median).text,
		   number_ratio(c->task_spread.jain).text,
		   number_ratio(c->connection_spread.most.median).text,
		   number_ratio(c->wasted_wakeups).text);
	report_estimate(&p99, number_time, out);
	report_estimate(&row->kept, number_percent, out);
	html_write(out, "<td>%s</td></tr>\n", number_time(row->outage_ns).text);
}

/* The rows of one situation follow each other, under its name. */
static void write_rows(const struct view *v, const struct policies *p,
		       FILE *out)
{
	const struct cell_spec *before = NULL;
	char situation[64];

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct cell_spec *spec = &p->rows[i].closed->spec;

		if (!before || !policies_same_situation(before, spec))
			html_write(out,
				   "<tr><th scope=\"rowgroup\" "
				   "colspan=\"14\">%s</th></tr>\n",
				   policies_situation(spec, situation));
		write_row(v, p, &p->rows[i], out);
		before = spec;
	}
}

void report_policies(const struct view *v, FILE *out)
{
	struct policies p;

	/* Without memory the page has one table less. */
	if (policies_make(v, &p) < 0)
		return;
	report_begin_table(
		out, "Policies in numbers",
		"Policies in numbers.  Ratio: to the default policy in the "
		"same situation.  Busiest to mean: 1 if all workers had the "
		"same, the number of workers if one had all.  Kept under "
		"kills: throughput while 20 workers a second are killed for "
		"half of the time; and for how long a place has no worker "
		"then, on average.",
		columns);
	write_rows(v, &p, out);
	report_end_table(out);
	policies_done(&p);
}
