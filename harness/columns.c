#include "harness/columns.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/results.h"

#define SLICE(field, key, kind) COLUMN(slice_result, field, "x_" key, kind)
#define CELL(field, kind) SLICE(cell.field, #field, kind)
#define SAME(field, kind) SLICE(field, #field, kind)
#define ENDED(end, name) SLICE(ended[end], "ended_" name, U64)
#define PHASE(phase, name)                                                     \
	SLICE(phase_sum_ns[phase], "phase_" name "_sum_ns", U64)
#define COUNT(name) SLICE(counts.name, #name, I64)
#define SLOW(phase, name)                                                      \
	SLICE(slow_phase_sum_ns[phase], "slow_" name "_sum_ns", U64)

const struct column slice_columns[] = {
	CELL(experiment, TEXT),
	CELL(model, TEXT),
	CELL(runs, TEXT),
	CELL(workload, TEXT),
	CELL(size, U64),
	CELL(workers, U32),
	CELL(depth, U32),
	CELL(pin, TEXT),
	CELL(extra_ppm, U32),
	CELL(settings, WORDS),
	CELL(load_percent, U32),
	CELL(load_of, TEXT),
	CELL(interval_ns, U64),
	SLICE(cell.window_ns, "own_window_ns", U64),
	CELL(fault, WORDS),
	CELL(fault_reach, RARE),
	CELL(fault_every_ns, RARE),
	CELL(limit_ns, RARE),
	CELL(ballast_bytes, U64),
	CELL(ballast_huge, U32),
	CELL(rank, U32),
	SLICE(cell_index, "cell", U32),
	SAME(block, U32),
	SAME(position, U32),
	SLICE(status, "status_code", U32),
	SAME(status_value, INT),
	SAME(message, TEXT),
	SAME(submitted, U64),
	ENDED(TASK_OK, "ok"),
	ENDED(TASK_EXIT, "exit"),
	ENDED(TASK_SIGNAL, "signal"),
	ENDED(TASK_TIMEOUT, "timeout"),
	ENDED(TASK_START, "start"),
	ENDED(TASK_PROTOCOL, "protocol"),
	SAME(lost, RARE),
	SAME(wrong_digests, U64),
	SAME(reference_digest, HEX),
	SAME(tasks, U64),
	SAME(window_ns, U64),
	SAME(unstamped, RARE),
	PHASE(PHASE_QUEUE, "queue"),
	PHASE(PHASE_CREATE, "create"),
	PHASE(PHASE_DISPATCH, "dispatch"),
	PHASE(PHASE_COMPUTE, "compute"),
	PHASE(PHASE_RETURN, "return"),
	SAME(worker_tasks_max, I64),
	SAME(worker_tasks_squares, I64),
	COUNT(respawns),
	COUNT(given_up),
	COUNT(recycled),
	COUNT(retries),
	COUNT(wakeups),
	COUNT(wasted_wakeups),
	COUNT(connections),
	COUNT(connections_max),
	COUNT(connections_squares),
	SAME(slow_tasks, U64),
	SLOW(PHASE_QUEUE, "queue"),
	SLOW(PHASE_CREATE, "create"),
	SLOW(PHASE_DISPATCH, "dispatch"),
	SLOW(PHASE_COMPUTE, "compute"),
	SLOW(PHASE_RETURN, "return"),
	SAME(offered, U64),
	SAME(unfinished, U64),
	SAME(backlog_begin, U64),
	SAME(backlog_end, U64),
	SAME(injected, RARE),
	SAME(misreported, RARE),
	SAME(collateral, RARE),
	SAME(strays, RARE),
	SAME(outages, RARE),
	SAME(outage_sum_ns, RARE),
	SAME(outage_max_ns, RARE),
	SAME(places_lost, RARE),
	SAME(left_processes, RARE),
	SAME(left_descriptors, RARE),
	SAME(left_mappings, RARE),
	SAME(pss_bytes, I64),
	SAME(rss_bytes, I64),
	SAME(processes, U64),
	SAME(user_ns, U64),
	SAME(system_ns, U64),
	SAME(switches_voluntary, U64),
	SAME(switches_involuntary, U64),
	SAME(faults_minor, U64),
	SAME(faults_major, U64),
	SAME(peak_self_bytes, U64),
	SAME(peak_child_bytes, U64),
	SAME(noise_span_ns, I64),
	SAME(busy_ns, I64),
	SAME(steal_ns, I64),
	SAME(foreign_ns, I64),
	SAME(psi_ns, I64),
	SAME(canary_before_ns, I64),
	SAME(canary_after_ns, I64),
	SAME(open_ns, U64),
	SAME(drain_ns, U64),
	SAME(close_ns, U64),
	SAME(wall_ns, U64),
	SAME(migrations, U64),
	SAME(misplaced, U64),
	SAME(unbound, U64),
	SAME(bind_errno, INT),
	SAME(smt_shared, I64),
	SAME(generator_cpu, INT),
};
const size_t n_slice_columns = ARRAY_LEN(slice_columns);

#define INFO(field, key, kind) COLUMN(run_info, field, "x_" key, kind)
#define HOST(field, kind) COLUMN(run_info, host.field, "x_host_" #field, kind)

const struct column info_columns[] = {
	INFO(started, "started", TEXT),
	INFO(command, "command", TEXT),
	INFO(seed, "seed", HEX),
	INFO(blocks_planned, "blocks_planned", U32),
	INFO(blocks_done, "blocks_done", U32),
	INFO(complete, "complete", BOOL),
	INFO(stopped, "stopped", TEXT),
	INFO(looks, "looks", U32),
	INFO(exact, "exact", BOOL),
	INFO(budget_ns, "budget_ns", U64),
	INFO(pruned, "pruned", TEXT),
	INFO(peers, "peers", WORDS),
	INFO(absent_peers, "absent_peers", WORDS),
	INFO(plugin, "load_workload", TEXT),
	INFO(program, "command_workload", WORDS),
	INFO(reference, "reference", TEXT),
	INFO(baseline, "baseline", TEXT),
	INFO(timing.settle_ns, "settle_ns", U64),
	INFO(timing.window_ns, "window_ns", U64),
	INFO(timing.timeout_ns, "timeout_ns", U64),
	INFO(usable_pus, "usable_pus", U32),
	INFO(usable_cores, "usable_cores", U32),
	INFO(processors, "processors", F64),
	INFO(topology, "topology", TEXT),
	INFO(clock_cost_ns, "clock_cost_ns", I64),
	INFO(clock_hop_ns, "clock_hop_ns", I64),
	INFO(clock_backwards, "clock_backwards", I64),
	INFO(harness_ns, "harness_ns", I64),
	HOST(name, TEXT),
	HOST(cpu, TEXT),
	HOST(kernel, TEXT),
	HOST(compiler, TEXT),
	HOST(hypervisor, TEXT),
	HOST(governor, TEXT),
	HOST(clocksource, TEXT),
	HOST(aslr, INT),
	HOST(mhz, F64),
	HOST(turbo, INT),
	HOST(on_battery, INT),
	HOST(memory_bytes, U64),
	INFO(host.load[0], "host_load_1min", F64),
	INFO(host.load[1], "host_load_5min", F64),
	INFO(host.load[2], "host_load_15min", F64),
	HOST(cpus, U32),
	HOST(quota_cpus, F64),
	HOST(quota_from, TEXT),
};
const size_t n_info_columns = ARRAY_LEN(info_columns);

json_t *column_text(const char *text)
{
	json_t *json = json_string(text);
	char *ascii;

	if (json)
		return json;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *p = ascii; *p; p++) {
		if ((unsigned char)*p > '~')
			*p = '?';
	}
	json = json_string(ascii);
	free(ascii);
	return json;
}

static json_t *field_to_json(const struct column *c, const void *field)
{
	char hex[17];

	switch (c->type) {
	case COLUMN_TEXT:
	case COLUMN_WORDS:
		return column_text(field);
	case COLUMN_RARE:
	case COLUMN_U64:
		return json_integer((json_int_t) * (const uint64_t *)field);
	case COLUMN_U32:
		return json_integer(*(const uint32_t *)field);
	case COLUMN_INT:
		return json_integer(*(const int *)field);
	case COLUMN_I64:
		return json_integer((json_int_t) * (const int64_t *)field);
	case COLUMN_HEX:
		snprintf(hex, sizeof(hex), "%016" PRIx64,
			 *(const uint64_t *)field);
		return json_string(hex);
	case COLUMN_F64:
		return json_real(*(const double *)field);
	case COLUMN_BOOL:
		return json_boolean(*(const bool *)field);
	}
	return NULL;
}

/* What is unknown is left out, as Google Benchmark does. */
static bool is_unknown(const struct column *c, const void *field)
{
	return (c->type == COLUMN_F64 && !isfinite(*(const double *)field)) ||
	       (c->type == COLUMN_I64 && *(const int64_t *)field < 0) ||
	       (c->type == COLUMN_RARE && *(const uint64_t *)field == 0) ||
	       (c->type == COLUMN_WORDS && *(const char *)field == '\0');
}

int columns_to_json(const struct column *columns, size_t n, const void *base,
		    json_t *object)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *c = &columns[i];
		const void *field = (const char *)base + c->offset;

		if (is_unknown(c, field))
			continue;
		if (json_object_set_new(object, c->key,
					field_to_json(c, field)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static bool integer_within(json_t *json, json_int_t low, json_int_t high)
{
	return json_is_integer(json) && json_integer_value(json) >= low &&
	       json_integer_value(json) <= high;
}

static bool hex_from_json(json_t *json, uint64_t *ret)
{
	const char *text = json_string_value(json);

	if (!text || strlen(text) != 16 ||
	    strspn(text, "0123456789abcdef") != 16)
		return false;
	*ret = strtoull(text, NULL, 16);
	return true;
}

static bool text_from_json(json_t *json, char *ret, size_t size)
{
	const char *text = json_string_value(json);

	if (!text || json_string_length(json) >= size ||
	    strlen(text) != json_string_length(json))
		return false;
	memcpy(ret, text, strlen(text) + 1);
	return true;
}

static bool field_from_json(const struct column *c, json_t *json, void *field)
{
	switch (c->type) {
	case COLUMN_TEXT:
		return text_from_json(json, field, c->size);
	case COLUMN_WORDS:
		*(char *)field = '\0';
		return !json || text_from_json(json, field, c->size);
	case COLUMN_RARE:
		*(uint64_t *)field =
			json ? (uint64_t)json_integer_value(json) : 0;
		return !json || integer_within(json, 0, INT64_MAX);
	case COLUMN_U64:
		if (!integer_within(json, 0, INT64_MAX))
			return false;
		*(uint64_t *)field = (uint64_t)json_integer_value(json);
		return true;
	case COLUMN_U32:
		if (!integer_within(json, 0, UINT32_MAX))
			return false;
		*(uint32_t *)field = (uint32_t)json_integer_value(json);
		return true;
	case COLUMN_INT:
		if (!integer_within(json, INT32_MIN, INT32_MAX))
			return false;
		*(int *)field = (int)json_integer_value(json);
		return true;
	case COLUMN_I64:
		*(int64_t *)field = json ? json_integer_value(json) : -1;
		return !json || integer_within(json, 0, INT64_MAX);
	case COLUMN_HEX:
		return hex_from_json(json, field);
	case COLUMN_F64:
		*(double *)field = json ? json_number_value(json) : NAN;
		return !json || json_is_number(json);
	case COLUMN_BOOL:
		*(bool *)field = json_is_true(json);
		return json_is_boolean(json);
	}
	return false;
}

int columns_from_json(const struct column *columns, size_t n, json_t *object,
		      void *base, char *error, size_t error_size)
{
	for (size_t i = 0; i < n; i++) {
		const struct column *c = &columns[i];
		json_t *json = json_object_get(object, c->key);

		if (!field_from_json(c, json, (char *)base + c->offset)) {
			snprintf(error, error_size, "\"%s\" is %s", c->key,
				 json ? "not of its type or out of range"
				      : "missing");
			return -EINVAL;
		}
	}
	return 0;
}

static void print_quoted(const char *text, FILE *out)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void column_print(const struct column *c, const void *base, FILE *out)
{
	const void *field = (const char *)base + c->offset;

	if (is_unknown(c, field))
		return;
	switch (c->type) {
	case COLUMN_TEXT:
	case COLUMN_WORDS:
		print_quoted(field, out);
		break;
	case COLUMN_RARE:
	case COLUMN_U64:
		fprintf(out, "%" PRIu64, *(const uint64_t *)field);
		break;
	case COLUMN_U32:
		fprintf(out, "%" PRIu32, *(const uint32_t *)field);
		break;
	case COLUMN_INT:
		fprintf(out, "%d", *(const int *)field);
		break;
	case COLUMN_I64:
		fprintf(out, "%" PRId64, *(const int64_t *)field);
		break;
	case COLUMN_HEX:
		fprintf(out, "%016" PRIx64, *(const uint64_t *)field);
		break;
	case COLUMN_F64:
		fprintf(out, "%.9g", *(const double *)field);
		break;
	case COLUMN_BOOL:
		fputs(*(const bool *)field ? "true" : "false", out);
		break;
	}
}
