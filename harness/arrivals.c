#include "harness/arrivals.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base.h"

/*
 * An exponential gap of mean 1 from a uniform number u in (0, 1]: -ln u, the
 * inverse of its distribution function.  53 random bits fill a double, and the
 * 1 added keeps ln 0 out.
 */
static double unit_gap(struct rng *rng)
{
	double u = (double)((rng_next(rng) >> 11) + 1) * 0x1p-53;

	return -log(u);
}

/*
 * Walk through the arrivals before @span and store the first @room of them.
 * How many there are, or ARRIVALS_MAX + 1 where they are too many.
 */
static size_t walk(uint64_t seed, double interval, double span, uint64_t *due,
		   size_t room)
{
	struct rng rng = {.state = mix64(seed)};
	double sum = unit_gap(&rng);
	size_t n = 0;

	/* The sum is scaled, not each gap: what is rounded does not add up. */
	while (sum * interval < span && n <= ARRIVALS_MAX) {
		if (n < room)
			due[n] = (uint64_t)(sum * interval);
		n++;
		sum += unit_gap(&rng);
	}
	return n;
}

int arrivals_init(uint64_t seed, uint64_t interval_ns, uint64_t span_ns,
		  struct arrivals *ret)
{
	double interval = (double)interval_ns, span = (double)span_ns;
	size_t n;
	uint64_t *due;

	CHECK(interval_ns > 0);
	n = walk(seed, interval, span, NULL, 0);
	if (n > ARRIVALS_MAX)
		return -EOVERFLOW;
	due = calloc(n + 1, sizeof(*due));
	if (!due)
		return -ENOMEM;
	(void)walk(seed, interval, span, due, n); /* as many as before */
	*ret = (struct arrivals){.due_ns = due, .n = n};
	return 0;
}

void arrivals_done(struct arrivals *a)
{
	free(a->due_ns);
	*a = (struct arrivals){0};
}
