/*
 * xray_count - from traces of three runs to calls per task.
 *
 * Runs of n, 2n and 3n tasks set up and tear down alike, so what the second
 * makes more than the first is what n tasks cost, and so is what the third
 * makes more than the second.  If the two differ, the calls depend on timing.
 * Calls from before the first task and after the last are none of a task's, and
 * may depend on timing all they like.
 */
#ifndef BENCH_CLI_XRAY_COUNT_H
#define BENCH_CLI_XRAY_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/cli/xray_trace.h"
#include "bench/cli/xray_words.h"

#define XRAY_RUNS 3

/* Calls of one name, side and meaning. */
struct xray_row {
	char name[32];
	bool dispatcher; /* or a worker, whichever */
	const struct xray_words *words;
	uint64_t total[XRAY_RUNS];    /* while tasks ran */
	uint64_t outside;             /* before and after, in the first run */
	int64_t value_min, value_max; /* that they returned: %n */
	bool of_tasks;                /* when tasks ran, not only before */

	double min, max; /* per task */
	bool by_chance;  /* may be different the next time */
	uint64_t once;   /* in every run, whatever its tasks; 0 by chance */
};

struct xray_count {
	struct xray_row *rows; /* [n], in order of the first call */
	size_t n;
};

/*
 * Count @runs: of @tasks, twice and three times as many tasks, and each one
 * more.  0 or -ENOMEM.  To be passed to xray_count_done().
 */
int xray_count_make(const struct xray_trace runs[XRAY_RUNS], uint64_t tasks,
		    struct xray_count *ret);

void xray_count_done(struct xray_count *c);

/* Is @call one of the model's, and not of the program around it? */
bool xray_is_of_model(const struct xray_call *call);

#endif
