/*
 * Every peer of the registry that is there keeps the contract of harness/peer.h.
 * Those that are not are skipped, and say why.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/file.h"
#include "harness/model.h"
#include "harness/slice_peer.h"

/* Soon over, and nothing is said about speed. */
static const struct slice_timing timing = {
	.settle_ns = 1 * NS_PER_MS,
	.window_ns = 50 * NS_PER_MS,
	.timeout_ns = 100 * NS_PER_S,
};

static char program[PATH_MAX], folder[PATH_MAX], task[PATH_MAX + 8];
static const struct peer_home home = {folder, task};

static int setup(void **state)
{
	const char *manyhands = getenv("MANYHANDS");
	char path[PATH_MAX];

	(void)state;
	if (!manyhands || !realpath(manyhands, program)) {
		print_error("MANYHANDS must name the program\n");
		return -1;
	}
	snprintf(task, sizeof(task), "%s-task", program);
	memcpy(path, program, sizeof(path));
	CHECK(snprintf(folder, sizeof(folder), "%s/peers", dirname(path)) <
	      (int)sizeof(folder));
	/* Whoever loses its parent becomes our child, so we see it. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	return 0;
}

/* Wait until nobody is left, of those the peer had started, either. */
static void expect_alone(void)
{
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
	pid_t r;

	while ((r = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (r == 0 && clock_ns() > deadline_ns)
			fail_msg("a process was left behind");
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	assert_int_equal(errno, ECHILD);
}

/* Skip the test if the peer is not there. */
static void require(const struct peer *peer)
{
	struct peer_state s;

	assert_int_equal(peer_probe(peer, &home, &s), 0);
	if (s.there)
		return;
	print_message("%s: %s: %s\n", peer->name, s.why, peer->package);
	skip();
}

static struct slice_result run(const struct peer *peer, const char *workload,
			       uint64_t size, uint32_t workers, uint32_t depth)
{
	struct cell_spec cell = {
		.size = size, .workers = workers, .depth = depth};
	struct peer cold = *peer;
	struct slice_result r;

	cold.settle_ns = 0;
	snprintf(cell.workload, sizeof(cell.workload), "%s", workload);
	assert_int_equal(slice_run_peer(&cell, &cold, &home,
					workload_find(workload), &timing, &r),
			 0);
	if (r.status != SLICE_OK)
		fail_msg("%s: status %d, %d: %s", peer->name, (int)r.status,
			 r.status_value, r.message);
	return r;
}

static void expect_good(const struct peer *peer, const char *workload,
			uint64_t size, uint32_t workers, uint32_t depth)
{
	struct slice_result r = run(peer, workload, size, workers, depth);

	assert_int_equal(r.wrong_digests, 0);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	assert_true(r.submitted >= r.tasks + 10 * workers);
	assert_true(r.window_ns >= timing.window_ns);
	expect_alone();
}

static void its_row_is_complete(void **state)
{
	const struct peer *peer = *state;
	char row[64], *readme;
	size_t bytes;

	assert_ptr_equal(peer_find(peer->name), peer);
	assert_null(model_find(peer->name));
	assert_true(strlen(peer->name) <
		    sizeof(((struct cell_spec *)0)->model));
	assert_non_null(peer->summary);
	assert_non_null(peer->command[0]);
	assert_non_null(peer->package);
	assert_true(peer->traits & (MODEL_PROCESS | MODEL_THREAD));
	for (size_t i = 0; peer->workloads && peer->workloads[i]; i++)
		assert_non_null(workload_find(peer->workloads[i]));
	assert_int_equal(file_read("README.md", 1 << 20, &readme, &bytes), 0);
	snprintf(row, sizeof(row), "\n| `%s` | ", peer->name);
	assert_non_null(strstr(readme, row));
	free(readme);
}

static void every_digest_is_right(void **state)
{
	const struct peer *peer = *state;

	require(peer);
	for (size_t i = 0; peer->workloads && peer->workloads[i]; i++)
		expect_good(peer, peer->workloads[i], 3, 2, 4);
	if (!peer->workloads) {
		expect_good(peer, "nop", 3, 2, 4);
		expect_good(peer, "sha256", 1, 2, 4);
	}
}

static void any_number_of_workers(void **state)
{
	const struct peer *peer = *state;

	require(peer);
	expect_good(peer, "nop", 1, 1, 1);
	expect_good(peer, "nop", 1, 3, JOB_MAX_DEPTH);
}

static void what_it_cannot_run_it_says(void **state)
{
	static const struct workload unknown = {.name = "unheard-of"};
	const struct peer *peer = *state;
	struct cell_spec cell = {
		.size = 0, .workers = 2, .depth = 2, .workload = "unheard-of"};
	struct workload workload = unknown;
	struct slice_result r;

	require(peer);
	workload.run = workload_find("nop")->run;
	assert_int_equal(
		slice_run_peer(&cell, peer, &home, &workload, &timing, &r), 0);
	assert_int_equal(r.status, SLICE_EXITED);
	assert_true(r.message[0]);
	expect_alone();
}

#define TEST(x, title, function)                                               \
	{                                                                      \
		.name = #x ": " title, .test_func = (function),                \
		.initial_state = (void *)&peer_##x,                            \
	}

#define MODEL(x)
#define WORKLOAD(x)
#define EXPERIMENT(x)
#define PEER(x) extern const struct peer peer_##x;
#include "bench/registry.def"
#undef PEER

#define PEER(x)                                                                \
	TEST(x, "its row is complete", its_row_is_complete),                   \
		TEST(x, "every digest is right", every_digest_is_right),       \
		TEST(x, "any number of workers", any_number_of_workers),       \
		TEST(x, "what it cannot run it says",                          \
		     what_it_cannot_run_it_says),

int main(void)
{
	const struct CMUnitTest tests[] = {
#include "bench/registry.def"
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
