/*
 * cluster_internal - what the files of the primary share.
 */
#ifndef BENCH_MODELS_CLUSTER_INTERNAL_H
#define BENCH_MODELS_CLUSTER_INTERNAL_H

#include "bench/models/cluster_primary.h"

/* epoll data: which seat, and which of its two descriptors. */
#define TAG_CHANNEL(seat) ((uint64_t)(seat)*2)
#define TAG_PIDFD(seat) ((uint64_t)(seat)*2 + 1)

/* The seat @which, 0 or 1, of place @index on the board. */
uint32_t primary_seat(const struct cluster_primary *p, uint32_t index,
		      uint32_t which);

/* The process at @seat of the board. */
struct process *primary_process(struct cluster_primary *p, uint32_t seat);

/* Fork a worker for seat @which of place @index.  0 or -errno: none is there. */
int primary_start(struct cluster_primary *p, uint32_t index, uint32_t which);

/* Tell @w, if it still hears. */
void primary_say(struct process *w, enum cluster_word word);

/* Close all listeners, here; workers have copies. */
void primary_deafen(struct cluster_primary *p);

/* cluster_watch.c */

/* Kill whoever runs or hangs for too long, at @now_ns. */
void watch_check(struct cluster_primary *p, uint64_t now_ns);

/* cluster_leave.c */

/* When the next of those who leave loses our patience; CLOCK_NEVER. */
uint64_t leave_deadline(const struct cluster_primary *p);

/* Press those who should have left by @now_ns. */
void leave_press(struct cluster_primary *p, uint64_t now_ns);

/* Go on with primary_roll(), as far as it goes. */
void roll_on(struct cluster_primary *p);

/* The successor at place @index has died before it was ready. */
void roll_abort(struct cluster_primary *p, uint32_t index);

#endif
