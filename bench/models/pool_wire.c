#include "bench/models/pool_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"

/*
 * A write to a pipe of up to PIPE_BUF bytes is atomic (pipe(7)): all of it is
 * in the pipe or nothing, whatever happens to the writer.
 */
_Static_assert(sizeof(struct task) <= PIPE_BUF, "a task is one write");
_Static_assert(sizeof(struct completion) <= PIPE_BUF, "a result is one write");

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* Nothing is buffered here. */
	*fd = -1;
}

void pool_wire_close(struct pool_wire *w)
{
	if (w->out == w->in)
		w->out = -1;
	close_fd(&w->in);
	close_fd(&w->out);
	close_fd(&w->spare);
}

/* Whether @fd has something to take, its end included, within @idle_ms. */
static bool wait_for(int fd, int idle_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	if (idle_ms < 0)
		return true; /* the call that takes it waits as well */
	do
		n = poll(&p, 1, idle_ms);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* What it means that @n bytes came when @size should have. */
static int taken(ssize_t n, size_t size)
{
	if (n == (ssize_t)size)
		return 1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? -EPROTO : -EPIPE;
}

/*
 * Sockets: one socket for both ways, and SOCK_SEQPACKET keeps messages apart.
 */
static int socket_open(struct pool_wire *ret_here, struct pool_wire *ret_there)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	*ret_here = (struct pool_wire){ends[0], ends[0], -1};
	*ret_there = (struct pool_wire){ends[1], ends[1], -1};
	return 0;
}

static void socket_send_task(const struct pool_wire *here,
			     const struct task *task)
{
	ssize_t n = send(here->out, task, sizeof(*task),
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	CHECK(n == sizeof(*task) || errno == EPIPE || errno == ECONNRESET);
}

static int socket_take_task(const struct pool_wire *there, int idle_ms,
			    struct task *ret)
{
	ssize_t n;

	if (!wait_for(there->in, idle_ms))
		return -ETIMEDOUT;
	do
		n = recv(there->in, ret, sizeof(*ret), 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof(*ret);
}

static int socket_send_result(const struct pool_wire *there,
			      const struct completion *c)
{
	return send(there->out, c, sizeof(*c), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int socket_take_result(const struct pool_wire *here,
			      struct completion *ret)
{
	ssize_t n = recv(here->in, ret, sizeof(*ret), MSG_DONTWAIT);

	/*
	 * A worker died with tasks unread.  A socket tells that before it gives
	 * out what came earlier, but only once: so ask again.
	 */
	if (n < 0 && errno == ECONNRESET)
		n = recv(here->in, ret, sizeof(*ret), MSG_DONTWAIT);
	return taken(n, sizeof(*ret));
}

/*
 * Pipes: one for each way.  A pipe is a stream of bytes and knows no messages,
 * but as all that is ever written is whole records, all that can be read is
 * too.  There is no half record even of a worker killed while it wrote, so one
 * read is enough; what is shorter all the same did not come from our worker's
 * code.
 */
static int pipe_open(struct pool_wire *ret_here, struct pool_wire *ret_there)
{
	int down[2] = {-1, -1}, up[2] = {-1, -1};
	struct pool_wire here, there;
	int r;

	r = pipe2(down, O_CLOEXEC);
	if (r == 0)
		r = pipe2(up, O_CLOEXEC);
	here = (struct pool_wire){up[0], down[1], -1};
	there = (struct pool_wire){down[0], up[1], -1};
	/*
	 * We keep a reader of our own.  A pipe that nobody could read would
	 * answer our next write with SIGPIPE, for which it has no MSG_NOSIGNAL.
	 */
	if (r == 0)
		r = here.spare = fcntl(down[0], F_DUPFD_CLOEXEC, 0);
	if (r < 0) {
		r = -errno;
		pool_wire_close(&here);
		pool_wire_close(&there);
		return r;
	}
	/* The flag is of our ends alone: the worker's go on waiting. */
	CHECK(fcntl(here.out, F_SETFL, O_NONBLOCK) == 0);
	CHECK(fcntl(here.in, F_SETFL, O_NONBLOCK) == 0);
	*ret_here = here;
	*ret_there = there;
	return 0;
}

static void pipe_send_task(const struct pool_wire *here,
			   const struct task *task)
{
	CHECK(write(here->out, task, sizeof(*task)) == sizeof(*task));
}

static int pipe_take_task(const struct pool_wire *there, int idle_ms,
			  struct task *ret)
{
	ssize_t n;

	if (!wait_for(there->in, idle_ms))
		return -ETIMEDOUT;
	do
		n = read(there->in, ret, sizeof(*ret));
	while (n < 0 && errno == EINTR);
	return n == sizeof(*ret);
}

static int pipe_send_result(const struct pool_wire *there,
			    const struct completion *c)
{
	/* Were the dispatcher gone, SIGPIPE would end us: as it should. */
	return write(there->out, c, sizeof(*c)) < 0 ? -errno : 0;
}

static int pipe_take_result(const struct pool_wire *here,
			    struct completion *ret)
{
	return taken(read(here->in, ret, sizeof(*ret)), sizeof(*ret));
}

const struct pool_transport pool_socket = {
	.name = "socket",
	.open = socket_open,
	.send_task = socket_send_task,
	.take_task = socket_take_task,
	.send_result = socket_send_result,
	.take_result = socket_take_result,
};

const struct pool_transport pool_pipe = {
	.name = "pipe",
	.open = pipe_open,
	.send_task = pipe_send_task,
	.take_task = pipe_take_task,
	.send_result = pipe_send_result,
	.take_result = pipe_take_result,
};
