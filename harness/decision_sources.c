/*
 * Which cells speak for a class of durations.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/decision_internal.h"

#define COMPARED_AT 70 /* percent of the slowest model's capacity */

/* Decades; the measured duration nearest the middle speaks for a class. */
static const struct class
{
	const char *name;
	double below_ns, middle_ns;
} classes[DECISION_CLASSES] = {
	{"less than 10 µs", 1e4, 5e3},     {"10 to 100 µs", 1e5, 3.2e4},
	{"100 µs to 1 ms", 1e6, 3.2e5},    {"1 to 10 ms", 1e7, 3.2e6},
	{"10 ms and more", INFINITY, 3e7},
};

const char *decision_class_name(size_t k)
{
	CHECK(k < ARRAY_LEN(classes));
	return classes[k].name;
}

/*
 * How long a task of @c's size takes: in serial, or else in the model that
 * disturbs it least.
 */
static double duration_of(const struct view *v, const struct cell_summary *c)
{
	double shortest = INFINITY;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *other = &v->s->cells[i];
		double ns = other->phase_ns[PHASE_COMPUTE];

		if (!view_owns(v, other) || other->spec.size != c->spec.size ||
		    !isfinite(ns))
			continue;
		if (view_is_baseline(v, other->spec.model))
			return ns;
		shortest = fmin(shortest, ns);
	}
	return isfinite(shortest) ? shortest : NAN;
}

static size_t class_of(double task_ns)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(classes) && task_ns >= classes[i].below_ns)
		i++;
	return i;
}

/* How far @task_ns is from the middle of its class, in logarithms. */
static double distance(double task_ns)
{
	return fabs(log(task_ns / classes[class_of(task_ns)].middle_ns));
}

/* Is @c, at the same load for all, nearer to the load to compare at? */
static bool better_load(const struct cell_summary *c, const struct source *than)
{
	int here = abs((int)c->spec.load_percent - COMPARED_AT);
	int there = abs((int)than->load_percent - COMPARED_AT);

	return than->load_percent == 0 || here < there;
}

bool decision_compares(const struct cell_summary *c)
{
	return c->spec.interval_ns == 0 ||
	       strcmp(c->spec.load_of, "slowest") == 0;
}

struct source decision_source(const struct view *v, size_t k)
{
	struct source best = {.view = *v, .task_ns = NAN};

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];
		double ns;

		if (!view_owns(v, c) || !decision_compares(c))
			continue;
		ns = duration_of(v, c);
		if (!(ns > 0) || class_of(ns) != k)
			continue;
		if (best.size == 0 || distance(ns) < distance(best.task_ns) ||
		    (c->spec.size == best.size && better_load(c, &best))) {
			best.size = c->spec.size;
			best.task_ns = ns;
			best.load_percent = c->spec.load_percent;
		}
	}
	return best;
}

int decision_view(const struct summary *s, const char *experiment,
		  const char *workload, struct view *ret)
{
	size_t n = view_workloads(s, experiment);
	int r;

	*ret = (struct view){.s = s, .experiment = experiment, .workload = ""};
	for (size_t i = 0; i < n; i++) {
		struct view v;

		r = view_make(s, experiment, i, &v);
		if (r < 0)
			return r;
		if (strcmp(v.workload, workload) == 0) {
			*ret = v;
			return 0;
		}
		view_done(&v);
	}
	return 0;
}
