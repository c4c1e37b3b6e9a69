/*
 * timeline - who ran what when, from the slices that kept their tasks' times.
 *
 * Floor 4.
 */
#ifndef HARNESS_TIMELINE_H
#define HARNESS_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/slice.h"
#include "harness/view.h"

/* A task: phase p lasts from at[p] to at[p + 1], in ns since the window. */
struct timeline_task {
	uint32_t worker;
	int32_t cpu;
	uint64_t at[PHASES + 1];
};

/*
 * The traced tasks of @slice in the order of their starts, in *@ret, which the
 * caller frees.  Creating, dispatching and computing never overlap those of
 * another task of the same worker; returning may.  Tasks whose times are out of
 * order are left out.  Returns how many; -ENOMEM.
 */
int timeline_tasks(const struct slice_result *slice,
		   struct timeline_task **ret);

/* The first traced slice of view_focus(); NULL: there is none. */
const struct slice_result *timeline_slice(const struct view *v,
					  const char *model);

/* A part of a slice in which every worker and every task is known. */
struct timeline_span {
	uint64_t from_ns, length_ns; /* length 0: there is no such part */
};

/* The longest such part: all workers have begun, none has had its last task. */
struct timeline_span timeline_known(const struct slice_result *slice);

/* A round time for about ten tasks that all traced models have; 0: none. */
uint64_t timeline_length_ns(const struct view *v);

/*
 * The share of @span in which a worker computes, on average; NaN without memory
 * or if nothing is known.
 */
double timeline_busy(const struct slice_result *slice,
		     struct timeline_span span);

/*
 * Write all traces of @run to @path for Perfetto (ui.perfetto.dev) and
 * chrome://tracing: a process a slice, a thread a worker.  1; 0: there are no
 * traces, and no file is left there; or -errno.
 * Source: "Trace Event Format", Google.
 */
int timeline_write(const struct run_results *run, const char *path);

#endif
