#include "harness/timeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

#define TASKS_SHOWN 10.0

/* When each worker ended its task before; 0: not yet. */
static int free_times(const struct slice_result *slice, uint64_t **ret)
{
	uint32_t workers = 0;

	for (size_t i = 0; i < slice->n_trace; i++) {
		if (slice->trace[i].worker >= workers)
			workers = slice->trace[i].worker + 1;
	}
	*ret = calloc((size_t)workers + 1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

int timeline_tasks(const struct slice_result *slice, struct timeline_task **ret)
{
	struct timeline_task *tasks =
		calloc(slice->n_trace + 1, sizeof(*tasks));
	uint64_t *free_at = NULL;
	int n = 0;

	if (!tasks || free_times(slice, &free_at) < 0) {
		free(tasks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < slice->n_trace; i++) {
		const struct task_trace *t = &slice->trace[i];
		const struct task_times times = {
			t->due, t->submit, t->created,        t->start,
			t->end, t->done,   free_at[t->worker]};
		struct timeline_task *task = &tasks[n];
		uint64_t phases[PHASES];

		/* A worker cannot do two things at once. */
		if (task_phases(&times, phases) < 0 || t->start < times.free)
			continue;
		task->worker = t->worker;
		task->cpu = t->cpu;
		task->at[0] = t->due;
		for (int p = 0; p < PHASES; p++)
			task->at[p + 1] = task->at[p] + phases[p];
		free_at[t->worker] = t->end;
		n++;
	}
	free(free_at);
	*ret = tasks;
	return n;
}

const struct slice_result *timeline_slice(const struct view *v,
					  const char *model)
{
	const struct cell_summary *c = view_focus(v, model);
	const struct run_results *run = v->s->run;

	for (size_t i = 0; c && i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (s->n_trace > 0 && s->status == SLICE_OK &&
		    memcmp(&s->cell, &c->spec, sizeof(s->cell)) == 0)
			return s;
	}
	return NULL;
}

struct timeline_span timeline_known(const struct slice_result *slice)
{
	struct timeline_span span = {0, 0};
	uint32_t workers = slice->cell.workers;
	uint64_t until = UINT64_MAX;

	for (uint32_t w = 0; w < workers; w++) {
		uint64_t first = UINT64_MAX, last = 0;

		for (size_t i = 0; i < slice->n_trace; i++) {
			const struct task_trace *t = &slice->trace[i];

			if (t->worker != w)
				continue;
			first = t->start < first ? t->start : first;
			last = t->end > last ? t->end : last;
		}
		if (first == UINT64_MAX)
			return span;
		span.from_ns = first > span.from_ns ? first : span.from_ns;
		until = last < until ? last : until;
	}
	if (workers > 0 && until > span.from_ns)
		span.length_ns = until - span.from_ns;
	return span;
}

/* The largest of 1, 2, 5, 10, 20, … that does not exceed @x. */
static uint64_t round_down(double x)
{
	double power = pow(10, floor(log10(x)));

	return (uint64_t)(power * (x >= 5 * power   ? 5
				   : x >= 2 * power ? 2
						    : 1));
}

uint64_t timeline_length_ns(const struct view *v)
{
	double wanted = 2 * TASKS_SHOWN * view_task_ns(v);
	size_t found = 0;

	for (size_t i = 0; i < v->n_models; i++) {
		const struct slice_result *s = timeline_slice(v, v->models[i]);
		struct timeline_span known;

		if (!s)
			continue;
		known = timeline_known(s);
		if (known.length_ns == 0)
			continue;
		found++;
		wanted = fmin(wanted, (double)known.length_ns);
	}
	return found > 0 && wanted >= 1 ? round_down(wanted) : 0;
}

double timeline_busy(const struct slice_result *slice,
		     struct timeline_span span)
{
	struct timeline_task *tasks;
	uint64_t until = span.from_ns + span.length_ns, sum = 0;
	int n;

	if (span.length_ns == 0 || slice->cell.workers == 0)
		return NAN;
	n = timeline_tasks(slice, &tasks);
	if (n < 0)
		return NAN;
	for (int i = 0; i < n; i++) {
		uint64_t from = tasks[i].at[PHASE_COMPUTE];
		uint64_t to = tasks[i].at[PHASE_COMPUTE + 1];

		from = from < span.from_ns ? span.from_ns : from;
		to = to > until ? until : to;
		sum += to > from ? to - from : 0;
	}
	free(tasks);
	return (double)sum /
	       ((double)span.length_ns * (double)slice->cell.workers);
}
