/*
 * answer - what a run says, in sentences.
 *
 * Floor 4.  Every sentence is the text of a rule, and every rule has a test
 * with data that fulfil it and data that do not.  A sentence without data does
 * not appear.  The same sentences go to the report, to summary.txt and to the
 * terminal.
 */
#ifndef HARNESS_ANSWER_H
#define HARNESS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/number.h"
#include "harness/summary.h"
#include "harness/usl.h"
#include "harness/view.h"

struct answer_item {
	char *head; /* what it is about: "primes, 1.02 ms a task"; or "" */
	char *text; /* one or more sentences */
};

/* The answer: about the run, then about each workload. */
struct answer {
	struct answer_item *items; /* [n] */
	size_t n;
};

/* 0 or -ENOMEM. */
int answer_make(const struct summary *s, struct answer *ret);

/* Accepts a zeroed struct. */
void answer_done(struct answer *a);

/* How much a note should worry the reader. */
enum note_level {
	NOTE_GOOD, /* as it should be */
	NOTE_INFO, /* neither good nor bad, but one must know */
	NOTE_WARN, /* read the results with care */
	NOTE_BAD,  /* something is wrong */
};

/* "good", "note", "care", "bad". */
const char *note_level_name(enum note_level level);

struct note {
	enum note_level level;
	char text[640];
};

/* Whether the run can be trusted, point by point. */
struct notes {
	struct note items[24]; /* [n] */
	size_t n;
};

void notes_make(const struct summary *s, struct notes *ret);

/*
 * Titles of figures, in @buf: a claim that is true for the data at hand, or a
 * neutral one.
 */
void title_throughput(const struct view *v, char *buf, size_t size);
void title_latency(const struct view *v, char *buf, size_t size);
void title_breakdown(const struct view *v, char *buf, size_t size);
void title_evidence(const struct view *v, char *buf, size_t size);
void title_timeline(const struct view *v, char *buf, size_t size);
void title_percentiles(const struct view *v, char *buf, size_t size);
void title_knee(const struct view *v, char *buf, size_t size);
void title_omission(const struct view *v, char *buf, size_t size);
void title_granularity(const struct view *v, char *buf, size_t size);
void title_startup(const struct view *v, char *buf, size_t size);
void title_calls(const struct view *v, char *buf, size_t size);
void title_placement(const struct view *v, char *buf, size_t size);
void title_policies(const struct view *v, char *buf, size_t size);
void title_peers(const struct view *v, char *buf, size_t size);
void title_payload(const struct view *v, char *buf, size_t size);

/* The neutral ones, for where a claim is too long. */
extern const char title_neutral_throughput[];
extern const char title_neutral_latency[];
extern const char title_neutral_breakdown[];
extern const char title_neutral_evidence[];
extern const char title_neutral_timeline[];
extern const char title_neutral_percentiles[];
extern const char title_neutral_knee[];
extern const char title_neutral_omission[];
extern const char title_neutral_granularity[];
extern const char title_neutral_startup[];
extern const char title_neutral_calls[];
extern const char title_neutral_placement[];
extern const char title_neutral_policies[];
extern const char title_neutral_peers[];
extern const char title_neutral_payload[];

/* Answer, table of choices and notes as plain text, no line wider than 78 columns. */
void answer_text(const struct summary *s, FILE *out);

/*
 * Write @text in such lines: the first after @first spaces, the others after
 * @rest.
 */
void answer_wrap(FILE *out, const char *text, int first, int rest);

/*
 * Fit the Universal Scalability Law to the throughputs of @model in @v, of the
 * blocks that count and up to the processors.  0; -ENODATA: too few worker
 * counts or blocks, see usl.h; -ENOMEM.
 */
int answer_fit_usl(const struct view *v, const char *model, struct usl *ret);

/* Its alpha or beta in percent, without the sign: "2.1", "0.04", "0". */
struct number answer_usl_share(double share);

/*
 * Why the run says nothing of that law, in @buf; false: it does, or it did not
 * ask how throughput scales.
 */
bool answer_usl_missing(const struct summary *s, char *buf, size_t size);

#endif
