/*
 * Payload: what the points are, what is said of them, table and figure.
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
#include "harness/payload.h"
#include "harness/plot_internal.h"
#include "harness/report_internal.h"
#include "harness/tests/fake_summary.h"

#define KIB 1024

static const uint64_t sizes[] = {0, 4 * KIB, 256 * KIB, 1024 * KIB};
#define SIZES ARRAY_LEN(sizes)

/* What a carrier takes to move each of the sizes; 0: not measured. */
struct fake_carrier {
	const char *runs;
	double move_us[SIZES];
	bool wavers; /* twice as long in some blocks, half in others */
};

enum {
	HTTP,
	POINTER,
	PIPE,
	SHM,
	CARRIERS
};

static struct fake_carrier fakes[CARRIERS];
static uint32_t n_blocks;
static struct run_results run;
static struct summary s;
static struct view v;
static struct payload p;
static char *said;

static int setup(void **state)
{
	static const struct fake_carrier usual[CARRIERS] = {
		{"carry:http", {40, 45, 200, 900}, false},
		{"carry:pointer", {20, 20, 20, 20}, false},
		{"carry:pipe", {20, 20, 150, 600}, false},
		{"carry:shm", {20, 20, 20, 20}, false},
	};

	(void)state;
	memcpy(fakes, usual, sizeof(fakes));
	n_blocks = 12;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	payload_done(&p);
	view_done(&v);
	fake_summary_done(&run, &s);
	free(said);
	said = NULL;
	return 0;
}

/* A quarter of a microsecond a KiB. */
static double work_us(size_t size)
{
	return 0.25 * (double)sizes[size] / KIB;
}

static void add(const struct fake_carrier *f, size_t size, uint32_t block)
{
	struct cell_spec cell = {.workers = 1, .depth = 1, .size = sizes[size]};
	struct slice_result r;
	/* Fast and slow blocks, the same for all. */
	double weather = 1 + 0.1 * (block % 3);
	double own = f->wavers ? block % 2 + 0.5 : 1;
	double ns = 1000 * weather;

	if (!(f->move_us[size] > 0))
		return;
	strcpy(cell.experiment, "payload");
	strcpy(cell.model, f->runs);
	strcpy(cell.runs, f->runs);
	strcpy(cell.workload, "bytes");
	r = slice_result_of(&cell);
	r.block = block;
	r.cell_index = (uint32_t)(size * CARRIERS + (size_t)(f - fakes));
	r.window_ns = NS_PER_S;
	r.tasks = 100;
	r.submitted = r.ended[TASK_OK] = 200; /* as many before the window */
	r.user_ns = (uint64_t)(300e3 * (f->move_us[size] + work_us(size)));
	r.system_ns = (uint64_t)(100e3 * (f->move_us[size] + work_us(size)));
	r.switches_voluntary = (uint64_t)(100 * f->move_us[size]);
	r.phase_sum_ns[PHASE_QUEUE] = 7 * 100000; /* no matter */
	r.phase_sum_ns[PHASE_DISPATCH] =
		(uint64_t)(100 * 0.75 * f->move_us[size] * own * ns);
	r.phase_sum_ns[PHASE_COMPUTE] = (uint64_t)(100 * work_us(size) * ns);
	r.phase_sum_ns[PHASE_RETURN] =
		(uint64_t)(100 * 0.25 * f->move_us[size] * own * ns);
	assert_int_equal(results_add(&run, &r), 0);
}

static void measure(void)
{
	run.info.processors = 2;
	run.info.blocks_done = n_blocks;
	strcpy(run.info.reference, "threads");
	/* The largest first: order is not to matter. */
	for (uint32_t block = 1; block <= n_blocks; block++) {
		for (size_t i = SIZES; i-- > 0;) {
			for (size_t k = 0; k < CARRIERS; k++)
				add(&fakes[k], i, block);
		}
	}
	assert_int_equal(summary_make(&run, &s), 0);
	assert_int_equal(view_make(&s, "payload", 0, &v), 0);
}

static void write_said(void (*write)(const struct view *v, FILE *out))
{
	size_t size;
	FILE *out = open_memstream(&said, &size);

	assert_non_null(out);
	write(&v, out);
	assert_int_equal(fclose(out), 0);
	assert_unsaid("nan");
}

static void speak(void)
{
	measure();
	write_said(answer_say_payload);
}

static bool near(double x, double y)
{
	return fabs(x - y) < 0.005 * fabs(y) + 1e-9;
}

static void points_have_times_and_ratios(void **state)
{
	const struct payload_point *at;

	(void)state;
	fakes[SHM].move_us[1] = 0;
	measure();
	assert_int_equal(payload_make(&v, &p), 0);
	assert_int_equal(p.n_carriers, CARRIERS);
	assert_int_equal(p.n_bytes, SIZES);
	assert_string_equal(p.carriers[0]->name, "pointer");
	assert_int_equal(payload_find(&p, "carry:pipe"), CARRIERS);
	for (size_t i = 0; i < SIZES; i++)
		assert_int_equal(p.bytes[i], sizes[i]);

	at = payload_at(&p, payload_find(&p, "pipe"), 3);
	assert_true(near(at->move_ns.median, 660e3));
	assert_true(near(at->move_ns.low, 600e3));
	assert_true(near(at->move_ns.high, 720e3));
	assert_true(near(at->work_ns.median, 1.1 * 256e3));
	assert_true(near(at->ratio.median, 856.0 / 276));
	assert_true(near(at->ratio.low, 856.0 / 276));
	assert_true(payload_more(&at->ratio));
	assert_true(near(at->cpu_ns.median, 2 * 856e3));
	assert_true(near(at->cpu_ratio.median, 856.0 / 276));
	assert_true(near(at->sleeps.median, 0.5 * 600));
	assert_false(payload_more(
		&payload_at(&p, payload_find(&p, "shm"), 3)->ratio));
	assert_true(isnan(payload_at(&p, 0, 3)->ratio.median));
	assert_true(isnan(
		payload_at(&p, payload_find(&p, "shm"), 1)->move_ns.median));
}

static void says_who_is_slower_from_where_on(void **state)
{
	(void)state;
	speak();
	assert_said("Surely slower than a thread with a pointer: http with any "
		    "number of bytes, pipe from 256 KiB on; not shown for "
		    "shm.  Up to 1 MiB each way were measured.");
	assert_said("  With 1 MiB a task takes 4.19× [4.19, 4.19] as long by "
		    "http as by pointer.  With 1 MiB a task takes 4.19× [4.19, "
		    "4.19] as much processor time by http as by pointer.");
	assert_said(
		"  A task that works for 100 µs and brings 256 KiB to 1 MiB "
		"by pipe spends more time on moving than on working: "
		"165 µs [150 µs, 180 µs] with 256 KiB.");
}

static void names_carriers_together(void **state)
{
	(void)state;
	fakes[SHM].move_us[2] = 70;
	fakes[SHM].move_us[3] = 80;
	speak();
	assert_said("pointer: http with any number of bytes, shm and pipe from "
		    "256 KiB on.  Up to");
}

/* Slower with some bytes and not with more: nothing is said of "on". */
static void wants_all_larger_ones_too(void **state)
{
	(void)state;
	fakes[PIPE].move_us[3] = 20;
	speak();
	assert_said("; not shown for shm and pipe.");
	assert_unsaid("by pipe");
}

static void claims_nothing_that_wavers(void **state)
{
	(void)state;
	for (size_t k = 0; k < CARRIERS; k++)
		fakes[k].wavers = k != POINTER;
	fakes[HTTP].move_us[3] = fakes[PIPE].move_us[3] = 22;
	speak();
	assert_said("Not shown to be slower than a thread with a pointer: shm, "
		    "pipe and http.");
	assert_unsaid("as long");
	assert_unsaid("more time on moving");
	teardown(NULL);
	setup(NULL);
	/* Dearer than 100 µs in most blocks, but not surely. */
	fakes[PIPE] =
		(struct fake_carrier){"carry:pipe", {20, 20, 20, 150}, true};
	speak();
	assert_said("pipe from 1 MiB on");
	assert_unsaid("more time on moving");
}

/* Without intervals there is nothing to say; nor with the pointer alone. */
static void says_nothing_without_data(void **state)
{
	(void)state;
	n_blocks = 5;
	speak();
	assert_string_equal(said, "");
	teardown(NULL);
	setup(NULL);
	for (size_t k = 0; k < CARRIERS; k++) {
		for (size_t i = 0; k != POINTER && i < SIZES; i++)
			fakes[k].move_us[i] = 0;
	}
	speak();
	assert_string_equal(said, "");
}

/* If tasks without bytes take as long, the bytes are not what is dear. */
static void takes_a_longer_task_where_wake_ups_are_slow(void **state)
{
	(void)state;
	fakes[PIPE] = (struct fake_carrier){
		"carry:pipe", {120, 130, 900, 3000}, false};
	speak();
	assert_said("A task that works for 1 ms and brings 1 MiB by pipe");
	assert_unsaid("100 µs and");
}

static void expect_title(const char *title)
{
	char buf[160];

	title_payload(&v, buf, sizeof(buf));
	assert_string_equal(buf, title);
}

static void title_claims_what_is_sure(void **state)
{
	(void)state;
	measure();
	expect_title(
		"1 MiB there and back: 990 µs by http, 22.0 µs by pointer");
	teardown(NULL);
	setup(NULL);
	n_blocks = 5;
	measure();
	expect_title(title_neutral_payload);
	teardown(NULL);
	setup(NULL);
	/* Side by side surely slower, but the times as such overlap. */
	fakes[POINTER].move_us[3] = 200;
	fakes[POINTER].wavers = true;
	fakes[HTTP].move_us[3] = 320;
	fakes[PIPE].move_us[3] = 20;
	measure();
	expect_title(title_neutral_payload);
}

static void table_has_every_point(void **state)
{
	(void)state;
	fakes[HTTP].move_us[1] = 0;
	measure();
	write_said(report_payload);
	assert_said("<td>1 MiB</td><th scope=\"row\" style=\"--model:#D55E00\">"
		    "pipe</th><td>4</td><td>660 µs</td><td class=\"interval\">"
		    "[600 µs, 720 µs]</td><td>282 µs</td><td>3.10×</td>"
		    "<td class=\"interval\">[3.10×, 3.10×]</td><td>1.71 ms</td>"
		    "<td class=\"interval\">[1.71 ms, 1.71 ms]</td>"
		    "<td>3.10×</td><td class=\"interval\">[3.10×, 3.10×]</td>"
		    "<td>300</td></tr>");
	assert_int_equal(fake_summary_count(said, "<tr><td>"),
			 SIZES * CARRIERS);
}

static void figure_has_every_line(void **state)
{
	struct plot plot;
	int missing = 0;

	(void)state;
	for (n_blocks = 1; n_blocks <= 12; n_blocks += 11) {
		fakes[PIPE].move_us[1] = 0;
		measure();
		assert_int_equal(plot_make(&v, &plot_payload, &plot), 0);
		assert_non_null(strstr(plot.alt, " pipe: 2"));
		assert_non_null(strstr(plot.alt, " with 0 B, "));
		assert_null(strstr(plot.alt, "–"));
		assert_int_equal(fake_summary_count(plot.data, "nan"), 0);
		missing |= fake_summary_draw(&plot);
		plot_done(&plot);
		teardown(NULL);
	}
	if (missing)
		skip();
}

static void one_size_is_no_line(void **state)
{
	struct plot plot;

	(void)state;
	for (size_t k = 0; k < CARRIERS; k++) {
		for (size_t i = 1; i < SIZES; i++)
			fakes[k].move_us[i] = 0;
	}
	measure();
	assert_int_equal(plot_make(&v, &plot_payload, &plot), -ENODATA);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(points_have_times_and_ratios),
		TEST(says_who_is_slower_from_where_on),
		TEST(names_carriers_together),
		TEST(wants_all_larger_ones_too),
		TEST(claims_nothing_that_wavers),
		TEST(says_nothing_without_data),
		TEST(takes_a_longer_task_where_wake_ups_are_slow),
		TEST(title_claims_what_is_sure),
		TEST(table_has_every_point),
		TEST(figure_has_every_line),
		TEST(one_size_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
