/*
 * task, calibrate - run a workload here and now, without any model.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/cli/cli.h"
#include "bench/cli/command.h"
#include "harness/base.h"
#include "harness/errand.h"
#include "harness/model.h"

/* Beyond this size a workload's time will not grow any more. */
#define MAX_SIZE ((uint64_t)1 << 40)

/* A try counts with its best time: noise only ever adds. */
#define TRIES 5

struct task_arguments {
	const char *text[3]; /* positional */
	unsigned n;
	uint64_t count;

	/* What the models exec and shell say, see errand.h. */
	bool record;
	uint64_t id;
	struct worker self;
	uint32_t extra_ppm;
};

enum {
	KEY_COMMAND = 256,
	KEY_RECORD,
	KEY_BIND_ERRNO,
	KEY_EXTRA
};

static const struct argp_option task_options[] = {
	{"command", KEY_COMMAND, "LINE", 0,
	 "a program of your own, as WORKLOAD 'command'", 0},
	{"record", KEY_RECORD, "ID", OPTION_HIDDEN, 0, 0},
	{"bind-errno", KEY_BIND_ERRNO, "N", OPTION_HIDDEN, 0, 0},
	{"extra-ppm", KEY_EXTRA, "N", OPTION_HIDDEN, 0, 0},
	{"count", 'c', "N", 0, "run N tasks with the seeds SEED, SEED + 1, …",
	 0},
	{"load-workload", 'l', "FILE.so", 0, "a workload of your own", 0},
	{0},
};

static error_t parse_task(int key, char *arg, struct argp_state *state)
{
	struct task_arguments *a = state->input;

	switch (key) {
	case 'c':
		a->count = parse_number("--count", arg, 1, UINT32_MAX);
		return 0;
	case 'l':
		free(load_workload(arg));
		return 0;
	case KEY_COMMAND:
		load_command(arg);
		return 0;
	case KEY_RECORD:
		a->record = true;
		a->id = parse_number("--record", arg, 0, UINT64_MAX);
		return 0;
	case KEY_BIND_ERRNO:
		a->self.bind_errno = (int32_t)parse_number("--bind-errno", arg,
							   0, INT32_MAX);
		return 0;
	case KEY_EXTRA:
		a->extra_ppm =
			(uint32_t)parse_number("--extra-ppm", arg, 0, 1000000);
		return 0;
	case ARGP_KEY_ARG:
		if (a->n == ARRAY_LEN(a->text))
			die(EXIT_USAGE, "one argument too many: '%s'", arg);
		a->text[a->n++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* When this process began to be ours: before main, before other libraries. */
static uint64_t created_ns;

__attribute__((constructor)) static void note_creation(void)
{
	created_ns = clock_ns();
}

/* Run one task for a model, and answer it by one line. */
static int print_record(const struct task_arguments *a,
			const struct workload *workload, uint64_t size,
			uint64_t seed)
{
	const struct job job = {
		.workload = workload,
		.size = size,
		.extra_ppm = a->extra_ppm,
	};
	const struct task task = {.id = a->id, .seed = seed};
	struct completion c;
	char line[ERRAND_LINE];
	int fd;

	errand_die_with_reader();
	command_limit(0); /* The model sees to that. */
	fd = stdout_take();
	task_run(&job, &a->self, &task, created_ns, &c);
	stdout_give(fd);
	(void)fwrite(line, 1, errand_print(&c, line), stdout);
	return finish_output(0);
}

/* Run one task for a person.  Returns the exit code: 0, or it has failed. */
static int print_digest(const struct workload *workload, uint64_t size,
			uint64_t seed)
{
	const struct job job = {.workload = workload, .size = size};
	const struct task task = {.seed = seed};
	const struct worker self = {0};
	struct completion c;
	char name[32];
	int fd = stdout_take();

	task_run(&job, &self, &task, 0, &c);
	stdout_give(fd);
	if (c.status != TASK_STATUS(TASK_OK, 0)) {
		complain("the task with seed %" PRIu64 " failed: %s", seed,
			 task_status_name(c.status, name, sizeof(name)));
		return EXIT_TASKS;
	}
	printf("%016" PRIx64 "\n", c.digest);
	/* The next stdout_take() may not take it away. */
	return fflush(stdout) == 0 ? 0 : EXIT_ENVIRONMENT;
}

int task_main(int argc, char **argv,
	      const struct workload *(*find)(const char *name))
{
	static const struct argp argp = {
		task_options,
		parse_task,
		"WORKLOAD SIZE SEED",
		"Run tasks and print the digest of each as 16 hexadecimal "
		"digits.",
		NULL,
		NULL,
		NULL};
	struct task_arguments a = {.count = 1};
	const struct workload *workload;
	uint64_t size, seed;
	int code = 0;

	parse_arguments(&argp, argc, argv, &a);
	if (a.n < 3)
		die(EXIT_USAGE, "task needs WORKLOAD SIZE SEED, e.g. "
				"manyhands task primes 100000 1");
	workload = find(a.text[0]);
	size = parse_number("SIZE", a.text[1], 1, INT64_MAX);
	seed = parse_number("SEED", a.text[2], 0, UINT64_MAX);
	if (a.record)
		return print_record(&a, workload, size, seed);
	for (uint64_t i = 0; i < a.count && code == 0; i++)
		code = print_digest(workload, size, seed + i);
	return finish_output(code);
}

int command_task(int argc, char **argv)
{
	return task_main(argc, argv, require_workload);
}

/* The best time of some tries of @size. */
static uint64_t time_of(const struct workload *workload, uint64_t size)
{
	uint64_t best_ns = UINT64_MAX, sum = 0;

	for (uint64_t i = 0; i < TRIES; i++) {
		uint64_t begun_ns = clock_ns();
		uint64_t ns;

		sum ^= workload->run(size, i + 1);
		ns = clock_ns() - begun_ns;
		if (ns < best_ns)
			best_ns = ns;
	}
	/* Use the digests, or the compiler may think nobody wants them. */
	return best_ns + (sum == 0);
}

/*
 * Double the size until it takes at least half of @target_ns, then scale by
 * what is missing, twice, since time is only about linear.
 */
static uint64_t calibrate(const struct workload *workload, uint64_t target_ns)
{
	uint64_t size = 1, ns;

	(void)workload->run(1, 1); /* builds its tables, if it has some */
	for (ns = time_of(workload, size); ns < target_ns / 2;
	     ns = time_of(workload, size)) {
		if (size >= MAX_SIZE)
			die(EXIT_USAGE,
			    "--task-us: the time of workload '%s' does not "
			    "grow with its size; leave it out",
			    workload->name);
		size *= 2;
	}
	for (int i = 0; i < 2; i++) {
		double scaled = (double)size * (double)target_ns / (double)ns;

		size = scaled < 1 ? 1 : (uint64_t)(scaled + 0.5);
		ns = time_of(workload, size);
	}
	return size;
}

/* Internal: `calibrate WORKLOAD US' prints the size that takes US µs. */
int command_calibrate(int argc, char **argv)
{
	static const struct argp argp = {task_options, parse_task, NULL, NULL,
					 NULL,         NULL,       NULL};
	struct task_arguments a = {.count = 1};
	const struct workload *workload;
	uint64_t us, size;
	int fd;

	parse_arguments(&argp, argc, argv, &a);
	if (a.n != 2)
		die(EXIT_USAGE, "calibrate needs WORKLOAD US");
	us = parse_number("US", a.text[1], 1, 10000000);
	workload = require_workload(a.text[0]);
	fd = stdout_take();
	size = calibrate(workload, us * NS_PER_US);
	stdout_give(fd);
	printf("%" PRIu64 "\n", size);
	return finish_output(0);
}
