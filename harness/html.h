/*
 * html - write HTML in which text is always escaped.
 *
 * Floor 1.
 */
#ifndef HARNESS_HTML_H
#define HARNESS_HTML_H

#include <stddef.h>
#include <stdio.h>

/*
 * Write @format, which is trusted HTML, with every %s replaced by its argument,
 * which is not: `<', `>', `&' and quotes are escaped, control characters become
 * spaces and bytes that are not UTF-8 question marks.  %% is a percent sign;
 * there is nothing else.
 */
void html_write(FILE *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Write @text escaped in the same way. */
void html_escape(FILE *out, const char *text);

/* Write @bytes of @data in base64, as a data: URL wants them. */
void html_base64(FILE *out, const void *data, size_t bytes);

#endif
