#include "harness/slice_slow.h"

#include <sys/mman.h>

#include "harness/base.h"

#define ONE_IN 100

/* Together, because a task changes all of a bucket and of no other. */
struct bucket {
	uint64_t n;
	uint64_t phase_sum_ns[PHASES];
};

struct slow_tasks {
	struct bucket buckets[HISTOGRAM_BUCKETS];
	uint64_t n;
};

/*
 * fork(2) shares memory copy-on-write: after each fork the first write to a
 * page copies it.  A model that forks would pay for our book-keeping, so the
 * children are not given it.
 */
struct slow_tasks *slow_open(void)
{
	void *s = mmap(NULL, sizeof(struct slow_tasks), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	/* Refused, it is dearer, not wrong. */
	(void)madvise(s, sizeof(struct slow_tasks), MADV_DONTFORK);
	return s;
}

void slow_close(struct slow_tasks *s)
{
	if (s)
		CHECK(munmap(s, sizeof(*s)) == 0);
}

void slow_add(struct slow_tasks *s, const uint64_t phases[PHASES])
{
	const uint64_t longest = (UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1;
	uint64_t own_ns = 0;
	struct bucket *b;

	for (int i = 0; i < PHASES; i++)
		own_ns += i == PHASE_QUEUE ? 0 : phases[i];
	b = &s->buckets[histogram_bucket(own_ns < longest ? own_ns : longest)];
	b->n++;
	for (int i = 0; i < PHASES; i++)
		b->phase_sum_ns[i] += phases[i];
	s->n++;
}

void slow_note(const struct slow_tasks *s, struct slice_result *ret)
{
	uint64_t left = s->n / ONE_IN;

	ret->slow_tasks = left;
	for (size_t i = HISTOGRAM_BUCKETS; i-- > 0 && left > 0;) {
		const struct bucket *b = &s->buckets[i];
		uint64_t n = b->n < left ? b->n : left;

		if (n == 0)
			continue;
		for (int p = 0; p < PHASES; p++)
			ret->slow_phase_sum_ns[p] +=
				n == b->n ? b->phase_sum_ns[p]
					  : b->phase_sum_ns[p] / b->n * n;
		left -= n;
	}
}
