/*
 * The tables of experiment `peers', and who is missing in them.
 */
#include <math.h>
#include <string.h>

#include "harness/html.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/peers.h"
#include "harness/report_internal.h"

static void begin_row(const struct view *v, const struct peers_row *row,
		      FILE *out)
{
	struct look look = look_of(v->models, v->n_models, row->model);

	html_write(out,
		   "<tr><th scope=\"row\" style=\"--model:%s\">%s</th>"
		   "<td class=\"word\">%s</td>",
		   look.colour, v->models[row->model],
		   row->ours ? "ours" : "peer");
}

static void end_row(const struct peers_row *row, FILE *out)
{
	html_write(out, "<td class=\"word\">%s</td></tr>\n", row->trouble);
}

/* With one size of tasks: how many get done. */
static void write_rates(const struct view *v, const struct peers *p, FILE *out)
{
	static const char *const columns[] = {
		"model",         "",
		"tasks/s",       "95&nbsp;% interval",
		"ratio",         "95&nbsp;% interval",
		"first failure", NULL,
	};

	report_begin_table(out, "Peers, tasks per second",
			   "Tasks per second; and as a ratio to the reference "
			   "model.",
			   columns);
	for (size_t i = 0; i < p->n; i++) {
		const struct peers_row *row = &p->rows[i];

		if (!row->only)
			continue;
		begin_row(v, row, out);
		report_estimate(&row->only->throughput_per_s, number_plain,
				out);
		report_estimate(&row->only->ratio, number_ratio, out);
		end_row(row, out);
	}
	report_end_table(out);
}

/* A METG with its interval. */
static void write_share(const struct metg_curve *c, enum metg_share share,
			FILE *out)
{
	struct number interval = metg_interval_text(c, &c->metg_ns[share]);

	html_write(out, "<td>%s</td><td class=\"interval\">%s</td>",
		   metg_text(c, c->metg_ns[share].median).text,
		   &interval.text[interval.text[0] == ' ']);
}

/* "24 % of 10 µs, 81 % of 101 µs": its efficiency at each duration. */
static void write_points(const struct metg_curve *c, FILE *out)
{
	fputs("<td class=\"word\">", out);
	for (size_t i = 0; i < c->n_points; i++)
		html_write(out, "%s%s at %s", i ? ", " : "",
			   number_percent(c->points[i].efficiency.median).text,
			   number_time(c->points[i].task_ns).text);
	fputs("</td>", out);
}

static void write_curves(const struct view *v, const struct peers *p, FILE *out)
{
	static const char *const columns[] = {
		"model",
		"",
		"METG(50&nbsp;%)",
		"95&nbsp;% interval",
		"METG(95&nbsp;%)",
		"95&nbsp;% interval",
		"efficiency",
		"first failure",
		NULL,
	};

	report_begin_table(out, "Peers, how small tasks may be",
			   "The shortest tasks with which a model or peer is "
			   "50&nbsp;% and 95&nbsp;% efficient, and how "
			   "efficient it is with each duration measured.",
			   columns);
	for (size_t i = 0; i < p->n; i++) {
		const struct peers_row *row = &p->rows[i];

		if (!row->curve && !row->trouble[0])
			continue;
		begin_row(v, row, out);
		if (row->curve) {
			write_share(row->curve, METG_50, out);
			write_share(row->curve, METG_95, out);
			write_points(row->curve, out);
		} else {
			fputs("<td>–</td><td></td><td>–</td><td></td>"
			      "<td>–</td>",
			      out);
		}
		end_row(row, out);
	}
	report_end_table(out);
}

/* "a 1.0; b 2.0": each part an item of a list, under @words; "": nothing. */
static void write_list(const char *words, const char *text, FILE *out)
{
	if (!text[0])
		return;
	html_write(out, "<p>%s</p>\n", words);
	fputs("<ul>\n", out);
	while (*text) {
		size_t n = strcspn(text, ";");
		char item[512];

		snprintf(item, sizeof(item), "%.*s", (int)n, text);
		html_write(out, "<li>%s</li>\n", item);
		text += n;
		text += strspn(text, "; ");
	}
	fputs("</ul>\n", out);
}

/* Who was there and who was not, once: with the first workload. */
static void write_census(const struct view *v, FILE *out)
{
	const struct run_info *info = &v->s->run->info;
	struct view first;

	if (view_make(v->s, v->experiment, 0, &first) < 0)
		return;
	if (strcmp(first.workload, v->workload) == 0) {
		write_list("Peers that were found, with the versions of their "
			   "runtimes:",
			   info->peers, out);
		write_list("Not measured, as they are not here, and what "
			   "brings them:",
			   info->absent_peers, out);
	}
	view_done(&first);
}

void report_peers(const struct view *v, FILE *out)
{
	struct peers p;
	bool curves = false;

	/* Without memory the page has one table less. */
	if (peers_make(v, &p) < 0)
		return;
	for (size_t i = 0; i < p.n; i++)
		curves = curves || p.rows[i].curve;
	if (curves)
		write_curves(v, &p, out);
	else
		write_rates(v, &p, out);
	peers_done(&p);
	write_census(v, out);
}
