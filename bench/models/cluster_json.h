/*
 * cluster_json - the bodies of answers: small JSON objects.
 *
 *	{"digest":"9ae16a3b2f90404f","workload":"primes","size":100000, … }
 *
 * Every field is there, in its place and without a space, so that our own
 * client can hold an answer against one table; to everybody else it is JSON
 * like any other.
 */
#ifndef BENCH_MODELS_CLUSTER_JSON_H
#define BENCH_MODELS_CLUSTER_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "bench/models/cluster_target.h"

/* The largest body of an answer that our client knows. */
#define HTTP_BODY_MAX 512

/*
 * Write the answer to @call, whose task ended well as @c, at @ret, where there
 * is HTTP_BODY_MAX of room.  Returns how many bytes it has.
 */
size_t json_format_completion(const struct http_call *call,
			      const struct completion *c, char *ret);

/* Read it.  0, or -EBADMSG: it is malformed or answers another call. */
int json_parse_completion(const char *body, size_t n,
			  const struct http_call *call, struct completion *ret);

/* The same for the answer to /ready. */
size_t json_format_ready(uint32_t worker, char *ret);
int json_parse_ready(const char *body, size_t n, uint32_t *ret);

/*
 * What is wrong: @status and a @reason in which nothing needs to be escaped,
 * shorter than 200 bytes.
 */
size_t json_format_error(int status, const char *reason, char *ret);

#endif
