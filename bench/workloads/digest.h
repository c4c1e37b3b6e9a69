/*
 * digest - fold everything that a workload computes into one word.
 *
 * Each step is a bijection of the digest so far, so nothing folded in early is
 * forgotten, and the order counts.  Bytes become words by shifts, so that
 * big-endian machines come to the same digest.
 */
#ifndef BENCH_WORKLOADS_DIGEST_H
#define BENCH_WORKLOADS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base.h"

/* @digest with @word folded in; mix64(seed) is a good one to begin with. */
static inline uint64_t digest_add(uint64_t digest, uint64_t word)
{
	return mix64(digest ^ word);
}

/* The @n <= 8 bytes at @bytes as one word, the first in the lowest bits. */
static inline uint64_t digest_word(const unsigned char *bytes, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

/* @digest with the @n bytes at @data folded in, and @n itself. */
static inline uint64_t digest_bytes(uint64_t digest, const void *data, size_t n)
{
	const unsigned char *bytes = data;
	size_t left = n;

	for (; left >= 8; left -= 8, bytes += 8)
		digest = digest_add(digest, digest_word(bytes, 8));
	return digest_add(digest_add(digest, digest_word(bytes, left)), n);
}

#endif
