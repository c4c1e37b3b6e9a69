#include "harness/tests/channel_kit.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "harness/base.h"

void kit_channels(struct channel *a, struct channel *b, uint32_t message_max,
		  size_t outbox_bytes)
{
	int end;

	kit_channel(a, &end, message_max, outbox_bytes);
	assert_int_equal(channel_open(b, end, message_max, outbox_bytes), 0);
}

void kit_channel(struct channel *ch, int *ret_fd, uint32_t message_max,
		 size_t outbox_bytes)
{
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_open(ch, ends[0], message_max, outbox_bytes),
			 0);
	*ret_fd = ends[1];
}

void kit_fill(char *ret, size_t n, uint64_t i)
{
	for (size_t k = 0; k < n; k++)
		ret[k] = (char)mix64(i + (k << 32));
}

void kit_take(struct channel *ch, struct channel_message *ret)
{
	uint64_t deadline_ns = clock_ns() + 30 * NS_PER_S;
	struct pollfd p = {.fd = ch->fd, .events = POLLIN};
	int r;

	while ((r = channel_take(ch, ret)) == 0) {
		assert_true(clock_ns() < deadline_ns);
		(void)poll(&p, 1, clock_poll_ms(deadline_ns));
	}
	assert_int_equal(r, 1);
}

void kit_expect(struct channel *ch, size_t n, uint64_t i)
{
	struct channel_message m;
	char *bytes = malloc(n + 1);

	assert_non_null(bytes);
	kit_fill(bytes, n, i);
	kit_take(ch, &m);
	assert_int_equal(m.n, n);
	assert_memory_equal(m.bytes, bytes, n);
	assert_int_equal(m.fd, -1);
	free(bytes);
}

void kit_write(int socket, const void *bytes, size_t n, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS}};
	struct iovec v = {(void *)(uintptr_t)bytes, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		m.msg_control = &control;
		m.msg_controllen = CMSG_LEN(sizeof(int));
	}
	assert_int_equal(sendmsg(socket, &m, MSG_NOSIGNAL), (int)n);
}
