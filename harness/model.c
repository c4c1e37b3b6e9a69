#include "harness/model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

const struct model_counts model_no_counts = {
	.respawns = -1,
	.given_up = -1,
	.recycled = -1,
	.retries = -1,
	.wakeups = -1,
	.wasted_wakeups = -1,
	.connections = -1,
	.connections_max = -1,
	.connections_squares = -1,
};

/* How many settings @model has. */
static size_t count(const struct model *model)
{
	size_t n = 0;

	while (model->settings && model->settings[n].key)
		n++;
	CHECK(n <= MODEL_MAX_SETTINGS);
	return n;
}

void model_standard(const struct model *model, int64_t ret[MODEL_MAX_SETTINGS])
{
	memset(ret, 0, MODEL_MAX_SETTINGS * sizeof(*ret));
	for (size_t i = 0; i < count(model); i++)
		ret[i] = model->settings[i].standard;
}

/* "none", or the keys of @model with spaces between. */
static void list_keys(const struct model *model, char *ret, size_t size)
{
	size_t used = 0;

	snprintf(ret, size, "none");
	for (size_t i = 0; i < count(model) && used < size; i++)
		used += (size_t)snprintf(ret + used, size - used, "%s%s",
					 i > 0 ? ", " : "",
					 model->settings[i].key);
}

/* One "key=value" of @n bytes. */
static int parse_one(const struct model *model, const char *text, size_t n,
		     int64_t *ret, char *error, size_t size)
{
	const char *equals = memchr(text, '=', n);
	size_t key = equals ? (size_t)(equals - text) : n;
	const struct model_setting *s = NULL;
	char keys[200], *end;
	size_t i = 0;
	long long value;

	for (; !s && i < count(model); i++) {
		if (strlen(model->settings[i].key) == key &&
		    memcmp(model->settings[i].key, text, key) == 0)
			s = &model->settings[i];
	}
	if (!s) {
		list_keys(model, keys, sizeof(keys));
		snprintf(error, size, "'%s' has no setting '%.*s'; it has: %s",
			 model->name, (int)key, text, keys);
		return -EINVAL;
	}
	errno = 0;
	value = equals ? strtoll(equals + 1, &end, 10) : 0;
	if (!equals || end == equals + 1 || end != text + n || errno != 0 ||
	    value < s->min || value > s->max) {
		snprintf(error, size,
			 "'%.*s': a number from %" PRId64 " to %" PRId64
			 " is needed",
			 (int)n, text, s->min, s->max);
		return -EINVAL;
	}
	ret[i - 1] = value;
	return 0;
}

int model_settings_parse(const struct model *model, const char *text,
			 int64_t ret[MODEL_MAX_SETTINGS], char *error,
			 size_t size)
{
	int64_t values[MODEL_MAX_SETTINGS];

	memcpy(values, ret, sizeof(values));
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t n = strcspn(text, " ");
		int r = parse_one(model, text, n, values, error, size);

		if (r < 0)
			return r;
		text += n;
	}
	memcpy(ret, values, sizeof(values));
	return 0;
}

int model_settings_print(const struct model *model,
			 const int64_t values[MODEL_MAX_SETTINGS], char *ret,
			 size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < count(model); i++) {
		const struct model_setting *s = &model->settings[i];

		if (values[i] == s->standard)
			continue;
		used += (size_t)snprintf(ret + used, size - used,
					 "%s%s=%" PRId64, used > 0 ? " " : "",
					 s->key, values[i]);
		if (used >= size)
			return -ENAMETOOLONG;
	}
	return 0;
}
