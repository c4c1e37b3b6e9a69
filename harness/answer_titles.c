/*
 * The titles of the figures.  A title that claims something is the text of a
 * rule, and the rule is checked on the very numbers that the figure draws.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/timeline.h"

/* Of the ideal throughput: the median, and the bound that must agree. */
#define GOOD_USE 0.90
#define GOOD_USE_LOW 0.80
#define POOR_USE 0.75
#define POOR_USE_HIGH 0.85

#define SMALL_OVERHEAD 0.05 /* of a task's time */

const char title_neutral_throughput[] = "Throughput by number of workers";
const char title_neutral_latency[] = "Time per task, by percentile";
const char title_neutral_timeline[] = "Who ran what, and when";
const char title_neutral_evidence[] = "Ratio to the reference, block by block";
const char title_neutral_breakdown[] = "Where the time of a task goes";

/* Append "a, b and c": those of the models that @in marks. */
static void list_models(const struct view *v, const bool *in, size_t total,
			FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		if (!in[i])
			continue;
		n++;
		fprintf(out, "%s%s",
			n == 1       ? ""
			: n == total ? " and "
				     : ", ",
			v->models[i]);
	}
}

#define MAX_MODELS 64

/*
 * Which models use the processors well, and which clearly do not?  A model whose
 * interval says neither is not mentioned.
 */
struct use {
	bool good[MAX_MODELS], poor[MAX_MODELS];
	size_t n_good, n_poor, n;
};

static struct use use_of(const struct view *v)
{
	struct use u = {.n = 0};

	for (size_t i = 0; i < v->n_models && i < MAX_MODELS; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!c || view_is_baseline(v, v->models[i]) ||
		    !isfinite(c->efficiency))
			continue;
		u.n++;
		/* Without an interval both comparisons are false. */
		u.good[i] = c->efficiency >= GOOD_USE &&
			    c->throughput_per_s.low >=
				    GOOD_USE_LOW * c->ideal_per_s;
		u.poor[i] = c->efficiency < POOR_USE &&
			    c->throughput_per_s.high <=
				    POOR_USE_HIGH * c->ideal_per_s;
		u.n_good += u.good[i];
		u.n_poor += u.poor[i];
	}
	return u;
}

void title_throughput(const struct view *v, char *buf, size_t size)
{
	struct use u = use_of(v);
	FILE *out;

	snprintf(buf, size, "%s", title_neutral_throughput);
	if (v->focus < 2 || v->focus > view_processors(v->s) ||
	    u.n_good + u.n_poor == 0)
		return;
	out = fmemopen(buf, size, "w");
	if (!out)
		return;
	if (u.n_good == u.n && u.n > 1) {
		fprintf(out, "All models use %u processors well", v->focus);
	} else if (u.n_poor == u.n) {
		fprintf(out, "No model uses %u processors well", v->focus);
	} else {
		list_models(v, u.good, u.n_good, out);
		if (u.n_good > 0)
			fprintf(out, " use%s %u processors well",
				u.n_good == 1 ? "s" : "", v->focus);
		fputs(u.n_good > 0 && u.n_poor > 0 ? "; " : "", out);
		list_models(v, u.poor, u.n_poor, out);
		if (u.n_poor > 0)
			fprintf(out, " do%s not", u.n_poor == 1 ? "es" : "");
		if (u.n_good == 0)
			fprintf(out, " use %u processors well", v->focus);
	}
	(void)fclose(out); /* into memory: what did not fit is cut */
}

/*
 * Is the curve of @a on one side (@sign 1: above, -1: below) of all others, by
 * more than the margin, wherever both are drawn?
 */
static bool is_extreme(const struct view *v, const struct cell_summary *a,
		       int sign)
{
	size_t others = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *b = view_focus(v, v->models[i]);

		if (!b || b == a || view_is_baseline(v, v->models[i]) ||
		    !b->latency || b->latency->n == 0)
			continue;
		others++;
		for (unsigned step = 0; step < VIEW_SHARES; step++) {
			double q = view_share(step), x, y;

			if (q < 0.5 || !histogram_supports(a->latency, q) ||
			    !histogram_supports(b->latency, q))
				continue;
			x = (double)histogram_quantile(a->latency, q);
			y = (double)histogram_quantile(b->latency, q);
			if (sign * (x - y) <= STATS_MARGIN * fmin(x, y))
				return false;
		}
	}
	return others > 0 && histogram_supports(a->latency, 0.99);
}

void title_latency(const struct view *v, char *buf, size_t size)
{
	const char *slowest = NULL, *fastest = NULL;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!c || view_is_baseline(v, v->models[i]) || !c->latency)
			continue;
		if (is_extreme(v, c, 1))
			slowest = v->models[i];
		if (is_extreme(v, c, -1))
			fastest = v->models[i];
	}
	if (slowest && fastest)
		snprintf(buf, size,
			 "From the median up, %s is fastest and %s "
			 "slowest",
			 fastest, slowest);
	else if (slowest || fastest)
		snprintf(buf, size, "From the median up, %s is %s",
			 slowest ? slowest : fastest,
			 slowest ? "slowest" : "fastest");
	else
		snprintf(buf, size, "%s", title_neutral_latency);
}

static const char *const phase_titles[PHASES] = {
	[PHASE_CREATE] = "Starting a worker is the largest overhead",
	[PHASE_DISPATCH] = "Reaching a worker is the largest overhead",
	[PHASE_RETURN] = "Bringing back the result is the largest overhead",
};

/* The largest overhead of all models and the next of another phase. */
struct overhead {
	double largest, next, share;
	enum phase phase;
	const char *model;
};

static struct overhead overhead_of(const struct view *v)
{
	double by_phase[PHASES] = {0};
	struct overhead o = {.phase = PHASE_COMPUTE};

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!c || !(c->latency_mean_ns > 0))
			continue;
		o.share = fmax(o.share, cell_overhead(c));
		for (int p = 0; p < PHASES; p++) {
			/* Queueing is chosen by the load. */
			if (p == PHASE_COMPUTE || p == PHASE_QUEUE)
				continue;
			by_phase[p] = fmax(by_phase[p], c->phase_ns[p]);
			if (c->phase_ns[p] > o.largest) {
				o.largest = c->phase_ns[p];
				o.phase = (enum phase)p;
				o.model = v->models[i];
			}
		}
	}
	for (int p = 0; p < PHASES; p++) {
		if (p != (int)o.phase)
			o.next = fmax(o.next, by_phase[p]);
	}
	return o;
}

void title_breakdown(const struct view *v, char *buf, size_t size)
{
	struct overhead o = overhead_of(v);

	if (o.model && o.share < SMALL_OVERHEAD)
		snprintf(buf, size,
			 "In every model, at least %.0f %% of the mean "
			 "time is the task itself",
			 floor(100 * (1 - o.share)));
	else if (o.model && o.largest > (1 + STATS_MARGIN) * o.next)
		snprintf(buf, size, "%s: %s in %s", phase_titles[o.phase],
			 number_time(o.largest).text, o.model);
	else
		snprintf(buf, size, "%s", title_neutral_breakdown);
}

#define MIN_BLOCKS 6 /* fewer give no interval, and hardly quartiles */

/* How many block ratios of all models are there, and how many far out? */
struct standing {
	int n, out;
};

static struct standing standing_of(const struct view *v)
{
	struct standing all = {0, 0};

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_rival(v, v->models[i]);
		struct block_ratio *ratios;
		int n;

		if (!c)
			continue;
		n = view_block_ratios(v, c, &ratios);
		if (n < MIN_BLOCKS)
			all.n = -1; /* or no memory: claim nothing */
		for (int k = 0; k < n; k++)
			all.out += ratios[k].outlier;
		if (n >= 0)
			free(ratios);
		if (all.n < 0)
			return all;
		all.n += n;
	}
	return all;
}

void title_evidence(const struct view *v, char *buf, size_t size)
{
	struct standing all = standing_of(v);

	if (all.n <= 0)
		snprintf(buf, size, "%s", title_neutral_evidence);
	else if (all.out == 0)
		snprintf(buf, size, "No ratio lies far out");
	else
		snprintf(buf, size, "%d of %d ratios lie%s far out", all.out,
			 all.n, all.out == 1 ? "s" : "");
}

void title_timeline(const struct view *v, char *buf, size_t size)
{
	uint64_t length_ns = timeline_length_ns(v);
	double least = INFINITY, most = 0;
	const char *idle = NULL, *busy = NULL;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct slice_result *s = timeline_slice(v, v->models[i]);
		struct timeline_span span;
		double share;

		if (!s || view_is_baseline(v, v->models[i]))
			continue;
		span = timeline_known(s);
		if (length_ns == 0 || span.length_ns < length_ns)
			continue;
		span.length_ns = length_ns;
		share = timeline_busy(s, span);
		if (share < least) {
			least = share;
			idle = v->models[i];
		}
		if (share > most) {
			most = share;
			busy = v->models[i];
		}
	}
	/* These are examples: they show what was, and claim nothing more. */
	if (idle && busy && least < most - STATS_MARGIN)
		snprintf(buf, size,
			 "Here, workers of %s compute for %.20s of the time, "
			 "of %s for %.20s",
			 idle, number_percent(least).text, busy,
			 number_percent(most).text);
	else
		snprintf(buf, size, "%s", title_neutral_timeline);
}
