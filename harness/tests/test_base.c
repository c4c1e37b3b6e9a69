#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_is_silent_when_true(void **state)
{
	int calls = 0;

	(void)state;
	CHECK(++calls == 1);
	assert_int_equal(calls, 1);
}

static void check_says_where_and_aborts(void **state)
{
	char said[256] = "";
	int fd[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* Not cmocka's handler, which would go on with the tests. */
		signal(SIGABRT, SIG_DFL);
		dup2(fd[1], STDERR_FILENO);
		CHECK(1 + 1 == 3);
		_exit(0);
	}
	close(fd[1]);
	assert_true(read(fd[0], said, sizeof(said) - 1) > 0);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, "test_base.c:"));
	assert_non_null(strstr(said, "CHECK failed: 1 + 1 == 3\n"));
}

static void clock_never_goes_back(void **state)
{
	uint64_t last = clock_ns();

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t now = clock_ns();

		assert_true(now >= last);
		last = now;
	}
}

static void timespec_splits_at_the_second(void **state)
{
	struct timespec t = clock_timespec(5 * NS_PER_S + 999999999);

	(void)state;
	assert_int_equal(t.tv_sec, 5);
	assert_int_equal(t.tv_nsec, 999999999);
	t = clock_timespec(6 * NS_PER_S);
	assert_int_equal(t.tv_sec, 6);
	assert_int_equal(t.tv_nsec, 0);
}

static void sleep_to_the_past_returns(void **state)
{
	(void)state;
	clock_sleep_until(0);
	clock_sleep_until(clock_ns());
}

static sig_atomic_t ticks;

static void on_alarm(int sig)
{
	(void)sig;
	ticks++;
}

static void sleep_is_not_cut_by_signals(void **state)
{
	struct itimerval often = {{0, 1000}, {0, 1000}};
	struct itimerval never = {{0, 0}, {0, 0}};
	uint64_t deadline = clock_ns() + 20 * NS_PER_MS;
	struct sigaction act = {.sa_handler = on_alarm}, old;

	(void)state;
	ticks = 0;
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	clock_sleep_until(deadline);
	assert_true(clock_ns() >= deadline);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(ticks > 0);
}

static void poll_ms_rounds_up(void **state)
{
	(void)state;
	assert_int_equal(clock_poll_ms(0), 0);
	assert_int_equal(clock_poll_ms(clock_ns()), 0);
	assert_int_equal(clock_poll_ms(CLOCK_NEVER), INT_MAX);
	for (uint64_t wait = 1; wait < 100 * NS_PER_S; wait = wait * 3 + 7) {
		uint64_t before = clock_ns();
		uint64_t deadline = before + wait;
		uint64_t ms = (uint64_t)clock_poll_ms(deadline);

		/* Who waits so long does not come early, nor 1 ms late. */
		assert_true(clock_ns() + ms * NS_PER_MS >= deadline);
		assert_true(ms * NS_PER_MS < wait + NS_PER_MS);
	}
}

/*
 * Of a hundred waits for 100 us, one at least does not last a millisecond.  A
 * deadline in whole milliseconds would make all of them that long.
 */
static void epoll_knows_fine_deadlines(void **state)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN}, got;
	int ends[2], n_short = 0;

	(void)state;
	assert_true(epoll >= 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event), 0);
	for (int i = 0; i < 100; i++) {
		uint64_t begin = clock_ns(), deadline = begin + 100 * NS_PER_US;

		assert_int_equal(clock_epoll_wait(epoll, &got, 1, deadline), 0);
		assert_true(clock_ns() >= deadline);
		n_short += clock_ns() - begin < NS_PER_MS;
	}
	assert_true(n_short > 0);
	/* A deadline in the past: only look. */
	assert_int_equal(clock_epoll_wait(epoll, &got, 1, 1), 0);
	assert_int_equal(write(ends[1], "", 1), 1);
	assert_int_equal(clock_epoll_wait(epoll, &got, 1, 1), 1);
	assert_int_equal(clock_epoll_wait(epoll, &got, 1, CLOCK_NEVER), 1);
	assert_int_equal(got.events, EPOLLIN);
	assert_int_equal(clock_epoll_wait(-1, &got, 1, CLOCK_NEVER), -1);
	assert_int_equal(errno, EBADF);
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(epoll);
}

/* The outputs of splitmix64 for seed 0, as its authors' code prints them. */
static void mixing_is_splitmix64(void **state)
{
	struct rng r = {0};

	(void)state;
	assert_true(mix64(0) == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(rng_next(&r) == UINT64_C(0x6e789e6aa1b965f4));
	assert_true(rng_next(&r) == UINT64_C(0x06c45d188009454f));
}

static void below_stays_below(void **state)
{
	struct rng r = {1};

	(void)state;
	for (uint64_t n = 1; n != 0; n <<= 1) {
		for (int i = 0; i < 100; i++) {
			assert_true(rng_below(&r, n) < n);
			assert_true(rng_below(&r, n + n / 2) < n + n / 2);
		}
	}
}

/*
 * Of 3/4 of all words a third is below 1/4.  A plain modulo would make it a
 * half: the last quarter of the words comes out as the first again.
 */
static void below_has_no_bias(void **state)
{
	uint64_t quarter = UINT64_C(1) << 62;
	struct rng r = {2};
	int low = 0;

	(void)state;
	for (int i = 0; i < 30000; i++)
		low += rng_below(&r, 3 * quarter) < quarter;
	assert_in_range(low, 9700, 10300);
}

static void shuffle_reaches_every_order_alike(void **state)
{
	static const char orders[6][4] = {"abc", "acb", "bac",
					  "bca", "cab", "cba"};
	int seen[6] = {0};
	struct rng r = {3};

	(void)state;
	for (int i = 0; i < 6000; i++) {
		char items[] = "abc";

		rng_shuffle(&r, items, 3, 1);
		for (size_t k = 0; k < 6; k++)
			seen[k] += strcmp(items, orders[k]) == 0;
	}
	for (size_t k = 0; k < 6; k++)
		assert_in_range(seen[k], 900, 1100);
}

static void shuffle_keeps_items_whole(void **state)
{
	struct item {
		uint32_t a, b, c;
	} items[100];
	int seen[100] = {0}, moved = 0;
	struct rng r = {4};

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		items[i] = (struct item){i, i + 1000, i + 2000};
	rng_shuffle(&r, items, 100, sizeof(items[0]));
	for (uint32_t i = 0; i < 100; i++) {
		assert_in_range(items[i].a, 0, 99);
		assert_int_equal(items[i].b, items[i].a + 1000);
		assert_int_equal(items[i].c, items[i].a + 2000);
		seen[items[i].a]++;
		moved += items[i].a != i;
	}
	for (int i = 0; i < 100; i++)
		assert_int_equal(seen[i], 1);
	assert_true(moved > 50);

	rng_shuffle(&r, items, 0, sizeof(items[0]));
	rng_shuffle(&r, NULL, 0, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_is_silent_when_true),
		cmocka_unit_test(check_says_where_and_aborts),
		cmocka_unit_test(clock_never_goes_back),
		cmocka_unit_test(timespec_splits_at_the_second),
		cmocka_unit_test(sleep_to_the_past_returns),
		cmocka_unit_test(sleep_is_not_cut_by_signals),
		cmocka_unit_test(poll_ms_rounds_up),
		cmocka_unit_test(epoll_knows_fine_deadlines),
		cmocka_unit_test(mixing_is_splitmix64),
		cmocka_unit_test(below_stays_below),
		cmocka_unit_test(below_has_no_bias),
		cmocka_unit_test(shuffle_reaches_every_order_alike),
		cmocka_unit_test(shuffle_keeps_items_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
