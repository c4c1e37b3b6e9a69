/*
 * look - how a model is drawn, and to which family it belongs.
 *
 * Floor 4.  A model has the same colour, marker and dash in every figure and
 * table.  Never colour alone: some people see none of these differences.
 */
#ifndef HARNESS_LOOK_H
#define HARNESS_LOOK_H

#include <stdbool.h>
#include <stddef.h>

enum look_family {
	LOOK_UNKNOWN,
	LOOK_SERIAL,
	LOOK_THREAD,
	LOOK_PROCESS, /* a crash of a worker stays in the worker */
};

struct look {
	const char *name;   /* of the model, without variant */
	const char *colour; /* of lines, at least 3:1 on white */
	const char *text;   /* darker twin for letters, at least 4.5:1 */
	int point;          /* gnuplot's point type */
	const char *dash;   /* gnuplot's dashtype */
	enum look_family family;
	bool per_task; /* a worker lives for one task: nothing is kept */
};

/*
 * How to draw model @index of the @n @models.  A model that is not in the table
 * gets the next look of a rest list, in order of appearance; its name is NULL.
 */
struct look look_of(const char *const *models, size_t n, size_t index);

/* The family of @model, with or without variant. */
enum look_family look_family(const char *model);

/* Whether @model, with or without variant, makes a worker for every task. */
bool look_per_task(const char *model);

#endif
