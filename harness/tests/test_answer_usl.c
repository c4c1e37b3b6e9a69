/*
 * What is said of the Universal Scalability Law, on made-up runs with 16
 * processors that obey it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/file.h"
#include "harness/plot.h"
#include "harness/report.h"
#include "harness/tests/fake_summary.h"

static const struct fake_model two_models[] = {
	{"serial", 1.00, 0, 300, 200},
	{"threads", 1.00, 0, 14000, 8000},
};
static const char *const one_workload[] = {"primes"};
static const uint32_t enough[] = {1, 2, 4, 8, 12, 16, 32};
static const uint32_t too_few[] = {1, 2, 4, 8, 16, 32};

static const struct fake_recipe sixteen = {
	.models = two_models,
	.n_models = ARRAY_LEN(two_models),
	.workloads = one_workload,
	.n_workloads = ARRAY_LEN(one_workload),
	.workers = enough,
	.n_workers = ARRAY_LEN(enough),
	.blocks = 12,
	.processors = 16,
	.task_ns = 2e6,
	.noise = 0.004,
};

/* @how's run, in which `threads' does what @law says up to the processors. */
static void make_run(const struct fake_recipe *how, const struct usl_model *law,
		     struct run_results *run)
{
	fake_summary_run(how, run);
	for (size_t i = 0; i < run->n; i++) {
		struct slice_result *s = &run->slices[i];
		double n = s->cell.workers;

		if (strcmp(s->cell.model, "threads") != 0)
			continue;
		n = n > how->processors ? how->processors : n;
		/* As many tasks as before, in a shorter or longer window. */
		s->window_ns =
			(uint64_t)((double)s->window_ns * n / usl_at(law, n));
	}
}

/* The answer and the notes, to be freed. */
static char *text_of(const struct run_results *run)
{
	struct summary s;
	struct answer a;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(summary_make(run, &s), 0);
	assert_int_equal(answer_make(&s, &a), 0);
	for (size_t i = 0; i < a.n; i++)
		fprintf(out, "%s\n", a.items[i].text);
	assert_int_equal(fclose(out), 0);
	answer_done(&a);
	summary_done(&s);
	return text;
}

/* The answer to a run that obeys @law says @words. */
static void expect_words(const struct usl_model *law, const char *words)
{
	struct run_results run;
	char *text;

	make_run(&sixteen, law, &run);
	text = text_of(&run);
	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
	free(text);
	results_done(&run);
}

static void says_where_the_peak_is(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};

	(void)state;
	expect_words(&law, "What keeps threads from the ideal: contention ");
	expect_words(&law, ", coherency 1.0 % [");
	expect_words(&law, "; it does most with 10 workers [10, 10].");
}

static void says_that_the_peak_is_beyond(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.02, .beta = 0.001};

	(void)state;
	expect_words(&law, "from the ideal: contention ");
	expect_words(&law, ", coherency 0.1");
	expect_words(&law, "; its peak is beyond what was measured.");
}

static void says_that_there_is_no_coherency(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0};

	(void)state;
	expect_words(&law, "; no cost of coherency that this run can see.");
}

/* The fit of threads, of all blocks or of those that count. */
static struct usl fit(const struct run_results *run, bool without_first)
{
	struct summary s;
	struct view v;
	struct usl u;

	assert_int_equal(summary_make(run, &s), 0);
	assert_int_equal(view_make(&s, "scaling", 0, &v), 0);
	if (without_first)
		s.block_counts[1] = false;
	assert_int_equal(answer_fit_usl(&v, "threads", &u), 0);
	assert_int_equal(answer_fit_usl(&v, "serial", &u), -ENODATA);
	assert_int_equal(answer_fit_usl(&v, "none", &u), -ENODATA);
	assert_int_equal(answer_fit_usl(&v, "threads", &u), 0);
	view_done(&v);
	summary_done(&s);
	return u;
}

static void takes_only_blocks_that_count(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};
	struct run_results run;
	struct usl before, all;

	(void)state;
	make_run(&sixteen, &law, &run);
	before = fit(&run, true);
	for (size_t i = 0; i < run.n; i++) {
		if (run.slices[i].block == 1)
			run.slices[i].window_ns *= 1 + i % 7;
	}
	all = fit(&run, false);
	assert_true(fit(&run, true).model.alpha == before.model.alpha);
	assert_true(all.model.alpha != before.model.alpha);
	results_done(&run);
}

/* More workers than processors only take turns: that is not the law. */
static void takes_only_workers_up_to_the_processors(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};
	struct run_results run;
	struct usl before;

	(void)state;
	make_run(&sixteen, &law, &run);
	before = fit(&run, false);
	for (size_t i = 0; i < run.n; i++) {
		if (run.slices[i].cell.workers == 32)
			run.slices[i].window_ns *= 3;
	}
	assert_true(fit(&run, false).model.alpha == before.model.alpha);
	results_done(&run);
}

static void says_nothing_of_too_few(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};
	struct fake_recipe how = sixteen;
	struct run_results run;
	char *text;

	(void)state;
	how.workers = too_few;
	how.n_workers = ARRAY_LEN(too_few);
	make_run(&how, &law, &run);
	text = text_of(&run);
	assert_null(strstr(text, "contention"));
	assert_null(strstr(text, "Scalability"));
	free(text);
	results_done(&run);
}

/* The page of @run, to be freed. */
static char *page_of(const struct run_results *run)
{
	struct summary s;
	char folder[64], path[128], *page;
	size_t bytes;

	assert_int_equal(summary_make(run, &s), 0);
	fake_summary_folder(folder);
	assert_int_equal(report_write(&s, folder), 0);
	snprintf(path, sizeof(path), "%s/report.html", folder);
	assert_int_equal(file_read(path, 1 << 24, &page, &bytes), 0);
	fake_summary_folder_remove(folder);
	summary_done(&s);
	return page;
}

static void the_page_has_the_parameters(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};
	struct run_results run;
	char *page;

	(void)state;
	make_run(&sixteen, &law, &run);
	page = page_of(&run);
	assert_int_equal(fake_summary_count(page, "Scalability law for primes"),
			 1);
	assert_int_equal(fake_summary_count(page, "contention, %"), 1);
	assert_int_equal(fake_summary_count(page, "Not enough points"), 0);
	free(page);
	results_done(&run);
}

static void the_page_says_that_points_are_missing(void **state)
{
	struct run_results run;
	char *page;

	(void)state;
	fake_summary_run(&fake_summary_usual, &run);
	page = page_of(&run);
	assert_non_null(strstr(page, "Not enough points for the Universal "
				     "Scalability Law: it takes 6 worker "
				     "counts up to the processors, there are "
				     "2."));
	assert_null(strstr(page, "Scalability law for"));
	free(page);
	results_done(&run);
}

static void the_figure_has_the_law(void **state)
{
	const struct usl_model law = {.gamma = 1, .alpha = 0.05, .beta = 0.01};
	struct run_results run;
	struct summary s;
	struct view v;
	struct plot p;
	char folder[64], error[512];
	int r;

	(void)state;
	make_run(&sixteen, &law, &run);
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "scaling", 0, &v), 0);
	assert_int_equal(plot_make(&v, plot_kinds[0], &p), 0);
	assert_int_equal(fake_summary_count(p.data, "\n\n\n# law of "), 1);
	assert_int_equal(fake_summary_count(p.data, "# law of threads\n"), 1);
	assert_non_null(strstr(p.script, "LAWS = 1\n"));
	plot_done(&p);
	view_done(&v);
	/* And gnuplot can read it, if there is one. */
	fake_summary_folder(folder);
	r = plot_all(&s, folder, error, sizeof(error));
	if (r != 0 && r != -ENOENT)
		fail_msg("gnuplot: %s", error);
	fake_summary_folder_remove(folder);
	summary_done(&s);
	results_done(&run);
}

static void the_figure_has_no_law_of_too_few(void **state)
{
	struct run_results run;
	struct summary s;
	struct view v;
	struct plot p;

	(void)state;
	fake_summary_make(&fake_summary_usual, &run, &s);
	assert_int_equal(view_make(&s, "scaling", 0, &v), 0);
	assert_int_equal(plot_make(&v, plot_kinds[0], &p), 0);
	assert_null(strstr(p.data, "law of"));
	assert_non_null(strstr(p.script, "LAWS = 0\n"));
	plot_done(&p);
	view_done(&v);
	fake_summary_done(&run, &s);
}

static void writes_shares_in_percent(void **state)
{
	static const struct {
		double share;
		const char *text;
	} cases[] = {
		{0, "0"},         {0.00004, "0"}, {0.0001, "0.01"},
		{0.0042, "0.42"}, {0.021, "2.1"}, {0.5, "50.0"},
		{1, "100.0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(answer_usl_share(cases[i].share).text,
				    cases[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_where_the_peak_is),
		cmocka_unit_test(says_that_the_peak_is_beyond),
		cmocka_unit_test(says_that_there_is_no_coherency),
		cmocka_unit_test(takes_only_blocks_that_count),
		cmocka_unit_test(takes_only_workers_up_to_the_processors),
		cmocka_unit_test(says_nothing_of_too_few),
		cmocka_unit_test(the_page_has_the_parameters),
		cmocka_unit_test(the_page_says_that_points_are_missing),
		cmocka_unit_test(the_figure_has_the_law),
		cmocka_unit_test(the_figure_has_no_law_of_too_few),
		cmocka_unit_test(writes_shares_in_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
