/*
 * The figure of coordinated omission: one run, timed in two ways.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/load.h"
#include "harness/number.h"
#include "harness/plot_curves.h"

#define WAYS 2

static const struct way {
	enum load_times times;
	const char *label; /* of the data */
	const char *name;  /* beside the curve */
} ways[WAYS] = {
	{LOAD_CORRECTED, "from the due time", "from its due time"},
	{LOAD_UNCORRECTED, "from the hand-over", "from the hand-over"},
};

/* As the model is drawn, and in grey what forgets. */
static struct look look_for(const struct view *v, const struct cell_summary *c,
			    const struct way *way)
{
	struct look look = {.colour = MARK, .text = GREY, .point = 5};
	size_t i = 0;

	look.dash = "solid";
	while (i < v->n_models && strcmp(v->models[i], c->spec.model) != 0)
		i++;
	return way->times == LOAD_CORRECTED && i < v->n_models
		       ? look_of(v->models, v->n_models, i)
		       : look;
}

static int set_curve(const struct view *v, const struct cell_summary *c,
		     const struct way *way, struct curve *curve)
{
	const struct histogram *h =
		way->times == LOAD_CORRECTED ? c->latency : c->uncorrected;
	double q[VIEW_SHARES];

	if (!curve_set(curve, h))
		return -ENODATA;
	curve->label = way->label;
	curve->look = look_for(v, c, way);
	snprintf(curve->name, sizeof(curve->name), "%s", way->name);
	curve_percentiles(h, curve->second, sizeof(curve->second));
	for (unsigned k = 0; k <= curve->end; k++)
		q[k] = view_share(k);
	return load_percentiles(v, c, way->times, q, curve->end + 1,
				curve->band);
}

static void write_alt(const struct view *v, const struct cell_summary *c,
		      FILE *alt)
{
	fprintf(alt,
		"Line chart of the same tasks of %s, %s, at %" PRIu32
		" %% load, timed in two ways, by percentile.",
		c->spec.model, v->workload, c->spec.load_percent);
	for (size_t i = 0; i < WAYS; i++) {
		struct estimate e = load_tail(v, c, ways[i].times);
		char text[64];

		curve_percentiles(ways[i].times == LOAD_CORRECTED
					  ? c->latency
					  : c->uncorrected,
				  text, sizeof(text));
		fprintf(alt, " %s: %s%s.", ways[i].label, text,
			number_interval(e.low, e.high, number_time).text);
	}
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	const struct cell_summary *c = load_omission(v);
	struct curves cs = {
		.n = WAYS,
		.bands = true,
		.axis = "time per task (log scale)",
	};
	char subtitle[240];
	int r = c ? 0 : -ENODATA;

	if (r < 0)
		return r;
	cs.list = calloc(WAYS, sizeof(*cs.list));
	if (!cs.list)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < WAYS; i++)
		r = set_curve(v, c, &ways[i], &cs.list[i]);
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %s at %" PRIu32 " %% of what %s can do (%s tasks/s). "
		 "Band: 95 %% interval.",
		 v->workload, c->spec.model, c->spec.load_percent,
		 c->spec.load_of[0] == 'o' ? "it" : "the slowest model",
		 number_plain(cell_offered_per_s(c)).text);
	if (r == 0)
		r = curves_draw(&cs, d, name, subtitle);
	if (r == 0)
		write_alt(v, c, d->alt);
	free(cs.list);
	return r;
}

const struct plot_kind plot_omission = {
	.name = "omission",
	.experiment = "load",
	.script = asset_latency_gp,
	.draw = draw,
	.title = title_omission,
	.neutral = title_neutral_omission,
	.heading = "What a measurement forgets",
	.lead = "One run, two stopwatches.  Both stop when the result is there. "
		" One starts when the task was due, as its user would; the other "
		"when it was handed over, after it had waited for its turn.",
	.how = "The lower curve is what you get if you time only the work: the "
	       "tasks that waited longest look like all others.  Many load "
	       "generators do so without saying, as they send the next request "
	       "only after the answer to the last; Gil Tene calls it "
	       "coordinated omission.  All other figures of open loops show "
	       "the upper curve.  Shown is the slowest model at the highest "
	       "load that it could bear.",
	.try = "Find the percentile at which the upper curve is twice as high. "
	       " How many of your users does the lower one forget?",
};
