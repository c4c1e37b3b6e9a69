#include "harness/usl.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/stats.h"
#include "harness/usl_search.h"

#define DRAWS 1000
#define SEED UINT64_C(0x75736c) /* "usl"; any would do */
#define CONFIDENCE 0.95
#define BETA_MAX 1e6     /* two workers do a millionth of what one does */
#define WIDTH_MIN 1e-3   /* of the point's own throughput */
#define WIDTH_FLOOR 1e-9 /* of the largest throughput: keeps weights finite */

/* What a draw of blocks says, each with its own interval. */
enum said {
	SAID_GAMMA,
	SAID_ALPHA,
	SAID_BETA,
	SAID_PEAK,
	SAID
};

/* The caller's blocks, which of them are drawn, and what came of it. */
struct draws {
	const double *per_s; /* [n][blocks] */
	size_t blocks;
	uint64_t *drawn; /* [blocks] */
	double *row;     /* [blocks] scratch: values of one worker count */
	size_t n_fits;
	double *fits[SAID]; /* [DRAWS] each */
};

double usl_at(const struct usl_model *m, double n)
{
	return m->gamma * n / (1 + m->alpha * (n - 1) + m->beta * n * (n - 1));
}

static double peak_of(const struct usl_model *m)
{
	return m->beta > 0 ? sqrt((1 - m->alpha) / m->beta) : INFINITY;
}

/*
 * Put the values that worker count @i has in the blocks drawn into the row;
 * returns how many.
 */
static size_t gather(const struct draws *d, size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < d->blocks; k++) {
		double x = d->per_s[i * d->blocks + d->drawn[k]];

		if (!isnan(x))
			d->row[n++] = x;
	}
	return n;
}

/*
 * Make the points of all blocks, in units of *@ret_scale tasks per second, or
 * say why there are none.
 */
static int make_points(const struct draws *d, struct usl_points *p,
		       double *ret_scale)
{
	double scale = 0;
	size_t fewest = USL_BLOCKS;

	for (size_t k = 0; k < d->blocks; k++)
		d->drawn[k] = k;
	for (size_t i = 0; i < p->n; i++) {
		size_t n = gather(d, i);
		struct estimate e;

		for (size_t k = 0; k < n; k++)
			if (!(d->row[k] > 0) || isinf(d->row[k]))
				return -EINVAL;
		if (n == 0)
			return -EINVAL;
		if (n < fewest)
			fewest = n;
		e = stats_median_interval(d->row, n, CONFIDENCE);
		p->per_s[i] = e.median;
		p->weight[i] = fmax(e.high - e.low, WIDTH_MIN * e.median);
		scale = fmax(scale, e.median);
	}
	if (fewest < USL_BLOCKS)
		return -ENODATA;
	for (size_t i = 0; i < p->n; i++) {
		double width = fmax(p->weight[i] / scale, WIDTH_FLOOR);

		p->per_s[i] /= scale;
		p->weight[i] = 1 / (width * width);
	}
	*ret_scale = scale;
	return 0;
}

/* Make the points of the blocks drawn; false: a worker count has no value. */
static bool draw_points(const struct draws *d, double scale,
			struct usl_points *p)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t n = gather(d, i);

		if (n == 0)
			return false;
		stats_sort(d->row, n);
		p->per_s[i] = stats_median_sorted(d->row, n) / scale;
	}
	return true;
}

/*
 * Fit DRAWS draws.  One that leaves a worker count without a value is passed
 * over: one in 400 if only 6 of very many blocks have it.
 */
static void fit_draws(struct draws *d, double scale, struct usl_points *p)
{
	struct rng rng = {.state = SEED};

	for (size_t draw = 0; draw < DRAWS; draw++) {
		struct usl_model m;

		for (size_t k = 0; k < d->blocks; k++)
			d->drawn[k] = rng_below(&rng, d->blocks);
		if (!draw_points(d, scale, p))
			continue;
		m = usl_search(p, BETA_MAX);
		d->fits[SAID_GAMMA][d->n_fits] = m.gamma * scale;
		d->fits[SAID_ALPHA][d->n_fits] = m.alpha;
		d->fits[SAID_BETA][d->n_fits] = m.beta;
		d->fits[SAID_PEAK][d->n_fits] = peak_of(&m);
		d->n_fits++;
	}
}

/* The middle 95 % of the fits, stretched to contain @value. */
static void interval(const struct draws *d, enum said what, double value,
		     double *ret_low, double *ret_high)
{
	double *fits = d->fits[what];
	size_t cut = (size_t)((1 - CONFIDENCE) / 2 * (double)d->n_fits);

	*ret_low = *ret_high = value;
	if (d->n_fits == 0)
		return;
	stats_sort(fits, d->n_fits);
	*ret_low = fmin(fits[cut], value);
	*ret_high = fmax(fits[d->n_fits - 1 - cut], value);
}

static void find_peak(const struct draws *d, const struct usl_points *p,
		      struct usl *u)
{
	double peak = peak_of(&u->model), low, high;

	interval(d, SAID_PEAK, peak, &low, &high);
	if (low < p->workers[0] || high > p->workers[p->n - 1])
		return;
	u->has_peak = true;
	u->peak = peak;
	u->peak_low = low;
	u->peak_high = high;
}

static void find_worst(const struct usl_points *p, double scale, struct usl *u)
{
	for (size_t i = 0; i < p->n; i++) {
		double law = usl_at(&u->model, p->workers[i]) / scale;
		double residual = fabs(p->per_s[i] - law) / p->per_s[i];

		if (residual < u->worst_residual)
			continue;
		u->worst_residual = residual;
		u->worst_workers = p->workers[i];
	}
}

/* @p has room for its points, @d for everything but what it says. */
static int fit(struct draws *d, struct usl_points *p, struct usl *ret)
{
	struct usl u = {.amdahl = false};
	double scale;
	int r = make_points(d, p, &scale);

	if (r < 0)
		return r;
	u.model = usl_search(p, BETA_MAX);
	u.model.gamma *= scale;
	u.without_beta = usl_search(p, 0);
	u.without_beta.gamma *= scale;
	find_worst(p, scale, &u);

	fit_draws(d, scale, p);
	interval(d, SAID_GAMMA, u.model.gamma, &u.low.gamma, &u.high.gamma);
	interval(d, SAID_ALPHA, u.model.alpha, &u.low.alpha, &u.high.alpha);
	interval(d, SAID_BETA, u.model.beta, &u.low.beta, &u.high.beta);
	find_peak(d, p, &u);
	u.amdahl = !(u.low.beta > 0);
	*ret = u;
	return 0;
}

int usl_fit(const uint32_t *workers, size_t n, const double *per_s,
	    size_t blocks, struct usl *ret)
{
	struct draws d = {.per_s = per_s, .blocks = blocks};
	struct usl_points p = {.n = n, .workers = workers};
	double *room;
	int r = -ENOMEM;

	for (size_t i = 0; i < n; i++)
		if (workers[i] <= (i > 0 ? workers[i - 1] : 0))
			return -EINVAL;
	if (n < USL_POINTS || blocks < USL_BLOCKS)
		return -ENODATA;
	room = calloc(2 * n + blocks + SAID * DRAWS, sizeof(*room));
	d.drawn = calloc(blocks, sizeof(*d.drawn));
	if (room && d.drawn) {
		p.per_s = room;
		p.weight = room + n;
		d.row = room + 2 * n;
		for (size_t i = 0; i < SAID; i++)
			d.fits[i] = d.row + blocks + i * DRAWS;
		r = fit(&d, &p, ret);
	}
	free(d.drawn);
	free(room);
	return r;
}
