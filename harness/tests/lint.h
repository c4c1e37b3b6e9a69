/*
 * lint.h - what the analyser of clang-tidy 14 does not know of errno.
 *
 * Our functions fail with `return -errno', and their callers go on when what
 * came back is not negative.  Without help the analyser believes that errno may
 * be zero after a failure, and finds paths that do not exist.  This file is
 * included by `make lint' before each source, and by nothing else.
 */
#ifndef HARNESS_TESTS_LINT_H
#define HARNESS_TESTS_LINT_H

#include <errno.h>

/* Never defined: to the analyser, any number. */
int lint_any(void);

static inline int *lint_errno(void)
{
	static int e;

	switch (lint_any()) {
	case 0:
		e = EINTR;
		break;
	case 1:
		e = EAGAIN;
		break;
	default:
		e = EIO;
	}
	return &e;
}

#undef errno
#define errno (*lint_errno())

#endif
