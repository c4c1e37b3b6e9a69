#include <signal.h>

#include "bench/models/cluster_internal.h"
#include "harness/base.h"

static void kill_late(struct process *w)
{
	w->late = true;
	(void)kill(-w->pid, SIGKILL); /* not collected yet: it is this one */
}

/*
 * A worker that sleeps makes no progress either, so first wake it: one that is
 * stopped, by SIGSTOP or a debugger, will not show any even then.
 */
static void check(struct cluster_primary *p, struct process *w,
		  const struct cluster_seat *seat, uint64_t now_ns)
{
	uint64_t limit_ns = p->options.run_limit_ns;
	uint64_t since_ns = atomic_load(&seat->task_since_ns);
	uint64_t progress = atomic_load(&seat->progress);

	if (since_ns != 0) {
		if (now_ns >= since_ns + limit_ns)
			kill_late(w);
	} else if (progress != w->progress) {
		w->progress = progress;
		w->grown_ns = now_ns;
		w->pinged = false;
	} else if (!w->pinged) {
		primary_say(w, WORD_PING);
		w->grown_ns = now_ns;
		w->pinged = true;
	} else if (now_ns >= w->grown_ns + limit_ns) {
		kill_late(w);
	}
}

void watch_check(struct cluster_primary *p, uint64_t now_ns)
{
	/* So often that nobody is late by more than an eighth. */
	p->check_ns = now_ns + p->options.run_limit_ns / 8 + 1;
	for (uint32_t i = 0; i < 2 * p->options.workers; i++) {
		struct process *w = primary_process(p, i);

		if (w->pid != 0 && w->ready && !w->late)
			check(p, w, &p->board.seats[i], now_ns);
	}
}
