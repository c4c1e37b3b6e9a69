#include "harness/export.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/columns.h"
#include "harness/file.h"

#define SUFFIX ".hgrm"

#define NAME_MOST 180 /* a file name may have 255 bytes with all its endings */

/* The name of a cell's file without SUFFIX. */
struct name {
	char text[NAME_MOST + 16];
	bool shared; /* with another cell, so that its number must follow */
};

/* What may tell cells of the same model, workload and workers apart. */
static const struct column differences[] = {
	COLUMN(cell_spec, size, "size", U64),
	COLUMN(cell_spec, depth, "depth", U32),
	COLUMN(cell_spec, pin, "pin", TEXT),
	COLUMN(cell_spec, extra_ppm, "extra", U32),
	COLUMN(cell_spec, settings, "set", TEXT),
	COLUMN(cell_spec, load_percent, "load", U32),
	COLUMN(cell_spec, load_of, "of", TEXT),
	COLUMN(cell_spec, fault, "fault", TEXT),
	COLUMN(cell_spec, ballast_bytes, "ballast", U64),
	COLUMN(cell_spec, ballast_huge, "huge", U32),
};

/* Whether some cell that shares the first part of @cell's name has another @c. */
static bool differs(const struct summary *s, const struct cell_spec *cell,
		    const struct column *c)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *o = &s->cells[i].spec;

		if (strcmp(o->experiment, cell->experiment) == 0 &&
		    strcmp(o->workload, cell->workload) == 0 &&
		    strcmp(o->model, cell->model) == 0 &&
		    o->workers == cell->workers &&
		    memcmp((const char *)o + c->offset,
			   (const char *)cell + c->offset, c->size) != 0)
			return true;
	}
	return false;
}

/* No dot, no slash, no hyphen in front, nothing that a shell looks at. */
static void make_safe(char *text)
{
	if (*text == '-')
		*text = '_';
	for (; *text; text++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
			    *text))
			*text = '_';
}

/* 0 or -ENOMEM. */
static int name_cell(const struct summary *s, const struct cell_spec *cell,
		     struct name *ret)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s-%s-%s-w%u", cell->experiment, cell->workload,
		cell->model, (unsigned)cell->workers);
	for (size_t i = 0; i < ARRAY_LEN(differences); i++) {
		if (!differs(s, cell, &differences[i]))
			continue;
		fprintf(out, "-%s", differences[i].key);
		column_print(&differences[i], cell, out);
	}
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	make_safe(text);
	snprintf(ret->text, sizeof(ret->text), "%.*s", NAME_MOST, text);
	free(text);
	return 0;
}

/* The names of all cells, each its own: [s->n], to be freed; NULL: no memory. */
static struct name *name_cells(const struct summary *s)
{
	struct name *names = calloc(s->n + 1, sizeof(*names));

	for (size_t i = 0; names && i < s->n; i++) {
		if (name_cell(s, &s->cells[i].spec, &names[i]) < 0) {
			free(names);
			return NULL;
		}
		for (size_t k = 0; k < i; k++)
			if (strcmp(names[k].text, names[i].text) == 0)
				names[k].shared = names[i].shared = true;
	}
	/* Only now: a name of before has no dot, so these are nobody's. */
	for (size_t i = 0; names && i < s->n; i++) {
		size_t length = strlen(names[i].text);

		if (names[i].shared)
			snprintf(names[i].text + length,
				 sizeof(names[i].text) - length, ".%u",
				 (unsigned)s->cells[i].index);
	}
	return names;
}

static int write_one(const struct histogram *h, const char *folder,
		     const char *name)
{
	char path[PATH_MAX];
	struct file f;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s" SUFFIX, folder, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_begin(&f, path);
	if (r < 0)
		return r;
	export_hgrm(h, f.stream);
	return file_commit(&f);
}

/* Whether @file is the name of one that write_one() has written for @s. */
static bool is_ours(const struct summary *s, const struct name *names,
		    const char *file)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t length = strlen(names[i].text);

		if (s->cells[i].latency->n > 0 &&
		    strncmp(file, names[i].text, length) == 0 &&
		    strcmp(file + length, SUFFIX) == 0)
			return true;
	}
	return false;
}

/* Remove what another run, or an interrupted one, has left in @folder. */
static int remove_others(const struct summary *s, const struct name *names,
			 const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		const char *end = strstr(entry->d_name, SUFFIX);

		if (!end || is_ours(s, names, entry->d_name))
			continue;
		if (strcmp(end, SUFFIX) != 0 && strcmp(end, SUFFIX ".tmp") != 0)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			r = -errno;
	}
	(void)closedir(dir);
	return r;
}

int export_latency(const struct summary *s, const char *dir)
{
	char folder[PATH_MAX];
	struct name *names;
	int r = 0;

	if (snprintf(folder, sizeof(folder), "%s/latency", dir) >=
	    (int)sizeof(folder))
		return -ENAMETOOLONG;
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return -errno;
	names = name_cells(s);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < s->n && r == 0; i++)
		if (s->cells[i].latency->n > 0)
			r = write_one(s->cells[i].latency, folder,
				      names[i].text);
	if (r == 0)
		r = remove_others(s, names, folder);
	free(names);
	return r;
}
