/*
 * goals - of a run of the experiment `goals': which are reached?
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/number.h"
#include "harness/results.h"
#include "harness/stats.h"

/* The experiment whose goals these are. */
#define GOALS "goals"

/* The run and, of one side, what was measured in each of its blocks. */
struct judge {
	const struct run_results *run;
	const struct slice_result **slices; /* [blocks] */
	double *ours, *theirs, *scratch;    /* [blocks] */
	size_t blocks;
};

/* What is compared, of one slice; NaN: not measured. */
static double value_of(const struct slice_result *s, enum goal_measure measure)
{
	if (!s || s->status != SLICE_OK || slice_failed(s) > 0)
		return NAN;
	switch (measure) {
	case GOAL_THROUGHPUT:
		return slice_throughput(s);
	case GOAL_PER_WORKER:
		return slice_throughput(s) / s->cell.workers;
	case GOAL_ROUND_TRIP:
		return (double)histogram_quantile(s->latency, 0.5);
	case GOAL_MEMORY:
		return (double)s->peak_self_bytes;
	}
	return NAN;
}

/* The cell that was planned for @side; NULL: there was none. */
static const struct cell_spec *cell_of(const struct run_results *run,
				       const struct goal_side *side)
{
	char name[GOAL_NAME];

	goal_name(side, name);
	for (size_t i = 0; i < run->n; i++) {
		const struct cell_spec *cell = &run->slices[i].cell;

		if (strcmp(cell->experiment, GOALS) == 0 &&
		    strcmp(cell->model, name) == 0)
			return cell;
	}
	return NULL;
}

/* The values of @side, one a block, to @ret.  False: nobody measured it. */
static bool values_of(const struct judge *j, const struct goal_side *side,
		      enum goal_measure measure, double *ret)
{
	const struct cell_spec *cell = cell_of(j->run, side);

	if (!cell)
		return false;
	results_slices_of(j->run, cell, NULL, j->slices);
	for (size_t i = 0; i < j->blocks; i++)
		ret[i] = value_of(j->slices[i], measure);
	return true;
}

/*
 * By the median, as the goals are meant; "surely" if the interval agrees, which
 * chance could not do more often than in one run in twenty.
 */
static const char *verdict(const struct goal *goal, const struct estimate *r)
{
	double sign = goal->at_most ? -1 : 1;
	bool reached = sign * r->median >= sign * goal->bound;
	double worst = goal->at_most ? r->high : r->low;
	double best = goal->at_most ? r->low : r->high;

	if (!isfinite(r->median))
		return "not measured";
	if (reached)
		return sign * worst >= sign * goal->bound ? "reached, surely"
							  : "reached";
	return sign * best < sign * goal->bound ? "missed, surely" : "missed";
}

static void judge(const struct judge *j, const struct goal *goal)
{
	struct estimate r;
	char bound[32];
	int pad;

	snprintf(bound, sizeof(bound), "%s %g",
		 goal->at_most ? "<=" : ">=", goal->bound);
	printf("%-42s %8s  ", goal->what, bound);
	if (!values_of(j, &goal->ours, goal->measure, j->ours) ||
	    !values_of(j, &goal->theirs, goal->measure, j->theirs)) {
		puts("not here");
		return;
	}
	r = stats_ratio(j->ours, j->theirs, j->blocks, 0.95, j->scratch);
	/* Thin spaces have three bytes, and one column. */
	pad = 26 - (int)number_columns(
			   number_interval(r.low, r.high, number_ratio).text);
	printf("%7s%s%*s%s\n", number_ratio(r.median).text,
	       number_interval(r.low, r.high, number_ratio).text,
	       pad > 0 ? pad : 1, "", verdict(goal, &r));
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **dir = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*dir)
		die(EXIT_USAGE, "one argument too many: '%s'", arg);
	*dir = arg;
	return 0;
}

int command_goals(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		parse,
		"DIR",
		"Say which of our own goals the run in DIR reached, a run of "
		"the experiment `goals'.  Each is a ratio, ours to theirs, "
		"measured side by side in each block: its median and 95 % "
		"interval.",
		NULL,
		NULL,
		NULL,
	};
	const struct experiment *e = experiment_find(GOALS);
	struct run_results run;
	const char *dir = NULL;
	struct judge j = {.run = &run};
	char error[256];

	parse_arguments(&argp, argc, argv, &dir);
	if (!dir)
		die(EXIT_USAGE, "goals: name the folder of a run");
	if (results_read(dir, &run, error, sizeof(error)) < 0)
		die(EXIT_ENVIRONMENT, "%s", error);
	j.blocks = results_blocks(&run);
	j.slices = calloc(j.blocks, sizeof(*j.slices));
	j.ours = calloc(j.blocks, sizeof(*j.ours));
	j.theirs = calloc(j.blocks, sizeof(*j.theirs));
	j.scratch = calloc(j.blocks, sizeof(*j.scratch));
	if (!j.slices || !j.ours || !j.theirs || !j.scratch)
		die(EXIT_ENVIRONMENT, "out of memory");
	printf("%-42s %8s  %7s\n", "ours to theirs", "goal", "ratio");
	for (size_t i = 0; i < e->n_goals; i++)
		judge(&j, &e->goals[i]);
	if (run.info.harness_ns > 0)
		printf("%-42s %8s  %4" PRId64 " ns%26s%s\n",
		       "harness, processor time a task", "<= 150",
		       run.info.harness_ns, "",
		       run.info.harness_ns <= 150 ? "reached" : "missed");
	free(j.slices);
	free(j.ours);
	free(j.theirs);
	free(j.scratch);
	results_done(&run);
	return finish_output(0);
}
