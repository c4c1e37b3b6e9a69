#include "harness/child_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* A pipe cannot lose data here. */
	*fd = -1;
}

int stream_open(struct stream *s, size_t cap)
{
	int fd[2];

	s->cap = cap;
	s->room = cap < 4096 ? cap : 4096;
	s->data = malloc(s->room + 1);
	if (!s->data)
		return -ENOMEM;
	if (pipe2(fd, O_CLOEXEC) != 0)
		return -errno;
	s->reader = fd[0];
	s->writer = fd[1];
	return 0;
}

/* Make room for more; without memory the stream ends where it is. */
static void stream_grow(struct stream *s)
{
	size_t room = s->room < s->cap / 2 ? s->room * 2 : s->cap;
	char *data = realloc(s->data, room + 1);

	if (!data) {
		s->cap = s->room;
		return;
	}
	s->data = data;
	s->room = room;
}

/* What is beyond the cap is read, too, else the child would wait for ever. */
size_t stream_read(struct stream *s)
{
	char drop[16384];
	ssize_t n;
	int keep;

	if (s->bytes == s->room && s->room < s->cap)
		stream_grow(s);
	keep = s->bytes < s->room;
	n = read(s->reader, keep ? s->data + s->bytes : drop,
		 keep ? s->room - s->bytes : sizeof(drop));
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		close_end(&s->reader);
		return 0;
	}
	if (keep)
		s->bytes += (size_t)n;
	else
		s->cut = 1;
	return (size_t)n;
}

void stream_rest(struct stream *s)
{
	int left;
	size_t n;

	if (s->reader < 0 || ioctl(s->reader, FIONREAD, &left) != 0)
		left = 0;
	while (left > 0 && (n = stream_read(s)) > 0)
		left -= (int)n;
	s->data[s->bytes] = '\0';
}

void stream_close(struct stream *s)
{
	close_end(&s->reader);
	close_end(&s->writer);
	free(s->data);
	s->data = NULL;
}
