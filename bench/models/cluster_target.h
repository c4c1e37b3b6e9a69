/*
 * cluster_target - what a request asks for: the path and its query.
 *
 *	/ready                                who serves this connection?
 *	/task/primes?size=1000&seed=42&id=7   run this task
 *
 * With close=1 the connection ends with the answer: a browser, which cannot ask
 * for that in a field, can so have a new connection for each request.  A query
 * may name each key once, in any order, or none at all.
 */
#ifndef BENCH_MODELS_CLUSTER_TARGET_H
#define BENCH_MODELS_CLUSTER_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "harness/task.h"
#include "harness/workload.h"

/* What a server offers. */
struct http_menu {
	const struct workload *const *workloads; /* [n] */
	size_t n;
	/* Tasks may have so many times the default size; 0: all have .size. */
	uint64_t max_factor;
	uint64_t size;
};

/* A task as a client asks for it. */
struct http_call {
	const struct workload *workload;
	uint64_t size; /* if not given: as the menu, or the workload, has it */
	struct task task; /* seed 1 and id 0 if not given */
	uint64_t close;   /* 0 or 1: the connection ends with the answer */
};

enum http_target {
	HTTP_TARGET_TASK,
	HTTP_TARGET_READY,
	HTTP_TARGET_OTHER,   /* a path that is not known here */
	HTTP_TARGET_UNKNOWN, /* 404: a task, but no workload of this name */
	HTTP_TARGET_BAD,     /* 400: a task, but a query we cannot read */
	HTTP_TARGET_LARGE,   /* 422: a size that is not on the menu */
};

/*
 * Read the target of @n bytes; @ret is set for HTTP_TARGET_TASK.  Escapes as in
 * %41 are left as they are: no name of ours needs one.
 */
enum http_target http_target_parse(const char *target, size_t n,
				   const struct http_menu *menu,
				   struct http_call *ret);

#endif
