/*
 * info - what is true of a whole run: command, machine, clock, budget.
 */
#ifndef BENCH_CLI_INFO_H
#define BENCH_CLI_INFO_H

#include "bench/cli/config.h"
#include "harness/results.h"

/*
 * Fill @info with all that is known before the first slice, or die.  Draws a
 * seed if none was given.  Blocks for some tens of milliseconds, to test the
 * clock.
 */
void info_note(struct run_config *config, int argc, char **argv,
	       struct run_info *info);

#endif
