/*
 * workload - the contract of a task's work: a pure function.
 *
 * Floor 2.  Includes nothing of ours, so that a shared object for
 * `--load-workload FILE.so' needs this header and no library.  Such an object
 * defines one symbol:
 *
 *	const struct workload workload = { .name = "mine", ... };
 */
#ifndef HARNESS_WORKLOAD_H
#define HARNESS_WORKLOAD_H

#include <stdint.h>

struct workload {
	const char *name;    /* lower case, digits, '_'; unique in the table */
	const char *summary; /* one line: what it does, what it stands for */

	/* What one unit of size is, in the plural: "KiB", "matrix products". */
	const char *size_unit;

	/* About 1 ms of work on a processor of the 2020s; at least 1. */
	uint64_t default_size;

	/*
	 * Do @size units of work and return a digest of all of it.  @size and
	 * @seed alone decide the digest: the same on every 64-bit machine, with
	 * every compiler, at every optimisation, with every version of a
	 * library.  Every unit of work must show in the digest, or a compiler
	 * may leave it out.  Time grows about linearly with @size.
	 *
	 * Runs on any number of threads and forked processes at once.  Whatever
	 * it allocates it frees; tables that are the same for every call may be
	 * built once and kept.  Prints nothing, fails never: where memory runs
	 * out it aborts, and the task is reported as ended by SIGABRT.
	 */
	uint64_t (*run)(uint64_t size, uint64_t seed);

	/* run(default_size, 1); 0 in a loaded workload: not checked. */
	uint64_t golden;
};

#endif
