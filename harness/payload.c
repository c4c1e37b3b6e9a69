#include "harness/payload.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

#define CONFIDENCE 0.95

/*
 * In the order of tables.  Colours and markers as of models that are like them:
 * pointer as threads, shm as pool, http as cluster.
 */
static const struct payload_carrier carriers[] = {
	{"carry:pointer",
	 "pointer",
	 0,
	 {.colour = "#009E73", .text = "#007A59", .point = 7, .dash = "solid"}},
	{"carry:shm",
	 "shm",
	 0,
	 {.colour = "#0072B2", .text = "#0063A0", .point = 5, .dash = "solid"}},
	{"carry:copy",
	 "copy",
	 4,
	 {.colour = "#555555",
	  .text = "#444444",
	  .point = 11,
	  .dash = "solid"}},
	{"carry:pipe",
	 "pipe",
	 4,
	 {.colour = "#D55E00",
	  .text = "#B34F00",
	  .point = 13,
	  .dash = "solid"}},
	{"carry:socket",
	 "socket",
	 4,
	 {.colour = "#800073", .text = "#800073", .point = 4, .dash = "solid"}},
	{"carry:channel",
	 "channel",
	 8,
	 {.colour = "#6B3A00", .text = "#6B3A00", .point = 6, .dash = "solid"}},
	{"carry:http",
	 "http",
	 6,
	 {.colour = "#CC79A7", .text = "#9A4675", .point = 9, .dash = "solid"}},
};

/* Each of these: a time of one task in a slice, on average. */

static double mean_of(const struct slice_result *r, uint64_t sum)
{
	return r->tasks > 0 ? (double)sum / (double)r->tasks : NAN;
}

static double move_of(const struct slice_result *r)
{
	return mean_of(r, r->phase_sum_ns[PHASE_DISPATCH] +
				  r->phase_sum_ns[PHASE_RETURN]);
}

static double work_of(const struct slice_result *r)
{
	return mean_of(r, r->phase_sum_ns[PHASE_COMPUTE]);
}

static double whole_of(const struct slice_result *r)
{
	return move_of(r) + work_of(r);
}

/* All tasks of the slice share its processor time, not those of the window. */
static double cpu_of(const struct slice_result *r)
{
	return r->ended[TASK_OK] > 0 ? (double)(r->user_ns + r->system_ns) /
					       (double)r->ended[TASK_OK]
				     : NAN;
}

static double sleeps_of(const struct slice_result *r)
{
	return r->ended[TASK_OK] > 0 ? (double)r->switches_voluntary /
					       (double)r->ended[TASK_OK]
				     : NAN;
}

/* For one or two cells, [n_blocks] each. */
struct room {
	const struct slice_result **slices;
	double *x, *y, *scratch;
};

/* @number of each block of @c in @ret, NaN where there is none. */
static void read_blocks(const struct view *v, const struct cell_summary *c,
			double (*number)(const struct slice_result *r),
			const struct room *room, double *ret)
{
	results_slices_of(v->s->run, &c->spec, v->s->block_counts,
			  room->slices);
	for (size_t i = 0; i < v->s->n_blocks; i++)
		ret[i] = room->slices[i] ? number(room->slices[i]) : NAN;
}

static struct estimate median_of(const struct view *v,
				 const struct cell_summary *c,
				 double (*number)(const struct slice_result *r),
				 const struct room *room)
{
	read_blocks(v, c, number, room, room->x);
	return stats_known_interval(room->x, v->s->n_blocks, CONFIDENCE);
}

/* @number of @c to that of @pointer, one of @comparisons. */
static struct estimate ratio_of(const struct view *v,
				const struct cell_summary *c,
				const struct cell_summary *pointer,
				double (*number)(const struct slice_result *r),
				size_t comparisons, const struct room *room)
{
	size_t n = 0;

	read_blocks(v, c, number, room, room->x);
	read_blocks(v, pointer, number, room, room->y);
	for (size_t i = 0; i < v->s->n_blocks; i++) {
		if (isnan(room->x[i]) || isnan(room->y[i]))
			continue;
		room->x[n] = room->x[i];
		room->y[n++] = room->y[i];
	}
	return stats_ratio(room->x, room->y, n,
			   stats_family(CONFIDENCE, comparisons),
			   room->scratch);
}

/* The cell of @runs with @bytes; NULL: none was measured. */
static const struct cell_summary *find(const struct view *v, const char *runs,
				       uint64_t bytes)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && view_measured(c) &&
		    strcmp(c->spec.runs, runs) == 0 && c->spec.size == bytes)
			return c;
	}
	return NULL;
}

/* Add @bytes to those there are, in their order, once. */
static void add_bytes(struct payload *p, uint64_t bytes)
{
	size_t i = p->n_bytes;

	for (size_t k = 0; k < p->n_bytes; k++) {
		if (p->bytes[k] == bytes)
			return;
	}
	while (i > 0 && p->bytes[i - 1] > bytes) {
		p->bytes[i] = p->bytes[i - 1];
		i--;
	}
	p->bytes[i] = bytes;
	p->n_bytes++;
}

static void list_measured(const struct view *v, struct payload *p)
{
	for (size_t k = 0; k < ARRAY_LEN(carriers); k++) {
		bool any = false;

		for (size_t i = 0; i < v->s->n; i++) {
			const struct cell_summary *c = &v->s->cells[i];

			if (!view_owns(v, c) || !view_measured(c) ||
			    strcmp(c->spec.runs, carriers[k].runs) != 0)
				continue;
			add_bytes(p, c->spec.size);
			any = true;
		}
		if (any)
			p->carriers[p->n_carriers++] = &carriers[k];
	}
}

/* One carrier with so many bytes; @pointer: the same with a pointer, or NULL. */
static struct payload_point make_point(const struct view *v,
				       const struct cell_summary *c,
				       const struct cell_summary *pointer,
				       size_t rivals, const struct room *room)
{
	static const struct estimate unknown = {NAN, NAN, NAN};
	struct payload_point at = {unknown, unknown, unknown,
				   unknown, unknown, unknown};

	if (!c)
		return at;
	at.move_ns = median_of(v, c, move_of, room);
	at.work_ns = median_of(v, c, work_of, room);
	at.cpu_ns = median_of(v, c, cpu_of, room);
	at.sleeps = median_of(v, c, sleeps_of, room);
	if (pointer && c != pointer) {
		at.ratio = ratio_of(v, c, pointer, whole_of, rivals, room);
		at.cpu_ratio = ratio_of(v, c, pointer, cpu_of, rivals, room);
	}
	return at;
}

static void fill(const struct view *v, struct payload *p,
		 const struct room *room)
{
	size_t rivals = p->n_carriers > 1 ? p->n_carriers - 1 : 1;

	for (size_t k = 0; k < p->n_carriers; k++) {
		for (size_t i = 0; i < p->n_bytes; i++)
			p->points[k * p->n_bytes + i] = make_point(
				v, find(v, p->carriers[k]->runs, p->bytes[i]),
				find(v, "carry:pointer", p->bytes[i]), rivals,
				room);
	}
}

int payload_make(const struct view *v, struct payload *ret)
{
	size_t n_blocks = v->s->n_blocks;
	struct room room = {
		.slices = calloc(n_blocks, sizeof(*room.slices)),
		.x = calloc(n_blocks, sizeof(*room.x)),
		.y = calloc(n_blocks, sizeof(*room.y)),
		.scratch = calloc(n_blocks, sizeof(*room.scratch)),
	};
	struct payload p = {
		.carriers = calloc(ARRAY_LEN(carriers), sizeof(*p.carriers)),
		.bytes = calloc(v->s->n + 1, sizeof(*p.bytes)),
	};
	int r = -ENOMEM;

	if (room.slices && room.x && room.y && room.scratch && p.carriers &&
	    p.bytes) {
		list_measured(v, &p);
		p.points =
			calloc(p.n_carriers * p.n_bytes + 1, sizeof(*p.points));
		r = p.points ? 0 : -ENOMEM;
	}
	if (r == 0 && p.n_carriers == 0)
		r = -ENODATA;
	if (r == 0)
		fill(v, &p, &room);
	free(room.slices);
	free(room.x);
	free(room.y);
	free(room.scratch);
	if (r < 0)
		payload_done(&p);
	else
		*ret = p;
	return r;
}

void payload_done(struct payload *p)
{
	free(p->carriers);
	free(p->bytes);
	free(p->points);
	*p = (struct payload){0};
}

const struct payload_point *payload_at(const struct payload *p, size_t carrier,
				       size_t i)
{
	return &p->points[carrier * p->n_bytes + i];
}

size_t payload_find(const struct payload *p, const char *name)
{
	size_t k = 0;

	while (k < p->n_carriers && strcmp(p->carriers[k]->name, name) != 0)
		k++;
	return k;
}

bool payload_more(const struct estimate *ratio)
{
	/* A verdict is on throughput: what takes more does less. */
	struct estimate done = {
		.median = 1 / ratio->median,
		.low = 1 / ratio->high,
		.high = 1 / ratio->low,
	};

	return stats_verdict(&done, STATS_MARGIN) == VERDICT_SLOWER;
}
