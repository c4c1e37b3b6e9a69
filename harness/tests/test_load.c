/*
 * Open loops: which cells are shown, their figures, table and sentences.
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
#include "harness/load.h"
#include "harness/number.h"
#include "harness/plot_internal.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_load.h"
#include "harness/tests/fake_summary.h"

enum {
	THREADS,
	FORK,
	CLUSTER,
	MODELS
};

static struct fake_load_model models[MODELS];
static struct fake_load recipe;
static struct run_results run;
static struct summary s;
static struct view v;
static struct plot p;
static char *said;

static int setup(void **state)
{
	(void)state;
	recipe = fake_load_changeable(models);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plot_done(&p);
	free(said);
	said = NULL;
	view_done(&v);
	fake_summary_done(&run, &s);
	return 0;
}

static void measure(void)
{
	fake_load_make(&recipe, &run, &s);
	assert_int_equal(view_make(&s, "load", 0, &v), 0);
}

/* Let @write write into `said'. */
static void say(void (*write)(const struct view *v, FILE *out))
{
	size_t size;
	FILE *out = open_memstream(&said, &size);

	assert_non_null(out);
	write(&v, out);
	assert_int_equal(fclose(out), 0);
}

static const char *title_of(void (*title)(const struct view *, char *, size_t))
{
	static char text[160];

	title(&v, text, sizeof(text));
	return text;
}

static void assert_says(const char *words)
{
	if (!strstr(said, words))
		fail_msg("\"%s\" is not in: %s", words, said);
}

static void assert_silent(const char *words)
{
	if (strstr(said, words))
		fail_msg("\"%s\" is in: %s", words, said);
}

static void cells_have_their_load(void **state)
{
	(void)state;
	measure();
	assert_ptr_equal(load_cell(&v, "fork", "own", 70),
			 fake_load_cell(&s, "fork", "own", 70));
	assert_null(load_cell(&v, "fork", "own", 71));
	assert_int_equal(load_next(&v, "own", 0), 30);
	assert_int_equal(load_next(&v, "own", 30), 70);
	assert_int_equal(load_next(&v, "own", 90), 0);
	assert_int_equal(load_shared(&v), 70);
	assert_string_equal(load_slowest(&v), "fork");
}

static void slowest_is_not_guessed(void **state)
{
	(void)state;
	recipe.own = false;
	measure();
	assert_null(load_slowest(&v));
	assert_int_equal(load_next(&v, "own", 0), 0);
}

static void shared_load_is_one_that_can_be_shown(void **state)
{
	static const uint32_t no_70[] = {30, 50};

	(void)state;
	recipe.percents = no_70;
	recipe.n_percents = 2;
	measure();
	assert_int_equal(load_shared(&v), 50);
}

/* All are saturated at 70 %, then at all loads. */
static void shared_load_is_not_saturated(void **state)
{
	(void)state;
	for (int i = 0; i < MODELS; i++)
		models[i].bears_per_s = 600;
	measure();
	assert_int_equal(load_shared(&v), 30);
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].saturated = true;
	assert_int_equal(load_shared(&v), 0);
	assert_null(load_omission(&v));
	say(answer_say_load);
	assert_says("threads, fork and cluster are saturated at 30 %");
	assert_silent("one task in a hundred takes");
	assert_int_equal(plot_make(&v, &plot_percentiles, &p), -ENODATA);
	assert_int_equal(plot_make(&v, &plot_knee, &p), -ENODATA);
	assert_int_equal(plot_make(&v, &plot_omission, &p), -ENODATA);
}

static void tails_are_compared_by_block(void **state)
{
	const struct cell_summary *a, *b;
	struct estimate r;

	(void)state;
	measure();
	a = load_cell(&v, "cluster", "slowest", 70);
	b = load_cell(&v, "threads", "slowest", 70);
	r = load_tail_ratio(&v, a, b, stats_family(0.95, 2));
	assert_true(r.median == a->latency_ratio.median);
	assert_true(r.low == a->latency_ratio.low);
	assert_true(load_tail_ratio(&v, a, b, 0.95).low > r.low);
	assert_true(load_tail(&v, a, LOAD_CORRECTED).median ==
		    (double)a->percentiles.p99_ns);
	assert_true(load_tail(&v, a, LOAD_UNCORRECTED).median == 2.6e6);
	assert_true(isnan(load_tail_ratio(&v, a, NULL, 0.95).median));
}

static void late_generator_is_named(void **state)
{
	(void)state;
	measure();
	assert_false(load_generator_limited(
		load_cell(&v, "threads", "slowest", 70)));
	say(report_load_table);
	assert_silent("<td class=\"word\">generator-limited");
	teardown(NULL);
	recipe.lateness_ns = 200000;
	measure();
	assert_true(load_generator_limited(
		load_cell(&v, "threads", "slowest", 70)));
	assert_false(
		load_generator_limited(load_cell(&v, "fork", "slowest", 70)));
	say(report_load_table);
	assert_says("<td class=\"word\">generator-limited");
	free(said);
	say(answer_say_load);
	assert_says("In 1 of 3 cells the load generator");
}

static void answer_names_both_ends(void **state)
{
	(void)state;
	measure();
	say(answer_say_load);
	assert_says("At 700 tasks/s, 70 % of what fork can do, one task in a "
		    "hundred takes longer, waiting included, than ");
	assert_says("ms] with threads and ");
	assert_says("ms] with fork.");
	assert_silent("saturated");
	assert_silent("cannot tell");
	assert_silent("generator");
}

static void answer_without_the_slowest(void **state)
{
	(void)state;
	recipe.own = false;
	measure();
	say(answer_say_load);
	assert_says("70 % of what the slowest model can do, ");
}

/* The same under three names: nothing may be claimed. */
static void answer_claims_nothing_of_equals(void **state)
{
	(void)state;
	for (int i = 0; i < MODELS; i++) {
		models[i].capacity_per_s = models[i].bears_per_s = 1000;
		models[i].service_ns = 1e6;
	}
	measure();
	say(answer_say_load);
	assert_says("; this run cannot tell the two apart.");
	assert_string_equal(title_of(title_percentiles),
			    title_neutral_percentiles);
}

static void answer_names_who_is_saturated(void **state)
{
	(void)state;
	models[FORK].bears_per_s = 650;
	measure();
	say(answer_say_load);
	assert_says(" fork is saturated at 70 %: more tasks come than it");
	assert_silent("ms] with fork");
	assert_says("ms] with cluster.");
}

static void answer_is_silent_without_intervals(void **state)
{
	(void)state;
	recipe.blocks = 4;
	measure();
	say(answer_say_load);
	assert_string_equal(said, "");
}

static void title_of_percentiles(void **state)
{
	(void)state;
	measure();
	assert_string_equal(title_of(title_percentiles),
			    "The 99th percentile is lowest with threads, "
			    "highest with fork");
	teardown(NULL);
	/* Two that are equal at one end: nothing is said of that. */
	models[CLUSTER] = models[FORK];
	models[CLUSTER].name = "cluster";
	measure();
	assert_string_equal(title_of(title_percentiles),
			    "The 99th percentile is lowest with threads");
}

static void title_of_knee(void **state)
{
	char text[160];

	(void)state;
	measure();
	snprintf(text, sizeof(text), "%s", title_of(title_knee));
	assert_non_null(strstr(text, "From 30 % to 90 % load, every 99th "
				     "percentile grows at least "));
	teardown(NULL);
	models[CLUSTER].bears_per_s = 1200;
	measure();
	assert_string_equal(title_of(title_knee),
			    "cluster is saturated from 90 % of its capacity "
			    "on, the others are not");
	teardown(NULL);
	models[FORK].bears_per_s = 600;
	measure();
	assert_string_equal(title_of(title_knee),
			    "2 models are saturated below their capacity, the "
			    "first from 70 % on");
	teardown(NULL);
	models[THREADS].bears_per_s = 1700;
	measure();
	assert_string_equal(title_of(title_knee),
			    "All models are saturated below their capacity, "
			    "the first from 70 % on");
	/* Bears 90 % and not 70 %: that was not the load. */
	fake_load_cell(&s, "fork", "own", 90)->saturated = false;
	assert_string_equal(title_of(title_knee), title_neutral_knee);
	teardown(NULL);
	/* Never in a queue: it does not grow. */
	for (int i = 0; i < MODELS; i++)
		models[i].bears_per_s = 1e9;
	measure();
	assert_string_equal(title_of(title_knee), title_neutral_knee);
}

static void title_of_omission(void **state)
{
	(void)state;
	measure();
	assert_non_null(strstr(title_of(title_omission),
			       "Who forgets the waiting sees a 99th "
			       "percentile of "));
	teardown(NULL);
	for (int i = 0; i < MODELS; i++)
		models[i].bears_per_s = 1e9;
	measure();
	assert_string_equal(title_of(title_omission), title_neutral_omission);
}

/* Every number of the curves, read back. */
static void percentiles_data(void **state)
{
	const struct cell_summary *c = NULL;
	double x, q, ns, low, high;
	size_t rows = 0;
	char model[32];

	(void)state;
	measure();
	assert_int_equal(plot_make(&v, &plot_percentiles, &p), 0);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		if (sscanf(line, "# %31s", model) == 1) {
			c = load_cell(&v, model, "slowest", 70);
			continue;
		}
		assert_int_equal(sscanf(line, "%lf %lf %lf %lf %lf", &x, &q,
					&ns, &low, &high),
				 5);
		assert_non_null(c);
		if (!c) /* the assertion above does not tell a checker */
			break;
		assert_true(low <= ns && ns <= high);
		assert_true(
			fabs(ns / (double)histogram_quantile(c->latency, q) -
			     1) < 0.02);
		rows++;
	}
	assert_true(rows > 3 * 40);
}

static void percentiles_words(void **state)
{
	char text[64];

	(void)state;
	models[FORK].bears_per_s = 650;
	measure();
	assert_int_equal(plot_make(&v, &plot_percentiles, &p), 0);
	assert_null(strstr(p.data, "fork"));
	assert_non_null(
		strstr(p.script, "'saturated, so without a curve: fork'"));
	assert_null(strstr(p.script, "not measured"));
	assert_non_null(strstr(p.alt, "Saturated: fork."));
	snprintf(text, sizeof(text), "p99 %.20s [",
		 number_time((double)load_cell(&v, "threads", "slowest", 70)
				     ->percentiles.p99_ns)
			 .text);
	assert_non_null(strstr(p.alt, text));
	plot_done(&p);
	teardown(NULL);
	setup(NULL);
	measure();
	assert_int_equal(plot_make(&v, &plot_percentiles, &p), 0);
	assert_null(strstr(p.script, "saturated"));
	assert_non_null(strstr(p.alt, "Saturated: none."));
}

static void knee_marks_saturation(void **state)
{
	(void)state;
	models[CLUSTER].bears_per_s = 1200;
	measure();
	assert_int_equal(plot_make(&v, &plot_knee, &p), 0);
	assert_int_equal(fake_summary_count(p.data, "\n\n90 ? ? ?\n"), 1);
	assert_int_equal(fake_summary_count(p.data, "\n30 "), 3);
	assert_non_null(strstr(p.script, "'saturated at 90 %'"));
	assert_non_null(strstr(p.script, "saturated, the queue only grows"));
	assert_non_null(strstr(p.alt, "90 %: saturated."));
	assert_int_equal(fake_summary_count(p.alt, "; 70 %: "), 3);
	plot_done(&p);
	teardown(NULL);
	recipe.own = false;
	measure();
	assert_int_equal(plot_make(&v, &plot_knee, &p), -ENODATA);
}

static void omission_shows_both_times(void **state)
{
	const struct cell_summary *c;

	(void)state;
	measure();
	c = load_omission(&v);
	assert_int_equal(c->spec.load_percent, 90);
	assert_string_equal(c->spec.model, "fork");
	assert_string_equal(c->spec.load_of, "slowest");
	assert_int_equal(plot_make(&v, &plot_omission, &p), 0);
	assert_int_equal(fake_summary_count(p.data, "# from the "), 2);
	assert_non_null(strstr(p.alt, c->spec.model));
	assert_non_null(strstr(p.alt, "from the hand-over: p50 "));
	plot_done(&p);
	teardown(NULL);
	/* The highest load that it could bear. */
	models[FORK].bears_per_s = 800;
	measure();
	c = load_omission(&v);
	assert_int_equal(c->spec.load_percent, 70);
	assert_string_equal(c->spec.model, "fork");
	teardown(NULL);
	/* Who the slowest is, is not known: who takes longest. */
	recipe.own = false;
	measure();
	c = load_omission(&v);
	assert_int_equal(c->spec.load_percent, 90);
	assert_string_equal(c->spec.model, "cluster");
}

static void table_has_a_row_a_model(void **state)
{
	(void)state;
	models[FORK].bears_per_s = 650;
	measure();
	say(report_load_table);
	assert_int_equal(fake_summary_count(said, "scope=\"row\""), 3);
	assert_int_equal(
		fake_summary_count(said, "<td class=\"word\">saturated"), 1);
	assert_says("<td>20.0 µs</td>");
	assert_silent("nan");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cells_have_their_load),
		TEST(slowest_is_not_guessed),
		TEST(shared_load_is_one_that_can_be_shown),
		TEST(shared_load_is_not_saturated),
		TEST(tails_are_compared_by_block),
		TEST(late_generator_is_named),
		TEST(answer_names_both_ends),
		TEST(answer_without_the_slowest),
		TEST(answer_claims_nothing_of_equals),
		TEST(answer_names_who_is_saturated),
		TEST(answer_is_silent_without_intervals),
		TEST(title_of_percentiles),
		TEST(title_of_knee),
		TEST(title_of_omission),
		TEST(percentiles_data),
		TEST(percentiles_words),
		TEST(knee_marks_saturation),
		TEST(omission_shows_both_times),
		TEST(table_has_a_row_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
