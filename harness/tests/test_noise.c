#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/noise.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory that stands for "/", made anew for each test. */
static char root[64];

static char *in_root(const char *path)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s", root, path);
	return name;
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test_noise.XXXXXX");
	return !mkdtemp(root) || mkdir(in_root("/proc"), 0700) < 0 ||
	       mkdir(in_root("/proc/pressure"), 0700) < 0;
}

static int remove_root(void **state)
{
	(void)state;
	(void)unlink(in_root("/proc/stat"));
	(void)unlink(in_root("/proc/pressure/cpu"));
	return rmdir(in_root("/proc/pressure")) < 0 ||
	       rmdir(in_root("/proc")) < 0 || rmdir(root) < 0;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(in_root(path), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void put_stat(const char *text)
{
	put("/proc/stat", text);
}

static int64_t ticks(int64_t n)
{
	return n * (int64_t)NS_PER_S / sysconf(_SC_CLK_TCK);
}

static void expect(int64_t total_ns, int64_t busy_ns, int64_t steal_ns,
		   int64_t psi_ns)
{
	struct noise_sample s = {7, 7, 7, 7};

	noise_read_below(root, &s);
	assert_int_equal(s.total_ns, total_ns);
	assert_int_equal(s.busy_ns, busy_ns);
	assert_int_equal(s.steal_ns, steal_ns);
	assert_int_equal(s.psi_ns, psi_ns);
}

static void no_file_is_unknown(void **state)
{
	(void)state;
	expect(-1, -1, -1, -1);
	put_stat("");
	put("/proc/pressure/cpu", "");
	expect(-1, -1, -1, -1);
}

/* The time of guests is in user and nice already. */
static void guests_do_not_count_twice(void **state)
{
	(void)state;
	put_stat("cpu  100 20 3 4000 500 60 7 80 90 11\n"
		 "cpu0 1 1 1 1 1 1 1 1 1 1\n");
	expect(ticks(4770), ticks(190), ticks(80), -1);
}

/* Kernels before 2.6 have fewer columns. */
static void columns_may_be_missing(void **state)
{
	(void)state;
	put_stat("cpu  1 2 3 4 5 6 7\n");
	expect(ticks(28), ticks(19), -1, -1);
	put_stat("cpu  1 2 3 4\n");
	expect(ticks(10), ticks(6), -1, -1);
	put_stat("cpu  1 2 3\n");
	expect(-1, -1, -1, -1);
}

static void pressure_is_the_line_some(void **state)
{
	(void)state;
	put("/proc/pressure/cpu",
	    "some avg10=0.44 avg60=0.38 avg300=1.83 total=1556259535\n"
	    "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
	expect(-1, -1, -1, INT64_C(1556259535000));
	put("/proc/pressure/cpu", "full avg10=0.00 total=5\n");
	expect(-1, -1, -1, -1);
	put("/proc/pressure/cpu", "some avg10=0.00\n");
	expect(-1, -1, -1, -1);
}

static void nonsense_is_unknown(void **state)
{
	static const char *const bad[] = {
		"\n",
		"cpu\n",
		"cpu  a b c d e f g h\n",
		"cpu  -1 2 3 4 5 6 7 8\n",
		"cpu0 1 2 3 4 5 6 7 8\n",
		"cpux 1 2 3 4 5 6 7 8\n",
		"cpu  1 2 3 99999999999999999999 5 6 7 8\n",
		"cpu  1 2 3 9000000000000000000 5 6 7 8\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		put_stat(bad[i]);
		expect(-1, -1, -1, -1);
	}
	put("/proc/pressure/cpu", "some total=-5\n");
	expect(-1, -1, -1, -1);
	put("/proc/pressure/cpu", "some total=9223372036854775807\n");
	expect(-1, -1, -1, -1);
	/* The largest that fit, together too large, stay the largest. */
	put_stat("cpu  900000000000 900000000000 900000000000 1 1 1 1 1\n");
	expect(INT64_MAX, INT64_MAX, ticks(1), -1);
}

static void expect_between(struct noise_sample a, struct noise_sample b,
			   uint64_t own_ns, struct noise wanted)
{
	struct noise n;

	noise_between(&a, &b, own_ns, &n);
	assert_int_equal(n.busy_ns, wanted.busy_ns);
	assert_int_equal(n.steal_ns, wanted.steal_ns);
	assert_int_equal(n.psi_ns, wanted.psi_ns);
	assert_int_equal(n.foreign_ns, wanted.foreign_ns);
}

#define SAMPLE(...) ((struct noise_sample){__VA_ARGS__})
#define NOISE(...) ((struct noise){__VA_ARGS__})

static void differences(void **state)
{
	struct noise_sample a = {1000, 500, 20, 3};

	(void)state;
	/* In the order busy, steal, PSI, foreign. */
	expect_between(a, SAMPLE(2000, 1300, 50, 10), 300,
		       NOISE(800, 30, 7, 500));
	/* More than all did: an error of the ticks. */
	expect_between(a, SAMPLE(2000, 1300, 50, 10), 801,
		       NOISE(800, 30, 7, 0));
	expect_between(a, SAMPLE(2000, 1300, 50, 10), UINT64_MAX,
		       NOISE(800, 30, 7, 0));
	/* Back by one: nothing. */
	expect_between(a, SAMPLE(2000, 499, 19, 2), 0, NOISE(0, 0, 0, 0));
}

static void unknown_stays_unknown(void **state)
{
	struct noise_sample a = {1000, 500, 20, 3};

	(void)state;
	expect_between(a, SAMPLE(2000, 1300, -1, -1), 300,
		       NOISE(800, -1, -1, 500));
	expect_between(SAMPLE(1000, 500, -1, -1), SAMPLE(2000, 1300, 50, 10),
		       300, NOISE(800, -1, -1, 500));
	expect_between(a, SAMPLE(-1, -1, -1, 10), 300, NOISE(-1, -1, 7, -1));
	expect_between(SAMPLE(-1, -1, -1, 3), SAMPLE(2000, 1300, 50, 10), 300,
		       NOISE(-1, -1, 7, -1));
}

/* Who counts nothing has not seen that nothing happened. */
static void a_counter_that_stands_still_is_unknown(void **state)
{
	(void)state;
	expect_between(SAMPLE(0, 0, 0, 0), SAMPLE(0, 0, 0, 0), 300,
		       NOISE(-1, -1, 0, -1));
	expect_between(SAMPLE(1000, 500, 20, 3), SAMPLE(999, 600, 20, 3), 300,
		       NOISE(-1, -1, 0, -1));
}

static void foreign_is_busy_less_own(void **state)
{
	(void)state;
	assert_int_equal(noise_foreign_ns(100, 30), 70);
	assert_int_equal(noise_foreign_ns(100, 100), 0);
	assert_int_equal(noise_foreign_ns(100, 101), 0);
	assert_int_equal(noise_foreign_ns(-1, 0), -1);
}

static void blocks_are_judged_by_the_rule(void **state)
{
	static const struct {
		int64_t steal_ns, foreign_ns;
		uint64_t capacity_ns;
		enum noise_level level;
	} rows[] = {
		{0, 0, 1000, NOISE_OK},
		{50, 50, 1000, NOISE_OK},
		{51, 50, 1000, NOISE_BAD},
		{101, 0, 1000, NOISE_BAD},
		{0, 101, 1000, NOISE_BAD},
		{5000, 5000, 1000, NOISE_BAD},
		/* One unknown: enough for bad, never for ok. */
		{-1, 101, 1000, NOISE_BAD},
		{101, -1, 1000, NOISE_BAD},
		{-1, 0, 1000, NOISE_UNKNOWN},
		{0, -1, 1000, NOISE_UNKNOWN},
		{-1, 100, 1000, NOISE_UNKNOWN},
		{-1, -1, 1000, NOISE_UNKNOWN},
		{5, 5, 0, NOISE_UNKNOWN},
		{INT64_MAX, INT64_MAX, UINT64_MAX, NOISE_BAD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(noise_block_level(rows[i].steal_ns,
						   rows[i].foreign_ns,
						   rows[i].capacity_ns),
				 rows[i].level);
}

static void levels_have_names(void **state)
{
	(void)state;
	assert_string_equal(noise_level_name(NOISE_UNKNOWN), "unknown");
	assert_string_equal(noise_level_name(NOISE_OK), "ok");
	assert_string_equal(noise_level_name(NOISE_BAD), "bad");
}

static void shares(void **state)
{
	(void)state;
	assert_true(noise_share(0, 0, 1000) == 1);
	assert_true(fabs(noise_share(30, 40, 1000) - 0.93) < 1e-12);
	assert_true(noise_share(900, 900, 1000) == 0);
	assert_true(isnan(noise_share(-1, 0, 1000)));
	assert_true(isnan(noise_share(0, -1, 1000)));
	assert_true(isnan(noise_share(0, 0, 0)));
}

/* Its CPU time is not tested: only that it takes some, and the answer. */
static void the_canary_takes_time(void **state)
{
	(void)state;
	assert_true(noise_canary_ns() > 0);
}

/* Wherever these tests run, what can be read must make sense. */
static void this_machine(void **state)
{
	struct noise_sample a, b;
	struct noise n;

	(void)state;
	noise_read(&a);
	(void)noise_canary_ns();
	noise_read(&b);
	noise_between(&a, &b, 0, &n);
	assert_true(a.total_ns < 0 || access("/proc/stat", R_OK) == 0);
	assert_true(a.psi_ns < 0 || access("/proc/pressure/cpu", R_OK) == 0);
	assert_true(a.busy_ns <= a.total_ns && a.steal_ns <= a.total_ns);
	assert_true(n.foreign_ns == n.busy_ns);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

static void sums_know_what_is_unknown(void **state)
{
	(void)state;
	assert_int_equal(noise_add(2, 3), 5);
	assert_int_equal(noise_add(-1, 3), -1);
	assert_int_equal(noise_add(3, -1), -1);
	assert_int_equal(noise_add(INT64_MAX, 1), INT64_MAX);
	assert_int_equal(noise_add(INT64_MAX, INT64_MAX), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_know_what_is_unknown),
		TEST(no_file_is_unknown),
		TEST(guests_do_not_count_twice),
		TEST(columns_may_be_missing),
		TEST(pressure_is_the_line_some),
		TEST(nonsense_is_unknown),
		cmocka_unit_test(differences),
		cmocka_unit_test(unknown_stays_unknown),
		cmocka_unit_test(a_counter_that_stands_still_is_unknown),
		cmocka_unit_test(foreign_is_busy_less_own),
		cmocka_unit_test(blocks_are_judged_by_the_rule),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(shares),
		cmocka_unit_test(the_canary_takes_time),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
