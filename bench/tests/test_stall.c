/*
 * The open loop in front of workers with a known stall, in real time.
 *
 *	test_stall		a short look: nothing of the stall is missed
 *	test_stall SECONDS	prints p99 beside theory, a row a model
 *
 * The same in simulated time, to the nanosecond: harness/tests/test_slice_open.c
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/registry.h"
#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/slice.h"
#include "harness/tests/table.h"

#define SERVICE_NS (100 * NS_PER_US)

/* Nobody works for stall_ns at every multiple of every_ns of the clock. */
struct stall {
	uint64_t stall_ns, every_ns, interval_ns, window_ns;
};

/* Set before the workers are made, so all have it: threads and processes. */
static struct stall now;

static uint64_t stalling(uint64_t size, uint64_t seed)
{
	uint64_t t = clock_ns();
	uint64_t stall_end = t / now.every_ns * now.every_ns + now.stall_ns;

	if (t < stall_end)
		t = stall_end;
	clock_sleep_until(t + size);
	return seed;
}

static const struct workload workload_stalling = {
	.name = "stalling",
	.run = stalling,
};

/* One worker, one task in flight: the server of the theory. */
static struct slice_result run_with(const struct model *model,
				    const struct stall *stall)
{
	const struct slice_timing timing = {
		.settle_ns = 20 * NS_PER_MS,
		.window_ns = stall->window_ns,
		.timeout_ns = 30 * NS_PER_S,
	};
	const struct slice_choice choice = {.arrival_seed = 5};
	const struct cell_spec cell = {
		.size = SERVICE_NS,
		.workers = 1,
		.depth = 1,
		.interval_ns = stall->interval_ns,
		.pin = "none",
	};
	struct slice_result r;

	now = *stall;
	CHECK(slice_run(&cell, model, &workload_stalling, &timing, &choice,
			&r) == 0);
	return r;
}

/* Another program knows nothing of this workload. */
static bool is_stalled(const struct model *model)
{
	return !(model->traits & MODEL_PROGRAM);
}

/*
 * Whoever comes in the first half of a stall waits for the second: with 50
 * expected in each half, and two stalls, that somebody does is certain.
 */
static void check_stall(const struct model *model)
{
	static const struct stall quick = {20 * NS_PER_MS, 50 * NS_PER_MS,
					   200 * NS_PER_US, 100 * NS_PER_MS};
	struct slice_result r;

	if (!is_stalled(model))
		return;
	r = run_with(model, &quick);
	KIT_EQUAL(r.status, SLICE_OK);
	KIT_EQUAL(r.ended[TASK_OK], r.submitted);
	KIT_EQUAL(r.tasks, r.offered);
	KIT_EXPECT(r.latency->max >= quick.stall_ns / 2);
	KIT_EXPECT(r.phase_sum_ns[PHASE_QUEUE] >= quick.stall_ns);
	slice_result_done(&r);
}

/*
 * The p99 of theory: who comes x after a stall S began waits S - x for its end,
 * and for the share rho of x that those before him need.  A share
 * (S - l) / ((1 - rho) T) of all waits longer than l.
 */
static double theory_ns(const struct stall *s)
{
	double rho = (double)SERVICE_NS / (double)s->interval_ns;

	return (double)s->stall_ns - 0.01 * (1 - rho) * (double)s->every_ns +
	       (double)SERVICE_NS;
}

/* The first cell of its row of the table of `make calibrate'. */
static const char *claim_of(const struct model *model, char text[96])
{
	CHECK(snprintf(text, 96, "p99 in front of `%s` with a known stall",
		       model->name) < 96);
	return text;
}

/*
 * Serial is the generator itself, and stalls it with it.  Variants are measured
 * where somebody names them.
 */
static bool is_tried(const struct model *model)
{
	return is_stalled(model) && !(model->traits & MODEL_SERIAL) &&
	       !strchr(model->name, ':');
}

static void print_row(const struct model *model, const struct stall *s,
		      const struct slice_result *r, bool holds)
{
	double p99 = (double)histogram_quantile(r->latency, 0.99);
	double seen = (double)histogram_quantile(r->uncorrected, 0.99);
	char claim[96], how[128], tasks[32], measured[128];
	const struct table_row row = {
		claim_of(model, claim), how, tasks, measured, "within 10 %",
		holds ? "yes" : "NO"};

	snprintf(how, sizeof(how),
		 "live, open loop, stall of %.0f ms every %.0f ms",
		 (double)s->stall_ns / 1e6, (double)s->every_ns / 1e6);
	snprintf(tasks, sizeof(tasks), "%" PRIu64 " tasks", r->tasks);
	snprintf(measured, sizeof(measured),
		 "%.1f ms, theory %.1f ms: %+.1f %%; from the hand-over on "
		 "only %.1f ms",
		 p99 / 1e6, theory_ns(s) / 1e6, 100 * (p99 / theory_ns(s) - 1),
		 seen / 1e6);
	table_print(stdout, &row);
}

/* Measure and print one row.  Whether the claim holds. */
static bool try_model(const struct model *model, const struct stall *s)
{
	struct slice_result r = run_with(model, s);
	double p99 = (double)histogram_quantile(r.latency, 0.99);
	bool holds = r.status == SLICE_OK && r.tasks == r.offered &&
		     fabs(p99 / theory_ns(s) - 1) <= 0.10;

	print_row(model, s, &r, holds);
	slice_result_done(&r);
	return holds;
}

/*
 * Long stalls and few tasks: what a model costs, and what else goes on on the
 * machine, should be small beside them.
 */
static int print_table(uint64_t seconds)
{
	const struct stall s = {200 * NS_PER_MS, NS_PER_S, 5 * NS_PER_MS,
				seconds * NS_PER_S};
	int failures = 0;

	for (size_t i = 0; i < n_models; i++) {
		if (is_tried(models[i]))
			failures += !try_model(models[i], &s);
	}
	return failures > 0;
}

static void check_published(const struct model *model)
{
	char claim[96];

	if (is_tried(model))
		KIT_EXPECT(table_published(claim_of(model, claim)));
}

static const struct kit_property properties[] = {
	{"shows a stall to all who came in it", check_stall, 0},
	{"has its p99 with a stall published", check_published, 0},
};

int main(int argc, char **argv)
{
	if (argc > 1) {
		uint64_t seconds = strtoull(argv[1], NULL, 10);

		return seconds < 1 || seconds > 600 || print_table(seconds);
	}
	return kit_main(properties, ARRAY_LEN(properties));
}
