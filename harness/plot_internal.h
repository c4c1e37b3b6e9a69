/*
 * What the files of plot share: a canvas on which text and lines have places
 * in pixels from the top left corner, and what decides these places.
 */
#ifndef HARNESS_PLOT_INTERNAL_H
#define HARNESS_PLOT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/look.h"
#include "harness/number.h"
#include "harness/plot.h"
#include "harness/view.h"

/* Sizes of letters, in pixels. */
#define SIZE_TITLE 18.0
#define SIZE_TEXT 14.0
#define SIZE_SMALL 12.5

#define INK "#1F2328"  /* text */
#define GREY "#57606A" /* text that is less important; 6:1 on white */
#define MARK "#8A9199" /* lines that are not data */

#define LABEL_HEIGHT 36.0 /* a name and a small line below it */

enum align {
	ALIGN_LEFT,
	ALIGN_CENTRE,
	ALIGN_RIGHT
};

struct text_style {
	double size;
	enum align align;
	const char *colour;
	bool bold;
};

struct canvas {
	FILE *gp; /* the script being written */
	double width, height;
	double left, right, top, bottom; /* of the box of the axes */
};

/* A figure while it is made: what it shows, and where it is written. */
struct draft {
	const struct view *v;
	const struct comparison *compared; /* or this, for plot_compare() */
	char letter;                       /* of its second run */
	FILE *data, *gp, *alt;             /* to be written */
	char title[160];
};

/* The first lines of a script, up to and with title and subtitle. */
void canvas_begin(const struct canvas *c, const char *name, const char *title,
		  const char *subtitle);

/* @text, vertically centred at @y. */
void canvas_text(const struct canvas *c, double x, double y,
		 const struct text_style *style, const char *text);

void canvas_line(const struct canvas *c, double x1, double y1, double x2,
		 double y2, const char *colour, double width, const char *dash);

/* A filled rectangle behind all data; @opacity 0 to 1. */
void canvas_box(const struct canvas *c, double x1, double y1, double x2,
		double y2, const char *colour, double opacity);

/* A marker of gnuplot's type @point. */
void canvas_point(const struct canvas *c, double x, double y, int point,
		  double size, const char *colour);

/* Names, colours, markers and dashes of the @n models as gnuplot arrays. */
void canvas_models(const struct canvas *c, const char *const *names,
		   const struct look *looks, size_t n);

/* How a phase is drawn: in other colours than any model. */
struct phase_look {
	const char *label, *colour, *text; /* of letters on the colour */
};
extern const struct phase_look phase_looks[PHASES];

/* Labels and colours of the @n @phases as gnuplot arrays. */
void canvas_phases(const struct canvas *c, const enum phase *phases, size_t n);

/*
 * Squares and words at height @y; a second line where they would leave the
 * figure.
 */
void canvas_phase_legend(const struct canvas *c, const enum phase *phases,
			 size_t n, double y);

/* Write @text as a gnuplot string in single quotes. */
void plot_quote(FILE *out, const char *text);

/* Say below the axes which models have no curve, if any: the others. */
void canvas_missing(const struct canvas *c, const struct view *v,
		    const char *const *drawn, size_t n);

/* Write @text as a line of comment, whatever is in it. */
void plot_comment(FILE *out, const char *text);

/*
 * How the cell of a figure at v->focus is called: "threads", or with its
 * workers if they are other than those of the figure: "serial (1 worker)".
 */
void plot_cell_name(const struct view *v, const struct cell_summary *c,
		    char name[64]);

/* About how wide @text is in Liberation Sans, Arial or Helvetica. */
double plot_text_width(const char *text, double size, bool bold);

/*
 * Move the @n places @y apart, so that no two are closer than @gap, as little
 * as possible (least squares), and into [@low, @high] if there is room.  Their
 * order stays; equal ones keep that of the array.  0 or -ENOMEM.
 */
int plot_spread(double *y, size_t n, double gap, double low, double high);

/* One name with a second line at the right end of a curve. */
struct end_label {
	double x, y; /* where the curve ends */
	const char *colour, *line_colour;
	char name[64], second[64];
};

/* Draw @labels to the right of the axes, spread, with leader lines. */
int canvas_end_labels(const struct canvas *c, const struct end_label *labels,
		      size_t n);

/* How high the box must be for @n labels to fit beside it. */
double plot_labels_height(size_t n);

/* A row of a chart that has its models one below the other. */
struct plot_row {
	const char *model;
	struct look look;
	char label[48]; /* what this row is of the model */
	double y;       /* its middle, pixels */
};

/* All its rows, and the models that have some. */
struct plot_rows {
	const struct view *v;
	struct plot_row *list; /* [n] */
	size_t n;
	const char **models; /* [n_models] */
	struct look *looks;  /* [n_models] */
	size_t n_models;
};

/* No row yet, room for @most.  0 or -ENOMEM; plot_rows_done() in any case. */
int plot_rows_init(struct plot_rows *rows, const struct view *v, size_t most);
void plot_rows_done(struct plot_rows *rows);

/* Add a row of v->models[@model]; those of one model follow each other. */
struct plot_row *plot_rows_add(struct plot_rows *rows, size_t model);

/*
 * Find places for them from the top of the box on, those of one model close
 * together; the box ends below the last.
 */
void plot_rows_place(struct plot_rows *rows, struct canvas *c);

/* A logarithmic axis below the rows. */
struct log_axis {
	double low, high; /* its ends, greater than 0 */
	struct number (*name)(double);
	const char *words;
	double margin; /* air: a factor, below what is shown and above */
	bool grid;     /* a line at each tic */
};

/* Let it reach as far as @e; what is NaN or has no logarithm is passed over. */
void log_axis_reach(struct log_axis *axis, const struct estimate *e);

/*
 * Begin the chart of @d: find places for the rows, on a canvas as high as they
 * need, and write all that charts with rows have in common: title and subtitle,
 * models as gnuplot arrays and as names left of the rows, a light ground for
 * every row, and the axis, for which gnuplot is given the range.  @axis is
 * widened by its margin.
 */
struct canvas canvas_begin_rows(const struct draft *d, const char *name,
				const char *subtitle, struct plot_rows *rows,
				struct log_axis *axis);

/* Where @value is on it, in pixels. */
double canvas_log_x(const struct canvas *c, const struct log_axis *axis,
		    double value);

/*
 * Begin row @i of the data: each model has a block of its own, under its name.
 * Its place is the first column.
 */
void plot_rows_data(const struct plot_rows *rows, size_t i, FILE *out);

/* Three columns of data; "?" stands for a bound that there is not. */
void plot_estimate(FILE *out, const struct estimate *e);

#define MAX_TICS 24

struct tics {
	double at[MAX_TICS];
	size_t n;
};

/* 0 and multiples of 1, 2 or 5 times a power of ten, up to @max or beyond. */
struct tics plot_tics(double max, size_t about, bool beyond);

/*
 * Round numbers for a logarithmic axis from @low to @high, both greater than 0;
 * 1, 2, 5, 10, … if that is neither too few nor too many.
 */
struct tics plot_tics_log(double low, double high);

/* The kinds, each in its file. */
extern const struct plot_kind plot_throughput;
extern const struct plot_kind plot_breakdown;
extern const struct plot_kind plot_latency;
extern const struct plot_kind plot_percentiles;
extern const struct plot_kind plot_knee;
extern const struct plot_kind plot_omission;
extern const struct plot_kind plot_evidence;
extern const struct plot_kind plot_timeline;
extern const struct plot_kind plot_granularity;
extern const struct plot_kind plot_startup;
extern const struct plot_kind plot_calls;
extern const struct plot_kind plot_placement;
extern const struct plot_kind plot_policies;
extern const struct plot_kind plot_peers;
extern const struct plot_kind plot_payload;

/* That of plot_compare(); the same. */
int plot_compare_draw(struct draft *d, const char *name);

#endif
