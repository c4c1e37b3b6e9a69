#include "harness/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"

/* In a header: a descriptor comes with the message. */
#define WITH_FD (UINT32_C(1) << 31)

/* Read so much at a time, or a whole message if it is larger. */
#define IN_ROOM ((size_t)16384)

int channel_pair(int ret[2])
{
	int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

	return socketpair(AF_UNIX, type, 0, ret) < 0 ? -errno : 0;
}

int channel_open(struct channel *ch, int fd, uint32_t message_max,
		 size_t outbox_bytes)
{
	char *out, *in;

	if (message_max > CHANNEL_MESSAGE_MAX ||
	    outbox_bytes < CHANNEL_HEADER + message_max)
		return -EINVAL;
	out = malloc(outbox_bytes);
	in = malloc(IN_ROOM);
	if (!out || !in) {
		free(out);
		free(in);
		return -ENOMEM;
	}
	*ch = (struct channel){
		.fd = fd,
		.message_max = message_max,
		.out = out,
		.out_room = outbox_bytes,
		.in = in,
		.in_room = IN_ROOM,
	};
	return 0;
}

static struct channel_parcel *parcel(struct channel *ch, uint32_t i)
{
	return &ch->parcels[(ch->parcels_head + i) % CHANNEL_MAX_FDS];
}

void channel_close(struct channel *ch)
{
	for (uint32_t i = 0; i < ch->n_parcels; i++)
		(void)close(parcel(ch, i)->fd);
	for (uint32_t i = 0; i < ch->n_in_fds; i++) {
		if (ch->in_fds[i] >= 0)
			(void)close(ch->in_fds[i]);
	}
	if (ch->fd >= 0)
		(void)close(ch->fd);
	free(ch->out);
	free(ch->in);
	*ch = (struct channel){
		.fd = -1,
		.out_error = -EPIPE,
		.in_error = -EPIPE,
	};
}

/* Sending. */

int channel_put(struct channel *ch, const void *bytes, size_t n, int fd)
{
	size_t whole = CHANNEL_HEADER + n;
	uint32_t header;
	char *to;

	if (ch->out_error)
		return ch->out_error;
	if (n > ch->message_max)
		return -EMSGSIZE;
	if (whole > ch->out_room - ch->out_n ||
	    (fd >= 0 && ch->n_parcels == CHANNEL_MAX_FDS))
		return -EAGAIN;
	if (ch->out_head + ch->out_n + whole > ch->out_room) {
		memmove(ch->out, ch->out + ch->out_head, ch->out_n);
		ch->out_head = 0;
	}
	if (fd >= 0) {
		*parcel(ch, ch->n_parcels++) = (struct channel_parcel){
			.at = ch->out_at + ch->out_n,
			.fd = fd,
		};
	}
	header = (uint32_t)n | (fd >= 0 ? WITH_FD : 0);
	to = ch->out + ch->out_head + ch->out_n;
	memcpy(to, &header, sizeof(header));
	if (n > 0)
		memcpy(to + sizeof(header), bytes, n);
	ch->out_n += whole;
	return 0;
}

/* Room for one descriptor beside the bytes, aligned as the kernel wants it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *m, union control *control, int fd)
{
	struct cmsghdr *c;

	*control = (union control){.align = {0}};
	m->msg_control = control->bytes;
	m->msg_controllen = CMSG_LEN(sizeof(fd));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

/*
 * One sendmsg(2).  A descriptor travels with the first byte that is sent along
 * with it, so it must be the first byte of its message, and the bytes before
 * go without.  Returns how many bytes went, or -errno.
 */
static ssize_t send_some(struct channel *ch)
{
	struct iovec bytes = {ch->out + ch->out_head, ch->out_n};
	struct msghdr m = {.msg_iov = &bytes, .msg_iovlen = 1};
	union control control;
	uint32_t attached = 0;
	ssize_t n;

	if (ch->n_parcels > 0 && parcel(ch, 0)->at == ch->out_at) {
		attach(&m, &control, parcel(ch, 0)->fd);
		attached = 1;
	}
	if (ch->n_parcels > attached)
		bytes.iov_len = parcel(ch, attached)->at - ch->out_at;
	do
		n = sendmsg(ch->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (attached) {
		(void)close(parcel(ch, 0)->fd);
		ch->parcels_head = (ch->parcels_head + 1) % CHANNEL_MAX_FDS;
		ch->n_parcels--;
	}
	return n;
}

int channel_flush(struct channel *ch)
{
	while (ch->out_n > 0) {
		ssize_t n = send_some(ch);

		if (n == -EAGAIN)
			return 0;
		/* A reset is seen if the peer leaves at this very moment. */
		if (n == -EPIPE || n == -ECONNRESET)
			return ch->out_error = -EPIPE;
		if (n < 0)
			return (int)n;
		ch->out_head += (size_t)n;
		ch->out_n -= (size_t)n;
		ch->out_at += (size_t)n;
	}
	return ch->out_error ? ch->out_error : 1;
}

/* Receiving. */

/*
 * Keep the descriptor that came with @m.  The kernel had room for one; if it
 * had more to give, or could not open it, it says MSG_CTRUNC.
 */
static int keep_fd(struct channel *ch, struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int cut = (m->msg_flags & MSG_CTRUNC) != 0;
	int fd = -EMFILE;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	else if (!cut)
		return 0;
	ch->in_fds[ch->n_in_fds++] = fd;
	/* One arrived and others did not: more than one in a message. */
	return fd >= 0 && cut ? -EBADMSG : 0;
}

/*
 * One recvmsg(2) behind what is there.  Returns how many bytes came, 0 at the
 * end, or -errno.  The kernel ends a recvmsg(2) after bytes that came with a
 * descriptor, so there is never more than one.
 */
static ssize_t receive(struct channel *ch)
{
	struct iovec bytes;
	union control control;
	struct msghdr m = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	int flags = MSG_CMSG_CLOEXEC | MSG_DONTWAIT;
	int was_reset = 0;
	ssize_t n;
	int r;

	bytes.iov_base = ch->in + ch->in_n;
	bytes.iov_len = ch->in_room - ch->in_n;
	do {
		n = recvmsg(ch->fd, &m, flags);
		/*
		 * The peer left without reading all of ours.  That is told
		 * once, before what it had sent itself: so ask again.
		 */
	} while (n < 0 &&
		 (errno == EINTR || (errno == ECONNRESET && !was_reset++)));
	if (n < 0)
		return -errno;
	r = keep_fd(ch, &m);
	ch->in_n += (size_t)n;
	return r < 0 ? r : n;
}

/* Have room for a message of @whole bytes.  0 or -ENOMEM. */
static int make_room(struct channel *ch, size_t whole)
{
	char *in;

	memmove(ch->in, ch->in + ch->in_head, ch->in_n);
	ch->in_head = 0;
	if (whole <= ch->in_room)
		return 0;
	in = realloc(ch->in, whole);
	if (!in)
		return -ENOMEM;
	ch->in = in;
	ch->in_room = whole;
	return 0;
}

/*
 * Look at what has been received.  1: @ret is a message; 0: there is no whole
 * one; -errno.
 */
static int next_message(struct channel *ch, struct channel_message *ret)
{
	const char *at = ch->in + ch->in_head;
	uint32_t fds = ch->in_n > 0; /* that may belong to what is there */
	uint32_t header, n = 0;

	if (ch->in_n >= CHANNEL_HEADER) {
		memcpy(&header, at, sizeof(header));
		fds = (header & WITH_FD) != 0;
		n = header & ~WITH_FD;
		if (n > ch->message_max)
			return -EMSGSIZE;
		if (fds && ch->n_in_fds == 0)
			return -EBADMSG;
		if (ch->in_n >= CHANNEL_HEADER + n) {
			*ret = (struct channel_message){
				.bytes = at + CHANNEL_HEADER,
				.n = n,
				.fd = fds ? ch->in_fds[0] : -1,
			};
			ch->n_in_fds -= fds;
			if (fds)
				ch->in_fds[0] = ch->in_fds[1];
			ch->in_head += CHANNEL_HEADER + n;
			ch->in_n -= CHANNEL_HEADER + n;
			return 1;
		}
	}
	if (ch->n_in_fds > fds)
		return -EBADMSG;
	return make_room(ch, CHANNEL_HEADER + n);
}

int channel_take(struct channel *ch, struct channel_message *ret)
{
	while (ch->in_error == 0) {
		int r = next_message(ch, ret);
		ssize_t n;

		if (r == 1 || r == -ENOMEM)
			return r;
		n = r < 0 ? r : receive(ch);
		if (n == -EAGAIN)
			return 0;
		if (n == 0)
			n = ch->in_n > 0 ? -EBADMSG : -EPIPE;
		if (n < 0)
			ch->in_error = (int)n;
	}
	return ch->in_error;
}
