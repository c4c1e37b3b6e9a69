#include "harness/placement_drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAWING_WIDTH 80
#define DRAWING_ONE_COLUMN 8 /* so many units get a line each */

/* Columns that @s takes: UTF-8's following bytes are 10xxxxxx. */
int drawing_columns(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

int drawing_room(const struct drawing *d)
{
	return DRAWING_WIDTH - 4 * (int)d->depth;
}

/* Write the words of @text, broken into lines, all after the first indented. */
void drawing_put_wrapped(struct drawing *d, const char *text, int indent)
{
	const char *word = text, *end;
	int at = 0;

	fputc(' ', d->out);
	for (; *word != '\0'; word = *end == ' ' ? end + 1 : end) {
		int n;

		end = strchrnul(word, ' ');
		n = (int)(end - word);
		if (at > indent && at + 1 + n > drawing_room(d)) {
			fprintf(d->out, "\n %*s", indent, "");
			at = indent;
		} else if (word != text) {
			at += fprintf(d->out, " ");
		}
		at += fprintf(d->out, "%.*s", n, word);
	}
	fputc('\n', d->out);
}

char *drawing_list(const char *head, uint32_t first, uint32_t step,
		   uint32_t workers, const char *tail)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs(head, f);
	for (uint64_t w = first; w < workers; w += step)
		fprintf(f, " w%ju", (uintmax_t)w);
	fputs(tail, f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

char *drawing_cell(struct drawing *d, hwloc_obj_t pu)
{
	const struct placement *p = d->p;
	uint32_t used = placement_used(p, p->workers);
	uint32_t first = 0;
	const char *tail = "";
	char head[24];

	while (first < used && p->pus[p->order[first]].obj != pu)
		first++;
	if (p->generator && p->generator->obj == pu) {
		tail = " gen";
	} else if (!hwloc_bitmap_isset(p->usable, pu->os_index)) {
		tail = d->g->barred;
		d->any_barred = true;
	} else if (first == used) {
		tail = d->g->free;
		d->any_free = true;
	}
	snprintf(head, sizeof(head), "P%-*u", d->cpu_digits, pu->os_index);
	return drawing_list(head, first < used ? first : p->workers,
			    used > 0 ? p->n_order : 1, p->workers, tail);
}

static void put_spaces(struct drawing *d, int n)
{
	fprintf(d->out, "%*s", n > 0 ? n : 0, "");
}

bool drawing_is_unit(hwloc_obj_t obj)
{
	return obj->type == HWLOC_OBJ_CORE || obj->type == HWLOC_OBJ_PU;
}

hwloc_obj_t drawing_unit(hwloc_obj_t obj)
{
	while (obj->memory_arity == 0) {
		if (drawing_is_unit(obj))
			return obj;
		if (obj->arity != 1 || (!hwloc_obj_type_is_cache(obj->type) &&
					obj->type != HWLOC_OBJ_GROUP))
			return NULL;
		obj = obj->first_child;
	}
	return NULL;
}

bool drawing_same_units(hwloc_obj_t a, hwloc_obj_t b)
{
	while (a->type == b->type && !drawing_is_unit(a)) {
		if (hwloc_obj_type_is_cache(a->type) &&
		    a->attr->cache.size != b->attr->cache.size)
			return false;
		a = a->first_child;
		b = b->first_child;
	}
	return a->type == b->type;
}

void drawing_put_cache(struct drawing *d, hwloc_obj_t obj)
{
	uint64_t size = obj->attr->cache.size;
	char name[16];

	hwloc_obj_type_snprintf(name, sizeof(name), obj, 0);
	fputs(name, d->out);
	if (size >= 1 << 20)
		fprintf(d->out, " %.4g MiB", (double)size / (1 << 20));
	else if (size > 0)
		fprintf(d->out, " %.4g KiB", (double)size / (1 << 10));
}

void drawing_put_private_caches(struct drawing *d, hwloc_obj_t top, uint32_t n)
{
	const char *which = n == 1 ? "the" : "each";
	hwloc_obj_t unit = drawing_unit(top);
	bool any = false;

	for (hwloc_obj_t c = unit; c != top;) {
		c = c->parent;
		if (!hwloc_obj_type_is_dcache(c->type))
			continue;
		if (any)
			fputs(d->g->comma, d->out);
		else
			fprintf(d->out, " %s %s has ", which,
				unit->type == HWLOC_OBJ_CORE ? "core" : "PU");
		drawing_put_cache(d, c);
		any = true;
	}
	if (any)
		fputc('\n', d->out);
}

#define UNIT_NAME 24

/* What stands before the PUs of @unit; returns how many columns that takes. */
static int unit_name(const struct drawing *d, hwloc_obj_t unit,
		     char ret[UNIT_NAME])
{
	ret[0] = '\0';
	if (unit->type != HWLOC_OBJ_CORE)
		return 0;
	return snprintf(ret, UNIT_NAME, "Core %-*u   ", d->core_digits,
			unit->logical_index);
}

/* The PU of @unit after @pu, the first after NULL. */
static hwloc_obj_t next_pu(hwloc_obj_t unit, hwloc_obj_t pu)
{
	if (!pu) {
		for (pu = unit; pu->type != HWLOC_OBJ_PU;)
			pu = pu->first_child;
		return pu;
	}
	pu = pu->next_cousin;
	if (!pu || !hwloc_bitmap_isset(unit->cpuset, pu->os_index))
		return NULL;
	return pu;
}

/* A unit within a line, its PUs in columns. */
static void put_unit(struct drawing *d, hwloc_obj_t unit, bool last)
{
	hwloc_obj_t pu = next_pu(unit, NULL);
	char name[UNIT_NAME];

	(void)unit_name(d, unit, name);
	fputs(name, d->out);
	while (pu) {
		hwloc_obj_t next = next_pu(unit, pu);
		char *text = drawing_cell(d, pu);

		if (!text) {
			d->failed = true;
			return;
		}
		fputs(text, d->out);
		if (next || !last)
			put_spaces(d, d->cell - drawing_columns(text) +
					      (next ? 3 : 0));
		free(text);
		pu = next;
	}
}

/* The unit to draw for @obj, which may be a unit with memory of its own. */
static hwloc_obj_t unit_at(hwloc_obj_t obj)
{
	return drawing_is_unit(obj) ? obj : drawing_unit(obj);
}

/* A PU a paragraph, where so many workers share it that lines must wrap. */
static void put_unit_wrapped(struct drawing *d, hwloc_obj_t unit)
{
	char name[UNIT_NAME];
	int indent = unit_name(d, unit, name) + d->cpu_digits + 2;
	hwloc_obj_t pu = NULL;

	while ((pu = next_pu(unit, pu))) {
		char *cell = drawing_cell(d, pu);
		char *text;

		if (cell && asprintf(&text, "%s%s", name, cell) >= 0) {
			drawing_put_wrapped(d, text, indent);
			free(text);
		} else {
			d->failed = true;
		}
		free(cell);
		memset(name, ' ', strlen(name));
	}
}

void drawing_put_units(struct drawing *d, hwloc_obj_t obj, uint32_t n)
{
	hwloc_obj_t unit = unit_at(obj);
	int pus = hwloc_bitmap_weight(unit->cpuset);
	char name[UNIT_NAME];
	int width = unit_name(d, unit, name) + pus * (d->cell + 3) - 3;
	uint32_t per_line = 1;

	if (n > DRAWING_ONE_COLUMN && width <= drawing_room(d))
		per_line = (uint32_t)((drawing_room(d) + 5) / (width + 5));
	for (uint32_t i = 0; i < n; i++, obj = obj->next_sibling) {
		bool last = (i + 1) % per_line == 0 || i + 1 == n;

		if (width > drawing_room(d)) {
			put_unit_wrapped(d, unit_at(obj));
			continue;
		}
		if (i % per_line == 0)
			fputc(' ', d->out);
		put_unit(d, unit_at(obj), last);
		if (last)
			fputc('\n', d->out);
		else
			put_spaces(d, 5);
	}
}
