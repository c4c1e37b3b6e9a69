/*
 * tbb - task_group of oneTBB, as a peer.
 *
 * One thread hands over tasks by run(), and in wait() runs some itself.  Two
 * groups take turns, each of half of the tasks that may be in flight: while the
 * thread waits for the one there is still work in the other.  Nobody has to be
 * woken for a task that the submitting thread runs.  No task takes stamps of time.
 */
#include <cstdio>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <tbb/version.h>

extern "C" {
#include "bench/peers/stint.h"
}

static void fill(struct stint &work, tbb::task_group &group)
{
	for (uint32_t i = 0; i < (work.in_flight + 1) / 2 && stint_goes_on(&work); i++) {
		uint64_t seed = stint_next(&work);

		group.run([&work, seed] {
			int thread = tbb::this_task_arena::current_thread_index();

			stint_run(&work, (uint32_t)thread, seed);
		});
	}
}

int main(int argc, char **argv)
{
	struct stint work;
	char version[32];
	int code;

	snprintf(version, sizeof(version), "%d.%d.%d", TBB_VERSION_MAJOR,
		 TBB_VERSION_MINOR, TBB_VERSION_PATCH);
	if (!stint_begin(&work, argc, argv, version, &code))
		return code;

	/* The submitting thread is one of the workers. */
	tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
				  work.workers);
	tbb::task_arena arena((int)work.workers);

	arena.execute([&work] {
		tbb::task_group groups[2];

		for (unsigned turn = 0; !stint_is_over(&work); turn++) {
			groups[turn % 2].wait();
			fill(work, groups[turn % 2]);
		}
		groups[0].wait();
		groups[1].wait();
	});
	return stint_print(&work);
}
