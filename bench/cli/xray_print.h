/*
 * xray_print - what `manyhands xray' shows: one task as a story in columns, and
 * the calls that each task costs.
 */
#ifndef BENCH_CLI_XRAY_PRINT_H
#define BENCH_CLI_XRAY_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "bench/cli/xray_count.h"

/* What was looked at. */
struct xray_subject {
	const char *model, *summary, *workload;
	const char *worker; /* what a worker is, for a heading */
	uint64_t size, tasks;
	uint32_t workers, depth;
	const struct xray_trace *story; /* of one run: its last task is told */
	const struct xray_count *count;
};

/* For people, at most 80 columns wide; @utf8: the terminal knows it. */
void xray_print_text(const struct xray_subject *s, bool utf8, FILE *out);

/* For programs; NULL: no memory. */
json_t *xray_print_json(const struct xray_subject *s);

#endif
