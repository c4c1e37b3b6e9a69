/*
 * What the primary does when workers die, hang, never come to life, or are to
 * leave.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/cluster_kit.h"
#include "harness/base.h"

static const char *const policies[] = KIT_POLICIES;

static pid_t pid_of(struct kit_cluster *k, uint32_t index)
{
	const struct place *place = &k->primary.places[index];

	return place->seats[place->current].pid;
}

static void test_killed(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		kit_start(&k, policies[i], 3, 0);
		for (uint32_t w = 0; w < 3; w++) {
			pid_t pid = pid_of(&k, w);

			assert_int_equal(kill(pid, SIGKILL), 0);
			KIT_WAIT_WHILE(&k, k.n_died == w);
			assert_int_equal(k.died.pid, pid);
			assert_int_equal(k.died.index, w);
			assert_true(WIFSIGNALED(k.died.wait_status));
			assert_false(k.died.was_late || k.died.was_asked ||
				     k.died.had_task);
			kit_wait_ready(&k);
			assert_int_not_equal(pid_of(&k, w), pid);
			for (int n = 0; n < 10; n++)
				assert_true(kit_ask_once(&k, "/").ok);
		}
		assert_int_equal(k.primary.n_respawns, 3);
		kit_stop(&k);
	}
}

static bool has_not_died(struct kit_cluster *k)
{
	return k->n_died == 0;
}

/* The request that it was serving ends with it; how, the owner knows. */
static void test_died_in_task(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		kit_start(&k, policies[i], 2, 0);
		assert_false(kit_ask_once(&k, "/exit").ok);
		kit_wait(&k, has_not_died);
		assert_int_equal(k.n_died, 1);
		assert_true(WIFEXITED(k.died.wait_status));
		assert_int_equal(WEXITSTATUS(k.died.wait_status), 7);
		assert_true(k.died.had_task && k.died.was_ready);
		assert_int_equal(k.died.task_id, 77);
		kit_stop(&k);
	}
}

/* What a process does right after fork(2). */
static enum {
	LIVE,
	DIE_AT_ONCE,
} birth;

static void be_born(void)
{
	if (birth == DIE_AT_ONCE)
		_exit(3);
}

static uint32_t n_forks;

static void count_fork(void)
{
	n_forks++;
}

static bool is_not_given_up(struct kit_cluster *k)
{
	return k->n_given_up < k->primary.options.workers;
}

/* Workers that never become ready: a few forks for each place, no more. */
static void test_crash_loop(void **state)
{
	static struct kit_cluster k;

	(void)state;
	kit_start(&k, "reuseport", 2, 0);
	birth = DIE_AT_ONCE;
	n_forks = 0;
	assert_int_equal(kill(pid_of(&k, 0), SIGKILL), 0);
	assert_int_equal(kill(pid_of(&k, 1), SIGKILL), 0);
	kit_wait(&k, is_not_given_up);
	assert_int_equal(n_forks, 2 * RESPAWN_DEATHS);
	assert_int_equal(k.n_given_up, 2);
	assert_int_equal(k.primary.n_given_up, 2);
	assert_int_equal(k.primary.n_alive, 0);
	/* Nothing is due any more: not once more, not ever. */
	assert_true(primary_deadline(&k.primary) == CLOCK_NEVER);
	birth = LIVE;
	kit_stop(&k);
}

/* One place is given up; the other one has its share, too. */
static bool is_not_given_up_one(struct kit_cluster *k)
{
	return k->n_given_up < 1;
}

static void test_one_given_up(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		kit_start(&k, policies[i], 2, 0);
		birth = DIE_AT_ONCE;
		assert_int_equal(kill(pid_of(&k, 0), SIGKILL), 0);
		kit_wait(&k, is_not_given_up_one);
		birth = LIVE;
		for (int n = 0; n < 40; n++) {
			struct kit_reply r = kit_ask_once(&k, "/");

			assert_true(r.ok);
			assert_int_equal(r.worker, 1);
		}
		kit_stop(&k);
	}
}

/* A worker that hangs in a request, and one that is stopped while idle. */
static void test_hung(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		int fd;

		kit_start(&k, policies[i], 2, 300 * NS_PER_MS);
		fd = kit_connect(&k);
		kit_send(fd, "/hang", false);
		kit_wait(&k, has_not_died);
		assert_true(k.died.was_late && k.died.had_task);
		assert_false(kit_receive(&k, fd).ok);
		close(fd);
		kit_wait_ready(&k);
		assert_true(kit_ask_once(&k, "/").ok);
		kit_stop(&k);
	}
}

static void test_stopped(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		pid_t pid;

		kit_start(&k, policies[i], 2, 500 * NS_PER_MS);
		pid = pid_of(&k, 1);
		assert_int_equal(kill(pid, SIGSTOP), 0);
		kit_wait(&k, has_not_died);
		assert_int_equal(k.died.pid, pid);
		assert_true(k.died.was_late);
		kit_wait_ready(&k);
		for (int n = 0; n < 10; n++)
			assert_true(kit_ask_once(&k, "/").ok);
		assert_int_equal(k.n_died, 1);
		kit_stop(&k);
	}
}

/* A stopped worker, with nobody to kill it: the shared listener goes on. */
static void test_stopped_sibling(void **state)
{
	static const char *const shared[] = {"exclusive", "herd", "block",
					     "ack"};
	static struct kit_cluster k;
	int fds[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		kit_start(&k, shared[i], 2, 0);
		assert_int_equal(kill(pid_of(&k, 0), SIGSTOP), 0);
		/* With ack, the first that comes its way must wait. */
		for (int n = 0; n < 2; n++)
			fds[n] = kit_connect(&k);
		for (int n = 0; n < 2; n++)
			kit_send(fds[n], "/", true);
		KIT_WAIT_WHILE(&k, kit_sum(&k).requests < 1);
		for (int n = 0; n < 20; n++)
			assert_true(kit_ask_once(&k, "/").ok);
		close(fds[0]);
		close(fds[1]);
		kit_stop(&k);
	}
}

static bool is_alive(struct kit_cluster *k)
{
	return k->primary.n_alive > 0;
}

/* Requests under way are answered, idle connections closed, nobody killed. */
static void test_drain(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		bool keeps = strcmp(policies[i], "block") != 0;
		int idle = -1, busy;

		kit_start(&k, policies[i], 2, 0);
		if (keeps) {
			idle = kit_connect(&k);
			assert_true(kit_ask(&k, idle, "/").ok);
		}
		busy = kit_connect(&k);
		kit_send(busy, "/nap", false);
		KIT_WAIT_WHILE(&k, kit_sum(&k).accepted < 1u + keeps);
		primary_drain(&k.primary, KIT_PATIENCE_NS);
		assert_true(kit_receive(&k, busy).ok);
		close(busy);
		if (keeps) {
			assert_false(kit_receive(&k, idle).ok);
			close(idle);
		}
		kit_wait(&k, is_alive);
		assert_int_equal(k.n_died, 2);
		assert_true(k.died.was_asked);
		assert_true(WIFEXITED(k.died.wait_status));
		assert_int_equal(WEXITSTATUS(k.died.wait_status), 0);
		assert_int_equal(k.primary.n_respawns, 0);
		kit_stop(&k);
	}
}

/* Who does not leave in time is killed. */
static void test_drain_late(void **state)
{
	static struct kit_cluster k;
	int fd;

	(void)state;
	kit_start(&k, "exclusive", 2, 0);
	fd = kit_connect(&k);
	kit_send(fd, "/hang", false);
	KIT_WAIT_WHILE(&k, kit_sum(&k).accepted < 1);
	primary_drain(&k.primary, 100 * NS_PER_MS);
	kit_wait(&k, is_alive);
	assert_int_equal(k.n_died, 2);
	assert_true(WIFSIGNALED(k.died.wait_status));
	close(fd);
	kit_stop(&k);
}

static bool is_rolling(struct kit_cluster *k)
{
	return k->n_rolled + k->n_stuck == 0 || k->primary.n_leaving > 0;
}

/*
 * All workers are replaced while clients ask and ask, on connections that they
 * keep as long as they are told to, and on new ones: no request fails.
 */
static void test_roll(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		bool keeps = strcmp(policies[i], "block") != 0;
		uint32_t before;
		int fds[6];
		pid_t old[3];

		kit_start(&k, policies[i], 3, 0);
		before = kit_descriptors();
		for (uint32_t w = 0; w < 3; w++)
			old[w] = pid_of(&k, w);
		/* A blocking worker would wait for them in vain. */
		for (int c = 0; c < 6; c++)
			fds[c] = keeps ? kit_connect(&k) : -1;
		assert_int_equal(primary_roll(&k.primary, KIT_PATIENCE_NS), 0);
		assert_int_equal(primary_roll(&k.primary, 0), -EBUSY);
		for (uint32_t n = 0; is_rolling(&k) || n < 30; n++) {
			struct kit_reply r;
			int *fd = &fds[n % 6];

			assert_true(kit_ask_once(&k, n % 5 ? "/" : "/nap").ok);
			if (*fd < 0)
				continue;
			r = kit_ask(&k, *fd, n % 5 ? "/" : "/nap");
			assert_true(r.ok);
			if (r.closes) {
				close(*fd);
				*fd = kit_connect(&k);
			}
		}
		assert_int_equal(k.n_rolled, 1);
		assert_int_equal(k.n_stuck, 0);
		assert_int_equal(k.n_died, 3);
		for (uint32_t w = 0; w < 3; w++)
			assert_int_not_equal(pid_of(&k, w), old[w]);
		for (int c = 0; keeps && c < 6; c++)
			close(fds[c]);
		assert_int_equal(kit_descriptors(), before);
		kit_stop(&k);
	}
}

/* The successor does not come to life: the old ones stay. */
static void test_roll_stuck(void **state)
{
	static struct kit_cluster k;
	pid_t old;

	(void)state;
	kit_start(&k, "exclusive", 2, 0);
	old = pid_of(&k, 0);
	birth = DIE_AT_ONCE;
	assert_int_equal(primary_roll(&k.primary, KIT_PATIENCE_NS), 0);
	kit_wait(&k, is_rolling);
	birth = LIVE;
	assert_int_equal(k.n_stuck, 1);
	assert_int_equal(k.n_rolled, 0);
	assert_int_equal(pid_of(&k, 0), old);
	assert_true(kit_ask_once(&k, "/").ok);
	/* And it can be tried again. */
	assert_int_equal(primary_roll(&k.primary, KIT_PATIENCE_NS), 0);
	k.n_stuck = 0;
	kit_wait(&k, is_rolling);
	assert_int_equal(k.n_rolled, 1);
	assert_int_not_equal(pid_of(&k, 0), old);
	kit_stop(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_killed, kit_teardown),
		cmocka_unit_test_teardown(test_died_in_task, kit_teardown),
		cmocka_unit_test_teardown(test_crash_loop, kit_teardown),
		cmocka_unit_test_teardown(test_one_given_up, kit_teardown),
		cmocka_unit_test_teardown(test_hung, kit_teardown),
		cmocka_unit_test_teardown(test_stopped, kit_teardown),
		cmocka_unit_test_teardown(test_stopped_sibling, kit_teardown),
		cmocka_unit_test_teardown(test_drain, kit_teardown),
		cmocka_unit_test_teardown(test_drain_late, kit_teardown),
		cmocka_unit_test_teardown(test_roll, kit_teardown),
		cmocka_unit_test_teardown(test_roll_stuck, kit_teardown),
	};

	if (pthread_atfork(NULL, count_fork, be_born) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
