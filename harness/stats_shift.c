/*
 * Two independent samples: by how much one lies above the other.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/stats.h"

#define EXACT_MAX 60 /* beyond, the normal approximation is as good */

/*
 * Mann and Whitney's U is the number of pairs (x, y) with x > y.  Without a
 * difference all orders of the m + n values are equally likely; so count the
 * orders that have U = u.  The largest value is an x, which is above all n of
 * y and leaves u - n to the others, or it is a y, which adds nothing:
 *
 *	orders(u; m, n) = orders(u - n; m - 1, n) + orders(u; m, n - 1)
 *
 * The rows for all y up to n lie one after the other in @rows, each with @room
 * places; round i of the outer loop turns those of i - 1 values of x into those
 * of i.  Going down, rows[u - n] is still the old one.
 */
static void count_orders(double *rows, size_t m, size_t n, size_t room)
{
	for (size_t j = 0; j <= n; j++)
		rows[j * room] = 1;
	for (size_t i = 1; i <= m; i++) {
		for (size_t j = 1; j <= n; j++) {
			double *row = &rows[j * room];
			const double *fewer = row - room;

			for (size_t u = room; u-- > 0;)
				row[u] = (u >= j ? row[u - j] : 0) + fewer[u];
		}
	}
}

static int rank_exact(size_t m, size_t n, double allowed, size_t *ret)
{
	size_t room = m * n / 2 + 1; /* the other half is its mirror image */
	double *rows = calloc((n + 1) * room, sizeof(*rows));
	double all = 1, tail = 0;
	size_t k = 0;

	if (!rows)
		return -ENOMEM;
	count_orders(rows, m, n, room);
	for (size_t i = 1; i <= m; i++)
		all *= (double)(n + i) / (double)i; /* m + n choose m */
	for (; k < room; k++) {
		tail += rows[n * room + k]; /* now of U < k + 1 */
		if (tail > allowed * all)
			break;
	}
	free(rows);
	*ret = k;
	return 0;
}

/* U is about normal; the half is the correction for continuity. */
static size_t rank_normal(size_t m, size_t n, double allowed)
{
	double pairs = (double)m * (double)n;
	double sd = sqrt(pairs * (double)(m + n + 1) / 12);
	size_t k = 0;

	while (erfc((pairs / 2 - (double)k - 0.5) / sd / sqrt(2)) / 2 <=
	       allowed)
		k++;
	return k;
}

int stats_shift_rank(size_t m, size_t n, double confidence, size_t *ret)
{
	/* As in stats_rank(). */
	double allowed = (1 - confidence) / 2 * (1 + 1e-9);

	if (m == 0 || n == 0) {
		*ret = 0;
		return 0;
	}
	if (m <= EXACT_MAX && n <= EXACT_MAX)
		return rank_exact(m, n, allowed, ret);
	*ret = rank_normal(m, n, allowed);
	return 0;
}

int stats_shift(const double *x, size_t m, const double *y, size_t n,
		double confidence, struct estimate *ret)
{
	struct estimate e = {NAN, NAN, NAN};
	size_t k, pairs = 0;
	double *d;
	int r;

	if (m == 0 || n == 0) {
		*ret = e;
		return 0;
	}
	r = stats_shift_rank(m, n, confidence, &k);
	if (r < 0)
		return r;
	d = calloc(m * n, sizeof(*d));
	if (!d)
		return -ENOMEM;
	for (size_t i = 0; i < m; i++) {
		for (size_t j = 0; j < n; j++)
			d[pairs++] = y[j] - x[i];
	}
	stats_sort(d, pairs);
	e.median = stats_median_sorted(d, pairs);
	if (k > 0) {
		e.low = d[k - 1];
		e.high = d[pairs - k];
	}
	free(d);
	*ret = e;
	return 0;
}
