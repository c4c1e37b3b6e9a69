#include "harness/placement_internal.h"

#include "harness/base.h"
#include "harness/placement.h"

#include <errno.h>
#include <string.h>

/*
 * An order is a list of processors; worker w gets entry w modulo its length.
 * So a plan for a million workers is no larger than the machine.
 */
static void order_add(struct placement *p, uint32_t i)
{
	p->order[p->n_order++] = i;
}

/* hwloc numbers PUs so that neighbours in the machine are neighbours. */
static int order_compact(struct placement *p)
{
	for (uint32_t i = 0; i < p->n_pus; i++)
		order_add(p, i);
	return 0;
}

static int order_core(struct placement *p)
{
	for (uint32_t rank = 0; p->n_order < p->n_pus; rank++)
		for (uint32_t i = 0; i < p->n_pus; i++)
			if (p->pus[i].rank == rank)
				order_add(p, i);
	return 0;
}

static int order_none(struct placement *p)
{
	(void)p; /* an empty order pins nobody */
	return 0;
}

/* Index of the usable PU with the kernel's number @cpu, or n_pus. */
static uint32_t find_cpu(const struct placement *p, uint64_t cpu)
{
	uint32_t i;

	for (i = 0; i < p->n_pus; i++)
		if (p->pus[i].obj->os_index == cpu)
			break;
	return i;
}

/*
 * Walk down from the whole machine, at each fork into the branch that was
 * chosen least often, the first of equals, among those with a PU in @left.
 * Each object counts in its userdata how often it was chosen.
 */
static uint32_t scatter_pick(const struct placement *p,
			     hwloc_const_bitmap_t left)
{
	hwloc_obj_t obj = hwloc_get_root_obj(p->topology);

	while (obj->type != HWLOC_OBJ_PU) {
		hwloc_obj_t best = NULL;

		for (hwloc_obj_t c = obj->first_child; c; c = c->next_sibling)
			if (hwloc_bitmap_intersects(c->cpuset, left) &&
			    (!best || (uintptr_t)c->userdata <
					      (uintptr_t)best->userdata))
				best = c;
		CHECK(best);
		best->userdata = (void *)((uintptr_t)best->userdata + 1);
		obj = best;
	}
	return find_cpu(p, obj->os_index);
}

/*
 * One round per rank, so that no core is used twice before all are used once,
 * also where some cores have two PUs and others one.
 */
static int order_scatter(struct placement *p)
{
	hwloc_bitmap_t left = hwloc_bitmap_alloc();
	int failed = !left;

	for (uint32_t rank = 0; !failed && p->n_order < p->n_pus; rank++) {
		for (uint32_t i = 0; i < p->n_pus; i++)
			if (p->pus[i].rank == rank)
				failed |= hwloc_bitmap_set(
					left, p->pus[i].obj->os_index);
		while (!failed && !hwloc_bitmap_iszero(left)) {
			uint32_t i = scatter_pick(p, left);

			order_add(p, i);
			failed |=
				hwloc_bitmap_clr(left, p->pus[i].obj->os_index);
		}
	}
	hwloc_bitmap_free(left);
	return failed ? -ENOMEM : 0;
}

/* Read a decimal number; one too large for any CPU becomes UINT32_MAX. */
static int parse_cpu(const char **s, uint64_t *ret)
{
	uint64_t n = 0;

	if (**s < '0' || **s > '9')
		return -EINVAL;
	for (; **s >= '0' && **s <= '9'; ++*s)
		if (n < UINT32_MAX)
			n = n * 10 + (uint64_t)(**s - '0');
	*ret = n < UINT32_MAX ? n : UINT32_MAX;
	return 0;
}

static int order_range(struct placement *p, uint64_t first, uint64_t last)
{
	/* However long the range, the first CPU that is not ours ends it. */
	for (uint64_t cpu = first; cpu <= last; cpu++) {
		uint32_t i = find_cpu(p, cpu);

		if (i == p->n_pus)
			return -ERANGE;
		for (uint32_t k = 0; k < p->n_order; k++)
			if (p->order[k] == i)
				return -EINVAL;
		order_add(p, i);
	}
	return 0;
}

static int order_list(struct placement *p, const char *s)
{
	for (;;) {
		uint64_t first = 0, last;
		int r = parse_cpu(&s, &first);

		last = first;
		if (r == 0 && *s == '-') {
			s++;
			r = parse_cpu(&s, &last);
		}
		if (r < 0)
			return r;
		if (last < first || (*s != '\0' && *s != ','))
			return -EINVAL;
		r = order_range(p, first, last);
		if (r < 0 || *s++ == '\0')
			return r;
	}
}

static const struct policy {
	const char *summary;
	int (*order)(struct placement *p);
} policies[] = {
	{"neighbouring processors first, siblings of a core together",
	 order_compact},
	{"as far apart as possible: packages, NUMA nodes, cores in turn",
	 order_scatter},
	{"one worker per physical core first, siblings after", order_core},
	{"nobody is pinned", order_none},
};

const char *const placement_policies[] = {
	"compact", "scatter", "core", "none", NULL,
};

_Static_assert(ARRAY_LEN(placement_policies) == ARRAY_LEN(policies) + 1,
	       "a name for each policy");

const char *placement_policy_summary(size_t i)
{
	CHECK(i < ARRAY_LEN(policies));
	return policies[i].summary;
}

int placement_order(struct placement *p, const char *policy)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (strcmp(policy, placement_policies[i]) == 0)
			return policies[i].order(p);
	return order_list(p, policy);
}
