#include "harness/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/order.h"

#define CONFIDENCE 0.95

/* Room for one cell and its reference, for the run with more blocks. */
struct room {
	double *cell, *reference; /* [n_blocks] throughputs */
	double *a, *b;            /* [n_blocks] log ratios of each run */
};

bool compare_same_cell(const struct cell_spec *a, const struct cell_spec *b)
{
	return a->size == b->size && a->workers == b->workers &&
	       a->depth == b->depth && a->load_percent == b->load_percent &&
	       a->ballast_bytes == b->ballast_bytes &&
	       a->ballast_huge == b->ballast_huge &&
	       strcmp(a->fault, b->fault) == 0 &&
	       strcmp(a->load_of, b->load_of) == 0 &&
	       strcmp(a->pin, b->pin) == 0 && strcmp(a->model, b->model) == 0 &&
	       strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->experiment, b->experiment) == 0;
}

/* The cell of @s that is the same as @spec; NULL: none. */
static const struct cell_summary *find(const struct summary *s,
				       const struct cell_spec *spec)
{
	for (size_t i = 0; i < s->n; i++) {
		if (compare_same_cell(&s->cells[i].spec, spec))
			return &s->cells[i];
	}
	return NULL;
}

const struct cell_summary *compare_partner(const struct comparison *c,
					   const struct cell_summary *a)
{
	return find(c->b, &a->spec);
}

/* The cell of @reference that is measured beside @c; NULL: none. */
static const struct cell_summary *find_reference(const struct summary *s,
						 const struct cell_summary *c,
						 const char *reference)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *spec = &s->cells[i].spec;

		if (reference && strcmp(spec->model, reference) == 0 &&
		    order_same_group(spec, &c->spec))
			return &s->cells[i];
	}
	return NULL;
}

static int room_make(struct room *w, const struct summary *a,
		     const struct summary *b)
{
	size_t n = a->n_blocks > b->n_blocks ? a->n_blocks : b->n_blocks;
	double *x = calloc(4 * n, sizeof(*x));

	if (!x)
		return -ENOMEM;
	*w = (struct room){x, &x[n], &x[2 * n], &x[3 * n]};
	return 0;
}

/*
 * The logarithms of @c's ratios to @reference, one for each block that has both
 * throughputs and neither is zero.  Returns how many.
 */
static size_t log_ratios(const struct summary *s, const struct cell_summary *c,
			 const char *reference, struct room *w, double *ret)
{
	const struct cell_summary *ref = find_reference(s, c, reference);
	size_t n = 0;

	if (!ref)
		return 0;
	results_throughputs_of(s->run, &c->spec, s->block_counts, w->cell);
	results_throughputs_of(s->run, &ref->spec, s->block_counts,
			       w->reference);
	for (size_t i = 0; i < s->n_blocks; i++) {
		if (w->cell[i] > 0 && w->reference[i] > 0)
			ret[n++] = log(w->cell[i] / w->reference[i]);
	}
	return n;
}

static bool has_model(const struct summary *s, const char *model)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->cells[i].spec.model, model) == 0)
			return true;
	}
	return false;
}

/* A's reference if both have it, else B's if both have that. */
static const char *choose_reference(const struct summary *a,
				    const struct summary *b)
{
	if (has_model(a, a->reference) && has_model(b, a->reference))
		return a->reference;
	if (has_model(a, b->reference) && has_model(b, b->reference))
		return b->reference;
	return NULL;
}

/* One run against itself, or a copy of it: no second measurement at all. */
static bool same_run(const struct run_results *a, const struct run_results *b)
{
	return a->n == b->n && a->info.seed == b->info.seed &&
	       strcmp(a->info.started, b->info.started) == 0 &&
	       strcmp(a->info.command, b->info.command) == 0 &&
	       strcmp(a->info.host.name, b->info.host.name) == 0;
}

/* The digest of the results of @c's tasks; 0: none of them was measured. */
static uint64_t digest_of(const struct summary *s, const struct cell_summary *c)
{
	for (size_t i = 0; i < s->run->n; i++) {
		const struct slice_result *slice = &s->run->slices[i];

		if (slice->status == SLICE_OK &&
		    memcmp(&slice->cell, &c->spec, sizeof(c->spec)) == 0)
			return slice->reference_digest;
	}
	return 0;
}

static void leave_out(struct comparison *c, const struct cell_summary *cell,
		      enum compare_gap gap)
{
	c->left_out[c->n_left_out++] = (struct compare_omission){cell, gap};
}

/* A row for the cell @a of the base, or the reason why there is none. */
static void sort_out(struct comparison *c, const struct cell_summary *a,
		     struct room *w)
{
	const struct cell_summary *b = compare_partner(c, a);
	struct compare_row row = {.a = a, .b = b};
	uint64_t digest_a, digest_b;

	if (!b) {
		leave_out(c, a, COMPARE_ONLY_A);
		return;
	}
	if (c->reference && strcmp(a->spec.model, c->reference) == 0)
		return;
	row.n_a = log_ratios(c->a, a, c->reference, w, w->a);
	row.n_b = log_ratios(c->b, b, c->reference, w, w->b);
	digest_a = digest_of(c->a, a);
	digest_b = digest_of(c->b, b);
	if (a->spec.load_percent > 0)
		leave_out(c, a, COMPARE_OPEN_LOOP);
	else if (row.n_a == 0)
		leave_out(c, a, COMPARE_NO_RATIO_A);
	else if (row.n_b == 0)
		leave_out(c, b, COMPARE_NO_RATIO_B);
	else if (digest_a != digest_b)
		leave_out(c, a, COMPARE_OTHER_WORK);
	else
		c->rows[c->n++] = row;
}

static int estimate_row(const struct comparison *c, struct compare_row *row,
			struct room *w)
{
	struct estimate shift = {0, 0, 0};
	int r = 0;

	(void)log_ratios(c->a, row->a, c->reference, w, w->a);
	(void)log_ratios(c->b, row->b, c->reference, w, w->b);
	/* The same values again, not a second sample: exactly no shift. */
	if (!c->same_run || row->n_a != row->n_b ||
	    memcmp(w->a, w->b, row->n_a * sizeof(*w->a)) != 0)
		r = stats_shift(w->a, row->n_a, w->b, row->n_b, c->confidence,
				&shift);
	if (r < 0)
		return r;
	row->ratio = (struct estimate){exp(shift.median), exp(shift.low),
				       exp(shift.high)};
	row->verdict = stats_verdict(&row->ratio, STATS_MARGIN);
	stats_sort(w->a, row->n_a);
	stats_sort(w->b, row->n_b);
	row->ratio_a = exp(stats_median_sorted(w->a, row->n_a));
	row->ratio_b = exp(stats_median_sorted(w->b, row->n_b));
	return 0;
}

/* Worst first. */
static int compare_rows(const void *p, const void *q)
{
	static const int places[] = {
		[VERDICT_SLOWER] = 0,
		[VERDICT_CANNOT_TELL] = 1,
		[VERDICT_NO_DIFFERENCE] = 2,
		[VERDICT_FASTER] = 3,
	};
	const struct compare_row *x = p, *y = q;

	if (x->verdict != y->verdict)
		return places[x->verdict] - places[y->verdict];
	if (x->ratio.median != y->ratio.median)
		return x->ratio.median < y->ratio.median ? -1 : 1;
	return (x->a > y->a) - (x->a < y->a); /* as in the plan */
}

static int fill(struct comparison *c, struct room *w)
{
	int r = 0;

	for (size_t i = 0; i < c->a->n; i++)
		sort_out(c, &c->a->cells[i], w);
	for (size_t i = 0; i < c->b->n; i++) {
		const struct cell_summary *b = &c->b->cells[i];

		if (!find(c->a, &b->spec))
			leave_out(c, b, COMPARE_ONLY_B);
	}
	/* As many chances to be wrong as there are rows. */
	c->confidence = stats_family(CONFIDENCE, c->n > 0 ? c->n : 1);
	for (size_t i = 0; i < c->n && r == 0; i++)
		r = estimate_row(c, &c->rows[i], w);
	if (c->n > 1)
		qsort(c->rows, c->n, sizeof(*c->rows), compare_rows);
	return r;
}

int compare_make(const struct summary *a, const struct summary *b,
		 struct comparison *ret)
{
	struct comparison c = {
		.a = a,
		.b = b,
		.reference = choose_reference(a, b),
		.same_run = same_run(a->run, b->run),
	};
	struct room w = {0};
	int r = room_make(&w, a, b);

	c.rows = calloc(a->n + 1, sizeof(*c.rows));
	c.left_out = calloc(a->n + b->n + 1, sizeof(*c.left_out));
	if (!c.rows || !c.left_out)
		r = -ENOMEM;
	if (r == 0)
		r = fill(&c, &w);
	if (r == 0)
		r = compare_absolute(a->run, b->run, c.absolute,
				     sizeof(c.absolute));
	free(w.cell);
	if (r < 0) {
		compare_done(&c);
		return r;
	}
	*ret = c;
	return 0;
}

void compare_done(struct comparison *c)
{
	free(c->rows);
	free(c->left_out);
	*c = (struct comparison){0};
}

size_t compare_count(const struct comparison *c, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->rows[i].verdict == v;
	return n;
}
