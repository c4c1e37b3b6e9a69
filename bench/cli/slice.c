/*
 * slice - internal: one measurement in a process of its own.
 *
 * Prints the result as one JSON object.  `manyhands run' executes this once a
 * slice; by hand it repeats one slice of a run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/cli/cli.h"
#include "bench/cli/command.h"
#include "bench/cli/peers.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/fault.h"
#include "harness/results.h"
#include "harness/slice_peer.h"

struct slice_arguments {
	struct cell_spec cell;
	struct slice_timing timing;
	struct slice_choice choice;
};

/* No size was said: the workload's own.  0 is one, of tasks without bytes. */
#define USUAL_SIZE UINT64_MAX

enum {
	KEY_RUNS = 256,
	KEY_EXTRA,
	KEY_SET,
	KEY_LOAD_PERCENT,
	KEY_LOAD_OF,
	KEY_INTERVAL,
	KEY_OWN_WINDOW,
	KEY_FAULT,
	KEY_FAULT_REACH,
	KEY_FAULT_EVERY,
	KEY_LIMIT,
	KEY_BALLAST,
	KEY_BALLAST_HUGE,
	KEY_RANK,
	KEY_ARRIVAL_SEED,
	KEY_TRACE,
	KEY_MEMORY,
};

static const struct argp_option options[] = {
	{"load-workload", 'l', "FILE.so", 0, "the user's own workload", 0},
	{"command", 'c', "LINE", 0, "the user's own program", 0},
	{"experiment", 'e', "NAME", 0, "for the record", 0},
	{"model", 'm', "NAME", 0, "which model", 0},
	{"workload", 'w', "NAME", 0, "which workload", 0},
	{"size", 's', "N", 0, "of each task", 0},
	{"workers", 'n', "N", 0, "how many workers", 0},
	{"depth", 'd', "N", 0, "tasks in flight per worker", 0},
	{"pin", 'p', "POLICY", 0, "placement policy or CPU list", 0},
	{"settle-ns", 'S', "NS", 0, "before the window", 0},
	{"window-ns", 'W', "NS", 0, "in which completions count", 0},
	{"timeout-ns", 'T', "NS", 0, "limit of one task", 0},
	{"runs", KEY_RUNS, "NAME", 0, "the model, if --model is an alias", 0},
	{"extra-ppm", KEY_EXTRA, "N", 0, "tasks in a million that run twice",
	 0},
	{"set", KEY_SET, "SETTINGS", 0, "of the model: 'key=value …'", 0},
	{"load-percent", KEY_LOAD_PERCENT, "N", 0, "for the record", 0},
	{"load-of", KEY_LOAD_OF, "WHOSE", 0, "for the record", 0},
	{"interval-ns", KEY_INTERVAL, "NS", 0,
	 "open loop: a task comes every so often on average", 0},
	{"own-window-ns", KEY_OWN_WINDOW, "NS", 0, "instead of --window-ns", 0},
	{"fault", KEY_FAULT, "NAME", 0, "what happens to workers", 0},
	{"fault-reach", KEY_FAULT_REACH, "N", 0, "how far it may go", 0},
	{"fault-every-ns", KEY_FAULT_EVERY, "NS", 0,
	 "so often, in the first half of the window", 0},
	{"limit-ns", KEY_LIMIT, "NS", 0,
	 "how long a task may run, instead of --timeout-ns", 0},
	{"ballast-bytes", KEY_BALLAST, "N", 0, "memory to touch beforehand", 0},
	{"ballast-huge", KEY_BALLAST_HUGE, "0|1", 0, "in huge pages", 0},
	{"rank", KEY_RANK, "N", 0, "for the record", 0},
	{"arrival-seed", KEY_ARRIVAL_SEED, "N", 0, "open loop: of the times",
	 0},
	{"trace", KEY_TRACE, "N", 0, "keep the times of so many tasks", 0},
	{"memory", KEY_MEMORY, "0|1", 0, "measure memory, too", 0},
	{0},
};

static void copy(const char *option, const char *text, char *to, size_t size)
{
	if (snprintf(to, size, "%s", text) >= (int)size)
		die(EXIT_USAGE, "%s '%s': too long", option, text);
}

/* What experiment `faults' needs. */
static error_t parse_fault(int key, char *arg, struct cell_spec *c)
{
	switch (key) {
	case KEY_FAULT:
		copy("--fault", arg, c->fault, sizeof(c->fault));
		if (!fault_find(c->fault))
			die(EXIT_USAGE, "unknown fault '%s'", arg);
		return 0;
	case KEY_FAULT_REACH:
		c->fault_reach =
			parse_number("--fault-reach", arg, 0, REACH_ALL);
		return 0;
	case KEY_FAULT_EVERY:
		c->fault_every_ns = parse_number("--fault-every-ns", arg, 0,
						 3600 * NS_PER_S);
		return 0;
	case KEY_LIMIT:
		c->limit_ns =
			parse_number("--limit-ns", arg, 0, 3600 * NS_PER_S);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What only some experiments need. */
static error_t parse_special(int key, char *arg, struct slice_arguments *a)
{
	struct cell_spec *c = &a->cell;

	switch (key) {
	case KEY_RUNS:
		copy("--runs", arg, c->runs, sizeof(c->runs));
		return 0;
	case KEY_SET:
		copy("--set", arg, c->settings, sizeof(c->settings));
		return 0;
	case KEY_EXTRA:
		c->extra_ppm =
			(uint32_t)parse_number("--extra-ppm", arg, 0, 1000000);
		return 0;
	case KEY_LOAD_PERCENT:
		c->load_percent =
			(uint32_t)parse_number("--load-percent", arg, 0, 1000);
		return 0;
	case KEY_LOAD_OF:
		copy("--load-of", arg, c->load_of, sizeof(c->load_of));
		return 0;
	case KEY_INTERVAL:
		c->interval_ns =
			parse_number("--interval-ns", arg, 0, 3600 * NS_PER_S);
		return 0;
	case KEY_OWN_WINDOW:
		c->window_ns = parse_number("--own-window-ns", arg, 0,
					    3600 * NS_PER_S);
		return 0;
	case KEY_BALLAST:
		c->ballast_bytes = parse_number("--ballast-bytes", arg, 0,
						UINT64_C(1) << 40);
		return 0;
	case KEY_BALLAST_HUGE:
		c->ballast_huge =
			(uint32_t)parse_number("--ballast-huge", arg, 0, 1);
		return 0;
	case KEY_RANK:
		c->rank = (uint32_t)parse_number("--rank", arg, 0, RANK_EXTRA);
		return 0;
	case KEY_ARRIVAL_SEED:
		a->choice.arrival_seed =
			parse_number("--arrival-seed", arg, 0, INT64_MAX);
		return 0;
	case KEY_TRACE:
		a->choice.trace =
			(uint32_t)parse_number("--trace", arg, 0, 4096);
		return 0;
	case KEY_MEMORY:
		a->choice.memory =
			(uint32_t)parse_number("--memory", arg, 0, 1);
		return 0;
	default:
		return parse_fault(key, arg, c);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct slice_arguments *a = state->input;
	struct cell_spec *c = &a->cell;

	switch (key) {
	case 'l':
		free(load_workload(arg));
		return 0;
	case 'c':
		load_command(arg);
		return 0;
	case 'e':
		copy("--experiment", arg, c->experiment, sizeof(c->experiment));
		return 0;
	case 'm':
		copy("--model", arg, c->model, sizeof(c->model));
		return 0;
	case 'w':
		copy("--workload", arg, c->workload, sizeof(c->workload));
		return 0;
	case 's':
		c->size = parse_number("--size", arg, 0, INT64_MAX);
		return 0;
	case 'n':
		c->workers = parse_workers(arg);
		return 0;
	case 'd':
		c->depth = parse_depth(arg);
		return 0;
	case 'p':
		copy("--pin", arg, c->pin, sizeof(c->pin));
		return 0;
	case 'S':
		a->timing.settle_ns =
			parse_number("--settle-ns", arg, 1, 60 * NS_PER_S);
		return 0;
	case 'W':
		a->timing.window_ns =
			parse_number("--window-ns", arg, 1, 3600 * NS_PER_S);
		return 0;
	case 'T':
		a->timing.timeout_ns =
			parse_number("--timeout-ns", arg, 1, 3600 * NS_PER_S);
		return 0;
	default:
		return parse_special(key, arg, a);
	}
}

/* The model to run: of the experiment's own, or in the registry. */
static const struct model *find_model(const struct cell_spec *c)
{
	const struct experiment *e =
		c->experiment[0] ? require_experiment(c->experiment) : NULL;

	for (size_t i = 0; e && e->own_models && e->own_models[i]; i++) {
		if (strcmp(e->own_models[i]->name, c->runs) == 0)
			return e->own_models[i];
	}
	return require_model(c->runs);
}

static void check_settings(const struct cell_spec *c, const struct model *model)
{
	int64_t values[MODEL_MAX_SETTINGS] = {0};
	char error[320];

	if (model_settings_parse(model, c->settings, values, error,
				 sizeof(error)) < 0)
		die(EXIT_USAGE, "--set '%s': %s", c->settings, error);
}

/* Measure with a peer, or with a model.  0 or -errno. */
static int measure(const struct slice_arguments *a,
		   const struct workload *workload, struct slice_result *ret)
{
	const struct peer *peer = peer_find(a->cell.runs);
	const struct model *model;

	if (peer)
		return slice_run_peer(&a->cell, peer, peers_home(), workload,
				      &a->timing, ret);
	model = find_model(&a->cell);
	check_settings(&a->cell, model);
	return slice_run(&a->cell, model, workload, &a->timing, &a->choice,
			 ret);
}

/* A socket per worker and more: take as many descriptors as we may have. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		/* Should it fail, a model that needs more says EMFILE. */
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int command_slice(int argc, char **argv)
{
	static const struct argp argp = {options, parse, NULL, NULL,
					 NULL,    NULL,  NULL};
	struct slice_arguments a = {
		.cell = {.size = USUAL_SIZE,
			 .workers = 1,
			 .depth = 2,
			 .pin = "compact"},
		.timing = {20 * NS_PER_MS, 200 * NS_PER_MS, 10 * NS_PER_S},
	};
	const struct workload *workload;
	struct slice_result result;
	json_t *json;
	int r, fd;

	parse_arguments(&argp, argc, argv, &a);
	if (!a.cell.model[0])
		die(EXIT_USAGE, "slice: --model is needed");
	if (!a.cell.runs[0])
		memcpy(a.cell.runs, a.cell.model, sizeof(a.cell.runs));
	workload = require_workload(a.cell.workload);
	if (a.cell.size == USUAL_SIZE)
		a.cell.size = workload->default_size;
	raise_descriptor_limit();
	command_limit(a.timing.timeout_ns);
	a.choice.words = loading_words();
	a.choice.task_program = task_program();
	fd = stdout_take();
	r = measure(&a, workload, &result);
	stdout_give(fd);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "slice with --pin %s: %s", a.cell.pin,
		    strerror(-r));
	json = slice_to_json(&result);
	if (!json || json_dumpf(json, stdout, JSON_COMPACT) < 0)
		die(EXIT_ENVIRONMENT, "slice: cannot print the result");
	putchar('\n');
	json_decref(json);
	slice_result_done(&result);
	return finish_output(0);
}
