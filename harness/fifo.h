/*
 * fifo - a bounded first-in first-out queue of records of one size.
 *
 * Floor 1.  Plain memory, no locks: where threads share one, the caller holds
 * the lock that guards it.
 */
#ifndef HARNESS_FIFO_H
#define HARNESS_FIFO_H

#include <stddef.h>
#include <stdint.h>

struct fifo {
	char *items;      /* [room] records of size bytes */
	size_t size;      /* of a record */
	uint32_t room;    /* how many fit */
	uint32_t n, head; /* how many are in, and where the oldest is */
};

/* Room for @room records of @size bytes.  0 or -ENOMEM. */
int fifo_init(struct fifo *f, uint32_t room, size_t size);

/* Free it; accepts a zeroed struct. */
void fifo_done(struct fifo *f);

/* Copy @item in.  0, or -EAGAIN: full. */
int fifo_put(struct fifo *f, const void *item);

/* Copy the oldest record out to @ret.  1, or 0: empty. */
int fifo_take(struct fifo *f, void *ret);

#endif
