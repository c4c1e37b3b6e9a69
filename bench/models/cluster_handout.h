/*
 * cluster_handout - ACCEPT_PRIMARY: the primary accepts connections and hands
 * them out to its workers, as descriptors through their channels.
 */
#ifndef BENCH_MODELS_CLUSTER_HANDOUT_H
#define BENCH_MODELS_CLUSTER_HANDOUT_H

#include "bench/models/cluster_primary.h"

/* Connections that wait for a worker; more wait in the kernel. */
#define HANDOUT_QUEUE 64

/* epoll data of the listener; no other event of the primary has it. */
#define HANDOUT_TAG UINT64_MAX

/* 0 or -errno; also after a failure, handout_done() closes. */
int handout_init(struct cluster_primary *p);
void handout_done(struct cluster_primary *p);

/* The listener has connections: take some, and deal. */
void handout_accept(struct cluster_primary *p);

/*
 * Give what waits to workers that can take it, and accept more if there is
 * room: to be called when a worker is ready or has what it was sent.
 */
void handout_deal(struct cluster_primary *p);

#endif
