/*
 * Whether the statistics are right about runs of this machine: one model under
 * four names, two of them with a known amount of more work.
 *
 *	test_live		one tiny run, and what is said of the others
 *	test_live SECONDS [MS]	measures for so long, in slices of so many ms,
 *				and prints a row a claim
 *
 * $MANYHANDS names the program; the folder is the top of the source tree.
 */
#include <glob.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/child.h"
#include "harness/tests/table.h"
#include "harness/tests/trials.h"

/* Draws of each claim that is resampled. */
#define DRAWS 5000

/* The extra work of the arms in millionths: none, +10 %, +3 %. */
static const uint32_t extras[] = {0, 100000, 30000};
#define EXTRAS ARRAY_LEN(extras)

enum source {
	LIVE,     /* windows of the runs made now */
	RECORDED, /* windows of results/reference */
	DRAWN,    /* moving blocks of the A/A pairs of both */
};

static const char *const source_names[] = {
	[LIVE] = "live, windows that share no block",
	[RECORDED] = "recorded in results/reference, the same",
	[DRAWN] = "drawn from live and recorded A/A, stretches of 4 blocks",
};

struct live_claim {
	const char *text;
	enum source source;
	size_t extra; /* number in extras; DRAWN: a difference made on paper */
	size_t n;     /* blocks */
	bool looks;

	/* The share of trials with such verdicts, in percent. */
	bool faster, slower;
	double at_least, at_most;
};

#define EQUAL(text, source, n, looks)                                          \
	{                                                                      \
		text, source, 0, n, looks, true, true, 0, 5                    \
	}
#define FOUND(text, source)                                                    \
	{                                                                      \
		text, source, 1, 40, false, false, true, 90, 100               \
	}
#define WRONG(text, source, looks, at_most)                                    \
	{                                                                      \
		text, source, 2, 40, looks, true, false, 0, at_most            \
	}

static const struct live_claim live_claims[] = {
	EQUAL("live A/A, 12 blocks, called different", LIVE, 12, false),
	EQUAL("live A/A, 20 blocks, called different", LIVE, 20, false),
	EQUAL("live A/A, 40 blocks, called different", LIVE, 40, false),
	EQUAL("live A/A, looks at 12 to 40, called different", LIVE, 40, true),
	EQUAL("recorded A/A, 12 blocks, called different", RECORDED, 12, false),
	EQUAL("resampled A/A, 12 blocks, called different", DRAWN, 12, false),
	EQUAL("resampled A/A, 20 blocks, called different", DRAWN, 20, false),
	EQUAL("resampled A/A, 40 blocks, called different", DRAWN, 40, false),
	EQUAL("resampled A/A, looks, called different", DRAWN, 40, true),
	FOUND("live +10 % of work, 40 blocks, called slower", LIVE),
	FOUND("resampled A/A, 10 % slower, 40 blocks, called so", DRAWN),
	WRONG("live +3 % of work, 40 blocks, called faster", LIVE, false, 0),
	WRONG("live +3 % of work, looks, called faster", LIVE, true, 0),
	WRONG("resampled A/A, 3 % slower, 40 blocks, called faster", DRAWN,
	      false, 0.1),
	WRONG("resampled A/A, 3 % slower, looks, called faster", DRAWN, true,
	      0.1),
};

/* What was measured, the A/A pairs in pools[DRAWN][0], too. */
static struct pool pools[3][EXTRAS];

/* Add the pairs of the run in folder @dir to the pools of @source and DRAWN. */
static bool read_run(const char *dir, enum source source)
{
	struct run_results run;
	char error[256];

	if (results_read(dir, &run, error, sizeof(error)) < 0) {
		(void)fprintf(stderr, "%s\n", error);
		return false;
	}
	for (size_t i = 0; i < EXTRAS; i++)
		trials_read(&run, extras[i], &pools[source][i]);
	trials_read(&run, 0, &pools[DRAWN][0]);
	results_done(&run);
	return true;
}

static bool read_recorded(void)
{
	bool ok = true;
	glob_t found;

	if (glob("results/reference/*", GLOB_ONLYDIR, NULL, &found) != 0)
		return true;
	for (size_t i = 0; i < found.gl_pathc; i++)
		ok = ok && read_run(found.gl_pathv[i], RECORDED);
	globfree(&found);
	return ok;
}

/* Run @argv to its end; whether it ended well. */
static bool run_program(char *const *argv)
{
	const struct child_options options = {
		.argv = argv, .limit_ns = 600 * NS_PER_S, .err_cap = 4096};
	struct child_result r;
	bool ok;

	if (child_run(&options, &r) < 0)
		return false;
	ok = !r.late && r.wait_status == 0;
	if (!ok)
		(void)fprintf(stderr, "%s: %s\n", argv[0], r.err);
	child_result_done(&r);
	return ok;
}

/*
 * Short slices and many blocks: what is tested are the statistics, and noise is
 * what they must bear.  Tasks so small that a slice has hundreds of them, and so
 * large that handing them over hardly counts: a tenth more work shall be a tenth
 * more time.
 */
static bool measure(char *blocks, char *slice_ms)
{
	char folder[] = "/tmp/manyhands-live-XXXXXX", dir[64];
	char *program = getenv("MANYHANDS");
	char *argv[] = {program,
			"run",
			"--model",
			"a=threads,b=threads,c=threads,d=threads",
			"--experiment",
			"scaling",
			"--inflate",
			"c=1.10",
			"--inflate",
			"d=1.03",
			"--workload",
			"primes",
			"--size",
			"200000",
			"--workers",
			"2",
			"--blocks",
			blocks,
			"--slice-ms",
			slice_ms,
			"--out",
			dir,
			"--no-plots",
			"--quiet",
			NULL};
	char *clean[] = {"rm", "-rf", folder, NULL};
	bool ok;

	if (!program || !mkdtemp(folder)) {
		(void)fprintf(stderr, "MANYHANDS must name the program\n");
		return false;
	}
	snprintf(dir, sizeof(dir), "%s/run", folder);
	ok = run_program(argv) && read_run(dir, LIVE);
	return run_program(clean) && ok;
}

/* As many runs as end within @seconds, if all take as long; at least one. */
static bool measure_for(uint64_t seconds, char *slice_ms)
{
	uint64_t begin_ns = clock_ns(), spent_ns = 0;
	uint64_t runs = 0;

	do {
		if (!measure("40", slice_ms))
			return false;
		spent_ns = clock_ns() - begin_ns;
		runs++;
		(void)fprintf(stderr, "live run %" PRIu64 ", %" PRIu64 " s\n",
			      runs, spent_ns / NS_PER_S);
	} while (spent_ns + spent_ns / runs <= seconds * NS_PER_S);
	return true;
}

/* What was counted of one claim: a share, and where the truth may be. */
struct result {
	size_t trials, count;
	double share, low, high;
};

static size_t count_of(const struct live_claim *c, const struct tally *t)
{
	return (c->faster ? t->faster : 0) + (c->slower ? t->slower : 0);
}

/* The share of trials drawn from @pool; @data is the claim. */
static double draw_share(const struct pool *pool, const void *data)
{
	const struct live_claim *c = data;
	struct rng r = {mix64((uint64_t)(c - live_claims))};
	struct tally t =
		trials_resample(pool, c->n, c->looks,
				1 / (1 + extras[c->extra] / 1e6), DRAWS, &r);

	return t.trials > 0 ? (double)count_of(c, &t) / (double)t.trials : 0;
}

/*
 * Windows share nothing, so their count is binomial.  Draws are many, but of
 * few blocks: other runs would have given others.
 */
static struct result count_claim(const struct live_claim *c)
{
	const struct pool *pool = &pools[c->source][c->extra];
	struct result r = {0};
	struct tally t;
	double off;

	if (c->source == DRAWN) {
		pool = &pools[DRAWN][0];
		off = trials_jackknife(pool, draw_share, c);
		r.share = draw_share(pool, c);
		r.low = fmax(0, r.share - off);
		r.high = fmin(1, r.share + off);
		r.trials = DRAWS;
		return r;
	}
	t = trials_windows(pool, c->n, c->looks);
	r.trials = t.trials;
	r.count = count_of(c, &t);
	if (r.trials > 0) {
		r.share = (double)r.count / (double)r.trials;
		trials_share(r.count, r.trials, &r.low, &r.high);
	}
	return r;
}

/* Few trials prove little: what is refuted is refuted by the whole interval. */
static bool holds(const struct live_claim *c, const struct result *r)
{
	return 100 * r->low <= c->at_most && 100 * r->high >= c->at_least;
}

/* Whether claim @c holds, or could not be tried. */
static bool print_claim(const struct live_claim *c)
{
	struct result r = count_claim(c);
	char trials[32], measured[64] = "-", required[32];
	struct table_row row = {c->text,  source_names[c->source],
				trials,   measured,
				required, "not tried"};

	snprintf(trials, sizeof(trials), "%zu", r.trials);
	if (c->at_least > 0)
		snprintf(required, sizeof(required), "at least %g %%",
			 c->at_least);
	else
		snprintf(required, sizeof(required), "at most %g %%",
			 c->at_most);
	if (r.trials > 0) {
		snprintf(measured, sizeof(measured), "%.3g %% [%.2g, %.3g]",
			 100 * r.share, 100 * r.low, 100 * r.high);
		row.ok = holds(c, &r) ? "yes" : "NO";
	}
	table_print(stdout, &row);
	return r.trials == 0 || holds(c, &r);
}

#define SPREAD "live A/A, by how much the ratios of single blocks differ"

/* No claim, but what the others must be read with. */
static void print_spread(const char *slice_ms)
{
	char how[64], trials[32], measured[64];
	const struct table_row row = {SPREAD, how, trials, measured, "-", "-"};
	const struct pool *pool = &pools[LIVE][0];
	double median, sd;
	size_t n = 0;

	for (size_t i = 0; i < pool->n; i++)
		n += pool->series[i].n;
	trials_spread(pool, &median, &sd);
	snprintf(how, sizeof(how), "live, slices of %s ms", slice_ms);
	snprintf(trials, sizeof(trials), "%zu blocks", n);
	snprintf(measured, sizeof(measured), "%.1f %% (median %.3f)", 100 * sd,
		 median);
	table_print(stdout, &row);
}

static void free_pools(void)
{
	for (size_t s = 0; s < ARRAY_LEN(pools); s++) {
		for (size_t i = 0; i < EXTRAS; i++)
			trials_done(&pools[s][i]);
	}
}

static int print_table(uint64_t seconds, char *slice_ms)
{
	int failures = !read_recorded() || !measure_for(seconds, slice_ms);

	if (failures == 0) {
		print_spread(slice_ms);
		for (size_t i = 0; i < ARRAY_LEN(live_claims); i++)
			failures += !print_claim(&live_claims[i]);
	}
	free_pools();
	return failures > 0;
}

/*
 * A run gives a series of each arm but the reference.  Where a slice starved
 * and ended no task there is no ratio.
 */
static void test_measure(void **state)
{
	(void)state;
	assert_true(measure("2", "20"));
	for (size_t i = 0; i < EXTRAS; i++) {
		assert_int_equal(pools[LIVE][i].n, 1);
		assert_true(pools[LIVE][i].series[0].n <= 2);
		assert_int_equal(pools[RECORDED][i].n, 0);
	}
	assert_int_equal(pools[DRAWN][0].n, 1);
	free_pools();
}

static void test_reference_is_readable(void **state)
{
	(void)state;
	assert_true(read_recorded());
	free_pools();
}

static void test_intervals_refute(void **state)
{
	const struct live_claim equal = EQUAL("", LIVE, 12, false);
	const struct live_claim found = FOUND("", LIVE);
	const struct live_claim wrong = WRONG("", LIVE, false, 0);
	struct result r = {.low = 0.04, .high = 0.5};

	(void)state;
	assert_true(holds(&equal, &r));
	assert_false(holds(&found, &r));
	assert_false(holds(&wrong, &r));
	r = (struct result){.low = 0.06, .high = 0.95};
	assert_false(holds(&equal, &r));
	assert_true(holds(&found, &r));
	r.low = 0;
	assert_true(holds(&wrong, &r));
}

/* One run of noise that is the same in all blocks: no trial finds anything. */
static void test_claims_are_counted(void **state)
{
	struct series flat = {.n = 40};
	struct result r;

	(void)state;
	for (size_t i = 0; i < flat.n; i++)
		flat.ratio[i] = 1.2;
	pools[LIVE][0] = pools[DRAWN][0] = (struct pool){&flat, 1};
	r = count_claim(&live_claims[0]);
	assert_true(r.trials == 3 && r.count == 3 && r.share == 1);
	for (size_t i = 0; i < ARRAY_LEN(live_claims); i++) {
		const struct live_claim *c = &live_claims[i];

		if (c->source != DRAWN)
			continue;
		r = count_claim(c);
		assert_true(r.trials == DRAWS);
		assert_true(r.share == (extras[c->extra] == 100000 ? 1 : 0));
		assert_true(r.low == 0 && r.high == 1);
	}
	pools[LIVE][0] = pools[DRAWN][0] = (struct pool){0};
}

static void test_claims_are_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(live_claims); i++) {
		if (!table_published(live_claims[i].text))
			fail_msg("not once in harness/README.md: %s",
				 live_claims[i].text);
	}
	assert_true(table_published(SPREAD));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measure),
		cmocka_unit_test(test_reference_is_readable),
		cmocka_unit_test(test_intervals_refute),
		cmocka_unit_test(test_claims_are_counted),
		cmocka_unit_test(test_claims_are_published),
	};

	if (argc > 1) {
		uint64_t seconds = strtoull(argv[1], NULL, 10);
		char standard[] = "20";

		return seconds < 1 || seconds > 3600 ||
		       print_table(seconds, argc > 2 ? argv[2] : standard);
	}
	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
