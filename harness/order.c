#include "harness/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

uint32_t williams_rows(uint32_t n)
{
	return n % 2 == 0 || n == 1 ? n : 2 * n;
}

/*
 * The first row is 0, 1, n - 1, 2, n - 2, …: its steps are all different, so
 * when each further row adds 1 to the one before, every pair of neighbours
 * comes up once.  For odd n it takes a second square, the mirror image.
 */
void williams_row(uint32_t n, uint32_t row, uint32_t *ret)
{
	bool mirrored = row >= n;
	uint32_t shift = row % n;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t zigzag = i % 2 ? (i + 1) / 2 : (n - i / 2) % n;
		uint32_t place = mirrored ? n - 1 - i : i;

		ret[place] = (zigzag + shift) % n;
	}
}

/* @cell without what makes it the cell of one model. */
static struct cell_spec without_model(const struct cell_spec *cell)
{
	struct cell_spec c = *cell;

	memset(c.model, 0, sizeof(c.model));
	memset(c.runs, 0, sizeof(c.runs));
	memset(c.settings, 0, sizeof(c.settings));
	c.extra_ppm = 0;
	/* What a model promises is no part of what happens to it. */
	c.fault_reach = 0;
	/* What would be left out first is no part of the question. */
	c.rank = 0;
	/* The same share of each model's own capacity is the same question. */
	if (strcmp(c.load_of, "own") == 0)
		c.interval_ns = 0;
	return c;
}

bool order_same_group(const struct cell_spec *a, const struct cell_spec *b)
{
	struct cell_spec x = without_model(a), y = without_model(b);

	return memcmp(&x, &y, sizeof(x)) == 0;
}

/* Measured back to back: only the model differs, or the placement, or both. */
static bool side_by_side(const struct cell_spec *a, const struct cell_spec *b)
{
	struct cell_spec x = *a, y = *b;

	memset(x.pin, 0, sizeof(x.pin));
	memset(y.pin, 0, sizeof(y.pin));
	return order_same_group(&x, &y);
}

/* In groups next to each other: the number of workers may differ, too. */
static bool neighbours(const struct cell_spec *a, const struct cell_spec *b)
{
	struct cell_spec x = *a, y = *b;

	x.workers = y.workers = 0;
	memset(x.fault, 0, sizeof(x.fault));
	memset(y.fault, 0, sizeof(y.fault));
	return side_by_side(&x, &y);
}

/*
 * Put the @n cells of one group, listed in @members, into the order of @block.
 * @scratch has room for 4 n numbers.
 */
static void order_group(uint32_t *members, uint32_t n, uint64_t group_seed,
			uint32_t block, uint32_t *scratch)
{
	uint32_t rows = williams_rows(n);
	struct rng rng = {.state = mix64(group_seed ^ mix64(block / rows))};
	uint32_t *row_order = scratch, *row = scratch + 2 * n;
	uint32_t *permuted = scratch + 3 * n;

	for (uint32_t i = 0; i < rows; i++)
		row_order[i] = i;
	rng_shuffle(&rng, row_order, rows, sizeof(*row_order));
	rng_shuffle(&rng, members, n, sizeof(*members));
	williams_row(n, row_order[block % rows], row);
	for (uint32_t i = 0; i < n; i++)
		permuted[i] = members[row[i]];
	memcpy(members, permuted, n * sizeof(*members));
}

/* A run of cells in the order under way. */
struct group {
	uint32_t begin, n;
};

/* Sort the cells into groups, one after the other in @order. */
static uint32_t find_groups(const struct plan *plan, uint32_t *order,
			    struct group *groups)
{
	uint32_t n_groups = 0, used = 0;

	for (uint32_t i = 0; i < plan->n; i++) {
		const struct cell_spec *first = &plan->cells[i];
		bool seen = false;

		for (uint32_t k = 0; k < i && !seen; k++)
			seen = side_by_side(first, &plan->cells[k]);
		if (seen)
			continue;
		groups[n_groups].begin = used;
		for (uint32_t k = i; k < plan->n; k++) {
			if (side_by_side(first, &plan->cells[k]))
				order[used++] = k;
		}
		groups[n_groups].n = used - groups[n_groups].begin;
		n_groups++;
	}
	return n_groups;
}

/*
 * Put neighbours together: behind the first of them in @groups, in the order
 * they have.
 */
static void gather(const struct plan *plan, const uint32_t *order,
		   struct group *groups, uint32_t n_groups)
{
	for (uint32_t i = 0, end; i < n_groups; i = end) {
		const struct cell_spec *first =
			&plan->cells[order[groups[i].begin]];

		end = i + 1;
		for (uint32_t k = end; k < n_groups; k++) {
			struct group g = groups[k];

			if (!neighbours(first, &plan->cells[order[g.begin]]))
				continue;
			memmove(&groups[end + 1], &groups[end],
				(k - end) * sizeof(*groups));
			groups[end++] = g;
		}
	}
}

int order_block(const struct plan *plan, uint64_t seed, uint32_t block,
		uint32_t *ret)
{
	uint32_t n = (uint32_t)plan->n, n_groups, used = 0;
	uint32_t *order = calloc(n + 1, sizeof(*order));
	uint32_t *scratch = calloc(4 * (size_t)n + 1, sizeof(*scratch));
	struct group *groups = calloc(n + 1, sizeof(*groups));
	struct rng rng = {.state = mix64(mix64(seed) ^ block)};

	if (!order || !scratch || !groups) {
		free(order);
		free(scratch);
		free(groups);
		return -ENOMEM;
	}
	n_groups = find_groups(plan, order, groups);
	for (uint32_t g = 0; g < n_groups; g++)
		order_group(order + groups[g].begin, groups[g].n,
			    mix64(seed) + groups[g].begin, block, scratch);
	rng_shuffle(&rng, groups, n_groups, sizeof(*groups));
	gather(plan, order, groups, n_groups);
	for (uint32_t g = 0; g < n_groups; g++) {
		memcpy(ret + used, order + groups[g].begin,
		       groups[g].n * sizeof(*ret));
		used += groups[g].n;
	}
	free(order);
	free(scratch);
	free(groups);
	return 0;
}
