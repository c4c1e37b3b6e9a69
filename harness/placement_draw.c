#include "harness/placement.h"

#include "harness/placement_drawing.h"

#include <stdlib.h>
#include <string.h>

static const struct glyphs ascii = {
	.top_left = "+",
	.top_right = "+",
	.bottom_left = "+",
	.bottom_right = "+",
	.across = "-",
	.down = "|",
	.comma = ", ",
	.free = " .",
	.barred = " x",
};

static const struct glyphs unicode = {
	.top_left = "┌",
	.top_right = "┐",
	.bottom_left = "└",
	.bottom_right = "┘",
	.across = "─",
	.down = "│",
	.comma = " · ",
	.free = " ·",
	.barred = " ×",
};

/* Name the NUMA nodes whose memory is local to just the processors of @obj. */
static const char *put_memory(struct drawing *d, hwloc_obj_t obj,
			      const char *sep)
{
	for (hwloc_obj_t m = obj->memory_first_child; m; m = m->next_sibling) {
		fprintf(d->out, "%sNUMA node %u", sep, m->os_index);
		sep = d->g->comma;
	}
	return sep;
}

/* Add what @obj is to the title of a box. */
static const char *put_title(struct drawing *d, hwloc_obj_t obj,
			     const char *sep)
{
	bool cache = hwloc_obj_type_is_cache(obj->type);

	if (obj->type == HWLOC_OBJ_PACKAGE || obj->type == HWLOC_OBJ_DIE) {
		fprintf(d->out, "%s%s %u", sep,
			hwloc_obj_type_string(obj->type), obj->logical_index);
		sep = d->g->comma;
	} else if (cache) {
		fputs(sep, d->out);
		drawing_put_cache(d, obj);
		sep = d->g->comma;
	} else if (obj->type == HWLOC_OBJ_GROUP && obj->memory_arity == 0) {
		fprintf(d->out, "%s%s", sep,
			obj->subtype ? obj->subtype : "Group");
		sep = d->g->comma;
	}
	return put_memory(d, obj, sep);
}

/*
 * Script @obj as a box with its children inside.  Objects that hold exactly the
 * same processors, a package and its L3, say, share one box.
 */
static void put_object(struct drawing *d, hwloc_obj_t obj)
{
	const char *none = "[";
	const char *sep = put_title(d, obj, none);
	hwloc_obj_t c, next;

	while (obj->arity == 1 && !drawing_is_unit(obj) &&
	       !drawing_unit(obj->first_child)) {
		obj = obj->first_child;
		sep = put_title(d, obj, sep);
	}
	if (sep != none) {
		fputc('\n', d->out);
		d->depth++;
	}
	if (drawing_is_unit(obj))
		drawing_put_units(d, obj, 1);
	for (c = drawing_is_unit(obj) ? NULL : obj->first_child; c; c = next) {
		uint32_t n = 1;

		next = c->next_sibling;
		if (!drawing_unit(c)) {
			put_object(d, c);
			continue;
		}
		for (;
		     next && drawing_unit(next) && drawing_same_units(c, next);
		     n++)
			next = next->next_sibling;
		drawing_put_private_caches(d, c, n);
		drawing_put_units(d, c, n);
	}
	if (sep != none) {
		fputs("]\n", d->out);
		d->depth--;
	}
}

static void put_count(struct drawing *d, const char **sep,
		      hwloc_obj_type_t type, const char *what)
{
	int n = hwloc_get_nbobjs_by_type(d->p->topology, type);

	if (n < 1)
		return;
	fprintf(d->out, "%s%d %s%s", *sep, n, what, n == 1 ? "" : "s");
	*sep = d->g->comma;
}

static void put_heading(struct drawing *d)
{
	const char *sep = " ";

	put_count(d, &sep, HWLOC_OBJ_PACKAGE, "package");
	put_count(d, &sep, HWLOC_OBJ_NUMANODE, "NUMA node");
	put_count(d, &sep, HWLOC_OBJ_CORE, "core");
	put_count(d, &sep, HWLOC_OBJ_PU, "PU");
	if (d->any_barred)
		fprintf(d->out, "%s%u usable", sep, d->p->n_pus);
	fputs("\n \n", d->out);
}

/* Who has no place in the machine, and what the signs mean. */
static void put_notes(struct drawing *d)
{
	const struct placement *p = d->p;

	fputs(" \n", d->out);
	if (p->n_order == 0) {
		char *text = drawing_list("Not pinned, on any usable PU:", 0, 1,
					  p->workers, " gen");

		if (text)
			drawing_put_wrapped(d, text, 2);
		else
			d->failed = true;
		free(text);
	} else if (!p->generator) {
		fputs(" No usable PU is spare: gen shares them with the workers.\n",
		      d->out);
	}
	fputs(" P processing unit, with the kernel's number", d->out);
	fprintf(d->out, "%sw worker%sgen load generator\n", d->g->comma,
		d->g->comma);
	if (d->any_free)
		fprintf(d->out, "%s free%s", d->g->free,
			d->any_barred ? d->g->comma : "\n");
	if (d->any_barred)
		fprintf(d->out, "%s not usable by this process\n",
			d->g->barred + (d->any_free ? 1 : 0));
}

static void put_times(FILE *out, const char *s, int n)
{
	for (; n > 0; n--)
		fputs(s, out);
}

/* Columns of the widest box that the lines of @script need. */
static int frame_columns(char *script)
{
	int depth = 0, widest = 0;
	char *end;

	for (char *line = script; *line != '\0'; line = end + 1) {
		int n;

		end = strchrnul(line, '\n');
		*end = '\0';
		n = 4 * depth + drawing_columns(line + 1);
		if (*line == '[')
			n += 4;
		if ((*line == '[' || depth > 0) && n > widest)
			widest = n;
		depth += (*line == '[') - (*line == ']');
		*end = '\n';
	}
	return widest;
}

/* The second pass: one line of the script, within a frame of @width columns. */
static void put_framed(FILE *out, const struct glyphs *g, const char *line,
		       int width, int *depth)
{
	int n = drawing_columns(line + 1);

	if (*line == ']')
		--*depth;
	for (int i = 0; i < *depth; i++)
		fprintf(out, "%s ", g->down);
	width -= 4 * *depth;
	if (*line == '[') {
		fprintf(out, "%s %s ", g->top_left, line + 1);
		put_times(out, g->across, width - n - 4);
		fputs(g->top_right, out);
	} else if (*line == ']') {
		fputs(g->bottom_left, out);
		put_times(out, g->across, width - 2);
		fputs(g->bottom_right, out);
	} else {
		fputs(line + 1, out);
		put_times(out, " ", *depth > 0 ? width - n : 0);
	}
	for (int i = 0; i < *depth; i++)
		fprintf(out, " %s", g->down);
	fputc('\n', out);
	if (*line == '[')
		++*depth;
}

static char *frame(char *script, const struct glyphs *g)
{
	int width = frame_columns(script), depth = 0;
	char *text = NULL, *line;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	while ((line = strsep(&script, "\n")))
		if (*line != '\0')
			put_framed(out, g, line, width, &depth);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int digits(uint32_t n)
{
	return snprintf(NULL, 0, "%u", n);
}

/* How wide the columns must be, and which signs occur. */
static void measure(struct drawing *d)
{
	hwloc_topology_t t = d->p->topology;
	int cores = hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_CORE);
	hwloc_obj_t pu = NULL;

	d->core_digits = digits(cores > 0 ? (uint32_t)cores - 1 : 0);
	d->cpu_digits = digits((uint32_t)hwloc_bitmap_last(
		hwloc_topology_get_topology_cpuset(t)));
	while ((pu = hwloc_get_next_obj_by_type(t, HWLOC_OBJ_PU, pu))) {
		char *text = drawing_cell(d, pu);
		int n = text ? drawing_columns(text) : 0;

		if (!text)
			d->failed = true;
		if (n > d->cell)
			d->cell = n;
		free(text);
	}
}

char *placement_draw(const struct placement *p, int utf8)
{
	struct drawing d = {.p = p, .g = utf8 ? &unicode : &ascii};
	char *script = NULL, *text = NULL;
	size_t size;

	d.out = open_memstream(&script, &size);
	if (!d.out)
		return NULL;
	measure(&d);
	put_heading(&d);
	put_object(&d, hwloc_get_root_obj(p->topology));
	put_notes(&d);
	if (fclose(d.out) == 0 && !d.failed)
		text = frame(script, d.g);
	free(script);
	return text;
}
