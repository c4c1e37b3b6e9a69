/*
 * cluster_board - the scoreboard: what every worker is doing, for all to see.
 *
 * Memory that all processes of a cluster share.  Each worker writes on its own
 * seat and anybody reads; there are only atomics and no lock, so a worker that
 * is killed at any moment leaves nothing locked behind.
 */
#ifndef BENCH_MODELS_CLUSTER_BOARD_H
#define BENCH_MODELS_CLUSTER_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include "harness/base.h"

enum seat_state {
	SEAT_EMPTY,
	SEAT_STARTING, /* forked or about to be, not ready yet */
	SEAT_READY,
	SEAT_DRAINING, /* takes no new connections, finishes what it has */
};

/*
 * One worker process.  128 bytes apart, as processors fetch cache lines in
 * pairs: nobody's counting slows down a sibling's.
 */
struct cluster_seat {
	_Alignas(128) _Atomic int32_t pid; /* 0: none */
	_Atomic uint32_t state;            /* enum seat_state */
	_Atomic uint32_t connections;      /* open now */

	_Atomic uint32_t asleep; /* waits in the kernel for more */

	/* When a sibling has woken it, and it is not awake yet; 0. */
	_Atomic uint64_t nudged_ns;

	_Atomic uint64_t progress; /* grows whenever the worker comes round */

	/* The task that it runs, since when; 0: none. */
	_Atomic uint64_t task_id, task_since_ns;

	_Atomic int32_t cpu; /* where the last task ended; -1: unknown */

	/* Ever since the board was made, whoever sat here. */
	_Atomic uint64_t starts;   /* of processes */
	_Atomic uint64_t accepted; /* connections */
	_Atomic uint64_t requests;
	_Atomic uint64_t busy_ns; /* not asleep */
	_Atomic uint64_t wakeups;
	_Atomic uint64_t wasted_wakeups; /* found nothing to do */
};

/*
 * A place for a worker has two seats, @index and workers + @index: while one
 * worker still finishes its work, its successor needs a seat of its own.
 */
struct cluster_board {
	uint32_t workers;
	struct cluster_seat *seats; /* [2 * workers]; NULL: no board */
};

/* 0 or -errno; on failure @b needs no board_close(). */
int board_open(struct cluster_board *b, uint32_t workers);

/* Accepts a zeroed board. */
void board_close(struct cluster_board *b);

/* Somebody new takes the seat; what was counted there stays. */
void seat_take(struct cluster_seat *seat, enum seat_state state);

/* Before and after a task of the worker at @seat. */
void seat_task_begin(struct cluster_seat *seat, uint64_t id, uint64_t now_ns);
void seat_task_end(struct cluster_seat *seat);

/* Add to a number that only one process writes: no locked instruction. */
static inline void seat_add(_Atomic uint64_t *number, uint64_t more)
{
	uint64_t was = atomic_load_explicit(number, memory_order_relaxed);

	atomic_store_explicit(number, was + more, memory_order_relaxed);
}

/* Numbers of one worker, or of all. */
struct board_sum {
	uint64_t starts, connections, accepted, requests, busy_ns;
	uint64_t wakeups, wasted_wakeups;
};

/* Of whoever has been worker @index. */
struct board_sum board_worker(const struct cluster_board *b, uint32_t index);

#endif
