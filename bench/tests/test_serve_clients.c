/*
 * A server and its worst clients: each of them gets what it deserves, the
 * worker's memory stays what it was, and the next good request is served.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/tests/cluster_corpus.h"
#include "bench/tests/program.h"
#include "bench/tests/talk.h"
#include "harness/base.h"

/* One worker, so that there is no doubt who has to bear it. */
#define ONE "--workers 1 --request-timeout 1 --idle-timeout 60 "

#define NOP "GET /task/nop HTTP/1.1\r\nHost: a\r\n\r\n"

/*
 * A connection of ours may cost 16 KiB; nothing that a client sends or does not
 * read may cost more.
 */
#define N_CLIENTS 100
#define MEMORY_MAX (4 << 20)

static uint16_t port;
static pid_t server;
static struct talk_reply reply;

/* What the worker occupies, in bytes, as the kernel sees it. */
static size_t memory(void)
{
	char path[64];
	char *text, *line;
	size_t kib = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", program_child(server));
	text = program_read(path);
	assert_non_null(text);
	line = strstr(text, "VmRSS:");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "VmRSS: %zu", &kib), 1);
	free(text);
	return kib * 1024;
}

static void expect_alive(void)
{
	int fd = talk_open(port, 0);

	for (int i = 0; i < 2; i++) {
		talk_get(fd, "/task/nop", &reply);
		assert_int_equal(reply.status, 200);
		assert_false(reply.close);
	}
	close(fd);
}

static int start(void **state)
{
	if (program_setup(state) < 0)
		return -1;
	server = talk_start_server(ONE, &port);
	expect_alive();
	return 0;
}

static int stop(void **state)
{
	talk_stop_server(server);
	return program_teardown(state);
}

static void send_file(const struct corpus_file *f, bool closes)
{
	int fd = talk_open(port, 0);
	bool is_head = strncmp(f->bytes, "HEAD", 4) == 0;

	talk_say(fd, f->bytes, f->n);
	talk_hear(fd, is_head, &reply);
	if (reply.status != atoi(f->name) || reply.close != closes)
		fail_msg("%s: %d", f->name, reply.status);
	if (closes)
		talk_expect_end(fd);
	else
		close(fd);
	expect_alive();
}

static void send_refused(const struct corpus_file *f, void *arg)
{
	(void)arg;
	send_file(f, false);
}

static void send_invalid(const struct corpus_file *f, void *arg)
{
	(void)arg;
	send_file(f, true);
}

static void answers_the_corpus(void **state)
{
	const char *tree = getenv("TREE");
	char folder[512];

	(void)state;
	assert_non_null(getcwd(folder, sizeof(folder)));
	assert_true(tree && chdir(tree) == 0);
	corpus_each(CORPUS_REFUSED, 10, send_refused, NULL);
	corpus_each(CORPUS_INVALID, 80, send_invalid, NULL);
	assert_int_equal(chdir(folder), 0);
}

/* Half a head, then a byte now and then: that buys no time. */
static void ends_slow_loris(void **state)
{
	int slow[N_CLIENTS];

	(void)state;
	for (int i = 0; i < N_CLIENTS; i++) {
		slow[i] = talk_open(port, 0);
		talk_say_text(slow[i], "GET /task/nop HTTP/1.1\r\nX-");
	}
	expect_alive();
	for (int i = 0; i < N_CLIENTS; i++) {
		struct pollfd p = {.fd = slow[i], .events = POLLIN};

		for (int k = 0; poll(&p, 1, 10) == 0; k++) {
			assert_true(k < TALK_PATIENCE_S * 100);
			talk_say_text(slow[i], "a");
		}
		talk_hear(slow[i], false, &reply);
		assert_int_equal(reply.status, 408);
		assert_true(reply.close);
		talk_expect_end(slow[i]);
	}
	expect_alive();
}

/* Heads without end, many at a time: refused as soon as they are too large. */
static void refuses_huge_heads(void **state)
{
	static char fields[65536];
	size_t before = memory();
	int fds[N_CLIENTS];

	(void)state;
	memset(fields, 'a', sizeof(fields));
	for (int i = 0; i < N_CLIENTS; i++) {
		fds[i] = talk_open(port, 0);
		talk_say_text(fds[i],
			      i % 2 ? "GET /" : "GET / HTTP/1.1\r\nX: ");
		talk_say(fds[i], fields, sizeof(fields));
	}
	for (int i = 0; i < N_CLIENTS; i++) {
		talk_hear(fds[i], false, &reply);
		assert_int_equal(reply.status, i % 2 ? 414 : 431);
		talk_expect_end(fds[i]);
	}
	assert_true(memory() < before + MEMORY_MAX);
	expect_alive();
}

/* A thousand requests in one write; each is answered, in its turn. */
static void answers_a_deep_pipeline(void **state)
{
	enum {
		N = 1000
	};
	static char text[N * 64];
	size_t n = 0;
	int fd = talk_open(port, 0);

	(void)state;
	for (int i = 0; i < N; i++) {
		n += (size_t)sprintf(text + n,
				     "GET /task/nop?id=%d HTTP/1.1\r\n"
				     "Host: a\r\n\r\n",
				     i);
	}
	talk_say(fd, text, n);
	for (int i = 0; i < N; i++) {
		char id[32];

		talk_hear(fd, false, &reply);
		assert_int_equal(reply.status, 200);
		sprintf(id, ",\"id\":%d,", i);
		assert_non_null(strstr(reply.body, id));
	}
	close(fd);
	expect_alive();
}

/* Clients that say that they will say no more still want their answer. */
static void answers_half_closed_clients(void **state)
{
	static const char *const says[] = {NOP, NOP NOP NOP};

	int busy = talk_open(port, 0);

	(void)state;
	/* While the worker is busy, their end comes right behind their words. */
	talk_say_text(busy, "GET /task/primes?size=200000000 HTTP/1.1\r\n"
			    "Host: a\r\n\r\n");
	for (int i = 0; i < 50; i++) {
		int fd = talk_open(port, 0);

		talk_say_text(fd, says[i % 2]);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		for (int k = 0; k < (i % 2 ? 3 : 1); k++) {
			talk_hear(fd, false, &reply);
			assert_int_equal(reply.status, 200);
		}
		talk_expect_end(fd);
	}
	/* Nor is half a request an error worth a line. */
	for (int i = 0; i < 50; i++) {
		int fd = talk_open(port, 0);

		talk_say(fd, NOP, strlen(NOP) - 1 - (size_t)i % 30);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		talk_expect_end(fd);
	}
	close(busy);
	expect_alive();
}

/* Gone with a reset before, in and after an answer. */
static void survives_resets(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		int fd = talk_open(port, i % 2 ? 1 : 0);

		for (int k = 0; k < i % 5; k++)
			talk_say_text(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
		if (i % 3 == 0) {
			char byte;

			talk_say_text(fd, NOP);
			assert_int_equal(recv(fd, &byte, 1, 0), 1);
		}
		talk_reset(fd);
	}
	expect_alive();
}

/*
 * They ask for page after page and read none: the answers stay in the kernel,
 * whose buffers are bounded, and after a while the clients are thrown out.
 */
static void ends_clients_that_never_read(void **state)
{
	static const char page[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	size_t before = memory();
	int fds[N_CLIENTS];

	(void)state;
	for (int i = 0; i < N_CLIENTS; i++) {
		fds[i] = talk_open(port, 4096);
		/* Until the server takes no more of it. */
		while (send(fds[i], page, strlen(page),
			    MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
	}
	assert_true(memory() < before + MEMORY_MAX);
	expect_alive();
	for (int i = 0; i < N_CLIENTS; i++) {
		struct pollfd p = {.fd = fds[i], .events = POLLRDHUP};

		/* A reset, as there are requests that nobody has read. */
		assert_int_equal(poll(&p, 1, TALK_PATIENCE_S * 1000), 1);
		assert_true(p.revents & (POLLERR | POLLHUP | POLLRDHUP));
		close(fds[i]);
	}
	assert_true(memory() < before + MEMORY_MAX);
	expect_alive();
}

/* More clients than it serves at a time: those above it wait. */
static void lets_the_rest_wait(void **state)
{
	uint16_t small_port;
	int fds[8];
	pid_t small;

	(void)state;
	small = talk_start_server("--workers 1 --connections 4", &small_port);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = talk_open(small_port, 0);
		talk_say_text(fds[i], NOP);
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		talk_hear(fds[i], false, &reply);
		assert_int_equal(reply.status, 200);
		close(fds[i]);
	}
	assert_int_equal(kill(small, SIGTERM), 0);
	program_expect_exit(program_wait(small), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_the_corpus),
		cmocka_unit_test(ends_slow_loris),
		cmocka_unit_test(refuses_huge_heads),
		cmocka_unit_test(answers_a_deep_pipeline),
		cmocka_unit_test(answers_half_closed_clients),
		cmocka_unit_test(survives_resets),
		cmocka_unit_test(ends_clients_that_never_read),
		cmocka_unit_test(lets_the_rest_wait),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
