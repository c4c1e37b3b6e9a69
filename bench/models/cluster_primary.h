/*
 * cluster_primary - the process that owns the listeners and forks the workers.
 *
 * It serves nobody itself.  It holds every listening socket for as long as it
 * lives, so that no connection is refused while a worker is replaced, and it
 * sees to it that every place has a worker: see harness/respawn.h.  Whoever
 * opens it waits for primary->epoll to become readable, in a loop of his own,
 * and for primary_deadline(), and then calls primary_turn(); or primary_wait().
 */
#ifndef BENCH_MODELS_CLUSTER_PRIMARY_H
#define BENCH_MODELS_CLUSTER_PRIMARY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/models/cluster_board.h"
#include "bench/models/cluster_peer.h"
#include "bench/models/cluster_policy.h"
#include "bench/models/cluster_worker.h"
#include "harness/channel.h"
#include "harness/fifo.h"
#include "harness/respawn.h"

enum primary_what {
	PRIMARY_READY,    /* a worker serves from now on */
	PRIMARY_DIED,     /* one has ended, whether asked to or not */
	PRIMARY_GIVEN_UP, /* its place stays empty */
	PRIMARY_SHORT,    /* a connection waits: errno says for lack of what */
};

struct primary_event {
	enum primary_what what;
	uint32_t index; /* of the worker */
	pid_t pid;

	/* PRIMARY_DIED: */
	int wait_status; /* of waitpid(2) */
	bool was_ready;
	bool was_asked;   /* to end */
	bool was_late;    /* killed, as it made no progress */
	bool had_task;    /* was running … */
	uint64_t task_id; /* … this one */

	int error; /* PRIMARY_SHORT: an errno */
};

struct cluster_options {
	struct sockaddr_in address; /* to listen at; port 0: any free one */
	const struct cluster_policy *policy;
	struct cluster_service service;
	struct cluster_limits limits;
	uint32_t workers;

	/* Called from primary_turn() and primary_wait() only. */
	void (*tell)(void *arg, const struct primary_event *event);

	/* In a new worker: close what the owner has open.  NULL: nothing. */
	void (*forget)(void *arg);
	void *arg; /* of both */
};

/* One worker process and how we speak with it. */
struct process {
	pid_t pid; /* 0: none */
	int pidfd; /* readable when it is dead */
	struct channel channel;
	bool ready;
	bool leaving;     /* was told to */
	uint64_t free_at; /* number of its last HAVE; 0: owes one */
};

/* A place for a worker; one that still finishes its work may have another. */
struct place {
	struct process seats[2]; /* of the board: index and workers + index */
	uint32_t current;        /* which of them is the worker */
	struct respawn respawn;
	int listener; /* of this place only; -1: none */
};

struct cluster_primary {
	struct cluster_options options;
	struct sockaddr_in address; /* where it listens */
	struct cluster_board board;
	int epoll;
	int listener;         /* for all; -1: each has its own */
	struct place *places; /* [options.workers] */
	int *nudges;          /* [options.workers]; NULL: not needed */

	/* With ACCEPT_PRIMARY: */
	struct fifo queue;  /* of connections that no worker has yet */
	bool accepting;     /* the listener is watched */
	uint64_t resume_ns; /* when to watch it again; CLOCK_NEVER */
	uint32_t next;      /* whose turn it is */
	uint64_t n_free;    /* how often a worker became free */

	uint32_t n_alive; /* workers in their places */
	uint32_t n_ready; /* of them */
	uint64_t n_respawns;
	uint32_t n_given_up;
	bool closing; /* nobody is replaced any more */
};

/*
 * Listen, and fork all workers; does not wait until they are ready.  0 or
 * -errno; on failure @p needs no primary_close().  @p must stay where it is.
 * Fork from the main thread: child_begin() says why.
 */
int primary_open(struct cluster_primary *p, const struct cluster_options *o);

/* When primary_turn() has something to do though nothing has happened. */
uint64_t primary_deadline(const struct cluster_primary *p);

/* See to what has happened and what is due; never waits.  0 or -errno. */
int primary_turn(struct cluster_primary *p);

/* The same, but first wait until there is something, or @deadline_ns. */
int primary_wait(struct cluster_primary *p, uint64_t deadline_ns);

/* Kill and collect all workers, and close everything.  Accepts a zeroed one. */
void primary_close(struct cluster_primary *p);

#endif
