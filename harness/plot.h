/*
 * plot - figures made by gnuplot.
 *
 * Floor 4.  A figure NAME is three files: NAME.dat, the numbers; NAME.gp, which
 * makes it again when run by `gnuplot NAME.gp' in their folder; and NAME.svg.
 * What depends on the data (ranges, places of labels, titles) is computed here
 * and written as the first part of NAME.gp; the rest is plots/style.gp and the
 * script of the kind of figure, as they are in the source tree.
 */
#ifndef HARNESS_PLOT_H
#define HARNESS_PLOT_H

#include <stddef.h>

#include "harness/compare.h"
#include "harness/summary.h"
#include "harness/view.h"

enum plot_kind {
	PLOT_THROUGHPUT, /* tasks per second against workers */
	PLOT_BREAKDOWN,  /* where a task's time goes: mean phases */
	PLOT_LATENCY,    /* time per task by percentile */
	PLOT_KINDS
};

struct plot {
	char name[80];   /* "throughput-primes" */
	char title[160]; /* what it says, as text */
	char *alt;       /* the numbers in words, for who cannot see it */
	char *data;      /* NAME.dat */
	char *script;    /* NAME.gp */
};

/*
 * Make a figure in memory.  0; -ENODATA: nothing was measured that it could
 * show; -ENOMEM.
 */
int plot_make(const struct view *v, enum plot_kind kind, struct plot *ret);

/*
 * The figure @name of a comparison in which the second run is called @letter.
 * The same.
 */
int plot_compare(const struct comparison *c, char letter, const char *name,
		 struct plot *ret);

/* Accepts a zeroed struct. */
void plot_done(struct plot *p);

/*
 * Write the three files of @p into @folder and have gnuplot draw.  0 or -errno;
 * -ENOENT: there is no gnuplot, but data and script were written; -EIO: gnuplot
 * failed, and @error (of @error_size bytes) says at what; -ENOTDIR: there is no
 * such folder.  An SVG of before never stays.
 */
int plot_write(const struct plot *p, const char *folder, char *error,
	       size_t error_size);

/*
 * Write all figures into @dir/plots and have gnuplot draw them, as plot_write() does;
 * -ENOTDIR: there is no folder @dir.
 */
int plot_all(const struct summary *s, const char *dir, char *error,
	     size_t error_size);

#endif
