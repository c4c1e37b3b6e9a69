/*
 * clock_check - may stamps of two processors be compared, and what is one worth?
 *
 * Floor 1.  All phases of a task are differences of stamps that were taken on
 * different processors.  That is only right if clock_ns() never runs backwards
 * on the way from one to the other, and only precise if a stamp costs little of
 * what it measures.
 */
#ifndef HARNESS_CLOCK_CHECK_H
#define HARNESS_CLOCK_CHECK_H

#include <stdint.h>

struct clock_check {
	uint64_t hops;       /* how many were made */
	uint64_t backwards;  /* arrived before they had left */
	uint64_t min_hop_ns; /* the quickest that did not; UINT64_MAX: none */
};

#define CLOCK_CHECK_INIT                                                       \
	{                                                                      \
		.min_hop_ns = UINT64_MAX                                       \
	}

/* Enter in @c one hop of a stamp that left at @thrown_ns. */
void clock_check_note(struct clock_check *c, uint64_t thrown_ns,
		      uint64_t caught_ns);

/*
 * Two threads throw a stamp to each other @hops times (at least 2) through
 * shared memory: one stamps and throws, the other catches and looks at its own
 * clock, which must not be earlier.  The threads are bound to @cpu_a and @cpu_b,
 * the kernel's numbers; -1: not bound.  The caller's own binding stays.
 *
 * The quickest hop is the limit of the test: clocks that differ by less would
 * not be found, nor would they matter, for no result travels faster.
 *
 * Ends at @deadline_ns at the latest, with as many hops as there were until
 * then.  0; -ETIMEDOUT: not even one; -EINVAL: we may not use such a CPU; or
 * another -errno of pthread_create(3).
 */
int clock_check_run(int cpu_a, int cpu_b, uint64_t hops, uint64_t deadline_ns,
		    struct clock_check *ret);

/*
 * What one call of clock_ns() costs the calling thread, in ns: the median of
 * batches, so that an interruption of one does not count.  At least 1.  Takes
 * less than 1 ms where the vDSO serves the clock.
 */
uint64_t clock_check_cost_ns(void);

#endif
