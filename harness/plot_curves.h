/*
 * Curves of time by percentile: what the figures of latency share.
 */
#ifndef HARNESS_PLOT_CURVES_H
#define HARNESS_PLOT_CURVES_H

#include "harness/histogram.h"
#include "harness/plot_internal.h"

/* A curve: a time, in ns, for each share of view_share(). */
struct curve {
	const char *label; /* of its data; outlives the curve */
	struct look look;
	double ns[VIEW_SHARES];
	struct estimate band[VIEW_SHARES]; /* only if curves.bands */
	unsigned end; /* the last step with enough tasks; 0: not even one */
	char name[64], second[64]; /* beside its end */
};

struct curves {
	struct curve *list; /* [n] */
	size_t n;
	bool bands;
	const char *axis; /* what the times are */

	struct canvas c;
	double x_max;     /* end of the axis, in powers of ten */
	double low, high; /* ends of the other, ns */
};

/* Set times and end of @curve; whether there is anything to draw. */
bool curve_set(struct curve *curve, const struct histogram *h);

/*
 * Draw @cs->list in @d, whose size this decides; with the script
 * plots/latency.gp.  0 or -ENOMEM.
 */
int curves_draw(struct curves *cs, const struct draft *d, const char *name,
		const char *subtitle);

/* "p50 0.97 ms, p99 2.40 ms" of @h: p99 only where it has its tasks. */
void curve_percentiles(const struct histogram *h, char *buf, size_t size);

#endif
