/*
 * The rules: what each sentence of the answer needs to be said.
 */
#include <inttypes.h>
#include <math.h>

#include "harness/answer_internal.h"
#include "harness/look.h"
#include "harness/number.h"

#define MIN_BLOCKS 6 /* below, there is no 95 % interval */

/* What the comparison of one cell with another allows to say. */
struct comparison {
	const struct cell_summary *cell;
	struct estimate ratio;
	enum verdict verdict;
	bool has_interval;
};

static struct comparison compare(const struct view *v,
				 const struct cell_summary *a,
				 const struct cell_summary *b)
{
	struct comparison c = {.cell = a, .ratio = view_ratio(v, a, b)};

	c.verdict = stats_verdict(&c.ratio, STATS_MARGIN);
	c.has_interval = isfinite(c.ratio.low) && isfinite(c.ratio.high);
	return c;
}

/* "0.94× [0.92, 0.96]" */
static struct number ratio_text(const struct estimate *r)
{
	struct number n;

	snprintf(n.text, sizeof(n.text), "%.12s%.48s",
		 number_times(r->median).text,
		 number_interval(r->low, r->high, number_ratio).text);
	return n;
}

/* "1 940 tasks/s [1 900, 1 960]" */
static struct number rate_text(const struct estimate *t)
{
	struct number n;

	snprintf(n.text, sizeof(n.text), "%.12s tasks/s%.40s",
		 number_plain(t->median).text,
		 number_interval(t->low, t->high, number_plain).text);
	return n;
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* The model that does most at the focus; NULL: none was measured. */
static const struct cell_summary *find_best(const struct view *v)
{
	const struct cell_summary *best = NULL;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!view_measured(c) || view_is_baseline(v, v->models[i]))
			continue;
		if (!best ||
		    c->throughput_per_s.median > best->throughput_per_s.median)
			best = c;
	}
	return best;
}

/* The best model of one family; NULL: none. */
static const struct cell_summary *find_best_of(const struct view *v,
					       enum look_family family)
{
	const struct cell_summary *best = NULL;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (view_measured(c) && look_family(v->models[i]) == family &&
		    (!best || c->throughput_per_s.median >
				      best->throughput_per_s.median))
			best = c;
	}
	return best;
}

/* Write the models whose comparison with the best ended in @verdict. */
static size_t list_rivals(const struct view *v, const struct cell_summary *best,
			  enum verdict verdict, FILE *out)
{
	size_t n = 0, total = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < v->n_models; i++) {
			const struct cell_summary *c =
				view_focus(v, v->models[i]);

			if (!view_measured(c) || c == best ||
			    view_is_baseline(v, v->models[i]) ||
			    compare(v, c, best).verdict != verdict)
				continue;
			if (pass == 0) {
				total++;
				continue;
			}
			n++;
			if (out)
				fprintf(out, "%s%s",
					n == 1       ? ""
					: n == total ? " and "
						     : ", ",
					v->models[i]);
		}
	}
	return total;
}

/*
 * Rule: for how many more blocks it might be told apart; nothing where that
 * cannot be said of all of them.
 */
static void say_more_blocks(const struct view *v,
			    const struct cell_summary *best, FILE *out)
{
	size_t n = v->s->n_counting, most = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);
		struct comparison k;
		size_t all;

		if (!view_measured(c) || c == best ||
		    view_is_baseline(v, v->models[i]))
			continue;
		k = compare(v, c, best);
		if (k.verdict != VERDICT_CANNOT_TELL)
			continue;
		all = stats_blocks_needed(&k.ratio, n, STATS_MARGIN);
		if (all <= n)
			return;
		if (all > most)
			most = all;
	}
	if (most > n)
		fprintf(out, " (about %zu more blocks would)", most - n);
}

/* Rule: which model does most, and from which it can be told. */
static void say_fastest(const struct view *v, const struct cell_summary *best,
			FILE *out)
{
	struct number rate = rate_text(&best->throughput_per_s);
	const char *name = best->spec.model;
	size_t tied = list_rivals(v, best, VERDICT_NO_DIFFERENCE, NULL);
	size_t open = list_rivals(v, best, VERDICT_CANNOT_TELL, NULL);
	size_t beaten = list_rivals(v, best, VERDICT_SLOWER, NULL);

	fprintf(out, "With %" PRIu32 " worker%s, ", v->focus, plural(v->focus));
	if (open + tied + beaten == 0) {
		fprintf(out, "%s does %s.", name, rate.text);
	} else if (open > 0) {
		fprintf(out,
			"%s has the highest median, %s, but this run "
			"cannot tell it from ",
			name, rate.text);
		list_rivals(v, best, VERDICT_CANNOT_TELL, out);
		say_more_blocks(v, best, out);
		fputc('.', out);
	} else if (tied > 0) {
		fprintf(out,
			"%s is fastest with %s; no difference that "
			"matters to ",
			name, rate.text);
		list_rivals(v, best, VERDICT_NO_DIFFERENCE, out);
		fputc('.', out);
	} else {
		fprintf(out, "%s is fastest: %s.", name, rate.text);
	}
}

/* Rule: does all this beat doing one task after the other? */
static void say_serial(const struct view *v, const struct cell_summary *best,
		       FILE *out)
{
	const struct cell_summary *serial =
		view_focus(v, v->s->run->info.baseline);
	struct comparison c;

	if (!view_measured(serial))
		return;
	c = compare(v, best, serial);
	if (!isfinite(c.ratio.median))
		return;
	switch (c.verdict) {
	case VERDICT_FASTER:
		fprintf(out, " That is %s of %s.", ratio_text(&c.ratio).text,
			serial->spec.model);
		break;
	case VERDICT_SLOWER:
		fprintf(out, " No model beats %s here: %s does %s of it.",
			serial->spec.model, best->spec.model,
			ratio_text(&c.ratio).text);
		break;
	case VERDICT_NO_DIFFERENCE:
		fprintf(out, " It gains nothing that matters over %s: %s.",
			serial->spec.model, ratio_text(&c.ratio).text);
		break;
	case VERDICT_CANNOT_TELL:
		fprintf(out, " Whether it beats %s, this run cannot tell: %s.",
			serial->spec.model, ratio_text(&c.ratio).text);
		break;
	}
}

/* Rule: what processes cost, compared with threads. */
static void say_isolation(const struct view *v, FILE *out)
{
	const struct cell_summary *process = find_best_of(v, LOOK_PROCESS);
	const struct cell_summary *thread = find_best_of(v, LOOK_THREAD);
	struct comparison c;

	if (!process || !thread)
		return;
	c = compare(v, process, thread);
	if (!isfinite(c.ratio.median))
		return;
	switch (c.verdict) {
	case VERDICT_SLOWER:
		fprintf(out, " Isolation costs %s",
			number_percent(1 - c.ratio.median).text);
		break;
	case VERDICT_NO_DIFFERENCE:
		fprintf(out, " Isolation costs nothing that matters");
		break;
	case VERDICT_FASTER:
		fprintf(out, " Isolation costs nothing here");
		break;
	case VERDICT_CANNOT_TELL:
		fprintf(out, " What isolation costs, this run cannot tell");
		break;
	}
	fprintf(out,
		": %s, whose workers are processes, does %s of what %s "
		"does.",
		process->spec.model, ratio_text(&c.ratio).text,
		thread->spec.model);
}

/* Rule: the slowest, where it is clearly behind both ends. */
static void say_slowest(const struct view *v, const struct cell_summary *best,
			FILE *out)
{
	const struct cell_summary *last = best, *before = best;
	struct comparison to_best, to_before;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct cell_summary *c = view_focus(v, v->models[i]);

		if (!view_measured(c) || view_is_baseline(v, v->models[i]))
			continue;
		if (c->throughput_per_s.median <
		    last->throughput_per_s.median) {
			before = last;
			last = c;
		} else if (c != last &&
			   (before == last ||
			    c->throughput_per_s.median <
				    before->throughput_per_s.median)) {
			before = c;
		}
	}
	if (last == best || before == best)
		return;
	to_best = compare(v, last, best);
	to_before = compare(v, last, before);
	if (to_best.verdict == VERDICT_SLOWER &&
	    to_before.verdict == VERDICT_SLOWER)
		fprintf(out, " Slowest is %s: %s of %s.", last->spec.model,
			ratio_text(&to_best.ratio).text, best->spec.model);
}

/* What more workers do, by verdict. */
static const char *const more_texts[] = {
	[VERDICT_CANNOT_TELL] = "do an amount that this run cannot tell from",
	[VERDICT_FASTER] = "do more than",
	[VERDICT_SLOWER] = "do less than",
	[VERDICT_NO_DIFFERENCE] = "make no difference that matters to",
};

static void say_step(const struct view *v, const struct cell_summary *more,
		     const struct cell_summary *fewer, const char *before,
		     FILE *out)
{
	struct comparison c = compare(v, more, fewer);

	fprintf(out, "%s%" PRIu32 " workers %s %" PRIu32 ": %s", before,
		more->spec.workers, more_texts[c.verdict], fewer->spec.workers,
		ratio_text(&c.ratio).text);
}

/* Rule: how many workers, told by the best model. */
static void say_workers(const struct view *v, const struct cell_summary *best,
			FILE *out)
{
	const struct cell_summary *fewer = NULL, *more = NULL;

	for (size_t i = 0; i < v->n_workers; i++) {
		const struct cell_summary *c =
			view_cell(v, best->spec.model, v->workers[i]);

		if (!view_measured(c))
			continue;
		if (v->workers[i] < v->focus && !fewer)
			fewer = c;
		if (v->workers[i] > v->focus && !more)
			more = c;
	}
	if (!fewer && !more)
		return;
	fprintf(out, " With %s, ", best->spec.model);
	if (fewer)
		say_step(v, best, fewer, "", out);
	if (more)
		say_step(v, more, best, fewer ? "; " : "", out);
	fputc('.', out);
}

void answer_say_workload(const struct view *v, FILE *out)
{
	const struct cell_summary *best = find_best(v);

	if (!best)
		return;
	say_fastest(v, best, out);
	say_serial(v, best, out);
	say_isolation(v, out);
	say_slowest(v, best, out);
	say_workers(v, best, out);
	answer_say_usl(v, out);
}

void answer_say_run(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;

	fprintf(out,
		"Measured on %s, with %s processor%s to use, in %" PRIu32
		" block%s.",
		info->host.name[0] ? info->host.name : "this machine",
		number_short(view_processors(s)).text,
		view_processors(s) > 1 ? "s" : "", info->blocks_done,
		plural(info->blocks_done));
	if (info->blocks_done < MIN_BLOCKS)
		fprintf(out,
			" That is too few for intervals, which need %d: "
			"this run cannot tell models apart.",
			MIN_BLOCKS);
	else
		fprintf(out,
			" In brackets: 95 %% intervals; those of ratios hold "
			"for all models side by side at once.  1.00× means "
			"equal; differences below %.0f %% do not matter.",
			100 * STATS_MARGIN);
}
