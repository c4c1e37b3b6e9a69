/*
 * readme - what the tables of results/README.md explain, so that tests can hold
 * it against what the program really writes.
 */
#ifndef HARNESS_TESTS_README_H
#define HARNESS_TESTS_README_H

#include <stddef.h>

struct readme {
	char keys[128][64]; /* [n], first cells of tables, without the quotes */
	size_t n;
};

/*
 * The keys of the tables below the line @heading, "## slices.csv", up to the
 * next heading of any depth.  Aborts if there are none.
 */
void readme_read(const char *heading, struct readme *ret);

/* How often @key is explained. */
size_t readme_count(const struct readme *r, const char *key);

#endif
