/*
 * program - the whole manyhands, for tests that use it as people do.
 *
 * Commands are those of sh(1), run in an empty folder of their own.  $MANYHANDS
 * is the absolute path of the program, $TREE of the folder we came from.
 */
#ifndef BENCH_TESTS_PROGRAM_H
#define BENCH_TESTS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "harness/child.h"

/*
 * Fixtures for cmocka: make the folder; remove it, and wait until no process is
 * left of those that were started.
 */
int program_setup(void **state);
int program_teardown(void **state);

/*
 * Run @command to its end, which must come.  Pass @ret to child_result_done().
 */
void program_run(const char *command, struct child_result *ret);

/*
 * Start "$MANYHANDS @arguments" with @env ("A=b C=d") and go on.  It leads a process group of its
 * own; its output goes to the files `stdout' and `stderr'.
 */
pid_t program_start(const char *env, const char *arguments);

/* Its wait status, once it has ended, which must be soon. */
int program_wait(pid_t pid);

/* Wait until the folder's file @name has @lines lines (0: is there). */
void program_await(const char *name, size_t lines);

/* A child process of @pid, once there is one. */
pid_t program_child(pid_t pid);

/* Wait until no process is left that was started here. */
void program_expect_alone(void);

/* Whether the folder has @name; a glob(7) pattern. */
bool program_has(const char *name);

/* The text of the folder's file @name, to be freed. */
char *program_read(const char *name);

#endif
