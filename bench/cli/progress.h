/*
 * progress - how far a run is, on stderr.
 */
#ifndef BENCH_CLI_PROGRESS_H
#define BENCH_CLI_PROGRESS_H

#include <stdbool.h>

#include "harness/run.h"

struct progress {
	bool quiet;
	bool terminal; /* a bar that is drawn again; else a line a block */
	bool drawn;    /* there is a bar to wipe out */
};

void progress_init(struct progress *p, bool quiet);

/* For run_options.watch; @ctx is the struct progress. */
void progress_show(void *ctx, const struct run_progress *now);

/* Wipe the bar out, so that other text may follow. */
void progress_done(struct progress *p);

#endif
