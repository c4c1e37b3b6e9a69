#include "bench/models/cluster_listen.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/models/cluster_worker.h"
#include "harness/base.h"

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* All options before listen(2): connections may come right after it. */
static int prepare(const struct cluster_policy *policy, int fd)
{
	struct timeval patience = {
		.tv_usec = CLUSTER_PAUSE_NS / NS_PER_US,
	};

	/* Connections of a server that has just ended must not keep us out. */
	if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) < 0)
		return -1;
	/* An answer must not wait for more to come (Nagle's algorithm). */
	if (set(fd, IPPROTO_TCP, TCP_NODELAY, 1) < 0)
		return -1;
	if (policy->own_listener && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) < 0)
		return -1;
	if (policy->accept == ACCEPT_BLOCK &&
	    (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			sizeof(patience)) < 0 ||
	     setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			sizeof(patience)) < 0))
		return -1;
	return 0;
}

int cluster_listen(const struct cluster_policy *policy,
		   struct sockaddr_in *address)
{
	struct sockaddr_in found = *address;
	socklen_t size = sizeof(found);
	/*
	 * Non-blocking, as workers race for a connection that epoll has
	 * announced to more than one of them.
	 */
	int type = SOCK_STREAM | SOCK_CLOEXEC |
		   (policy->accept == ACCEPT_BLOCK ? 0 : SOCK_NONBLOCK);
	int fd = socket(AF_INET, type, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (prepare(policy, fd) < 0 ||
	    bind(fd, (struct sockaddr *)&found, size) < 0 ||
	    listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)&found, &size) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	*address = found;
	return fd;
}
