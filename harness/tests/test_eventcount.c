#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/eventcount.h"

/* Enough for a test that can only hang if a wake-up is lost. */
#define PATIENCE_NS (60 * NS_PER_S)

/* A bare counter of items: nothing but the eventcount makes the waiter look. */
struct table {
	struct eventcount e;
	uint64_t items; /* put there by notifiers */
	uint64_t rounds;
};

static void put(struct table *t)
{
	__atomic_fetch_add(&t->items, 1, __ATOMIC_RELEASE);
	eventcount_notify(&t->e);
}

/* Wait until there are @n items.  How often it slept; -1: it was not woken. */
static int64_t wait_for(struct table *t, uint64_t n)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;
	int64_t slept = 0;

	while (__atomic_load_n(&t->items, __ATOMIC_ACQUIRE) < n) {
		uint32_t key = eventcount_prepare(&t->e);

		if (__atomic_load_n(&t->items, __ATOMIC_ACQUIRE) >= n) {
			eventcount_cancel(&t->e, key);
			break;
		}
		if (eventcount_wait(&t->e, key, deadline_ns) < 0)
			return -1;
		slept++;
	}
	return slept;
}

static void a_deadline_ends_the_wait(void **state)
{
	struct eventcount e;
	uint64_t deadline_ns;

	(void)state;
	eventcount_init(&e, false);
	assert_int_equal(eventcount_wait(&e, eventcount_prepare(&e), 0),
			 -ETIMEDOUT);
	deadline_ns = clock_ns() + 3 * NS_PER_MS;
	assert_int_equal(
		eventcount_wait(&e, eventcount_prepare(&e), deadline_ns),
		-ETIMEDOUT);
	assert_true(clock_ns() >= deadline_ns);
	/* Nobody sleeps any more, and nobody is to be woken. */
	assert_false(eventcount_claim(&e));
}

static void a_notification_in_between_counts(void **state)
{
	struct eventcount e;
	uint32_t key;

	(void)state;
	eventcount_init(&e, true);
	key = eventcount_prepare(&e);
	eventcount_notify(&e);
	assert_int_equal(eventcount_wait(&e, key, CLOCK_NEVER), 0);
	/* But not one from before. */
	eventcount_notify(&e);
	key = eventcount_prepare(&e);
	assert_int_equal(eventcount_wait(&e, key, 0), -ETIMEDOUT);
}

static void only_who_sleeps_is_woken(void **state)
{
	struct eventcount e;
	uint32_t key;

	(void)state;
	eventcount_init(&e, false);
	assert_false(eventcount_claim(&e));
	key = eventcount_prepare(&e);
	assert_true(eventcount_claim(&e));
	assert_false(eventcount_claim(&e));
	eventcount_cancel(&e, key);
	assert_false(eventcount_claim(&e));
	key = eventcount_prepare(&e);
	eventcount_cancel(&e, key);
	assert_false(eventcount_claim(&e));
}

static void *notify_often(void *arg)
{
	struct table *t = arg;

	for (uint64_t i = 0; i < t->rounds; i++)
		put(t);
	return NULL;
}

/* Two that hand over one item each way: every wake-up counts. */
static void *answer(void *arg)
{
	struct table *t = arg;

	for (uint64_t i = 1; i <= t[0].rounds; i++) {
		CHECK(wait_for(&t[0], i) >= 0);
		put(&t[1]);
	}
	return NULL;
}

static void play(struct table *t)
{
	for (uint64_t i = 1; i <= t[0].rounds; i++) {
		put(&t[0]);
		assert_true(wait_for(&t[1], i) >= 0);
	}
}

static uint64_t rounds = 20000;

static void threads_play_ping_pong(void **state)
{
	struct table t[2];
	pthread_t other;

	(void)state;
	for (int i = 0; i < 2; i++) {
		t[i] = (struct table){.rounds = rounds};
		eventcount_init(&t[i].e, false);
	}
	assert_int_equal(pthread_create(&other, NULL, answer, t), 0);
	play(t);
	assert_int_equal(pthread_join(other, NULL), 0);
}

static void processes_play_ping_pong(void **state)
{
	struct table *t = mmap(NULL, 2 * sizeof(*t), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	(void)state;
	assert_true(t != MAP_FAILED);
	for (int i = 0; i < 2; i++) {
		t[i].rounds = rounds;
		eventcount_init(&t[i].e, true);
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)answer(t);
		_exit(0);
	}
	play(t);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(munmap(t, 2 * sizeof(*t)), 0);
}

static void many_notify_one(void **state)
{
	struct table t = {.rounds = rounds};
	pthread_t notifiers[3];

	(void)state;
	eventcount_init(&t.e, false);
	for (size_t i = 0; i < ARRAY_LEN(notifiers); i++)
		assert_int_equal(
			pthread_create(&notifiers[i], NULL, notify_often, &t),
			0);
	/* One by one, so as to sleep as often as can be. */
	for (uint64_t i = 1; i <= ARRAY_LEN(notifiers) * rounds; i++)
		assert_true(wait_for(&t, i) >= 0);
	for (size_t i = 0; i < ARRAY_LEN(notifiers); i++)
		assert_int_equal(pthread_join(notifiers[i], NULL), 0);
}

/* [rounds]: a person may want more of them. */
int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_ends_the_wait),
		cmocka_unit_test(a_notification_in_between_counts),
		cmocka_unit_test(only_who_sleeps_is_woken),
		cmocka_unit_test(threads_play_ping_pong),
		cmocka_unit_test(processes_play_ping_pong),
		cmocka_unit_test(many_notify_one),
	};

	if (argc > 1)
		rounds = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
