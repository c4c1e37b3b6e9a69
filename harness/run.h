/*
 * run - all blocks of a plan, slice by slice.
 *
 * Floor 3.  Blocks are outermost: each block measures every cell of the plan
 * once, in an order of its own (order.h), so that a drift of the machine hits
 * all cells alike and an interrupted run has the same data everywhere.  Each slice
 * runs in a freshly executed process (`manyhands slice …') with an environment
 * of random size, so that neither a crash nor a lucky memory layout carries
 * from one to the next.  Every slice is in the journal before the next starts.
 */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include <stdint.h>

#include "harness/experiment.h"
#include "harness/results.h"

/* What a watcher may want to show just before a slice. */
struct run_progress {
	uint32_t block, blocks; /* 0: the unrecorded warm-up block */
	size_t slice, slices;   /* in this block */
	uint64_t elapsed_ns;
	uint64_t left_ns; /* estimate; 0 in the first block: unknown */
	const struct cell_spec *cell;
};

struct run_options {
	const char *program;     /* the manyhands to execute for slices */
	const char *plugin;      /* its --load-workload FILE; NULL: none */
	const struct plan *plan; /* at least one cell */
	uint32_t blocks;         /* at most; plus the warm-up */
	uint64_t budget_ns;      /* start no block that would pass this */
	uint64_t seed;
	struct slice_timing timing;
	const char *dir; /* for journal.jsonl */
	int cancel_fd;   /* stop when readable */

	void (*watch)(void *ctx, const struct run_progress *progress);
	void *ctx;
};

/*
 * Measure.  @results comes with its info filled in but for blocks_done,
 * complete and stopped; slices are added as they are measured.  Returns 0 when
 * the blocks are done, the budget is used up or cancel_fd became readable
 * (results->info.stopped tells); -errno if journal or memory gave out or slices
 * cannot be started: what was measured before stays in @results.
 */
int run_blocks(const struct run_options *options, struct run_results *results);

/*
 * Run one slice in a process of its own.  0; -ECANCELED: @options' cancel_fd
 * became readable; -errno: the process could not be started.  However the
 * process ends, @ret is a row of the result; cell_index, block and position are
 * the caller's.
 */
int run_slice(const struct run_options *options, const struct cell_spec *cell,
	      const struct slice_choice *choice, uint32_t padding,
	      struct slice_result *ret);

#endif
