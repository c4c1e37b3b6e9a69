/*
 * mandelbrot - `size' rows of 64 points of the Mandelbrot set.
 *
 * Stands for rendering and simulation: one long chain of arithmetic after the
 * other, of very different length.
 *
 * Stresses: floating-point units, and nothing else.  Each step needs the result
 * of the last, so what counts is the latency of a multiplication, and two
 * hyperthreads on one core disturb each other little.
 *
 * The rows are not taken from top to bottom but each a golden section further
 * on, from a height that the seed chooses.  So they lie evenly at any size:
 * time grows linearly with it, and the seeds cost about the same.
 *
 * How many steps each point takes to escape is folded into the digest.
 */
#include "bench/workloads/digest.h"
#include "harness/workload.h"

#define WIDTH 64
#define STEPS_MAX 256

/* The window: all of the set lies in [-2, 0.5] x [-1.25, 1.25]. */
#define LEFT (-2.0)
#define TOP (-1.25)
#define SIDE 2.5

static uint64_t escape_steps(double cx, double cy)
{
	double x = 0, y = 0;
	uint64_t steps = 0;

	while (steps < STEPS_MAX && x * x + y * y <= 4) {
		double next_x = x * x - y * y + cx;

		y = 2 * x * y + cy;
		x = next_x;
		steps++;
	}
	return steps;
}

/* A fraction in [0, 1), exactly the upper 53 bits of @bits. */
static double fraction(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

static uint64_t mandelbrot_run(uint64_t size, uint64_t seed)
{
	uint64_t digest = mix64(seed);
	struct rng rng = {.state = seed};
	uint64_t height = rng_next(&rng);
	double shift = fraction(rng_next(&rng));

	for (uint64_t row = 0; row < size; row++) {
		double cy = TOP + SIDE * fraction(height);

		for (int i = 0; i < WIDTH; i++) {
			double cx = LEFT + SIDE / WIDTH * (i + shift);

			digest = digest_add(digest, escape_steps(cx, cy));
		}
		/* 2^64 divided by the golden ratio. */
		height += UINT64_C(0x9e3779b97f4a7c15);
	}
	return digest;
}

const struct workload workload_mandelbrot = {
	.name = "mandelbrot",
	.summary = "rows of the Mandelbrot set: rendering",
	.size_unit = "rows",
	.default_size = 90,
	.run = mandelbrot_run,
	.golden = UINT64_C(0x54f3be08af998a05),
};
