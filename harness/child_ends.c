#include "harness/child_ends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base.h"

void child_close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* Pipes and pidfds cannot lose data here. */
	*fd = -1;
}

/* A pipe between us and stream @i: input flows to the child, the rest here. */
static int open_pipe(struct child_ends *e, int i)
{
	int fd[2], writes = i == STDIN_FILENO;

	if (pipe2(fd, O_CLOEXEC) != 0)
		return -errno;
	e->ours[i] = fd[writes];
	e->opened[i] = fd[!writes];

	/* Each end has flags of its own: the child's still blocks. */
	if (fcntl(e->ours[i], F_SETFL, O_NONBLOCK) != 0)
		return -errno;
	return 0;
}

static int open_null(struct child_ends *e, int i)
{
	e->opened[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	return e->opened[i] < 0 ? -errno : 0;
}

static int open_stream(struct child_ends *e, int i, enum child_stdio_kind kind)
{
	int r = 0;

	if (kind == CHILD_USUAL)
		kind = i == STDIN_FILENO ? CHILD_NULL : CHILD_PIPE;
	CHECK(kind != CHILD_BYTES || i == STDIN_FILENO);
	if (kind == CHILD_PIPE || kind == CHILD_BYTES)
		r = open_pipe(e, i);
	else if (kind == CHILD_NULL)
		r = open_null(e, i);
	else
		return 0; /* borrowed */
	e->theirs[i] = e->opened[i];
	return r;
}

/*
 * Take over those that are ours.  Before we open any: if 0 is closed here, the
 * next pipe will be 0, and is nothing to inherit.
 */
static int borrow(struct child_ends *e, const struct child_options *o)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct child_stdio *s = i < 3 ? &o->stdio[i] : NULL;

		if (!s)
			e->theirs[i] = o->fds[i - 3];
		else if (s->kind == CHILD_INHERIT)
			e->theirs[i] = (int)i;
		else if (s->kind == CHILD_FD)
			e->theirs[i] = s->fd;
		else
			continue;
		if (fcntl(e->theirs[i], F_GETFD) < 0)
			return -errno;
	}
	return 0;
}

int child_ends_open(struct child_ends *e, const struct child_options *o)
{
	int r;

	*e = (struct child_ends){
		.ours = {-1, -1, -1},
		.opened = {-1, -1, -1},
		.n = 3 + o->n_fds,
		.theirs = malloc((3 + o->n_fds) * sizeof(int)),
	};
	if (!e->theirs)
		return -ENOMEM;
	r = borrow(e, o);
	for (int i = 0; i < 3 && r == 0; i++)
		r = open_stream(e, i, o->stdio[i].kind);
	if (r < 0)
		child_ends_close(e);
	return r;
}

void child_ends_close_theirs(struct child_ends *e)
{
	for (int i = 0; i < 3; i++)
		child_close_fd(&e->opened[i]);
	free(e->theirs);
	e->theirs = NULL;
}

void child_ends_close(struct child_ends *e)
{
	child_ends_close_theirs(e);
	for (int i = 0; i < 3; i++)
		child_close_fd(&e->ours[i]);
}
