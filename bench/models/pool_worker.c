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

enum pool_end pool_serve(const struct pool *p, const struct worker *self,
			 const struct pool_wire *wire,
			 struct pool_notice *notice)
{
	const int64_t *set = p->job->settings;
	int idle_ms = set[POOL_IDLE] > 0 ? (int)set[POOL_IDLE] : -1;
	int statm = set[POOL_MEMORY]
			    ? open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
			    : -1;
	struct completion c;
	struct task task;
	int64_t n = 0;

	for (;;) {
		int r = p->transport->take_task(wire, idle_ms, &task);

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
		if (p->transport->send_result(wire, &c) < 0)
			return POOL_DIED;
		if (n == set[POOL_RECYCLE] || too_big(statm, set[POOL_MEMORY]))
			return POOL_RECYCLED;
	}
}
