#include "bench/models/cluster_worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/models/cluster_http.h"
#include "harness/base.h"

/* One connection, seen from the server. */
struct peer {
	int fd; /* -1: free */

	/* Answered for the last time: only to wait until the client is gone. */
	int lingering;
	uint32_t events;   /* what epoll watches for */
	uint64_t since_ns; /* of the request's first byte, or the last answer */
	struct http_request request;
	struct http_out out;
	size_t n; /* bytes received and not yet served */
	char in[HTTP_REQUEST_MAX];
};

struct server {
	const struct job *job;
	struct http_menu menu; /* the job's workload, in its size */
	const struct worker *self;
	const struct cluster_limits *limits;
	int listener;
	int epoll; /* data.ptr is the peer; NULL: the listener */

	/* Of everybody [limits->connections]; of them n_peers are in use. */
	struct peer *peers;
	uint32_t n_peers;
	int accepting; /* the listener is in the epoll set */
};

/*
 * EPOLLEXCLUSIVE: of the workers that wait for the one listener, a new
 * connection wakes one, not all (the "thundering herd").
 *
 * Which one, nobody decides: a worker that happens to wake first may take every
 * connection while its siblings idle.  So each takes its share and then leaves
 * the listener to the others until one of its connections ends; nginx does the
 * same at `worker_connections'.
 */
static void accept_more(struct server *s, int more)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};

	if (more == s->accepting)
		return;
	if (epoll_ctl(s->epoll, more ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		      s->listener, &event) == 0)
		s->accepting = more;
}

/*
 * Out of the epoll set before close(2): the set watches the open file, not the
 * number, and a copy of it in another process would keep it there.
 */
static void end(struct server *s, struct peer *p)
{
	(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, p->fd, NULL);
	(void)close(p->fd);
	p->fd = -1;
	http_out_drop(&p->out);
	s->n_peers--;
	accept_more(s, 1);
}

static void watch(struct server *s, struct peer *p, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = p};

	if (p->events == events)
		return;
	p->events = events;
	CHECK(epoll_ctl(s->epoll, EPOLL_CTL_MOD, p->fd, &event) == 0);
}

static void welcome(struct server *s)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct peer *p = s->peers;
	int one = 1;
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		/*
		 * Another worker was faster, or the client has gone: never
		 * mind.  But with no descriptor or memory left, the listener
		 * would wake us for ever: leave it alone until the next sweep.
		 */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			accept_more(s, 0);
		return;
	}
	CHECK(s->n_peers < s->limits->connections);
	while (p->fd >= 0)
		p++;
	event.data.ptr = p;
	/* An answer must not wait for more to come (Nagle's algorithm). */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		(void)close(fd);
		return;
	}
	p->fd = fd;
	p->lingering = 0;
	p->events = EPOLLIN;
	p->since_ns = clock_ns();
	p->n = 0;
	http_request_init(&p->request);
	if (++s->n_peers == s->limits->connections)
		accept_more(s, 0);
}

static void run(struct server *s, struct peer *p, const struct http_call *call)
{
	struct job job = *s->job;
	struct completion c;
	char body[HTTP_BODY_MAX];
	size_t n;

	job.workload = call->workload;
	job.size = call->size;
	task_run(&job, s->self, &call->task, 0, &c);
	n = json_format_completion(call, &c, body);
	http_put_answer(&p->out, 200, &p->request, body, n);
}

/* Do what the whole request of @p asks for and write the answer. */
static void answer(struct server *s, struct peer *p)
{
	struct http_out *out = &p->out;
	struct http_call call;
	char body[HTTP_BODY_MAX];
	size_t n;

	switch (http_target_parse(p->in + p->request.target_at,
				  p->request.target_len, &s->menu, &call)) {
	case HTTP_TARGET_TASK:
		run(s, p, &call);
		break;
	case HTTP_TARGET_READY:
		n = json_format_ready(s->self->index, body);
		http_put_answer(out, 200, &p->request, body, n);
		break;
	case HTTP_TARGET_OTHER:
		http_put_error(out, 404, &p->request, NULL);
		break;
	case HTTP_TARGET_UNKNOWN:
		http_put_error(out, 404, &p->request,
			       "no workload has this name");
		break;
	case HTTP_TARGET_LARGE:
		http_put_error(out, 422, &p->request,
			       "tasks of this size are not for this server");
		break;
	case HTTP_TARGET_BAD:
		p->request.close = 1;
		http_put_error(out, 400, &p->request,
			       "in the query: size, seed and id, each once at "
			       "most, with whole numbers");
		break;
	}
}

/*
 * Send what is ready for @p.  1: go on with its next request; 0: not now.
 *
 * After the last answer we only say that no more will come, and read on until
 * the client closes, too.  close(2) with bytes unread would make the kernel
 * send a reset, which may destroy the answer before the client has read it.
 */
static int flush(struct server *s, struct peer *p)
{
	int r = http_out_flush(&p->out, p->fd);

	if (r < 0) {
		end(s, p);
		return 0;
	}
	watch(s, p, r ? EPOLLIN : EPOLLOUT);
	if (!r)
		return 0;
	p->since_ns = clock_ns();
	if (p->request.close) {
		(void)shutdown(p->fd, SHUT_WR); /* the client may have gone */
		p->lingering = 1;
		return 0;
	}
	http_request_init(&p->request);
	return 1;
}

/* Answer the requests that have come from @p, each in its turn. */
static void serve(struct server *s, struct peer *p)
{
	do {
		int r = http_request_parse(&p->request, p->in, p->n);

		if (r == 0)
			return;
		if (r < 0) {
			http_put_error(&p->out, p->request.status, &p->request,
				       NULL);
			p->n = 0;
			continue;
		}
		answer(s, p);
		p->n -= (size_t)r;
		if (p->n > 0)
			memmove(p->in, p->in + r, p->n);
	} while (flush(s, p));
}

static void receive(struct server *s, struct peer *p)
{
	ssize_t n;

	/* A lingering client talks to the wall. */
	if (p->lingering)
		p->n = 0;
	n = recv(p->fd, p->in + p->n, sizeof(p->in) - p->n, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
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

/*
 * End what takes too long at @now_ns: a request that does not get whole (408)
 * or a client that does not read its answer, or neither talks nor leaves.
 */
static void sweep(struct server *s, uint64_t now_ns)
{
	for (uint32_t i = 0; i < s->limits->connections; i++) {
		struct peer *p = &s->peers[i];
		int busy = p->n > 0 || p->out.n > 0 || p->lingering;
		uint64_t limit_ns =
			busy ? s->limits->request_ns : s->limits->idle_ns;

		if (p->fd < 0 || now_ns < p->since_ns + limit_ns)
			continue;
		if (p->lingering || p->out.n > 0 || p->n == 0) {
			end(s, p);
			continue;
		}
		p->request.close = 1;
		http_put_error(&p->out, 408, &p->request, NULL);
		(void)flush(s, p);
	}
	if (s->n_peers < s->limits->connections)
		accept_more(s, 1);
}

static int prepare(struct server *s)
{
	s->peers = calloc(s->limits->connections, sizeof(*s->peers));
	if (!s->peers)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->limits->connections; i++)
		s->peers[i].fd = -1;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return -errno;
	accept_more(s, 1);
	return s->accepting ? 0 : -errno;
}

_Noreturn void cluster_work(const struct job *job, const struct worker *self,
			    int listener, const struct cluster_limits *limits,
			    struct gate *ready)
{
	struct server s = {
		.job = job,
		.menu = {&job->workload, 1, 0, job->size},
		.self = self,
		.limits = limits,
		.listener = listener,
	};
	uint64_t tick_ns = limits->request_ns / 5;
	uint64_t next_ns = clock_ns() + tick_ns;

	if (prepare(&s) < 0)
		_exit(1);
	if (ready) {
		gate_report(ready);
		gate_close(ready);
	}
	for (;;) {
		struct epoll_event events[64];
		int n = epoll_wait(s.epoll, events, ARRAY_LEN(events),
				   clock_poll_ms(next_ns));
		uint64_t now_ns = clock_ns();

		if (n < 0 && errno != EINTR)
			_exit(1);
		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (!p)
				welcome(&s);
			else if (p->out.n == 0)
				receive(&s, p);
			else if (flush(&s, p))
				serve(&s, p);
		}
		/*
		 * A long task may have kept us from reading what came in time.
		 * So who is late is asked only when nothing more is to be read,
		 * and of the moment before the last look.
		 */
		if (now_ns >= next_ns && n < (int)ARRAY_LEN(events)) {
			sweep(&s, now_ns);
			next_ns = now_ns + tick_ns;
		}
	}
}
