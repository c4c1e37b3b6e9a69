#include "bench/cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "bench/cli/config_models.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/usl.h"

static const struct profile profiles[] = {
	{"default", 12, 150 * NS_PER_MS, 180 * NS_PER_S,
	 "scaling,check,granularity,load,startup", "shell", false, false},
	{"quick", 12, 80 * NS_PER_MS, 32 * NS_PER_S, "scaling,check",
	 "exec,shell", true, false},
	{"full", 40, 200 * NS_PER_MS, 2700 * NS_PER_S, "all", "", false, true},
};

enum {
	KEY_QUICK = 256,
	KEY_FULL,
	KEY_EXPERIMENT,
	KEY_INFLATE,
	KEY_SET,
	KEY_LOAD,
	KEY_COMMAND,
	KEY_TASK_US,
	KEY_SIZE,
	KEY_DEPTH,
	KEY_BLOCKS,
	KEY_SLICE_MS,
	KEY_SEED,
	KEY_BUDGET,
	KEY_TIMEOUT,
	KEY_OUT,
	KEY_RESUME,
	KEY_NO_PLOTS,
	KEY_JSON,
	KEY_QUIET,
};

static const struct argp_option options[] = {
	{0, 0, 0, 0, "How long:", 1},
	{"quick", KEY_QUICK, 0, 0, "half a minute, how one workload scales", 1},
	{"full", KEY_FULL, 0, 0,
	 "all questions, up to 40 blocks, at most 45 minutes", 1},
	{"blocks", KEY_BLOCKS, "N", 0,
	 "measure every cell just N times, whatever comes", 1},
	{"slice-ms", KEY_SLICE_MS, "N", 0, "length of one measurement", 1},
	{"budget", KEY_BUDGET, "SECONDS", 0,
	 "leave out what has no time; start no block that would end later", 1},

	{0, 0, 0, 0, "What (lists are comma-separated):", 2},
	{"experiment", KEY_EXPERIMENT, "LIST|all", 0,
	 "which questions (as the profile has it)", 2},
	{"model", 'm', "LIST", 0,
	 "which models (as the profile has it); NAME=MODEL gives one another "
	 "name",
	 2},
	{"inflate", KEY_INFLATE, "NAME=FACTOR", 0,
	 "give that model 1.00 … 2.00 times the work", 2},
	{"set", KEY_SET, "NAME.KEY=VALUE", 0,
	 "choose a setting of that model; `list models' shows them", 2},
	{"workload", 'w', "LIST", 0, "which workloads (the experiment's)", 2},
	{"load-workload", KEY_LOAD, "FILE.so", 0, "run a workload of your own",
	 2},
	{"command", KEY_COMMAND, "LINE", 0,
	 "run a program of your own: './mytool {seed}'; {size}, too", 2},
	{"workers", 'n', "LIST|auto", 0,
	 "how many workers (1, 2, 4 … twice the processors)", 2},
	{"pin", 'p', "POLICY", 0,
	 "compact, scatter, core, none or a CPU list (compact)", 2},
	{"task-us", KEY_TASK_US, "N", 0,
	 "choose sizes so that a task takes N microseconds", 2},
	{"size", KEY_SIZE, "N", 0,
	 "size of a task in the workload's unit (its own)", 2},
	{"depth", KEY_DEPTH, "N", 0, "tasks in flight per worker (2)", 2},
	{"seed", KEY_SEED, "N", 0, "of the order of the slices (random)", 2},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "a task without an answer has failed after this (10)", 2},

	{0, 0, 0, 0, "Output:", 3},
	{"out", KEY_OUT, "DIR", 0,
	 "folder to make (results/<time>-<host>); must not exist", 3},
	{"resume", KEY_RESUME, "DIR", 0,
	 "go on with a run that was interrupted", 3},
	{"no-plots", KEY_NO_PLOTS, 0, 0, "do not run gnuplot", 3},
	{"json", KEY_JSON, 0, 0, "print the summary as one JSON object", 3},
	{"quiet", KEY_QUIET, 0, 0, "no progress", 3},
	{0},
};

/* Append @item to the array *@list of *@n pointers, each only once. */
static void add_pointer(const char *option, const void ***list, size_t *n,
			const void *item, const char *name)
{
	for (size_t i = 0; i < *n; i++) {
		if ((*list)[i] == item)
			die(EXIT_USAGE, "%s: '%s' is named twice", option,
			    name);
	}
	*list = realloc(*list, (*n + 1) * sizeof(**list));
	CHECK(*list);
	(*list)[(*n)++] = item;
}

static void add_experiments(struct run_config *c, const char *arg)
{
	char *name;

	while ((name = parse_item("--experiment", &arg))) {
		bool all = strcmp(name, "all") == 0;

		for (size_t i = 0; all && i < n_experiments; i++) {
			if (experiments[i]->only_named)
				continue;
			add_pointer("--experiment",
				    (const void ***)&c->experiments,
				    &c->n_experiments, experiments[i],
				    experiments[i]->name);
		}
		if (!all)
			add_pointer("--experiment",
				    (const void ***)&c->experiments,
				    &c->n_experiments, require_experiment(name),
				    name);
		free(name);
	}
}

static void add_workloads(struct run_config *c, const char *arg)
{
	char *name;

	while ((name = parse_item("--workload", &arg))) {
		add_pointer("--workload", (const void ***)&c->workloads,
			    &c->n_workloads, require_workload(name), name);
		free(name);
	}
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Insert @workers where it belongs; twice is once. */
static void add_workers(struct run_config *c, uint32_t workers)
{
	for (size_t i = 0; i < c->n_workers; i++) {
		if (c->workers[i] == workers)
			return;
	}
	c->workers =
		realloc(c->workers, (c->n_workers + 1) * sizeof(*c->workers));
	CHECK(c->workers);
	c->workers[c->n_workers++] = workers;
	qsort(c->workers, c->n_workers, sizeof(*c->workers), compare_u32);
}

static void parse_worker_list(struct run_config *c, const char *arg)
{
	char *text;

	if (strcmp(arg, "auto") == 0)
		return;
	while ((text = parse_item("--workers", &arg))) {
		add_workers(c, parse_workers(text));
		free(text);
	}
}

/*
 * Halve the widest gap between worker counts up to @usable, the first of
 * several, where the count in the middle is missing.
 */
static void halve_widest_gap(struct run_config *c, uint32_t usable)
{
	uint32_t middle = 0, widest = 0;

	for (size_t i = 1; i < c->n_workers && c->workers[i] <= usable; i++) {
		uint32_t gap = c->workers[i] - c->workers[i - 1];

		if (gap <= widest)
			continue;
		widest = gap;
		middle = c->workers[i - 1] + gap / 2;
	}
	add_workers(c, middle);
}

static size_t count_workers(const struct run_config *c, uint32_t usable)
{
	size_t n = 0;

	while (n < c->n_workers && c->workers[n] <= usable)
		n++;
	return n;
}

void config_auto_workers(struct run_config *c, uint32_t usable)
{
	uint32_t most =
		usable > JOB_MAX_WORKERS / 2 ? JOB_MAX_WORKERS : 2 * usable;

	for (uint32_t n = 1; n < most; n *= 2)
		add_workers(c, n);
	add_workers(c, usable < most ? usable : most);
	add_workers(c, most);
	while (usable >= USL_POINTS && count_workers(c, usable) < USL_POINTS)
		halve_widest_gap(c, usable);
}

/* Options that are only looked at when all of them are known. */
struct raw {
	struct run_config *config;
	char *workloads;   /* may name the plugin, so it comes later; owned */
	char *inflate;     /* names models, likewise */
	char *set;         /* the same */
	bool of_measuring; /* an option said what to measure, or how long */
	uint64_t blocks, window_ns, budget_ns; /* 0: the profile's */
};

static error_t parse_amount(int key, const char *arg, struct raw *raw)
{
	struct run_config *c = raw->config;

	switch (key) {
	case KEY_BLOCKS:
		raw->blocks = parse_number("--blocks", arg, 1, 10000);
		return 0;
	case KEY_SLICE_MS:
		raw->window_ns =
			NS_PER_MS * parse_number("--slice-ms", arg, 1, 600000);
		return 0;
	case KEY_BUDGET:
		raw->budget_ns =
			NS_PER_S * parse_number("--budget", arg, 1, 1000000);
		return 0;
	case KEY_TIMEOUT:
		c->timing.timeout_ns =
			NS_PER_S * parse_number("--timeout", arg, 1, 3600);
		return 0;
	case KEY_TASK_US:
		c->task_us = parse_number("--task-us", arg, 1, 10000000);
		return 0;
	case KEY_SIZE:
		c->size = parse_number("--size", arg, 1, INT64_MAX);
		return 0;
	case KEY_DEPTH:
		c->depth = parse_depth(arg);
		return 0;
	case KEY_SEED:
		c->seed = parse_number("--seed", arg, 0, INT64_MAX);
		c->seed_given = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Named twice, an option adds to its list. */
static void add_list(char **list, const char *more)
{
	char *both;

	CHECK(asprintf(&both, "%s%s%s", *list ? *list : "", *list ? "," : "",
		       more) >= 0);
	free(*list);
	*list = both;
}

/* What may be said of a run that was planned before. */
static error_t parse_output(int key, const char *arg, struct run_config *c)
{
	switch (key) {
	case KEY_RESUME:
		c->resume = arg;
		return 0;
	case KEY_NO_PLOTS:
		c->no_plots = true;
		return 0;
	case KEY_JSON:
		c->json = true;
		return 0;
	case KEY_QUIET:
		c->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct raw *raw = state->input;
	struct run_config *c = raw->config;

	if (parse_output(key, arg, c) == 0)
		return 0;
	if (key > 0 && key < ARGP_KEY_END)
		raw->of_measuring = true;
	switch (key) {
	case KEY_QUICK:
	case KEY_FULL:
		if (c->profile != &profiles[0])
			die(EXIT_USAGE,
			    "--quick and --full exclude each other");
		c->profile = &profiles[key == KEY_QUICK ? 1 : 2];
		return 0;
	case KEY_EXPERIMENT:
		add_experiments(c, arg);
		return 0;
	case KEY_INFLATE:
		add_list(&raw->inflate, arg);
		return 0;
	case KEY_SET:
		add_list(&raw->set, arg);
		return 0;
	case 'm':
		config_add_models(c, arg);
		return 0;
	case 'w':
		add_list(&raw->workloads, arg);
		return 0;
	case KEY_LOAD:
		c->plugin = load_workload(arg);
		return 0;
	case KEY_COMMAND:
		load_command(arg);
		c->program = arg;
		return 0;
	case 'n':
		parse_worker_list(c, arg);
		return 0;
	case 'p':
		c->pin = arg;
		return 0;
	case KEY_OUT:
		c->out = arg;
		return 0;
	case ARGP_KEY_ARG:
		die(EXIT_USAGE, "one argument too many: '%s'", arg);
	default:
		return parse_amount(key, arg, raw);
	}
}

/* The user's own workload alone; else what was named; else nothing. */
static void choose_workloads(struct run_config *c, const char *named)
{
	if (named)
		add_workloads(c, named);
	else if (loaded_workload())
		add_workloads(c, loaded_workload()->name);
}

void config_parse(int argc, char **argv, struct run_config *ret)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Measure every model with every workload and worker count, and "
		"leave a report.\vWithout options: most experiments, "
		"about 3 minutes.  Ctrl-C keeps what was measured.",
		NULL,
		NULL,
		NULL};
	struct raw raw = {.config = ret};

	*ret = (struct run_config){
		.profile = &profiles[0],
		.pin = "compact",
		.depth = 2,
		.timing = {.settle_ns = 20 * NS_PER_MS,
			   .timeout_ns = 10 * NS_PER_S},
	};
	parse_arguments(&argp, argc, argv, &raw);
	if (ret->size && ret->task_us)
		die(EXIT_USAGE, "--size and --task-us exclude each other");
	if (strlen(ret->pin) >= sizeof(((struct cell_spec *)0)->pin))
		die(EXIT_USAGE, "--pin '%.40s…': too long", ret->pin);
	if (ret->resume && raw.of_measuring)
		die(EXIT_USAGE, "--resume goes on as the run was planned: only "
				"--no-plots, --json and --quiet can be added");
	/* Who names an experiment wants it whole. */
	ret->thorough = ret->profile->thorough || ret->n_experiments > 0;
	if (ret->n_experiments == 0)
		add_experiments(ret, ret->profile->experiments);
	choose_workloads(ret, raw.workloads);
	config_choose_models(ret, raw.inflate, raw.set);
	free(raw.workloads);
	free(raw.inflate);
	free(raw.set);
	ret->exact = raw.blocks > 0;
	ret->blocks = raw.blocks ? (uint32_t)raw.blocks : ret->profile->blocks;
	ret->timing.window_ns =
		raw.window_ns ? raw.window_ns : ret->profile->window_ns;
	ret->window_given = raw.window_ns > 0;
	ret->budget_ns =
		raw.budget_ns ? raw.budget_ns : ret->profile->budget_ns;
	/* Who asks for a number of blocks gets them, however long it takes. */
	if (raw.blocks && !raw.budget_ns)
		ret->budget_ns = INT64_MAX;
}

void config_done(struct run_config *c)
{
	for (size_t i = 0; i < c->n_models; i++)
		free((char *)c->models[i].name);
	free(c->models);
	free(c->experiments);
	free(c->workloads);
	free(c->workers);
	free(c->plugin);
}
