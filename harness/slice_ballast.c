#include "harness/slice_ballast.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base.h"

/* As x86-64 and arm64 with 4 KiB pages have them. */
#define HUGE_PAGE (UINT64_C(2) << 20)

int ballast_load(uint64_t bytes, uint32_t huge, struct ballast *ret)
{
	uint64_t step = (uint64_t)sysconf(_SC_PAGESIZE);
	struct ballast b = {.map_bytes = bytes + HUGE_PAGE};
	char *begin;

	if (bytes == 0) {
		*ret = (struct ballast){0};
		return 0;
	}
	if (bytes > UINT64_MAX - HUGE_PAGE)
		return -ENOMEM;
	b.map = mmap(NULL, b.map_bytes, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b.map == MAP_FAILED)
		return -ENOMEM;
	/* A huge page begins at a multiple of its size. */
	begin = b.map;
	begin += (HUGE_PAGE - (uintptr_t)begin % HUGE_PAGE) % HUGE_PAGE;
	/* A kernel without huge pages refuses, and has small ones. */
	(void)madvise(begin, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	for (uint64_t at = 0; at < bytes; at += step)
		begin[at] = 1;
	*ret = b;
	return 0;
}

void ballast_drop(struct ballast *b)
{
	if (b->map)
		CHECK(munmap(b->map, b->map_bytes) == 0);
	*b = (struct ballast){0};
}
