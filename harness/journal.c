#include "harness/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/columns.h"
#include "harness/file.h"

/* A larger journal is not one of ours. */
#define MAX_JOURNAL_BYTES ((size_t)1 << 30)

/* Append @json, whose reference it takes, as one line. */
static int put_line(int fd, json_t *json)
{
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	size_t n, done = 0;
	int r = 0;

	json_decref(json);
	if (!line)
		return -ENOMEM;
	n = strlen(line);
	line[n++] = '\n'; /* in place of the NUL */
	while (r == 0 && done < n) {
		ssize_t k = write(fd, line + done, n - done);

		if (k < 0 && errno != EINTR)
			r = -errno;
		else if (k > 0)
			done += (size_t)k;
	}
	free(line);
	return r;
}

static int path_of(const char *dir, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/journal.jsonl", dir);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int journal_create(const char *dir)
{
	char path[PATH_MAX];
	int fd, r = path_of(dir, path);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
		  0666);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	r = -errno;
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* The cells of @plan, each as the columns of a slice that begin with it. */
static json_t *plan_to_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < plan->n; i++) {
		struct slice_result s = slice_result_of(&plan->cells[i]);
		json_t *o = json_object();

		if (!o ||
		    columns_to_json(slice_columns, N_CELL_COLUMNS, &s, o) < 0) {
			json_decref(o);
			json_decref(array);
			return NULL;
		}
		if (json_array_append_new(array, o) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

int journal_begin(int fd, const struct run_info *info, const struct plan *plan)
{
	json_t *o = info_to_json(info);

	if (o && json_object_set_new(o, "x_plan", plan_to_json(plan)) < 0) {
		json_decref(o);
		o = NULL;
	}
	return put_line(fd, o);
}

int journal_add(int fd, const struct slice_result *slice)
{
	return put_line(fd, slice_to_json(slice));
}

static int plan_from_json(json_t *array, struct plan *plan, char *error,
			  size_t error_size)
{
	size_t i;
	json_t *o;

	if (!json_is_array(array) || json_array_size(array) == 0) {
		snprintf(error, error_size, "\"x_plan\" is missing");
		return -EINVAL;
	}
	json_array_foreach(array, i, o)
	{
		struct slice_result s = {0};
		char why[128];
		int r = columns_from_json(slice_columns, N_CELL_COLUMNS, o, &s,
					  why, sizeof(why));

		if (r == 0)
			r = plan_add(plan, &s.cell);
		if (r == -EINVAL)
			snprintf(error, error_size, "x_plan[%zu]: %s", i, why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What is read of a journal, and how far it can be used. */
struct reading {
	struct run_results *results;
	struct plan *plan;
	bool *seen;       /* [plan->n], in the block under way */
	size_t n_seen;    /* of them */
	uint32_t block;   /* under way, from 1 */
	size_t end;       /* of the last whole block in the file */
	size_t n_settled; /* slices of whole blocks */
};

static int read_header(struct reading *r, json_t *line, char *why, size_t n)
{
	int e = info_from_json(line, &r->results->info, why, n);

	if (e == 0)
		e = plan_from_json(json_object_get(line, "x_plan"), r->plan,
				   why, n);
	if (e == 0) {
		r->seen = calloc(r->plan->n + 1, sizeof(*r->seen));
		e = r->seen ? 0 : -ENOMEM;
	}
	return e;
}

/* Whether @s is the next slice of this plan: each cell once in each block. */
static const char *not_next(const struct reading *r,
			    const struct slice_result *s)
{
	if (s->cell_index >= r->plan->n ||
	    memcmp(&s->cell, &r->plan->cells[s->cell_index], sizeof(s->cell)) !=
		    0)
		return "the slice is of another plan";
	if (s->block != r->block)
		return "\"x_block\" is not the block that comes next";
	if (r->seen[s->cell_index])
		return "its cell is in this block already";
	return NULL;
}

static int read_slice(struct reading *r, json_t *line, char *why, size_t n)
{
	struct slice_result s;
	int e = slice_from_json(line, &s, why, n);

	if (e < 0)
		return e;
	if (not_next(r, &s)) {
		snprintf(why, n, "%s", not_next(r, &s));
		e = -EINVAL;
	} else {
		e = results_add(r->results, &s);
	}
	if (e < 0) {
		slice_result_done(&s);
		return e;
	}
	r->seen[s.cell_index] = true;
	if (++r->n_seen == r->plan->n) {
		memset(r->seen, 0, r->plan->n * sizeof(*r->seen));
		r->n_seen = 0;
		r->n_settled = r->results->n;
		r->block++;
	}
	return 0;
}

/* Read the lines of @text; without a newline the last one is not whole. */
static int read_lines(struct reading *r, const char *text, size_t bytes,
		      char *error, size_t error_size)
{
	const char *end;
	size_t line = 1;

	for (size_t at = 0; (end = memchr(text + at, '\n', bytes - at));
	     line++) {
		size_t n = (size_t)(end - text) - at;
		json_error_t where;
		json_t *json = json_loadb(text + at, n, JSON_REJECT_DUPLICATES,
					  &where);
		char why[160];
		int e = -EINVAL;

		if (!json)
			snprintf(why, sizeof(why), "%.150s", where.text);
		else if (line == 1)
			e = read_header(r, json, why, sizeof(why));
		else
			e = read_slice(r, json, why, sizeof(why));
		json_decref(json);
		if (e < 0) {
			snprintf(error, error_size, "line %zu: %s", line,
				 e == -EINVAL ? why : strerror(-e));
			return e;
		}
		at += n + 1;
		if (r->n_seen == 0)
			r->end = at;
	}
	if (line == 1) {
		snprintf(error, error_size,
			 "the run was stopped before its "
			 "first block: start a new one");
		return -ENODATA;
	}
	return 0;
}

/* Forget the slices of the block under way. */
static void drop_torn_block(struct reading *r)
{
	while (r->results->n > r->n_settled)
		slice_result_done(&r->results->slices[--r->results->n]);
	r->results->info.blocks_done = r->block - 1;
}

static int read_journal(struct reading *r, const char *path, char *error,
			size_t error_size)
{
	char why[200];
	size_t bytes;
	char *text;
	int e = file_read(path, MAX_JOURNAL_BYTES, &text, &bytes);

	if (e < 0) {
		snprintf(error, error_size, "%s: %s", path, strerror(-e));
		return e;
	}
	e = read_lines(r, text, bytes, why, sizeof(why));
	free(text);
	if (e < 0)
		snprintf(error, error_size, "%s: %s", path, why);
	else
		drop_torn_block(r);
	return e;
}

/* Two writers would mix their lines: the second one is refused. */
static int open_locked(const char *path, char *error, size_t error_size)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC), e;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	e = -errno;
	snprintf(error, error_size, "%s: %s", path,
		 e == -EWOULDBLOCK ? "another run is writing it"
				   : strerror(-e));
	if (fd >= 0)
		(void)close(fd);
	return e;
}

static int cut(int fd, const char *path, size_t end, char *error,
	       size_t error_size)
{
	int e = ftruncate(fd, (off_t)end) < 0 ? -errno : 0;

	if (e < 0)
		snprintf(error, error_size, "%s: %s", path, strerror(-e));
	return e;
}

int journal_resume(const char *dir, struct run_results *results,
		   struct plan *plan, char *error, size_t error_size)
{
	struct run_results run = {0};
	struct plan cells = {0};
	struct reading r = {.results = &run, .plan = &cells, .block = 1};
	char path[PATH_MAX];
	int fd, e = path_of(dir, path);

	if (e < 0) {
		snprintf(error, error_size, "%s: %s", dir, strerror(-e));
		return e;
	}
	fd = open_locked(path, error, error_size);
	if (fd < 0)
		return fd;
	e = read_journal(&r, path, error, error_size);
	if (e == 0)
		e = cut(fd, path, r.end, error, error_size);
	free(r.seen);
	if (e < 0) {
		results_done(&run);
		plan_done(&cells);
		(void)close(fd);
		return e;
	}
	*results = run;
	*plan = cells;
	return fd;
}
