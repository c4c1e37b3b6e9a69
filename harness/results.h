/*
 * results - what a run has measured, in memory and as files.
 *
 * Floor 3.  results.json is a superset of Google Benchmark's JSON (schema
 * version 1): its keys mean what they mean there, ours begin with x_.  Every
 * column is explained in results/README.md.
 */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "harness/host.h"
#include "harness/placement.h"
#include "harness/slice.h"

#define RESULTS_SCHEMA "manyhands-results/2"
#define RESULTS_MAX_CACHES 8

/* What is true of the whole run. */
struct run_info {
	char started[32];  /* UTC, 2026-11-21T04:30:00Z */
	char command[512]; /* to repeat it; arguments quoted for a shell */
	uint64_t seed;     /* of the order of the slices */
	uint32_t blocks_planned, blocks_done;
	bool complete;    /* ended by itself, not by a signal or an error */
	char stopped[32]; /* "precise", "budget", "interrupted", "error"; "" */
	uint32_t looks;   /* how often it was asked whether to stop early */
	bool exact;       /* of run_options */
	uint64_t budget_ns;
	char pruned[512]; /* what was left out for lack of time; "" nothing */

	/* Experiment `peers': who was found, and who was not and why; "": unasked. */
	char peers[1024], absent_peers[2048];
	char plugin[1024];  /* --load-workload; "": none */
	char program[1024]; /* --command; "": none */

	char reference[32]; /* the model that ratios refer to */
	char baseline[32];  /* the serial model, "" if not among them */

	struct slice_timing timing;
	uint32_t usable_pus, usable_cores; /* that we were allowed to use */

	/* min(usable_pus, CPU quota): how much work can really go on. */
	double processors;

	/* The clock's self-test, see clock_check.h; -1: could not be done. */
	int64_t clock_cost_ns;   /* of one call */
	int64_t clock_hop_ns;    /* quickest way of a stamp to another CPU */
	int64_t clock_backwards; /* arrived before they had left; good: 0 */

	/*
	 * Processor time that a task takes in the harness: one that does nothing,
	 * run by the generator itself; -1: not measured.
	 */
	int64_t harness_ns;

	struct host host;
	struct placement_cache caches[RESULTS_MAX_CACHES]; /* [n_caches] */
	size_t n_caches;

	/* Drawing with a worker a processor, UTF-8; "": there is none. */
	char topology[8192];
};

struct run_results {
	struct run_info info;
	struct slice_result *slices; /* [n], in the order measured */
	size_t n, room;
};

/* Append @slice, whose histogram @run owns from now on.  0 or -ENOMEM. */
int results_add(struct run_results *run, const struct slice_result *slice);

/* Free everything; accepts a zeroed struct. */
void results_done(struct run_results *run);

/* How many blocks @run has, counted from block 0, which is none; at least 1. */
size_t results_blocks(const struct run_results *run);

/*
 * The measured slices of @cell in @ret[results_blocks()], a place for each
 * block; NULL where there is none or @counts[block] is false.  @counts NULL:
 * every block counts.
 */
void results_slices_of(const struct run_results *run,
		       const struct cell_spec *cell, const bool *counts,
		       const struct slice_result **ret);

/* Their throughputs, NaN where there is none; otherwise the same. */
void results_throughputs_of(const struct run_results *run,
			    const struct cell_spec *cell, const bool *counts,
			    double *ret);

/*
 * One slice as a JSON object, the same in the runner's output, the journal and
 * results.json.  A new reference, or NULL: no memory.
 */
json_t *slice_to_json(const struct slice_result *slice);

/*
 * The other way round.  0; -EINVAL: not such an object, and @error (of
 * @error_size bytes) says what is wrong with which key; -ENOMEM.  @ret owns a
 * histogram on success and is untouched on failure.
 */
int slice_from_json(json_t *json, struct slice_result *ret, char *error,
		    size_t error_size);

/* The run's circumstances; "context" in Google Benchmark's schema. */
json_t *info_to_json(const struct run_info *info);
int info_from_json(json_t *json, struct run_info *ret, char *error,
		   size_t error_size);

/* Write results.json and slices.csv into the folder @dir.  0 or -errno. */
int results_write(const struct run_results *run, const char *dir);

/* Write slices.csv alone: it says nothing that results.json does not. */
int results_write_csv(const struct run_results *run, const char *dir);

/* Print results.json to @out, which remembers its own errors.  0 or -ENOMEM. */
int results_print(const struct run_results *run, FILE *out);

/*
 * Make a run of the @bytes of @text.  Never gives half a run: one that is cut,
 * has a slice twice or numbers that no run can have is refused.  0; -EINVAL:
 * @error names @name (of the file), place and fault; -ENOMEM.
 */
int results_parse(const char *name, const char *text, size_t bytes,
		  struct run_results *ret, char *error, size_t error_size);

/*
 * results_parse() of @dir/results.json.  Also -errno of reading it, with
 * @error: -EFBIG: larger than any of ours; -ENOTSUP: not a regular file.
 */
int results_read(const char *dir, struct run_results *ret, char *error,
		 size_t error_size);

#endif
