/*
 * base - what every other file may use: the clock, CHECK, mixing, sizes.
 *
 * Floor 0: includes nothing of ours.
 */
#ifndef HARNESS_BASE_H
#define HARNESS_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* A deadline that never comes. */
#define CLOCK_NEVER UINT64_MAX

/*
 * CHECK(cond) is for promises that this program makes to itself, not for bad
 * input: if @cond is false, say where on stderr and abort.  Unlike assert() it
 * is always compiled in, so @cond may have effects.
 */
#define CHECK(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

_Noreturn void check_failed(const char *cond, const char *file, int line);

/*
 * Nanoseconds of CLOCK_MONOTONIC: comparable between all threads and processes
 * of one machine, never stepped by NTP or an administrator.  About 25 ns a
 * call where the kernel's vDSO serves it.
 */
uint64_t clock_ns(void);

/* @ns as the kernel's calls want it. */
struct timespec clock_timespec(uint64_t ns);

/* Sleep until clock_ns() reaches @deadline_ns; signals do not cut it short. */
void clock_sleep_until(uint64_t deadline_ns);

/*
 * Milliseconds from now to @deadline_ns for poll(2) and epoll_wait(2), rounded
 * up so that a waiter does not spin through the last millisecond; 0 when it has
 * passed, at most INT_MAX.
 */
int clock_poll_ms(uint64_t deadline_ns);

struct epoll_event;

/*
 * epoll_wait(2) until @deadline_ns, and not up to a millisecond longer: the
 * load generator may have to send the next task then.  Returns what it returns;
 * where the kernel (before 5.11) knows no finer deadline, the coarse one holds.
 */
int clock_epoll_wait(int epoll, struct epoll_event *ret, int max,
		     uint64_t deadline_ns);

/*
 * The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014): a bijection of 64-bit words in
 * which every input bit flips about half of the output bits.
 */
static inline uint64_t mix64(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* A splitmix64 generator: the whole state is one word, any seed is good. */
struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
	r->state += UINT64_C(0x9e3779b97f4a7c15);
	return mix64(r->state);
}

/* Uniform in [0, @n), @n > 0, without modulo bias. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* Put the @n items of @size bytes at @items in random order (Fisher-Yates). */
void rng_shuffle(struct rng *r, void *items, size_t n, size_t size);

#endif
