/*
 * child_spawn - from fork to exec.
 *
 * Floor 1, part of child.  fork(2) makes a copy of us, exec(3) puts another
 * program into it; all that shall be different for that program is done in
 * between, by the copy.  If a step fails there, only the copy knows: it sends
 * errno home through a pipe that exec closes.  So the end of that pipe without
 * a message means success.
 */
#ifndef HARNESS_CHILD_SPAWN_H
#define HARNESS_CHILD_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/child_options.h"
#include "harness/child_words.h"

/*
 * All that the child needs.  It is made before the fork: after it, the child
 * must not allocate.
 */
struct child_plan {
	const struct child_options *options;
	const struct child_words *words;
	int *fds; /* [n_fds] which of our descriptors becomes 0, 1, 2, … */
	size_t n_fds;

	/* child_spawn()'s own. */
	pid_t parent;
	int report; /* where the child says what failed */
};

/*
 * Fork, and wait until the child has exec'ed or called its function, or until
 * @deadline_ns.  0, the child's pid and a pidfd for it; or -errno, @ret_step is
 * where it failed, and no process is left.
 */
int child_spawn(struct child_plan *plan, uint64_t deadline_ns, pid_t *ret_pid,
		int *ret_pidfd, enum child_step *ret_step);

/* In the child: die with @parent, even if it is gone already. */
void child_die_with(pid_t parent);

#endif
