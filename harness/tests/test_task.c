#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/model.h"
#include "harness/placement.h"
#include "harness/task.h"

static void expect_name(int32_t status, const char *name)
{
	char text[32];

	assert_string_equal(task_status_name(status, text, sizeof(text)), name);
}

static void test_status(void **state)
{
	(void)state;
	for (int end = 0; end < TASK_ENDS; end++) {
		int32_t s = TASK_STATUS(end, 0);

		assert_int_equal(task_status_end(s), end);
		assert_int_equal(task_status_value(s), 0);
		s = TASK_STATUS(end, 255);
		assert_int_equal(task_status_end(s), end);
		assert_int_equal(task_status_value(s), 255);
	}
	/* Zeroed memory is a task that nobody has answered. */
	assert_int_equal(task_status_end(0), TASK_LOST);
}

static void test_status_names(void **state)
{
	char small[5];

	(void)state;
	expect_name(TASK_STATUS(TASK_LOST, 0), "lost");
	expect_name(TASK_STATUS(TASK_OK, 0), "ok");
	expect_name(TASK_STATUS(TASK_EXIT, 7), "exit:7");
	expect_name(TASK_STATUS(TASK_SIGNAL, SIGSEGV), "signal:SEGV");
	expect_name(TASK_STATUS(TASK_SIGNAL, 40), "signal:40");
	expect_name(TASK_STATUS(TASK_TIMEOUT, 0), "timeout");
	expect_name(TASK_STATUS(TASK_START, EAGAIN), "start:EAGAIN");
	expect_name(TASK_STATUS(TASK_START, 4000), "start:4000");
	expect_name(TASK_STATUS(TASK_PROTOCOL, 0), "protocol");
	expect_name(TASK_ENDS, "protocol");
	expect_name(0xff, "protocol");
	expect_name(-1, "protocol");
	expect_name(INT32_MIN, "lost");
	(void)task_status_name(TASK_STATUS(TASK_EXIT, 7), small, sizeof(small));
	assert_string_equal(small, "exit");
}

static void test_status_is_end(void **state)
{
	static const int32_t ends[] = {
		TASK_STATUS(TASK_OK, 0),     TASK_STATUS(TASK_EXIT, 255),
		TASK_STATUS(TASK_SIGNAL, 9), TASK_STATUS(TASK_TIMEOUT, 0),
		TASK_STATUS(TASK_START, 11), TASK_STATUS(TASK_PROTOCOL, 0),
	};
	static const int32_t none[] = {
		TASK_STATUS(TASK_LOST, 0),
		TASK_STATUS(TASK_LOST, 1),
		TASK_STATUS(TASK_OK, 1),
		TASK_STATUS(TASK_EXIT, 0),
		TASK_STATUS(TASK_SIGNAL, 0),
		TASK_STATUS(TASK_TIMEOUT, 3),
		TASK_STATUS(TASK_START, 0),
		TASK_STATUS(TASK_PROTOCOL, 2),
		TASK_STATUS(TASK_ENDS, 0),
		INT32_MIN | TASK_EXIT,
		-1,
		INT32_MAX,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		assert_true(task_status_is_end(ends[i]));
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_false(task_status_is_end(none[i]));
}

static void test_end_names(void **state)
{
	static const char *const names[TASK_ENDS] = {
		"lost", "ok", "exit", "signal", "timeout", "start", "protocol",
	};

	(void)state;
	for (int end = 0; end < TASK_ENDS; end++)
		assert_string_equal(task_end_name((enum task_end)end),
				    names[end]);
}

/* What waitpid(2) says of a child that exits with @code or dies by @signal. */
static int wait_status(int code, int signal)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (signal)
			(void)kill(getpid(), signal);
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_of_wait(void **state)
{
	(void)state;
	/* No result, so not ok. */
	assert_int_equal(task_status_of_wait(wait_status(0, 0)),
			 TASK_STATUS(TASK_PROTOCOL, 0));
	assert_int_equal(task_status_of_wait(wait_status(7, 0)),
			 TASK_STATUS(TASK_EXIT, 7));
	assert_int_equal(task_status_of_wait(wait_status(255, 0)),
			 TASK_STATUS(TASK_EXIT, 255));
	assert_int_equal(task_status_of_wait(wait_status(0, SIGKILL)),
			 TASK_STATUS(TASK_SIGNAL, SIGKILL));
	assert_int_equal(task_status_of_wait(wait_status(0, SIGTERM)),
			 TASK_STATUS(TASK_SIGNAL, SIGTERM));
}

static uint64_t add(uint64_t size, uint64_t seed)
{
	return size + seed;
}

static const struct workload adding = {
	.name = "adding",
	.summary = "adds",
	.size_unit = "units",
	.default_size = 1,
	.run = add,
};

static void test_run(void **state)
{
	struct job job = {.workload = &adding, .size = 1000, .workers = 4};
	struct task task = {.id = UINT64_MAX - 1, .seed = 77};
	struct worker w;
	struct completion c;
	uint64_t before_ns, after_ns;

	(void)state;
	worker_begin(&w, &job, 3);
	assert_int_equal(w.index, 3);
	assert_int_equal(w.bind_errno, 0);
	w.bind_errno = EPERM;
	memset(&c, 0xff, sizeof(c));

	before_ns = clock_ns();
	task_run(&job, &w, &task, 12345, &c);
	after_ns = clock_ns();
	assert_int_equal(c.id, task.id);
	assert_int_equal(c.created_ns, 12345);
	assert_int_equal(c.digest, 1077);
	assert_int_equal(c.worker, 3);
	assert_int_equal(c.bind_errno, EPERM);
	assert_int_equal(c.status, TASK_STATUS(TASK_OK, 0));
	assert_true(c.cpu >= 0);
	assert_true(before_ns <= c.start_ns);
	assert_true(c.start_ns <= c.end_ns);
	assert_true(c.end_ns <= after_ns);
}

/* A worker with the next task in hand looks at the clock once between two. */
static void test_run_back_to_back(void **state)
{
	struct job job = {.workload = &adding, .size = 1, .workers = 1};
	struct task task = {.id = 1, .seed = 1};
	struct completion first, second;
	struct worker w;

	(void)state;
	worker_begin(&w, &job, 0);
	assert_int_equal(w.now_ns, 0);
	task_run(&job, &w, &task, 0, &first);
	w.now_ns = first.end_ns;
	while (clock_ns() == first.end_ns)
		;
	task_run(&job, &w, &task, 0, &second);
	assert_int_equal(second.start_ns, first.end_ns);
	assert_true(second.end_ns > first.end_ns);
}

static uint64_t calls; /* of counting() */

static uint64_t counting(uint64_t size, uint64_t seed)
{
	calls++;
	return size + seed;
}

/* How often the tasks with ids from 0 to @n run if @extra_ppm run twice. */
static uint64_t count_calls(uint32_t extra_ppm, uint64_t n)
{
	static const struct workload workload = {.run = counting};
	struct job job = {
		.workload = &workload,
		.size = 1000,
		.workers = 1,
		.extra_ppm = extra_ppm,
	};
	struct worker w;

	worker_begin(&w, &job, 0);
	calls = 0;
	for (uint64_t id = 0; id < n; id++) {
		struct task task = {.id = id, .seed = 7};
		struct completion c;

		task_run(&job, &w, &task, 0, &c);
		assert_int_equal(c.digest, 1007);
		assert_int_equal(c.status, TASK_STATUS(TASK_OK, 0));
	}
	return calls;
}

/* Whether the task with @id is one of those. */
static bool runs_twice(uint32_t extra_ppm, uint64_t id)
{
	return count_calls(extra_ppm, id + 1) - count_calls(extra_ppm, id) == 2;
}

static void test_extra(void **state)
{
	(void)state;
	assert_int_equal(count_calls(0, 10000), 10000);
	assert_int_equal(count_calls(1000000, 10000), 20000);
	/* The ids decide, so the numbers are always the same. */
	assert_int_equal(count_calls(500000, 10000), 15135);
	assert_int_equal(count_calls(100000, 10000), 10945);
	/* Who runs twice for a small share does so for a larger one. */
	for (uint64_t id = 0; id < 200; id++)
		assert_true(!runs_twice(100000, id) || runs_twice(500000, id));
}

static void test_begin_pins(void **state)
{
	struct placement *p;
	struct job job = {.workload = &adding, .workers = 2};
	cpu_set_t old, set;
	struct worker w;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(old), &old), 0);
	assert_int_equal(placement_plan("compact", 2, NULL, &p), 0);
	job.placement = p;
	for (uint32_t i = 0; i < 2; i++) {
		worker_begin(&w, &job, i);
		assert_int_equal(w.bind_errno, 0);
		assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
		assert_int_equal(CPU_COUNT(&set), 1);
		assert_true(CPU_ISSET((size_t)placement_cpu(p, i), &set));
	}
	placement_free(p);
	assert_int_equal(sched_setaffinity(0, sizeof(old), &old), 0);
}

static void test_begin_cannot_pin(void **state)
{
	struct placement *p;
	struct job job = {.workload = &adding, .workers = 1};
	struct task task = {.id = 1, .seed = 1};
	struct worker w;
	struct completion c;

	(void)state;
	assert_int_equal(placement_plan("compact", 1, "core:4 pu:1", &p), 0);
	job.placement = p;
	worker_begin(&w, &job, 0);
	assert_true(w.bind_errno > 0);
	task_run(&job, &w, &task, 0, &c);
	assert_int_equal(c.bind_errno, w.bind_errno);
	assert_int_equal(c.status, TASK_STATUS(TASK_OK, 0));
	placement_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_names),
		cmocka_unit_test(test_status_is_end),
		cmocka_unit_test(test_end_names),
		cmocka_unit_test(test_of_wait),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_back_to_back),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_begin_pins),
		cmocka_unit_test(test_begin_cannot_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
