/*
 * child_feed - write into a child's input without ever waiting for it.
 *
 * Floor 1, part of child.  A pipe holds 64 KiB; who writes more than that at once
 * waits for the reader, and if the reader waits for us to read its output, both
 * wait for ever.  So write what fits, and go on when poll(2) says that there is
 * room.
 */
#ifndef HARNESS_CHILD_FEED_H
#define HARNESS_CHILD_FEED_H

#include <stddef.h>
#include <sys/types.h>

#include "harness/child_options.h"

struct child_feed {
	const char *bytes; /* [left] that we are to write by ourselves */
	size_t left;
	int waits; /* for the pipe to have room */
};

/* Write @s' bytes and then close *@fd, in as many child_feed_on() as it takes. */
void child_feed_all(struct child_feed *f, int *fd, const struct child_stdio *s);

/* There is room, or no reader.  1: somebody else waits to write; else 0. */
int child_feed_on(struct child_feed *f, int *fd);

/* As child_write(). */
ssize_t child_feed_write(struct child_feed *f, int *fd, const void *bytes,
			 size_t n);

#endif
