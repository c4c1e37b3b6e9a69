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
	PRIMARY_ROLLED,   /* primary_roll() has replaced every worker */
	PRIMARY_STUCK,    /* … it has not: a successor did not become ready */
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

	/*
	 * A worker that runs a task for longer is killed, and so is one that
	 * was woken and for so long shows no sign of life: it hangs, or was
	 * stopped.  0: as long as they like.
	 */
	uint64_t run_limit_ns;

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
	bool late;        /* killed: it made no progress */
	uint64_t free_at; /* number of its last HAVE; 0: owes one */

	/* Told to leave: when to say so again, less patiently, and to kill. */
	bool leaving;
	uint64_t leave_ns, kill_ns;

	/* Its progress when it was last looked at, and when that last grew. */
	uint64_t progress, grown_ns;
	bool pinged; /* since then */
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

	uint32_t n_alive;   /* worker processes */
	uint32_t n_ready;   /* of them; not those that were told to leave */
	uint32_t n_leaving; /* these */
	uint32_t n_vacant;  /* places that wait for a worker to be started */
	uint64_t n_respawns;
	uint32_t n_given_up;
	bool closing;      /* nobody is replaced any more */
	uint64_t check_ns; /* when to look for workers that hang */

	/* Of primary_roll(): the place whose turn it is; workers: none. */
	uint32_t rolling;
	bool roll_begun; /* there: a successor was started */
	uint64_t roll_grace_ns;
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

/*
 * Ask all workers to end: nothing new is accepted, requests under way are
 * answered, idle connections closed.  Whoever is still there after @grace_ns is
 * killed.  Returns at once; done when p->n_alive is 0.
 */
void primary_drain(struct cluster_primary *p, uint64_t grace_ns);

/*
 * Replace every worker by a new one without failing a request, one after the
 * other: start the successor, wait until it is ready, then let the old one
 * finish.  Its connections end with their next answer; those still idle after
 * half of @grace_ns are closed, and what is left after all of it is killed.
 * Returns at once, PRIMARY_ROLLED or PRIMARY_STUCK tells the end.  0; -EBUSY:
 * it is being done already.
 */
int primary_roll(struct cluster_primary *p, uint64_t grace_ns);

/* Kill and collect all workers, and close everything.  Accepts a zeroed one. */
void primary_close(struct cluster_primary *p);

#endif
