/*
 * A libFuzzer program for the reader of channel, see `make fuzz': whatever a
 * peer sends, in whatever pieces and with whatever descriptors, is given out as
 * messages within the limit or refused, and costs neither memory nor
 * descriptors.  A second, simpler reader says what the messages are.
 *
 * The input is a row of pieces: a byte that says how long the piece is and how
 * many descriptors come with it, and its bytes.
 *
 * With --seed DIR it writes pieces that an honest peer would send into DIR, to
 * begin from.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/channel.h"
#include "harness/file.h"

/* Larger than a piece and than what is read at a time. */
#define MESSAGE_MAX 20000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* How long a piece may be: short ones often, and one longer than a message. */
static const uint32_t lengths[32] = {
	1,  2,  3,  4,   5,   6,   7,    8,    9,     10,    11,
	12, 13, 14, 15,  16,  17,  18,   20,   24,    28,    32,
	40, 48, 64, 100, 200, 400, 1000, 4000, 16384, 30000,
};

/* The first byte of a piece. */
#define LENGTH(code) ((code)&0x1f)
#define READ_NOW(code) (((code) >> 5) & 1) /* or only after more pieces */
#define N_FDS(code) ((code) >> 6)

/* What was sent so far, and how far the messages in it were given out. */
struct stream {
	char *bytes;
	size_t n, given;
	int with_fds; /* then what must come is channel.c's to say */
};

static void send_piece(int fd, const uint8_t *bytes, size_t n, int n_fds)
{
	static const int fds[] = {0, 0, 0};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = {
		.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct iovec v = {(void *)(uintptr_t)bytes, n};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	size_t size = (size_t)n_fds * sizeof(int);

	if (n_fds > 0) {
		control.header.cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(&control.header), fds, size);
		m.msg_control = &control;
		m.msg_controllen = CMSG_LEN(size);
	}
	CHECK(sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)n);
}

/* @m must be the next message of @s. */
static void check_message(struct stream *s, const struct channel_message *m)
{
	uint32_t header;

	CHECK(m->n <= MESSAGE_MAX);
	CHECK(s->n - s->given >= CHANNEL_HEADER + m->n);
	memcpy(&header, s->bytes + s->given, sizeof(header));
	CHECK((header & INT32_MAX) == m->n);
	s->given += CHANNEL_HEADER;
	CHECK(memcmp(m->bytes, s->bytes + s->given, m->n) == 0);
	s->given += m->n;
	CHECK((m->fd >= 0) == (header > INT32_MAX));
	if (m->fd >= 0)
		CHECK(close(m->fd) == 0);
}

/*
 * What channel_take() must say when no message is left in @s and none was sent
 * with a descriptor.
 */
static int verdict(const struct stream *s, int ended)
{
	uint32_t header = 0;
	size_t left = s->n - s->given;

	if (left < CHANNEL_HEADER)
		return !ended ? 0 : left ? -EBADMSG : -EPIPE;
	memcpy(&header, s->bytes + s->given, sizeof(header));
	if ((header & INT32_MAX) > MESSAGE_MAX)
		return -EMSGSIZE;
	if (header > INT32_MAX)
		return -EBADMSG;
	CHECK(left < CHANNEL_HEADER + header);
	return ended ? -EBADMSG : 0;
}

/* Take all there is.  Returns what take said last. */
static int take(struct channel *ch, struct stream *s, int ended)
{
	struct channel_message m;
	int r;

	while ((r = channel_take(ch, &m)) == 1)
		check_message(s, &m);
	CHECK(ch->in_room <= CHANNEL_HEADER + MESSAGE_MAX);
	CHECK(ch->n_in_fds <= ARRAY_LEN(ch->in_fds));
	CHECK(s->with_fds || r == verdict(s, ended));
	CHECK(r == 0 || channel_take(ch, &m) == r);
	return r;
}

/* The number that the next descriptor would get: shows if one is left open. */
static int next_fd(void)
{
	int fd = dup(0);

	CHECK(fd >= 0 && close(fd) == 0);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct stream s = {.bytes = malloc(bytes + 1)};
	const uint8_t *end = data + bytes;
	struct channel ch;
	int first = next_fd(), ends[2], r = 0;
	size_t unread = 0;

	CHECK(s.bytes);
	CHECK(channel_pair(ends) == 0);
	CHECK(channel_open(&ch, ends[0], MESSAGE_MAX,
			   MESSAGE_MAX + CHANNEL_HEADER) == 0);
	while (r == 0 && end - data > 1) {
		uint8_t code = *data++;
		size_t n = lengths[LENGTH(code)];

		if (n > (size_t)(end - data))
			n = (size_t)(end - data);
		s.with_fds |= N_FDS(code);
		memcpy(s.bytes + s.n, data, n);
		s.n += n;
		send_piece(ends[1], data, n, N_FDS(code));
		data += n;
		/* The socket must not fill up: a piece costs it more. */
		unread += n + 1024;
		if (READ_NOW(code) || unread > 60000) {
			r = take(&ch, &s, 0);
			unread = 0;
		}
	}
	CHECK(close(ends[1]) == 0);
	r = take(&ch, &s, 1);
	CHECK(r == -EPIPE || r == -EBADMSG || r == -EMSGSIZE);
	channel_close(&ch);
	CHECK(next_fd() == first);
	free(s.bytes);
	return 0;
}

/* @count messages of @n bytes, every second one with a descriptor. */
static int make_seed(const char *dir, uint32_t n, uint32_t count)
{
	static char piece[1 + CHANNEL_HEADER + MESSAGE_MAX];
	char path[PATH_MAX], text[4 * sizeof(piece)];
	size_t size = 0, code = 0;

	while (lengths[code] < CHANNEL_HEADER + n)
		code++;
	CHECK(lengths[code] == CHANNEL_HEADER + n);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t header = n | (i % 2 ? UINT32_C(1) << 31 : 0);

		piece[0] = (char)(code | (i % 2 ? 1U << 6 : 0));
		memcpy(piece + 1, &header, sizeof(header));
		memcpy(text + size, piece, 1 + CHANNEL_HEADER + n);
		size += 1 + CHANNEL_HEADER + n;
	}
	(void)snprintf(path, sizeof(path), "%s/messages_%u", dir, n);
	return file_write(path, text, size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint32_t sizes[] = {0, 1, 12, 60, 996, 16380};
	int r = 0;

	if (*argc != 3 || strcmp((*argv)[1], "--seed") != 0) {
		/* Descriptor 0 is what is passed: have one. */
		CHECK(fcntl(0, F_GETFD) >= 0 || open("/dev/null", O_RDWR) == 0);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		r |= make_seed((*argv)[2], sizes[i], sizes[i] < 1000 ? 4 : 1);
	exit(r < 0);
}
