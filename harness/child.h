/*
 * child - run another program and hear all of it.
 *
 * Floor 1.  Everything that the harness starts (slices, gnuplot) goes through
 * here, so that no output is lost, no wait is endless and nothing stays behind:
 * the child leads a process group of its own, dies with this process, and its
 * whole group is killed when it ends, is late or is no longer wanted.
 */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child_spec {
	char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *cwd;   /* NULL: ours */

	/* "NAME=value" to add to our environment, NULL-terminated, or NULL. */
	char *const *env;

	uint64_t limit_ns; /* kill after this time; 0 is not allowed */
	size_t out_cap;    /* keep at most so many bytes of standard output */
	size_t err_cap;    /* … and of standard error; the rest is dropped */

	/* Kill as soon as this descriptor is readable; -1: none. */
	int cancel_fd;
};

struct child_result {
	int wait_status;   /* of waitpid(2) */
	int late;          /* killed because limit_ns was over */
	int cancelled;     /* killed because cancel_fd became readable */
	uint64_t limit_ns; /* of the spec */
	uint64_t wall_ns;  /* from just before fork until it was collected */
	char *out, *err;   /* NUL-terminated; freed by child_result_done() */
	size_t out_bytes;  /* kept, without the NUL */
	size_t err_bytes;
	int out_cut, err_cut; /* more came than the cap */
};

/*
 * Run the program of @spec to its end with standard input from /dev/null.
 * Returns 0 if it was started, however it ended: see @ret, to be passed to
 * child_result_done().  -errno if it could not be started: -ENOENT no such
 * program, -EACCES, …; then @ret is untouched.  Blocks up to limit_ns.
 */
int child_run(const struct child_spec *spec, struct child_result *ret);

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
