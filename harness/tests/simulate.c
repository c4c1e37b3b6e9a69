#include "harness/tests/simulate.h"

#include <math.h>
#include <string.h>

#define CONFIDENCE 0.95
#define NARROW 0.03 /* the half-width at which a run stops */

static double uniform(struct rng *r)
{
	return ((double)(rng_next(r) >> 12) + 0.5) * 0x1p-52;
}

/* Mean 0, deviation 1 (Box & Muller, 1958). */
static double normal(struct rng *r)
{
	double length = sqrt(-2 * log(uniform(r)));

	return length * cos(2 * M_PI * uniform(r));
}

/* What the machine is like in the block after one where it was like @before. */
static double machine_next(struct rng *r, const struct weather *w,
			   double before)
{
	double rho = w->machine_rho;

	return rho * before + sqrt(1 - rho * rho) * w->machine_sd * normal(r);
}

static double slice_noise(struct rng *r, const struct weather *w)
{
	double sd = uniform(r) < w->storms ? 4 * w->slice_sd : w->slice_sd;

	return sd * normal(r);
}

void simulate_blocks(struct rng *r, const struct weather *w,
		     const double *effect, size_t arms, size_t n,
		     double ret[][SIMULATE_BLOCKS])
{
	double machine = w->machine_sd * normal(r);

	CHECK(n <= SIMULATE_BLOCKS && arms <= SIMULATE_ARMS);
	for (size_t b = 0; b < n; b++) {
		machine = machine_next(r, w, machine);
		for (size_t a = 0; a < arms; a++)
			ret[a][b] =
				effect[a] * exp(machine + slice_noise(r, w));
	}
}

size_t simulate_table(struct rng *r, const struct weather *w,
		      const double *effect, size_t arms, bool looks, size_t n,
		      enum verdict *ret)
{
	static const size_t look[] = {12, 20, 28, 40};
	double x[SIMULATE_ARMS][SIMULATE_BLOCKS], scratch[SIMULATE_BLOCKS];
	double confidence = stats_family(CONFIDENCE, arms - 1);
	size_t last = looks ? ARRAY_LEN(look) : 1;

	simulate_blocks(r, w, effect, arms, looks ? SIMULATE_BLOCKS : n, x);
	for (size_t i = 0; i < last; i++) {
		bool narrow = true;

		if (looks)
			n = look[i];
		for (size_t a = 1; a < arms; a++) {
			struct estimate e =
				stats_ratio(x[a], x[0], n, confidence, scratch);

			ret[a] = stats_verdict(&e, STATS_MARGIN);

			/* Without an interval there is NaN, not narrow. */
			narrow = narrow && stats_half_width(&e) <= NARROW;
		}
		if (narrow)
			break;
	}
	return n;
}

void simulate_latencies(struct rng *r, const struct weather *w, size_t n,
			size_t arms, int tasks,
			struct histogram ret[][SIMULATE_BLOCKS])
{
	double machine = w->machine_sd * normal(r);

	CHECK(n <= SIMULATE_BLOCKS && arms <= SIMULATE_ARMS);
	for (size_t b = 0; b < n; b++) {
		machine = machine_next(r, w, machine);
		for (size_t a = 0; a < arms; a++) {
			double slice = machine + w->slice_sd * normal(r);

			memset(&ret[a][b], 0, sizeof(ret[a][b]));
			for (int t = 0; t < tasks; t++) {
				double x = slice + SIMULATE_TASK_SD * normal(r);

				x = SIMULATE_TASK_MEDIAN_NS * exp(x);
				histogram_add(&ret[a][b], (uint64_t)x);
			}
		}
	}
}
