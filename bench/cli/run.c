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
#include "bench/cli/plan.h"
#include "bench/cli/progress.h"
#include "bench/registry.h"
#include "harness/answer.h"
#include "harness/base.h"
#include "harness/clock_check.h"
#include "harness/placement.h"
#include "harness/run.h"

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
	info->timing = c->timing;
	snprintf(info->reference, sizeof(info->reference), "%s", c->reference);
	for (size_t i = 0; i < c->n_models; i++) {
		if (c->models[i].model->traits & MODEL_SERIAL)
			snprintf(info->baseline, sizeof(info->baseline), "%s",
				 c->models[i].name);
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
	make_plan(&config, results.info.usable_pus, &plan);
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
