/*
 * cluster_crowd - all clients of a cluster: the load generator's side of it.
 *
 * A task goes to the next idle connection in turn: which worker has it, the
 * crowd does not care.  To spread connections is the server's business, as it
 * is with clients that come from anywhere.  Whoever owns the crowd watches the
 * worker processes, and tells it of deaths; the crowd tells the owner of
 * connections that ended with a task on them.
 */
#ifndef BENCH_MODELS_CLUSTER_CROWD_H
#define BENCH_MODELS_CLUSTER_CROWD_H

#include <stdbool.h>

#include "bench/models/cluster_client.h"
#include "harness/fifo.h"

struct crowd {
	struct sockaddr_in address; /* of the cluster */
	const struct workload *workload;
	uint64_t size;          /* of every task */
	bool close;             /* a connection for each task */
	int epoll;              /* data.u64: a client's index */
	struct client *clients; /* [n] */
	uint32_t n;
	uint32_t n_joined; /* of them, those with a worker */
	uint32_t n_broken; /* CLIENT_BROKEN */
	uint32_t n_workers;

	/*
	 * Those that can be given a task, a queue: they are idle, or, where
	 * each task has its own connection, closed.
	 */
	struct client *first, *last;

	uint32_t in_flight;  /* tasks waiting, with a client, or ended */
	struct fifo waiting; /* tasks for which there is no client yet */
	struct fifo ended;   /* completions that nobody has taken */

	uint64_t n_deaths; /* of workers that it was told of */
	uint32_t dead;     /* the last of them … */
	int32_t status;    /* … and how tasks with it ended */

	uint64_t retry_ns; /* when to connect again; CLOCK_NEVER: no need */
	bool alarm; /* a descriptor of crowd_watch() had news last turn */
};

/*
 * A crowd of @workers times @depth closed clients.  0 or -errno; also after a
 * failure, crowd_done() frees.
 */
int crowd_init(struct crowd *c, uint32_t workers, uint32_t depth, bool close);

/* Disconnect all and free.  Not for a zeroed struct: its epoll would be 0. */
void crowd_done(struct crowd *c);

/* In a forked process that inherited @c: close its descriptors, no more. */
void crowd_forget(const struct crowd *c);

/* Let crowd_turn() wake up for @fd, too, and say so in c->alarm. */
int crowd_watch(struct crowd *c, int fd);

/*
 * Connect every closed client to c->address, where connections are kept, and
 * hand out waiting tasks.  0 or the first -errno.  To be called again whenever
 * c->retry_ns has passed, which crowd_turn() does not wait beyond.  Does not
 * wait: c->n_joined tells how many have heard from their worker.
 */
int crowd_join(struct crowd *c);

/*
 * Take the first of @tasks [@n].  How many; 0: each client's worth of tasks is
 * in flight.
 */
int crowd_submit(struct crowd *c, const struct task *tasks, size_t n);

/* Let time pass, until something has happened or @deadline_ns.  0 or -errno. */
int crowd_turn(struct crowd *c, uint64_t deadline_ns);

/* Some client whose connection ended in the middle of its task, or NULL. */
struct client *crowd_broken(const struct crowd *c);

/* The broken @k will not get its answer: its task ends with @status. */
void crowd_mend(struct crowd *c, struct client *k, int32_t status);

/*
 * Worker @index is dead.  Its clients' tasks end with @status, but for those
 * whose answer has come; so does the one with the id @task_id, NULL: none, and
 * those of broken clients that did not know their worker.
 */
void crowd_bereave(struct crowd *c, uint32_t index, const uint64_t *task_id,
		   int32_t status);

/* No worker is left: close all clients; waiting tasks end, never started. */
void crowd_give_up(struct crowd *c);

/* Take up to @max completions to @ret.  Returns how many. */
int crowd_take(struct crowd *c, struct completion *ret, size_t max);

#endif
