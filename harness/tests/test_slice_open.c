/*
 * The open loop, in simulated time: what comes out is compared with what the
 * theory of queues says, mostly to the nanosecond.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/arrivals.h"
#include "harness/base.h"
#include "harness/tests/fake.h"
#include "harness/tests/server.h"

#define SETTLE_NS (20 * NS_PER_MS)

/* What a loop must find, computed task by task. */
struct expected {
	uint64_t all, offered, latency_ns, uncorrected_ns, queue_ns, max_ns;
	uint64_t backlog_begin, backlog_end;
};

/*
 * First come first served: a task begins when it has come and the first of the
 * workers has time.  With one task in flight per worker it is handed over then.
 */
static struct expected expect(const struct server *s,
			      const struct server_load *l, uint64_t settle_ns)
{
	uint64_t begin = SERVER_BEGIN + settle_ns;
	uint64_t close = begin + l->timing.window_ns;
	uint64_t free_ns[8] = {0};
	struct expected e = {0};
	struct arrivals a;

	assert_int_equal(arrivals_init(l->seed, l->interval_ns,
				       close - SERVER_BEGIN, &a),
			 0);
	for (size_t i = 0; i < a.n; i++) {
		uint64_t due = SERVER_BEGIN + a.due_ns[i], turn = due, end;
		uint64_t start;
		uint32_t w = 0;

		for (uint32_t k = 1; k < s->workers; k++)
			w = free_ns[k] < free_ns[w] ? k : w;
		turn = free_ns[w] > turn ? free_ns[w] : turn;
		start = turn;
		end = free_ns[w] = server_end(s, &start);
		e.all++;
		e.backlog_begin += due < begin && end >= begin;
		e.backlog_end += due < close && end >= close;
		if (due < begin)
			continue;
		e.offered++;
		e.latency_ns += end - due;
		e.queue_ns += turn - due;
		e.uncorrected_ns += end - turn;
		e.max_ns = end - due > e.max_ns ? end - due : e.max_ns;
	}
	arrivals_done(&a);
	return e;
}

static const struct server_load one_second = {
	.seed = 7,
	.interval_ns = NS_PER_MS,
	.timing = {SETTLE_NS, NS_PER_S, 10 * NS_PER_S},
};

static void expect_theory(const struct server *s, const struct server_load *l)
{
	/* Ten tasks per worker, in whole periods. */
	uint64_t settle = s->workers == 7 ? 80 * NS_PER_MS : SETTLE_NS;
	struct expected e = expect(s, l, settle);
	struct slice_result r = server_run(s, l);

	assert_true(e.offered > 850);
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.submitted, e.all);
	assert_int_equal(r.ended[TASK_OK], e.all);
	assert_int_equal(r.offered, e.offered);
	assert_int_equal(r.tasks, e.offered);
	assert_int_equal(r.unfinished, 0);
	assert_int_equal(r.latency->sum, e.latency_ns);
	assert_int_equal(r.latency->max, e.max_ns);
	assert_int_equal(r.uncorrected->n, e.offered);
	assert_int_equal(r.uncorrected->sum, e.uncorrected_ns);
	assert_int_equal(r.phase_sum_ns[PHASE_QUEUE], e.queue_ns);
	/* Only serial has something else to do than to look. */
	assert_int_equal(r.lateness->max > 0, s->serial);
	assert_true(r.lateness->max < s->service_ns);
	assert_int_equal(r.backlog_begin, e.backlog_begin);
	assert_int_equal(r.backlog_end, e.backlog_end);
	slice_result_done(&r);
}

static void every_task_waits_as_long_as_the_theory_says(void **state)
{
	static const struct server servers[] = {
		{.workers = 1, .depth = 1, .service_ns = 100 * NS_PER_US},
		{.workers = 1, .depth = 1, .service_ns = 900 * NS_PER_US},
		{.workers = 1, .depth = 1, .service_ns = 1100 * NS_PER_US},
		{.workers = 2, .depth = 1, .service_ns = 1700 * NS_PER_US},
		{.workers = 7, .depth = 1, .service_ns = 6500 * NS_PER_US},
		{.workers = 1,
		 .depth = 1,
		 .service_ns = 300 * NS_PER_US,
		 .stall_ns = 20 * NS_PER_MS,
		 .every_ns = 70 * NS_PER_MS},
		{.workers = 1,
		 .depth = 1,
		 .service_ns = 950 * NS_PER_US,
		 .serial = true},
		{.workers = 1,
		 .depth = 1,
		 .service_ns = 1900 * NS_PER_US,
		 .serial = true},
	};

	struct server_load l = one_second;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		for (l.seed = 0; l.seed < 10; l.seed++)
			expect_theory(&servers[i], &l);
	}
}

/*
 * With room for two tasks a worker, a task waits at its worker what it would
 * have waited before it.  The time from the hand-over knows the one queue only,
 * the phases both.
 */
static void it_does_not_matter_where_a_task_waits(void **state)
{
	struct server s = {
		.workers = 1, .depth = 1, .service_ns = 900 * NS_PER_US};
	struct slice_result a = server_run(&s, &one_second), b;

	(void)state;
	s.depth = 3;
	b = server_run(&s, &one_second);
	assert_int_equal(a.latency->sum, b.latency->sum);
	assert_int_equal(a.latency->max, b.latency->max);
	assert_int_equal(a.phase_sum_ns[PHASE_QUEUE],
			 b.phase_sum_ns[PHASE_QUEUE]);
	assert_true(a.uncorrected->sum < b.uncorrected->sum);
	slice_result_done(&a);
	slice_result_done(&b);
}

/*
 * A server that does nothing for S in every T.  Who comes x after it stopped
 * waits S - x for it, and for those who came before him and need the share
 * rho of its time: S - x (1 - rho).  So a share (S - l) / ((1 - rho) T) of all
 * waits longer than l, and the longest 1 % begin at S - 0.01 (1 - rho) T.
 */
static void a_stall_is_seen_by_all_who_came_in_it(void **state)
{
	const struct server s = {.workers = 1,
				 .depth = 1,
				 .service_ns = 100 * NS_PER_US,
				 .stall_ns = 50 * NS_PER_MS,
				 .every_ns = NS_PER_S};
	struct server_load l = one_second;
	struct slice_result r;
	double theory = 50e6 - 0.01 * (1 - 0.1) * 1e9 + 100e3, p99;

	(void)state;
	l.timing.window_ns = 60 * NS_PER_S;
	r = server_run(&s, &l);
	p99 = (double)histogram_quantile(r.latency, 0.99);
	assert_true(p99 > 0.9 * theory);
	assert_true(p99 < 1.1 * theory);
	/* Whoever begins at the hand-over sees one slow task a stall. */
	assert_true(histogram_quantile(r.uncorrected, 0.99) < 101 * NS_PER_US);
	assert_true(r.uncorrected->max > 49 * NS_PER_MS);
	slice_result_done(&r);
}

/* The tasks that fall in the window are the schedule's, not the model's. */
static void all_models_get_the_same_tasks(void **state)
{
	static const struct server servers[] = {
		{.workers = 2, .depth = 1, .service_ns = 1},
		{.workers = 2, .depth = 2, .service_ns = 3 * NS_PER_MS},
		{.workers = 2, .depth = 1, .service_ns = NS_PER_MS, .fail = 50},
	};
	struct server_load l = one_second;
	uint64_t offered = 0, submitted = 0;
	struct slice_result r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		r = server_run(&servers[i], &l);

		assert_true(i == 0 || r.offered == offered);
		assert_true(i == 0 || r.submitted == submitted);
		offered = r.offered;
		submitted = r.submitted;
		slice_result_done(&r);
	}
	l.seed++;
	r = server_run(&servers[0], &l);
	assert_int_not_equal(r.submitted, submitted);
	slice_result_done(&r);
}

/* A task every ten seconds: nobody waits for twenty of them. */
static void settling_has_an_end(void **state)
{
	const struct server s = {.workers = 2, .depth = 1, .service_ns = 1};
	struct server_load l = one_second;
	struct expected e;
	struct slice_result r;

	(void)state;
	l.interval_ns = 10 * NS_PER_S;
	l.timing.timeout_ns = 90 * NS_PER_MS;
	l.timing.window_ns = 1000 * NS_PER_S;
	e = expect(&s, &l, 100 * NS_PER_MS);
	r = server_run(&s, &l);
	assert_true(e.all > 50);
	assert_int_equal(r.submitted, e.all);
	assert_int_equal(r.offered, e.offered);
	slice_result_done(&r);
}

/* Twice what it can do, and not the time to do it. */
static void nothing_is_lost_in_an_overload(void **state)
{
	const struct server s = {
		.workers = 1, .depth = 1, .service_ns = 2 * NS_PER_MS};
	struct server_load l = one_second;
	struct expected e;
	struct slice_result r;

	(void)state;
	l.timing.timeout_ns = 100 * NS_PER_MS;
	e = expect(&s, &l, SETTLE_NS);
	r = server_run(&s, &l);
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.submitted, e.all);
	assert_int_equal(r.offered, e.offered);
	assert_int_equal(r.tasks + r.unfinished, r.offered);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.unfinished);
	/* 560 of 2 ms each fit in 1.12 s; the rest has no end. */
	assert_in_range(r.ended[TASK_OK], 555, 560);
	assert_int_equal(r.backlog_end, e.backlog_end);
	/* The last in the queue came just before the end, 100 ms ago. */
	assert_int_equal(r.latency->n, e.offered);
	assert_true(r.latency->max > 400 * NS_PER_MS);
	/* Only one of those without an end was handed over. */
	assert_int_equal(r.uncorrected->n, r.tasks + 1);
	assert_true(slice_saturated(&r));
	slice_result_done(&r);
}

static void tasks_without_an_answer_are_unfinished(void **state)
{
	const struct server s = {
		.workers = 2, .depth = 2, .service_ns = NS_PER_MS, .lose = 500};
	struct slice_result r = server_run(&s, &one_second);

	(void)state;
	/* Up to three before it were still with the workers. */
	assert_in_range(r.ended[TASK_OK], 499, 499);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.submitted - 499);
	assert_int_equal(r.unfinished, r.ended[TASK_TIMEOUT]);
	assert_int_equal(r.unfinished + r.tasks, r.offered);
	assert_int_equal(r.uncorrected->n, r.tasks + 4);
	assert_int_equal(r.backlog_end, r.unfinished);
	assert_true(slice_saturated(&r));
	slice_result_done(&r);
}

/* Who was lost while settling is waited for, but not in the window's count. */
static void what_was_due_before_the_window_does_not_count(void **state)
{
	const struct server s = {
		.workers = 1, .depth = 1, .service_ns = 1, .lose = 1};
	struct server_load l = one_second;
	struct slice_result r;

	(void)state;
	r = server_run(&s, &l);
	assert_int_equal(r.tasks, 0);
	assert_int_equal(r.unfinished, r.offered);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.submitted);
	assert_int_equal(r.backlog_begin, r.submitted - r.offered);
	assert_int_equal(r.backlog_end, r.submitted);
	slice_result_done(&r);
}

/* An answer, if not the wanted one: neither a task nor unfinished. */
static void a_failed_task_has_no_latency(void **state)
{
	const struct server s = {
		.workers = 1, .depth = 1, .service_ns = NS_PER_US, .fail = 500};
	struct slice_result r = server_run(&s, &one_second);

	(void)state;
	assert_int_equal(r.ended[TASK_EXIT], 1);
	assert_int_equal(r.tasks, r.offered - 1);
	assert_int_equal(r.unfinished, 0);
	assert_false(slice_saturated(&r));
	slice_result_done(&r);
}

static void who_finds_the_model_full_waits(void **state)
{
	struct server s = {.workers = 1, .depth = 1, .service_ns = 1};
	struct slice_result r;

	(void)state;
	s.full_until = SERVER_BEGIN + SETTLE_NS + 500 * NS_PER_MS;
	r = server_run(&s, &one_second);
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	assert_int_equal(r.tasks, r.offered);
	assert_true(r.latency->max > 499 * NS_PER_MS);
	/* The wait is the queue's, and the generator was on time. */
	assert_int_equal(r.phase_sum_ns[PHASE_QUEUE], r.latency->sum - r.tasks);
	assert_int_equal(r.lateness->max, 0);
	slice_result_done(&r);

	s.full_until = CLOCK_NEVER;
	r = server_run(&s, &one_second);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.submitted);
	assert_int_equal(r.unfinished, r.offered);
	slice_result_done(&r);
}

static void a_broken_model_gets_no_more_tasks(void **state)
{
	const struct server s = {.workers = 1,
				 .depth = 1,
				 .service_ns = NS_PER_US,
				 .submit_fails = 300};
	struct slice_result r = server_run(&s, &one_second);

	(void)state;
	assert_int_equal(r.status, SLICE_BROKEN);
	assert_int_equal(r.status_value, ECHILD);
	assert_int_equal(r.ended[TASK_OK], 299);
	assert_int_equal(r.ended[TASK_TIMEOUT], 1); /* it had come */
	slice_result_done(&r);
}

static void the_trace_shows_the_first_tasks_of_the_window(void **state)
{
	const struct server s = {
		.workers = 2, .depth = 1, .service_ns = 1500 * NS_PER_US};
	struct server_load l = one_second;
	struct arrivals a;
	struct slice_result r;
	size_t first = 0;

	(void)state;
	l.trace = 100;
	assert_int_equal(arrivals_init(l.seed, l.interval_ns, NS_PER_S, &a), 0);
	while (a.due_ns[first] < SETTLE_NS)
		first++;
	r = server_run(&s, &l);
	assert_int_equal(r.n_trace, 100);
	for (size_t i = 0; i < r.n_trace; i++) {
		const struct task_trace *t = &r.trace[i];

		/* They start in the order in which they come. */
		assert_int_equal(t->due, a.due_ns[first + i] - SETTLE_NS);
		assert_true(t->worker < 2);
		assert_int_equal(t->cpu, t->worker);
		assert_int_equal(t->created, 0);
		assert_true(t->due <= t->submit);
		assert_int_equal(t->submit, t->start);
		assert_int_equal(t->end, t->start + 1500 * NS_PER_US);
		assert_int_equal(t->done, t->end);
	}
	arrivals_done(&a);
	slice_result_done(&r);
}

/* In real time, with a model that runs tasks in reap as serial does. */
static void serial_has_an_open_loop_too(void **state)
{
	struct cell_spec c = fake_cell("none");
	const uint64_t settle_ns = fake_timing.settle_ns;
	struct slice_result r;
	uint64_t phases = 0;
	struct arrivals a;
	size_t first = 0;

	(void)state;
	c.interval_ns = 50 * NS_PER_US;
	assert_int_equal(arrivals_init(3, c.interval_ns,
				       settle_ns + fake_timing.window_ns, &a),
			 0);
	while (a.due_ns[first] < settle_ns)
		first++;
	r = fake_slice(&c, &fake_grinding, &fake_timing,
		       (struct fake_script){
			       .choice = {.arrival_seed = 3, .trace = 20}});
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.ended[TASK_OK], r.submitted);
	assert_int_equal(r.submitted, fake_seen.submitted);
	assert_int_equal(r.tasks, r.offered);
	assert_int_equal(r.window_ns, fake_timing.window_ns);
	assert_int_equal(r.submitted, a.n);
	assert_int_equal(r.offered, a.n - first);
	assert_int_equal(r.n_trace, 20);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(r.trace[i].due,
				 a.due_ns[first + i] - settle_ns);
	arrivals_done(&a);
	for (int i = 0; i < PHASES; i++)
		phases += r.phase_sum_ns[i];
	assert_int_equal(phases, r.latency->sum);
	assert_int_equal(r.uncorrected->n, r.tasks);
	assert_int_equal(r.lateness->n, r.offered);
	assert_true(r.uncorrected->sum <= r.latency->sum);
	assert_true(r.lateness->sum <= r.latency->sum);
	slice_result_done(&r);
	assert_null(r.uncorrected);
	assert_null(r.lateness);
	assert_null(r.trace);
}

static void too_many_arrivals_are_refused(void **state)
{
	struct cell_spec c = fake_cell("none");
	struct slice_timing timing = fake_timing;
	struct slice_result r = {.submitted = 77};

	(void)state;
	c.interval_ns = 1;
	timing.window_ns = NS_PER_S;
	assert_int_equal(
		slice_run(&c, &model_fake, &fake_grinding, &timing, NULL, &r),
		-EOVERFLOW);
	assert_int_equal(r.submitted, 77);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_waits_as_long_as_the_theory_says),
		cmocka_unit_test(it_does_not_matter_where_a_task_waits),
		cmocka_unit_test(a_stall_is_seen_by_all_who_came_in_it),
		cmocka_unit_test(all_models_get_the_same_tasks),
		cmocka_unit_test(settling_has_an_end),
		cmocka_unit_test(nothing_is_lost_in_an_overload),
		cmocka_unit_test(tasks_without_an_answer_are_unfinished),
		cmocka_unit_test(what_was_due_before_the_window_does_not_count),
		cmocka_unit_test(a_failed_task_has_no_latency),
		cmocka_unit_test(who_finds_the_model_full_waits),
		cmocka_unit_test(a_broken_model_gets_no_more_tasks),
		cmocka_unit_test(the_trace_shows_the_first_tasks_of_the_window),
		cmocka_unit_test(serial_has_an_open_loop_too),
		cmocka_unit_test(too_many_arrivals_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
