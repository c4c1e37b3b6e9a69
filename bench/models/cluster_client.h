/*
 * cluster_client - one connection to the cluster, as its users have.
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

/* Whoever serves a client that has never asked. */
#define CLIENT_ANYBODY UINT32_MAX

struct client {
	int fd; /* -1: closed */
	enum client_state state;
	uint32_t events;       /* what epoll watches for */
	uint32_t worker;       /* who serves it, or CLIENT_ANYBODY */
	struct http_call call; /* when busy: its task */
	uint64_t n_deaths;     /* of workers, before this task was sent */
	struct client *next;   /* in a list of the caller's */
	struct http_out out;
	struct http_answer answer;
};

/*
 * Connect the closed @c to @address, watch it with @epoll as @tag, and ask
 * /ready: it is joining then.  With @call, send this instead, the only one: it
 * is busy then.  0 or -errno, closed as before.
 */
int client_open(struct client *c, const struct sockaddr_in *address, int epoll,
		uint64_t tag, const struct http_call *call);

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

/* Whether the answer in c->answer is the last one on this connection. */
int client_is_last(const struct client *c);

#endif
