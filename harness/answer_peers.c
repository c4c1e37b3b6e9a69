/*
 * What people would otherwise use, in sentences and in a title.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/peers.h"

const char title_neutral_peers[] = "Our models beside what others use";

static const struct estimate *busy(const struct peers_row *row)
{
	return &row->curve->metg_ns[METG_95];
}

/* Infinite bounds are fine: they say on which side the answer is. */
static bool has_answer(const struct peers_row *row)
{
	return row && row->curve && !isnan(busy(row)->median) &&
	       !isnan(busy(row)->low) && !isnan(busy(row)->high);
}

/* Rule: whether it is sure that @a needs longer tasks than @b. */
static bool needs_longer(const struct peers_row *a, const struct peers_row *b)
{
	return busy(a)->low > busy(b)->high;
}

/* "below tasks of 12.0 µs [9.1 µs, 14.3 µs]", never more than was measured. */
static void say_where(const struct peers_row *row, FILE *out)
{
	const struct metg_curve *c = row->curve;
	const struct estimate *e = busy(row);

	if (isfinite(e->median))
		fprintf(out, "below tasks of %s%s", number_time(e->median).text,
			metg_interval_text(c, e).text);
	else if (e->median < 0)
		fprintf(out, "nowhere from tasks of %s on",
			number_time(c->points[0].task_ns).text);
	else
		fprintf(out, "still at tasks of %s",
			number_time(c->points[c->n_points - 1].task_ns).text);
}

static void begin(int *said, FILE *out)
{
	fputs((*said)++ ? "  " : "", out);
}

/* Rule: both are known, and surely not the same. */
static void say_waste(const struct view *v, const struct peers *p,
		      const struct peers_pair *pair, int *said, FILE *out)
{
	const struct peers_row *model = peers_find(v, p, pair->model);
	const struct peers_row *peer = peers_find(v, p, pair->peer);

	if (!has_answer(model) || !has_answer(peer) ||
	    (!needs_longer(peer, model) && !needs_longer(model, peer)))
		return;
	begin(said, out);
	fprintf(out, "%s wastes more than 5 %% of the machine ", pair->words);
	say_where(peer, out);
	fprintf(out, "; our %s ", pair->model);
	say_where(model, out);
	fputc('.', out);
}

/* Rule: the interval of the ratio tells who does more. */
static void say_ratio(const struct view *v, const struct peers *p,
		      const struct peers_pair *pair, int *said, FILE *out)
{
	const struct peers_row *model = peers_find(v, p, pair->model);
	const struct peers_row *peer = peers_find(v, p, pair->peer);
	struct estimate r;
	enum verdict verdict;

	if (!model || !peer || !view_measured(model->only) ||
	    !view_measured(peer->only))
		return;
	r = view_ratio(v, model->only, peer->only);
	verdict = stats_verdict(&r, STATS_MARGIN);
	if (verdict != VERDICT_FASTER && verdict != VERDICT_SLOWER)
		return;
	begin(said, out);
	fprintf(out, "Our %s does %s%s of what %s does.", pair->model,
		number_times(r.median).text,
		number_interval(r.low, r.high, number_ratio).text, pair->words);
}

void answer_say_peers(const struct view *v, FILE *out)
{
	struct peers p;
	int said = 0;

	if (peers_make(v, &p) < 0)
		return;
	for (size_t i = 0; i < n_peers_pairs; i++) {
		say_waste(v, &p, &peers_pairs[i], &said, out);
		say_ratio(v, &p, &peers_pairs[i], &said, out);
	}
	peers_done(&p);
}

/* A claim about the first pair that has one. */
static bool claim(const struct view *v, const struct peers *p,
		  const struct peers_pair *pair, char *buf, size_t size)
{
	const struct peers_row *model = peers_find(v, p, pair->model);
	const struct peers_row *peer = peers_find(v, p, pair->peer);

	if (!has_answer(model) || !has_answer(peer) ||
	    !needs_longer(peer, model))
		return false;
	snprintf(buf, size, "95 %% efficient: %s needs longer tasks than %s",
		 pair->words, pair->model);
	return true;
}

void title_peers(const struct view *v, char *buf, size_t size)
{
	struct peers p;
	bool claimed = false;

	snprintf(buf, size, "%s", title_neutral_peers);
	if (peers_make(v, &p) < 0)
		return;
	for (size_t i = 0; !claimed && i < n_peers_pairs; i++)
		claimed = claim(v, &p, &peers_pairs[i], buf, size);
	peers_done(&p);
}
