/*
 * The tables of experiment `startup'.
 */
#include <math.h>
#include <string.h>

#include "harness/html.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/report_internal.h"

/*
 * The memory that one more worker takes: of @c beyond that of its model with
 * one worker.  NaN: unknown, as for workers who come and go with each task.
 */
static double memory_of_worker(const struct view *v,
			       const struct cell_summary *c)
{
	const struct cell_summary *one = view_cell(v, c->spec.model, 1);
	double more = c->spec.workers - 1.0, processes;

	if (!one || !(more > 0))
		return NAN;
	/* All of them are threads, or each is a process. */
	processes = c->processes - one->processes;
	if (fabs(processes) > 0 && fabs(processes - more) > 0)
		return NAN;
	return (c->pss_bytes - one->pss_bytes) / more;
}

void report_startup(const struct view *v, FILE *out)
{
	static const char *const columns[] = {
		"model",     "workers",
		"ready",     "95&nbsp;% interval",
		"gone",      "95&nbsp;% interval",
		"processes", "RSS",
		"PSS",       "PSS for each further worker",
		NULL,
	};

	report_begin_table(
		out, "Coming, going and memory",
		"Coming, going and memory.  Memory is measured once, in the "
		"first block.",
		columns);
	for (size_t i = 0; i < v->n_models; i++) {
		struct look look = look_of(v->models, v->n_models, i);

		for (size_t k = 0; k < v->n_workers; k++) {
			const struct cell_summary *c =
				view_cell(v, v->models[i], v->workers[k]);

			if (!view_measured(c) || view_is_call(c))
				continue;
			html_write(out,
				   "<tr><th scope=\"row\" style=\"--model:%s\">"
				   "%s</th><td>%s</td>",
				   look.colour, v->models[i],
				   number_count(v->workers[k]).text);
			report_estimate(&c->open_ns, number_time, out);
			report_estimate(&c->close_ns, number_time, out);
			html_write(out,
				   "<td>%s</td><td>%s</td><td>%s</td><td>%s"
				   "</td></tr>\n",
				   number_short(c->processes).text,
				   number_bytes(c->rss_bytes).text,
				   number_bytes(c->pss_bytes).text,
				   number_bytes(memory_of_worker(v, c)).text);
		}
	}
	report_end_table(out);
}

void report_calls(const struct view *v, FILE *out)
{
	static const char *const columns[] = {
		"call",
		"parent",
		"pages",
		"the call alone",
		"95&nbsp;% interval",
		"until gone",
		"95&nbsp;% interval",
		NULL,
	};

	report_begin_table(
		out, "Calls that create a worker",
		"The call alone, and until its worker was gone, by the "
		"memory of the parent.",
		columns);
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c) || !view_is_call(c) || !view_measured(c))
			continue;
		html_write(
			out,
			"<tr><th scope=\"row\">%s</th><td>%s</td><td>%s"
			"</td>",
			strchr(c->spec.runs, ':') + 1,
			number_bytes_short((double)c->spec.ballast_bytes).text,
			c->spec.ballast_bytes == 0 ? "–"
			: c->spec.ballast_huge     ? "huge"
						   : "4 KiB");
		report_estimate(&c->create_ns, number_time, out);
		report_estimate(&c->own_ns, number_time, out);
		fputs("</tr>\n", out);
	}
	report_end_table(out);
}
