/*
 * run - plan, measure, write, report.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/cli/config.h"
#include "bench/cli/folder.h"
#include "bench/cli/progress.h"
#include "bench/registry.h"
#include "harness/answer.h"
#include "harness/base.h"
#include "harness/child.h"
#include "harness/placement.h"
#include "harness/run.h"

#define CALIBRATION_LIMIT_NS (120 * NS_PER_S)

/*
 * Ourselves, to be executed once a slice.  By this name and not by a path: it
 * stays the same program even if a new one is built while we run.
 */
#define PROGRAM "/proc/self/exe"

/*
 * The size at which a task of @workload takes config->task_us.  In a process of
 * its own: a user's workload may crash.
 */
static uint64_t calibrated_size(const struct run_config *c,
				const char *workload)
{
	char load[PATH_MAX + 32], us[24], name[32];
	char *argv[6];
	size_t n = 0;
	struct child_spec spec = {
		.argv = argv,
		.limit_ns = CALIBRATION_LIMIT_NS,
		.out_cap = 64,
		.err_cap = 512,
		.cancel_fd = -1,
	};
	struct child_result child;
	char how[64];
	uint64_t size;
	int r;

	snprintf(us, sizeof(us), "%" PRIu64, c->task_us);
	snprintf(name, sizeof(name), "%s", workload);
	snprintf(load, sizeof(load), "--load-workload=%s",
		 c->plugin ? c->plugin : "");
	argv[n++] = (char *)PROGRAM;
	argv[n++] = "calibrate";
	if (c->plugin)
		argv[n++] = load;
	argv[n++] = name;
	argv[n++] = us;
	argv[n] = NULL;
	r = child_run(&spec, &child);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "%s: %s", PROGRAM, strerror(-r));
	if (child.wait_status != 0 || child.late) {
		child.err[strcspn(child.err, "\n")] = '\0';
		if (child.err[0]) /* it has said why, in our words */
			die(EXIT_USAGE, "%s",
			    child.err +
				    (strncmp(child.err, "manyhands: ", 11) == 0
					     ? 11
					     : 0));
		die(EXIT_USAGE, "calibrating workload '%s': %s", workload,
		    child_result_text(&child, how, sizeof(how)));
	}
	if (child.out_bytes == 0)
		die(EXIT_USAGE,
		    "calibrating workload '%s': it ended its process",
		    workload);
	child.out[strcspn(child.out, "\n")] = '\0';
	size = parse_number("calibrated size", child.out, 1, INT64_MAX);
	child_result_done(&child);
	return size;
}

static uint64_t *choose_sizes(const struct run_config *c)
{
	uint64_t *sizes = calloc(c->n_workloads, sizeof(*sizes));

	CHECK(sizes);
	for (size_t i = 0; i < c->n_workloads; i++) {
		if (c->task_us)
			sizes[i] = calibrated_size(c, c->workloads[i]->name);
		else
			sizes[i] = c->size ? c->size
					   : c->workloads[i]->default_size;
	}
	return sizes;
}

static void make_plan(const struct run_config *c, struct plan *plan)
{
	uint64_t *sizes = choose_sizes(c);
	struct plan_options options = {
		.models = c->models,
		.n_models = c->n_models,
		.workloads = c->workloads,
		.sizes = sizes,
		.n_workloads = c->n_workloads,
		.workers = c->workers,
		.n_workers = c->n_workers,
		.depth = c->depth,
		.pin = c->pin,
	};
	int r = c->experiment->add(&options, plan);

	free(sizes);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "planning: %s", strerror(-r));
}

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

/* Which model the ratios refer to: threads, or else the first named. */
static const char *choose_reference(const struct run_config *c)
{
	for (size_t i = 0; i < c->n_models; i++) {
		if (strcmp(c->models[i]->name, "threads") == 0)
			return "threads";
	}
	for (size_t i = 0; i < c->n_models; i++) {
		if (!(c->models[i]->traits & MODEL_SERIAL))
			return c->models[i]->name;
	}
	return c->models[0]->name;
}

/* What is known before the first slice. */
static void note_info(struct run_config *c, int argc, char **argv,
		      struct run_info *info)
{
	struct placement *p = require_placement(c->pin, 1, NULL);

	info->usable_pus = placement_usable_pus(p);
	info->usable_cores = placement_usable_cores(p);
	info->n_caches = placement_caches(p, info->caches, RESULTS_MAX_CACHES);
	placement_free(p);
	host_read(&info->host);
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
	info->timing = c->timing;
	snprintf(info->reference, sizeof(info->reference), "%s",
		 choose_reference(c));
	for (size_t i = 0; i < c->n_models; i++) {
		if (c->models[i]->traits & MODEL_SERIAL)
			snprintf(info->baseline, sizeof(info->baseline), "%s",
				 c->models[i]->name);
	}
}

/*
 * Block the signals that ask us to stop, and give a descriptor that is readable
 * once one has come.
 */
static int open_stop_signals(sigset_t *stop)
{
	int fd;

	sigemptyset(stop);
	sigaddset(stop, SIGINT);
	sigaddset(stop, SIGTERM);
	sigaddset(stop, SIGHUP);
	CHECK(sigprocmask(SIG_BLOCK, stop, NULL) == 0);
	fd = signalfd(-1, stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die(EXIT_ENVIRONMENT, "signalfd: %s", strerror(errno));
	return fd;
}

/*
 * Which of the signals has come; 0: none.  From here on they work as always: a
 * second Ctrl-C ends us at once.
 */
static int close_stop_signals(int fd, const sigset_t *stop)
{
	struct signalfd_siginfo info;
	int signal_number = 0;

	if (read(fd, &info, sizeof(info)) == sizeof(info))
		signal_number = (int)info.ssi_signo;
	(void)close(fd);
	CHECK(sigprocmask(SIG_UNBLOCK, stop, NULL) == 0);
	return signal_number;
}

static void print_results(const struct summary *summary, const char *dir,
			  bool json)
{
	if (json) {
		json_t *o = summary_json(summary, dir);

		CHECK(o);
		/* Errors of writing are found by finish_output(). */
		(void)json_dumpf(o, stdout, JSON_INDENT(1));
		putchar('\n');
		json_decref(o);
		return;
	}
	summary_table(summary, stdout);
	answer_text(summary, stdout);
	printf("\n%s/report.html\n", dir);
}

/* The first cell with a slice that gave no result; there is one. */
static const struct cell_summary *first_trouble(const struct summary *s)
{
	size_t i = 0;

	while (!s->cells[i].trouble[0])
		i++;
	return &s->cells[i];
}

/* Whether anything went wrong in the tasks, and if so, what, on stderr. */
static bool complain_of_failures(const struct summary *s)
{
	if (s->failed > 0)
		complain("%" PRIu64 " of %" PRIu64 " tasks failed", s->failed,
			 s->submitted);
	if (s->wrong_digests > 0 || !s->digests_equal)
		complain("%" PRIu64 " tasks gave a wrong digest",
			 s->wrong_digests);
	if (s->n_bad_slices > 0)
		complain("%zu of %zu slices gave no result; the first: %s %s",
			 s->n_bad_slices, s->run->n,
			 first_trouble(s)->spec.model,
			 first_trouble(s)->trouble);
	return s->failed > 0 || !s->digests_equal || s->n_bad_slices > 0;
}

/* Write what is for people and print; returns the exit code. */
static int publish(const struct run_config *c,
		   const struct run_results *results, const char *dir)
{
	struct summary summary;
	int code, r;

	r = summary_make(results, &summary);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "summary: %s", strerror(-r));
	code = make_products(&summary, dir, c->no_plots);
	print_results(&summary, dir, c->json);
	if (complain_of_failures(&summary))
		code = EXIT_TASKS;
	summary_done(&summary);
	return finish_output(code);
}

/*
 * Measure and write the results, with Ctrl-C as a way to stop early.  Returns
 * the signal that came, or 0.
 */
static int measure(const struct run_config *c, struct run_options *options,
		   struct run_results *results)
{
	struct progress progress;
	sigset_t stop;
	int r, written = 0, signal_number;

	progress_init(&progress, c->quiet);
	options->watch = progress_show;
	options->ctx = &progress;
	options->cancel_fd = open_stop_signals(&stop);
	r = run_blocks(options, results);
	progress_done(&progress);
	/* Before a second Ctrl-C can end us: it must not cost the results. */
	if (results->n > 0)
		written = results_write(results, options->dir);
	signal_number = close_stop_signals(options->cancel_fd, &stop);
	if (r < 0)
		complain("measuring into %s stopped: %s", options->dir,
			 strerror(-r));
	if (results->n == 0) {
		folder_remove(options->dir);
		if (signal_number == 0)
			exit(EXIT_ENVIRONMENT);
		complain("stopped before anything was measured");
		exit(128 + signal_number);
	}
	if (written < 0)
		die(EXIT_ENVIRONMENT,
		    "results in %s: %s; what was measured is in journal.jsonl",
		    options->dir, strerror(-written));
	if (r < 0 && results->info.stopped[0] == 'e')
		complain("reporting on the %zu slices measured before",
			 results->n);
	return signal_number;
}

int command_run(int argc, char **argv)
{
	struct run_config config;
	struct run_results results = {0};
	struct plan plan = {0};
	struct run_options options;
	char dir[PATH_MAX];
	int code, signal_number;

	config_parse(argc, argv, &config);
	note_info(&config, argc, argv, &results.info);
	if (config.n_workers == 0)
		config_auto_workers(&config, results.info.usable_pus);
	make_plan(&config, &plan);
	folder_make(config.out, results.info.host.name, dir);
	options = (struct run_options){
		.program = PROGRAM,
		.plugin = config.plugin,
		.plan = &plan,
		.blocks = config.blocks,
		.budget_ns = config.budget_ns,
		.seed = config.seed,
		.timing = config.timing,
		.dir = dir,
	};
	signal_number = measure(&config, &options, &results);
	code = publish(&config, &results, dir);
	if (code == 0 && strcmp(results.info.stopped, "error") == 0)
		code = EXIT_ENVIRONMENT;
	plan_done(&plan);
	results_done(&results);
	config_done(&config);
	return signal_number ? 128 + signal_number : code;
}
