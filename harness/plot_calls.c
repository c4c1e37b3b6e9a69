/*
 * What creating a worker costs a parent that has much memory.
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

#define MIB 1048576.0

/* A call and how it looks; the same in every run, as these are no models. */
static const struct call {
	const char *runs, *name;
	struct look look;
} calls[] = {
	{"call:fork",
	 "fork",
	 {.colour = "#D55E00",
	  .text = "#B34F00",
	  .point = 13,
	  .dash = "solid"}},
	{"call:fork_exec",
	 "fork + exec",
	 {.colour = "#882255", .text = "#882255", .point = 9, .dash = "solid"}},
	{"call:posix_spawn",
	 "posix_spawn",
	 {.colour = "#0072B2", .text = "#0063A0", .point = 5, .dash = "solid"}},
	{"call:pthread_create",
	 "pthread_create",
	 {.colour = "#009E73", .text = "#007A59", .point = 7, .dash = "solid"}},
};

struct figure {
	const struct view *v;
	struct canvas c;
	const struct call *calls[ARRAY_LEN(calls)]; /* [n]: those measured */
	size_t n;
	double x_max, y_max; /* ends of the axes: bytes, ns */
	bool huge;           /* some parent had huge pages */
};

/* Was @c measured, in a parent with such pages?  One without memory has both. */
static bool is_point(const struct figure *f, const struct cell_summary *c,
		     const struct call *call, bool huge)
{
	return view_owns(f->v, c) && strcmp(c->spec.runs, call->runs) == 0 &&
	       c->own_ns.median > 0 &&
	       (c->spec.ballast_bytes == 0 ||
		huge == (c->spec.ballast_huge != 0));
}

/* The next point of a curve after @before bytes; -1: the first.  NULL: none. */
static const struct cell_summary *next_point(const struct figure *f,
					     const struct call *call, bool huge,
					     double before)
{
	const struct cell_summary *next = NULL;

	for (size_t i = 0; i < f->v->s->n; i++) {
		const struct cell_summary *c = &f->v->s->cells[i];

		if (is_point(f, c, call, huge) &&
		    (double)c->spec.ballast_bytes > before &&
		    (!next || c->spec.ballast_bytes < next->spec.ballast_bytes))
			next = c;
	}
	return next;
}

static const struct cell_summary *last_point(const struct figure *f,
					     const struct call *call, bool huge)
{
	const struct cell_summary *c = next_point(f, call, huge, -1);
	const struct cell_summary *last = c;

	for (; c; c = next_point(f, call, huge, (double)c->spec.ballast_bytes))
		last = c;
	return last;
}

static void choose(struct figure *f)
{
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		const struct cell_summary *small, *large;

		small = last_point(f, &calls[i], false);
		large = last_point(f, &calls[i], true);
		if (!small || !large)
			continue;
		f->calls[f->n++] = &calls[i];
		f->huge |= large->spec.ballast_huge != 0;
		f->x_max = fmax(f->x_max, (double)small->spec.ballast_bytes);
		f->x_max = fmax(f->x_max, (double)large->spec.ballast_bytes);
		f->y_max = fmax(f->y_max, small->own_ns.median);
		f->y_max = fmax(f->y_max, large->own_ns.median);
		if (isfinite(small->own_ns.high))
			f->y_max = fmax(f->y_max, small->own_ns.high);
	}
}

static double pixel_x(const struct figure *f, double bytes)
{
	return f->c.left + bytes / f->x_max * (f->c.right - f->c.left);
}

static double pixel_y(const struct figure *f, double ns)
{
	return f->c.bottom - ns / f->y_max * (f->c.bottom - f->c.top);
}

/* The memory of a parent: powers of two are round here, from 64 MiB on. */
static void x_tics(const struct figure *f)
{
	double step = 64 * MIB;

	while (f->x_max / step > 5)
		step *= 2;
	fputs("set xtics ('0' 0", f->c.gp);
	for (int i = 1; i * step <= f->x_max; i++)
		fprintf(f->c.gp, ", '%s' %.0f",
			number_bytes_short(i * step).text, i * step);
	fputs(")\n", f->c.gp);
}

static void scale(struct figure *f)
{
	struct tics t;

	f->y_max *= 1.05;
	t = plot_tics(f->y_max, 6, false);
	x_tics(f);
	f->x_max *= 1.02;
	fprintf(f->c.gp, "X_MAX = %.6g\nY_MAX = %.6g\nset ytics (", f->x_max,
		f->y_max);
	for (size_t i = 0; i < t.n; i++)
		fprintf(f->c.gp, "%s'%s' %.6g", i ? ", " : "",
			i ? number_time_short(t.at[i]).text : "0", t.at[i]);
	fputs(")\n", f->c.gp);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# parent_bytes ns low high\n", out);
	for (size_t i = 0; i < 2 * f->n; i++) {
		const struct call *call = f->calls[i / 2];
		bool huge = i % 2 == 1;
		const struct cell_summary *c = next_point(f, call, huge, -1);

		fprintf(out, "# %s, %s pages\n", call->name,
			huge ? "huge" : "small");
		for (; c; c = next_point(f, call, huge,
					 (double)c->spec.ballast_bytes)) {
			const struct estimate *e = &c->own_ns;

			fprintf(out, "%" PRIu64 " %.6g", c->spec.ballast_bytes,
				e->median);
			if (isfinite(e->low) && isfinite(e->high))
				fprintf(out, " %.6g %.6g\n", e->low, e->high);
			else
				fputs(" ? ?\n", out);
		}
		fputs("\n\n", out);
	}
}

static int write_labels(const struct figure *f)
{
	struct end_label labels[ARRAY_LEN(calls)];

	for (size_t i = 0; i < f->n; i++) {
		const struct call *call = f->calls[i];
		const struct cell_summary *first, *last;

		first = next_point(f, call, false, -1);
		last = last_point(f, call, false);
		labels[i] = (struct end_label){
			.x = pixel_x(f, (double)last->spec.ballast_bytes),
			.y = pixel_y(f, last->own_ns.median),
			.colour = call->look.text,
			.line_colour = call->look.colour,
		};
		snprintf(labels[i].name, sizeof(labels[i].name), "%s",
			 call->name);
		snprintf(labels[i].second, sizeof(labels[i].second),
			 "%.20s … %.20s",
			 number_time(first->own_ns.median).text,
			 number_time(last->own_ns.median).text);
	}
	return canvas_end_labels(&f->c, labels, f->n);
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fputs("Line chart of the time to create a worker and wait for its end, "
	      "by the memory of its parent.",
	      alt);
	for (size_t i = 0; i < 2 * f->n; i++) {
		const struct call *call = f->calls[i / 2];
		bool huge = i % 2 == 1;
		const struct cell_summary *c = next_point(f, call, huge, -1);
		const char *before = "";

		if (huge && !f->huge)
			continue;
		fprintf(alt, " %s%s: ", call->name, huge ? ", huge pages" : "");
		for (; c; c = next_point(f, call, huge,
					 (double)c->spec.ballast_bytes)) {
			fprintf(alt, "%s%s%s with %s", before,
				number_time(c->own_ns.median).text,
				number_interval(c->own_ns.low, c->own_ns.high,
						number_time)
					.text,
				number_bytes_short(
					(double)c->spec.ballast_bytes)
					.text);
			before = ", ";
		}
		fputc('.', alt);
	}
}

static void annotate(const struct figure *f)
{
	struct text_style left = {SIZE_TEXT, ALIGN_LEFT, GREY, false};
	struct text_style text = {SIZE_SMALL, ALIGN_LEFT, INK, false};
	struct text_style middle = {SIZE_TEXT, ALIGN_CENTRE, INK, false};
	double x = f->c.right - 300, y = 94;

	canvas_text(&f->c, 20, y, &left, "time until the worker is gone");
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &middle, "memory that the parent has touched");
	if (!f->huge)
		return;
	canvas_line(&f->c, x, y, x + 28, y, INK, 2.5, "solid");
	canvas_text(&f->c, x + 36, y, &text, "pages of 4 KiB");
	canvas_line(&f->c, x + 150, y, x + 178, y, INK, 1.5, "(5,4)");
	canvas_text(&f->c, x + 186, y, &text, "huge pages");
}

static int write_figure(struct figure *f, const struct draft *d,
			const char *name)
{
	const char *names[ARRAY_LEN(calls)];
	struct look looks[ARRAY_LEN(calls)];
	uint32_t blocks = f->v->s->run->info.blocks_done;
	char subtitle[160];

	f->c = (struct canvas){.gp = d->gp,
			       .width = 880,
			       .left = 72,
			       .right = 700,
			       .top = 118};
	f->c.bottom = f->c.top + 320;
	f->c.height = f->c.bottom + 70;
	for (size_t i = 0; i < f->n; i++) {
		names[i] = f->calls[i]->name;
		looks[i] = f->calls[i]->look;
	}
	snprintf(subtitle, sizeof(subtitle),
		 "One worker after the other. Line: median of %" PRIu32
		 " block%s of the mean time%s",
		 blocks, blocks == 1 ? "" : "s",
		 isnan(last_point(f, f->calls[0], false)->own_ns.low)
			 ? "."
			 : "; band: its 95 % interval.");
	canvas_begin(&f->c, name, d->title, subtitle);
	canvas_models(&f->c, names, looks, f->n);
	scale(f);
	annotate(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
	return write_labels(f);
}

static int draw(struct draft *d, const char *name)
{
	struct figure f = {.v = d->v};

	choose(&f);
	/* Without a parent that has memory there is no curve. */
	return f.x_max > 0 ? write_figure(&f, d, name) : -ENODATA;
}

const struct plot_kind plot_calls = {
	.name = "calls",
	.experiment = "startup",
	.script = asset_calls_gp,
	.draw = draw,
	.title = title_calls,
	.neutral = title_neutral_calls,
	.heading = "What a worker costs a big parent",
	.lead = "fork(2) copies the page tables of its parent, be it to call "
		"exec at once.  What does that cost a parent that has much "
		"memory?",
	.how = "The time from the call until the worker is gone again; it has "
	       "nothing to do but to end, or to run <code>/bin/true</code>.  "
	       "The numbers beside a name are those at both ends of its line, "
	       "with pages of 4&nbsp;KiB.  Every page that the parent has "
	       "touched is an entry that fork must copy, so its line rises "
	       "with the memory.  Huge pages are 512 times fewer.  "
	       "posix_spawn(3) and pthread_create(3) share the memory of the "
	       "parent and copy no tables: flat lines.  After Baumann et al., "
	       "“A fork() in the road”, HotOS 2019.",
	.try = "A server with 16&nbsp;GiB runs a small program for each "
	       "request.  Continue the lines: how long does each call take "
	       "there?",
};
