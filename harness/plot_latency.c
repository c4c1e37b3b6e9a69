/*
 * The figure of time per task by percentile, closed loop.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/plot_curves.h"

/* A curve for each model that has one; their names in @models. */
static void choose(const struct view *v, struct curves *cs, const char **models)
{
	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);
		struct curve *curve = &cs->list[cs->n];

		if (!c || !c->latency || !curve_set(curve, c->latency))
			continue;
		curve->label = v->models[i];
		curve->look = look_of(v->models, v->n_models, i);
		plot_cell_name(v, c, curve->name);
		curve_percentiles(c->latency, curve->second,
				  sizeof(curve->second));
		models[cs->n++] = v->models[i];
	}
}

static void write_alt(const struct view *v, const struct curves *cs, FILE *alt)
{
	fprintf(alt,
		"Line chart of the time per task by percentile, %s, %" PRIu32
		" worker%s.",
		v->workload, v->focus, v->focus == 1 ? "" : "s");
	for (size_t i = 0; i < cs->n; i++)
		fprintf(alt, " %s: %s.", cs->list[i].name, cs->list[i].second);
}

static int draw(struct draft *d, const char *name)
{
	const struct view *v = d->v;
	struct curves cs = {.axis = "time per task (log scale)"};
	const char **models = calloc(v->n_models + 1, sizeof(*models));
	uint32_t blocks = v->s->run->info.blocks_done;
	char subtitle[200];
	int r = -ENOMEM;

	cs.list = calloc(v->n_models + 1, sizeof(*cs.list));
	if (models && cs.list) {
		choose(v, &cs, models);
		r = cs.n > 0 ? 0 : -ENODATA;
	}
	snprintf(subtitle, sizeof(subtitle),
		 "%s, %" PRIu32 " worker%s. "
		 "Service time at full load (closed loop), tasks of %" PRIu32
		 " block%s together.",
		 v->workload, v->focus, v->focus == 1 ? "" : "s", blocks,
		 blocks == 1 ? "" : "s");
	if (r == 0)
		r = curves_draw(&cs, d, name, subtitle);
	if (r == 0) {
		canvas_missing(&cs.c, v, models, cs.n);
		write_alt(v, &cs, d->alt);
	}
	free(models);
	free(cs.list);
	return r;
}

const struct plot_kind plot_latency = {
	.name = "latency",
	.experiment = "scaling",
	.script = asset_latency_gp,
	.draw = draw,
	.title = title_latency,
	.neutral = title_neutral_latency,
	.heading = "How long single tasks take",
	.lead = "Service time under full load: the next task is handed over "
		"as soon as one is done (closed loop).  It is not the time "
		"that users who come when they like would wait.",
	.how = "Read the place 99&nbsp;% as: one task in a hundred took "
	       "longer.  To the right, each step leaves a tenth of the "
	       "tasks, so the slowest few get as much room as the many.  A "
	       "curve ends where fewer than ten tasks are left.  The "
	       "vertical axis is logarithmic: equal distances are equal "
	       "ratios.",
	.try = "Where does a curve bend up?  A bend at 1 in N says that "
	       "something happens to about one task in N.",
};
