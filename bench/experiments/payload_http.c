/*
 * payload_http - messages as requests and answers of HTTP/1.1, over TCP.
 *
 *	POST /task HTTP/1.1                    HTTP/1.1 200 OK
 *	Host: 127.0.0.1                        Content-Type: application/…
 *	Content-Type: application/…            Content-Length: 1152
 *	Content-Length: 1152
 *	                                       … 1152 bytes …
 *	… 1152 bytes …
 *
 * One connection for each worker, kept.  A body of bytes as they are is the
 * best that HTTP can do; JSON would have to write each as text first.  The parser
 * is llhttp, that of Node.js, which finds the body in a buffer; from there it is
 * copied to where it belongs.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <llhttp.h>

#include "bench/experiments/payload_carry.h"

#define ROOM ((size_t)65536)

/* What an end needs besides its descriptor. */
struct http {
	llhttp_t parser;
	char *body;         /* where it belongs, while the parser runs */
	size_t n, body_max; /* bytes of it so far; and at most */
	bool whole;

	char head[160];     /* on its way out */
	size_t in_at, in_n; /* of in: received and not parsed */
	char in[ROOM];
};

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
	struct http *h = parser->data;

	if (n > h->body_max - h->n)
		return -1;
	memcpy(h->body + h->n, at, n);
	h->n += n;
	return 0;
}

/* Stop here: what follows belongs to the next message. */
static int on_message_complete(llhttp_t *parser)
{
	struct http *h = parser->data;

	h->whole = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

static void expect_message(struct carry_end *end)
{
	struct http *h = end->own;

	h->n = 0;
	h->whole = false;
	llhttp_init(&h->parser, end->worker ? HTTP_REQUEST : HTTP_RESPONSE,
		    &settings);
	h->parser.data = h;
}

static int http_open(struct carry_end *end)
{
	struct http *h = malloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	memset(h, 0, sizeof(*h));
	h->body_max = end->carry->message_size;
	end->own = h;
	expect_message(end);
	return 0;
}

static void http_close(struct carry_end *end)
{
	free(end->own);
	end->own = NULL;
}

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	/* A message must not wait for more to come (Nagle's algorithm). */
	if (fd >= 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				 sizeof(one));
	return fd;
}

/* Is the other side of @accepted our own @connected, and no stranger's? */
static bool is_ours(int accepted, int connected)
{
	struct sockaddr_in a = {0}, b = {0};
	socklen_t size = sizeof(a);

	if (getpeername(accepted, (struct sockaddr *)&a, &size) < 0)
		return false;
	size = sizeof(b);
	return getsockname(connected, (struct sockaddr *)&b, &size) == 0 &&
	       a.sin_port == b.sin_port &&
	       a.sin_addr.s_addr == b.sin_addr.s_addr;
}

/*
 * Connect the two by a listener that lives no longer than that.  A connect(2)
 * that a signal interrupts goes on by itself (connect(2), EINTR); accept(2) then
 * waits for it, and for nothing else, as both ends are here.
 */
static int connect_through(int listener, struct carry_end *here,
			   struct carry_end *there)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int one = 1;

	if (bind(listener, (struct sockaddr *)&address, size) < 0 ||
	    listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	here->in = here->out = tcp_socket();
	if (here->in < 0 ||
	    (connect(here->in, (struct sockaddr *)&address, size) < 0 &&
	     errno != EINTR))
		return -errno;
	do
		there->in = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (there->in < 0 && errno == EINTR);
	there->out = there->in;
	if (there->in < 0)
		return -errno;
	if (!is_ours(there->in, here->in))
		return -EPERM;
	(void)setsockopt(there->in, IPPROTO_TCP, TCP_NODELAY, &one,
			 sizeof(one));
	return carry_unwaiting(here->in);
}

static int http_pair(struct carry_end *here, struct carry_end *there)
{
	int listener = tcp_socket();
	int r;

	if (listener < 0)
		return -errno;
	r = connect_through(listener, here, there);
	(void)close(listener);
	return r;
}

static int http_send(struct carry_end *end, struct carry_message *m)
{
	struct http *h = end->own;
	size_t size = end->carry->message_size;
	int n = snprintf(h->head, sizeof(h->head),
			 "%s\r\nContent-Type: application/octet-stream\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 end->worker ? "HTTP/1.1 200 OK"
				     : "POST /task HTTP/1.1\r\n"
				       "Host: 127.0.0.1",
			 size);

	end->parts[0] = (struct iovec){h->head, (size_t)n};
	end->parts[1] = (struct iovec){m, size};
	return 0;
}

/* Parse what is there, up to the end of the message.  0 or -EPROTO. */
static int parse(struct http *h)
{
	const char *from = h->in + h->in_at;
	enum llhttp_errno e = llhttp_execute(&h->parser, from, h->in_n);
	size_t n = h->in_n;

	if (h->whole)
		n = (size_t)(llhttp_get_error_pos(&h->parser) - from);
	else if (e != HPE_OK)
		return -EPROTO;
	h->in_at += n;
	h->in_n -= n;
	return 0;
}

static bool is_good(const struct carry_end *end)
{
	const struct http *h = end->own;

	return h->n == h->body_max &&
	       (end->worker ? h->parser.method == HTTP_POST
			    : h->parser.status_code == 200);
}

static int http_take(struct carry_end *end, struct carry_message **m)
{
	struct http *h = end->own;

	h->body = (char *)*m;
	for (;;) {
		ssize_t n;

		if (h->in_n > 0 && parse(h) < 0)
			return -EPROTO;
		if (h->whole)
			break;
		n = read(end->in, h->in, sizeof(h->in));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -EPIPE;
		h->in_at = 0;
		h->in_n = (size_t)n;
	}
	if (!is_good(end))
		return -EPROTO;
	expect_message(end);
	return 1;
}

const struct carrier carrier_http = {
	.memory = CARRY_OWN,
	.pair = http_pair,
	.open = http_open,
	.close = http_close,
	.send = http_send,
	.flush = carry_flush_socket,
	.take = http_take,
};
