/*
 * The price of moving bytes, by how many they are: both axes logarithmic.
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
#include "harness/payload.h"
#include "harness/plot_internal.h"

#define SIDE 1.4   /* air left of the fewest bytes and right of the most */
#define MARGIN 1.3 /* above the slowest and below the fastest */
#define GAP 8.0    /* no bytes are drawn so many times left of the fewest */

struct figure {
	const struct view *v;
	struct canvas c;
	struct payload p;
	bool intervals;           /* some line has them */
	double low, high;         /* ends of the axis of bytes */
	double least_ns, most_ns; /* … and of time */
};

/* Where so many bytes are drawn: a logarithm has no place for none. */
static double place(const struct figure *f, uint64_t bytes)
{
	size_t first = f->p.n_bytes > 1 && f->p.bytes[0] == 0;

	if (bytes > 0)
		return (double)bytes;
	return f->p.bytes[first] > 0 ? (double)f->p.bytes[first] / GAP : 1;
}

/* The work, which is the same for all: what it took where nothing was moved. */
static const struct estimate *work(const struct figure *f, size_t i)
{
	return &payload_at(&f->p, 0, i)->work_ns;
}

static void reach(struct figure *f, double ns)
{
	if (!(ns > 0))
		return;
	f->least_ns = fmin(f->least_ns, ns / MARGIN);
	f->most_ns = fmax(f->most_ns, ns * MARGIN);
}

/* Ends of both axes. */
static void find_ends(struct figure *f)
{
	const struct payload *p = &f->p;

	f->low = place(f, p->bytes[0]) / SIDE;
	f->high = place(f, p->bytes[p->n_bytes - 1]) * SIDE;
	f->least_ns = INFINITY;
	for (size_t k = 0; k < p->n_carriers; k++) {
		for (size_t i = 0; i < p->n_bytes; i++) {
			const struct estimate *e =
				&payload_at(p, k, i)->move_ns;

			reach(f, e->median);
			reach(f, e->low);
			reach(f, e->high);
			f->intervals |= isfinite(e->low);
		}
	}
}

static void scale(const struct figure *f)
{
	const struct payload *p = &f->p;
	struct tics t;

	t = plot_tics_log(f->least_ns, f->most_ns);
	fprintf(f->c.gp,
		"X_MIN = %.6g\nX_MAX = %.6g\nY_MIN = %.6g\nY_MAX = %.6g\n",
		f->low, f->high, f->least_ns, f->most_ns);
	fputs("set ytics (", f->c.gp);
	for (size_t i = 0; i < t.n; i++)
		fprintf(f->c.gp, "%s'%s' %.6g", i ? ", " : "",
			number_time_short(t.at[i]).text, t.at[i]);
	fputs(")\nset xtics (", f->c.gp);
	for (size_t i = 0; i < p->n_bytes; i++)
		fprintf(f->c.gp, "%s'%s' %.6g", i ? ", " : "",
			p->bytes[i]
				? number_bytes_short((double)p->bytes[i]).text
				: "0",
			place(f, p->bytes[i]));
	fputs(")\n", f->c.gp);
}

static double pixel_x(const struct figure *f, double bytes)
{
	return f->c.left + log(bytes / f->low) / log(f->high / f->low) *
				   (f->c.right - f->c.left);
}

static double pixel_y(const struct figure *f, double ns)
{
	return f->c.bottom - log(ns / f->least_ns) /
				     log(f->most_ns / f->least_ns) *
				     (f->c.bottom - f->c.top);
}

static void write_line(const struct figure *f, size_t k, FILE *out)
{
	const struct payload *p = &f->p;

	plot_comment(out, p->carriers[k]->name);
	for (size_t i = 0; i < p->n_bytes; i++) {
		const struct estimate *e = &payload_at(p, k, i)->move_ns;

		if (!(e->median > 0))
			continue;
		fprintf(out, "%.6g", place(f, p->bytes[i]));
		plot_estimate(out, e);
		fputc('\n', out);
	}
	fputs("\n\n", out);
}

static void write_data(const struct figure *f, FILE *out)
{
	fputs("# bytes ns low high\n", out);
	for (size_t k = 0; k < f->p.n_carriers; k++)
		write_line(f, k, out);
	fputs("# bytes ns of work\n", out);
	for (size_t i = 0; i < f->p.n_bytes; i++) {
		double ns = work(f, i)->median;

		if (ns > 0)
			fprintf(out, "%.6g %.6g\n", place(f, f->p.bytes[i]),
				ns);
	}
	fputs("\n\n", out);
}

/* The number of bytes with which the line of carrier @k ends. */
static size_t last_of(const struct figure *f, size_t k)
{
	size_t i = f->p.n_bytes - 1;

	while (i > 0 && !(payload_at(&f->p, k, i)->move_ns.median > 0))
		i--;
	return i;
}

static int write_labels(const struct figure *f)
{
	const struct payload *p = &f->p;
	struct end_label *labels = calloc(p->n_carriers + 1, sizeof(*labels));
	int r;

	if (!labels)
		return -ENOMEM;
	for (size_t k = 0; k < p->n_carriers; k++) {
		const struct payload_carrier *carrier = p->carriers[k];
		size_t i = last_of(f, k);
		double ns = payload_at(p, k, i)->move_ns.median;

		labels[k] = (struct end_label){
			.x = pixel_x(f, place(f, p->bytes[i])),
			.y = pixel_y(f, ns),
			.colour = carrier->look.text,
			.line_colour = carrier->look.colour,
		};
		snprintf(labels[k].name, sizeof(labels[k].name), "%s",
			 carrier->name);
		snprintf(labels[k].second, sizeof(labels[k].second),
			 "%.20s, %u copies", number_time(ns).text,
			 carrier->copies);
	}
	r = canvas_end_labels(&f->c, labels, p->n_carriers);
	free(labels);
	return r;
}

static void write_alt(const struct figure *f, FILE *alt)
{
	const struct payload *p = &f->p;

	fputs("Line chart of the time to move the bytes of a task there and "
	      "back, by how many they are.",
	      alt);
	for (size_t k = 0; k < p->n_carriers; k++) {
		const char *before = "";

		fprintf(alt, " %s: ", p->carriers[k]->name);
		for (size_t i = 0; i < p->n_bytes; i++) {
			const struct estimate *e =
				&payload_at(p, k, i)->move_ns;

			if (!(e->median > 0))
				continue;
			fprintf(alt, "%s%s%s with %s", before,
				number_time(e->median).text,
				number_interval(e->low, e->high, number_time)
					.text,
				number_bytes_short((double)p->bytes[i]).text);
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
	const char *words = "the work: reading and changing each byte once";
	double x = f->c.right - plot_text_width(words, SIZE_SMALL, false);

	canvas_text(&f->c, 20, 94, &left, "time to move, there and back");
	canvas_line(&f->c, x - 40, 94, x - 8, 94, MARK, 2, "(2,3)");
	canvas_text(&f->c, x, 94, &text, words);
	canvas_text(&f->c, (f->c.left + f->c.right) / 2, f->c.bottom + 48,
		    &middle, "bytes each way (both axes logarithmic)");
}

/* Two strokes through the axis: what is left of them is no bytes at all. */
static void break_axis(const struct figure *f)
{
	double left, right;

	if (f->p.bytes[0] > 0)
		return;
	left = pixel_x(f, place(f, 0));
	right = pixel_x(f, place(f, f->p.bytes[1]));
	for (int i = 0; i < 2; i++) {
		double x = (left + right) / 2 + 5 * i;

		canvas_line(&f->c, x - 3, f->c.bottom + 6, x + 3,
			    f->c.bottom - 6, MARK, 1.5, "solid");
	}
}

static int write_figure(struct figure *f, const struct draft *d,
			const char *name)
{
	const char *names[32];
	struct look looks[32];
	uint32_t blocks = f->v->s->run->info.blocks_done;
	char subtitle[160];

	CHECK(f->p.n_carriers <= ARRAY_LEN(names));
	f->c = (struct canvas){.gp = d->gp,
			       .width = 880,
			       .left = 72,
			       .right = 700,
			       .top = 118};
	f->c.bottom = f->c.top + fmax(400, plot_labels_height(f->p.n_carriers));
	f->c.height = f->c.bottom + 70;
	for (size_t k = 0; k < f->p.n_carriers; k++) {
		names[k] = f->p.carriers[k]->name;
		looks[k] = f->p.carriers[k]->look;
	}
	find_ends(f);
	snprintf(subtitle, sizeof(subtitle),
		 "One worker, one task at a time. Line: median of %" PRIu32
		 " block%s of the mean time%s",
		 blocks, blocks == 1 ? "" : "s",
		 f->intervals ? "; band: its 95 % interval." : ".");
	canvas_begin(&f->c, name, d->title, subtitle);
	canvas_models(&f->c, names, looks, f->p.n_carriers);
	scale(f);
	annotate(f);
	break_axis(f);
	write_data(f, d->data);
	write_alt(f, d->alt);
	return write_labels(f);
}

static int draw(struct draft *d, const char *name)
{
	struct figure f = {.v = d->v};
	int r = payload_make(d->v, &f.p);

	if (r < 0)
		return r;
	/* One number of bytes is no line. */
	r = f.p.n_bytes > 1 ? write_figure(&f, d, name) : -ENODATA;
	payload_done(&f.p);
	return r;
}

const struct plot_kind plot_payload = {
	.name = "payload",
	.experiment = "payload",
	.script = asset_payload_gp,
	.draw = draw,
	.title = title_payload,
	.neutral = title_neutral_payload,
	.heading = "What it costs to move the data",
	.lead = "A task that brings bytes along, and takes as many back: what "
		"does their way cost, and what the work on them?",
	.how = "The time from the call that hands a task over until its bytes "
	       "have all come, and from the end of the work until all are "
	       "back; the two wake-ups are in it, and make the level at the "
	       "left.  pointer: a thread works where the bytes are.  shm: a "
	       "process does, in memory that it shares.  copy: as shm, but the "
	       "bytes do not lie there and are copied in and out.  channel: "
	       "messages over a socket, with a buffer on either side.  http: "
	       "POST with a body.  The copies are those of each byte, there "
	       "and back together, the kernel’s included.  Where a line is "
	       "above the dotted one, moving costs more than the least that a "
	       "task can do with its bytes.  All carriers wake the worker in "
	       "the same way; they are for comparison, and no models.",
	.try = "A task of yours works for 1&nbsp;ms on what it gets.  Up to "
	       "how many bytes may it get by a pipe if moving them is to cost "
	       "no more than a tenth of that?",
};
