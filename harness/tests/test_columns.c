#include "harness/columns.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"

struct all {
	char text[8];
	uint64_t u64;
	uint32_t u32;
	int i;
	uint64_t hex;
	double f64;
	int64_t i64;
	bool b;
};

static const struct column columns[] = {
	COLUMN(all, text, "text", TEXT), COLUMN(all, u64, "u64", U64),
	COLUMN(all, u32, "u32", U32),    COLUMN(all, i, "int", INT),
	COLUMN(all, hex, "hex", HEX),    COLUMN(all, f64, "f64", F64),
	COLUMN(all, b, "bool", BOOL),    COLUMN(all, i64, "i64", I64),
};

static void assert_same(const struct all *a, const struct all *b)
{
	assert_string_equal(a->text, b->text);
	assert_true(a->u64 == b->u64 && a->u32 == b->u32 && a->i == b->i);
	assert_true(a->hex == b->hex && a->b == b->b && a->i64 == b->i64);
	assert_true(a->f64 == b->f64 || (isnan(a->f64) && isnan(b->f64)));
}

static void come_back_as_they_went(void **state)
{
	const struct all rows[] = {
		{"", 0, 0, 0, 0, 0, 0, false},
		{"1234567", INT64_MAX, UINT32_MAX, INT_MAX, UINT64_MAX, 1e300,
		 INT64_MAX, true},
		{"\xc3\xa4\"\n\\", 1, 1, INT_MIN, 1, -5e-324, 1, true},
		{"nan", 1, 1, -1, 1, NAN, -1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *o = json_object(), *again;
		struct all back;
		char *text, error[64];

		memset(&back, 0x55, sizeof(back));
		assert_int_equal(columns_to_json(columns, ARRAY_LEN(columns),
						 &rows[i], o),
				 0);
		text = json_dumps(o, 0);
		again = json_loads(text, 0, NULL);
		assert_int_equal(columns_from_json(columns, ARRAY_LEN(columns),
						   again, &back, error,
						   sizeof(error)),
				 0);
		assert_same(&rows[i], &back);
		free(text);
		json_decref(o);
		json_decref(again);
	}
}

/* Not a number is not there: JSON has no word for it. */
static void nan_and_infinity_stay_out(void **state)
{
	const double values[] = {NAN, INFINITY, -INFINITY};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct all row = {.f64 = values[i]};
		json_t *o = json_object();

		assert_int_equal(
			columns_to_json(columns, ARRAY_LEN(columns), &row, o),
			0);
		assert_null(json_object_get(o, "f64"));
		assert_int_equal(json_object_size(o), ARRAY_LEN(columns) - 1);
		json_decref(o);
	}
}

static void bad_values_are_named(void **state)
{
	static const struct {
		const char *key, *json;
	} bad[] = {
		{"text", "7"},
		{"text", "\"12345678\""},
		{"text", "\"a\\u0000b\""},
		{"u64", "-1"},
		{"u64", "1.0"},
		{"u64", "\"1\""},
		{"u32", "4294967296"},
		{"u32", "-1"},
		{"int", "2147483648"},
		{"int", "-2147483649"},
		{"hex", "1"},
		{"hex", "\"\""},
		{"hex", "\"0123\""},
		{"hex", "\"0x00000000000000\""},
		{"hex", "\"00000000000000FF\""},
		{"hex", "\"00000000000000000\""},
		{"hex", "\"0000000000000000x\""},
		{"f64", "\"1\""},
		{"f64", "null"},
		{"bool", "1"},
		{"bool", "null"},
	};
	const struct all good = {.text = "good"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		json_t *o = json_object();
		char error[64] = "", wanted[64];
		struct all row;

		assert_int_equal(
			columns_to_json(columns, ARRAY_LEN(columns), &good, o),
			0);
		assert_int_equal(
			json_object_set_new(
				o, bad[i].key,
				json_loads(bad[i].json,
					   JSON_DECODE_ANY | JSON_ALLOW_NUL,
					   NULL)),
			0);
		assert_int_equal(columns_from_json(columns, ARRAY_LEN(columns),
						   o, &row, error,
						   sizeof(error)),
				 -EINVAL);
		snprintf(wanted, sizeof(wanted),
			 "\"%s\" is not of its type or out of range",
			 bad[i].key);
		assert_string_equal(error, wanted);
		json_decref(o);
	}
}

static void missing_keys_are_named(void **state)
{
	const struct all good = {.text = "good"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		json_t *o = json_object();
		char error[64] = "", wanted[64];
		struct all row;
		int real = columns[i].type == COLUMN_F64 ||
			   columns[i].type == COLUMN_I64;

		assert_int_equal(
			columns_to_json(columns, ARRAY_LEN(columns), &good, o),
			0);
		assert_int_equal(json_object_del(o, columns[i].key), 0);
		assert_int_equal(columns_from_json(columns, ARRAY_LEN(columns),
						   o, &row, error,
						   sizeof(error)),
				 real ? 0 : -EINVAL);
		snprintf(wanted, sizeof(wanted), "\"%s\" is missing",
			 columns[i].key);
		assert_string_equal(error, real ? "" : wanted);
		json_decref(o);
	}
}

/* What column @key of @row is in a CSV file. */
static void assert_csv(const struct all *row, const char *key,
		       const char *wanted)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (strcmp(columns[i].key, key) == 0)
			column_print(&columns[i], row, out);
	}
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, wanted);
	free(text);
}

static void csv_quotes_what_must_be(void **state)
{
	static const struct {
		const char *text, *csv;
	} texts[] = {
		{"", ""},
		{"plain", "plain"},
		{"a b;c", "a b;c"},
		{"0,2", "\"0,2\""},
		{"\"", "\"\"\"\""},
		{"a\"b", "\"a\"\"b\""},
		{"a\nb", "\"a\nb\""},
		{"a\rb", "\"a\rb\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct all row = {0};

		strcpy(row.text, texts[i].text);
		assert_csv(&row, "text", texts[i].csv);
	}
}

static void csv_prints_numbers_whole(void **state)
{
	struct all row = {"",  INT64_MAX, UINT32_MAX, INT_MIN,
			  255, 0.1,       12,         true};

	(void)state;
	assert_csv(&row, "u64", "9223372036854775807");
	assert_csv(&row, "u32", "4294967295");
	assert_csv(&row, "int", "-2147483648");
	assert_csv(&row, "hex", "00000000000000ff");
	assert_csv(&row, "f64", "0.1");
	assert_csv(&row, "bool", "true");
	assert_csv(&row, "i64", "12");
	row.i64 = -1;
	assert_csv(&row, "i64", "");
	row.f64 = NAN;
	row.b = false;
	assert_csv(&row, "f64", "");
	assert_csv(&row, "bool", "false");
}

/* A path may be any bytes, JSON is UTF-8. */
static void text_that_is_not_utf8(void **state)
{
	static const struct {
		const char *text, *json;
	} texts[] = {
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"caf\xe9", "caf?"},
		{"\xc3\xa4\xff", "???"},
		{"cut \xc3", "cut ?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		json_t *json = column_text(texts[i].text);

		assert_non_null(json);
		assert_string_equal(json_string_value(json), texts[i].json);
		json_decref(json);
	}
}

static void assert_keys(const struct column *table, size_t n)
{
	assert_true(n > 20);
	for (size_t i = 0; i < n; i++) {
		assert_memory_equal(table[i].key, "x_", 2);
		assert_int_equal(
			strspn(table[i].key,
			       "abcdefghijklmnopqrstuvwxyz_0123456789"),
			strlen(table[i].key));
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(table[i].key, table[k].key);
			assert_int_not_equal(table[i].offset, table[k].offset);
		}
	}
}

static void keys_are_ours_and_differ(void **state)
{
	(void)state;
	assert_keys(slice_columns, n_slice_columns);
	assert_keys(info_columns, n_info_columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_back_as_they_went),
		cmocka_unit_test(nan_and_infinity_stay_out),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(missing_keys_are_named),
		cmocka_unit_test(csv_quotes_what_must_be),
		cmocka_unit_test(csv_prints_numbers_whole),
		cmocka_unit_test(text_that_is_not_utf8),
		cmocka_unit_test(keys_are_ours_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
