/*
 * How evenly the workers of a cell were used, and what its model has counted.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/summary_internal.h"

#define CONFIDENCE 0.95

/* For one cell, [n_blocks] each. */
struct room {
	const struct slice_result **slices;
	double *most, *jain;
};

/* What one slice says of tasks or of connections; squares < 0: nothing. */
struct shares {
	double sum, max, squares;
};

static struct shares tasks_of(const struct slice_result *r)
{
	return (struct shares){
		.sum = (double)r->tasks,
		.max = (double)r->worker_tasks_max,
		.squares = (double)r->worker_tasks_squares,
	};
}

static struct shares connections_of(const struct slice_result *r)
{
	return (struct shares){
		.sum = (double)r->counts.connections,
		.max = (double)r->counts.connections_max,
		.squares = (double)r->counts.connections_squares,
	};
}

/* In the middle of all blocks in room->slices. */
static struct spread spread_of(const struct summary *s, uint32_t workers,
			       struct shares (*of)(const struct slice_result *),
			       const struct room *room)
{
	struct spread spread;
	size_t n = 0;

	for (size_t i = 0; i < s->n_blocks; i++) {
		struct shares x;

		if (!room->slices[i])
			continue;
		x = of(room->slices[i]);
		if (!(x.sum > 0) || !(x.squares > 0))
			continue;
		room->most[n] = x.max * workers / x.sum;
		room->jain[n++] = stats_jain(x.sum, x.squares, workers);
	}
	spread.most = stats_median_interval(room->most, n, CONFIDENCE);
	spread.jain = stats_median_interval(room->jain, n, CONFIDENCE).median;
	return spread;
}

/* Add @more, if that was counted, to what was counted before, if it was. */
static void add(int64_t *sum, int64_t more)
{
	if (more < 0)
		return;
	if (__builtin_add_overflow(*sum < 0 ? 0 : *sum, more, sum))
		*sum = INT64_MAX;
}

static void add_counts(struct model_counts *sum, const struct model_counts *c)
{
	add(&sum->respawns, c->respawns);
	add(&sum->given_up, c->given_up);
	add(&sum->recycled, c->recycled);
	add(&sum->retries, c->retries);
	add(&sum->wakeups, c->wakeups);
	add(&sum->wasted_wakeups, c->wasted_wakeups);
	add(&sum->connections, c->connections);
}

static double per(int64_t count, uint64_t n)
{
	return count >= 0 && n > 0 ? (double)count / (double)n : NAN;
}

/* Counts are of all blocks, as those of tasks and of failures are. */
static void sum_counts(const struct summary *s, struct cell_summary *c,
		       const struct room *room)
{
	uint64_t ok = 0;

	c->counts = model_no_counts;
	results_slices_of(s->run, &c->spec, NULL, room->slices);
	for (size_t i = 0; i < s->n_blocks; i++) {
		if (!room->slices[i])
			continue;
		add_counts(&c->counts, &room->slices[i]->counts);
		ok += room->slices[i]->ended[TASK_OK];
	}
	c->wakeups = per(c->counts.wakeups, ok);
	c->wasted_wakeups = per(c->counts.wasted_wakeups, ok);
}

static void find_spreads(const struct summary *s, struct cell_summary *c,
			 const struct room *room)
{
	results_slices_of(s->run, &c->spec, s->block_counts, room->slices);
	c->task_spread = spread_of(s, c->spec.workers, tasks_of, room);
	c->connection_spread =
		spread_of(s, c->spec.workers, connections_of, room);
}

int summary_add_spread(struct summary *s)
{
	struct room room = {
		.slices = calloc(s->n_blocks, sizeof(*room.slices)),
		.most = calloc(s->n_blocks, sizeof(*room.most)),
		.jain = calloc(s->n_blocks, sizeof(*room.jain)),
	};
	int r = room.slices && room.most && room.jain ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < s->n; i++) {
		sum_counts(s, &s->cells[i], &room);
		find_spreads(s, &s->cells[i], &room);
	}
	free(room.slices);
	free(room.most);
	free(room.jain);
	return r;
}
