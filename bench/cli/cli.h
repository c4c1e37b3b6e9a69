/*
 * cli - what the commands share: errors, exit codes, parsing.
 *
 * Only main.c and the files of this folder print errors and pick exit codes.
 */
#ifndef BENCH_CLI_CLI_H
#define BENCH_CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/model.h"
#include "harness/summary.h"
#include "harness/workload.h"

enum exit_code {
	EXIT_VERDICT = 1,     /* compare found what --fail-on names */
	EXIT_TASKS = 1,       /* some tasks failed or gave a wrong digest */
	EXIT_USAGE = 2,       /* the command line asks for what is not there */
	EXIT_ENVIRONMENT = 3, /* disk full, no gnuplot, no permission, … */
};

/*
 * A command gets its own name as argv[0] and returns the exit code.  Results go
 * to stdout, all else to stderr.
 */
struct command {
	const char *name;
	const char *arguments; /* for the overview */
	const char *summary;   /* NULL: internal, not listed */
	int (*run)(int argc, char **argv);
};

int command_run(int argc, char **argv);
int command_report(int argc, char **argv);
int command_goals(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_list(int argc, char **argv);
int command_topology(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_task(int argc, char **argv);
int command_xray(int argc, char **argv);
int command_slice(int argc, char **argv);
int command_calibrate(int argc, char **argv);
int command_drill(int argc, char **argv);

/*
 * The command `task' with workloads that @find gives, or dies: it is what the
 * models exec and shell execute anew, so any program that uses these models
 * must come here when argv[1] is "task".
 */
int task_main(int argc, char **argv,
	      const struct workload *(*find)(const char *name));

/* Print "manyhands: …" in one line on stderr and exit with @code. */
_Noreturn void die(enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same without the exit. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* argp_parse() whose errors are one line each and end with EXIT_USAGE. */
void parse_arguments(const struct argp *argp, int argc, char **argv,
		     void *input);

/*
 * Flush stdout; dies with EXIT_ENVIRONMENT if any of it could not be written.
 * Returns @code otherwise, for a command to return.
 */
int finish_output(int code);

/*
 * Until stdout_give() turn standard output over to standard error: what a
 * workload prints must not mix with our results.  Returns what stdout_give()
 * needs.
 */
int stdout_take(void);
void stdout_give(int fd);

/* @text as a number from @min to @max, or die naming @option. */
uint64_t parse_number(const char *option, const char *text, uint64_t min,
		      uint64_t max);

/* @text of --workers and of --depth: as many as a job can have. */
uint32_t parse_workers(const char *text);
uint32_t parse_depth(const char *text);

/*
 * The next item of the comma-separated list *@rest: a copy to be freed, or NULL
 * at its end.  Dies, naming @option, on an empty item.
 */
char *parse_item(const char *option, const char **rest);

/* The one of this name, or die with a list of the valid ones. */
const struct model *require_model(const char *name);
const struct workload *require_workload(const char *name);
const struct experiment *require_experiment(const char *name);

/*
 * Read the run in the folder @dir and summarise it, or die.  @run is to outlive
 * @summary.
 */
void require_run(const char *dir, struct run_results *run,
		 struct summary *summary);

/*
 * placement_plan(), or die naming @policy or @synthetic and the valid choices.
 */
struct placement *require_placement(const char *policy, uint32_t workers,
				    const char *synthetic);

/*
 * Load a user's workload from the shared object @path and let
 * require_workload() know it.  Dies if there is none in it or it is malformed.
 * Returns its absolute path, to be freed.
 */
char *load_workload(const char *path);

/*
 * Let require_workload() know the workload that runs the user's own program as
 * @line has it, see command.h; or die.
 */
void load_command(const char *line);

/* What one of these two has loaded; NULL: nothing. */
const struct workload *loaded_workload(void);

/*
 * What another process of this program must be told to load the same, as words
 * of its command line, NULL-terminated.
 */
const char *const *loading_words(void);

/*
 * The path of manyhands-task, which lies beside this program, or die.  Whether it
 * is there shows when it is started.
 */
const char *small_program(void);

/* The same for a job; NULL: it does not know what was loaded. */
const char *task_program(void);

/*
 * Make plots (unless @no_plots), report, summary.txt and latency/ of @summary in
 * the folder @dir.  Returns 0, or EXIT_ENVIRONMENT after complaining, with all
 * that could be made in place.
 */
int make_products(const struct summary *summary, const char *dir,
		  bool no_plots);

#endif
