#include "harness/results.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/columns.h"

/* More tasks than that no slice keeps the times of. */
#define MAX_TRACE 4096

/* Set @key of @object to the new reference @value: false, out of memory. */
static bool set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* Sparse, as in fio's json+: [[lower bound in ns, count], …]. */
static json_t *histogram_to_json(const struct histogram *h)
{
	json_t *object = json_object(), *buckets = json_array();
	bool ok = object && buckets;

	ok = ok && set(object, "n", json_integer((json_int_t)h->n)) &&
	     set(object, "sum_ns", json_integer((json_int_t)h->sum)) &&
	     set(object, "min_ns", json_integer((json_int_t)h->min)) &&
	     set(object, "max_ns", json_integer((json_int_t)h->max)) &&
	     set(object, "overflow", json_integer((json_int_t)h->overflow));
	for (size_t i = 0; ok && i < HISTOGRAM_BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		ok = json_array_append_new(
			     buckets,
			     json_pack("[I, I]", (json_int_t)histogram_lower(i),
				       (json_int_t)h->count[i])) == 0;
	}
	/* json_object_set_new() takes `buckets', failed or not. */
	if (!object || json_object_set_new(object, "buckets", buckets) < 0 ||
	    !ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int buckets_from_json(json_t *buckets, struct histogram *h)
{
	size_t i;
	json_t *pair;
	uint64_t n = h->overflow;

	json_array_foreach(buckets, i, pair)
	{
		json_int_t lower, count;
		size_t bucket;

		if (json_unpack(pair, "[I, I!]", &lower, &count) < 0 ||
		    lower < 0 || count <= 0 ||
		    lower >= (json_int_t)1 << HISTOGRAM_MAX_BITS)
			return -EINVAL;
		bucket = histogram_bucket((uint64_t)lower);
		if (histogram_lower(bucket) != (uint64_t)lower ||
		    h->count[bucket] != 0)
			return -EINVAL;
		/* Not after the sum, which could go round and fit again. */
		if ((uint64_t)count > h->n - n)
			return -EINVAL;
		h->count[bucket] = (uint64_t)count;
		n += (uint64_t)count;
	}
	return n == h->n ? 0 : -EINVAL;
}

static int histogram_from_json(json_t *json, struct histogram **ret)
{
	struct histogram *h = calloc(1, sizeof(*h));
	json_int_t n, sum, min, max, overflow;
	json_t *buckets;

	if (!h)
		return -ENOMEM;
	if (json_unpack(json, "{s:I, s:I, s:I, s:I, s:I, s:o}", "n", &n,
			"sum_ns", &sum, "min_ns", &min, "max_ns", &max,
			"overflow", &overflow, "buckets", &buckets) < 0 ||
	    n < 0 || sum < 0 || min < 0 || max < min || overflow < 0 ||
	    overflow > n || !json_is_array(buckets))
		goto bad;
	/* The mean lies between the extremes; without values all is 0. */
	if (n == 0 ? sum + max > 0
		   : sum / n < min || sum / n + (sum % n > 0) > max)
		goto bad;
	h->n = (uint64_t)n;
	h->sum = (uint64_t)sum;
	h->min = (uint64_t)min;
	h->max = (uint64_t)max;
	h->overflow = (uint64_t)overflow;
	if (buckets_from_json(buckets, h) < 0)
		goto bad;
	*ret = h;
	return 0;
bad:
	free(h);
	return -EINVAL;
}

/* What Google Benchmark's tools expect of an entry. */
static bool add_google_keys(json_t *o, const struct slice_result *s)
{
	double cpu_ns = NAN, wall_ns = NAN, per_s = slice_throughput(s);
	uint64_t ok_tasks = s->ended[TASK_OK];
	char name[160], status[48];

	snprintf(name, sizeof(name), "%s/%s/%s/workers:%u", s->cell.experiment,
		 s->cell.workload, s->cell.model, s->cell.workers);
	slice_status_name(s->status, s->status_value, status, sizeof(status));
	if (s->status == SLICE_OK && s->tasks > 0)
		wall_ns = (double)s->window_ns / (double)s->tasks;
	if (s->status == SLICE_OK && ok_tasks > 0)
		cpu_ns = (double)(s->user_ns + s->system_ns) / (double)ok_tasks;
	if (!set(o, "name", json_string(name)) ||
	    !set(o, "run_name", json_string(name)) ||
	    !set(o, "run_type", json_string("iteration")) ||
	    !set(o, "repetition_index", json_integer(s->block)) ||
	    !set(o, "threads", json_integer(s->cell.workers)) ||
	    !set(o, "iterations", json_integer((json_int_t)s->tasks)) ||
	    !set(o, "x_status", json_string(status)))
		return false;
	/*
	 * Without both times an entry is not compared, as it should be.  The
	 * unit keeps it apart: compare.py takes entries of one name and unit.
	 */
	if (isnan(wall_ns) || isnan(cpu_ns))
		return set(o, "time_unit", json_string("none")) &&
		       set(o, "error_occurred", json_true()) &&
		       set(o, "error_message", json_string(status));
	return set(o, "real_time", json_real(wall_ns)) &&
	       set(o, "cpu_time", json_real(cpu_ns)) &&
	       set(o, "time_unit", json_string("ns")) &&
	       set(o, "items_per_second", json_real(per_s));
}

/* An array a task: its numbers in the order of struct task_trace. */
static json_t *trace_to_json(const struct slice_result *s)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < s->n_trace; i++) {
		const struct task_trace *t = &s->trace[i];
		json_t *task = json_pack(
			"[i, i, I, I, I, I, I, I]", (int)t->worker, (int)t->cpu,
			(json_int_t)t->due, (json_int_t)t->submit,
			(json_int_t)t->created, (json_int_t)t->start,
			(json_int_t)t->end, (json_int_t)t->done);

		if (json_array_append_new(array, task) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static int trace_from_json(json_t *array, struct slice_result *ret)
{
	size_t i;
	json_t *json;

	if (!json_is_array(array) || json_array_size(array) > MAX_TRACE)
		return -EINVAL;
	ret->trace = calloc(json_array_size(array) + 1, sizeof(*ret->trace));
	if (!ret->trace)
		return -ENOMEM;
	json_array_foreach(array, i, json)
	{
		struct task_trace *t = &ret->trace[i];
		json_int_t time[6];
		int worker, cpu;

		if (json_unpack(json, "[i, i, I, I, I, I, I, I!]", &worker,
				&cpu, &time[0], &time[1], &time[2], &time[3],
				&time[4], &time[5]) < 0 ||
		    worker < 0 || (uint32_t)worker >= ret->cell.workers)
			return -EINVAL;
		*t = (struct task_trace){(uint32_t)worker,  cpu,
					 (uint64_t)time[0], (uint64_t)time[1],
					 (uint64_t)time[2], (uint64_t)time[3],
					 (uint64_t)time[4], (uint64_t)time[5]};
		for (size_t k = 0; k < ARRAY_LEN(time); k++) {
			if (time[k] < 0)
				return -EINVAL;
		}
		if (t->due > t->submit || t->submit > t->start ||
		    t->start > t->end || t->end > t->done)
			return -EINVAL;
		if (t->created &&
		    (t->created < t->submit || t->created > t->start))
			return -EINVAL;
	}
	ret->n_trace = i;
	return 0;
}

/* The histograms of a slice, by their keys. */
static const struct {
	const char *key;
	size_t offset;
} histograms[] = {
	{"x_latency", offsetof(struct slice_result, latency)},
	{"x_uncorrected", offsetof(struct slice_result, uncorrected)},
	{"x_lateness", offsetof(struct slice_result, lateness)},
};

static struct histogram **histogram_in(const struct slice_result *s, size_t i)
{
	return (struct histogram **)((char *)s + histograms[i].offset);
}

json_t *slice_to_json(const struct slice_result *slice)
{
	json_t *o = json_object();

	if (!o)
		return NULL;
	if (!add_google_keys(o, slice) ||
	    columns_to_json(slice_columns, n_slice_columns, slice, o) < 0)
		goto fail;
	for (size_t i = 0; i < ARRAY_LEN(histograms); i++) {
		const struct histogram *h = *histogram_in(slice, i);

		if (h && !set(o, histograms[i].key, histogram_to_json(h)))
			goto fail;
	}
	if (slice->n_trace > 0 && !set(o, "x_trace", trace_to_json(slice)))
		goto fail;
	return o;
fail:
	json_decref(o);
	return NULL;
}

/* The sum of @n numbers of at most INT64_MAX; UINT64_MAX if it has no room. */
static uint64_t sum_of(const uint64_t *x, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++) {
		if (__builtin_add_overflow(sum, x[i], &sum))
			return UINT64_MAX;
	}
	return sum;
}

/* What no slice that we measured can look like. */
static const char *implausible(const struct slice_result *s)
{
	uint64_t sum = sum_of(s->ended, TASK_ENDS);
	uint64_t phases = sum_of(s->phase_sum_ns, PHASES);
	/* Open loop: who did not end has a latency, but no phases. */
	uint64_t timed = s->tasks + s->unfinished;

	if (s->cell.workers == 0 || s->cell.workers > JOB_MAX_WORKERS)
		return "\"x_workers\" is out of range";
	if (s->cell.depth == 0 || s->cell.depth > JOB_MAX_DEPTH)
		return "\"x_depth\" is out of range";
	if ((unsigned)s->status > SLICE_LATE)
		return "\"x_status_code\" is unknown";
	if (sum != s->submitted)
		return "the \"x_ended_\" keys do not add up to "
		       "\"x_submitted\"";
	if (s->tasks > s->ended[TASK_OK])
		return "\"x_tasks\" is more than \"x_ended_ok\"";
	if (s->latency && s->latency->n != timed)
		return "\"x_latency\" does not count \"x_tasks\" tasks";
	if (!s->latency && timed > 0 && !s->unstamped)
		return "\"x_latency\" is missing";
	if (s->unfinished == 0 && phases != (s->latency ? s->latency->sum : 0))
		return "the \"x_phase_\" keys do not add up to the sum of "
		       "\"x_latency\"";
	if (s->status == SLICE_OK && s->window_ns == 0)
		return "\"x_window_ns\" is 0";
	return NULL;
}

int slice_from_json(json_t *json, struct slice_result *ret, char *error,
		    size_t error_size)
{
	struct slice_result s = {0};
	json_t *trace = json_object_get(json, "x_trace");
	const char *why;
	int r;

	r = columns_from_json(slice_columns, n_slice_columns, json, &s, error,
			      error_size);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(histograms); i++) {
		json_t *h = json_object_get(json, histograms[i].key);

		r = h ? histogram_from_json(h, histogram_in(&s, i)) : 0;
		if (r < 0)
			snprintf(error, error_size, "\"%s\" is no histogram",
				 histograms[i].key);
	}
	if (r == 0 && trace) {
		r = trace_from_json(trace, &s);
		if (r < 0)
			snprintf(error, error_size, "\"x_trace\" is no trace");
	}
	why = r == 0 ? implausible(&s) : NULL;
	if (why) {
		snprintf(error, error_size, "%s", why);
		r = -EINVAL;
	}
	if (r < 0) {
		slice_result_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}

static json_t *caches_to_json(const struct run_info *info)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < info->n_caches; i++) {
		const struct placement_cache *c = &info->caches[i];
		json_t *cache = json_pack("{s:s, s:i, s:I, s:i}", "type",
					  c->type, "level", (int)c->level,
					  "size", (json_int_t)c->size_bytes,
					  "num_sharing", (int)c->sharing);

		if (json_array_append_new(array, cache) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

json_t *info_to_json(const struct run_info *info)
{
	const struct host *h = &info->host;
	json_t *o = json_object(), *load = json_array();
	bool ok = o && load;

	for (int i = 0; ok && i < 3 && isfinite(h->load[i]); i++)
		ok = json_array_append_new(load, json_real(h->load[i])) == 0;
	if (!o || !set(o, "load_avg", load) || !ok)
		goto fail;
	ok = set(o, "date", json_string(info->started)) &&
	     set(o, "host_name", column_text(h->name)) &&
	     set(o, "executable", json_string("manyhands")) &&
	     set(o, "num_cpus", json_integer(h->cpus)) &&
	     set(o, "caches", caches_to_json(info)) &&
	     set(o, "library_build_type", json_string("release")) &&
	     set(o, "json_schema_version", json_integer(1)) &&
	     set(o, "x_schema", json_string(RESULTS_SCHEMA));
	/* Unknown values are left out, as Google Benchmark does. */
	if (ok && isfinite(h->mhz))
		ok = set(o, "mhz_per_cpu", json_integer((json_int_t)h->mhz));
	if (ok && h->aslr >= 0)
		ok = set(o, "aslr_enabled", json_boolean(h->aslr > 0));
	if (ok && h->governor[0])
		ok = set(o, "cpu_scaling_enabled",
			 json_boolean(strcmp(h->governor, "performance") != 0));
	if (!ok || columns_to_json(info_columns, n_info_columns, info, o) < 0)
		goto fail;
	return o;
fail:
	json_decref(o);
	return NULL;
}

static int caches_from_json(json_t *array, struct run_info *ret)
{
	size_t i;
	json_t *cache;

	if (!json_is_array(array) ||
	    json_array_size(array) > RESULTS_MAX_CACHES)
		return -EINVAL;
	json_array_foreach(array, i, cache)
	{
		struct placement_cache *c = &ret->caches[i];
		json_int_t size;
		int level, sharing;
		const char *type;

		if (json_unpack(cache, "{s:s, s:i, s:I, s:i}", "type", &type,
				"level", &level, "size", &size, "num_sharing",
				&sharing) < 0 ||
		    level < 0 || size < 0 || sharing < 0 ||
		    strlen(type) >= sizeof(c->type))
			return -EINVAL;
		memcpy(c->type, type, strlen(type) + 1);
		c->level = (uint32_t)level;
		c->size_bytes = (uint64_t)size;
		c->sharing = (uint32_t)sharing;
	}
	ret->n_caches = i;
	return 0;
}

/* Refuse another schema than ours; a later one has a larger number. */
static int check_schema(json_t *json, char *error, size_t error_size)
{
	const char *schema =
		json_string_value(json_object_get(json, "x_schema"));
	const char *ours = strchr(RESULTS_SCHEMA, '/') + 1;
	size_t name = strlen(RESULTS_SCHEMA) - strlen(ours);

	if (schema && strcmp(schema, RESULTS_SCHEMA) == 0)
		return 0;
	if (schema && strncmp(schema, RESULTS_SCHEMA, name) == 0 &&
	    strtoul(schema + name, NULL, 10) > strtoul(ours, NULL, 10))
		snprintf(error, error_size,
			 "made by a newer manyhands: \"x_schema\" is "
			 "%.40s, this one reads %s",
			 schema, RESULTS_SCHEMA);
	else
		snprintf(error, error_size,
			 "\"x_schema\" is %.40s, this program reads %s",
			 schema ? schema : "missing", RESULTS_SCHEMA);
	return -EINVAL;
}

int info_from_json(json_t *json, struct run_info *ret, char *error,
		   size_t error_size)
{
	struct run_info info = {0};
	int r = check_schema(json, error, error_size);

	if (r < 0)
		return r;
	r = columns_from_json(info_columns, n_info_columns, json, &info, error,
			      error_size);
	if (r < 0)
		return r;
	/* They divide; and no clock of a processor is beyond a PHz. */
	if (!(info.processors > 0) || info.processors > UINT32_MAX) {
		snprintf(error, error_size, "\"x_processors\" is %s",
			 isnan(info.processors) ? "missing" : "out of range");
		return -EINVAL;
	}
	if (info.host.mhz < 0 || info.host.mhz > 1e9) {
		snprintf(error, error_size, "\"x_host_mhz\" is out of range");
		return -EINVAL;
	}
	if (caches_from_json(json_object_get(json, "caches"), &info) < 0) {
		snprintf(error, error_size, "\"caches\" is malformed");
		return -EINVAL;
	}
	*ret = info;
	return 0;
}
