/*
 * The titles of the figures of startup and placement.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/number.h"

const char title_neutral_startup[] = "How long workers take to come and to go";
const char title_neutral_calls[] =
	"Time to create a worker, by the memory of its parent";
const char title_neutral_placement[] = "Throughput by placement of the workers";

void title_startup(const struct view *v, char *buf, size_t size)
{
	(void)v;
	snprintf(buf, size, "%s", title_neutral_startup);
}

/* @call in the parent that has most memory in small pages; NULL: none. */
static const struct cell_summary *in_largest(const struct view *v,
					     const char *call)
{
	const struct cell_summary *largest = NULL;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];

		if (view_owns(v, c) && strcmp(c->spec.runs, call) == 0 &&
		    c->spec.ballast_bytes > 0 && !c->spec.ballast_huge &&
		    (!largest ||
		     c->spec.ballast_bytes > largest->spec.ballast_bytes))
			largest = c;
	}
	return largest;
}

/* Both run a program; the claim is that one of the two is surely slower. */
void title_calls(const struct view *v, char *buf, size_t size)
{
	const struct cell_summary *fork = in_largest(v, "call:fork_exec");
	const struct cell_summary *spawn = in_largest(v, "call:posix_spawn");

	snprintf(buf, size, "%s", title_neutral_calls);
	if (!fork || !spawn ||
	    fork->spec.ballast_bytes != spawn->spec.ballast_bytes ||
	    !(fork->own_ns.low > spawn->own_ns.high))
		return;
	snprintf(buf, size,
		 "A program started by a parent of %s: fork + exec %s, "
		 "posix_spawn %s",
		 number_bytes_short((double)fork->spec.ballast_bytes).text,
		 number_time(fork->own_ns.median).text,
		 number_time(spawn->own_ns.median).text);
}

/* Of all models and policies: does none make a difference that matters? */
void title_placement(const struct view *v, char *buf, size_t size)
{
	const char *base = view_placement_base(v);
	size_t n = 0, same = 0;

	for (size_t i = 0; i < v->s->n; i++) {
		const struct cell_summary *c = &v->s->cells[i];
		struct estimate r;

		/* A list of processors is the one that all share. */
		if (!view_owns(v, c) || strcmp(c->spec.pin, base) == 0 ||
		    strspn(c->spec.pin, "0123456789,-") == strlen(c->spec.pin))
			continue;
		r = view_placement_ratio(v, c);
		n++;
		same += stats_verdict(&r, STATS_MARGIN) ==
			VERDICT_NO_DIFFERENCE;
	}
	if (n > 0 && same == n)
		snprintf(buf, size,
			 "No policy makes a difference that matters to %.100s",
			 base);
	else
		snprintf(buf, size, "%s", title_neutral_placement);
}
