/*
 * child_capture - what came out of a child, up to a cap.
 *
 * Floor 1, part of child.
 */
#ifndef HARNESS_CHILD_CAPTURE_H
#define HARNESS_CHILD_CAPTURE_H

#include <stddef.h>

struct capture {
	char *data; /* [room + 1]; always ends with a NUL */
	size_t bytes, room;
	size_t cap; /* room never grows beyond */
	int cut;    /* something was dropped */
};

/* 0 or -ENOMEM. */
int capture_init(struct capture *c, size_t cap);

/* Add @n bytes, or as many as the cap, or the memory, allows. */
void capture_put(struct capture *c, const char *bytes, size_t n);

/* Free the data, if it is here still; accepts a zeroed struct. */
void capture_done(struct capture *c);

#endif
