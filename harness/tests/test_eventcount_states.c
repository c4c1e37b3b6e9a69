/*
 * Why the eventcount loses no wake-up: every interleaving there is of a waiter
 * and one or two notifiers, on processors that keep stores in a buffer for a
 * while (total store order, as of x86: Owens, Sarkar and Sewell, "A better x86
 * memory model: x86-TSO", TPHOLs 2009).
 *
 * Each party is a little program, a step per access to memory.  A store goes to
 * its party's buffer; at any moment the oldest of a buffer may reach memory.  An
 * atomic exchange waits until its party's buffer is empty.  The states are few
 * thousands, so all are visited.  Bad is one in which nothing can happen any
 * more, while an item is there and the waiter sleeps: nobody is on the way.
 *
 * The same search finds the lost wake-up at once if any of the four things is
 * left out that prevent it: so it can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"

#define NOTIFIERS 2 /* at most, an item each */
#define PARTIES (1 + NOTIFIERS)

/* What may be left out. */
enum flaw {
	PLAIN_PREPARE = 1 << 0, /* a plain store, not an exchange */
	PLAIN_NOTIFY = 1 << 1,  /* a plain load */
	NO_SECOND_LOOK = 1 << 2,
	NO_COMPARE = 1 << 3, /* the kernel sleeps whatever the word is */
};

/* Places of memory: a counter of items for each notifier, and the word. */
#define WORD NOTIFIERS
#define PLACES (NOTIFIERS + 1)

/* Steps of the waiter. */
enum {
	LOOK,
	PREPARE,
	PREPARED,
	LOOK_AGAIN,
	CANCEL,
	SLEEP,
	ASLEEP,
	HAPPY
};

/* Steps of a notifier. */
enum {
	PUBLISH,
	FENCE,
	READ,
	CLAIM,
	WAKE,
	GONE
};

struct state {
	uint8_t step[PARTIES]; /* [0] is the waiter */
	uint8_t memory[PLACES];
	uint8_t taken;         /* items that the waiter has had */
	uint8_t key;           /* what it has from prepare */
	uint8_t read[PARTIES]; /* what a notifier saw in the word */

	/* One store at most is on its way: no party here makes a second. */
	struct {
		uint8_t full, place, value;
	} buffer[PARTIES];
};

/* What @party sees: its own store first. */
static uint8_t load(const struct state *s, int party, uint8_t place)
{
	if (s->buffer[party].full && s->buffer[party].place == place)
		return s->buffer[party].value;
	return s->memory[place];
}

static void store(struct state *s, int party, uint8_t place, uint8_t value)
{
	assert_false(s->buffer[party].full);
	s->buffer[party].full = 1;
	s->buffer[party].place = place;
	s->buffer[party].value = value;
}

/* Whether the waiter sees an item that it has not had yet. */
static bool has_item(const struct state *s)
{
	uint8_t n = 0;

	for (uint8_t i = 0; i < NOTIFIERS; i++)
		n = (uint8_t)(n + load(s, 0, i));
	return n > s->taken;
}

/* One step of the waiter, which wants @wanted items.  False: not just now. */
static bool step_waiter(struct state *s, int wanted, unsigned flaws)
{
	uint8_t *step = &s->step[0];

	switch (*step) {
	case LOOK:
		*step = PREPARE;
		if (has_item(s))
			*step = ++s->taken == wanted ? HAPPY : LOOK;
		return true;
	case PREPARE:
		/* An exchange in two: weaker than the real one. */
		s->key = load(s, 0, WORD) | 1;
		store(s, 0, WORD, s->key);
		*step = PREPARED;
		return true;
	case PREPARED:
		/* A plain store may still be on its way. */
		if (s->buffer[0].full && !(flaws & PLAIN_PREPARE))
			return false;
		*step = flaws & NO_SECOND_LOOK ? SLEEP : LOOK_AGAIN;
		return true;
	case LOOK_AGAIN:
		*step = has_item(s) ? CANCEL : SLEEP;
		return true;
	case CANCEL:
		if (s->buffer[0].full)
			return false;
		if (s->memory[WORD] == s->key)
			s->memory[WORD]++;
		*step = LOOK;
		return true;
	case SLEEP:
		/* A system call: whatever was stored is out. */
		if (s->buffer[0].full)
			return false;
		*step = LOOK;
		if (s->memory[WORD] == s->key || flaws & NO_COMPARE)
			*step = ASLEEP;
		return true;
	default:
		return false;
	}
}

static bool step_notifier(struct state *s, int me, unsigned flaws)
{
	uint8_t *step = &s->step[me];

	switch (*step) {
	case PUBLISH:
		store(s, me, (uint8_t)(me - 1), 1);
		*step = FENCE;
		return true;
	case FENCE:
		if (s->buffer[me].full && !(flaws & PLAIN_NOTIFY))
			return false;
		*step = READ;
		return true;
	case READ:
		s->read[me] = load(s, me, WORD);
		*step = s->read[me] % 2 ? CLAIM : GONE;
		return true;
	case CLAIM:
		/* Compare and exchange: one step, with an empty buffer. */
		if (s->buffer[me].full)
			return false;
		*step = s->memory[WORD] == s->read[me] ? WAKE : GONE;
		if (*step == WAKE)
			s->memory[WORD]++;
		return true;
	case WAKE:
		if (s->step[0] == ASLEEP)
			s->step[0] = LOOK;
		*step = GONE;
		return true;
	default:
		return false;
	}
}

/* The oldest store of @party reaches memory. */
static bool drain(struct state *s, int party)
{
	if (!s->buffer[party].full)
		return false;
	s->memory[s->buffer[party].place] = s->buffer[party].value;
	memset(&s->buffer[party], 0, sizeof(s->buffer[party]));
	return true;
}

/* Where the search has been, and what it still has to go on from. */
static struct search {
	struct state seen[100000];
	size_t n;
	size_t slots[1 << 18]; /* hash table: index into seen + 1; 0: free */
} search;

static void reach(const struct state *s)
{
	uint64_t hash = 0;
	size_t slot;

	for (size_t i = 0; i < sizeof(*s); i++)
		hash = mix64(hash ^ ((const uint8_t *)s)[i]);
	slot = hash % ARRAY_LEN(search.slots);
	while (search.slots[slot]) {
		if (memcmp(&search.seen[search.slots[slot] - 1], s,
			   sizeof(*s)) == 0)
			return;
		slot = (slot + 1) % ARRAY_LEN(search.slots);
	}
	assert_true(search.n < ARRAY_LEN(search.seen));
	search.seen[search.n++] = *s;
	search.slots[slot] = search.n;
}

/* How many of all states are bad: stuck, and not with all items taken. */
static size_t count_bad(int n_notifiers, unsigned flaws)
{
	static const struct state begin;
	size_t n_bad = 0;

	memset(&search, 0, sizeof(search));
	reach(&begin);
	/* seen[] is its own queue: what is found is appended. */
	for (size_t i = 0; i < search.n; i++) {
		bool stuck = true;

		for (int party = 0; party <= n_notifiers; party++) {
			struct state next = search.seen[i];

			if (party == 0 ? step_waiter(&next, n_notifiers, flaws)
				       : step_notifier(&next, party, flaws)) {
				reach(&next);
				stuck = false;
			}
			next = search.seen[i];
			if (drain(&next, party)) {
				reach(&next);
				stuck = false;
			}
		}
		n_bad += stuck && search.seen[i].step[0] != HAPPY;
	}
	return n_bad;
}

static void loses_no_wake_up(void **state)
{
	(void)state;
	assert_int_equal(count_bad(1, 0), 0);
	assert_true(search.n > 30);
	assert_int_equal(count_bad(2, 0), 0);
	assert_true(search.n > 300);
}

static void loses_them_without(void **state)
{
	static const enum flaw flaws[] = {
		PLAIN_PREPARE,
		PLAIN_NOTIFY,
		NO_SECOND_LOOK,
		NO_COMPARE,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(flaws); i++) {
		assert_true(count_bad(1, flaws[i]) > 0);
		assert_true(count_bad(2, flaws[i]) > 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_no_wake_up),
		cmocka_unit_test(loses_them_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
