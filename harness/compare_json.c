/*
 * A comparison as JSON for programs.
 */
#include <math.h>
#include <string.h>

#include "harness/base.h"
#include "harness/columns.h"
#include "harness/compare.h"

/* Null where there is no honest value: JSON has no NaN. */
static json_t *number(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

/* What makes a cell itself; as in the summary object. */
static json_t *cell_json(const struct cell_spec *s)
{
	const char *variant = strchr(s->model, ':');

	return json_pack("{s:s, s:s%, s:s?, s:s, s:I, s:I, s:I, s:s, s:o, s:I}",
			 "experiment", s->experiment, "model", s->model,
			 variant ? (size_t)(variant - s->model)
				 : strlen(s->model),
			 "variant", variant ? variant + 1 : NULL, "workload",
			 s->workload, "size", (json_int_t)s->size, "workers",
			 (json_int_t)s->workers, "depth", (json_int_t)s->depth,
			 "pin", s->pin, "load_percent",
			 s->load_percent > 0 ? json_integer(s->load_percent)
					     : json_null(),
			 "ballast_bytes", (json_int_t)s->ballast_bytes);
}

/* @cell with the pairs of @more; both references are taken. */
static json_t *merged(json_t *cell, json_t *more)
{
	if (cell && more && json_object_update(cell, more) == 0) {
		json_decref(more);
		return cell;
	}
	json_decref(cell);
	json_decref(more);
	return NULL;
}

static json_t *row_json(const struct comparison *c, const struct compare_row *r)
{
	json_t *absolute = json_null();

	if (!*c->absolute)
		absolute =
			json_pack("{s:o, s:o}", "base",
				  number(r->a->throughput_per_s.median), "run",
				  number(r->b->throughput_per_s.median));
	return merged(
		cell_json(&r->a->spec),
		json_pack("{s:o, s:o, s:I, s:I, s:{s:o, s:o, s:o}, s:s,"
			  " s:o}",
			  "base_ratio", number(r->ratio_a), "run_ratio",
			  number(r->ratio_b), "base_blocks", (json_int_t)r->n_a,
			  "run_blocks", (json_int_t)r->n_b, "change", "median",
			  number(r->ratio.median), "low", number(r->ratio.low),
			  "high", number(r->ratio.high), "verdict",
			  verdict_name(r->verdict), "throughput_per_s",
			  absolute));
}

json_t *compare_run_json(const struct summary *s, const char *dir)
{
	const struct run_info *i = &s->run->info;

	return json_pack("{s:o, s:o, s:s, s:b, s:I, s:I, s:I, s:s}", "dir",
			 column_text(dir), "host", column_text(i->host.name),
			 "started", i->started, "complete", (int)i->complete,
			 "blocks", (json_int_t)i->blocks_done, "failed",
			 (json_int_t)s->failed, "wrong_digests",
			 (json_int_t)s->wrong_digests, "reference",
			 s->reference);
}

static json_t *verdicts_json(const struct comparison *c)
{
	static const enum verdict all[] = {VERDICT_SLOWER, VERDICT_CANNOT_TELL,
					   VERDICT_NO_DIFFERENCE,
					   VERDICT_FASTER};
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		/* A failed set leaves the key out; only without memory. */
		(void)json_object_set_new(
			o, verdict_name(all[i]),
			json_integer((json_int_t)compare_count(c, all[i])));
	}
	return o;
}

json_t *compare_json(const struct comparison *c, const char *dir)
{
	json_t *cells = json_array(), *left = json_array();

	for (size_t i = 0; i < c->n; i++)
		(void)json_array_append_new(cells, row_json(c, &c->rows[i]));
	for (size_t i = 0; i < c->n_left_out; i++) {
		const struct compare_omission *o = &c->left_out[i];
		char why[64];

		compare_gap_text(o->gap, 'B', why);
		(void)json_array_append_new(
			left, merged(cell_json(&o->cell->spec),
				     json_pack("{s:s}", "why", why)));
	}
	/* One that is missing went for want of memory. */
	if (json_array_size(cells) != c->n ||
	    json_array_size(left) != c->n_left_out) {
		json_decref(cells);
		json_decref(left);
		return NULL;
	}
	return json_pack("{s:o, s:s?, s:b, s:f, s:s?, s:o, s:o, s:o}", "run",
			 compare_run_json(c->b, dir), "reference", c->reference,
			 "same_run", (int)c->same_run, "confidence",
			 c->confidence, "why_no_throughput",
			 *c->absolute ? c->absolute : NULL, "verdicts",
			 verdicts_json(c), "cells", cells, "left_out", left);
}
