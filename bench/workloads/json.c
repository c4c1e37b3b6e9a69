/*
 * json - parse a document of `size' records with jansson, and read all of it.
 *
 * Stands for parsing large files and request bodies.  The document is written
 * here, in plain C, so that what is read back has two independent authors.
 *
 * Stresses: the allocator.  A record becomes some thirty small blocks, and as
 * many go back.  Threads share one address space and one allocator, processes
 * have their own.
 *
 * Values are looked up by their keys, in a fixed order, so that the digest does
 * not depend on how jansson keeps them.  All are whole numbers: neither libm
 * nor a locale can change them.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/workloads/digest.h"
#include "harness/workload.h"

/* Longest record, with every number as long as it can be. */
#define RECORD_MAX 192

static size_t write_record(char *to, uint64_t id, struct rng *rng)
{
	uint64_t a = rng_next(rng), b = rng_next(rng);
	int n = snprintf(to, RECORD_MAX,
			 "%c{\"id\":%" PRIu64 ",\"name\":\"user-%" PRIx64 "\","
			 "\"active\":%s,\"balance\":%" PRId64 ","
			 "\"tags\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "],"
			 "\"at\":{\"x\":%" PRIu64 ",\"y\":%" PRIu64 "}}",
			 id == 0 ? '[' : ',', id, a >> 32,
			 a % 2 ? "true" : "false",
			 (int64_t)(b >> 40) - (1 << 23), b % 10, b % 100,
			 b % 1000, b % 1920, b % 1080);

	CHECK(n > 0 && n < RECORD_MAX);
	return (size_t)n;
}

static uint64_t add_integer(uint64_t digest, const json_t *value)
{
	CHECK(json_is_integer(value));
	return digest_add(digest, (uint64_t)json_integer_value(value));
}

static uint64_t add_record(uint64_t digest, const json_t *record)
{
	const json_t *name = json_object_get(record, "name");
	const json_t *tags = json_object_get(record, "tags");
	const json_t *at = json_object_get(record, "at");

	CHECK(json_is_string(name));
	digest = add_integer(digest, json_object_get(record, "id"));
	digest = digest_bytes(digest, json_string_value(name),
			      json_string_length(name));
	digest = digest_add(digest,
			    json_is_true(json_object_get(record, "active")));
	digest = add_integer(digest, json_object_get(record, "balance"));
	for (size_t i = 0; i < json_array_size(tags); i++)
		digest = add_integer(digest, json_array_get(tags, i));
	digest = add_integer(digest, json_object_get(at, "x"));
	return add_integer(digest, json_object_get(at, "y"));
}

static uint64_t json_run(uint64_t size, uint64_t seed)
{
	struct rng rng = {.state = seed};
	uint64_t digest = mix64(seed);
	char *text = reallocarray(NULL, size, RECORD_MAX);
	size_t bytes = 0;
	json_t *root;

	CHECK(text);
	for (uint64_t i = 0; i < size; i++)
		bytes += write_record(text + bytes, i, &rng);
	text[bytes++] = ']';
	root = json_loadb(text, bytes, 0, NULL);
	CHECK(root && json_array_size(root) == size);
	for (size_t i = 0; i < size; i++)
		digest = add_record(digest, json_array_get(root, i));
	json_decref(root);
	free(text);
	return digest;
}

const struct workload workload_json = {
	.name = "json",
	.summary = "parse generated records with jansson: large files",
	.size_unit = "records",
	.default_size = 300,
	.run = json_run,
	.golden = UINT64_C(0x7851b1bccb091768),
};
