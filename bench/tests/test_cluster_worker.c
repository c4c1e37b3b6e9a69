/*
 * One server process of the cluster model, and clients good and bad.
 */
#include "bench/models/cluster_worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/models/cluster_desk.h"
#include "bench/models/cluster_listen.h"
#include "bench/tests/cluster_corpus.h"
#include "harness/base.h"
#include "harness/channel.h"
#include "harness/child.h"
#include "harness/model.h"

/* Nothing here takes so long, unless it never ends. */
#define PATIENCE_MS 30000

static uint64_t add(uint64_t size, uint64_t seed)
{
	return size + seed;
}

static const struct workload workload = {.name = "nop", .run = add};
static const struct job job = {
	.workload = &workload, .size = 1, .workers = 4, .depth = 1};
static const struct cluster_desk desk = {
	.job = &job,
	.menu = {&job.workload, 1, 0, 1},
	.self = {.index = 3},
};

static void begin(void *arg, uint32_t index)
{
	(void)arg;
	CHECK(index == desk.self.index);
}

static void answer(void *arg, struct cluster_seat *seat,
		   struct http_request *request, const char *bytes,
		   struct http_out *out)
{
	(void)arg;
	if (!desk_answer(&desk, seat, request, bytes, out))
		http_put_error(out, 404, request, NULL);
}

static const struct cluster_service service = {
	.begin = begin,
	.answer = answer,
};

/* What most tests want: no limit is reached by chance. */
static const struct cluster_limits generous = {
	.connections = 16,
	.request_ns = 60 * NS_PER_S,
	.idle_ns = 60 * NS_PER_S,
};

struct server {
	pid_t pid;
	int listener;
	struct sockaddr_in address;
	struct cluster_board board;
	struct channel channel;
};

/* The worker is ready when it says so. */
static void expect_word(struct channel *ch, enum cluster_word word)
{
	struct pollfd p = {.fd = ch->fd, .events = POLLIN};
	struct channel_message m;
	struct cluster_note note;

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	assert_int_equal(channel_take(ch, &m), 1);
	assert_int_equal(m.n, sizeof(note));
	memcpy(&note, m.bytes, sizeof(note));
	assert_int_equal(note.word, word);
}

/* Start worker 3 with @limits and at most @n_files descriptors (0: many). */
static struct server serve(const struct cluster_limits *limits, rlim_t n_files)
{
	struct server s = {
		.address = {.sin_family = AF_INET,
			    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
	};
	struct cluster_duty duty = {
		.policy = cluster_policy_find("exclusive"),
		.service = &service,
		.limits = limits,
		.board = &s.board,
		.index = desk.self.index,
		.seat = desk.self.index,
	};
	struct rlimit files = {n_files, n_files};
	pid_t parent = getpid();
	int ends[2];

	s.listener = cluster_listen(duty.policy, &s.address);
	assert_true(s.listener >= 0);
	assert_int_equal(board_open(&s.board, job.workers), 0);
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_open(&s.channel, ends[0],
				      sizeof(struct cluster_note),
				      CLUSTER_OUTBOX),
			 0);
	duty.channel = ends[1];
	duty.listener = s.listener;
	s.pid = fork();
	assert_true(s.pid >= 0);
	if (s.pid == 0) {
		child_begin(parent, NULL);
		channel_close(&s.channel);
		if (n_files)
			CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
		cluster_work(&duty);
	}
	close(ends[1]);
	expect_word(&s.channel, WORD_READY);
	return s;
}

/* It must have survived everything. */
static void stop(struct server *s)
{
	int status;

	assert_int_equal(waitpid(s->pid, &status, WNOHANG), 0);
	assert_int_equal(kill(s->pid, SIGTERM), 0);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	close(s->listener);
	channel_close(&s->channel);
	board_close(&s->board);
}

/* A client; @window: size of its receive buffer, 0 as is. */
static int call(const struct server *s, int window)
{
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	if (window)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (const struct sockaddr *)&s->address,
				 sizeof(s->address)),
			 0);
	return fd;
}

static void say(int fd, const char *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void say_text(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

/* An answer as a client sees it. */
struct reply {
	int status; /* 0: the connection ended instead */
	int close;  /* it says that this is the last one */
	size_t n;   /* bytes of body that it announces */
	char body[512];
};

/* Read one answer, not a byte more; @with_body: one follows the head. */
static struct reply hear(int fd, int with_body)
{
	struct reply reply = {0};
	char head[512];
	size_t n = 0;
	ssize_t got;

	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
		assert_true(n < sizeof(head) - 1);
		got = recv(fd, head + n, 1, 0);
		if (n == 0 && got == 0)
			return reply;
		assert_int_equal(got, 1);
		n++;
	}
	head[n] = '\0';
	assert_int_equal(sscanf(head, "HTTP/1.1 %d ", &reply.status), 1);
	assert_non_null(strstr(head, "Content-Length: "));
	reply.n = strtoul(strstr(head, "Content-Length: ") + 16, NULL, 10);
	reply.close = strstr(head, "\r\nConnection: close\r\n") != NULL;
	assert_true(reply.n < sizeof(reply.body));
	if (with_body && reply.n > 0) {
		assert_int_equal(recv(fd, reply.body, reply.n, MSG_WAITALL),
				 (ssize_t)reply.n);
	}
	return reply;
}

static void expect_end(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
}

static const char ready[] = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n";

static void expect_ready(int fd)
{
	struct reply reply;

	say_text(fd, ready);
	reply = hear(fd, 1);
	assert_int_equal(reply.status, 200);
	assert_false(reply.close);
	assert_string_equal(reply.body, "{\"worker\":3}\n");
}

static void expect_alive(const struct server *s)
{
	int fd = call(s, 0);

	expect_ready(fd);
	expect_ready(fd);
	close(fd);
}

/* Is there a HEAD in front of what is left of the requests in @f? */
static const char *next_request(const char *at, int *is_head)
{
	while (*at == '\r' || *at == '\n')
		at++;
	*is_head = strncmp(at, "HEAD", 4) == 0;
	at = strstr(at, "\r\n\r\n");
	return at && at[4] != '\0' ? at + 4 : NULL;
}

static void send_valid(const struct corpus_file *f, void *arg)
{
	const struct server *s = arg;
	struct reply reply = {0};
	char text[sizeof(f->bytes) + 1] = "";

	memcpy(text, f->bytes, f->n);
	for (int bytewise = 0; bytewise < 2; bytewise++) {
		size_t step = bytewise ? 1 : f->n;
		int fd = call(s, 0);
		const char *at = text;

		for (size_t i = 0; i < f->n; i += step)
			say(fd, f->bytes + i, step);
		while (at) {
			int is_head;

			at = next_request(at, &is_head);
			reply = hear(fd, !is_head);
			if (reply.status != 200)
				fail_msg("%s: %d", f->name, reply.status);
		}
		if (reply.close) {
			expect_end(fd);
		} else {
			expect_ready(fd);
			close(fd);
		}
	}
}

static void send_invalid(const struct corpus_file *f, void *arg)
{
	const struct server *s = arg;
	struct reply reply;
	int fd = call(s, 0);
	int is_head = strncmp(f->bytes, "HEAD", 4) == 0;

	say(fd, f->bytes, f->n);
	reply = hear(fd, !is_head);
	if (reply.status != atoi(f->name) || !reply.close)
		fail_msg("%s: %d", f->name, reply.status);
	expect_end(fd);
	expect_alive(s);
}

static void send_refused(const struct corpus_file *f, void *arg)
{
	const struct server *s = arg;
	struct reply reply;
	int fd = call(s, 0);
	int is_head = strncmp(f->bytes, "HEAD", 4) == 0;

	say(fd, f->bytes, f->n);
	reply = hear(fd, !is_head);
	if (reply.status != atoi(f->name) || reply.close)
		fail_msg("%s: %d", f->name, reply.status);
	expect_ready(fd);
	close(fd);
}

static void test_corpus(void **state)
{
	struct server s = serve(&generous, 0);

	(void)state;
	corpus_each(CORPUS_VALID, 20, send_valid, &s);
	corpus_each(CORPUS_REFUSED, 10, send_refused, &s);
	corpus_each(CORPUS_INVALID, 80, send_invalid, &s);
	stop(&s);
}

static void test_task(void **state)
{
	struct server s = serve(&generous, 0);
	int fd = call(&s, 0);
	uint64_t before = clock_ns();
	static const struct http_call asked = {&workload, 1, {77, 5}, 0};
	struct completion c;
	struct reply reply;

	(void)state;
	say_text(fd, "GET /task/nop?id=77&seed=5 HTTP/1.1\r\nHost: a\r\n\r\n");
	reply = hear(fd, 1);
	assert_int_equal(reply.status, 200);
	assert_int_equal(json_parse_completion(reply.body, reply.n, &asked, &c),
			 0);
	assert_int_equal(c.digest, 6);
	assert_int_equal(c.worker, 3);
	assert_int_equal(c.status, TASK_STATUS(TASK_OK, 0));
	assert_int_equal(c.created_ns, 0);
	assert_true(before <= c.start_ns && c.start_ns <= c.end_ns &&
		    c.end_ns <= clock_ns());
	close(fd);
	stop(&s);
}

static void test_head(void **state)
{
	struct server s = serve(&generous, 0);
	int fd = call(&s, 0);
	struct reply reply;

	(void)state;
	say_text(fd, "HEAD /ready HTTP/1.1\r\nHost: a\r\n\r\n");
	reply = hear(fd, 0);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.n, strlen("{\"worker\":3}\n"));
	/* Were there a body, the next answer would begin with it. */
	expect_ready(fd);
	close(fd);
	stop(&s);
}

static void test_not_found(void **state)
{
	struct server s = serve(&generous, 0);
	int fd = call(&s, 0);

	(void)state;
	say_text(fd, "GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(hear(fd, 1).status, 404);
	expect_ready(fd);
	close(fd);
	stop(&s);
}

/* A process that asks for @n tasks at @fd and does not read an answer. */
static pid_t ask_from_process(int fd, int n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	for (int i = 0; pid == 0 && i < n; i++) {
		char text[128];
		int length = snprintf(text, sizeof(text),
				      "GET /task/nop?id=%d HTTP/1.1\r\n"
				      "Host: a\r\n\r\n",
				      i);

		if (send(fd, text, (size_t)length, MSG_NOSIGNAL) != length)
			_exit(1);
	}
	if (pid == 0)
		_exit(0);
	return pid;
}

/* What has come and has not been looked at yet. */
struct inbox {
	char bytes[65536];
	size_t n;
};

/*
 * The next answer at @fd must be that of task @id.  It is cut off by hand:
 * recv() byte by byte takes too long.
 */
static void expect_answer(int fd, uint64_t id, struct inbox *in)
{
	static const char last_line[] = ",\"status\":\"ok\"}\n";
	struct http_call asked = {&workload, 1, {id, 1}, 0};
	struct http_answer a;
	struct completion c;
	const char *end;
	size_t n;

	for (;;) {
		ssize_t got;

		in->bytes[in->n] = '\0';
		end = strstr(in->bytes, last_line);
		if (end)
			break;
		got = recv(fd, in->bytes + in->n, sizeof(in->bytes) - 1 - in->n,
			   0);
		assert_true(got > 0);
		in->n += (size_t)got;
	}
	n = (size_t)(end - in->bytes) + strlen(last_line);
	http_answer_init(&a);
	assert_int_equal(http_answer_parse(&a, in->bytes, n), 1);
	assert_int_equal(json_parse_completion(a.body, a.n, &asked, &c), 0);
	memmove(in->bytes, in->bytes + n, in->n - n);
	in->n -= n;
}

/*
 * Far more requests than all buffers hold, and a client that reads late: the
 * server has to stop half-way through an answer and go on when there is room.
 */
static void test_many_pipelined(void **state)
{
	enum {
		N = 50000
	};
	static struct inbox in;
	struct server s = serve(&generous, 0);
	int fd = call(&s, 4096);
	pid_t writer = ask_from_process(fd, N);

	(void)state;
	/* One client is stuck; others are not. */
	expect_alive(&s);
	for (uint64_t i = 0; i < N; i++)
		expect_answer(fd, i, &in);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	close(fd);
	stop(&s);
}

/*
 * All requests are with the server, but only some answers fit into the sockets:
 * nothing more to read will ever wake it, only room to write.
 */
static void test_room_to_write(void **state)
{
	enum {
		N = 250
	};
	struct http_call asked = {&workload, 1, {0, 1}, 0};
	struct server s = serve(&generous, 0);
	static char text[HTTP_REQUEST_MAX];
	int small = 1; /* the kernel makes it the smallest it can do with */
	size_t n = 0;
	int fd;

	(void)state;
	assert_int_equal(setsockopt(s.listener, SOL_SOCKET, SO_SNDBUF, &small,
				    sizeof(small)),
			 0);
	fd = call(&s, 1);
	for (int i = 0; i < N; i++) {
		n += (size_t)sprintf(text + n,
				     "GET /task/nop?id=%d HTTP/1.1\r\n"
				     "Host:\r\n\r\n",
				     i);
	}
	say(fd, text, n);
	expect_alive(&s);
	for (int i = 0; i < N; i++) {
		struct reply reply = hear(fd, 1);
		struct completion c;

		assert_int_equal(reply.status, 200);
		asked.task.id = (uint64_t)i;
		assert_int_equal(
			json_parse_completion(reply.body, reply.n, &asked, &c),
			0);
	}
	close(fd);
	stop(&s);
}

static void test_slow_request(void **state)
{
	static const struct cluster_limits hasty = {
		.connections = 16,
		.request_ns = 200 * NS_PER_MS,
		.idle_ns = 60 * NS_PER_S,
	};
	struct server s = serve(&hasty, 0);
	int silent = call(&s, 0);
	int half = call(&s, 0);
	int dripping = call(&s, 0);
	struct pollfd p = {.fd = dripping, .events = POLLIN};
	struct reply reply;

	(void)state;
	expect_ready(half);
	say(half, ready, 10);
	expect_alive(&s);
	/* A byte now and then does not buy time. */
	say_text(dripping, "GET /");
	for (int i = 0; poll(&p, 1, 20) == 0; i++) {
		assert_true(i < PATIENCE_MS / 20);
		say_text(dripping, "a");
	}
	reply = hear(dripping, 1);
	assert_int_equal(reply.status, 408);
	assert_true(reply.close);
	expect_end(dripping);
	reply = hear(half, 1);
	assert_int_equal(reply.status, 408);
	expect_end(half);
	/* To say nothing at all is no slow request. */
	expect_ready(silent);
	close(silent);
	stop(&s);
}

static void test_idle(void **state)
{
	static const struct cluster_limits hasty = {
		.connections = 16,
		.request_ns = 100 * NS_PER_MS,
		.idle_ns = 200 * NS_PER_MS,
	};
	struct server s = serve(&hasty, 0);
	int fresh = call(&s, 0);
	int used = call(&s, 0);

	(void)state;
	expect_ready(used);
	expect_end(used);
	expect_end(fresh);
	expect_alive(&s);
	stop(&s);
}

/* A refused client that goes on talking still gets its answer. */
static void test_talkative(void **state)
{
	struct server s = serve(&generous, 0);

	(void)state;
	for (int i = 0; i < 50; i++) {
		static char more[100000];
		int fd = call(&s, 0);

		say_text(fd, "POST /ready HTTP/1.1\r\nHost: a\r\n\r\n");
		say(fd, more, sizeof(more));
		say(fd, more, sizeof(more));
		assert_int_equal(hear(fd, 1).status, 405);
		expect_end(fd);
	}
	stop(&s);
}

/* A client that is refused and never leaves is thrown out in the end. */
static void test_lingering(void **state)
{
	static const struct cluster_limits narrow = {
		.connections = 1,
		.request_ns = 100 * NS_PER_MS,
		.idle_ns = 60 * NS_PER_S,
	};
	struct server s = serve(&narrow, 0);
	int stays = call(&s, 0);

	(void)state;
	say_text(stays, "POST /ready HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(hear(stays, 1).status, 405);
	/* There is room for one only, so this waits for its end. */
	expect_alive(&s);
	close(stays);
	stop(&s);
}

static void test_rude(void **state)
{
	struct server s = serve(&generous, 0);
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	(void)state;
	for (int i = 0; i < 50; i++) {
		int fd = call(&s, 0);

		if (i % 2)
			say(fd, ready, i % 3 ? 10 : strlen(ready));
		if (i % 5)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
				   sizeof(reset));
		close(fd);
	}
	expect_alive(&s);
	stop(&s);
}

/* Whether @fd has something to read by now. */
static int has_answer(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, wait_ms) == 1;
}

static void test_share(void **state)
{
	static const struct cluster_limits two = {
		.connections = 2,
		/* No sweep, that is: it would mend what is tested here. */
		.request_ns = 3600 * NS_PER_S,
		.idle_ns = 60 * NS_PER_S,
	};
	struct server s = serve(&two, 0);
	int a = call(&s, 0);
	int b = call(&s, 0);
	int c = call(&s, 0);

	(void)state;
	expect_ready(a);
	expect_ready(b);
	say_text(c, ready);
	for (int i = 0; i < 100; i++)
		expect_ready(a);
	assert_false(has_answer(c, 0));
	close(b);
	assert_int_equal(hear(c, 1).status, 200);
	expect_ready(a);
	expect_ready(c);
	close(a);
	close(c);
	stop(&s);
}

static void test_no_descriptors(void **state)
{
	static const struct cluster_limits hasty = {
		.connections = 64,
		.request_ns = 500 * NS_PER_MS,
		.idle_ns = 60 * NS_PER_S,
	};
	struct server s = serve(&hasty, 16);
	int fds[32];
	int n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = call(&s, 0);
		say_text(fds[i], ready);
	}
	assert_int_equal(hear(fds[0], 1).status, 200);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		n += has_answer(fds[i], 0);
	assert_true(n < (int)ARRAY_LEN(fds) - 1);
	/* As those that are served go, the others have their turn. */
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (i > 0)
			assert_int_equal(hear(fds[i], 1).status, 200);
		close(fds[i]);
	}
	stop(&s);
}

/* Not even one connection can be accepted, for a while. */
static void test_no_descriptor_at_all(void **state)
{
	static const struct cluster_limits hasty = {
		.connections = 4,
		.request_ns = 100 * NS_PER_MS,
		.idle_ns = 60 * NS_PER_S,
	};
	struct server s = serve(&hasty, 0);
	struct rlimit before, none;
	int fd;

	(void)state;
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, NULL, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &none, NULL), 0);
	fd = call(&s, 0);
	say_text(fd, ready);
	assert_false(has_answer(fd, 50));
	assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, &before, NULL), 0);
	assert_int_equal(hear(fd, 1).status, 200);
	close(fd);
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_task),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_many_pipelined),
		cmocka_unit_test(test_room_to_write),
		cmocka_unit_test(test_slow_request),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_talkative),
		cmocka_unit_test(test_lingering),
		cmocka_unit_test(test_rude),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_no_descriptor_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
