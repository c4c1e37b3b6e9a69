/*
 * What must be true of all slices of a run together.  Whoever summarises them
 * adds up and pairs without asking again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/columns.h"
#include "harness/results_internal.h"

static int compare_places(const void *a, const void *b)
{
	const struct slice_result *x = *(const struct slice_result *const *)a;
	const struct slice_result *y = *(const struct slice_result *const *)b;

	if (x->cell_index != y->cell_index)
		return x->cell_index < y->cell_index ? -1 : 1;
	return (x->block > y->block) - (x->block < y->block);
}

static int compare_cells(const void *a, const void *b)
{
	const struct slice_result *x = *(const struct slice_result *const *)a;
	const struct slice_result *y = *(const struct slice_result *const *)b;

	return memcmp(&x->cell, &y->cell, sizeof(x->cell));
}

static int refuse_pair(const struct run_results *run,
		       const struct slice_result *a,
		       const struct slice_result *b, const char *fault,
		       char *error, size_t error_size)
{
	size_t i = (size_t)(a - run->slices), k = (size_t)(b - run->slices);

	snprintf(error, error_size, "benchmarks[%zu] and [%zu]: %s",
		 i < k ? i : k, i < k ? k : i, fault);
	return -EINVAL;
}

/*
 * A number in the plan for each cell, a cell for each number, and one slice a
 * block.  @sorted [run->n] holds pointers to the slices, in any order.
 */
static int check_cells(const struct run_results *run,
		       const struct slice_result **sorted, char *error,
		       size_t error_size)
{
	size_t n_cells = 0;

	qsort(sorted, run->n, sizeof(*sorted), compare_places);
	for (size_t i = 1; i < run->n; i++) {
		const struct slice_result *before = sorted[i - 1];
		const struct slice_result *s = sorted[i];

		if (before->cell_index != s->cell_index)
			continue;
		if (compare_cells(&before, &s) != 0)
			return refuse_pair(run, before, s,
					   "different cells with the same "
					   "\"x_cell\"",
					   error, error_size);
		if (before->block == s->block)
			return refuse_pair(run, before, s,
					   "the same cell twice in a block",
					   error, error_size);
	}

	/* Now one slice of each cell. */
	for (size_t i = 0; i < run->n; i++) {
		if (i == 0 ||
		    sorted[i - 1]->cell_index != sorted[i]->cell_index)
			sorted[n_cells++] = sorted[i];
	}
	qsort(sorted, n_cells, sizeof(*sorted), compare_cells);
	for (size_t i = 1; i < n_cells; i++) {
		if (compare_cells(&sorted[i - 1], &sorted[i]) == 0)
			return refuse_pair(run, sorted[i - 1], sorted[i],
					   "the same cell with different "
					   "\"x_cell\"",
					   error, error_size);
	}
	return 0;
}

/*
 * Blocks count from 1: the warm-up, block 0, is not kept.  A run that was
 * stopped has the beginning of one block more than it did.
 */
static int check_blocks(const struct run_results *run, char *error,
			size_t error_size)
{
	uint64_t last = run->info.blocks_done;

	last += !run->info.complete;
	for (size_t i = 0; i < run->n; i++) {
		uint32_t block = run->slices[i].block;

		/* Whoever summarises makes room for all blocks up to it. */
		if (block > 0 && block <= last && block <= run->n)
			continue;
		snprintf(error, error_size,
			 "benchmarks[%zu]: \"x_block\" is out of range", i);
		return -EINVAL;
	}
	return 0;
}

/* Add @n to @sum as long as the sum is a number that JSON can hold. */
static bool add_up(uint64_t *sum, uint64_t n)
{
	return !__builtin_add_overflow(*sum, n, sum) && *sum <= INT64_MAX;
}

static bool column_adds_up(const struct run_results *run,
			   const struct column *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < run->n; i++) {
		const char *field = (const char *)&run->slices[i] + c->offset;

		if (!add_up(&sum, *(const uint64_t *)field))
			return false;
	}
	return true;
}

static bool latencies_add_up(const struct run_results *run)
{
	uint64_t sum = 0, n = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct histogram *h = run->slices[i].latency;

		if (h && (!add_up(&sum, h->sum) || !add_up(&n, h->n)))
			return false;
	}
	return true;
}

/* Or a sum of the summary could go round and look like a small one. */
static int check_sums(const struct run_results *run, char *error,
		      size_t error_size)
{
	const char *key = latencies_add_up(run) ? NULL : "x_latency";

	for (size_t i = 0; !key && i < n_slice_columns; i++) {
		const struct column *c = &slice_columns[i];

		if ((c->type == COLUMN_U64 || c->type == COLUMN_RARE) &&
		    !column_adds_up(run, c))
			key = c->key;
	}
	if (!key)
		return 0;
	snprintf(error, error_size,
		 "benchmarks: the sum of all \"%s\" is out of range", key);
	return -EINVAL;
}

int results_check(const struct run_results *run, char *error, size_t error_size)
{
	const struct slice_result **sorted =
		calloc(run->n + 1, sizeof(*sorted));
	int r;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < run->n; i++)
		sorted[i] = &run->slices[i];
	r = check_blocks(run, error, error_size);
	if (r == 0)
		r = check_cells(run, sorted, error, error_size);
	if (r == 0)
		r = check_sums(run, error, error_size);
	free(sorted);
	return r;
}
