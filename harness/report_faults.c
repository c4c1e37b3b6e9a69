/*
 * Faults and what became of them: the section of experiment `faults'.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"
#include "harness/summary_faults.h"

static const char lead[] =
	"<section id=\"faults\">\n<h2>When workers die</h2>\n"
	"<p>While each model worked, again and again something happened to one "
	"of its workers.  What became of the tasks, and is it what such a model "
	"promises?</p>\n"
	"<details>\n<summary>How to read this</summary>\n<p>A task has to end "
	"exactly once, whatever becomes of its worker: <em>lost</em> and "
	"<em>answered twice</em> must be 0.  <em>Neighbours</em> are tasks in "
	"which nothing happened and which failed all the same.  "
	"<em>Retried</em>: tasks handed to a second worker; "
	"<em>replaced</em>: workers started in place of dead ones; – where the "
	"model does not count.  <em>Works again after</em>: from a place's last "
	"good task before the failure to its next good one, on average and at "
	"worst.  <em>Kept</em>: throughput compared with the same model left in "
	"peace, while for half of the time a fault comes every 50 ms, or for one "
	"that hangs, once.  <em>Left behind</em>: processes, descriptors and "
	"shared memory after the model was closed.</p>\n"
	"<p><strong>Try this.</strong> <code>manyhands task primes+segv 1000 "
	"4611686018427387905</code> runs a task in which the fault "
	"<code>segv</code> happens.</p>\n</details>\n";

static const char head[] =
	"<thead><tr><th scope=\"col\">fault</th><th scope=\"col\">model</th>"
	"<th scope=\"col\">tasks that failed</th>"
	"<th scope=\"col\">neighbours</th><th scope=\"col\">lost</th>"
	"<th scope=\"col\">answered twice</th>"
	"<th scope=\"col\">retried</th><th scope=\"col\">replaced</th>"
	"<th scope=\"col\">works again after</th><th scope=\"col\">at worst</th>"
	"<th scope=\"col\">kept</th>"
	"<th scope=\"col\" class=\"interval\">95&nbsp;% interval</th>"
	"<th scope=\"col\">survived</th><th scope=\"col\">left behind</th>"
	"<th scope=\"col\">verdict</th></tr></thead>\n";

static struct number counted(int64_t n)
{
	return n >= 0 ? number_count((uint64_t)n) : (struct number){"–"};
}

static void write_row(const struct fault_row *r, FILE *out)
{
	struct number interval =
		number_interval(r->kept.low, r->kept.high, number_percent);
	uint64_t left =
		r->left_processes + r->left_descriptors + r->left_mappings;
	char fate[80];

	html_write(out,
		   "<tr><th scope=\"row\" title=\"%s\">%s</th><td>%s</td>"
		   "<td class=\"word\">%s</td>",
		   r->fault->summary, r->fault->name, r->cell->spec.model,
		   fault_row_fate(r, fate, sizeof(fate)));
	html_write(out, "<td>%s</td><td>%s</td><td>%s</td>",
		   number_count(r->collateral).text, number_count(r->lost).text,
		   number_count(r->strays).text);
	html_write(out, "<td>%s</td><td>%s</td>", counted(r->retried).text,
		   counted(r->replaced).text);
	html_write(out, "<td>%s</td><td>%s</td>",
		   number_time(r->outage_ns).text,
		   number_time(r->outage_max_ns).text);
	html_write(out,
		   "<td>%s</td><td class=\"interval\">%s</td>"
		   "<td class=\"word\">%s</td><td>%s</td>",
		   number_percent(r->kept.median).text,
		   &interval.text[interval.text[0] == ' '],
		   fault_row_survived(r), number_count(left).text);
	html_write(out, "<td class=\"word\">%s%s</td></tr>\n",
		   r->broken[0] ? "broken promise: " : "as promised",
		   r->broken);
}

void report_faults(const struct summary *s, FILE *out)
{
	struct fault_row *rows = NULL;
	int n = summary_faults(s, &rows);

	if (n > 0) {
		fputs(lead, out);
		fputs("<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"Faults\">\n<table>\n<caption>Every fault in "
		      "every model.</caption>\n",
		      out);
		fputs(head, out);
		fputs("<tbody>\n", out);
		for (int i = 0; i < n; i++)
			write_row(&rows[i], out);
		fputs("</tbody>\n</table>\n</div>\n</section>\n", out);
	}
	free(rows);
}
