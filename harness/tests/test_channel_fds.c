#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/channel.h"
#include "harness/tests/channel_kit.h"
#include "harness/tests/fds.h"

#define WITH_FD (UINT32_C(1) << 31)

/*
 * What is passed here is the writing end of a pipe: who has it can write the
 * byte that tells which it is, and the pipe ends when nobody has it any more.
 */
struct parcel {
	int reader, writer;
};

static void parcel_make(struct parcel *p)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	*p = (struct parcel){ends[0], ends[1]};
}

/* @fd is the writing end of @p, nobody else has it, and it is closed here. */
static void parcel_check(struct parcel *p, int fd)
{
	char c;

	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(p->reader, &c, 1), 1);
	close(fd);
	assert_int_equal(read(p->reader, &c, 1), 0);
	close(p->reader);
}

/* Nobody has the writing end of @p. */
static void parcel_gone(struct parcel *p)
{
	char c;

	assert_int_equal(read(p->reader, &c, 1), 0);
	close(p->reader);
}

/*
 * Each descriptor comes with its message and no other, however the messages
 * with and without one follow each other: every pattern of eight.
 */
static void test_order(void **state)
{
	int fds = fds_count();
	char bytes[8];
	struct channel a, b;

	(void)state;
	kit_channels(&a, &b, sizeof(bytes), 1000);
	for (unsigned pattern = 0; pattern < 256; pattern++) {
		struct parcel parcels[8];

		for (size_t i = 0; i < 8; i++) {
			parcels[i].writer = -1;
			if (pattern & (1U << i))
				parcel_make(&parcels[i]);
			/* Empty messages, too. */
			kit_fill(bytes, i, pattern);
			assert_int_equal(
				channel_put(&a, bytes, i, parcels[i].writer),
				0);
		}
		assert_int_equal(channel_flush(&a), 1);
		for (size_t i = 0; i < 8; i++) {
			struct channel_message m;

			kit_take(&b, &m);
			assert_int_equal(m.n, i);
			kit_fill(bytes, i, pattern);
			assert_memory_equal(m.bytes, bytes, i);
			if (parcels[i].writer < 0) {
				assert_int_equal(m.fd, -1);
				continue;
			}
			assert_int_equal(fcntl(m.fd, F_GETFD), FD_CLOEXEC);
			parcel_check(&parcels[i], m.fd);
		}
	}
	channel_close(&a);
	channel_close(&b);
	assert_int_equal(fds_count(), fds);
}

/* The socket fills up and the kernel cuts messages: still in their places. */
static void test_order_when_full(void **state)
{
	int fds = fds_count();
	static char bytes[3000];
	int small = 1;
	struct parcel parcels[100] = {0};
	struct channel a, b;
	uint64_t put = 0;

	(void)state;
	kit_channels(&a, &b, sizeof(bytes), 20000);
	assert_int_equal(
		setsockopt(a.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
		0);
	for (uint64_t got = 0; got < ARRAY_LEN(parcels);) {
		struct channel_message m;

		while (put < ARRAY_LEN(parcels)) {
			size_t n = put * 97 % sizeof(bytes);

			parcel_make(&parcels[put]);
			if (put % 3 == 0)
				close(parcels[put].writer);
			if (channel_put(&a, bytes, n,
					put % 3 ? parcels[put].writer : -1) <
			    0) {
				close(parcels[put].reader);
				if (put % 3)
					close(parcels[put].writer);
				break;
			}
			put++;
		}
		assert_true(channel_flush(&a) >= 0);
		while (channel_take(&b, &m) == 1) {
			assert_int_equal(m.n, got * 97 % sizeof(bytes));
			if (got % 3)
				parcel_check(&parcels[got], m.fd);
			else
				close(parcels[got].reader);
			assert_int_equal(m.fd >= 0, got % 3 != 0);
			got++;
		}
	}
	channel_close(&a);
	channel_close(&b);
	assert_int_equal(fds_count(), fds);
}

/* The receiver may open nothing more: the message comes, the rest goes on. */
static void test_limit(void **state)
{
	int fds = fds_count();
	struct rlimit old, none = {0};
	struct parcel lost, kept;
	struct channel_message m;
	struct channel a, b;

	(void)state;
	kit_channels(&a, &b, 100, 1000);
	parcel_make(&lost);
	parcel_make(&kept);
	assert_int_equal(channel_put(&a, "lost", 4, lost.writer), 0);
	assert_int_equal(channel_put(&a, "kept", 4, kept.writer), 0);
	assert_int_equal(channel_put(&a, "bare", 4, -1), 0);
	assert_int_equal(channel_flush(&a), 1);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	kit_take(&b, &m);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_memory_equal(m.bytes, "lost", 4);
	assert_int_equal(m.fd, -EMFILE);
	parcel_gone(&lost);
	kit_take(&b, &m);
	assert_memory_equal(m.bytes, "kept", 4);
	parcel_check(&kept, m.fd);
	kit_take(&b, &m);
	assert_memory_equal(m.bytes, "bare", 4);
	assert_int_equal(m.fd, -1);
	channel_close(&a);
	channel_close(&b);
	assert_int_equal(fds_count(), fds);
}

/* More descriptors than an outbox keeps: one more is refused, not lost. */
static void test_many(void **state)
{
	int fds = fds_count();
	struct parcel parcels[CHANNEL_MAX_FDS + 1];
	struct channel_message m;
	struct channel a, b;

	(void)state;
	kit_channels(&a, &b, 100, 10000);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i <= CHANNEL_MAX_FDS; i++) {
			parcel_make(&parcels[i]);
			assert_int_equal(channel_put(&a, &i, sizeof(i),
						     parcels[i].writer),
					 i < CHANNEL_MAX_FDS ? 0 : -EAGAIN);
		}
		/* One without is taken nevertheless. */
		assert_int_equal(channel_put(&a, "", 0, -1), 0);
		assert_int_equal(channel_flush(&a), 1);
		for (size_t i = 0; i < CHANNEL_MAX_FDS; i++) {
			kit_take(&b, &m);
			assert_memory_equal(m.bytes, &i, sizeof(i));
			parcel_check(&parcels[i], m.fd);
		}
		kit_take(&b, &m);
		assert_int_equal(m.fd, -1);
		parcel_check(&parcels[CHANNEL_MAX_FDS],
			     parcels[CHANNEL_MAX_FDS].writer);
	}
	channel_close(&a);
	channel_close(&b);
	assert_int_equal(fds_count(), fds);
}

/* Never sent, sent but not read, read but not taken: closed all the same. */
static void test_not_taken(void **state)
{
	int fds = fds_count();
	struct channel_message m;
	struct parcel p[4];
	struct channel a, b;

	(void)state;
	kit_channels(&a, &b, 100, 1000);
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		parcel_make(&p[i]);
	assert_int_equal(channel_put(&a, "1", 1, p[0].writer), 0);
	assert_int_equal(channel_flush(&a), 1);
	kit_take(&b, &m);
	parcel_check(&p[0], m.fd);
	assert_int_equal(channel_put(&a, "not sent", 8, p[3].writer), 0);

	/* Its message never becomes whole, but it has been received. */
	kit_write(a.fd, &(uint32_t){WITH_FD | 50}, CHANNEL_HEADER, p[1].writer);
	close(p[1].writer);
	assert_int_equal(channel_take(&b, &m), 0);
	assert_int_equal(b.n_in_fds, 1);
	kit_write(a.fd, "x", 1, p[2].writer);
	close(p[2].writer);
	channel_close(&b);
	parcel_gone(&p[1]);
	parcel_gone(&p[2]);
	channel_close(&a);
	parcel_gone(&p[3]);
	assert_int_equal(fds_count(), fds);
}

/* What the peer must not do; nothing of it stays open. */
static void test_hostile(void **state)
{
	static const struct {
		const char *what;
		uint32_t header;
		size_t bytes; /* of header and message, in one piece */
		int n_fds;    /* with the first of them */
	} cases[] = {
		{"one that the header does not tell of", 4, 6, 1},
		{"none, though the header tells of one", WITH_FD | 1, 5, 0},
		{"none, with a message that is not whole", WITH_FD | 9, 5, 0},
		{"two with one message", WITH_FD | 1, 5, 2},
		{"many with one message", WITH_FD | 1, 5, 200},
		{"one behind the last message", 0, 4, 1},
		{"one with half a header and many more", WITH_FD | 1, 2, 7},
	};
	int fds = fds_count();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char bytes[16] = "", control[CMSG_SPACE(sizeof(int[200]))];
		struct cmsghdr *c = (struct cmsghdr *)(void *)control;
		struct iovec v = {bytes, cases[i].bytes};
		struct msghdr msg = {.msg_iov = &v, .msg_iovlen = 1};
		struct channel_message m = {.fd = -1};
		struct channel ch;
		int fd, r, zero = open("/dev/null", O_RDWR | O_CLOEXEC);

		memset(control, 0, sizeof(control));
		kit_channel(&ch, &fd, 10, 100);
		memcpy(bytes, &cases[i].header, sizeof(uint32_t));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)cases[i].n_fds * sizeof(int));
		for (int k = 0; k < cases[i].n_fds; k++)
			((int *)(void *)CMSG_DATA(c))[k] = zero;
		if (cases[i].n_fds) {
			msg.msg_control = control;
			msg.msg_controllen = c->cmsg_len;
		}
		assert_int_equal(sendmsg(fd, &msg, 0), (int)cases[i].bytes);
		while ((r = channel_take(&ch, &m)) == 1)
			;
		if (r != -EBADMSG || channel_take(&ch, &m) != r)
			fail_msg("%s: %d", cases[i].what, r);
		assert_int_equal(m.fd, -1);
		channel_close(&ch);
		close(zero);
		close(fd);
		assert_int_equal(fds_count(), fds);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_when_full),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_not_taken),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
