#include "bench/models/cluster_client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"

int client_open(struct client *c, const struct sockaddr_in *address, int epoll,
		uint64_t tag, const struct http_call *call)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
	/*
	 * To end with a reset.  Once the answer is here nothing can be lost,
	 * and no port stays occupied for a minute (TIME_WAIT): a connection for
	 * each task would soon use up all there are.
	 */
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int one = 1;
	int r;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	event.data.u64 = tag;
	if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
		goto fail;
	if (call &&
	    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		goto fail;
	if (connect(c->fd, (const struct sockaddr *)address, sizeof(*address)) <
		    0 &&
	    errno != EINPROGRESS)
		goto fail;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
		goto fail;
	c->events = event.events;
	c->worker = CLIENT_ANYBODY;
	http_out_drop(&c->out);
	http_answer_init(&c->answer);
	if (call) {
		c->state = CLIENT_BUSY;
		c->call = *call;
		http_put_ask_task(&c->out, call, 1);
	} else {
		c->state = CLIENT_JOINING;
		http_put_ask_ready(&c->out);
	}
	return 0;
fail:
	r = -errno;
	(void)close(c->fd);
	c->fd = -1;
	return r;
}

void client_close(struct client *c, int epoll)
{
	c->state = CLIENT_CLOSED;
	if (c->fd < 0)
		return;
	(void)epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
	(void)close(c->fd);
	c->fd = -1;
}

void client_break(struct client *c, int epoll)
{
	client_close(c, epoll);
	c->state = CLIENT_BROKEN;
}

/* Write what is left; ask epoll for room only while something is. */
static int flush(struct client *c, int epoll, uint64_t tag)
{
	int r = http_out_flush(&c->out, c->fd);
	struct epoll_event event = {
		.events = r == 0 ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.u64 = tag,
	};

	if (r < 0)
		return r;
	if (event.events != c->events)
		CHECK(epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event) == 0);
	c->events = event.events;
	return 0;
}

void client_send(struct client *c, int epoll, uint64_t tag,
		 const struct http_call *call)
{
	CHECK(c->state == CLIENT_IDLE);
	c->state = CLIENT_BUSY;
	c->call = *call;
	http_answer_init(&c->answer);
	http_put_ask_task(&c->out, call, 0);
	(void)flush(c, epoll, tag); /* broken: epoll tells at once */
}

int client_receive(struct client *c, int epoll, uint64_t tag)
{
	char bytes[HTTP_OUT_MAX];
	ssize_t n;

	/* Even if nothing can be sent any more, an answer may be here. */
	if (c->out.n > 0)
		(void)flush(c, epoll, tag);
	n = recv(c->fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	if (c->state == CLIENT_IDLE)
		return -EBADMSG; /* an answer to nothing */
	return http_answer_parse(&c->answer, bytes, (size_t)n);
}

int client_is_last(const struct client *c)
{
	return !llhttp_should_keep_alive(&c->answer.parser);
}
