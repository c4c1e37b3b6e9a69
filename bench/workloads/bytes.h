/*
 * bytes - the data of workload `bytes', for experiments that bring them along.
 *
 * Words of eight bytes, each a function of its place and of a seed:
 *
 *	word i = base(i) xor code(seed)
 *
 * Two seeds differ in the same mask in each word.  So who has the bytes of one
 * seed turns them into those of another in one pass, in place, without making
 * them anew: that is what a worker does with bytes that came with a task.
 */
#ifndef BENCH_WORKLOADS_BYTES_H
#define BENCH_WORKLOADS_BYTES_H

#include <stdint.h>

#include "harness/workload.h"

extern const struct workload workload_bytes;

/* Make the @n bytes of @seed at @data, which is aligned to eight. */
void bytes_make(void *data, uint64_t n, uint64_t seed);

/* The mask that turns the bytes of seed @from into those of seed @to. */
uint64_t bytes_mask(uint64_t from, uint64_t to);

/*
 * Turn the @n bytes at @data with @mask, in place, and return the digest of
 * what they are then: for the bytes of a seed that of run(n, seed).  Every byte
 * is read and written once.
 */
uint64_t bytes_turn(void *data, uint64_t n, uint64_t mask);

/* Whether the first and the last of the @n bytes at @data are those of @seed. */
int bytes_seem(const void *data, uint64_t n, uint64_t seed);

/*
 * To be called by a worker before task_run(), on the same thread: the bytes of
 * the task are at @data, to be turned with @mask.  Run then takes them and makes
 * none.  NULL: none have come any more.
 */
void bytes_bring(void *data, uint64_t mask);

#endif
