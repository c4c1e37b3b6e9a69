#include "harness/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base.h"

int gate_open(struct gate *g)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return -errno;
	g->reader = fd[0];
	g->writer = fd[1];
	return 0;
}

void gate_report(const struct gate *g)
{
	static const char ready;

	/* Other failures are ours to ignore: who waits has a deadline. */
	while (write(g->writer, &ready, 1) < 0 && errno == EINTR)
		;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* A pipe has nothing left to lose. */
	*fd = -1;
}

void gate_seal(struct gate *g)
{
	close_end(&g->writer);
}

int gate_wait(struct gate *g, uint32_t workers, uint64_t deadline_ns)
{
	struct pollfd p = {.fd = g->reader, .events = POLLIN};
	char reports[256]; /* One read may bring the reports of many. */
	ssize_t n;
	int r;

	while (workers > 0) {
		r = poll(&p, 1, clock_poll_ms(deadline_ns));
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r < 0)
			continue;
		if (r == 0 && clock_ns() >= deadline_ns)
			return -ETIMEDOUT;
		if (r == 0)
			continue;

		/* Never more than asked for: the rest is the next wait's. */
		n = read(g->reader, reports,
			 workers < sizeof(reports) ? workers : sizeof(reports));
		if (n == 0)
			return -ECHILD;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			workers -= (uint32_t)n;
	}
	return 0;
}

void gate_close(struct gate *g)
{
	close_end(&g->reader);
	close_end(&g->writer);
}
