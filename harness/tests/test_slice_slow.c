#include "harness/slice_slow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "harness/base.h"

/* Phases of 1, 2, 3 … times @ns, but for the queue. */
static void add(struct slow_tasks *s, uint64_t queue_ns, uint64_t ns)
{
	const uint64_t phases[PHASES] = {queue_ns, ns, 2 * ns, 3 * ns, 4 * ns};

	slow_add(s, phases);
}

static void expect(const struct slow_tasks *s, uint64_t tasks,
		   uint64_t queue_ns, uint64_t ns)
{
	struct slice_result r = {0};

	slow_note(s, &r);
	assert_int_equal(r.slow_tasks, tasks);
	assert_int_equal(r.slow_phase_sum_ns[PHASE_QUEUE], queue_ns);
	assert_int_equal(r.slow_phase_sum_ns[PHASE_CREATE], ns);
	assert_int_equal(r.slow_phase_sum_ns[PHASE_DISPATCH], 2 * ns);
	assert_int_equal(r.slow_phase_sum_ns[PHASE_COMPUTE], 3 * ns);
	assert_int_equal(r.slow_phase_sum_ns[PHASE_RETURN], 4 * ns);
}

static void fewer_than_a_hundred_have_no_hundredth(void **state)
{
	struct slow_tasks *s = slow_open();

	(void)state;
	assert_non_null(s);
	expect(s, 0, 0, 0);
	for (int i = 0; i < 99; i++)
		add(s, 0, 1000);
	expect(s, 0, 0, 0);
	add(s, 0, 1000);
	expect(s, 1, 0, 1000);
	slow_close(s);
	slow_close(NULL);
}

/* Who waited long in the queue is not slow itself. */
static void the_slowest_by_their_own_time_are_chosen(void **state)
{
	struct slow_tasks *s = slow_open();

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		add(s, i % 100 == 0 ? 1 : NS_PER_S, i % 100 == 0 ? 9000 : 1000);
	expect(s, 10, 10, 90000);
	/* The eleventh is one of the others. */
	for (int i = 0; i < 100; i++)
		add(s, 7, 100);
	expect(s, 11, 10 + NS_PER_S, 91000);
	slow_close(s);
}

/* Three of the five in a bucket: with the mean of the five. */
static void of_the_last_bucket_a_part_is_taken(void **state)
{
	struct slow_tasks *s = slow_open();

	(void)state;
	for (int i = 0; i < 400 - 6; i++)
		add(s, 0, 1000);
	add(s, 50, 1000000);
	for (uint64_t i = 0; i < 5; i++)
		add(s, 10 * i, 500000 + i);
	expect(s, 4, 50 + 3 * 20, 1000000 + 3 * 500002);
	slow_close(s);
}

static void times_beyond_the_range_are_the_slowest(void **state)
{
	struct slow_tasks *s = slow_open();
	const uint64_t beyond = UINT64_C(1) << 50;

	(void)state;
	for (int i = 0; i < 198; i++)
		add(s, 0, 1000000);
	add(s, 0, beyond);
	add(s, 0, beyond + 2);
	expect(s, 2, 0, 2 * beyond + 2);
	slow_close(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fewer_than_a_hundred_have_no_hundredth),
		cmocka_unit_test(the_slowest_by_their_own_time_are_chosen),
		cmocka_unit_test(of_the_last_bucket_a_part_is_taken),
		cmocka_unit_test(times_beyond_the_range_are_the_slowest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
