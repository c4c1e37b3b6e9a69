/*
 * slice_ballast - memory that a process has and does not need: a big parent.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_BALLAST_H
#define HARNESS_SLICE_BALLAST_H

#include <stdint.h>

struct ballast {
	void *map; /* NULL: none */
	uint64_t map_bytes;
};

/*
 * Map @bytes and write to every page, so that each has its entry in the page
 * tables that fork(2) copies: one for 4 KiB, or with @huge, where the kernel
 * has such pages, one for 2 MiB.  0 or -ENOMEM.  @bytes 0: nothing.
 */
int ballast_load(uint64_t bytes, uint32_t huge, struct ballast *ret);

/* Give it back; accepts a zeroed struct. */
void ballast_drop(struct ballast *b);

#endif
