#include "bench/models/cluster_text.h"

#include <errno.h>
#include <string.h>

size_t text_put_decimal(char *ret, uint64_t value)
{
	char reversed[TEXT_DIGITS_MAX];
	size_t n = 0;

	do {
		reversed[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	for (size_t i = 0; i < n; i++)
		ret[i] = reversed[n - 1 - i];
	return n;
}

size_t text_put_hex(char *ret, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++)
		ret[i] = digits[value >> (60 - 4 * i) & 0xf];
	return 16;
}

int text_take_decimal(const char **s, const char *end, uint64_t max,
		      uint64_t *ret)
{
	const char *p = *s;
	uint64_t value = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (digit > max || value > (max - digit) / 10)
			return -EBADMSG;
		value = value * 10 + digit;
	}
	if (p == *s)
		return -EBADMSG;
	*s = p;
	*ret = value;
	return 0;
}

int text_take_hex(const char **s, const char *end, uint64_t *ret)
{
	uint64_t value = 0;

	if (end - *s < 16)
		return -EBADMSG;
	for (int i = 0; i < 16; i++) {
		char c = (*s)[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return -EBADMSG;
	}
	*s += 16;
	*ret = value;
	return 0;
}

int text_take(const char **s, const char *end, const char *word, size_t n)
{
	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
		return -EBADMSG;
	*s += n;
	return 0;
}
