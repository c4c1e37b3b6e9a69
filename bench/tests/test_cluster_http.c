#include "bench/models/cluster_http.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/cluster_corpus.h"
#include "harness/base.h"

/*
 * Read all requests in @n bytes, which arrive @step at a time.  Returns the
 * status of the last one, 0 if it is not whole; @ret counts those answered.
 */
static int verdict(const char *bytes, size_t n, size_t step, uint32_t *ret)
{
	struct http_request r;
	struct task task;
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
					  r.target_len, &task)) {
		case HTTP_TARGET_BAD:
			return 400;
		case HTTP_TARGET_NONE:
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
	corpus_each(CORPUS_INVALID, 70, check_invalid, NULL);
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
	corpus_each(CORPUS_INVALID, 70, mutate, &rng);
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
		{"/ready?", HTTP_TARGET_NONE},
		{"/", HTTP_TARGET_NONE},
		{"/tasks", HTTP_TARGET_NONE},
		{"/task", HTTP_TARGET_BAD},
		{"/task?", HTTP_TARGET_BAD},
		{"/task?id=1&seed=", HTTP_TARGET_BAD},
		{"/task?id=1&seed=2", HTTP_TARGET_TASK},
	};
	struct task task = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(http_target_parse(cases[i].text,
						   strlen(cases[i].text),
						   &task),
				 cases[i].target);
	}
	assert_int_equal(task.id, 1);
	assert_int_equal(task.seed, 2);
}

static const struct completion extreme = {
	.id = UINT64_MAX,
	.created_ns = 0,
	.start_ns = 1,
	.end_ns = UINT64_MAX,
	.digest = 0x0123456789abcdef,
	.worker = UINT32_MAX,
	.cpu = -1,
	.bind_errno = INT32_MAX,
	.status = TASK_STATUS(TASK_SIGNAL, 9),
};

static void test_completion(void **state)
{
	char body[HTTP_BODY_MAX + 1];
	struct completion c;
	size_t n = http_completion_format(&extreme, body);

	(void)state;
	memset(&c, 0xff, sizeof(c));
	assert_int_equal(http_completion_parse(body, n, &c), 0);
	assert_memory_equal(&c, &extreme, sizeof(c));

	for (size_t i = 0; i < n; i++)
		assert_int_equal(http_completion_parse(body, i, &c), -EBADMSG);
	body[n] = '\n';
	assert_int_equal(http_completion_parse(body, n + 1, &c), -EBADMSG);
	body[0] = 'x';
	assert_int_equal(http_completion_parse(body, n, &c), -EBADMSG);
}

static void test_ready(void **state)
{
	static const char *const bad[] = {"",
					  "worker=\n",
					  "worker=1",
					  "worker=4294967296\n",
					  "worker=-1\n",
					  "worker=1\n\n"};
	char body[HTTP_BODY_MAX];
	uint32_t worker = 0;

	(void)state;
	assert_int_equal(
		http_ready_parse(body, http_ready_format(7, body), &worker), 0);
	assert_int_equal(worker, 7);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(
			http_ready_parse(bad[i], strlen(bad[i]), &worker),
			-EBADMSG);
	}
	assert_int_equal(worker, 7);
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

static void test_full_socket(void **state)
{
	static const struct task task = {.id = 1, .seed = 2};
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
	http_put_task(&out, &task);
	sent = out.n;
	assert_int_equal(http_out_flush(&out, ends[0]), 0);
	assert_int_equal(out.n, sent);
	while ((n = recv(ends[1], bytes, sizeof(bytes), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(got, filled);
	assert_int_equal(http_out_flush(&out, ends[0]), 1);
	assert_int_equal(out.n, 0);
	assert_int_equal(recv(ends[1], bytes, sizeof(bytes), 0), (int)sent);
	assert_memory_equal(bytes, "GET /task?id=1&seed=2 HTTP/1.1\r\n", 32);

	/* Nobody at the other end: an error, not a signal. */
	close(ends[1]);
	http_put_ready(&out);
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
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_head_and_close),
		cmocka_unit_test(test_full_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
