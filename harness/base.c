#include "harness/base.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

void check_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, cond);
	abort();
}

uint64_t clock_ns(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_S),
		.tv_nsec = (long)(ns % NS_PER_S),
	};
}

void clock_sleep_until(uint64_t deadline_ns)
{
	struct timespec t = clock_timespec(deadline_ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
	       EINTR)
		;
}

int clock_poll_ms(uint64_t deadline_ns)
{
	uint64_t now = clock_ns();
	uint64_t left_ns = deadline_ns > now ? deadline_ns - now : 0;
	uint64_t ms = left_ns / NS_PER_MS + (left_ns % NS_PER_MS != 0);

	return ms < INT_MAX ? (int)ms : INT_MAX;
}

int clock_epoll_wait(int epoll, struct epoll_event *ret, int max,
		     uint64_t deadline_ns)
{
	uint64_t now = clock_ns();
	struct timespec left =
		clock_timespec(deadline_ns > now ? deadline_ns - now : 0);
	int n = epoll_pwait2(epoll, ret, max, &left, NULL);

	if (n < 0 && errno == ENOSYS)
		n = epoll_wait(epoll, ret, max, clock_poll_ms(deadline_ns));
	return n;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	/* Values below 2^64 mod n would make small results likelier. */
	uint64_t reject = (UINT64_MAX - n + 1) % n;
	uint64_t x;

	CHECK(n > 0);
	do
		x = rng_next(r);
	while (x < reject);
	return x % n;
}

void rng_shuffle(struct rng *r, void *items, size_t n, size_t size)
{
	char *base = items;

	for (size_t i = n; i > 1; i--) {
		char *a = base + (i - 1) * size;
		char *b = base + rng_below(r, i) * size;

		for (size_t k = 0; k < size; k++) {
			char t = a[k];

			a[k] = b[k];
			b[k] = t;
		}
	}
}
