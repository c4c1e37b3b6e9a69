/*
 * A libFuzzer program for the reader of results.json, see `make fuzz': whatever
 * the bytes are, they are refused with a reason, or make a run that can be
 * summarised, drawn, written and read again as the same.
 *
 * With --seed DIR it writes a small run into DIR instead, to begin from.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/file.h"
#include "harness/plot.h"
#include "harness/tests/fake_summary.h"
#include "harness/view.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t max,
			       unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t max);

/* results.json of @run as text, to be freed. */
static char *print(const struct run_results *run, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	CHECK(out);
	CHECK(results_print(run, out) == 0);
	CHECK(fclose(out) == 0 && text);
	return text;
}

static void use_figure(const struct plot_kind *kind, const struct view *v)
{
	struct plot p;
	int r = plot_make(v, kind, &p);

	CHECK(r == 0 || r == -ENODATA);
	if (r == 0)
		plot_done(&p);
}

static void use_figures(const struct summary *s)
{
	for (size_t k = 0; k < n_plot_kinds; k++) {
		const struct plot_kind *kind = plot_kinds[k];
		size_t n = view_workloads(s, kind->experiment);

		for (size_t i = 0; i < n; i++) {
			struct view v;

			CHECK(view_make(s, kind->experiment, i, &v) == 0);
			use_figure(kind, &v);
			view_done(&v);
		}
	}
}

/* Everything that is made of a run, but files. */
static void use(const struct run_results *run)
{
	struct summary s;
	json_t *json;
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	CHECK(out);
	CHECK(summary_make(run, &s) == 0);
	answer_text(&s, out);
	summary_table(&s, out);
	json = summary_json(&s, "dir");
	CHECK(json);
	CHECK(json_dumpf(json, out, 0) == 0);
	json_decref(json);
	CHECK(fclose(out) == 0);
	free(text);
	use_figures(&s);
	summary_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct run_results run, back;
	char error[256] = "", *once, *twice;
	size_t n_once, n_twice;

	int r = results_parse("it", (const char *)data, bytes, &run, error,
			      sizeof(error));

	CHECK(r == 0 || r == -EINVAL);
	CHECK((r == 0) == (error[0] == '\0'));
	if (r < 0)
		return 0;
	use(&run);
	once = print(&run, &n_once);
	CHECK(results_parse("it", once, n_once, &back, error, sizeof(error)) ==
	      0);
	twice = print(&back, &n_twice);
	CHECK(n_once == n_twice && memcmp(once, twice, n_once) == 0);
	free(once);
	free(twice);
	results_done(&run);
	results_done(&back);
	return 0;
}

/* The first character of a number at or after @i; @n: there is none. */
static size_t next_number(const char *text, size_t n, size_t i)
{
	while (i < n && !(strchr(":[, ", text[i ? i - 1 : 0]) && text[i] &&
			  strchr("0123456789", text[i])))
		i++;
	return i;
}

/*
 * Random bytes hardly ever make JSON.  So two times of three put another number
 * in the place of one.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t max,
			       unsigned seed)
{
	static const char *const numbers[] = {
		"0",          "1",          "2",
		"3",          "10",         "9223372036854775807",
		"-1",         "4294967295", "255",
		"1000000000", "1e-9",       "2147483647",
	};
	struct rng r = {seed};
	const char *number = numbers[rng_below(&r, ARRAY_LEN(numbers))];
	size_t n = strlen(number), at, end;

	if (bytes == 0 || rng_below(&r, 3) == 0)
		return LLVMFuzzerMutate(data, bytes, max);
	at = next_number((char *)data, bytes, rng_below(&r, bytes));
	end = at;
	while (end < bytes && data[end] && strchr("0123456789.", data[end]))
		end++;
	if (end == at || bytes - (end - at) + n > max)
		return LLVMFuzzerMutate(data, bytes, max);
	memmove(data + at + n, data + end, bytes - end);
	memcpy(data + at, number, n);
	return bytes - (end - at) + n;
}

/* A closed loop, an open one with a trace, and a slice that went wrong. */
static void make_seed(struct run_results *run)
{
	struct fake_recipe how = fake_summary_usual;
	struct slice_result *s;

	how.n_models = 2;
	how.n_workloads = how.n_workers = 1;
	how.blocks = 2;
	how.task_ns = 20e6;
	fake_summary_run(&how, run);
	s = &run->slices[0];
	s->cell.interval_ns = 1000;
	run->slices[2].cell = s->cell;
	s->uncorrected = calloc(1, sizeof(*s->uncorrected));
	s->lateness = calloc(1, sizeof(*s->lateness));
	s->trace = calloc(2, sizeof(*s->trace));
	CHECK(s->uncorrected && s->lateness && s->trace);
	histogram_add(s->uncorrected, 20);
	histogram_add(s->lateness, UINT64_C(1) << 41);
	s->trace[0] = (struct task_trace){0, 1, 1, 2, 3, 4, 5, 6};
	s->trace[1] = (struct task_trace){0, -1, 7, 8, 0, 9, 10, 11};
	s->n_trace = 2;
	run->slices[3].status = SLICE_CRASHED;
	run->slices[3].status_value = 11;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct run_results run;
	char table[PATH_MAX];
	int r;

	if (*argc != 3 || strcmp((*argv)[1], "--seed") != 0)
		return 0;
	make_seed(&run);
	r = results_write(&run, (*argv)[2]);
	/* It comes with the run, but nothing reads it. */
	(void)snprintf(table, sizeof(table), "%s/slices.csv", (*argv)[2]);
	r |= unlink(table);
	results_done(&run);
	exit(r < 0);
}
