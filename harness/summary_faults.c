#include "harness/summary_faults.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

#define CONFIDENCE 0.95

bool fault_row_ends_all(const struct fault_row *r)
{
	return r->cell->spec.fault_reach == REACH_ALL &&
	       task_status_end(r->fault->end) != TASK_OK;
}

/* Whether the slice's process ended as a task with the fault would have. */
static bool ended_with_it(const struct fault *fault,
			  const struct slice_result *s)
{
	int value = task_status_value(fault->end);

	switch (task_status_end(fault->end)) {
	case TASK_SIGNAL:
		return s->status == SLICE_CRASHED && s->status_value == value;
	case TASK_EXIT:
	case TASK_PROTOCOL: /* exit(0) */
		return s->status == SLICE_EXITED && s->status_value == value;
	case TASK_TIMEOUT:
		return s->status == SLICE_LATE;
	default:
		return false;
	}
}

/* Add @n to *@sum, where somebody counts. */
static void add_counted(int64_t *sum, int64_t n)
{
	if (n >= 0)
		*sum = (*sum > 0 ? *sum : 0) + n;
}

static void add_slice(struct fault_row *row, const struct slice_result *s,
		      double *outage_sum_ns)
{
	row->injected += s->injected;
	row->lost += s->lost;
	row->strays += s->strays;
	row->misreported += s->misreported;
	row->collateral += s->collateral;
	row->places_lost += s->places_lost;
	row->left_processes += s->left_processes;
	row->left_descriptors += s->left_descriptors;
	row->left_mappings += s->left_mappings;
	add_counted(&row->retried, s->counts.retries);
	add_counted(&row->replaced, s->counts.respawns);
	row->outages += s->outages;
	*outage_sum_ns += (double)s->outage_sum_ns;
	row->outage_max_ns = fmax(row->outage_max_ns, (double)s->outage_max_ns);
	row->died += ended_with_it(row->fault, s);
}

/* The cell of the same model in which nothing happens; NULL: none. */
static const struct cell_summary *in_peace(const struct summary *s,
					   const struct cell_summary *c)
{
	struct cell_spec spec = c->spec;

	memset(spec.fault, 0, sizeof(spec.fault));
	spec.fault_reach = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct cell_spec other = s->cells[i].spec;

		/* How long and how often is no difference to one in peace. */
		other.rank = spec.rank;
		other.window_ns = spec.window_ns;
		other.fault_every_ns = spec.fault_every_ns;
		other.limit_ns = spec.limit_ns;
		if (memcmp(&other, &spec, sizeof(spec)) == 0)
			return &s->cells[i];
	}
	return NULL;
}

/* How many faults this model has, which are compared with its peace. */
static size_t family_of(const struct summary *s, const struct cell_summary *c)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		n += s->cells[i].spec.fault[0] &&
		     strcmp(s->cells[i].spec.model, c->spec.model) == 0;
	}
	return n > 0 ? n : 1;
}

static int compare_with_peace(const struct summary *s, struct fault_row *row)
{
	const struct cell_summary *peace = in_peace(s, row->cell);
	size_t n = s->n_blocks;
	double *x;

	row->kept = (struct estimate){NAN, NAN, NAN};
	if (!peace || fault_row_ends_all(row))
		return 0;
	x = calloc(3 * n, sizeof(*x));
	if (!x)
		return -ENOMEM;
	results_throughputs_of(s->run, &row->cell->spec, s->block_counts, x);
	results_throughputs_of(s->run, &peace->spec, s->block_counts, &x[n]);
	row->kept = stats_ratio(
		x, &x[n], n, stats_family(CONFIDENCE, family_of(s, row->cell)),
		&x[2 * n]);
	free(x);
	return 0;
}

/* Keep the first promise that was broken. */
static void breaks(struct fault_row *row, bool broken, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void breaks(struct fault_row *row, bool broken, const char *format, ...)
{
	va_list ap;

	if (!broken || row->broken[0])
		return;
	va_start(ap, format);
	(void)vsnprintf(row->broken, sizeof(row->broken), format, ap);
	va_end(ap);
}

/* So many tasks may fail in which no fault was put. */
static uint64_t allowed(const struct fault_row *row)
{
	const struct cell_spec *c = &row->cell->spec;
	/* From outside no task is chosen: one that is hit counts here. */
	uint64_t hit = row->fault->act ? 0 : 1;

	if (c->fault_reach == REACH_TASK)
		return row->injected * hit;
	return row->injected * ((uint64_t)c->workers * c->depth - 1 + hit);
}

static void judge(struct fault_row *row)
{
	const struct cell_summary *c = row->cell;
	bool leaks = c->spec.fault_reach == REACH_ALL &&
		     strcmp(row->fault->name, "leak") == 0;
	size_t bad = c->n_slices - c->n_ok;

	if (fault_row_ends_all(row)) {
		breaks(row, row->died < c->n_slices,
		       "%zu of %zu slices did not end with it",
		       c->n_slices - row->died, c->n_slices);
		return;
	}
	breaks(row, row->strays > 0, "%" PRIu64 " answers too many",
	       row->strays);
	breaks(row, bad > 0, "the model ended (%s) in %zu of %zu slices",
	       c->trouble, bad, c->n_slices);
	breaks(row, row->lost > 0, "%" PRIu64 " tasks were never answered",
	       row->lost);
	breaks(row, c->wrong_digests > 0, "%" PRIu64 " wrong results",
	       c->wrong_digests);
	breaks(row, row->misreported > 0,
	       "%" PRIu64 " tasks ended in a way not promised",
	       row->misreported);
	breaks(row, row->collateral > allowed(row),
	       "%" PRIu64 " tasks failed that should not have",
	       row->collateral);
	breaks(row, c->spec.fault_reach == REACH_TASK && row->places_lost > 0,
	       "%" PRIu64 " workers were not replaced", row->places_lost);
	breaks(row, row->left_processes > 0, "left %" PRIu64 " processes",
	       row->left_processes);
	breaks(row, row->left_descriptors > (leaks ? row->injected : 0),
	       "left %" PRIu64 " descriptors open", row->left_descriptors);
	breaks(row, row->left_mappings > 0,
	       "left %" PRIu64 " mappings of shared memory",
	       row->left_mappings);
	breaks(row, row->injected == 0, "nothing happened to break it");
}

static int fill(const struct summary *s, struct fault_row *row)
{
	double sum_ns = 0;

	row->outage_max_ns = NAN;
	for (size_t i = 0; i < s->run->n; i++) {
		const struct slice_result *slice = &s->run->slices[i];

		if (memcmp(&slice->cell, &row->cell->spec,
			   sizeof(slice->cell)) == 0)
			add_slice(row, slice, &sum_ns);
	}
	row->outage_ns = row->outages ? sum_ns / (double)row->outages : NAN;
	if (row->outages == 0)
		row->outage_max_ns = NAN;
	judge(row);
	return compare_with_peace(s, row);
}

int summary_faults(const struct summary *s, struct fault_row **ret)
{
	struct fault_row *rows = calloc(s->n + 1, sizeof(*rows));
	int n = 0, r = rows ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->n && r == 0; i++) {
		const struct cell_summary *c = &s->cells[i];
		const struct fault *fault = fault_find(c->spec.fault);

		if (!fault)
			continue;
		rows[n] = (struct fault_row){
			.cell = c,
			.fault = fault,
			.retried = -1,
			.replaced = -1,
		};
		r = fill(s, &rows[n++]);
	}
	if (r < 0) {
		free(rows);
		return r;
	}
	*ret = rows;
	return n;
}

const char *fault_row_survived(const struct fault_row *r)
{
	if (fault_row_ends_all(r) || r->cell->n_ok == 0)
		return "nothing";
	return r->places_lost > 0 ? "some workers" : "all workers";
}

const char *fault_row_fate(const struct fault_row *r, char *buf, size_t size)
{
	static const char *const words[TASK_ENDS] = {
		[TASK_EXIT] = "exited",        [TASK_SIGNAL] = "killed",
		[TASK_TIMEOUT] = "timed out",  [TASK_START] = "not started",
		[TASK_PROTOCOL] = "no result",
	};
	size_t used = 0;

	if (fault_row_ends_all(r))
		(void)snprintf(buf, size, "all lost with it");
	else
		(void)snprintf(buf, size, "all ok");
	for (int e = TASK_EXIT; e < TASK_ENDS && used < size; e++) {
		if (r->cell->ended[e] == 0)
			continue;
		used += (size_t)snprintf(buf + used, size - used,
					 "%s%" PRIu64 " %s", used ? ", " : "",
					 r->cell->ended[e], words[e]);
	}
	return buf;
}
