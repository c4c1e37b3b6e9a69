/*
 * cluster_worker - what one server process does, until it is killed or told to
 * end.
 *
 * cluster_worker.c has the worker that waits for everything at once, with
 * epoll; cluster_block.c the one that does one thing after the other.
 */
#ifndef BENCH_MODELS_CLUSTER_WORKER_H
#define BENCH_MODELS_CLUSTER_WORKER_H

#include <stdint.h>

#include "bench/models/cluster_board.h"
#include "bench/models/cluster_peer.h"
#include "bench/models/cluster_policy.h"

/* What primary and worker say to each other, through a channel. */
enum cluster_word {
	/* The worker says: */
	WORD_READY, /* I have all that I need */
	WORD_HAVE,  /* I have the connection that you sent last */

	/* The primary says: */
	WORD_CONNECTION, /* this descriptor is a client for you */
	WORD_PING,       /* wake up, to show that you can */
	WORD_DRAIN,      /* no new ones; leave when the last has left */
	WORD_LEAVE,      /* the same, but idle connections need not stay */
};

struct cluster_note {
	uint32_t word; /* enum cluster_word */
};

/* The room that a channel for notes needs. */
#define CLUSTER_OUTBOX 1024

/* A shortage of descriptors or memory is waited for so long. */
#define CLUSTER_PAUSE_NS (100 * NS_PER_MS)

/* What a worker is given.  All of it outlives the worker. */
struct cluster_duty {
	const struct cluster_policy *policy;
	const struct cluster_service *service;
	const struct cluster_limits *limits;
	const struct cluster_board *board;
	uint32_t index; /* which worker it is */
	uint32_t seat;  /* its seat of the board */
	int listener;   /* non-blocking if it waits with epoll; -1: none */
	int channel;    /* to the primary; of channel_pair() */

	/*
	 * An eventfd(2) for each worker, [board->workers]: a sibling writes to
	 * it when a connection should be this worker's.  NULL: nobody does.
	 */
	const int *nudges;
};

/*
 * Serve, and say WORD_READY first.  Exits with status 0 when told to leave or
 * when the primary is gone, with 1 if it does not get so far as to serve.
 */
_Noreturn void cluster_work(const struct cluster_duty *duty);

/* The same for ACCEPT_BLOCK. */
_Noreturn void cluster_work_blocking(const struct cluster_duty *duty);

#endif
