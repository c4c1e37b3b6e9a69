/*
 * deflate - compress `size' KiB of text with zlib, and expand it again.
 *
 * Stands for compression: log files, archives, HTTP bodies.  The text is words
 * in random order, a few of them frequent, most of them rare, as in a natural
 * language; it shrinks to less than half.
 *
 * Stresses: table lookups that hit the L1 and L2 caches, branches that are hard
 * to predict, and the allocator: zlib asks for about 300 KiB in each call.
 *
 * The compressed bytes differ between versions of zlib, so it is the expanded
 * text, checked to be the text that went in, that is folded into the digest.
 * The compiler cannot see into zlib, so it cannot know that they are equal.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define WORDS 1024
#define WORD_MAX 10 /* letters, and a space behind them */

/* Fill @text with words; they and their order come from @seed. */
static void write_text(unsigned char *text, size_t bytes, uint64_t seed)
{
	struct rng rng = {.state = seed};
	unsigned char words[WORDS][WORD_MAX];
	size_t at = 0;

	for (size_t w = 0; w < WORDS; w++) {
		uint64_t x = rng_next(&rng);
		size_t letters = 2 + x % (WORD_MAX - 2);

		memset(words[w], ' ', WORD_MAX);
		for (size_t i = 0; i < letters; i++)
			words[w][i] = (unsigned char)('a' + (x >> 5 * i) % 26);
	}
	while (at < bytes) {
		uint64_t x = rng_next(&rng);
		/* A product of two uniform numbers is small more often. */
		size_t w = (x % WORDS) * (x / WORDS % WORDS) / WORDS;

		for (size_t i = 0; at < bytes && i < WORD_MAX; i++) {
			text[at++] = words[w][i];
			if (words[w][i] == ' ')
				break;
		}
	}
}

static uint64_t deflate_run(uint64_t size, uint64_t seed)
{
	uint64_t digest = mix64(seed);
	unsigned char *text = reallocarray(NULL, size, 1024);
	unsigned char *back = reallocarray(NULL, size, 1024);
	uLongf bytes = size * 1024;
	uLongf packed_bytes = compressBound(bytes);
	unsigned char *packed = malloc(packed_bytes);

	CHECK(text && back && packed);
	write_text(text, bytes, seed);
	CHECK(compress2(packed, &packed_bytes, text, bytes, 6) == Z_OK);
	CHECK(uncompress(back, &bytes, packed, packed_bytes) == Z_OK);
	CHECK(bytes == size * 1024 && memcmp(text, back, bytes) == 0);
	digest = digest_bytes(digest, back, bytes);
	free(packed);
	free(back);
	free(text);
	return digest;
}

const struct workload workload_deflate = {
	.name = "deflate",
	.summary = "zlib round trip of generated text: compression",
	.size_unit = "KiB",
	.default_size = 36,
	.run = deflate_run,
	.golden = UINT64_C(0xbe76bff0de24ec25),
};
