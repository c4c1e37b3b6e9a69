#include "bench/tests/cluster_kit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"

/* The one that is open; a test that fails leaves it so. */
static struct cluster_primary *last;

/* In the workers. */
static uint32_t me;

static void begin(void *arg, uint32_t index)
{
	(void)arg;
	me = index;
}

static bool is(const struct http_request *r, const char *bytes,
	       const char *path)
{
	return r->target_len == strlen(path) &&
	       memcmp(bytes + r->target_at, path, r->target_len) == 0;
}

static void answer(void *arg, struct cluster_seat *seat,
		   struct http_request *request, const char *bytes,
		   struct http_out *out)
{
	char body[64];
	int n;

	(void)arg;
	seat_task_begin(seat, 77, clock_ns());
	if (is(request, bytes, "/nap"))
		clock_sleep_until(clock_ns() + 50 * NS_PER_MS);
	while (is(request, bytes, "/hang"))
		(void)pause();
	if (is(request, bytes, "/die"))
		(void)kill(getpid(), SIGKILL);
	if (is(request, bytes, "/exit"))
		_exit(7);
	seat_task_end(seat);
	n = snprintf(body, sizeof(body), "worker=%u pid=%d;", me, getpid());
	http_put_answer(out, 200, request, body, (size_t)n);
}

static void tell(void *arg, const struct primary_event *e)
{
	struct kit_cluster *k = arg;

	k->n_ready += e->what == PRIMARY_READY;
	k->n_died += e->what == PRIMARY_DIED;
	k->n_given_up += e->what == PRIMARY_GIVEN_UP;
	k->n_rolled += e->what == PRIMARY_ROLLED;
	k->n_stuck += e->what == PRIMARY_STUCK;
	k->n_short += e->what == PRIMARY_SHORT;
	if (e->what == PRIMARY_DIED)
		k->died = *e;
}

void kit_wait(struct kit_cluster *k, bool (*waiting)(struct kit_cluster *k))
{
	uint64_t deadline_ns = clock_ns() + KIT_PATIENCE_NS;

	while (waiting(k)) {
		assert_true(clock_ns() < deadline_ns);
		assert_int_equal(
			primary_wait(&k->primary, clock_ns() + 100 * NS_PER_MS),
			0);
	}
}

void kit_turn(struct kit_cluster *k, uint64_t until_ns)
{
	assert_true(clock_ns() < until_ns);
	assert_int_equal(primary_wait(&k->primary, clock_ns() + NS_PER_MS), 0);
}

static bool is_incomplete(struct kit_cluster *k)
{
	return k->primary.n_ready < k->primary.options.workers ||
	       k->primary.n_leaving > 0;
}

void kit_wait_ready(struct kit_cluster *k)
{
	kit_wait(k, is_incomplete);
}

void kit_start(struct kit_cluster *k, const char *policy, uint32_t workers,
	       uint64_t run_limit_ns)
{
	struct cluster_options options = {
		.address = {.sin_family = AF_INET,
			    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
		.policy = cluster_policy_find(policy),
		.service = {.begin = begin, .answer = answer},
		.limits = {.connections = 256,
			   .request_ns = 2 * NS_PER_S,
			   .idle_ns = 60 * NS_PER_S},
		.workers = workers,
		.run_limit_ns = run_limit_ns,
		.tell = tell,
		.arg = k,
	};

	assert_non_null(options.policy);
	*k = (struct kit_cluster){.n_ready = 0};
	assert_int_equal(primary_open(&k->primary, &options), 0);
	last = &k->primary;
	kit_wait_ready(k);
}

void kit_stop(struct kit_cluster *k)
{
	primary_close(&k->primary);
	last = NULL;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int kit_teardown(void **state)
{
	(void)state;
	if (last)
		primary_close(last);
	last = NULL;
	return 0;
}

int kit_connect(struct kit_cluster *k)
{
	const struct sockaddr_in *address = &k->primary.address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(
		connect(fd, (const struct sockaddr *)address, sizeof(*address)),
		0);
	return fd;
}

void kit_send(int fd, const char *path, bool close)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path,
			 close ? "Connection: close\r\n" : "");

	/* A connection that is gone shows when the answer is awaited. */
	(void)!send(fd, text, (size_t)n, MSG_NOSIGNAL);
}

struct kit_reply kit_receive(struct kit_cluster *k, int fd)
{
	uint64_t deadline_ns = clock_ns() + KIT_PATIENCE_NS;
	struct kit_reply reply = {.ok = false};
	char text[1024];
	const char *body;
	size_t n = 0;

	for (;;) {
		ssize_t got =
			recv(fd, text + n, sizeof(text) - 1 - n, MSG_DONTWAIT);

		assert_true(clock_ns() < deadline_ns);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			return reply;
		if (got < 0) {
			assert_int_equal(primary_wait(&k->primary,
						      clock_ns() + NS_PER_MS),
					 0);
			continue;
		}
		n += (size_t)got;
		text[n] = '\0';
		body = strstr(text, "\r\n\r\n");
		if (body && strchr(body, ';'))
			break;
	}
	assert_int_equal(sscanf(body + 4, "worker=%u pid=%d;", &reply.worker,
				&reply.pid),
			 2);
	reply.ok = strncmp(text, "HTTP/1.1 200 ", 13) == 0;
	reply.closes = strstr(text, "\r\nConnection: close\r\n") != NULL;
	return reply;
}

struct kit_reply kit_ask(struct kit_cluster *k, int fd, const char *path)
{
	kit_send(fd, path, false);
	return kit_receive(k, fd);
}

struct kit_reply kit_ask_once(struct kit_cluster *k, const char *path)
{
	int fd = kit_connect(k);
	struct kit_reply reply;

	kit_send(fd, path, true);
	reply = kit_receive(k, fd);
	close(fd);
	return reply;
}

uint32_t kit_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint32_t n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

struct board_sum kit_sum(const struct kit_cluster *k)
{
	struct board_sum all = {0};

	for (uint32_t i = 0; i < k->primary.options.workers; i++) {
		struct board_sum one = board_worker(&k->primary.board, i);

		all.connections += one.connections;
		all.accepted += one.accepted;
		all.requests += one.requests;
		all.busy_ns += one.busy_ns;
		all.wakeups += one.wakeups;
		all.wasted_wakeups += one.wasted_wakeups;
	}
	return all;
}
