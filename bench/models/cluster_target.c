#include "bench/models/cluster_target.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bench/models/cluster_text.h"
#include "harness/base.h"

#define READY "/ready"
#define TASK "/task/"

/* A key of the query, and where its value goes. */
struct key {
	const char *name; /* with its '=' */
	uint64_t min, max;
	uint64_t *value;
	bool given;
};

/* One `key=value' that ends at @end.  0 or -EBADMSG. */
static int parse_pair(struct key *keys, size_t n, const char *s,
		      const char *end)
{
	for (size_t i = 0; i < n; i++) {
		struct key *k = &keys[i];

		if (text_take(&s, end, k->name, strlen(k->name)) < 0)
			continue;
		if (k->given ||
		    text_take_decimal(&s, end, k->max, k->value) < 0 ||
		    s != end || *k->value < k->min)
			return -EBADMSG;
		k->given = true;
		return 0;
	}
	return -EBADMSG;
}

/* The whole query, from the `?' on, if there is one.  0 or -EBADMSG. */
static int parse_query(const char *s, const char *end, struct http_call *ret)
{
	struct key keys[] = {
		{"size=", 1, UINT64_MAX, &ret->size, false},
		{"seed=", 0, UINT64_MAX, &ret->task.seed, false},
		{"id=", 0, UINT64_MAX, &ret->task.id, false},
		{"close=", 0, 1, &ret->close, false},
	};

	while (s < end) {
		const char *pair = s + 1; /* after the `?' or `&' */

		s = memchr(pair, '&', (size_t)(end - pair));
		if (!s)
			s = end;
		if (parse_pair(keys, ARRAY_LEN(keys), pair, s) < 0)
			return -EBADMSG;
	}
	return 0;
}

static const struct workload *find(const struct http_menu *menu,
				   const char *name, size_t n)
{
	for (size_t i = 0; i < menu->n; i++) {
		const struct workload *w = menu->workloads[i];

		if (strncmp(w->name, name, n) == 0 && w->name[n] == '\0')
			return w;
	}
	return NULL;
}

static bool is_offered(const struct http_menu *menu,
		       const struct http_call *call)
{
	if (!menu->max_factor)
		return call->size == menu->size;
	/* Divided, as a product might be too large for 64 bits. */
	return (call->size - 1) / call->workload->default_size <
	       menu->max_factor;
}

enum http_target http_target_parse(const char *target, size_t n,
				   const struct http_menu *menu,
				   struct http_call *ret)
{
	const char *s = target;
	const char *end = target + n;
	const char *query = memchr(target, '?', n);
	struct http_call call = {.task.seed = 1};

	if (!query)
		query = end;
	if (text_take(&s, end, READY, strlen(READY)) == 0 && s == end)
		return HTTP_TARGET_READY;
	if (text_take(&s, query, TASK, strlen(TASK)) < 0)
		return HTTP_TARGET_OTHER;
	call.workload = find(menu, s, (size_t)(query - s));
	if (!call.workload)
		return HTTP_TARGET_UNKNOWN;
	call.size = menu->max_factor ? call.workload->default_size : menu->size;
	if (parse_query(query, end, &call) < 0)
		return HTTP_TARGET_BAD;
	if (!is_offered(menu, &call))
		return HTTP_TARGET_LARGE;
	*ret = call;
	return HTTP_TARGET_TASK;
}
