/*
 * openmp - tasks of OpenMP, as a peer.
 *
 * One thread of the team makes tasks in a loop, the others and it run them: so
 * the manual has it.  There is no way to ask how many wait.  libgomp sees to
 * that itself: when there are 64 for each thread it runs a new task at once, in
 * the thread that makes it, which hands over nothing and wakes nobody.  DEPTH
 * means nothing here.  No task takes stamps of time.
 */
#include <omp.h>
#include <stdio.h>

#include "bench/peers/stint.h"

int main(int argc, char **argv)
{
	struct stint work;
	char version[16];
	int code;

	/* 201511 is OpenMP 4.5 of November 2015. */
	snprintf(version, sizeof(version), "%d.%02d", _OPENMP / 100,
		 _OPENMP % 100);
	if (!stint_begin(&work, argc, argv, version, &code))
		return code;
#pragma omp parallel num_threads((int)work.workers)
#pragma omp single
	while (stint_goes_on(&work)) {
		uint64_t seed = stint_next(&work);

#pragma omp task firstprivate(seed) shared(work)
		stint_run(&work, (uint32_t)omp_get_thread_num(), seed);
	}
	return stint_print(&work);
}
