/*
 * pool_wire - how a task gets to a worker of the pool, and its result back.
 *
 * One row of operations per transport: all that differs between the variants of
 * the pool.  Records travel whole or not at all, so a worker may be killed at
 * any moment and nobody ever waits for the rest of what it was writing.
 */
#ifndef BENCH_MODELS_POOL_WIRE_H
#define BENCH_MODELS_POOL_WIRE_H

#include <stdint.h>

#include "harness/task.h"

/* One end of a wire; descriptors, -1: none. */
struct pool_wire {
	int in, out; /* where to receive and to send; may be the same */
	int spare;   /* a third one that must stay open as long */
};

struct pool_transport {
	const char *name;

	/* Make both ends of a new wire.  0; -errno: nothing is left open. */
	int (*open)(struct pool_wire *ret_here, struct pool_wire *ret_there);

	/*
	 * Dispatcher: send @task.  Never blocks: JOB_MAX_DEPTH tasks always
	 * fit.  Should the worker be dead, the task is lost without a word.
	 */
	void (*send_task)(const struct pool_wire *here,
			  const struct task *task);

	/*
	 * Worker: wait for a task, @idle_ms at most (-1: for ever).  1; 0: no
	 * more will come; -ETIMEDOUT.
	 */
	int (*take_task)(const struct pool_wire *there, int idle_ms,
			 struct task *ret);

	/* Worker: send a result.  0; -errno: nobody listens any more. */
	int (*send_result)(const struct pool_wire *there,
			   const struct completion *c);

	/*
	 * Dispatcher, when `in' is readable: take a result.  1; 0: nothing
	 * after all; -EPIPE: the worker is gone, and all that it ever sent
	 * was taken; -EPROTO: something came that is no result.
	 */
	int (*take_result)(const struct pool_wire *here,
			   struct completion *ret);
};

extern const struct pool_transport pool_socket, pool_pipe;

/* Close what is open of this end. */
void pool_wire_close(struct pool_wire *w);

#endif
