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

struct draft; /* a figure while it is made; plot_internal.h */

/*
 * A kind of figure: what its file says of it.  There is one of it for every
 * workload of its experiment.  A new kind is a file plot_NAME.c, a script in
 * plots/ and a row in plot.c.
 */
struct plot_kind {
	const char *name; /* "throughput": files are called NAME-WORKLOAD */
	const char *experiment; /* whose cells it shows */
	const char *script;     /* text of the script in plots/ */

	/*
	 * Write data, words and what the script needs from the data.  0;
	 * -ENODATA: there is nothing to show; -ENOMEM.
	 */
	int (*draw)(struct draft *d, const char *name);

	/*
	 * A claim that the data make true, or the neutral title; that one also
	 * where a claim is too long.
	 */
	void (*title)(const struct view *v, char *buf, size_t size);
	const char *neutral;

	/* Its section of the page, trusted HTML. */
	const char *heading, *lead; /* what is it about? */
	const char *how;            /* how to read it */
	const char *try;            /* a question for who has read it */
};

/* All kinds, in the order of the page. */
extern const struct plot_kind *const plot_kinds[];
extern const size_t n_plot_kinds;

struct plot {
	char name[80];   /* "throughput-primes" */
	char title[160]; /* what it says, as text */
	char *alt;       /* the numbers in words, for who cannot see it */
	char *data;      /* NAME.dat */
	char *script;    /* NAME.gp */
};

/*
 * Make a figure of @v, a view of the kind's experiment, in memory.  0;
 * -ENODATA: nothing was measured that it could show; -ENOMEM.
 */
int plot_make(const struct view *v, const struct plot_kind *kind,
	      struct plot *ret);

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
