/*
 * What faults did to models, in sentences.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/summary_faults.h"

/* More broken promises than that are in the table. */
#define MAX_BROKEN 3

struct rows {
	const struct view *v;
	const struct fault_row *all; /* [n] */
	int n;
};

static bool belongs(const struct rows *rows, const struct fault_row *r)
{
	return view_owns(rows->v, r->cell);
}

/* Rule: some promise was broken, or all were kept. */
static void say_promises(const struct rows *rows, FILE *out)
{
	uint64_t happened = 0;
	int broken = 0;

	for (int i = 0; i < rows->n; i++) {
		const struct fault_row *r = &rows->all[i];

		if (!belongs(rows, r))
			continue;
		/* Of one that ended its process nobody is left to count it. */
		happened += r->injected + r->died;
		if (!r->broken[0])
			continue;
		if (broken++ < MAX_BROKEN)
			fprintf(out, "%s%s under \"%s\": %s",
				broken == 1 ? "Not as promised: " : "; ",
				r->cell->spec.model, r->fault->name, r->broken);
	}
	if (broken > MAX_BROKEN)
		fprintf(out, "; and %d more, see the table",
			broken - MAX_BROKEN);
	if (broken > 0)
		fputs(".", out);
	else if (happened > 0)
		fprintf(out,
			"Of %s faults, each did what its model promises: no "
			"task was lost or answered twice, and nothing was left "
			"behind.",
			number_count(happened).text);
}

/* Has @model a row of a fault that harms its task, and all such as promised? */
static bool keeps(const struct rows *rows, const char *model,
		  enum fault_reach reach)
{
	bool any = false;

	for (int i = 0; i < rows->n; i++) {
		const struct fault_row *r = &rows->all[i];

		if (!belongs(rows, r) ||
		    strcmp(r->cell->spec.model, model) != 0 ||
		    task_status_end(r->fault->end) == TASK_OK)
			continue;
		if (r->cell->spec.fault_reach != reach || r->broken[0])
			return false;
		any = true;
	}
	return any;
}

/* Rule: how far a fault went, for the models that kept their word. */
static void say_reach(const struct rows *rows, enum fault_reach reach,
		      const char *what, FILE *out)
{
	const struct view *v = rows->v;
	size_t n = 0, left;

	for (size_t m = 0; m < v->n_models; m++)
		n += keeps(rows, v->models[m], reach);
	left = n;
	for (size_t m = 0; m < v->n_models; m++) {
		if (!keeps(rows, v->models[m], reach))
			continue;
		fprintf(out, "%s%s",
			left == n   ? "  In "
			: left == 1 ? " and "
				    : ", ",
			v->models[m]);
		left--;
	}
	if (n > 0)
		fputs(what, out);
}

/* Rule: how soon the place of a killed worker works again. */
static void say_recovery(const struct rows *rows, FILE *out)
{
	const struct fault_row *best = NULL, *worst = NULL;

	for (int i = 0; i < rows->n; i++) {
		const struct fault_row *r = &rows->all[i];

		if (!belongs(rows, r) || strcmp(r->fault->name, "kill") != 0 ||
		    isnan(r->outage_ns))
			continue;
		if (!best || r->outage_ns < best->outage_ns)
			best = r;
		if (!worst || r->outage_ns >= worst->outage_ns)
			worst = r;
	}
	if (!best)
		return;
	fprintf(out, "  The place of a killed worker works again after %s",
		number_time(best->outage_ns).text);
	fprintf(out, " (%s", best->cell->spec.model);
	if (worst != best)
		fprintf(out, ") to %s (%s", number_time(worst->outage_ns).text,
			worst->cell->spec.model);
	fputs(") on average.", out);
}

void answer_say_faults(const struct view *v, FILE *out)
{
	struct fault_row *all = NULL;
	struct rows rows = {.v = v, .n = summary_faults(v->s, &all)};

	if (rows.n <= 0) {
		free(all);
		return;
	}
	rows.all = all;
	say_promises(&rows, out);
	say_reach(&rows, REACH_TASK,
		  " a fault costs the task in which it happens, no other.",
		  out);
	say_reach(&rows, REACH_WORKER,
		  " it also costs what the same worker had at hand.", out);
	say_reach(&rows, REACH_ALL,
		  " all share one process, and it ends everything.", out);
	say_recovery(&rows, out);
	free(all);
}
