#include "harness/tests/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/design.h"
#include "harness/order.h"

#define CONFIDENCE 0.95

static struct series *add_series(struct pool *pool)
{
	struct series *s = realloc(pool->series, (pool->n + 1) * sizeof(*s));

	CHECK(s);
	pool->series = s;
	s[pool->n] = (struct series){.n = 0};
	return &s[pool->n++];
}

void trials_done(struct pool *pool)
{
	free(pool->series);
	*pool = (struct pool){0};
}

/* The reference's slice beside @s, in the same block; NULL: none. */
static const struct slice_result *partner(const struct run_results *run,
					  const struct slice_result *s)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *t = &run->slices[i];

		if (t->block == s->block && t->cell.extra_ppm == 0 &&
		    strcmp(t->cell.model, run->info.reference) == 0 &&
		    strcmp(t->cell.runs, s->cell.runs) == 0 &&
		    order_same_group(&t->cell, &s->cell))
			return t;
	}
	return NULL;
}

/* The ratios of the cell of slice @first, which is its first one. */
static void read_cell(const struct run_results *run, size_t first,
		      struct series *ret)
{
	for (size_t i = first; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i], *t;
		double ratio;

		if (memcmp(&s->cell, &run->slices[first].cell,
			   sizeof(s->cell)) != 0)
			continue;
		t = partner(run, s);
		ratio = t ? slice_throughput(s) / slice_throughput(t) : NAN;
		if (ratio > 0 && isfinite(ratio) && ret->n < TRIALS_BLOCKS)
			ret->ratio[ret->n++] = ratio;
	}
}

static bool is_first(const struct run_results *run, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (memcmp(&run->slices[k].cell, &run->slices[i].cell,
			   sizeof(run->slices[i].cell)) == 0)
			return false;
	}
	return true;
}

size_t trials_read(const struct run_results *run, uint32_t extra_ppm,
		   struct pool *pool)
{
	size_t found = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (s->cell.extra_ppm != extra_ppm ||
		    strcmp(s->cell.model, run->info.reference) == 0 ||
		    !is_first(run, i) || !partner(run, s))
			continue;
		read_cell(run, i, add_series(pool));
		found++;
	}
	return found;
}

enum verdict trials_judge(const double *ratio, size_t n, bool looks)
{
	double one[TRIALS_BLOCKS], scratch[TRIALS_BLOCKS];
	size_t now = looks ? 0 : n;
	struct estimate e;

	CHECK(n >= 1 && n <= TRIALS_BLOCKS);
	for (size_t i = 0; i < n; i++)
		one[i] = 1;
	do {
		if (looks)
			now = design_next_look((uint32_t)now, (uint32_t)n);
		e = stats_ratio(ratio, one, now, CONFIDENCE, scratch);
	} while (now < n && !(stats_half_width(&e) <= DESIGN_HALF_WIDTH));
	return stats_verdict(&e, STATS_MARGIN);
}

static void count_verdict(struct tally *t, enum verdict v)
{
	t->trials++;
	t->faster += v == VERDICT_FASTER;
	t->slower += v == VERDICT_SLOWER;
}

struct tally trials_windows(const struct pool *pool, size_t n, bool looks)
{
	struct tally t = {0};

	for (size_t s = 0; s < pool->n; s++) {
		const struct series *x = &pool->series[s];

		for (size_t i = 0; i + n <= x->n; i += n)
			count_verdict(&t, trials_judge(&x->ratio[i], n, looks));
	}
	return t;
}

/* How many stretches begin in @s; they overlap. */
static size_t stretches_of(const struct series *s)
{
	return s->n >= TRIALS_STRETCH ? s->n - TRIALS_STRETCH + 1 : 0;
}

/* One of all stretches of @pool, of which there are @total. */
static const double *draw_stretch(const struct pool *pool, size_t total,
				  struct rng *r)
{
	size_t at = rng_below(r, total), s = 0;

	while (at >= stretches_of(&pool->series[s]))
		at -= stretches_of(&pool->series[s++]);
	return &pool->series[s].ratio[at];
}

/* All logarithms of @pool's ratios, ascending, *@n of them; to be freed. */
static double *sorted_logs(const struct pool *pool, size_t *n)
{
	double *x = calloc(pool->n * TRIALS_BLOCKS + 1, sizeof(*x));

	CHECK(x);
	*n = 0;
	for (size_t s = 0; s < pool->n; s++) {
		for (size_t i = 0; i < pool->series[s].n; i++)
			x[(*n)++] = log(pool->series[s].ratio[i]);
	}
	stats_sort(x, *n);
	return x;
}

void trials_spread(const struct pool *pool, double *median, double *sd)
{
	size_t n;
	double *x = sorted_logs(pool, &n);

	/* A normal distribution has 1.349 deviations between its quartiles. */
	*median = n > 0 ? exp(stats_median_sorted(x, n)) : NAN;
	*sd = n > 0 ? (x[3 * (n - 1) / 4] - x[(n - 1) / 4]) / 1.349 : NAN;
	free(x);
}

/* Draw stretches into @x [n], in which nothing differs but noise. */
static void draw_run(const struct pool *pool, size_t total, double middle,
		     size_t n, struct rng *r, double *x)
{
	for (size_t i = 0; i < n; i += TRIALS_STRETCH) {
		const double *from = draw_stretch(pool, total, r);
		bool other = rng_below(r, 2) == 1;

		for (size_t j = 0; j < TRIALS_STRETCH && i + j < n; j++)
			x[i + j] = other ? middle / from[j] : from[j] / middle;
	}
}

struct tally trials_resample(const struct pool *pool, size_t n, bool looks,
			     double factor, size_t trials, struct rng *r)
{
	double x[TRIALS_BLOCKS], middle, sd;
	struct tally t = {0};
	size_t total = 0;

	CHECK(n <= TRIALS_BLOCKS);
	for (size_t s = 0; s < pool->n; s++)
		total += stretches_of(&pool->series[s]);
	trials_spread(pool, &middle, &sd);
	for (size_t k = 0; k < trials && total > 0; k++) {
		draw_run(pool, total, middle, n, r, x);
		for (size_t i = 0; i < n; i++)
			x[i] *= factor;
		count_verdict(&t, trials_judge(x, n, looks));
	}
	return t;
}

double trials_jackknife(const struct pool *pool,
			double (*share)(const struct pool *part,
					const void *data),
			const void *data)
{
	double sum = 0, square = 0, n = (double)pool->n, off;
	struct series *rest;

	if (pool->n < 2)
		return INFINITY;
	rest = calloc(pool->n, sizeof(*rest));
	CHECK(rest);
	for (size_t out = 0; out < pool->n; out++) {
		const struct pool part = {rest, pool->n - 1};
		double x;

		for (size_t i = 0, k = 0; i < pool->n; i++) {
			if (i != out)
				rest[k++] = pool->series[i];
		}
		x = share(&part, data);
		sum += x;
		square += x * x;
	}
	free(rest);
	/* (n - 1) / n times the sum of squared deviations. */
	off = fmax(0, square - sum * sum / n) * (n - 1) / n;
	return stats_student(CONFIDENCE, pool->n - 1) * sqrt(off);
}

/* P(Binomial(n, p) <= k), 0 < p < 1. */
static double binomial_cdf(size_t k, size_t n, double p)
{
	double sum = 0, all = lgamma((double)n + 1);

	for (size_t i = 0; i <= k; i++) {
		double a = (double)i, b = (double)(n - i);

		sum += exp(all - lgamma(a + 1) - lgamma(b + 1) + a * log(p) +
			   b * log1p(-p));
	}
	return sum;
}

/* The p at which at most @k of @n are seen with probability @tail. */
static double solve_share(size_t k, size_t n, double tail)
{
	double low = 0, high = 1;

	for (int i = 0; i < 60; i++) {
		double p = (low + high) / 2;

		if (binomial_cdf(k, n, p) > tail)
			low = p;
		else
			high = p;
	}
	return (low + high) / 2;
}

void trials_share(size_t count, size_t trials, double *low, double *high)
{
	double tail = (1 - CONFIDENCE) / 2;

	*low = count == 0 ? 0 : solve_share(count - 1, trials, 1 - tail);
	*high = count == trials ? 1 : solve_share(count, trials, tail);
}
