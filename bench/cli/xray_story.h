/*
 * xray_story - the last task of a trace, call by call, in the order in which
 * things happened.
 */
#ifndef BENCH_CLI_XRAY_STORY_H
#define BENCH_CLI_XRAY_STORY_H

#include <stddef.h>
#include <stdint.h>

#include "bench/cli/xray_trace.h"
#include "bench/cli/xray_words.h"

/* The same call, so many times in a row. */
struct xray_step {
	const struct xray_call *call; /* the first of them */
	const struct xray_words *words;
	const char *name; /* of the call, or of all calls of its kind */
	uint32_t times;
	uint32_t worker; /* 0: the dispatcher; others as they come in */
	size_t moment;   /* the line where it is told */
};

struct xray_story {
	struct xray_step *steps; /* [n] */
	size_t n;
	uint32_t n_workers; /* that have a step in it */
};

/*
 * Tell the last task of @t, which is to outlive it.  0 or -ENOMEM.  To be
 * passed to xray_story_done().
 */
int xray_story_make(const struct xray_trace *t, struct xray_story *ret);

void xray_story_done(struct xray_story *s);

#endif
