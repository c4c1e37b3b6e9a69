/*
 * Throughput against workers: curves, labels, words.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_throughput.h"

static void write_point(struct throughput *f, FILE *out,
			const struct cell_summary *c)
{
	const struct estimate *t = &c->throughput_per_s;

	fprintf(out, "%.6g %" PRIu32 " %.6g",
		throughput_position(f, c->spec.workers), c->spec.workers,
		t->median);
	if (isfinite(t->low) && isfinite(t->high))
		fprintf(out, " %.6g %.6g\n", t->low, t->high);
	else
		fputs(" ? ?\n", out);
}

static void write_ideal(const struct throughput *f, FILE *out)
{
	const struct view *v = f->v;
	double knee = view_processors(v->s);
	bool knee_done = false;

	fputs("# ideal\n", out);
	for (size_t i = 0; i < v->n_workers; i++) {
		double n = v->workers[i];

		if (!knee_done && i > 0 && n > knee && v->workers[i - 1] < knee)
			fprintf(out, "%.6g %.6g %.6g\n",
				throughput_position(f, knee), knee,
				throughput_ideal(f, knee));
		knee_done = n >= knee;
		fprintf(out, "%.6g %.6g %.6g\n", throughput_position(f, n), n,
			throughput_ideal(f, n));
	}
	fputs("\n\n", out);
}

#define LAW_STEPS 48u /* of a curve of the law */

/*
 * The Universal Scalability Law of each model to which it was fitted, as a data
 * set; LAW[i] is the model of number i.
 */
static void write_laws(const struct throughput *f, FILE *out)
{
	unsigned laws = 0;

	/* gnuplot looks at the first one even if there is none. */
	fprintf(f->c.gp, "array LAW[%zu]\nLAW[1] = 1\n", f->n);
	for (size_t i = 0; i < f->n; i++) {
		double last = floor(view_processors(f->v->s));
		struct usl u;

		if (answer_fit_usl(f->v, f->models[i], &u) < 0)
			continue;
		fprintf(f->c.gp, "LAW[%u] = %zu\n", ++laws, i + 1);
		fprintf(out, "\n\n# law of %s\n", f->models[i]);
		for (unsigned k = 0; k <= LAW_STEPS; k++) {
			double n = 1 + (last - 1) * k / LAW_STEPS;

			fprintf(out, "%.6g %.6g %.6g\n",
				throughput_position(f, n), n,
				usl_at(&u.model, n));
		}
	}
	fprintf(f->c.gp, "LAWS = %u\n", laws);
}

static void write_data(struct throughput *f, FILE *out)
{
	const struct view *v = f->v;

	fputs("# position workers tasks_per_s low high\n", out);
	for (size_t i = 0; i < f->n; i++) {
		plot_comment(out, f->models[i]);
		for (size_t k = 0; k < v->n_workers; k++) {
			const struct cell_summary *c =
				view_cell(v, f->models[i], v->workers[k]);

			if (view_measured(c))
				write_point(f, out, c);
			else if (c)
				fputc('\n', out); /* tried: a gap */
		}
		fputs("\n\n", out);
	}
	if (isfinite(f->unit))
		write_ideal(f, out);
	if (f->serial) {
		plot_comment(out, f->serial->spec.model);
		write_point(f, out, f->serial);
	}
	write_laws(f, out);
}

/* The label of one curve: its name and what its workers gained. */
static struct end_label end_label(const struct throughput *f, size_t i)
{
	const struct view *v = f->v;
	const struct cell_summary *first = NULL, *last = NULL;
	struct end_label l = {.colour = f->looks[i].text,
			      .line_colour = f->looks[i].colour};

	for (size_t k = 0; k < v->n_workers; k++) {
		const struct cell_summary *c =
			view_cell(v, f->models[i], v->workers[k]);

		if (!view_measured(c))
			continue;
		first = first ? first : c;
		last = c;
	}
	CHECK(last);
	snprintf(l.name, sizeof(l.name), "%s", f->models[i]);
	l.x = throughput_x(f, last->spec.workers);
	l.y = throughput_y(f, last->throughput_per_s.median);
	if (!(first->throughput_per_s.median > 0) || first == last)
		snprintf(l.second, sizeof(l.second), "%.20s tasks/s",
			 number_plain(last->throughput_per_s.median).text);
	else
		snprintf(l.second, sizeof(l.second),
			 "%.20s its own %" PRIu32 " worker%s",
			 number_times(last->throughput_per_s.median /
				      first->throughput_per_s.median)
				 .text,
			 first->spec.workers,
			 first->spec.workers == 1 ? "" : "s");
	return l;
}

/* The serial model: a short line from the axis to its point. */
static void mark_serial(const struct throughput *f)
{
	struct look look = {.colour = "black", .point = 6};
	struct text_style bold = {SIZE_TEXT, ALIGN_LEFT, NULL, true};
	double y;

	for (size_t i = 0; i < f->v->n_models; i++) {
		if (view_is_baseline(f->v, f->v->models[i]))
			look = look_of(f->v->models, f->v->n_models, i);
	}
	fprintf(f->c.gp, "SERIAL_MODEL = ");
	plot_quote(f->c.gp, f->v->s->run->info.baseline);
	fprintf(f->c.gp, "\nSERIAL_COLOUR = '%s'\nSERIAL_POINT = %d\n",
		look.colour, look.point);
	if (!f->serial)
		return;
	y = throughput_y(f, f->serial->throughput_per_s.median);
	bold.colour = look.text;
	canvas_line(&f->c, f->c.left, y,
		    throughput_x(f, f->serial->spec.workers), y, look.colour,
		    1.2, look.dash);
	canvas_text(&f->c, f->c.left + 6, y - 11, &bold, f->serial->spec.model);
}

/* The processors, and what the ideal line is. */
static void annotate(const struct throughput *f)
{
	struct text_style centre = {SIZE_SMALL, ALIGN_CENTRE, GREY, false};
	struct text_style right = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const struct view *v = f->v;
	double p = view_processors(v->s), last = v->workers[v->n_workers - 1];
	char text[96];
	double width;

	canvas_text(&f->c, 20, 94, &left, "tasks per second");
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &middle, f->log_axis ? "workers (log scale)" : "workers");
	if (p >= v->workers[0] && p <= last) {
		snprintf(text, sizeof(text), "%.20s processor%s",
			 number_short(p).text, p > 1 ? "s" : "");
		canvas_line(&f->c, throughput_x(f, p), f->c.top - 4,
			    throughput_x(f, p), f->c.bottom, MARK, 1, "(3,4)");
		canvas_text(&f->c, throughput_x(f, p), f->c.top - 14, &centre,
			    text);
	}
	if (isfinite(f->unit)) {
		snprintf(text, sizeof(text),
			 "ideal: %.32s × workers, up to the processors",
			 v->s->run->info.baseline);
		width = plot_text_width(text, SIZE_SMALL, false);
		canvas_text(&f->c, f->c.right, 94, &right, text);
		canvas_line(&f->c, f->c.right - width - 36, 94,
			    f->c.right - width - 8, 94, GREY, 1.5, "(5,3)");
	}
}

static int write_labels(struct throughput *f)
{
	struct end_label *labels = calloc(f->n + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		labels[i] = end_label(f, i);
	r = canvas_end_labels(&f->c, labels, f->n);
	free(labels);
	return r;
}

static void note_missing(struct throughput *f)
{
	size_t n = f->n;

	if (f->serial)
		f->models[n++] = f->serial->spec.model;
	canvas_missing(&f->c, f->v, f->models, n);
}

static void write_alt(const struct throughput *f, FILE *alt)
{
	const struct view *v = f->v;

	fprintf(alt, "Line chart of throughput, %s.", v->workload);
	if (f->serial)
		fprintf(alt, " %s: %s tasks per second.", f->serial->spec.model,
			number_plain(f->serial->throughput_per_s.median).text);
	for (size_t i = 0; i < f->n; i++) {
		const char *before = "";

		fprintf(alt, " %s: ", f->models[i]);
		for (size_t k = 0; k < v->n_workers; k++) {
			const struct cell_summary *c =
				view_cell(v, f->models[i], v->workers[k]);

			if (!view_measured(c))
				continue;
			fprintf(alt, "%s%s with %" PRIu32, before,
				number_plain(c->throughput_per_s.median).text,
				v->workers[k]);
			before = ", ";
		}
		fprintf(alt, " worker%s.", v->n_workers > 1 ? "s" : "");
	}
}

static void write_subtitle(const struct throughput *f, char *buf, size_t size)
{
	const struct view *v = f->v;
	bool intervals = false;

	for (size_t i = 0; i < v->s->n; i++)
		intervals |= view_owns(v, &v->s->cells[i]) &&
			     isfinite(v->s->cells[i].throughput_per_s.low);
	snprintf(buf, size,
		 "%s, %.20s a task. Line: median of %" PRIu32 " block%s%s",
		 v->workload, number_time(view_task_ns(v)).text,
		 v->s->run->info.blocks_done,
		 v->s->run->info.blocks_done == 1 ? "" : "s",
		 intervals ? "; band: its 95 % interval."
			   : ", too few for an interval.");
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct throughput f = {.v = v, .c.gp = d->gp, .unit = view_unit(v)};
	char subtitle[200];
	int r = -ENOMEM;

	f.models = calloc(v->n_models + 1, sizeof(*f.models));
	f.looks = calloc(v->n_models + 1, sizeof(*f.looks));
	if (!f.models || !f.looks)
		goto out;
	throughput_choose(&f);
	r = -ENODATA;
	if (f.n == 0)
		goto out;
	throughput_scale(&f);
	/* Where no task ever ended in its window there is no scale. */
	if (!(f.y_max > 0))
		goto out;
	write_subtitle(&f, subtitle, sizeof(subtitle));
	canvas_begin(&f.c, name, d->title, subtitle);
	canvas_models(&f.c, f.models, f.looks, f.n);
	fprintf(d->gp, "IDEAL = %d\nSERIAL = %d\n", isfinite(f.unit) ? 1 : 0,
		f.serial ? 1 : 0);
	throughput_tics(&f);
	annotate(&f);
	mark_serial(&f);
	note_missing(&f);
	write_data(&f, d->data);
	write_alt(&f, d->alt);
	r = write_labels(&f);
out:
	free(f.models);
	free(f.looks);
	return r;
}

const struct plot_kind plot_throughput = {
	.name = "throughput",
	.experiment = "scaling",
	.script = asset_throughput_gp,
	.draw = draw,
	.title = title_throughput,
	.neutral = title_neutral_throughput,
	.heading = "How much work gets done",
	.lead = "Completed tasks per second, by number of workers.",
	.how = "Each line is a model; higher is better.  The dashed line is "
	       "the ideal: what the serial model does, times the workers, up "
	       "to the processors there are.  More workers than processors "
	       "cannot do more, they only take turns.  A thin dotted line, where "
	       "there are points enough, is the Universal Scalability Law of "
	       "the table below.  The band round a line "
	       "is the 95&nbsp;% interval of its median: where bands of two "
	       "models overlap, look at the ratio in the table, which "
	       "compares slices measured side by side and is sharper.  A "
	       "title that says a model uses the processors well means: at "
	       "least 90&nbsp;% of the ideal.",
	.try = "Which model loses most between its first and its last point, "
	       "and which phase in the next figures explains it?",
};
