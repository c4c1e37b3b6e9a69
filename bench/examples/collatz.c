/*
 * collatz - a workload of your own, outside the tree: an example to copy.
 *
 *	make build/examples/collatz.so
 *	build/manyhands run --load-workload build/examples/collatz.so
 *
 * How many steps do the numbers after a random one take to come down to 1, when
 * an even one is halved and an odd one tripled and increased?  The contract of
 * run() is in harness/workload.h: the same result for the same size and seed,
 * from any number of threads and processes at once, and all of the work must
 * show in it.
 */
#include "harness/workload.h"

static uint64_t collatz_run(uint64_t size, uint64_t seed)
{
	uint64_t digest = seed;

	for (uint64_t i = 1; i <= size; i++) {
		uint64_t steps = 0;

		for (uint64_t n = seed % 1000000 + i; n != 1; steps++)
			n = n % 2 ? 3 * n + 1 : n / 2;
		digest = 31 * digest + steps;
	}
	return digest;
}

const struct workload workload = {
	.name = "collatz",
	.summary = "steps of the Collatz sequences: an example",
	.size_unit = "sequences",
	.default_size = 5000,
	.run = collatz_run,
};
