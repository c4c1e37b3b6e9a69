#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/noise.h"
#include "harness/slice.h"
#include "harness/tests/fake.h"

static void test_phases(void **state)
{
	struct rng rng = {1};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		/* Times as long apart as may be without passing 2^64. */
		uint64_t range = UINT64_C(1) << (i % 61);
		uint64_t at[6], phases[PHASES], sum = 0;
		int has_created = i % 3 != 0;

		at[0] = rng_below(&rng, range);
		for (int k = 1; k < 6; k++)
			at[k] = at[k - 1] + rng_below(&rng, range);
		struct task_times t = {
			.due = at[0],
			.submit = at[1],
			.created = has_created ? at[2] : 0,
			.start = at[3],
			.end = at[4],
			.done = at[5],
		};

		/* Time 0 stands for "there is none". */
		has_created = has_created && at[2] != 0;
		assert_int_equal(task_phases(&t, phases), 0);
		for (int k = 0; k < PHASES; k++)
			sum += phases[k];
		assert_int_equal(sum, t.done - t.due);
		assert_int_equal(phases[PHASE_QUEUE], at[1] - at[0]);
		assert_int_equal(phases[PHASE_CREATE],
				 has_created ? at[2] - at[1] : 0);
		assert_int_equal(phases[PHASE_DISPATCH],
				 at[3] - (has_created ? at[2] : at[1]));
		assert_int_equal(phases[PHASE_COMPUTE], at[4] - at[3]);
		assert_int_equal(phases[PHASE_RETURN], at[5] - at[4]);
	}
}

/* The turn: at submit, at free, and never after the first sign of life. */
static void test_phases_turn(void **state)
{
	static const struct {
		uint64_t created, free, queue, create, dispatch;
	} cases[] = {
		{0, 0, 10, 0, 30},   {0, 15, 10, 0, 30},  {0, 35, 25, 0, 15},
		{0, 60, 40, 0, 0},   {40, 0, 10, 20, 10}, {40, 30, 20, 10, 10},
		{40, 45, 30, 0, 10},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct task_times t = {
			.due = 10,
			.submit = 20,
			.created = cases[i].created,
			.start = 50,
			.end = 70,
			.done = 75,
			.free = cases[i].free,
		};
		uint64_t phases[PHASES];

		assert_int_equal(task_phases(&t, phases), 0);
		assert_int_equal(phases[PHASE_QUEUE], cases[i].queue);
		assert_int_equal(phases[PHASE_CREATE], cases[i].create);
		assert_int_equal(phases[PHASE_DISPATCH], cases[i].dispatch);
		assert_int_equal(phases[PHASE_COMPUTE], 20);
		assert_int_equal(phases[PHASE_RETURN], 5);
	}
}

static void test_phases_out_of_order(void **state)
{
	static const struct task_times wrong[] = {
		{.due = 2, .submit = 1, .start = 3, .end = 4, .done = 5},
		{1, 3, 2, 4, 5, 6, 0}, /* created before submit */
		{1, 2, 4, 3, 5, 6, 0}, /* started before created */
		{1, 3, 0, 2, 4, 5, 0}, /* started before submit */
		{1, 2, 3, 5, 4, 6, 0}, /* ended before start */
		{1, 2, 3, 4, 6, 5, 0}, /* done before the end */
		{1, 2, 0, 0, 0, 3, 0}, /* never ran */
		{1, 2, 0, 3, UINT64_MAX, 4, 0},
	};
	uint64_t phases[PHASES] = {7, 7, 7, 7, 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(task_phases(&wrong[i], phases), -EPROTO);
		for (int k = 0; k < PHASES; k++)
			assert_int_equal(phases[k], 7);
	}
}

static void test_names(void **state)
{
	static const char *const phases[PHASES] = {
		"queue", "create", "dispatch", "compute", "return",
	};
	static const struct {
		enum slice_status status;
		int value;
		const char *name;
	} statuses[] = {
		{SLICE_OK, 0, "ok"},
		{SLICE_OPEN, EAGAIN, "open:EAGAIN"},
		{SLICE_OPEN, 4000, "open:4000"},
		{SLICE_BROKEN, ECHILD, "broken:ECHILD"},
		{SLICE_CRASHED, SIGSEGV, "crashed:SEGV"},
		{SLICE_CRASHED, 40, "crashed:40"},
		{SLICE_EXITED, 2, "exited:2"},
		{SLICE_LATE, 0, "late"},
	};
	char text[32];

	(void)state;
	for (int i = 0; i < PHASES; i++)
		assert_string_equal(phase_name((enum phase)i), phases[i]);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		const char *name =
			slice_status_name(statuses[i].status, statuses[i].value,
					  text, sizeof(text));

		assert_string_equal(name, statuses[i].name);
	}
}

static void test_derived(void **state)
{
	struct slice_result r = {
		.status = SLICE_OK,
		.submitted = 1010,
		.ended = {[TASK_OK] = 1000, [TASK_EXIT] = 10},
		.tasks = 500,
		.window_ns = NS_PER_S / 4,
		.user_ns = NS_PER_S,
		.system_ns = NS_PER_S,
	};

	(void)state;
	assert_true(slice_throughput(&r) == 2000.0);
	assert_true(slice_tasks_per_cpu_s(&r) == 500.0);
	assert_int_equal(slice_failed(&r), 10);

	r.window_ns = 0;
	assert_true(isnan(slice_throughput(&r)));
	r.user_ns = r.system_ns = 0;
	assert_true(isnan(slice_tasks_per_cpu_s(&r)));
	r.window_ns = r.user_ns = NS_PER_S;
	r.status = SLICE_LATE;
	assert_true(isnan(slice_throughput(&r)));
	assert_true(isnan(slice_tasks_per_cpu_s(&r)));
}

static void test_saturated(void **state)
{
	struct slice_result r = {.offered = 200, .tasks = 198};

	(void)state;
	assert_false(slice_saturated(&r));
	r.tasks = 197;
	assert_true(slice_saturated(&r));
	r.tasks = r.offered = 0;
	assert_false(slice_saturated(&r));
}

static void test_good(void **state)
{
	struct slice_result r = fake_run((struct fake_script){0});
	uint64_t sum_ns = 0;

	(void)state;
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	assert_int_equal(slice_failed(&r), 0);
	assert_int_equal(r.wrong_digests, 0);
	assert_int_equal(r.window_ns, fake_timing.window_ns);
	assert_true(r.submitted >= 20);
	assert_true(r.ended[TASK_OK] > r.tasks); /* it settled before */
	assert_string_equal(r.cell.experiment, "testing");
	assert_string_equal(r.cell.workload, "grinding");
	assert_true(r.user_ns + r.system_ns > 0);
	assert_true(r.peak_self_bytes > 0);
	assert_int_equal(r.peak_child_bytes, 0);
	assert_int_equal(r.phase_sum_ns[PHASE_CREATE], 0);
	for (int i = 0; i < PHASES; i++)
		sum_ns += r.phase_sum_ns[i];
	assert_int_equal(sum_ns, r.latency->sum);
	assert_int_equal(fake_seen.opened, 1);
	slice_result_done(&r);
	assert_null(r.latency);
	slice_result_done(&r);
}

/* A machine that has no time for us may leave the window all but empty. */
static struct slice_result busy_run(struct fake_script what)
{
	struct slice_result r = fake_run(what);

	for (int i = 0; i < 100 && r.tasks < 12; i++) {
		slice_result_done(&r);
		r = fake_run(what);
	}
	assert_true(r.tasks >= 12);
	return r;
}

static void one_does_all(struct completion *c)
{
	c->worker = 0;
}

static void test_spread(void **state)
{
	/* They take turns. */
	struct slice_result r = busy_run((struct fake_script){0});
	int64_t tasks = (int64_t)r.tasks, more = (tasks + 1) / 2;

	(void)state;
	assert_int_equal(r.worker_tasks_max, more);
	assert_int_equal(r.worker_tasks_squares,
			 more * more + (tasks - more) * (tasks - more));
	slice_result_done(&r);

	r = fake_run(
		(struct fake_script){.spoil = one_does_all, .only = FAKE_ALL});
	tasks = (int64_t)r.tasks;
	assert_int_equal(r.worker_tasks_max, tasks);
	assert_int_equal(r.worker_tasks_squares, tasks * tasks);
	slice_result_done(&r);
}

static void test_counts(void **state)
{
	struct fake_script what = {.counts = {.respawns = 3,
					      .given_up = -1,
					      .wakeups = 5,
					      .connections_squares = 9}};
	struct slice_result r = fake_run(what);

	(void)state;
	assert_memory_equal(&r.counts, &what.counts, sizeof(r.counts));
	slice_result_done(&r);

	what.open_fails = EIO;
	r = fake_run(what);
	assert_memory_equal(&r.counts, &model_no_counts, sizeof(r.counts));
	assert_int_equal(r.worker_tasks_max, -1);
	assert_int_equal(r.worker_tasks_squares, -1);
	slice_result_done(&r);
}

/* What only an open loop has is not there. */
static void test_closed(void **state)
{
	struct slice_result r = fake_run((struct fake_script){0});

	(void)state;
	assert_int_equal(r.offered, 0);
	assert_int_equal(r.unfinished, 0);
	assert_int_equal(r.backlog_begin, 0);
	assert_int_equal(r.backlog_end, 0);
	assert_null(r.uncorrected);
	assert_null(r.lateness);
	assert_false(slice_saturated(&r));
	slice_result_done(&r);
}

static void test_slow(void **state)
{
	struct slice_result r = fake_run((struct fake_script){0});
	uint64_t own_ns = 0;

	(void)state;
	assert_int_equal(r.slow_tasks, r.tasks / 100);
	for (int i = 0; i < PHASES; i++) {
		assert_true(r.slow_phase_sum_ns[i] <= r.phase_sum_ns[i]);
		own_ns += i == PHASE_QUEUE ? 0 : r.slow_phase_sum_ns[i];
	}
	assert_true(own_ns >= r.slow_tasks * 1000);
	slice_result_done(&r);
}

/* The first tasks that were handed over inside the window, by their start. */
static void test_trace(void **state)
{
	struct slice_result r =
		fake_run((struct fake_script){.choice = {.trace = 4096}});

	(void)state;
	/* Not traced: up to four that were on their way when it opened. */
	assert_true(r.n_trace <= r.tasks);
	assert_true(r.n_trace == 4096 || r.n_trace + 4 >= r.tasks);
	for (size_t i = 0; i < r.n_trace; i++) {
		const struct task_trace *t = &r.trace[i];

		assert_true(t->worker < 2);
		assert_int_equal(t->due, t->submit);
		assert_true(t->submit <= t->start && t->start <= t->end &&
			    t->end <= t->done);
		assert_true(t->done < r.window_ns);
		assert_true(i == 0 || t->start >= r.trace[i - 1].start);
	}
	slice_result_done(&r);
	assert_null(r.trace);

	r = fake_run((struct fake_script){.choice = {.trace = 1}});
	assert_true(r.n_trace <= 1);
	slice_result_done(&r);
	r = fake_run((struct fake_script){0});
	assert_int_equal(r.n_trace, 0);
	slice_result_done(&r);
}

/* The digest of the references tells workload and size apart, not the run. */
/*
 * A model that takes batches is handed what there is room for, at one moment,
 * and may answer in any order.
 */
static void test_batches(void **state)
{
	struct slice_result r = busy_run((struct fake_script){
		.batches = true,
		.choice = {.trace = 4096},
	});
	uint64_t together = 0, queue_ns = 0, last_end_ns[2] = {0, 0};

	(void)state;
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	assert_int_equal(fake_seen.submitted, 4 * fake_seen.n_submits);
	for (size_t i = 1; i < r.n_trace; i++)
		together += r.trace[i].submit == r.trace[i - 1].submit;
	/* Four at once are three with the one before; the ends may be cut. */
	assert_true(4 * together + 12 >= 3 * r.n_trace);
	/* The second of a worker waits for the first, traced or not. */
	for (size_t i = 0; i < r.n_trace; i++) {
		const struct task_trace *t = &r.trace[i];
		uint64_t *free_ns = &last_end_ns[t->worker];

		if (*free_ns > t->submit)
			queue_ns += *free_ns - t->submit;
		*free_ns = t->end;
	}
	assert_true(queue_ns > 0);
	assert_true(r.phase_sum_ns[PHASE_QUEUE] >= queue_ns);
	slice_result_done(&r);
}

static void test_reference(void **state)
{
	struct slice_result a = fake_run((struct fake_script){0});
	struct slice_result b =
		fake_run((struct fake_script){.open_fails = EIO});
	struct cell_spec c = fake_cell("none");
	struct slice_result r;

	(void)state;
	assert_int_equal(a.reference_digest, b.reference_digest);
	c.size++;
	r = fake_slice(&c, &fake_grinding, &fake_timing,
		       (struct fake_script){.open_fails = EIO});
	assert_int_not_equal(a.reference_digest, r.reference_digest);
	slice_result_done(&a);
	slice_result_done(&b);
	slice_result_done(&r);
}

/* Around the slice, and unknown only where the machine does not tell. */
static void test_noise(void **state)
{
	struct slice_result r = fake_run((struct fake_script){0});
	uint64_t own_ns = r.user_ns + r.system_ns;
	struct noise_sample s;

	(void)state;
	noise_read(&s);
	assert_true(r.noise_span_ns >= (int64_t)r.window_ns);
	assert_true(r.canary_before_ns > 0 && r.canary_after_ns > 0);
	/* A machine may have the file and count nothing in it. */
	if (s.total_ns > 0 && r.busy_ns >= 0)
		assert_int_equal(r.foreign_ns,
				 noise_foreign_ns(r.busy_ns, own_ns));
	else
		assert_int_equal(r.foreign_ns, -1);
	assert_int_equal(r.psi_ns < 0, s.psi_ns < 0);
	assert_int_equal(r.smt_shared, 0);
	slice_result_done(&r);

	/* What never ran was never measured. */
	r = fake_run((struct fake_script){.open_fails = EIO});
	assert_int_equal(r.status, SLICE_OPEN);
	assert_int_equal(r.noise_span_ns, -1);
	assert_int_equal(r.busy_ns, -1);
	assert_int_equal(r.steal_ns, -1);
	assert_int_equal(r.foreign_ns, -1);
	assert_int_equal(r.psi_ns, -1);
	assert_int_equal(r.canary_after_ns, -1);
	slice_result_done(&r);
}

/* Ten tasks for each worker come before the window, however long that takes. */
static void test_settles(void **state)
{
	struct slice_timing timing = fake_timing;
	struct cell_spec c = fake_cell("none");
	struct slice_result r;

	(void)state;
	c.size = 3 * NS_PER_MS;
	c.depth = 1;
	timing.settle_ns = NS_PER_MS;
	timing.window_ns = 1;
	timing.timeout_ns = 10 * NS_PER_S;
	r = fake_slice(&c, &fake_napping, &timing, (struct fake_script){0});
	assert_int_equal(r.status, SLICE_OK);
	assert_true(r.submitted >= 20);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	slice_result_done(&r);
}

/*
 * A window is still to come when settling is over: in one that had begun in the
 * past, as after a task longer than it, no task at all would be counted.
 */
static void test_window_to_come(void **state)
{
	struct slice_timing timing = fake_timing;
	struct cell_spec c = fake_cell("none");
	struct slice_result r;

	(void)state;
	c.size = 4 * NS_PER_MS;
	c.workers = 1;
	c.depth = 1;
	timing.settle_ns = NS_PER_MS;
	timing.window_ns = NS_PER_MS;
	timing.timeout_ns = 10 * NS_PER_S;
	r = fake_slice(&c, &fake_napping, &timing, (struct fake_script){0});
	assert_true(r.submitted > 10); /* that many have settled it */
	slice_result_done(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_phases_out_of_order),
		cmocka_unit_test(test_phases_turn),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_derived),
		cmocka_unit_test(test_saturated),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_settles),
		cmocka_unit_test(test_window_to_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
