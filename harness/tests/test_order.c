/*
 * The order of slices: Williams squares, groups side by side, all from a seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "harness/base.h"
#include "harness/order.h"

#define MOST 9

static void test_rows(void **state)
{
	(void)state;
	assert_int_equal(williams_rows(1), 1);
	assert_int_equal(williams_rows(2), 2);
	assert_int_equal(williams_rows(3), 6);
	assert_int_equal(williams_rows(4), 4);
	assert_int_equal(williams_rows(5), 10);
	assert_int_equal(williams_rows(6), 6);
}

/* The example of the textbooks, up to the names of the treatments. */
static void test_known(void **state)
{
	static const uint32_t first[] = {0, 1, 3, 2};
	uint32_t row[4];

	(void)state;
	williams_row(4, 0, row);
	assert_memory_equal(row, first, sizeof(first));
}

/* Each at each place, and after each other one, equally often. */
static void test_balanced(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= MOST; n++) {
		uint32_t rows = williams_rows(n), row[MOST];
		uint32_t at[MOST][MOST] = {0}, after[MOST][MOST] = {0};

		for (uint32_t r = 0; r < rows; r++) {
			williams_row(n, r, row);
			for (uint32_t i = 0; i < n; i++) {
				assert_true(row[i] < n);
				at[i][row[i]]++;
				if (i > 0)
					after[row[i - 1]][row[i]]++;
			}
		}
		for (uint32_t i = 0; i < n; i++) {
			for (uint32_t k = 0; k < n; k++) {
				assert_int_equal(at[i][k], rows / n);
				if (n > 1)
					assert_int_equal(after[i][k],
							 i == k ? 0 : rows / n);
			}
		}
	}
}

/* @n_models models with 1 and 2 workers, one of them with 1 worker only. */
static void make_plan(struct plan *plan, uint32_t n_models)
{
	for (uint32_t m = 0; m < n_models; m++) {
		for (uint32_t w = 1; w <= (m == 0 ? 1 : 2); w++) {
			struct cell_spec c = {.workers = w, .size = 1};

			snprintf(c.model, sizeof(c.model), "m%u", m);
			assert_int_equal(plan_add(plan, &c), 0);
		}
	}
}

static void test_block(void **state)
{
	struct plan plan = {0};
	uint32_t order[32], again[32], other[32], different = 0;
	uint32_t position[8][8] = {0}; /* of the models with 2 workers */

	(void)state;
	make_plan(&plan, 5); /* groups of 5 and of 4 */
	assert_int_equal(plan.n, 9);
	for (uint32_t block = 0; block < 40; block++) {
		uint32_t seen[32] = {0}, changes = 0, place = 0;

		assert_int_equal(order_block(&plan, 7, block, order), 0);
		assert_int_equal(order_block(&plan, 7, block, again), 0);
		assert_int_equal(order_block(&plan, 8, block, other), 0);
		assert_memory_equal(order, again, plan.n * sizeof(*order));
		different += memcmp(order, other, plan.n * sizeof(*order)) != 0;
		for (uint32_t i = 0; i < plan.n; i++) {
			const struct cell_spec *c = &plan.cells[order[i]];

			assert_int_equal(seen[order[i]]++, 0);
			if (i > 0 &&
			    c->workers != plan.cells[order[i - 1]].workers)
				changes++;
			if (c->workers == 2)
				position[place++][c->model[1] - '0']++;
		}
		/* A group is never torn apart. */
		assert_int_equal(changes, 1);
	}
	assert_true(different > 30);
	for (uint32_t i = 0; i < 4; i++) {
		for (uint32_t m = 1; m <= 4; m++)
			assert_int_equal(position[i][m], 10);
	}
	plan_done(&plan);
}

/* Both orders of the two groups come up: they are not fixed. */
static void test_groups_move(void **state)
{
	struct plan plan = {0};
	uint32_t order[32], first_is_1 = 0;

	(void)state;
	make_plan(&plan, 3);
	for (uint32_t block = 0; block < 40; block++) {
		assert_int_equal(order_block(&plan, 3, block, order), 0);
		first_is_1 += plan.cells[order[0]].workers == 1;
	}
	assert_true(first_is_1 > 5 && first_is_1 < 35);
	plan_done(&plan);
}

/* How often neighbours in @order belong to different @of. */
static uint32_t changes(const struct plan *plan, const uint32_t *order,
			uint64_t (*of)(const struct cell_spec *c))
{
	uint32_t n = 0;

	for (size_t i = 1; i < plan->n; i++)
		n += of(&plan->cells[order[i]]) !=
		     of(&plan->cells[order[i - 1]]);
	return n;
}

static uint64_t size_of(const struct cell_spec *c)
{
	return c->size;
}

static uint64_t size_and_workers(const struct cell_spec *c)
{
	return 10 * c->size + c->workers;
}

/* Sizes 1 to 3, each with 1, 2 and 4 workers, 2 models and 2 policies. */
static void make_mixed_plan(struct plan *plan)
{
	static const char *const pins[] = {"compact", "none"};

	for (uint32_t i = 0; i < 36; i++) {
		struct cell_spec c = {
			.size = 1 + i % 3,
			.workers = 1u << i / 3 % 3,
			.rank = i % 4,
		};

		snprintf(c.model, sizeof(c.model), "m%u", i / 9 % 2);
		snprintf(c.pin, sizeof(c.pin), "%s", pins[i / 18]);
		assert_int_equal(plan_add(plan, &c), 0);
	}
}

/*
 * Models and policies of one question back to back, whatever their rank; the
 * numbers of workers next to each other; all else in any order.
 */
static void test_close_together(void **state)
{
	struct plan plan = {0};
	uint32_t order[36], first_size[4] = {0}, first_workers[5] = {0};
	uint32_t torn_pins = 0;

	(void)state;
	make_mixed_plan(&plan);
	for (uint32_t block = 0; block < 60; block++) {
		assert_int_equal(order_block(&plan, 5, block, order), 0);
		assert_int_equal(changes(&plan, order, size_of), 2);
		assert_int_equal(changes(&plan, order, size_and_workers), 8);
		first_size[plan.cells[order[0]].size]++;
		first_workers[plan.cells[order[0]].workers]++;
		torn_pins += strcmp(plan.cells[order[0]].pin,
				    plan.cells[order[1]].pin) != 0;
	}
	for (uint32_t size = 1; size <= 3; size++)
		assert_true(first_size[size] > 5);
	for (uint32_t workers = 1; workers <= 4; workers *= 2)
		assert_true(first_workers[workers] > 5);
	/* Policies are mixed, not one after the other. */
	assert_true(torn_pins > 10);
	plan_done(&plan);
}

/* Ratios are made of cells that differ in the model alone. */
static void test_same_group(void **state)
{
	struct cell_spec a = {.size = 1, .workers = 2, .load_of = "own"};
	struct cell_spec b = a;

	(void)state;
	strcpy(b.model, "other");
	strcpy(b.runs, "another");
	b.extra_ppm = 5;
	b.interval_ns = 7;
	b.rank = RANK_EXTRA;
	assert_true(order_same_group(&a, &b));
	strcpy(b.pin, "none");
	assert_false(order_same_group(&a, &b));
	b = a;
	b.workers = 1;
	assert_false(order_same_group(&a, &b));
	b = a;
	strcpy(a.load_of, "slowest");
	strcpy(b.load_of, "slowest");
	assert_true(order_same_group(&a, &b));
	b.interval_ns = 7;
	assert_false(order_same_group(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_balanced),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_groups_move),
		cmocka_unit_test(test_close_together),
		cmocka_unit_test(test_same_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
