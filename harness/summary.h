/*
 * summary - from slices to cells: medians, intervals, ratios, verdicts.
 *
 * Floor 4.  Pure: the same results always give the same summary, so that a
 * report can be made again from results.json alone.
 */
#ifndef HARNESS_SUMMARY_H
#define HARNESS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "harness/results.h"
#include "harness/stats.h"

#define SUMMARY_SCHEMA "manyhands-summary/1"

/* The latency of a cell; 0 where there are not enough tasks to say. */
struct latency_summary {
	uint64_t p50_ns, p90_ns, p99_ns, p999_ns, max_ns;

	/* The first four again, with intervals over blocks; bootstrap.h. */
	struct estimate interval[4];
};

/* How evenly something was spread over the workers; NaN: unknown. */
struct spread {
	struct estimate most; /* the busiest one's to the mean; 1: all even */
	double jain;          /* stats_jain() */
};

/* One cell over all its blocks.  NaN where there is no honest value. */
struct cell_summary {
	struct cell_spec spec;
	uint32_t index;  /* in the plan */
	size_t n_slices; /* tried */
	size_t n_measured; /* of them in blocks that count, those that went well */
	size_t n_ok;       /* of them in all blocks */
	char trouble[48]; /* status of the first slice that failed; "" none */

	/* Completed tasks per second: median of the blocks and interval. */
	struct estimate throughput_per_s;

	/* To the reference model in the same cell, paired by block. */
	struct estimate ratio;
	enum verdict verdict;
	bool is_reference;

	/*
	 * How many models are compared with the reference in this cell's
	 * group: the ratio's interval is so wide that all of theirs together
	 * hold with 95 % (Bonferroni).
	 */
	size_t comparisons;
	size_t more_blocks; /* about, until a verdict; 0: none, or unknown */

	/*
	 * Median throughput as a share of the ideal: serial's, times workers
	 * up to the processors there are.
	 */
	double efficiency;
	double ideal_per_s; /* that ideal */

	double tasks_per_cpu_s; /* median; CPU time of all its processes */

	/* Means over all tasks of all blocks; they add up to the latency. */
	double phase_ns[PHASES];
	double latency_mean_ns;
	struct histogram *latency; /* all blocks together; owned */

	/* The slowest in a hundred of every slice: how many, mean phases. */
	uint64_t slow_tasks;
	double slow_phase_ns[PHASES];

	struct latency_summary percentiles;

	/* Per ok task, all processes of the model together. */
	double user_ns, system_ns;
	double switches_voluntary, switches_involuntary, faults;
	double peak_self_bytes, peak_child_bytes; /* median */

	/*
	 * Until all workers were ready, and until all were gone; of tasks that
	 * have workers of their own, the call that creates one, and the time
	 * from a task's turn to its result.  Medians of the blocks; the last two
	 * of the means of each.
	 */
	struct estimate open_ns, close_ns, create_ns, own_ns;

	/* Of all processes, when it was measured; NaN: it was not. */
	double pss_bytes, rss_bytes, processes;

	struct spread task_spread;       /* of those inside the window */
	struct spread connection_spread; /* of servers: accepted */

	/* Of servers: per ok task; NaN: unknown. */
	double wakeups, wasted_wakeups;

	/* All slices together, but the last two, which are -1: unknown. */
	struct model_counts counts;

	uint64_t tasks; /* inside the windows */
	uint64_t submitted, ok, failed, wrong_digests;
	uint64_t ended[TASK_ENDS];
	uint64_t migrations, misplaced, unbound;
	int bind_errno;
	bool unstamped;        /* a peer: no times of single tasks */
	bool generator_shared; /* the load generator had no processor alone */

	/* Open loop only: zero, NULL and NaN in a closed one. */
	uint64_t offered, unfinished; /* sums, see slice.h */
	struct estimate growth;       /* median of saturation_growth() */
	bool saturated;               /* and so there are no percentiles */
	struct histogram *uncorrected, *lateness; /* see slice.h; owned */

	/* Its 99th percentile to the reference's; all hold together, too. */
	struct estimate latency_ratio;
};

struct summary {
	const struct run_results *run; /* outlives the summary */
	const char *reference;         /* model that ratios refer to */
	struct cell_summary *cells;    /* [n], in the order of the plan */
	size_t n;

	/*
	 * The blocks that count, see design.h; counts of tasks and of failures
	 * are of all.
	 */
	bool *block_counts; /* [n_blocks], from block 0, which is none */
	size_t n_blocks;
	uint32_t n_counting, n_noisy;
	uint64_t submitted, ok, failed, wrong_digests;
	bool digests_equal; /* all slices had the same references, all equal */
	size_t n_bad_slices;
};

/* Summarise @run.  0 or -ENOMEM. */
int summary_make(const struct run_results *run, struct summary *ret);

/* Accepts a zeroed struct. */
void summary_done(struct summary *s);

/*
 * The mean time of a task from its turn to its result: without the queueing
 * behind the worker's task before, which the load chooses and not the model.
 */
double cell_own_ns(const struct cell_summary *c);

/* The share of that which is not the task itself; NaN if nothing ran. */
double cell_overhead(const struct cell_summary *c);

/*
 * As cell_own_ns(), the mean of the slowest in a hundred of each slice; NaN if
 * these are fewer than ten, too few for a mean.
 */
double cell_slow_own_ns(const struct cell_summary *c);

/*
 * The 99th percentile of the latency.  With too few blocks it has no interval;
 * NaN where there are not enough tasks to say, or more than the model can bear.
 */
struct estimate cell_p99_ns(const struct cell_summary *c);

/* Open loop: how many tasks came per second, as planned; NaN: closed loop. */
double cell_offered_per_s(const struct cell_summary *c);

/*
 * The measured slices of @c, a place for each block, NULL where there is none or
 * the block does not count, in *@ret, which the caller frees.  How many places;
 * or -ENOMEM.
 */
int cell_slices(const struct summary *s, const struct cell_summary *c,
		const struct slice_result ***ret);

/*
 * The 99th percentile of @c over that of @ref, to whom the same tasks came,
 * paired by block and as wide as the other ratios of @c's group.  All NaN where
 * bootstrap_ratio() says nothing.  0 or -ENOMEM.
 */
int cell_latency_ratio(const struct summary *s, const struct cell_summary *c,
		       const struct cell_summary *ref, struct estimate *ret);

/*
 * The cell of @model with @workload and @workers in @experiment; NULL: none.
 */
const struct cell_summary *summary_find(const struct summary *s,
					const char *experiment,
					const char *model, const char *workload,
					uint32_t workers);

/*
 * The object that `run --json' prints and results/README.md describes.  @dir:
 * the run's folder.  A new reference; NULL: no memory.
 */
json_t *summary_json(const struct summary *s, const char *dir);

/* The table for the terminal and summary.txt, at most 80 columns wide. */
void summary_table(const struct summary *s, FILE *out);

#endif
