/*
 * number - numbers as people read them: three digits, a unit, never "nan".
 *
 * Floor 1.  Every function returns its text by value, so that it can be used in
 * place:
 *
 *	fprintf(out, "%s a task\n", number_time(ns).text);
 *
 * What is not a number is an en dash.  Thousands are set apart by a narrow
 * no-break space (U+202F): the texts are UTF-8.
 */
#ifndef HARNESS_NUMBER_H
#define HARNESS_NUMBER_H

#include <stddef.h>
#include <stdint.h>

struct number {
	char text[64];
};

/* Three significant digits: "0.0123", "1.20", "12 300". */
struct number number_plain(double x);

/* The same without zeros at the end, for axes: "0.5", "2", "12 300". */
struct number number_short(double x);

/* All digits: "1 234 567". */
struct number number_count(uint64_t n);

/* A duration: "25.0 ns", "4.21 µs", "1.02 ms", "1.50 s". */
struct number number_time(double ns);

/* The same without zeros at the end: "500 µs", "1 ms". */
struct number number_time_short(double ns);

/* "4.20 MiB". */
struct number number_bytes(double bytes);

/* The same without zeros at the end: "1 GiB". */
struct number number_bytes_short(double bytes);

/* A share of 1 in percent, to the unit, below 10 % to the tenth: "97 %". */
struct number number_percent(double share);

/* A ratio with two decimals, below 0.1 with two digits: "0.94", "0.012". */
struct number number_ratio(double ratio);

/* The same with its sign: "0.94×". */
struct number number_times(double ratio);

/*
 * " [1 900, 1 960]", each bound made by @one, with the space before it; empty
 * if a bound is not a number.
 */
struct number number_interval(double low, double high,
			      struct number (*one)(double));

/* How many columns the UTF-8 @text takes on a terminal: its code points. */
size_t number_columns(const char *text);

#endif
