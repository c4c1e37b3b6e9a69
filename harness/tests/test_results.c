#include "harness/results.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/columns.h"
#include "harness/file.h"
#include "harness/summary.h"
#include "harness/tests/fake_summary.h"
#include "harness/tests/readme.h"

static char dir[64], path[96];

static int make_dir(void **state)
{
	(void)state;
	fake_summary_folder(dir);
	snprintf(path, sizeof(path), "%s/results.json", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	fake_summary_folder_remove(dir);
	return 0;
}

/* Small enough to try what happens at each of its bytes. */
static void make_small(struct run_results *run)
{
	struct fake_recipe how = fake_summary_usual;

	how.n_models = how.n_workloads = how.n_workers = 1;
	how.blocks = 2;
	how.task_ns = 20e6;
	fake_summary_run(&how, run);
}

/* A text of any printable characters, up to the whole field. */
static void random_text(struct rng *r, char *field, size_t size)
{
	size_t n = rng_below(r, 4) == 0 ? size - 1 : rng_below(r, size);

	for (size_t i = 0; i < n; i++)
		field[i] = (char)(' ' + rng_below(r, '~' - ' ' + 1));
}

static uint64_t random_below(struct rng *r, uint64_t limit)
{
	uint64_t extreme = rng_below(r, 8);

	if (extreme == 0)
		return 0;
	if (extreme == 1)
		return limit - 1;
	/* Small and large ones alike. */
	return rng_below(r, limit) >> rng_below(r, 40);
}

static int random_int(struct rng *r)
{
	return (int)((int64_t)random_below(r, UINT64_C(1) << 32) + INT32_MIN);
}

/* Any value of its type in every field of the struct that has a column. */
static void random_fields(struct rng *r, const struct column *columns, size_t n,
			  void *base)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *c = &columns[i];
		void *field = (char *)base + c->offset;

		switch (c->type) {
		case COLUMN_TEXT:
		case COLUMN_WORDS:
			random_text(r, field, c->size);
			break;
		case COLUMN_RARE:
		case COLUMN_U64:
			*(uint64_t *)field = random_below(r, UINT64_C(1) << 63);
			break;
		case COLUMN_U32:
			*(uint32_t *)field =
				(uint32_t)random_below(r, UINT64_C(1) << 32);
			break;
		case COLUMN_INT:
			*(int *)field = random_int(r);
			break;
		case COLUMN_I64:
			*(int64_t *)field =
				(int64_t)random_below(r, UINT64_C(1) << 63) - 1;
			break;
		case COLUMN_HEX:
			*(uint64_t *)field = rng_next(r);
			break;
		case COLUMN_F64:
			*(double *)field =
				(double)rng_next(r) / (double)(1 + rng_next(r));
			break;
		case COLUMN_BOOL:
			*(bool *)field = rng_below(r, 2);
			break;
		}
	}
}

static struct histogram *random_histogram(struct rng *r, uint64_t n)
{
	struct histogram *h = calloc(1, sizeof(*h));

	CHECK(h);
	for (uint64_t i = 0; i < n; i++)
		histogram_add(h, rng_next(r) >> (20 + rng_below(r, 44)));
	return h;
}

/* Times of tasks, each later than the one before. */
static void random_trace(struct rng *r, struct slice_result *s)
{
	s->n_trace = 1 + rng_below(r, 20);
	s->trace = calloc(s->n_trace, sizeof(*s->trace));
	CHECK(s->trace);
	for (size_t i = 0; i < s->n_trace; i++) {
		struct task_trace *t = &s->trace[i];

		t->worker = (uint32_t)rng_below(r, s->cell.workers);
		t->cpu = (int32_t)rng_below(r, 10) - 1;
		t->due = rng_next(r) >> 20;
		t->submit = t->due + (rng_next(r) >> 40);
		t->start = t->submit + (rng_next(r) >> 40);
		t->created = rng_below(r, 2) ? t->start : 0;
		t->end = t->start + (rng_next(r) >> 40);
		t->done = t->end + (rng_next(r) >> 40);
	}
}

/* What only a slice of an open loop has, and a trace. */
static void random_extras(struct rng *r, struct slice_result *s)
{
	s->unfinished = s->latency ? rng_below(r, 3) : 0;
	for (uint64_t i = 0; i < s->unfinished; i++)
		histogram_add(s->latency, rng_next(r) >> 30);
	if (rng_below(r, 2))
		s->uncorrected = random_histogram(r, rng_below(r, 50));
	if (rng_below(r, 2))
		s->lateness = random_histogram(r, rng_below(r, 50));
	if (rng_below(r, 2))
		random_trace(r, s);
}

/* A random result that could have been measured. */
static void random_slice(struct rng *r, struct slice_result *s)
{
	uint64_t part;

	memset(s, 0, sizeof(*s));
	random_fields(r, slice_columns, n_slice_columns, s);
	s->cell.workers = 1 + (uint32_t)rng_below(r, JOB_MAX_WORKERS);
	s->cell.depth = 1 + (uint32_t)rng_below(r, JOB_MAX_DEPTH);
	s->status = (enum slice_status)rng_below(r, SLICE_LATE + 1);
	s->window_ns += s->window_ns == 0;
	s->submitted = 0;
	for (int i = 0; i < TASK_ENDS; i++) {
		s->ended[i] = i == TASK_LOST ? 0 : s->ended[i] / TASK_ENDS;
		s->submitted += s->ended[i];
	}
	s->tasks = rng_below(r, 200);
	if (s->tasks > s->ended[TASK_OK])
		s->tasks = s->ended[TASK_OK];
	if (s->tasks > 0 || rng_below(r, 2))
		s->latency = random_histogram(r, s->tasks);
	memset(s->phase_sum_ns, 0, sizeof(s->phase_sum_ns));
	part = s->latency ? s->latency->sum : 0;
	for (int i = 0; i < PHASES; i++) {
		s->phase_sum_ns[i] = i == PHASES - 1 ? part : part / 3;
		part -= s->phase_sum_ns[i];
	}
	random_extras(r, s);
}

static json_t *through_text(json_t *json)
{
	char *text = json_dumps(json, 0);
	json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(again);
	free(text);
	json_decref(json);
	return again;
}

static void assert_same_histogram(const struct histogram *a,
				  const struct histogram *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_memory_equal(a, b, sizeof(*a));
}

static void assert_same_slice(const struct slice_result *a,
			      const struct slice_result *b)
{
	struct slice_result x, y;

	assert_same_histogram(a->latency, b->latency);
	assert_same_histogram(a->uncorrected, b->uncorrected);
	assert_same_histogram(a->lateness, b->lateness);
	assert_int_equal(a->n_trace, b->n_trace);
	if (a->n_trace > 0)
		assert_memory_equal(a->trace, b->trace,
				    a->n_trace * sizeof(*a->trace));
	/* As bytes, padding too: a field without a column cannot hide. */
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	x.latency = y.latency = x.uncorrected = y.uncorrected = NULL;
	x.lateness = y.lateness = NULL;
	x.trace = y.trace = NULL;
	assert_memory_equal(&x, &y, sizeof(x));
}

static void slices_come_back_as_they_went(void **state)
{
	struct rng r = {4};

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct slice_result slice, back;
		char error[160] = "";
		json_t *json;

		random_slice(&r, &slice);
		json = through_text(slice_to_json(&slice));
		assert_int_equal(
			slice_from_json(json, &back, error, sizeof(error)), 0);
		assert_string_equal(error, "");
		assert_same_slice(&slice, &back);
		json_decref(json);
		slice_result_done(&slice);
		slice_result_done(&back);
	}
}

static void random_info(struct rng *r, struct run_info *info)
{
	memset(info, 0, sizeof(*info));
	random_fields(r, info_columns, n_info_columns, info);
	info->n_caches = rng_below(r, RESULTS_MAX_CACHES + 1);
	for (size_t i = 0; i < info->n_caches; i++) {
		struct placement_cache *c = &info->caches[i];

		random_text(r, c->type, sizeof(c->type));
		c->level = (uint32_t)random_below(r, INT32_MAX);
		c->size_bytes = random_below(r, UINT64_C(1) << 63);
		c->sharing = (uint32_t)random_below(r, INT32_MAX);
	}
}

static void infos_come_back_as_they_went(void **state)
{
	struct rng r = {5};

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct run_info info, back;
		char error[160] = "";
		json_t *json;

		random_info(&r, &info);
		memset(&back, 0, sizeof(back));
		json = through_text(info_to_json(&info));
		assert_int_equal(
			info_from_json(json, &back, error, sizeof(error)), 0);
		assert_memory_equal(&info, &back, sizeof(info));
		json_decref(json);
	}
}

static void assert_types(json_t *o, const char *const *keys, json_type type)
{
	for (; *keys; keys++) {
		json_t *value = json_object_get(o, *keys);

		if (!value || json_typeof(value) != type)
			fail_msg("\"%s\" is missing or of another type", *keys);
	}
}

static void assert_real(json_t *o, const char *key, double wanted)
{
	double is = json_real_value(json_object_get(o, key));

	if (!(fabs(is - wanted) < 1e-6 * wanted))
		fail_msg("\"%s\" is %.9g, not %.9g", key, is, wanted);
}

static void entries_are_google_benchmarks(void **state)
{
	static const char *const texts[] = {"name", "run_name", "run_type",
					    "time_unit", NULL};
	static const char *const integers[] = {"family_index",
					       "per_family_instance_index",
					       "repetitions",
					       "repetition_index",
					       "threads",
					       "iterations",
					       NULL};
	static const char *const reals[] = {"real_time", "cpu_time",
					    "items_per_second", NULL};
	static const char *const context[] = {"date", "host_name", "executable",
					      NULL};
	struct run_results run;
	char *text;
	size_t bytes;
	json_t *root, *entry;

	(void)state;
	make_small(&run);
	assert_int_equal(results_write(&run, dir), 0);
	assert_int_equal(file_read(path, 1 << 24, &text, &bytes), 0);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_types(json_object_get(root, "context"), context, JSON_STRING);
	assert_int_equal(json_array_size(json_object_get(root, "benchmarks")),
			 2);
	entry = json_array_get(json_object_get(root, "benchmarks"), 1);
	assert_types(entry, texts, JSON_STRING);
	assert_types(entry, integers, JSON_INTEGER);
	assert_types(entry, reals, JSON_REAL);
	assert_string_equal(json_string_value(json_object_get(entry, "name")),
			    "scaling/primes/serial/workers:1");
	/* 10 tasks of 20 ms in 200 ms, and 20 with 2 % and 2 % more of CPU time. */
	assert_real(entry, "real_time", 20e6);
	assert_real(entry, "cpu_time", 1.02 * 1.02 * 20e6);
	assert_real(entry, "items_per_second", 50);
	assert_null(json_object_get(entry, "error_occurred"));
	json_decref(root);
	free(text);
	results_done(&run);
}

/* Whatever a slice was, there is no NaN in the file; json_real() has none. */
static void failed_slices_have_no_times(void **state)
{
	(void)state;
	for (int status = SLICE_OPEN; status <= SLICE_LATE; status++) {
		struct slice_result s = {
			.cell = {.workers = 1, .depth = 1},
			.status = (enum slice_status)status,
			.status_value = 11,
		};
		json_t *o = slice_to_json(&s);

		assert_non_null(o);
		assert_true(json_is_true(json_object_get(o, "error_occurred")));
		assert_string_equal(
			json_string_value(json_object_get(o, "error_message")),
			json_string_value(json_object_get(o, "x_status")));
		assert_null(json_object_get(o, "real_time"));
		assert_null(json_object_get(o, "cpu_time"));
		assert_null(json_object_get(o, "items_per_second"));
		assert_string_equal(
			json_string_value(json_object_get(o, "time_unit")),
			"none");
		json_decref(o);
	}
}

/* Measured, but no task ended in the window: there is no time of a task. */
static void a_slice_without_tasks_has_no_times(void **state)
{
	struct slice_result s = {
		.cell = {.workers = 1, .depth = 1},
		.window_ns = 1000,
	};
	json_t *o = slice_to_json(&s);

	(void)state;
	assert_non_null(o);
	assert_true(json_is_true(json_object_get(o, "error_occurred")));
	assert_null(json_object_get(o, "real_time"));
	json_decref(o);
}

static void runs_come_back_as_they_went(void **state)
{
	struct run_results run, back;
	char error[256] = "";

	(void)state;
	make_small(&run);
	run.slices[1].status = SLICE_CRASHED;
	run.slices[1].status_value = SIGSEGV;
	assert_int_equal(results_write(&run, dir), 0);
	assert_int_equal(results_read(dir, &back, error, sizeof(error)), 0);
	assert_int_equal(back.n, run.n);
	for (size_t i = 0; i < run.n; i++)
		assert_same_slice(&run.slices[i], &back.slices[i]);
	assert_string_equal(back.info.command, run.info.command);
	assert_true(isnan(back.info.host.quota_cpus));
	results_done(&run);
	results_done(&back);
}

static void a_run_without_slices_is_one(void **state)
{
	struct run_results run, back;
	char error[256] = "";

	(void)state;
	make_small(&run);
	for (size_t i = 0; i < run.n; i++)
		slice_result_done(&run.slices[i]);
	run.n = 0;
	assert_int_equal(results_write(&run, dir), 0);
	assert_int_equal(results_read(dir, &back, error, sizeof(error)), 0);
	assert_int_equal(back.n, 0);
	results_done(&run);
	results_done(&back);
}

/* A run that was accepted can be summarised, written and read again. */
static void assert_usable(struct run_results *run)
{
	struct run_results again;
	struct summary s;
	json_t *json;
	char error[256];

	assert_int_equal(summary_make(run, &s), 0);
	json = summary_json(&s, dir);
	assert_non_null(json);
	json_decref(json);
	summary_done(&s);
	assert_int_equal(results_write(run, dir), 0);
	assert_int_equal(results_read(dir, &again, error, sizeof(error)), 0);
	results_done(&again);
}

/*
 * Read @bytes of @text as results.json.  Whatever it is, the answer is good: a
 * usable run, or nothing but an error that names the file.
 */
static int read_text(const char *text, size_t bytes, char error[256])
{
	struct run_results run, untouched;
	FILE *out = fopen(path, "we");
	int r;

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, bytes, out), bytes);
	assert_int_equal(fclose(out), 0);
	memset(&run, 0x5a, sizeof(run));
	memcpy(&untouched, &run, sizeof(run));
	error[0] = '\0';
	r = results_read(dir, &run, error, 256);
	if (r == 0) {
		assert_usable(&run);
		results_done(&run);
		return 0;
	}
	assert_memory_equal(&run, &untouched, sizeof(run));
	assert_ptr_equal(strstr(error, path), error);
	assert_true(strlen(error) > strlen(path) + 3);
	return r;
}

static char *small_text(size_t *bytes)
{
	struct run_results run;
	char *text;

	make_small(&run);
	assert_int_equal(results_write(&run, dir), 0);
	assert_int_equal(file_read(path, 1 << 24, &text, bytes), 0);
	results_done(&run);
	return text;
}

static void cut_anywhere_it_is_no_run(void **state)
{
	size_t bytes;
	char *text = small_text(&bytes), error[256];

	(void)state;
	assert_int_equal(text[bytes - 1], '\n');
	assert_int_equal(read_text(text, bytes, error), 0);
	for (size_t n = 0; n + 1 < bytes; n++)
		assert_int_equal(read_text(text, n, error), -EINVAL);
	free(text);
}

/* A changed byte is found, or gives another run that is possible. */
static void flipped_bits_never_crash(void **state)
{
	struct rng r = {6};
	size_t bytes, found = 0;
	char *text = small_text(&bytes), error[256];

	(void)state;
	for (int i = 0; i < 1500; i++) {
		size_t n_flips = 1 + rng_below(&r, 4);
		char *copy = malloc(bytes);

		assert_non_null(copy);
		memcpy(copy, text, bytes);
		for (size_t k = 0; k < n_flips; k++)
			copy[rng_below(&r, bytes)] ^=
				(char)(1 << rng_below(&r, 8));
		if (read_text(copy, bytes, error) < 0)
			found++;
		free(copy);
	}
	assert_in_range(found, 500, 1499);
	free(text);
}

/* A results.json with another value of one key; NULL: without that key. */
static int read_with(const char *place, const char *key, const char *value,
		     char error[256])
{
	size_t bytes;
	char *text = small_text(&bytes);
	json_t *root = json_loads(text, 0, NULL), *o;
	int r;

	free(text);
	o = strcmp(place, "context") == 0
		    ? json_object_get(root, "context")
		    : json_array_get(json_object_get(root, "benchmarks"), 1);
	if (strcmp(place, "latency") == 0)
		o = json_object_get(o, "x_latency");
	if (strcmp(place, "root") == 0)
		o = root;
	assert_true(json_is_object(o));
	if (value)
		assert_int_equal(
			json_object_set_new(
				o, key,
				json_loads(value, JSON_DECODE_ANY, NULL)),
			0);
	else
		assert_int_equal(json_object_del(o, key), 0);
	text = json_dumps(root, 0);
	r = read_text(text, strlen(text), error);
	free(text);
	json_decref(root);
	return r;
}

/* What to put in which place of a good run, and what is said of it. */
static const struct {
	const char *place, *key, *value, *says;
} impossible[] = {
	{"root", "context", NULL, "\"x_schema\" is missing"},
	{"root", "context", "7", "\"x_schema\" is missing"},
	{"root", "benchmarks", NULL, "\"benchmarks\" is no array"},
	{"root", "benchmarks", "{}", "\"benchmarks\" is no array"},
	{"root", "benchmarks", "[7]", "benchmarks[0]: "},
	{"context", "x_schema", NULL, "\"x_schema\" is missing"},
	{"context", "x_schema", "\"manyhands-results/3\"",
	 "results.json: made by a newer manyhands: \"x_schema\" is "
	 "manyhands-results/3, this one reads manyhands-results/2"},
	{"context", "x_schema", "\"manyhands-results/10\"", "by a newer"},
	{"context", "x_schema", "\"manyhands-results/1\"",
	 "\"x_schema\" is manyhands-results/1, this program reads "
	 "manyhands-results/2"},
	{"context", "x_schema", "\"manyhands-summary/3\"",
	 "\"x_schema\" is manyhands-summary/3, this program reads"},
	{"context", "x_processors", NULL, "\"x_processors\" is missing"},
	{"context", "x_processors", "0", "\"x_processors\" is out of range"},
	{"context", "x_processors", "-1", "\"x_processors\" is out of range"},
	{"context", "x_processors", "1e300", "is out of range"},
	{"context", "x_host_mhz", "-1", "\"x_host_mhz\" is out of range"},
	{"context", "x_host_mhz", "1e300", "\"x_host_mhz\" is out of range"},
	{"context", "x_blocks_done", "0",
	 "benchmarks[0]: \"x_block\" is out of range"},
	{"context", "x_seed", "1", "\"x_seed\""},
	{"context", "x_complete", NULL, "\"x_complete\" is missing"},
	{"context", "caches", NULL, "\"caches\""},
	{"context", "caches", "[{}]", "\"caches\""},
	{"context", "caches", "[1,2,3,4,5,6,7,8,9]", "\"caches\""},
	{"slice", "x_model", NULL, "benchmarks[1]: \"x_model\""},
	{"slice", "x_tasks", "\"10\"", "benchmarks[1]: \"x_tasks\""},
	{"slice", "x_size", "-1", "benchmarks[1]: \"x_size\""},
	{"slice", "x_workers", "0", "\"x_workers\" is out of range"},
	{"slice", "x_workers", "1025", "\"x_workers\" is out of range"},
	{"slice", "x_depth", "0", "\"x_depth\" is out of range"},
	{"slice", "x_depth", "65", "\"x_depth\" is out of range"},
	{"slice", "x_block", "3", "\"x_block\" is out of range"},
	{"slice", "x_block", "0", "\"x_block\" is out of range"},
	{"slice", "x_block", "1",
	 "benchmarks[0] and [1]: the same cell twice in a block"},
	{"slice", "x_cell", "1",
	 "benchmarks[0] and [1]: the same cell with different \"x_cell\""},
	{"slice", "x_size", "9",
	 "benchmarks[0] and [1]: different cells with the same \"x_cell\""},
	{"slice", "x_block", "4294967295", "\"x_block\" is out of"},
	{"slice", "x_status_code", "6", "\"x_status_code\" is unknown"},
	{"slice", "x_submitted", "21", "do not add up"},
	{"slice", "x_ended_exit", "1", "do not add up"},
	{"slice", "x_tasks", "21", "more than \"x_ended_ok\""},
	{"slice", "x_tasks", "9", "\"x_latency\" does not count"},
	{"slice", "x_latency", NULL, "\"x_latency\" is missing"},
	{"slice", "x_latency", "[]", "\"x_latency\" is no histogram"},
	{"slice", "x_lateness", "7", "\"x_lateness\" is no histogram"},
	{"slice", "x_uncorrected", "{}", "\"x_uncorrected\" is no histogram"},
	{"slice", "x_unfinished", "1", "\"x_latency\" does not count"},
	{"slice", "x_pss_bytes", "-1", "\"x_pss_bytes\" is not of its type"},
	{"slice", "x_trace", "7", "\"x_trace\" is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 1, 0, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 1, 0, 1, 1, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[-1, 0, 1, 1, 0, 1, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[9, 0, 1, 1, 0, 1, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 1, -1, 1, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 2, 1, 0, 1, 1, 1]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 1, 0, 1, 3, 2]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 2, 1, 3, 3, 3]]", "is no trace"},
	{"slice", "x_trace", "[[0, 0, 1, 2, 4, 3, 3, 3]]", "is no trace"},
	{"slice", "x_phase_create_sum_ns", "1", "do not add up"},
	{"slice", "x_window_ns", "0", "\"x_window_ns\" is 0"},
	{"latency", "n", NULL, "is no histogram"},
	{"latency", "n", "11", "is no histogram"},
	{"latency", "n", "-1", "is no histogram"},
	{"latency", "min_ns", "1000000000000", "is no histogram"},
	{"latency", "sum_ns", "0", "is no histogram"},
	{"latency", "sum_ns", "9223372036854775807", "is no histogram"},
	{"latency", "overflow", "11", "is no histogram"},
	{"latency", "buckets", "7", "is no histogram"},
	{"latency", "buckets", "[[1, 10, 1]]", "is no histogram"},
	{"latency", "buckets", "[[1]]", "is no histogram"},
	{"latency", "buckets", "[[1, 9]]", "is no histogram"},
	{"latency", "buckets", "[[1, 11], [2, -1]]", "is no histogram"},
	{"latency", "buckets", "[[-1, 10]]", "is no histogram"},
	{"latency", "buckets", "[[257, 10]]", "is no histogram"},
	{"latency", "buckets", "[[1, 5], [1, 5]]", "is no histogram"},
	{"latency", "buckets", "[[1099511627776, 10]]", "is no histogram"},
	/* Goes round 2^64 and fits again. */
	{"latency", "buckets",
	 "[[1, 9223372036854775807], [2, 9223372036854775807], "
	 "[3, 12]]",
	 "is no histogram"},
};

static void impossible_runs_are_refused(void **state)
{
	char error[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(impossible); i++) {
		int r = read_with(impossible[i].place, impossible[i].key,
				  impossible[i].value, error);

		if (r != -EINVAL || !strstr(error, impossible[i].says))
			fail_msg("%s of %s as %s: %d, '%s'", impossible[i].key,
				 impossible[i].place, impossible[i].value, r,
				 error);
	}
}

/* Add @n to number @key of slice @i. */
static void add_to(json_t *root, size_t i, const char *key, json_int_t n)
{
	json_t *slices = json_object_get(root, "benchmarks");
	json_t *number = json_object_get(json_array_get(slices, i), key);

	assert_non_null(number);
	n += json_integer_value(number);
	assert_int_equal(json_integer_set(number, n), 0);
}

/* Numbers that each may be, but go round 2^64 together and fit again. */
static void sums_that_go_round_are_refused(void **state)
{
	static const struct {
		const char *key;
		size_t slice;
		json_int_t more;
		const char *says; /* NULL: not yet */
	} steps[] = {
		{"x_ended_exit", 1, INT64_MAX, NULL},
		{"x_ended_signal", 1, INT64_MAX, NULL},
		{"x_ended_timeout", 1, 2, "do not add up to \"x_submitted\""},
		{"x_phase_queue_sum_ns", 1, INT64_MAX, NULL},
		{"x_phase_create_sum_ns", 1, INT64_MAX, NULL},
		{"x_phase_dispatch_sum_ns", 1, 2, "sum of \"x_latency\""},
		{"x_faults_minor", 0, INT64_MAX, NULL},
		{"x_faults_minor", 1, INT64_MAX,
		 "benchmarks: the sum of all \"x_faults_minor\" is out"},
	};
	size_t bytes;
	char *text = small_text(&bytes), error[256];
	json_t *root = json_loads(text, 0, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		char *changed;

		add_to(root, steps[i].slice, steps[i].key, steps[i].more);
		if (!steps[i].says)
			continue;
		changed = json_dumps(root, 0);
		assert_int_equal(read_text(changed, strlen(changed), error),
				 -EINVAL);
		if (!strstr(error, steps[i].says))
			fail_msg("%s: '%s'", steps[i].key, error);
		free(changed);
		json_decref(root);
		root = json_loads(text, 0, NULL);
	}
	json_decref(root);
	free(text);
}

/* Later versions may add keys. */
static void unknown_keys_are_ignored(void **state)
{
	char error[256];

	(void)state;
	assert_int_equal(read_with("root", "benchmarks", "[]", error), 0);
	assert_int_equal(read_with("latency", "buckets", "[[1, 10]]", error),
			 0);
	assert_int_equal(read_with("context", "date", "[null]", error), 0);
	assert_int_equal(read_with("slice", "name", NULL, error), 0);
}

static void files_that_are_no_json(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"", ":1:0: "},
		{"\n\n  x", ":3:3: "},
		{"[]", "\"x_schema\" is missing"},
		{"{}", "\"x_schema\" is missing"},
		{"{\"context\": {}, \"context\": {}}", "duplicate object key"},
		{"{\"a\": 123456789012345678901234567890}", "too big integer"},
		{"{\"a\": 1e999}", "real number overflow"},
		{"{\"a\": NaN}", ":1:"},
	};
	char error[256], *deep = malloc(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(
			read_text(bad[i].text, strlen(bad[i].text), error),
			-EINVAL);
		if (!strstr(error, bad[i].says))
			fail_msg("'%s': '%s'", bad[i].text, error);
	}
	memset(deep, '[', 1 << 20);
	assert_int_equal(read_text(deep, 1 << 20, error), -EINVAL);
	memset(deep, '\0', 1 << 20);
	assert_int_equal(read_text(deep, 1 << 20, error), -EINVAL);
	free(deep);
}

static void folders_that_are_not_there(void **state)
{
	char error[256], name[PATH_MAX + 10];
	struct run_results run;

	(void)state;
	assert_int_equal(results_read(dir, &run, error, sizeof(error)),
			 -ENOENT);
	assert_non_null(strstr(error, path));
	assert_non_null(strstr(error, strerror(ENOENT)));
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(results_read(dir, &run, error, sizeof(error)),
			 -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(results_read(dir, &run, error, sizeof(error)),
			 -ENOTSUP);
	assert_non_null(strstr(error, "results.json: Not a regular file"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("results.json", path), 0);
	assert_int_equal(results_read(dir, &run, error, sizeof(error)), -ELOOP);
	assert_int_equal(results_read("/dev/null", &run, error, sizeof(error)),
			 -ENOTDIR);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(results_read(name, &run, error, sizeof(error)),
			 -ENAMETOOLONG);
	/* However long the name, there is room for the reason. */
	assert_non_null(strstr(error, strerror(ENAMETOOLONG)));
}

/* 2 GiB of nothing, refused for its size before anything is read. */
static void a_file_that_is_too_large(void **state)
{
	char error[256];
	struct run_results run;

	(void)state;
	assert_int_equal(file_write(path, "", 0), 0);
	assert_int_equal(truncate(path, (off_t)1 << 31), 0);
	assert_int_equal(results_read(dir, &run, error, sizeof(error)), -EFBIG);
	assert_non_null(strstr(error, strerror(EFBIG)));
}

static int write_small(void)
{
	struct run_results run;
	struct rlimit limit = {3000, 3000};
	int r;

	make_small(&run);
	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	r = results_write(&run, dir);
	results_done(&run);
	return r;
}

static void a_full_disk_leaves_the_old_run(void **state)
{
	size_t bytes, again;
	char *text = small_text(&bytes), *after;
	char left[128];
	int status;
	pid_t pid;

	(void)state;
	assert_true(bytes > 3000);
	pid = fork();
	if (pid == 0)
		_exit(-write_small());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EFBIG);
	assert_int_equal(file_read(path, 1 << 24, &after, &again), 0);
	assert_string_equal(text, after);
	snprintf(left, sizeof(left), "%s.tmp", path);
	assert_int_equal(access(left, F_OK), -1);
	free(text);
	free(after);
}

static void no_place_to_write(void **state)
{
	struct run_results run;
	char name[PATH_MAX + 10];

	(void)state;
	make_small(&run);
	snprintf(name, sizeof(name), "%s/missing", dir);
	assert_int_equal(results_write(&run, name), -ENOENT);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(results_write(&run, name), -ENAMETOOLONG);
	results_done(&run);
}

/* A command line may hold any bytes; the run must be kept. */
static void a_command_that_is_not_utf8(void **state)
{
	struct run_results run, back;
	char error[256];

	(void)state;
	make_small(&run);
	strcpy(run.info.command, "manyhands run --out /tmp/caf\xe9");
	assert_int_equal(results_write(&run, dir), 0);
	assert_int_equal(results_read(dir, &back, error, sizeof(error)), 0);
	assert_string_equal(back.info.command, "manyhands run --out /tmp/caf?");
	results_done(&run);
	results_done(&back);
}

/* Count fields of the CSV record at *@text, and step over it. */
static size_t next_record(const char **text)
{
	size_t fields = 1;
	bool quoted = false;

	for (; **text; ++*text) {
		if (**text == '"')
			quoted = !quoted;
		else if (!quoted && **text == ',')
			fields++;
		else if (!quoted && strncmp(*text, "\r\n", 2) == 0)
			break;
	}
	assert_false(quoted);
	assert_memory_equal(*text, "\r\n", 2);
	*text += 2;
	return fields;
}

static void csv_has_a_field_for_every_column(void **state)
{
	char name[96], *csv, *header, *column, *rest;
	struct run_results run;
	const char *at;
	size_t bytes, i = 0;

	(void)state;
	make_small(&run);
	strcpy(run.slices[0].message, "a \"quote\", a comma");
	strcpy(run.slices[1].cell.pin, "0,2");
	run.slices[1].status = SLICE_LATE;
	assert_int_equal(results_write(&run, dir), 0);
	snprintf(name, sizeof(name), "%s/slices.csv", dir);
	assert_int_equal(file_read(name, 1 << 20, &csv, &bytes), 0);
	at = csv;
	for (size_t k = 0; k < run.n + 1; k++)
		assert_int_equal(next_record(&at), n_slice_columns + 3);
	assert_string_equal(at, "");
	assert_non_null(strstr(csv, ",\"a \"\"quote\"\", a comma\","));
	assert_non_null(strstr(csv, ",\"0,2\","));
	assert_non_null(strstr(csv, "\r\nok,50,"));
	assert_non_null(strstr(csv, "\r\nlate,,,scaling,"));
	header = strndup(csv, strcspn(csv, "\r"));
	for (rest = header; (column = strsep(&rest, ",")); i++) {
		if (i >= 3)
			assert_string_equal(column,
					    slice_columns[i - 3].key + 2);
	}
	free(header);
	free(csv);
	results_done(&run);
}

static bool has_column(const struct column *columns, size_t n, const char *key)
{
	size_t i = 0;

	while (i < n && strcmp(columns[i].key, key) != 0)
		i++;
	return i < n;
}

/* @extra: keys that are written, but are no column. */
static void assert_explained(const char *heading, const struct column *columns,
			     size_t n, const char *const *extra)
{
	struct readme r;

	readme_read(heading, &r);
	for (size_t i = 0; i < n; i++) {
		if (readme_count(&r, columns[i].key) != 1)
			fail_msg("%s: not explained once", columns[i].key);
	}
	for (const char *const *e = extra; *e; e++) {
		if (readme_count(&r, *e) != 1)
			fail_msg("%s: not explained once", *e);
	}
	for (size_t i = 0; i < r.n; i++) {
		const char *const *e = extra;

		while (*e && strcmp(*e, r.keys[i]) != 0)
			e++;
		if (!*e && !has_column(columns, n, r.keys[i]))
			fail_msg("%s: explained, but there is none", r.keys[i]);
	}
}

static void readme_explains_every_column(void **state)
{
	static const char *const of_slice[] = {"x_status",      "x_latency",
					       "x_uncorrected", "x_lateness",
					       "x_trace",       NULL};
	static const char *const of_info[] = {"x_schema", NULL};
	static const char *const of_csv[] = {"status", "tasks_per_s",
					     "tasks_per_cpu_s", NULL};
	static const char *const of_latency[] = {
		"n", "sum_ns", "min_ns", "max_ns", "overflow", "buckets", NULL};

	(void)state;
	assert_explained("### Keys of an entry: ours", slice_columns,
			 n_slice_columns, of_slice);
	assert_explained("### Keys of the context", info_columns,
			 n_info_columns, of_info);
	assert_explained("## slices.csv", NULL, 0, of_csv);
	assert_explained("### Latency", NULL, 0, of_latency);
}

/* The other way round: what is written is in one of the tables. */
static void readme_explains_what_is_written(void **state)
{
	static const char *const sometimes[] = {
		"error_occurred", "error_message", "x_uncorrected",
		"x_lateness",     "x_trace",       "x_pss_bytes",
		"x_rss_bytes",
	};
	struct readme google, ours, latency;
	size_t bytes, n_rare = 0;
	char *text = small_text(&bytes);
	json_t *root = json_loads(text, 0, NULL), *entry, *value;
	const char *key;

	(void)state;
	readme_read("### Keys of an entry: Google Benchmark's", &google);
	readme_read("### Keys of an entry: ours", &ours);
	readme_read("### Latency", &latency);
	entry = json_array_get(json_object_get(root, "benchmarks"), 0);
	json_object_foreach(entry, key, value)
	{
		if (readme_count(&google, key) + readme_count(&ours, key) != 1)
			fail_msg("%s is not explained", key);
	}
	json_object_foreach(json_object_get(entry, "x_latency"), key, value)
	{
		assert_int_equal(readme_count(&latency, key), 1);
	}
	/* Some are not in every entry: of failures, open loops, what is known. */
	for (size_t i = 0; i < ARRAY_LEN(sometimes); i++) {
		assert_int_equal(readme_count(&google, sometimes[i]) +
					 readme_count(&ours, sometimes[i]),
				 1);
		assert_null(json_object_get(entry, sometimes[i]));
	}
	for (size_t i = 0; i < n_slice_columns; i++) {
		const struct column *c = &slice_columns[i];

		if (c->type != COLUMN_RARE && c->type != COLUMN_WORDS)
			continue;
		assert_null(json_object_get(entry, c->key));
		n_rare++;
	}
	assert_int_equal(google.n + ours.n, json_object_size(entry) +
						    ARRAY_LEN(sometimes) +
						    n_rare);
	json_decref(root);
	free(text);
}

/* Two cells in blocks 1 to 3. */
static void make_blocks(struct run_results *run)
{
	struct fake_recipe how = fake_summary_usual;

	how.n_models = 2;
	how.n_workloads = how.n_workers = 1;
	how.blocks = 3;
	fake_summary_run(&how, run);
}

static void blocks_are_counted_from_none(void **state)
{
	struct run_results run = {0};

	(void)state;
	assert_int_equal(results_blocks(&run), 1);
	make_blocks(&run);
	assert_int_equal(results_blocks(&run), 4);
	/* The largest need not come last. */
	run.slices[0].block = 6;
	assert_int_equal(results_blocks(&run), 7);
	results_done(&run);
}

static void each_block_has_the_slice_of_its_cell(void **state)
{
	const struct slice_result *slices[4];
	bool counts[4] = {false, true, false, true};
	const struct cell_spec *cell;
	struct run_results run;
	double x[4];

	(void)state;
	make_blocks(&run);
	cell = &run.slices[1].cell;
	results_slices_of(&run, cell, NULL, slices);
	results_throughputs_of(&run, cell, NULL, x);
	assert_null(slices[0]);
	assert_true(isnan(x[0]));
	for (uint32_t i = 1; i < 4; i++) {
		assert_int_equal(slices[i]->block, i);
		assert_memory_equal(&slices[i]->cell, cell, sizeof(*cell));
		assert_true(x[i] > 0 && x[i] == slice_throughput(slices[i]));
	}
	results_slices_of(&run, cell, counts, slices);
	results_throughputs_of(&run, cell, counts, x);
	for (size_t i = 0; i < 4; i++) {
		assert_true(!slices[i] == !counts[i]);
		assert_true(isnan(x[i]) == !counts[i]);
	}
	results_done(&run);
}

static void a_failed_slice_has_no_place(void **state)
{
	const struct slice_result *slices[4];
	struct run_results run;
	double x[4];

	(void)state;
	make_blocks(&run);
	run.slices[0].status = SLICE_CRASHED;
	results_slices_of(&run, &run.slices[0].cell, NULL, slices);
	results_throughputs_of(&run, &run.slices[0].cell, NULL, x);
	assert_null(slices[run.slices[0].block]);
	assert_true(isnan(x[run.slices[0].block]));
	results_done(&run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slices_come_back_as_they_went),
		TEST(infos_come_back_as_they_went),
		TEST(entries_are_google_benchmarks),
		TEST(failed_slices_have_no_times),
		TEST(a_slice_without_tasks_has_no_times),
		TEST(runs_come_back_as_they_went),
		TEST(a_run_without_slices_is_one),
		TEST(cut_anywhere_it_is_no_run),
		TEST(flipped_bits_never_crash),
		TEST(impossible_runs_are_refused),
		TEST(sums_that_go_round_are_refused),
		TEST(unknown_keys_are_ignored),
		TEST(files_that_are_no_json),
		TEST(folders_that_are_not_there),
		TEST(a_file_that_is_too_large),
		TEST(a_full_disk_leaves_the_old_run),
		TEST(no_place_to_write),
		TEST(a_command_that_is_not_utf8),
		TEST(csv_has_a_field_for_every_column),
		TEST(readme_explains_every_column),
		TEST(readme_explains_what_is_written),
		TEST(blocks_are_counted_from_none),
		TEST(each_block_has_the_slice_of_its_cell),
		TEST(a_failed_slice_has_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
