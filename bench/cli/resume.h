/*
 * resume - take up a run where it was interrupted.
 */
#ifndef BENCH_CLI_RESUME_H
#define BENCH_CLI_RESUME_H

#include <limits.h>

#include "harness/experiment.h"
#include "harness/results.h"

/*
 * Read the journal in folder @from: what was measured, what the plan is, and a
 * descriptor to go on writing in @journal; @dir gets the folder's name.  Dies if
 * that is no run, not a run of this machine, or one that is still going on.
 */
void resume(const char *from, struct run_results *results, struct plan *plan,
	    char dir[PATH_MAX], int *journal);

#endif
