/*
 * blur - a Gaussian blur of a grey image, 256 pixels wide and `size' high.
 *
 * Stands for image processing: scaling, filters, thumbnails.
 *
 * A Gaussian of two dimensions is the product of two of one dimension, so 7 + 7
 * multiplications a pixel do the work of 49: first along the rows, then along
 * the columns.  The weights are the binomial coefficients of 6, whole numbers
 * that add up to 64, so all sums are exact and rounded once.
 *
 * Stresses: the bandwidth of the L2 cache and the vector units, as far as the
 * compiler uses them: the column pass reads seven rows to write one.
 *
 * Every pixel of the result is folded into the digest, and each depends on the
 * 49 around it.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define WIDTH 256
#define RADIUS 3
#define TAPS (2 * RADIUS + 1)

static const unsigned weights[TAPS] = {1, 6, 15, 20, 15, 6, 1};

/* Pixels beyond the border are like the nearest one inside. */
static void blur_row(const uint8_t *from, uint16_t *to)
{
	uint8_t wide[RADIUS + WIDTH + RADIUS];

	memset(wide, from[0], RADIUS);
	memcpy(wide + RADIUS, from, WIDTH);
	memset(wide + RADIUS + WIDTH, from[WIDTH - 1], RADIUS);
	for (size_t x = 0; x < WIDTH; x++) {
		unsigned sum = 0;

		for (size_t k = 0; k < TAPS; k++)
			sum += weights[k] * wide[x + k];
		to[x] = (uint16_t)sum;
	}
}

/* Row @y of the result, from the rows around it in @rows, @n in all. */
static void blur_columns(uint16_t (*rows)[WIDTH], size_t n, size_t y,
			 uint8_t *to)
{
	unsigned sum[WIDTH] = {0};

	for (size_t k = 0; k < TAPS; k++) {
		size_t row = y + k < RADIUS ? 0 : y + k - RADIUS;
		const uint16_t *from = rows[row < n ? row : n - 1];

		for (size_t x = 0; x < WIDTH; x++)
			sum[x] += weights[k] * from[x];
	}
	for (size_t x = 0; x < WIDTH; x++)
		to[x] = (uint8_t)((sum[x] + 64 * 64 / 2) / (64 * 64));
}

static uint64_t blur_run(uint64_t size, uint64_t seed)
{
	struct rng rng = {.state = seed};
	uint64_t digest = mix64(seed);
	uint8_t(*image)[WIDTH] = reallocarray(NULL, size, sizeof(*image));
	uint16_t(*half)[WIDTH] = reallocarray(NULL, size, sizeof(*half));

	CHECK(image && half);
	for (size_t y = 0; y < size; y++) {
		for (size_t x = 0; x < WIDTH; x += 8) {
			uint64_t bits = rng_next(&rng);

			for (size_t i = 0; i < 8; i++)
				image[y][x + i] = (uint8_t)(bits >> 8 * i);
		}
		blur_row(image[y], half[y]);
	}
	for (size_t y = 0; y < size; y++) {
		blur_columns(half, size, y, image[y]);
		digest = digest_bytes(digest, image[y], WIDTH);
	}
	free(half);
	free(image);
	return digest;
}

const struct workload workload_blur = {
	.name = "blur",
	.summary = "separable Gaussian blur of an image: image processing",
	.size_unit = "rows of 256 pixels",
	.default_size = 700,
	.run = blur_run,
	.golden = UINT64_C(0xc6fba25b4c8c39a6),
};
