/*
 * What was found of policies, for programs.
 */
#include <math.h>

#include "harness/policies.h"

/* Null where there is no honest value: JSON has no NaN. */
static json_t *known(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *policy_json(const struct view *v, const struct policies *p,
			   const struct policy *policy)
{
	const struct estimate *e = &policy->score;

	return json_pack("{s:s, s:s, s:b, s:{s:o, s:o, s:o}, s:b, s:b}",
			 "workload", v->workload, "policy", policy->name,
			 "default", policy == p->standard, "score", "median",
			 known(e->median), "low", known(e->low), "high",
			 known(e->high), "chosen", (int)policy->chosen,
			 "unsure", (int)policy->unsure);
}

static int add_view(const struct view *v, json_t *array)
{
	struct policies p;
	int r = policies_make(v, &p);

	if (r < 0)
		return r;
	for (size_t i = 0; i < p.n && r == 0; i++)
		r = json_array_append_new(array,
					  policy_json(v, &p, &p.list[i]));
	policies_done(&p);
	return r;
}

json_t *policies_json(const struct summary *s)
{
	size_t n = view_workloads(s, "policies");
	json_t *array = json_array();
	int r = array ? 0 : -1;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct view v;

		r = view_make(s, "policies", i, &v);
		if (r < 0)
			break;
		r = add_view(&v, array);
		view_done(&v);
	}
	if (r == 0)
		return array;
	json_decref(array);
	return NULL;
}
