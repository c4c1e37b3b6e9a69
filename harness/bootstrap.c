#include "harness/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "harness/base.h"

#define SEED UINT64_C(0x6d616e7968616e64) /* any; but always the same */

static const struct estimate unknown = {.median = NAN, .low = NAN, .high = NAN};

/*
 * The blocks of a cell, made ready to be merged 2000 times.  Only buckets that
 * hold anything are levels, and each level knows how much of every block lies
 * at or below it.  So a quantile of blocks taken so and so many times is found
 * by bisection, with a sum over blocks at each step, and nothing is merged.
 */
struct pile {
	struct histogram all; /* of all blocks, each once */
	size_t n_blocks, n_levels;
	size_t *bucket;  /* [n_levels]; HISTOGRAM_BUCKETS: beyond the range */
	uint64_t *below; /* [n_levels][n_blocks] */
};

/* Which blocks contribute, and how often each resample has each of them. */
struct draws {
	size_t n;        /* blocks that contribute */
	size_t *use;     /* [n] their numbers */
	uint32_t *times; /* [BOOTSTRAP_RESAMPLES][n] */
	double *found;   /* [BOOTSTRAP_RESAMPLES] what each resample says */
};

static uint64_t count_of(const struct histogram *h, size_t bucket)
{
	return bucket < HISTOGRAM_BUCKETS ? h->count[bucket] : h->overflow;
}

static void pile_done(struct pile *p)
{
	if (!p)
		return;
	free(p->bucket);
	free(p->below);
	free(p);
}

/* The blocks of @block which @d uses.  NULL: no memory. */
static struct pile *pile_make(const struct histogram *const *block,
			      const struct draws *d)
{
	struct pile *p = calloc(1, sizeof(*p));
	size_t levels = 0;

	if (!p)
		return NULL;
	p->n_blocks = d->n;
	for (size_t i = 0; i < d->n; i++)
		histogram_merge(&p->all, block[d->use[i]]);
	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++)
		levels += count_of(&p->all, i) > 0;
	p->bucket = calloc(levels, sizeof(*p->bucket));
	p->below = calloc(levels * d->n, sizeof(*p->below));
	if (!p->bucket || !p->below) {
		pile_done(p);
		return NULL;
	}
	for (size_t i = 0; i <= HISTOGRAM_BUCKETS; i++) {
		size_t row = p->n_levels * d->n;

		if (count_of(&p->all, i) == 0)
			continue;
		for (size_t b = 0; b < d->n; b++) {
			p->below[row + b] = count_of(block[d->use[b]], i);
			if (row > 0)
				p->below[row + b] += p->below[row - d->n + b];
		}
		p->bucket[p->n_levels++] = i;
	}
	return p;
}

/* How many values lie at or below @level if block b is there @times[b] times. */
static uint64_t pile_below(const struct pile *p, const uint32_t *times,
			   size_t level)
{
	const uint64_t *row = &p->below[level * p->n_blocks];
	uint64_t sum = 0;

	for (size_t b = 0; b < p->n_blocks; b++)
		sum += times[b] * row[b];
	return sum;
}

/* The level of quantile @q of the blocks taken @times. */
static size_t pile_quantile(const struct pile *p, const uint32_t *times,
			    double q)
{
	size_t low = 0, high = p->n_levels - 1;
	uint64_t rank = histogram_rank(pile_below(p, times, high), q);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pile_below(p, times, middle) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The edges of a level, as near as the extremes allow. */
static double level_high(const struct pile *p, size_t level)
{
	size_t i = p->bucket[level];

	if (i >= HISTOGRAM_BUCKETS)
		return (double)p->all.max;
	return fmin((double)(histogram_lower(i + 1) - 1), (double)p->all.max);
}

static double level_low(const struct pile *p, size_t level)
{
	return fmax((double)histogram_lower(p->bucket[level]),
		    (double)p->all.min);
}

static void draws_done(struct draws *d)
{
	free(d->use);
	free(d->times);
	free(d->found);
}

/* Draw from the blocks that have both @a and @b. */
static int draws_init(struct draws *d, const struct histogram *const *a,
		      const struct histogram *const *b, size_t n)
{
	struct rng rng = {SEED};

	*d = (struct draws){.use = calloc(n + 1, sizeof(*d->use))};
	if (!d->use)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (a[i] && b[i] && a[i]->n > 0 && b[i]->n > 0)
			d->use[d->n++] = i;
	}
	d->times = calloc(BOOTSTRAP_RESAMPLES * d->n + 1, sizeof(*d->times));
	d->found = calloc(BOOTSTRAP_RESAMPLES, sizeof(*d->found));
	if (!d->times || !d->found) {
		draws_done(d);
		return -ENOMEM;
	}
	for (size_t r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
		for (size_t i = 0; i < d->n; i++)
			d->times[r * d->n + rng_below(&rng, d->n)]++;
	}
	return 0;
}

/*
 * The rank, from 0, of the resample that is the lower bound.  A plain interval
 * of 95 % would leave 2.5 % of the resamples out; that is the normal
 * distribution's tail beyond z = 1.96.  Here the tail begins where Student's t
 * does, and farther by sqrt(n / (n - 1)), as resamples spread like a standard
 * deviation with divisor n.
 */
static size_t tail_rank(size_t n, double confidence)
{
	double blocks = (double)n;
	double t = stats_student(confidence, n - 1);
	double z = t * sqrt(blocks / (blocks - 1));

	return (size_t)(erfc(z / M_SQRT2) / 2 * BOOTSTRAP_RESAMPLES);
}

/* Sort what the resamples found and take the bounds from it. */
static void find_bounds(struct draws *d, double confidence, double *ret_low,
			double *ret_high)
{
	size_t rank = tail_rank(d->n, confidence);

	stats_sort(d->found, BOOTSTRAP_RESAMPLES);
	*ret_low = d->found[rank];
	*ret_high = d->found[BOOTSTRAP_RESAMPLES - 1 - rank];
}

static struct estimate percentile(const struct pile *p, struct draws *d,
				  double q, double confidence)
{
	double low, high;

	if (!histogram_supports(&p->all, q))
		return unknown;
	for (size_t r = 0; r < BOOTSTRAP_RESAMPLES; r++)
		d->found[r] = (double)pile_quantile(p, &d->times[r * d->n], q);
	find_bounds(d, confidence, &low, &high);
	return (struct estimate){
		.median = (double)histogram_quantile(&p->all, q),
		.low = level_low(p, (size_t)low),
		.high = level_high(p, (size_t)high),
	};
}

int bootstrap_percentiles(const struct histogram *const *block, size_t n,
			  const double *q, size_t n_q, double confidence,
			  struct estimate *ret)
{
	struct draws d;
	struct pile *p = NULL;
	int r = draws_init(&d, block, block, n);

	if (r < 0)
		return r;
	if (d.n >= BOOTSTRAP_MIN_BLOCKS) {
		p = pile_make(block, &d);
		if (!p)
			r = -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < n_q; i++)
		ret[i] = p ? percentile(p, &d, q[i], confidence) : unknown;
	pile_done(p);
	draws_done(&d);
	return r;
}

static struct estimate ratio(const struct pile *a, const struct pile *b,
			     struct draws *d, double q, double confidence)
{
	struct estimate e;

	/* A time of 0 ns is no divisor. */
	if (!histogram_supports(&a->all, q) ||
	    !histogram_supports(&b->all, q) || a->all.min == 0 ||
	    b->all.min == 0)
		return unknown;
	for (size_t r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
		const uint32_t *times = &d->times[r * d->n];

		d->found[r] = level_high(a, pile_quantile(a, times, q)) /
			      level_high(b, pile_quantile(b, times, q));
	}
	find_bounds(d, confidence, &e.low, &e.high);
	e.median = (double)histogram_quantile(&a->all, q) /
		   (double)histogram_quantile(&b->all, q);
	return e;
}

int bootstrap_ratio(const struct histogram *const *a,
		    const struct histogram *const *b, size_t n, double q,
		    double confidence, struct estimate *ret)
{
	struct draws d;
	struct pile *pa, *pb;
	int r = draws_init(&d, a, b, n);

	if (r < 0)
		return r;
	if (d.n < BOOTSTRAP_MIN_BLOCKS) {
		*ret = unknown;
		draws_done(&d);
		return 0;
	}
	pa = pile_make(a, &d);
	pb = pile_make(b, &d);
	if (pa && pb)
		*ret = ratio(pa, pb, &d, q, confidence);
	else
		r = -ENOMEM;
	pile_done(pa);
	pile_done(pb);
	draws_done(&d);
	return r;
}
