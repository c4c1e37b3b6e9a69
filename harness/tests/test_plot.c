/*
 * Figures: their layout, data, words; and gnuplot, there, gone and failing.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/file.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/plot.h"
#include "harness/plot_internal.h"
#include "harness/tests/fake_summary.h"

static const char *const one_workload[] = {"primes"};
static const uint32_t many_workers[] = {1, 2, 3, 4, 6, 8, 12, 16, 32, 64};
static const uint32_t two_workers[] = {2};

static struct fake_model models[8];
static struct fake_recipe recipe;
static struct run_results run;
static struct summary s;
static char folder[64];
static char path_before[PATH_MAX];

static int setup(void **state)
{
	(void)state;
	recipe = fake_summary_usual;
	memcpy(models, recipe.models, recipe.n_models * sizeof(*models));
	recipe.models = models;
	recipe.workloads = one_workload;
	recipe.n_workloads = 1;
	recipe.blocks = 8;
	snprintf(path_before, sizeof(path_before), "%s", getenv("PATH"));
	fake_summary_folder(folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	setenv("PATH", path_before, 1);
	fake_summary_done(&run, &s);
	fake_summary_folder_remove(folder);
	return 0;
}

static int has_gnuplot(void)
{
	/* Fixed words, no input: system() is safe here, and short. */
	return system("gnuplot --version >/dev/null 2>&1") == 0;
}

static void measure(void)
{
	fake_summary_run(&recipe, &run);
	fake_summary_trace(&run);
	assert_int_equal(summary_make(&run, &s), 0);
}

static struct plot make(const struct plot_kind *kind)
{
	struct plot p;
	struct view v;

	assert_int_equal(view_make(&s, kind->experiment, 0, &v), 0);
	assert_int_equal(plot_make(&v, kind, &p), 0);
	view_done(&v);
	return p;
}

static char *read_text(const char *name)
{
	char path[PATH_MAX], *text;
	size_t n;

	snprintf(path, sizeof(path), "%s/plots/%s", folder, name);
	if (file_read(path, 1 << 24, &text, &n) < 0)
		return NULL;
	return text;
}

/* Words that betray a number that is none. */
static void assert_clean(const char *text)
{
	static const char *const bad[] = {" nan", "-nan",  "nan ", " inf",
					  "-inf", "inf\n", "NaN",  "(null)"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (strstr(text, bad[i]))
			fail_msg("\"%s\" in: %s", bad[i], strstr(text, bad[i]));
	}
}

/* Nearer than the gap, out of order or out of the box: never. */
static void test_spread(void **state)
{
	struct rng r = {7};

	(void)state;
	for (int round = 0; round < 2000; round++) {
		double y[12], x[12];
		size_t n = rng_below(&r, 12);

		for (size_t i = 0; i < n; i++)
			x[i] = y[i] = (double)rng_below(&r, 400);
		assert_int_equal(plot_spread(y, n, 30, 0, 400), 0);
		for (size_t i = 0; i < n; i++) {
			assert_true(y[i] >= -1e-9 && y[i] <= 400 + 1e-9);
			for (size_t k = 0; k < n; k++) {
				if (i == k)
					continue;
				assert_true(fabs(y[i] - y[k]) >= 30 - 1e-9);
				if (x[i] < x[k])
					assert_true(y[i] < y[k]);
			}
		}
	}
}

static void test_spread_leaves_alone(void **state)
{
	double y[] = {10, 200, 100}, close[] = {100, 110};

	(void)state;
	assert_int_equal(plot_spread(y, 3, 30, 0, 400), 0);
	assert_true(y[0] == 10 && y[1] == 200 && y[2] == 100);
	assert_int_equal(plot_spread(close, 2, 30, 0, 400), 0);
	assert_true(fabs(close[0] - 90) < 1e-9);
	assert_true(fabs(close[1] - 120) < 1e-9);
}

static void test_tics(void **state)
{
	struct tics t = plot_tics(1380, 7, false);

	(void)state;
	assert_int_equal(t.n, 7);
	assert_true(t.at[1] == 200 && t.at[6] == 1200);
	t = plot_tics(1380, 7, true);
	assert_true(t.at[t.n - 1] == 1400);
	t = plot_tics(0, 5, false);
	assert_true(t.n >= 2 && t.at[0] == 0);
	t = plot_tics(NAN, 5, false);
	assert_true(t.n >= 2);
}

static void test_tics_log(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		for (int k = 1; k < 18; k++) {
			double low = pow(1.7, i), wide = pow(3, k);
			struct tics t = plot_tics_log(low, low * wide);

			assert_in_range(t.n, 1, 12);
			for (size_t j = 0; j < t.n; j++) {
				assert_true(t.at[j] >= low &&
					    t.at[j] <= low * wide);
				assert_true(j == 0 || t.at[j] > t.at[j - 1]);
			}
		}
	}
}

static void test_quote(void **state)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	plot_quote(out, "it's `date` \"x\" \\n\nend");
	fclose(out);
	assert_string_equal(text, "'it''s `date` \"x\" \\n end'");
	free(text);
}

/* Relative luminance as WCAG 2 defines it. */
static double luminance(const char *colour)
{
	static const double weights[] = {0.2126, 0.7152, 0.0722};
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		char hex[3] = {colour[1 + 2 * i], colour[2 + 2 * i], '\0'};
		double c = (double)strtol(hex, NULL, 16) / 255;

		c = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
		sum += weights[i] * c;
	}
	return sum;
}

static double contrast_on_white(const char *colour)
{
	return 1.05 / (luminance(colour) + 0.05);
}

static void test_looks(void **state)
{
	static const char *const names[] = {
		"serial", "fork",     "exec",    "shell", "thread_per_task",
		"pool",   "threads",  "cluster", "x1",    "x2",
		"x3",     "x4",       "x5",      "x6",    "x7",
		"x8",     "pool:shm",
	};
	size_t n = ARRAY_LEN(names);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct look a = look_of(names, n, i);

		assert_true(contrast_on_white(a.colour) >= 3);
		assert_true(contrast_on_white(a.text) >= 4.5);
		/* Seven strangers have their own; then they repeat. */
		for (size_t k = 0; k < i && i < 15; k++)
			assert_string_not_equal(a.colour,
						look_of(names, n, k).colour);
	}
	assert_int_equal(look_family("pool:shm"), LOOK_PROCESS);
	assert_int_equal(look_family("threads"), LOOK_THREAD);
	assert_int_equal(look_family("poo"), LOOK_UNKNOWN);
	assert_int_equal(look_of(names, n, 16).family, LOOK_PROCESS);
	assert_true(look_per_task("fork"));
	assert_true(look_per_task("fork:vfork"));
	assert_false(look_per_task("pool"));
	assert_false(look_per_task("for"));
}

/* Every number of the throughput's data, read back. */
static void test_throughput_data(void **state)
{
	struct plot p;
	size_t rows = 0;
	char model[32] = "";

	(void)state;
	measure();
	p = make(&plot_throughput);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		double x, y, low, high;
		uint32_t workers;
		const struct estimate *t;

		if (sscanf(line, "# %31s", model) == 1)
			continue;
		if (strcmp(model, "ideal") == 0)
			continue;
		assert_int_equal(sscanf(line, "%lf %u %lf %lf %lf", &x,
					&workers, &y, &low, &high),
				 5);
		t = &fake_summary_cell(&s, model, "primes", workers)
			     ->throughput_per_s;
		assert_true(fabs(y / t->median - 1) < 1e-4);
		assert_true(fabs(low / t->low - 1) < 1e-4);
		assert_true(fabs(high / t->high - 1) < 1e-4);
		rows++;
	}
	assert_int_equal(rows, 16);
	plot_done(&p);
}

static void test_latency_data(void **state)
{
	struct plot p;
	size_t rows = 0;
	char model[32] = "";

	(void)state;
	measure();
	p = make(&plot_latency);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		double x, q, ns;
		const struct cell_summary *c;

		if (sscanf(line, "# %31s", model) == 1)
			continue;
		assert_int_equal(sscanf(line, "%lf %lf %lf", &x, &q, &ns), 3);
		c = fake_summary_cell(&s, model, "primes",
				      strcmp(model, "serial") == 0 ? 1 : 2);
		assert_true(fabs(x + log10(1 - q)) < 1e-3);
		assert_true((double)c->latency->n * (1 - q) > 9.9);
		assert_true(
			fabs(ns / (double)histogram_quantile(c->latency, q) -
			     1) < 0.02);
		rows++;
	}
	assert_true(rows > 6 * 20);
	plot_done(&p);
}

/* Phases in a row add up to the mean time of a task, and of the slowest. */
static void test_breakdown_data(void **state)
{
	struct plot p;
	size_t rows[2] = {0, 0};
	int slow = 0;

	(void)state;
	measure();
	p = make(&plot_breakdown);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		double create, dispatch, compute, back;
		char model[32];
		unsigned row;
		const struct cell_summary *c;

		slow |= strstr(line, "slowest") != NULL;
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%u %lf %lf %lf %lf # %31s", &row,
					&create, &dispatch, &compute, &back,
					model),
				 6);
		c = fake_summary_cell(&s, model, "primes",
				      strcmp(model, "serial") == 0 ? 1 : 2);
		assert_true(fabs(create - (slow ? c->slow_phase_ns
						: c->phase_ns)[PHASE_CREATE]) <
			    1);
		assert_true(fabs(create + dispatch + compute + back -
				 (slow ? cell_slow_own_ns(c)
				       : c->latency_mean_ns)) < 2);
		rows[slow]++;
	}
	assert_int_equal(rows[0], 6);
	assert_int_equal(rows[1], 6);
	assert_int_equal(fake_summary_count(p.alt, "The slowest 1 %"), 1);
	plot_done(&p);
}

/* A model with too few slow tasks has no bar; without any, no group. */
static void test_breakdown_few(void **state)
{
	struct plot p;

	(void)state;
	measure();
	fake_summary_cell(&s, "pool", "primes", 2)->slow_tasks = 9;
	p = make(&plot_breakdown);
	assert_int_equal(fake_summary_count(p.data, "# pool"), 1);
	assert_int_equal(fake_summary_count(p.script, "too few tasks"), 1);
	assert_clean(p.data);
	plot_done(&p);
	for (size_t i = 0; i < s.n; i++)
		s.cells[i].slow_tasks = 0;
	p = make(&plot_breakdown);
	assert_int_equal(fake_summary_count(p.data, "# pool"), 1);
	assert_null(strstr(p.script, "too few tasks"));
	assert_null(strstr(p.alt, "slowest"));
	assert_non_null(strstr(p.script, "GROUPS = 1\n"));
	plot_done(&p);
}

/*
 * Block 2 is noisy: half of the processors' time went elsewhere; in block 5 the
 * pool had a bad moment.
 */
static void measure_evidence(void)
{
	fake_summary_run(&recipe, &run);
	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *slice = &run.slices[i];

		slice->noise_span_ns = NS_PER_S;
		slice->busy_ns = 0;
		slice->steal_ns = slice->block == 2 ? NS_PER_S : 0;
		if (slice->block == 5 && strcmp(slice->cell.model, "pool") == 0)
			slice->tasks /= 2;
	}
	assert_int_equal(summary_make(&run, &s), 0);
}

static double throughput_of(const char *model, uint32_t block)
{
	for (size_t i = 0; i < run.n; i++) {
		const struct slice_result *slice = &run.slices[i];

		if (slice->block == block && slice->cell.workers == 2 &&
		    strcmp(slice->cell.model, model) == 0)
			return slice_throughput(slice);
	}
	fail_msg("no %s in block %u", model, block);
	return NAN;
}

/* Every dot of the evidence, computed again from the slices. */
static void test_evidence_data(void **state)
{
	struct plot p;
	size_t rows = 0;
	char model[32] = "";

	(void)state;
	measure_evidence();
	p = make(&plot_evidence);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		uint32_t block;
		double ratio;
		int is_noisy, out;

		if (sscanf(line, "# %31s", model) == 1)
			continue;
		assert_int_equal(sscanf(line, "%u %lf %d %d", &block, &ratio,
					&is_noisy, &out),
				 4);
		assert_true(fabs(ratio / throughput_of(model, block) *
					 throughput_of("threads", block) -
				 1) < 1e-5);
		assert_int_equal(is_noisy, block == 2);
		assert_int_equal(out, block == 5 && strcmp(model, "pool") == 0);
		rows++;
	}
	/* Neither the reference nor serial, which has fewer workers. */
	assert_int_equal(rows, 4 * recipe.blocks);
	assert_non_null(strstr(p.alt, " pool: median 0.9"));
	assert_int_equal(fake_summary_count(p.alt, " 1 far out, 1 in noisy"),
			 1);
	assert_int_equal(fake_summary_count(p.alt, " 0 far out, 1 in noisy"),
			 3);
	assert_int_equal(fake_summary_count(p.script, "'noisy block'"), 1);
	plot_done(&p);
}

/* What is unknown is not called noisy, and what is not there has no key. */
static void test_evidence_unknown(void **state)
{
	struct plot p;

	(void)state;
	measure_evidence();
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].steal_ns = -1;
	p = make(&plot_evidence);
	assert_null(strstr(p.script, "'noisy block'"));
	assert_null(strstr(p.data, " 1 0\n"));
	plot_done(&p);
}

/* A model far from 1 has its panel all the same, and a word where 1 is. */
static void test_evidence_far(void **state)
{
	struct plot p;

	(void)state;
	models[1].speed = 0.001;
	recipe.task_ns = 1e4;
	measure();
	p = make(&plot_evidence);
	assert_int_equal(fake_summary_count(p.script, "1 is further up"), 3);
	assert_clean(p.script);
	plot_done(&p);
}

/* Every box of the timeline lies in its panel, and none on another. */
static void test_timeline_data(void **state)
{
	struct plot p;
	double until[8] = {0};
	size_t rows = 0, panels = 0;

	(void)state;
	measure();
	p = make(&plot_timeline);
	for (char *line = strtok(p.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		unsigned worker;
		double turn, created, start, end, done;

		if (line[0] == '#') {
			panels += strstr(line, "worker turn") == NULL;
			memset(until, 0, sizeof(until));
			continue;
		}
		assert_int_equal(sscanf(line, "%u %lf %lf %lf %lf %lf", &worker,
					&turn, &created, &start, &end, &done),
				 6);
		assert_in_range(worker, 0, 1);
		assert_true(turn <= created && created <= start &&
			    start < end && end <= done);
		assert_true(turn <= 20e6 && done >= 0);
		assert_true(until[worker] <= 0 || turn >= until[worker]);
		until[worker] = end;
		rows++;
	}
	assert_int_equal(panels, 6);
	assert_in_range(rows, 11 * 14, 11 * 22);
	assert_non_null(strstr(p.alt, " of 20 ms of the workers' tasks"));
	assert_non_null(strstr(p.alt, " fork 66 %,"));
	plot_done(&p);
}

/* More workers than there is room for are said, not drawn. */
static void test_timeline_many(void **state)
{
	struct plot p;

	(void)state;
	recipe.workers = many_workers;
	recipe.n_workers = ARRAY_LEN(many_workers);
	recipe.processors = 16;
	measure();
	p = make(&plot_timeline);
	assert_int_equal(fake_summary_count(p.script, "'8 of 16'"), 5);
	assert_null(strstr(p.script, "'w8'"));
	assert_null(strstr(p.data, "\n8 "));
	plot_done(&p);
}

static void test_alt_has_medians(void **state)
{
	struct plot p;

	(void)state;
	measure();
	p = make(&plot_throughput);
	for (size_t i = 0; i < s.n; i++) {
		double y = s.cells[i].throughput_per_s.median;

		assert_non_null(strstr(p.alt, number_plain(y).text));
		assert_non_null(strstr(p.alt, s.cells[i].spec.model));
	}
	plot_done(&p);
	p = make(&plot_latency);
	assert_int_equal(fake_summary_count(p.alt, "p50 "), 6);
	plot_done(&p);
	p = make(&plot_breakdown);
	assert_int_equal(fake_summary_count(p.alt, "compute "), 12);
	plot_done(&p);
}

/* A cell that was tried and not measured is a gap, not a line across it. */
static void test_gap(void **state)
{
	struct cell_summary *c;
	struct plot p;

	(void)state;
	measure();
	c = fake_summary_cell(&s, "cluster", "primes", 2);
	c->throughput_per_s = (struct estimate){NAN, NAN, NAN};
	p = make(&plot_throughput);
	assert_non_null(strstr(strstr(p.data, "# cluster\n1 1 "), "\n\n4 4 "));
	assert_clean(p.data);
	plot_done(&p);
}

static void test_no_interval(void **state)
{
	struct plot p;

	(void)state;
	recipe.blocks = 3;
	measure();
	p = make(&plot_throughput);
	assert_int_equal(fake_summary_count(p.data, " ? ?\n"), 16);
	assert_non_null(strstr(p.script, "too few for an interval"));
	assert_clean(p.data);
	plot_done(&p);
}

/* A figure shows the cells of its own experiment and of no other. */
static void test_other_experiment(void **state)
{
	struct plot p;
	struct view v;

	(void)state;
	fake_summary_run(&recipe, &run);
	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *slice = &run.slices[i];

		if (strcmp(slice->cell.model, "cluster") != 0)
			continue;
		strcpy(slice->cell.experiment, "other");
		slice->tasks *= 1000;
	}
	assert_int_equal(summary_make(&run, &s), 0);
	p = make(&plot_throughput);
	assert_null(strstr(p.data, "cluster"));
	assert_null(strstr(p.script, "cluster"));
	assert_true(strtod(strstr(p.script, "Y_MAX = ") + 8, NULL) < 1e4);
	plot_done(&p);

	assert_int_equal(view_workloads(&s, "other"), 1);
	assert_int_equal(view_workloads(&s, "none"), 0);
	assert_int_equal(view_make(&s, "none", 0, &v), -EINVAL);
	assert_int_equal(view_make(&s, "other", 1, &v), -EINVAL);
	assert_int_equal(view_make(&s, "other", 0, &v), 0);
	assert_int_equal(v.n_models, 1);
	assert_string_equal(v.models[0], "cluster");
	assert_ptr_equal(view_cell(&v, "cluster", 2)->spec.experiment,
			 summary_find(&s, "other", "cluster", "primes", 2)
				 ->spec.experiment);
	assert_null(view_cell(&v, "pool", 2));
	view_done(&v);
}

static void test_missing_model_is_named(void **state)
{
	struct plot p;

	(void)state;
	measure();
	for (size_t i = 0; i < s.n; i++) {
		if (strcmp(s.cells[i].spec.model, "cluster") == 0)
			s.cells[i].throughput_per_s.median = NAN;
	}
	p = make(&plot_throughput);
	assert_non_null(strstr(p.script, "'not measured: cluster'"));
	assert_null(strstr(p.data, "cluster"));
	plot_done(&p);
}

static void test_nothing_to_draw(void **state)
{
	struct plot p;
	struct view v;

	(void)state;
	measure();
	for (size_t i = 0; i < s.n; i++) {
		s.cells[i].throughput_per_s.median = NAN;
		s.cells[i].ratio.median = NAN;
		s.cells[i].latency_mean_ns = NAN;
		memset(s.cells[i].latency, 0, sizeof(*s.cells[i].latency));
	}
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].n_trace = 0;
	assert_int_equal(view_make(&s, "scaling", 0, &v), 0);
	for (size_t k = 0; k < n_plot_kinds; k++)
		assert_int_equal(plot_make(&v, plot_kinds[k], &p), -ENODATA);
	view_done(&v);
}

/* A title that would leave the figure gives way to the neutral one. */
static void test_long_title(void **state)
{
	struct plot p;

	(void)state;
	models[4].name = "threads_with_a_name_as_long_as_it";
	models[3].name = "pool_with_a_name_as_long_as_it_is";
	models[1].name = "fork_with_a_name_as_long_as_it_is";
	measure();
	p = make(&plot_throughput);
	assert_string_equal(p.title, "Throughput by number of workers");
	plot_done(&p);
}

/* Runs that have broken figures before, or might. */
static void nasty_usual(void)
{
}

static void nasty_equal(void)
{
	recipe.noise = 0;
	for (size_t i = 0; i < recipe.n_models; i++)
		models[i] =
			(struct fake_model){.name = models[i].name, .speed = 1};
}

static void nasty_slow(void)
{
	models[1].speed = 0.01;
	models[1].create_ns = 1e8;
}

static void nasty_few(void)
{
	recipe.blocks = 1;
}

static void nasty_single(void)
{
	models[0] = models[4];
	recipe.n_models = 1;
}

static void nasty_many(void)
{
	recipe.workers = many_workers;
	recipe.n_workers = ARRAY_LEN(many_workers);
	recipe.processors = 16;
	recipe.blocks = 6;
}

static void nasty_two(void)
{
	recipe.workers = two_workers;
	recipe.n_workers = 1;
}

static void nasty_names(void)
{
	static const char *const workloads[] = {"a/../b'c <&>\n`id`$(id)"};

	models[6] = (struct fake_model){"new<b>_x^{2}'&`date`", 0.7, 0, 0, 9};
	models[1].name = "a\"b\\n%s@~";
	models[2].name = "100%";
	recipe.n_models = 7;
	recipe.workloads = workloads;
}

static void nasty_quota(void)
{
	recipe.processors = 1.5;
}

static void (*const nasty[])(void) = {
	nasty_usual, nasty_equal, nasty_slow,  nasty_few,   nasty_single,
	nasty_many,  nasty_two,   nasty_names, nasty_quota,
};

/* What every drawn figure must be. */
static void assert_svg(const char *name)
{
	char *svg = read_text(name);

	assert_non_null(svg);
	assert_non_null(strstr(svg, "<svg role=\"img\" "));
	assert_null(strstr(svg, "GNUPLOT"));
	assert_null(strstr(svg, "<title>Gnuplot</title>"));
	assert_null(strstr(svg, "font-family=\"Liberation Sans\""));
	assert_null(strstr(svg, "uid="));
	assert_non_null(strstr(svg, "</svg>"));
	assert_clean(svg);
	free(svg);
}

static void test_gnuplot_draws_all(void **state)
{
	if (!has_gnuplot())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(nasty); i++) {
		char error[256] = "", dir[128];
		struct dirent *entry;
		size_t drawn = 0;
		DIR *d;

		setup(state);
		nasty[i]();
		measure();
		if (plot_all(&s, folder, error, sizeof(error)) != 0)
			fail_msg("run %zu: %s", i, error);
		snprintf(dir, sizeof(dir), "%s/plots", folder);
		d = opendir(dir);
		assert_non_null(d);
		while ((entry = readdir(d))) {
			if (strstr(entry->d_name, ".svg")) {
				assert_svg(entry->d_name);
				drawn++;
			}
		}
		closedir(d);
		assert_in_range(drawn, 3, 5);
		teardown(state);
	}
}

static void test_same_bytes_twice(void **state)
{
	static const char *const names[] = {
		"throughput-primes.gp",  "throughput-primes.dat",
		"throughput-primes.svg", "latency-primes.svg",
		"breakdown-primes.svg",
	};
	char error[256];

	(void)state;
	if (!has_gnuplot())
		skip();
	measure();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *one, *two;

		assert_int_equal(plot_all(&s, folder, error, sizeof(error)), 0);
		one = read_text(names[i]);
		assert_int_equal(plot_all(&s, folder, error, sizeof(error)), 0);
		two = read_text(names[i]);
		assert_string_equal(one, two);
		free(one);
		free(two);
	}
}

/* A script is complete: it draws the figure alone, in its folder. */
static void test_script_runs_alone(void **state)
{
	char command[256], *svg;

	(void)state;
	if (!has_gnuplot())
		skip();
	measure();
	setenv("PATH", "", 1);
	assert_int_equal(plot_all(&s, folder, NULL, 0), -ENOENT);
	setenv("PATH", path_before, 1);
	snprintf(
		command, sizeof(command),
		"cd %s/plots && LC_ALL=C gnuplot latency-primes.gp 2>/dev/null",
		folder);
	assert_int_equal(system(command), 0);
	svg = read_text("latency-primes.svg");
	assert_non_null(svg);
	assert_non_null(strstr(svg, "</svg>"));
	free(svg);
}

static void test_without_gnuplot(void **state)
{
	char old[128], *text;

	(void)state;
	measure();
	snprintf(old, sizeof(old), "%s/plots", folder);
	assert_int_equal(mkdir(old, 0700), 0);
	snprintf(old, sizeof(old), "%s/plots/latency-primes.svg", folder);
	assert_int_equal(file_write(old, "old", 3), 0);
	setenv("PATH", "", 1);
	assert_int_equal(plot_all(&s, folder, NULL, 0), -ENOENT);
	assert_null(read_text("latency-primes.svg"));
	text = read_text("latency-primes.gp");
	assert_non_null(strstr(text, "set terminal svg"));
	free(text);
	text = read_text("breakdown-primes.dat");
	assert_non_null(text);
	free(text);
}

/* A gnuplot that only complains. */
static void test_failing_gnuplot(void **state)
{
	static const char script[] =
		"#!/bin/sh\necho half > \"$(basename \"$1\" .gp).svg\"\n"
		"printf '\\n^\\n\"%s\" line 3: boom\\n' \"$1\" >&2\nexit 1\n";
	char program[128], path[PATH_MAX + 80], error[256] = "";

	(void)state;
	measure();
	snprintf(program, sizeof(program), "%s/gnuplot", folder);
	assert_int_equal(file_write(program, script, strlen(script)), 0);
	assert_int_equal(chmod(program, 0755), 0);
	snprintf(path, sizeof(path), "%s:%s", folder, path_before);
	setenv("PATH", path, 1);
	assert_int_equal(plot_all(&s, folder, error, sizeof(error)), -EIO);
	assert_string_equal(error, "gnuplot throughput-primes.gp: exit 1: "
				   "\"throughput-primes.gp\" line 3: boom");
	assert_null(read_text("throughput-primes.svg"));
}

static void test_unwritable_folder(void **state)
{
	(void)state;
	measure();
	assert_int_equal(plot_all(&s, "/nonexistent/folder", NULL, 0),
			 -ENOTDIR);
	assert_int_equal(plot_all(&s, "/dev/null", NULL, 0), -ENOTDIR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_spread_leaves_alone),
		cmocka_unit_test(test_tics),
		cmocka_unit_test(test_tics_log),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_looks),
		TEST(test_throughput_data),
		TEST(test_latency_data),
		TEST(test_breakdown_data),
		TEST(test_breakdown_few),
		TEST(test_evidence_data),
		TEST(test_evidence_unknown),
		TEST(test_evidence_far),
		TEST(test_timeline_data),
		TEST(test_timeline_many),
		TEST(test_alt_has_medians),
		TEST(test_gap),
		TEST(test_no_interval),
		TEST(test_other_experiment),
		TEST(test_missing_model_is_named),
		TEST(test_nothing_to_draw),
		TEST(test_long_title),
		cmocka_unit_test(test_gnuplot_draws_all),
		TEST(test_same_bytes_twice),
		TEST(test_script_runs_alone),
		TEST(test_without_gnuplot),
		TEST(test_failing_gnuplot),
		TEST(test_unwritable_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
