/*
 * How connections come to workers, policy by policy.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/cluster_kit.h"
#include "harness/base.h"

static const char *const policies[] = KIT_POLICIES;

/* Every policy answers, kept connections and new ones, and leaves nothing. */
static void test_answers(void **state)
{
	static struct kit_cluster k;
	uint32_t before = kit_descriptors();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		bool keeps = strcmp(policies[i], "block") != 0;
		int fd;

		kit_start(&k, policies[i], 3, 0);
		fd = kit_connect(&k);
		for (int n = 0; n < (keeps ? 5 : 1); n++) {
			struct kit_reply r = kit_ask(&k, fd, "/");

			assert_true(r.ok);
			assert_int_equal(r.closes, !keeps);
		}
		close(fd);
		for (int n = 0; n < 20; n++)
			assert_true(kit_ask_once(&k, "/").ok);
		assert_int_equal(kit_sum(&k).accepted, 21);
		assert_int_equal(kit_sum(&k).requests, keeps ? 25 : 21);
		kit_stop(&k);
		assert_int_equal(kit_descriptors(), before);
	}
}

/* @n connections that stay, all at once: so many for each worker. */
static void spread(struct kit_cluster *k, uint32_t n, uint32_t *ret)
{
	int fds[64];

	for (uint32_t i = 0; i < n; i++)
		fds[i] = kit_connect(k);
	for (uint32_t i = 0; i < n; i++)
		kit_send(fds[i], "/", false);
	for (uint32_t i = 0; i < n; i++) {
		struct kit_reply r = kit_receive(k, fds[i]);

		assert_true(r.ok);
		ret[r.worker]++;
	}
	for (uint32_t i = 0; i < n; i++)
		close(fds[i]);
}

static void expect_even(const char *policy)
{
	static struct kit_cluster k;

	kit_start(&k, policy, 4, 0);
	for (uint32_t n = 4; n <= 32; n *= 2) {
		uint32_t served[4] = {0};

		spread(&k, n, served);
		for (int w = 0; w < 4; w++)
			assert_int_equal(served[w], n / 4);
		/* They end later than we close them. */
		KIT_WAIT_WHILE(&k, kit_sum(&k).connections > 0);
	}
	kit_stop(&k);
}

static void test_even(void **state)
{
	(void)state;
	expect_even("exclusive");
	expect_even("herd");
	expect_even("roundrobin");
}

/* One after the other, each to who has waited longest: that is in turn, too. */
static void test_ack_turns(void **state)
{
	static struct kit_cluster k;
	uint32_t order[3];
	int fds[12];

	(void)state;
	kit_start(&k, "ack", 3, 0);
	for (int i = 0; i < 12; i++) {
		struct kit_reply r;

		fds[i] = kit_connect(&k);
		r = kit_ask(&k, fds[i], "/");
		assert_true(r.ok);
		if (i < 3)
			order[i] = r.worker;
		assert_int_equal(r.worker, order[i % 3]);
	}
	assert_true(order[0] != order[1] && order[1] != order[2] &&
		    order[2] != order[0]);
	for (int i = 0; i < 12; i++)
		close(fds[i]);
	kit_stop(&k);
}

/*
 * While a worker is busy, connections wait for it where they are dealt blindly,
 * and go to the others where it must acknowledge.
 */
static void test_busy(void **state)
{
	static struct kit_cluster k;
	uint32_t busy, n_busy = 0;

	(void)state;
	for (int acks = 0; acks < 2; acks++) {
		int hung, waiting[4];

		kit_start(&k, acks ? "ack" : "roundrobin", 2, 0);
		hung = kit_connect(&k);
		busy = kit_ask(&k, hung, "/").worker;
		kit_send(hung, "/hang", false);
		KIT_WAIT_WHILE(&k, atomic_load(&k.primary.board.seats[busy]
							.task_since_ns) == 0);
		/* With ack, it may get the one it is still owed, no more. */
		for (int i = 0; i < 4; i++) {
			waiting[i] = kit_connect(&k);
			kit_send(waiting[i], "/", false);
		}
		n_busy = 0;
		KIT_WAIT_WHILE(&k, kit_sum(&k).requests < (acks ? 4 : 3));
		for (int i = 0; i < 4; i++) {
			char byte;
			ssize_t n = recv(waiting[i], &byte, 1,
					 MSG_DONTWAIT | MSG_PEEK);

			n_busy += n < 1;
		}
		assert_int_equal(n_busy, acks ? 1 : 2);
		for (int i = 0; i < 4; i++)
			close(waiting[i]);
		close(hung);
		kit_stop(&k);
	}
}

/*
 * Without EPOLLEXCLUSIVE a connection wakes all.  Who comes so late that it has
 * been accepted goes back to sleep in the kernel, which looks once more before
 * epoll_wait(2) returns, and is not seen here: so it takes some connections.
 */
static void test_herd(void **state)
{
	uint64_t deadline_ns = clock_ns() + KIT_PATIENCE_NS;
	static struct kit_cluster k;

	(void)state;
	kit_start(&k, "herd", 4, 0);
	while (kit_sum(&k).wasted_wakeups < 3) {
		assert_true(clock_ns() < deadline_ns);
		assert_true(kit_ask_once(&k, "/").ok);
	}
	assert_true(kit_sum(&k).wakeups > kit_sum(&k).wasted_wakeups);
	kit_stop(&k);
}

/* The successor works at the same listener, and so do all the others. */
static void test_reuseport_heir(void **state)
{
	static struct kit_cluster k;
	uint32_t served[3] = {0};

	(void)state;
	kit_start(&k, "reuseport", 3, 0);
	for (uint32_t w = 0; w < 3; w++) {
		pid_t pid = k.primary.places[w].seats[0].pid;
		uint32_t deaths = k.n_died;

		assert_int_equal(kill(pid, SIGKILL), 0);
		/* None of these is lost, though nobody is there for some. */
		for (int i = 0; i < 30; i++) {
			struct kit_reply r = kit_ask_once(&k, "/");

			if (r.ok)
				served[r.worker]++;
			assert_true(r.ok || k.n_died == deaths);
		}
		kit_wait_ready(&k);
		assert_int_equal(k.n_died, w + 1);
	}
	for (int i = 0; i < 300; i++)
		served[kit_ask_once(&k, "/").worker]++;
	for (int w = 0; w < 3; w++)
		assert_true(served[w] > 0);
	kit_stop(&k);
}

/* Whoever says nothing keeps a blocking worker, but not for ever. */
static void test_block_idle(void **state)
{
	static struct kit_cluster k;
	int silent;

	(void)state;
	kit_start(&k, "block", 1, 0);
	silent = kit_connect(&k);
	assert_true(kit_ask_once(&k, "/").ok);
	assert_false(kit_receive(&k, silent).ok);
	close(silent);
	kit_stop(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_answers, kit_teardown),
		cmocka_unit_test_teardown(test_even, kit_teardown),
		cmocka_unit_test_teardown(test_ack_turns, kit_teardown),
		cmocka_unit_test_teardown(test_busy, kit_teardown),
		cmocka_unit_test_teardown(test_herd, kit_teardown),
		cmocka_unit_test_teardown(test_reuseport_heir, kit_teardown),
		cmocka_unit_test_teardown(test_block_idle, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
