/*
 * columns - the fields of a slice's result as a table.
 *
 * Floor 3.  One row a field; JSON in both directions, CSV and the test that
 * results/README.md explains every column all walk this table, so a new field
 * is one new row.
 */
#ifndef HARNESS_COLUMNS_H
#define HARNESS_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

enum column_type {
	COLUMN_TEXT,  /* char [size], NUL-terminated */
	COLUMN_WORDS, /* the same, left out while it is empty */
	COLUMN_RARE,  /* uint64_t, left out while it is 0, as it mostly is */
	COLUMN_U64,   /* at most INT64_MAX: that is JSON's limit here */
	COLUMN_U32,
	COLUMN_INT,
	COLUMN_I64, /* left out while it is negative: unknown */
	COLUMN_HEX, /* uint64_t, as a string of 16 hexadecimal digits */
	COLUMN_F64, /* left out while it is NaN */
	COLUMN_BOOL,
};

struct column {
	const char *key;
	enum column_type type;
	size_t offset; /* in the struct */
	size_t size;   /* of the field */
};

/* A row of a table for field @field of struct @type. */
#define COLUMN(type, field, key, kind)                                         \
	{                                                                      \
		key, COLUMN_##kind, offsetof(struct type, field),              \
			sizeof(((struct type *)0)->field)                      \
	}

/* The first N_CELL_COLUMNS of them say which cell it is. */
#define N_CELL_COLUMNS 21
extern const struct column slice_columns[];
extern const size_t n_slice_columns;

extern const struct column info_columns[];
extern const size_t n_info_columns;

/* Put the @n columns of the struct at @base into @object.  0 or -ENOMEM. */
int columns_to_json(const struct column *columns, size_t n, const void *base,
		    json_t *object);

/*
 * Fill the struct at @base from @object.  Every column must be there,
 * of the right type and within its range, but those that are left out while
 * unknown.  0; or -EINVAL, with @error
 * naming the key.
 */
int columns_from_json(const struct column *columns, size_t n, json_t *object,
		      void *base, char *error, size_t error_size);

/*
 * @text as a JSON string, a new reference; NULL: no memory.  JSON is UTF-8: in
 * a text that is not (a path may be anything) '?' stands for every byte beyond
 * ASCII.
 */
json_t *column_text(const char *text);

/* One field as text for a CSV file, quoted where RFC 4180 asks for it. */
void column_print(const struct column *column, const void *base, FILE *out);

#endif
