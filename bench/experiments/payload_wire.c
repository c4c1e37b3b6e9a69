/*
 * payload_wire - what ends of wires do alike, whichever carrier uses them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/experiments/payload_carry.h"
#include "harness/base.h"

struct carry_end carry_no_end(const struct carry *c)
{
	return (struct carry_end){.carry = c, .in = -1, .out = -1, .spare = -1};
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* nothing is buffered here */
	*fd = -1;
}

void carry_end_close(struct carry_end *end)
{
	if (end->own)
		end->carry->carrier->close(end);
	if (end->out == end->in)
		end->out = -1;
	close_fd(&end->in);
	close_fd(&end->out);
	close_fd(&end->spare);
}

void carry_end_hang_up(struct carry_end *end)
{
	CHECK(end->out != end->in);
	close_fd(&end->out);
}

int carry_unwaiting(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int carry_pair_pipes(struct carry_end *here, struct carry_end *there)
{
	int down[2] = {-1, -1}, up[2] = {-1, -1};
	int r = pipe2(down, O_CLOEXEC);

	if (r == 0)
		r = pipe2(up, O_CLOEXEC);
	here->in = up[0];
	here->out = down[1];
	there->in = down[0];
	there->out = up[1];
	/*
	 * We keep a reader of our own.  A pipe that nobody could read would
	 * answer our next write with SIGPIPE, for which it has no MSG_NOSIGNAL.
	 */
	if (r == 0)
		r = here->spare = fcntl(down[0], F_DUPFD_CLOEXEC, 0);
	if (r < 0)
		return -errno;
	r = carry_unwaiting(here->in);
	return r < 0 ? r : carry_unwaiting(here->out);
}

int carry_pair_socket(struct carry_end *here, struct carry_end *there)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	here->in = here->out = ends[0];
	there->in = there->out = ends[1];
	return carry_unwaiting(ends[0]);
}

void carry_say(struct carry_end *end, void *bytes, size_t n)
{
	end->parts[0] = (struct iovec){bytes, n};
	end->parts[1] = (struct iovec){NULL, 0};
}

/* The first @n bytes of what is to be sent have gone. */
static void note_sent(struct carry_end *end, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(end->parts); i++) {
		struct iovec *part = &end->parts[i];
		size_t of_it = n < part->iov_len ? n : part->iov_len;

		part->iov_base = (char *)part->iov_base + of_it;
		part->iov_len -= of_it;
		n -= of_it;
	}
}

static ssize_t write_pipe(struct carry_end *end)
{
	return writev(end->out, end->parts, ARRAY_LEN(end->parts));
}

static ssize_t write_socket(struct carry_end *end)
{
	struct msghdr m = {
		.msg_iov = end->parts,
		.msg_iovlen = ARRAY_LEN(end->parts),
	};

	return sendmsg(end->out, &m, MSG_NOSIGNAL);
}

static int flush(struct carry_end *end,
		 ssize_t (*write_some)(struct carry_end *))
{
	while (end->parts[0].iov_len + end->parts[1].iov_len > 0) {
		ssize_t n = write_some(end);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			note_sent(end, (size_t)n);
	}
	return 1;
}

int carry_flush_pipe(struct carry_end *end)
{
	return flush(end, write_pipe);
}

int carry_flush_socket(struct carry_end *end)
{
	return flush(end, write_socket);
}

int carry_receive(struct carry_end *end, void *to, size_t n)
{
	while (end->got < n) {
		ssize_t k = read(end->in, (char *)to + end->got, n - end->got);

		if (k < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		/*
		 * A socket whose other end was closed with bytes unread says
		 * ECONNRESET once, before what came from there.
		 */
		if (k < 0 && errno != ECONNRESET)
			return -EPIPE;
		if (k == 0)
			return -EPIPE;
		if (k > 0)
			end->got += (size_t)k;
	}
	end->got = 0;
	return 1;
}
