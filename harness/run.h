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

#include <stdbool.h>
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
	const char *program;      /* the manyhands to execute for slices */
	const char *const *words; /* to load a workload; see struct job */
	struct plan *plan;  /* at least one cell; pruned to fit the budget */
	uint32_t blocks;    /* at most, without repeated ones; plus warm-up */
	bool exact;         /* just so many: no early stop, no repetition */
	uint64_t budget_ns; /* start no block that would pass this */
	uint64_t seed;
	struct slice_timing timing;
	int journal;   /* from journal_create() or journal_resume() */
	int cancel_fd; /* stop when readable */

	void (*watch)(void *ctx, const struct run_progress *progress);
	void *ctx;
};

/* Environment padding: 0 … 4095 bytes move the stack by up to a page. */
#define RUN_MAX_PADDING 4096

/* So many tasks of a slice are kept for the timeline. */
#define RUN_TRACE_TASKS 128

/*
 * Measure: a warm-up block, which is not kept, then blocks until the rules of
 * design.h say that there are enough, or the budget is used up.  Noisy blocks
 * stay, and others are measured in their place, up to half as many again.
 *
 * @results comes with its info filled in but for what measuring finds out
 * (blocks_done, looks, pruned, complete, stopped); slices are added as they are
 * measured.  With blocks_done > 0 and slices in it the run goes on from there,
 * with its plan as it is.
 *
 * Returns 0 when the run ended by its rules or cancel_fd became readable
 * (info.stopped tells); -errno if journal or memory gave out or slices cannot be
 * started: what was measured before stays in @results.
 */
int run_blocks(const struct run_options *options, struct run_results *results);

/*
 * Run one slice in a process of its own, with @padding (< RUN_MAX_PADDING) bytes
 * more in its environment.  0; -ECANCELED: @options' cancel_fd
 * became readable; -errno: the process could not be started.  However the
 * process ends, @ret is a row of the result; cell_index, block and position are
 * the caller's.
 */
int run_slice(const struct run_options *options, const struct cell_spec *cell,
	      const struct slice_choice *choice, uint32_t padding,
	      struct slice_result *ret);

#endif
