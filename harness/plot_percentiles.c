/*
 * The figure of response times by percentile, open loop.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/load.h"
#include "harness/number.h"
#include "harness/plot_curves.h"

struct figure {
	const struct view *v;
	uint32_t percent; /* the load shown */
	struct curves cs;
	const struct cell_summary **cells; /* [cs.n] */
	const char **known; /* [n_known]: with a curve, or saturated */
	size_t n_known;
};

/* The band of @curve, made of the blocks of @c. */
static int set_band(const struct view *v, const struct cell_summary *c,
		    struct curve *curve)
{
	double q[VIEW_SHARES];

	for (unsigned k = 0; k <= curve->end; k++)
		q[k] = view_share(k);
	return load_percentiles(v, c, LOAD_CORRECTED, q, curve->end + 1,
				curve->band);
}

/* A curve for each model that has one. */
static int choose(struct figure *f)
{
	const struct view *v = f->v;
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", f->percent);
		struct curve *curve = &f->cs.list[f->cs.n];

		if (c && c->saturated)
			f->known[f->n_known++] = v->models[i];
		if (!c || !load_has_times(c) || !curve_set(curve, c->latency))
			continue;
		curve->label = v->models[i];
		curve->look = look_of(v->models, v->n_models, i);
		plot_cell_name(v, c, curve->name);
		curve_percentiles(c->latency, curve->second,
				  sizeof(curve->second));
		f->known[f->n_known++] = v->models[i];
		f->cells[f->cs.n++] = c;
		r = set_band(v, c, curve);
	}
	return r;
}

/* Name the models that have no curve because their queue grew. */
static size_t list_saturated(const struct figure *f, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(f->v, f->v->models[i], "slowest", f->percent);

		if (c && c->saturated)
			fprintf(out, "%s%s", n++ ? ", " : "", f->v->models[i]);
	}
	return n;
}

static void mark_saturated(const struct figure *f)
{
	struct text_style right = {SIZE_TEXT, ALIGN_RIGHT, INK, false};
	char text[160] = "saturated, so without a curve: ";
	size_t used = strlen(text), n;
	FILE *out = fmemopen(&text[used], sizeof(text) - used, "w");

	if (!out)
		return;
	n = list_saturated(f, out);
	(void)fclose(out); /* into memory: what did not fit is cut */
	if (n > 0)
		canvas_text(&f->cs.c, f->cs.c.width - 14, 94, &right, text);
}

static void write_alt(const struct figure *f, FILE *alt)
{
	fprintf(alt,
		"Line chart of the response time by percentile, open loop at "
		"%" PRIu32 " %% load, %s, %" PRIu32 " worker%s.",
		f->percent, f->v->workload, f->v->focus,
		f->v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < f->cs.n; i++) {
		struct estimate e =
			load_tail(f->v, f->cells[i], LOAD_CORRECTED);

		fprintf(alt, " %s: %s%s.", f->cs.list[i].name,
			f->cs.list[i].second,
			number_interval(e.low, e.high, number_time).text);
	}
	fputs(" Saturated: ", alt);
	fputs(list_saturated(f, alt) == 0 ? "none." : ".", alt);
}

/* The load in words; the rate is the same for all cells of it. */
static void write_subtitle(const struct figure *f, char *buf, size_t size)
{
	const char *slowest = load_slowest(f->v);

	snprintf(buf, size,
		 "%s, %" PRIu32 " worker%s. Open loop, %s tasks/s: %" PRIu32
		 " %% of what %s can do. Band: 95 %% interval.",
		 f->v->workload, f->v->focus, f->v->focus == 1 ? "" : "s",
		 number_plain(cell_offered_per_s(f->cells[0])).text, f->percent,
		 slowest ? slowest : "the slowest model");
}

static int draw_figure(struct figure *f, const struct draft *d,
		       const char *name)
{
	char subtitle[240];
	int r = choose(f);

	if (r == 0 && f->cs.n == 0)
		r = -ENODATA;
	if (r < 0)
		return r;
	write_subtitle(f, subtitle, sizeof(subtitle));
	r = curves_draw(&f->cs, d, name, subtitle);
	if (r < 0)
		return r;
	mark_saturated(f);
	canvas_missing(&f->cs.c, f->v, f->known, f->n_known);
	write_alt(f, d->alt);
	return 0;
}

static int draw(struct draft *d, const char *name)
{
	size_t n = d->v->n_models + 1;
	struct figure f = {
		.v = d->v,
		.percent = load_shared(d->v),
		.cs = {.bands = true, .axis = "response time (log scale)"},
	};
	int r = -ENOMEM;

	f.cs.list = calloc(n, sizeof(*f.cs.list));
	f.cells = calloc(n, sizeof(*f.cells));
	f.known = calloc(n, sizeof(*f.known));
	if (f.cs.list && f.cells && f.known)
		r = draw_figure(&f, d, name);
	free(f.cs.list);
	free(f.cells);
	free(f.known);
	return r;
}

const struct plot_kind plot_percentiles = {
	.name = "percentiles",
	.experiment = "load",
	.script = asset_latency_gp,
	.draw = draw,
	.title = title_percentiles,
	.neutral = title_neutral_percentiles,
	.heading = "How long users wait",
	.lead = "Response time when tasks come at random times, whether or not "
		"those before them are done (open loop): from the moment when a "
		"task was due to its result.  All models got the same tasks at "
		"the same times.",
	.how = "Read the place 99&nbsp;% as: one task in a hundred took longer. "
	       " Both axes are as in the figure of service times; what is new "
	       "is the waiting.  A band is the 95&nbsp;% interval, made by "
	       "drawing whole blocks again and again, because tasks of one "
	       "block share its luck.  A model is saturated if more came than "
	       "it could do: then its queue grows as long as one looks, and it "
	       "has no percentiles.",
	.try = "The medians lie close together.  From which percentile on would "
	       "you choose another model?",
};
