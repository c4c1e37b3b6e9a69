/*
 * What numbers look like.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/number.h"

#define THIN "\u202f"
#define DASH "\u2013"

static void test_plain(void **state)
{
	(void)state;
	assert_string_equal(number_plain(0).text, "0");
	assert_string_equal(number_plain(1).text, "1.00");
	assert_string_equal(number_plain(-1.5).text, "-1.50");
	assert_string_equal(number_plain(0.01234).text, "0.0123");
	assert_string_equal(number_plain(9.999).text, "10.0");
	assert_string_equal(number_plain(99.96).text, "100");
	assert_string_equal(number_plain(999.6).text, "1" THIN "000");
	assert_string_equal(number_plain(12345).text, "12" THIN "300");
	assert_string_equal(number_plain(1234567).text,
			    "1" THIN "230" THIN "000");
	assert_string_equal(number_plain(-4321).text, "-4" THIN "320");
}

static void test_not_a_number(void **state)
{
	(void)state;
	assert_string_equal(number_plain(NAN).text, DASH);
	assert_string_equal(number_plain(INFINITY).text, DASH);
	assert_string_equal(number_short(NAN).text, DASH);
	assert_string_equal(number_time(NAN).text, DASH);
	assert_string_equal(number_bytes(-INFINITY).text, DASH);
	assert_string_equal(number_percent(NAN).text, DASH);
	assert_string_equal(number_ratio(NAN).text, DASH);
	assert_string_equal(number_times(NAN).text, DASH);
	assert_string_equal(number_interval(1, NAN, number_plain).text, "");
	assert_string_equal(number_interval(NAN, 1, number_plain).text, "");
}

static void test_short(void **state)
{
	(void)state;
	assert_string_equal(number_short(0.5).text, "0.5");
	assert_string_equal(number_short(2).text, "2");
	assert_string_equal(number_short(20).text, "20");
	assert_string_equal(number_short(1.25).text, "1.25");
	assert_string_equal(number_short(2000).text, "2" THIN "000");
}

static void test_count(void **state)
{
	(void)state;
	assert_string_equal(number_count(0).text, "0");
	assert_string_equal(number_count(999).text, "999");
	assert_string_equal(number_count(1000).text, "1" THIN "000");
	assert_string_equal(number_count(UINT64_MAX).text,
			    "18" THIN "446" THIN "744" THIN "073" THIN
			    "709" THIN "551" THIN "615");
}

static void test_units(void **state)
{
	(void)state;
	assert_string_equal(number_time(0).text, "0 ns");
	assert_string_equal(number_time(25).text, "25.0 ns");
	assert_string_equal(number_time(999.9).text, "1.00 µs");
	assert_string_equal(number_time(4210).text, "4.21 µs");
	assert_string_equal(number_time(999999).text, "1.00 ms");
	assert_string_equal(number_time(1.5e9).text, "1.50 s");
	assert_string_equal(number_time(3.6e12).text, "3" THIN "600 s");
	assert_string_equal(number_time_short(5e5).text, "500 µs");
	assert_string_equal(number_time_short(1e6).text, "1 ms");
	assert_string_equal(number_bytes(512).text, "512 B");
	assert_string_equal(number_bytes(4.2 * 1048576).text, "4.20 MiB");
	assert_string_equal(number_bytes(1024 * 1048576.0).text, "1.00 GiB");
	assert_string_equal(number_bytes_short(1024 * 1048576.0).text, "1 GiB");
	assert_string_equal(number_bytes(1023.9 * 1048576).text,
			    "1" THIN "020 MiB");
}

static void test_shares(void **state)
{
	(void)state;
	assert_string_equal(number_percent(0.968).text, "97 %");
	assert_string_equal(number_percent(0.021).text, "2.1 %");
	assert_string_equal(number_percent(0).text, "0 %");
	assert_string_equal(number_percent(-0.0001).text, "0 %");
	assert_string_equal(number_percent(1).text, "100 %");
	assert_string_equal(number_ratio(0.944).text, "0.94");
	assert_string_equal(number_ratio(1).text, "1.00");
	assert_string_equal(number_ratio(0.01234).text, "0.012");
	assert_string_equal(number_ratio(16.04).text, "16.0");
	assert_string_equal(number_times(0.944).text, "0.94×");
}

static void test_interval(void **state)
{
	(void)state;
	assert_string_equal(number_interval(0.92, 0.96, number_ratio).text,
			    " [0.92, 0.96]");
	assert_string_equal(number_interval(1900, 1960, number_plain).text,
			    " [1" THIN "900, 1" THIN "960]");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(number_columns(""), 0);
	assert_int_equal(number_columns("1" THIN "000 µs"), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_not_a_number),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
