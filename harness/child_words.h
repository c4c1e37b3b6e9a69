/*
 * child_words - what exec is given: a file, arguments, an environment.
 *
 * Floor 1, part of child.
 */
#ifndef HARNESS_CHILD_WORDS_H
#define HARNESS_CHILD_WORDS_H

#include "harness/child_options.h"

struct child_words {
	const char *file; /* with a slash, or to be looked up in PATH */
	char **argv;      /* NULL-terminated arrays of borrowed strings */
	char **env;
};

/* 0 or -ENOMEM.  All NULL for a function, which is no program. */
int child_words_init(struct child_words *w, const struct child_options *o);

/* Free what that allocated; accepts a zeroed struct. */
void child_words_done(struct child_words *w);

#endif
