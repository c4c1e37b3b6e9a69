/*
 * plan - the cells of all experiments that `manyhands run' was asked for.
 */
#ifndef BENCH_CLI_PLAN_H
#define BENCH_CLI_PLAN_H

#include "bench/cli/config.h"
#include "harness/experiment.h"

/*
 * Ourselves, to be executed once a slice.  By this name and not by a path: it
 * stays the same program even if a new one is built while we run.
 */
#define PROGRAM "/proc/self/exe"

/*
 * Fill the empty @plan for a machine of @processors, or die.  Blocks while
 * sizes are calibrated and capacities measured, where an experiment needs that;
 * says so on stderr unless config->quiet.
 */
void make_plan(const struct run_config *config, uint32_t processors,
	       struct plan *plan);

#endif
