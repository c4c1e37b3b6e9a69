/*
 * eventcount - sleep until something may have happened; wake only who sleeps.
 *
 * Floor 1.  What a condition variable is to a mutex, an eventcount is to data
 * structures without locks (Dmitry Vyukov, "Eventcounts", 1024cores.net).  One
 * thread waits, any number notify:
 *
 *	waiter					notifier
 *	while (!try()) {			publish;
 *		key = eventcount_prepare(e);	eventcount_notify(e);
 *		if (try()) {
 *			eventcount_cancel(e);
 *			break;
 *		}
 *		eventcount_wait(e, key, …);
 *	}
 *
 * No wake-up is lost.  The waiter first says that it will sleep, then looks once
 * more; the notifier first publishes, then looks whether somebody sleeps.  That
 * is Dekker's pattern: one of the two sees the other, as long as neither side's
 * load overtakes its own store.  Processors do let loads overtake stores (x86
 * too: a store waits in a buffer while the next load is done).  So both sides
 * need a full fence there.  Ours is that both change the word by an atomic
 * exchange, the notifier even if it only wants to read it.  Of two exchanges of
 * one word one is first, and the later one sees all that came before it:
 *
 *	the notifier's first: the waiter's second look finds what it published
 *	the waiter's first: the notifier reads that somebody sleeps
 *
 * harness/tests/test_eventcount_states.c tries all interleavings, with the
 * fences and without.
 *
 * A notifier to whom nobody sleeps makes no system call: it pays for the
 * exchange.
 */
#ifndef HARNESS_EVENTCOUNT_H
#define HARNESS_EVENTCOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* May lie in memory that processes share. */
struct eventcount {
	/*
	 * Odd: the waiter sleeps or is about to.  A notifier makes it even by
	 * adding one, so a waiter's key is never met again (2^31 notifications
	 * between two instructions of a waiter apart).
	 */
	_Alignas(64) uint32_t word;
	uint32_t shared; /* waiter and notifiers are in different processes */
};

void eventcount_init(struct eventcount *e, bool shared);

/*
 * Waiter: say that you will sleep.  Then look again, and call one of the two
 * below with what this returned.
 */
uint32_t eventcount_prepare(struct eventcount *e);

/* Waiter: there is something after all. */
void eventcount_cancel(struct eventcount *e, uint32_t key);

/*
 * Waiter: sleep until notified since eventcount_prepare(), or until clock_ns()
 * is @deadline_ns.  0 or -ETIMEDOUT; after either, look for yourself.
 */
int eventcount_wait(struct eventcount *e, uint32_t key, uint64_t deadline_ns);

/* After publishing: wake the waiter if it sleeps. */
void eventcount_notify(struct eventcount *e);

/*
 * The same for a waiter that sleeps in another way, in epoll_wait(2) say: if it
 * is to be woken, true, and then the caller does it.  Of several notifiers only
 * one is told.
 */
bool eventcount_claim(struct eventcount *e);

#endif
