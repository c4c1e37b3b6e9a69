/*
 * The two plain forms of a summary: JSON for programs, a table for people.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/base.h"
#include "harness/columns.h"
#include "harness/number.h"
#include "harness/summary.h"
#include "harness/summary_faults.h"

/* Null where there is no honest value: JSON has no NaN. */
static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* A time in ns, 0: unknown. */
static json_t *known_ns(uint64_t ns)
{
	return ns > 0 ? count(ns) : json_null();
}

static json_t *estimate_json(const struct estimate *e)
{
	return json_pack("{s:o, s:o, s:o}", "median", number(e->median), "low",
			 number(e->low), "high", number(e->high));
}

static json_t *ratio_json(const struct summary *s, const struct cell_summary *c)
{
	if (c->spec.interval_ns > 0)
		return json_null();
	if (c->is_reference)
		return json_pack("{s:s, s:f, s:f, s:f, s:n}", "reference",
				 s->reference, "median", 1.0, "low", 1.0,
				 "high", 1.0, "verdict");
	if (!isfinite(c->ratio.median))
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "reference", s->reference,
			 "median", number(c->ratio.median), "low",
			 number(c->ratio.low), "high", number(c->ratio.high),
			 "verdict", verdict_name(c->verdict));
}

/* As ratio_json(), of the slowest in a hundred at a load that all had. */
static json_t *latency_ratio_json(const struct summary *s,
				  const struct cell_summary *c)
{
	const struct estimate *e = &c->latency_ratio;

	if (!isfinite(e->median))
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o}", "reference", s->reference,
			 "median", number(e->median), "low", number(e->low),
			 "high", number(e->high));
}

static json_t *latency_json(const struct cell_summary *c)
{
	const struct latency_summary *l = &c->percentiles;

	if (c->saturated)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "p50",
			 known_ns(l->p50_ns), "p90", known_ns(l->p90_ns), "p99",
			 known_ns(l->p99_ns), "p999", known_ns(l->p999_ns),
			 "max", known_ns(l->max_ns));
}

static json_t *phases_json(const struct cell_summary *c)
{
	json_t *o = json_object();

	for (int i = 0; i < PHASES; i++) {
		/* A failed set leaves the key out; only without memory. */
		(void)json_object_set_new(o, phase_name((enum phase)i),
					  number(c->phase_ns[i]));
	}
	return o;
}

static json_t *spread_json(const struct cell_summary *c)
{
	const struct spread *t = &c->task_spread, *n = &c->connection_spread;

	return json_pack("{s:o, s:o, s:o, s:o}", "tasks_max",
			 number(t->most.median), "tasks_jain", number(t->jain),
			 "connections_max", number(n->most.median),
			 "connections_jain", number(n->jain));
}

/* A number that the model has counted, -1: it has not. */
static json_t *counted(int64_t n)
{
	return n >= 0 ? json_integer(n) : json_null();
}

static json_t *counts_json(const struct cell_summary *c)
{
	const struct model_counts *n = &c->counts;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "respawns",
			 counted(n->respawns), "given_up", counted(n->given_up),
			 "recycled", counted(n->recycled), "retries",
			 counted(n->retries), "wakeups", counted(n->wakeups),
			 "wasted_wakeups", counted(n->wasted_wakeups),
			 "connections", counted(n->connections));
}

static json_t *cell_json(const struct summary *s, const struct cell_summary *c)
{
	const struct cell_spec *spec = &c->spec;
	const char *variant = strchr(spec->model, ':');
	const char *digests = c->ok == 0             ? "none"
			      : c->wrong_digests > 0 ? "different"
						     : "equal";
	json_t *saturated = spec->interval_ns > 0 ? json_boolean(c->saturated)
						  : json_null();

	return json_pack(
		"{s:s, s:s%, s:s?, s:s, s:I, s:I, s:I, s:s, s:o,"
		" s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
		" s:I, s:I, s:I, s:s, s:s}",
		"experiment", spec->experiment, "model", spec->model,
		variant ? (size_t)(variant - spec->model) : strlen(spec->model),
		"variant", variant ? variant + 1 : NULL, "workload",
		spec->workload, "size", (json_int_t)spec->size, "workers",
		(json_int_t)spec->workers, "depth", (json_int_t)spec->depth,
		"pin", spec->pin, "offered_per_s",
		number(cell_offered_per_s(c)), "saturated", saturated,
		"throughput_per_s", estimate_json(&c->throughput_per_s),
		"tasks_per_cpu_s", number(c->tasks_per_cpu_s), "efficiency",
		number(c->efficiency), "ratio", ratio_json(s, c),
		"latency_ratio", latency_ratio_json(s, c), "latency_ns",
		latency_json(c), "phase_ns", phases_json(c), "spread",
		spread_json(c), "counts", counts_json(c), "tasks",
		(json_int_t)c->tasks, "failed", (json_int_t)c->failed, "blocks",
		(json_int_t)c->n_measured, "digests", digests, "status",
		c->trouble[0] ? c->trouble : "ok");
}

json_t *summary_json(const struct summary *s, const char *dir)
{
	const struct run_info *info = &s->run->info;
	json_t *cells = json_array();

	for (size_t i = 0; i < s->n; i++)
		(void)json_array_append_new(cells, cell_json(s, &s->cells[i]));
	if (json_array_size(cells) != s->n) {
		json_decref(cells);
		return NULL;
	}
	return json_pack("{s:s, s:o, s:b, s:I, s:I, s:{s:I, s:I, s:I}, s:s,"
			 " s:I, s:o, s:o}",
			 "schema", SUMMARY_SCHEMA, "run", column_text(dir),
			 "complete", (int)info->complete, "seed",
			 (json_int_t)(info->seed & INT64_MAX), "blocks",
			 (json_int_t)info->blocks_done, "tasks", "submitted",
			 (json_int_t)s->submitted, "ok", (json_int_t)s->ok,
			 "failed", (json_int_t)s->failed, "digests",
			 s->digests_equal ? "equal" : "different", "bad_slices",
			 (json_int_t)s->n_bad_slices, "cells", cells, "faults",
			 summary_faults_json(s));
}

/*
 * @x in at most 7 characters, in @buf: all digits of a whole number, three of
 * a small one, two of what nobody will measure.
 */
static const char *rate(double x, char buf[16])
{
	if (!isfinite(x))
		return "-";
	if (x >= 100 && x < 1e7)
		snprintf(buf, 16, "%.0f", x);
	else if (x >= 1e7 && x < 1e10)
		snprintf(buf, 16, "%.0fM", x / 1e6);
	else if (x >= 1e-3 && x < 100)
		snprintf(buf, 16, "%.3g", x);
	else
		snprintf(buf, 16, "%.2g", x);
	return buf;
}

/* The columns of a row and of the heading above it. */
static void print_columns(FILE *out, const char *model, const char *workers,
			  const char *median, const char *interval,
			  const char *efficiency, const char *ratio)
{
	/* A long name has a line of its own. */
	if (strlen(model) > 16) {
		fprintf(out, "  %s\n", model);
		model = "";
	}
	fprintf(out, "  %-16s%4s %7s %-18s %6s  %s\n", model, workers, median,
		interval, efficiency, ratio);
}

static void table_row(const struct cell_summary *c, FILE *out)
{
	char median[16], low[16], high[16], share[16], workers[16];
	char interval[40] = "", efficiency[24] = "-", ratio[40] = "";
	const struct estimate *t = &c->throughput_per_s;
	double tail = (double)c->percentiles.p99_ns;

	if (isfinite(t->low))
		snprintf(interval, sizeof(interval), "[%s, %s]",
			 rate(t->low, low), rate(t->high, high));
	if (isfinite(c->efficiency))
		snprintf(efficiency, sizeof(efficiency), "%s %%",
			 rate(round(100 * c->efficiency), share));
	if (c->saturated)
		snprintf(ratio, sizeof(ratio), "saturated");
	else if (c->spec.interval_ns > 0)
		snprintf(ratio, sizeof(ratio), "%.30s",
			 number_time(tail > 0 ? tail : NAN).text);
	else if (c->is_reference)
		snprintf(ratio, sizeof(ratio), "1     reference");
	else if (isfinite(c->ratio.median))
		snprintf(ratio, sizeof(ratio), "%-5.3g %s", c->ratio.median,
			 verdict_name(c->verdict));
	snprintf(workers, sizeof(workers), "%" PRIu32, c->spec.workers);
	print_columns(out, c->spec.model, workers, rate(t->median, median),
		      interval, efficiency, ratio);
	if (c->trouble[0])
		fprintf(out, "  %-16s     %s in %zu of %zu slices\n", "",
			c->trouble, c->n_slices - c->n_measured, c->n_slices);
}

/* Cells in one table: who does the work differs, and what it is does not. */
static bool same_table(const struct cell_spec *a, const struct cell_spec *b)
{
	return strcmp(a->experiment, b->experiment) == 0 &&
	       strcmp(a->workload, b->workload) == 0 && a->size == b->size &&
	       strcmp(a->pin, b->pin) == 0 && strcmp(a->fault, b->fault) == 0 &&
	       a->load_percent == b->load_percent &&
	       strcmp(a->load_of, b->load_of) == 0 &&
	       a->ballast_bytes == b->ballast_bytes &&
	       a->ballast_huge == b->ballast_huge;
}

/* Is @i the first cell of its table? */
static bool starts_table(const struct summary *s, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (same_table(&s->cells[i].spec, &s->cells[k].spec))
			return false;
	}
	return true;
}

/* Whether some cell of the same experiment is pinned in another way. */
static bool pins_differ(const struct summary *s, const struct cell_spec *c)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *other = &s->cells[i].spec;

		if (strcmp(other->experiment, c->experiment) == 0 &&
		    strcmp(other->pin, c->pin) != 0)
			return true;
	}
	return false;
}

/* Between names and size: a line break where they do not fit on one. */
static const char *title_break(const struct cell_spec *c)
{
	return strlen(c->experiment) + strlen(c->workload) > 48 ? "\n  " : " ";
}

/* What the cells of a table have in common, a line for what is special. */
static void print_title(const struct summary *s, const struct cell_spec *c,
			FILE *out)
{
	fprintf(out, "%s, %s%s(size %" PRIu64 ")\n", c->experiment, c->workload,
		title_break(c), c->size);
	if (pins_differ(s, c))
		fprintf(out, "  pin %.70s\n", c->pin);
	if (c->load_of[0])
		fprintf(out, "  open loop, %" PRIu32 " %% of %s capacity\n",
			c->load_percent,
			strcmp(c->load_of, "own") == 0 ? "its own"
						       : "the slowest model's");
	if (c->ballast_bytes > 0)
		fprintf(out, "  beside %" PRIu64 " MiB of memory in %s pages\n",
			c->ballast_bytes >> 20,
			c->ballast_huge ? "huge" : "small");
}

void summary_table(const struct summary *s, FILE *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *first = &s->cells[i].spec;

		if (first->fault[0] || !starts_table(s, i))
			continue;
		print_title(s, first, out);
		print_columns(out, "model", "W", "tasks/s", "95 % interval",
			      "effic.",
			      first->interval_ns > 0 ? "p99" : "ratio");
		for (size_t k = i; k < s->n; k++) {
			if (same_table(first, &s->cells[k].spec))
				table_row(&s->cells[k], out);
		}
		fputc('\n', out);
	}
	summary_faults_table(s, out);
}
