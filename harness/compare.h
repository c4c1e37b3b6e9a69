/*
 * compare - run against run: what has become faster or slower.
 *
 * Floor 4.  Pure.  Two runs were not made side by side: the machine, or how
 * busy it was, may have changed between them.  So what is compared is each
 * cell's ratio to a reference model, both of one block; what slows a block down
 * slows both.  Tasks per second are comparable only where compare_absolute()
 * finds the machine as it was.
 */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "harness/stats.h"
#include "harness/summary.h"

#define COMPARE_SCHEMA "manyhands-compare/1"
#define COMPARE_CANARY 0.02 /* canaries that differ by more are not equal */

/* A cell that both runs have: B against the base A. */
struct compare_row {
	const struct cell_summary *a, *b;
	size_t n_a, n_b;         /* blocks with a ratio */
	double ratio_a, ratio_b; /* to the reference; medians of the blocks */

	/*
	 * The second ratio over the first: Hodges and Lehmann's estimate, which
	 * is near the quotient of the medians but not equal to it.
	 */
	struct estimate ratio;
	enum verdict verdict; /* of B; faster: B does more */
};

/* Why a cell is not compared. */
enum compare_gap {
	COMPARE_ONLY_A,
	COMPARE_ONLY_B,
	COMPARE_NO_RATIO_A, /* it or its reference has no throughput there */
	COMPARE_NO_RATIO_B,
	COMPARE_OPEN_LOOP,  /* its throughput is what it was offered */
	COMPARE_OTHER_WORK, /* same names, but its tasks have other results */
	COMPARE_GAPS
};

struct compare_omission {
	const struct cell_summary *cell;
	enum compare_gap gap;
};

struct comparison {
	const struct summary *a, *b; /* outlive the comparison */

	/*
	 * The model that ratios refer to here: A's reference, or B's if only
	 * that was measured in both; NULL: neither was.
	 */
	const char *reference;

	/* Of each interval, so that all of them together hold with 95 %. */
	double confidence;

	/*
	 * [n], worst first: slower, cannot tell, no difference, faster; each by
	 * its ratio.  Without the reference's own cells.
	 */
	struct compare_row *rows;
	size_t n;

	struct compare_omission *left_out; /* [n_left_out] */
	size_t n_left_out;

	bool same_run;      /* A and B are one run, not two */
	char absolute[512]; /* why tasks/s are not comparable; "": they are */
};

/* Compare @b with the base @a.  0 or -ENOMEM. */
int compare_make(const struct summary *a, const struct summary *b,
		 struct comparison *ret);

/* Accepts a zeroed struct. */
void compare_done(struct comparison *c);

/*
 * Whether @a and @b are the same cell of the same question, in whatever runs.
 * Models are the same if they have the same name: one that is listed under
 * another's name, or with more work, stands for a changed one.
 */
bool compare_same_cell(const struct cell_spec *a, const struct cell_spec *b);

/* The cell of B that is the same as @a; NULL: none. */
const struct cell_summary *compare_partner(const struct comparison *c,
					   const struct cell_summary *a);

/*
 * Why tasks/s of the runs @a and @b may not be compared, as a part of a sentence
 * in @why, of @size bytes; empty: they may.  All parts of the machine's
 * fingerprint must agree, and so must the canary, a fixed piece of work timed in
 * every slice, within COMPARE_CANARY.  0 or -ENOMEM.
 */
int compare_absolute(const struct run_results *a, const struct run_results *b,
		     char *why, size_t size);

/* How many rows have this verdict. */
size_t compare_count(const struct comparison *c, enum verdict v);

/* "1 slower, 0 cannot tell, 30 no difference, 2 faster" in @buf. */
void compare_counts_text(const struct comparison *c, char *buf, size_t size);

/* "only in A", … with @letter for B. */
void compare_gap_text(enum compare_gap gap, char letter, char text[64]);

/* Two lines on one run: @letter, its folder @dir, where and when it was made. */
void compare_run_line(const struct summary *s, char letter, const char *dir,
		      FILE *out);

/*
 * The table for the terminal, at most 80 columns wide.  @letter is how B is
 * called: 'B', and 'C' for the run after it.
 */
void compare_table(const struct comparison *c, char letter, FILE *out);

/* Without rows: say in one line what either run has instead. */
void compare_say_nothing(const struct comparison *c, char letter, FILE *out);

/*
 * One run of a comparison, as an object that results/README.md describes; and
 * one comparison with @dir, B's folder.  New references; NULL: no memory.
 */
json_t *compare_run_json(const struct summary *s, const char *dir);
json_t *compare_json(const struct comparison *c, const char *dir);

#endif
