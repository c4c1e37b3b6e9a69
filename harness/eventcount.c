#include "harness/eventcount.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base.h"

void eventcount_init(struct eventcount *e, bool shared)
{
	*e = (struct eventcount){.shared = shared};
}

/* A futex of one process alone is found faster. */
static int operation(const struct eventcount *e, int op)
{
	return e->shared ? op : op | FUTEX_PRIVATE_FLAG;
}

uint32_t eventcount_prepare(struct eventcount *e)
{
	/* Acquire: if a notifier was here first, see what it has published. */
	return __atomic_fetch_or(&e->word, 1, __ATOMIC_ACQ_REL) | 1;
}

void eventcount_cancel(struct eventcount *e, uint32_t key)
{
	/* If that fails a notifier was faster, and it is even already. */
	(void)__atomic_compare_exchange_n(&e->word, &key, key + 1, false,
					  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

int eventcount_wait(struct eventcount *e, uint32_t key, uint64_t deadline_ns)
{
	struct timespec at = clock_timespec(deadline_ns);
	const struct timespec *until = deadline_ns == CLOCK_NEVER ? NULL : &at;

	while (__atomic_load_n(&e->word, __ATOMIC_RELAXED) == key) {
		/*
		 * The kernel compares once more, with the futex's queue locked:
		 * a notifier comes before that, and we do not sleep, or finds
		 * us in the queue.  FUTEX_WAIT_BITSET is FUTEX_WAIT with an
		 * absolute time of CLOCK_MONOTONIC (futex(2)).
		 */
		long r = syscall(SYS_futex, &e->word,
				 operation(e, FUTEX_WAIT_BITSET), key, until,
				 NULL, FUTEX_BITSET_MATCH_ANY);

		if (r < 0 && errno == ETIMEDOUT) {
			eventcount_cancel(e, key);
			return -ETIMEDOUT;
		}
		CHECK(r == 0 || errno == EAGAIN || errno == EINTR);
	}
	return 0;
}

bool eventcount_claim(struct eventcount *e)
{
	/*
	 * To read would do, were it not for the order: see the header.  Release:
	 * a waiter that comes later sees what the caller has published.
	 */
	uint32_t word = __atomic_fetch_add(&e->word, 0, __ATOMIC_ACQ_REL);

	return word % 2 == 1 &&
	       __atomic_compare_exchange_n(&e->word, &word, word + 1, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void eventcount_notify(struct eventcount *e)
{
	if (eventcount_claim(e))
		(void)syscall(SYS_futex, &e->word, operation(e, FUTEX_WAKE), 1);
}
