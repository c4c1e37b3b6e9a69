/*
 * child - start a program, a command of the shell or a function in a process of
 * its own, and hear all of it.
 *
 * Floor 1.  Everything that the harness starts (slices, gnuplot) goes through
 * here, so that no output is lost, no wait is endless and nothing stays behind.
 * Here is the whole of it in one call; child_stream.h has the events.
 *
 * To read, from the outside in: child_options.h (what there is to choose),
 * child.c (one call), child_stream.c (one poll loop), child_spawn.c (from fork
 * to exec), child_ends.c (the pipes), child_words.c (what exec is given).
 */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/child_options.h"

struct child_result {
	int wait_status;   /* of waitpid(2) */
	int late;          /* stopped because limit_ns was over */
	int cancelled;     /* stopped because cancel_fd became readable */
	uint64_t limit_ns; /* of the options */
	uint64_t wall_ns;  /* from just before fork until it was collected */
	char *out, *err;   /* NUL-terminated; freed by child_result_done() */
	size_t out_bytes;  /* kept, without the NUL */
	size_t err_bytes;
	int out_cut, err_cut; /* more came than the cap */
};

/*
 * Run a child to its end, and kill what is left of its group then.  Returns 0
 * if it was started, however it ended: see @ret, to be passed to
 * child_result_done().  -errno if it could not be started, as child_start();
 * -ENOBUFS if it wrote too much for CHILD_END, and it is gone; @ret is then
 * untouched.  Blocks up to limit_ns and the grace.
 */
int child_run(const struct child_options *options, struct child_result *ret);

/*
 * The same, but stop the child as soon as @cancel_fd is readable (-1: none), and
 * say in @ret_step (or NULL) at which step a start failed.
 */
int child_run_until(const struct child_options *options, int cancel_fd,
		    struct child_result *ret, enum child_step *ret_step);

/* Free what child_run() allocated; accepts a zeroed struct. */
void child_result_done(struct child_result *r);

/* How it ended, in words: "exit 2", "killed by SEGV", "no end within 5 s". */
const char *child_result_text(const struct child_result *r, char *buf,
			      size_t size);

/*
 * For a process just forked by a model, first thing in the child: die with
 * @parent (the pid of the process that forked), even if it is gone already;
 * default dispositions of INT, TERM, HUP, PIPE and CHLD, which our program
 * changes (so write to sockets with MSG_NOSIGNAL); signals blocked as in @mask
 * (NULL: leave).  PR_SET_PDEATHSIG watches the forking *thread*: fork from the main
 * one.  Manners, not the idea: the fork(2) stays in the model.
 */
void child_begin(pid_t parent, const sigset_t *mask);

#endif
