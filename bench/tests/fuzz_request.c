/*
 * A libFuzzer program for the request path of the cluster model, see `make
 * fuzz': whatever a client sends, it gets the same verdict whether it comes at
 * once, byte by byte or in pieces, within the limits, and no byte beyond those
 * that have come is looked at.
 *
 * With --seed DIR it copies the requests of the tests into DIR, to begin from.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/models/cluster_request.h"
#include "bench/models/cluster_target.h"
#include "bench/registry.h"
#include "bench/tests/cluster_corpus.h"
#include "harness/base.h"
#include "harness/file.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What came of the first request in some bytes. */
struct verdict {
	int length; /* of http_request_parse(): whole, 0 or -EBADMSG */
	int status;
	int head, close;
	size_t target_at, target_len;
	enum http_target target;
	struct http_call call;
};

/*
 * A copy of exactly @n bytes, in a block of its own: the address sanitizer sees
 * every look beyond it.
 */
static char *copy(const void *bytes, size_t n)
{
	char *block = malloc(n ? n : 1);

	CHECK(block);
	if (n > 0)
		memcpy(block, bytes, n);
	return block;
}

#define MAX_FACTOR 100

static void check_call(const struct http_call *call)
{
	CHECK(call->workload && call->size > 0);
	CHECK(call->size / MAX_FACTOR <= call->workload->default_size);
}

static void check_whole(const struct http_request *r, const char *bytes,
			struct verdict *v)
{
	const struct http_menu menu = {
		.workloads = workloads,
		.n = n_workloads,
		.max_factor = MAX_FACTOR,
	};
	char *target = copy(bytes + r->target_at, r->target_len);

	CHECK(v->length <= HTTP_REQUEST_MAX);
	CHECK(r->line_bytes <= HTTP_LINE_MAX);
	CHECK(r->fields_bytes <= HTTP_FIELDS_MAX);
	CHECK(r->n_fields <= HTTP_N_FIELDS_MAX);
	CHECK(r->target_len > 0 && *target == '/');
	v->target = http_target_parse(target, r->target_len, &menu, &v->call);
	if (v->target == HTTP_TARGET_TASK)
		check_call(&v->call);
	free(target);
}

/* Read one request of @n bytes that come @step at a time. */
static void read_request(const uint8_t *data, size_t n, size_t step,
			 struct verdict *ret)
{
	struct http_request r;
	size_t upto = 0;

	*ret = (struct verdict){0};
	http_request_init(&r);
	while (ret->length == 0 && upto < n) {
		char *bytes;

		upto = n - upto < step ? n : upto + step;
		/* What lay elsewhere before may lie elsewhere now. */
		bytes = copy(data, upto);
		ret->length = http_request_parse(&r, bytes, upto);
		CHECK(ret->length >= -EBADMSG && ret->length <= (int)upto);
		CHECK(ret->length >= 0 || ret->length == -EBADMSG);
		CHECK(ret->length == 0 || r.target_at + r.target_len <= upto);
		/* Nobody may make us keep more than the longest request. */
		CHECK(ret->length != 0 || upto < HTTP_REQUEST_MAX);
		if (ret->length > 0)
			check_whole(&r, bytes, ret);
		free(bytes);
	}
	if (ret->length == 0)
		return;
	ret->status = r.status;
	ret->close = r.close;
	if (ret->length < 0) {
		CHECK(r.status >= 400 && r.status < 600 && r.close);
		return;
	}
	CHECK(r.status == 200);
	ret->head = r.head;
	ret->target_at = r.target_at;
	ret->target_len = r.target_len;
}

static void check_same(const struct verdict *a, const struct verdict *b)
{
	CHECK(a->length == b->length);
	CHECK(a->status == b->status);
	CHECK(a->head == b->head && a->close == b->close);
	CHECK(a->target_at == b->target_at && a->target_len == b->target_len);
	CHECK(a->target == b->target);
	CHECK(a->call.workload == b->call.workload);
	CHECK(a->call.size == b->call.size);
	CHECK(a->call.task.id == b->call.task.id);
	CHECK(a->call.task.seed == b->call.task.seed);
}

/* All requests in the bytes, one after the other, as a pipelining client's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	while (bytes > 0) {
		struct verdict once, again;

		read_request(data, bytes, bytes, &once);
		read_request(data, bytes, 7, &again);
		check_same(&once, &again);
		/* Byte by byte costs the square of the length. */
		if (bytes <= 2048) {
			read_request(data, bytes, 1, &again);
			check_same(&once, &again);
		}
		if (once.length <= 0)
			break;
		data += once.length;
		bytes -= (size_t)once.length;
	}
	return 0;
}

static void copy_seed(const struct corpus_file *file, void *dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", (const char *)dir,
		       file->name);
	CHECK(file_write(path, file->bytes, file->n) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc != 3 || strcmp((*argv)[1], "--seed") != 0)
		return 0;
	corpus_each(CORPUS_VALID, 20, copy_seed, (*argv)[2]);
	corpus_each(CORPUS_INVALID, 70, copy_seed, (*argv)[2]);
	exit(0);
}
