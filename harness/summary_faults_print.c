/*
 * The faults as a table for people and as JSON for programs.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/number.h"
#include "harness/summary_faults.h"

static void table_row(const struct fault_row *r, FILE *out)
{
	char kept[16] = "-", fate[80];

	if (isfinite(r->kept.median))
		(void)snprintf(kept, sizeof(kept), "%.0f %%",
			       100 * r->kept.median);
	fprintf(out, "  %-13s%-19s%-25s%-12s%6s\n", r->fault->name,
		r->cell->spec.model, fault_row_fate(r, fate, sizeof(fate)),
		isfinite(r->outage_ns) ? number_time(r->outage_ns).text : "-",
		kept);
	if (r->broken[0])
		fprintf(out, "    BROKEN PROMISE: %s\n", r->broken);
}

void summary_faults_table(const struct summary *s, FILE *out)
{
	struct fault_row *rows;
	int n = summary_faults(s, &rows);

	if (n < 0)
		return;
	if (n > 0) {
		fputs("faults: what happened to workers, and what became of "
		      "it\n",
		      out);
		fprintf(out, "  %-13s%-19s%-25s%-12s%6s\n", "fault", "model",
			"tasks that failed", "out for", "kept");
	}
	for (int i = 0; i < n; i++)
		table_row(&rows[i], out);
	if (n > 0)
		fputs("  (out for: until the worker's place works again, on "
		      "average; kept: of the\n  throughput without faults)\n\n",
		      out);
	free(rows);
}

static json_t *known(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *counted(int64_t n)
{
	return n >= 0 ? json_integer((json_int_t)n) : json_null();
}

static json_t *kept_json(const struct estimate *e)
{
	if (!isfinite(e->median))
		return json_null();
	return json_pack("{s:f, s:o, s:o}", "median", e->median, "low",
			 known(e->low), "high", known(e->high));
}

static json_t *row_json(const struct fault_row *r)
{
	const struct cell_summary *c = r->cell;
	uint64_t left =
		r->left_processes + r->left_descriptors + r->left_mappings;

	return json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o,"
		" s:o, s:o, s:s, s:I, s:s?}",
		"fault", r->fault->name, "model", c->spec.model, "reach",
		fault_reach_name((enum fault_reach)c->spec.fault_reach),
		"happened", (json_int_t)r->injected, "submitted",
		(json_int_t)c->submitted, "failed", (json_int_t)c->failed,
		"collateral", (json_int_t)r->collateral, "lost",
		(json_int_t)r->lost, "answered_twice", (json_int_t)r->strays,
		"outage_ns", known(r->outage_ns), "outage_max_ns",
		known(r->outage_max_ns), "kept", kept_json(&r->kept), "retried",
		counted(r->retried), "replaced", counted(r->replaced),
		"survived", fault_row_survived(r), "left", (json_int_t)left,
		"broken", r->broken[0] ? r->broken : NULL);
}

json_t *summary_faults_json(const struct summary *s)
{
	struct fault_row *rows = NULL;
	int n = summary_faults(s, &rows);
	json_t *array = n < 0 ? NULL : json_array();

	for (int i = 0; array && i < n; i++)
		(void)json_array_append_new(array, row_json(&rows[i]));
	free(rows);
	return array;
}
