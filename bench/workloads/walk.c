/*
 * walk - follow `size' links, each of which says where the next one is.
 *
 * Stands for what waits for memory: linked lists, trees, hash tables, the
 * object graphs of interpreted languages.
 *
 * Stresses: the latency of memory.  The links are a permutation of 4 Mi entries
 * in 16 MiB, more than an L2 cache holds and than the first TLB maps.  The next
 * address is not known before the load is done, so nothing can be overlapped
 * and a faster clock does not help.  Workers compete for the shared cache.
 *
 * The permutation is one cycle through all entries: the linear congruential
 * generator i -> (a i + c) mod 2^22 has full period when c is odd and a - 1 is
 * a multiple of 4 (Hull and Dobell, "Random number generators", SIAM Review 4,
 * 1962).  It is built in a millisecond or two where shuffling would take much
 * longer, and no prefetcher sees through it: a load takes as long as in a
 * random cycle.  It is read from memory all the same, that being the point.
 *
 * The table is built once a process, by its first walk.  Processes forked after
 * that inherit it and, as nobody writes, share its pages.
 *
 * Every entry visited is folded into the digest.
 */
#include <pthread.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define ENTRIES (UINT32_C(1) << 22)
#define A UINT32_C(1664525)
#define C UINT32_C(1013904223)

static uint32_t next[ENTRIES];

static void build(void)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		next[i] = (A * i + C) % ENTRIES;
}

static uint64_t walk_run(uint64_t size, uint64_t seed)
{
	static pthread_once_t built = PTHREAD_ONCE_INIT;
	uint64_t digest = mix64(seed);
	uint32_t at = (uint32_t)(digest % ENTRIES);

	CHECK(pthread_once(&built, build) == 0);
	for (uint64_t i = 0; i < size; i++) {
		at = next[at];
		digest = digest_add(digest, at);
	}
	return digest;
}

const struct workload workload_walk = {
	.name = "walk",
	.summary = "dependent loads through 16 MiB: waiting for memory",
	.size_unit = "loads",
	.default_size = 32000,
	.run = walk_run,
	.golden = UINT64_C(0x2c28ba6b4363d7d5),
};
