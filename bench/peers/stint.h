/*
 * stint - the closed loop that all peers in C have in common: which tasks, how
 * long, and the account of them.
 *
 * A peer is a program of its own, see harness/peer.h.  Its main() goes
 *
 *	stint_begin()
 *	stint_next(), and hand that over, as long as stint_goes_on()
 *	stint_run() for each, in whatever thread
 *	stint_print(), when all of them have ended
 *
 * Also for C++.
 */
#ifndef BENCH_PEERS_STINT_H
#define BENCH_PEERS_STINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/peer.h"
#include "harness/workload.h"

/* All tasks of one seed that one thread has run. */
struct seed_tally {
	uint64_t digest; /* of the first */
	uint64_t tasks, differed;
};

/* What one thread has run: nobody else writes it, on cache lines of its own. */
struct tally {
	uint64_t done; /* read by others meanwhile */
	struct seed_tally seeds[PEER_SEEDS];
} __attribute__((aligned(128)));

struct stint {
	const struct workload *workload;
	uint64_t size;
	uint32_t workers;
	uint32_t in_flight; /* tasks, at most: workers x depth */
	uint64_t settle_ns, window_asked_ns;

	struct tally *tallies; /* [n_tallies], one for each thread */
	uint32_t n_tallies;
	uint64_t n_tasks; /* handed out */

	/* Of stint_goes_on(): looks at the clock at every stride-th call. */
	uint32_t stride, calls_left;
	uint64_t looked_ns, settled_ns;
	uint64_t window_begin_ns, window_end_ns; /* 0: not yet */
	uint64_t done_before;                    /* the window */
	uint64_t tasks;                          /* in it */
	bool over;
};

/*
 * Read the command line.  True: @w is ready.  False: there is nothing to
 * measure, and main() returns *@ret_code; if the version was asked for it has
 * been printed.
 */
bool stint_begin(struct stint *w, int argc, char **argv, const char *version,
		 int *ret_code);

/* The seed of the next task, 1 … PEER_SEEDS in turn. */
uint64_t stint_next(struct stint *w);

/*
 * Run the task with @seed in the thread with number @thread, which is 0 …
 * workers: the workers' own, and one more that may be a submitting thread's.
 */
void stint_run(struct stint *w, uint32_t thread, uint64_t seed);

/* The same for a task that somebody else has run, with @digest. */
void stint_note(struct stint *w, uint32_t thread, uint64_t seed,
		uint64_t digest);

/*
 * Whether there are more tasks to come: until the window closes.  To be called
 * by the thread that hands them over, about once a task.
 */
bool stint_goes_on(struct stint *w);

/* Whether the window has closed. */
bool stint_is_over(const struct stint *w);

/* Print the account of all tasks, and free it.  Returns main()'s exit code. */
int stint_print(struct stint *w);

#endif
