/*
 * child_ends - the two ends of a child's standard streams.
 *
 * Floor 1, part of child.
 */
#ifndef HARNESS_CHILD_ENDS_H
#define HARNESS_CHILD_ENDS_H

#include <stddef.h>

#include "harness/child_options.h"

struct child_ends {
	/* Where we write its input and read its output; they never block.  -1:
	 * that one is no pipe, or is closed. */
	int ours[3];

	int *theirs; /* [n] which of our descriptors becomes 0, 1, 2, … */
	size_t n;
	int opened[3]; /* those of theirs that we close after the fork, or -1 */
};

/* Open what @o wants.  0 or -errno, and then nothing is open. */
int child_ends_open(struct child_ends *e, const struct child_options *o);

/* After the fork: only the child holds its ends, so that we see their end. */
void child_ends_close_theirs(struct child_ends *e);

/* Close all that is open; may be called twice. */
void child_ends_close(struct child_ends *e);

/* Close *@fd, if it is open, and set it to -1. */
void child_close_fd(int *fd);

#endif
