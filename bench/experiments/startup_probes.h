/*
 * startup_probes - the calls that create a process or a thread, as models.
 *
 * Each reap creates one worker that ends at once, waits until it is gone, and
 * then does the task itself, so that the digest is right.  What is measured:
 *
 *	submit  create  gone  end
 *	   |---------|-----|----|
 *	    create    disp. compute
 *
 * Phase `create' is the call itself, until it has returned in the parent;
 * `dispatch' the wait until the worker has ended and is collected; `compute'
 * the task, hardly anything for workload nop.  With one task in flight the
 * latency is all of this together: from creation until gone.
 *
 *	call:fork            fork(2); the child calls _exit(2)
 *	call:fork_exec       fork(2); the child executes /bin/true
 *	call:posix_spawn     posix_spawn(3) of /bin/true
 *	call:pthread_create  pthread_create(3); the thread returns
 *
 * posix_spawn can only start a program.  /bin/true is the smallest that every
 * system has, and yet its number has in it: execve(2), the dynamic loader, the
 * start of the C library and its end.  So fork alone is no fair rival;
 * fork_exec is, as it starts the same program, and what the two differ by is
 * the copy of the parent that fork makes for nothing.  (The C library makes
 * posix_spawn of a clone(2) that borrows the parent's memory until the exec,
 * as vfork(2) does; so there is no probe of vfork.)
 *
 * Not in the numbers: what the parent pays later, a page fault for each page
 * that it writes after a fork, though the child is gone; and memory for the
 * thread's stack, which the C library keeps from the thread before.
 *
 * Workers are where the generator is, on its processor if it has one.
 *
 * Source of the question: Baumann, Appavoo, Krieger and Roscoe, "A fork() in
 * the road", HotOS'19, figure 1.
 */
#ifndef BENCH_EXPERIMENTS_STARTUP_PROBES_H
#define BENCH_EXPERIMENTS_STARTUP_PROBES_H

#include "harness/model.h"

extern const struct model *const startup_probes[]; /* NULL at the end */

#endif
