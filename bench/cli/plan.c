#include "bench/cli/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "bench/cli/peers.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/child.h"
#include "harness/run.h"
#include "harness/stats.h"

#define CALIBRATION_LIMIT_NS (120 * NS_PER_S)

/* How often a capacity is measured before its median is believed. */
#define PILOTS 3

/* What the callbacks of struct plan_options need. */
struct planner {
	const struct run_config *config;
	const struct workload *const *workloads; /* of the experiment */
};

/*
 * The size at which a task of @workload takes @us; 0: none, and @why (of @n
 * bytes) says why not.  In a process of its own: a user's workload may crash.
 */
static uint64_t calibrated_size(const char *workload, uint64_t us, char *why,
				size_t n)
{
	char us_text[24], name[32], how[64];
	char *argv[8];
	struct child_options options = {
		.argv = argv,
		.limit_ns = CALIBRATION_LIMIT_NS,
		.out_cap = 64,
		.err_cap = 512,
	};
	struct child_result child;
	uint64_t size = 0;
	size_t k = 0;
	int r;

	snprintf(us_text, sizeof(us_text), "%" PRIu64, us);
	snprintf(name, sizeof(name), "%s", workload);
	argv[k++] = (char *)PROGRAM;
	argv[k++] = "calibrate";
	for (const char *const *word = loading_words(); *word; word++)
		argv[k++] = (char *)*word;
	argv[k++] = name;
	argv[k++] = us_text;
	argv[k] = NULL;
	r = child_run(&options, &child);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "%s: %s", PROGRAM, strerror(-r));
	child.err[strcspn(child.err, "\n")] = '\0';
	child.out[strcspn(child.out, "\n")] = '\0';
	if (child.wait_status == 0 && !child.late && child.out_bytes > 0)
		size = parse_number("calibrated size", child.out, 1, INT64_MAX);
	else if (strncmp(child.err, "manyhands: ", 11) == 0)
		snprintf(why, n, "%s", child.err + 11); /* in our words */
	else
		snprintf(why, n, "calibrating workload '%s': %s", workload,
			 child.wait_status == 0 && !child.late
				 ? "it ended its process"
				 : child_result_text(&child, how, sizeof(how)));
	child_result_done(&child);
	return size;
}

static uint64_t size_of(void *ctx, size_t workload, uint64_t task_ns)
{
	struct planner *p = ctx;
	char why[600];

	return calibrated_size(p->workloads[workload]->name,
			       task_ns / NS_PER_US, why, sizeof(why));
}

/* The median of some closed loops; a model that fails has none. */
static double capacity_of(void *ctx, const struct cell_spec *cell)
{
	const struct planner *p = ctx;
	const struct slice_choice choice = {0};
	struct run_options options = {
		.program = PROGRAM,
		.words = loading_words(),
		.timing = p->config->timing,
		.cancel_fd = -1,
	};
	double per_s[PILOTS];
	size_t n = 0;

	for (int i = 0; i < PILOTS; i++) {
		struct slice_result slice;
		int r = run_slice(&options, cell, &choice, 0, &slice);

		if (r < 0)
			die(EXIT_ENVIRONMENT, "%s: %s", PROGRAM, strerror(-r));
		if (slice_throughput(&slice) > 0)
			per_s[n++] = slice_throughput(&slice);
		slice_result_done(&slice);
	}
	if (n == 0)
		return 0;
	stats_sort(per_s, n);
	return stats_median_sorted(per_s, n);
}

static bool peer_is_there(void *ctx, const struct peer *peer)
{
	size_t i = 0;

	(void)ctx;
	while (peers[i] != peer)
		i++;
	return peers_states()[i].there;
}

/* The workloads of experiment @e: @ret has room for as many as anyone names. */
static size_t choose_workloads(const struct run_config *c,
			       const struct experiment *e,
			       const struct workload **ret)
{
	size_t n = 0;

	for (; n < c->n_workloads; n++)
		ret[n] = c->workloads[n];
	if (n > 0)
		return n;
	for (; e->default_workloads[n]; n++) {
		if (n > 0 && c->profile->one_workload)
			break;
		ret[n] = require_workload(e->default_workloads[n]);
	}
	return n;
}

static uint64_t size_for(const struct run_config *c, const struct workload *w)
{
	char why[600];
	uint64_t size;

	if (!c->task_us)
		return c->size ? c->size : w->default_size;
	size = calibrated_size(w->name, c->task_us, why, sizeof(why));
	if (size == 0)
		die(EXIT_USAGE, "%s", why);
	return size;
}

static void add_experiment(const struct run_config *c, uint32_t processors,
			   const struct experiment *e, struct plan *plan)
{
	const struct workload *chosen[64];
	uint64_t sizes[ARRAY_LEN(chosen)];
	struct planner planner = {.config = c, .workloads = chosen};
	struct plan_options options = {
		.models = c->models,
		.n_models = c->n_models,
		.reference = c->reference,
		.all_models = models,
		.n_all_models = n_models,
		.workloads = chosen,
		.sizes = sizes,
		.workers = c->workers,
		.n_workers = c->n_workers,
		.processors = processors,
		.depth = c->depth,
		.pin = c->pin,
		.thorough = c->thorough,
		.window_ns = c->timing.window_ns,
		.size_of = size_of,
		.capacity_of = capacity_of,
		.peers = peers,
		.n_peers = n_peers,
		.peer_is_there = peer_is_there,
		.ctx = &planner,
	};
	int r;

	/* Each workload is named at most once, and there are not so many. */
	CHECK(c->n_workloads <= ARRAY_LEN(chosen));
	options.n_workloads = choose_workloads(c, e, chosen);
	for (size_t i = 0; i < options.n_workloads; i++)
		sizes[i] = size_for(c, chosen[i]);
	r = e->add(&options, plan);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "planning experiment '%s': %s", e->name,
		    strerror(-r));
}

void make_plan(const struct run_config *config, uint32_t processors,
	       struct plan *plan)
{
	for (size_t i = 0; i < config->n_experiments; i++)
		add_experiment(config, processors, config->experiments[i],
			       plan);
	if (plan->n == 0)
		die(EXIT_USAGE, "nothing to measure: no cell in the plan");
}
