/*
 * arrivals - when the tasks of an open loop come: a Poisson process.
 *
 * Floor 1.  Pure.  People who do not know of each other click at such times:
 * the gaps between two arrivals are independent and exponential.  Gaps shorter
 * than the mean are the usual case, so that queues form long before a system
 * has no time left.
 */
#ifndef HARNESS_ARRIVALS_H
#define HARNESS_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

struct arrivals {
	uint64_t *due_ns; /* [n], ascending, from the begin of the load */
	size_t n;
};

/* More arrivals are a mistake: their times alone would take half a GiB. */
#define ARRIVALS_MAX ((size_t)1 << 26)

/*
 * All arrivals in [0, @span_ns), one each @interval_ns (> 0) on average.  The
 * k-th comes after k unit gaps, times @interval_ns, and the gaps depend on
 * @seed alone: at another interval the same arrivals come, only closer.  0;
 * -ENOMEM; -EOVERFLOW: more than ARRIVALS_MAX.
 */
int arrivals_init(uint64_t seed, uint64_t interval_ns, uint64_t span_ns,
		  struct arrivals *ret);

/* Free the times; accepts a zeroed struct. */
void arrivals_done(struct arrivals *a);

#endif
