#include "harness/usl_search.h"

#include <math.h>

#include "harness/base.h"

#define STEPS 200 /* at most; some 10 are the rule */
#define DAMPING_MAX 1e8
#define BETA_NONE 1e-9 /* times n squared: what no measurement can see */

/* alpha and beta with the best gamma for them, and how well they fit. */
struct guess {
	double at[2]; /* alpha, beta */
	double gamma;
	double error; /* weighted sum of squares */
};

/* Throughput in units of gamma. */
static double shape(const double at[2], double n)
{
	const struct usl_model m = {.gamma = 1, .alpha = at[0], .beta = at[1]};

	return usl_at(&m, n);
}

/*
 * Given alpha and beta the law is a straight line through 0 in shape(), whose
 * best slope gamma has a closed form.  So only two parameters are searched for.
 */
static struct guess guess_at(const struct usl_points *p, double alpha,
			     double beta)
{
	struct guess g = {.at = {alpha, beta}};
	double ff = 0, fx = 0;

	for (size_t i = 0; i < p->n; i++) {
		double f = shape(g.at, p->workers[i]);

		ff += p->weight[i] * f * f;
		fx += p->weight[i] * f * p->per_s[i];
	}
	g.gamma = fx / ff;
	for (size_t i = 0; i < p->n; i++) {
		double f = shape(g.at, p->workers[i]);
		double rest = p->per_s[i] - g.gamma * f;

		g.error += p->weight[i] * rest * rest;
	}
	return g;
}

/*
 * How the error changes by a step d from @g: about d·A d - 2 b·d.  What gamma
 * can make good does not count, so of each slope only the part that is not
 * along shape() is kept (Kaufman, "A variable projection method for solving
 * separable nonlinear least squares problems", BIT 15, 1975).
 */
static void slopes(const struct usl_points *p, const struct guess *g,
		   double a[2][2], double b[2])
{
	double ff = 0, along[2] = {0, 0};

	for (size_t i = 0; i < p->n; i++) {
		double n = p->workers[i], w = p->weight[i];
		double f = shape(g->at, n);
		double rest = p->per_s[i] - g->gamma * f;
		double to_alpha = -g->gamma * f * f * (n - 1) / n;
		double d[2] = {to_alpha, to_alpha * n};

		ff += w * f * f;
		for (int j = 0; j < 2; j++) {
			along[j] += w * d[j] * f;
			b[j] += w * d[j] * rest;
			a[j][0] += w * d[j] * d[0];
			a[j][1] += w * d[j] * d[1];
		}
	}
	for (int j = 0; j < 2; j++) {
		a[j][0] -= along[j] * along[0] / ff;
		a[j][1] -= along[j] * along[1] / ff;
	}
}

/* Keep in @best whichever of it and @d makes d·A d - 2 b·d smaller. */
static void keep_better(double a[2][2], const double b[2], const double d[2],
			double best[2], double *least)
{
	double value = d[0] * (a[0][0] * d[0] + 2 * a[0][1] * d[1] - 2 * b[0]) +
		       d[1] * (a[1][1] * d[1] - 2 * b[1]);

	if (value < *least) { /* never true of NaN */
		best[0] = d[0];
		best[1] = d[1];
		*least = value;
	}
}

/*
 * The step within @low … @high that makes d·A d - 2 b·d least: where both
 * slopes are 0, or else on an edge of that rectangle.
 */
static void best_step(double a[2][2], const double b[2], const double low[2],
		      const double high[2], double best[2])
{
	double det = a[0][0] * a[1][1] - a[0][1] * a[1][0];
	double d[2] = {(b[0] * a[1][1] - b[1] * a[0][1]) / det,
		       (b[1] * a[0][0] - b[0] * a[1][0]) / det};
	double least = 0;

	best[0] = best[1] = 0;
	if (d[0] >= low[0] && d[0] <= high[0] && d[1] >= low[1] &&
	    d[1] <= high[1])
		keep_better(a, b, d, best, &least);
	for (int j = 0; j < 2; j++) {
		const double edges[2] = {low[j], high[j]};
		int k = 1 - j;

		for (int e = 0; e < 2; e++) {
			d[j] = edges[e];
			d[k] = (b[k] - a[k][j] * d[j]) / a[k][k];
			d[k] = fmin(fmax(d[k], low[k]), high[k]);
			keep_better(a, b, d, best, &least);
		}
	}
}

/* The best of a coarse net of guesses, so that the search starts nearby. */
static struct guess first_guess(const struct usl_points *p, double beta_max)
{
	static const double alphas[] = {0, 0.01, 0.1, 0.3, 0.6, 1};
	static const double betas[] = {0, 1e-6, 1e-4, 1e-2, 1, 100};
	struct guess best = guess_at(p, 0, 0);

	for (size_t i = 0; i < ARRAY_LEN(alphas); i++) {
		for (size_t j = 0; j < ARRAY_LEN(betas); j++) {
			struct guess g = guess_at(p, alphas[i],
						  fmin(betas[j], beta_max));

			if (g.error < best.error)
				best = g;
		}
	}
	return best;
}

/*
 * Levenberg and Marquardt: go where the slopes say, more carefully each time
 * the error has not become smaller (Marquardt, "An algorithm for least-squares
 * estimation of nonlinear parameters", SIAM J. 11, 1963).
 */
struct usl_model usl_search(const struct usl_points *p, double beta_max)
{
	struct guess g = first_guess(p, beta_max);
	double most = p->workers[p->n - 1];
	double damping = 1e-3;

	for (int i = 0; i < STEPS && damping < DAMPING_MAX; i++) {
		const double low[2] = {-g.at[0], -g.at[1]};
		const double high[2] = {1 - g.at[0], beta_max - g.at[1]};
		double a[2][2] = {{0, 0}, {0, 0}}, b[2] = {0, 0}, d[2];
		struct guess next;

		slopes(p, &g, a, b);
		a[0][0] *= 1 + damping;
		a[1][1] *= 1 + damping;
		best_step(a, b, low, high, d);
		next = guess_at(p, fmin(fmax(g.at[0] + d[0], 0), 1),
				fmin(fmax(g.at[1] + d[1], 0), beta_max));
		if (next.error < g.error) {
			g = next;
			damping /= 10;
		} else {
			damping *= 10;
		}
	}
	if (g.at[1] * most * most < BETA_NONE)
		g = guess_at(p, g.at[0], 0);
	return (struct usl_model){g.gamma, g.at[0], g.at[1]};
}
