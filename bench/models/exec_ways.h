/*
 * exec_ways - three ways to start a program, side by side.
 *
 * Part of the model exec.  What the child must have is the same in all of them:
 * a group of its own, no input, its output in our pipe, nothing else of ours
 * open, the usual signals, the worker's processor, and an end with ours.
 *
 *	way_fork	fork(2), execve(2): a copy of our memory, thrown away
 *	way_borrow	clone(2) with CLONE_VM and CLONE_VFORK, execve(2): no copy
 *	way_spawn	posix_spawn(3): the same, wrapped by the C library
 */
#ifndef BENCH_MODELS_EXEC_WAYS_H
#define BENCH_MODELS_EXEC_WAYS_H

#include <sched.h>

#include "harness/errand.h"
#include "harness/model.h"

#define EXEC_STACK_BYTES 65536

/* As many processors as Linux can be built for. */
#define EXEC_CPU_SETS (8192 / CPU_SETSIZE)

/* What is to be started, and all that it takes. */
struct exec_order {
	const struct job *job;
	uint32_t index; /* of the worker that it will be */
	const struct task *task;
	const char *program;   /* as errand_words() has it */
	char *stack;           /* [EXEC_STACK_BYTES], of the model's own */
	cpu_set_t *home;       /* [EXEC_CPU_SETS] where the caller may run */
	struct errand *errand; /* to be opened here */
};

/*
 * Each starts the program.  0; or -errno, and nothing is open: also of an execve(2)
 * that fails, but for way_fork(), where the errand's end tells that.
 */
int way_fork(const struct exec_order *order);
int way_borrow(const struct exec_order *order);
int way_spawn(const struct exec_order *order);

#endif
