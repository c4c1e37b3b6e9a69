#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/channel.h"
#include "harness/tests/channel_kit.h"
#include "harness/tests/fds.h"

#define MAX 300

/* Every size from nothing to the limit, and none beyond it. */
static void test_sizes(void **state)
{
	char bytes[MAX + 1];
	struct channel a, b;
	struct channel_message m;

	(void)state;
	kit_channels(&a, &b, MAX, MAX + CHANNEL_HEADER);
	for (size_t n = 0; n <= MAX; n++) {
		kit_fill(bytes, n, n);
		assert_int_equal(channel_put(&a, bytes, n, -1), 0);
		assert_true(channel_wants_write(&a));
		assert_int_equal(channel_flush(&a), 1);
		assert_false(channel_wants_write(&a));
		kit_expect(&b, n, n);
		assert_int_equal(channel_take(&b, &m), 0);
	}
	assert_int_equal(channel_put(&a, bytes, MAX + 1, -1), -EMSGSIZE);
	assert_int_equal(channel_put(&a, bytes, SIZE_MAX, -1), -EMSGSIZE);
	assert_false(channel_wants_write(&a));
	channel_close(&a);
	channel_close(&b);
}

/* Far larger than what is read at a time, and than a socket holds. */
static void test_large(void **state)
{
	static const size_t sizes[] = {5000000, 1, 16380, 16384, 70000, 0};
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
	char *bytes = malloc(sizes[0]);
	struct channel a, b;

	(void)state;
	assert_non_null(bytes);
	kit_channels(&a, &b, (uint32_t)sizes[0], sizes[0] + 200000);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		kit_fill(bytes, sizes[i], i);
		assert_int_equal(channel_put(&a, bytes, sizes[i], -1), 0);
	}
	assert_int_equal(channel_flush(&a), 0);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct channel_message m;
		int r;

		while ((r = channel_take(&b, &m)) == 0) {
			assert_true(clock_ns() < deadline_ns);
			assert_true(channel_flush(&a) >= 0);
		}
		assert_int_equal(r, 1);
		assert_int_equal(m.n, sizes[i]);
		kit_fill(bytes, sizes[i], i);
		assert_memory_equal(m.bytes, bytes, m.n);
	}
	/* Room for the largest message, and not a byte more. */
	assert_int_equal(b.in_room, CHANNEL_HEADER + sizes[0]);
	channel_close(&a);
	channel_close(&b);
	free(bytes);
}

/* Three messages that come in two pieces, cut at every place. */
static void test_split(void **state)
{
	static const uint32_t sizes[] = {5, 0, 40};
	char frames[3 * CHANNEL_HEADER + 45];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		memcpy(frames + n, &sizes[i], CHANNEL_HEADER);
		kit_fill(frames + n + CHANNEL_HEADER, sizes[i], i);
		n += CHANNEL_HEADER + sizes[i];
	}
	assert_int_equal(n, sizeof(frames));
	for (size_t cut = 0; cut <= n; cut++) {
		struct channel_message m;
		struct channel ch;
		size_t i = 0;
		int fd;

		kit_channel(&ch, &fd, 40, 44);
		kit_write(fd, frames, cut, -1);
		for (size_t end = 0; i < 3; i++) {
			end += CHANNEL_HEADER + sizes[i];
			if (end > cut)
				break;
			kit_expect(&ch, sizes[i], i);
		}
		assert_int_equal(channel_take(&ch, &m), 0);
		kit_write(fd, frames + cut, n - cut, -1);
		for (; i < 3; i++)
			kit_expect(&ch, sizes[i], i);
		assert_int_equal(channel_take(&ch, &m), 0);
		channel_close(&ch);
		close(fd);
	}
}

/* One byte at a time: nothing before the last one of a message. */
static void test_bytewise(void **state)
{
	struct channel_message m;
	struct channel ch;
	char frame[CHANNEL_HEADER + MAX];
	int fd;

	(void)state;
	kit_channel(&ch, &fd, MAX, sizeof(frame));
	for (uint32_t n = 0; n <= MAX; n += 50) {
		memcpy(frame, &n, sizeof(n));
		kit_fill(frame + CHANNEL_HEADER, n, n);
		for (size_t i = 0; i < CHANNEL_HEADER + n; i++) {
			assert_int_equal(channel_take(&ch, &m), 0);
			kit_write(fd, frame + i, 1, -1);
		}
		kit_expect(&ch, n, n);
	}
	channel_close(&ch);
	close(fd);
}

/*
 * A full outbox takes a message whole or not at all, says so, and nothing of
 * what it took is lost.
 */
static void test_outbox_full(void **state)
{
	char bytes[100];
	struct channel a, b;

	(void)state;
	for (size_t room = 104; room < 104 * 4; room++) {
		uint64_t put = 0, got = 0;

		kit_channels(&a, &b, 100, room);
		for (int round = 0; round < 5; round++) {
			kit_fill(bytes, 100, put);
			while (channel_put(&a, bytes, 100, -1) == 0)
				kit_fill(bytes, 100, ++put);
			assert_int_equal(put - got, room / 104);
			assert_int_equal(channel_put(&a, bytes, 100, -1),
					 -EAGAIN);
			/* Its rest takes what fits there. */
			for (; a.out_room - a.out_n >= CHANNEL_HEADER + 3;)
				assert_int_equal(channel_put(&a, "abc", 3, -1),
						 0);
			assert_int_equal(channel_put(&a, "abc", 3, -1),
					 -EAGAIN);
			assert_int_equal(channel_flush(&a), 1);
			for (; got < put; got++)
				kit_expect(&b, 100, got);
			for (struct channel_message m; channel_take(&b, &m);)
				assert_memory_equal(m.bytes, "abc", 3);
		}
		channel_close(&a);
		channel_close(&b);
	}
}

/*
 * The socket is full as well: flush says 0, wants_write stays, and whatever is
 * taken on the other side makes room.  Sizes differ, so that the kernel cuts at
 * many places.
 */
static void test_socket_full(void **state)
{
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
	int small = 1; /* the kernel makes it the least it can bear */
	char bytes[5000];
	struct channel a, b;
	uint64_t put = 0;

	(void)state;
	kit_channels(&a, &b, sizeof(bytes), 3 * sizeof(bytes));
	assert_int_equal(
		setsockopt(a.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
		0);
	for (uint64_t got = 0; got < 2000; got++) {
		for (;;) {
			kit_fill(bytes, put * 7 % sizeof(bytes), put);
			if (channel_put(&a, bytes, put * 7 % sizeof(bytes),
					-1) < 0)
				break;
			put++;
		}
		assert_int_equal(channel_flush(&a), 0);
		assert_true(channel_wants_write(&a));
		for (struct channel_message m;;) {
			int r = channel_take(&b, &m);

			if (r == 1) {
				kit_fill(bytes, m.n, got);
				assert_int_equal(m.n, got * 7 % sizeof(bytes));
				assert_memory_equal(m.bytes, bytes, m.n);
				break;
			}
			assert_int_equal(r, 0);
			assert_true(clock_ns() < deadline_ns);
			assert_true(channel_flush(&a) >= 0);
		}
	}
	channel_close(&a);
	channel_close(&b);
}

/* Fill outbox and socket from @ch, beginning with message @i. */
static uint64_t stuff(struct channel *ch, uint64_t i)
{
	char bytes[1000];

	for (;;) {
		kit_fill(bytes, sizeof(bytes), i);
		if (channel_put(ch, bytes, sizeof(bytes), -1) == 0)
			i++;
		else if (channel_flush(ch) == 0)
			return i;
	}
}

/* Both ways are full: who takes before he waits is never stuck. */
static void test_both_full(void **state)
{
	struct channel side[2];
	uint64_t put[2] = {0}, got[2] = {0};

	(void)state;
	kit_channels(&side[0], &side[1], 1000, 10000);
	for (int round = 0; round < 5; round++) {
		for (int s = 0; s < 2; s++)
			put[s] = stuff(&side[s], put[s]);
		assert_true(channel_wants_write(&side[0]));
		assert_true(channel_wants_write(&side[1]));
		while (got[0] < put[1] || got[1] < put[0]) {
			for (int s = 0; s < 2; s++) {
				if (got[s] < put[!s])
					kit_expect(&side[s], 1000, got[s]++);
				assert_true(channel_flush(&side[s]) >= 0);
			}
		}
	}
	channel_close(&side[0]);
	channel_close(&side[1]);
}

static void test_open_and_close(void **state)
{
	int fds = fds_count();
	struct channel_message m;
	struct channel ch;
	int ends[2];

	(void)state;
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_open(&ch, ends[0], 100, 103), -EINVAL);
	assert_int_equal(
		channel_open(&ch, ends[0], CHANNEL_MESSAGE_MAX + 1, SIZE_MAX),
		-EINVAL);
	assert_int_equal(channel_open(&ch, ends[0], 100, 104), 0);
	close(ends[1]);
	channel_close(&ch);
	assert_int_equal(fds_count(), fds);
	channel_close(&ch);
	assert_int_equal(channel_put(&ch, "a", 1, -1), -EPIPE);
	assert_int_equal(channel_flush(&ch), -EPIPE);
	assert_int_equal(channel_take(&ch, &m), -EPIPE);
	assert_false(channel_wants_write(&ch));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_bytewise),
		cmocka_unit_test(test_outbox_full),
		cmocka_unit_test(test_socket_full),
		cmocka_unit_test(test_both_full),
		cmocka_unit_test(test_open_and_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
