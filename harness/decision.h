/*
 * decision - which model for which tasks: the table of choices.
 *
 * Floor 4.  Pure.  A row for each class of task durations that the run has data
 * of, a column for each need that a program may have.  Every choice is the end
 * of a rule: it names one model only if the intervals show that all others that
 * meet the need do less, and else all that cannot be told from the best.
 */
#ifndef HARNESS_DECISION_H
#define HARNESS_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/summary.h"

/* What a program may need. */
enum decision_need {
	DECISION_MOST,     /* most work done, by whatever model */
	DECISION_ISOLATED, /* a crash of a task leaves the others alone */
	DECISION_FRESH,    /* a new worker for each task: nothing is kept */
	DECISION_WAITING,  /* short waiting when tasks come as they come */
	DECISION_NEEDS,
};

/* "most work", … */
const char *decision_need_name(enum decision_need need);

/* A model that meets the need, and how it compares with the best of these. */
struct decision_rival {
	const struct cell_summary *cell;

	/*
	 * Of throughput, as in view_ratio(); if waiting, of the p99, so that
	 * more is worse.  1 for the best itself.
	 */
	struct estimate ratio;
	bool chosen; /* the best, or not shown to be worse than it */
	bool unsure; /* chosen because this run cannot tell */
};

/* What to take for one need. */
struct decision_choice {
	/* [n], in the order of the plan; none: no data, or nothing meets it. */
	struct decision_rival *rivals;
	size_t n;
	const struct cell_summary *best; /* NULL: none */
	size_t n_chosen, n_unsure;

	/*
	 * Of the best: its efficiency; NaN where serial was not measured.  If
	 * waiting: its p99 in ns.
	 */
	struct estimate value;

	/* The best to the best for most work; NaN if waiting. */
	struct estimate price;
	enum verdict price_verdict;
};

/* One class of durations of one workload. */
struct decision_row {
	const char *workload, *class_name; /* "primes", "10 to 100 µs" */
	double task_ns;                    /* of the tasks that were measured */
	const char *experiment; /* that compares throughput; NULL: none */
	uint32_t load_percent;  /* at which waiting was compared; 0: not */
	struct decision_choice choices[DECISION_NEEDS];
};

struct decision {
	struct decision_row *rows; /* [n], by workload, then duration */
	size_t n;
};

/*
 * Work in a closed loop is compared by experiment granularity where it has
 * tasks in the class, and else by scaling; waiting by experiment load at the
 * same load for all.  @s must outlive @ret.  0 or -ENOMEM.
 */
int decision_make(const struct summary *s, struct decision *ret);

/* Accepts a zeroed struct. */
void decision_done(struct decision *d);

/*
 * "threads"; "any of threads, pool", which do not differ; "one of" them, of
 * which it cannot be told; "–" if there is nothing to name.
 */
void decision_say_models(const struct decision_choice *c, FILE *out);

/* "2 workers", "1 or 2 workers"; nothing without models. */
void decision_say_workers(const struct decision_choice *c, FILE *out);

/* A few words; "" where there is nothing to say. */
struct decision_words {
	char text[200];
};

/* "96 % [95 %, 97 %] of the ideal", of the best if several are chosen. */
struct decision_words decision_value(const struct decision_row *row,
				     enum decision_need need);

/* How sure the choice is: "no difference that matters", … */
struct decision_words decision_doubt(const struct decision_choice *c);

/* What it costs to need more than most work: "costs 4 % of the work", … */
struct decision_words decision_price(const struct decision_row *row,
				     enum decision_need need);

/* All of these in a line of text, which the caller frees; NULL: no memory. */
char *decision_line(const struct decision_row *row, enum decision_need need);

/* What the table covers, and what it does not; nothing without rows. */
void decision_say_scope(const struct summary *s, const struct decision *d,
			FILE *out);

#endif
