#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/clock_check.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#define HOPS 10000

/* Long enough for any machine; no test below should need it. */
static uint64_t far(void)
{
	return clock_ns() + 60 * NS_PER_S;
}

/* The first and the last CPU that we may use; perhaps the same. */
static void find_cpus(int *first, int *last)
{
	cpu_set_t set;

	*first = -1;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET((size_t)i, &set))
			continue;
		if (*first < 0)
			*first = i;
		*last = i;
	}
	assert_true(*first >= 0);
}

static void hops_are_noted(void **state)
{
	struct clock_check c = CLOCK_CHECK_INIT;

	(void)state;
	clock_check_note(&c, 1000, 999);
	assert_true(c.hops == 1 && c.backwards == 1);
	assert_true(c.min_hop_ns == UINT64_MAX);
	clock_check_note(&c, 1000, 1300);
	clock_check_note(&c, 2000, 2200);
	clock_check_note(&c, 3000, 3250);
	assert_true(c.hops == 4 && c.backwards == 1);
	assert_true(c.min_hop_ns == 200);
	/* As early as it left is quick, but not backwards. */
	clock_check_note(&c, 4000, 4000);
	assert_true(c.hops == 5 && c.backwards == 1 && c.min_hop_ns == 0);
}

static void expect_hops(int a, int b)
{
	struct clock_check c;

	assert_int_equal(clock_check_run(a, b, HOPS, far(), &c), 0);
	assert_true(c.hops == HOPS);
	assert_true(c.backwards == 0);
	assert_true(c.min_hop_ns < NS_PER_S);
}

static void two_processors(void **state)
{
	int first, last;

	(void)state;
	find_cpus(&first, &last);
	expect_hops(first, last);
	expect_hops(last, first);
}

/* Where waiting without yielding would take a time slice a hop. */
static void one_processor(void **state)
{
	int first, last;

	(void)state;
	find_cpus(&first, &last);
	expect_hops(last, last);
}

static void not_bound(void **state)
{
	(void)state;
	expect_hops(-1, -1);
}

static void our_own_binding_stays(void **state)
{
	cpu_set_t before, after;
	int first, last;

	(void)state;
	find_cpus(&first, &last);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	expect_hops(first, first);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

static void no_such_processor(void **state)
{
	const struct clock_check untouched = {7, 8, 9};
	struct clock_check c = untouched;
	int first, last;

	(void)state;
	find_cpus(&first, &last);
	assert_int_equal(clock_check_run(100000, first, HOPS, far(), &c),
			 -EINVAL);
	/* The first player must not wait for one who never came. */
	assert_int_equal(clock_check_run(first, 100000, HOPS, CLOCK_NEVER, &c),
			 -EINVAL);
	assert_memory_equal(&c, &untouched, sizeof(c));
}

static void deadlines_are_kept(void **state)
{
	const struct clock_check untouched = {7, 8, 9};
	struct clock_check c = untouched;
	uint64_t endless = UINT64_MAX;
	int first, last;

	(void)state;
	find_cpus(&first, &last);
	assert_int_equal(clock_check_run(first, last, endless, clock_ns(), &c),
			 -ETIMEDOUT);
	assert_memory_equal(&c, &untouched, sizeof(c));
	/* Some hops are better than none. */
	for (uint64_t ms = 10; ms < 60000; ms *= 2) {
		int r = clock_check_run(first, last, endless,
					clock_ns() + ms * NS_PER_MS, &c);

		if (r == -ETIMEDOUT)
			continue; /* a machine too busy to start two threads */
		assert_int_equal(r, 0);
		assert_true(c.hops > 0 && c.hops < endless);
		return;
	}
	fail();
}

static void a_call_costs_something(void **state)
{
	uint64_t ns = clock_check_cost_ns();

	(void)state;
	assert_true(ns >= 1 && ns < NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hops_are_noted),
		cmocka_unit_test(two_processors),
		cmocka_unit_test(one_processor),
		cmocka_unit_test(not_bound),
		cmocka_unit_test(our_own_binding_stays),
		cmocka_unit_test(no_such_processor),
		cmocka_unit_test(deadlines_are_kept),
		cmocka_unit_test(a_call_costs_something),
	};

	/* Should a wait have no end, the alarm is the test's. */
	(void)alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
