/*
 * payload_worker - what a worker of every carrier does all its life.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "bench/experiments/payload_carry.h"
#include "bench/workloads/bytes.h"

/*
 * Wait without a deadline: the generator closes its end when it is done, and
 * ends us if it dies.
 */
static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	(void)poll(&p, 1, -1); /* a signal: then look once more than needed */
}

/* The next message: into @m, or where it lies.  1, or -errno at the end. */
static int take(struct carry_end *end, struct carry_message **m)
{
	int r;

	while ((r = end->carry->carrier->take(end, m)) == 0)
		wait_for(end->in, POLLIN);
	return r;
}

static int send_back(struct carry_end *end, struct carry_message *m)
{
	const struct carrier *carrier = end->carry->carrier;
	int r = carrier->send(end, m);

	while (r >= 0 && (r = carrier->flush(end)) == 0)
		wait_for(end->out, POLLOUT);
	return r;
}

/* Memory for a message that comes to us; 0: it stays where it is.  0 or -ENOMEM. */
static int make_room(const struct carry *c, struct carry_message **ret)
{
	*ret = NULL;
	if (c->carrier->memory == CARRY_SHARED)
		return 0;
	*ret = aligned_alloc(_Alignof(struct carry_message), c->stride);
	if (!*ret)
		return -ENOMEM;
	bytes_make((*ret)->bytes, c->n_bytes, 0); /* touches all of it */
	return 0;
}

/* A process then closes it, so that the gate ends if all others die. */
static void report(const struct carry *c)
{
	if (!c->ready)
		return;
	gate_report(c->ready);
	if (!c->carrier->thread)
		gate_close(c->ready);
}

void carry_serve(struct carry_lane *lane)
{
	struct carry *c = lane->carry;
	uint32_t index = (uint32_t)(lane - c->lanes);
	struct carry_end *end = &lane->there;
	struct carry_message *room, *m;
	struct worker self;
	int r;

	worker_begin(&self, c->job, index);
	r = make_room(c, &room);
	if (r == 0 && c->carrier->open)
		r = c->carrier->open(end);
	if (r == 0) {
		__atomic_store_n(&c->notices[index], 1, __ATOMIC_RELEASE);
		report(c);
	}
	while (r >= 0) {
		m = room;
		r = take(end, &m);
		if (r < 0)
			break;
		bytes_bring(m->bytes, m->mask);
		task_run(c->job, &self, &m->task, 0, &m->answer);
		bytes_bring(NULL, 0);
		r = send_back(end, m);
	}
	free(room);
}
