/*
 * What may be said of open loops: sentences, and titles of their figures.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/load.h"
#include "harness/number.h"

#define CLEAR_GROWTH 1.5 /* a rise of the tail worth a title */

const char title_neutral_percentiles[] = "Response time, by percentile";
const char title_neutral_knee[] = "Response time by load";
const char title_neutral_omission[] = "The same tasks, timed in two ways";

void title_percentiles(const struct view *v, char *buf, size_t size)
{
	struct load_extremes e = load_extremes(v, load_shared(v));

	if (e.lowest && e.highest)
		snprintf(buf, size,
			 "The 99th percentile is lowest with %s, highest with "
			 "%s",
			 e.lowest->spec.model, e.highest->spec.model);
	else if (e.lowest || e.highest)
		snprintf(buf, size, "The 99th percentile is %s with %s",
			 e.lowest ? "lowest" : "highest",
			 (e.lowest ? e.lowest : e.highest)->spec.model);
	else
		snprintf(buf, size, "%s", title_neutral_percentiles);
}

/*
 * From which load of its own capacity on @model is saturated: the load; 0:
 * never; -1: only in between, so that the machine made it and not the load.
 */
static int saturated_from(const struct view *v, const char *model)
{
	int from = 0;

	for (uint32_t p = load_next(v, "own", 0); p > 0;
	     p = load_next(v, "own", p)) {
		const struct cell_summary *c = load_cell(v, model, "own", p);

		if (c && c->saturated && from == 0)
			from = (int)p;
		if (c && !c->saturated && from > 0)
			return -1;
	}
	return from;
}

/*
 * By how much the tail of every model grows at least from load @from to @to,
 * in the worst case of the intervals; NaN: not all are known.
 */
static double least_growth(const struct view *v, uint32_t from, uint32_t to)
{
	double least = INFINITY;

	for (size_t i = 0; i < v->n_models; i++) {
		const char *m = v->models[i];
		struct estimate a, b;

		if (!load_cell(v, m, "own", from) &&
		    !load_cell(v, m, "own", to))
			continue;
		a = load_tail(v, load_cell(v, m, "own", from), LOAD_CORRECTED);
		b = load_tail(v, load_cell(v, m, "own", to), LOAD_CORRECTED);
		if (!(a.high > 0) || !(b.low > 0))
			return NAN;
		least = fmin(least, b.low / a.high);
	}
	return isfinite(least) ? least : NAN;
}

/* How many models are saturated, and the first of them. */
struct saturation {
	size_t n;
	int first; /* load, in percent; 0: none, -1: it makes no sense */
	const char *model;
};

static struct saturation saturation_of(const struct view *v)
{
	struct saturation s = {0, 0, NULL};

	for (size_t i = 0; i < v->n_models; i++) {
		int from = saturated_from(v, v->models[i]);

		if (from < 0)
			return (struct saturation){0, -1, NULL};
		s.n += from > 0;
		if (from > 0 && (s.first == 0 || from < s.first)) {
			s.first = from;
			s.model = v->models[i];
		}
	}
	return s;
}

void title_knee(const struct view *v, char *buf, size_t size)
{
	uint32_t low = load_next(v, "own", 0), high = low;
	struct saturation s = saturation_of(v);
	double growth;

	for (uint32_t p = low; p > 0; p = load_next(v, "own", p))
		high = p;
	growth = s.first == 0 && high > low ? least_growth(v, low, high) : NAN;
	if (s.n == 1)
		snprintf(buf, size,
			 "%s is saturated from %d %% of its capacity on, the "
			 "others are not",
			 s.model, s.first);
	else if (s.n > 1)
		snprintf(buf, size,
			 "%s models are saturated below their capacity, the "
			 "first from %d %% on",
			 s.n == v->n_models ? "All" : number_count(s.n).text,
			 s.first);
	else if (growth >= CLEAR_GROWTH)
		snprintf(buf, size,
			 "From %" PRIu32 " %% to %" PRIu32
			 " %% load, every 99th percentile grows at least "
			 "%.1f-fold",
			 low, high, floor(10 * growth) / 10);
	else
		snprintf(buf, size, "%s", title_neutral_knee);
}

void title_omission(const struct view *v, char *buf, size_t size)
{
	const struct cell_summary *c = load_omission(v);
	struct estimate due = {NAN, NAN, NAN}, handed = due;

	if (c) {
		due = load_tail(v, c, LOAD_CORRECTED);
		handed = load_tail(v, c, LOAD_UNCORRECTED);
	}
	if (due.low > (1 + STATS_MARGIN) * handed.high)
		snprintf(buf, size,
			 "Who forgets the waiting sees a 99th percentile of %s "
			 "instead of %s",
			 number_time(handed.median).text,
			 number_time(due.median).text);
	else
		snprintf(buf, size, "%s", title_neutral_omission);
}

/* Write "a, b and c": the models saturated at @percent.  How many. */
static size_t list_saturated(const struct view *v, uint32_t percent, FILE *out)
{
	const char *pending = NULL;
	size_t n = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", percent);

		if (!c || !c->saturated)
			continue;
		if (pending)
			fprintf(out, "%s%s", n > 1 ? ", " : "", pending);
		pending = v->models[i];
		n++;
	}
	if (pending)
		fprintf(out, "%s%s", n > 1 ? " and " : "", pending);
	return n;
}

/* Rule: whose queue only grew at @percent. */
static void say_saturated(const struct view *v, uint32_t percent,
			  const char *before, FILE *out)
{
	char *names = NULL;
	size_t size, n;
	FILE *list = open_memstream(&names, &size);

	if (!list)
		return;
	n = list_saturated(v, percent, list);
	if (fclose(list) == 0 && n > 0)
		fprintf(out,
			"%s%s %s saturated at %" PRIu32
			" %%: more tasks come than %s can do, so there is no "
			"percentile.",
			before, names, n > 1 ? "are" : "is", percent,
			n > 1 ? "they" : "it");
	free(names);
}

/* "9.10 ms [8.70 ms, 9.90 ms] with threads" */
static void say_tail(const struct view *v, const struct cell_summary *c,
		     const char *before, FILE *out)
{
	struct estimate e = load_tail(v, c, LOAD_CORRECTED);

	fprintf(out, "%s%s%s with %s", before, number_time(e.median).text,
		number_interval(e.low, e.high, number_time).text,
		c->spec.model);
}

/* The cells with the lowest and the highest tail, be it by chance. */
static struct load_extremes ends_of(const struct view *v, uint32_t percent)
{
	struct load_extremes e = {NULL, NULL};

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", percent);

		if (!load_has_times(c) || c->percentiles.p99_ns == 0)
			continue;
		if (!e.lowest ||
		    c->percentiles.p99_ns < e.lowest->percentiles.p99_ns)
			e.lowest = c;
		if (!e.highest ||
		    c->percentiles.p99_ns > e.highest->percentiles.p99_ns)
			e.highest = c;
	}
	return e;
}

/* Rule: the tails at both ends, if the blocks tell them apart. */
static void say_tails(const struct view *v, uint32_t percent, FILE *out)
{
	struct load_extremes e = ends_of(v, percent);
	const char *slowest = load_slowest(v);
	struct estimate r;

	if (!e.lowest || isnan(load_tail(v, e.lowest, LOAD_CORRECTED).median))
		return;
	fprintf(out,
		"At %s tasks/s, %" PRIu32
		" %% of what %s can do, one task in a hundred takes longer, "
		"waiting included, than",
		number_plain(cell_offered_per_s(e.lowest)).text, percent,
		slowest ? slowest : "the slowest model");
	say_tail(v, e.lowest, " ", out);
	if (e.highest == e.lowest) {
		fputc('.', out);
		return;
	}
	r = load_tail_ratio(v, e.highest, e.lowest,
			    stats_family(0.95, v->n_models));
	say_tail(v, e.highest, " and ", out);
	fputs(stats_verdict(&r, STATS_MARGIN) == VERDICT_FASTER
		      ? "."
		      : "; this run cannot tell the two apart.",
	      out);
}

/* Rule: where the generator's own lateness may be what was measured. */
static void say_generator(const struct view *v, uint32_t percent, FILE *out)
{
	size_t n = 0, of = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c =
			load_cell(v, v->models[i], "slowest", percent);

		of += load_has_times(c);
		n += load_generator_limited(c);
	}
	if (n > 0)
		fprintf(out,
			" In %zu of %zu cells the load generator itself was "
			"late by more than a tenth of a median response: read "
			"short times there with care.",
			n, of);
}

void answer_say_load(const struct view *v, FILE *out)
{
	uint32_t percent = load_shared(v), lowest = load_next(v, "slowest", 0);

	if (percent == 0) {
		/* Nobody could bear even the least of the loads. */
		if (lowest > 0)
			say_saturated(v, lowest, "", out);
		return;
	}
	say_tails(v, percent, out);
	say_saturated(v, percent, " ", out);
	say_generator(v, percent, out);
}
