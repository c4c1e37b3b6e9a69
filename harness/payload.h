/*
 * payload - what it costs to move a task's bytes, by bytes and carrier.
 *
 * Floor 4.  Pure.  The cells of experiment `payload': the same task with the same
 * bytes, brought to a worker and back in different ways.  What its time has
 * besides the work is the price of moving, the two wake-ups included.
 */
#ifndef HARNESS_PAYLOAD_H
#define HARNESS_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "harness/look.h"
#include "harness/summary.h"
#include "harness/view.h"

/* A way to bring bytes, known by the model that does it. */
struct payload_carrier {
	const char *runs; /* "carry:pipe" */
	const char *name; /* "pipe" */
	unsigned copies;  /* of each byte, there and back together */
	struct look look;
};

/* A carrier with so many bytes.  NaN: not measured. */
struct payload_point {
	struct estimate move_ns; /* of one task, there and back */
	struct estimate work_ns; /* reading and changing each byte once */

	/*
	 * Of all processes together, the work and a share of their start
	 * included: what others on the machine hardly change.
	 */
	struct estimate cpu_ns;
	struct estimate sleeps; /* how often somebody had to wait */

	/*
	 * The time of the whole task, and its processor time, to those with a
	 * pointer and the same bytes; NaN for the pointer itself.  Of either,
	 * those of all carriers with the same bytes hold together with 95 %.
	 */
	struct estimate ratio, cpu_ratio;
};

struct payload {
	const struct payload_carrier **carriers; /* [n_carriers] measured */
	size_t n_carriers;
	uint64_t *bytes; /* [n_bytes] each way, ascending */
	size_t n_bytes;
	struct payload_point *points; /* payload_at() */
};

/*
 * Of a view of experiment `payload', which outlives @ret.  0; -ENODATA: nothing
 * was measured; -ENOMEM.
 */
int payload_make(const struct view *v, struct payload *ret);

/* Accepts a zeroed struct. */
void payload_done(struct payload *p);

/* Carrier number @carrier with p->bytes[@i]. */
const struct payload_point *payload_at(const struct payload *p, size_t carrier,
				       size_t i);

/* The number of the carrier with this @name; p->n_carriers: not measured. */
size_t payload_find(const struct payload *p, const char *name);

/*
 * Does @ratio, one of a point, say that it is surely more than with a pointer,
 * and by what matters?
 */
bool payload_more(const struct estimate *ratio);

#endif
