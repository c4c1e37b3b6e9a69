/*
 * placement_internal - what the files of placement share.
 *
 * Only files named placement* include hwloc.h: the rest of the program knows
 * no more of a machine than placement.h tells.
 */
#ifndef HARNESS_PLACEMENT_INTERNAL_H
#define HARNESS_PLACEMENT_INTERNAL_H

#include <hwloc.h>
#include <stdbool.h>
#include <stdint.h>

/* A processor that may be used. */
struct placement_pu {
	hwloc_obj_t obj;
	uint32_t core; /* 0, 1, … in machine order; usable cores only */
	uint32_t rank; /* 0: first usable PU of its core, 1: its sibling, … */
};

struct placement {
	hwloc_topology_t topology;
	hwloc_bitmap_t usable;    /* processors this process may use */
	struct placement_pu *pus; /* [n_pus] in machine order */
	uint32_t *order;          /* [n_order] worker -> index into pus */
	uint32_t n_pus;           /* usable */
	uint32_t n_cores;         /* usable */
	uint32_t n_order;         /* 0: nobody is pinned */
	uint32_t workers;         /* planned for */
	const struct placement_pu *generator; /* NULL: shares */
};

/*
 * Fill the order of @p, whose usable processors are known, as @policy says; a
 * policy's name or a CPU list.  0 or -errno as placement_plan().
 */
int placement_order(struct placement *p, const char *policy);

/* How many places have at least one of the first @workers workers. */
static inline uint32_t placement_used(const struct placement *p,
				      uint32_t workers)
{
	return workers < p->n_order ? workers : p->n_order;
}

#endif
