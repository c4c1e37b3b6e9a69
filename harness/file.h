/*
 * file - files that appear complete or not at all.
 *
 * Floor 1.  Written beside their place, flushed to the disk, then renamed: a
 * reader never sees half a file, and a full disk leaves the old one alone.
 *
 *	r = file_begin(&f, path);
 *	fprintf(f.stream, ...);          errors are remembered by the stream
 *	r = file_commit(&f);             or file_abort(&f)
 */
#ifndef HARNESS_FILE_H
#define HARNESS_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

struct file {
	FILE *stream;
	char path[PATH_MAX];      /* where it will appear */
	char temporary[PATH_MAX]; /* where it is until then */
};

/* 0 or -errno: -ENAMETOOLONG, or what open(2) says. */
int file_begin(struct file *f, const char *path);

/*
 * Flush, fsync, rename and close.  0 or -errno of whatever failed since
 * file_begin(), -ENOSPC on a full disk; then nothing has appeared and nothing
 * is left over.
 */
int file_commit(struct file *f);

/* Drop it. */
void file_abort(struct file *f);

/* Write @bytes of @data to @path so; 0 or -errno. */
int file_write(const char *path, const void *data, size_t bytes);

/*
 * Read all of @path, at most @max bytes, into a NUL-terminated buffer that the
 * caller frees.  Never blocks for a writer.  0 or -errno; -EFBIG: it is larger;
 * -EISDIR, -ENOTSUP: a folder, or nothing that has an end, as a FIFO.
 */
int file_read(const char *path, size_t max, char **ret, size_t *ret_bytes);

#endif
