/*
 * The streams of `serve': connections handed over, and who is dropped.
 */
#include "bench/cli/serve_watch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"

/* A client @ret[0], whose connection @ret[1] the worker has. */
static void connect_one(int ret[2])
{
	int small = 1; /* as small as the kernel can do with */

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret), 0);
	setsockopt(ret[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
}

/* Hand a connection over from a process of its own, as a worker does. */
static int give_one(struct serve_watch *w)
{
	int ends[2], status;
	pid_t pid;

	connect_one(ends);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		watch_forget(w);
		_exit(watch_give(w, ends[1]) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ends[1]);
	return ends[0];
}

static void expect(int fd, const char *text)
{
	char got[64];

	assert_int_equal(recv(fd, got, strlen(text), MSG_WAITALL),
			 (ssize_t)strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void hands_over(void **state)
{
	struct serve_watch w;
	int clients[3];
	char byte;

	(void)state;
	assert_int_equal(watch_open(&w), 0);
	assert_int_equal(watch_take(&w), 0);
	for (int i = 0; i < 3; i++)
		clients[i] = give_one(&w);
	assert_int_equal(watch_take(&w), 3);
	watch_tell(&w, "one", 3);
	/* One leaves: the others do not notice. */
	close(clients[1]);
	watch_tell(&w, "two", 3);
	assert_int_equal(w.n, 2);
	expect(clients[0], "onetwo");
	expect(clients[2], "onetwo");
	watch_close(&w);
	watch_close(&w);
	assert_int_equal(recv(clients[0], &byte, 1, 0), 0);
	close(clients[0]);
	close(clients[2]);
}

/* Who does not read is dropped as soon as an event would not fit. */
static void drops_who_does_not_read(void **state)
{
	static char event[1000];
	struct serve_watch w;
	int reads, sleeps;

	(void)state;
	assert_int_equal(watch_open(&w), 0);
	reads = give_one(&w);
	sleeps = give_one(&w);
	assert_int_equal(watch_take(&w), 2);
	for (int i = 0; w.n == 2; i++) {
		char got[sizeof(event)];

		assert_true(i < 1000);
		watch_tell(&w, event, sizeof(event));
		assert_int_equal(recv(reads, got, sizeof(got), MSG_WAITALL),
				 (ssize_t)sizeof(got));
	}
	assert_int_equal(w.n, 1);
	watch_tell(&w, "x", 1);
	expect(reads, "x");
	watch_close(&w);
	close(reads);
	close(sleeps);
}

static void turns_away_too_many(void **state)
{
	struct serve_watch w;
	int clients[WATCH_MAX + 3];
	char byte;

	(void)state;
	assert_int_equal(watch_open(&w), 0);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		clients[i] = give_one(&w);
		(void)watch_take(&w);
	}
	assert_int_equal(w.n, WATCH_MAX);
	assert_int_equal(recv(clients[WATCH_MAX], &byte, 1, 0), 0);
	watch_tell(&w, "x", 1);
	expect(clients[WATCH_MAX - 1], "x");
	watch_close(&w);
	for (size_t i = 0; i < ARRAY_LEN(clients); i++)
		close(clients[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_over),
		cmocka_unit_test(drops_who_does_not_read),
		cmocka_unit_test(turns_away_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
