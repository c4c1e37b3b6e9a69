#include "bench/cli/serve_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "harness/base.h"

/* A number of each worker, as a family of metrics. */
struct metric {
	const char *name;
	const char *type;
	const char *help;
	size_t offset;    /* of a uint64_t in struct serve_worker */
	uint64_t divisor; /* 1, or NS_PER_S: Prometheus counts in seconds */
};

static const struct metric metrics[] = {
	{"manyhands_requests_total", "counter",
	 "Requests answered, whatever the status.",
	 offsetof(struct serve_worker, requests), 1},
	{"manyhands_connections_total", "counter", "Connections accepted.",
	 offsetof(struct serve_worker, connections), 1},
	{"manyhands_connections", "gauge", "Connections open now.",
	 offsetof(struct serve_worker, open), 1},
	{"manyhands_busy_seconds_total", "counter",
	 "Time in which the worker did not sleep.",
	 offsetof(struct serve_worker, busy_ns), NS_PER_S},
	{"manyhands_wakeups_total", "counter",
	 "Times that the worker was woken up.",
	 offsetof(struct serve_worker, wakeups), 1},
	{"manyhands_wasted_wakeups_total", "counter",
	 "Times that it was woken up and found nothing to do.",
	 offsetof(struct serve_worker, wasted_wakeups), 1},
	{"manyhands_respawns_total", "counter",
	 "Processes started in place of one that ended.",
	 offsetof(struct serve_worker, respawns), 1},
};

/* Close @out, which writes to *@text; NULL if anything was lost. */
static char *finish(FILE *out, char **text)
{
	int failed = ferror(out);

	if (fclose(out) == 0 && !failed)
		return *text;
	free(*text);
	return NULL;
}

static void print_family(FILE *out, const char *name, const char *type,
			 const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_metric(FILE *out, const struct metric *m,
			 const struct serve_worker *workers, uint32_t n)
{
	print_family(out, m->name, m->type, m->help);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t value = *(const uint64_t *)((const char *)&workers[i] +
						     m->offset);

		fprintf(out, "%s{worker=\"%" PRIu32 "\"} ", m->name, i);
		if (m->divisor == 1)
			fprintf(out, "%" PRIu64 "\n", value);
		else
			fprintf(out, "%" PRIu64 ".%09" PRIu64 "\n",
				value / m->divisor, value % m->divisor);
	}
}

/*
 * Values of labels are our own words and numbers: no quote, no backslash, no
 * line end that would have to be escaped.
 */
char *serve_metrics(const struct serve_facts *facts,
		    const struct serve_worker *workers, size_t *ret_n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_n);

	if (!out)
		return NULL;
	print_family(out, "manyhands_info", "gauge",
		     "Always 1; how connections come to the workers.");
	fprintf(out, "manyhands_info{policy=\"%s\"} 1\n", facts->policy);
	print_family(out, "manyhands_up", "gauge",
		     "Whether the worker has a process.");
	for (uint32_t i = 0; i < facts->workers; i++)
		fprintf(out, "manyhands_up{worker=\"%" PRIu32 "\"} %d\n", i,
			workers[i].pid != 0);
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++)
		print_metric(out, &metrics[i], workers, facts->workers);
	return finish(out, &text);
}

char *serve_event(const struct serve_facts *facts,
		  const struct serve_worker *workers, uint64_t now_ns,
		  size_t *ret_n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_n);

	if (!out)
		return NULL;
	/* A client that loses us tries again after so many milliseconds. */
	fprintf(out, "retry: 1000\ndata: {\"now_ms\":%" PRIu64 ",\"workers\":[",
		now_ns / NS_PER_MS);
	for (uint32_t i = 0; i < facts->workers; i++) {
		const struct serve_worker *w = &workers[i];

		fprintf(out,
			"%s{\"pid\":%" PRId32
			",\"state\":\"%s\",\"cpu\":%" PRId32
			",\"open\":%" PRIu64 ",\"connections\":%" PRIu64
			",\"requests\":%" PRIu64 ",\"busy_us\":%" PRIu64
			",\"wakeups\":%" PRIu64 ",\"wasted\":%" PRIu64
			",\"respawns\":%" PRIu64 "}",
			i ? "," : "", w->pid, w->state, w->cpu, w->open,
			w->connections, w->requests, w->busy_ns / NS_PER_US,
			w->wakeups, w->wasted_wakeups, w->respawns);
	}
	fputs("]}\n\n", out);
	return finish(out, &text);
}

char *serve_about(const struct serve_facts *facts, size_t *ret_n)
{
	json_t *list = json_array();
	json_t *all;
	char *text = NULL;
	FILE *out;

	for (size_t i = 0; i < facts->n_workloads; i++) {
		const struct workload *w = facts->workloads[i];

		/* A failure shows when the whole is packed, or dumped. */
		(void)json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I}", "name", w->name,
					"summary", w->summary, "size_unit",
					w->size_unit, "default_size",
					(json_int_t)w->default_size));
	}
	all = json_pack("{s:s, s:s, s:I, s:I, s:o}", "policy", facts->policy,
			"policy_summary", facts->policy_summary, "workers",
			(json_int_t)facts->workers, "max_size",
			(json_int_t)facts->max_size, "workloads", list);
	out = open_memstream(&text, ret_n);
	if (out && all && json_dumpf(all, out, JSON_COMPACT) == 0)
		fputc('\n', out);
	json_decref(all);
	return out ? finish(out, &text) : NULL;
}
