/*
 * Our models beside what others use: a row each, from which duration of tasks on the
 * machine is used, or how many tasks get done.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/number.h"
#include "harness/peers.h"
#include "harness/plot_internal.h"

#define MARGIN 1.15 /* air left and right of what is shown */
#define APART 4.5   /* pixels, of dot and ring from the middle of their row */

struct figure {
	const struct view *v;
	struct canvas c;
	struct peers p;
	struct plot_rows rows;
	const struct peers_row **shown; /* [rows.n] */
	struct log_axis axis;
	bool curves; /* durations are shown; else rates */
};

static const struct estimate *share_of(const struct peers_row *row,
				       enum metg_share share)
{
	return &row->curve->metg_ns[share];
}

/* Whether there is something of @row that can be shown. */
static bool has_place(const struct figure *f, const struct peers_row *row)
{
	if (!f->curves)
		return row->only && row->only->throughput_per_s.median > 0;
	return row->curve && !isnan(share_of(row, METG_95)->median);
}

static void add_row(struct figure *f, const struct peers_row *row)
{
	struct plot_row *r;

	if (!has_place(f, row))
		return;
	f->shown[f->rows.n] = row;
	r = plot_rows_add(&f->rows, row->model);
	snprintf(r->label, sizeof(r->label), "%s", row->ours ? "ours" : "");
	if (!f->curves) {
		log_axis_reach(&f->axis, &row->only->throughput_per_s);
		return;
	}
	/* As far as was measured: an answer beyond it is an arrow. */
	f->axis.low = fmin(f->axis.low, row->curve->points[0].task_ns);
	f->axis.high =
		fmax(f->axis.high,
		     row->curve->points[row->curve->n_points - 1].task_ns);
}

static void choose(struct figure *f)
{
	for (size_t i = 0; i < f->p.n; i++)
		f->curves = f->curves || f->p.rows[i].curve;
	f->axis = (struct log_axis){
		.low = INFINITY,
		.high = 0,
		.name = f->curves ? number_time_short : number_short,
		.words = f->curves ? "duration of a task in serial (log scale)"
				   : "tasks per second (log scale)",
		.margin = MARGIN,
		.grid = true,
	};
	for (size_t i = 0; i < f->p.n; i++)
		add_row(f, &f->p.rows[i]);
}

/* What lies beyond the axis ends at its end. */
static double onto(const struct log_axis *axis, double x)
{
	return isinf(x) ? x < 0 ? axis->low : axis->high : x;
}

/* Three columns of a duration; none if its middle is beyond what was measured. */
static void write_duration(const struct figure *f, const struct estimate *e,
			   FILE *out)
{
	struct estimate at = {e->median, onto(&f->axis, e->low),
			      onto(&f->axis, e->high)};

	if (isfinite(e->median))
		plot_estimate(out, &at);
	else
		fputs(" ? ? ?", out);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# y dot low high ring low high\n", out);
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct peers_row *row = f->shown[i];

		plot_rows_data(&f->rows, i, out);
		if (f->curves) {
			write_duration(f, share_of(row, METG_95), out);
			write_duration(f, share_of(row, METG_50), out);
		} else {
			plot_estimate(out, &row->only->throughput_per_s);
			fputs(" ? ? ?", out);
		}
		fputc('\n', out);
	}
}

/* A METG as short as its column: "23 µs", "< 10 µs", "> 10 ms". */
static struct number short_text(const struct metg_curve *c, double ns)
{
	struct number n = number_time(ns);

	if (isinf(ns))
		snprintf(
			n.text, sizeof(n.text), "%s %.32s", ns < 0 ? "<" : ">",
			number_time_short(
				c->points[ns < 0 ? 0 : c->n_points - 1].task_ns)
				.text);
	return n;
}

/* The medians as numbers, to the right; what cannot be drawn is an arrow. */
static void write_numbers(const struct figure *f)
{
	struct text_style number = {SIZE_SMALL, ALIGN_RIGHT, INK, false};
	struct text_style word = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	double dot = f->c.right + 86, ring = f->c.right + 168;

	canvas_text(&f->c, dot, f->c.top - 14, &word,
		    f->curves ? "95 %" : "tasks/s");
	if (f->curves)
		canvas_text(&f->c, ring, f->c.top - 14, &word, "50 %");
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct peers_row *row = f->shown[i];
		double y = f->rows.list[i].y;
		double at = f->curves ? share_of(row, METG_95)->median : 0;
		struct text_style arrow = {SIZE_TEXT,
					   at < 0 ? ALIGN_LEFT : ALIGN_RIGHT,
					   f->rows.list[i].look.text, false};

		if (!f->curves) {
			canvas_text(
				&f->c, dot, y, &number,
				number_plain(row->only->throughput_per_s.median)
					.text);
			continue;
		}
		if (isinf(at))
			canvas_text(&f->c,
				    at < 0 ? f->c.left + 4 : f->c.right - 4, y,
				    &arrow, at < 0 ? "◄" : "►");
		canvas_text(&f->c, dot, y, &number,
			    short_text(row->curve, at).text);
		canvas_text(
			&f->c, ring, y, &number,
			short_text(row->curve, share_of(row, METG_50)->median)
				.text);
	}
}

static void legend(const struct figure *f)
{
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	const char *words = "95 % of the machine used from here on";
	double x = f->c.left + 6, y = 92;

	if (!f->curves)
		return;
	canvas_point(&f->c, x, y, 7, 0.8, INK);
	canvas_text(&f->c, x + 12, y, &text, words);
	x += 40 + plot_text_width(words, SIZE_SMALL, false);
	canvas_point(&f->c, x, y, 6, 1.1, INK);
	canvas_text(&f->c, x + 12, y, &text, "50 %");
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fputs(f->curves ? "Dot chart of the shortest tasks with which our "
			  "models and others are 95 % and 50 % efficient."
			: "Dot chart of the tasks per second of our models and "
			  "others.",
	      alt);
	for (size_t i = 0; i < f->rows.n; i++) {
		const struct peers_row *row = f->shown[i];

		fprintf(alt, " %s: ", f->rows.list[i].model);
		if (f->curves)
			fprintf(alt, "%s and %s.",
				metg_text(row->curve,
					  share_of(row, METG_95)->median)
					.text,
				metg_text(row->curve,
					  share_of(row, METG_50)->median)
					.text);
		else
			fprintf(alt, "%s.",
				number_plain(row->only->throughput_per_s.median)
					.text);
	}
}

static void write_figure(struct figure *f, const struct draft *d,
			 const char *name)
{
	const struct view *v = f->v;
	char subtitle[200];

	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s; %s is better. Bar: 95 %% interval.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s",
		 f->curves ? "left" : "right");
	f->c = canvas_begin_rows(d, name, subtitle, &f->rows, &f->axis);
	fprintf(d->gp, "APART = %g\n", f->curves ? APART : 0);
	legend(f);
	write_numbers(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct figure f = {.v = v};
	int r = peers_make(v, &f.p);

	if (r < 0)
		return r;
	r = plot_rows_init(&f.rows, v, f.p.n);
	f.shown = calloc(f.p.n + 1, sizeof(*f.shown));
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
	peers_done(&f.p);
	return r;
}

const struct plot_kind plot_peers = {
	.name = "peers",
	.experiment = "peers",
	.script = asset_peers_gp,
	.draw = draw,
	.title = title_peers,
	.neutral = title_neutral_peers,
	.heading = "What people use otherwise",
	.lead = "The same tasks, digests included, in the same blocks, run by "
		"our models and by peers: Node.js, Python, libraries for C and "
		"C++, xargs; each as its users use it.",
	.how = "With a workload that does nothing a dot is the tasks per "
	       "second: what it takes to bring a task there and back.  With "
	       "real work a dot is the duration of a task from which on 95&nbsp;% "
	       "of the machine does the work, and a ring that of half of it: "
	       "METG, as in the figure of the efficiency.  An arrow at an end "
	       "says that the answer is beyond the durations that were "
	       "measured.  Nobody is pinned here, since peers cannot be.  All "
	       "have many tasks in flight for each worker, but those that start "
	       "a program for a task, who have one.  OpenMP and oneTBB run a "
	       "task in the thread that submits it when their queue is full or "
	       "it waits: then nobody has to be woken, and nothing is handed "
	       "over.  Peers take no time stamps; our models take several of "
	       "each task, and check its result when it comes.",
	.try = "Which of the peers do you use?  How long do your tasks take, "
	       "and how much of the machine is left to them?",
};
