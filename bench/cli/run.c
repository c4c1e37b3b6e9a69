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
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/cli/command.h"
#include "bench/cli/config.h"
#include "bench/cli/folder.h"
#include "bench/cli/info.h"
#include "bench/cli/peers.h"
#include "bench/cli/plan.h"
#include "bench/cli/progress.h"
#include "bench/cli/resume.h"
#include "bench/registry.h"
#include "harness/answer.h"
#include "harness/base.h"
#include "harness/design.h"
#include "harness/journal.h"
#include "harness/policies.h"
#include "harness/run.h"
#include "harness/summary_faults.h"

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
		CHECK(json_object_set_new(o, "policies",
					  policies_json(summary)) == 0);
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

	while (!s->cells[i].trouble[0] || s->cells[i].spec.fault[0])
		i++;
	return &s->cells[i];
}

/* Whether some model did not do under a fault what it promises. */
static bool complain_of_promises(const struct summary *s)
{
	struct fault_row *rows = NULL;
	int n = summary_faults(s, &rows), broken = 0;

	for (int i = 0; i < n; i++) {
		if (rows[i].broken[0] && broken++ == 0)
			complain("promise broken: %s under '%s': %s",
				 rows[i].cell->spec.model, rows[i].fault->name,
				 rows[i].broken);
	}
	free(rows);
	if (broken > 1)
		complain("and %d promises more", broken - 1);
	return broken > 0;
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
	if ((s->wrong_digests > 0 || !s->digests_equal) &&
	    s->run->info.program[0])
		complain("unequal digests: the program prints something else "
			 "each time for the same seed");
	if (s->n_bad_slices > 0)
		complain("%zu of %zu slices gave no result; the first: %s %s",
			 s->n_bad_slices, s->run->n,
			 first_trouble(s)->spec.model,
			 first_trouble(s)->trouble);
	return complain_of_promises(s) || s->failed > 0 || !s->digests_equal ||
	       s->n_bad_slices > 0;
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
		   const char *dir, struct run_results *results)
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
		written = results_write(results, dir);
	signal_number = close_stop_signals(options->cancel_fd, &stop);
	if (r < 0)
		complain("measuring into %s stopped: %s", dir, strerror(-r));
	if (results->n == 0) {
		folder_remove(dir);
		if (signal_number == 0 && r == 0)
			complain("the time is too short for a single slice; "
				 "raise --budget");
		if (signal_number == 0)
			exit(EXIT_ENVIRONMENT);
		complain("stopped before anything was measured");
		exit(128 + signal_number);
	}
	if (written < 0)
		die(EXIT_ENVIRONMENT,
		    "results in %s: %s; what was measured is in journal.jsonl",
		    dir, strerror(-written));
	if (r < 0 && results->info.stopped[0] == 'e')
		complain("reporting on the %zu slices measured before",
			 results->n);
	return signal_number;
}

/*
 * Of a program that takes @task_ns a window should hold TASKS tasks at least, if
 * the budget has time for SHARE such windows; and FEW tasks in any case.
 */
enum {
	TASKS = 8,
	FEW = 3,
	SHARE = 64
};

static uint64_t window_for(uint64_t task_ns, uint64_t budget_ns)
{
	uint64_t window_ns = TASKS * task_ns;

	if (window_ns > budget_ns / SHARE)
		window_ns = budget_ns / SHARE;
	return window_ns > FEW * task_ns ? window_ns : FEW * task_ns;
}

/* Find out whether the user's program works, and how long it takes. */
static void try_command(struct run_config *c)
{
	uint64_t task_ns, window_ns;

	command_limit(c->timing.timeout_ns);
	task_ns =
		command_try(c->size ? c->size : workload_command.default_size);
	window_ns = window_for(task_ns, c->budget_ns);
	if (!c->quiet)
		fprintf(stderr, "the program takes %.3g ms",
			(double)task_ns / (double)NS_PER_MS);
	if (!c->window_given && window_ns > c->timing.window_ns) {
		c->timing.window_ns = window_ns;
		if (!c->quiet)
			fprintf(stderr, ": slices of %.3g s",
				(double)window_ns / (double)NS_PER_S);
	}
	if (!c->quiet)
		fputc('\n', stderr);
}

/* A new run: plan it and make its folder. */
static void prepare_new(struct run_config *c, int argc, char **argv,
			struct run_results *results, struct plan *plan,
			char dir[PATH_MAX], struct run_options *options)
{
	if (c->program)
		try_command(c);
	info_note(c, argc, argv, &results->info);
	if (c->n_workers == 0)
		config_auto_workers(c, results->info.usable_pus);
	make_plan(c, results->info.usable_pus, plan);
	peers_note(&results->info);
	folder_make(c->out, results->info.host.name, dir);
	options->journal = journal_create(dir);
	if (options->journal < 0)
		die(EXIT_ENVIRONMENT, "journal in %s: %s", dir,
		    strerror(-options->journal));
}

/* What is about to be measured, and how long that may take. */
static void say_plan(const struct run_options *o)
{
	uint64_t minutes = (o->budget_ns + 59 * NS_PER_S) / NS_PER_S / 60;

	fprintf(stderr, "%zu cells, ", o->plan->n);
	if (o->exact)
		fprintf(stderr, "%" PRIu32 " blocks", o->blocks);
	else if (o->blocks > DESIGN_MIN_BLOCKS)
		fprintf(stderr, "%d to %" PRIu32 " blocks, as precision needs",
			DESIGN_MIN_BLOCKS, o->blocks);
	else
		fprintf(stderr,
			"%" PRIu32 " blocks and some more for noisy ones",
			o->blocks);
	if (o->budget_ns < INT64_MAX)
		fprintf(stderr, ", at most %" PRIu64 " minute%s", minutes,
			minutes == 1 ? "" : "s");
	fputc('\n', stderr);
}

int command_run(int argc, char **argv)
{
	struct run_config config;
	struct run_results results = {0};
	struct plan plan = {0};
	struct run_options options = {.program = PROGRAM, .plan = &plan};
	uint64_t begun_ns = clock_ns(), planning_ns;
	char dir[PATH_MAX];
	int code, signal_number;

	config_parse(argc, argv, &config);
	if (config.resume)
		resume(config.resume, &results, &plan, dir, &options.journal);
	else
		prepare_new(&config, argc, argv, &results, &plan, dir,
			    &options);
	options.words = loading_words();
	options.blocks = results.info.blocks_planned;
	options.exact = results.info.exact;
	/* Calibrating and trying out is part of the time that was given. */
	planning_ns = clock_ns() - begun_ns;
	options.budget_ns = results.info.budget_ns > planning_ns
				    ? results.info.budget_ns - planning_ns
				    : 0;
	options.seed = results.info.seed;
	options.timing = results.info.timing;
	if (!config.quiet)
		say_plan(&options);
	signal_number = measure(&config, &options, dir, &results);
	(void)close(options.journal);
	code = publish(&config, &results, dir);
	if (code == 0 && strcmp(results.info.stopped, "error") == 0)
		code = EXIT_ENVIRONMENT;
	plan_done(&plan);
	results_done(&results);
	config_done(&config);
	return signal_number ? 128 + signal_number : code;
}
