/*
 * cluster_request - read a request, and refuse what is not clearly one.
 *
 * llhttp, the parser of Node.js, knows what fields mean.  But it has no limits
 * of its own and forgives more than the standard (RFC 9112) allows, so limits
 * and strictness are ours: lines are cut and checked here first, and llhttp
 * gets what has passed, as many lines at a time as there are.
 */
#ifndef BENCH_MODELS_CLUSTER_REQUEST_H
#define BENCH_MODELS_CLUSTER_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include <llhttp.h>

#define HTTP_LINE_MAX 4096   /* bytes of the request line, without CRLF */
#define HTTP_FIELDS_MAX 8192 /* bytes of all field lines, with their CRLFs */
#define HTTP_N_FIELDS_MAX 64

/* Room for the longest request: CRLF, line, CRLF, fields, CRLF. */
#define HTTP_REQUEST_MAX (2 + HTTP_LINE_MAX + 2 + HTTP_FIELDS_MAX + 2)

/* A request while it is read, line by line. */
struct http_request {
	llhttp_t parser;
	size_t taken;        /* bytes of all lines looked at so far */
	size_t parsed;       /* of them, bytes that llhttp has seen, too */
	size_t scanned;      /* bytes in which no further line end was found */
	size_t line_bytes;   /* the request line, 0 before it has come */
	size_t fields_bytes; /* field lines so far, with their CRLFs */
	uint32_t n_fields, n_hosts;

	/* Valid once the request is whole, or status tells what is wrong. */
	int status;        /* 200, or the error it deserves */
	int head;          /* the method is HEAD: the answer has no body */
	int close;         /* the connection ends with the answer */
	int has_body;      /* which we do not take */
	int hand_over;     /* 0; the answer may set it: see cluster_peer.h */
	size_t target_at;  /* offset of the path in the request */
	size_t target_len; /* without query: of path, with it: of both */
};

/* Begin with the first byte of a request. */
void http_request_init(struct http_request *r);

/*
 * Look at the first @n bytes of a request, which begins at @bytes; when more
 * of it is needed, call again with all of it.  Returns how many bytes the
 * whole request has; 0: more is needed; -EBADMSG: it is none that we answer, as
 * r->status tells, and no byte after it may be trusted.
 */
int http_request_parse(struct http_request *r, const char *bytes, size_t n);

#endif
