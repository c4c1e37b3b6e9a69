#include "harness/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_begin(struct file *f, const char *path)
{
	int r, fd;

	if (snprintf(f->path, sizeof(f->path), "%s", path) >=
	    (int)sizeof(f->path))
		return -ENAMETOOLONG;
	if (snprintf(f->temporary, sizeof(f->temporary), "%s.tmp", path) >=
	    (int)sizeof(f->temporary))
		return -ENAMETOOLONG;
	fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	f->stream = fdopen(fd, "w");
	if (!f->stream) {
		r = -errno;
		(void)close(fd);
		(void)unlink(f->temporary);
		return r;
	}
	return 0;
}

int file_commit(struct file *f)
{
	int r = 0;

	/* A failed write may have happened long ago: ferror() remembers. */
	errno = 0;
	if (fflush(f->stream) != 0 || ferror(f->stream))
		r = errno ? -errno : -EIO;
	if (r == 0 && fsync(fileno(f->stream)) < 0)
		r = -errno;
	if (r == 0 && rename(f->temporary, f->path) < 0)
		r = -errno;
	if (r < 0) {
		file_abort(f);
		return r;
	}
	(void)fclose(f->stream); /* all is on the disk already */
	return 0;
}

void file_abort(struct file *f)
{
	(void)fclose(f->stream);
	(void)unlink(f->temporary);
}

int file_write(const char *path, const void *data, size_t bytes)
{
	struct file f;
	int r = file_begin(&f, path);

	if (r < 0)
		return r;
	/* Here, for later nobody knows the errno of this write any more. */
	if (fwrite(data, 1, bytes, f.stream) < bytes) {
		r = errno ? -errno : -EIO;
		file_abort(&f);
		return r;
	}
	return file_commit(&f);
}

static int read_all(FILE *stream, size_t max, char **ret, size_t *ret_bytes)
{
	size_t room = 4096, n = 0;
	char *data = malloc(room + 1);

	while (data) {
		char *more;

		n += fread(data + n, 1, room - n, stream);
		if (n < room)
			break;
		if (n > max) {
			free(data);
			return -EFBIG;
		}
		room *= 2;
		more = realloc(data, room + 1);
		if (!more)
			free(data);
		data = more;
	}
	if (!data)
		return -ENOMEM;
	if (ferror(stream) || n > max) {
		int r = ferror(stream) ? -errno : -EFBIG;

		free(data);
		return r;
	}
	data[n] = '\0';
	*ret = data;
	*ret_bytes = n;
	return 0;
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_bytes)
{
	/* A FIFO nobody writes to would keep open() waiting without end. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), r = 0;
	struct stat st;
	FILE *stream;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
	else if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		r = -EFBIG;
	stream = r == 0 ? fdopen(fd, "r") : NULL;
	if (!stream) {
		r = r ? r : -errno;
		(void)close(fd);
		return r;
	}
	r = read_all(stream, max, ret, ret_bytes);
	(void)fclose(stream);
	return r;
}
