/*
 * What the files of results share.
 */
#ifndef HARNESS_RESULTS_INTERNAL_H
#define HARNESS_RESULTS_INTERNAL_H

#include "harness/results.h"

/*
 * Whether slices that are each plausible make a run together.  0; -EINVAL, with
 * @error naming place and fault; -ENOMEM.
 */
int results_check(const struct run_results *run, char *error,
		  size_t error_size);

#endif
