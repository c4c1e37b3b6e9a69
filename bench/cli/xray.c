/*
 * xray - which system calls a model makes for a task, and what for.
 *
 * `manyhands drill' runs a handful of tasks under strace(1), three times.
 */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/cli/xray_print.h"
#include "harness/base.h"
#include "harness/child.h"

/* A tracer makes everything slow; the tasks are few. */
#define LIMIT_NS (120 * NS_PER_S)

struct xray_arguments {
	struct xray_subject subject;
	bool json;
};

static const struct argp_option options[] = {
	{"workload", 'w', "NAME", 0, "whose tasks (nop)", 0},
	{"size", 's', "N", 0, "of each task (the workload's usual one)", 0},
	{"workers", 'n', "N", 0, "how many workers (1)", 0},
	{"depth", 'd', "N", 0, "tasks in flight per worker (1)", 0},
	{"tasks", 't', "N", 0,
	 "how many; also twice and three times as many (5)", 0},
	{"json", 'j', NULL, 0, "print JSON", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct xray_arguments *a = state->input;
	struct xray_subject *s = &a->subject;

	switch (key) {
	case 'w':
		s->workload = require_workload(arg)->name;
		return 0;
	case 's':
		s->size = parse_number("--size", arg, 1, INT64_MAX);
		return 0;
	case 'n':
		s->workers = (uint32_t)parse_number("--workers", arg, 1, 64);
		return 0;
	case 'd':
		s->depth = parse_depth(arg);
		return 0;
	case 't':
		s->tasks = parse_number("--tasks", arg, 1, 300);
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (s->model)
			die(EXIT_USAGE, "one argument too many: '%s'", arg);
		s->model = require_model(arg)->name;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* How the tracer ended, if not well: say it in a line, and die. */
static void check_end(const struct child_result *r)
{
	char text[64];
	char *line = r->err;

	if (r->wait_status == 0)
		return;
	line[strcspn(line, "\n")] = '\0';
	/* The drill's own words have our name before them already. */
	if (strncmp(line, "manyhands: ", 11) == 0)
		die(WEXITSTATUS(r->wait_status), "xray: %s", line + 11);
	die(EXIT_ENVIRONMENT, "xray: strace may not look here (%s): %s",
	    child_result_text(r, text, sizeof(text)),
	    *line ? line : "no reason given");
}

/* What strace wrote into @fd, to be freed. */
static char *read_back(int fd, size_t *ret_bytes)
{
	struct stat st;
	char *text;

	CHECK(fstat(fd, &st) == 0);
	*ret_bytes = (size_t)st.st_size;
	text = malloc(*ret_bytes + 1);
	if (!text || pread(fd, text, *ret_bytes, 0) != (ssize_t)*ret_bytes)
		die(EXIT_ENVIRONMENT, "xray: cannot read what strace wrote");
	return text;
}

/* Drill @tasks tasks under strace. */
static void trace_run(const struct xray_subject *s, uint64_t tasks,
		      struct xray_trace *ret)
{
	char self[PATH_MAX] = "", file[64], numbers[4][24];
	char *argv[] = {"strace",     "-f",
			"-qq",        "-yy",
			"-s",         "48",
			"-o",         file,
			self,         "drill",
			"--model",    (char *)s->model,
			"--workload", (char *)s->workload,
			"--size",     numbers[0],
			"--workers",  numbers[1],
			"--depth",    numbers[2],
			"--tasks",    numbers[3],
			NULL};
	const struct child_options strace = {
		.argv = argv,
		.limit_ns = LIMIT_NS,
		.out_cap = 4096,
		.err_cap = 4096,
	};
	/* In memory: no file to name, and none to leave behind. */
	int fd = memfd_create("xray", MFD_CLOEXEC), r;
	struct child_result result;
	size_t bytes;
	char *text;

	if (fd < 0 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		die(EXIT_ENVIRONMENT, "xray: %s", strerror(errno));
	(void)snprintf(file, sizeof(file), "/proc/%d/fd/%d", (int)getpid(), fd);
	(void)snprintf(numbers[0], sizeof(numbers[0]), "%" PRIu64, s->size);
	(void)snprintf(numbers[1], sizeof(numbers[1]), "%" PRIu32, s->workers);
	(void)snprintf(numbers[2], sizeof(numbers[2]), "%" PRIu32, s->depth);
	(void)snprintf(numbers[3], sizeof(numbers[3]), "%" PRIu64, tasks);
	r = child_run(&strace, &result);
	if (r == -ENOENT)
		die(EXIT_ENVIRONMENT,
		    "xray needs strace: on Debian or Ubuntu: apt-get install "
		    "strace, or run: make deps");
	if (r < 0)
		die(EXIT_ENVIRONMENT, "xray: strace: %s", strerror(-r));
	check_end(&result);
	child_result_done(&result);
	text = read_back(fd, &bytes);
	r = xray_trace_parse(text, bytes, ret);
	if (r < 0 || !ret->whole)
		die(EXIT_ENVIRONMENT,
		    "xray: strace writes what we cannot read");
	free(text);
	(void)close(fd);
}

/* What a worker of @model is. */
static const char *worker_of(const struct model *model)
{
	if (model->traits & MODEL_PROCESS)
		return model->traits & MODEL_PER_TASK ? "worker: a process, new"
						      : "worker: a process";
	if (model->traits & MODEL_THREAD)
		return model->traits & MODEL_PER_TASK ? "worker: a thread, new"
						      : "worker: a thread";
	return "worker: none";
}

int command_xray(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"MODEL",
		"Run a handful of tasks under strace and say which system calls "
		"the dispatcher and the workers make for them, and what for.",
		NULL,
		NULL,
		NULL};
	struct xray_arguments a = {
		.subject = {.workload = "nop",
			    .tasks = 5,
			    .workers = 1,
			    .depth = 1},
	};
	struct xray_subject *s = &a.subject;
	struct xray_trace runs[XRAY_RUNS];
	const struct model *model;
	struct xray_count count;

	parse_arguments(&argp, argc, argv, &a);
	if (!s->model)
		die(EXIT_USAGE, "xray needs MODEL, e.g. manyhands xray fork");
	model = require_model(s->model);
	if (s->workers > 1 && (model->traits & MODEL_SERIAL))
		die(EXIT_USAGE, "--workers: model '%s' has one", s->model);
	s->summary = model->summary;
	s->worker = worker_of(model);
	if (s->size == 0)
		s->size = require_workload(s->workload)->default_size;
	for (size_t i = 0; i < XRAY_RUNS; i++)
		trace_run(s, (i + 1) * s->tasks, &runs[i]);
	if (xray_count_make(runs, s->tasks, &count) < 0)
		die(EXIT_ENVIRONMENT, "xray: %s", strerror(ENOMEM));
	s->story = &runs[0];
	s->count = &count;
	if (a.json) {
		json_t *json = xray_print_json(s);

		CHECK(json);
		(void)json_dumpf(json, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(json);
	} else {
		xray_print_text(s, strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
				stdout);
	}
	xray_count_done(&count);
	for (size_t i = 0; i < XRAY_RUNS; i++)
		xray_trace_done(&runs[i]);
	return finish_output(0);
}
