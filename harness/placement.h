/*
 * placement - which worker is pinned to which processors.
 *
 * Floor 1.  The only module that knows hwloc.  Only processors that this
 * process may use (cpuset, affinity) are ever planned.
 */
#ifndef HARNESS_PLACEMENT_H
#define HARNESS_PLACEMENT_H

#include <stddef.h>
#include <stdint.h>

struct placement;

/* Names of the policies, in the order they are listed, NULL at the end. */
extern const char *const placement_policies[];

/* One line on what policy number @i of placement_policies does. */
const char *placement_policy_summary(size_t i);

/*
 * Plan places for @workers workers (>= 1) and one load generator.
 *
 * @policy: "compact" neighbouring processors first, the siblings of one core
 * together; "scatter" as far apart as possible (packages, NUMA nodes, cores in
 * turn); "core" one worker per physical core first, in machine order, siblings
 * after; "none" nobody is pinned; or an explicit CPU list "0,2,4-7" in the
 * kernel's numbers, used in that order, no CPU twice.  More workers than
 * processors: the order starts again.
 *
 * The generator gets the first processor of a core that no worker uses, else
 * the first processor that no worker uses, else it shares, as always under
 * "none": it may run on all usable processors.
 *
 * Usable is what the calling thread may use now: plan before binding.
 *
 * @synthetic: a description for hwloc, "pack:2 numa:2 core:8 pu:2", to plan for
 * a machine that one does not have (binding to it fails), of at most 4096
 * processors; NULL: this machine.
 *
 * 0 or -errno: -EINVAL no workers, no such policy, malformed list or
 * description; -ERANGE a listed CPU that does not exist or may not be used.
 */
int placement_plan(const char *policy, uint32_t workers, const char *synthetic,
		   struct placement **ret);

/* Accepts NULL. */
void placement_free(struct placement *p);

/*
 * Bind the calling thread to the place of @worker; under policy "none", to all
 * usable processors.  0 or -errno, -ENODEV for a synthetic machine.  @p is only
 * read: any number of threads and forked processes may call this at once.
 */
int placement_bind(const struct placement *p, uint32_t worker);

/* Bind the calling thread to the generator's place.  0 or -errno. */
int placement_bind_generator(const struct placement *p);

/* The one CPU (kernel's number) @worker is pinned to; -1 under "none". */
int placement_cpu(const struct placement *p, uint32_t worker);

/* The generator's CPU, or -1 if it shares with the workers. */
int placement_generator_cpu(const struct placement *p);

/* How many processors (PUs) this process may use, and in how many cores. */
uint32_t placement_usable_pus(const struct placement *p);
uint32_t placement_usable_cores(const struct placement *p);

/*
 * How many of the first @workers workers have another one on a sibling PU of
 * their core: 0 means that no simultaneous multithreading is in play, or that
 * nobody is pinned.
 */
uint32_t placement_smt_shared(const struct placement *p, uint32_t workers);

/* One cache level as Google Benchmark's JSON wants it. */
struct placement_cache {
	char type[16];       /* "Data", "Instruction" or "Unified" */
	uint32_t level;      /* 1, 2, 3 … */
	uint64_t size_bytes; /* of one cache */
	uint32_t sharing;    /* PUs that share one */
};

/* The distinct caches of the machine, at most @max; returns how many. */
size_t placement_caches(const struct placement *p, struct placement_cache *ret,
			size_t max);

/*
 * Draw the machine as text: packages, NUMA nodes, caches, cores, PUs, and on
 * each PU the workers placed there (`w0') and the generator (`gen').  UTF-8 if
 * @utf8, else ASCII.  Returns a string to be freed by the caller; NULL: no
 * memory.
 */
char *placement_draw(const struct placement *p, int utf8);

#endif
