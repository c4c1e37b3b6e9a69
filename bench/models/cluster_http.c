#include "bench/models/cluster_http.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base.h"

/* An answer of ours has about 300 bytes; what is longer is not ours. */
#define ANSWER_MAX 4096

/*
 * Read an unsigned number up to @max from *@s on and step over it.  0, or
 * -EBADMSG: no digit, or too large.
 */
static int take_number(const char **s, const char *end, unsigned base,
		       uint64_t max, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = *s;
	uint64_t value = 0;

	for (; p < end && *p != '\0'; p++) {
		const char *digit = memchr(digits, *p, base);
		uint64_t d;

		if (!digit)
			break;
		d = (uint64_t)(digit - digits);
		if (value > (max - d) / base)
			return -EBADMSG;
		value = value * base + d;
	}
	if (p == *s)
		return -EBADMSG;
	*s = p;
	*ret = value;
	return 0;
}

static int take_word(const char **s, const char *end, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
		return -EBADMSG;
	*s += n;
	return 0;
}

enum http_target http_target_parse(const char *target, size_t n,
				   struct task *ret)
{
	const char *s = target;
	const char *end = target + n;
	struct task task;

	if (n == strlen("/ready") && memcmp(target, "/ready", n) == 0)
		return HTTP_TARGET_READY;
	if (take_word(&s, end, "/task") < 0 || (s < end && *s != '?'))
		return HTTP_TARGET_NONE;
	if (take_word(&s, end, "?id=") < 0 ||
	    take_number(&s, end, 10, UINT64_MAX, &task.id) < 0 ||
	    take_word(&s, end, "&seed=") < 0 ||
	    take_number(&s, end, 10, UINT64_MAX, &task.seed) < 0 || s != end)
		return HTTP_TARGET_BAD;
	*ret = task;
	return HTTP_TARGET_TASK;
}

int http_out_flush(struct http_out *out, int fd)
{
	while (out->sent < out->n) {
		ssize_t n = send(fd, out->bytes + out->sent, out->n - out->sent,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			out->sent += (size_t)n;
	}
	out->n = 0;
	out->sent = 0;
	return 1;
}

static void put(struct http_out *out, const char *bytes, size_t n)
{
	CHECK(n <= HTTP_OUT_MAX - out->n);
	memcpy(out->bytes + out->n, bytes, n);
	out->n += n;
}

void http_put_ready(struct http_out *out)
{
	static const char request[] =
		"GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

	put(out, request, strlen(request));
}

void http_put_task(struct http_out *out, const struct task *task)
{
	char request[128];
	int n = snprintf(request, sizeof(request),
			 "GET /task?id=%" PRIu64 "&seed=%" PRIu64
			 " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
			 task->id, task->seed);

	put(out, request, (size_t)n);
}

const char *http_reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 431:
		return "Request Header Fields Too Large";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Unknown";
	}
}

void http_put_answer(struct http_out *out, int status,
		     const struct http_request *request, const char *body,
		     size_t n)
{
	char head[256];
	int head_n = snprintf(head, sizeof(head),
			      "HTTP/1.1 %d %s\r\n"
			      "Content-Type: text/plain\r\n"
			      "%s%s"
			      "Content-Length: %zu\r\n\r\n",
			      status, http_reason(status),
			      status == 405 ? "Allow: GET, HEAD\r\n" : "",
			      request->close ? "Connection: close\r\n" : "", n);

	put(out, head, (size_t)head_n);
	if (!request->head)
		put(out, body, n);
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

/* How a field of struct completion is written. */
enum kind {
	DECIMAL_64,
	HEX_64,
	UNSIGNED_32,
	SIGNED_32
};

static const struct field {
	const char *name; /* with its '=' */
	size_t offset;
	enum kind kind;
} fields[] = {
	{"id=", offsetof(struct completion, id), DECIMAL_64},
	{"worker=", offsetof(struct completion, worker), UNSIGNED_32},
	{"cpu=", offsetof(struct completion, cpu), SIGNED_32},
	{"bind_errno=", offsetof(struct completion, bind_errno), SIGNED_32},
	{"created_ns=", offsetof(struct completion, created_ns), DECIMAL_64},
	{"start_ns=", offsetof(struct completion, start_ns), DECIMAL_64},
	{"end_ns=", offsetof(struct completion, end_ns), DECIMAL_64},
	{"digest=", offsetof(struct completion, digest), HEX_64},
	{"status=", offsetof(struct completion, status), SIGNED_32},
};

static size_t format_field(const struct field *f, const void *at, char *ret,
			   size_t room)
{
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	int n;

	if (f->kind == DECIMAL_64 || f->kind == HEX_64)
		memcpy(&u64, at, sizeof(u64));
	else
		memcpy(&u32, at, sizeof(u32));
	if (f->kind == DECIMAL_64)
		n = snprintf(ret, room, "%s%" PRIu64 "\n", f->name, u64);
	else if (f->kind == HEX_64)
		n = snprintf(ret, room, "%s%016" PRIx64 "\n", f->name, u64);
	else if (f->kind == UNSIGNED_32)
		n = snprintf(ret, room, "%s%" PRIu32 "\n", f->name, u32);
	else
		n = snprintf(ret, room, "%s%" PRId32 "\n", f->name,
			     (int32_t)u32);
	CHECK(n > 0 && (size_t)n < room);
	return (size_t)n;
}

static int parse_field(const struct field *f, const char **s, const char *end,
		       void *at)
{
	uint64_t value;
	uint64_t max = UINT64_MAX;
	unsigned base = f->kind == HEX_64 ? 16 : 10;
	int negative = 0;
	uint32_t u32;

	if (take_word(s, end, f->name) < 0)
		return -EBADMSG;
	if (f->kind == UNSIGNED_32)
		max = UINT32_MAX;
	if (f->kind == SIGNED_32) {
		max = INT32_MAX;
		negative = take_word(s, end, "-") == 0;
	}
	if (take_number(s, end, base, max, &value) < 0 ||
	    take_word(s, end, "\n") < 0)
		return -EBADMSG;
	if (f->kind == DECIMAL_64 || f->kind == HEX_64) {
		memcpy(at, &value, sizeof(value));
		return 0;
	}
	u32 = (uint32_t)(negative ? -value : value);
	memcpy(at, &u32, sizeof(u32));
	return 0;
}

static const struct field ready_field = {"worker=", 0, UNSIGNED_32};

size_t http_ready_format(uint32_t worker, char *ret)
{
	return format_field(&ready_field, &worker, ret, HTTP_BODY_MAX);
}

int http_ready_parse(const char *body, size_t n, uint32_t *ret)
{
	const char *s = body;
	uint32_t worker;

	if (parse_field(&ready_field, &s, body + n, &worker) < 0 ||
	    s != body + n)
		return -EBADMSG;
	*ret = worker;
	return 0;
}

size_t http_completion_format(const struct completion *c, char *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		n += format_field(&fields[i],
				  (const char *)c + fields[i].offset, ret + n,
				  HTTP_BODY_MAX - n);
	}
	return n;
}

int http_completion_parse(const char *body, size_t n, struct completion *ret)
{
	struct completion c = {0};
	const char *s = body;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (parse_field(&fields[i], &s, body + n,
				(char *)&c + fields[i].offset) < 0)
			return -EBADMSG;
	}
	if (s != body + n)
		return -EBADMSG;
	*ret = c;
	return 0;
}
