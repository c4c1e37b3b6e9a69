/*
 * fake_summary - made-up runs, so that tests of sentences, figures and reports
 * know what the data say.
 */
#ifndef HARNESS_TESTS_FAKE_SUMMARY_H
#define HARNESS_TESTS_FAKE_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "harness/plot.h"
#include "harness/results.h"
#include "harness/summary.h"

struct fake_model {
	const char *name;
	double speed; /* share of the ideal throughput it reaches */

	/* Mean phases of a task, beside the work itself. */
	double create_ns, dispatch_ns, return_ns;
};

struct fake_recipe {
	const struct fake_model *models; /* [n_models] */
	size_t n_models;
	const char *const *workloads; /* [n_workloads] */
	size_t n_workloads;
	const uint32_t *workers; /* [n_workers] */
	size_t n_workers;
	uint32_t blocks;
	double processors;
	double task_ns;
	double noise; /* of each throughput, as a share: 0.01 is +-1 % */
};

/*
 * Six models, three workloads, workers 1 2 4, 12 blocks, 2 processors, tasks of
 * 1 ms; threads and pool are good, cluster less, the per-task models bad.
 */
extern const struct fake_recipe fake_summary_usual;

/* Measure as @how says; always the same for the same @how. */
void fake_summary_run(const struct fake_recipe *how, struct run_results *ret);

#define FAKE_TRACE_TASKS 24u /* of each worker */

/*
 * Give each slice of the first block a trace: every worker runs one task after
 * the other, with a pause of half a task in between in `fork'.
 */
void fake_summary_trace(struct run_results *run);

/* fake_summary_run() and summary_make(); @run must live as long as @ret. */
void fake_summary_make(const struct fake_recipe *how, struct run_results *run,
		       struct summary *ret);

/* Free both. */
void fake_summary_done(struct run_results *run, struct summary *s);

/* The cell of experiment `scaling'; must exist. */
struct cell_summary *fake_summary_cell(struct summary *s, const char *model,
				       const char *workload, uint32_t workers);

/* A new empty folder, and the end of one with all its files. */
void fake_summary_folder(char path[64]);
void fake_summary_folder_remove(const char *path);

/*
 * Have gnuplot draw @p.  0: it did, and the figure has no number that is none;
 * 1: there is no gnuplot; fails with what gnuplot says.
 */
int fake_summary_draw(const struct plot *p);

/* How often @word occurs in @text. */
size_t fake_summary_count(const char *text, const char *word);

/* What the test has let the code write, its `said', has these words, or not. */
#define assert_said(text)                                                      \
	do {                                                                   \
		if (!strstr(said, text))                                       \
			fail_msg("not said: %s\nbut: %s", text, said);         \
	} while (0)

#define assert_unsaid(text)                                                    \
	do {                                                                   \
		if (strstr(said, text))                                        \
			fail_msg("said: %s\nin: %s", text, said);              \
	} while (0)

#endif
