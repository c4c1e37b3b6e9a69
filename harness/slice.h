/*
 * slice - one measurement: drive one model with one workload for about 200 ms.
 *
 *	open .. start .. settle .. |<--- window --->| .. drain .. close
 *	        load is on ------------------------->
 *
 * Floor 3.  Closed loop: `workers x depth' tasks are kept in flight; each
 * completion is answered by the next task.  Only completions received inside
 * the window count.  The load stays on until it closes, so no worker idles at
 * its end because others are late.
 *
 * Open loop (cell.interval_ns > 0): tasks come when a schedule drawn beforehand
 * says so, whether or not those before them are done; what the model cannot
 * take yet waits, and the wait counts.  Tasks due inside the window count,
 * whenever they end.
 */
#ifndef HARNESS_SLICE_H
#define HARNESS_SLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/experiment.h"
#include "harness/histogram.h"

struct slice_timing {
	uint64_t settle_ns;  /* at least; also at least 10 tasks per worker */
	uint64_t window_ns;  /* that counts, unless the cell has its own */
	uint64_t timeout_ns; /* a task without an answer after this ends so */
};

/* What differs between slices of one cell, or is none of its business. */
struct slice_choice {
	const char *const *words; /* of struct job; NULL: none */
	const char *task_program; /* of struct job */

	uint64_t arrival_seed; /* open loop: decides when tasks come */
	uint32_t trace;        /* keep the times of so many tasks; 0: none */

	/*
	 * 1: measure memory when the window has closed, closed loop only.  Not
	 * always, as to find all processes takes a millisecond or more.
	 */
	uint32_t memory;
};

/* One task of a slice, for the timeline.  Times in ns since the window. */
struct task_trace {
	uint32_t worker;
	int32_t cpu; /* on which it ended; -1 unknown */
	uint64_t due, submit, created, start, end, done; /* created 0: none */
};

/* The parts of a task's time, in order; they add up to done - due. */
enum phase {
	PHASE_QUEUE,    /* due … its turn: behind its worker's task before */
	PHASE_CREATE,   /* … created: its own worker comes to life */
	PHASE_DISPATCH, /* … start: on its way to a busy or sleeping worker */
	PHASE_COMPUTE,  /* start … end: the workload itself */
	PHASE_RETURN,   /* end … done: the result on its way back */
	PHASES
};

const char *phase_name(enum phase phase);

/*
 * The six times of a task, clock_ns(); created 0 where there is none.  And when
 * its worker ended the task before it, `free', 0 for a worker's first: with
 * several tasks in flight per worker, a task's turn comes only then.
 */
struct task_times {
	uint64_t due, submit, created, start, end, done, free;
};

/*
 * Split @t into its phases.  Its turn is at `submit', or at `free' if that is
 * later: waiting until then is queueing, chosen by whoever sends more tasks
 * than there are workers, and no cost of the model.  0; -EPROTO if the times
 * are not in order, as from a worker that talks nonsense.
 */
int task_phases(const struct task_times *t, uint64_t ret[PHASES]);

enum slice_status {
	SLICE_OK,      /* measured; single tasks may still have failed */
	SLICE_OPEN,    /* the model did not open: value is errno */
	SLICE_BROKEN,  /* the model stopped working on the way: errno */
	SLICE_CRASHED, /* the runner process was killed by signal value */
	SLICE_EXITED,  /* the runner process exited with value, no result */
	SLICE_LATE,    /* the runner process did not end in its time */
};

/* "ok", "open:EAGAIN", "crashed:SEGV", … in @buf. */
const char *slice_status_name(enum slice_status status, int value, char *buf,
			      size_t size);

/* What a slice leaves.  Times in ns, CPU times of all its processes. */
struct slice_result {
	struct cell_spec cell;
	uint32_t cell_index;      /* of the cell in the plan */
	uint32_t block, position; /* which block, and where in its order */

	enum slice_status status;
	int status_value;
	char message[160]; /* first words of the runner's standard error */

	/*
	 * All tasks of the slice, settling and draining included.  Open loop:
	 * also those that the model did not take in time; they are timeouts.
	 */
	uint64_t submitted;
	uint64_t ended[TASK_ENDS]; /* by enum task_end; sums to submitted */
	uint64_t lost; /* of the timeouts, those the model never answered */
	uint64_t wrong_digests;    /* of the ok ones, not equal to serial's */
	uint64_t reference_digest; /* of all reference digests together */

	/*
	 * Tasks that ended ok inside the window (open loop: that were due in
	 * it, and ended ok whenever); latency and phases of them.
	 */
	uint64_t tasks;
	uint64_t window_ns;
	uint64_t phase_sum_ns[PHASES];
	struct histogram *latency; /* done - due; owned, NULL: nothing ran */
	uint64_t unstamped; /* 1: of a peer, which takes no times of tasks */

	/*
	 * How even those tasks were spread over the workers: how many the
	 * busiest had, and the sum of each one's number squared; -1: nothing
	 * was opened.
	 */
	int64_t worker_tasks_max, worker_tasks_squares;

	/* What the model counted, from before open to before close. */
	struct model_counts counts;

	/*
	 * Of the tasks of the window, the slowest in a hundred by their time from their turn
	 * to their result; none if there were fewer than a hundred.
	 */
	uint64_t slow_tasks;
	uint64_t slow_phase_sum_ns[PHASES];

	/* Open loop only; zero and NULL in a closed one. */
	uint64_t offered;    /* tasks due inside the window */
	uint64_t unfinished; /* of them, those that did not end in time: they
				are in `latency' with the time they had had */
	uint64_t backlog_begin, backlog_end; /* due and not done, at its ends */
	struct histogram *uncorrected; /* done - submit: forgets the waiting */
	struct histogram *lateness; /* of the generator, on a task's due time */

	/*
	 * Of a cell with a fault, zero in others.  The worker's place is out
	 * from the end of its last good task before a failure to the start of
	 * its first good one after it: so until the failure was noticed, somebody
	 * else was there, and had got work.
	 */
	uint64_t injected;    /* faults that happened */
	uint64_t misreported; /* their tasks, if they ended as never promised */
	uint64_t collateral;  /* other tasks that did not end ok */
	uint64_t strays;      /* answers to what was never asked, or twice */
	uint64_t outages, outage_sum_ns, outage_max_ns;
	uint64_t places_lost; /* never worked again */

	/* What was there after the model was closed, and not before it opened. */
	uint64_t left_processes, left_descriptors, left_mappings;

	struct task_trace *trace; /* [n_trace], by start; owned */
	size_t n_trace;

	/*
	 * Memory of all processes of the model together, runner included, when
	 * the window had just closed; -1 unknown or not measured.  Pss: shared
	 * pages are divided by the number of processes that share them, so the
	 * sum is what is really in use.
	 */
	int64_t pss_bytes, rss_bytes;
	uint64_t processes; /* that were counted */

	/* Cost, from before open to after close, over all ok tasks. */
	uint64_t user_ns, system_ns;
	uint64_t switches_voluntary, switches_involuntary;
	uint64_t faults_minor, faults_major;
	uint64_t peak_self_bytes;  /* resident, of the runner */
	uint64_t peak_child_bytes; /* of the largest worker process; 0: none */

	/*
	 * What else the machine did, from before open to after close, see
	 * noise.h; -1 unknown, or never measured.  Capacity is noise_span_ns
	 * times the processors.
	 */
	int64_t noise_span_ns, busy_ns, steal_ns, foreign_ns, psi_ns;
	int64_t canary_before_ns, canary_after_ns; /* CPU time of each */

	uint64_t open_ns, drain_ns, close_ns;
	uint64_t wall_ns; /* of the whole process, seen from outside */

	/* Placement as it really was. */
	uint64_t migrations; /* a worker's next task ended on another CPU */
	uint64_t misplaced;  /* task ended on a CPU not its worker's */
	uint64_t unbound;    /* tasks whose worker could not bind itself */
	int bind_errno;      /* the first reason for that */
	int generator_cpu;   /* its own processor; -1 shared with workers */
	int64_t smt_shared;  /* workers pinned beside another on its core; -1 */
};

/*
 * Measure @cell with @model and @workload in this process, which should be
 * fresh and single-threaded.  Returns 0 when @ret tells what happened, be it a
 * failure; -errno when not even a measurement could be tried (-ENOMEM,
 * placement).  Blocks for settle + window, and where things go wrong up to
 * timeout_ns more for each of opening, settling and draining.  @choice may be
 * NULL: no trace, seed 0.
 */
int slice_run(const struct cell_spec *cell, const struct model *model,
	      const struct workload *workload,
	      const struct slice_timing *timing,
	      const struct slice_choice *choice, struct slice_result *ret);

/* A result of @cell in which nothing has happened yet. */
struct slice_result slice_result_of(const struct cell_spec *cell);

/* Free what a result owns; accepts a zeroed struct. */
void slice_result_done(struct slice_result *r);

/*
 * Of a result: tasks per second of the window; NaN if not measured.  Closed
 * loop: those that ended in it, so what the model can do.  Open loop: those due
 * in it that ended ok, so what was asked of it, less what it failed to do.
 */
double slice_throughput(const struct slice_result *r);

/*
 * Open loop: whether of the tasks due in the window more than one in a hundred
 * got no result.  A queue that only grows is known from several slices; see
 * saturation.h.
 */
bool slice_saturated(const struct slice_result *r);

/* Ok tasks per second of CPU time, all processes together; NaN if none. */
double slice_tasks_per_cpu_s(const struct slice_result *r);

/* How long the slice of @cell waits for what does not come. */
uint64_t slice_timeout_ns(const struct cell_spec *cell,
			  const struct slice_timing *timing);

/* How long the window of @cell is, given those of the run. */
uint64_t slice_window_ns(const struct cell_spec *cell,
			 const struct slice_timing *timing);

/* Tasks that did not end ok. */
uint64_t slice_failed(const struct slice_result *r);

#endif
