/*
 * slice_processes - the processes of a model: all that descend from this one.
 *
 * Floor 3, part of slice.
 */
#ifndef HARNESS_SLICE_PROCESSES_H
#define HARNESS_SLICE_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>

struct process {
	long pid, parent;
	char state; /* as in /proc: 'R', 'S', 'T', 'Z', … */
	bool ours;  /* descends from this process, or is it */
};

struct processes {
	struct process *all; /* [n], those of the whole machine */
	size_t n, room;
};

/*
 * List all processes that we can see.  0 or -errno; processes_done() frees in
 * any case.  Takes some 10 us for each of them.
 */
int processes_list(struct processes *ret);
void processes_done(struct processes *p);

/* Look at the process of @p->pid anew: parent and state, 0 if it is gone. */
void process_look(struct process *p);

/* Whether @p, one of @all, is ours and has no child of its own. */
bool process_is_leaf(const struct processes *all, const struct process *p);

#endif
