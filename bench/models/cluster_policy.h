/*
 * cluster_policy - how a new connection comes to a worker.
 */
#ifndef BENCH_MODELS_CLUSTER_POLICY_H
#define BENCH_MODELS_CLUSTER_POLICY_H

#include <stdbool.h>
#include <stddef.h>

enum cluster_accept {
	ACCEPT_EVENT,   /* the worker, when epoll says that there is one */
	ACCEPT_BLOCK,   /* the worker, which sleeps in accept(2) until then */
	ACCEPT_PRIMARY, /* the primary, which passes it on to a worker */
};

struct cluster_policy {
	const char *name;
	const char *summary; /* one line */
	enum cluster_accept accept;

	/*
	 * EPOLLEXCLUSIVE: of the workers that wait for one listener, a new
	 * connection wakes one, not all (the "thundering herd").
	 */
	bool exclusive;

	/*
	 * SO_REUSEPORT: a listener for each worker, and the kernel chooses one
	 * by a hash of the client's address and port.
	 */
	bool own_listener;

	/* Only a worker that has said it has the last one gets the next. */
	bool acks;
};

extern const struct cluster_policy cluster_policies[];
extern const size_t n_cluster_policies;

/* The one of this name, or NULL. */
const struct cluster_policy *cluster_policy_find(const char *name);

#endif
