/*
 * child_options - what to start, and with what.
 *
 * Floor 1, part of child.  A zeroed struct with argv, command or function set is
 * complete: no input, output through pipes, our environment and directory, a
 * process group of its own, no limit of time, dead when we are.
 *
 *	Node.js			here
 *	spawn, execFile		.argv
 *	exec, shell: true	.command
 *	fork			.function; no new program, as fork(2)
 *	stdio			.stdio[i], .fds
 *	env, cwd, argv0		.env, .cwd, .argv0
 *	uid, gid		.user
 *	detached		.group = CHILD_NEW_SESSION, .outlives_us
 *	timeout, killSignal	.limit_ns, .kill_signal and, not there, .grace_ns
 *	maxBuffer		.out_cap, .err_cap, .over_cap
 *	resourceLimits		.limits, kept by the kernel
 */
#ifndef HARNESS_CHILD_OPTIONS_H
#define HARNESS_CHILD_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What one of the child's standard streams is. */
enum child_stdio_kind {
	CHILD_USUAL,   /* input: CHILD_NULL; output and errors: CHILD_PIPE */
	CHILD_NULL,    /* /dev/null */
	CHILD_PIPE,    /* a pipe; we are at the other end of it */
	CHILD_INHERIT, /* ours of the same number */
	CHILD_FD,      /* .fd of ours, which stays open here */
	CHILD_BYTES,   /* input only: a pipe into which .bytes are fed */
};

struct child_stdio {
	enum child_stdio_kind kind;
	int fd;
	const void *bytes; /* [n_bytes], borrowed until the child's end */
	size_t n_bytes;
};

/*
 * Whom a kill reaches: the whole group, or in our own the child alone.  Of a
 * session every group is killed when the child has ended.
 */
enum child_group {
	CHILD_NEW_GROUP,   /* the child leads a process group of its own */
	CHILD_NEW_SESSION, /* and a session, without a terminal */
	CHILD_OUR_GROUP,   /* Ctrl-C reaches it, too */
};

/* What child_run() does with output beyond the cap. */
enum child_over_cap {
	CHILD_CUT, /* read and drop it */
	CHILD_END, /* stop the child and fail with -ENOBUFS */
};

/* Whom to become.  The groups are these and no others, [n_groups]. */
struct child_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t n_groups;
};

/* For setrlimit(2). */
struct child_limit {
	int resource; /* RLIMIT_NOFILE, … */
	struct rlimit limit;
};

struct child_options {
	/* One of these three. */
	char *const *argv;   /* NULL-terminated; argv[0] is looked up in PATH */
	const char *command; /* for /bin/sh -c */

	/*
	 * To be called with @argument in a forked child, which ends with its
	 * result as exit status and without a flush of stdio: what was printed
	 * before the fork and waits in a buffer is not the child's to print.
	 * If we have other threads it may call only what is safe in a handler
	 * of signals.
	 */
	int (*function)(void *argument);
	void *argument;

	const char *argv0; /* what the program is told it is called */
	const char *cwd;   /* NULL: ours */

	/* "NAME=value", NULL-terminated, or NULL. */
	char *const *env;
	int env_is_all; /* not added to our environment but instead of it */

	struct child_stdio stdio[3];
	const int *fds; /* [n_fds] of ours, which become 3, 4, … */
	size_t n_fds;

	enum child_group group;
	const struct child_user *user;    /* NULL: ours */
	const struct child_limit *limits; /* [n_limits] */
	size_t n_limits;

	/*
	 * Unless it is set, the child is killed when the thread that started
	 * it ends, as it does with the process.  (child_end() kills any.)
	 */
	int outlives_us;

	uint64_t limit_ns; /* stop the child after this time; 0: never */
	int kill_signal;   /* to stop it with; 0: SIGKILL */
	uint64_t grace_ns; /* from then to SIGKILL; 0: one second */

	/* What child_run() keeps of each stream, in bytes; 0: 1 MiB. */
	size_t out_cap, err_cap;
	enum child_over_cap over_cap;
};

/* The steps of a start, in their order: where it failed. */
enum child_step {
	CHILD_STEP_PREPARE, /* memory, pipes, /dev/null */
	CHILD_STEP_FORK,    /* fork(2), pidfd_open(2) */
	CHILD_STEP_GROUP,
	CHILD_STEP_STREAMS,
	CHILD_STEP_DIRECTORY,
	CHILD_STEP_LIMITS,
	CHILD_STEP_USER,
	CHILD_STEP_PROGRAM,
};

/* "working directory" */
const char *child_step_text(enum child_step step);

#endif
