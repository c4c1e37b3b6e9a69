/*
 * command - the user's own program as the workload: --command './mytool {seed}'.
 *
 * A task starts the program and waits for it; its digest is one of what the
 * program has printed on standard output.  A program that fails fails its task,
 * in every model.
 */
#ifndef BENCH_CLI_COMMAND_H
#define BENCH_CLI_COMMAND_H

#include <stdint.h>

#include "harness/workload.h"

/* How long a program may run if nobody says so. */
#define COMMAND_LIMIT_NS UINT64_C(10000000000)

/* Named "command"; knows its program once command_parse() has been called. */
extern const struct workload workload_command;

/*
 * Take @line as the program and its arguments, or die naming --command.  Words
 * are split at blanks; single quotes, double quotes and backslashes keep blanks
 * in a word as in a shell.  Nothing else is as in a shell: no variables, no
 * wildcards, no pipes.  In every task, {seed} and {size} in a word are replaced
 * by its numbers.
 */
void command_parse(const char *line);

/*
 * Kill the program, with a process group of its own, after @ns; 0: never, and
 * without such a group.  So it also is in processes forked from this one: they
 * are workers, and a model kills a late worker with its group, where what the
 * worker has started must be.
 */
void command_limit(uint64_t ns);

/*
 * Run the program some times before it is measured.  Dies in one line that says
 * what is wrong with it, and complains if it prints something else each time.
 * Returns the shortest time it took, in ns.
 */
uint64_t command_try(uint64_t size);

#endif
