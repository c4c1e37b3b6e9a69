/*
 * The figure of who ran what when: a line a worker, a box a task.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/plot_internal.h"
#include "harness/timeline.h"

#define ROW_HEIGHT 28.0
#define PANEL_GAP 16.0
#define MAX_ROWS 8u /* workers of a model; more are said, not drawn */

static const enum phase shown[] = {PHASE_CREATE, PHASE_DISPATCH, PHASE_COMPUTE,
				   PHASE_RETURN};

/* The workers of one model. */
struct panel {
	const struct slice_result *slice;
	struct timeline_task *tasks; /* [n], owned */
	int n;
	struct look look;
	char name[64];
	struct timeline_span span; /* of which span.length_ns are drawn */
	uint32_t rows;
	double top; /* pixels */
};

struct figure {
	const struct view *v;
	struct canvas c;
	struct panel *panels; /* [n] */
	size_t n;
	uint64_t length_ns;
};

static int choose(struct figure *f)
{
	const struct view *v = f->v;

	f->length_ns = timeline_length_ns(v);
	for (size_t i = 0; i < v->n_models && f->length_ns > 0; i++) {
		struct panel p = {.slice = timeline_slice(v, v->models[i])};

		if (!p.slice)
			continue;
		p.span = timeline_known(p.slice);
		if (p.span.length_ns < f->length_ns)
			continue;
		p.span.length_ns = f->length_ns;
		p.n = timeline_tasks(p.slice, &p.tasks);
		if (p.n < 0)
			return p.n;
		p.look = look_of(v->models, v->n_models, i);
		plot_cell_name(v, view_focus(v, v->models[i]), p.name);
		p.rows = p.slice->cell.workers < MAX_ROWS
				 ? p.slice->cell.workers
				 : MAX_ROWS;
		f->panels[f->n++] = p;
	}
	return f->n > 0 ? 0 : -ENODATA;
}

static void layout(struct figure *f)
{
	double widest = 0, y = 124;

	for (size_t i = 0; i < f->n; i++) {
		struct panel *p = &f->panels[i];

		widest =
			fmax(widest, plot_text_width(p->name, SIZE_TEXT, true));
		p->top = y;
		y += ROW_HEIGHT * p->rows + PANEL_GAP;
	}
	f->c.width = 880;
	f->c.left = 78 + widest;
	f->c.right = 780;
	f->c.top = 124;
	f->c.bottom = y - PANEL_GAP;
	f->c.height = f->c.bottom + 64;
}

/* The unit of the axis. */
static double unit_ns(const struct figure *f, const char **name)
{
	*name = f->length_ns < 2000      ? "ns"
		: f->length_ns < 2000000 ? "µs"
					 : "ms";
	return f->length_ns < 2000 ? 1 : f->length_ns < 2000000 ? 1e3 : 1e6;
}

static void x_tics(const struct figure *f)
{
	struct text_style text = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	const char *unit;
	double one = unit_ns(f, &unit), length = (double)f->length_ns / one;
	struct tics t = plot_tics(length, 8, false);

	fputs("set xtics (", f->c.gp);
	for (size_t i = 0; i < t.n; i++)
		fprintf(f->c.gp, "%s'' %.6g", i ? ", " : "", t.at[i] * one);
	fputs(")\n", f->c.gp);
	for (size_t i = 0; i < t.n; i++) {
		char label[48];

		snprintf(label, sizeof(label), "%.20s%s%s",
			 number_short(t.at[i]).text, i + 1 == t.n ? " " : "",
			 i + 1 == t.n ? unit : "");
		canvas_text(&f->c,
			    f->c.left +
				    t.at[i] / length * (f->c.right - f->c.left),
			    f->c.bottom + 22, &text, label);
	}
}

static void write_panel(const struct figure *f, const struct panel *p)
{
	struct text_style name = {SIZE_TEXT, ALIGN_LEFT, p->look.text, true};
	struct text_style small = {SIZE_SMALL, ALIGN_RIGHT, GREY, false};
	struct text_style left = {SIZE_SMALL, ALIGN_LEFT, GREY, false};
	double middle = p->top + ROW_HEIGHT * p->rows / 2;
	char text[64];

	canvas_text(&f->c, 20, middle, &name, p->name);
	for (uint32_t w = 0; w < p->rows; w++) {
		double y = p->top + ROW_HEIGHT * (w + 0.5);

		snprintf(text, sizeof(text), "w%" PRIu32, w);
		canvas_text(&f->c, f->c.left - 10, y, &small, text);
		canvas_line(&f->c, f->c.left, y, f->c.right, y, "#D5D9DE", 1,
			    "solid");
	}
	snprintf(text, sizeof(text), "busy %.20s",
		 number_percent(timeline_busy(p->slice, p->span)).text);
	canvas_text(&f->c, f->c.right + 10,
		    middle - (p->rows < p->slice->cell.workers ? 9 : 0), &left,
		    text);
	if (p->rows == p->slice->cell.workers)
		return;
	snprintf(text, sizeof(text), "%" PRIu32 " of %" PRIu32, p->rows,
		 p->slice->cell.workers);
	canvas_text(&f->c, f->c.right + 10, middle + 9, &left, text);
}

/* The tasks of one model that can be seen, relative to the panel's begin. */
static void write_tasks(const struct figure *f, const struct panel *p,
			FILE *out)
{
	uint64_t until = p->span.from_ns + f->length_ns;

	plot_comment(out, p->name);
	for (int i = 0; i < p->n; i++) {
		const struct timeline_task *t = &p->tasks[i];

		if (t->at[PHASES] < p->span.from_ns ||
		    t->at[PHASE_CREATE] > until || t->worker >= p->rows)
			continue;
		fprintf(out, "%" PRIu32, t->worker);
		for (int k = PHASE_CREATE; k <= PHASES; k++)
			fprintf(out, " %.0f",
				(double)t->at[k] - (double)p->span.from_ns);
		fputc('\n', out);
	}
	fputs("\n\n", out);
}

static void write_arrays(const struct figure *f)
{
	FILE *gp = f->c.gp;

	canvas_phases(&f->c, shown, ARRAY_LEN(shown));
	fprintf(gp,
		"LENGTH = %" PRIu64 ".0\nROW_HEIGHT = %g\nPANELS = %zu\n"
		"array PANEL[%zu]\narray PANEL_TOP[%zu]\n",
		f->length_ns, ROW_HEIGHT, f->n, f->n, f->n);
	for (size_t i = 0; i < f->n; i++) {
		fprintf(gp, "PANEL_TOP[%zu] = %.1f\nPANEL[%zu] = ", i + 1,
			f->panels[i].top, i + 1);
		plot_quote(gp, f->panels[i].name);
		fputc('\n', gp);
	}
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Timeline of %s of the workers' tasks, %s, %" PRIu32
		" worker%s.  Computing, of all this time:",
		number_time_short((double)f->length_ns).text, f->v->workload,
		f->v->focus, f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->n; i++)
		fprintf(alt, "%s %s %s", i ? "," : "", f->panels[i].name,
			number_percent(timeline_busy(f->panels[i].slice,
						     f->panels[i].span))
				.text);
	fputc('.', alt);
}

static void write_figure(const struct figure *f, const struct draft *d,
			 const char *name)
{
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	char subtitle[200];

	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s: the tasks of a few moments of one "
		 "slice of each model",
		 f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s");
	canvas_begin(&f->c, name, d->title, subtitle);
	canvas_phase_legend(&f->c, shown, ARRAY_LEN(shown), 94);
	write_arrays(f);
	x_tics(f);
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 46,
		    &middle, "time; each model from a moment of its own");
	fputs("# worker turn created start end done; ns\n", d->data);
	for (size_t i = 0; i < f->n; i++) {
		write_panel(f, &f->panels[i]);
		write_tasks(f, &f->panels[i], d->data);
	}
	write_alt(f, d->alt);
}

static int draw(struct draft *d, const char *name)
{
	struct figure f = {.v = d->v, .c.gp = d->gp};
	int r;

	f.panels = calloc(d->v->n_models + 1, sizeof(*f.panels));
	if (!f.panels)
		return -ENOMEM;
	r = choose(&f);
	if (r == 0) {
		layout(&f);
		write_figure(&f, d, name);
	}
	for (size_t i = 0; i < f.n; i++)
		free(f.panels[i].tasks);
	free(f.panels);
	return r;
}

const struct plot_kind plot_timeline = {
	.name = "timeline",
	.experiment = "scaling",
	.script = asset_timeline_gp,
	.draw = draw,
	.title = title_timeline,
	.neutral = title_neutral_timeline,
	.heading = "Who ran what, and when",
	.lead = "A few moments of one slice of each model, task by task.",
	.how = "Each line is a worker, each grey box a task while it is "
	       "computed.  The thin bars tell how it came there and went: below "
	       "the line, before a box, its worker is created or the task is on "
	       "its way to it; above the line, after a box, its result is on "
	       "its way back.  Where there is only the line, the worker has "
	       "nothing to do.  Long boxes among short ones are tasks that were "
	       "interrupted.  These are examples, not statistics: one moment of "
	       "one slice.  All traced tasks are in <a "
	       "href=\"trace.json\">trace.json</a>, which ui.perfetto.dev "
	       "opens.",
	.try = "Find a worker without a task.  What is it waiting for?",
};
