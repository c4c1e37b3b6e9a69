#include "harness/results.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/columns.h"
#include "harness/file.h"
#include "harness/results_internal.h"

/* A larger results.json is not one of ours. */
#define MAX_JSON_BYTES ((size_t)1 << 30)

int results_add(struct run_results *run, const struct slice_result *slice)
{
	if (run->n == run->room) {
		size_t room = run->room ? 2 * run->room : 64;
		struct slice_result *slices =
			realloc(run->slices, room * sizeof(*slices));

		if (!slices)
			return -ENOMEM;
		run->slices = slices;
		run->room = room;
	}
	run->slices[run->n++] = *slice;
	return 0;
}

void results_done(struct run_results *run)
{
	for (size_t i = 0; i < run->n; i++)
		slice_result_done(&run->slices[i]);
	free(run->slices);
	*run = (struct run_results){0};
}

size_t results_blocks(const struct run_results *run)
{
	size_t n = 1;

	for (size_t i = 0; i < run->n; i++) {
		if (run->slices[i].block >= n)
			n = (size_t)run->slices[i].block + 1;
	}
	return n;
}

/* Was @s measured for @cell, in a block that counts? */
static bool counts_for(const struct slice_result *s,
		       const struct cell_spec *cell, const bool *counts)
{
	return s->status == SLICE_OK && (!counts || counts[s->block]) &&
	       memcmp(&s->cell, cell, sizeof(*cell)) == 0;
}

void results_slices_of(const struct run_results *run,
		       const struct cell_spec *cell, const bool *counts,
		       const struct slice_result **ret)
{
	size_t n_blocks = results_blocks(run);

	for (size_t i = 0; i < n_blocks; i++)
		ret[i] = NULL;
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (counts_for(s, cell, counts))
			ret[s->block] = s;
	}
}

void results_throughputs_of(const struct run_results *run,
			    const struct cell_spec *cell, const bool *counts,
			    double *ret)
{
	size_t n_blocks = results_blocks(run);

	for (size_t i = 0; i < n_blocks; i++)
		ret[i] = NAN;
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (counts_for(s, cell, counts))
			ret[s->block] = slice_throughput(s);
	}
}

/* One slice as Google Benchmark's readers want it in a file of many. */
static json_t *entry_to_json(const struct run_results *run, size_t i)
{
	json_t *o = slice_to_json(&run->slices[i]);
	json_int_t family = run->slices[i].cell_index;
	json_int_t repetitions = run->info.blocks_done;

	if (!o)
		return NULL;
	if (json_object_set_new(o, "family_index", json_integer(family)) < 0 ||
	    json_object_set_new(o, "per_family_instance_index",
				json_integer(0)) < 0 ||
	    json_object_set_new(o, "repetitions", json_integer(repetitions)) <
		    0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* Print @json, whose reference it takes; write errors stay with @out. */
static int print_json(json_t *json, size_t flags, FILE *out)
{
	if (!json)
		return -ENOMEM;
	(void)json_dumpf(json, out, flags);
	json_decref(json);
	return 0;
}

/* A line a slice, so that grep and diff work on the file, too. */
int results_print(const struct run_results *run, FILE *out)
{
	int r;

	fputs("{\"context\":\n", out);
	r = print_json(info_to_json(&run->info), JSON_INDENT(1), out);
	fputs(",\n\"benchmarks\": [", out);
	for (size_t i = 0; r == 0 && i < run->n; i++) {
		fputs(i ? ",\n" : "\n", out);
		r = print_json(entry_to_json(run, i), JSON_COMPACT, out);
	}
	fputs("\n]}\n", out);
	return r;
}

static int write_json(const struct run_results *run, const char *path)
{
	struct file f;
	int r = file_begin(&f, path);

	if (r < 0)
		return r;
	r = results_print(run, f.stream);
	if (r < 0) {
		file_abort(&f);
		return r;
	}
	return file_commit(&f);
}

static void print_real(FILE *out, double x)
{
	if (isfinite(x))
		fprintf(out, "%.9g", x);
}

/* The same, long form: a row a slice, for spreadsheets.  RFC 4180. */
static int write_csv(const struct run_results *run, const char *path)
{
	struct file f;
	int r = file_begin(&f, path);

	if (r < 0)
		return r;
	fputs("status,tasks_per_s,tasks_per_cpu_s", f.stream);
	for (size_t k = 0; k < n_slice_columns; k++)
		fprintf(f.stream, ",%s", slice_columns[k].key + strlen("x_"));
	fputs("\r\n", f.stream);
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];
		char status[48];

		fputs(slice_status_name(s->status, s->status_value, status,
					sizeof(status)),
		      f.stream);
		fputc(',', f.stream);
		print_real(f.stream, slice_throughput(s));
		fputc(',', f.stream);
		print_real(f.stream, slice_tasks_per_cpu_s(s));
		for (size_t k = 0; k < n_slice_columns; k++) {
			fputc(',', f.stream);
			column_print(&slice_columns[k], s, f.stream);
		}
		fputs("\r\n", f.stream);
	}
	return file_commit(&f);
}

static int path_in(const char *dir, const char *name, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", dir, name);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int results_write_csv(const struct run_results *run, const char *dir)
{
	char path[PATH_MAX];
	int r = path_in(dir, "slices.csv", path);

	return r == 0 ? write_csv(run, path) : r;
}

int results_write(const struct run_results *run, const char *dir)
{
	char path[PATH_MAX];
	int r;

	r = path_in(dir, "results.json", path);
	if (r == 0)
		r = write_json(run, path);
	return r == 0 ? results_write_csv(run, dir) : r;
}

static int run_from_json(json_t *root, struct run_results *ret, char *error,
			 size_t error_size)
{
	json_t *benchmarks = json_object_get(root, "benchmarks"), *o;
	struct run_results run = {0};
	struct slice_result slice;
	size_t i;
	int r;

	r = info_from_json(json_object_get(root, "context"), &run.info, error,
			   error_size);
	if (r == 0 && !json_is_array(benchmarks)) {
		snprintf(error, error_size, "\"benchmarks\" is no array");
		r = -EINVAL;
	}
	if (r < 0)
		return r;
	json_array_foreach(benchmarks, i, o)
	{
		char why[128];

		r = slice_from_json(o, &slice, why, sizeof(why));
		if (r == -EINVAL)
			snprintf(error, error_size, "benchmarks[%zu]: %s", i,
				 why);
		if (r == 0)
			r = results_add(&run, &slice);
		if (r < 0) {
			results_done(&run);
			return r;
		}
	}
	r = results_check(&run, error, error_size);
	if (r < 0) {
		results_done(&run);
		return r;
	}
	*ret = run;
	return 0;
}

int results_parse(const char *name, const char *text, size_t bytes,
		  struct run_results *ret, char *error, size_t error_size)
{
	/* However long the name, there must be room for the reason. */
	int name_room = (int)(error_size / 2);
	char why[192] = "";
	json_error_t where;
	json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &where);
	int r;

	if (!root) {
		snprintf(error, error_size, "%.*s:%d:%d: %s", name_room, name,
			 where.line, where.column, where.text);
		return -EINVAL;
	}
	r = run_from_json(root, ret, why, sizeof(why));
	if (r < 0)
		snprintf(error, error_size, "%.*s: %s", name_room, name,
			 r == -EINVAL ? why : strerror(-r));
	json_decref(root);
	return r;
}

int results_read(const char *dir, struct run_results *ret, char *error,
		 size_t error_size)
{
	char path[PATH_MAX];
	size_t bytes;
	char *text;
	int r;

	r = path_in(dir, "results.json", path);
	if (r == 0)
		r = file_read(path, MAX_JSON_BYTES, &text, &bytes);
	if (r < 0) {
		snprintf(error, error_size, "%.*s/results.json: %s",
			 (int)(error_size / 2), dir,
			 r == -ENOTSUP ? "Not a regular file" : strerror(-r));
		return r;
	}
	r = results_parse(path, text, bytes, ret, error, error_size);
	free(text);
	return r;
}
