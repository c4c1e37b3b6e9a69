/*
 * lanes_worker - what a worker does at its end of a lane.
 */
#include <errno.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/lanes.h"

/*
 * A result may lie there so long before the generator is woken for it, if its
 * worker has more to do.
 */
#define TELL_NS (100 * NS_PER_US)

/* About what it takes to wake a thread on another processor. */
#define WAKE_NS (10 * NS_PER_US)

/* 1: a task is at hand; 0: not yet; -EPROTO; -ECANCELED: leave. */
static int look(struct lanes_worker *w)
{
	if (__atomic_load_n(&w->down->leave, __ATOMIC_ACQUIRE))
		return -ECANCELED;
	return ring_ready(&w->tasks);
}

static int sleep_until(struct lanes_worker *w, uint64_t deadline_ns)
{
	int r = 0, late = 0;

	while (r == 0 && late == 0) {
		uint32_t key = eventcount_prepare(&w->up->asleep);

		r = look(w);
		if (r != 0)
			eventcount_cancel(&w->up->asleep, key);
		else
			late = eventcount_wait(&w->up->asleep, key,
					       deadline_ns);
	}
	return r != 0 ? r : late;
}

int lanes_next(struct lanes_worker *w, uint64_t idle_ns)
{
	uint64_t now_ns, begin_ns;
	int r = look(w);

	if (r == 0) {
		now_ns = begin_ns = clock_ns();
		while (r == 0 && now_ns - begin_ns < w->spin_ns) {
			r = look(w);
			now_ns = clock_ns();
		}
		if (r == 0)
			r = sleep_until(w, idle_ns < CLOCK_NEVER - begin_ns
						   ? begin_ns + idle_ns
						   : CLOCK_NEVER);
	}
	if (r == -ECANCELED)
		return 0;
	return r > 0 ? 1 : r;
}

/*
 * Wake the generator now, with @left more tasks known to be at hand, the last
 * of which took from @c's start to its end?
 *
 * To wake it costs more than many a task, and often for little: where processors
 * are scarce it runs on ours, and finds one result where it might have found
 * ten.  So it is told when what is left, half of all at most, keeps us busy for
 * no longer than it takes to wake it: then it brings new tasks before we run
 * dry.  But no result shall lie there for long.  Of the next task we suppose
 * that it takes as long as the last.
 */
static bool is_time(const struct lanes_worker *w, const struct completion *c,
		    int left)
{
	uint64_t task_ns = c->end_ns - c->start_ns;

	return left <= 0 || c->end_ns + task_ns - w->untold_ns > TELL_NS ||
	       (w->untold >= (uint32_t)left &&
		(uint64_t)left * task_ns < WAKE_NS);
}

static void tell(struct lanes_worker *w, const struct completion *c)
{
	static const uint64_t one = 1;

	if (w->untold++ == 0)
		w->untold_ns = c->end_ns;
	/* What we know of costs nothing; what may have come, a cache line. */
	if (!is_time(w, c, ring_ready(&w->tasks)) ||
	    !is_time(w, c, ring_look(&w->tasks)))
		return;
	w->untold = 0;
	/* The counter is never read, and takes 2^64 - 2 of these. */
	if (eventcount_claim(w->generator))
		CHECK(write(w->bell, &one, sizeof(one)) == sizeof(one));
}

void lanes_run(struct lanes_worker *w, const struct job *job,
	       struct worker *self)
{
	/* Known of before this one begins, so handed over before it ends. */
	bool more = w->tasks.theirs - w->tasks.mine > 1;
	struct completion c;
	struct task task;

	if (self->now_ns == 0)
		self->now_ns = clock_ns();
	__atomic_store_n(&w->up->begun_ns, self->now_ns, __ATOMIC_RELAXED);
	CHECK(ring_take(&w->tasks, &task, 1) == 1);
	task_run(job, self, &task, 0, &c);
	CHECK(ring_put(&w->results, &c, 1) == 1);
	self->now_ns = more ? c.end_ns : 0;
	tell(w, &c);
}
