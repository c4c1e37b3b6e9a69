/*
 * plot_throughput - the figure of throughput against workers while it is made.
 */
#ifndef HARNESS_PLOT_THROUGHPUT_H
#define HARNESS_PLOT_THROUGHPUT_H

#include "harness/plot_internal.h"

struct throughput {
	const struct view *v;
	struct canvas c;
	const char **models; /* [n]: those with a curve */
	struct look *looks;  /* [n] */
	size_t n;

	const struct cell_summary *serial; /* has a mark, no curve; or NULL */
	double unit;                       /* ideal of one worker; NaN */
	bool log_axis;
	double first, last;  /* positions */
	double x_min, x_max; /* ends of the axis, as positions */
	double y_max;
	struct tics y;
};

/* Decide which models have a curve, and whether the serial one has a mark. */
void throughput_choose(struct throughput *f);

/* Decide how far the axes go, and where they are. */
void throughput_scale(struct throughput *f);

/* Write the axes' ends, tics and numbers. */
void throughput_tics(const struct throughput *f);

/* Where on the axis of workers, and in pixels on the canvas. */
double throughput_position(const struct throughput *f, double workers);
double throughput_x(const struct throughput *f, double workers);
double throughput_y(const struct throughput *f, double per_s);

/* The ideal throughput of so many workers. */
double throughput_ideal(const struct throughput *f, double workers);

#endif
