/*
 * placement_drawing - the script of a drawing, and what stands inside the boxes.
 *
 * The drawing is made in two passes.  The first writes what is to be seen, line
 * by line, into a script: "[Package 0" opens a box, "]" closes it, " Core 0" is
 * a line of text inside.  Only then is it known how wide the widest line is,
 * and the second pass (placement_draw.c) puts the frames around.
 */
#ifndef HARNESS_PLACEMENT_DRAWING_H
#define HARNESS_PLACEMENT_DRAWING_H

#include "harness/placement_internal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct glyphs {
	const char *top_left, *top_right, *bottom_left, *bottom_right;
	const char *across, *down;
	const char *comma;  /* between equals in a line */
	const char *free;   /* after a PU without worker */
	const char *barred; /* after a PU that this process may not use */
};

struct drawing {
	const struct placement *p;
	const struct glyphs *g;
	FILE *out;       /* the script */
	uint32_t depth;  /* boxes that are open */
	int cpu_digits;  /* of the largest processor number */
	int core_digits; /* of the largest core number */
	int cell;        /* columns of the widest PU with its workers */
	bool any_free;
	bool any_barred;
	bool failed; /* out of memory somewhere */
};

/* Columns that the UTF-8 text @s takes on a terminal. */
int drawing_columns(const char *s);

/* Columns for text inside the open boxes. */
int drawing_room(const struct drawing *d);

/* Write the words of @text; lines after the first are indented. */
void drawing_put_wrapped(struct drawing *d, const char *text, int indent);

/*
 * @head, every @step-th worker from @first to below @workers, and @tail, as in
 * "P7 w7 w15".  To be freed; NULL: no memory.
 */
char *drawing_list(const char *head, uint32_t first, uint32_t step,
		   uint32_t workers, const char *tail);

/* What is drawn for @pu.  To be freed; NULL: no memory. */
char *drawing_cell(struct drawing *d, hwloc_obj_t pu);

/* A unit is drawn as one item: a core, or a PU where no cores are known. */
bool drawing_is_unit(hwloc_obj_t obj);

/* The unit in @obj, if @obj adds no more to it than caches; else NULL. */
hwloc_obj_t drawing_unit(hwloc_obj_t obj);

/* Whether the units in @a and @b are of one kind, with caches of one size. */
bool drawing_same_units(hwloc_obj_t a, hwloc_obj_t b);

/* Write "L3 32 MiB". */
void drawing_put_cache(struct drawing *d, hwloc_obj_t obj);

/*
 * Write "each core has L1d 32 KiB, L2 1 MiB", from the core outwards, for @n
 * siblings of which @top is the first; nothing if they have no caches.
 */
void drawing_put_private_caches(struct drawing *d, hwloc_obj_t top, uint32_t n);

/* Write the units in @n siblings from @obj on: a line each, or more if many. */
void drawing_put_units(struct drawing *d, hwloc_obj_t obj, uint32_t n);

#endif
