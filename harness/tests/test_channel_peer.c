#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/channel.h"
#include "harness/tests/channel_kit.h"
#include "harness/tests/fds.h"

/* Wait until @ch has something to tell. */
static int wait_take(struct channel *ch, struct channel_message *ret)
{
	struct pollfd p = {.fd = ch->fd, .events = POLLIN};
	int r;

	while ((r = channel_take(ch, ret)) == 0)
		assert_int_equal(poll(&p, 1, 30000), 1);
	return r;
}

/* The peer ends: first all that it sent, then the end, and the end stays. */
static void test_end(void **state)
{
	struct channel_message m;
	struct channel a, b;

	(void)state;
	kit_channels(&a, &b, 100, 1000);
	assert_int_equal(channel_put(&a, "one", 3, -1), 0);
	assert_int_equal(channel_put(&a, "two", 3, -1), 0);
	assert_int_equal(channel_flush(&a), 1);
	channel_close(&a);
	assert_int_equal(channel_take(&b, &m), 1);
	assert_memory_equal(m.bytes, "one", 3);
	assert_int_equal(channel_take(&b, &m), 1);
	assert_memory_equal(m.bytes, "two", 3);
	assert_int_equal(channel_take(&b, &m), -EPIPE);
	assert_int_equal(channel_take(&b, &m), -EPIPE);
	channel_close(&b);
}

/*
 * The peer leaves without reading all of ours, which the kernel calls a reset:
 * what it sent before is not lost.
 */
static void test_reset(void **state)
{
	for (int flush_first = 0; flush_first < 2; flush_first++) {
		struct channel_message m;
		struct channel a, b;

		(void)state;
		kit_channels(&a, &b, 100, 1000);
		assert_int_equal(channel_put(&b, "unread", 6, -1), 0);
		assert_int_equal(channel_flush(&b), 1);
		assert_int_equal(channel_put(&a, "last words", 10, -1), 0);
		assert_int_equal(channel_flush(&a), 1);
		channel_close(&a);
		assert_int_equal(channel_put(&b, "too late", 8, -1), 0);
		if (flush_first)
			assert_int_equal(channel_flush(&b), -EPIPE);
		assert_int_equal(channel_take(&b, &m), 1);
		assert_memory_equal(m.bytes, "last words", 10);
		assert_int_equal(channel_take(&b, &m), -EPIPE);
		assert_int_equal(channel_flush(&b), -EPIPE);
		channel_close(&b);
	}
}

/* Nobody reads: an error and no signal, and no more is taken. */
static void test_nobody(void **state)
{
	int fds = fds_count();
	struct channel a;
	int fd;

	(void)state;
	kit_channel(&a, &fd, 100, 1000);
	close(fd);
	assert_int_equal(channel_put(&a, "a", 1, dup(0)), 0);
	assert_int_equal(channel_flush(&a), -EPIPE);
	assert_false(channel_wants_write(&a));
	assert_int_equal(channel_put(&a, "a", 1, -1), -EPIPE);
	assert_int_equal(channel_flush(&a), -EPIPE);
	channel_close(&a);
	assert_int_equal(fds_count(), fds);
}

/* A message that is cut by the end is no message, wherever it is cut. */
static void test_truncated(void **state)
{
	char frame[CHANNEL_HEADER + 9] = "\0\0\0\0too short";

	(void)state;
	memcpy(frame, &(uint32_t){9}, sizeof(uint32_t));
	for (size_t n = 0; n <= sizeof(frame); n++) {
		int end = n == 0 || n == sizeof(frame) ? -EPIPE : -EBADMSG;
		struct channel_message m;
		struct channel ch;
		int fd;

		kit_channel(&ch, &fd, 9, 100);
		kit_write(fd, frame, n, -1);
		close(fd);
		if (n == sizeof(frame))
			assert_int_equal(channel_take(&ch, &m), 1);
		assert_int_equal(channel_take(&ch, &m), end);
		assert_int_equal(channel_take(&ch, &m), end);
		channel_close(&ch);
	}
}

/* Lengths that no honest peer sends cost no memory. */
static void test_hostile_lengths(void **state)
{
	static const uint32_t lengths[] = {
		0xffffffff, 0xfffffffc, 0x80000000 | 101, 0x7fffffff,
		0x40000001, 0x40000000, 0x00010000,       101,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct channel_message m;
		struct channel ch;
		size_t room;
		int fd;

		kit_channel(&ch, &fd, 100, 1000);
		room = ch.in_room;
		kit_write(fd, "\1\0\0\0a", 5, -1);
		kit_write(fd, &lengths[i], sizeof(lengths[i]), -1);
		assert_int_equal(channel_take(&ch, &m), 1);
		assert_int_equal(channel_take(&ch, &m), -EMSGSIZE);
		/* It is not heard any more. */
		kit_write(fd, "\1\0\0\0a", 5, -1);
		assert_int_equal(channel_take(&ch, &m), -EMSGSIZE);
		assert_int_equal(ch.in_room, room);
		channel_close(&ch);
		close(fd);
	}
}

/* A process is killed within its second message, of which half is here. */
static void test_killed(void **state)
{
	static char frame[CHANNEL_HEADER + 100000];
	struct channel_message m;
	struct channel ch;
	int fd, status;
	pid_t pid;

	(void)state;
	memcpy(frame, &(uint32_t){100000}, sizeof(uint32_t));
	kit_channel(&ch, &fd, 100000, 200000);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		kit_write(fd, "\3\0\0\0one", 7, -1);
		kit_write(fd, frame, sizeof(frame) / 2, -1);
		raise(SIGKILL);
	}
	close(fd);
	assert_int_equal(wait_take(&ch, &m), 1);
	assert_memory_equal(m.bytes, "one", 3);
	assert_int_equal(wait_take(&ch, &m), -EBADMSG);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	channel_close(&ch);
}

/* Wait for @events of @ch. */
static void wait_for(const struct channel *ch, short events)
{
	struct pollfd p = {.fd = ch->fd, .events = events};

	if (poll(&p, 1, 30000) != 1)
		_exit(1);
}

/* The peer of test_echo: every message back, with its descriptor. */
static _Noreturn void echo(struct channel *ch)
{
	for (;;) {
		struct channel_message m;
		int r = channel_take(ch, &m);

		if (r == -EPIPE)
			_exit(0);
		if (r < 0)
			_exit(2);
		while (r == 1 &&
		       channel_put(ch, m.bytes, m.n, m.fd) == -EAGAIN) {
			if (channel_flush(ch) < 0)
				_exit(3);
			if (channel_wants_write(ch))
				wait_for(ch, POLLOUT);
		}
		if (r == 0) {
			if (channel_flush(ch) < 0)
				_exit(4);
			wait_for(ch, channel_wants_write(ch) ? POLLIN | POLLOUT
							     : POLLIN);
		}
	}
}

/* Message @i of test_echo has so many bytes, and some have a descriptor. */
static size_t echo_size(uint64_t i)
{
	return i % 50 ? mix64(i) % 100 : mix64(i) % 2000;
}

static void echo_put(struct channel *ch, uint64_t *put)
{
	for (; *put < 10000; ++*put) {
		char bytes[2000];
		int fd = *put % 10 ? -1 : dup(ch->fd);

		kit_fill(bytes, echo_size(*put), *put);
		if (channel_put(ch, bytes, echo_size(*put), fd) == 0)
			continue;
		if (fd >= 0)
			close(fd);
		break;
	}
}

static void echo_check(const struct channel_message *m, uint64_t i)
{
	char bytes[2000];

	assert_int_equal(m->n, echo_size(i));
	kit_fill(bytes, m->n, i);
	assert_memory_equal(m->bytes, bytes, m->n);
	assert_int_equal(m->fd >= 0, i % 10 == 0);
	if (m->fd >= 0)
		close(m->fd);
}

/* Ten thousand messages to another process and back, as many as fit at once. */
static void test_echo(void **state)
{
	int fds = fds_count(), status;
	struct channel a, b;
	uint64_t put = 0, got = 0;
	pid_t pid;

	(void)state;
	kit_channels(&a, &b, 2000, 20000);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		channel_close(&a);
		echo(&b);
	}
	channel_close(&b);
	while (got < 10000) {
		struct pollfd p = {.fd = a.fd, .events = POLLIN};
		struct channel_message m;

		echo_put(&a, &put);
		assert_true(channel_flush(&a) >= 0);
		if (channel_wants_write(&a))
			p.events |= POLLOUT;
		assert_int_equal(poll(&p, 1, 30000), 1);
		while (channel_take(&a, &m) == 1)
			echo_check(&m, got++);
	}
	channel_close(&a);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(fds_count(), fds);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_hostile_lengths),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_echo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
