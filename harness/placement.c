#include "harness/placement.h"

#include "harness/base.h"
#include "harness/placement_internal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* hwloc would build a machine of "pu:100000000" for hours. */
#define MAX_SYNTHETIC_PUS 4096

/* Multiply the numbers of "pack:2 core:8 pu:2", those in brackets left out. */
static bool too_large(const char *s)
{
	bool begin = true;
	unsigned long long pus = 1;
	int depth = 0;

	for (; *s != '\0' && pus <= MAX_SYNTHETIC_PUS; s++) {
		depth += (*s == '(' || *s == '[') - (*s == ')' || *s == ']');
		if (depth == 0 && begin && strchr("+-0123456789", *s)) {
			/* Base 0, as hwloc reads them. */
			unsigned long long n = strtoull(s, NULL, 0);

			pus = n > MAX_SYNTHETIC_PUS ? n : pus * n;
		}
		begin = *s == ':' || *s == ' ' || *s == '\t' || *s == '\n';
	}
	return pus > MAX_SYNTHETIC_PUS;
}

/*
 * Load the machine, or @synthetic, without what nobody asks for: the devices.
 * All PUs are loaded, also those that our cpuset forbids, for the drawing.
 */
static int load(struct placement *p, const char *synthetic)
{
	if (hwloc_topology_init(&p->topology) < 0)
		return -ENOMEM;
	if (synthetic &&
	    (too_large(synthetic) ||
	     hwloc_topology_set_synthetic(p->topology, synthetic) < 0))
		return -EINVAL;
	/*
	 * hwloc's x86 part moves this thread to each processor in turn, to ask
	 * it.  Where others are busy that waits for their time slices, and the
	 * kernel has asked the same questions already.  If it cannot be left
	 * out, it only costs time.
	 */
	if (!synthetic)
		(void)hwloc_topology_set_components(
			p->topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST,
			"x86");
	if (hwloc_topology_set_flags(
		    p->topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) < 0 ||
	    hwloc_topology_set_io_types_filter(
		    p->topology, HWLOC_TYPE_FILTER_KEEP_NONE) < 0 ||
	    hwloc_topology_set_icache_types_filter(
		    p->topology, HWLOC_TYPE_FILTER_KEEP_ALL) < 0 ||
	    hwloc_topology_load(p->topology) < 0)
		return errno ? -errno : -EINVAL;
	return 0;
}

/* Find the usable PUs and number their cores. */
static int survey(struct placement *p)
{
	hwloc_topology_t t = p->topology;
	hwloc_obj_t pu = NULL, core, last = NULL;
	int n;

	p->usable = hwloc_bitmap_alloc();
	if (!p->usable)
		return -ENOMEM;
	/* For a synthetic machine hwloc answers with all processors. */
	if (hwloc_get_cpubind(t, p->usable, HWLOC_CPUBIND_THREAD) < 0)
		return -errno;
	if (hwloc_bitmap_and(p->usable, p->usable,
			     hwloc_topology_get_allowed_cpuset(t)) < 0 ||
	    hwloc_bitmap_and(p->usable, p->usable,
			     hwloc_topology_get_topology_cpuset(t)) < 0)
		return -ENOMEM;
	n = hwloc_bitmap_weight(p->usable);
	if (n < 1)
		return -ENODEV;
	p->pus = calloc((size_t)n, sizeof(*p->pus));
	p->order = calloc((size_t)n, sizeof(*p->order));
	if (!p->pus || !p->order)
		return -ENOMEM;
	while ((pu = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_PU, pu))) {
		struct placement_pu *u = &p->pus[p->n_pus];

		if (!hwloc_bitmap_isset(p->usable, pu->os_index))
			continue;
		core = hwloc_get_ancestor_obj_by_type(t, HWLOC_OBJ_CORE, pu);
		u->obj = pu;
		/* Without cores in the topology each PU counts as one. */
		if (core && core == last)
			u->rank = u[-1].rank + 1;
		else
			p->n_cores++;
		u->core = p->n_cores - 1;
		last = core;
		p->n_pus++;
	}
	CHECK(p->n_pus == (uint32_t)n);
	return 0;
}

static const struct placement_pu *choose_generator(const struct placement *p)
{
	const struct placement_pu *spare = NULL;
	uint32_t used = placement_used(p, p->workers);

	for (uint32_t i = 0; used > 0 && i < p->n_pus; i++) {
		bool pu_used = false, core_used = false;

		for (uint32_t k = 0; k < used; k++) {
			pu_used |= p->order[k] == i;
			core_used |= p->pus[p->order[k]].core == p->pus[i].core;
		}
		if (!core_used)
			return &p->pus[i];
		if (!pu_used && !spare)
			spare = &p->pus[i];
	}
	return spare;
}

int placement_plan(const char *policy, uint32_t workers, const char *synthetic,
		   struct placement **ret)
{
	struct placement *p;
	int r;

	if (workers < 1)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->workers = workers;
	r = load(p, synthetic);
	if (r == 0)
		r = survey(p);
	if (r == 0)
		r = placement_order(p, policy);
	if (r < 0) {
		placement_free(p);
		return r;
	}
	p->generator = choose_generator(p);
	*ret = p;
	return 0;
}

void placement_free(struct placement *p)
{
	if (!p)
		return;
	free(p->order);
	free(p->pus);
	hwloc_bitmap_free(p->usable);
	if (p->topology)
		hwloc_topology_destroy(p->topology);
	free(p);
}

static int bind_to(const struct placement *p, hwloc_const_cpuset_t set)
{
	/* hwloc itself would do nothing and call it a success. */
	if (!hwloc_topology_is_thissystem(p->topology))
		return -ENODEV;
	if (hwloc_set_cpubind(p->topology, set,
			      HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT) < 0)
		return -errno;
	return 0;
}

/* The place of @worker; NULL: anywhere. */
static const struct placement_pu *place(const struct placement *p,
					uint32_t worker)
{
	return p->n_order ? &p->pus[p->order[worker % p->n_order]] : NULL;
}

int placement_bind(const struct placement *p, uint32_t worker)
{
	const struct placement_pu *u = place(p, worker);

	return bind_to(p, u ? u->obj->cpuset : p->usable);
}

int placement_bind_generator(const struct placement *p)
{
	return bind_to(p, p->generator ? p->generator->obj->cpuset : p->usable);
}

int placement_cpu(const struct placement *p, uint32_t worker)
{
	const struct placement_pu *u = place(p, worker);

	return u ? (int)u->obj->os_index : -1;
}

int placement_generator_cpu(const struct placement *p)
{
	return p->generator ? (int)p->generator->obj->os_index : -1;
}

uint32_t placement_usable_pus(const struct placement *p)
{
	return p->n_pus;
}

uint32_t placement_usable_cores(const struct placement *p)
{
	return p->n_cores;
}

uint32_t placement_smt_shared(const struct placement *p, uint32_t workers)
{
	uint32_t used = placement_used(p, workers);
	uint32_t shared = 0;

	for (uint32_t i = 0; i < used; i++) {
		uint32_t core = p->pus[p->order[i]].core;
		bool sibling = false;

		for (uint32_t k = 0; k < used; k++)
			sibling |= k != i && p->pus[p->order[k]].core == core;
		/* Workers i, i + n_order, i + 2 n_order, … sit here. */
		if (sibling)
			shared += (workers - 1 - i) / p->n_order + 1;
	}
	return shared;
}

/* Add the cache @obj to @ret[@n] unless one like it is there. */
static size_t add_cache(hwloc_obj_t obj, struct placement_cache *ret, size_t n)
{
	static const char *const types[] = {
		[HWLOC_OBJ_CACHE_UNIFIED] = "Unified",
		[HWLOC_OBJ_CACHE_DATA] = "Data",
		[HWLOC_OBJ_CACHE_INSTRUCTION] = "Instruction",
	};
	struct placement_cache c = {
		.level = obj->attr->cache.depth,
		.size_bytes = obj->attr->cache.size,
		.sharing = (uint32_t)hwloc_bitmap_weight(obj->cpuset),
	};

	strcpy(c.type, types[obj->attr->cache.type]);
	for (size_t i = 0; i < n; i++)
		if (strcmp(ret[i].type, c.type) == 0 &&
		    ret[i].level == c.level &&
		    ret[i].size_bytes == c.size_bytes &&
		    ret[i].sharing == c.sharing)
			return n;
	ret[n] = c;
	return n + 1;
}

size_t placement_caches(const struct placement *p, struct placement_cache *ret,
			size_t max)
{
	static const hwloc_obj_type_t types[] = {
		HWLOC_OBJ_L1CACHE,  HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE,
		HWLOC_OBJ_L2ICACHE, HWLOC_OBJ_L3CACHE,  HWLOC_OBJ_L3ICACHE,
		HWLOC_OBJ_L4CACHE,  HWLOC_OBJ_L5CACHE,
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		hwloc_obj_t c = NULL;

		while (n < max && (c = hwloc_get_next_obj_by_type(p->topology,
								  types[i], c)))
			n = add_cache(c, ret, n);
	}
	return n;
}
