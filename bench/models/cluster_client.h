/*
 * cluster_client - one keep-alive connection to the cluster, as its user has.
 *
 * Nothing here waits: sockets are non-blocking, and the caller's epoll set
 * tells when a client can go on.
 */
#ifndef BENCH_MODELS_CLUSTER_CLIENT_H
#define BENCH_MODELS_CLUSTER_CLIENT_H

#include <netinet/in.h>
#include <stdint.h>

#include "bench/models/cluster_http.h"

enum client_state {
	CLIENT_CLOSED,
	CLIENT_JOINING, /* has asked /ready; which worker it has is unknown */
	CLIENT_IDLE,    /* may be sent a task */
	CLIENT_BUSY,    /* waits for the answer to a task */
	CLIENT_BROKEN,  /* would, but its connection has ended */
};

struct client {
	int fd; /* -1: closed */
	enum client_state state;
	uint32_t events;       /* what epoll watches for */
	uint32_t worker;       /* who serves it, once it has joined */
	struct http_call call; /* when busy: its task */
	struct client *next;   /* in a list of the caller's */
	struct http_out out;
	struct http_answer answer;
};

/*
 * Connect the closed @c to @address, watch it with @epoll as @tag, ask /ready:
 * it is joining then.  0 or -errno, closed as before.
 */
int client_open(struct client *c, const struct sockaddr_in *address, int epoll,
		uint64_t tag);

/* End the connection, whatever its state. */
void client_close(struct client *c, int epoll);

/* End the connection of the busy @c, but keep its task: it is broken then. */
void client_break(struct client *c, int epoll);

/*
 * Send @call on the idle @c, which is busy then.  If that fails, the connection
 * is broken, and client_receive() will say so.
 */
void client_send(struct client *c, int epoll, uint64_t tag,
		 const struct http_call *call);

/*
 * Epoll has named @tag: write what is left to write, read what has come.
 * 1: an answer is whole, in c->answer; 0: not yet; -errno: the connection is
 * broken, -ECONNRESET too if the server closed it; -EBADMSG: no sense in it.
 */
int client_receive(struct client *c, int epoll, uint64_t tag);

#endif
