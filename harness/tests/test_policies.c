/*
 * Policies of a server: which is best, what is said of them, table and figure.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/plot_internal.h"
#include "harness/policies.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_summary.h"
#include "harness/tests/readme.h"

/* What a policy does in each of two situations; [1]: one for each task. */
struct fake_policy {
	const char *runs;
	double per_s[2];
	double busiest[2]; /* share of the requests, of two workers */
	double wasted[2];  /* wake-ups a request */
	double p99_ms;     /* open loop, with kept connections */
	double kept;       /* share of the throughput while workers die */
};

enum {
	PLAIN,
	HASH,
	TURNS,
	POLICIES
};

static struct fake_policy fakes[POLICIES];
static uint32_t n_blocks;
static struct run_results run;
static struct summary s;
static struct view v;
static struct policies p;
static char *said;

static int setup(void **state)
{
	static const struct fake_policy usual[POLICIES] = {
		{"cluster", {9000, 5000}, {0.5, 0.5}, {0, 0}, 2, 0.9},
		{"cluster:reuseport", {9500, 4000}, {0.8, 0.5}, {0, 0}, 4, 0.6},
		{"cluster:roundrobin",
		 {7000, 4000},
		 {0.5, 0.5},
		 {0, 0},
		 3,
		 0.7},
	};

	(void)state;
	memcpy(fakes, usual, sizeof(fakes));
	n_blocks = 12;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	policies_done(&p);
	view_done(&v);
	fake_summary_done(&run, &s);
	free(said);
	said = NULL;
	return 0;
}

static struct slice_result slice_of(const struct fake_policy *f, bool close,
				    uint32_t block)
{
	struct cell_spec cell = {.workers = 2, .depth = 8, .size = 700};
	struct slice_result r;
	/* Fast and slow blocks, the same for all, and a little of its own. */
	double weather = 1 + 0.1 * (block % 3) + 0.001 * (block % 5);
	int64_t busiest, other;

	strcpy(cell.experiment, "policies");
	snprintf(cell.model, sizeof(cell.model), "%s%s", f->runs,
		 close ? ":close" : "");
	strcpy(cell.runs, f->runs);
	strcpy(cell.workload, "primes");
	strcpy(cell.settings, close ? "close=1" : "");
	r = slice_result_of(&cell);
	r.block = block;
	r.window_ns = NS_PER_S;
	r.tasks = (uint64_t)(f->per_s[close] * weather);
	r.submitted = r.ended[TASK_OK] = r.tasks;
	busiest = (int64_t)((double)r.tasks * f->busiest[close]);
	other = (int64_t)r.tasks - busiest;
	r.worker_tasks_max = busiest > other ? busiest : other;
	r.worker_tasks_squares = busiest * busiest + other * other;
	r.counts.wasted_wakeups = (int64_t)((double)r.tasks * f->wasted[close]);
	return r;
}

static struct histogram *new_histogram(void)
{
	struct histogram *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	return h;
}

/* The copy that is kept. */
static struct slice_result *add(struct slice_result r)
{
	struct slice_result *kept;

	r.cell_index = (uint32_t)(run.n % (4 * POLICIES));
	assert_int_equal(results_add(&run, &r), 0);
	kept = &run.slices[run.n - 1];
	kept->latency = new_histogram();
	return kept;
}

static void add_open(const struct fake_policy *f, uint32_t block)
{
	struct slice_result r = slice_of(f, false, block), *kept;

	r.cell.load_percent = 70;
	r.cell.interval_ns = 200000;
	strcpy(r.cell.load_of, "slowest");
	r.offered = r.tasks;
	kept = add(r);
	kept->lateness = new_histogram();
	kept->uncorrected = new_histogram();
	for (int i = 0; i < 2000; i++)
		histogram_add(kept->latency, (uint64_t)(f->p99_ms * 1e6));
}

static void add_killed(const struct fake_policy *f, uint32_t block)
{
	struct slice_result r = slice_of(f, false, block);

	strcpy(r.cell.fault, "kill:outside");
	r.cell.fault_reach = 2;
	r.cell.fault_every_ns = 50 * NS_PER_MS;
	r.cell.window_ns = 400 * NS_PER_MS;
	r.tasks = (uint64_t)((double)r.tasks * f->kept);
	r.injected = 4;
	r.outages = 4;
	r.outage_sum_ns = 4 * 3000000;
	(void)add(r);
}

static void measure(void)
{
	run.info.processors = 2;
	strcpy(run.info.reference, "threads");
	for (uint32_t block = 1; block <= n_blocks; block++) {
		for (int close = 0; close < 2; close++) {
			for (size_t i = 0; i < POLICIES; i++)
				(void)add(slice_of(&fakes[i], close, block));
		}
		for (size_t i = 0; i < POLICIES; i++)
			add_open(&fakes[i], block);
		for (size_t i = 0; i < POLICIES; i++)
			add_killed(&fakes[i], block);
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "policies", 0, &v), 0);
	assert_int_equal(policies_make(&v, &p), 0);
}

static void write_said(void (*write)(const struct view *v, FILE *out))
{
	size_t size;
	FILE *out = open_memstream(&said, &size);

	assert_non_null(out);
	write(&v, out);
	assert_int_equal(fclose(out), 0);
}

static void speak(void)
{
	measure();
	write_said(answer_say_policies);
}

static bool near(double x, double y)
{
	return fabs(x - y) < 0.005;
}

static void rows_have_what_belongs_together(void **state)
{
	const struct policy_row *r;
	char text[64];

	(void)state;
	measure();
	assert_int_equal(p.n, POLICIES);
	assert_int_equal(p.n_rows, 2 * POLICIES);
	assert_string_equal(p.standard->name, "cluster");
	r = &p.rows[HASH];
	assert_string_equal(p.list[r->policy].name, "cluster:reuseport");
	assert_string_equal(policies_situation(&r->closed->spec, text),
			    "8 connections a worker, kept");
	assert_true(near(r->ratio.median, 9500.0 / 9000));
	assert_true(near(r->kept.median, 0.6));
	assert_true(near(r->outage_ns / 1e6, 3));
	assert_int_equal(r->open->spec.load_percent, 70);
	assert_string_equal(r->open->spec.runs, "cluster:reuseport");
	assert_true(near(p.rows[PLAIN].ratio.median, 1));
	assert_true(isnan(p.rows[PLAIN].ratio.low));
	r = &p.rows[POLICIES + TURNS];
	assert_string_equal(policies_situation(&r->closed->spec, text),
			    "8 connections a worker, one for each task");
	assert_true(near(r->ratio.median, 0.8));
	assert_null(r->open);
	assert_true(isnan(r->kept.median));
	assert_true(isnan(r->outage_ns));
}

/* The hash does most with kept connections, and with one worker. */
static void work_and_spread_count_together(void **state)
{
	/* Of 0.8 and 0.2 the index is 1 / (2 * 0.68). */
	double hash = sqrt(9500.0 / 9000 / 1.36 * 0.8);

	(void)state;
	speak();
	assert_ptr_equal(p.best, &p.list[PLAIN]);
	assert_true(near(p.list[PLAIN].score.median, 1));
	assert_true(near(p.list[HASH].score.median, hash));
	assert_true(
		near(p.list[TURNS].score.median, sqrt(7000.0 / 9000 * 0.8)));
	assert_int_equal(p.n_chosen, 1);
	assert_said("On throughput and spread together cluster is best: "
		    "throughput times Jain's index of the requests, over all "
		    "situations, is highest there.");
	assert_said("It is the default, too.");
}

static void without_the_unfairness_the_hash_is_best(void **state)
{
	(void)state;
	fakes[HASH].busiest[0] = 0.5;
	fakes[HASH].per_s[1] = 6000;
	speak();
	assert_said("On throughput and spread together cluster:reuseport is "
		    "best");
	assert_said("The default, cluster, reaches 0.89× [0.89, 0.89] of "
		    "that.");
}

static void equals_will_all_do(void **state)
{
	(void)state;
	fakes[TURNS] = fakes[PLAIN];
	fakes[TURNS].runs = "cluster:roundrobin";
	speak();
	assert_int_equal(p.n_chosen, 2);
	assert_int_equal(p.n_unsure, 0);
	assert_said("any of cluster or cluster:roundrobin will do: throughput "
		    "times Jain's index of the requests, over all situations, "
		    "differs by nothing that matters.");
	assert_said("Among them is the default.");
}

static void few_blocks_cannot_tell(void **state)
{
	(void)state;
	n_blocks = 4;
	speak();
	assert_said("one of cluster, cluster:reuseport or cluster:roundrobin "
		    "is best, this run cannot tell which");
	assert_unsaid("gave one of");
	assert_unsaid("were killed");
	assert_unsaid("kept ones");
}

/* What fails in one situation has no score, whatever it does elsewhere. */
static void a_policy_must_work_everywhere(void **state)
{
	(void)state;
	fakes[PLAIN].per_s[1] = 0;
	speak();
	assert_int_equal(p.n_scored, 2);
	assert_false(p.list[PLAIN].chosen);
	assert_true(isnan(p.list[PLAIN].score.median));
	assert_ptr_equal(p.best, &p.list[TURNS]);
	assert_unsaid("default");
}

static void nothing_measured_nothing_said(void **state)
{
	(void)state;
	for (int i = 0; i < POLICIES; i++)
		fakes[i].per_s[0] = fakes[i].per_s[1] = 0;
	speak();
	assert_null(p.best);
	assert_string_equal(said, "");
}

static void who_does_it_all_is_named(void **state)
{
	(void)state;
	speak();
	assert_said("With 8 connections a worker, kept, the kernel's hash "
		    "(cluster:reuseport) gave one of 2 workers 80 % of the "
		    "requests, cluster 50 %.");
}

static void all_alike_nobody_is_named(void **state)
{
	(void)state;
	for (int i = 0; i < POLICIES; i++)
		fakes[i].busiest[0] = 0.8;
	speak();
	assert_unsaid("gave one of");
}

static void waking_in_vain(void **state)
{
	(void)state;
	fakes[TURNS].wasted[1] = 0.82;
	fakes[HASH].wasted[0] = 0.3;
	speak();
	assert_said("cluster:roundrobin woke workers in vain most often: 0.82 "
		    "times for each request, with 8 connections a worker, one "
		    "for each task.");
}

static void seldom_in_vain_is_not_worth_a_word(void **state)
{
	(void)state;
	fakes[TURNS].wasted[1] = 0.09;
	speak();
	assert_unsaid("in vain");
}

static void what_a_new_connection_costs(void **state)
{
	(void)state;
	speak();
	assert_said("With 8 connections a worker, one for each task, cluster "
		    "does 0.56× [0.56, 0.56] of what it does with kept ones.");
}

static void new_connections_that_cost_nothing(void **state)
{
	(void)state;
	fakes[PLAIN].per_s[1] = 9000;
	speak();
	assert_unsaid("kept ones");
}

static void what_a_kill_costs(void **state)
{
	(void)state;
	speak();
	assert_said("While workers were killed, cluster kept 90 % [90 %, 90 %] "
		    "of its throughput, cluster:reuseport 60 % [60 %, 60 %].");
}

static void a_kill_that_costs_all_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < POLICIES; i++)
		fakes[i].kept = 0.9;
	speak();
	assert_unsaid("were killed");
}

static void title_claims_what_is_sure(void **state)
{
	char title[160];

	(void)state;
	measure();
	title_policies(&v, title, sizeof(title));
	assert_string_equal(title, "cluster is best on throughput and spread");
}

static void title_of_equals(void **state)
{
	char title[160];

	(void)state;
	n_blocks = 4;
	measure();
	title_policies(&v, title, sizeof(title));
	assert_string_equal(title, title_neutral_policies);
}

static void table_has_all(void **state)
{
	(void)state;
	measure();
	write_said(report_policies);
	assert_int_equal(fake_summary_count(said, "scope=\"rowgroup\""), 2);
	assert_int_equal(fake_summary_count(said, "<th scope=\"row\""),
			 2 * POLICIES);
	assert_said("8 connections a worker, kept</th>");
	/* The hash, kept: ratio, busiest, index, p99, kept, place out. */
	assert_said("<td>1.06</td><td class=\"interval\">[1.06, 1.06]</td>"
		    "<td>1.60</td><td>0.74</td><td>–</td><td>0.00</td>"
		    "<td>4.0");
	assert_said("<td>60 %</td><td class=\"interval\">[60 %, 60 %]</td>"
		    "<td>3.00 ms</td>");
	assert_unsaid("nan");
}

static void json_has_every_policy(void **state)
{
	static const char *const objects[] = {"score"};
	json_t *array, *one, *score, *value;
	struct readme explained;
	const char *key;
	size_t n;

	(void)state;
	measure();
	array = policies_json(&s);
	assert_int_equal(json_array_size(array), POLICIES);
	one = json_array_get(array, HASH);
	score = json_object_get(one, "score");
	assert_string_equal(json_string_value(json_object_get(one, "policy")),
			    "cluster:reuseport");
	assert_false(json_is_true(json_object_get(one, "default")));
	assert_false(json_is_true(json_object_get(one, "chosen")));
	assert_true(near(json_real_value(json_object_get(score, "median")),
			 p.list[HASH].score.median));
	one = json_array_get(array, PLAIN);
	assert_true(json_is_true(json_object_get(one, "default")));
	assert_true(json_is_true(json_object_get(one, "chosen")));
	readme_read("### The objects of `policies`", &explained);
	json_object_foreach(one, key, value)
	{
		assert_int_equal(readme_count(&explained, key),
				 strcmp(key, objects[0]) != 0);
	}
	n = json_object_size(one) - ARRAY_LEN(objects);
	assert_int_equal(explained.n, n + json_object_size(score));
	json_decref(array);
}

static void figure_shows_both(void **state)
{
	struct plot plot;
	int r;

	(void)state;
	measure();
	assert_int_equal(plot_make(&v, &plot_policies, &plot), 0);
	assert_non_null(strstr(plot.data, " 1 ? ? 1 1 1\n"));
	assert_non_null(strstr(plot.data, "# cluster:reuseport\n"));
	assert_non_null(strstr(plot.alt, "cluster:reuseport, 8 connections a "
					 "worker, kept: 1.06× [1.06, 1.06], "
					 "busiest 1.60×."));
	assert_non_null(strstr(plot.script, "8, one a task"));
	r = fake_summary_draw(&plot);
	plot_done(&plot);
	if (r)
		skip();
}

static void nothing_measured_no_figure(void **state)
{
	struct plot plot;

	(void)state;
	for (int i = 0; i < POLICIES; i++)
		fakes[i].per_s[0] = fakes[i].per_s[1] = 0;
	measure();
	assert_int_equal(plot_make(&v, &plot_policies, &plot), -ENODATA);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_have_what_belongs_together),
		TEST(work_and_spread_count_together),
		TEST(without_the_unfairness_the_hash_is_best),
		TEST(equals_will_all_do),
		TEST(few_blocks_cannot_tell),
		TEST(a_policy_must_work_everywhere),
		TEST(nothing_measured_nothing_said),
		TEST(who_does_it_all_is_named),
		TEST(all_alike_nobody_is_named),
		TEST(waking_in_vain),
		TEST(seldom_in_vain_is_not_worth_a_word),
		TEST(what_a_new_connection_costs),
		TEST(new_connections_that_cost_nothing),
		TEST(what_a_kill_costs),
		TEST(a_kill_that_costs_all_the_same),
		TEST(title_claims_what_is_sure),
		TEST(title_of_equals),
		TEST(table_has_all),
		TEST(json_has_every_policy),
		TEST(figure_shows_both),
		TEST(nothing_measured_no_figure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
