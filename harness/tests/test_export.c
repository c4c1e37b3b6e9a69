#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/export.h"
#include "harness/file.h"
#include "harness/tests/fake_summary.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *hgrm_of(const struct histogram *h)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	export_hgrm(h, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/*
 * Five values of 100 ns, four of 200 ns, one of 1 ms.  Rank ceil(10 q) is in
 * the first five up to 0.5, in the next four up to 0.9.  The bucket of 1 ms
 * begins at 999 424 and is 4096 wide, so the deviation, from the mean of
 * 100 130, is sqrt((5 · 100030² + 4 · 99930² + 901342²) / 10) = 300398.31.
 */
static const char golden[] =
	"          Value     Percentile TotalCount 1/(1-Percentile)\n"
	"\n"
	"       0.000100 0.000000000000          5           1.00\n"
	"       0.000100 0.100000000000          5           1.11\n"
	"       0.000100 0.200000000000          5           1.25\n"
	"       0.000100 0.300000000000          5           1.43\n"
	"       0.000100 0.400000000000          5           1.67\n"
	"       0.000100 0.500000000000          5           2.00\n"
	"       0.000200 0.550000000000          9           2.22\n"
	"       0.000200 0.600000000000          9           2.50\n"
	"       0.000200 0.650000000000          9           2.86\n"
	"       0.000200 0.700000000000          9           3.33\n"
	"       0.000200 0.750000000000          9           4.00\n"
	"       0.000200 0.775000000000          9           4.44\n"
	"       0.000200 0.800000000000          9           5.00\n"
	"       0.000200 0.825000000000          9           5.71\n"
	"       0.000200 0.850000000000          9           6.67\n"
	"       0.000200 0.875000000000          9           8.00\n"
	"       0.000200 0.887500000000          9           8.89\n"
	"       0.000200 0.900000000000          9          10.00\n"
	"       1.000000 0.912500000000         10          11.43\n"
	"       1.000000 1.000000000000         10            inf\n"
	"#[Mean    =     0.100130, StdDeviation   =     0.300398]\n"
	"#[Max     =     1.000000, Total count    =           10]\n"
	"#[Buckets =           33, SubBuckets     =          256]\n";

static void small_histogram_by_hand(void **state)
{
	struct histogram h = {.n = 0};
	char *text;

	(void)state;
	for (int i = 0; i < 9; i++)
		histogram_add(&h, i < 5 ? 100 : 200);
	histogram_add(&h, 1000000);
	text = hgrm_of(&h);
	assert_string_equal(text, golden);
	free(text);
}

static void empty_histogram(void **state)
{
	struct histogram h = {.n = 0};
	char *text = hgrm_of(&h);

	(void)state;
	assert_non_null(strstr(text, "\n\n       0.000000 1.000000000000 "
				     "         0            inf\n#[Mean"));
	assert_non_null(strstr(text, "Total count    =            0]"));
	assert_null(strstr(text, "nan"));
	free(text);
}

/* How many values of @h are at most @ns, as far as its buckets tell. */
static uint64_t at_most(const struct histogram *h, uint64_t ns)
{
	uint64_t n = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram_lower(i) <= ns)
			n += h->count[i];
	return ns >> HISTOGRAM_MAX_BITS ? n + h->overflow : n;
}

/*
 * Read @text as plotters do: lines of four numbers, all else is skipped.  Each
 * must say what @h says.  Returns how many lines had a finite last number.
 */
static int read_back(char *text, const struct histogram *h)
{
	double before = -1, ms = -1, share, beyond;
	unsigned long long count;
	int lines = 0, last = 0;
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%lf %lf %llu %lf", &ms, &share, &count,
			   &beyond) != 4)
			continue;
		assert_false(last);
		assert_true(line[0] == ' '); /* hdr-plot wants one */
		assert_true(share > before);
		assert_int_equal(llround(ms * 1e6),
				 histogram_quantile(h, share));
		assert_int_equal(count,
				 at_most(h, (uint64_t)llround(ms * 1e6)));
		assert_true(isinf(beyond) ||
			    fabs(beyond - 1 / (1 - share)) <= 0.005);
		last = isinf(beyond);
		lines += !last;
		before = share;
	}
	assert_true(last && before == 1);
	assert_int_equal(llround(ms * 1e6), h->max);
	return lines;
}

static void reading_back_gives_the_quantiles(void **state)
{
	struct rng rng = {.state = 9};
	struct histogram h = {.n = 0};
	char *text;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t below = UINT64_C(1) << (4 + rng_below(&rng, 34));

		histogram_add(&h, rng_below(&rng, below));
		if (i > 0 && i != 9 && i != 999 && i != 99999)
			continue;
		text = hgrm_of(&h);
		assert_in_range(read_back(text, &h), 1, 100);
		free(text);
	}
	for (int i = 0; i < 3; i++)
		histogram_add(&h, (UINT64_C(3) << 40) + (uint64_t)i);
	text = hgrm_of(&h);
	assert_true(read_back(text, &h) > 50);
	free(text);
}

static struct run_results run;
static struct summary summary;
static char dir[64];

static int set_up(void **state)
{
	static const uint32_t workers[] = {1, 2};
	static const char *const workloads[] = {"primes"};
	struct fake_recipe how = fake_summary_usual;

	(void)state;
	how.workers = workers;
	how.n_workers = 2;
	how.workloads = workloads;
	how.n_workloads = 1;
	how.n_models = 2; /* serial, fork */
	fake_summary_make(&how, &run, &summary);
	for (uint32_t i = 0; i < summary.n; i++)
		summary.cells[i].index = i;
	fake_summary_folder(dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_summary_folder_remove(dir);
	fake_summary_done(&run, &summary);
	return 0;
}

static bool there(const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/latency/%s", dir, name);
	return access(path, F_OK) == 0;
}

static int files(void)
{
	char path[100];
	struct dirent *entry;
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "%s/latency", dir);
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

static void put(const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/latency", dir);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/latency/%s", dir, name);
	assert_int_equal(file_write(path, "old\n", 4), 0);
}

static void a_file_for_each_cell(void **state)
{
	char path[200], *text;
	size_t size;

	(void)state;
	assert_int_equal(summary.n, 3);
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 3);
	assert_true(there("scaling-primes-serial-w1.hgrm"));
	assert_true(there("scaling-primes-fork-w1.hgrm"));
	snprintf(path, sizeof(path), "%s/latency/scaling-primes-fork-w2.hgrm",
		 dir);
	assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
	assert_true(
		read_back(text, fake_summary_cell(&summary, "fork", "primes", 2)
					->latency) > 10);
	free(text);
}

static void old_files_go(void **state)
{
	(void)state;
	put("scaling-primes-fork-w2.hgrm");
	put("scaling-primes-fork-w64.hgrm");
	put("scaling-primes-fork-w64.hgrm.tmp");
	put("fork-w2.hgrm.txt");
	put("mine.txt");
	summary.cells[0].latency->n = 0;
	put("scaling-primes-serial-w1.hgrm");
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_false(there("scaling-primes-fork-w64.hgrm"));
	assert_false(there("scaling-primes-fork-w64.hgrm.tmp"));
	assert_false(there("scaling-primes-serial-w1.hgrm"));
	assert_true(there("mine.txt") && there("fork-w2.hgrm.txt"));
	assert_int_equal(files(), 4);
}

static void nothing_ran_nothing_stays(void **state)
{
	(void)state;
	put("scaling-primes-fork-w64.hgrm");
	for (size_t i = 0; i < summary.n; i++)
		summary.cells[i].latency->n = 0;
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 0);
}

static void names_say_what_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cell_spec *spec = &summary.cells[i].spec;

		*spec = summary.cells[2].spec;
		spec->depth = (uint32_t)(1 + i);
		spec->load_percent = 50;
		spec->size = i == 2 ? 9 : 7;
	}
	snprintf(summary.cells[2].spec.pin, 128, "0-1,3");
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 3);
	assert_true(
		there("scaling-primes-fork-w2-size7-depth1-pincompact.hgrm"));
	assert_true(
		there("scaling-primes-fork-w2-size7-depth2-pincompact.hgrm"));
	assert_true(
		there("scaling-primes-fork-w2-size9-depth3-pin_0-1_3_.hgrm"));
}

static void names_are_safe(void **state)
{
	struct cell_spec *a = &summary.cells[0].spec;

	(void)state;
	strcpy(a->experiment, "-../../x");
	strcpy(a->workload, "a b\n$(rm)\xc3\xa4");
	strcpy(a->model, "");
	a->workers = UINT32_MAX;
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 3);
	assert_true(there("_______x-a_b___rm___--w4294967295.hgrm"));
}

/* What is the same once it is safe, or cut, still has a file of its own. */
static void names_are_unique(void **state)
{
	struct cell_summary *c = summary.cells;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		c[i].spec = c[0].spec;
	strcpy(c[0].spec.model, "a:b");
	strcpy(c[1].spec.model, "a/b");
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 3);
	assert_true(there("scaling-primes-a_b-w1.0.hgrm"));
	assert_true(there("scaling-primes-a_b-w1.1.hgrm"));
	assert_true(there("scaling-primes-serial-w1.hgrm"));

	for (size_t i = 0; i < 3; i++) {
		c[i].spec = c[2].spec;
		memset(c[i].spec.experiment, 'e', 31);
		memset(c[i].spec.workload, 'w', 31);
		memset(c[i].spec.model, 'm', 31);
		memset(c[i].spec.pin, 'p', 127);
		c[i].spec.pin[126] = (char)('0' + i);
		c[i].spec.ballast_bytes = UINT64_MAX - i;
	}
	assert_int_equal(export_latency(&summary, dir), 0);
	assert_int_equal(files(), 3);
}

static void failures(void **state)
{
	char path[100];

	(void)state;
	assert_int_equal(export_latency(&summary, "/nonexistent"), -ENOENT);
	snprintf(path, sizeof(path), "%s/latency", dir);
	assert_int_equal(file_write(path, "", 0), 0);
	assert_int_equal(export_latency(&summary, dir), -ENOTDIR);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_histogram_by_hand),
		cmocka_unit_test(empty_histogram),
		cmocka_unit_test(reading_back_gives_the_quantiles),
		TEST(a_file_for_each_cell),
		TEST(old_files_go),
		TEST(nothing_ran_nothing_stays),
		TEST(names_say_what_differs),
		TEST(names_are_safe),
		TEST(names_are_unique),
		TEST(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
