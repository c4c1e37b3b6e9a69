/*
 * How much each policy gets done, and how busy it keeps its busiest worker.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/number.h"
#include "harness/plot_internal.h"
#include "harness/policies.h"

#define MARGIN 1.06 /* air left and right of what is shown */
#define LEAST 1.1   /* the axis reaches at least this factor both ways */

struct figure {
	const struct view *v;
	struct canvas c;
	struct policies p;
	struct plot_rows rows;
	const struct policy_row **shown; /* [rows.n] */
	struct log_axis axis;
};

static void add_row(struct figure *f, const struct policy_row *row)
{
	const struct estimate *most = &row->closed->task_spread.most;
	struct plot_row *r;

	if (!(row->ratio.median > 0) || !(most->median > 0))
		return;
	f->shown[f->rows.n] = row;
	r = plot_rows_add(&f->rows, f->p.list[row->policy].model);
	snprintf(r->label, sizeof(r->label), "%" PRIu32 ", %s",
		 row->closed->spec.depth,
		 row->closed->spec.settings[0] ? "one a task" : "kept");
	log_axis_reach(&f->axis, &row->ratio);
	log_axis_reach(&f->axis, most);
}

/* By policy, where the table has them by situation. */
static void choose(struct figure *f)
{
	for (size_t k = 0; k < f->p.n; k++) {
		for (size_t i = 0; i < f->p.n_rows; i++) {
			if (f->p.rows[i].policy == k)
				add_row(f, &f->p.rows[i]);
		}
	}
}

static void draw_one(const struct figure *f)
{
	double x = canvas_log_x(&f->c, &f->axis, 1);

	canvas_line(&f->c, x, f->c.top, x, f->c.bottom, GREY, 1, "solid");
}

static void legend(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	const char *words = "throughput, to that of the default";
	double x = f->c.left + 6, y = 92;

	canvas_point(&f->c, x, y, 7, 0.7, INK);
	canvas_text(&f->c, x + 12, y, &text, words);
	x += 44 + plot_text_width(words, SIZE_SMALL, false);
	canvas_point(&f->c, x, y, 6, 1.1, INK);
	canvas_text(&f->c, x + 14, y, &text,
		    "requests of the busiest worker, to the mean");
}

/* The medians as numbers, in two columns to the right. */
static void write_numbers(const struct figure *f)
{
	struct text_style number = {SIZE_SMALL, ALIGN_RIGHT, INK, false};
	struct text_style word = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	double work = f->c.right + 78, busiest = f->c.right + 156;

	canvas_text(&f->c, work, f->c.top - 14, &word, "work");
	canvas_text(&f->c, busiest, f->c.top - 14, &word, "busiest");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct policy_row *row = f->shown[i];
		double most = row->closed->task_spread.most.median;

		canvas_text(&f->c, work, f->rows.list[i].y, &number,
			    number_times(row->ratio.median).text);
		canvas_text(&f->c, busiest, f->rows.list[i].y, &number,
			    number_times(most).text);
	}
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# y ratio low high busiest low high\n", out);
	for (size_t i = 0; i < f->rows.n; i++) {
		plot_rows_data(&f->rows, i, out);
		plot_estimate(out, &f->shown[i]->ratio);
		plot_estimate(out, &f->shown[i]->closed->task_spread.most);
		fputc('\n', out);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Dot chart of the throughput of each policy to that of the "
		"default, and of the requests of its busiest worker to the "
		"mean of all.");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct policy_row *row = f->shown[i];
		const struct estimate *most = &row->closed->task_spread.most;
		char situation[64];

		fprintf(alt, " %s, %s: %s%s,", f->rows.list[i].model,
			policies_situation(&row->closed->spec, situation),
			number_times(row->ratio.median).text,
			number_interval(row->ratio.low, row->ratio.high,
					number_ratio)
				.text);
		fprintf(alt, " busiest %s.", number_times(most->median).text);
	}
}

static void write_figure(struct figure *f, const struct draft *d,
			 const char *name)
{
	const struct view *v = f->v;
	char subtitle[200];

	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s; by connections for each worker. "
		 "Bar: 95 %% interval.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s");
	f->c = canvas_begin_rows(d, name, subtitle, &f->rows, &f->axis);
	draw_one(f);
	legend(f);
	write_numbers(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v,
			   .axis = {.low = 1 / LEAST,
				    .high = LEAST,
				    .name = number_short,
				    .words = "ratio (log scale)",
				    .margin = MARGIN,
				    .grid = true}};
	int r = policies_make(v, &f.p);

	if (r < 0)
		return r;
	r = plot_rows_init(&f.rows, v, f.p.n_rows);
	f.shown = calloc(f.p.n_rows + 1, sizeof(*f.shown));
	if (!f.shown)
		r = -ENOMEM;
	if (r == 0) {
		choose(&f);
		r = f.rows.n > 0 ? 0 : -ENODATA;
	}
	if (r == 0)
		write_figure(&f, d, name);
	plot_rows_done(&f.rows);
	free(f.shown);
	policies_done(&f.p);
	return r;
}

const struct plot_kind plot_policies = {
	.name = "policies",
	.experiment = "policies",
	.script = asset_policies_gp,
	.draw = draw,
	.title = title_policies,
	.neutral = title_neutral_policies,
	.heading = "Which worker gets a connection",
	.lead = "The same server with different ways to choose a worker for a "
		"new connection: how much gets done, and who does it.",
	.how = "A dot is the throughput, as a ratio to that of the default "
	       "policy in the same situation and block; further right is "
	       "better.  A ring is how many requests the busiest worker had, "
	       "as a ratio to the mean of all: at 1 all had the same, and "
	       "further right is worse.  A situation is how many connections "
	       "there are for each worker, and whether they are kept or one is "
	       "made for each task.  A policy with dot and ring both to the "
	       "right is fast because one worker does it all: more work, or "
	       "more processors, and it is not.  In the table, Jain’s index of "
	       "fairness is 1 if all workers had the same and 1 / workers if "
	       "one had all (Jain, Chiu and Hawe, 1984).",
	.try = "Find the policy whose ring moves most from kept connections to "
	       "one for each task.  Who chooses the worker there, and what "
	       "does it know of them?",
};
