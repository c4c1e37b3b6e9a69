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

#include <jansson.h>

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

/* @command, which gave @r, was to exit with @code. */
void program_expect_code(const struct child_result *r, int code,
			 const char *command);

/* It was to say one line of ours on standard error, with @says in it. */
void program_expect_line(const struct child_result *r, const char *says,
			 const char *command);

/* What a failing command must give. */
struct program_misuse {
	const char *command; /* after the program's name */
	int code;
	const char *says; /* on standard error */
};

/*
 * Each of the @n commands fails in that way, prints nothing, and leaves neither
 * results/ nor out*.
 */
void program_expect_misuse(const struct program_misuse *m, size_t n);

/* Run @command, which must exit with @code; its output, to be freed. */
char *program_output(const char *command, int code);

/* The same, its output being one JSON object and nothing else. */
json_t *program_json(const char *command, int code);

/*
 * Start "$MANYHANDS @arguments" with @env ("A=b C=d") and go on.  It leads a process
 * group of its own; its output goes to the files `stdout' and `stderr'.
 */
pid_t program_start(const char *env, const char *arguments);

/* Its wait status, once it has ended, which must be soon. */
int program_wait(pid_t pid);

/* A program of program_start() with wait status @status was to exit with @code. */
void program_expect_exit(int status, int code);

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
