#include "harness/policies.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/summary_faults.h"

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

/* The place of the policy of @cell in the list, made if need be. */
static size_t policy_of(const struct view *v, struct policies *p,
			const struct cell_spec *cell)
{
	size_t i = 0;

	while (i < p->n && strcmp(p->list[i].name, cell->runs) != 0)
		i++;
	if (i == p->n) {
		p->list[p->n++] = (struct policy){.name = cell->runs,
						  .score = {NAN, NAN, NAN}};
		while (strcmp(v->models[p->list[i].model], cell->model) != 0)
			p->list[i].model++;
	}
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

/*
 * Closed loops in which nobody is killed make the rows, then each open one finds
 * its own.
 */
static void list_rows(const struct view *v, struct policies *p)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && c->spec.interval_ns == 0 &&
		    !c->spec.fault[0])
			p->rows[p->n_rows++] = (struct policy_row){
				.policy = policy_of(v, p, &c->spec),
				.closed = c,
				.ratio = {NAN, NAN, NAN},
				.kept = {NAN, NAN, NAN},
				.outage_ns = NAN,
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

static int find_kills(const struct view *v, struct policies *p)
{
	struct fault_row *rows;
	int n = summary_faults(v->s, &rows);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		const struct cell_spec *spec = &rows[i].cell->spec;
		struct policy_row *row = NULL;

		if (view_owns(v, rows[i].cell))
			row = row_of(p, spec, spec->runs);
		if (row) {
			row->kept = rows[i].kept;
			row->outage_ns = rows[i].outage_ns;
		}
	}
	free(rows);
	return 0;
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
			row->ratio = (struct estimate){1, NAN, NAN};
		else if (ref)
			row->ratio = view_ratio(v, row->closed, ref->closed);
	}
}

/* NaN: @r, which may be NULL, has none. */
static double log_score(const struct slice_result *r)
{
	double jain;

	if (!r || r->tasks == 0 || r->worker_tasks_squares < 0)
		return NAN;
	jain = stats_jain((double)r->tasks, (double)r->worker_tasks_squares,
			  r->cell.workers);
	return log(slice_throughput(r) * jain);
}

/* For policies in turn, [n_blocks] each. */
struct room {
	const struct slice_result **slices;
	double *score, *best;
};

/*
 * The mean over all situations of the logarithm of policy @k's score, for each
 * block, in @ret[n_blocks]; NaN where one is missing.
 */
static void score_of(const struct view *v, const struct policies *p, size_t k,
		     const struct room *room, double *ret)
{
	const struct summary *s = v->s;
	double n = 0;

	for (size_t b = 0; b < s->n_blocks; b++)
		ret[b] = 0;
	for (size_t i = 0; i < p->n_rows; i++) {
		if (p->rows[i].policy != k)
			continue;
		n++;
		results_slices_of(s->run, &p->rows[i].closed->spec,
				  s->block_counts, room->slices);
		for (size_t b = 0; b < s->n_blocks; b++)
			ret[b] += log_score(room->slices[b]);
	}
	for (size_t b = 0; b < s->n_blocks; b++)
		ret[b] /= n;
}

/* The policy with the highest score; its place, or p->n: none has one. */
static size_t find_best(const struct view *v, struct policies *p,
			const struct room *room)
{
	size_t best = p->n;
	double most = -INFINITY;

	for (size_t k = 0; k < p->n; k++) {
		struct estimate e;

		score_of(v, p, k, room, room->score);
		e = stats_known_interval(room->score, v->s->n_blocks,
					 CONFIDENCE);
		if (isnan(e.median))
			continue;
		p->n_scored++;
		if (e.median > most) {
			most = e.median;
			best = k;
		}
	}
	return best;
}

/* Compare policy @k with the best, whose scores are in room->best. */
static void judge(const struct view *v, struct policies *p, size_t k,
		  const struct room *room)
{
	struct policy *policy = &p->list[k];
	double confidence =
		stats_family(CONFIDENCE, p->n_scored > 2 ? p->n_scored - 1 : 1);
	bool best = policy == p->best;
	enum verdict verdict;
	struct estimate e;

	score_of(v, p, k, room, room->score);
	for (size_t b = 0; b < v->s->n_blocks; b++)
		room->score[b] -= room->best[b];
	e = stats_known_interval(room->score, v->s->n_blocks, confidence);
	if (isnan(e.median))
		return;
	policy->score =
		(struct estimate){exp(e.median), exp(e.low), exp(e.high)};
	verdict = stats_verdict(&policy->score, STATS_MARGIN);
	policy->chosen = best || verdict != VERDICT_SLOWER;
	policy->unsure = !best && verdict == VERDICT_CANNOT_TELL;
	p->n_chosen += policy->chosen;
	p->n_unsure += policy->unsure;
}

static int choose(const struct view *v, struct policies *p)
{
	size_t n = v->s->n_blocks, best;
	struct room room = {
		.slices = calloc(n, sizeof(*room.slices)),
		.score = calloc(n, sizeof(*room.score)),
		.best = calloc(n, sizeof(*room.best)),
	};
	int r = room.slices && room.score && room.best ? 0 : -ENOMEM;

	best = r == 0 ? find_best(v, p, &room) : p->n;
	if (best < p->n) {
		p->best = &p->list[best];
		score_of(v, p, best, &room, room.best);
	}
	for (size_t k = 0; p->best && k < p->n; k++)
		judge(v, p, k, &room);
	free(room.slices);
	free(room.score);
	free(room.best);
	return r;
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
		r = find_kills(v, &p);
		if (r == 0)
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
