/*
 * channel - messages between two processes, and descriptors with them.
 *
 * Floor 1.  A stream socket brings bytes, in pieces of any size; a channel makes
 * messages of them, each whole or not at all.  No call blocks: the caller
 * waits, in a poll(2) or epoll(7) loop of its own.
 *
 *	channel_pair(ends);             then fork(2); each side keeps one
 *	channel_open(&ch, ends[0], 4096, 65536);
 *	for (;;) {
 *		… wait for POLLIN, and for POLLOUT if channel_wants_write() …
 *		while ((r = channel_take(&ch, &m)) > 0)
 *			… use m.bytes, m.n and m.fd …
 *		channel_put(&ch, answer, n, -1);
 *		channel_flush(&ch);
 *	}
 *	channel_close(&ch);
 *
 * On the way a message is a length, four bytes in the machine's own order, and
 * then its bytes.  The highest bit of the length says that a descriptor comes
 * with it, by SCM_RIGHTS: see unix(7).
 *
 * The other side may be broken or hostile.  What it says is checked before
 * anything is allocated for it, and once it breaks the rules no more is read.
 */
#ifndef HARNESS_CHANNEL_H
#define HARNESS_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

/* The bytes before every message. */
#define CHANNEL_HEADER sizeof(uint32_t)

/* No channel takes larger messages. */
#define CHANNEL_MESSAGE_MAX (UINT32_C(1) << 30)

/* So many descriptors may wait in an outbox. */
#define CHANNEL_MAX_FDS 64

/* A descriptor on its way out. */
struct channel_parcel {
	uint64_t at; /* place in the stream of its message's first byte */
	int fd;
};

/* Its fields are for channel.c and for tests. */
struct channel {
	int fd;
	uint32_t message_max;

	char *out;       /* the outbox, [out_room] */
	size_t out_room; /* of it, out_n bytes from out_head are not sent */
	size_t out_head, out_n;
	uint64_t out_at; /* place in the stream of the first of them */
	int out_error;   /* what every later put and flush says; 0: none */
	struct channel_parcel parcels[CHANNEL_MAX_FDS]; /* a ring */
	uint32_t parcels_head, n_parcels;

	char *in;       /* received and not given out, [in_room] */
	size_t in_room; /* of it, in_n bytes from in_head */
	size_t in_head, in_n;
	int in_error; /* what every later take says; 0: none */

	/* Descriptors received and not given out, or -errno of a lost one. */
	int in_fds[2];
	uint32_t n_in_fds;
};

struct channel_message {
	const char *bytes; /* [n], until the next channel_take() */
	uint32_t n;

	/*
	 * The descriptor that came with it, now the caller's to close; -1: none
	 * came; -EMFILE: one was sent, but we may open no more (RLIMIT_NOFILE),
	 * and it is lost.  The message itself is as it should be.
	 */
	int fd;
};

/* A socket pair for two channels, close-on-exec.  0 or -errno. */
int channel_pair(int ret[2]);

/*
 * Make a channel of @fd, one end of a pair, which becomes the channel's.  No
 * message may have more than @message_max bytes, either way; the outbox holds
 * @outbox_bytes, headers included.  0; -ENOMEM; -EINVAL: @message_max is more
 * than CHANNEL_MESSAGE_MAX, or the outbox too small for such a message.  On
 * failure @fd remains the caller's.
 */
int channel_open(struct channel *ch, int fd, uint32_t message_max,
		 size_t outbox_bytes);

/*
 * Close it, with all descriptors that were not sent or not taken.  What is left
 * in the outbox is lost: flush before.  May be called twice.
 */
void channel_close(struct channel *ch);

/*
 * Put a message of @n bytes into the outbox (copied), and @fd with it, -1 for
 * none.  It leaves with channel_flush(), so several can leave together.  0, and
 * @fd is the channel's, which closes it when it is sent.  Else nothing was put
 * and @fd is the caller's: -EAGAIN: the outbox is full, go on when some of it
 * is flushed; -EMSGSIZE: more than message_max; -EPIPE: the peer is gone.
 */
int channel_put(struct channel *ch, const void *bytes, size_t n, int fd);

/*
 * Send what the socket takes.  1: the outbox is empty; 0: the socket is full,
 * call again at POLLOUT; -EPIPE: the peer is gone.  -ETOOMANYREFS, -ENOBUFS,
 * -ENOMEM: too many descriptors on their way, or no memory in the kernel;
 * nothing is lost, try again later.
 */
int channel_flush(struct channel *ch);

/* Is there something to flush, so that POLLOUT is to be waited for? */
static inline int channel_wants_write(const struct channel *ch)
{
	return ch->out_n > 0 && ch->out_error == 0;
}

/*
 * Take the next message.  1: @ret is one, and there may be more, even if the
 * socket has nothing to read; 0: not now, call again at POLLIN; -EPIPE: the
 * peer has ended and every message of it was taken.  Else the peer broke the
 * rules: -EMSGSIZE: it announced a message of more than message_max;
 * -EBADMSG: it ended, or was killed, within a message, or descriptors came that
 * belong to none.  -ENOMEM: no room for this message; try again later.
 */
int channel_take(struct channel *ch, struct channel_message *ret);

#endif
