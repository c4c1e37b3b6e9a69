/*
 * A file of its own, as it is all that links a worker to hwloc: a small program
 * that is pinned by who starts it has no need of either.
 */
#include "harness/model.h"
#include "harness/placement.h"
#include "harness/task.h"

void worker_begin(struct worker *ret, const struct job *job, uint32_t index)
{
	*ret = (struct worker){.index = index};
	if (job->placement)
		ret->bind_errno = -placement_bind(job->placement, index);
}
