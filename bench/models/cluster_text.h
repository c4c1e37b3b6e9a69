/*
 * cluster_text - numbers and words as the messages have them.
 *
 * printf(3) and strtoull(3) would do; but they know signs, spaces, locales and
 * formats that we do not want, and an answer has ten numbers.
 */
#ifndef BENCH_MODELS_CLUSTER_TEXT_H
#define BENCH_MODELS_CLUSTER_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The longest number: 2^64 - 1. */
#define TEXT_DIGITS_MAX 20

/* Write @value at @ret, without a NUL.  Returns how many bytes that took. */
size_t text_put_decimal(char *ret, uint64_t value);

/* The same with 16 lower-case hexadecimal digits, always. */
size_t text_put_hex(char *ret, uint64_t value);

/*
 * Read an unsigned number up to @max from *@s on, before @end, and step over
 * it.  0, or -EBADMSG: no digit, or too large.
 */
int text_take_decimal(const char **s, const char *end, uint64_t max,
		      uint64_t *ret);

/* The same of exactly 16 lower-case hexadecimal digits. */
int text_take_hex(const char **s, const char *end, uint64_t *ret);

/* Step over the @n bytes of @word.  0, or -EBADMSG: something else is there. */
int text_take(const char **s, const char *end, const char *word, size_t n);

#endif
