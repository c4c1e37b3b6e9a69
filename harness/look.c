#include "harness/look.h"

#include <string.h>

#include "harness/base.h"

/*
 * Chosen by computation; look.h has the limits, which a test checks.  Under
 * simulated protanopia, deuteranopia and tritanopia (Machado, Oliveira and
 * Fernandes, 2009) no two of these eight are closer than 16 (CIE76).  A worker
 * per task: warm colours; a program per task: purple ones; workers that stay:
 * cool ones.
 */
static const struct look looks[] = {
	{"serial", "#555555", "#444444", 6, "(4,3)", LOOK_SERIAL, false},
	{"fork", "#D55E00", "#B34F00", 13, "solid", LOOK_PROCESS, true},
	{"exec", "#F040E0", "#A81F9C", 4, "solid", LOOK_PROCESS, true},
	{"shell", "#800073", "#800073", 3, "solid", LOOK_PROCESS, true},
	{"thread_per_task", "#6B3A00", "#6B3A00", 11, "solid", LOOK_THREAD,
	 true},
	{"pool", "#0072B2", "#0063A0", 5, "solid", LOOK_PROCESS, false},
	{"cluster", "#CC79A7", "#9A4675", 9, "solid", LOOK_PROCESS, false},
	{"threads", "#009E73", "#007A59", 7, "solid", LOOK_THREAD, false},
};

/* For models that nobody has chosen a look for, and for variants. */
static const struct look rest[] = {
	{NULL, "#9000F0", "#7A00CC", 15, "(9,3)", LOOK_UNKNOWN, false},
	{NULL, "#7A6A4F", "#62553F", 1, "(6,2,2,2)", LOOK_UNKNOWN, false},
	{NULL, "#0E7C8C", "#0B6573", 2, "(3,2)", LOOK_UNKNOWN, false},
	{NULL, "#4020A0", "#361B87", 8, "(9,3)", LOOK_UNKNOWN, false},
	{NULL, "#D00030", "#B00028", 12, "(6,2,2,2)", LOOK_UNKNOWN, false},
	{NULL, "#5F8A1F", "#4A6C18", 10, "(3,2)", LOOK_UNKNOWN, false},
	{NULL, "#502070", "#502070", 14, "(6,2,2,2)", LOOK_UNKNOWN, false},
};

static const struct look *find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		if (strlen(looks[i].name) == length &&
		    memcmp(looks[i].name, name, length) == 0)
			return &looks[i];
	}
	return NULL;
}

enum look_family look_family(const char *model)
{
	const struct look *look = find(model, strcspn(model, ":"));

	return look ? look->family : LOOK_UNKNOWN;
}

bool look_per_task(const char *model)
{
	const struct look *look = find(model, strcspn(model, ":"));

	return look && look->per_task;
}

struct look look_of(const char *const *models, size_t n, size_t index)
{
	const struct look *look = find(models[index], strlen(models[index]));
	struct look r;
	size_t strangers = 0;

	if (look)
		return *look;
	for (size_t i = 0; i < index && i < n; i++)
		strangers += !find(models[i], strlen(models[i]));
	r = rest[strangers % ARRAY_LEN(rest)];
	r.family = look_family(models[index]);
	return r;
}
