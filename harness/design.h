/*
 * design - how long a run goes on, and what it leaves out when time is short.
 *
 * Floor 3.  All rules are fixed before anything is measured: who looks at the
 * numbers and then decides whether to go on finds differences that are not
 * there.
 */
#ifndef HARNESS_DESIGN_H
#define HARNESS_DESIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/experiment.h"
#include "harness/noise.h"
#include "harness/results.h"

/* Below this number of blocks most intervals are too wide to say much. */
#define DESIGN_MIN_BLOCKS 12

/* Precise enough: every headline interval reaches so far from its median. */
#define DESIGN_HALF_WIDTH 0.03

/*
 * The number of blocks at which the run looks next, after @blocks (0: none
 * yet) of at most @max: 12, 20, 28, 40 and then each 20, or @max.  Only at
 * looks may it stop early.
 */
uint32_t design_next_look(uint32_t blocks, uint32_t max);

/*
 * Whether @clean of @done blocks are as good as @wanted: so many clean ones, or
 * so many altogether that repeating the noisy ones took half as much again.
 */
bool design_reached(uint32_t wanted, uint32_t done, uint32_t clean);

/* Whether block @block of @run was disturbed; see noise_block_level(). */
enum noise_level design_block_noise(const struct run_results *run,
				    uint32_t block);

/*
 * The blocks that count, in @ret[results_blocks()]: the clean ones if
 * there are at least DESIGN_MIN_BLOCKS, or else all that were measured.  Returns
 * how many; *@noisy gets the number of noisy ones.
 */
uint32_t design_blocks_that_count(const struct run_results *run, bool *ret,
				  uint32_t *noisy);

/*
 * Whether every headline ratio to the reference model is known to within
 * DESIGN_HALF_WIDTH.  A cell without any ratio (its model fails) does not count.
 * 0 or 1; -ENOMEM.
 */
int design_precise(const struct run_results *run);

/* How long a slice of @cell should take, the process around it included. */
uint64_t design_cost_ns(const struct cell_spec *cell,
			const struct slice_timing *timing);

/*
 * Leave cells out of @plan until @rounds of the rest fit in @budget_ns: always
 * those of the highest rank, one workload of one experiment after the other,
 * the last first; never RANK_HEADLINE.  @cost_ns [plan->n] is the time of each
 * cell and moves along with them.  Returns how many cells went.
 */
size_t design_prune(struct plan *plan, uint64_t *cost_ns, uint32_t rounds,
		    uint64_t budget_ns);

/* What went, in words: "scaling walk: 10 of 16 cells; …"; "" if nothing. */
void design_describe_pruned(const struct plan *before, const struct plan *after,
			    char *text, size_t size);

#endif
