/*
 * respawn - when a worker's place may be filled again, and when no more.
 *
 * Floor 1.  Pure logic without a clock: the supervisor tells what happened to
 * the worker of one place and when, and asks from when on it may start another.
 *
 *	a worker that was ready has died	at once, but two starts are
 *						1/20 s apart at least
 *	one died before it was ready		after 10 ms, then 20 … 1 s;
 *						never after 5 such in 10 s
 *	none could be started			after 10 ms, then 20 … 1 s
 *	one has left as agreed			at once
 *
 * A worker that was once ready deserves a successor without delay; should each
 * die in its first task, 20 forks a second do no harm.  One that dies before
 * it is ready has a lasting reason, so the place is given up, as systemd's
 * StartLimitBurst= does.  fork(2) that fails is the machine's shortage and no
 * fault of the worker: it passes, so waiting for it never ends.
 */
#ifndef HARNESS_RESPAWN_H
#define HARNESS_RESPAWN_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base.h"

#define RESPAWN_SPACE_NS (NS_PER_S / 20)
#define RESPAWN_PAUSE_NS (10 * NS_PER_MS)
#define RESPAWN_MAX_PAUSE_NS NS_PER_S
#define RESPAWN_DEATHS 5
#define RESPAWN_WINDOW_NS (10 * NS_PER_S)

/* One place; zeroed, it may be filled at once. */
struct respawn {
	uint64_t at_ns;    /* the next start is allowed from then on */
	bool given_up;     /* … or never */
	uint32_t failures; /* in a row: starts that brought no ready worker */

	bool ready;          /* the last worker started was so */
	uint64_t started_ns; /* when it was */

	/* When workers died before they were ready, in a ring. */
	uint64_t deaths_ns[RESPAWN_DEATHS];
	uint64_t n_deaths; /* ever */
};

/* A worker has been started at @now_ns. */
void respawn_started(struct respawn *r, uint64_t now_ns);

/* It has reported that it is ready.  May be told more than once. */
void respawn_ready(struct respawn *r);

/* None could be started at @now_ns: fork(2) failed, or what comes before it. */
void respawn_failed(struct respawn *r, uint64_t now_ns);

/* The worker was found dead at @now_ns, and nobody had asked it to end. */
void respawn_died(struct respawn *r, uint64_t now_ns);

/* It was found to have ended at @now_ns, because it should. */
void respawn_left(struct respawn *r, uint64_t now_ns);

/*
 * From when on the place may be filled: a time that has passed means now,
 * CLOCK_NEVER that the place is given up.  Has no meaning while one works there.
 */
static inline uint64_t respawn_at(const struct respawn *r)
{
	return r->given_up ? CLOCK_NEVER : r->at_ns;
}

#endif
