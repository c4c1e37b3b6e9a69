/*
 * What people would otherwise use: sentences, title, figure and tables, with data
 * that make a claim true and data that do not.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/peers.h"
#include "harness/plot.h"
#include "harness/plot_internal.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_summary.h"

#define SIZES 4
static const uint64_t task_ns[SIZES] = {10000, 100000, 1000000, 10000000};

/* Efficiency in percent, by duration, 0: not measured; it may waver. */
struct contestant {
	const char *model;
	int percent[SIZES];
	int wavers; /* +- so much from block to block */
	bool fails; /* every slice ends late */
};

static struct run_results run;
static struct summary s;
static struct view v;
static char *said;

static int teardown(void **state)
{
	(void)state;
	free(said);
	said = NULL;
	view_done(&v);
	fake_summary_done(&run, &s);
	return 0;
}

static bool is_peer(const char *model)
{
	return strchr(model, ':') || strcmp(model, "openmp") == 0;
}

static void add(const struct contestant *c, uint32_t block, size_t size,
		size_t sizes)
{
	bool serial = strcmp(c->model, "serial") == 0;
	double unit = 100e9 / (double)task_ns[size];
	int percent = c->percent[size] + (block % 2 ? c->wavers : -c->wavers);
	struct slice_result r = {
		.cell = {.experiment = "peers",
			 .size = task_ns[size] / 1000,
			 .workers = serial ? 1 : 2,
			 .depth = 16},
		.cell_index = (uint32_t)(run.n % 64),
		.block = block,
		.tasks = (uint64_t)(unit * (serial ? 1 : 2) * percent / 100),
		.window_ns = 100 * NS_PER_S,
		.unstamped = is_peer(c->model),
	};

	if (c->percent[size] == 0)
		return;
	if (c->fails) {
		r.tasks = 0;
		r.status = SLICE_LATE;
	}
	strcpy(r.cell.model, c->model);
	strcpy(r.cell.workload, sizes > 1 ? "pbkdf2" : "nop");
	assert_int_equal(results_add(&run, &r), 0);
}

/* Measure @n of them and serial, in the first @sizes. */
static void measure(const struct contestant *c, size_t n, size_t sizes,
		    uint32_t blocks)
{
	static const struct contestant serial = {
		"serial", {100, 100, 100, 100}, 0, false};

	view_done(&v);
	fake_summary_done(&run, &s);
	run = (struct run_results){
		.info = {.processors = 2, .blocks_done = blocks}};
	strcpy(run.info.baseline, "serial");
	strcpy(run.info.reference, "pool");
	strcpy(run.info.peers, "node:fork 20.1.2; openmp 2015.11");
	strcpy(run.info.absent_peers, "tbb: no peers/tbb here (apt-get <it>)");
	for (uint32_t b = 1; b <= blocks; b++) {
		for (size_t k = 0; k < sizes; k++) {
			add(&serial, b, k, sizes);
			for (size_t i = 0; i < n; i++)
				add(&c[i], b, k, sizes);
		}
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "peers", 0, &v), 0);
}

static const char *say(const struct contestant *c, size_t n, size_t sizes,
		       uint32_t blocks)
{
	size_t size;
	FILE *out;

	measure(c, n, sizes, blocks);
	free(said);
	out = open_memstream(&said, &size);
	answer_say_peers(&v, out);
	fclose(out);
	return said;
}

static const char *title(void)
{
	static char buf[160];

	title_peers(&v, buf, sizeof(buf));
	return buf;
}

#define ROW(name, ...)                                                         \
	{                                                                      \
		name, {__VA_ARGS__}, 0, false                                  \
	}
#define POOL ROW("pool", 90, 95, 99, 100)
#define ALWAYS_POOL ROW("pool", 96, 98, 99, 100)
#define FORK ROW("node:fork", 20, 60, 95, 99)
#define NEVER_FORK ROW("node:fork", 2, 5, 50, 90)

/* 95 % efficient in four of seven blocks, and nowhere in the others. */
static const struct contestant wavering[] = {
	{"pool", {70, 90, 99, 100}, 10, false},
	{"node:fork", {60, 80, 99, 100}, 10, false}};

static void what_wastes_the_machine(void **state)
{
	static const struct contestant both[] = {POOL, FORK};
	static const struct contestant beyond[] = {ALWAYS_POOL, NEVER_FORK};
	static const struct contestant reversed[] = {
		ROW("pool", 20, 60, 95, 99), ROW("node:fork", 90, 95, 99, 100)};

	(void)state;
	assert_string_equal(
		say(both, 2, SIZES, 6),
		"Node's child_process.fork wastes more than 5 % of the machine "
		"below tasks of 1.00 ms [1.00 ms, 1.00 ms]; our pool below "
		"tasks of 100 µs [100 µs, 100 µs].");
	assert_string_equal(title(), "95 % efficient: Node's "
				     "child_process.fork needs longer tasks "
				     "than pool");
	/* Never more than was measured. */
	assert_string_equal(
		say(beyond, 2, SIZES, 6),
		"Node's child_process.fork wastes more than 5 % of the machine "
		"still at tasks of 10.0 ms; our pool nowhere from tasks of "
		"10.0 µs on.");
	/* It is said of us, too, but is no title. */
	assert_non_null(strstr(say(reversed, 2, SIZES, 6),
			       "our pool below tasks of 1.00 ms"));
	assert_string_equal(title(), title_neutral_peers);
}

static void what_cannot_be_told_is_not_said(void **state)
{
	static const struct contestant both[] = {POOL, FORK};
	static const struct contestant same[] = {
		POOL, ROW("node:fork", 90, 95, 99, 100)};
	static const struct contestant others[] = {
		POOL, ROW("openmp", 50, 60, 95, 99)};

	(void)state;
	assert_string_equal(say(both, 2, SIZES, 5), "");
	assert_string_equal(title(), title_neutral_peers);
	assert_string_equal(say(same, 2, SIZES, 6), "");
	/* Their medians differ, but their intervals meet. */
	assert_string_equal(say(wavering, 2, SIZES, 7), "");
	assert_string_equal(title(), title_neutral_peers);
	assert_string_equal(say(&both[1], 1, SIZES, 6), "");
	assert_string_equal(say(others, 2, SIZES, 6), "");
}

static void how_much_gets_done(void **state)
{
	static const struct contestant both[] = {
		{"pool", {90, 0, 0, 0}, 0, false},
		{"node:fork", {9, 0, 0, 0}, 0, false},
		{"python:pool", {90, 0, 0, 0}, 0, false}};

	(void)state;
	assert_string_equal(say(both, 3, 1, 12),
			    "Our pool does 10.0× [10.0, 10.0] of what "
			    "Node's child_process.fork does.");
	assert_string_equal(say(both, 3, 1, 3), "");
}

/* The best first; who did not work comes last, and says why. */
static void rows_are_in_order(void **state)
{
	static const struct contestant all[] = {
		FORK,
		{"node:cluster", {50, 50, 50, 50}, 0, true},
		ROW("openmp", 30, 60, 95, 99),
		POOL,
		ALWAYS_POOL};
	static const char *const order[] = {"pool", "openmp", "node:fork",
					    "serial", "node:cluster"};
	struct peers p;

	(void)state;
	measure(all, 4, SIZES, 6);
	assert_int_equal(peers_make(&v, &p), 0);
	assert_int_equal(p.n, 5);
	for (size_t i = 0; i < p.n; i++) {
		const struct peers_row *row = &p.rows[i];

		assert_string_equal(v.models[row->model], order[i]);
		assert_int_equal(row->ours, !is_peer(order[i]));
		assert_null(row->only);
		assert_ptr_equal(peers_find(&v, &p, order[i]), row);
	}
	assert_string_equal(p.rows[4].trouble, "late");
	assert_null(p.rows[4].curve);
	assert_null(peers_find(&v, &p, "tbb"));
	peers_done(&p);
}

static void a_peer_has_no_times(void **state)
{
	static const struct contestant both[] = {POOL, FORK};

	(void)state;
	measure(both, 2, SIZES, 6);
	for (size_t i = 0; i < s.n; i++) {
		if (is_peer(s.cells[i].spec.model)) {
			assert_true(s.cells[i].unstamped);
			assert_true(isnan(s.cells[i].phase_ns[PHASE_COMPUTE]));
			assert_true(isnan(s.cells[i].latency_mean_ns));
		}
	}
}

static void the_figure(void **state)
{
	static const struct contestant both[] = {ALWAYS_POOL, FORK};
	struct plot p;
	int missing;

	(void)state;
	measure(both, 2, SIZES, 6);
	assert_int_equal(plot_make(&v, &plot_peers, &p), 0);
	assert_non_null(strstr(p.script, "MODELS = 2\n"));
	/* Beyond what was measured: an arrow and no dot. */
	assert_non_null(strstr(p.script, "◄"));
	assert_non_null(strstr(p.script, "< 10 µs"));
	assert_non_null(strstr(p.data, "# pool\n136.0 ? ? ? ? ? ?\n"));
	assert_non_null(strstr(p.data, "# node:fork\n"));
	assert_non_null(strstr(p.data, " 1e+06 1e+06 1e+06 "));
	assert_non_null(strstr(p.alt, " pool: below 10.0 µs and below 10.0 µs. "
				      "node:fork: 1.00 ms and "));
	missing = fake_summary_draw(&p);
	plot_done(&p);

	/* A bound beyond it is the end of the axis. */
	measure(wavering, 2, SIZES, 7);
	assert_int_equal(plot_make(&v, &plot_peers, &p), 0);
	assert_non_null(strstr(p.data, " 1.15e+07 "));
	missing |= fake_summary_draw(&p);
	plot_done(&p);

	measure(both, 2, 1, 3);
	assert_int_equal(plot_make(&v, &plot_peers, &p), 0);
	assert_non_null(strstr(p.data, "# node:fork\n"));
	assert_non_null(strstr(p.data, " 40000 ? ? ? ? ?\n"));
	assert_non_null(strstr(p.alt, " pool: 192"));
	missing |= fake_summary_draw(&p);
	plot_done(&p);
	if (missing)
		skip();
}

static const char *report(void)
{
	size_t size;
	FILE *out;

	free(said);
	out = open_memstream(&said, &size);
	report_peers(&v, out);
	fclose(out);
	assert_null(strstr(said, "nan"));
	return said;
}

static void the_tables(void **state)
{
	static const struct contestant all[] = {
		ALWAYS_POOL, FORK, {"openmp", {50, 50, 50, 50}, 0, true}};
	const char *page;

	(void)state;
	measure(all, 3, SIZES, 6);
	page = report();
	assert_non_null(strstr(page, "pool</th><td class=\"word\">ours</td>"));
	assert_non_null(
		strstr(page, "node:fork</th><td class=\"word\">peer</td>"));
	assert_non_null(strstr(page, "20 % at 10.0 µs, 60 % at 100 µs, "));
	assert_non_null(strstr(page, "<td class=\"word\">late</td></tr>"));
	/* Who was there, and who was not. */
	assert_non_null(strstr(page, "<li>node:fork 20.1.2</li>\n"
				     "<li>openmp 2015.11</li>"));
	assert_non_null(strstr(page, "<li>tbb: no peers/tbb here (apt-get "
				     "&lt;it&gt;)</li>"));
	measure(all, 3, 1, 6);
	page = report();
	assert_non_null(strstr(page, "Peers, tasks per second"));
	assert_non_null(strstr(page, "<td>0.21</td>"));
}

#define TEST(test) cmocka_unit_test_teardown(test, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_wastes_the_machine),
		TEST(what_cannot_be_told_is_not_said),
		TEST(how_much_gets_done),
		TEST(rows_are_in_order),
		TEST(a_peer_has_no_times),
		TEST(the_figure),
		TEST(the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
