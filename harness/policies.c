#include "harness/policies.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

#define CONFIDENCE 0.95

bool policies_same_situation(const struct cell_spec *a,
			     const struct cell_spec *b)
{
	return a->depth == b->depth && strcmp(a->settings, b->settings) == 0;
}

/* All settings are as usual, and then connections are kept. */
static bool keeps(const struct cell_spec *cell)
{
	return cell->settings[0] == '\0';
}

const char *policies_situation(const struct cell_spec *cell, char buf[64])
{
	snprintf(buf, 64, "%" PRIu32 " connection%s a worker, %s", cell->depth,
		 cell->depth == 1 ? "" : "s",
		 keeps(cell) ? "kept" : "one for each task");
	return buf;
}

/* The place of @name in the list, made if need be. */
static size_t policy_of(struct policies *p, const char *name)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->list[i].name, name) != 0)
		i++;
	if (i == p->n)
		p->list[p->n++] = (struct policy){
			.name = name, .most = NAN, .speed = {NAN, NAN, NAN}};
	return i;
}

/* The row with the situation of @cell and of the same policy; NULL: none. */
static struct policy_row *row_of(const struct policies *p,
				 const struct cell_spec *cell,
				 const char *policy)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		struct policy_row *row = &p->rows[i];

		if (policies_same_situation(&row->closed->spec, cell) &&
		    strcmp(row->closed->spec.runs, policy) == 0)
			return row;
	}
	return NULL;
}

/* Closed loops make the rows, then each open one finds its own. */
static void list_rows(const struct view *v, struct policies *p)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && c->spec.interval_ns == 0)
			p->rows[p->n_rows++] = (struct policy_row){
				.policy = policy_of(p, c->spec.runs),
				.closed = c,
				.ratio = {NAN, NAN, NAN},
			};
	}
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];
		struct policy_row *row;

		if (!view_owns(v, c) || c->spec.interval_ns == 0)
			continue;
		row = row_of(p, &c->spec, c->spec.runs);
		if (row)
			row->open = c;
	}
}

/* A variant says in its name which it is; the default need not. */
static void find_standard(const struct view *v, struct policies *p)
{
	for (size_t i = 0; i < p->n && !p->standard; i++) {
		if (!strchr(p->list[i].name, ':'))
			p->standard = &p->list[i];
	}
	for (size_t i = 0; i < p->n_rows && p->standard; i++) {
		struct policy_row *row = &p->rows[i];
		const struct policy_row *ref =
			row_of(p, &row->closed->spec, p->standard->name);

		if (ref == row)
			row->ratio = (struct estimate){1, 1, 1};
		else if (ref)
			row->ratio = view_ratio(v, row->closed, ref->closed);
	}
}

/* Whether policy number @k is even. */
static void judge_spread(struct policies *p, size_t k)
{
	struct policy *policy = &p->list[k];

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct policy_row *row = &p->rows[i];
		double most = row->closed->task_spread.most.median;

		if (row->policy != k)
			continue;
		if (isnan(most)) {
			policy->most = NAN;
			return;
		}
		if (!policy->worst || most > policy->most) {
			policy->worst = row;
			policy->most = most;
		}
	}
	policy->even = policy->most <= POLICIES_EVEN;
	p->n_even += policy->even;
}

/*
 * The mean over all situations of the logarithm of policy @k's throughput, for
 * each block, in @ret[n_blocks]; NaN where one is missing.  @x: as much room.
 */
static void work_of(const struct view *v, const struct policies *p, size_t k,
		    double *x, double *ret)
{
	const struct summary *s = v->s;
	double n = 0;

	for (size_t b = 0; b < s->n_blocks; b++)
		ret[b] = 0;
	for (size_t i = 0; i < p->n_rows; i++) {
		if (p->rows[i].policy != k)
			continue;
		n++;
		results_throughputs_of(s->run, &p->rows[i].closed->spec,
				       s->block_counts, x);
		for (size_t b = 0; b < s->n_blocks; b++)
			ret[b] += x[b] > 0 ? log(x[b]) : NAN;
	}
	for (size_t b = 0; b < s->n_blocks; b++)
		ret[b] /= n;
}

/* For policies in turn, [n_blocks] each. */
struct room {
	double *x, *work, *best;
};

/* The even policy that does most; its place, or p->n: there is none. */
static size_t find_best(const struct view *v, const struct policies *p,
			const struct room *room)
{
	size_t best = p->n;
	double most = -INFINITY;

	for (size_t k = 0; k < p->n; k++) {
		double median;

		if (!p->list[k].even)
			continue;
		work_of(v, p, k, room->x, room->work);
		median = stats_known_interval(room->work, v->s->n_blocks,
					      CONFIDENCE)
				 .median;
		/* NaN is not more. */
		if (median > most) {
			most = median;
			best = k;
		}
	}
	return best;
}

/* Compare policy @k with the best, whose work is in room->best. */
static void judge_speed(const struct view *v, struct policies *p, size_t k,
			const struct room *room)
{
	struct policy *policy = &p->list[k];
	double confidence =
		stats_family(CONFIDENCE, p->n_even > 2 ? p->n_even - 1 : 1);
	enum verdict verdict;
	struct estimate e;

	work_of(v, p, k, room->x, room->work);
	for (size_t b = 0; b < v->s->n_blocks; b++)
		room->work[b] -= room->best[b];
	e = stats_known_interval(room->work, v->s->n_blocks, confidence);
	policy->speed =
		(struct estimate){exp(e.median), exp(e.low), exp(e.high)};
	verdict = stats_verdict(&policy->speed, STATS_MARGIN);
	policy->chosen = policy == p->best || verdict != VERDICT_SLOWER;
	policy->unsure = policy != p->best && verdict == VERDICT_CANNOT_TELL;
	p->n_chosen += policy->chosen;
	p->n_unsure += policy->unsure;
}

/* Compare the even policies with the best of them. */
static int choose(const struct view *v, struct policies *p)
{
	size_t n = v->s->n_blocks, best;
	double *x = calloc(3 * n, sizeof(*x));
	struct room room = {x, x + n, x + 2 * n};

	if (!x)
		return -ENOMEM;
	best = find_best(v, p, &room);
	if (best < p->n) {
		p->best = &p->list[best];
		work_of(v, p, best, room.x, room.best);
	}
	for (size_t k = 0; p->best && k < p->n; k++) {
		if (p->list[k].even)
			judge_speed(v, p, k, &room);
	}
	free(x);
	return 0;
}

int policies_make(const struct view *v, struct policies *ret)
{
	struct policies p = {
		.rows = calloc(v->s->n + 1, sizeof(*p.rows)),
		.list = calloc(v->s->n + 1, sizeof(*p.list)),
	};
	int r = -ENOMEM;

	if (p.rows && p.list) {
		list_rows(v, &p);
		find_standard(v, &p);
		for (size_t k = 0; k < p.n; k++)
			judge_spread(&p, k);
		r = choose(v, &p);
	}
	if (r < 0)
		policies_done(&p);
	else
		*ret = p;
	return r;
}

void policies_done(struct policies *p)
{
	free(p->rows);
	free(p->list);
	*p = (struct policies){0};
}
