/* The slice runner with a model that lies, breaks, or is somewhere else. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/placement.h"
#include "harness/slice.h"
#include "harness/tests/fake.h"

static void wrong_digest(struct completion *c)
{
	c->digest++;
}

static void test_wrong_digests(void **state)
{
	struct slice_result r =
		fake_run((struct fake_script){.spoil = wrong_digest});

	(void)state;
	assert_int_equal(r.status, SLICE_OK);
	assert_true(fake_seen.spoiled > 0);
	assert_int_equal(r.wrong_digests, fake_seen.spoiled);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	slice_result_done(&r);
}

static void exit_7(struct completion *c)
{
	c->status = TASK_STATUS(TASK_EXIT, 7);
	c->start_ns = c->end_ns = c->digest = 0;
}

static void killed(struct completion *c)
{
	c->status = TASK_STATUS(TASK_SIGNAL, SIGKILL);
}

static void not_started(struct completion *c)
{
	c->status = TASK_STATUS(TASK_START, EAGAIN);
}

static void timed_out(struct completion *c)
{
	c->status = TASK_STATUS(TASK_TIMEOUT, 0);
}

static void test_failed_tasks(void **state)
{
	static const struct {
		void (*spoil)(struct completion *c);
		enum task_end end;
	} cases[] = {
		{exit_7, TASK_EXIT},
		{killed, TASK_SIGNAL},
		{not_started, TASK_START},
		{timed_out, TASK_TIMEOUT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slice_result r =
			fake_run((struct fake_script){.spoil = cases[i].spoil});

		assert_int_equal(r.status, SLICE_OK);
		assert_true(fake_seen.spoiled > 0);
		assert_int_equal(r.ended[cases[i].end], fake_seen.spoiled);
		assert_int_equal(slice_failed(&r), fake_seen.spoiled);
		assert_int_equal(r.wrong_digests, 0);
		slice_result_done(&r);
	}
}

static void status_lost(struct completion *c)
{
	c->status = TASK_LOST;
}

static void status_unknown(struct completion *c)
{
	c->status = TASK_ENDS;
}

static void status_negative(struct completion *c)
{
	c->status = -1;
}

static void start_before_submit(struct completion *c)
{
	c->start_ns = 1;
}

static void end_before_start(struct completion *c)
{
	c->end_ns = c->start_ns - 1;
}

static void end_in_future(struct completion *c)
{
	c->end_ns = CLOCK_NEVER;
}

static void created_after_start(struct completion *c)
{
	c->created_ns = c->start_ns + 1;
}

/* An answer to a task in flight that makes no sense ends only this task. */
static void test_senseless_answers(void **state)
{
	static void (*const spoils[])(struct completion * c) = {
		status_lost,         status_unknown,   status_negative,
		start_before_submit, end_before_start, end_in_future,
		created_after_start,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spoils); i++) {
		struct slice_result r =
			fake_run((struct fake_script){.spoil = spoils[i]});

		assert_int_equal(r.status, SLICE_OK);
		assert_true(fake_seen.spoiled > 0);
		assert_int_equal(r.ended[TASK_PROTOCOL], fake_seen.spoiled);
		slice_result_done(&r);
	}
}

static void no_id(struct completion *c)
{
	c->id = 0;
}

static void unknown_id(struct completion *c)
{
	c->id += UINT64_C(1) << 40;
}

/* A place that exists, but there is another task in it now. */
static void old_id(struct completion *c)
{
	c->id -= 4;
}

static void no_such_worker(struct completion *c)
{
	c->worker = 2;
}

/* How long to wait for answers that will not come. */
#define PATIENCE_NS (300 * NS_PER_MS)

static void expect_broken(struct fake_script what, int value)
{
	struct slice_result r;

	what.timeout_ns = PATIENCE_NS;
	r = fake_run(what);
	assert_int_equal(r.status, SLICE_BROKEN);
	assert_int_equal(r.status_value, value);
	assert_int_equal(r.window_ns, 0);
	assert_true(isnan(slice_throughput(&r)));
	assert_true(isnan(slice_tasks_per_cpu_s(&r)));
	assert_int_equal(fake_seen.closed, 1);
	/* No place was given to two tasks. */
	assert_int_equal(fake_seen.full, 0);
	slice_result_done(&r);
}

/* Nor does the runner go on with a model that answers what nobody asked. */
static void test_broken_model(void **state)
{
	static void (*const spoils[])(struct completion * c) = {
		no_id,
		unknown_id,
		old_id,
		no_such_worker,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spoils); i++)
		expect_broken(
			(struct fake_script){.spoil = spoils[i], .only = 15},
			EPROTO);
	expect_broken((struct fake_script){.twice = 15}, EPROTO);
	expect_broken((struct fake_script){.submit_fails = 1}, EIO);
	expect_broken((struct fake_script){.submit_fails = 25}, EIO);
	expect_broken((struct fake_script){.reap_fails = 25}, EIO);
}

static void test_lost_task(void **state)
{
	struct slice_result r = fake_run(
		(struct fake_script){.lose = 15, .timeout_ns = PATIENCE_NS});

	(void)state;
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.ended[TASK_TIMEOUT], 1);
	assert_int_equal(r.ended[TASK_OK], r.submitted - 1);
	assert_true(r.drain_ns >= PATIENCE_NS);
	slice_result_done(&r);
}

static void test_all_lost(void **state)
{
	struct slice_result r = fake_run((struct fake_script){
		.lose = FAKE_ALL, .timeout_ns = PATIENCE_NS});

	(void)state;
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.submitted, 4); /* workers x depth */
	assert_int_equal(r.ended[TASK_TIMEOUT], 4);
	assert_int_equal(r.tasks, 0);
	assert_true(slice_throughput(&r) == 0.0);
	slice_result_done(&r);
}

static void test_open_fails(void **state)
{
	struct slice_result r =
		fake_run((struct fake_script){.open_fails = EMFILE});

	(void)state;
	assert_int_equal(r.status, SLICE_OPEN);
	assert_int_equal(r.status_value, EMFILE);
	assert_int_equal(r.submitted, 0);
	assert_true(isnan(slice_throughput(&r)));
	slice_result_done(&r);
}

static void test_early_full(void **state)
{
	struct slice_result r = fake_run((struct fake_script){.less = 3});

	(void)state;
	assert_int_equal(r.status, SLICE_OK);
	assert_true(fake_seen.full > 0);
	assert_true(r.submitted >= 20);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	slice_result_done(&r);
}

static void unbound_eperm(struct completion *c)
{
	c->bind_errno = fake_seen.spoiled == 0 ? EPERM : EINVAL;
}

static void test_unbound(void **state)
{
	struct slice_result r =
		fake_run((struct fake_script){.spoil = unbound_eperm});

	(void)state;
	assert_true(fake_seen.spoiled > 1);
	assert_int_equal(r.unbound, fake_seen.spoiled);
	assert_int_equal(r.bind_errno, EPERM); /* the first one */
	slice_result_done(&r);
}

static void on_plan(struct completion *c)
{
	c->cpu = placement_cpu(fake_job->placement, c->worker);
}

static void once_elsewhere(struct completion *c)
{
	on_plan(c);
	if (fake_seen.answered == 15)
		c->cpu += 1000;
}

static void to_and_fro(struct completion *c)
{
	c->cpu = (int32_t)(fake_seen.answered / 2 % 2);
}

static void on_own_cpu(struct completion *c)
{
	c->cpu = (int32_t)c->worker;
}

static void on_unknown_cpu(struct completion *c)
{
	c->cpu = -1;
}

/* Where tasks are said to have ended, and what is to be counted of that. */
static void test_places(void **state)
{
	static const struct {
		const char *pin;
		void (*spoil)(struct completion *c);
		uint64_t misplaced, migrations;
	} cases[] = {
		{"compact", on_plan, 0, 0},
		{"compact", once_elsewhere, 1, 2}, /* there and back */
		{"none", on_own_cpu, 0, 0},
		{"compact", on_unknown_cpu, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cell_spec c = fake_cell(cases[i].pin);
		struct slice_result r =
			fake_slice(&c, &fake_grinding, &fake_timing,
				   (struct fake_script){.spoil = cases[i].spoil,
							.only = FAKE_ALL});

		assert_int_equal(r.status, SLICE_OK);
		assert_int_equal(r.ended[TASK_OK], fake_seen.spoiled);
		assert_int_equal(r.misplaced, cases[i].misplaced);
		assert_int_equal(r.migrations, cases[i].migrations);
		assert_int_equal(r.unbound, 0);
		slice_result_done(&r);
	}
}

/* Each of the two workers' tasks goes from one to the other and back. */
static void test_migrations(void **state)
{
	struct slice_result r = fake_run(
		(struct fake_script){.spoil = to_and_fro, .only = FAKE_ALL});

	(void)state;
	assert_int_equal(r.migrations, r.ended[TASK_OK] - 2);
	assert_int_equal(r.misplaced, 0);
	slice_result_done(&r);
}

static void test_generator(void **state)
{
	struct cell_spec c = fake_cell("compact");
	struct placement *p;
	struct slice_result r;
	int cpu;

	(void)state;
	c.workers = 1;
	assert_int_equal(placement_plan("compact", 1, NULL, &p), 0);
	cpu = placement_generator_cpu(p);
	placement_free(p);
	r = fake_slice(&c, &fake_grinding, &fake_timing,
		       (struct fake_script){0});
	assert_int_equal(r.generator_cpu, cpu);
	if (cpu >= 0) {
		assert_int_equal(CPU_COUNT(&fake_seen.open_on), 1);
		assert_true(CPU_ISSET((size_t)cpu, &fake_seen.open_on));
	}
	slice_result_done(&r);
}

static void test_bad_policy(void **state)
{
	struct cell_spec c = fake_cell("nowhere");
	struct slice_result r = {.submitted = 77};

	(void)state;
	memset(&fake_seen, 0, sizeof(fake_seen));
	assert_int_equal(slice_run(&c, &model_fake, &fake_grinding,
				   &fake_timing, NULL, &r),
			 -EINVAL);
	assert_int_equal(fake_seen.opened, 0);
	assert_int_equal(r.submitted, 77);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_digests),
		cmocka_unit_test(test_failed_tasks),
		cmocka_unit_test(test_senseless_answers),
		cmocka_unit_test(test_broken_model),
		cmocka_unit_test(test_lost_task),
		cmocka_unit_test(test_all_lost),
		cmocka_unit_test(test_open_fails),
		cmocka_unit_test(test_early_full),
		cmocka_unit_test(test_unbound),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_migrations),
		cmocka_unit_test(test_generator),
		cmocka_unit_test(test_bad_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
