/*
 * The same model in different places.
 */
#include <math.h>
#include <string.h>

#include "harness/view.h"

static const struct cell_summary *find(const struct view *v, const char *model,
				       const char *pin)
{
	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && strcmp(c->spec.model, model) == 0 &&
		    strcmp(c->spec.pin, pin) == 0)
			return c;
	}
	return NULL;
}

const char *view_placement_base(const struct view *v)
{
	const char *first = NULL;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (!view_owns(v, c))
			continue;
		if (strcmp(c->spec.pin, "compact") == 0)
			return c->spec.pin;
		first = first ? first : c->spec.pin;
	}
	return first;
}

struct estimate view_placement_ratio(const struct view *v,
				     const struct cell_summary *c)
{
	const char *base = view_placement_base(v);
	const struct cell_summary *ref = find(v, c->spec.model, base);

	if (!ref || ref == c)
		return (struct estimate){NAN, NAN, NAN};
	return view_ratio(v, c, ref);
}
