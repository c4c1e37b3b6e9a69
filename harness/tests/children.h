/*
 * children - what the tests of child have in common.
 */
#ifndef HARNESS_TESTS_CHILDREN_H
#define HARNESS_TESTS_CHILDREN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base.h"
#include "harness/child.h"

#define MIB ((size_t)1 << 20)

/* Patience that only a test which fails runs out of. */
#define LONG (120 * NS_PER_S)

#define ARGV(...) ((char *const *)(const char *const[]){__VA_ARGS__, NULL})

/*
 * What a test finds in *state.  Before and after it we must have the same
 * descriptors and no child, neither running nor dead.  Orphans of our children
 * become ours.
 */
struct children {
	int fds;
	char dir[32]; /* temporary, with a pipe named "fifo" in it */
	char fifo[64];
	int fifo_fd; /* open in both directions: never blocks, never ends */
};

int children_setup(void **state);
int children_teardown(void **state);

#define CHILDREN_TEST(name)                                                    \
	cmocka_unit_test_setup_teardown(name, children_setup, children_teardown)

/* The number in @text. */
int children_number(const char *text);

/* The number that somebody writes into the pipe @fd. */
int children_read_number(int fd);

/*
 * How a child ended and what it said on standard output, "exit 0: hello"; valid
 * until the next call.
 */
const char *children_story(const struct child_options *o);

/* The same of a command of the shell, and of a function. */
const char *children_sh(const char *command);
const char *children_call(int (*function)(void *), void *argument);

/* Orphan @pid, ours by now, must have been killed by @sig. */
void children_expect_killed(pid_t pid, int sig);

/* Wait for all orphans; how many there were. */
int children_count_orphans(void);

/* In a child: print the numbers of our descriptors. */
int children_list_fds(void *nothing);

#endif
