/*
 * What a slice's result says of itself: phases, names, rates.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/slice.h"

static const char *const phase_names[PHASES] = {
	[PHASE_QUEUE] = "queue",       [PHASE_CREATE] = "create",
	[PHASE_DISPATCH] = "dispatch", [PHASE_COMPUTE] = "compute",
	[PHASE_RETURN] = "return",
};

const char *phase_name(enum phase phase)
{
	CHECK((size_t)phase < PHASES);
	return phase_names[phase];
}

int task_phases(const struct task_times *t, uint64_t ret[PHASES])
{
	/* The first sign of life of the task at its worker. */
	uint64_t seen = t->created ? t->created : t->start;
	uint64_t turn, created;

	if (t->due > t->submit || t->submit > seen || seen > t->start ||
	    t->start > t->end || t->end > t->done)
		return -EPROTO;
	turn = t->free < t->submit ? t->submit : t->free;
	if (turn > seen)
		turn = seen;
	/* A worker that was there before the task needed no creation. */
	created = t->created ? t->created : turn;
	ret[PHASE_QUEUE] = turn - t->due;
	ret[PHASE_CREATE] = created - turn;
	ret[PHASE_DISPATCH] = t->start - created;
	ret[PHASE_COMPUTE] = t->end - t->start;
	ret[PHASE_RETURN] = t->done - t->end;
	return 0;
}

const char *slice_status_name(enum slice_status status, int value, char *buf,
			      size_t size)
{
	static const char *const words[] = {
		[SLICE_OK] = "ok",         [SLICE_OPEN] = "open",
		[SLICE_BROKEN] = "broken", [SLICE_CRASHED] = "crashed",
		[SLICE_EXITED] = "exited", [SLICE_LATE] = "late",
	};
	const char *what = NULL;

	CHECK((size_t)status < ARRAY_LEN(words));
	if (status == SLICE_OPEN || status == SLICE_BROKEN)
		what = strerrorname_np(value);
	else if (status == SLICE_CRASHED)
		what = sigabbrev_np(value);
	if (what)
		snprintf(buf, size, "%s:%s", words[status], what);
	else if (status == SLICE_OK || status == SLICE_LATE)
		snprintf(buf, size, "%s", words[status]);
	else
		snprintf(buf, size, "%s:%d", words[status], value);
	return buf;
}

struct slice_result slice_result_of(const struct cell_spec *cell)
{
	return (struct slice_result){
		.cell = *cell,
		.worker_tasks_max = -1,
		.worker_tasks_squares = -1,
		.counts = model_no_counts,
		.pss_bytes = -1,
		.rss_bytes = -1,
		.noise_span_ns = -1,
		.busy_ns = -1,
		.steal_ns = -1,
		.foreign_ns = -1,
		.psi_ns = -1,
		.canary_before_ns = -1,
		.canary_after_ns = -1,
		.smt_shared = -1,
	};
}

void slice_result_done(struct slice_result *r)
{
	free(r->latency);
	free(r->uncorrected);
	free(r->lateness);
	free(r->trace);
	r->latency = r->uncorrected = r->lateness = NULL;
	r->trace = NULL;
	r->n_trace = 0;
}

double slice_throughput(const struct slice_result *r)
{
	if (r->status != SLICE_OK || r->window_ns == 0)
		return NAN;
	return (double)r->tasks * (double)NS_PER_S / (double)r->window_ns;
}

bool slice_saturated(const struct slice_result *r)
{
	return 100 * r->tasks < 99 * r->offered;
}

double slice_tasks_per_cpu_s(const struct slice_result *r)
{
	uint64_t cpu_ns = r->user_ns + r->system_ns;

	if (r->status != SLICE_OK || cpu_ns == 0)
		return NAN;
	return (double)r->ended[TASK_OK] * (double)NS_PER_S / (double)cpu_ns;
}

uint64_t slice_window_ns(const struct cell_spec *cell,
			 const struct slice_timing *timing)
{
	return cell->window_ns ? cell->window_ns : timing->window_ns;
}

uint64_t slice_timeout_ns(const struct cell_spec *cell,
			  const struct slice_timing *timing)
{
	/* Its own limit, of several tasks that may wait behind each other. */
	return cell->limit_ns ? 3 * cell->limit_ns : timing->timeout_ns;
}

uint64_t slice_failed(const struct slice_result *r)
{
	return r->submitted - r->ended[TASK_OK];
}
