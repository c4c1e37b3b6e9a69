/*
 * What may be said of the ways to choose a worker for a connection.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/policies.h"

#define WORTH_WASTE 0.1 /* wasted wake-ups a request that are worth a word */

const char title_neutral_policies[] = "Work and its spread, by policy";

/* Who it is that chooses the worker, for those who know only the name. */
static const struct {
	const char *variant, *who;
} choosers[] = {
	{"reuseport", "the kernel's hash"},
	{"roundrobin", "dealing in turn"},
};

/* "the kernel's hash (cluster:reuseport)", "cluster:herd". */
static struct number chooser_of(const char *policy)
{
	const char *colon = strchr(policy, ':');
	struct number n;

	snprintf(n.text, sizeof(n.text), "%.40s", policy);
	for (size_t i = 0; colon && i < ARRAY_LEN(choosers); i++) {
		if (strcmp(colon + 1, choosers[i].variant) == 0)
			snprintf(n.text, sizeof(n.text), "%s (%.40s)",
				 choosers[i].who, policy);
	}
	return n;
}

/* "a", "a or b", "a, b or c": those that were chosen. */
static void list_chosen(const struct policies *p, FILE *out)
{
	size_t said = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->list[i].chosen)
			continue;
		if (said > 0)
			fputs(said + 1 == p->n_chosen ? " or " : ", ", out);
		fputs(p->list[i].name, out);
		said++;
	}
}

/* Rule: which policy to take. */
static void say_choice(const struct policies *p, FILE *out)
{
	bool several = p->n_chosen > 1;

	if (!p->best)
		return;
	fputs("On throughput and spread together ", out);
	if (several)
		fputs(p->n_unsure > 0 ? "one of " : "any of ", out);
	list_chosen(p, out);
	if (several && p->n_unsure > 0)
		fputs(" is best, this run cannot tell which:", out);
	else
		fputs(several ? " will do:" : " is best:", out);
	fprintf(out,
		" throughput times Jain's index of the requests, over all "
		"situations, %s",
		!several           ? "is highest there."
		: p->n_unsure == 0 ? "differs by nothing that matters."
				   : "may be highest with each.");
}

/* Rule: what becomes of those who choose nothing. */
static void say_standard(const struct policies *p, FILE *out)
{
	const struct policy *d = p->standard;

	if (!p->best || !d || isnan(d->score.median))
		return;
	if (d->chosen)
		fprintf(out, "  %s the default%s.",
			p->n_chosen > 1 ? "Among them is" : "It is",
			p->n_chosen > 1 ? "" : ", too");
	else
		fprintf(out, "  The default, %s, reaches %s%s of that.",
			d->name, number_times(d->score.median).text,
			number_interval(d->score.low, d->score.high,
					number_ratio)
				.text);
}

/* How much more than its share the busiest worker of @row had. */
static const struct estimate *most_of(const struct policy_row *row)
{
	return &row->closed->task_spread.most;
}

/* The most even policy in the situation of @row. */
static const struct policy_row *most_even(const struct policies *p,
					  const struct policy_row *row)
{
	const struct policy_row *even = row;

	for (size_t i = 0; i < p->n_rows; i++) {
		if (policies_same_situation(&p->rows[i].closed->spec,
					    &row->closed->spec) &&
		    most_of(&p->rows[i])->median < most_of(even)->median)
			even = &p->rows[i];
	}
	return even;
}

/* Rule: which policy let one worker do most, if another surely did not. */
static void say_uneven(const struct policies *p, FILE *out)
{
	const struct policy_row *worst = NULL, *even;
	uint32_t workers;
	char situation[64];

	for (size_t i = 0; i < p->n_rows; i++) {
		double most = most_of(&p->rows[i])->median;

		if (!isnan(most) && (!worst || most > most_of(worst)->median))
			worst = &p->rows[i];
	}
	even = worst ? most_even(p, worst) : NULL;
	if (!worst || !(most_of(worst)->low > most_of(even)->high))
		return;
	workers = worst->closed->spec.workers;
	fprintf(out,
		"  With %s, %s gave one of %" PRIu32
		" workers %s of the requests, %s %s.",
		policies_situation(&worst->closed->spec, situation),
		chooser_of(p->list[worst->policy].name).text, workers,
		number_percent(most_of(worst)->median / workers).text,
		p->list[even->policy].name,
		number_percent(most_of(even)->median / workers).text);
}

/* Rule: the policy that wakes workers most in vain. */
static void say_wasted(const struct policies *p, FILE *out)
{
	const struct policy_row *most = NULL;
	char situation[64];

	for (size_t i = 0; i < p->n_rows; i++) {
		double wasted = p->rows[i].closed->wasted_wakeups;

		if (wasted >= WORTH_WASTE &&
		    (!most || wasted > most->closed->wasted_wakeups))
			most = &p->rows[i];
	}
	if (most)
		fprintf(out,
			"  %s woke workers in vain most often: %s times for "
			"each request, with %s.",
			p->list[most->policy].name,
			number_ratio(most->closed->wasted_wakeups).text,
			policies_situation(&most->closed->spec, situation));
}

/* The row of the default that has @depth connections and keeps them or not. */
static const struct policy_row *standard_row(const struct policies *p,
					     uint32_t depth, bool kept)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct policy_row *row = &p->rows[i];

		if (&p->list[row->policy] == p->standard &&
		    row->closed->spec.depth == depth &&
		    (row->closed->spec.settings[0] == '\0') == kept)
			return row;
	}
	return NULL;
}

/* Rule: what it costs not to keep connections, where there are most. */
static void say_kept(const struct view *v, const struct policies *p, FILE *out)
{
	const struct policy_row *kept, *each;
	struct estimate r;
	uint32_t depth = 0;
	char situation[64];

	for (size_t i = 0; i < p->n_rows; i++) {
		if (p->rows[i].closed->spec.depth > depth)
			depth = p->rows[i].closed->spec.depth;
	}
	kept = standard_row(p, depth, true);
	each = standard_row(p, depth, false);
	if (!p->standard || !kept || !each)
		return;
	r = view_ratio(v, each->closed, kept->closed);
	if (stats_verdict(&r, STATS_MARGIN) != VERDICT_SLOWER)
		return;
	fprintf(out, "  With %s, %s does %s%s of what it does with kept ones.",
		policies_situation(&each->closed->spec, situation),
		p->standard->name, number_times(r.median).text,
		number_interval(r.low, r.high, number_ratio).text);
}

/* Rule: who stands the killing of workers best and worst, if that is sure. */
static void say_kills(const struct policies *p, FILE *out)
{
	const struct policy_row *least = NULL, *most = NULL;

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct policy_row *row = &p->rows[i];

		if (isnan(row->kept.low) || isnan(row->kept.high))
			continue;
		if (!most || row->kept.median > most->kept.median)
			most = row;
		if (!least || row->kept.median < least->kept.median)
			least = row;
	}
	if (!most || !(most->kept.low > least->kept.high))
		return;
	fprintf(out,
		"  While workers were killed, %s kept %s%s of its throughput, ",
		p->list[most->policy].name,
		number_percent(most->kept.median).text,
		number_interval(most->kept.low, most->kept.high, number_percent)
			.text);
	fprintf(out, "%s %s%s.", p->list[least->policy].name,
		number_percent(least->kept.median).text,
		number_interval(least->kept.low, least->kept.high,
				number_percent)
			.text);
}

void answer_say_policies(const struct view *v, FILE *out)
{
	struct policies p;

	if (policies_make(v, &p) < 0)
		return;
	say_choice(&p, out);
	say_standard(&p, out);
	say_uneven(&p, out);
	say_wasted(&p, out);
	say_kept(v, &p, out);
	say_kills(&p, out);
	policies_done(&p);
}

void title_policies(const struct view *v, char *buf, size_t size)
{
	struct policies p;

	snprintf(buf, size, "%s", title_neutral_policies);
	if (policies_make(v, &p) < 0)
		return;
	if (p.best && p.n_chosen == 1 && p.n > 1)
		snprintf(buf, size, "%s is best on throughput and spread",
			 p.best->name);
	policies_done(&p);
}
