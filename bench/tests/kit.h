/*
 * kit - what the tests of models need: a place to fail in, a count of what is
 * left behind, workloads that behave badly, and a small load generator.
 *
 * Every test of a model runs in a forked process of its own, so that a crash, a
 * hang or a leak of a model fails one test, by name.  There cmocka's asserts
 * would go on with the other tests, in the wrong process: use KIT_EXPECT().
 */
#ifndef BENCH_TESTS_KIT_H
#define BENCH_TESTS_KIT_H

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/model.h"

/* End the process as a failed test if @cond is false. */
#define KIT_EXPECT(cond)                                                       \
	((cond) ? (void)0 : kit_failed(#cond, __FILE__, __LINE__))

/* The same if @a and @b are not equal, and say what they are. */
#define KIT_EQUAL(a, b)                                                        \
	kit_equal((long long)(a), (long long)(b), #a " == " #b, __FILE__,      \
		  __LINE__)

_Noreturn void kit_failed(const char *what, const char *file, int line);
void kit_equal(long long a, long long b, const char *what, const char *file,
	       int line);

/* Circumstances to be told with the next failure, as of printf(3). */
void kit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A property that models have. */
struct kit_property {
	const char *name;
	void (*check)(const struct model *model);

	/* Only for models with one of these traits; 0: for all. */
	unsigned only;
};

/*
 * To be called first in main(), with its arguments: models may execute the
 * program anew to run a task of one of the workloads below; then this does not
 * return.
 */
void kit_begin(int argc, char **argv);

/*
 * Check each of the @n properties for each model of the registry, and without a
 * sanitiser also for those that experiments have of their own: a cmocka test for each pair, in a process
 * of its own, with a deadline.  A process that it leaves behind is a failure
 * too.  Returns the exit status of the program.
 */
int kit_main(const struct kit_property *properties, size_t n);

/* The same for the models of @all alone, a list with NULL at its end. */
int kit_main_of(const struct model *const *all,
		const struct kit_property *properties, size_t n);

/* What belongs to this process. */
struct kit_census {
	uint32_t children; /* zombies too */
	uint32_t zombies;
	uint32_t threads;
	uint32_t descriptors;
	uint32_t mappings; /* of memory shared with other processes */
	sigset_t mask;     /* signals blocked in the calling thread */
};

void kit_count(struct kit_census *ret);

/*
 * Expect all to be as it was at @before.  Only threads are waited for: the
 * kernel forgets them a moment after pthread_join(3).
 */
void kit_expect_as(const struct kit_census *before);

/* Pids of our children, zombies too, at most @max; returns how many. */
size_t kit_children(pid_t *ret, size_t max);

/* mix64() applied size times to the seed. */
extern const struct workload kit_mix;

/* Sleeps for size ns, then digests its seed. */
extern const struct workload kit_nap;

/* Does to its worker what the seed says; a seed of 0 mod 8 is harmless. */
extern const struct workload kit_crash;
#define KIT_CRASH_ABORT 1
#define KIT_CRASH_KILL 2
#define KIT_CRASH_EXIT_7 3
#define KIT_CRASH_EXIT_0 4

/* Fails by task_fail() with the seed as the status; 1 is TASK_OK. */
extern const struct workload kit_fail;

/* Never ends, in the way the seed says; a seed of 0 mod 8 is harmless. */
extern const struct workload kit_hang;
#define KIT_HANG_BUSY 1
#define KIT_HANG_ASLEEP 2
#define KIT_HANG_STOPPED 3
#define KIT_HANG_WITH_CHILD 4 /* which hangs, too */

/* A model at work. */
struct kit_load {
	const struct model *model;
	struct job job;
	void *handle;
};

/* Tasks in flight of @l when it is full; serial has one worker, always. */
uint32_t kit_capacity(const struct kit_load *l);

/* A load of @model, not open yet, without placement. */
struct kit_load kit_load(const struct model *model,
			 const struct workload *workload, uint64_t size,
			 uint32_t workers, uint32_t depth);

/* Open and close it; open is expected to succeed. */
void kit_open(struct kit_load *l);
void kit_close(struct kit_load *l);

/* What came of one task. */
struct kit_answer {
	uint64_t submit_ns, done_ns;
	uint32_t n; /* how often it was answered */
	struct completion c;
};

/* The id of task @i; every 64-bit number may be one. */
uint64_t kit_id(size_t i);

/*
 * Run @n tasks, with the seeds @seeds or, if NULL, i + 1 for task i; keep the
 * model full.  Expects that each answer belongs to a task in flight and comes
 * from a worker that there is.  Returns 0 when each of @ret has its answer, or
 * what submit or reap said when it failed; then those in flight are still waited
 * for.
 */
int kit_drive(struct kit_load *l, size_t n, const uint64_t *seeds,
	      struct kit_answer *ret);

/* The same, where every task is expected to end ok and with the right digest. */
void kit_drive_ok(struct kit_load *l, size_t n);

/* Expect @c to have the right digest of the task with @seed. */
void kit_expect_digest(const struct kit_load *l, uint64_t seed,
		       const struct completion *c);

/*
 * Open @l, have @expect drive it with the @n @seeds, which may do bad things to
 * workers, and @shared; then once more with harmless ones, of which none may
 * suffer.  Expects that nothing is left when @l is closed.
 */
void kit_survive(struct kit_load *l, uint64_t *seeds, size_t n,
		 void (*expect)(struct kit_load *l, const uint64_t *seeds,
				int shared),
		 int shared);

#endif
