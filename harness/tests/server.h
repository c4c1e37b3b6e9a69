/*
 * server - a model in simulated time: its tasks take exactly as long as a test
 * says, and nothing else takes any time at all.  What the open loop makes of
 * it can be computed, and a minute of load is over at once.
 */
#ifndef HARNESS_TESTS_SERVER_H
#define HARNESS_TESTS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/slice.h"

struct server {
	uint32_t workers, depth;
	uint64_t service_ns; /* of every task */

	/* At 0, every_ns, 2 every_ns … nobody works for stall_ns. */
	uint64_t stall_ns, every_ns;

	/* To reap is to run a task to its end, and to wait for none. */
	bool serial;

	uint64_t lose;         /* answer no task from this number on; 0: all */
	uint64_t fail;         /* this one ends with exit:3; 0: none */
	uint64_t full_until;   /* before that time it takes nothing */
	uint64_t submit_fails; /* with ECHILD, from this number on; 0: never */
};

struct server_load {
	uint64_t seed, interval_ns;
	struct slice_timing timing;
	uint32_t trace;
};

/* Where simulated time begins: not at 0, which means "no such time". */
#define SERVER_BEGIN UINT64_C(1000000000000)

/*
 * The result of an open loop of @load with @what.  What must be true of every
 * result has been asserted.  What is there must be freed by the caller.
 */
struct slice_result server_run(const struct server *what,
			       const struct server_load *load);

/*
 * When a worker of @server who begins at @start_ns has done a task; the start
 * itself moves to where it can work.
 */
uint64_t server_end(const struct server *server, uint64_t *start_ns);

#endif
