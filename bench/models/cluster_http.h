/*
 * cluster_http - the messages of the cluster model, read and written.
 *
 * A request is one GET or HEAD without a body, an answer is a few lines of text
 * that a human can read with curl:
 *
 *	GET /task?id=7&seed=42 HTTP/1.1        HTTP/1.1 200 OK
 *	Host: 127.0.0.1                        Content-Type: text/plain
 *	                                       Content-Length: 159
 *
 *	                                       id=7
 *	                                       start_ns=…
 *
 * cluster_request.h has the other half: how the server reads requests.
 */
#ifndef BENCH_MODELS_CLUSTER_HTTP_H
#define BENCH_MODELS_CLUSTER_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include <llhttp.h>

#include "bench/models/cluster_request.h"
#include "harness/task.h"

/* Room for every message that we write ourselves. */
#define HTTP_OUT_MAX 1024

/* What a request asks for. */
enum http_target {
	HTTP_TARGET_NONE,  /* nothing that we have: 404 */
	HTTP_TARGET_BAD,   /* /task, but its query is malformed: 400 */
	HTTP_TARGET_READY, /* /ready: who serves this connection? */
	HTTP_TARGET_TASK,  /* /task?id=I&seed=S: run this task */
};

/* Read the target of @n bytes; @ret is set for HTTP_TARGET_TASK. */
enum http_target http_target_parse(const char *target, size_t n,
				   struct task *ret);

/* Bytes on their way out. */
struct http_out {
	size_t n, sent; /* how many there are; how many the kernel has taken */
	char bytes[HTTP_OUT_MAX];
};

/* Send what is left to @fd.  1: all gone; 0: the socket is full; -errno. */
int http_out_flush(struct http_out *out, int fd);

/* Append requests of a client. */
void http_put_ready(struct http_out *out);
void http_put_task(struct http_out *out, const struct task *task);

/*
 * Append the answer @status to @request with @body of @n bytes: Connection,
 * Content-Length and, but for HEAD, the body itself.
 */
void http_put_answer(struct http_out *out, int status,
		     const struct http_request *request, const char *body,
		     size_t n);

/* "Not Found" and so on, for the statuses that we use. */
const char *http_reason(int status);

/* The largest body of an answer. */
#define HTTP_BODY_MAX 512

/* An answer while it is read, byte by byte if need be. */
struct http_answer {
	llhttp_t parser;
	size_t bytes; /* so far */
	int whole;    /* has come to its end */
	size_t n;     /* bytes of body so far */
	char body[HTTP_BODY_MAX];
};

/* Begin with the first byte of an answer.  @a must stay where it is. */
void http_answer_init(struct http_answer *a);

/*
 * Take the next @n bytes.  1: the answer is whole and was "200 OK"; 0: more is
 * needed; -EBADMSG: no sense in it, or bytes after its end.
 */
int http_answer_parse(struct http_answer *a, const char *bytes, size_t n);

/*
 * The bodies: `name=value' lines, every field in its place.  _format: how many
 * bytes at @ret, HTTP_BODY_MAX of room.  _parse: 0 or -EBADMSG.
 */
size_t http_ready_format(uint32_t worker, char *ret);
int http_ready_parse(const char *body, size_t n, uint32_t *ret);
size_t http_completion_format(const struct completion *c, char *ret);
int http_completion_parse(const char *body, size_t n, struct completion *ret);

#endif
