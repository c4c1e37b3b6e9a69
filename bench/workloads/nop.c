/*
 * nop - no work at all: measures the harness and the models, not a task.
 *
 * What a nop task takes from submit to done is what bringing it there and back
 * costs, and nothing else.  It stands for the empty handler of a server.
 *
 * Size means nothing here: this is the one workload that takes the same time
 * for any.  The size is mixed in only so that nobody mistakes one nop for
 * another.  The compiler may do what it likes: there is nothing to delete.
 */
#include "bench/workloads/digest.h"
#include "harness/workload.h"

static uint64_t nop_run(uint64_t size, uint64_t seed)
{
	return digest_add(mix64(seed), size);
}

const struct workload workload_nop = {
	.name = "nop",
	.summary = "nothing: what remains is the price of the harness",
	.size_unit = "nothings",
	.default_size = 1,
	.run = nop_run,
	.golden = UINT64_C(0xe9fd6049d65af21e),
};
