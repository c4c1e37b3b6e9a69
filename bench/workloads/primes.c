/*
 * primes - all prime numbers up to `size', by a segmented sieve.
 *
 * Stands for heavy computation: the number crunching that blocks an event loop.
 * The plain sieve of Eratosthenes needs a byte a number and waits for memory.
 * This one (Bays and Hudson, "The segmented sieve of Eratosthenes and primes in
 * arithmetic progressions to 10^12", BIT 17, 1977) works through a piece of the
 * numbers at a time, on the stack and small enough for the first-level cache.
 *
 * Stresses: integer units and the L1 cache.  No memory beyond that, no system
 * call: as near to pure computing as a task can be, so with this workload the
 * workers share nothing but the power of the processor.
 *
 * Every prime is folded into the digest, and whether a number is one depends on
 * every mark made before.  The seed only begins the digest: the work is the
 * same for all seeds.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

/* Odd numbers in a segment, a byte each: fits in the smallest usual L1. */
#define SEGMENT UINT64_C(16384)

/* Mark the odd multiples of @p, from its square on, in [low, low + 2n). */
static void mark(unsigned char *composite, uint64_t n, uint64_t low, uint64_t p)
{
	uint64_t first = p * p;

	if (first < low) {
		first = (low + p - 1) / p * p;
		if (first % 2 == 0)
			first += p;
	}
	for (uint64_t i = (first - low) / 2; i < n; i += p)
		composite[i] = 1;
}

static uint64_t primes_run(uint64_t size, uint64_t seed)
{
	uint64_t digest = size < 2 ? mix64(seed) : digest_add(mix64(seed), 2);
	unsigned char composite[SEGMENT];
	unsigned char *small; /* the numbers up to root: is it composite? */
	uint64_t root = 1;    /* of size, rounded down */

	while (root + 1 <= size / (root + 1))
		root++;
	small = calloc(root + 1, 1);
	CHECK(small);
	for (uint64_t p = 3; p <= root / p; p += 2) {
		for (uint64_t i = p * p; i <= root; i += 2 * p)
			small[i] = 1;
	}

	for (uint64_t low = 3; low <= size; low += 2 * SEGMENT) {
		uint64_t n = (size - low) / 2 + 1;

		if (n > SEGMENT)
			n = SEGMENT;
		memset(composite, 0, n);
		for (uint64_t p = 3; p <= root && p * p < low + 2 * n; p += 2) {
			if (!small[p])
				mark(composite, n, low, p);
		}
		for (uint64_t i = 0; i < n; i++) {
			if (!composite[i])
				digest = digest_add(digest, low + 2 * i);
		}
	}
	free(small);
	return digest;
}

const struct workload workload_primes = {
	.name = "primes",
	.summary = "segmented prime sieve: heavy computation in the L1 cache",
	.size_unit = "numbers",
	.default_size = 750000,
	.run = primes_run,
	.golden = UINT64_C(0x0613e2d732f0f876),
};
