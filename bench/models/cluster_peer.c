#include "bench/models/cluster_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* One connection, seen from the server. */
struct peer {
	struct peer *next, *previous; /* in a list of struct peers */
	int fd;                       /* -1: unused */

	/* Answered for the last time: only to wait until the client is gone. */
	bool lingering;
	bool served;       /* has had an answer */
	bool may_talk;     /* the client does not know that this is the end */
	uint32_t events;   /* what epoll watches for; 0: nothing yet */
	uint64_t since_ns; /* of the request's first byte, or the last answer */
	struct http_request request;
	struct http_out out;
	size_t n; /* bytes received and not yet served */
	char in[HTTP_REQUEST_MAX];
};

static void say_how_many(struct peers *s)
{
	atomic_store_explicit(&s->seat->connections, s->n,
			      memory_order_relaxed);
}

/*
 * Out of the epoll set before close(2): the set watches the open file, not the
 * number, and a copy of it in another process would keep it there.
 */
static void end(struct peers *s, struct peer *p)
{
	if (p->events)
		(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, p->fd, NULL);
	(void)close(p->fd);
	p->fd = -1;
	http_out_drop(&p->out);
	if (p->previous)
		p->previous->next = p->next;
	else
		s->used = p->next;
	if (p->next)
		p->next->previous = p->previous;
	p->next = s->unused;
	s->unused = p;
	s->n--;
	say_how_many(s);
}

static void watch(struct peers *s, struct peer *p, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = p};

	if (p->events == events)
		return;
	if (epoll_ctl(s->epoll, p->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		      p->fd, &event) == 0)
		p->events = events;
	else
		p->since_ns = 0; /* no memory: the next sweep ends it */
}

/*
 * Send what is ready for @p.  1: go on with its next request; 0: not now.
 *
 * After the last answer, a client that may not know it is the last hears that
 * no more will come, and we read on until it closes, too: close(2) with bytes
 * unread would make the kernel send a reset, which may destroy the answer
 * before the client has read it.
 */
static int flush(struct peers *s, struct peer *p)
{
	int r = http_out_flush(&p->out, p->fd);

	if (r < 0) {
		end(s, p);
		return 0;
	}
	if (r == 0) {
		watch(s, p, EPOLLOUT);
		return 0;
	}
	if (p->request.hand_over) {
		/* If nobody takes it, closing it says so to the client. */
		(void)s->service->take_over(s->service->arg, p->fd);
		end(s, p);
		return 0;
	}
	if (p->request.close && !p->may_talk) {
		end(s, p);
		return 0;
	}
	p->since_ns = clock_ns();
	if (p->request.close) {
		(void)shutdown(p->fd, SHUT_WR); /* the client may have gone */
		p->lingering = true;
		watch(s, p, EPOLLIN);
		return 0;
	}
	http_request_init(&p->request);
	return 1;
}

/* Answer the requests that have come from @p, each in its turn. */
static void serve(struct peers *s, struct peer *p)
{
	do {
		int r = http_request_parse(&p->request, p->in, p->n);
		bool asked_to_close = p->request.close;

		if (r == 0) {
			watch(s, p, EPOLLIN);
			return;
		}
		if (r < 0) {
			http_put_error(&p->out, p->request.status, &p->request,
				       NULL);
			p->may_talk = true;
			p->n = 0;
			continue;
		}
		p->request.close |= s->draining;
		s->service->answer(s->service->arg, s->seat, &p->request, p->in,
				   &p->out);
		p->served = true;
		seat_add(&s->seat->requests, 1);
		seat_add(&s->seat->progress, 1);
		p->n -= (size_t)r;
		if (p->n > 0)
			memmove(p->in, p->in + r, p->n);
		p->may_talk = !asked_to_close || p->n > 0;
	} while (flush(s, p));
}

static void receive(struct peers *s, struct peer *p)
{
	ssize_t n;

	/* A lingering client talks to the wall. */
	if (p->lingering)
		p->n = 0;
	n = recv(p->fd, p->in + p->n, sizeof(p->in) - p->n, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		watch(s, p, EPOLLIN);
		return;
	}
	if (n <= 0) {
		end(s, p);
		return;
	}
	if (p->lingering)
		return;
	if (p->n == 0)
		p->since_ns = clock_ns();
	p->n += (size_t)n;
	serve(s, p);
}

int peers_add(struct peers *s, int fd, uint64_t now_ns)
{
	struct peer *p = s->unused;

	if (p)
		s->unused = p->next;
	else
		p = calloc(1, sizeof(*p));
	if (!p) {
		(void)close(fd);
		return -ENOMEM;
	}
	p->fd = fd;
	p->lingering = false;
	p->served = false;
	p->events = 0;
	p->since_ns = now_ns;
	p->n = 0;
	http_request_init(&p->request);
	p->previous = NULL;
	p->next = s->used;
	if (p->next)
		p->next->previous = p;
	s->used = p;
	s->n++;
	say_how_many(s);
	seat_add(&s->seat->accepted, 1);
	/*
	 * Its request may be here already.  If it is also the last, the
	 * connection never needs to be watched: two system calls less.
	 */
	receive(s, p);
	return 0;
}

void peer_go_on(struct peers *s, struct peer *p)
{
	/* Its end may have come before this news of it. */
	if (p->fd < 0)
		return;
	if (p->out.n == 0)
		receive(s, p);
	else if (flush(s, p))
		serve(s, p);
}

void peers_sweep(struct peers *s, uint64_t now_ns)
{
	struct peer *next;

	for (struct peer *p = s->used; p; p = next) {
		bool busy = p->n > 0 || p->out.n > 0 || p->lingering;
		uint64_t limit_ns =
			busy ? s->limits->request_ns : s->limits->idle_ns;

		next = p->next;
		if (now_ns < p->since_ns + limit_ns)
			continue;
		if (p->lingering || p->out.n > 0 || p->n == 0) {
			end(s, p);
			continue;
		}
		p->request.close = 1;
		p->may_talk = true;
		http_put_error(&p->out, 408, &p->request, NULL);
		(void)flush(s, p);
	}
}

/* Bytes that we have not received yet, or the end, which epoll will tell. */
static bool has_more(const struct peer *p)
{
	char byte;

	return recv(p->fd, &byte, 1, MSG_PEEK) >= 0;
}

void peers_end_idle(struct peers *s)
{
	struct peer *next;

	for (struct peer *p = s->used; p; p = next) {
		next = p->next;
		/* What has come by now will be answered. */
		if (p->served && p->n == 0 && p->out.n == 0 && !has_more(p))
			end(s, p);
	}
}
