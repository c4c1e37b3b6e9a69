/*
 * matmul - `size' products of 64x64 matrices, each the factor of the next.
 *
 * Stands for numeric work: statistics, simulation, the inside of a neural net.
 *
 * Stresses: floating-point units.  The three matrices take 96 KiB, more than an
 * L1 cache holds, so the product is computed by blocks that fit: each is used
 * for a while once it has been fetched.
 *
 * a := a b, over and over, would soon overflow or fade to zero with most b.
 * This b is a Hadamard matrix over 8 with its columns shuffled and rows
 * negated at random: an orthogonal matrix, which only turns what it multiplies.
 * So all values stay of one size for ever, and every one of them depends on all
 * products before.  The digest takes the bits of the last product.
 *
 * Each sum is added up in the order of k whatever the blocks, and never by a
 * fused multiply-add (-ffp-contract=off): the same bits everywhere.
 */
#include <string.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define N 64
#define BLOCK 16

static void multiply(double (*c)[N], double (*a)[N], double (*b)[N])
{
	memset(c, 0, sizeof(double[N][N]));
	for (size_t k0 = 0; k0 < N; k0 += BLOCK) {
		for (size_t i = 0; i < N; i++) {
			for (size_t k = k0; k < k0 + BLOCK; k++) {
				for (size_t j = 0; j < N; j++)
					c[i][j] += a[i][k] * b[k][j];
			}
		}
	}
}

/* Random a in [-0.5, 0.5), and b as said above. */
static void fill(double (*a)[N], double (*b)[N], uint64_t seed)
{
	struct rng rng = {.state = seed};
	size_t column[N];

	for (size_t j = 0; j < N; j++)
		column[j] = j;
	rng_shuffle(&rng, column, N, sizeof(column[0]));
	for (size_t i = 0; i < N; i++) {
		double sign = rng_next(&rng) % 2 ? 0.125 : -0.125;

		for (size_t j = 0; j < N; j++) {
			int odd = __builtin_parityll(i & column[j]);

			b[i][j] = odd ? -sign : sign;
			a[i][j] =
				(double)(rng_next(&rng) >> 11) * 0x1p-53 - 0.5;
		}
	}
}

static uint64_t matmul_run(uint64_t size, uint64_t seed)
{
	uint64_t digest = mix64(seed);
	double store[2][N][N], b[N][N];
	double(*from)[N] = store[0], (*to)[N] = store[1];

	fill(from, b, seed);
	for (uint64_t i = 0; i < size; i++) {
		double(*last)[N] = from;

		multiply(to, from, b);
		from = to;
		to = last;
	}
	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < N; j++) {
			uint64_t bits;

			memcpy(&bits, &from[i][j], sizeof(bits));
			digest = digest_add(digest, bits);
		}
	}
	return digest;
}

const struct workload workload_matmul = {
	.name = "matmul",
	.summary = "chained products of 64x64 matrices: numeric work",
	.size_unit = "matrix products",
	.default_size = 7,
	.run = matmul_run,
	.golden = UINT64_C(0x253f85f4619b89af),
};
