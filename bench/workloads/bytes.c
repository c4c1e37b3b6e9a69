/*
 * bytes - `size' bytes made from the seed, every one of them read once.
 *
 * Stands for a task that looks at all its data and does little with them: a
 * checksum, a filter, a parser.  Where the data have come with the task, as in
 * experiment `payload', they are read where they lie and turned in place; see
 * bytes.h.  Elsewhere there are none, and they are made word by word as they are
 * needed.
 *
 * Stresses: reading and writing memory, as fast as one processor can.  Four
 * lanes, as one multiplication would have to wait for the one before it.
 *
 * Each step is a bijection of its lane, so every byte shows in the digest, and
 * the rotation brings high bits down to where the next step spreads them.
 */
#include "bench/workloads/bytes.h"

#include <string.h>

#include "bench/workloads/digest.h"

#define WORD sizeof(uint64_t)
#define LANES 4
#define ODD UINT64_C(0x9e3779b97f4a7c15)

struct lanes {
	uint64_t lane[LANES];
};

static inline uint64_t base(uint64_t i)
{
	return (i + 1) * ODD;
}

static inline uint64_t code(uint64_t seed)
{
	return mix64(seed);
}

static inline uint64_t fold(uint64_t lane, uint64_t word)
{
	uint64_t x = (lane ^ word) * ODD;

	return x << 29 | x >> 35;
}

/* All lanes as one word, and the number of bytes. */
static uint64_t join(const struct lanes *l, uint64_t n)
{
	uint64_t digest = mix64(n);

	for (size_t i = 0; i < LANES; i++)
		digest = digest_add(digest, l->lane[i]);
	return digest;
}

/* Less than a word at the end: its low bytes, whatever the byte order. */
static uint64_t end_word(uint64_t word, uint64_t n)
{
	return word & ((UINT64_C(1) << (8 * (n % WORD))) - 1);
}

static void put_end(unsigned char *to, uint64_t word, uint64_t n)
{
	for (size_t i = 0; i < n % WORD; i++)
		to[i] = (unsigned char)(word >> (8 * i));
}

void bytes_make(void *data, uint64_t n, uint64_t seed)
{
	uint64_t *words = data;
	uint64_t i = 0;

	for (; i < n / WORD; i++)
		words[i] = base(i) ^ code(seed);
	put_end((unsigned char *)&words[i], base(i) ^ code(seed), n);
}

uint64_t bytes_mask(uint64_t from, uint64_t to)
{
	return code(from) ^ code(to);
}

uint64_t bytes_turn(void *data, uint64_t n, uint64_t mask)
{
	struct lanes l = {{0}};
	uint64_t *words = data;
	uint64_t i = 0, end;

	for (; i + LANES <= n / WORD; i += LANES) {
		for (size_t k = 0; k < LANES; k++) {
			words[i + k] ^= mask;
			l.lane[k] = fold(l.lane[k], words[i + k]);
		}
	}
	for (; i < n / WORD; i++) {
		words[i] ^= mask;
		l.lane[i % LANES] = fold(l.lane[i % LANES], words[i]);
	}
	end = digest_word((unsigned char *)&words[i], n % WORD) ^
	      end_word(mask, n);
	put_end((unsigned char *)&words[i], end, n);
	l.lane[i % LANES] = fold(l.lane[i % LANES], end);
	return join(&l, n);
}

int bytes_seem(const void *data, uint64_t n, uint64_t seed)
{
	const uint64_t *words = data;
	uint64_t last = n / WORD;

	if (last > 0 && (words[0] != (base(0) ^ code(seed)) ||
			 words[last - 1] != (base(last - 1) ^ code(seed))))
		return 0;
	return digest_word((const unsigned char *)&words[last], n % WORD) ==
	       end_word(base(last) ^ code(seed), n);
}

/* What has been brought to the task of this thread; NULL: nothing. */
static _Thread_local struct {
	void *data;
	uint64_t mask;
} brought;

void bytes_bring(void *data, uint64_t mask)
{
	brought.data = data;
	brought.mask = mask;
}

static uint64_t bytes_run(uint64_t size, uint64_t seed)
{
	uint64_t mask = brought.mask, i = 0;
	struct lanes l = {{0}};

	if (brought.data) {
		brought.mask = 0; /* a second run finds them turned */
		return bytes_turn(brought.data, size, mask);
	}
	for (; i + LANES <= size / WORD; i += LANES) {
		for (size_t k = 0; k < LANES; k++)
			l.lane[k] = fold(l.lane[k], base(i + k) ^ code(seed));
	}
	for (; i < size / WORD; i++)
		l.lane[i % LANES] =
			fold(l.lane[i % LANES], base(i) ^ code(seed));
	l.lane[i % LANES] =
		fold(l.lane[i % LANES], end_word(base(i) ^ code(seed), size));
	return join(&l, size);
}

const struct workload workload_bytes = {
	.name = "bytes",
	.summary = "reads bytes once: those that came with the task, or made",
	.size_unit = "bytes",
	.default_size = 8000000,
	.run = bytes_run,
	.golden = UINT64_C(0xf8025b768cea7f29),
};
