#include "bench/cli/serve_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"

/* Room for one descriptor, aligned as sendmsg(2) wants it. */
union parcel {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int watch_open(struct serve_watch *w)
{
	int ends[2];

	/*
	 * Packets: all workers share one end, and a message of one must not
	 * mix with another's.
	 */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       0, ends) < 0)
		return -errno;
	*w = (struct serve_watch){.give = ends[0], .take = ends[1]};
	return 0;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void watch_forget(struct serve_watch *w)
{
	while (w->n > 0)
		(void)close(w->fds[--w->n]);
	close_one(&w->take);
}

void watch_close(struct serve_watch *w)
{
	watch_forget(w);
	close_one(&w->give);
}

int watch_give(const struct serve_watch *w, int fd)
{
	union parcel parcel = {.bytes = {0}};
	char byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = parcel.bytes,
		.msg_controllen = sizeof(parcel.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(w->give, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The next connection, or -1: there is none at the moment. */
static int take_one(const struct serve_watch *w)
{
	union parcel parcel;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = parcel.bytes,
		.msg_controllen = sizeof(parcel.bytes),
	};

	while (recvmsg(w->take, &message, MSG_CMSG_CLOEXEC) > 0) {
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		int fd;

		/* None: we were out of descriptors, and it is closed. */
		if (c && c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_RIGHTS) {
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
			return fd;
		}
		message.msg_controllen = sizeof(parcel.bytes);
	}
	return -1;
}

uint32_t watch_take(struct serve_watch *w)
{
	uint32_t n = 0;
	int fd;

	while ((fd = take_one(w)) >= 0) {
		if (w->n == WATCH_MAX) {
			(void)close(fd);
			continue;
		}
		w->fds[w->n++] = fd;
		n++;
	}
	return n;
}

void watch_tell(struct serve_watch *w, const char *bytes, size_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < w->n; i++) {
		ssize_t sent =
			send(w->fds[i], bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		/* Half an event is worse than none: it would garble the next. */
		if (sent == (ssize_t)n)
			w->fds[kept++] = w->fds[i];
		else
			(void)close(w->fds[i]);
	}
	w->n = kept;
}
