/*
 * METG in words.
 */
#include <math.h>
#include <stdio.h>

#include "harness/metg.h"

struct number metg_text(const struct metg_curve *c, double ns)
{
	const struct metg_point *first = &c->points[0];
	const struct metg_point *last = &c->points[c->n_points - 1];
	struct number n = number_time(ns);

	if (isinf(ns) && c->n_points > 0)
		snprintf(n.text, sizeof(n.text), "%s %.32s",
			 ns < 0 ? "below" : "above",
			 number_time(ns < 0 ? first->task_ns : last->task_ns)
				 .text);
	return n;
}

struct number metg_interval_text(const struct metg_curve *c,
				 const struct estimate *e)
{
	struct number n = {""};

	/* Twice "below 5 µs" is no interval. */
	if (isinf(e->low) && e->low == e->high)
		return n;
	if (!isnan(e->low) && !isnan(e->high))
		snprintf(n.text, sizeof(n.text), " [%.28s, %.28s]",
			 metg_text(c, e->low).text, metg_text(c, e->high).text);
	return n;
}
