/*
 * cluster_listen - the listening sockets, as each policy needs them.
 */
#ifndef BENCH_MODELS_CLUSTER_LISTEN_H
#define BENCH_MODELS_CLUSTER_LISTEN_H

#include <netinet/in.h>

#include "bench/models/cluster_policy.h"

/*
 * Listen at @address; a port of 0 becomes the one that was found.  Returns the
 * socket, to be closed, or -errno.  Connections that it accepts inherit
 * TCP_NODELAY and, with ACCEPT_BLOCK, time limits for recv(2) and send(2).
 */
int cluster_listen(const struct cluster_policy *policy,
		   struct sockaddr_in *address);

#endif
