/*
 * serve_text - what `serve' says of its workers: numbers as text.
 *
 * All texts are allocated, to be freed; where memory runs out, the answer is
 * NULL.
 */
#ifndef BENCH_CLI_SERVE_TEXT_H
#define BENCH_CLI_SERVE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/workload.h"

/* One worker: what it is now, and what it has done, whoever worked there. */
struct serve_worker {
	int32_t pid;       /* 0: none at the moment */
	const char *state; /* a word */
	int32_t cpu;       /* where its last task ended; -1: unknown */
	uint64_t open;     /* connections now */

	uint64_t connections; /* accepted */
	uint64_t requests;    /* answered, whatever the status */
	uint64_t busy_ns;     /* not asleep */
	uint64_t wakeups;
	uint64_t wasted_wakeups; /* of them, those that found nothing to do */
	uint64_t respawns;       /* started in place of one that ended */
};

/* What stays as it is while a server runs. */
struct serve_facts {
	const char *policy;
	const char *policy_summary;
	uint32_t workers;
	const struct workload *const *workloads; /* [n_workloads] */
	size_t n_workloads;
	uint64_t max_size; /* times the default size of a workload */
};

/*
 * For GET /metrics, in the text format of Prometheus, version 0.0.4:
 * prometheus.io/docs/instrumenting/exposition_formats.
 */
char *serve_metrics(const struct serve_facts *facts,
		    const struct serve_worker *workers, size_t *ret_n);

/*
 * One event of GET /events: all workers, as clock_ns() is @now_ns.  The format
 * is that of server-sent events, html.spec.whatwg.org.
 */
char *serve_event(const struct serve_facts *facts,
		  const struct serve_worker *workers, uint64_t now_ns,
		  size_t *ret_n);

/* For GET /about: one JSON object of @facts. */
char *serve_about(const struct serve_facts *facts, size_t *ret_n);

#endif
