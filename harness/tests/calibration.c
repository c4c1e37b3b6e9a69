#include "harness/tests/calibration.h"

#include <math.h>
#include <string.h>

#include "harness/bootstrap.h"
#include "harness/tests/table.h"

/*
 * Slices of one block differ by 7 %, so their ratios by 10 %: the noisier end
 * of what a shared virtual machine with 2 processors shows.  The machine itself
 * wanders by 30 %, and remembers.
 */
static const struct weather rough = {
	.machine_sd = 0.3, .machine_rho = 0.9, .slice_sd = 0.07};

/* As rough, and one slice of ten is four times as noisy. */
static const struct weather stormy = {
	.machine_sd = 0.3, .machine_rho = 0.9, .slice_sd = 0.07, .storms = 0.1};

/* Ratios differ by 5 %: the better end. */
static const struct weather fair = {
	.machine_sd = 0.3, .machine_rho = 0.9, .slice_sd = 0.035};

/* So quiet that runs stop early. */
static const struct weather calm = {
	.machine_sd = 0.1, .machine_rho = 0.5, .slice_sd = 0.02};

/* Blocks that have nothing to do with each other. */
static const struct weather steady = {.machine_sd = 0.05, .slice_sd = 0.05};
static const struct weather gusty = {.machine_sd = 0.3, .slice_sd = 0.05};

static void judge(struct rng *r, const struct claim *c, enum verdict *v)
{
	double effect[SIMULATE_ARMS] = {1};

	for (size_t a = 1; a < c->arms; a++)
		effect[a] = c->effect;
	simulate_table(r, c->weather, effect, c->arms, c->looks, c->n, v);
}

/* Whether any row of a table says "faster" or "slower". */
static bool any_difference(struct rng *r, const struct claim *c)
{
	enum verdict v[SIMULATE_ARMS];
	bool any = false;

	judge(r, c, v);
	for (size_t a = 1; a < c->arms; a++)
		any = any || v[a] == VERDICT_FASTER || v[a] == VERDICT_SLOWER;
	return any;
}

static bool called_faster(struct rng *r, const struct claim *c)
{
	enum verdict v[SIMULATE_ARMS];

	judge(r, c, v);
	return v[1] == VERDICT_FASTER;
}

static bool called_slower(struct rng *r, const struct claim *c)
{
	enum verdict v[SIMULATE_ARMS];

	judge(r, c, v);
	return v[1] == VERDICT_SLOWER;
}

static bool holds(const struct estimate *e, double truth)
{
	return e->low <= truth && truth <= e->high;
}

static bool ranks_cover(struct rng *r, const struct claim *c)
{
	double effect[] = {1, c->effect};
	double x[2][SIMULATE_BLOCKS], scratch[SIMULATE_BLOCKS];
	struct estimate e;

	simulate_blocks(r, c->weather, effect, 2, c->n, x);
	e = stats_ratio(x[1], x[0], c->n, 0.95, scratch);
	return holds(&e, c->effect);
}

/* About 3 MB, too much for a stack. */
static struct histogram latencies[2][SIMULATE_BLOCKS];
static const struct histogram *arms[2][SIMULATE_BLOCKS];

/*
 * Of a block: 12 blocks have 48 beyond the 99th percentile.  With 24 of them
 * the intervals are wider than they need be, and the ratio's holds 98 %.
 */
#define TASKS 400

static void simulate_arms(struct rng *r, const struct claim *c)
{
	simulate_latencies(r, c->weather, c->n, c->arms, TASKS, latencies);
	for (size_t a = 0; a < c->arms; a++) {
		for (size_t b = 0; b < c->n; b++)
			arms[a][b] = &latencies[a][b];
	}
}

/* Quantile @q of the normal distribution, for the two that are used here. */
static double normal_quantile(double q)
{
	return q == 0.5 ? 0 : q == 0.99 ? 2.3263478740408408 : NAN;
}

static bool percentile_covers(struct rng *r, const struct claim *c)
{
	const struct weather *w = c->weather;
	double sd =
		sqrt(SIMULATE_TASK_SD * SIMULATE_TASK_SD +
		     w->machine_sd * w->machine_sd + w->slice_sd * w->slice_sd);
	double truth =
		SIMULATE_TASK_MEDIAN_NS * exp(normal_quantile(c->q) * sd);
	struct estimate e;

	simulate_arms(r, c);
	CHECK(bootstrap_percentiles(arms[0], c->n, &c->q, 1, 0.95, &e) == 0);
	return holds(&e, truth);
}

static bool percentile_ratio_covers(struct rng *r, const struct claim *c)
{
	struct estimate e;

	simulate_arms(r, c);
	CHECK(bootstrap_ratio(arms[0], arms[1], c->n, c->q, 0.95, &e) == 0);
	return holds(&e, 1);
}

#define KNOWN_LIMIT "known limit: "

#define EQUAL(text, w, n, looks, arms)                                         \
	{                                                                      \
		text, any_difference, w, n, looks, arms, 1, 0, 0, 5            \
	}
#define FOUND(text, w, n, looks, effect)                                       \
	{                                                                      \
		text, called_faster, w, n, looks, 2, effect, 0, 90, 100        \
	}
#define WRONG(text, w, n, looks, at_most)                                      \
	{                                                                      \
		text, called_slower, w, n, looks, 2, 1.03, 0, 0, at_most       \
	}

/*
 * Ranks are whole, so what they cover is a little more than 95 %: 96.1, 95.9,
 * 96.4 and 96.2 % with 12, 20, 28 and 40 blocks.  That +- 1.5.
 */
#define RANKS(text, w, n, at_least, at_most)                                   \
	{                                                                      \
		text, ranks_cover, w, n, false, 2, 1.1, 0, at_least, at_most   \
	}
#define PERCENTILE(text, w, n, q, at_least, at_most)                           \
	{                                                                      \
		text, percentile_covers, w, n, false, 1, 1, q, at_least,       \
			at_most                                                \
	}
#define PERCENTILE_RATIO(text, w, n, q)                                        \
	{                                                                      \
		text, percentile_ratio_covers, w, n, false, 2, 1, q, 93, 97    \
	}

const struct claim claims[] = {
	EQUAL("A/A, 12 blocks, called different", &rough, 12, false, 2),
	EQUAL("A/A, 20 blocks, called different", &rough, 20, false, 2),
	EQUAL("A/A, 28 blocks, called different", &rough, 28, false, 2),
	EQUAL("A/A, 40 blocks, called different", &rough, 40, false, 2),
	EQUAL("A/A, 40 blocks, storms, called different", &stormy, 40, false,
	      2),
	EQUAL("A/A, looks at 12 to 40, called different", &rough, 40, true, 2),
	EQUAL("A/A, looks, ratios of 5 %, called different", &fair, 40, true,
	      2),
	EQUAL("A/A, looks, calm, called different", &calm, 40, true, 2),
	EQUAL("five times A/A, 12 blocks, any called different", &rough, 12,
	      false, 6),
	EQUAL("five times A/A, 40 blocks, any called different", &rough, 40,
	      false, 6),
	EQUAL("five times A/A, looks, any called different", &rough, 40, true,
	      6),
	FOUND("+10 %, 40 blocks, ratios of 10 %, called faster", &rough, 40,
	      false, 1.10),
	FOUND("+10 %, 40 blocks, storms, called faster", &stormy, 40, false,
	      1.10),
	FOUND("+10 %, looks, ratios of 5 %, called faster", &fair, 40, true,
	      1.10),
	WRONG("+3 %, 40 blocks, ratios of 10 %, called slower", &rough, 40,
	      false, 0.1),
	WRONG("+3 %, looks, ratios of 10 %, called slower", &rough, 40, true,
	      0.1),
	WRONG("+3 %, looks, ratios of 5 %, called slower", &fair, 40, true,
	      0.1),
	WRONG("+3 %, 12 blocks, ratios of 10 %, called slower", &rough, 12,
	      false, 0.5),
	RANKS("ratio's interval, 12 blocks, holds the truth", &rough, 12, 94.6,
	      97.6),
	RANKS("ratio's interval, 20 blocks, holds the truth", &rough, 20, 94.4,
	      97.4),
	RANKS("ratio's interval, 28 blocks, holds the truth", &rough, 28, 94.9,
	      97.9),
	RANKS("ratio's interval, 40 blocks, holds the truth", &rough, 40, 94.7,
	      97.7),
	RANKS("ratio's interval, 40 blocks, storms, holds the truth", &stormy,
	      40, 94.7, 97.7),
	PERCENTILE("p50, 12 independent blocks, holds the truth", &steady, 12,
		   0.5, 93, 97),
	PERCENTILE("p99, 12 independent blocks, holds the truth", &steady, 12,
		   0.99, 93, 97),
	PERCENTILE("p99, 20 independent blocks, holds the truth", &steady, 20,
		   0.99, 93, 97),
	PERCENTILE_RATIO("ratio of p50, 12 blocks, holds the truth", &rough, 12,
			 0.5),
	PERCENTILE_RATIO("ratio of p99, 12 blocks, holds the truth", &rough, 12,
			 0.99),
	PERCENTILE_RATIO("ratio of p99, 20 blocks, holds the truth", &rough, 20,
			 0.99),

	/* What is not promised, so that nobody believes it is. */
	PERCENTILE(KNOWN_LIMIT "p50 in ns, blocks that remember", &rough, 12,
		   0.5, 0, 93),
	PERCENTILE(KNOWN_LIMIT "p99 in ns, blocks that differ by 30 %", &gusty,
		   12, 0.99, 0, 93),
};
const size_t n_claims = ARRAY_LEN(claims);

int claim_count(const struct claim *c, int trials)
{
	/* A series of its own for each claim. */
	struct rng r = {mix64((uint64_t)(c - claims))};
	int count = 0;

	for (int t = 0; t < trials; t++)
		count += c->trial(&r, c);
	return count;
}

bool claim_holds(const struct claim *c, int count, int trials)
{
	double percent = 100.0 * count / trials;

	return c->at_least <= percent && percent <= c->at_most;
}

static void print_claim(FILE *out, const struct claim *c, int count, int trials)
{
	bool limit = strncmp(c->text, KNOWN_LIMIT, strlen(KNOWN_LIMIT)) == 0;
	char number[32], measured[64], required[64];
	struct table_row row = {c->text,  "simulated", number,
				measured, required,    "yes"};

	snprintf(number, sizeof(number), "%d", trials);

	/* The rule of three: (1 - 3 / n)^n is 5 %. */
	if (count == 0)
		snprintf(measured, sizeof(measured), "0 (surely below %.2g %%)",
			 300.0 / trials);
	else
		snprintf(measured, sizeof(measured), "%.3g %%",
			 100.0 * count / trials);
	if (limit)
		snprintf(required, sizeof(required), "not promised");
	else if (c->at_least > 0 && c->at_most < 100)
		snprintf(required, sizeof(required), "%g to %g %%", c->at_least,
			 c->at_most);
	else if (c->at_least > 0)
		snprintf(required, sizeof(required), "at least %g %%",
			 c->at_least);
	else
		snprintf(required, sizeof(required), "at most %g %%",
			 c->at_most);
	if (!claim_holds(c, count, trials))
		row.ok = "NO";
	else if (limit)
		row.ok = "known limit";
	table_print(out, &row);
}

int claims_print(FILE *out, int trials)
{
	int failures = 0;

	for (size_t i = 0; i < n_claims; i++) {
		int count = claim_count(&claims[i], trials);

		print_claim(out, &claims[i], count, trials);
		failures += !claim_holds(&claims[i], count, trials);
	}
	return failures;
}
