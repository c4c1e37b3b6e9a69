/*
 * What the files of report share: each writes some sections of the page.
 */
#ifndef HARNESS_REPORT_INTERNAL_H
#define HARNESS_REPORT_INTERNAL_H

#include <stdio.h>

#include "harness/decision.h"
#include "harness/number.h"
#include "harness/summary.h"
#include "harness/view.h"

/* The table of choices; nothing if there are none. */
void report_decision(const struct summary *s, const struct decision *d,
		     FILE *out);

/* The numbers behind it, to which its cells link. */
void report_choices(const struct decision *d, FILE *out);

/* The figures of all workloads, each kind a section, with their tables. */
int report_figures(const struct summary *s, const char *dir, FILE *out);

/* The table of one workload: every cell of it. */
void report_table(const struct view *v, FILE *out);

/*
 * A table up to its first row, and its end.  @columns: HTML, NULL at the end;
 * those of intervals say so.
 */
void report_begin_table(FILE *out, const char *label, const char *caption,
			const char *const *columns);
void report_end_table(FILE *out);

/* A number and its interval, written by @one: two fields of a row. */
void report_estimate(const struct estimate *e, struct number (*one)(double),
		     FILE *out);

/* The tails of one workload's open loops, at the load that all models had. */
void report_load_table(const struct view *v, FILE *out);

/* How small tasks may be: METG of every model. */
void report_metg(const struct view *v, FILE *out);

/* How workers came and went, and their memory: every model and number. */
void report_startup(const struct view *v, FILE *out);

/* What each way to create a worker cost in each parent. */
void report_calls(const struct view *v, FILE *out);
/* Faults, and what became of them; nothing if none happened. */
void report_faults(const struct summary *s, FILE *out);

/* Every policy of a server in every situation. */
void report_policies(const struct view *v, FILE *out);

/* Our models and all peers, and which peers were not found. */
void report_peers(const struct view *v, FILE *out);

/* What moving bytes costs, by carrier and number. */
void report_payload(const struct view *v, FILE *out);

/* How it was measured, and what the words mean. */
void report_method(const struct summary *s, FILE *out);
void report_glossary(FILE *out);

/* What limits each model, by the Universal Scalability Law, if that was fitted. */
void report_usl(const struct view *v, FILE *out);

/* From "what this shows" to the glossary. */
void report_background(const struct summary *s, FILE *out);

#endif
