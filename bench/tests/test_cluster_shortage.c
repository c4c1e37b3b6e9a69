/*
 * A cluster that runs out of descriptors, and one that works for long: nobody
 * spins, nobody is lost, nothing piles up.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/cluster_kit.h"
#include "harness/base.h"

static const char *const policies[] = KIT_POLICIES;

#define N_CLIENTS 20

/* No more descriptors for @pid, but those that it has.  What was before. */
static struct rlimit starve(pid_t pid)
{
	struct rlimit before, none;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &none, NULL), 0);
	return before;
}

static uint64_t progress_of_all(struct kit_cluster *k)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < 2 * k->primary.options.workers; i++)
		sum += atomic_load(&k->primary.board.seats[i].progress);
	return sum;
}

/* How often it woke up in 500 ms of turns. */
static uint32_t turn_for_a_while(struct kit_cluster *k)
{
	uint64_t deadline_ns = clock_ns() + 500 * NS_PER_MS;
	uint32_t n = 0;

	while (clock_ns() < deadline_ns) {
		assert_int_equal(primary_wait(&k->primary, deadline_ns), 0);
		n++;
	}
	return n;
}

static void call_all(struct kit_cluster *k, int fds[N_CLIENTS])
{
	for (int i = 0; i < N_CLIENTS; i++) {
		fds[i] = kit_connect(k);
		kit_send(fds[i], "/", true);
	}
}

static void expect_all_answered(struct kit_cluster *k, int fds[N_CLIENTS])
{
	for (int i = 0; i < N_CLIENTS; i++) {
		assert_true(kit_receive(k, fds[i]).ok);
		close(fds[i]);
	}
}

/*
 * No worker can open one more: connections wait, and so do the workers, who
 * look again ten times a second; each look has a few turns of its loop.
 */
static void test_starved_workers(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		bool sleeps = strcmp(policies[i], "block") == 0;
		struct rlimit before[2];
		int fds[N_CLIENTS];
		uint64_t progress;

		kit_start(&k, policies[i], 2, 0);
		for (uint32_t w = 0; w < 2; w++)
			before[w] = starve(k.primary.places[w].seats[0].pid);
		progress = progress_of_all(&k);
		call_all(&k, fds);
		assert_true(turn_for_a_while(&k) < 200);
		/* Who sleeps in accept(2) has the descriptor for one. */
		assert_true(kit_sum(&k).requests <= (sleeps ? 2 : 0));
		assert_true(progress_of_all(&k) - progress < 200);
		for (uint32_t w = 0; w < 2; w++) {
			assert_int_equal(
				prlimit(k.primary.places[w].seats[0].pid,
					RLIMIT_NOFILE, &before[w], NULL),
				0);
		}
		expect_all_answered(&k, fds);
		assert_int_equal(k.n_died, 0);
		kit_stop(&k);
	}
}

/* The same of a primary that accepts. */
static void test_starved_primary(void **state)
{
	static const char *const pushed[] = {"roundrobin", "ack"};
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pushed); i++) {
		struct rlimit before;
		int fds[N_CLIENTS];

		kit_start(&k, pushed[i], 2, 0);
		call_all(&k, fds);
		before = starve(getpid());
		assert_true(turn_for_a_while(&k) < 200);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(kit_sum(&k).accepted, 0);
		assert_true(k.n_short > 0);
		expect_all_answered(&k, fds);
		kit_stop(&k);
	}
}

static uint32_t descriptors_of(pid_t pid)
{
	char path[64];
	DIR *folder;
	uint32_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static bool has_connections(struct kit_cluster *k)
{
	return kit_sum(k).connections > 0;
}

static void test_2000_connections(void **state)
{
	static struct kit_cluster k;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		uint32_t before[2], own;

		kit_start(&k, policies[i], 2, 0);
		own = kit_descriptors();
		for (uint32_t w = 0; w < 2; w++)
			before[w] = descriptors_of(
				k.primary.places[w].seats[0].pid);
		for (int n = 0; n < 2000; n++)
			assert_true(kit_ask_once(&k, "/").ok);
		kit_wait(&k, has_connections);
		assert_int_equal(kit_sum(&k).accepted, 2000);
		assert_int_equal(kit_descriptors(), own);
		for (uint32_t w = 0; w < 2; w++) {
			assert_int_equal(
				descriptors_of(
					k.primary.places[w].seats[0].pid),
				before[w]);
		}
		kit_stop(&k);
	}
}

static void test_1000_respawns(void **state)
{
	enum {
		WORKERS = 16
	};
	static struct kit_cluster k;

	(void)state;
	for (int herd = 0; herd < 2; herd++) {
		uint32_t own;

		kit_start(&k, herd ? "ack" : "exclusive", WORKERS, 0);
		own = kit_descriptors();
		for (int round = 0; k.n_died < 1000 / 2; round++) {
			for (uint32_t w = 0; w < WORKERS; w++) {
				pid_t pid = k.primary.places[w].seats[0].pid;

				assert_int_equal(kill(pid, SIGKILL), 0);
			}
			KIT_WAIT_WHILE(&k, k.n_died < (uint32_t)(round + 1) *
							      WORKERS);
			kit_wait_ready(&k);
		}
		assert_int_equal(kit_descriptors(), own);
		assert_int_equal(k.primary.n_respawns, k.n_died);
		assert_int_equal(k.n_given_up, 0);
		assert_true(kit_ask_once(&k, "/").ok);
		kit_stop(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_starved_workers, kit_teardown),
		cmocka_unit_test_teardown(test_starved_primary, kit_teardown),
		cmocka_unit_test_teardown(test_2000_connections, kit_teardown),
		cmocka_unit_test_teardown(test_1000_respawns, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
