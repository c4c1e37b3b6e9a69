/*
 * The table of experiment `payload': bytes by carrier.
 */
#include "harness/html.h"
#include "harness/number.h"
#include "harness/payload.h"
#include "harness/report_internal.h"

static const char *const columns[] = {
	"bytes each way",
	"carrier",
	"copies",
	"moving them",
	"95&nbsp;% interval",
	"working on them",
	"task, to pointer’s",
	"95&nbsp;% interval",
	"processor time",
	"95&nbsp;% interval",
	"to pointer’s",
	"95&nbsp;% interval",
	"sleeps",
	NULL,
};

static void write_row(const struct payload *p, size_t k, size_t i, FILE *out)
{
	const struct payload_carrier *carrier = p->carriers[k];
	const struct payload_point *at = payload_at(p, k, i);

	html_write(out,
		   "<tr><td>%s</td><th scope=\"row\" style=\"--model:%s\">%s"
		   "</th><td>%s</td>",
		   number_bytes_short((double)p->bytes[i]).text,
		   carrier->look.colour, carrier->name,
		   number_count(carrier->copies).text);
	report_estimate(&at->move_ns, number_time, out);
	html_write(out, "<td>%s</td>", number_time(at->work_ns.median).text);
	report_estimate(&at->ratio, number_times, out);
	report_estimate(&at->cpu_ns, number_time, out);
	report_estimate(&at->cpu_ratio, number_times, out);
	html_write(out, "<td>%s</td></tr>\n",
		   number_plain(at->sleeps.median).text);
}

void report_payload(const struct view *v, FILE *out)
{
	struct payload p;

	/* Without memory the page has one table less. */
	if (payload_make(v, &p) < 0)
		return;
	report_begin_table(
		out, "Moving bytes",
		"Moving bytes.  Copies: of each byte, there and back "
		"together.  Moving: there and back, both wake-ups included.  "
		"Working: reading and changing each byte once.  Task: moving "
		"and working, as a ratio to the same with a pointer.  Processor "
		"time: of all processes, for one task.  Sleeps: how often "
		"generator or worker had to wait for one task.",
		columns);
	for (size_t i = 0; i < p.n_bytes; i++) {
		for (size_t k = 0; k < p.n_carriers; k++)
			write_row(&p, k, i, out);
	}
	report_end_table(out);
	payload_done(&p);
}
