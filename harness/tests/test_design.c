#include "harness/design.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/tests/fake_summary.h"

static void looks_are_at_fixed_numbers(void **state)
{
	static const uint32_t looks[] = {12, 20, 28, 40, 60, 80, 100};
	uint32_t at = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		at = design_next_look(at, 100);
		assert_int_equal(at, looks[i]);
	}
	assert_int_equal(design_next_look(13, 40), 20);
	/* The last block is a look in any case. */
	assert_int_equal(design_next_look(0, 5), 5);
	assert_int_equal(design_next_look(12, 14), 14);
	assert_int_equal(design_next_look(28, 40), 40);
}

static void noisy_blocks_are_repeated_up_to_half(void **state)
{
	(void)state;
	assert_false(design_reached(12, 11, 11));
	assert_true(design_reached(12, 12, 12));
	assert_false(design_reached(12, 12, 11));
	assert_true(design_reached(12, 13, 12));
	assert_false(design_reached(12, 17, 0));
	assert_true(design_reached(12, 18, 0));
	assert_true(design_reached(1, 1, 0));
}

/* A run of @blocks blocks of @slices cells; blocks @from and on are noisy. */
static void make_run(struct run_results *run, uint32_t blocks, uint32_t from)
{
	struct fake_recipe how = fake_summary_usual;

	how.blocks = blocks;
	how.n_workloads = 1;
	fake_summary_run(&how, run);
	for (size_t i = 0; i < run->n; i++) {
		struct slice_result *s = &run->slices[i];

		s->noise_span_ns = 250 * NS_PER_MS;
		s->user_ns = 300 * NS_PER_MS;
		s->system_ns = 50 * NS_PER_MS;
		/* Of 500 ms on two processors, 4 %, or 12 %, are not ours. */
		s->steal_ns = 10 * NS_PER_MS;
		s->busy_ns = (s->block >= from ? 400 : 360) * NS_PER_MS;
	}
}

static void a_block_is_noisy_as_a_whole(void **state)
{
	struct run_results run;

	(void)state;
	make_run(&run, 3, 3);
	assert_int_equal(design_block_noise(&run, 1), NOISE_OK);
	assert_int_equal(design_block_noise(&run, 2), NOISE_OK);
	assert_int_equal(design_block_noise(&run, 3), NOISE_BAD);
	assert_int_equal(design_block_noise(&run, 4), NOISE_UNKNOWN);
	/* What others took is compared with what two processors can do. */
	run.info.processors = 4;
	assert_int_equal(design_block_noise(&run, 3), NOISE_OK);
	run.info.processors = 2;
	/* One slice that does not know is one too many for being sure. */
	run.slices[0].busy_ns = -1;
	assert_int_equal(design_block_noise(&run, 1), NOISE_UNKNOWN);
	/* But a slice that failed is not asked. */
	run.slices[0].status = SLICE_CRASHED;
	assert_int_equal(design_block_noise(&run, 1), NOISE_OK);
	/* No machine has had so much time. */
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].noise_span_ns = INT64_MAX;
	assert_int_equal(design_block_noise(&run, 1), NOISE_UNKNOWN);
	results_done(&run);
}

static void clean_blocks_count_if_there_are_enough(void **state)
{
	struct run_results run;
	bool counts[32];
	uint32_t noisy;

	(void)state;
	make_run(&run, 15, 13);
	assert_int_equal(design_blocks_that_count(&run, counts, &noisy), 12);
	assert_int_equal(noisy, 3);
	for (uint32_t b = 0; b <= 15; b++)
		assert_int_equal(counts[b], b >= 1 && b <= 12);
	results_done(&run);

	make_run(&run, 15, 12);
	assert_int_equal(design_blocks_that_count(&run, counts, &noisy), 15);
	assert_int_equal(noisy, 4);
	for (uint32_t b = 0; b <= 15; b++)
		assert_int_equal(counts[b], b >= 1);
	results_done(&run);
}

/* Multiply the throughput of @model in half of the blocks. */
static void shake(struct run_results *run, const char *model, uint32_t workers,
		  uint32_t rank, double by)
{
	for (size_t i = 0; i < run->n; i++) {
		struct slice_result *s = &run->slices[i];

		s->cell.rank = rank;
		if (strcmp(s->cell.model, model) == 0 &&
		    s->cell.workers == workers && s->block % 2)
			s->tasks = (uint64_t)((double)s->tasks * by);
	}
}

static void precise_is_what_every_headline_is(void **state)
{
	static const struct {
		uint32_t blocks, rank;
		double by;
		int precise;
	} cases[] = {
		{12, RANK_HEADLINE, 1, 1},    {12, RANK_HEADLINE, 0.99, 1},
		{12, RANK_HEADLINE, 0.90, 0}, {12, RANK_MAIN, 0.90, 1},
		{5, RANK_HEADLINE, 1, 0}, /* no interval at all */
	};
	struct run_results run;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		make_run(&run, cases[i].blocks, 99);
		shake(&run, "pool", 2, cases[i].rank, cases[i].by);
		assert_int_equal(design_precise(&run), cases[i].precise);
		results_done(&run);
	}
}

/* A model that never works must not keep the run going. */
static void a_model_without_ratios_does_not_count(void **state)
{
	struct run_results run;

	(void)state;
	make_run(&run, 12, 99);
	for (size_t i = 0; i < run.n; i++) {
		if (strcmp(run.slices[i].cell.model, "cluster") == 0)
			run.slices[i].status = SLICE_OPEN;
	}
	assert_int_equal(design_precise(&run), 1);
	results_done(&run);
}

static void add(struct plan *plan, const char *experiment, const char *workload,
		uint32_t rank, uint32_t workers)
{
	struct cell_spec c = {.workers = workers, .rank = rank};

	strcpy(c.experiment, experiment);
	strcpy(c.workload, workload);
	assert_int_equal(plan_add(plan, &c), 0);
}

static void make_plan(struct plan *plan)
{
	*plan = (struct plan){0};
	for (uint32_t w = 1; w <= 3; w++) {
		add(plan, "scaling", "primes", RANK_HEADLINE, w);
		add(plan, "scaling", "walk", RANK_EXTRA, w);
		add(plan, "load", "primes", RANK_MAIN, w);
		add(plan, "load", "primes", RANK_EXTRA, w);
	}
}

/* What is left of 12 cells of 1 s in three rounds of @budget_s seconds. */
static void assert_pruned(uint64_t budget_s, size_t left, const char *said)
{
	struct plan plan, before;
	uint64_t cost_ns[12];
	char text[200];

	make_plan(&before);
	make_plan(&plan);
	for (size_t i = 0; i < ARRAY_LEN(cost_ns); i++)
		cost_ns[i] = NS_PER_S;
	assert_int_equal(
		design_prune(&plan, cost_ns, 3, 3 * budget_s * NS_PER_S),
		before.n - left);
	assert_int_equal(plan.n, left);
	design_describe_pruned(&before, &plan, text, sizeof(text));
	assert_string_equal(text, said);
	for (size_t i = 0; i < plan.n; i++)
		assert_true(plan.cells[i].rank == RANK_HEADLINE || left > 3);
	plan_done(&plan);
	plan_done(&before);
}

static void the_least_needed_goes_first(void **state)
{
	(void)state;
	assert_pruned(12, 12, "");
	assert_pruned(11, 9, "load primes: 3 of 6 cells");
	assert_pruned(8, 6,
		      "scaling walk: 3 of 3 cells; load primes: 3 of 6 "
		      "cells");
	assert_pruned(5, 3,
		      "scaling walk: 3 of 3 cells; load primes: 6 of 6 "
		      "cells");
	/* Headlines stay, whatever the budget. */
	assert_pruned(0, 3,
		      "scaling walk: 3 of 3 cells; load primes: 6 of 6 "
		      "cells");
}

/* Costs move with their cells. */
static void cheap_cells_may_stay(void **state)
{
	struct plan plan;
	uint64_t cost_ns[12];

	(void)state;
	make_plan(&plan);
	for (size_t i = 0; i < plan.n; i++)
		cost_ns[i] = plan.cells[i].rank == RANK_EXTRA ? 100 : 1;
	assert_int_equal(design_prune(&plan, cost_ns, 1, 10), 6);
	for (size_t i = 0; i < plan.n; i++)
		assert_int_equal(cost_ns[i], 1);
	plan_done(&plan);
}

static void a_cost_is_at_least_its_window(void **state)
{
	const struct slice_timing timing = {1000, 2000, 3000};
	struct cell_spec cell = {.workers = 1};

	(void)state;
	assert_true(design_cost_ns(&cell, &timing) >= 3000);
	cell.window_ns = 100 * NS_PER_S;
	assert_true(design_cost_ns(&cell, &timing) >= 100 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_are_at_fixed_numbers),
		cmocka_unit_test(noisy_blocks_are_repeated_up_to_half),
		cmocka_unit_test(a_block_is_noisy_as_a_whole),
		cmocka_unit_test(clean_blocks_count_if_there_are_enough),
		cmocka_unit_test(precise_is_what_every_headline_is),
		cmocka_unit_test(a_model_without_ratios_does_not_count),
		cmocka_unit_test(the_least_needed_goes_first),
		cmocka_unit_test(cheap_cells_may_stay),
		cmocka_unit_test(a_cost_is_at_least_its_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
