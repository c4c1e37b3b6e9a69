#include "bench/cli/info.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "bench/cli/cli.h"
#include "bench/cli/plan.h"
#include "harness/base.h"
#include "harness/clock_check.h"
#include "harness/host.h"
#include "harness/placement.h"
#include "harness/run.h"
#include "harness/stats.h"

/* The arguments as a shell would need them, to repeat the run. */
static void note_command(int argc, char **argv, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, "build/manyhands run");

	for (int i = 1; i < argc && used < size; i++) {
		bool plain =
			argv[i][0] &&
			!argv[i][strspn(
				argv[i],
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789-_=,./:+")];

		used += (size_t)snprintf(buf + used, size - used,
					 plain ? " %s" : " '%s'", argv[i]);
	}
}

static void now_utc(const char *format, char *buf, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	CHECK(gmtime_r(&now, &tm) && strftime(buf, size, format, &tm) > 0);
}

/* The clock's self-test: how many hops, and when it must give up. */
#define CLOCK_HOPS 10000
#define CLOCK_LIMIT_NS (2 * NS_PER_S)

/* The slices that say what the harness costs: as deep as a busy one, and short. */
#define HARNESS_DEPTH 16
#define HARNESS_SETTLE_NS (2 * NS_PER_MS)
#define HARNESS_WINDOW_NS (20 * NS_PER_MS)

/*
 * Whether the clock holds between the two processors that are farthest apart,
 * and what a stamp costs.
 */
static void note_clock(struct run_info *info)
{
	struct placement *p = require_placement("scatter", 2, NULL);
	struct clock_check check;
	int r = clock_check_run(placement_cpu(p, 0), placement_cpu(p, 1),
				CLOCK_HOPS, clock_ns() + CLOCK_LIMIT_NS,
				&check);

	placement_free(p);
	info->clock_cost_ns = (int64_t)clock_check_cost_ns();
	info->clock_hop_ns = info->clock_backwards = -1;
	if (r < 0)
		return;
	info->clock_backwards = (int64_t)check.backwards;
	if (check.min_hop_ns <= INT64_MAX)
		info->clock_hop_ns = (int64_t)check.min_hop_ns;
}

/* So often the harness is measured before the median is believed. */
#define PILOTS 3

/*
 * What a task costs that does nothing and goes nowhere: the generator's own
 * accounts, and looks at the clock.  Processor time, since what others take of
 * the processor is no cost of ours.
 */
static void note_harness(const struct run_config *c, struct run_info *info)
{
	const struct slice_choice choice = {0};
	const struct run_options options = {
		.program = PROGRAM,
		.words = loading_words(),
		.timing = {.settle_ns = HARNESS_SETTLE_NS,
			   .window_ns = HARNESS_WINDOW_NS,
			   .timeout_ns = c->timing.timeout_ns},
		.cancel_fd = -1,
	};
	struct cell_spec cell = {
		.experiment = "scaling",
		.model = "serial",
		.runs = "serial",
		.workload = "nop",
		.pin = "none",
		.size = 1,
		.workers = 1,
		.depth = HARNESS_DEPTH,
	};
	double ns[PILOTS];
	size_t n = 0;

	info->harness_ns = -1;
	for (int i = 0; i < PILOTS; i++) {
		struct slice_result slice;
		int r = run_slice(&options, &cell, &choice, 0, &slice);

		if (r < 0)
			die(EXIT_ENVIRONMENT, "%s: %s", PROGRAM, strerror(-r));
		if (slice_tasks_per_cpu_s(&slice) > 0)
			ns[n++] = (double)NS_PER_S /
				  slice_tasks_per_cpu_s(&slice);
		slice_result_done(&slice);
	}
	if (n == 0)
		return;
	stats_sort(ns, n);
	info->harness_ns = llround(stats_median_sorted(ns, n));
}

/* Draw the machine with a worker on each processor. */
static void note_topology(const char *pin, struct run_info *info)
{
	struct placement *p = require_placement(pin, info->usable_pus, NULL);
	char *drawing = placement_draw(p, 1);

	/* Half of a drawing would be wrong: what is too large is left out. */
	if (drawing && strlen(drawing) < sizeof(info->topology))
		memcpy(info->topology, drawing, strlen(drawing) + 1);
	free(drawing);
	placement_free(p);
}

/* What is known before the first slice. */
void info_note(struct run_config *c, int argc, char **argv,
	       struct run_info *info)
{
	struct placement *p = require_placement(c->pin, 1, NULL);

	info->usable_pus = placement_usable_pus(p);
	info->usable_cores = placement_usable_cores(p);
	info->n_caches = placement_caches(p, info->caches, RESULTS_MAX_CACHES);
	placement_free(p);
	note_topology(c->pin, info);
	host_read(&info->host);
	note_clock(info);
	note_harness(c, info);
	info->processors = info->usable_pus;
	if (info->host.quota_cpus < info->processors)
		info->processors = info->host.quota_cpus;

	note_command(argc, argv, info->command, sizeof(info->command));
	now_utc("%Y-%m-%dT%H:%M:%SZ", info->started, sizeof(info->started));
	if (!c->seed_given) {
		CHECK(getrandom(&c->seed, sizeof(c->seed), 0) ==
		      sizeof(c->seed));
		c->seed >>= 33; /* short enough to type */
	}
	info->seed = c->seed;
	info->blocks_planned = c->blocks;
	info->exact = c->exact;
	info->budget_ns = c->budget_ns;
	if (c->plugin && snprintf(info->plugin, sizeof(info->plugin), "%s",
				  c->plugin) >= (int)sizeof(info->plugin))
		die(EXIT_USAGE, "--load-workload: the path is too long");
	/* load_command() has refused what is too long. */
	snprintf(info->program, sizeof(info->program), "%s",
		 c->program ? c->program : "");
	info->timing = c->timing;
	snprintf(info->reference, sizeof(info->reference), "%s", c->reference);
	for (size_t i = 0; i < c->n_models; i++) {
		if (c->models[i].model->traits & MODEL_SERIAL)
			snprintf(info->baseline, sizeof(info->baseline), "%s",
				 c->models[i].name);
	}
}
