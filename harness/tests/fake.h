/*
 * fake - a model for the tests of the slice runner: it runs tasks as serial
 * does, and lies when a test wants it to.
 */
#ifndef HARNESS_TESTS_FAKE_H
#define HARNESS_TESTS_FAKE_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/slice.h"

#define FAKE_ALL UINT64_MAX

/* What the fake model is to do; all zero: be good. */
struct fake_script {
	/* Change completions: one in ten, or all, or that of one number. */
	void (*spoil)(struct completion *c);
	uint64_t only; /* FAKE_ALL, or the number */

	uint64_t lose;         /* answer no task of this number; FAKE_ALL */
	uint64_t twice;        /* answer the task of this number twice */
	uint64_t submit_fails; /* with EIO, from this number on */
	uint64_t reap_fails;   /* with EIO, once so many have been answered */
	int open_fails;        /* with this errno */
	uint32_t less;         /* takes so many tasks less than it must */
	bool batches; /* takes all it can at once, answers last first */

	/* The timeout of the slice; 0: that of fake_timing. */
	uint64_t timeout_ns;

	struct slice_choice choice;
	struct model_counts counts; /* what it says that it has counted */
};

/* What the fake model has seen in the last run. */
struct fake_seen {
	cpu_set_t open_on; /* where the generator may run */
	int opened, closed;
	uint64_t submitted, answered, spoiled, full;
	uint64_t n_submits; /* calls that took something */
};

extern struct fake_seen fake_seen;

/* The job of the open model. */
extern const struct job *fake_job;

extern const struct model model_fake;

/* Mixes for about a microsecond a unit of size. */
extern const struct workload fake_grinding;

/* Sleeps for size ns. */
extern const struct workload fake_napping;

/* Times for a slice of about 20 ms; its timeout is to be met by nobody. */
extern const struct slice_timing fake_timing;

/* Two workers, two tasks each, 5 us a task. */
struct cell_spec fake_cell(const char *pin);

/*
 * Run a slice of the fake as @what says, and put the place of this thread
 * back, which slice_run() changes.
 */
struct slice_result fake_slice(const struct cell_spec *cell,
			       const struct workload *workload,
			       const struct slice_timing *timing,
			       struct fake_script what);

/*
 * The same with fake_cell("none"), grinding; what must be true of every result
 * has been asserted.
 */
struct slice_result fake_run(struct fake_script what);

#endif
