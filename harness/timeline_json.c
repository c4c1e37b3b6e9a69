/*
 * Traces as JSON in the format of Chrome's trace events, which Perfetto reads.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include "harness/columns.h"
#include "harness/file.h"
#include "harness/timeline.h"

/* Times in this format are microseconds. */
static double microseconds(uint64_t ns)
{
	return (double)ns / 1e3;
}

/* The name of process @pid, or of its thread @tid if that is not negative. */
static int add_name(json_t *events, int pid, int tid, const char *name)
{
	json_t *event = json_pack("{ss si s{so}}", "ph", "M", "pid", pid,
				  "args", "name", column_text(name));

	if (!event)
		return -ENOMEM;
	if (json_object_set_new(event, "name",
				json_string(tid < 0 ? "process_name"
						    : "thread_name")) < 0 ||
	    (tid >= 0 &&
	     json_object_set_new(event, "tid", json_integer(tid)) < 0)) {
		json_decref(event);
		return -ENOMEM;
	}
	return json_array_append_new(events, event) < 0 ? -ENOMEM : 0;
}

/* A phase as a complete event; what takes no time is left out. */
static int add_phase(json_t *events, int pid, int number,
		     const struct timeline_task *t, enum phase phase)
{
	uint64_t from = t->at[phase], to = t->at[phase + 1];
	json_t *event;

	if (from == to)
		return 0;
	event = json_pack("{ss ss ss si si sf sf s{si si}}", "ph", "X", "name",
			  phase_name(phase), "cat", "task", "pid", pid, "tid",
			  (int)t->worker, "ts", microseconds(from), "dur",
			  microseconds(to - from), "args", "task", number,
			  "cpu", t->cpu);
	return json_array_append_new(events, event) < 0 ? -ENOMEM : 0;
}

/*
 * A result on its way back, from @ph "b" to "e": meanwhile its worker may be
 * busy with the next task, so it cannot be on the worker's own line.
 */
static int add_return(json_t *events, int pid, int number,
		      const struct timeline_task *t, const char *ph)
{
	uint64_t at = t->at[*ph == 'b' ? PHASE_RETURN : PHASE_RETURN + 1];
	json_t *event = json_pack("{ss ss ss si si si sf}", "ph", ph, "name",
				  phase_name(PHASE_RETURN), "cat", "result",
				  "pid", pid, "tid", (int)t->worker, "id",
				  number, "ts", microseconds(at));

	return json_array_append_new(events, event) < 0 ? -ENOMEM : 0;
}

static int add_task(json_t *events, int pid, int number,
		    const struct timeline_task *t)
{
	static const enum phase on_worker[] = {PHASE_CREATE, PHASE_DISPATCH,
					       PHASE_COMPUTE};
	int r = 0;

	for (size_t i = 0; i < 3 && r == 0; i++)
		r = add_phase(events, pid, number, t, on_worker[i]);
	if (r == 0)
		r = add_return(events, pid, number, t, "b");
	return r < 0 ? r : add_return(events, pid, number, t, "e");
}

static int add_slice(json_t *events, int pid, const struct slice_result *s)
{
	struct timeline_task *tasks;
	char name[160];
	int n = timeline_tasks(s, &tasks), r;

	if (n < 0)
		return n;
	snprintf(name, sizeof(name), "%s %s, %" PRIu32 " worker%s (%s)",
		 s->cell.model, s->cell.workload, s->cell.workers,
		 s->cell.workers == 1 ? "" : "s", s->cell.experiment);
	r = add_name(events, pid, -1, name);
	for (uint32_t w = 0; w < s->cell.workers && r == 0; w++) {
		snprintf(name, sizeof(name), "worker %" PRIu32, w);
		r = add_name(events, pid, (int)w, name);
	}
	/* Numbers of tasks are unique over all slices: they tie b to e. */
	for (int i = 0; i < n && r == 0; i++)
		r = add_task(events, pid, pid * 10000 + i, &tasks[i]);
	free(tasks);
	return r;
}

static int write_events(json_t *events, const char *path)
{
	json_t *root = json_pack("{ss sO}", "displayTimeUnit", "ms",
				 "traceEvents", events);
	struct file f;
	int r;

	if (!root)
		return -ENOMEM;
	r = file_begin(&f, path);
	if (r == 0) {
		/* A failed write shows in file_commit(). */
		(void)json_dumpf(root, f.stream,
				 JSON_COMPACT | JSON_REAL_PRECISION(15));
		r = file_commit(&f);
	}
	json_decref(root);
	return r;
}

int timeline_write(const struct run_results *run, const char *path)
{
	json_t *events = json_array();
	int pid = 0, r = events ? 0 : -ENOMEM;

	for (size_t i = 0; i < run->n && r == 0; i++) {
		if (run->slices[i].n_trace > 0)
			r = add_slice(events, ++pid, &run->slices[i]);
	}
	if (r == 0 && pid > 0)
		r = write_events(events, path);
	else if (r == 0 && unlink(path) < 0 && errno != ENOENT)
		r = -errno;
	json_decref(events);
	return r < 0 ? r : pid > 0;
}
