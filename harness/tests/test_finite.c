/*
 * Whatever the numbers of a run that can be read, nothing that is made of them
 * says "nan" or "inf", or goes on and on.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/columns.h"
#include "harness/file.h"
#include "harness/plot.h"
#include "harness/report.h"
#include "harness/tests/effort.h"
#include "harness/tests/fake_summary.h"
#include "harness/view.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	fake_summary_folder(dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	fake_summary_folder_remove(dir);
	return 0;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "nan" and "inf" as words, not "finance". */
static void assert_finite(const char *text, const char *where, const char *why)
{
	static const char *const words[] = {"nan", "inf", "infinity"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);
		const char *p = strcasestr(text, words[i]);

		for (; p; p = strcasestr(p + 1, words[i])) {
			if ((p == text || !is_word(p[-1])) && !is_word(p[n]))
				fail_msg("%s, %s: …%.60s", why, where,
					 p - text > 20 ? p - 20 : text);
		}
	}
}

static void check_figure(const struct plot_kind *kind, const struct view *v,
			 const char *why)
{
	struct plot p;
	int r = plot_make(v, kind, &p);

	if (r == -ENODATA)
		return;
	assert_int_equal(r, 0);
	assert_finite(p.script, "script of a figure", why);
	assert_finite(p.data, "data of a figure", why);
	assert_finite(p.alt, "words of a figure", why);
	assert_in_range(strlen(p.script), 1, 1 << 16);
	plot_done(&p);
}

static void check_figures(const struct summary *s, const char *why)
{
	for (size_t k = 0; k < n_plot_kinds; k++) {
		const struct plot_kind *kind = plot_kinds[k];

		for (size_t i = 0; i < view_workloads(s, kind->experiment);
		     i++) {
			struct view v;

			assert_int_equal(view_make(s, kind->experiment, i, &v),
					 0);
			check_figure(kind, &v, why);
			view_done(&v);
		}
	}
}

static void check_words(const struct summary *s, const char *why)
{
	char *text, *html, path[96];
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	json_t *json = summary_json(s, dir);

	assert_non_null(out);
	assert_non_null(json);
	answer_text(s, out);
	summary_table(s, out);
	assert_int_equal(json_dumpf(json, out, 0), 0);
	assert_int_equal(fclose(out), 0);
	assert_finite(text, "summary", why);
	json_decref(json);
	free(text);
	assert_int_equal(report_write(s, dir), 0);
	snprintf(path, sizeof(path), "%s/report.html", dir);
	assert_int_equal(file_read(path, 1 << 24, &html, &bytes), 0);
	assert_finite(html, "report", why);
	free(html);
}

/* What people get of @run; false: it is no run that could be read. */
static bool check_run(const struct run_results *run, const char *why)
{
	struct run_results back;
	struct summary s;
	char error[256], *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	int r;

	assert_non_null(out);
	/* JSON has no NaN: a slice with a rate of that kind is not written. */
	r = results_print(run, out);
	assert_int_equal(fclose(out), 0);
	if (r == 0)
		r = results_parse("it", text, bytes, &back, error,
				  sizeof(error));
	if (r == 0) {
		assert_finite(text, "results.json", why);
		assert_int_equal(summary_make(&back, &s), 0);
		check_words(&s, why);
		check_figures(&s, why);
		summary_done(&s);
		results_done(&back);
	}
	free(text);
	return r == 0;
}

/* Two models beside serial, one workload, 1 and 2 workers, 6 blocks. */
static void make_run(struct run_results *run)
{
	static const struct fake_model models[] = {
		{"serial", 1, 0, 300, 200},
		{"threads", 0.98, 0, 14000, 8000},
		{"fork", 0.55, 212000, 60000, 90000},
	};
	struct fake_recipe how = fake_summary_usual;

	how.models = models;
	how.n_models = ARRAY_LEN(models);
	how.n_workloads = 1;
	how.n_workers = 2;
	how.blocks = 6;
	how.task_ns = 20e6;
	fake_summary_run(&how, run);
}

static void set_number(const struct column *c, void *base, bool max)
{
	void *field = (char *)base + c->offset;

	switch (c->type) {
	case COLUMN_RARE:
	case COLUMN_U64:
		/* As much as all slices can have without a sum too large. */
		*(uint64_t *)field = max ? UINT64_C(1) << 57 : 0;
		break;
	case COLUMN_U32:
		*(uint32_t *)field = max ? UINT32_MAX : 0;
		break;
	case COLUMN_INT:
		*(int *)field = max ? INT32_MAX : 0;
		break;
	case COLUMN_I64:
		*(int64_t *)field = max ? INT64_MAX : 0;
		break;
	case COLUMN_HEX:
		*(uint64_t *)field = max ? UINT64_MAX : 0;
		break;
	case COLUMN_F64:
		*(double *)field = max ? 1e308 : 0;
		break;
	case COLUMN_TEXT:
	case COLUMN_WORDS:
	case COLUMN_BOOL:
		break;
	}
}

/* Only the slices of @model; NULL: all. */
static bool is_of(const struct slice_result *s, const char *model)
{
	return !model || strcmp(s->cell.model, model) == 0;
}

static void numbers_of_slices_at_their_ends(void **state)
{
	static const char *const models[] = {NULL, "serial", "threads", "fork"};
	size_t n = (size_t)effort_of(ARRAY_LEN(models)), read = 0;

	(void)state;
	for (size_t i = 0; i < n_slice_columns * n * 2; i++) {
		const struct column *c = &slice_columns[i / 2 / n];
		struct run_results run;

		/* Another status could not even be written. */
		if (c->offset == offsetof(struct slice_result, status))
			continue;
		make_run(&run);
		for (size_t k = 0; k < run.n; k++) {
			if (is_of(&run.slices[k], models[i / 2 % n]))
				set_number(c, &run.slices[k], i % 2);
		}
		read += check_run(&run, c->key);
		results_done(&run);
	}
	assert_in_range(read, 50 * n, n_slice_columns * n * 2);
}

static void numbers_of_the_run_at_their_ends(void **state)
{
	size_t read = 0;

	(void)state;
	for (size_t i = 0; i < n_info_columns * 2; i++) {
		const struct column *c = &info_columns[i / 2];
		struct run_results run;

		make_run(&run);
		set_number(c, &run.info, i % 2);
		read += check_run(&run, c->key);
		results_done(&run);
	}
	assert_in_range(read, 20, n_info_columns * 2);
}

/* No task ended in its window. */
static void empty_window(struct slice_result *s)
{
	s->tasks = 0;
	slice_result_done(s);
	s->latency = NULL;
	memset(s->phase_sum_ns, 0, sizeof(s->phase_sum_ns));
}

/* Nothing ended well at all. */
static void all_failed(struct slice_result *s)
{
	empty_window(s);
	s->ended[TASK_EXIT] += s->ended[TASK_OK];
	s->ended[TASK_OK] = 0;
}

/* The tasks took no time, as far as the clock could see. */
static void no_time(struct slice_result *s)
{
	uint64_t n = s->latency->n;

	memset(s->latency, 0, sizeof(*s->latency));
	for (uint64_t i = 0; i < n; i++)
		histogram_add(s->latency, 0);
	memset(s->phase_sum_ns, 0, sizeof(s->phase_sum_ns));
}

/* Beyond what the histogram has buckets for. */
static void much_time(struct slice_result *s)
{
	uint64_t n = s->latency->n;

	memset(s->latency, 0, sizeof(*s->latency));
	for (uint64_t i = 0; i < n; i++)
		histogram_add(s->latency, UINT64_C(1) << 45);
	memset(s->phase_sum_ns, 0, sizeof(s->phase_sum_ns));
	s->phase_sum_ns[PHASE_QUEUE] = s->latency->sum;
}

static void no_cpu(struct slice_result *s)
{
	s->user_ns = s->system_ns = 0;
}

static void crash(struct slice_result *s)
{
	all_failed(s);
	s->status = SLICE_CRASHED;
}

static void long_window(struct slice_result *s)
{
	s->window_ns = UINT64_C(1) << 57;
}

/* Every other block, so that a median is between nothing and something. */
static void empty_window_at_times(struct slice_result *s)
{
	if (s->block % 2)
		empty_window(s);
}

static void whole_slices_of_nothing(void **state)
{
	static void (*const spoil[])(struct slice_result *) = {
		empty_window, all_failed, no_time,     much_time,
		no_cpu,       crash,      long_window, empty_window_at_times,
	};
	static const char *const models[] = {"serial", "threads", "fork", NULL};
	char why[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spoil) * ARRAY_LEN(models); i++) {
		const char *model = models[i % 4];
		struct run_results run;

		make_run(&run);
		for (size_t k = 0; k < run.n; k++) {
			if (is_of(&run.slices[k], model))
				spoil[i / 4](&run.slices[k]);
		}
		snprintf(why, sizeof(why), "spoiled %zu of %s", i / 4,
			 model ? model : "all");
		assert_true(check_run(&run, why));
		results_done(&run);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_of_slices_at_their_ends),
		TEST(numbers_of_the_run_at_their_ends),
		TEST(whole_slices_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
