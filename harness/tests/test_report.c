/*
 * The page: whole, well formed, honest, the same every time.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/decision.h"
#include "harness/file.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/plot.h"
#include "harness/report.h"
#include "harness/tests/fake_summary.h"

static struct fake_model models[8];
static struct fake_recipe recipe;
static struct run_results run;
static struct summary s;
static char folder[64];
static char path_before[PATH_MAX];
static char *page;

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	recipe.models = models;
	recipe.blocks = 8;
	snprintf(path_before, sizeof(path_before), "%s", getenv("PATH"));
	fake_summary_folder(folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	setenv("PATH", path_before, 1);
	fake_summary_done(&run, &s);
	fake_summary_folder_remove(folder);
	free(page);
	page = NULL;
	return 0;
}

static void write_page(void)
{
	char path[PATH_MAX];
	size_t n;

	assert_int_equal(report_write(&s, folder), 0);
	snprintf(path, sizeof(path), "%s/report.html", folder);
	free(page);
	assert_int_equal(file_read(path, 1 << 26, &page, &n), 0);
}

/* The page without figures; with them, tests would take longer. */
static void make_page(void)
{
	fake_summary_make(&recipe, &run, &s);
	write_page();
}

#define assert_has(text)                                                       \
	do {                                                                   \
		if (!strstr(page, text))                                       \
			fail_msg("not in the page: %s", text);                 \
	} while (0)

#define assert_lacks(text)                                                     \
	do {                                                                   \
		if (strstr(page, text))                                        \
			fail_msg("in the page: %.60s", strstr(page, text));    \
	} while (0)

static int is_void(const char *tag)
{
	static const char *const tags[] = {"meta", "img", "br", "hr"};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (strcmp(tag, tags[i]) == 0)
			return 1;
	}
	return 0;
}

/* Every tag is closed, in the right order; every < and > belongs to one. */
static void assert_balanced(const char *html)
{
	char open[64][16];
	size_t depth = 0;

	for (const char *p = html; *p;) {
		char tag[16] = "";
		int closing;
		size_t n = 0;

		if (*p == '>')
			fail_msg("stray > at: %.40s", p);
		if (*p++ != '<')
			continue;
		if (*p == '!') {
			p += strcspn(p, ">") + 1;
			continue;
		}
		closing = *p == '/';
		p += closing;
		while (isalnum((unsigned char)*p) && n + 1 < sizeof(tag))
			tag[n++] = *p++;
		assert_true(n > 0);
		while (*p && *p != '>') {
			assert_true(*p != '<');
			p += *p == '"' ? strcspn(p + 1, "\"") + 2 : 1;
		}
		assert_int_equal(*p++, '>');
		if (closing) {
			assert_true(depth > 0);
			assert_string_equal(open[--depth], tag);
		} else if (!is_void(tag)) {
			assert_true(depth < ARRAY_LEN(open));
			strcpy(open[depth++], tag);
		}
		if (strcmp(tag, "style") == 0 && !closing)
			p = strstr(p, "</style>");
	}
	assert_int_equal(depth, 0);
}

static void test_well_formed(void **state)
{
	(void)state;
	make_page();
	assert_balanced(page);
	assert_has("<!DOCTYPE html>\n<html lang=\"en\">");
	assert_has("<meta charset=\"utf-8\">");
	assert_has("<title>manyhands: lab7, 2026");
	assert_int_equal(fake_summary_count(page, "<h1"), 1);
}

/* No heading skips a level. */
static void test_headings_in_order(void **state)
{
	int level = 0;

	(void)state;
	make_page();
	for (const char *p = strstr(page, "<h"); p; p = strstr(p + 1, "<h")) {
		if (p[2] < '1' || p[2] > '6')
			continue;
		assert_true(p[2] - '0' <= level + 1);
		level = p[2] - '0';
	}
	assert_true(level > 0);
}

static void test_self_contained(void **state)
{
	(void)state;
	make_page();
	assert_lacks("http:");
	assert_lacks("https:");
	assert_lacks("<script");
	assert_lacks("<link");
	assert_lacks("@import");
	assert_lacks("url(");
	assert_has("@media print");
	assert_has("prefers-color-scheme: dark");
}

static void test_no_false_numbers(void **state)
{
	static const char *const bad[] = {">nan",   "nan<", " nan",  "-nan",
					  ">inf",   "inf<", " inf ", "-inf",
					  "(null)", "NaN"};
	struct cell_summary *c;

	(void)state;
	fake_summary_make(&recipe, &run, &s);
	c = fake_summary_cell(&s, "cluster", "walk", 2);
	c->throughput_per_s = c->ratio = (struct estimate){NAN, NAN, NAN};
	c->efficiency = c->tasks_per_cpu_s = c->latency_mean_ns = NAN;
	c->peak_self_bytes = c->peak_child_bytes = NAN;
	c->percentiles = (struct latency_summary){.p50_ns = 0};
	for (int i = 0; i < PHASES; i++)
		c->phase_ns[i] = NAN;
	strcpy(c->trouble, "crashed:SEGV");
	run.info.host.load[0] = run.info.host.mhz = NAN;
	write_page();
	assert_balanced(page);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_lacks(bad[i]);
	assert_has("<td>2</td><td>–</td><td class=\"interval\"></td>"
		   "<td>–</td><td class=\"interval\"></td>"
		   "<td class=\"word\">–</td><td>–</td><td>–</td><td>–</td>"
		   "<td>–</td><td>–</td><td class=\"word\">crashed:SEGV</td>");
}

/* From one section to another; the caller frees it. */
static char *part_of_page(const char *from, const char *to)
{
	char first[64], last[64];
	char *begin, *end;

	snprintf(first, sizeof(first), "<section id=\"%s\">", from);
	snprintf(last, sizeof(last), "<section id=\"%s\">", to);
	begin = strstr(page, first);
	assert_non_null(begin);
	end = strstr(begin, last);
	assert_non_null(end);
	return strndup(begin, (size_t)(end - begin));
}

static void test_table(void **state)
{
	struct cell_summary *c;
	char cell[400], *tables;

	(void)state;
	make_page();
	tables = part_of_page("throughput", "breakdown");
	assert_int_equal(fake_summary_count(tables, "<table>"), 3);
	assert_int_equal(fake_summary_count(tables, "<caption>"), 3);
	/* One for each number of workers. */
	assert_int_equal(fake_summary_count(tables, "<tbody>"), 9);
	assert_int_equal(fake_summary_count(tables, "<th scope=\"row\""), 48);
	assert_int_equal(fake_summary_count(tables, "<th scope=\"col\""), 36);
	assert_int_equal(fake_summary_count(tables, "<th "), 84);
	assert_int_equal(fake_summary_count(tables, ">reference</td>"), 9);
	free(tables);
	c = fake_summary_cell(&s, "fork", "json", 4);
	snprintf(cell, sizeof(cell),
		 "<td>4</td><td>%s</td><td class=\"interval\">%s</td><td>%s",
		 number_plain(c->throughput_per_s.median).text,
		 number_interval(c->throughput_per_s.low,
				 c->throughput_per_s.high, number_plain)
				 .text +
			 1,
		 number_ratio(c->ratio.median).text);
	assert_has(cell);
	assert_has("<td class=\"word slower\">slower</td>");
	assert_has("<td class=\"word same\">no difference</td>");
	assert_has("<td>5.00 + 2.00</td>");
	/* All is well, so no column says so. */
	assert_lacks(">status</th>");
	assert_lacks(">ok</td>");
}

static void test_status(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	fake_summary_cell(&s, "fork", "json", 4)->failed = 3;
	write_page();
	assert_int_equal(fake_summary_count(page, ">status</th>"), 1);
	assert_has(">some tasks failed</td>");
}

/* Ratios hold together, and what cannot be told says what it would take. */
static void test_table_is_honest(void **state)
{
	struct cell_summary *c;
	char text[160];

	(void)state;
	fake_summary_make(&recipe, &run, &s);
	c = fake_summary_cell(&s, "fork", "json", 4);
	c->verdict = VERDICT_CANNOT_TELL;
	c->more_blocks = 30;
	c = fake_summary_cell(&s, "pool", "json", 4);
	c->verdict = VERDICT_CANNOT_TELL;
	c->more_blocks = 0; /* nobody knows */
	write_page();
	assert_has("The intervals of the ratios hold <a href=\"#family\">at "
		   "once</a> for all models with as many workers: up to 5 "
		   "comparisons.</caption>");
	assert_has(">cannot tell</td>");
	assert_has(">cannot tell<span class=\"interval\">(about 30 more "
		   "blocks)</span></td>");
	c = fake_summary_cell(&s, "pool", "walk", 2);
	snprintf(text, sizeof(text), "<td>%s<span class=\"interval\">%s</span>",
		 number_time((double)c->percentiles.p50_ns).text,
		 number_interval(c->percentiles.interval[0].low,
				 c->percentiles.interval[0].high, number_time)
				 .text +
			 1);
	assert_has(text);
}

static void test_one_comparison(void **state)
{
	(void)state;
	models[1] = models[4]; /* serial and threads */
	recipe.n_models = 2;
	make_page();
	assert_lacks("of the ratios hold");
}

/* The choices are in the page in the words of their rules, each with its data. */
static void test_choices(void **state)
{
	struct decision d;

	(void)state;
	make_page();
	assert_int_equal(decision_make(&s, &d), 0);
	assert_int_equal(d.n, 3);
	for (size_t i = 0; i < d.n; i++) {
		for (int need = 0; need < DECISION_NEEDS; need++) {
			char id[64];

			snprintf(id, sizeof(id), "#choice-%zu-%d\"", i, need);
			if (d.rows[i].choices[need].n == 0) {
				assert_lacks(id);
				continue;
			}
			assert_has(id);
			assert_has(decision_value(&d.rows[i],
						  (enum decision_need)need)
					   .text);
			assert_has(decision_price(&d.rows[i],
						  (enum decision_need)need)
					   .text);
		}
	}
	decision_done(&d);
	assert_has(">any of pool, threads</a>, 2 workers<span>no difference "
		   "that matters</span>");
	assert_has("these tasks, which compute (primes, walk, json)");
	/* Nobody waited in this run. */
	assert_lacks("Short waiting");
	assert_lacks("99 % done");
}

/* The first screen comes first, and the contents name all that there is. */
static void test_order(void **state)
{
	static const char *const order[] = {
		"answer", "decision", "trust",   "throughput", "choices",
		"scope",  "method",   "machine", "data",       "glossary",
	};
	const char *place;
	char text[64];

	(void)state;
	make_page();
	place = page;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		snprintf(text, sizeof(text), "<section id=\"%s\"", order[i]);
		place = strstr(place, text);
		assert_non_null(place);
		snprintf(text, sizeof(text), "<li><a href=\"#%s\">", order[i]);
		assert_has(text);
	}
	assert_int_equal(fake_summary_count(page, "<section id="),
			 fake_summary_count(page, "<li><a href=\"#"));
}

static void test_same_sentences(void **state)
{
	struct answer a;
	struct notes notes;

	(void)state;
	make_page();
	assert_int_equal(answer_make(&s, &a), 0);
	assert_int_equal(a.n, 4);
	for (size_t i = 0; i < a.n; i++)
		assert_has(a.items[i].text);
	answer_done(&a);
	notes_make(&s, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		char *text;
		size_t n;
		FILE *out = open_memstream(&text, &n);

		html_escape(out, notes.items[i].text);
		fclose(out);
		assert_has(text);
		free(text);
	}
}

static void test_background(void **state)
{
	(void)state;
	make_page();
	assert_has("least 20 ms to settle, then a window of 200 ms");
	assert_has("(seed 42)");
	assert_has("<code>build/manyhands run --blocks 12</code>");
	assert_has("<dt>Processor</dt><dd>Example CPU @ 2.70GHz</dd>");
	assert_has("<dt>Level 1 cache, Data</dt><dd>32.0 KiB, shared by 1 "
		   "processor</dd>");
	assert_lacks("CPU quota"); /* there is none */
	assert_has(">┌ Package 0 ┐\n│ Core 0 w0 │\n└───────────┘\n</pre>");
	assert_lacks("Frequency governor");
	assert_has("href=\"results.json\"");
	assert_has("href=\"slices.csv\"");
	assert_has("href=\"latency/\"");
}

/* What the run recorded, and not a word of what it did not do. */
static void test_method_of_usual_run(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	run.info.looks = 3;
	strcpy(run.info.stopped, "precise");
	run.info.clock_cost_ns = 25;
	run.info.clock_hop_ns = 80;
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].wall_ns = 400 * NS_PER_MS;
	write_page();
	assert_has("<p>8 <a href=\"#block\">blocks</a>, each with each of 48 ");
	assert_has("After 12 blocks, and then now and again, the run ");
	assert_has("known to within 3.0 %.  Looks of this run: 3.  At the last "
		   "one it was so.</p>");
	assert_has("more than 10 % of its processors' time.  It is repeated "
		   "whole");
	assert_has("Here 0 of 8 blocks were noisy, and 8 count.");
	assert_has("drawn 2\u202f000 times; there are none from fewer than 6 ");
	assert_has("read at most 5 times for each task, 25 ns each; tasks ");
	assert_has("a stamp took 80 ns at least and arrived before it had left "
		   "0 times.");
	assert_has("the slices took, 50 % were windows");
	assert_has("The load is a <a href=\"#closed\">closed loop</a>");
	assert_has("Of the 9 groups of this run");
	assert_lacks("Left out");
	assert_lacks("The time allowed");
	assert_lacks("fixed beforehand: nobody");
	assert_lacks("trace.json");
}

static void test_method_of_other_run(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	run.info.exact = true;
	strcpy(run.info.stopped, "budget");
	strcpy(run.info.pruned, "load <primes>: 5 of 25 cells");
	run.info.budget_ns = 90 * NS_PER_S;
	run.info.clock_cost_ns = run.info.clock_hop_ns = -1;
	run.info.clock_backwards = -1;
	s.n_noisy = 2;
	s.n_counting = 6;
	fake_summary_trace(&run);
	write_page();
	assert_has("The number of blocks was fixed beforehand: nobody ");
	assert_has("It ended because its time was used up.  The time allowed "
		   "was 90 s.</p>");
	assert_has("no time for it: load &lt;primes&gt;: 5 of 25 cells.");
	assert_has("Here 2 of 8 blocks were noisy, and 6 count.");
	assert_has("What a reading of the clock costs is not known.</p>");
	assert_has("<a href=\"trace.json\">trace.json</a>: who");
	assert_lacks("It is repeated whole");
	assert_lacks("Looks of this run");
	assert_lacks("were windows that count");
}

/* Waiting is shown where it was measured, and only there. */
static void test_scope_with_load(void **state)
{
	(void)state;
	fake_summary_run(&recipe, &run);
	for (size_t i = 0; i < run.n; i++) {
		struct cell_spec *cell = &run.slices[i].cell;

		if (strcmp(cell->workload, "json") != 0)
			continue;
		strcpy(cell->experiment, "load");
		strcpy(cell->load_of, "slowest");
		cell->load_percent = 70;
		cell->interval_ns = NS_PER_MS;
		run.slices[i].offered = run.slices[i].tasks;
	}
	assert_int_equal(summary_make(&run, &s), 0);
	write_page();
	assert_has("only the <a href=\"#open\">open loop</a> shows.");
	assert_has("<th scope=\"col\">Short waiting<span>");
	assert_has("ms], at 70 % load</span>");
	assert_lacks("it does not show");
	assert_balanced(page);
}

/* Every link to a place in the page finds it, and no id is there twice. */
static void test_links(void **state)
{
	(void)state;
	make_page();
	for (char *p = strstr(page, "href=\"#"); p;
	     p = strstr(p + 1, "href=\"#")) {
		char id[64];

		snprintf(id, sizeof(id), " id=\"%.*s\"",
			 (int)strcspn(p + 7, "\""), p + 7);
		assert_has(id);
	}
	for (char *p = strstr(page, " id=\""); p; p = strstr(p + 1, " id=\"")) {
		char id[64];

		snprintf(id, sizeof(id), "%.*s",
			 (int)(strcspn(p + 5, "\"") + 6), p);
		assert_int_equal(fake_summary_count(page, id), 1);
	}
}

static void test_escaped(void **state)
{
	static const char *const workloads[] = {"<img src=x>"};

	(void)state;
	recipe.workloads = workloads;
	recipe.n_workloads = 1;
	models[1].name = "</table><b>&\"'";
	fake_summary_make(&recipe, &run, &s);
	strcpy(run.info.command, "run '<a>' \"$(x)\" && </code>");
	strcpy(run.info.host.name, "<i>host</i>");
	write_page();
	assert_balanced(page);
	assert_lacks("<img src=x>");
	assert_lacks("</table><b>");
	assert_lacks("<i>host");
	assert_has("&lt;/table&gt;&lt;b&gt;&amp;&quot;&#39;");
	assert_has("&amp;&amp; &lt;/code&gt;</code>");
}

static void test_without_figures(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	setenv("PATH", "", 1);
	assert_int_equal(plot_all(&s, folder, NULL, 0), -ENOENT);
	write_page();
	assert_balanced(page);
	assert_lacks("<img");
	assert_int_equal(fake_summary_count(page, "The figure is missing."),
			 12);
	assert_has("apt-get install gnuplot-nox");
	/* Those of the workloads, and the one behind the choices. */
	assert_int_equal(fake_summary_count(page, "<table>"), 4);
}

static void test_with_figures(void **state)
{
	char error[256], *before;

	(void)state;
	recipe.n_workloads = 1;
	fake_summary_make(&recipe, &run, &s);
	if (plot_all(&s, folder, error, sizeof(error)) == -ENOENT)
		skip();
	write_page();
	assert_balanced(page);
	assert_int_equal(fake_summary_count(
				 page, "src=\"data:image/svg+xml;base64,PD94"),
			 4);
	assert_int_equal(fake_summary_count(page, "<figcaption>Figure "), 4);
	assert_lacks("The figure is missing.");
	/* The alternative text has the median of a cell. */
	assert_has(number_plain(fake_summary_cell(&s, "pool", "primes", 4)
					->throughput_per_s.median)
			   .text);
	assert_has("<img alt=\"Line chart of throughput, primes.");
	before = strdup(page);
	assert_int_equal(plot_all(&s, folder, error, sizeof(error)), 0);
	write_page();
	assert_string_equal(before, page);
	free(before);
}

static void test_without_drawing(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	run.info.topology[0] = '\0';
	write_page();
	assert_lacks("<pre class=\"drawing\"");
	assert_lacks("with a worker on each");
}

/* Nothing was measured at all: still a page, without claims. */
static void test_empty_run(void **state)
{
	(void)state;
	recipe.blocks = 0;
	make_page();
	assert_balanced(page);
	assert_lacks("<figure>");
	assert_lacks("<h3>");
	assert_lacks("fastest");
	assert_has("<h2>Machine and build</h2>");
}

static void test_no_folder(void **state)
{
	(void)state;
	fake_summary_make(&recipe, &run, &s);
	assert_true(report_write(&s, "/nonexistent/folder") < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_well_formed),
		TEST(test_headings_in_order),
		TEST(test_self_contained),
		TEST(test_no_false_numbers),
		TEST(test_table),
		TEST(test_status),
		TEST(test_table_is_honest),
		TEST(test_one_comparison),
		TEST(test_choices),
		TEST(test_order),
		TEST(test_same_sentences),
		TEST(test_background),
		TEST(test_links),
		TEST(test_method_of_usual_run),
		TEST(test_method_of_other_run),
		TEST(test_scope_with_load),
		TEST(test_escaped),
		TEST(test_without_figures),
		TEST(test_with_figures),
		TEST(test_without_drawing),
		TEST(test_empty_run),
		TEST(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
