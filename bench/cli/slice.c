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
#include "harness/base.h"
#include "harness/results.h"

struct slice_arguments {
	struct cell_spec cell;
	const struct model *model;
	char *workload;
	struct slice_timing timing;
};

static const struct argp_option options[] = {
	{"load-workload", 'l', "FILE.so", 0, "the user's own workload", 0},
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
	{0},
};

static void copy(const char *option, const char *text, char *to, size_t size)
{
	if (snprintf(to, size, "%s", text) >= (int)size)
		die(EXIT_USAGE, "%s '%s': too long", option, text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct slice_arguments *a = state->input;
	struct cell_spec *c = &a->cell;

	switch (key) {
	case 'l':
		free(load_workload(arg));
		return 0;
	case 'e':
		copy("--experiment", arg, c->experiment, sizeof(c->experiment));
		return 0;
	case 'm':
		a->model = require_model(arg);
		copy("--model", arg, c->model, sizeof(c->model));
		return 0;
	case 'w':
		copy("--workload", arg, c->workload, sizeof(c->workload));
		return 0;
	case 's':
		c->size = parse_number("--size", arg, 1, INT64_MAX);
		return 0;
	case 'n':
		c->workers = (uint32_t)parse_number("--workers", arg, 1,
						    JOB_MAX_WORKERS);
		return 0;
	case 'd':
		c->depth = (uint32_t)parse_number("--depth", arg, 1,
						  JOB_MAX_DEPTH);
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
		return ARGP_ERR_UNKNOWN;
	}
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
		.cell = {.workers = 1, .depth = 2, .pin = "compact"},
		.timing = {20 * NS_PER_MS, 200 * NS_PER_MS, 10 * NS_PER_S},
	};
	const struct workload *workload;
	struct slice_result result;
	json_t *json;
	int r, fd;

	parse_arguments(&argp, argc, argv, &a);
	if (!a.model)
		die(EXIT_USAGE, "slice: --model is needed");
	workload = require_workload(a.cell.workload);
	if (a.cell.size == 0)
		a.cell.size = workload->default_size;
	raise_descriptor_limit();
	fd = stdout_take();
	r = slice_run(&a.cell, a.model, workload, &a.timing, &result);
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
