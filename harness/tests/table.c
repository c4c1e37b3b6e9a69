#include "harness/tests/table.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/file.h"

#define BEGIN "<!-- calibration: begin -->"
#define END "<!-- calibration: end -->"

void table_print(FILE *out, const struct table_row *row)
{
	(void)fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", row->claim,
		      row->how, row->trials, row->measured, row->required,
		      row->ok);
	(void)fflush(out);
}

bool table_published(const char *claim)
{
	char *text, *line, *rest, want[256];
	bool inside = false, found = false;
	size_t bytes, n = 0;

	CHECK(snprintf(want, sizeof(want), "| %s |", claim) <
	      (int)sizeof(want));
	CHECK(file_read("harness/README.md", 1 << 20, &text, &bytes) == 0);
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (strcmp(line, BEGIN) == 0)
			found = inside = true;
		else if (strcmp(line, END) == 0)
			inside = false;
		n += inside && strncmp(line, want, strlen(want)) == 0;
	}
	free(text);
	CHECK(found && !inside);
	return n == 1;
}
