#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/placement.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG "pack:2 numa:2 core:8 pu:2"
#define CCX "pack:1 l3:2 core:4 pu:2"

static struct placement *plan(const char *policy, uint32_t workers,
			      const char *synthetic)
{
	struct placement *p = NULL;

	assert_int_equal(placement_plan(policy, workers, synthetic, &p), 0);
	return p;
}

/* The workers' CPUs and the generator's as text: "0 2 4 | 1". */
static void expect(const char *synthetic, const char *policy, uint32_t workers,
		   const char *wanted)
{
	struct placement *p = plan(policy, workers, synthetic);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (uint32_t w = 0; w < workers; w++)
		fprintf(f, "%d ", placement_cpu(p, w));
	fprintf(f, "| %d", placement_generator_cpu(p));
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, wanted);
	free(text);
	placement_free(p);
}

static void expect_failure(const char *policy, uint32_t workers,
			   const char *synthetic, int wanted)
{
	struct placement *untouched = (struct placement *)&wanted;
	struct placement *p = untouched;

	assert_int_equal(placement_plan(policy, workers, synthetic, &p),
			 wanted);
	assert_ptr_equal(p, untouched);
}

static void test_compact(void **state)
{
	(void)state;
	expect("pu:1", "compact", 1, "0 | -1");
	expect("pu:1", "compact", 3, "0 0 0 | -1");
	expect("core:2 pu:1", "compact", 1, "0 | 1");
	expect("core:2 pu:1", "compact", 5, "0 1 0 1 0 | -1");
	expect(CCX, "compact", 9, "0 1 2 3 4 5 6 7 8 | 10");
	expect("numa:4 core:2 pu:1", "compact", 9, "0 1 2 3 4 5 6 7 0 | -1");
}

static void test_scatter(void **state)
{
	(void)state;
	expect("pu:1", "scatter", 2, "0 0 | -1");
	expect("core:2 pu:1", "scatter", 3, "0 1 0 | -1");
	/* L3 caches in turn, all cores, then the siblings likewise. */
	expect(CCX, "scatter", 17,
	       "0 8 2 10 4 12 6 14 1 9 3 11 5 13 7 15 0 | -1");
	expect("numa:4 core:2 pu:1", "scatter", 8, "0 2 4 6 1 3 5 7 | -1");
	/* Packages, then NUMA nodes, then cores. */
	expect(BIG, "scatter", 10, "0 32 16 48 2 34 18 50 4 36 | 6");
	expect("pack:2 core:2 pu:2", "scatter", 8, "0 4 2 6 1 5 3 7 | -1");
	expect("pu:3", "scatter", 4, "0 1 2 0 | -1");
}

static void test_core(void **state)
{
	(void)state;
	expect("pu:1", "core", 2, "0 0 | -1");
	expect("core:2 pu:1", "core", 3, "0 1 0 | -1");
	expect(CCX, "core", 17, "0 2 4 6 8 10 12 14 1 3 5 7 9 11 13 15 0 | -1");
	expect("core:2 pu:4", "core", 8, "0 4 1 5 2 6 3 7 | -1");
	expect(BIG, "core", 3, "0 2 4 | 6");
}

static void test_none(void **state)
{
	struct placement *p;

	(void)state;
	expect("core:2 pu:2", "none", 2, "-1 -1 | -1");
	p = plan("none", 8, "core:2 pu:2");
	assert_int_equal(placement_smt_shared(p, 8), 0);
	placement_free(p);
}

static void test_list(void **state)
{
	(void)state;
	expect(CCX, "5", 2, "5 5 | 0");
	expect(CCX, "0,2,4-7", 7, "0 2 4 5 6 7 0 | 8");
	expect(CCX, "7,1,3-3", 3, "7 1 3 | 4");
	/* Only the CPUs of workers that there are count as used. */
	expect("core:2 pu:1", "0,1", 1, "0 | 1");
	expect("core:2 pu:1", "1-1,0", 2, "1 0 | -1");
}

static void test_generator(void **state)
{
	(void)state;
	/* A free core, else a free sibling, else none. */
	expect("core:2 pu:2", "compact", 2, "0 1 | 2");
	expect("core:2 pu:2", "compact", 3, "0 1 2 | 3");
	expect("core:2 pu:2", "compact", 4, "0 1 2 3 | -1");
	expect("core:2 pu:2", "core", 2, "0 2 | 1");
	expect("core:2 pu:2", "3", 1, "3 | 0");
	expect("core:2 pu:2", "1,3", 2, "1 3 | 0");
}

static void test_bad_input(void **state)
{
	static const char *const malformed[] = {
		"",     "1-",  "3-1",   "a",  "0,,1",     "0,",  ",0",
		"0 1",  " 0",  "+1",    "-1", "0-1-2",    "0x1", "compactx",
		"Core", "0,0", "0-2,1", "1;", "compact ", "--",
	};
	static const char *const descriptions[] = {
		"",
		"bogus",
		"pu:0",
		"pu:",
		"pack:2 pu",
		"pu:-1",
		"pu:4097",
		"pu:100000000",
		"pack:64 core:64 pu:2",
		"l2:1(size=64) pu:5000",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
		expect_failure(malformed[i], 1, "core:4 pu:1", -EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(descriptions); i++)
		expect_failure("compact", 1, descriptions[i], -EINVAL);
	expect_failure("compact", 0, "pu:4", -EINVAL);
	expect_failure("4", 1, "pu:4", -ERANGE);
	expect_failure("0-4", 1, "pu:4", -ERANGE);
	expect_failure("0-4294967295", 1, "pu:4", -ERANGE);
	expect_failure("4294967296", 1, "pu:4", -ERANGE);
	expect_failure("99999999999999999999999", 1, "pu:4", -ERANGE);
	expect_failure("18446744073709551616", 1, "pu:4", -ERANGE);
	expect_failure("2147483646", 1, NULL, -ERANGE);
}

static void test_counts(void **state)
{
	static const struct {
		const char *synthetic;
		uint32_t pus, cores;
	} rows[] = {
		{"pu:1", 1, 1},
		{"pu:3", 3, 3},
		{BIG, 64, 32},
		{CCX, 16, 8},
		{"core:2 pu:1", 2, 2},
		/* Numbers in brackets are no processors. */
		{"core:256 pu:2(indexes=1*16:16*32)", 512, 256},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct placement *p = plan("compact", 1, rows[i].synthetic);

		assert_int_equal(placement_usable_pus(p), rows[i].pus);
		assert_int_equal(placement_usable_cores(p), rows[i].cores);
		placement_free(p);
	}
}

static void test_smt_shared(void **state)
{
	static const struct {
		const char *policy;
		uint32_t workers, shared;
	} rows[] = {
		{"compact", 1, 0},
		{"compact", 2, 2},
		{"compact", 3, 2},
		{"compact", 8, 8},
		{"core", 4, 0},
		{"core", 5, 2},
		{"core", 9, 9},
		{"scatter", 4, 0},
		{"scatter", 6, 4},
		/* Many workers on one PU are no siblings. */
		{"0", 5, 0},
		{"0,2", 5, 0},
		{"0,1,2", 5, 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct placement *p =
			plan(rows[i].policy, rows[i].workers, "core:4 pu:2");

		assert_int_equal(placement_smt_shared(p, rows[i].workers),
				 rows[i].shared);
		placement_free(p);
	}
}

/*
 * On every machine, no PU is used twice before all are used once, and except
 * under "compact" no core either.
 */
static void test_every_policy(void **state)
{
	static const char *const machines[] = {
		"pu:1", "core:2 pu:1",        BIG,
		CCX,    "numa:4 core:2 pu:1", "pack:3 l2:2 core:1 pu:2",
	};

	(void)state;
	for (size_t m = 0; m < ARRAY_LEN(machines); m++) {
		for (size_t k = 0; k < 3; k++) {
			struct placement *p =
				plan(placement_policies[k], 200, machines[m]);
			uint32_t n = placement_usable_pus(p);
			int seen[64] = {0};

			for (uint32_t w = 0; w < 200; w++) {
				int cpu = placement_cpu(p, w);

				assert_in_range(cpu, 0, n - 1);
				assert_int_equal(seen[cpu]++, w / n);
			}
			if (k > 0) /* not compact */
				assert_int_equal(
					placement_smt_shared(
						p, placement_usable_cores(p)),
					0);
			placement_free(p);
		}
	}
}

static void test_policy_names(void **state)
{
	size_t n = 0;

	(void)state;
	for (; placement_policies[n]; n++) {
		struct placement *p = plan(placement_policies[n], 1, "pu:2");

		assert_true(strlen(placement_policy_summary(n)) > 0);
		placement_free(p);
	}
	assert_int_equal(n, 4);
}

static void test_caches(void **state)
{
	struct placement_cache c[4] = {0};
	struct placement *p = plan(
		"none", 1,
		"pack:2 l3:1(size=33554432) l2:4(size=1048576) l1i:1(size=65536) "
		"l1d:1(size=32768) core:1 pu:2");

	(void)state;
	assert_int_equal(placement_caches(p, c, 4), 4);
	assert_string_equal(c[0].type, "Data");
	assert_int_equal(c[0].level, 1);
	assert_int_equal(c[0].size_bytes, 32768);
	assert_int_equal(c[0].sharing, 2);
	assert_string_equal(c[1].type, "Instruction");
	assert_int_equal(c[1].level, 1);
	assert_int_equal(c[1].size_bytes, 65536);
	assert_string_equal(c[2].type, "Unified");
	assert_int_equal(c[2].level, 2);
	assert_int_equal(c[2].sharing, 2);
	assert_int_equal(c[3].level, 3);
	assert_int_equal(c[3].size_bytes, 33554432);
	assert_int_equal(c[3].sharing, 8);
	c[2].level = 77;
	assert_int_equal(placement_caches(p, c, 2), 2);
	assert_int_equal(c[2].level, 77);
	assert_int_equal(placement_caches(p, NULL, 0), 0);
	placement_free(p);
}

/* The calling thread may use just @cpu, or, if negative, all of @all. */
static void expect_affinity(int cpu, const cpu_set_t *all)
{
	cpu_set_t now, wanted;

	CPU_ZERO(&wanted);
	if (cpu >= 0)
		CPU_SET((size_t)cpu, &wanted);
	else
		wanted = *all;
	assert_int_equal(sched_getaffinity(0, sizeof(now), &now), 0);
	assert_true(CPU_EQUAL(&now, &wanted));
	if (cpu >= 0)
		assert_int_equal(sched_getcpu(), cpu);
}

static void test_bind(void **state)
{
	cpu_set_t all;
	struct placement *p;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	p = plan("scatter", 3, NULL);
	assert_int_equal(placement_usable_pus(p), CPU_COUNT(&all));
	for (uint32_t w = 0; w < 2 * (uint32_t)CPU_COUNT(&all); w++) {
		assert_int_equal(placement_bind(p, w), 0);
		expect_affinity(placement_cpu(p, w), &all);
	}
	assert_int_equal(placement_bind_generator(p), 0);
	expect_affinity(placement_generator_cpu(p), &all);
	placement_free(p);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_bind_generator_alone(void **state)
{
	cpu_set_t all;
	struct placement *p;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	p = plan("compact", 1, NULL);
	if (CPU_COUNT(&all) > 1)
		assert_true(placement_generator_cpu(p) >= 0);
	assert_int_not_equal(placement_generator_cpu(p), placement_cpu(p, 0));
	assert_int_equal(placement_bind_generator(p), 0);
	expect_affinity(placement_generator_cpu(p), &all);
	placement_free(p);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_none_restores_all(void **state)
{
	cpu_set_t all;
	struct placement *pinned, *free_to_run;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	pinned = plan("compact", 1, NULL);
	free_to_run = plan("none", 1, NULL);
	assert_int_equal(placement_bind(pinned, 0), 0);
	assert_int_equal(placement_bind(free_to_run, 0), 0);
	expect_affinity(-1, &all);
	assert_int_equal(placement_bind(pinned, 0), 0);
	assert_int_equal(placement_bind_generator(free_to_run), 0);
	expect_affinity(-1, &all);
	placement_free(pinned);
	placement_free(free_to_run);
}

static int last_cpu(const cpu_set_t *set)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET((size_t)cpu, set))
		cpu--;
	return cpu;
}

/* In a child: with only one CPU allowed, only that one is planned. */
static int only_one_is_planned(int cpu)
{
	static const char *const policies[] = {"compact", "scatter", "core"};
	struct placement *p;
	cpu_set_t one;
	char list[16];

	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		if (placement_plan(policies[i], 2, NULL, &p) < 0)
			return 2;
		if (placement_usable_pus(p) != 1 ||
		    placement_usable_cores(p) != 1 ||
		    placement_cpu(p, 0) != cpu || placement_cpu(p, 1) != cpu ||
		    placement_generator_cpu(p) != -1 ||
		    placement_bind(p, 1) != 0 ||
		    placement_bind_generator(p) != 0)
			return 3;
		placement_free(p);
	}
	if (cpu == 0)
		return 0;
	snprintf(list, sizeof(list), "0-%d", cpu);
	return placement_plan(list, 1, NULL, &p) == -ERANGE ? 0 : 4;
}

static void test_restricted(void **state)
{
	cpu_set_t all;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(only_one_is_planned(last_cpu(&all)));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void *bind_thread(void *arg)
{
	const struct placement *p = arg;

	for (uint32_t w = 0; w < 50; w++) {
		cpu_set_t now;

		if (placement_bind(p, w) != 0 ||
		    sched_getaffinity(0, sizeof(now), &now) < 0 ||
		    CPU_COUNT(&now) != 1 ||
		    !CPU_ISSET((size_t)placement_cpu(p, w), &now))
			return arg;
	}
	return NULL;
}

/* One plan, read by many threads at once; none moves another one. */
static void test_bind_in_threads(void **state)
{
	struct placement *p = plan("compact", 4, NULL);
	pthread_t threads[4];
	cpu_set_t before, after;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, bind_thread, p), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	placement_free(p);
}

static void test_synthetic_cannot_bind(void **state)
{
	static const char *const policies[] = {"compact", "none"};
	cpu_set_t before, after;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		struct placement *p = plan(policies[i], 1, "pu:1");

		assert_int_equal(placement_bind(p, 0), -ENODEV);
		assert_int_equal(placement_bind_generator(p), -ENODEV);
		placement_free(p);
	}
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

static void test_free_null(void **state)
{
	(void)state;
	placement_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compact),
		cmocka_unit_test(test_scatter),
		cmocka_unit_test(test_core),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_generator),
		cmocka_unit_test(test_bad_input),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_smt_shared),
		cmocka_unit_test(test_every_policy),
		cmocka_unit_test(test_policy_names),
		cmocka_unit_test(test_caches),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_bind_generator_alone),
		cmocka_unit_test(test_none_restores_all),
		cmocka_unit_test(test_restricted),
		cmocka_unit_test(test_bind_in_threads),
		cmocka_unit_test(test_synthetic_cannot_bind),
		cmocka_unit_test(test_free_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
