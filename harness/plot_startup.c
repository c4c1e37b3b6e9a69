/*
 * How long workers take to come and to go, by model and number of workers.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_internal.h"

#define MARGIN 1.3 /* air left of the shortest and right of the longest */

struct figure {
	const struct view *v;
	struct canvas c;
	struct plot_rows rows;
	const struct cell_summary **cells; /* [rows.n] */
	struct log_axis axis;              /* ns */
};

static void add_row(struct figure *f, size_t model, uint32_t workers)
{
	const struct view *v = f->v;
	const struct cell_summary *c = view_cell(v, v->models[model], workers);
	struct plot_row *row;

	if (!view_measured(c) || view_is_call(c) || !(c->open_ns.median > 0) ||
	    !(c->close_ns.median > 0))
		return;
	f->cells[f->rows.n] = c;
	row = plot_rows_add(&f->rows, model);
	snprintf(row->label, sizeof(row->label), "%" PRIu32 " worker%s",
		 workers, workers == 1 ? "" : "s");
	log_axis_reach(&f->axis, &c->open_ns);
	log_axis_reach(&f->axis, &c->close_ns);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# y workers ready_ns low high gone_ns low high\n", out);
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct cell_summary *c = f->cells[i];

		plot_rows_data(&f->rows, i, out);
		fprintf(out, " %" PRIu32, c->spec.workers);
		plot_estimate(out, &c->open_ns);
		plot_estimate(out, &c->close_ns);
		fputc('\n', out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt, "Dot chart of the time until all workers are ready and "
		     "until all are gone.");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct cell_summary *c = f->cells[i];

		fprintf(alt, " %s, %s: ready in %s%s,", f->rows.list[i].model,
			f->rows.list[i].label,
			number_time(c->open_ns.median).text,
			number_interval(c->open_ns.low, c->open_ns.high,
					number_time)
				.text);
		fprintf(alt, " gone in %s%s.",
			number_time(c->close_ns.median).text,
			number_interval(c->close_ns.low, c->close_ns.high,
					number_time)
				.text);
	}
}

/* The medians as numbers, in two columns to the right. */
static void write_numbers(const struct figure *f)
{
	struct text_style number = {SIZE_SMALL, ALIGN_RIGHT, INK, false};
	struct text_style word = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	double ready = f->c.right + 78, gone = f->c.right + 156;

	canvas_text(&f->c, ready, f->c.top - 14, &word, "ready");
	canvas_text(&f->c, gone, f->c.top - 14, &word, "gone");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct cell_summary *c = f->cells[i];

		canvas_text(&f->c, ready, f->rows.list[i].y, &number,
			    number_time(c->open_ns.median).text);
		canvas_text(&f->c, gone, f->rows.list[i].y, &number,
			    number_time(c->close_ns.median).text);
	}
}

static void legend(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	const char *words = "until all workers are ready";
	double x = f->c.left + 6, y = 92;

	canvas_point(&f->c, x, y, 7, 0.7, INK);
	canvas_text(&f->c, x + 12, y, &text, words);
	x += 44 + plot_text_width(words, SIZE_SMALL, false);
	canvas_point(&f->c, x, y, 6, 1.1, INK);
	canvas_text(&f->c, x + 14, y, &text, "until all are gone again");
}

static void write_figure(struct figure *f, const struct draft *d,
			 const char *name)
{
	uint32_t blocks = f->v->s->run->info.blocks_done;
	const struct cell_summary *first = f->cells[0];
	char subtitle[160];

	CHECK(first); /* a row at least, or there were no figure */
	snprintf(subtitle, sizeof(subtitle), "Median of %" PRIu32 " block%s%s",
		 blocks, blocks == 1 ? "" : "s",
		 isnan(first->open_ns.low) ? ", too few for an interval."
					   : "; bar: its 95 % interval.");
	f->c = canvas_begin_rows(d, name, subtitle, &f->rows, &f->axis);
	legend(f);
	write_numbers(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	size_t most = v->n_models * v->n_workers;
	struct figure f = {.v = v,
			   .axis = {.low = INFINITY,
				    .name = number_time_short,
				    .words = "time (log scale)",
				    .margin = MARGIN,
				    .grid = true}};
	int r = plot_rows_init(&f.rows, v, most);

	f.cells = calloc(most + 1, sizeof(*f.cells));
	if (!f.cells)
		r = -ENOMEM;
	if (r == 0) {
		for (size_t i = 0; i < v->n_models; i++) {
			for (size_t k = 0; k < v->n_workers; k++)
				add_row(&f, i, v->workers[k]);
		}
		r = f.rows.n > 0 ? 0 : -ENODATA;
	}
	if (r == 0)
		write_figure(&f, d, name);
	plot_rows_done(&f.rows);
	free(f.cells);
	return r;
}

const struct plot_kind plot_startup = {
	.name = "startup",
	.experiment = "startup",
	.script = asset_startup_gp,
	.draw = draw,
	.title = title_startup,
	.neutral = title_neutral_startup,
	.heading = "How workers come and go",
	.lead = "What one pays before the first task and after the last: the "
		"time until all workers are ready, and until all are gone.",
	.how = "A dot is the time from the call that opens the model until "
	       "every worker is ready for a task; a ring is the time from the "
	       "call that closes it until every worker is gone and waited for. "
	       " The axis is logarithmic: equal distances are equal ratios.  "
	       "A model with a worker per task has none to start here; it pays "
	       "with each task, as the next figure shows.  In the table, PSS "
	       "is the memory of all processes in which what several share "
	       "counts once; RSS counts it for each of them, so it can be more "
	       "than there is.",
	.try = "How many tasks of 1&nbsp;ms must a program have before it pays "
	       "to start each model?",
};
