#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/usl.h"
#include "harness/usl_search.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#define POINTS 8
#define BLOCKS 12

static const uint32_t eight[POINTS] = {1, 2, 3, 4, 5, 6, 7, 8};

/* Uniform in (0, 1). */
static double uniform(struct rng *r)
{
	return ((double)(rng_next(r) >> 12) + 0.5) * 0x1p-52;
}

/* Nearly normal, mean 0, deviation 1. */
static double normal(struct rng *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(r);
	return sum;
}

static void assert_near(double is, double should, double allowed)
{
	if (!(fabs(is - should) <= allowed))
		fail_msg("%.9g is not within %g of %.9g", is, allowed, should);
}

/* Blocks of @m's own throughputs, each off by a share of about @noise. */
static void make_blocks(const struct usl_model *m, double noise, uint64_t seed,
			double per_s[POINTS * BLOCKS])
{
	struct rng rng = {.state = seed};

	for (size_t i = 0; i < POINTS; i++)
		for (size_t k = 0; k < BLOCKS; k++)
			per_s[i * BLOCKS + k] =
				usl_at(m, eight[i]) * exp(noise * normal(&rng));
}

static struct usl fit_model(const struct usl_model *m, double noise,
			    uint64_t seed)
{
	double per_s[POINTS * BLOCKS];
	struct usl u;

	make_blocks(m, noise, seed, per_s);
	assert_int_equal(usl_fit(eight, POINTS, per_s, BLOCKS, &u), 0);
	return u;
}

/*
 * Seven blocks whose median is @x[i] and whose interval, from the least to the
 * greatest of the seven, is as wide as @width[i].
 */
static struct usl fit_points(const uint32_t *workers, size_t n, const double *x,
			     const double *width)
{
	double per_s[POINTS * 7];
	struct usl u;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 7; k++)
			per_s[i * 7 + (size_t)k] =
				x[i] + width[i] * (k - 3) / 6.0;
	assert_int_equal(usl_fit(workers, n, per_s, 7, &u), 0);
	return u;
}

static void law_is_the_formula(void **state)
{
	const struct usl_model m = {.gamma = 100, .alpha = 0.1, .beta = 0.01};

	(void)state;
	assert_true(usl_at(&m, 1) == 100);
	assert_near(usl_at(&m, 2), 200 / 1.12, 1e-12);
	assert_near(usl_at(&m, 4), 400 / 1.42, 1e-12);
}

static void exact_data_give_the_exact_law(void **state)
{
	static const struct usl_model laws[] = {
		{1, 0, 0},          {100, 0.05, 0},    {3e6, 0, 0.001},
		{0.02, 0.1, 0.003}, {1e9, 0.7, 0.2},   {5, 1, 0},
		{5, 1, 0.5},        {7, 1e-4, 1e-5},   {9, 0.3, 20},
		{1e-9, 0.5, 0.05},  {1e200, 0.2, 0.1}, {1e-200, 0.2, 0.1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
		struct usl u = fit_model(&laws[i], 0, 1);

		assert_near(u.model.gamma / laws[i].gamma, 1, 1e-7);
		assert_near(u.model.alpha, laws[i].alpha, 1e-7);
		assert_near(u.model.beta, laws[i].beta,
			    1e-8 + 1e-7 * laws[i].beta);
		assert_near(u.worst_residual, 0, 1e-7);
		assert_int_equal(u.amdahl, laws[i].beta == 0);
		assert_near(u.high.alpha - u.low.alpha, 0, 1e-7);
	}
}

/*
 * SPEC SDM91 on a SPARCcenter 2000, throughput of 1 to 216 users, from Gunther's
 * book; all points weigh the same.  What the R package usl 3 prints for it:
 * alpha 0.0277285, beta 0.0001044, gamma 89.9952330, fitted 90
 * 1078 1541 1850 1879 1822 1646.
 */
static void agrees_with_r(void **state)
{
	static const uint32_t users[] = {1, 18, 36, 72, 108, 144, 216};
	static const double per_h[] = {64.9,   995.9,  1652.4, 1853.2,
				       1828.9, 1775.0, 1702.2};
	static const double width[] = {9, 9, 9, 9, 9, 9, 9};
	static const double fitted[] = {90, 1078, 1541, 1850, 1879, 1822, 1646};
	struct usl u = fit_points(users, 7, per_h, width);

	(void)state;
	assert_near(u.model.alpha, 0.0277285, 5e-8);
	assert_near(u.model.beta, 0.0001044, 5e-8);
	assert_near(u.model.gamma, 89.9952330, 5e-7);
	for (size_t i = 0; i < 7; i++)
		assert_near(usl_at(&u.model, users[i]), fitted[i], 0.5);
	assert_true(u.has_peak);
	assert_near(u.peak, 96.5, 0.05);
	assert_true(u.peak_low <= u.peak && u.peak <= u.peak_high);
	assert_int_equal(u.worst_workers, 1);
	assert_near(u.worst_residual, 89.9952330 / 64.9 - 1, 1e-6);
}

/*
 * A search of another kind, nested golden sections, gives 0.080487 0.014849
 * 100.0773 with these widths, 0.090025 0.013952 101.0274 with s=[1]*6:
 *
 * python3 -c '
 * n=[1,2,3,4,6,8]; x=[100,182,240,280,325,335]; s=[1,4,2,12,3,20]
 * def err(a,b):
 *  f=[k/(1+a*(k-1)+b*k*(k-1)) for k in n]; w=[1/v**2 for v in s]
 *  g=sum(p*q*r for p,q,r in zip(w,f,x))/sum(p*q*q for p,q in zip(w,f))
 *  return sum(p*(r-g*q)**2 for p,q,r in zip(w,f,x)),g
 * def least(f,l,h):
 *  for i in range(99):
 *   p,q=l+(h-l)*.382,l+(h-l)*.618
 *   l,h=(l,q) if f(p)<f(q) else (p,h)
 *  return l
 * b=lambda a: least(lambda b: err(a,b)[0],0,1)
 * a=least(lambda a: err(a,b(a))[0],0,1)
 * print("%.6f %.6f %.4f"%(a,b(a),err(a,b(a))[1]))'
 */
static void weights_follow_the_intervals(void **state)
{
	static const uint32_t workers[] = {1, 2, 3, 4, 6, 8};
	static const double x[] = {100, 182, 240, 280, 325, 335};
	static const double widths[] = {1, 4, 2, 12, 3, 20};
	static const double same[] = {8, 8, 8, 8, 8, 8};
	struct usl u = fit_points(workers, 6, x, widths);

	(void)state;
	assert_near(u.model.alpha, 0.080487, 2e-6);
	assert_near(u.model.beta, 0.014849, 2e-6);
	assert_near(u.model.gamma, 100.0773, 2e-4);
	u = fit_points(workers, 6, x, same);
	assert_near(u.model.alpha, 0.090025, 2e-6);
	assert_near(u.model.beta, 0.013952, 2e-6);
	assert_near(u.model.gamma, 101.0274, 2e-4);
}

/* A point without any spread weighs as one of 0.1 %, not infinitely much. */
static void luck_has_a_limit(void **state)
{
	static const double x[] = {100, 180, 250, 310, 350, 390, 410, 430};
	static const double lucky[] = {0, 1, 1, 1, 1, 1, 1, 1};
	static const double limit[] = {0.1, 1, 1, 1, 1, 1, 1, 1};
	struct usl u = fit_points(eight, POINTS, x, lucky);
	struct usl v = fit_points(eight, POINTS, x, limit);

	(void)state;
	assert_near(u.model.alpha, v.model.alpha, 1e-9);
	assert_near(u.model.beta, v.model.beta, 1e-9);
}

/* 5 % of noise: the law is found again, and most intervals contain it. */
static void noise_does_not_hide_the_law(void **state)
{
	const struct usl_model m = {.gamma = 1000, .alpha = 0.1, .beta = 0.02};
	int alphas = 0, betas = 0, gammas = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct usl u = fit_model(&m, 0.05, seed);

		assert_near(u.model.gamma, m.gamma, 0.12 * m.gamma);
		assert_near(u.model.alpha, m.alpha, 0.12);
		assert_near(u.model.beta, m.beta, 0.015);
		assert_true(u.worst_residual < 0.15);
		gammas += u.low.gamma <= m.gamma && m.gamma <= u.high.gamma;
		alphas += u.low.alpha <= m.alpha && m.alpha <= u.high.alpha;
		betas += u.low.beta <= m.beta && m.beta <= u.high.beta;
	}
	assert_true(gammas >= 90 && alphas >= 90 && betas >= 90);
}

static void amdahl_is_offered_where_beta_may_be_0(void **state)
{
	const struct usl_model amdahl = {.gamma = 50, .alpha = 0.2};
	const struct usl_model other = {.gamma = 50, .alpha = 0, .beta = 0.05};
	struct usl u = fit_model(&amdahl, 0.02, 7);
	int positive = 0, offered = 0;

	(void)state;
	assert_true(u.amdahl);
	assert_true(u.low.beta == 0 && u.without_beta.beta == 0);
	assert_near(u.without_beta.alpha, 0.2, 0.02);
	assert_near(u.without_beta.gamma, 50, 1.5);
	assert_false(u.has_peak);

	/* Chance makes some betas positive; their intervals reach 0 still. */
	for (uint64_t seed = 0; seed < 20; seed++) {
		u = fit_model(&amdahl, 0.02, seed);
		positive += u.model.beta > 0;
		offered += u.amdahl;
		assert_int_equal(u.amdahl, u.low.beta == 0);
	}
	assert_true(offered >= 18 && positive > 5);

	u = fit_model(&other, 0.02, 7);
	assert_false(u.amdahl);
	assert_true(u.low.beta > 0);
	assert_true(u.without_beta.beta == 0);
}

static void peak_is_told_only_where_it_was_measured(void **state)
{
	const struct usl_model inside = {1, 0.1, 0.9 / 25}; /* at 5 */
	const struct usl_model beyond = {1, 0.1, 0.9 / 144};
	const struct usl_model before = {1, 0.1, 4};
	const struct usl_model edge = {1, 0.1, 0.9 / 42}; /* at 6.5 */
	struct usl u = fit_model(&inside, 0, 1);
	int told = 0, not_told = 0;

	(void)state;
	assert_true(u.has_peak);
	assert_near(u.peak, 5, 1e-5);
	assert_near(u.peak_low, 5, 1e-5);
	assert_near(u.peak_high, 5, 1e-5);
	u = fit_model(&inside, 0.03, 1);
	assert_true(u.has_peak);
	assert_true(u.peak_low < u.peak && u.peak < u.peak_high);
	assert_true(u.peak_low >= 1 && u.peak_high <= 8);

	u = fit_model(&beyond, 0, 1);
	assert_false(u.has_peak);
	assert_true(u.peak == 0 && u.peak_low == 0 && u.peak_high == 0);
	u = fit_model(&before, 0, 1);
	assert_false(u.has_peak);

	/* The fits are inside, not all of their intervals are. */
	for (uint64_t seed = 0; seed < 20; seed++) {
		u = fit_model(&edge, 0.1, seed);
		if (sqrt((1 - u.model.alpha) / u.model.beta) >= 8)
			continue;
		told += u.has_peak;
		not_told += !u.has_peak;
		assert_true(u.peak_high <= 8);
	}
	assert_true(told > 0 && not_told > 0);
}

/* More than twice the work with twice the workers: no such law, so residuals. */
static void parameters_stay_within_bounds(void **state)
{
	static const double more[] = {1, 3, 6, 10, 15, 21, 28, 36};
	static const double less[] = {64, 16, 7, 4, 2.5, 1.8, 1.3, 1};
	static const double width[] = {0.01, 0.01, 0.01, 0.01,
				       0.01, 0.01, 0.01, 0.01};
	struct usl u = fit_points(eight, POINTS, more, width);

	(void)state;
	assert_true(u.model.alpha == 0 && u.model.beta == 0);
	assert_true(u.low.alpha == 0 && u.high.beta == 0);
	assert_true(u.worst_residual > 0.5);
	assert_int_equal(u.worst_workers, 1);
	u = fit_points(eight, POINTS, less, width);
	assert_true(u.model.alpha >= 0 && u.model.alpha <= 1);
	assert_true(u.model.beta > 1);
}

static void same_data_same_numbers(void **state)
{
	const struct usl_model m = {.gamma = 10, .alpha = 0.2, .beta = 0.03};
	struct usl u = fit_model(&m, 0.05, 5), v = fit_model(&m, 0.05, 5);

	(void)state;
	assert_memory_equal(&u.model, &v.model, sizeof(u.model));
	assert_memory_equal(&u.low, &v.low, sizeof(u.low));
	assert_memory_equal(&u.high, &v.high, sizeof(u.high));
	assert_true(u.peak == v.peak && u.peak_low == v.peak_low &&
		    u.peak_high == v.peak_high);
}

/* An absent value is as good as a block less for this worker count. */
static void absent_values_are_left_out(void **state)
{
	const struct usl_model m = {.gamma = 10, .alpha = 0.2, .beta = 0.03};
	double per_s[POINTS * BLOCKS];
	struct usl u;

	(void)state;
	make_blocks(&m, 0, 1, per_s);
	for (size_t i = 0; i < POINTS; i++)
		for (size_t k = 0; k < 6; k++)
			per_s[i * BLOCKS + (i + k) % BLOCKS] = NAN;
	assert_int_equal(usl_fit(eight, POINTS, per_s, BLOCKS, &u), 0);
	assert_near(u.model.alpha, 0.2, 1e-7);
	assert_near(u.low.beta, 0.03, 1e-7);
	assert_near(u.high.beta, 0.03, 1e-7);
}

static void refusals(void **state)
{
	static const uint32_t twice[POINTS] = {1, 2, 3, 4, 5, 6, 6, 8};
	static const uint32_t nobody[POINTS] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct usl_model m = {.gamma = 10, .alpha = 0.2};
	static const double bad[] = {0, -1, INFINITY, -INFINITY};
	double per_s[POINTS * BLOCKS];
	struct usl u, before;

	(void)state;
	memset(&u, 0x5a, sizeof(u));
	before = u;
	make_blocks(&m, 0.1, 1, per_s);
	assert_int_equal(usl_fit(eight, 5, per_s, BLOCKS, &u), -ENODATA);
	assert_int_equal(usl_fit(eight, 0, NULL, 0, &u), -ENODATA);
	assert_int_equal(usl_fit(eight, POINTS, per_s, 5, &u), -ENODATA);
	assert_int_equal(usl_fit(twice, POINTS, per_s, BLOCKS, &u), -EINVAL);
	assert_int_equal(usl_fit(nobody, POINTS, per_s, BLOCKS, &u), -EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		double good = per_s[30];

		per_s[30] = bad[i];
		assert_int_equal(usl_fit(eight, POINTS, per_s, BLOCKS, &u),
				 -EINVAL);
		per_s[30] = good;
	}
	for (size_t k = 0; k < 7; k++)
		per_s[3 * BLOCKS + k] = NAN;
	assert_int_equal(usl_fit(eight, POINTS, per_s, BLOCKS, &u), -ENODATA);
	for (size_t k = 7; k < BLOCKS; k++)
		per_s[3 * BLOCKS + k] = NAN;
	assert_int_equal(usl_fit(eight, POINTS, per_s, BLOCKS, &u), -EINVAL);
	assert_memory_equal(&u, &before, sizeof(u));
}

static double error_of(const struct usl_points *p, const struct usl_model *m)
{
	double error = 0;

	for (size_t i = 0; i < p->n; i++) {
		double rest = p->per_s[i] - usl_at(m, p->workers[i]);

		error += p->weight[i] * rest * rest;
	}
	return error;
}

/* The gamma for which the derivative of the error is 0. */
static void best_gamma(const struct usl_points *p, struct usl_model *m)
{
	double ff = 0, fx = 0;

	m->gamma = 1;
	for (size_t i = 0; i < p->n; i++) {
		double f = usl_at(m, p->workers[i]);

		ff += p->weight[i] * f * f;
		fx += p->weight[i] * f * p->per_s[i];
	}
	m->gamma = fx / ff;
}

/* Whatever the data, no law on a fine net is better than the one found. */
static void nothing_is_better(void **state)
{
	struct rng rng = {.state = 3};

	(void)state;
	for (int round = 0; round < 100; round++) {
		double per_s[POINTS], weight[POINTS], found;
		struct usl_points p = {POINTS, eight, per_s, weight};
		struct usl_model m;

		for (size_t i = 0; i < POINTS; i++) {
			per_s[i] = 0.01 + uniform(&rng);
			weight[i] = exp(10 * uniform(&rng));
		}
		m = usl_search(&p, 1e6);
		found = error_of(&p, &m);
		for (int i = 0; i <= 50; i++) {
			for (int j = 0; j <= 60; j++) {
				m.alpha = i / 50.0;
				m.beta = j > 0 ? pow(10, j / 6.0 - 7) : 0;
				best_gamma(&p, &m);
				assert_true(found <=
					    error_of(&p, &m) * (1 + 1e-9));
			}
		}
	}
}

static void check_model(const struct usl_model *m)
{
	assert_true(isfinite(m->gamma) && m->gamma > 0);
	assert_true(m->alpha >= 0 && m->alpha <= 1);
	assert_true(isfinite(m->beta) && m->beta >= 0);
}

static void nothing_is_ever_nan(void **state)
{
	struct rng rng = {.state = 11};

	(void)state;
	for (int round = 0; round < 100; round++) {
		uint32_t workers[POINTS], n = 0;
		double per_s[POINTS * BLOCKS];
		double reach = round % 4 * 40; /* e^0 to e^±60 */
		struct usl u;

		for (size_t i = 0; i < POINTS; i++) {
			double x = exp(reach * (uniform(&rng) - 0.5));

			workers[i] = n += 1 + (uint32_t)rng_below(&rng, 200);
			for (size_t k = 0; k < BLOCKS; k++)
				per_s[i * BLOCKS + k] =
					x * exp(reach / 20 * uniform(&rng));
		}
		assert_int_equal(usl_fit(workers, POINTS, per_s, BLOCKS, &u),
				 0);
		check_model(&u.model);
		check_model(&u.low);
		check_model(&u.high);
		check_model(&u.without_beta);
		assert_true(u.low.gamma <= u.model.gamma &&
			    u.model.gamma <= u.high.gamma);
		assert_true(u.low.alpha <= u.model.alpha &&
			    u.model.alpha <= u.high.alpha);
		assert_true(u.low.beta <= u.model.beta &&
			    u.model.beta <= u.high.beta);
		assert_true(isfinite(u.worst_residual));
		assert_true(isfinite(u.peak_low) && isfinite(u.peak_high));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(law_is_the_formula),
		cmocka_unit_test(exact_data_give_the_exact_law),
		cmocka_unit_test(agrees_with_r),
		cmocka_unit_test(weights_follow_the_intervals),
		cmocka_unit_test(luck_has_a_limit),
		cmocka_unit_test(noise_does_not_hide_the_law),
		cmocka_unit_test(amdahl_is_offered_where_beta_may_be_0),
		cmocka_unit_test(peak_is_told_only_where_it_was_measured),
		cmocka_unit_test(parameters_stay_within_bounds),
		cmocka_unit_test(same_data_same_numbers),
		cmocka_unit_test(absent_values_are_left_out),
		cmocka_unit_test(refusals),
		cmocka_unit_test(nothing_is_better),
		cmocka_unit_test(nothing_is_ever_nan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
