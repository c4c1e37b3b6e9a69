/*
 * The closed loop: a completion brings the next task.
 *
 *	generator ──task──▶ model		always workers x depth
 *	    ▲                 │			tasks in flight
 *	    └───completion────┘
 *
 * How much a model can do at most.  Who waits here for a slow answer asks less:
 * the times of a closed loop say nothing of what users would wait who do not
 * know of each other.  That is slice_open.c.
 */
#include "harness/base.h"
#include "harness/slice_drive.h"

static int closed_prepare(struct drive *d)
{
	(void)d;
	return 0;
}

/* Hand over new tasks until the model is full.  0 or -errno of submit. */
static int refill(struct drive *d)
{
	int r;

	do
		r = drive_submit(d, NULL, d->n_free);
	while (r > 0);
	return r;
}

/* Keep the model full until @until_ns.  0 or -errno. */
static int load_until(struct drive *d, uint64_t until_ns)
{
	int r = 0;

	d->seen_ns = d->now();
	while (r >= 0 && d->seen_ns < until_ns) {
		r = refill(d);
		if (r >= 0)
			r = drive_take(d, until_ns);
	}
	return r < 0 ? r : 0;
}

/*
 * Settle for whole periods of settle_ns until every worker has had its share of
 * tasks.  Whole periods, because a window that began with a completion would
 * count half a task too few.
 *
 * For the same reason the window begins with a period yet to come: serial
 * returns from a task after the end of the last one, and had the window begun
 * there, that task would have ended in it uncounted.
 */
static int settle(struct drive *d, uint64_t start_ns)
{
	const struct slice_timing *timing = d->timing;
	uint64_t enough = (uint64_t)SETTLE_TASKS * d->job->workers;
	uint64_t end_ns = start_ns;
	int r;

	do {
		end_ns += timing->settle_ns;
		r = load_until(d, end_ns);
	} while (r == 0 && d->result->ended[TASK_OK] < enough &&
		 end_ns < start_ns + drive_timeout_ns(d));
	while (end_ns <= d->now())
		end_ns += timing->settle_ns;
	d->window_start_ns = end_ns;
	d->window_end_ns = end_ns + d->window_ns;
	return r;
}

/* With a worker's place out of order, until it works again, or too long. */
static int load_on(struct drive *d)
{
	uint64_t until_ns = d->window_end_ns + drive_timeout_ns(d);
	int r = 0;

	while (r >= 0 && inject_waits(d) && d->now() < until_ns) {
		r = refill(d);
		if (r >= 0)
			r = drive_take(d, until_ns);
	}
	return r < 0 ? r : 0;
}

static int closed_load(struct drive *d, uint64_t start_ns)
{
	int r = settle(d, start_ns);

	if (r == 0)
		r = load_until(d, d->window_end_ns);
	return r < 0 ? r : load_on(d);
}

static void closed_drain(struct drive *d, uint64_t deadline_ns)
{
	while (!drive_idle(d) && d->now() < deadline_ns) {
		if (drive_take(d, deadline_ns) < 0)
			break;
	}
	drive_give_up(d);
}

const struct loop loop_closed = {
	.prepare = closed_prepare,
	.load = closed_load,
	.drain = closed_drain,
};
