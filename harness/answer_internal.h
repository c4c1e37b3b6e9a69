/*
 * What the files of answer share: the rules behind the sentences.
 */
#ifndef HARNESS_ANSWER_INTERNAL_H
#define HARNESS_ANSWER_INTERNAL_H

#include <stdio.h>

#include "harness/answer.h"
#include "harness/summary.h"
#include "harness/view.h"

/* The sentence on the run as a whole. */
void answer_say_run(const struct summary *s, FILE *out);

/* The sentences on one workload; nothing where nothing was measured. */
void answer_say_workload(const struct view *v, FILE *out);

/* Add a note; one that is too long is cut. */
void note_add(struct notes *notes, enum note_level level, const char *format,
	      ...) __attribute__((format(printf, 3, 4)));

/* The notes on machine, clock and the run's check of itself. */
void answer_note_trust(const struct summary *s, struct notes *notes);

/*
 * The sentences on open loops, of a view of experiment `load'; nothing where
 * nothing was measured.
 */
void answer_say_load(const struct view *v, FILE *out);

/*
 * How small tasks may be; nothing where no model has an interval.  @v: a view
 * of experiment `granularity'.
 */
void answer_say_granularity(const struct view *v, FILE *out);

/* What faults did; nothing if none happened.  @v: of experiment `faults'. */
void answer_say_faults(const struct view *v, FILE *out);

/*
 * What limits the reference model, by the Universal Scalability Law; nothing
 * where that has too few points.  @v: a view of experiment `scaling'.
 */
void answer_say_usl(const struct view *v, FILE *out);

/*
 * How connections should come to workers; @v: a view of experiment `policies'.
 */
void answer_say_policies(const struct view *v, FILE *out);

/*
 * Our models beside what people would otherwise use; @v: of experiment `peers'.
 */
void answer_say_peers(const struct view *v, FILE *out);

/* What moving bytes costs; @v: a view of experiment `payload'. */
void answer_say_payload(const struct view *v, FILE *out);

#endif
