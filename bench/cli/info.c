#include "bench/cli/info.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "bench/cli/cli.h"
#include "harness/base.h"
#include "harness/clock_check.h"
#include "harness/host.h"
#include "harness/placement.h"

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
