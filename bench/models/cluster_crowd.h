/*
 * cluster_crowd - all clients of a cluster: the load generator's side of it.
 *
 * A task goes to an idle client of the worker with the fewest tasks.  Whoever
 * owns the crowd watches the worker processes, and tells it of deaths; the
 * crowd tells the owner of connections that ended with a task on them.
 */
#ifndef BENCH_MODELS_CLUSTER_CROWD_H
#define BENCH_MODELS_CLUSTER_CROWD_H

#include "bench/models/cluster_client.h"
#include "harness/fifo.h"

/* One worker, seen from its clients. */
struct service {
	uint32_t n_busy;     /* of its clients */
	struct client *idle; /* list of those who are */
};

struct crowd {
	struct sockaddr_in address; /* of the cluster */
	const struct workload *workload;
	uint64_t size;          /* of every task */
	int epoll;              /* data.u64: a client's index */
	struct client *clients; /* [n] */
	uint32_t n;
	uint32_t n_joined;        /* of them, those with a worker */
	uint32_t n_broken;        /* of these, CLIENT_BROKEN */
	struct service *services; /* [n_workers] */
	uint32_t n_workers;
	uint32_t next; /* worker to look at first for a task */

	uint32_t in_flight;  /* tasks waiting, with a client, or ended */
	struct fifo waiting; /* tasks for which there is no client yet */
	struct fifo ended;   /* completions that nobody has taken */

	/* A descriptor of crowd_watch() was readable in the last turn. */
	int alarm;
};

/*
 * A crowd of @workers times @depth closed clients.  0 or -errno; also after a
 * failure, crowd_done() frees.
 */
int crowd_init(struct crowd *c, uint32_t workers, uint32_t depth);

/* Disconnect all and free.  Not for a zeroed struct: its epoll would be 0. */
void crowd_done(struct crowd *c);

/* In a forked process that inherited @c: close its descriptors, no more. */
void crowd_forget(const struct crowd *c);

/* Let crowd_turn() wake up for @fd, too, and say so in c->alarm. */
int crowd_watch(struct crowd *c, int fd);

/* No longer watch @fd: before it is closed. */
void crowd_ignore(struct crowd *c, int fd);

/*
 * Connect every closed client to c->address.  0 or the first -errno.  Does not
 * wait: c->n_joined tells how many have heard from their worker.
 */
int crowd_join(struct crowd *c);

/* Take @task.  0; -EAGAIN: each client's worth of tasks is in flight. */
int crowd_submit(struct crowd *c, const struct task *task);

/* Let time pass, until something has happened or @deadline_ns.  0 or -errno. */
int crowd_turn(struct crowd *c, uint64_t deadline_ns);

/* Some client whose connection ended in the middle of its task, or NULL. */
struct client *crowd_broken(const struct crowd *c);

/* The broken @k will not get its answer: its task ends with @status. */
void crowd_mend(struct crowd *c, struct client *k, int32_t status);

/*
 * Worker @index is dead: its clients' tasks end with @status, but for those
 * whose answer has come.  The clients are closed then.
 */
void crowd_bereave(struct crowd *c, uint32_t index, int32_t status);

/* No worker is left: close all clients; waiting tasks end, never started. */
void crowd_give_up(struct crowd *c);

/* Take up to @max completions to @ret.  Returns how many. */
int crowd_take(struct crowd *c, struct completion *ret, size_t max);

#endif
