/*
 * cluster_http - the messages of the cluster model, on their way out and back.
 *
 * A request is one GET or HEAD without a body, an answer is a small object
 * that a human can read with curl:
 *
 *	GET /task/nop?seed=42 HTTP/1.1         HTTP/1.1 200 OK
 *	Host: 127.0.0.1                        Content-Type: application/json
 *	                                       Content-Length: 231
 *
 *	                                       {"digest":"…","workload":"nop",…}
 *
 * cluster_request.h reads requests, cluster_target.h what they ask for, and
 * cluster_json.h knows the bodies.
 */
#ifndef BENCH_MODELS_CLUSTER_HTTP_H
#define BENCH_MODELS_CLUSTER_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include <llhttp.h>

#include "bench/models/cluster_json.h"
#include "bench/models/cluster_request.h"

/* Room for every head of a message, and for the small bodies. */
#define HTTP_OUT_MAX 1024

/* Bytes on their way out: all zero, it is empty. */
struct http_out {
	size_t n, sent; /* how many there are; how many the kernel has taken */

	/* The last n_tail of them, where a body is too large for .bytes. */
	const char *tail;
	size_t n_tail;
	char *to_free; /* tail, if it is to be freed when it has gone */

	char bytes[HTTP_OUT_MAX];
};

/* Send what is left to @fd.  1: all gone; 0: the socket is full; -errno. */
int http_out_flush(struct http_out *out, int fd);

/* Forget what is left: the connection has ended. */
void http_out_drop(struct http_out *out);

/* Append requests of a client; @last: no other will come. */
void http_put_ask_ready(struct http_out *out);
void http_put_ask_task(struct http_out *out, const struct http_call *call,
		       int last);

/*
 * Append the answer @status to @request with a @body of @n bytes of JSON:
 * Connection, Content-Length and, but for HEAD, the body itself.
 */
void http_put_answer(struct http_out *out, int status,
		     const struct http_request *request, const char *body,
		     size_t n);

/*
 * Append the answer @status that says why not: @why, as in json_format_error(),
 * or NULL, if the status says it all.
 */
void http_put_error(struct http_out *out, int status,
		    const struct http_request *request, const char *why);

/*
 * Append the answer 200 with a body of any size and @type.  Nothing may be
 * appended after it before it is gone.  @body stays as it is until then; it is
 * freed then if @to_free is not NULL.
 */
void http_put_page(struct http_out *out, const struct http_request *request,
		   const char *type, const char *body, size_t n, char *to_free);

/*
 * Append the head of an answer 200 of @type whose body has no end but that of
 * the connection.
 */
void http_put_stream(struct http_out *out, struct http_request *request,
		     const char *type);

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

#endif
