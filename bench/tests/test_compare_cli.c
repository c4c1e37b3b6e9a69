/*
 * `manyhands compare' as people and CI use it, on made-up runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/tests/program.h"
#include "harness/base.h"
#include "harness/results.h"
#include "harness/tests/fake_summary.h"
#include "harness/tests/readme.h"

#define COMPARE "\"$MANYHANDS\" compare "
#define BASE "base "

/* Run @command, which must exit with @code; its two outputs. */
static struct child_result run(const char *command, int code)
{
	struct child_result r;

	program_run(command, &r);
	if (!WIFEXITED(r.wait_status) || WEXITSTATUS(r.wait_status) != code)
		fail_msg("%s: wait status %#x, not exit %d; it said: %s",
			 command, r.wait_status, code, r.err);
	return r;
}

static void expect_code(const char *command, int code)
{
	struct child_result r = run(command, code);

	child_result_done(&r);
}

/* The command fails with @code, prints nothing, and says one line of @says. */
static void expect_refusal(const char *command, int code, const char *says)
{
	struct child_result r = run(command, code);
	const char *end = strchr(r.err, '\n');

	if (strncmp(r.err, "manyhands: ", 11) != 0 || !end || end[1] ||
	    !strstr(r.err, says))
		fail_msg("%s: not one line with \"%s\": %s", command, says,
			 r.err);
	assert_int_equal(r.out_bytes, 0);
	child_result_done(&r);
}

static json_t *json_of(const char *command)
{
	struct child_result r = run(command, 0);
	json_t *json = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(json))
		fail_msg("%s: no object: %s", command, r.out);
	child_result_done(&r);
	return json;
}

/*
 * A run in the folder @name: the usual made-up one, but of two workloads and
 * two numbers of workers, made on @day, in which @model works @factor times as fast
 * and throughputs vary by @noise.
 */
static void make_run(const char *name, int day, const char *model,
		     double factor, double noise)
{
	struct fake_recipe recipe = fake_summary_usual;
	struct fake_model models[8];
	struct run_results made;

	assert_true(recipe.n_models <= ARRAY_LEN(models));
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	for (size_t i = 0; i < recipe.n_models; i++) {
		if (strcmp(models[i].name, model) == 0)
			models[i].speed *= factor;
	}
	recipe.models = models;
	recipe.n_workloads = 2;
	recipe.n_workers = 2;
	recipe.noise = noise;
	fake_summary_run(&recipe, &made);
	snprintf(made.info.started, sizeof(made.info.started),
		 "2026-11-%02dT04:30:00Z", day);
	assert_int_equal(mkdir(name, 0777), 0);
	assert_int_equal(results_write(&made, name), 0);
	results_done(&made);
}

static int setup(void **state)
{
	if (program_setup(state) < 0)
		return -1;
	make_run("base", 21, "fork", 1, 0.004);
	make_run("same", 22, "fork", 1, 0.004);
	make_run("slow", 23, "fork", 0.6, 0.004);
	make_run("fast", 24, "pool", 2, 0.004);
	make_run("noisy", 25, "pool", 1, 0.3);
	/* The same without canaries, which not every version had. */
	expect_code("mkdir old && sed 's/\"x_canary_[a-z]*_ns\": *[0-9]*,//g' "
		    "slow/results.json >old/results.json",
		    0);
	return 0;
}

static void with_itself(void **state)
{
	struct child_result r =
		run(COMPARE BASE BASE "--fail-on different,unsure", 0);

	(void)state;
	assert_non_null(strstr(r.out, "A and B are the same run"));
	assert_non_null(strstr(r.out, "0 slower, 0 cannot tell, 18 no "
				      "difference, 0 faster."));
	assert_int_equal(r.err_bytes, 0);
	child_result_done(&r);
}

static void fails_only_if_told(void **state)
{
	(void)state;
	expect_code(COMPARE BASE "slow", 0);
	expect_code(COMPARE BASE "slow --fail-on faster", 0);
	expect_code(COMPARE BASE "slow --fail-on slower", 1);
	expect_code(COMPARE BASE "slow --fail-on different", 1);
	expect_code(COMPARE BASE "slow --fail-on faster,slower", 1);
	expect_code(COMPARE "--fail-on=slower slow " BASE, 0);
	expect_code(COMPARE "--fail-on=faster slow " BASE, 1);
	expect_code(COMPARE BASE "fast -f slower", 0);
	expect_code(COMPARE BASE "fast -f faster", 1);
	expect_code(COMPARE BASE "same --fail-on different", 0);
	expect_code(COMPARE BASE "same --fail-on unsure", 0);
	expect_code(COMPARE BASE "noisy --fail-on unsure", 1);
	expect_code(COMPARE BASE "same slow --json --fail-on slower", 1);
	expect_code(COMPARE BASE "slow same --fail-on slower", 1);
}

static void prints_the_worst_first(void **state)
{
	struct child_result r = run(COMPARE BASE "slow", 0);
	const char *row = strstr(r.out, "verdict\n");

	(void)state;
	assert_non_null(row);
	assert_int_equal(strncmp(row + 8, "fork ", 5), 0);
	for (char *line = strtok(r.out, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 82 || strchr(line, '/'));
	child_result_done(&r);
}

static void compares_throughput_of_one_machine(void **state)
{
	struct child_result r = run(COMPARE "same slow", 0);

	(void)state;
	assert_non_null(strstr(r.out, "The machine is as it was."));
	child_result_done(&r);
	r = run(COMPARE BASE "old", 0);
	assert_null(strstr(r.out, "The machine is as it was."));
	assert_non_null(strstr(r.out, "Tasks per second are not compared: no "
				      "canary"));
	child_result_done(&r);
}

static void takes_several_runs(void **state)
{
	json_t *o = json_of(COMPARE BASE "slow fast --json"), *list;

	(void)state;
	list = json_object_get(o, "comparisons");
	assert_int_equal(json_array_size(list), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *v =
			json_object_get(json_array_get(list, i), "verdicts");

		assert_true(json_integer_value(json_object_get(
				    v, i == 0 ? "slower" : "faster")) > 0);
		assert_int_equal(json_integer_value(json_object_get(
					 v, i == 0 ? "faster" : "slower")),
				 0);
	}
	json_decref(o);
}

/* Every key at and below @value, as a path: "cells[].change.low". */
static void list_paths(json_t *value, const char *path, struct readme *ret)
{
	const char *key;
	json_t *part;
	size_t i;
	char below[128];

	assert_true(strlen(path) < sizeof(ret->keys[0]));
	if (*path && readme_count(ret, path) == 0) {
		assert_true(ret->n < ARRAY_LEN(ret->keys));
		strcpy(ret->keys[ret->n++], path);
	}
	json_array_foreach(value, i, part)
	{
		const char *name;
		json_t *member;

		json_object_foreach(part, name, member)
		{
			snprintf(below, sizeof(below), "%s[].%s", path, name);
			list_paths(member, below, ret);
		}
	}
	json_object_foreach(value, key, part)
	{
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "",
			 key);
		list_paths(part, below, ret);
	}
}

static void readme_explains_every_key(void **state)
{
	struct readme written = {.n = 0}, explained;
	const char *tree;
	char home[256];
	json_t *o;

	(void)state;
	expect_code(
		"mkdir own && sed 's/\"x_workload\": *\"walk\"/\"x_workload\": \"run\"/g' "
		"slow/results.json >own/results.json",
		0);
	o = json_of(COMPARE "same own --json");
	list_paths(o, "", &written);
	json_decref(o);
	assert_non_null(getcwd(home, sizeof(home)));
	tree = getenv("TREE");
	assert_non_null(tree);
	assert_int_equal(chdir(tree), 0);
	readme_read("## The comparison object", &explained);
	assert_int_equal(chdir(home), 0);
	for (size_t i = 0; i < explained.n; i++) {
		if (readme_count(&written, explained.keys[i]) != 1)
			fail_msg("%s: explained, but there is none",
				 explained.keys[i]);
	}
	for (size_t i = 0; i < written.n; i++) {
		if (readme_count(&explained, written.keys[i]) != 1)
			fail_msg("%s: explained %zu times", written.keys[i],
				 readme_count(&explained, written.keys[i]));
	}
}

static void draws(void **state)
{
	(void)state;
	/* Fixed words, no input: system() is safe here, and short. */
	if (system("gnuplot --version >/dev/null 2>&1") != 0)
		skip();
	expect_code("mkdir 'a b' && " COMPARE BASE
		    "slow fast --plot 'a b/it.svg'",
		    0);
	assert_true(program_has("a b/it.svg"));
	assert_true(program_has("a b/it.dat"));
	assert_true(program_has("a b/it.gp"));
	assert_true(program_has("a b/it-C.svg"));
	expect_code(COMPARE BASE "slow --plot here.svg", 0);
	assert_true(program_has("here.svg"));
}

static void refuses_bad_plots(void **state)
{
	static const char *const names[] = {"x.png", ".svg",   "x y.svg",
					    "''",    "d/.svg", "-x.svg",
					    "d/",    "x.svg/"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char command[256];

		snprintf(command, sizeof(command),
			 COMPARE BASE "slow --plot=%s", names[i]);
		if (strcmp(names[i], "x y.svg") == 0)
			snprintf(command, sizeof(command),
				 COMPARE BASE "slow --plot='x y.svg'");
		expect_refusal(command, 2, "--plot '");
	}
	expect_code(COMPARE BASE "slow --plot /nonexistent/x.svg", 3);
}

static void without_gnuplot(void **state)
{
	struct child_result r = run("PATH=/nonexistent " COMPARE BASE
				    "slow --plot no.svg --fail-on slower",
				    3);

	(void)state;
	assert_non_null(strstr(r.err, "apt-get install gnuplot-nox"));
	assert_non_null(strstr(r.out, "slower"));
	assert_true(program_has("no.gp"));
	assert_false(program_has("no.svg"));
	child_result_done(&r);
}

static void refuses_what_is_no_run(void **state)
{
	(void)state;
	expect_refusal(COMPARE "", 2, "two runs or more");
	expect_refusal(COMPARE BASE, 2, "two runs or more");
	expect_refusal(COMPARE BASE "nothing-here", 2, "nothing-here/");
	expect_refusal("mkdir -p empty; " COMPARE BASE "empty", 2, "empty/");
	expect_refusal("mkdir -p bad; echo '{' >bad/results.json; " COMPARE BASE
		       "bad",
		       2, "bad/results.json");
	expect_refusal("touch file; " COMPARE "file " BASE, 2, "file/");
	expect_refusal(COMPARE BASE BASE "--bogus", 2, "'--bogus'");
	expect_refusal(COMPARE BASE BASE "--fail-on sometimes", 2,
		       "one of slower, faster, different, unsure");
	expect_refusal(COMPARE BASE BASE "--fail-on slower,", 2, "--fail-on");
	expect_refusal(COMPARE BASE BASE "--fail-on ''", 2, "--fail-on");
	expect_refusal(COMPARE "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
			       "19 20 21 22 23 24 25 26 27",
		       2, "one run too many: '27'");
}

static void refuses_what_has_nothing_in_common(void **state)
{
	(void)state;
	expect_code("sed 's/\"x_size\": *[0-9]*/\"x_size\": 5/g' "
		    "slow/results.json >t && mkdir other && mv t "
		    "other/results.json",
		    0);
	expect_refusal(COMPARE BASE "other", 2,
		       "base (A) and other (B): A measured scaling primes "
		       "(size 12000), ");
	/* Not half an answer: the first pair would do. */
	expect_refusal(COMPARE BASE "slow other", 2, "other (C): ");
}

static void says_what_disk_is_full(void **state)
{
	(void)state;
	expect_code(COMPARE BASE "slow >/dev/full", 3);
	expect_code(COMPARE BASE "slow --json >/dev/full", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_itself),
		cmocka_unit_test(fails_only_if_told),
		cmocka_unit_test(prints_the_worst_first),
		cmocka_unit_test(compares_throughput_of_one_machine),
		cmocka_unit_test(takes_several_runs),
		cmocka_unit_test(readme_explains_every_key),
		cmocka_unit_test(draws),
		cmocka_unit_test(refuses_bad_plots),
		cmocka_unit_test(without_gnuplot),
		cmocka_unit_test(refuses_what_is_no_run),
		cmocka_unit_test(refuses_what_has_nothing_in_common),
		cmocka_unit_test(says_what_disk_is_full),
	};

	return cmocka_run_group_tests(tests, setup, program_teardown);
}
