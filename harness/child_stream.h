/*
 * child_stream - a child as a series of events, for a loop of one's own.
 *
 * Floor 1, part of child.
 *
 *	r = child_start(&options, &events, &c, &step);
 *	do {
 *		child_prepare(c, p);
 *		poll(p, …, clock_poll_ms(child_deadline_ns(c)));
 *	} while (!child_handle(c, p));
 *	child_end(c);
 *
 * Other descriptors, and other children, may lie beside those of this one in
 * the array for poll(2).  child_wait() is this loop for one child alone.
 *
 * A dead child stays a zombie until child_end().  So its number cannot become
 * anybody else's, and whoever is left of its group can still be killed.
 */
#ifndef HARNESS_CHILD_STREAM_H
#define HARNESS_CHILD_STREAM_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/child_options.h"

struct child;

/*
 * What may be told, always from inside child_handle(), child_wait() or
 * child_hang_up().  Any of them may be NULL.  They may call what is below, but
 * not child_end() nor those three.
 */
struct child_events {
	void *ctx;

	/* @n bytes, at least 1, came out of its descriptor @fd, 1 or 2. */
	void (*data)(void *ctx, int fd, const char *bytes, size_t n);

	/* After child_write() took less than all: there is room again. */
	void (*drain)(void *ctx);

	/*
	 * The end of the child, once, and the end of all its output, once; in
	 * whichever order they come.  A grandchild may hold the pipes open long
	 * after the exit, and a child may close them long before.  Data may
	 * come after the exit, but none after the close.  With no pipe to read,
	 * close comes first.
	 */
	void (*exit)(void *ctx, int wait_status);
	void (*close)(void *ctx);
};

/*
 * Start a child.  0, and @ret is to be passed to child_end(); or -errno, and
 * @ret_step (or NULL) is where it failed: -ENOENT no such program or directory,
 * -EACCES not executable, -EMFILE, -EAGAIN too many processes, -EPERM, …;
 * -ECHILD if we ignore SIGCHLD, so that nobody could wait for a child.
 * Returns when the new program runs, or the function is called.  If limit_ns is
 * over before that, 0: then the child is late.
 */
int child_start(const struct child_options *options,
		const struct child_events *events, struct child **ret,
		enum child_step *ret_step);

#define CHILD_POLLFDS 4

/* Fill @p for poll(2); where there is nothing to wait for, the fd is -1. */
void child_prepare(const struct child *c, struct pollfd p[CHILD_POLLFDS]);

/* Call child_handle() then at the latest, in clock_ns(); or CLOCK_NEVER. */
uint64_t child_deadline_ns(const struct child *c);

/*
 * Do what is to be done after poll(2).  Never blocks.  Returns 1 when the exit
 * and the close have both been told, now or before; else 0.
 */
int child_handle(struct child *c, const struct pollfd p[CHILD_POLLFDS]);

/* Handle what comes until both have been told: 0; -ETIMEDOUT at @deadline_ns. */
int child_wait(struct child *c, uint64_t deadline_ns);

/*
 * Write into the pipe that is its standard input (CHILD_PIPE).  Returns how
 * many bytes were taken, 0 when it is full; or -EPIPE, if nobody will read
 * them; no SIGPIPE.  Never blocks.
 */
ssize_t child_write(struct child *c, const void *bytes, size_t n);

/* There is no more input. */
void child_write_end(struct child *c);

/*
 * Send the child alone signal @sig.  0, -ESRCH if it has ended, even if that has
 * not been told yet; or -errno.
 */
int child_signal(const struct child *c, int sig);

/*
 * Stop the child and its group as if its time were over: kill_signal, and after
 * the grace SIGKILL.  A second call does nothing.
 */
void child_stop(struct child *c);

/* Whether its time was over before the exit and the close had both come. */
int child_is_late(const struct child *c);

/* Its number, and that of its group; for reading in /proc.  Until child_end(). */
pid_t child_pid(const struct child *c);

/*
 * After the exit: do not wait for those who hold the pipes open.  Kill what is
 * left of the group, tell what lies in the pipes, and the close.
 */
void child_hang_up(struct child *c);

/*
 * Kill what is left of the child and its group, collect it, free @c.  Tells
 * nothing.  NULL is accepted.
 */
void child_end(struct child *c);

#endif
