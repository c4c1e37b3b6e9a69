/*
 * pool_worker - what a worker of the pool does all its life.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/models/pool_internal.h"
#include "harness/base.h"

/*
 * Whether this worker's resident memory is over the limit.  The kernel counts
 * in what a worker still shares with its parent.
 */
static bool too_big(int statm, int64_t limit_mb)
{
	char text[128], *resident;
	ssize_t n;

	if (limit_mb == 0)
		return false;
	n = pread(statm, text, sizeof(text) - 1, 0);
	if (n <= 0)
		return false;
	text[n] = '\0';
	resident = strchr(text, ' '); /* the second number, in pages */
	return resident && strtol(resident, NULL, 10) * sysconf(_SC_PAGESIZE) >
				   limit_mb << 20;
}

int pool_open_statm(const struct pool *p)
{
	if (p->job->settings[POOL_MEMORY] == 0)
		return -1;
	return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

bool pool_is_due(const struct pool *p, int64_t n, int statm)
{
	const int64_t *set = p->job->settings;

	return n == set[POOL_RECYCLE] || too_big(statm, set[POOL_MEMORY]);
}

enum pool_end pool_serve_wire(const struct pool *p, struct worker *self,
			      const struct pool_wire *wire,
			      struct pool_notice *notice)
{
	const struct pool_transport *transport = p->carrier->wire;
	int64_t idle = p->job->settings[POOL_IDLE];
	int idle_ms = idle > 0 ? (int)idle : -1;
	int statm = pool_open_statm(p);
	struct completion c;
	struct task task;
	int64_t n = 0;

	for (;;) {
		int r = transport->take_task(wire, idle_ms, &task);

		if (r == -ETIMEDOUT)
			return POOL_IDLE_END;
		if (r == 0)
			return POOL_DIED;
		if (p->job->run_limit_ns > 0)
			__atomic_store_n(&notice->begun_ns, clock_ns(),
					 __ATOMIC_RELAXED);
		__atomic_store_n(&notice->n_begun, (uint64_t)++n,
				 __ATOMIC_RELEASE);
		task_run(p->job, self, &task, 0, &c);
		if (transport->send_result(wire, &c) < 0)
			return POOL_DIED;
		if (pool_is_due(p, n, statm))
			return POOL_RECYCLED;
	}
}
