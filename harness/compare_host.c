/*
 * Is the machine as it was?  Only then may tasks per second be compared.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/compare.h"
#include "harness/number.h"

/*
 * The fingerprint of a machine: what decides how fast it is and stays as it is
 * from run to run.  Not its name, as CI gives every run another one, nor its
 * clock and load, which never stand still.
 */
enum part {
	PART_CPU,
	PART_CPUS,
	PART_PROCESSORS,
	PART_MEMORY,
	PART_KERNEL,
	PART_COMPILER,
	PART_HYPERVISOR,
	PART_GOVERNOR,
	PART_CLOCKSOURCE,
	PART_ASLR,
	PARTS
};

static const struct {
	const char *name;
	bool needed; /* unknown in both is not equal */
} parts[PARTS] = {
	[PART_CPU] = {"processor", true},
	[PART_CPUS] = {"number of processors", true},
	[PART_PROCESSORS] = {"number of usable processors", true},
	[PART_MEMORY] = {"memory", true},
	[PART_KERNEL] = {"kernel", true},
	[PART_COMPILER] = {"compiler", true},
	[PART_HYPERVISOR] = {"hypervisor", false},
	[PART_GOVERNOR] = {"governor", false},
	[PART_CLOCKSOURCE] = {"clock source", false},
	[PART_ASLR] = {"address randomisation", false},
};

#define PART_TEXT 100

/* @part of the run's machine as text; "": unknown. */
static void part_text(const struct run_info *info, enum part part,
		      char text[PART_TEXT])
{
	const struct host *h = &info->host;
	const char *s = "";
	struct number n = {""};

	if (part == PART_CPU)
		s = h->cpu;
	else if (part == PART_KERNEL)
		s = h->kernel;
	else if (part == PART_COMPILER)
		s = h->compiler;
	else if (part == PART_HYPERVISOR)
		s = h->hypervisor;
	else if (part == PART_GOVERNOR)
		s = h->governor;
	else if (part == PART_CLOCKSOURCE)
		s = h->clocksource;
	else if (part == PART_CPUS && h->cpus > 0)
		n = number_count(h->cpus);
	else if (part == PART_PROCESSORS && info->processors > 0)
		n = number_plain(info->processors);
	/* Three digits: one kernel keeps a little more back than another. */
	else if (part == PART_MEMORY && h->memory_bytes > 0)
		n = number_bytes((double)h->memory_bytes);
	else if (part == PART_ASLR && h->aslr >= 0)
		n = number_count((uint64_t)h->aslr);
	snprintf(text, PART_TEXT, "%s", *s ? s : n.text);
}

/* Add @format's text to the @size bytes at @buf, as far as there is room. */
__attribute__((format(printf, 3, 4))) static void add(char *buf, size_t size,
						      const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(&buf[used], size - used, format, args);
	va_end(args);
}

/* The first part that differs with both texts, the others by name. */
static size_t differences(const struct run_info *a, const struct run_info *b,
			  char *why, size_t size)
{
	size_t n = 0;

	for (int p = 0; p < PARTS; p++) {
		char x[PART_TEXT], y[PART_TEXT];

		part_text(a, (enum part)p, x);
		part_text(b, (enum part)p, y);
		if (strcmp(x, y) == 0 && (*x || !parts[p].needed))
			continue;
		if (n == 0)
			add(why, size, "the %s differs (%s and %s)",
			    parts[p].name, *x ? x : "unknown",
			    *y ? y : "unknown");
		else
			add(why, size, "%s %s",
			    n > 1 ? "," : "; also:", parts[p].name);
		n++;
	}
	return n;
}

/* The median of the canary's times in all slices; NaN: it was never timed. */
static int canary_ns(const struct run_results *run, double *ret)
{
	double *x = calloc(2 * run->n + 1, sizeof(*x));
	size_t n = 0;

	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < run->n; i++) {
		const struct slice_result *s = &run->slices[i];

		if (s->canary_before_ns > 0)
			x[n++] = (double)s->canary_before_ns;
		if (s->canary_after_ns > 0)
			x[n++] = (double)s->canary_after_ns;
	}
	stats_sort(x, n);
	*ret = n > 0 ? stats_median_sorted(x, n) : NAN;
	free(x);
	return 0;
}

int compare_absolute(const struct run_results *a, const struct run_results *b,
		     char *why, size_t size)
{
	double x = NAN, y = NAN;
	int r = canary_ns(a, &x);

	if (r == 0)
		r = canary_ns(b, &y);
	if (r < 0)
		return r;
	why[0] = '\0';
	if (differences(&a->info, &b->info, why, size) > 0)
		return 0;
	if (isnan(x) || isnan(y))
		add(why, size,
		    "no canary tells whether the machine was as fast");
	else if (fmax(x, y) > fmin(x, y) * (1 + COMPARE_CANARY))
		add(why, size,
		    "the canary, a fixed piece of work, took %s and %s",
		    number_time(x).text, number_time(y).text);
	return 0;
}
