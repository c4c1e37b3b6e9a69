/*
 * The open loop: tasks come when they come.
 *
 *	schedule ──due──▶ waiting ──task──▶ model	at most workers x depth
 *	                                      │		tasks in flight
 *	          generator ◀───completion────┘
 *
 * Nobody waits here before asking, so a model that is slow for a moment finds a
 * queue after it, and everyone in the queue is late.  The latency of a task
 * begins when it was due.  A generator that forgot the wait and began with the
 * hand-over would measure the service of the few and not the wait of the many
 * ("coordinated omission", Gil Tene, "How not to measure latency", 2013); it is
 * kept beside as `uncorrected'.
 */
#include <sys/prctl.h>

#include "harness/base.h"
#include "harness/slice_drive.h"

/*
 * The window begins after whole periods of settle_ns in which every worker
 * should get its share of tasks.  How many that are is known beforehand, and
 * so the same tasks fall in the window for every model.
 */
static uint64_t settle_time(const struct drive *d)
{
	uint64_t interval_ns = d->result->cell.interval_ns;
	uint64_t enough_ns = SETTLE_TASKS * d->job->workers * interval_ns;
	uint64_t settle_ns = d->timing->settle_ns;

	while (settle_ns < enough_ns && settle_ns < d->timing->timeout_ns)
		settle_ns += d->timing->settle_ns;
	return settle_ns;
}

static int open_prepare(struct drive *d)
{
	d->settle_ns = settle_time(d);
	return arrivals_init(d->arrival_seed, d->result->cell.interval_ns,
			     d->settle_ns + d->window_ns, &d->arrivals);
}

/* When the next task is due, or @otherwise if none is to come. */
static uint64_t next_due(const struct drive *d, uint64_t otherwise)
{
	return d->n_come < d->arrivals.n ? d->arrivals.due_ns[d->n_come]
					 : otherwise;
}

/* Let those come whose time it is, and note how late we see them. */
static void welcome(struct drive *d)
{
	uint64_t now_ns = d->now(), due_ns;

	while ((due_ns = next_due(d, CLOCK_NEVER)) <= now_ns) {
		d->n_come++;
		if (due_ns < d->window_start_ns)
			continue;
		d->result->offered++;
		histogram_add(d->result->lateness, now_ns - due_ns);
	}
}

/* Hand over what waits, first come first served, until the model is full. */
static int send_waiting(struct drive *d)
{
	int r = 1;

	while (r > 0 && d->n_sent < d->n_come) {
		r = drive_submit(d, &d->arrivals.due_ns[d->n_sent],
				 d->n_come - d->n_sent);
		d->n_sent += r > 0 ? (size_t)r : 0;
	}
	return r < 0 ? r : 0;
}

/*
 * Do what is to be done now, then sleep until a task ends, the next is due or
 * @until_ns.  With nothing in flight nothing can end, and to wait is our own
 * affair: serial would come back at once.  0 or -errno.
 */
static int step(struct drive *d, uint64_t until_ns)
{
	uint64_t wake_ns;
	int r;

	welcome(d);
	r = send_waiting(d);
	if (r < 0)
		return r;
	wake_ns = next_due(d, until_ns);
	if (!drive_idle(d))
		return drive_take(d, wake_ns);
	d->sleep_until(wake_ns);
	return 0;
}

/*
 * Timers of a thread may be 50 us late by default, so that the kernel can wake
 * up for several at once.  The generator is to be on time.
 */
static int open_load(struct drive *d, uint64_t start_ns)
{
	int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), r = 0;

	for (size_t i = 0; i < d->arrivals.n; i++)
		d->arrivals.due_ns[i] += start_ns;
	d->window_start_ns = start_ns + d->settle_ns;
	d->window_end_ns = d->window_start_ns + d->window_ns;
	(void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); /* else it is later */
	while (r >= 0 && d->now() < d->window_end_ns)
		r = step(d, d->window_end_ns);
	(void)prctl(PR_SET_TIMERSLACK, slack > 0 ? slack : 0, 0, 0, 0);
	if (r < 0)
		return r;
	/* The last may have come while we were in reap. */
	welcome(d);
	return 0;
}

/* Those not even taken in time fared like those taken and not answered. */
static void give_up_waiting(struct drive *d)
{
	uint64_t now_ns = d->now();

	for (; d->n_sent < d->n_come; d->n_sent++) {
		uint64_t due_ns = d->arrivals.due_ns[d->n_sent];

		d->result->submitted++;
		d->result->ended[TASK_TIMEOUT]++;
		drive_note_backlog(d, due_ns, CLOCK_NEVER);
		if (due_ns < d->window_start_ns)
			continue;
		d->result->unfinished++;
		histogram_add(d->result->latency, now_ns - due_ns);
	}
}

/* Nobody comes any more; who waits is still served, if the model can. */
static void open_drain(struct drive *d, uint64_t deadline_ns)
{
	while (d->now() < deadline_ns) {
		/* A model that takes no more may answer yet. */
		(void)send_waiting(d);
		if (drive_idle(d) || drive_take(d, deadline_ns) < 0)
			break;
	}
	drive_give_up(d);
	give_up_waiting(d);
}

const struct loop loop_open = {
	.prepare = open_prepare,
	.load = open_load,
	.drain = open_drain,
};
