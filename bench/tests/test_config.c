/*
 * What `run' does when nobody says more: worker counts, and which experiments
 * belong to which profile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/cli/config.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/file.h"
#include "harness/usl.h"

#define MAX 16

struct expectation {
	uint32_t usable;
	uint32_t workers[MAX]; /* 0 at the end */
};

/* Too few processors for six counts. */
static const struct expectation small[] = {
	{1, {1, 2}},       {2, {1, 2, 4}},           {3, {1, 2, 3, 4, 6}},
	{4, {1, 2, 4, 8}}, {5, {1, 2, 4, 5, 8, 10}},
};

/* Six up to the processors, where gaps are widest, and twice as many. */
static const struct expectation large[] = {
	{6, {1, 2, 3, 4, 5, 6, 8, 12}},     {8, {1, 2, 3, 4, 6, 8, 16}},
	{12, {1, 2, 4, 6, 8, 12, 16, 24}},  {16, {1, 2, 4, 8, 12, 16, 32}},
	{24, {1, 2, 4, 8, 16, 24, 32, 48}}, {32, {1, 2, 4, 8, 16, 32, 64}},
};

static void expect(const struct expectation *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct run_config c = {0};

		config_auto_workers(&c, e[i].usable);
		for (size_t k = 0; k < c.n_workers; k++)
			assert_int_equal(c.workers[k], e[i].workers[k]);
		assert_int_equal(e[i].workers[c.n_workers], 0);
		config_done(&c);
	}
}

static void chooses_few_workers_on_small_machines(void **state)
{
	(void)state;
	expect(small, ARRAY_LEN(small));
}

static void chooses_enough_workers_for_the_law(void **state)
{
	(void)state;
	expect(large, ARRAY_LEN(large));
	for (uint32_t usable = USL_POINTS; usable < 2000; usable++) {
		struct run_config c = {0};
		size_t n = 0;

		config_auto_workers(&c, usable);
		for (size_t i = 0; i < c.n_workers; i++)
			n += c.workers[i] <= usable;
		assert_true(n >= USL_POINTS);
		assert_int_equal(c.workers[0], 1);
		config_done(&c);
	}
}

/* Whether `run', with @option unless that is NULL, asks @e. */
static bool asks(const char *option, const struct experiment *e)
{
	char *argv[] = {"run", (char *)option, NULL};
	struct run_config c;
	bool found = false;

	config_parse(option ? 2 : 1, argv, &c);
	for (size_t i = 0; i < c.n_experiments; i++)
		found |= c.experiments[i] == e;
	config_done(&c);
	return found;
}

/* The names of the models that `run @option' measures, with spaces between. */
static const char *models_of(const char *option, const char *more)
{
	static char names[256];
	char *argv[] = {"run", (char *)option, (char *)more, NULL};
	struct run_config c;

	config_parse(more ? 3 : option ? 2 : 1, argv, &c);
	names[0] = '\0';
	for (size_t i = 0; i < c.n_models; i++) {
		strcat(names, i > 0 ? " " : "");
		strcat(names, c.models[i].name);
	}
	config_done(&c);
	return names;
}

static void profiles_choose_models(void **state)
{
	(void)state;
	assert_string_equal(models_of("--quick", NULL),
			    "serial fork thread_per_task pool threads cluster");
	assert_string_equal(models_of(NULL, NULL),
			    "serial fork exec thread_per_task pool threads "
			    "cluster");
	assert_string_equal(models_of("--full", NULL),
			    "serial fork exec shell thread_per_task pool "
			    "threads cluster");
	assert_string_equal(models_of("--quick", "--command=true"),
			    "serial fork exec shell thread_per_task pool "
			    "threads cluster");
	assert_string_equal(models_of("--quick", "--model=shell"), "shell");
}

/* README.md has a row for each experiment: its question, and who asks it. */
static void readme_knows_every_experiment(void **state)
{
	static const struct {
		const char *name, *option;
	} profiles[] = {
		{"quick", "--quick"},
		{"default", NULL},
		{"full", "--full"},
	};
	char *readme;
	size_t bytes;

	(void)state;
	assert_int_equal(file_read("README.md", 1 << 20, &readme, &bytes), 0);
	for (size_t i = 0; i < n_experiments; i++) {
		const struct experiment *e = experiments[i];
		const char *before = "";
		char row[300];
		int n = snprintf(row, sizeof(row), "\n| `%s` | %s | ", e->name,
				 e->question);

		for (size_t k = 0; k < ARRAY_LEN(profiles); k++) {
			if (!asks(profiles[k].option, e))
				continue;
			n += snprintf(row + n, sizeof(row) - (size_t)n,
				      "%s`%s`", before, profiles[k].name);
			before = ", ";
		}
		snprintf(row + n, sizeof(row) - (size_t)n, "%s |\n",
			 *before ? "" : "`make goals`");
		if (!strstr(readme, row))
			fail_msg("README.md has no row %s", row);
	}
	free(readme);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_few_workers_on_small_machines),
		cmocka_unit_test(chooses_enough_workers_for_the_law),
		cmocka_unit_test(profiles_choose_models),
		cmocka_unit_test(readme_knows_every_experiment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
