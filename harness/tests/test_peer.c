/* Peers that are made up: good ones, and all that can be wrong with one. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/results.h"
#include "harness/slice_peer.h"

/*
 * A peer in a line or two of shell.  $1 is what it should do, $2 is "probe" or
 * "run", then come the words of the contract.  Windows are of 20 ms.
 */
static const char script[] =
	"case $1-$2 in\n"
	"good-probe) echo 1.10.0 ;;\n"
	"old-probe) echo 1.9.3 ;;\n"
	"chatty-probe) echo Fine, thanks ;;\n"
	"silent-probe) ;;\n"
	"sorry-probe) echo no such module >&2; exit 3 ;;\n"
	"crash-*) kill -SEGV $$ ;;\n"
	"good-run) sleep 0.05; echo \"$GOOD\" ;;\n"
	"say-run) sleep 0.05; echo \"$SAYS\" ;;\n"
	"words-run) shift; echo \"$*\" >&2; exit 7 ;;\n"
	"hang-run) echo waiting >&2; sleep 1000 & sleep 1000 ;;\n"
	"esac\n";

static char folder[] = "/tmp/manyhands-peer-XXXXXX";
static struct peer_home home = {folder, "/bin/true"};

static const struct slice_timing timing = {
	.settle_ns = 1 * NS_PER_MS,
	.window_ns = 20 * NS_PER_MS,
	.timeout_ns = 60 * NS_PER_S,
};

static uint64_t twist(uint64_t size, uint64_t seed)
{
	return mix64(size ^ mix64(seed));
}

static const struct workload twisting = {
	.name = "twist", .default_size = 1, .run = twist};

static struct peer peer_that(const char *what)
{
	static const char *command[5];

	command[0] = "sh";
	command[1] = "peers/fake.sh";
	command[2] = what;
	return (struct peer){
		.name = "fake",
		.command = command,
		.minimum = "1.10",
		.package = "apt-get install fake",
	};
}

/* What a good peer says of 100, 101, 102 and @last tasks, @differed wrong. */
static void say(const char *variable, int tasks, int window_ms, int last,
		int differed, uint64_t first_digest)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "{\"tasks\": %d, \"window_ns\": %d000000, \"seeds\": "
		 "[[\"%016" PRIx64 "\", 100, 0], [\"%016" PRIx64 "\", 101, 0], "
		 "[\"%016" PRIx64 "\", 102, 0], [\"%016" PRIx64 "\", %d, %d]]}",
		 tasks, window_ms, first_digest, twist(5, 2), twist(5, 3),
		 twist(5, 4), last, differed);
	setenv(variable, text, 1);
}

static int setup(void **state)
{
	char path[64];
	FILE *f;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	snprintf(path, sizeof(path), "%s/fake.sh", folder);
	f = fopen(path, "w");
	if (!f || fputs(script, f) < 0 || fclose(f) != 0)
		return -1;
	say("GOOD", 200, 20, 103, 0, twist(5, 1));
	return 0;
}

static int teardown(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/fake.sh", folder);
	return unlink(path) == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static struct peer_state probe(const struct peer *peer)
{
	struct peer_state s;

	assert_int_equal(peer_probe(peer, &home, &s), 0);
	return s;
}

static void a_peer_that_is_there_says_its_version(void **state)
{
	struct peer peer = peer_that("good");
	struct peer_state s = probe(&peer);

	(void)state;
	assert_true(s.there);
	assert_string_equal(s.version, "1.10.0");
	assert_string_equal(s.why, "");
	peer = peer_that("old");
	peer.minimum = NULL;
	assert_true(probe(&peer).there);
}

/* 9 comes before 10, as versions go. */
static void why_a_peer_is_not_there(void **state)
{
	static const struct {
		const char *what, *why;
	} rows[] = {
		{"old", "too old: version 1.9.3, and 1.10 is needed"},
		{"sorry", "no such module"},
		{"chatty", "its probe says no version: 'Fine, thanks'"},
		{"silent", "its probe says no version: ''"},
		{"crash", "its probe: killed by SEGV"},
	};
	static const char *const nothing[] = {"no-such-program", NULL};
	static const char *const not_built[] = {"peers/nothing", NULL};
	struct peer peer;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		peer = peer_that(rows[i].what);
		assert_false(probe(&peer).there);
		assert_string_equal(probe(&peer).why, rows[i].why);
	}
	peer.command = nothing;
	assert_string_equal(probe(&peer).why, "no no-such-program here");
	peer.command = not_built;
	assert_string_equal(probe(&peer).why, "no peers/nothing here");
}

/* Nobody is left, not even a child of the peer's; then there is no child. */
static void expect_alone(void)
{
	uint64_t deadline_ns = clock_ns() + 30 * NS_PER_S;
	pid_t r;

	while ((r = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (r == 0 && clock_ns() > deadline_ns)
			fail_msg("a process was left behind");
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	assert_int_equal(errno, ECHILD);
}

static struct cell_spec cell(void)
{
	return (struct cell_spec){
		.experiment = "peers",
		.model = "fake",
		.runs = "fake",
		.workload = "twist",
		.pin = "none",
		.size = 5,
		.workers = 2,
		.depth = 8,
	};
}

static struct slice_result run(const char *what, const struct slice_timing *t)
{
	const struct cell_spec c = cell();
	struct peer peer = peer_that(what);
	struct slice_result r;

	assert_int_equal(slice_run_peer(&c, &peer, &home, &twisting, t, &r), 0);
	expect_alone();
	assert_memory_equal(&r.cell, &c, sizeof(c));
	return r;
}

static void expect_status(const struct slice_result *r, const char *status,
			  const char *message)
{
	char buf[48];

	assert_string_equal(
		slice_status_name(r->status, r->status_value, buf, sizeof(buf)),
		status);
	if (!strstr(r->message, message))
		fail_msg("not \"%s\": %s", message, r->message);
}

static void a_slice_is_a_result(void **state)
{
	struct slice_result r = run("good", &timing), back;
	char error[128];
	json_t *json;

	(void)state;
	expect_status(&r, "ok", "");
	assert_string_equal(r.message, "");
	assert_int_equal(r.tasks, 200);
	assert_int_equal(r.window_ns, 20 * NS_PER_MS);
	assert_int_equal(r.submitted, 406);
	assert_int_equal(r.ended[TASK_OK], 406);
	assert_int_equal(r.wrong_digests, 0);
	assert_int_equal(r.unstamped, 1);
	assert_null(r.latency);
	assert_int_equal(r.worker_tasks_max, -1);
	assert_true(r.noise_span_ns > 0);
	assert_true(r.canary_after_ns > 0);
	assert_true(slice_throughput(&r) == 10000);

	/* And as one it is written and read. */
	json = slice_to_json(&r);
	assert_int_equal(slice_from_json(json, &back, error, sizeof(error)), 0);
	assert_int_equal(back.tasks, 200);
	assert_int_equal(back.unstamped, 1);
	json_decref(json);
	slice_result_done(&back);
}

static void digests_are_checked(void **state)
{
	struct slice_result r;
	uint64_t all = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= PEER_SEEDS; seed++)
		all = mix64(all ^ twist(5, seed));
	say("SAYS", 200, 20, 103, 3, twist(5, 1));
	r = run("say", &timing);
	expect_status(&r, "ok", "");
	assert_int_equal(r.wrong_digests, 3);
	assert_int_equal(r.reference_digest, all);
	/* If the first is wrong, all of its seed may be. */
	say("SAYS", 200, 20, 103, 3, twist(5, 1) + 1);
	assert_int_equal(run("say", &timing).wrong_digests, 103);
	/* Few tasks: not every seed has one. */
	setenv("SAYS",
	       "{\"tasks\": 0, \"window_ns\": 20000000, \"seeds\": [[\"\", 0, "
	       "0], [\"\", 0, 0], [\"\", 0, 0], [\"\", 0, 0]]}",
	       1);
	r = run("say", &timing);
	expect_status(&r, "ok", "");
	assert_int_equal(r.submitted, 0);
}

static void it_is_told_what_to_do(void **state)
{
	struct slice_result r = run("words", &timing);

	(void)state;
	expect_status(&r, "exited:7",
		      "run twist 5 2 8 1000000 20000000 /bin/true");
}

static void a_runtime_that_must_warm_up_settles_longer(void **state)
{
	struct peer peer = peer_that("words");
	struct cell_spec c = cell();
	struct slice_result r;

	(void)state;
	peer.settle_ns = 7 * NS_PER_MS;
	c.window_ns = 30 * NS_PER_MS;
	assert_int_equal(
		slice_run_peer(&c, &peer, &home, &twisting, &timing, &r), 0);
	expect_status(&r, "exited:7", "8 7000000 30000000 ");
}

static void nonsense_is_no_result(void **state)
{
	static const struct {
		const char *says, *message;
	} rows[] = {
		{"", "no result: '[' or '{' expected"},
		{"Segmentation fault", "no result: '[' or '{' expected"},
		{"{\"tasks\": 1}", "not the object that was asked for"},
		{"[]", "not the object that was asked for"},
	};
	struct slice_result r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv("SAYS", rows[i].says, 1);
		r = run("say", &timing);
		expect_status(&r, "broken:EPROTO", rows[i].message);
		assert_int_equal(r.tasks + r.submitted, 0);
	}
	say("SAYS", 407, 20, 103, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "more tasks in the window");
	say("SAYS", -1, 20, 103, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "more tasks in the window");
	say("SAYS", 200, 19, 103, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "another window");
	say("SAYS", 200, 200000, 103, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "another window");
	say("SAYS", 200, 20, -1, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "makes no sense");
	say("SAYS", 200, 20, 103, 104, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "makes no sense");
	/* A digest of no task. */
	say("SAYS", 200, 20, 0, 0, 1);
	r = run("say", &timing);
	expect_status(&r, "broken:EPROTO", "makes no sense");
}

static void what_ends_badly_is_a_row(void **state)
{
	static const char *const nothing[] = {"no-such-program", NULL};
	static const struct slice_timing no_time = {
		.settle_ns = 1, .window_ns = 1, .timeout_ns = 1};
	struct cell_spec c = cell();
	struct peer peer = peer_that("");
	struct slice_result r;

	(void)state;
	r = run("crash", &timing);
	expect_status(&r, "crashed:SEGV", "");
	r = run("hang", &no_time);
	expect_status(&r, "late", "waiting");
	peer.command = nothing;
	assert_int_equal(
		slice_run_peer(&c, &peer, &home, &twisting, &timing, &r), 0);
	expect_status(&r, "open:ENOENT",
		      "no no-such-program: apt-get install fake");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_that_is_there_says_its_version),
		cmocka_unit_test(why_a_peer_is_not_there),
		cmocka_unit_test(a_slice_is_a_result),
		cmocka_unit_test(digests_are_checked),
		cmocka_unit_test(it_is_told_what_to_do),
		cmocka_unit_test(a_runtime_that_must_warm_up_settles_longer),
		cmocka_unit_test(nonsense_is_no_result),
		cmocka_unit_test(what_ends_badly_is_a_row),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
