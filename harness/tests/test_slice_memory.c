#include "harness/slice_memory.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/slice_ballast.h"
#include "harness/tests/fake.h"

#define MIB (INT64_C(1) << 20)

static struct slice_result memory_now(void)
{
	struct slice_result r = {.pss_bytes = -1, .rss_bytes = -1};

	slice_memory_read(&r);
	return r;
}

static void alone_this_process_is_all(void **state)
{
	struct slice_result r = memory_now();

	(void)state;
	assert_int_equal(r.processes, 1);
	assert_true(r.rss_bytes > 0);
	assert_in_range(r.pss_bytes, 1, r.rss_bytes);
}

/* Fork a child that says when it is there and waits to be killed. */
static pid_t make_child(int grandchildren)
{
	int ends[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* No child outlives its parent. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (grandchildren > 0)
			(void)make_child(grandchildren - 1);
		(void)!write(ends[1], "", 1);
		(void)sleep(60);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &c, 1), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return pid;
}

static void children_and_theirs_are_counted(void **state)
{
	struct ballast ballast;
	struct slice_result before, after;
	pid_t child;

	(void)state;
	assert_int_equal(ballast_load(32 * (uint64_t)MIB, 0, &ballast), 0);
	before = memory_now();
	child = make_child(1);
	after = memory_now();
	assert_int_equal(before.processes, 1);
	assert_int_equal(after.processes, 3);
	/* What they share is resident in all three, and there only once. */
	assert_true(after.rss_bytes > 96 * MIB);
	assert_true(after.pss_bytes < 64 * MIB + before.pss_bytes);
	assert_true(after.pss_bytes >= 32 * MIB);

	/* The grandchild is nobody's of ours when its parent is gone. */
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT),
			 0);
	assert_int_equal(memory_now().processes, 1); /* a zombie has none */
	assert_int_equal(waitpid(child, NULL, 0), child);
	ballast_drop(&ballast);
}

static void ballast_is_really_there(void **state)
{
	struct ballast b;

	(void)state;
	for (uint32_t huge = 0; huge < 2; huge++) {
		int64_t before = memory_now().rss_bytes, now;

		assert_int_equal(ballast_load(40 * (uint64_t)MIB, huge, &b), 0);
		now = memory_now().rss_bytes;
		/* A sanitizer may keep as much again to watch it. */
		assert_true(now - before >= 39 * MIB);
		ballast_drop(&b);
		assert_true(memory_now().rss_bytes < now - 39 * MIB);
		assert_null(b.map);
		ballast_drop(&b);
	}
	assert_int_equal(ballast_load(0, 1, &b), 0);
	assert_null(b.map);
}

static void too_much_ballast_is_refused(void **state)
{
	struct ballast b = {.map_bytes = 77};

	(void)state;
	assert_int_equal(ballast_load(UINT64_C(1) << 60, 0, &b), -ENOMEM);
	assert_int_equal(ballast_load(UINT64_MAX - 5, 0, &b), -ENOMEM);
	assert_int_equal(b.map_bytes, 77);
}

/* A slice carries its ballast while it works, and no longer. */
static void a_slice_has_its_ballast(void **state)
{
	struct cell_spec c = fake_cell("none");
	struct fake_script script = {.choice = {.memory = 1}};
	struct slice_result light, heavy;
	int64_t before = memory_now().rss_bytes;

	(void)state;
	light = fake_slice(&c, &fake_grinding, &fake_timing, script);
	c.ballast_bytes = 64 * (uint64_t)MIB;
	heavy = fake_slice(&c, &fake_grinding, &fake_timing, script);
	assert_int_equal(light.status, SLICE_OK);
	assert_int_equal(heavy.status, SLICE_OK);
	assert_int_equal(heavy.processes, 1);
	assert_true(heavy.pss_bytes > light.pss_bytes + 60 * MIB);
	assert_true(heavy.rss_bytes > light.rss_bytes + 60 * MIB);
	assert_true(memory_now().rss_bytes < before + 32 * MIB);
	slice_result_done(&light);
	slice_result_done(&heavy);

	c.ballast_bytes = UINT64_C(1) << 60;
	heavy = fake_slice(&c, &fake_grinding, &fake_timing, script);
	assert_int_equal(heavy.status, SLICE_OPEN);
	assert_int_equal(heavy.status_value, ENOMEM);
	assert_int_equal(fake_seen.opened, 0);
	slice_result_done(&heavy);
}

static void it_is_measured_where_asked(void **state)
{
	struct cell_spec c = fake_cell("none");
	struct fake_script script = {0};
	struct slice_result r;

	(void)state;
	r = fake_slice(&c, &fake_grinding, &fake_timing, script);
	assert_int_equal(r.pss_bytes, -1);
	assert_int_equal(r.rss_bytes, -1);
	assert_int_equal(r.processes, 0);
	slice_result_done(&r);
	/* Not in an open loop: who waits there would wait longer for it. */
	script.choice.memory = 1;
	c.interval_ns = 50 * NS_PER_US;
	r = fake_slice(&c, &fake_grinding, &fake_timing, script);
	assert_int_equal(r.processes, 0);
	slice_result_done(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_this_process_is_all),
		cmocka_unit_test(children_and_theirs_are_counted),
		cmocka_unit_test(ballast_is_really_there),
		cmocka_unit_test(too_much_ballast_is_refused),
		cmocka_unit_test(a_slice_has_its_ballast),
		cmocka_unit_test(it_is_measured_where_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
