#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/placement.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct placement *plan(const char *policy, uint32_t workers,
			      const char *synthetic)
{
	struct placement *p = NULL;

	assert_int_equal(placement_plan(policy, workers, synthetic, &p), 0);
	return p;
}

static int last_cpu(const cpu_set_t *set)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET((size_t)cpu, set))
		cpu--;
	return cpu;
}

static void expect_drawing(const char *policy, uint32_t workers,
			   const char *synthetic, int utf8, const char *wanted)
{
	struct placement *p = plan(policy, workers, synthetic);
	char *text = placement_draw(p, utf8);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
	placement_free(p);
}

static void test_draw_packages(void **state)
{
	(void)state;
	expect_drawing(
		"scatter", 3,
		"pack:2 numa:1 l3:1(size=33554432) l2:2(size=1310720) core:1 pu:2",
		1,
		"2 packages · 2 NUMA nodes · 4 cores · 8 PUs\n"
		"\n"
		"┌ Package 0 · NUMA node 0 · L3 32 MiB ┐\n"
		"│ each core has L2 1.25 MiB           │\n"
		"│ Core 0   P0 w0    P1 ·              │\n"
		"│ Core 1   P2 w2    P3 ·              │\n"
		"└─────────────────────────────────────┘\n"
		"┌ Package 1 · NUMA node 1 · L3 32 MiB ┐\n"
		"│ each core has L2 1.25 MiB           │\n"
		"│ Core 2   P4 w1    P5 ·              │\n"
		"│ Core 3   P6 gen   P7 ·              │\n"
		"└─────────────────────────────────────┘\n"
		"\n"
		"P processing unit, with the kernel's number · w worker · gen load generator\n"
		"· free\n");
}

static void test_draw_shared(void **state)
{
	(void)state;
	expect_drawing(
		"compact", 9, "numa:2 core:2 pu:1", 1,
		"2 NUMA nodes · 4 cores · 4 PUs\n"
		"\n"
		"┌ NUMA node 0 ─────────┐\n"
		"│ Core 0   P0 w0 w4 w8 │\n"
		"│ Core 1   P1 w1 w5    │\n"
		"└──────────────────────┘\n"
		"┌ NUMA node 1 ─────────┐\n"
		"│ Core 2   P2 w2 w6    │\n"
		"│ Core 3   P3 w3 w7    │\n"
		"└──────────────────────┘\n"
		"\n"
		"No usable PU is spare: gen shares them with the workers.\n"
		"P processing unit, with the kernel's number · w worker · gen load generator\n");
}

static void test_draw_ascii(void **state)
{
	(void)state;
	expect_drawing(
		"core", 3, "pack:1 l3:2(size=16777216) core:2 pu:2", 0,
		"1 package, 1 NUMA node, 4 cores, 8 PUs\n"
		"\n"
		"+ Package 0, NUMA node 0 ----+\n"
		"| + L3 16 MiB -------------+ |\n"
		"| | Core 0   P0 w0    P1 . | |\n"
		"| | Core 1   P2 w1    P3 . | |\n"
		"| +------------------------+ |\n"
		"| + L3 16 MiB -------------+ |\n"
		"| | Core 2   P4 w2    P5 . | |\n"
		"| | Core 3   P6 gen   P7 . | |\n"
		"| +------------------------+ |\n"
		"+----------------------------+\n"
		"\n"
		"P processing unit, with the kernel's number, w worker, gen load generator\n"
		". free\n");
}

static void test_draw_columns(void **state)
{
	(void)state;
	expect_drawing(
		"0,7", 2, "core:10 pu:2", 1,
		"1 NUMA node · 10 cores · 20 PUs\n"
		"\n"
		"┌ NUMA node 0 ─────────────────────────────────────────────┐\n"
		"│ Core 0   P0  w0    P1  ·       Core 1   P2  gen   P3  ·  │\n"
		"│ Core 2   P4  ·     P5  ·       Core 3   P6  ·     P7  w1 │\n"
		"│ Core 4   P8  ·     P9  ·       Core 5   P10 ·     P11 ·  │\n"
		"│ Core 6   P12 ·     P13 ·       Core 7   P14 ·     P15 ·  │\n"
		"│ Core 8   P16 ·     P17 ·       Core 9   P18 ·     P19 ·  │\n"
		"└──────────────────────────────────────────────────────────┘\n"
		"\n"
		"P processing unit, with the kernel's number · w worker · gen load generator\n"
		"· free\n");
}

static void test_draw_not_pinned(void **state)
{
	(void)state;
	expect_drawing(
		"none", 20, "pu:1", 0,
		"1 NUMA node, 1 PU\n"
		"\n"
		"+ NUMA node 0 +\n"
		"| P0 .        |\n"
		"+-------------+\n"
		"\n"
		"Not pinned, on any usable PU: w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14\n"
		"  w15 w16 w17 w18 w19 gen\n"
		"P processing unit, with the kernel's number, w worker, gen load generator\n"
		". free\n");
}

static void test_draw_wrapped(void **state)
{
	(void)state;
	expect_drawing(
		"compact", 60, "core:1 pu:2", 1,
		"1 NUMA node · 1 core · 2 PUs\n"
		"\n"
		"┌ NUMA node 0 ───────────────────────────────────────────────────────────────┐\n"
		"│ Core 0   P0 w0 w2 w4 w6 w8 w10 w12 w14 w16 w18 w20 w22 w24 w26 w28 w30 w32 │\n"
		"│             w34 w36 w38 w40 w42 w44 w46 w48 w50 w52 w54 w56 w58            │\n"
		"│          P1 w1 w3 w5 w7 w9 w11 w13 w15 w17 w19 w21 w23 w25 w27 w29 w31 w33 │\n"
		"│             w35 w37 w39 w41 w43 w45 w47 w49 w51 w53 w55 w57 w59            │\n"
		"└────────────────────────────────────────────────────────────────────────────┘\n"
		"\n"
		"No usable PU is spare: gen shares them with the workers.\n"
		"P processing unit, with the kernel's number · w worker · gen load generator\n");
}

/* Begin an object of hwloc's XML, which holds the processors @cpus. */
static void put_xml(FILE *f, const char *type, int number, unsigned cpus)
{
	static int id;

	fprintf(f,
		"<object type=\"%s\" os_index=\"%d\" gp_index=\"%d\""
		" cpuset=\"0x%x\" complete_cpuset=\"0x%x\""
		" nodeset=\"0x1\" complete_nodeset=\"0x1\"",
		type, number, ++id, cpus, cpus);
}

/*
 * A machine that no synthetic description can say: cores 0 and 1 have two PUs
 * each, cores 2 and 3 one and a smaller L2.
 */
static void put_hybrid(FILE *f)
{
	static const unsigned cores[] = {0x3, 0xc, 0x10, 0x20};

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
	      "<topology version=\"2.0\">",
	      f);
	put_xml(f, "Machine", 0, 0x3f);
	fputs(" allowed_cpuset=\"0x3f\" allowed_nodeset=\"0x1\">", f);
	put_xml(f, "NUMANode", 0, 0x3f);
	fputs(" local_memory=\"1024\"/>", f);
	for (int i = 0; i < 4; i++) {
		put_xml(f, "L2Cache", i, cores[i]);
		fprintf(f,
			" cache_size=\"%d\" depth=\"2\" cache_linesize=\"64\""
			" cache_associativity=\"8\" cache_type=\"0\">",
			i < 2 ? 2 << 20 : 1 << 20);
		put_xml(f, "Core", i, cores[i]);
		fputc('>', f);
		for (int cpu = 0; cpu < 6; cpu++) {
			if (!(cores[i] & 1U << cpu))
				continue;
			put_xml(f, "PU", cpu, 1U << cpu);
			fputs("/>", f);
		}
		fputs("</object></object>", f);
	}
	fputs("</object></topology>\n", f);
}

/* Make hwloc believe until the test ends that this is the machine. */
static int begin_hybrid(void **state)
{
	static char path[32];
	int fd;
	FILE *f;

	strcpy(path, "/tmp/test_placement.XXXXXX");
	fd = mkstemp(path);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -1;
	put_hybrid(f);
	*state = path;
	return fclose(f) || setenv("HWLOC_XMLFILE", path, 1);
}

static int end_hybrid(void **state)
{
	return unlink(*state) || unsetenv("HWLOC_XMLFILE");
}

static void test_hybrid(void **state)
{
	/* compact; scatter and core use every core before any sibling */
	static const int orders[3][6] = {
		{0, 1, 2, 3, 4, 5}, {0, 2, 4, 5, 1, 3}, {0, 2, 4, 5, 1, 3}};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct placement *p = plan(placement_policies[k], 6, NULL);

		for (uint32_t w = 0; w < 6; w++)
			assert_int_equal(placement_cpu(p, w), orders[k][w]);
		placement_free(p);
	}
	expect_drawing(
		"core", 3, NULL, 1,
		"1 NUMA node · 4 cores · 6 PUs\n"
		"\n"
		"┌ NUMA node 0 ───────────┐\n"
		"│ each core has L2 2 MiB │\n"
		"│ Core 0   P0 w0    P1 · │\n"
		"│ Core 1   P2 w1    P3 · │\n"
		"│ each core has L2 1 MiB │\n"
		"│ Core 2   P4 w2         │\n"
		"│ Core 3   P5 gen        │\n"
		"└────────────────────────┘\n"
		"\n"
		"P processing unit, with the kernel's number · w worker · gen load generator\n"
		"· free\n");
}

static void test_draw_one_core(void **state)
{
	(void)state;
	expect_drawing(
		"compact", 1, "pack:2 l3:1(size=1572864) core:1 pu:1", 0,
		"2 packages, 1 NUMA node, 2 cores, 2 PUs\n"
		"\n"
		"+ NUMA node 0 ----------------+\n"
		"| + Package 0 --------------+ |\n"
		"| | the core has L3 1.5 MiB | |\n"
		"| | Core 0   P0 w0          | |\n"
		"| +-------------------------+ |\n"
		"| + Package 1 --------------+ |\n"
		"| | the core has L3 1.5 MiB | |\n"
		"| | Core 1   P1 gen         | |\n"
		"| +-------------------------+ |\n"
		"+-----------------------------+\n"
		"\n"
		"P processing unit, with the kernel's number, w worker, gen load generator\n");
}

/* How often the word @w@i stands in @text. */
static int count_worker(const char *text, uint32_t i)
{
	char word[16];
	int n = 0;
	size_t length = (size_t)snprintf(word, sizeof(word), " w%u", i);

	for (const char *s = text; (s = strstr(s, word)); s += length)
		n += s[length] < '0' || s[length] > '9';
	return n;
}

static int columns(const char *line, size_t bytes)
{
	int n = 0;

	for (size_t i = 0; i < bytes; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

static void test_draw_every_worker(void **state)
{
	static const char *const machines[] = {
		"pu:1",
		"core:2 pu:1",
		"pack:2 numa:2 core:8 pu:2",
		"pack:1 l3:2 core:4 pu:2",
		"pack:2 l3:8 core:8 pu:2",
		"pack:1 l2:2 core:4 pu:1",
		"core:70 pu:1",
		"core:2 pu:8",
	};
	static const uint32_t workers[] = {1, 2, 7, 64, 300};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(machines) * ARRAY_LEN(workers) * 4;
	     i++) {
		uint32_t n = workers[i / 4 % ARRAY_LEN(workers)];
		struct placement *p =
			plan(placement_policies[i % 4], n,
			     machines[i / 4 / ARRAY_LEN(workers)]);
		char *text = placement_draw(p, i % 3 > 0);

		assert_non_null(text);
		for (uint32_t w = 0; w <= n; w++)
			assert_int_equal(count_worker(text, w), w < n);
		for (char *s = text, *end; *s; s = end + 1) {
			end = strchr(s, '\n');
			assert_non_null(end);
			assert_true(columns(s, (size_t)(end - s)) <= 80);
		}
		free(text);
		placement_free(p);
	}
}

/* A processor that this process may not use is drawn, and marked. */
static void test_draw_barred(void **state)
{
	cpu_set_t all, one;
	struct placement *p;
	char *text, mark[16];

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	if (CPU_COUNT(&all) < 2)
		skip();
	CPU_ZERO(&one);
	CPU_SET((size_t)last_cpu(&all), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	p = plan("compact", 1, NULL);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	text = placement_draw(p, 0);
	assert_non_null(text);
	snprintf(mark, sizeof(mark), "P%d w0", last_cpu(&one));
	assert_non_null(strstr(text, mark));
	assert_non_null(strstr(text, ", 1 usable\n"));
	assert_non_null(strstr(text, "x not usable by this process\n"));
	free(text);
	placement_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draw_packages),
		cmocka_unit_test(test_draw_shared),
		cmocka_unit_test(test_draw_ascii),
		cmocka_unit_test(test_draw_columns),
		cmocka_unit_test(test_draw_not_pinned),
		cmocka_unit_test(test_draw_wrapped),
		cmocka_unit_test(test_draw_one_core),
		cmocka_unit_test(test_draw_every_worker),
		cmocka_unit_test(test_draw_barred),
		cmocka_unit_test_setup_teardown(test_hybrid, begin_hybrid,
						end_hybrid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
