#include "harness/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/bootstrap.h"
#include "harness/design.h"
#include "harness/order.h"
#include "harness/summary_internal.h"

#define CONFIDENCE 0.95
#define MIN_SLOW_TASKS 10u

/* One cell's values, a place for each block; NaN where nothing was measured. */
struct series {
	double *throughput, *tasks_per_cpu_s, *peak_self, *peak_child;
};

/* All cells' series, and room to sort in. */
struct workspace {
	size_t n_blocks;
	const struct histogram **latency; /* [cells][n_blocks]; NULL: none */
	struct series *series;            /* [cells] */
	double *values;                   /* what the series point into */
	double *a, *b, *c;                /* [n_blocks] scratch */
};

static size_t cell_of(const struct summary *s, const struct cell_spec *spec)
{
	size_t i = 0;

	while (i < s->n && memcmp(&s->cells[i].spec, spec, sizeof(*spec)) != 0)
		i++;
	return i;
}

static int choose_blocks(struct summary *s)
{
	s->n_blocks = results_blocks(s->run);
	s->block_counts = calloc(s->n_blocks, sizeof(*s->block_counts));
	if (!s->block_counts)
		return -ENOMEM;
	s->n_counting =
		design_blocks_that_count(s->run, s->block_counts, &s->n_noisy);
	return 0;
}

static int workspace_init(struct workspace *w, size_t n_blocks, size_t n_cells)
{
	size_t n, k = 0;

	*w = (struct workspace){.n_blocks = n_blocks};
	n = (4 * n_cells + 3) * w->n_blocks;
	w->series = calloc(n_cells + 1, sizeof(*w->series));
	w->values = calloc(n, sizeof(*w->values));
	w->latency = calloc(n_cells * n_blocks + 1, sizeof(*w->latency));
	if (!w->series || !w->values || !w->latency)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		w->values[i] = NAN;
	w->a = &w->values[w->n_blocks * k++];
	w->b = &w->values[w->n_blocks * k++];
	w->c = &w->values[w->n_blocks * k++];
	for (size_t i = 0; i < n_cells; i++) {
		w->series[i].throughput = &w->values[w->n_blocks * k++];
		w->series[i].tasks_per_cpu_s = &w->values[w->n_blocks * k++];
		w->series[i].peak_self = &w->values[w->n_blocks * k++];
		w->series[i].peak_child = &w->values[w->n_blocks * k++];
	}
	return 0;
}

static void workspace_done(struct workspace *w)
{
	free(w->series);
	free(w->values);
	free(w->latency);
}

/* What is counted of every slice, in whatever block: tasks and failures. */
static void count_slice(struct cell_summary *c, const struct slice_result *s)
{
	double ok = (double)s->ended[TASK_OK];

	c->n_slices++;
	c->unstamped = c->unstamped || s->unstamped;
	c->n_ok += s->status == SLICE_OK;
	c->submitted += s->submitted;
	c->ok += s->ended[TASK_OK];
	c->failed += slice_failed(s);
	c->wrong_digests += s->wrong_digests;
	for (int i = 0; i < TASK_ENDS; i++)
		c->ended[i] += s->ended[i];
	c->migrations += s->migrations;
	c->misplaced += s->misplaced;
	c->unbound += s->unbound;
	if (!c->bind_errno)
		c->bind_errno = s->bind_errno;
	if (ok > 0) {
		c->user_ns += (double)s->user_ns;
		c->system_ns += (double)s->system_ns;
		c->switches_voluntary += (double)s->switches_voluntary;
		c->switches_involuntary += (double)s->switches_involuntary;
		c->faults += (double)(s->faults_minor + s->faults_major);
	}
	if (s->status != SLICE_OK && !c->trouble[0])
		slice_status_name(s->status, s->status_value, c->trouble,
				  sizeof(c->trouble));
}

/*
 * Add what a slice in a block that counts has measured to its cell's sums;
 * means are made of them at the end.
 */
static void add_slice(struct cell_summary *c, struct series *series,
		      const struct slice_result *s)
{
	if (s->generator_cpu < 0)
		c->generator_shared = true;
	c->n_measured++;
	c->tasks += s->tasks;
	c->slow_tasks += s->slow_tasks;
	for (int i = 0; i < PHASES; i++)
		c->phase_ns[i] += (double)s->phase_sum_ns[i];
	for (int i = 0; i < PHASES; i++)
		c->slow_phase_ns[i] += (double)s->slow_phase_sum_ns[i];
	if (s->latency)
		histogram_merge(c->latency, s->latency);
	series->throughput[s->block] = slice_throughput(s);
	series->tasks_per_cpu_s[s->block] = slice_tasks_per_cpu_s(s);
	series->peak_self[s->block] = (double)s->peak_self_bytes;
	series->peak_child[s->block] = (double)s->peak_child_bytes;
}

/* Median and interval of the numbers of @x that are there. */
static struct estimate median_of(const struct workspace *w, const double *x)
{
	memcpy(w->c, x, w->n_blocks * sizeof(*x));
	return stats_known_interval(w->c, w->n_blocks, CONFIDENCE);
}

static double per(double sum, uint64_t n)
{
	return n > 0 ? sum / (double)n : NAN;
}

static uint64_t quantile(const struct histogram *h, double q)
{
	return histogram_supports(h, q) ? histogram_quantile(h, q) : 0;
}

/* Make means and medians of what add_slice() summed up. */
static void finish_cell(struct cell_summary *c, const struct series *series,
			const struct workspace *w)
{
	/* Of those without stamps there are no means: NaN, and not 0. */
	uint64_t stamped = c->latency->n > 0 ? c->tasks : 0;

	c->throughput_per_s = median_of(w, series->throughput);
	c->tasks_per_cpu_s = median_of(w, series->tasks_per_cpu_s).median;
	c->peak_self_bytes = median_of(w, series->peak_self).median;
	c->peak_child_bytes = median_of(w, series->peak_child).median;
	/* An open loop's histogram holds those that did not end in time too. */
	c->latency_mean_ns = per((double)c->latency->sum, c->latency->n);
	for (int i = 0; i < PHASES; i++)
		c->phase_ns[i] = per(c->phase_ns[i], stamped);
	for (int i = 0; i < PHASES; i++)
		c->slow_phase_ns[i] = per(c->slow_phase_ns[i], c->slow_tasks);
	c->user_ns = per(c->user_ns, c->ok);
	c->system_ns = per(c->system_ns, c->ok);
	c->switches_voluntary = per(c->switches_voluntary, c->ok);
	c->switches_involuntary = per(c->switches_involuntary, c->ok);
	c->faults = per(c->faults, c->ok);
	c->percentiles = (struct latency_summary){
		.p50_ns = quantile(c->latency, 0.50),
		.p90_ns = quantile(c->latency, 0.90),
		.p99_ns = quantile(c->latency, 0.99),
		.p999_ns = quantile(c->latency, 0.999),
		.max_ns = c->latency->max,
	};
}

static bool is_reference_of(const struct summary *s,
			    const struct cell_summary *ref,
			    const struct cell_summary *c)
{
	return strcmp(ref->spec.model, s->reference) == 0 &&
	       order_same_group(&ref->spec, &c->spec);
}

/* How many blocks more than @n might let us tell; 0: nobody knows. */
static size_t blocks_missing(const struct estimate *ratio, size_t n)
{
	size_t all = stats_blocks_needed(ratio, n, STATS_MARGIN);

	return all > n ? all - n : 0;
}

/* How many cells of @c's group are compared with the reference, at least 1. */
static size_t count_comparisons(const struct summary *s,
				const struct cell_summary *c)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += order_same_group(&s->cells[i].spec, &c->spec);
	return n > 2 ? n - 1 : 1;
}

/* The ratio of cell @c to the reference's cell, pair by pair. */
static void compare_cell(const struct summary *s, struct cell_summary *c,
			 const struct workspace *w)
{
	const struct cell_summary *ref;
	size_t i = 0;

	c->ratio = (struct estimate){NAN, NAN, NAN};
	c->verdict = VERDICT_CANNOT_TELL;
	c->comparisons = count_comparisons(s, c);
	while (i < s->n && !is_reference_of(s, &s->cells[i], c))
		i++;
	if (i == s->n)
		return;
	ref = &s->cells[i];
	c->is_reference = ref == c;
	/* An open loop's throughput is what was asked for, not what it can. */
	if (c->is_reference || c->spec.interval_ns > 0)
		return;
	c->ratio = stats_ratio(w->series[c - s->cells].throughput,
			       w->series[i].throughput, w->n_blocks,
			       stats_family(CONFIDENCE, c->comparisons), w->a);
	c->verdict = stats_verdict(&c->ratio, STATS_MARGIN);
	if (c->verdict == VERDICT_CANNOT_TELL)
		c->more_blocks = blocks_missing(&c->ratio, s->n_counting);
}

/*
 * The baseline with the same tasks as @c has; NULL: was not measured, or the
 * tasks come when they come and the throughput says nothing.
 */
static const struct cell_summary *baseline_of(const struct summary *s,
					      const struct cell_spec *c)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *b = &s->cells[i].spec;

		if (strcmp(b->model, s->run->info.baseline) == 0 &&
		    strcmp(b->experiment, c->experiment) == 0 &&
		    strcmp(b->workload, c->workload) == 0 &&
		    b->size == c->size && b->workers == 1 &&
		    b->interval_ns == 0 && c->interval_ns == 0)
			return &s->cells[i];
	}
	return NULL;
}

/* The ideal: the baseline's throughput times the processors in use. */
static void idealise_cell(const struct summary *s, struct cell_summary *c)
{
	const struct cell_summary *one = baseline_of(s, &c->spec);
	double width = fmin(c->spec.workers, s->run->info.processors);

	c->ideal_per_s = c->efficiency = NAN;
	/* A mechanism of the experiment does no tasks that serial could do. */
	if (!one || experiment_is_call(&c->spec))
		return;
	c->ideal_per_s = one->throughput_per_s.median * width;
	c->efficiency = c->throughput_per_s.median / c->ideal_per_s;
}

/* Whether all slices of one workload and size had one set of digests. */
static bool digests_agree(const struct run_results *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *a = &run->slices[i];

		if (a->wrong_digests > 0)
			return false;
		if (a->status != SLICE_OK)
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct slice_result *b = &run->slices[k];

			if (b->status == SLICE_OK &&
			    a->cell.size == b->cell.size &&
			    strcmp(a->cell.workload, b->cell.workload) == 0) {
				if (a->reference_digest != b->reference_digest)
					return false;
				break;
			}
		}
	}
	return true;
}

static int compare_index(const void *a, const void *b)
{
	const struct cell_summary *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* A cell for every spec in the run, in the order of the plan. */
static int list_cells(struct summary *s)
{
	s->cells = calloc(s->run->n + 1, sizeof(*s->cells));
	if (!s->cells)
		return -ENOMEM;
	for (size_t i = 0; i < s->run->n; i++) {
		const struct cell_spec *spec = &s->run->slices[i].cell;
		struct cell_summary *c = &s->cells[s->n];

		if (cell_of(s, spec) < s->n)
			continue;
		c->spec = *spec;
		c->index = s->run->slices[i].cell_index;
		c->latency = calloc(1, sizeof(*c->latency));
		if (!c->latency)
			return -ENOMEM;
		s->n++;
	}
	qsort(s->cells, s->n, sizeof(*s->cells), compare_index);
	return 0;
}

/* The percentiles of cell @k with their intervals. */
static int bound_percentiles(struct summary *s, size_t k,
			     const struct workspace *w)
{
	static const double q[] = {0.50, 0.90, 0.99, 0.999};
	struct estimate *ret = s->cells[k].percentiles.interval;

	_Static_assert(
		ARRAY_LEN(q) ==
			ARRAY_LEN(((struct latency_summary *)0)->interval),
		"a quantile for each interval");
	return bootstrap_percentiles(&w->latency[k * w->n_blocks], w->n_blocks,
				     q, ARRAY_LEN(q), CONFIDENCE, ret);
}

static int fill(struct summary *s, struct workspace *w)
{
	int r = 0;

	for (size_t i = 0; i < s->run->n; i++) {
		const struct slice_result *slice = &s->run->slices[i];
		size_t k = cell_of(s, &slice->cell);

		count_slice(&s->cells[k], slice);
		if (s->block_counts[slice->block] &&
		    slice->status == SLICE_OK) {
			add_slice(&s->cells[k], &w->series[k], slice);
			w->latency[k * w->n_blocks + slice->block] =
				slice->latency;
		}
		s->wrong_digests += slice->wrong_digests;
		/* What fails there is asked for; summary_faults.h judges it. */
		if (slice->cell.fault[0])
			continue;
		s->submitted += slice->submitted;
		s->ok += slice->ended[TASK_OK];
		s->failed += slice_failed(slice);
		s->n_bad_slices += slice->status != SLICE_OK;
	}
	for (size_t k = 0; k < s->n; k++)
		finish_cell(&s->cells[k], &w->series[k], w);
	for (size_t k = 0; k < s->n; k++) {
		compare_cell(s, &s->cells[k], w);
		idealise_cell(s, &s->cells[k]);
	}
	s->digests_equal = digests_agree(s->run);
	for (size_t k = 0; k < s->n && r == 0; k++)
		r = bound_percentiles(s, k, w);
	return r == 0 ? summary_open(s) : r;
}

int summary_make(const struct run_results *run, struct summary *ret)
{
	struct summary s = {.run = run, .reference = run->info.reference};
	struct workspace w = {0};
	int r;

	r = list_cells(&s);
	if (r == 0)
		r = choose_blocks(&s);
	if (r == 0)
		r = workspace_init(&w, s.n_blocks, s.n);
	if (r == 0)
		r = fill(&s, &w);
	if (r == 0)
		r = summary_add_startup(&s);
	if (r == 0)
		r = summary_add_spread(&s);
	workspace_done(&w);
	if (r < 0) {
		summary_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}

void summary_done(struct summary *s)
{
	for (size_t i = 0; s->cells && i < s->n; i++) {
		free(s->cells[i].latency);
		free(s->cells[i].uncorrected);
		free(s->cells[i].lateness);
	}
	free(s->cells);
	free(s->block_counts);
	*s = (struct summary){0};
}

double cell_own_ns(const struct cell_summary *c)
{
	return c->latency_mean_ns - c->phase_ns[PHASE_QUEUE];
}

double cell_overhead(const struct cell_summary *c)
{
	return 1 - c->phase_ns[PHASE_COMPUTE] / cell_own_ns(c);
}

double cell_slow_own_ns(const struct cell_summary *c)
{
	double sum = 0;

	if (c->slow_tasks < MIN_SLOW_TASKS)
		return NAN;
	for (int i = PHASE_QUEUE + 1; i < PHASES; i++)
		sum += c->slow_phase_ns[i];
	return sum;
}

struct estimate cell_p99_ns(const struct cell_summary *c)
{
	struct estimate e = c->percentiles.interval[2];
	uint64_t p99_ns = c->percentiles.p99_ns;

	e.median = p99_ns > 0 ? (double)p99_ns : NAN;
	return e;
}

const struct cell_summary *summary_find(const struct summary *s,
					const char *experiment,
					const char *model, const char *workload,
					uint32_t workers)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *spec = &s->cells[i].spec;

		if (spec->workers == workers &&
		    strcmp(spec->experiment, experiment) == 0 &&
		    strcmp(spec->model, model) == 0 &&
		    strcmp(spec->workload, workload) == 0)
			return &s->cells[i];
	}
	return NULL;
}
