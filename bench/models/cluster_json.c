#include "bench/models/cluster_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/models/cluster_text.h"
#include "harness/base.h"

/* All that an answer says. */
struct record {
	const char *workload;
	uint64_t size, seed;
	struct completion c;
};

/* How a field of struct record is written. */
enum kind {
	NAME,
	HEX_64,
	DECIMAL_64,
	UNSIGNED_32,
	SIGNED_32,
};

/* Text that comes before a value, and the value. */
struct field {
	const char *text;
	size_t n; /* bytes of text */
	enum kind kind;
	size_t offset; /* in struct record */
};

#define FIELD(text, kind, member)                                              \
	{                                                                      \
		text, sizeof(text) - 1, kind, offsetof(struct record, member)  \
	}

static const struct field fields[] = {
	FIELD("{\"digest\":\"", HEX_64, c.digest),
	FIELD("\",\"workload\":\"", NAME, workload),
	FIELD("\",\"size\":", DECIMAL_64, size),
	FIELD(",\"seed\":", DECIMAL_64, seed),
	FIELD(",\"id\":", DECIMAL_64, c.id),
	FIELD(",\"worker\":", UNSIGNED_32, c.worker),
	FIELD(",\"cpu\":", SIGNED_32, c.cpu),
	FIELD(",\"bind_errno\":", SIGNED_32, c.bind_errno),
	FIELD(",\"created_ns\":", DECIMAL_64, c.created_ns),
	FIELD(",\"start_ns\":", DECIMAL_64, c.start_ns),
	FIELD(",\"end_ns\":", DECIMAL_64, c.end_ns),
};

/* Of a task whose workload has failed, more: see put_failure(). */
static const char fields_end[] = ",\"status\":\"ok\"}\n";
static const char code[] = ",\"code\":";

static const struct field ready_field =
	FIELD("{\"worker\":", UNSIGNED_32, c.worker);
static const char ready_end[] = "}\n";

static char *put(char *at, const char *text, size_t n)
{
	memcpy(at, text, n);
	return at + n;
}

/* Returns the byte after what it has written. */
static char *put_field(const struct field *f, const struct record *r, char *at)
{
	const void *value = (const char *)r + f->offset;
	const char *name;
	uint64_t u64;
	int32_t s32;

	at = put(at, f->text, f->n);
	switch (f->kind) {
	case NAME:
		memcpy(&name, value, sizeof(name));
		return put(at, name, strlen(name));
	case HEX_64:
		memcpy(&u64, value, sizeof(u64));
		return at + text_put_hex(at, u64);
	case DECIMAL_64:
		memcpy(&u64, value, sizeof(u64));
		return at + text_put_decimal(at, u64);
	case UNSIGNED_32:
	case SIGNED_32:
	default:
		memcpy(&s32, value, sizeof(s32));
		if (f->kind == UNSIGNED_32)
			return at + text_put_decimal(at, (uint32_t)s32);
		if (s32 < 0)
			*at++ = '-';
		return at + text_put_decimal(at, s32 < 0 ? -(uint64_t)s32
							 : (uint64_t)s32);
	}
}

/* Steps over the field; a name must be the one that @r has. */
static int take_field(const struct field *f, const char **s, const char *end,
		      struct record *r)
{
	void *value = (char *)r + f->offset;
	uint64_t max = UINT64_MAX;
	int negative = 0;
	const char *name;
	uint64_t u64;
	uint32_t u32;

	if (text_take(s, end, f->text, f->n) < 0)
		return -EBADMSG;
	if (f->kind == NAME) {
		memcpy(&name, value, sizeof(name));
		return text_take(s, end, name, strlen(name));
	}
	if (f->kind == HEX_64) {
		if (text_take_hex(s, end, &u64) < 0)
			return -EBADMSG;
		memcpy(value, &u64, sizeof(u64));
		return 0;
	}
	if (f->kind == UNSIGNED_32)
		max = UINT32_MAX;
	if (f->kind == SIGNED_32) {
		max = INT32_MAX;
		negative = text_take(s, end, "-", 1) == 0;
	}
	if (text_take_decimal(s, end, max, &u64) < 0)
		return -EBADMSG;
	if (f->kind == DECIMAL_64) {
		memcpy(value, &u64, sizeof(u64));
		return 0;
	}
	u32 = (uint32_t)(negative ? -u64 : u64);
	memcpy(value, &u32, sizeof(u32));
	return 0;
}

/* How a task failed, as a number for us and as a word for people. */
static char *put_failure(char *at, int32_t status)
{
	char name[32];

	return at + sprintf(at, "%s%" PRId32 ",\"status\":\"%s\"}\n", code,
			    status,
			    task_status_name(status, name, sizeof(name)));
}

/* The end of the fields; only what we would have written ourselves. */
static int take_end(const char **s, const char *end, int32_t *status)
{
	char wanted[128];
	const char *begun = *s;
	uint64_t value;

	*status = TASK_STATUS(TASK_OK, 0);
	if (text_take(s, end, fields_end, strlen(fields_end)) == 0)
		return 0;
	if (text_take(s, end, code, strlen(code)) < 0 ||
	    text_take_decimal(s, end, INT32_MAX, &value) < 0 ||
	    task_status_end((int32_t)value) <= TASK_OK)
		return -EBADMSG;
	*status = (int32_t)value;
	(void)put_failure(wanted, *status);
	*s = begun;
	return text_take(s, end, wanted, strlen(wanted));
}

size_t json_format_completion(const struct http_call *call,
			      const struct completion *c, char *ret)
{
	const struct record r = {call->workload->name, call->size,
				 call->task.seed, *c};
	char *at = ret;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		at = put_field(&fields[i], &r, at);
	if (c->status == TASK_STATUS(TASK_OK, 0))
		at = put(at, fields_end, strlen(fields_end));
	else
		at = put_failure(at, c->status);
	return (size_t)(at - ret);
}

int json_parse_completion(const char *body, size_t n,
			  const struct http_call *call, struct completion *ret)
{
	struct record r = {.workload = call->workload->name};
	const char *s = body;
	const char *end = body + n;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (take_field(&fields[i], &s, end, &r) < 0)
			return -EBADMSG;
	}
	if (take_end(&s, end, &r.c.status) < 0 || s != end ||
	    r.size != call->size || r.seed != call->task.seed ||
	    r.c.id != call->task.id)
		return -EBADMSG;
	*ret = r.c;
	return 0;
}

size_t json_format_ready(uint32_t worker, char *ret)
{
	const struct record r = {.c.worker = worker};
	char *at = put_field(&ready_field, &r, ret);

	at = put(at, ready_end, strlen(ready_end));
	return (size_t)(at - ret);
}

int json_parse_ready(const char *body, size_t n, uint32_t *ret)
{
	const char *s = body;
	const char *end = body + n;
	struct record r;

	if (take_field(&ready_field, &s, end, &r) < 0 ||
	    text_take(&s, end, ready_end, strlen(ready_end)) < 0 || s != end)
		return -EBADMSG;
	*ret = r.c.worker;
	return 0;
}

size_t json_format_error(int status, const char *reason, char *ret)
{
	static const char before[] = "{\"error\":";
	static const char between[] = ",\"reason\":\"";
	static const char after[] = "\"}\n";
	char *at = put(ret, before, strlen(before));

	at += text_put_decimal(at, (uint64_t)status);
	at = put(at, between, strlen(between));
	at = put(at, reason, strlen(reason));
	at = put(at, after, strlen(after));
	return (size_t)(at - ret);
}
