/* The settings of models: from text to numbers and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/model.h"

static const struct model_setting settings[] = {
	{"recycle", "a worker ends after so many tasks; 0: never", 0, 0, 1000},
	{"retry", "run a task once more; 0: no", 0, 0, 1},
	{"nice", "of the workers", 5, -20, 19},
	{0},
};

static const struct model with = {.name = "with", .settings = settings};
static const struct model without = {.name = "without"};

static void standard(void **state)
{
	int64_t values[MODEL_MAX_SETTINGS];

	(void)state;
	memset(values, 0x55, sizeof(values));
	model_standard(&with, values);
	assert_int_equal(values[0], 0);
	assert_int_equal(values[2], 5);
	assert_int_equal(values[MODEL_MAX_SETTINGS - 1], 0);
	memset(values, 0x55, sizeof(values));
	model_standard(&without, values);
	for (size_t i = 0; i < MODEL_MAX_SETTINGS; i++)
		assert_int_equal(values[i], 0);
}

/* @text is understood, and printed again it is @again. */
static void expect(const char *text, const char *again)
{
	int64_t values[MODEL_MAX_SETTINGS];
	char error[200] = "none", printed[64];

	model_standard(&with, values);
	assert_int_equal(
		model_settings_parse(&with, text, values, error, sizeof(error)),
		0);
	assert_string_equal(error, "none");
	assert_int_equal(
		model_settings_print(&with, values, printed, sizeof(printed)),
		0);
	assert_string_equal(printed, again);
}

static void there_and_back(void **state)
{
	(void)state;
	expect("", "");
	expect("recycle=1000", "recycle=1000");
	expect(" nice=-20  retry=1 ", "retry=1 nice=-20");
	expect("nice=5", "");
	expect("recycle=1 recycle=2", "recycle=2");
}

static void expect_error(const struct model *m, const char *text,
			 const char *why)
{
	int64_t values[MODEL_MAX_SETTINGS] = {1, 2, 3, 4, 5, 6, 7, 8};
	int64_t before[MODEL_MAX_SETTINGS];
	char error[200];

	memcpy(before, values, sizeof(values));
	assert_int_equal(
		model_settings_parse(m, text, values, error, sizeof(error)),
		-EINVAL);
	assert_string_equal(error, why);
	assert_memory_equal(values, before, sizeof(values));
}

static void errors(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"cycle=1", "'with' has no setting 'cycle'; it has: recycle, "
			    "retry, nice"},
		{"retry=1 recycl=1", "'with' has no setting 'recycl'; it has: "
				     "recycle, retry, nice"},
		{"=1", "'with' has no setting ''; it has: recycle, retry, "
		       "nice"},
		{"retry", "'retry': a number from 0 to 1 is needed"},
		{"retry=", "'retry=': a number from 0 to 1 is needed"},
		{"retry= 1", "'retry=': a number from 0 to 1 is needed"},
		{"retry=2", "'retry=2': a number from 0 to 1 is needed"},
		{"retry=1x", "'retry=1x': a number from 0 to 1 is needed"},
		{"nice=-21", "'nice=-21': a number from -20 to 19 is needed"},
		{"nice=99999999999999999999",
		 "'nice=99999999999999999999': a number from -20 to 19 is "
		 "needed"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		expect_error(&with, bad[i].text, bad[i].why);
	expect_error(&without, "retry=1",
		     "'without' has no setting 'retry'; it has: none");
}

static void too_long(void **state)
{
	int64_t values[MODEL_MAX_SETTINGS] = {1000, 1, 5};
	char text[sizeof("recycle=1000 retry=1")];

	(void)state;
	assert_int_equal(model_settings_print(&with, values, text, 20),
			 -ENAMETOOLONG);
	assert_int_equal(
		model_settings_print(&with, values, text, sizeof(text)), 0);
	assert_string_equal(text, "recycle=1000 retry=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(errors),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
