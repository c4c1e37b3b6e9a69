/*
 * lanes - tasks to workers and results back, through memory and nothing else.
 *
 * Floor 2.  Each worker has a lane: a ring of tasks down to it and a ring of
 * completions up from it.  One block of memory holds all lanes; workers may be
 * threads, or processes if they share it: nothing here knows which.
 *
 *	generator ──tasks──▶ [ ring ] ──▶ worker 0: take, run, put
 *	    ▲  ▲                              │ │
 *	    │  └──────[ ring ] ◀─completions──┘ │
 *	    └── bell ◀── rung only if it sleeps ┘
 *
 * While all are busy no side enters the kernel.  A worker with nothing to do
 * sleeps on the eventcount of its lane.  The generator sleeps in epoll_wait(2),
 * and its bell is an eventfd(2), not a futex: so it can wait for other
 * descriptors at the same time, such as those that tell of a worker's death.
 * It has to.  A worker that is killed after it has taken it upon itself to wake
 * the generator, and before it did, leaves nobody else to do it.
 *
 * What only the generator writes comes first, and each worker's own part starts
 * at a page of its own: so that a process may be denied what is not its own
 * (lanes_defend).  Tasks are never overwritten before their answer has been
 * reaped: what a dead worker leaves undone is read in the ring itself.
 */
#ifndef HARNESS_LANES_H
#define HARNESS_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/eventcount.h"
#include "harness/model.h"
#include "harness/ring.h"

/* The setting `spin' of models that have lanes, a row for their tables. */
#define LANES_SPIN_SAYS                                                        \
	"look for so many us before sleeping; 0: never; "                      \
	"-1: a few if a processor is spare"
#define LANES_SPIN                                                             \
	{                                                                      \
		"spin", LANES_SPIN_SAYS, -1, -1, 1000000                       \
	}

/* What of a lane the generator writes. */
struct lane_down {
	struct ring_sink results_taken;
	_Alignas(RING_LINE) uint32_t leave; /* its worker is to */
	struct ring_source tasks;           /* records follow */
};

/* What of a lane its worker writes. */
struct lane_up {
	/*
	 * One at a time, each just before it is run: so this also says how many
	 * the worker has ever begun.
	 */
	struct ring_sink tasks_taken;
	_Alignas(RING_LINE) uint64_t begun_ns; /* when it began the last one */
	struct eventcount asleep;              /* the generator writes, too */
	struct ring_source results;            /* records follow */
};

/* The generator's view of a lane. */
struct lane {
	struct lane_down *down;
	struct lane_up *up;
	struct ring_end tasks;   /* .mine: sent so far */
	struct ring_end results; /* .mine: reaped so far */
	uint32_t limit; /* so many may be in it at once; 0: none may go in */
	uint64_t quota; /* so many may go in ever */
	bool broken;    /* what came up makes no sense */
};

struct lanes {
	char *memory; /* the caller's: lane_down [], an eventcount, lane_up [] */
	size_t down_bytes, bell_bytes, up_bytes; /* of all, of it, of one */
	uint32_t workers, depth;
	struct lane *lane;         /* [workers] */
	uint32_t n_broken;         /* of them */
	uint32_t turn;             /* lane to begin with */
	struct eventcount *asleep; /* whether the generator is */
	int bell;                  /* eventfd(2) */
	int epoll;                 /* the bell, and what others put there */
	uint64_t spin_ns;          /* how long all look before they sleep */
};

/* Bytes of memory that the lanes of @job need; whole pages. */
size_t lanes_bytes(const struct job *job);

/*
 * Begin with empty lanes in @memory, of lanes_bytes() bytes, zeroed, at the
 * start of a page, which stays the caller's; @shared: with other processes.
 * All lanes are closed to tasks.  @spin_us: the setting, see above.  0 or
 * -errno; then too lanes_close() is due.
 */
int lanes_open(struct lanes *ret, const struct job *job, void *memory,
	       bool shared, int64_t spin_us);

/* Give back what lanes_open() took.  Accepts a zeroed struct. */
void lanes_close(struct lanes *l);

/*
 * Empty lane @i for a new worker, and open it to at most @limit tasks at once
 * and @quota ever.  Nobody else may use the lane just now.
 */
void lanes_begin(struct lanes *l, uint32_t i, uint32_t limit, uint64_t quota);

/*
 * Hand out @tasks, @n of them, each to a lane with as few as any other; one
 * publication, and one wake-up at most, for each lane.  How many there was room
 * for.
 */
size_t lanes_submit(struct lanes *l, const struct task *tasks, size_t n);

/* How many more tasks may go into lane @i now. */
uint32_t lanes_room(const struct lanes *l, uint32_t i);

/*
 * Send @n tasks down lane @i, which has room for so many.  How many were sent:
 * fewer, and the lane is marked broken, if its worker says that it is full.
 */
size_t lanes_send(struct lanes *l, uint32_t i, const struct task *tasks,
		  size_t n);

/*
 * Take up to @max completions, without waiting.  Only those that answer the
 * lane's tasks in the order in which they were sent; at any other the lane is
 * marked broken, and gives nothing more.
 */
size_t lanes_reap(struct lanes *l, struct completion *ret, size_t max);

/* The number of the bell in the epoll set; others take smaller ones. */
#define LANES_BELL UINT32_MAX

/*
 * Sleep until completions may have come, another descriptor of the epoll set is
 * ready, clock_ns() is @deadline_ns, or it is time to look anyway.  Returns the data.u32 of the latter, or
 * LANES_BELL.
 */
uint32_t lanes_wait(struct lanes *l, uint64_t deadline_ns);

/* Whether another descriptor is ready, in the same way; does not sleep. */
uint32_t lanes_look(struct lanes *l);

/* How many tasks were sent down lane @i and their answers not reaped. */
static inline uint32_t lanes_open_tasks(const struct lanes *l, uint32_t i)
{
	return (uint32_t)(l->lane[i].tasks.mine - l->lane[i].results.mine);
}

/*
 * Of those, how many its worker has begun: at most one if it is honest.  And
 * since when the worker has had the last one it took in its hands.
 */
uint32_t lanes_begun(const struct lanes *l, uint32_t i);
uint64_t lanes_begun_ns(const struct lanes *l, uint32_t i);

/* Take the oldest of them back: nobody works in lane @i any more. */
bool lanes_take_back(struct lanes *l, uint32_t i, struct task *ret);

/* Tell the worker of lane @i to leave when it is between two tasks. */
void lanes_end(struct lanes *l, uint32_t i);

/* A worker's view of its own lane. */
struct lanes_worker {
	const struct lane_down *down;
	struct lane_up *up;
	struct ring_end tasks, results;
	struct eventcount *generator; /* asleep? */
	int bell;
	uint64_t spin_ns;
	uint32_t untold;    /* results that the generator was not woken for */
	uint64_t untold_ns; /* when the first of them was there */
};

/* In worker @i, as long as the lanes are open. */
void lanes_attach(struct lanes_worker *ret, const struct lanes *l, uint32_t i);

/*
 * In the process of worker @i, if it shares the memory: let it write only what
 * it has to.  0 or -errno.
 */
int lanes_defend(const struct lanes *l, uint32_t i);

/*
 * Wait until a task is at hand, @idle_ns at most (CLOCK_NEVER: for ever).  1;
 * 0: leave; -ETIMEDOUT; -EPROTO: the generator writes nonsense.
 */
int lanes_next(struct lanes_worker *w, uint64_t idle_ns);

/*
 * Run the task at hand as @self, and publish its completion.  The generator is
 * woken at once if nothing else is at hand, and else before long: see the
 * source.
 */
void lanes_run(struct lanes_worker *w, const struct job *job,
	       struct worker *self);

#endif
