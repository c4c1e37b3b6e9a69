/*
 * xray_words - what a system call is for, in words that a student can follow.
 */
#ifndef BENCH_CLI_XRAY_WORDS_H
#define BENCH_CLI_XRAY_WORDS_H

#include <stdbool.h>

#include "bench/cli/xray_trace.h"

/* What to look for in a call's outcome. */
enum xray_outcome {
	XRAY_ANY,
	XRAY_SOME,    /* more than 0: bytes, events, a process */
	XRAY_NOTHING, /* 0, or EAGAIN and its kin: it came too early */
	XRAY_ONE,     /* exactly 1 */
	XRAY_FAILED,  /* any other error */
};

/*
 * A row of the table.  The first that fits a call has its words.
 */
struct xray_words {
	const char *calls; /* names, a space between them */
	const char *on;    /* of struct xray_call; NULL: anything */
	enum xray_outcome outcome;
	const char *needs;       /* in the arguments; NULL: nothing */
	const char *says;        /* "%n": the value, a number of bytes */
	const char *worker_says; /* of a worker's; NULL: the same */

	/* It is how programs load themselves, and not worth words then. */
	bool loads;

	/*
	 * It tells something when it returns, so a story puts it there.  All
	 * others are told when they begin.
	 */
	bool at_return;

	/* How often it happens depends on who is faster. */
	bool by_chance;
};

/* The words for @call; never NULL. */
const struct xray_words *xray_words_of(const struct xray_call *call);

/*
 * What @call, with its @words, goes by: its name, or, in brackets, that of the
 * many that it is one of.
 */
const char *xray_words_name(const struct xray_words *words,
			    const struct xray_call *call);

/* Those for the side that @call is on. */
const char *xray_words_text(const struct xray_words *words, bool dispatcher);

#endif
