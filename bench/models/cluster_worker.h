/*
 * cluster_worker - the loop of one server process of the cluster model.
 *
 * Many keep-alive connections, one thread: epoll tells which of them have
 * something to read, and a task is run as soon as its request is whole.
 */
#ifndef BENCH_MODELS_CLUSTER_WORKER_H
#define BENCH_MODELS_CLUSTER_WORKER_H

#include <stdint.h>

#include "harness/gate.h"
#include "harness/model.h"

struct cluster_limits {
	uint32_t connections; /* held at a time, at least 1 */
	uint64_t request_ns;  /* from a request's first byte to its last */
	uint64_t idle_ns;     /* from an answer to the next request */
};

/*
 * Serve whoever connects to the non-blocking @listener, as worker @self of
 * @job, until killed.  Reports to @ready first (NULL: to nobody) and closes it;
 * exits with status 1 if that far it does not get.  The late are looked for
 * every fifth of request_ns, so a limit may be exceeded by as much.
 */
_Noreturn void cluster_work(const struct job *job, const struct worker *self,
			    int listener, const struct cluster_limits *limits,
			    struct gate *ready);

#endif
