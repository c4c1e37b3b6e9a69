/*
 * usl_search - least squares for the Universal Scalability Law.  Pure.
 *
 * Floor 1, of the module stats, for usl.c alone.
 */
#ifndef HARNESS_USL_SEARCH_H
#define HARNESS_USL_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/usl.h"

/*
 * What the law is fitted to.  Throughputs are in units of the largest and
 * weights at most 1e18, so that no sum of squares overflows.
 */
struct usl_points {
	size_t n;
	const uint32_t *workers; /* [n] ascending, from 1 up */
	double *per_s;           /* [n] > 0 */
	double *weight;          /* [n] > 0 */
};

/*
 * The law with the least sum of weight (measured - law) squared, alpha within
 * [0, 1] and beta within [0, @beta_max].  Every number is finite.
 */
struct usl_model usl_search(const struct usl_points *p, double beta_max);

#endif
