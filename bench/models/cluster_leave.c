#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "bench/models/cluster_internal.h"
#include "harness/base.h"

/* Tell @w to leave, idle connections after @idle_ns, all after @grace_ns. */
static void ask_to_leave(struct cluster_primary *p, struct process *w,
			 uint64_t idle_ns, uint64_t grace_ns)
{
	uint64_t now_ns = clock_ns();

	primary_say(w, idle_ns > 0 ? WORD_DRAIN : WORD_LEAVE);
	w->leave_ns = idle_ns > 0 ? now_ns + idle_ns : CLOCK_NEVER;
	w->kill_ns = now_ns + grace_ns;
	if (w->leaving)
		return;
	w->leaving = true;
	p->n_leaving++;
	p->n_ready -= w->ready;
}

uint64_t leave_deadline(const struct cluster_primary *p)
{
	uint64_t first_ns = CLOCK_NEVER;

	for (uint32_t i = 0; p->n_leaving > 0 && i < p->options.workers; i++) {
		for (uint32_t k = 0; k < 2; k++) {
			const struct process *w = &p->places[i].seats[k];

			if (w->pid == 0 || !w->leaving)
				continue;
			if (w->leave_ns < first_ns)
				first_ns = w->leave_ns;
			if (w->kill_ns < first_ns)
				first_ns = w->kill_ns;
		}
	}
	return first_ns;
}

void leave_press(struct cluster_primary *p, uint64_t now_ns)
{
	for (uint32_t i = 0; i < 2 * p->options.workers; i++) {
		struct process *w = primary_process(p, i);

		if (w->pid == 0 || !w->leaving)
			continue;
		if (now_ns >= w->leave_ns) {
			primary_say(w, WORD_LEAVE);
			w->leave_ns = CLOCK_NEVER;
		}
		if (now_ns >= w->kill_ns) {
			(void)kill(-w->pid, SIGKILL);
			w->kill_ns = CLOCK_NEVER;
		}
	}
}

void primary_drain(struct cluster_primary *p, uint64_t grace_ns)
{
	p->closing = true;
	p->rolling = p->options.workers;
	/* Closed by the last who has it, it refuses connections from then on. */
	primary_deafen(p);
	for (uint32_t i = 0; i < 2 * p->options.workers; i++) {
		struct process *w = primary_process(p, i);

		if (w->pid != 0)
			ask_to_leave(p, w, 0, grace_ns);
	}
}

static void end_roll(struct cluster_primary *p, enum primary_what what,
		     uint32_t index)
{
	struct primary_event event = {.what = what, .index = index};

	p->rolling = p->options.workers;
	p->options.tell(p->options.arg, &event);
}

int primary_roll(struct cluster_primary *p, uint64_t grace_ns)
{
	if (p->closing || p->rolling < p->options.workers)
		return -EBUSY;
	p->rolling = 0;
	p->roll_begun = false;
	p->roll_grace_ns = grace_ns;
	return 0;
}

/* The new worker of @place is ready: it takes over. */
static void swap(struct cluster_primary *p, struct place *place)
{
	struct process *old = &place->seats[place->current];

	place->current = !place->current;
	respawn_left(&place->respawn, clock_ns());
	respawn_started(&place->respawn, clock_ns());
	respawn_ready(&place->respawn);
	ask_to_leave(p, old, p->roll_grace_ns / 2, p->roll_grace_ns);
}

void roll_on(struct cluster_primary *p)
{
	while (p->rolling < p->options.workers) {
		uint32_t index = p->rolling;
		struct place *place = &p->places[index];
		struct process *other = &place->seats[!place->current];

		if (other->pid != 0 && !other->leaving && other->ready)
			swap(p, place);
		other = &place->seats[!place->current];
		if (other->pid != 0)
			return; /* becoming ready, or finishing its work */
		/* A place that is empty gets a new worker anyway, or never. */
		if (p->roll_begun || place->seats[place->current].pid == 0) {
			p->rolling++;
			p->roll_begun = false;
			if (p->rolling == p->options.workers)
				end_roll(p, PRIMARY_ROLLED, index);
		} else if (primary_start(p, index, !place->current) == 0) {
			p->roll_begun = true;
		} else {
			end_roll(p, PRIMARY_STUCK, index);
		}
	}
}

void roll_abort(struct cluster_primary *p, uint32_t index)
{
	if (p->rolling == index)
		end_roll(p, PRIMARY_STUCK, index);
}
