#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/design.h"
#include "harness/journal.h"
#include "harness/order.h"

/* A run under way. */
struct state {
	const struct run_options *options;
	struct run_results *results;
	struct plan *plan;
	uint32_t *order;   /* [plan->n] */
	uint64_t *cost_ns; /* [plan->n], of each cell in the warm-up */
	uint64_t begun_ns;
	uint64_t block_ns; /* length of the last block; 0: none yet */
	uint32_t look;     /* the run looks next when it has so many blocks */
	uint32_t done, clean;
};

static void tell(const struct state *s, uint32_t block, size_t slice,
		 const struct cell_spec *cell)
{
	const struct run_options *o = s->options;
	struct run_progress p = {
		.block = block,
		.blocks = block > s->look ? block : s->look,
		.slice = slice,
		.slices = s->plan->n,
		.elapsed_ns = clock_ns() - s->begun_ns,
		.cell = cell,
	};
	uint64_t todo;

	if (!o->watch)
		return;
	/* What is left of this block and the blocks after it, or the budget. */
	todo = (uint64_t)(p.blocks - block + 1) * p.slices - slice;
	p.left_ns = s->block_ns / p.slices * todo;
	if (p.elapsed_ns + p.left_ns > o->budget_ns)
		p.left_ns = o->budget_ns > p.elapsed_ns
				    ? o->budget_ns - p.elapsed_ns
				    : NS_PER_S;
	if (s->block_ns == 0)
		p.left_ns = 0;
	o->watch(o->ctx, &p);
}

/* Keep a measured slice: first in the journal, then in memory. */
static int keep(struct state *s, struct slice_result *slice)
{
	int r = journal_add(s->options->journal, slice);

	if (r == 0)
		r = results_add(s->results, slice);
	if (r < 0)
		slice_result_done(slice);
	return r;
}

/* What differs between the slices of one cell, by block and place in it. */
static struct slice_choice choose(const struct run_options *o, uint32_t block,
				  const struct cell_spec *cell)
{
	return (struct slice_choice){
		/* The same arrivals for all models of a block. */
		.arrival_seed = mix64(o->seed ^ mix64(block)) >> 1,
		/* A timeline shows one slice of each headline. */
		.trace = block == 1 && cell->rank == RANK_HEADLINE
				 ? RUN_TRACE_TASKS
				 : 0,
		/* It hardly changes from slice to slice. */
		.memory = block == 1,
	};
}

/* Block 0 is the warm-up: the same slices, not kept. */
static int run_block(struct state *s, uint32_t block)
{
	const struct run_options *o = s->options;
	struct rng rng = {.state = mix64(o->seed) ^ block};
	uint64_t begun_ns = clock_ns();
	int r;

	/* The squares begin with the blocks that count. */
	r = order_block(s->plan, o->seed, block > 0 ? block - 1 : 0, s->order);
	for (uint32_t i = 0; r == 0 && i < s->plan->n; i++) {
		const struct cell_spec *cell = &s->plan->cells[s->order[i]];
		struct slice_choice choice = choose(o, block, cell);
		uint32_t padding = (uint32_t)rng_below(&rng, RUN_MAX_PADDING);
		struct slice_result slice;

		tell(s, block, i, cell);
		r = run_slice(o, cell, &choice, padding, &slice);
		if (r < 0)
			return r;
		slice.block = block;
		slice.position = i;
		slice.cell_index = s->order[i];
		if (block > 0) {
			r = keep(s, &slice);
		} else {
			s->cost_ns[s->order[i]] = slice.wall_ns;
			slice_result_done(&slice);
		}
	}
	s->block_ns = clock_ns() - begun_ns;
	return r;
}

/* Leave out what @rounds more blocks have no time for. */
static void prune(struct state *s, uint32_t rounds)
{
	uint64_t used_ns = clock_ns() - s->begun_ns;
	uint64_t budget_ns = s->options->budget_ns;

	budget_ns = budget_ns > used_ns ? budget_ns - used_ns : 0;
	(void)design_prune(s->plan, s->cost_ns, rounds, budget_ns);
}

/*
 * Warm up, and fit the plan into the budget: by what slices should cost before
 * the warm-up, which must not take the time itself, and by what they really
 * cost after it.
 */
static int begin(struct state *s)
{
	const struct run_options *o = s->options;
	struct run_info *info = &s->results->info;
	struct plan before = {0};
	uint32_t rounds = o->exact || o->blocks < DESIGN_MIN_BLOCKS
				  ? o->blocks
				  : DESIGN_MIN_BLOCKS;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->plan->n; i++) {
		s->cost_ns[i] = design_cost_ns(&s->plan->cells[i], &o->timing);
		r = plan_add(&before, &s->plan->cells[i]);
	}
	if (r == 0) {
		prune(s, rounds + 1);
		r = run_block(s, 0);
	}
	if (r == 0) {
		prune(s, rounds);
		design_describe_pruned(&before, s->plan, info->pruned,
				       sizeof(info->pruned));
		r = journal_begin(o->journal, info, s->plan);
	}
	plan_done(&before);
	return r;
}

/* Count block @block, just measured or read from the journal. */
static void count_block(struct state *s, uint32_t block)
{
	s->done++;
	s->clean += design_block_noise(s->results, block) != NOISE_BAD;
	s->results->info.blocks_done = block;
}

static void stopped(struct run_results *results, const char *why)
{
	snprintf(results->info.stopped, sizeof(results->info.stopped), "%s",
		 why);
}

/*
 * Whether to stop after the blocks so far; 0 or 1, or -ENOMEM.  With an exact
 * number nothing is repeated and nobody looks.
 */
static int enough(struct state *s)
{
	const struct run_options *o = s->options;
	int r;

	if (o->exact)
		return s->done >= o->blocks;
	if (!design_reached(s->look, s->done, s->clean))
		return 0;
	if (s->look >= o->blocks)
		return 1;
	s->results->info.looks++;
	r = design_precise(s->results);
	if (r > 0)
		stopped(s->results, "precise");
	while (s->look < o->blocks &&
	       design_reached(s->look, s->done, s->clean))
		s->look = design_next_look(s->look, o->blocks);
	return r;
}

/* Blocks until there are enough, or no time for another. */
static int run_on(struct state *s)
{
	uint64_t budget_ns = s->options->budget_ns;
	int r = 0;

	while (r == 0) {
		uint64_t elapsed_ns = clock_ns() - s->begun_ns;

		/* One block is measured in any case: no data, no report. */
		if (s->done > 0 && elapsed_ns + s->block_ns > budget_ns) {
			stopped(s->results, "budget");
			return 0;
		}
		r = run_block(s, s->done + 1);
		/* A power cut may cost the block under way, not more. */
		(void)fdatasync(s->options->journal);
		if (r < 0)
			return r;
		count_block(s, s->done + 1);
		r = enough(s);
	}
	return r < 0 ? r : 0;
}

int run_blocks(const struct run_options *options, struct run_results *results)
{
	struct state s = {
		.options = options,
		.results = results,
		.plan = options->plan,
		.order = calloc(options->plan->n, sizeof(*s.order)),
		.cost_ns = calloc(options->plan->n, sizeof(*s.cost_ns)),
		.begun_ns = clock_ns(),
		.look = design_next_look(0, options->blocks),
	};
	uint32_t before = results->info.blocks_done;
	int r = s.order && s.cost_ns ? 0 : -ENOMEM;

	stopped(results, "");
	for (uint32_t b = 1; b <= before; b++)
		count_block(&s, b);
	/* Where a run goes on, it has looked before. */
	while (before > 0 && s.look < options->blocks &&
	       design_reached(s.look, s.done, s.clean))
		s.look = design_next_look(s.look, options->blocks);
	if (r == 0 && before > 0)
		r = enough(&s);
	if (r == 0)
		r = before > 0 ? run_block(&s, 0) : begin(&s);
	if (r == 0)
		r = run_on(&s);
	results->info.complete = r >= 0;
	if (r < 0)
		stopped(results, r == -ECANCELED ? "interrupted" : "error");
	free(s.order);
	free(s.cost_ns);
	return r == -ECANCELED || r > 0 ? 0 : r;
}
