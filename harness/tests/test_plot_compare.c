/*
 * The figure of a comparison.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/file.h"
#include "harness/plot.h"
#include "harness/tests/fake_summary.h"

static const char *const workloads[] = {"primes", "walk's {^_}"};

static struct fake_model models[8];
static struct fake_recipe recipe;
static struct run_results run_a, run_b;
static struct summary a, b;
static struct comparison c;
static char folder[64];

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	recipe.models = models;
	recipe.workloads = workloads;
	recipe.n_workloads = 1;
	fake_summary_folder(folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	compare_done(&c);
	fake_summary_done(&run_a, &a);
	fake_summary_done(&run_b, &b);
	fake_summary_folder_remove(folder);
	return 0;
}

/* As the recipe says; in B, @model works @factor times as fast. */
static void measure(const char *model, double factor)
{
	fake_summary_make(&recipe, &run_a, &a);
	for (size_t i = 0; i < recipe.n_models; i++) {
		if (strcmp(models[i].name, model) == 0)
			models[i].speed *= factor;
	}
	fake_summary_run(&recipe, &run_b);
	strcpy(run_b.info.started, "2026-11-22T04:30:00Z");
	assert_int_equal(summary_make(&run_b, &b), 0);
	assert_int_equal(compare_make(&a, &b, &c), 0);
}

static struct plot make(void)
{
	static const char *const bad[] = {"nan", "inf,", " inf", "(null)"};
	struct plot p;

	assert_int_equal(plot_compare(&c, 'B', "change", &p), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_null(strstr(p.data, bad[i]));
		assert_null(strstr(p.script, bad[i]));
		assert_null(strstr(p.alt, bad[i]));
	}
	return p;
}

/* The text of the folder's file @name, to be freed; NULL: there is none. */
static char *read_text(const char *name)
{
	char path[PATH_MAX], *text;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return file_read(path, 1 << 24, &text, &n) < 0 ? NULL : text;
}

static void test_rows(void **state)
{
	struct plot p;
	double row, change, low, high;
	const char *pool;

	(void)state;
	measure("pool", 0.5);
	p = make();
	assert_string_equal(p.title, "B against A: 3 slower, 0 cannot tell, "
				     "10 no difference, 0 faster");
	assert_int_equal(fake_summary_count(p.alt, "×"), 0);
	assert_int_equal(fake_summary_count(p.alt, ", slower."), 3);
	assert_int_equal(fake_summary_count(p.alt, ", no difference."), 10);
	assert_non_null(strstr(p.alt, " pool, 1 worker: 0.50 [0.50, 0.50], "
				      "slower."));
	/* The worst stands at the top, which is the highest row. */
	pool = strstr(p.data, "# pool\n");
	assert_non_null(pool);
	/* Our own numbers, not a user's. NOLINTNEXTLINE(cert-err34-c) */
	assert_int_equal(
		sscanf(pool + 7, "%lf %lf %lf %lf", &row, &change, &low, &high),
		4);
	assert_true(row <= 13 && row >= 11);
	assert_true(change > 0.49 && change < 0.51);
	assert_true(low < change && change < high);
	plot_done(&p);
}

static void test_names_say_what_differs(void **state)
{
	struct plot p;

	(void)state;
	recipe.n_workloads = 2;
	measure("pool", 1);
	p = make();
	assert_non_null(strstr(p.alt, " primes, pool, 2 workers: 1.00"));
	assert_non_null(strstr(p.alt, " walk's {^_}, pool, 2 workers: 1.00"));
	plot_done(&p);
}

static void test_without_intervals(void **state)
{
	struct plot p;

	(void)state;
	recipe.blocks = 3;
	measure("pool", 0.5);
	p = make();
	assert_int_equal(fake_summary_count(p.data, " ? ?\n"), 13 + 6);
	assert_int_equal(fake_summary_count(p.alt, ", cannot tell."), 13);
	plot_done(&p);
}

static void test_nothing(void **state)
{
	struct plot p;

	(void)state;
	recipe.blocks = 0;
	measure("pool", 1);
	assert_int_equal(plot_compare(&c, 'B', "change", &p), -ENODATA);
}

/* One wild interval must not squeeze all others into a dot. */
static void test_axis_is_bounded(void **state)
{
	const char *at;
	double low;
	struct plot p;

	(void)state;
	measure("pool", 1);
	c.rows[0].ratio.low = 1e-6;
	c.rows[0].ratio.high = 1e6;
	p = make();
	at = strstr(p.script, "X_MIN = ");
	assert_non_null(at);
	low = strtod(at + 8, NULL);
	assert_true(low > 0.2 && low < 0.25);
	plot_done(&p);
}

static void test_gnuplot_draws(void **state)
{
	static const double factors[] = {1, 0.5, 0.001, 900};
	char error[256] = "";

	(void)state;
	/* Fixed words, no input: system() is safe here, and short. */
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(factors); i++) {
		struct plot p;
		char *svg;

		if (i > 0)
			(void)setup(NULL);
		recipe.n_workloads = 2;
		measure("fork", factors[i]);
		p = make();
		if (plot_write(&p, folder, error, sizeof(error)) != 0)
			fail_msg("%g: %s", factors[i], error);
		plot_done(&p);
		svg = read_text("change.svg");
		assert_non_null(svg);
		assert_non_null(
			strstr(svg, "walk&#39;s {^_}, cluster, 4 work"));
		assert_non_null(strstr(svg, "<title>B against A: "));
		free(svg);
		if (i + 1 < ARRAY_LEN(factors))
			(void)teardown(NULL);
	}
}

static void test_unwritable_folder(void **state)
{
	struct plot p;

	(void)state;
	measure("fork", 1);
	p = make();
	assert_int_equal(plot_write(&p, "/nonexistent", NULL, 0), -ENOTDIR);
	assert_int_equal(plot_write(&p, "/dev/null", NULL, 0), -ENOTDIR);
	plot_done(&p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_names_say_what_differs),
		TEST(test_without_intervals),
		TEST(test_nothing),
		TEST(test_axis_is_bounded),
		TEST(test_gnuplot_draws),
		TEST(test_unwritable_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
