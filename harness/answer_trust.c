/*
 * The trust box: was the machine quiet, did the clock hold, and does the run
 * see differences where there are none?
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/design.h"
#include "harness/number.h"
#include "harness/order.h"

/* Canaries that lie farther apart (tenth to ninetieth of a hundred) matter. */
#define CANARY_SPREAD 1.10

/* Of a task's time, before the harness distorts what it measures. */
#define HARNESS_MAY_COST 0.05

/* What all slices together lost to others. */
struct losses {
	int64_t steal_ns, busy_ns; /* -1 unknown */
	uint64_t own_ns, span_ns;
};

static struct losses sum_losses(const struct run_results *run)
{
	struct losses l = {0};

	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (s->status != SLICE_OK || s->noise_span_ns < 0)
			continue;
		l.steal_ns = noise_add(l.steal_ns, s->steal_ns);
		l.busy_ns = noise_add(l.busy_ns, s->busy_ns);
		l.own_ns += s->user_ns + s->system_ns;
		l.span_ns += (uint64_t)s->noise_span_ns;
	}
	return l;
}

/* Rule: how much of the processors was ours. */
static void note_share(const struct summary *s, struct notes *notes)
{
	struct losses l = sum_losses(s->run);
	double capacity_ns = (double)l.span_ns * s->run->info.processors;
	int64_t foreign_ns = noise_foreign_ns(l.busy_ns, l.own_ns);
	double share;

	if (!(capacity_ns >= 1))
		return;
	share = noise_share(l.steal_ns, foreign_ns, (uint64_t)capacity_ns);
	if (isnan(share)) {
		note_add(notes, NOTE_INFO,
			 "How much of the processors' time others took cannot "
			 "be known here.");
		return;
	}
	note_add(notes, share >= 1 - NOISE_LIMIT ? NOTE_GOOD : NOTE_WARN,
		 "%s of the processors' time was there for us: other programs "
		 "took %s, other guests of the host (steal) %s.",
		 number_percent(share).text,
		 number_percent((double)foreign_ns / capacity_ns).text,
		 number_percent((double)l.steal_ns / capacity_ns).text);
}

/* Rule: noisy blocks, and which blocks count. */
static void note_noisy(const struct summary *s, struct notes *notes)
{
	uint32_t done = s->run->info.blocks_done;

	if (s->n_noisy == 0 || done == 0)
		return;
	if (s->n_counting < done)
		note_add(
			notes, NOTE_INFO,
			"%" PRIu32 " of %" PRIu32 " blocks were noisy: others "
			"took more than a tenth of the processors.  The %" PRIu32
			" clean ones count.",
			s->n_noisy, done, s->n_counting);
	else
		note_add(
			notes, NOTE_WARN,
			"%" PRIu32 " of %" PRIu32 " blocks were noisy: others "
			"took more than a tenth of the processors.  Fewer than "
			"%d clean ones are left, so all count.",
			s->n_noisy, done, DESIGN_MIN_BLOCKS);
}

/* Rule: was the processor itself always as fast? */
static void note_canary(const struct summary *s, struct notes *notes)
{
	const struct run_results *run = s->run;
	double *ns = calloc(run->n + 1, sizeof(*ns)), low, high;
	size_t n = 0;

	for (size_t i = 0; ns && i < run->n; i++) {
		if (run->slices[i].canary_after_ns > 0)
			ns[n++] = (double)run->slices[i].canary_after_ns;
	}
	if (n >= 10) {
		stats_sort(ns, n);
		low = ns[n / 10];
		high = ns[n - 1 - n / 10];
		note_add(notes,
			 high <= CANARY_SPREAD * low ? NOTE_GOOD : NOTE_WARN,
			 "A fixed piece of work, done after every slice, took "
			 "%s%s%s of CPU time in four slices of five.",
			 number_time(low).text, high > low ? " to " : "",
			 high > low ? number_time(high).text : "");
	}
	free(ns);
}

/* Rule: does the clock hold between processors? */
static void note_clock(const struct summary *s, struct notes *notes)
{
	const struct run_info *info = &s->run->info;

	if (info->clock_backwards > 0)
		note_add(notes, NOTE_BAD,
			 "The clock went back %" PRId64 " times between two "
			 "processors: times across processors cannot be "
			 "trusted.",
			 info->clock_backwards);
	else if (info->clock_backwards == 0)
		note_add(notes, NOTE_GOOD,
			 "The clock never went back between processors; "
			 "reading it takes %s.",
			 number_time((double)info->clock_cost_ns).text);
}

/* Rule: of which tasks is the harness a part that matters? */
static void note_harness(const struct summary *s, struct notes *notes)
{
	double ns = (double)s->run->info.harness_ns;

	if (ns > 0)
		note_add(
			notes, NOTE_INFO,
			"The harness itself takes %s of processor time a task: "
			"more than %s of tasks shorter than %s.",
			number_time_short(ns).text,
			number_percent(HARNESS_MAY_COST).text,
			number_time_short(ns / HARNESS_MAY_COST).text);
}

/* The reference under another name, measured beside it; NULL: there is none. */
static const struct cell_summary *find_again(const struct summary *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_summary *c = &s->cells[i];

		for (size_t k = 0; k < s->n; k++) {
			const struct cell_summary *ref = &s->cells[k];

			if (ref->is_reference && c != ref &&
			    strcmp(c->spec.runs, ref->spec.runs) == 0 &&
			    c->spec.extra_ppm == ref->spec.extra_ppm &&
			    strcmp(c->spec.settings, ref->spec.settings) == 0 &&
			    order_same_group(&c->spec, &ref->spec))
				return c;
		}
	}
	return NULL;
}

/* Rule: the A/A check of this very run. */
static void note_again(const struct summary *s, struct notes *notes)
{
	const struct cell_summary *c = find_again(s);
	struct estimate r;

	if (!c || !isfinite(c->ratio.low) || !isfinite(c->ratio.high))
		return;
	r = c->ratio;
	if (r.low <= 1 && r.high >= 1)
		note_add(notes, NOTE_GOOD,
			 "The same model measured twice under two names: "
			 "%s%s, which holds 1, as it must.",
			 number_times(r.median).text,
			 number_interval(r.low, r.high, number_ratio).text);
	else
		note_add(notes, NOTE_WARN,
			 "The same model measured twice under two names "
			 "differs: %s%s.  Chance does that in one run in "
			 "twenty; else the machine was not the same for both.",
			 number_times(r.median).text,
			 number_interval(r.low, r.high, number_ratio).text);
}

/* Rule: do slow and fast blocks come in stretches? */
static void note_weather(const struct summary *s, struct notes *notes)
{
	double *x = calloc(s->n_blocks, sizeof(*x));
	const struct cell_summary *ref = NULL;
	struct autocorrelation a;

	for (size_t i = 0; i < s->n && !ref; i++) {
		if (s->cells[i].is_reference)
			ref = &s->cells[i];
	}
	if (x && ref) {
		results_throughputs_of(s->run, &ref->spec, NULL, x);
		a = stats_autocorrelation(x, s->n_blocks);
		if (a.lag1 > a.bound)
			note_add(notes, NOTE_INFO,
				 "The machine had its weather: a fast block "
				 "followed a fast one (lag-1 correlation %s).  "
				 "Ratios within blocks do not feel it; times "
				 "and rates are those of this run.",
				 number_ratio(a.lag1).text);
	}
	free(x);
}

/* Rule: what there was no time for. */
static void note_pruned(const struct summary *s, struct notes *notes)
{
	if (s->run->info.pruned[0])
		note_add(notes, NOTE_INFO, "Left out for lack of time: %s.",
			 s->run->info.pruned);
}

void answer_note_trust(const struct summary *s, struct notes *notes)
{
	note_pruned(s, notes);
	note_again(s, notes);
	note_share(s, notes);
	note_noisy(s, notes);
	note_canary(s, notes);
	note_weather(s, notes);
	note_clock(s, notes);
	note_harness(s, notes);
}
