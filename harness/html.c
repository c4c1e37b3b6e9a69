#include "harness/html.h"

#include <stdarg.h>
#include <stdint.h>

#include "harness/base.h"

/* The length of the UTF-8 sequence at @s; 0: it is none. */
static size_t sequence(const unsigned char *s)
{
	size_t n = s[0] < 0x80                    ? 1
		   : s[0] >= 0xc2 && s[0] <= 0xdf ? 2
		   : s[0] >= 0xe0 && s[0] <= 0xef ? 3
		   : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
						  : 0;

	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

void html_escape(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t n = sequence(s);

		if (n == 0)
			fputc('?', out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else if (*s == '\'')
			fputs("&#39;", out);
		else if (*s < ' ' || *s == 0x7f)
			fputc(' ', out);
		else
			fwrite(s, 1, n, out);
		s += n ? n : 1;
	}
}

void html_write(FILE *out, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (const char *p = format; *p; p++) {
		if (*p != '%') {
			fputc(*p, out);
			continue;
		}
		p++;
		CHECK(*p == 's' || *p == '%');
		if (*p == 's')
			html_escape(out, va_arg(ap, const char *));
		else
			fputc('%', out);
	}
	va_end(ap);
}

void html_base64(FILE *out, const void *data, size_t bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = data;

	for (size_t i = 0; i < bytes; i += 3) {
		uint32_t left = (uint32_t)(bytes - i), word;

		word = (uint32_t)s[i] << 16;
		if (left > 1)
			word |= (uint32_t)s[i + 1] << 8;
		if (left > 2)
			word |= s[i + 2];
		fputc(digits[word >> 18], out);
		fputc(digits[word >> 12 & 63], out);
		fputc(left > 1 ? digits[word >> 6 & 63] : '=', out);
		fputc(left > 2 ? digits[word & 63] : '=', out);
	}
}
