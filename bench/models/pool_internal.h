/*
 * pool_internal - what the files of the pool share.
 *
 * pool.c makes the workers and hands tasks to them.  pool_wire.c and pool_shm.c
 * carry tasks and results: through the kernel, and through shared memory.
 * pool_worker.c is what a worker does; pool_keeper.c looks after the workers: who
 * is dead, late, due or asleep, and what becomes of the tasks at hand;
 * pool_state.c is memory.
 */
#ifndef BENCH_MODELS_POOL_INTERNAL_H
#define BENCH_MODELS_POOL_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/models/pool_wire.h"
#include "harness/fifo.h"
#include "harness/gate.h"
#include "harness/lanes.h"
#include "harness/model.h"
#include "harness/respawn.h"

/* The settings, in the order of their table. */
enum pool_setting {
	POOL_CAP,
	POOL_RETRY,
	POOL_RECYCLE,
	POOL_MEMORY,
	POOL_IDLE,
	POOL_SPIN, /* of pool:shm alone */
};

/* Why a worker ended. */
enum pool_end {
	POOL_DIED,     /* nobody had asked it to */
	POOL_RECYCLED, /* it has run enough tasks, or is too big */
	POOL_IDLE_END, /* there was nothing to do */
};

/*
 * What a worker writes and the dispatcher reads, in memory that they share.
 * One writer and atomic stores, no lock: so none is ever held by the dead.  A
 * worker that is killed between two of these stores has said enough.
 *
 * Each has a cache line of its own, and the dispatcher looks only if a worker
 * ends or a task may be late: for most tasks the line never leaves the worker's
 * processor, where a message would have cost a system call.
 */
struct pool_notice {
	_Alignas(64) uint32_t ready; /* it is pinned and waits for tasks */
	uint32_t end;                /* enum pool_end: why it is leaving */
	uint64_t n_begun;            /* tasks so far; set after begun_ns */
	uint64_t begun_ns;           /* when the last began; see run_limit_ns */
};

/* One place, its worker, and our end of the wire to it. */
struct pool_lane {
	pid_t pid;              /* 0: nobody works here just now */
	struct pool_wire wire;  /* all -1 then */
	enum pool_end end;      /* why the last worker ended */
	bool asleep;            /* … being idle: comes back for work */
	struct respawn respawn; /* when the next may start */

	/*
	 * Sent and not answered, oldest first: [job->depth] struct task.  The
	 * worker takes them in this order, so it runs the first one or has not
	 * begun it yet.  Not used where the lane itself keeps them: pool_shm.c.
	 */
	struct fifo sent;
	uint64_t n_sent, n_answered; /* by and to this worker, so far */
	uint64_t first_ns; /* since when it could run the first of `sent' */

	/* How we had to judge the first of `sent'; 0: we did not. */
	int32_t verdict;
};

struct pool;

/*
 * How tasks get to workers and results back: all that differs between the
 * variants of the pool.
 */
struct pool_carrier {
	const struct pool_transport *wire; /* if that is how */

	/* Once, after all other memory is there.  0 or -errno. */
	int (*open)(struct pool *p);

	/*
	 * Connect place @index to a worker to be forked, whose end is @there,
	 * before the fork and after it.  0; -errno, with nothing connected.
	 */
	int (*connect)(struct pool *p, uint32_t index, struct pool_wire *there);
	int (*connected)(struct pool *p, uint32_t index);

	/* Undo it; a worker that is still there sees that it is to leave. */
	void (*disconnect)(struct pool *p, uint32_t index);

	/*
	 * In the worker: run one task after the other, until it is to leave or
	 * has a reason to, which is returned.  It may leave whenever it is
	 * between two tasks: those still before it it never began, and the
	 * dispatcher knows.
	 */
	enum pool_end (*serve)(const struct pool *p, struct worker *self,
			       const struct pool_wire *there,
			       struct pool_notice *notice);

	/* Whether the worker of place @index, if there is one, takes more. */
	bool (*has_room)(const struct pool *p, uint32_t index);
	/* Send it @task, for which it has room.  Never blocks. */
	void (*send)(struct pool *p, uint32_t index, const struct task *task);

	/* How many tasks worker @index was sent and has not answered … */
	uint32_t (*n_sent)(const struct pool *p, uint32_t index);
	/* … of them, how many it has begun, … */
	uint64_t (*n_begun)(const struct pool *p, uint32_t index);
	/* … and since when it has had, or could have, the first in hand. */
	uint64_t (*first_since)(struct pool *p, uint32_t index);
	/* Take the first one back; the worker is dead.  False: none is left. */
	bool (*take_back)(struct pool *p, uint32_t index, struct task *ret);
};

struct pool {
	const struct job *job;
	const struct pool_carrier *carrier;
	struct pool_lane *lanes;     /* [job->workers] */
	struct pool_notice *notices; /* [job->workers], memory all share */
	uint32_t n_working;          /* lanes with a worker */
	uint32_t n_asleep, n_given_up;
	int start_errno;    /* why the last start came to nothing */
	uint32_t next;      /* lane to look at first in pool_dispatch */
	uint32_t in_flight; /* tasks taken and not reaped */

	/* Where tasks are when no worker has them. */
	struct fifo waiting;  /* struct task: no lane has room */
	struct fifo returned; /* the same; their worker never began them */
	struct fifo failed;   /* struct completion: ended without one */

	/* Tasks in flight that a worker has died under: their ids. */
	uint64_t *retried; /* [n_retried], room for job_capacity() */
	uint32_t n_retried;

	struct lanes rings; /* of pool:shm: its own lanes, zeroed in others */
	void *memory;       /* of them */
	uint64_t look_ns;   /* when pool:shm looks after its workers again */
	uint64_t wake_ns;   /* … at the latest */

	int epoll; /* of all lanes; the event's data is the index */
	struct epoll_event *events; /* [job->workers], room for epoll_wait() */
	struct gate *ready; /* where new workers report; NULL after open */
	struct model_counts counts;
};

/*
 * Fill a zeroed @p but for its carrier; no worker yet.  0 or -errno, then with
 * the rest left to pool_done().
 */
int pool_init(struct pool *p, const struct job *job);

/* Free what pool_init() made, if it came to that. */
void pool_done(struct pool *p);

extern const struct pool_carrier pool_carrier_socket, pool_carrier_pipe,
	pool_carrier_shm;

/* Of wires: .serve. */
enum pool_end pool_serve_wire(const struct pool *p, struct worker *self,
			      const struct pool_wire *wire,
			      struct pool_notice *notice);

/* The settings that all variants have, rows of their tables. */
#define POOL_SETTINGS                                                          \
	[POOL_CAP] = {"cap",                                                   \
		      "tasks queued at one worker at most; 0: the depth", 0,   \
		      0, JOB_MAX_DEPTH},                                       \
	[POOL_RETRY] = {"retry",                                               \
			"1: run a task again, once, if its worker died; 0: "   \
			"never",                                               \
			0, 0, 1},                                              \
	[POOL_RECYCLE] = {"recycle",                                           \
			  "replace a worker after so many tasks; 0: never", 0, \
			  0, INT32_MAX},                                       \
	[POOL_MEMORY] = {"memory_mb",                                          \
			 "replace a worker found bigger after a task; 0: "     \
			 "never",                                              \
			 0, 0, INT32_MAX},                                     \
	[POOL_IDLE] = {"idle_ms",                                              \
		       "end a worker without work for so long; 0: never", 0,   \
		       0, INT32_MAX}

/* The model's operations, as far as variants share them. */
int pool_open(const struct job *job, const struct pool_carrier *carrier,
	      void **ret);
void pool_count(void *model, struct model_counts *ret);
void pool_close(void *model);

/*
 * Whether the worker, after @n tasks, is to be replaced: has run enough, or is
 * too big, as it sees in @statm (pool_open_statm()).
 */
bool pool_is_due(const struct pool *p, int64_t n, int statm);
int pool_open_statm(const struct pool *p);

/* Task @id has been answered: forget that it was retried. */
void pool_forget(struct pool *p, uint64_t id);

/*
 * Fork worker @index, whose place is empty, and connect it.  0, or -errno with
 * the place still empty.  Tells the place's `respawn' either way.
 */
int pool_start(struct pool *p, uint32_t index);

/* A worker has been forked for @lane: write it down. */
void pool_started(struct pool *p, struct pool_lane *lane);

/* Hand the tasks that wait to workers with room, waking those asleep. */
void pool_dispatch(struct pool *p);

/* Start the worker of one place that is asleep; there is one. */
void pool_wake(struct pool *p);

/*
 * The worker of lane @index has ended, or is to: collect it, empty the place,
 * and find each of its tasks an end or another worker.
 */
void pool_bury(struct pool *p, uint32_t index);

/* Make sure that worker @pid has ended.  What waitpid(2) says of it. */
int pool_collect(pid_t pid);

/* End @task, last seen in lane @index, without a worker. */
void pool_fail(struct pool *p, uint32_t index, const struct task *task,
	       int32_t status);

/*
 * Kill workers whose task is late, fill places that may be filled, and end the
 * tasks that nobody will ever run.  Returns when to look again: CLOCK_NEVER if
 * only a message can make that necessary.
 */
uint64_t pool_supervise(struct pool *p);

/*
 * End the workers and empty all places.  One that is idle sees the end of its
 * wire and leaves: the same way out as if this process were dead, so it is known
 * to be open.  One with tasks is killed, as nobody wants their results any more,
 * and so is one that has not left after a second, being stopped, say.
 */
void pool_end_all(struct pool *p);

#endif
