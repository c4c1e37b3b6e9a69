#include "bench/cli/xray_count.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool xray_is_of_model(const struct xray_call *call)
{
	bool ends = strncmp(call->name, "exit", 4) == 0;

	/* What never returned, was cut off when the model closed. */
	if (!call->returned && !ends)
		return false;
	/* A worker has nothing to do but the model's work. */
	return call->process != 0 ||
	       (call->begun_in >= XRAY_OPEN && call->begun_in < XRAY_AFTER);
}

static struct xray_row *find_row(struct xray_count *c,
				 const struct xray_call *call)
{
	const struct xray_words *words = xray_words_of(call);
	const char *name = xray_words_name(words, call);
	struct xray_row *more;

	for (size_t i = 0; i < c->n; i++) {
		struct xray_row *row = &c->rows[i];

		if (row->words == words &&
		    row->dispatcher == (call->process == 0) &&
		    strcmp(row->name, name) == 0)
			return row;
	}
	more = reallocarray(c->rows, c->n + 1, sizeof(*more));
	if (!more)
		return NULL;
	c->rows = more;
	c->rows[c->n] = (struct xray_row){
		.dispatcher = call->process == 0,
		.words = words,
		.value_min = call->value,
		.value_max = call->value,
	};
	(void)snprintf(c->rows[c->n].name, sizeof(c->rows[c->n].name), "%s",
		       name);
	return &c->rows[c->n++];
}

static bool is_of_task(const struct xray_call *call)
{
	return call->ended_in >= XRAY_TASKS && call->begun_in < XRAY_CLOSE;
}

/* The values of %n are those of tasks, if it is called for tasks at all. */
static void note_value(struct xray_row *row, const struct xray_call *call)
{
	bool of_task = is_of_task(call);

	if (of_task && !row->of_tasks) {
		row->of_tasks = true;
		row->value_min = row->value_max = call->value;
	}
	if (of_task != row->of_tasks)
		return;
	if (call->value < row->value_min)
		row->value_min = call->value;
	if (call->value > row->value_max)
		row->value_max = call->value;
}

static void finish_row(struct xray_row *row, uint64_t tasks)
{
	double n = (double)tasks, total = (double)row->total[0];
	double first = ((double)row->total[1] - total) / n;
	double second = ((double)row->total[2] - (double)row->total[1]) / n;

	row->min = first < second ? first : second;
	row->max = first < second ? second : first;
	row->min = row->min < 0 ? 0 : row->min;
	row->max = row->max < 0 ? 0 : row->max;
	row->by_chance = row->words->by_chance || row->min < row->max;
	/* The first run had one task more, alone. */
	total += (double)row->outside - row->max * (n + 1);
	if (!row->by_chance && total > 0)
		row->once = (uint64_t)(total + 0.5);
}

int xray_count_make(const struct xray_trace runs[XRAY_RUNS], uint64_t tasks,
		    struct xray_count *ret)
{
	struct xray_count c = {0};

	for (size_t k = 0; k < XRAY_RUNS; k++) {
		for (size_t i = 0; i < runs[k].n; i++) {
			const struct xray_call *call = &runs[k].calls[i];
			struct xray_row *row;

			if (!xray_is_of_model(call))
				continue;
			row = find_row(&c, call);
			if (!row) {
				xray_count_done(&c);
				return -ENOMEM;
			}
			row->total[k] += is_of_task(call);
			row->outside += k == 0 && !is_of_task(call);
			note_value(row, call);
		}
	}
	for (size_t i = 0; i < c.n; i++)
		finish_row(&c.rows[i], tasks);
	*ret = c;
	return 0;
}

void xray_count_done(struct xray_count *c)
{
	free(c->rows);
	*c = (struct xray_count){0};
}
