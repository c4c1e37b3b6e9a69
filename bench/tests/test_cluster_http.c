#include "bench/models/cluster_http.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/models/cluster_text.h"
#include "bench/tests/cluster_corpus.h"
#include "harness/base.h"

static const struct workload nop = {.name = "nop", .default_size = 1};
static const struct workload sort = {.name = "sort", .default_size = 300};
static const struct workload *const workloads[] = {&sort, &nop};
static const struct http_menu menu = {workloads, 2, 100, 0};

/*
 * Read all requests in @n bytes, which arrive @step at a time.  Returns the
 * status of the last one, 0 if it is not whole; @ret counts those answered.
 */
static int verdict(const char *bytes, size_t n, size_t step, uint32_t *ret)
{
	struct http_request r;
	struct http_call call;
	size_t from = 0;
	size_t upto = 0;

	*ret = 0;
	http_request_init(&r);
	for (;;) {
		int length = 0;

		while (length == 0 && upto < n) {
			upto = upto + step < n ? upto + step : n;
			length = http_request_parse(&r, bytes + from,
						    upto - from);
		}
		if (length == 0 && upto > from)
			length = http_request_parse(&r, bytes + from,
						    upto - from);
		if (length == 0)
			return 0;
		if (length < 0) {
			assert_int_equal(length, -EBADMSG);
			assert_true(r.close);
			return r.status;
		}
		assert_true((size_t)length <= upto - from);
		switch (http_target_parse(bytes + from + r.target_at,
					  r.target_len, &menu, &call)) {
		case HTTP_TARGET_BAD:
			return 400;
		case HTTP_TARGET_LARGE:
			return 422;
		case HTTP_TARGET_UNKNOWN:
		case HTTP_TARGET_OTHER:
			return 404;
		default:
			break;
		}
		++*ret;
		from += (size_t)length;
		if (from == n)
			return 200;
		http_request_init(&r);
	}
}

static void check_valid(const struct corpus_file *f, void *arg)
{
	uint32_t whole, bytewise;

	(void)arg;
	if (verdict(f->bytes, f->n, f->n, &whole) != 200 ||
	    verdict(f->bytes, f->n, 1, &bytewise) != 200 || whole == 0 ||
	    whole != bytewise)
		fail_msg("%s", f->name);
}

static void check_invalid(const struct corpus_file *f, void *arg)
{
	uint32_t n;
	int whole = verdict(f->bytes, f->n, f->n, &n);
	int bytewise = verdict(f->bytes, f->n, 1, &n);

	(void)arg;
	if (whole != atoi(f->name) || bytewise != whole)
		fail_msg("%s: %d, %d", f->name, whole, bytewise);
}

static void test_corpus(void **state)
{
	(void)state;
	corpus_each(CORPUS_VALID, 20, check_valid, NULL);
	corpus_each(CORPUS_REFUSED, 10, check_invalid, NULL);
	corpus_each(CORPUS_INVALID, 80, check_invalid, NULL);
}

/* Change bytes at random: whole or in pieces, the verdict must be the same. */
static void mutate(const struct corpus_file *f, void *arg)
{
	static const char spice[] = "\r\n :\t/\0?A1";
	struct rng *rng = arg;
	char bytes[2048];

	if (f->n == 0 || f->n > sizeof(bytes))
		return;
	for (int i = 0; i < 200; i++) {
		uint32_t n, m;
		int status;

		memcpy(bytes, f->bytes, f->n);
		for (uint64_t k = rng_below(rng, 3); k < 3; k++) {
			size_t at = rng_below(rng, f->n);

			bytes[at] = (char)rng_next(rng);
			if (rng_below(rng, 2))
				bytes[at] =
					spice[rng_below(rng, sizeof(spice))];
		}
		status = verdict(bytes, f->n, f->n, &n);
		assert_int_equal(verdict(bytes, f->n, 1, &m), status);
		assert_int_equal(verdict(bytes, f->n, 7, &m), status);
		assert_int_equal(n, m);
	}
}

static void test_mutations(void **state)
{
	struct rng rng = {.state = 1};

	(void)state;
	corpus_each(CORPUS_VALID, 20, mutate, &rng);
	corpus_each(CORPUS_REFUSED, 10, mutate, &rng);
	corpus_each(CORPUS_INVALID, 80, mutate, &rng);
}

/* A request with a line and a field block of exactly so many bytes. */
static size_t build(char *ret, size_t line, size_t fields)
{
	static const char head[] = "GET /ready HTTP/1.1";
	static const char host[] = "Host: a\r\n";
	size_t n;

	n = (size_t)sprintf(ret, "GET /ready%*s HTTP/1.1\r\n%sX: ",
			    (int)(line - strlen(head)), "", host);
	for (char *c = ret + 10; c < ret + line - 9; c++)
		*c = 'a';
	assert_memory_equal(ret + line, "\r\n", 2);
	while (n < line + 2 + fields - 2)
		ret[n++] = 'b';
	memcpy(ret + n, "\r\n\r\n", 4);
	return n + 4;
}

static int status_of(const char *bytes, size_t n, size_t step)
{
	uint32_t count;
	int status = verdict(bytes, n, step, &count);

	/* What matters here is that it was whole, not that it is known. */
	return status == 404 ? 200 : status;
}

static void test_limits(void **state)
{
	static const struct {
		size_t line, fields;
		int status;
	} cases[] = {
		{19, 100, 200},
		{HTTP_LINE_MAX, 100, 200},
		{HTTP_LINE_MAX + 1, 100, 414},
		{HTTP_LINE_MAX + 2, 100, 414},
		{19, HTTP_FIELDS_MAX, 200},
		{19, HTTP_FIELDS_MAX + 1, 431},
		{19, HTTP_FIELDS_MAX + 2, 431},
		{HTTP_LINE_MAX, HTTP_FIELDS_MAX, 200},
	};
	static char bytes[2 * HTTP_REQUEST_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = build(bytes, cases[i].line, cases[i].fields);

		assert_int_equal(status_of(bytes, n, n), cases[i].status);
		assert_int_equal(status_of(bytes, n, 1), cases[i].status);
		if (cases[i].status == 200)
			assert_true(n + 2 <= HTTP_REQUEST_MAX);
	}
}

/* What never ends is refused before it can fill the receiver's buffer. */
static void test_endless(void **state)
{
	static char bytes[HTTP_REQUEST_MAX];
	struct http_request r;
	size_t n;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	http_request_init(&r);
	for (n = 1; http_request_parse(&r, bytes, n) == 0; n++)
		assert_true(n < HTTP_REQUEST_MAX);
	assert_int_equal(r.status, 414);

	build(bytes, HTTP_LINE_MAX, 100);
	memset(bytes + HTTP_LINE_MAX + 50, 'b', HTTP_FIELDS_MAX - 48);
	http_request_init(&r);
	for (n = 1; http_request_parse(&r, bytes, n) == 0; n++)
		assert_true(n < HTTP_REQUEST_MAX);
	assert_int_equal(r.status, 431);
}

static void parse(struct http_request *r, const char *text)
{
	http_request_init(r);
	assert_int_equal(http_request_parse(r, text, strlen(text)),
			 (int)strlen(text));
}

static void test_what_a_request_says(void **state)
{
	static const char far[] =
		"GET http://a:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n";
	struct http_request r;

	(void)state;
	parse(&r, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_false(r.head);
	assert_false(r.close);
	parse(&r, "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(r.head);
	parse(&r, "GET /x HTTP/1.0\r\n\r\n");
	assert_true(r.close);
	parse(&r, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(r.close);
	parse(&r, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_true(r.close);
	parse(&r, far);
	assert_memory_equal(far + r.target_at, "/x?y ", 5);
	assert_int_equal(r.target_len, 4);
}

static void test_targets(void **state)
{
	static const struct {
		const char *text;
		enum http_target target;
	} cases[] = {
		{"/ready", HTTP_TARGET_READY},
		{"/ready?", HTTP_TARGET_OTHER},
		{"/readying", HTTP_TARGET_OTHER},
		{"/", HTTP_TARGET_OTHER},
		{"/tasks", HTTP_TARGET_OTHER},
		{"/task", HTTP_TARGET_OTHER},
		{"/task?seed=1", HTTP_TARGET_OTHER},
		{"/task/", HTTP_TARGET_UNKNOWN},
		{"/task/so", HTTP_TARGET_UNKNOWN},
		{"/task/sorts", HTTP_TARGET_UNKNOWN},
		{"/task/sort", HTTP_TARGET_TASK},
		{"/task/nop", HTTP_TARGET_TASK},
		{"/task/nop?", HTTP_TARGET_BAD},
		{"/task/nop?id=1&seed=", HTTP_TARGET_BAD},
		{"/task/nop?id=1&seed=2", HTTP_TARGET_TASK},
		{"/task/nop?close=1", HTTP_TARGET_TASK},
		{"/task/nop?close=2", HTTP_TARGET_BAD},
		{"/task/sort?size=0", HTTP_TARGET_BAD},
		{"/task/sort?size=1", HTTP_TARGET_TASK},
		{"/task/sort?size=30000", HTTP_TARGET_TASK},
		{"/task/sort?size=30001", HTTP_TARGET_LARGE},
		{"/task/sort?size=30001&x", HTTP_TARGET_BAD},
		{"/task/sort?size=18446744073709551615", HTTP_TARGET_LARGE},
		{"/task/sort?size=18446744073709551616", HTTP_TARGET_BAD},
	};
	struct http_call call;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = cases[i].text;

		if (http_target_parse(text, strlen(text), &menu, &call) !=
		    cases[i].target)
			fail_msg("%s", text);
	}
}

static struct http_call call_of(const struct http_menu *m, const char *text)
{
	struct http_call call;

	assert_int_equal(http_target_parse(text, strlen(text), m, &call),
			 HTTP_TARGET_TASK);
	return call;
}

static void test_what_a_target_says(void **state)
{
	static const struct http_menu one = {workloads, 1, 0, 77};
	struct http_call call = call_of(&menu, "/task/sort");

	(void)state;
	assert_ptr_equal(call.workload, &sort);
	assert_int_equal(call.size, 300);
	assert_int_equal(call.task.seed, 1);
	assert_int_equal(call.task.id, 0);
	assert_int_equal(call.close, 0);
	call = call_of(&menu, "/task/nop?seed=3&id=4&size=5&close=1");
	assert_int_equal(call.close, 1);
	assert_ptr_equal(call.workload, &nop);
	assert_int_equal(call.size, 5);
	assert_int_equal(call.task.seed, 3);
	assert_int_equal(call.task.id, 4);

	/* A server of tasks of one workload in one size. */
	assert_int_equal(call_of(&one, "/task/sort").size, 77);
	assert_int_equal(call_of(&one, "/task/sort?size=77").size, 77);
	assert_int_equal(
		http_target_parse("/task/sort?size=76", 18, &one, &call),
		HTTP_TARGET_LARGE);
	assert_int_equal(http_target_parse("/task/nop", 9, &one, &call),
			 HTTP_TARGET_UNKNOWN);
	/* What failed has changed nothing. */
	assert_int_equal(call.size, 5);
}

static const struct http_call extreme_call = {
	.workload = &sort,
	.size = UINT64_MAX,
	.task = {.id = UINT64_MAX, .seed = UINT64_MAX},
};

static const struct completion extreme = {
	.id = UINT64_MAX,
	.created_ns = 0,
	.start_ns = 1,
	.end_ns = UINT64_MAX,
	.digest = 0x0123456789abcdef,
	.worker = UINT32_MAX,
	.cpu = -1,
	.bind_errno = INT32_MAX,
	.status = TASK_STATUS(TASK_OK, 0),
};

static void test_completion(void **state)
{
	char body[HTTP_BODY_MAX + 1];
	struct http_call call = extreme_call;
	struct completion c;
	size_t n = json_format_completion(&call, &extreme, body);

	(void)state;
	memset(&c, 0xff, sizeof(c));
	assert_int_equal(json_parse_completion(body, n, &call, &c), 0);
	assert_memory_equal(&c, &extreme, sizeof(c));

	for (size_t i = 0; i < n; i++)
		assert_int_equal(json_parse_completion(body, i, &call, &c),
				 -EBADMSG);
	body[n] = '\n';
	assert_int_equal(json_parse_completion(body, n + 1, &call, &c),
			 -EBADMSG);
	/* Each byte that is punctuation, a name or a first digit matters. */
	for (size_t i = 0; i < n; i++) {
		char was = body[i];

		body[i] = '?';
		assert_int_equal(json_parse_completion(body, n, &call, &c),
				 -EBADMSG);
		body[i] = was;
	}
	assert_memory_equal(&c, &extreme, sizeof(c));
}

/* A workload may have failed, and its worker lives to tell. */
static void test_failed_completion(void **state)
{
	char body[HTTP_BODY_MAX + 1];
	struct http_call call = extreme_call;
	struct completion failed = extreme, c;
	size_t n;

	(void)state;
	failed.status = TASK_STATUS(TASK_SIGNAL, 9);
	n = json_format_completion(&call, &failed, body);
	body[n] = '\0';
	assert_non_null(
		strstr(body, ",\"code\":2307,\"status\":\"signal:KILL\"}\n"));
	memset(&c, 0, sizeof(c));
	assert_int_equal(json_parse_completion(body, n, &call, &c), 0);
	assert_memory_equal(&c, &failed, sizeof(c));
	/* Number and word belong together. */
	for (size_t i = 0; i < n; i++) {
		char was = body[i];

		body[i] = was == '9' ? '8' : '?';
		if (i > n - 40)
			assert_int_equal(
				json_parse_completion(body, n, &call, &c),
				-EBADMSG);
		body[i] = was;
	}
	/* Nobody answers that nobody has answered, or ok in two ways. */
	failed.status = TASK_STATUS(TASK_LOST, 0);
	n = json_format_completion(&call, &failed, body);
	assert_int_equal(json_parse_completion(body, n, &call, &c), -EBADMSG);
	failed.status = TASK_STATUS(TASK_OK, 3);
	n = json_format_completion(&call, &failed, body);
	assert_int_equal(json_parse_completion(body, n, &call, &c), -EBADMSG);
}

/* Our own client is not the only one: jansson must find the same in it. */
static void test_completion_is_json(void **state)
{
	char body[HTTP_BODY_MAX];
	struct http_call call = call_of(&menu, "/task/sort?seed=3&id=4&size=5");
	struct completion c = {.digest = 255,
			       .id = 4,
			       .worker = 1,
			       .cpu = -1,
			       .end_ns = 9,
			       .status = TASK_STATUS(TASK_OK, 0)};
	size_t n = json_format_completion(&call, &c, body);
	json_t *all = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	json_t *want = json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s}",
		"digest", "00000000000000ff", "workload", "sort", "size", 5,
		"seed", 3, "id", 4, "worker", 1, "cpu", -1, "bind_errno", 0,
		"created_ns", 0, "start_ns", 0, "end_ns", 9, "status", "ok");

	(void)state;
	assert_non_null(all);
	assert_true(json_equal(all, want));
	json_decref(all);
	json_decref(want);

	n = json_format_error(404, "not here", body);
	all = json_loadb(body, n, 0, NULL);
	want = json_pack("{s:i, s:s}", "error", 404, "reason", "not here");
	assert_true(json_equal(all, want));
	json_decref(all);
	json_decref(want);
}

/* The answer to one call is none to another. */
static void test_other_answers(void **state)
{
	static const char *const others[] = {
		"/task/sort?seed=2&size=300", "/task/sort?size=301",
		"/task/sort?id=1", "/task/nop?size=300"};
	static const struct http_menu wide = {workloads, 2, 1000, 0};
	char body[HTTP_BODY_MAX];
	struct http_call call = call_of(&wide, "/task/sort");
	struct completion c = {.worker = 1, .status = TASK_STATUS(TASK_OK, 0)};
	size_t n = json_format_completion(&call, &c, body);

	(void)state;
	assert_int_equal(json_parse_completion(body, n, &call, &c), 0);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		call = call_of(&wide, others[i]);
		assert_int_equal(json_parse_completion(body, n, &call, &c),
				 -EBADMSG);
	}
}

static void test_ready(void **state)
{
	static const char *const bad[] = {"",
					  "{}\n",
					  "{\"worker\":}\n",
					  "{\"worker\":1}",
					  "{\"worker\":4294967296}\n",
					  "{\"worker\":-1}\n",
					  "{\"worker\":1}\n\n"};
	char body[HTTP_BODY_MAX];
	uint32_t worker = 0;

	(void)state;
	assert_int_equal(
		json_parse_ready(body, json_format_ready(7, body), &worker), 0);
	assert_int_equal(worker, 7);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(
			json_parse_ready(bad[i], strlen(bad[i]), &worker),
			-EBADMSG);
	}
	assert_int_equal(worker, 7);
}

static void test_numbers(void **state)
{
	static const uint64_t numbers[] = {
		0, 1, 9, 10, 99, 100, 12345678901234, UINT64_MAX};
	char text[64], want[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const char *s = text;
		uint64_t value;
		size_t n = text_put_decimal(text, numbers[i]);

		assert_int_equal(n, sprintf(want, "%" PRIu64, numbers[i]));
		assert_memory_equal(text, want, n);
		assert_int_equal(
			text_take_decimal(&s, text + n, numbers[i], &value), 0);
		assert_int_equal(value, numbers[i]);
		assert_ptr_equal(s, text + n);
		s = text;
		if (numbers[i] > 0)
			assert_int_equal(text_take_decimal(&s, text + n,
							   numbers[i] - 1,
							   &value),
					 -EBADMSG);
		n = text_put_hex(text, numbers[i]);
		assert_int_equal(n, sprintf(want, "%016" PRIx64, numbers[i]));
		assert_memory_equal(text, want, n);
		assert_int_equal(text_take_hex(&s, text + n, &value), 0);
		assert_int_equal(value, numbers[i]);
	}
}

/* The answer of @n bytes, @step at a time. */
static int answer(const char *bytes, size_t n, size_t step,
		  struct http_answer *a)
{
	int r = 0;

	http_answer_init(a);
	for (size_t at = 0; at < n && r == 0; at += step) {
		r = http_answer_parse(a, bytes + at,
				      at + step < n ? step : n - at);
	}
	return r;
}

static void test_answer(void **state)
{
	struct http_request request = {0};
	struct http_out out = {0};
	struct http_answer a;
	size_t n;

	(void)state;
	http_put_answer(&out, 200, &request, "hello", 5);
	n = out.n;
	assert_int_equal(answer(out.bytes, n, n, &a), 1);
	for (size_t step = 1; step < n; step++) {
		assert_int_equal(answer(out.bytes, n, step, &a), 1);
		assert_int_equal(a.n, 5);
		assert_memory_equal(a.body, "hello", 5);
	}
	assert_int_equal(answer(out.bytes, n - 1, n, &a), 0);
	/* More than one answer to one request. */
	http_put_answer(&out, 200, &request, "hello", 5);
	assert_int_equal(answer(out.bytes, out.n, out.n, &a), -EBADMSG);
	assert_int_equal(answer(out.bytes, n + 1, n + 1, &a), -EBADMSG);
}

static void test_bad_answers(void **state)
{
	static const char *const bad[] = {
		"hello",
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
	};
	static char bytes[8192] = "HTTP/1.1 200 OK\r\nX: ";
	struct http_answer a;
	int n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		n = (int)strlen(bad[i]);
		assert_int_equal(answer(bad[i], (size_t)n, (size_t)n, &a),
				 -EBADMSG);
	}
	/* A head without end, and a body that is too large. */
	memset(bytes + 20, 'a', sizeof(bytes) - 20);
	assert_int_equal(answer(bytes, sizeof(bytes), 100, &a), -EBADMSG);
	n = sprintf(bytes, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
		    HTTP_BODY_MAX + 1);
	memset(bytes + n, 'a', HTTP_BODY_MAX + 1);
	assert_int_equal(answer(bytes, (size_t)n + HTTP_BODY_MAX + 1, 100, &a),
			 -EBADMSG);
}

static void test_head_and_close(void **state)
{
	struct http_request request = {.head = 1, .close = 1};
	struct http_out out = {0};

	(void)state;
	http_put_answer(&out, 405, &request, "hello", 5);
	out.bytes[out.n] = '\0';
	assert_non_null(strstr(out.bytes, "HTTP/1.1 405 Method Not Allowed\r"));
	assert_non_null(strstr(out.bytes, "\r\nContent-Length: 5\r\n"));
	assert_non_null(strstr(out.bytes, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(out.bytes, "\r\nAllow: GET, HEAD\r\n"));
	assert_null(strstr(out.bytes, "hello"));
	assert_memory_equal(out.bytes + out.n - 4, "\r\n\r\n", 4);
}

/* Every status has a text, and an answer that says why. */
static void test_errors(void **state)
{
	static const int statuses[] = {400, 404, 405, 408, 413, 414,
				       422, 431, 500, 503, 505};
	struct http_request request = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		struct http_out out = {0};
		char want[64];

		http_put_error(&out, statuses[i], &request,
			       i % 2 ? "a reason" : NULL);
		out.bytes[out.n] = '\0';
		sprintf(want, "HTTP/1.1 %d ", statuses[i]);
		assert_memory_equal(out.bytes, want, strlen(want));
		sprintf(want, "\r\n\r\n{\"error\":%d,\"reason\":\"%s",
			statuses[i], i % 2 ? "a reason\"}\n" : "");
		assert_non_null(strstr(out.bytes, want));
	}
}

/* A page larger than the buffer, through a socket that takes a bit at a time. */
static void test_page(void **state)
{
	enum {
		N = 1000000
	};
	struct http_request request = {0};
	struct http_out out = {0};
	char *page = malloc(N);
	char *got = malloc(2 * N);
	size_t n = 0;
	int ends[2];
	int done;

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	for (size_t i = 0; i < N; i++)
		page[i] = (char)('a' + i % 26);
	http_put_page(&out, &request, "text/plain", page, N, NULL);
	do {
		ssize_t more;

		done = http_out_flush(&out, ends[0]);
		assert_true(done >= 0);
		while ((more = recv(ends[1], got + n, 2 * N - n, 0)) > 0)
			n += (size_t)more;
	} while (!done);
	assert_int_equal(out.n, 0);
	assert_memory_equal(
		got, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r", 42);
	assert_memory_equal(got + n - N - 4, "\r\n\r\n", 4);
	assert_memory_equal(got + n - N, page, N);

	/* Freed by whoever is last: asan tells. */
	http_put_page(&out, &request, "text/plain", page, N, page);
	http_out_drop(&out);
	request.head = 1;
	page = malloc(N);
	http_put_page(&out, &request, "text/plain", page, N, page);
	assert_int_equal(http_out_flush(&out, ends[0]), 1);
	n = (size_t)recv(ends[1], got, 2 * N, 0);
	assert_memory_equal(got + n - 4, "\r\n\r\n", 4);
	free(got);
	close(ends[0]);
	close(ends[1]);
}

static void test_full_socket(void **state)
{
	static const struct http_call call = {&nop, 3, {.id = 1, .seed = 2}, 0};
	struct http_out out = {0};
	char bytes[4096] = "";
	size_t filled = 0;
	size_t got = 0;
	size_t sent;
	ssize_t n;
	int ends[2];

	(void)state;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	while ((n = send(ends[0], bytes, sizeof(bytes), 0)) > 0)
		filled += (size_t)n;
	http_put_ask_task(&out, &call, 0);
	sent = out.n;
	assert_int_equal(http_out_flush(&out, ends[0]), 0);
	assert_int_equal(out.n, sent);
	while ((n = recv(ends[1], bytes, sizeof(bytes), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(got, filled);
	assert_int_equal(http_out_flush(&out, ends[0]), 1);
	assert_int_equal(out.n, 0);
	assert_int_equal(recv(ends[1], bytes, sizeof(bytes), 0), (int)sent);
	assert_memory_equal(
		bytes, "GET /task/nop?size=3&seed=2&id=1 HTTP/1.1\r\n", 43);

	/* Nobody at the other end: an error, not a signal. */
	close(ends[1]);
	http_put_ask_ready(&out);
	assert_int_equal(http_out_flush(&out, ends[0]), -EPIPE);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_what_a_request_says),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_what_a_target_says),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_failed_completion),
		cmocka_unit_test(test_completion_is_json),
		cmocka_unit_test(test_other_answers),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_head_and_close),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_full_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
