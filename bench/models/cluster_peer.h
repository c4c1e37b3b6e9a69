/*
 * cluster_peer - the connections of one server process.
 *
 * Many keep-alive connections, one thread: the worker's epoll set tells which
 * of them have something to read, and a request is answered as soon as it is
 * whole.  One recv(2) and one send(2) for a request, and no allocation: what a
 * connection needs it has from its first byte to its last.
 */
#ifndef BENCH_MODELS_CLUSTER_PEER_H
#define BENCH_MODELS_CLUSTER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/models/cluster_board.h"
#include "bench/models/cluster_http.h"

struct cluster_limits {
	uint32_t connections; /* of a worker at a time, at least 1 */
	uint64_t request_ns;  /* from a request's first byte to its last */
	uint64_t idle_ns;     /* from an answer to the next request */
};

/* What a server is for: the same in every worker. */
struct cluster_service {
	/* In the worker's process, once, before it is ready. */
	void (*begin)(void *arg, uint32_t index);

	/*
	 * Answer @request, whose bytes are at @bytes, with one http_put_answer()
	 * to @out.  Setting request->close ends the connection after it.  For a
	 * task: seat_task_begin() and seat_task_end() on @seat.
	 */
	void (*answer)(void *arg, struct cluster_seat *seat,
		       struct http_request *request, const char *bytes,
		       struct http_out *out);

	/*
	 * Take the connection @fd over, once an answer that has set
	 * request->hand_over has been sent on it: pass it on, or dup(2) it, for
	 * it is closed here.  NULL, if no answer does.  0 or -errno.
	 */
	int (*take_over)(void *arg, int fd);
	void *arg; /* each worker has a copy of what it points to: fork(2) */
};

struct peer;

struct peers {
	int epoll; /* data.ptr is the peer */
	const struct cluster_service *service;
	const struct cluster_limits *limits;
	struct cluster_seat *seat;
	bool draining;       /* each connection ends with its next answer */
	struct peer *used;   /* list of those in use … */
	struct peer *unused; /* … and of those that were */
	uint32_t n;          /* in use */
};

/*
 * Take over the non-blocking connection @fd, and answer what has come on it.
 * 0, or -errno and it is closed.
 */
int peers_add(struct peers *s, int fd, uint64_t now_ns);

/* Epoll has named @p: read, answer, write. */
void peer_go_on(struct peers *s, struct peer *p);

/*
 * End what takes too long at @now_ns: a request that does not get whole (408)
 * or a client that does not read its answer, or neither talks nor leaves.
 */
void peers_sweep(struct peers *s, uint64_t now_ns);

/*
 * End every connection that waits for another request.  One that waits for its
 * first may stay: it has hardly had the time to send it.
 */
void peers_end_idle(struct peers *s);

#endif
