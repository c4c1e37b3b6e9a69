#include "bench/models/cluster_http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/models/cluster_text.h"
#include "harness/base.h"

/* An answer of ours has about 300 bytes; what is longer is not ours. */
#define ANSWER_MAX 4096

int http_out_flush(struct http_out *out, int fd)
{
	size_t n_bytes = out->n - out->n_tail;

	while (out->sent < out->n) {
		ssize_t n;

		if (out->sent < n_bytes) {
			n = send(fd, out->bytes + out->sent,
				 n_bytes - out->sent,
				 MSG_NOSIGNAL | (out->n_tail ? MSG_MORE : 0));
		} else {
			n = send(fd, out->tail + (out->sent - n_bytes),
				 out->n - out->sent, MSG_NOSIGNAL);
		}
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			out->sent += (size_t)n;
	}
	http_out_drop(out);
	return 1;
}

void http_out_drop(struct http_out *out)
{
	free(out->to_free);
	out->to_free = NULL;
	out->n_tail = 0;
	out->n = 0;
	out->sent = 0;
}

static void put(struct http_out *out, const char *bytes, size_t n)
{
	CHECK(out->n_tail == 0 && n <= HTTP_OUT_MAX - out->n);
	memcpy(out->bytes + out->n, bytes, n);
	out->n += n;
}

static void put_text(struct http_out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void put_number(struct http_out *out, uint64_t value)
{
	char text[TEXT_DIGITS_MAX];

	put(out, text, text_put_decimal(text, value));
}

void http_put_ask_ready(struct http_out *out)
{
	put_text(out, "GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

void http_put_ask_task(struct http_out *out, const struct http_call *call,
		       int last)
{
	put_text(out, "GET /task/");
	put_text(out, call->workload->name);
	put_text(out, "?size=");
	put_number(out, call->size);
	put_text(out, "&seed=");
	put_number(out, call->task.seed);
	put_text(out, "&id=");
	put_number(out, call->task.id);
	put_text(out, " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
	put_text(out, last ? "Connection: close\r\n\r\n" : "\r\n");
}

static const struct status {
	int number;
	const char *text; /* of the status line */
} statuses[] = {
	{200, "200 OK"},
	{400, "400 Bad Request"},
	{404, "404 Not Found"},
	{405, "405 Method Not Allowed"},
	{408, "408 Request Timeout"},
	{413, "413 Content Too Large"},
	{414, "414 URI Too Long"},
	{422, "422 Unprocessable Content"},
	{431, "431 Request Header Fields Too Large"},
	{500, "500 Internal Server Error"},
	{503, "503 Service Unavailable"},
	{505, "505 HTTP Version Not Supported"},
};

static const char *text_of(int status)
{
	size_t i = 0;

	while (statuses[i].number != status) {
		i++;
		CHECK(i < ARRAY_LEN(statuses));
	}
	return statuses[i].text;
}

/* All of the head of an answer whose body will have @n bytes. */
static void put_head(struct http_out *out, int status,
		     const struct http_request *request, const char *type,
		     size_t n)
{
	put_text(out, "HTTP/1.1 ");
	put_text(out, text_of(status));
	put_text(out, "\r\nContent-Type: ");
	put_text(out, type);
	if (status == 405)
		put_text(out, "\r\nAllow: GET, HEAD");
	if (request->close)
		put_text(out, "\r\nConnection: close");
	put_text(out, "\r\nContent-Length: ");
	put_number(out, n);
	put_text(out, "\r\n\r\n");
}

void http_put_answer(struct http_out *out, int status,
		     const struct http_request *request, const char *body,
		     size_t n)
{
	put_head(out, status, request, "application/json", n);
	if (!request->head)
		put(out, body, n);
}

void http_put_error(struct http_out *out, int status,
		    const struct http_request *request, const char *why)
{
	char body[HTTP_BODY_MAX];
	/* Without the number and the space after it. */
	size_t n = json_format_error(status, why ? why : text_of(status) + 4,
				     body);

	http_put_answer(out, status, request, body, n);
}

void http_put_page(struct http_out *out, const struct http_request *request,
		   const char *type, const char *body, size_t n, char *to_free)
{
	put_head(out, 200, request, type, n);
	if (request->head || n == 0) {
		free(to_free);
		return;
	}
	out->tail = body;
	out->n_tail = n;
	out->to_free = to_free;
	out->n += n;
}

void http_put_stream(struct http_out *out, struct http_request *request,
		     const char *type)
{
	request->close = 1;
	put_text(out, "HTTP/1.1 200 OK\r\nContent-Type: ");
	put_text(out, type);
	put_text(out,
		 "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
	struct http_answer *a = parser->data;

	if (n > HTTP_BODY_MAX - a->n)
		return -1;
	memcpy(a->body + a->n, at, n);
	a->n += n;
	return 0;
}

/* Stop here, so that bytes after the end do not pass for a next answer. */
static int on_message_complete(llhttp_t *parser)
{
	struct http_answer *a = parser->data;

	a->whole = 1;
	return HPE_PAUSED;
}

static const llhttp_settings_t answer_settings = {
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void http_answer_init(struct http_answer *a)
{
	a->bytes = 0;
	a->whole = 0;
	a->n = 0;
	llhttp_init(&a->parser, HTTP_RESPONSE, &answer_settings);
	a->parser.data = a;
}

int http_answer_parse(struct http_answer *a, const char *bytes, size_t n)
{
	enum llhttp_errno e;

	a->bytes += n;
	if (a->bytes > ANSWER_MAX)
		return -EBADMSG;
	e = llhttp_execute(&a->parser, bytes, n);
	if (!a->whole)
		return e == HPE_OK ? 0 : -EBADMSG;
	if (llhttp_get_error_pos(&a->parser) != bytes + n ||
	    llhttp_get_status_code(&a->parser) != 200)
		return -EBADMSG;
	return 1;
}
