/*
 * cluster_corpus - the files of bench/tests/requests, for two test programs.
 */
#ifndef BENCH_TESTS_CLUSTER_CORPUS_H
#define BENCH_TESTS_CLUSTER_CORPUS_H

#include <stddef.h>

#define CORPUS_VALID "bench/tests/requests/valid"
#define CORPUS_REFUSED "bench/tests/requests/refused"
#define CORPUS_INVALID "bench/tests/requests/invalid"

struct corpus_file {
	char name[128];
	size_t n;
	char bytes[16384];
};

/*
 * Call @each with every file of folder @path and @arg; fails the test if there
 * are fewer than @at_least.
 */
void corpus_each(const char *path, size_t at_least,
		 void (*each)(const struct corpus_file *file, void *arg),
		 void *arg);

#endif
