#include "harness/respawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* No clock here: the tests make their own time, from this moment on. */
#define T0 (1000 * NS_PER_S)

static void an_empty_place_is_filled_at_once(void **state)
{
	struct respawn r = {0};

	(void)state;
	assert_true(respawn_at(&r) <= T0);
}

static void who_was_ready_has_a_successor_at_once(void **state)
{
	struct respawn r = {0};

	(void)state;
	respawn_started(&r, T0);
	respawn_ready(&r);
	respawn_ready(&r);
	respawn_died(&r, T0 + NS_PER_S);
	assert_true(respawn_at(&r) <= T0 + NS_PER_S);
}

static void starts_are_a_twentieth_of_a_second_apart(void **state)
{
	struct respawn r = {0};
	uint64_t now = T0;
	int starts = 0;

	(void)state;
	/* Each dies a microsecond after its start, for a minute. */
	for (; now < T0 + 60 * NS_PER_S; now = respawn_at(&r)) {
		respawn_started(&r, now);
		respawn_ready(&r);
		respawn_died(&r, now + NS_PER_US);
		assert_int_equal(respawn_at(&r), now + NS_PER_S / 20);
		starts++;
	}
	assert_int_equal(starts, 60 * 20);
}

/* One that lives so long before it dies, not ready; when may the next start? */
static uint64_t die_early(struct respawn *r, uint64_t now, uint64_t life_ns)
{
	respawn_started(r, now);
	respawn_died(r, now + life_ns);
	return respawn_at(r);
}

static void five_early_deaths_in_ten_seconds_are_the_end(void **state)
{
	struct respawn r = {0};
	uint64_t now = T0;

	(void)state;
	for (uint64_t ms = 10; ms <= 80; ms *= 2) {
		uint64_t next = die_early(&r, now, 0);

		assert_int_equal(next, now + ms * NS_PER_MS);
		now = next;
	}
	assert_int_equal(die_early(&r, now, 0), CLOCK_NEVER);
	assert_true(r.given_up);
}

static void the_pause_grows_to_a_second(void **state)
{
	static const uint64_t pauses_ms[] = {10,  20,  40,   80,   160,
					     320, 640, 1000, 1000, 1000};
	struct respawn r = {0};
	uint64_t now = T0, life_ns = 3 * NS_PER_S;

	(void)state;
	/* Never five in ten seconds: they take their time to die. */
	for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
		uint64_t next = die_early(&r, now, life_ns);

		assert_int_equal(next,
				 now + life_ns + pauses_ms[i] * NS_PER_MS);
		now = next;
	}
	for (int i = 0; i < 1000; i++)
		now = die_early(&r, now, life_ns);
	assert_int_equal(die_early(&r, now, life_ns), now + life_ns + NS_PER_S);
}

static void the_window_slides(void **state)
{
	struct respawn r = {0};

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		assert_true(die_early(&r, T0 + i, 0) != CLOCK_NEVER);
	/* The first of five is just too long ago, then the second is not. */
	assert_true(die_early(&r, T0 + 10 * NS_PER_S + 1, 0) != CLOCK_NEVER);
	assert_int_equal(die_early(&r, T0 + 10 * NS_PER_S + 1, 0), CLOCK_NEVER);
}

static void ready_ends_the_pause_but_not_the_window(void **state)
{
	struct respawn r = {0};
	uint64_t now = T0;

	(void)state;
	for (int i = 0; i < 3; i++)
		now = die_early(&r, now, 0);
	assert_int_equal(r.failures, 3);
	respawn_started(&r, now);
	respawn_ready(&r);
	assert_int_equal(r.failures, 0);
	respawn_died(&r, now + NS_PER_S);
	now += NS_PER_S;
	assert_int_equal(die_early(&r, now, 0), now + 10 * NS_PER_MS);
	assert_int_equal(die_early(&r, now, 0), CLOCK_NEVER);
}

static void failed_starts_are_slow_but_never_the_end(void **state)
{
	struct respawn r = {0};
	uint64_t now = T0;
	int tries = 0;

	(void)state;
	for (; now < T0 + 60 * NS_PER_S; now = respawn_at(&r)) {
		respawn_failed(&r, now);
		assert_false(r.given_up);
		tries++;
	}
	/* Eight in the first 2.27 s, then one a second. */
	assert_int_equal(tries, 66);
}

static void who_leaves_as_agreed_has_a_successor_at_once(void **state)
{
	struct respawn r = {0};

	(void)state;
	for (uint64_t now = T0; now < T0 + 1000; now++) {
		respawn_started(&r, now);
		respawn_left(&r, now);
		assert_int_equal(respawn_at(&r), now);
	}
	assert_int_equal(r.failures, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_place_is_filled_at_once),
		cmocka_unit_test(who_was_ready_has_a_successor_at_once),
		cmocka_unit_test(starts_are_a_twentieth_of_a_second_apart),
		cmocka_unit_test(five_early_deaths_in_ten_seconds_are_the_end),
		cmocka_unit_test(the_pause_grows_to_a_second),
		cmocka_unit_test(the_window_slides),
		cmocka_unit_test(ready_ends_the_pause_but_not_the_window),
		cmocka_unit_test(failed_starts_are_slow_but_never_the_end),
		cmocka_unit_test(who_leaves_as_agreed_has_a_successor_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
