#include "harness/child_feed.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child_ends.h"

/*
 * write(2) without SIGPIPE, which would end us because a child did not read to
 * the end.  A pipe has no MSG_NOSIGNAL: so block the signal in this thread, to
 * which the kernel sends it, and take it away if there was none before.
 */
static ssize_t write_quietly(int fd, const void *bytes, size_t n)
{
	const struct timespec now = {0};
	sigset_t pipe_broken, old, pending;
	ssize_t r;

	sigemptyset(&pipe_broken);
	sigaddset(&pipe_broken, SIGPIPE);
	CHECK(pthread_sigmask(SIG_BLOCK, &pipe_broken, &old) == 0);
	CHECK(sigpending(&pending) == 0);
	r = write(fd, bytes, n);
	if (r < 0)
		r = -errno;
	if (r == -EPIPE && !sigismember(&pending, SIGPIPE))
		(void)sigtimedwait(&pipe_broken, NULL, &now);
	CHECK(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0);
	return r;
}

ssize_t child_feed_write(struct child_feed *f, int *fd, const void *bytes,
			 size_t n)
{
	ssize_t r = *fd >= 0 ? write_quietly(*fd, bytes, n) : -EPIPE;

	if (r == -EAGAIN || r == -EINTR)
		r = 0;
	if (r < 0)
		child_close_fd(fd);
	f->waits = r >= 0 && (size_t)r < n;
	return r;
}

int child_feed_on(struct child_feed *f, int *fd)
{
	ssize_t n;

	f->waits = 0;
	if (!f->bytes)
		return 1;
	n = child_feed_write(f, fd, f->bytes, f->left);
	if (n > 0) {
		f->bytes += n;
		f->left -= (size_t)n;
	}
	if (!f->waits)
		child_close_fd(fd);
	return 0;
}

void child_feed_all(struct child_feed *f, int *fd, const struct child_stdio *s)
{
	*f = (struct child_feed){.bytes = s->bytes, .left = s->n_bytes};
	if (s->n_bytes == 0)
		child_close_fd(fd);
	else
		f->waits = 1;
}
