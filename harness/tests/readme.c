#include "harness/tests/readme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/file.h"

/* The rows whose first cell is a key are of the form "| `key` | …". */
static void note_row(const char *line, struct readme *r)
{
	size_t length;

	if (strncmp(line, "| `", 3) != 0)
		return;
	length = strcspn(line + 3, "`");
	CHECK(r->n < ARRAY_LEN(r->keys) && length < sizeof(r->keys[0]));
	memcpy(r->keys[r->n++], line + 3, length);
}

void readme_read(const char *heading, struct readme *ret)
{
	char *text, *rest, *line;
	int inside = 0;
	size_t bytes;

	/* Tests run at the top of the source tree. */
	CHECK(file_read("results/README.md", 1 << 20, &text, &bytes) == 0);
	memset(ret, 0, sizeof(*ret));
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (line[0] == '#')
			inside = strcmp(line, heading) == 0;
		else if (inside)
			note_row(line, ret);
	}
	free(text);
	CHECK(ret->n > 0);
}

size_t readme_count(const struct readme *r, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += strcmp(r->keys[i], key) == 0;
	return n;
}
