/*
 * serve_watch - who watches the workers: the streams of GET /events.
 *
 * A worker that is asked for a stream answers the head and hands the connection
 * to the primary.  There it costs no worker its place, and the picture moves
 * even when all workers are busy, which is when it is most wanted.
 */
#ifndef BENCH_CLI_SERVE_WATCH_H
#define BENCH_CLI_SERVE_WATCH_H

#include <stddef.h>
#include <stdint.h>

/* More are turned away. */
#define WATCH_MAX 64

struct serve_watch {
	int give;           /* the workers' end; -1 */
	int take;           /* ours: readable when somebody has come; -1 */
	int fds[WATCH_MAX]; /* [n]: the connections */
	uint32_t n;
};

/* 0 or -errno; on failure there is nothing to close. */
int watch_open(struct serve_watch *w);

/* Accepts one that is closed. */
void watch_close(struct serve_watch *w);

/* In a forked worker: close all that is not for it. */
void watch_forget(struct serve_watch *w);

/* In a worker: hand the connection @fd over.  @fd remains the caller's. */
int watch_give(const struct serve_watch *w, int fd);

/* Take who has come; never waits.  Returns how many. */
uint32_t watch_take(struct serve_watch *w);

/*
 * Send the @n bytes to all.  A client that has left, or does not read so that
 * not all of it fits in the kernel's buffer, is dropped.
 */
void watch_tell(struct serve_watch *w, const char *bytes, size_t n);

#endif
