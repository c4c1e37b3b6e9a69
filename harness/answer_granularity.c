/*
 * How small tasks may be, in a sentence and in a title.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/metg.h"
#include "harness/number.h"

const char title_neutral_granularity[] = "Efficiency by duration of a task";

/*
 * Who keeps the machine busy with the shortest tasks, and who needs the longest;
 * this one only if it can be told from the first.  Both by METG(95 %).
 */
struct extremes {
	const struct metg_curve *best, *worst; /* NULL: none */
};

static const struct estimate *busy(const struct metg_curve *c)
{
	return &c->metg_ns[METG_95];
}

/* Infinite bounds are fine: they say on which side the answer is. */
static bool has_interval(const struct estimate *e)
{
	return !isnan(e->median) && !isnan(e->low) && !isnan(e->high);
}

static struct extremes find_extremes(const struct view *v, const struct metg *m)
{
	struct extremes x = {NULL, NULL};

	for (size_t i = 0; i < m->n; i++) {
		const struct metg_curve *c = &m->curves[i];

		if (strcmp(c->workload, v->workload) != 0 || c->n_points < 2 ||
		    !has_interval(busy(c)))
			continue;
		if (!x.best || busy(c)->median < busy(x.best)->median)
			x.best = c;
		if (!x.worst || busy(c)->median >= busy(x.worst)->median)
			x.worst = c;
	}
	if (x.best && !(busy(x.worst)->low > busy(x.best)->high))
		x.worst = NULL;
	return x;
}

/* "the machine", or less of it if there are fewer workers than processors. */
static struct number machine_of(const struct view *v,
				const struct metg_curve *c)
{
	struct number n = {"the machine"};

	if (c->workers < view_processors(v->s))
		snprintf(n.text, sizeof(n.text), "%" PRIu32 " processor%s",
			 c->workers, c->workers == 1 ? "" : "s");
	return n;
}

static struct number longest(const struct metg_curve *c)
{
	return number_time(c->points[c->n_points - 1].task_ns);
}

/*
 * Rule: surely not with the longest tasks, and not with any shorter ones, either;
 * else the machine was disturbed and nothing is sure.
 */
static bool is_out_of_reach(const struct metg_curve *c)
{
	for (size_t i = 0; i < c->n_points; i++) {
		if (c->points[i].efficiency.median >= metg_shares[METG_95])
			return false;
	}
	return isinf(busy(c)->low) && busy(c)->low > 0;
}

/* Rule: who needs the shortest tasks, at 95 %, and how short. */
static void say_best(const struct view *v, const struct metg_curve *c,
		     FILE *out)
{
	const struct estimate *e = busy(c);
	struct number machine = machine_of(v, c);
	bool already = isinf(e->median);

	if (is_out_of_reach(c))
		fprintf(out,
			"No model keeps 95 %% of %s busy, not even with tasks "
			"of %s",
			machine.text, longest(c).text);
	else if (already && e->median > 0)
		fprintf(out,
			"Whether a model keeps 95 %% of %s busy, even with "
			"tasks of %s, this run cannot tell",
			machine.text, longest(c).text);
	else
		fprintf(out, "%s keeps 95 %% of %s busy with tasks of %s%s %s",
			c->model, machine.text,
			number_time(already ? c->points[0].task_ns : e->median)
				.text,
			metg_interval_text(c, e).text,
			already ? "already" : "and longer");
}

void answer_say_granularity(const struct view *v, FILE *out)
{
	struct extremes x;
	struct metg m;

	/* Without memory nothing is said. */
	if (metg_make(v->s->run, v->experiment, &m) < 0)
		return;
	x = find_extremes(v, &m);
	if (x.best) {
		fputs("How small may tasks be? ", out);
		say_best(v, x.best, out);
		if (x.worst)
			fprintf(out, "; %s needs tasks %s%s%s", x.worst->model,
				isfinite(busy(x.worst)->median) ? "of " : "",
				metg_text(x.worst, busy(x.worst)->median).text,
				metg_interval_text(x.worst, busy(x.worst))
					.text);
		fputc('.', out);
	}
	metg_done(&m);
}

/* A claim about both extremes, if there is one. */
static void claim(const struct extremes *x, char *buf, size_t size)
{
	const struct metg_curve *a = x->best, *b = x->worst;
	double shortest;

	if (a && is_out_of_reach(a)) {
		snprintf(buf, size,
			 "No model is 95 %% efficient, not even with tasks of "
			 "%s",
			 longest(a).text);
		return;
	}
	if (!b || (isinf(busy(b)->median) && !is_out_of_reach(b)))
		return;
	shortest =
		isinf(busy(a)->median) ? a->points[0].task_ns : busy(a)->median;
	snprintf(buf, size, "95 %% efficient: %s from %s a task, %s %s %s",
		 a->model, number_time(shortest).text, b->model,
		 is_out_of_reach(b) ? "not even at" : "from",
		 is_out_of_reach(b) ? longest(b).text
				    : number_time(busy(b)->median).text);
}

void title_granularity(const struct view *v, char *buf, size_t size)
{
	struct extremes x;
	struct metg m;

	snprintf(buf, size, "%s", title_neutral_granularity);
	if (metg_make(v->s->run, v->experiment, &m) < 0)
		return;
	x = find_extremes(v, &m);
	claim(&x, buf, size);
	metg_done(&m);
}
