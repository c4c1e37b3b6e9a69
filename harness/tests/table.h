/*
 * table - the rows that `make calibrate' prints, and where they are published.
 */
#ifndef HARNESS_TESTS_TABLE_H
#define HARNESS_TESTS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

/* The texts of one row; ok: "yes", "NO", or why it does not apply. */
struct table_row {
	const char *claim, *how, *trials, *measured, *required, *ok;
};

/* Print @row as a line of Markdown, and flush it. */
void table_print(FILE *out, const struct table_row *row);

/*
 * Whether the table of harness/README.md, which lies between two marks, has
 * one row with @claim as its first cell.  Aborts if there is no such table.
 * Tests run at the top of the source tree.
 */
bool table_published(const char *claim);

#endif
