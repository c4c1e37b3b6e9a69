/*
 * journal - what a run has measured so far, safe from crashes.
 *
 * Floor 3.  DIR/journal.jsonl only ever grows: its first line says what is
 * measured (the run's circumstances and its plan), then comes a line a slice.  A
 * run that was killed, even by a power cut, goes on from it.
 */
#ifndef HARNESS_JOURNAL_H
#define HARNESS_JOURNAL_H

#include "harness/experiment.h"
#include "harness/results.h"

/*
 * Begin a journal in the folder @dir, empty until journal_begin().  A
 * descriptor to be closed by the caller; -errno: -EEXIST, there is one.
 */
int journal_create(const char *dir);

/* Write the first line.  0 or -errno. */
int journal_begin(int fd, const struct run_info *info, const struct plan *plan);

/* Add a slice.  0 or -errno. */
int journal_add(int fd, const struct slice_result *slice);

/*
 * Open the journal in @dir to go on with it.  @results gets the info and the
 * slices of all blocks that are complete, @plan (empty before) the cells.  A
 * block that was under way is cut off the file: its slices belong together and
 * have to be measured side by side.  So is a last line that was not finished.
 *
 * A descriptor; -errno, and @error (of @error_size bytes) names file, line and
 * fault: -EINVAL, it is no journal of ours, or not of one plan; -ENODATA, the
 * run was stopped before there was anything to go on with.
 */
int journal_resume(const char *dir, struct run_results *results,
		   struct plan *plan, char *error, size_t error_size);

#endif
