/*
 * sort - fill an array with `size' random numbers and sort it.
 *
 * Stands for data crunching: ordering, grouping, joining records.
 *
 * Stresses: the branch predictor.  Whether a random number is less than the
 * pivot is a coin toss, and every second guess is wrong.  The array of the
 * default size fits in the L2 cache.
 *
 * Hoare's Quicksort (The Computer Journal 5, 1962), not the library's qsort,
 * whose algorithm changes between versions.  Random input is never the bad
 * case.  Time grows as n log n: twice the size takes a little more than twice.
 *
 * All numbers are folded into the digest in their final order.
 */
#include <stdlib.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

/* Parts up to this length are quicker sorted by insertion. */
#define SHORT 16

static void insertion_sort(uint64_t *a, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t x = a[i];
		size_t k = i;

		for (; k > 0 && a[k - 1] > x; k--)
			a[k] = a[k - 1];
		a[k] = x;
	}
}

/* Sort so that nothing in a[0 … ret) is greater than anything behind it. */
static size_t partition(uint64_t *a, size_t n)
{
	uint64_t pivot = a[(n - 1) / 2];
	size_t i = 0, j = n - 1;

	for (;; i++, j--) {
		uint64_t x;

		while (a[i] < pivot)
			i++;
		while (a[j] > pivot)
			j--;
		if (i >= j)
			return j + 1;
		x = a[i];
		a[i] = a[j];
		a[j] = x;
	}
}

static void quicksort(uint64_t *a, size_t n)
{
	while (n > SHORT) {
		size_t left = partition(a, n);

		quicksort(a, left);
		a += left;
		n -= left;
	}
	insertion_sort(a, n);
}

static uint64_t sort_run(uint64_t size, uint64_t seed)
{
	struct rng rng = {.state = seed};
	uint64_t digest = mix64(seed);
	uint64_t *a = reallocarray(NULL, size, sizeof(*a));

	CHECK(a);
	for (uint64_t i = 0; i < size; i++)
		a[i] = rng_next(&rng);
	quicksort(a, size);
	for (uint64_t i = 0; i < size; i++)
		digest = digest_add(digest, a[i]);
	free(a);
	return digest;
}

const struct workload workload_sort = {
	.name = "sort",
	.summary = "quicksort of random numbers: data crunching",
	.size_unit = "numbers",
	.default_size = 17000,
	.run = sort_run,
	.golden = UINT64_C(0x2df22c960b8bb423),
};
