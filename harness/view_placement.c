/*
 * The same model in different places.
 */
#include <math.h>
#include <string.h>

#include "harness/view.h"

/* The cell that differs from @c in nothing but that it has policy @pin. */
static const struct cell_summary *
find(const struct view *v, const struct cell_summary *c, const char *pin)
{
	struct cell_spec spec = c->spec;

	memset(spec.pin, 0, sizeof(spec.pin));
	strncpy(spec.pin, pin, sizeof(spec.pin) - 1);
	for (size_t i = 0; i < v->s->n; i++) {
		if (memcmp(&v->s->cells[i].spec, &spec, sizeof(spec)) == 0)
			return &v->s->cells[i];
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
	const struct cell_summary *ref = find(v, c, base);

	if (!ref || ref == c)
		return (struct estimate){NAN, NAN, NAN};
	return view_ratio(v, c, ref);
}
