#include "harness/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DASH "\u2013"
#define THIN "\u202f"

/* @digits with a thin space before every third digit from the end. */
static struct number group(const char *digits)
{
	struct number r = {""};
	size_t n = strlen(digits), used = 0;

	for (size_t i = 0; i < n && used + 5 < sizeof(r.text); i++) {
		if (i > 0 && (n - i) % 3 == 0) {
			memcpy(&r.text[used], THIN, strlen(THIN));
			used += strlen(THIN);
		}
		r.text[used++] = digits[i];
	}
	return r;
}

/* Cut the zeros after the point, and the point if nothing is left there. */
static void strip_zeros(char *text)
{
	size_t n = strlen(text);

	if (!strchr(text, '.'))
		return;
	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	text[n] = '\0';
}

/* @x rounded to three significant digits. */
static double round3(double x)
{
	char text[32];

	snprintf(text, sizeof(text), "%.2e", x);
	return strtod(text, NULL);
}

static struct number three(double x, bool zeros)
{
	struct number r = {DASH}, whole;
	char digits[32];
	double a;

	if (!isfinite(x) || fabs(x) >= 1e15)
		return r;
	a = round3(fabs(x));
	if (a < 1e-12) {
		snprintf(r.text, sizeof(r.text), "0");
	} else if (a >= 100) {
		snprintf(digits, sizeof(digits), "%.0f", a);
		whole = group(digits);
		snprintf(r.text, sizeof(r.text), "%s%.50s", x < 0 ? "-" : "",
			 whole.text);
	} else {
		int decimals = 2 - (int)floor(log10(a) + 1e-9);

		snprintf(r.text, sizeof(r.text), "%.*f", decimals,
			 x < 0 ? -a : a);
		if (!zeros)
			strip_zeros(r.text);
	}
	return r;
}

struct number number_plain(double x)
{
	return three(x, true);
}

struct number number_short(double x)
{
	return three(x, false);
}

struct number number_count(uint64_t n)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	return group(digits);
}

struct unit {
	double size;
	const char *name;
};

/* @x in the largest of the @n ascending units that leaves at least 1. */
static struct number with_unit(double x, const struct unit *units, size_t n,
			       bool zeros)
{
	struct number r = {DASH};
	size_t i = 0;

	if (!isfinite(x))
		return r;
	/* 999.9 ns are 1.00 µs; and 1024 MiB are 1 GiB, not 1020 MiB. */
	while (i + 1 < n && fmax(fabs(x), round3(fabs(x))) >= units[i + 1].size)
		i++;
	snprintf(r.text, sizeof(r.text), "%.40s %s",
		 three(x / units[i].size, zeros).text, units[i].name);
	return r;
}

static const struct unit times[] = {
	{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
static const struct unit sizes[] = {{1, "B"},
				    {1024, "KiB"},
				    {1024.0 * 1024, "MiB"},
				    {1024.0 * 1024 * 1024, "GiB"}};

struct number number_time(double ns)
{
	return with_unit(ns, times, sizeof(times) / sizeof(times[0]), true);
}

struct number number_time_short(double ns)
{
	return with_unit(ns, times, sizeof(times) / sizeof(times[0]), false);
}

struct number number_bytes(double bytes)
{
	return with_unit(bytes, sizes, sizeof(sizes) / sizeof(sizes[0]), true);
}

struct number number_bytes_short(double bytes)
{
	return with_unit(bytes, sizes, sizeof(sizes) / sizeof(sizes[0]), false);
}

struct number number_percent(double share)
{
	struct number r = {DASH};
	double p = 100 * share;

	if (!isfinite(p))
		return r;
	if (fabs(p) < 9.95 && fabs(p) >= 0.05)
		snprintf(r.text, sizeof(r.text), "%.1f %%", p);
	else
		snprintf(r.text, sizeof(r.text), "%.0f %%",
			 fabs(p) < 0.05 ? 0 : p);
	return r;
}

struct number number_ratio(double ratio)
{
	struct number r = {DASH};

	if (!isfinite(ratio))
		return r;
	if (ratio >= 9.995)
		r = number_plain(ratio);
	else if (ratio >= 0.0995 || ratio <= 0)
		snprintf(r.text, sizeof(r.text), "%.2f", ratio);
	else
		snprintf(r.text, sizeof(r.text), "%.2g", ratio);
	return r;
}

struct number number_times(double ratio)
{
	struct number r = {DASH};

	if (isfinite(ratio))
		snprintf(r.text, sizeof(r.text), "%.50s×",
			 number_ratio(ratio).text);
	return r;
}

struct number number_interval(double low, double high,
			      struct number (*one)(double))
{
	struct number r = {""};

	if (isfinite(low) && isfinite(high))
		snprintf(r.text, sizeof(r.text), " [%.28s, %.28s]",
			 one(low).text, one(high).text);
	return r;
}

size_t number_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}
