#include "harness/design.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/order.h"
#include "harness/stats.h"

#define CONFIDENCE 0.95

/* Starting a process, opening, draining and closing, as measured on a VM. */
#define AROUND_A_SLICE_NS (45 * NS_PER_MS)

uint32_t design_next_look(uint32_t blocks, uint32_t max)
{
	static const uint32_t looks[] = {DESIGN_MIN_BLOCKS, 20, 28, 40};
	uint32_t next = 40;

	for (size_t i = ARRAY_LEN(looks); i-- > 0;) {
		if (looks[i] > blocks)
			next = looks[i];
	}
	while (next <= blocks)
		next += 20;
	return next < max ? next : max;
}

bool design_reached(uint32_t wanted, uint32_t done, uint32_t clean)
{
	return clean >= wanted || done >= wanted + wanted / 2;
}

enum noise_level design_block_noise(const struct run_results *run,
				    uint32_t block)
{
	int64_t steal_ns = 0, busy_ns = 0;
	uint64_t own_ns = 0, wall_ns = 0;
	double capacity_ns;

	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		/* A slice that failed may have counted half of anything. */
		if (s->block != block || s->status != SLICE_OK)
			continue;
		steal_ns = noise_add(steal_ns, s->steal_ns);
		busy_ns = noise_add(busy_ns, s->busy_ns);
		own_ns += s->user_ns + s->system_ns;
		wall_ns +=
			s->noise_span_ns > 0 ? (uint64_t)s->noise_span_ns : 0;
	}
	capacity_ns = (double)wall_ns * run->info.processors;
	/* A run that was read from a file may claim any times. */
	if (!(capacity_ns >= 1 && capacity_ns < 0x1p63))
		return NOISE_UNKNOWN;
	return noise_block_level(steal_ns, noise_foreign_ns(busy_ns, own_ns),
				 (uint64_t)capacity_ns);
}

uint32_t design_blocks_that_count(const struct run_results *run, bool *ret,
				  uint32_t *noisy)
{
	uint32_t n = 0, n_blocks = (uint32_t)results_blocks(run);

	*noisy = 0;
	memset(ret, 0, n_blocks * sizeof(*ret));
	for (size_t i = 0; i < run->n; i++)
		ret[run->slices[i].block] = true;
	for (uint32_t b = 0; b < n_blocks; b++) {
		n += ret[b];
		*noisy += ret[b] && design_block_noise(run, b) == NOISE_BAD;
	}
	if (*noisy == 0 || n - *noisy < DESIGN_MIN_BLOCKS)
		return n;
	for (uint32_t b = 0; b < n_blocks; b++)
		ret[b] = ret[b] && design_block_noise(run, b) != NOISE_BAD;
	return n - *noisy;
}

/* A run's throughputs as design_precise() wants them. */
struct series {
	const struct run_results *run;
	const bool *counts; /* [n_blocks] */
	size_t n_blocks;
	double *values; /* [3][n_blocks] */
};

/* The reference's cell beside @cell; NULL: none. */
static const struct cell_spec *find_reference(const struct run_results *run,
					      const struct cell_spec *cell)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct cell_spec *c = &run->slices[i].cell;

		if (strcmp(c->model, run->info.reference) == 0 &&
		    order_same_group(c, cell))
			return c;
	}
	return NULL;
}

static bool cell_precise(const struct series *s, const struct cell_spec *cell)
{
	const struct cell_spec *reference = find_reference(s->run, cell);
	double *a = s->values, *b = a + s->n_blocks, *scratch = b + s->n_blocks;
	struct estimate e;

	if (!reference || memcmp(reference, cell, sizeof(*cell)) == 0)
		return true;
	results_throughputs_of(s->run, cell, s->counts, a);
	results_throughputs_of(s->run, reference, s->counts, b);
	e = stats_ratio(a, b, s->n_blocks, CONFIDENCE, scratch);
	if (isnan(e.median))
		return true;
	return (e.high - e.low) / 2 <= DESIGN_HALF_WIDTH * e.median;
}

int design_precise(const struct run_results *run)
{
	struct series s = {.run = run, .n_blocks = results_blocks(run)};
	bool *counts, precise = true;
	uint32_t noisy;

	counts = calloc(s.n_blocks, sizeof(*counts));
	s.values = calloc(3 * s.n_blocks, sizeof(*s.values));
	if (!counts || !s.values) {
		free(counts);
		free(s.values);
		return -ENOMEM;
	}
	s.counts = counts;
	(void)design_blocks_that_count(run, counts, &noisy);
	/* Every cell is in the first block, and once is enough. */
	for (size_t i = 0; precise && i < run->n; i++) {
		const struct slice_result *slice = &run->slices[i];

		if (slice->block == run->slices[0].block &&
		    slice->cell.rank == RANK_HEADLINE)
			precise = cell_precise(&s, &slice->cell);
	}
	free(counts);
	free(s.values);
	return precise;
}

uint64_t design_cost_ns(const struct cell_spec *cell,
			const struct slice_timing *timing)
{
	return timing->settle_ns + slice_window_ns(cell, timing) +
	       AROUND_A_SLICE_NS;
}

static uint64_t sum(const uint64_t *x, size_t n)
{
	uint64_t s = 0;

	for (size_t i = 0; i < n; i++)
		s += x[i];
	return s;
}

/* Are these cells of one question about one workload? */
static bool same_topic(const struct cell_spec *a, const struct cell_spec *b)
{
	return strcmp(a->experiment, b->experiment) == 0 &&
	       strcmp(a->workload, b->workload) == 0;
}

static size_t count_topic(const struct plan *plan, const struct cell_spec *of)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += same_topic(&plan->cells[i], of);
	return n;
}

/* The last cell of the highest rank; NULL: there are only headlines. */
static const struct cell_spec *least_needed(const struct plan *plan)
{
	const struct cell_spec *least = NULL;

	for (size_t i = 0; i < plan->n; i++) {
		const struct cell_spec *c = &plan->cells[i];

		if (c->rank > RANK_HEADLINE &&
		    (!least || c->rank >= least->rank))
			least = c;
	}
	return least;
}

size_t design_prune(struct plan *plan, uint64_t *cost_ns, uint32_t rounds,
		    uint64_t budget_ns)
{
	size_t before = plan->n;

	while (sum(cost_ns, plan->n) > budget_ns / rounds) {
		const struct cell_spec *least = least_needed(plan);
		struct cell_spec going;
		size_t kept = 0;

		if (!least)
			break;
		going = *least;
		for (size_t i = 0; i < plan->n; i++) {
			const struct cell_spec *c = &plan->cells[i];

			if (c->rank == going.rank && same_topic(c, &going))
				continue;
			cost_ns[kept] = cost_ns[i];
			plan->cells[kept++] = *c;
		}
		plan->n = kept;
	}
	return before - plan->n;
}

void design_describe_pruned(const struct plan *before, const struct plan *after,
			    char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < before->n && used < size; i++) {
		const struct cell_spec *c = &before->cells[i];
		size_t n = count_topic(before, c);
		size_t left = count_topic(after, c), first = 0;

		while (!same_topic(&before->cells[first], c))
			first++;
		if (first == i && left < n)
			used += (size_t)snprintf(
				text + used, size - used,
				"%s%s %s: %zu of %zu cells", used ? "; " : "",
				c->experiment, c->workload, n - left, n);
	}
}
