#include "harness/slice_drive.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/placement.h"

/* At most so many tasks are handed over, or taken, by one call of the model. */
#define BATCH 64

/* Make room for what the slice will leave. */
static int result_init(const struct drive *d)
{
	struct slice_result *result = d->result;

	result->latency = calloc(1, sizeof(*result->latency));
	result->trace = calloc(d->trace_room + 1, sizeof(*result->trace));
	if (!result->latency || !result->trace)
		return -ENOMEM;
	if (!d->open_loop)
		return 0;
	result->uncorrected = calloc(1, sizeof(*result->uncorrected));
	result->lateness = calloc(1, sizeof(*result->lateness));
	return result->uncorrected && result->lateness ? 0 : -ENOMEM;
}

int drive_init(struct drive *d)
{
	uint32_t capacity = job_capacity(d->job);
	int r;

	d->window_start_ns = d->window_end_ns = CLOCK_NEVER;
	d->flights = calloc(capacity, sizeof(*d->flights));
	d->free_places = calloc(capacity, sizeof(*d->free_places));
	d->last_end_ns = calloc(d->job->workers, sizeof(*d->last_end_ns));
	d->batch_end_ns = calloc(d->job->workers, sizeof(*d->batch_end_ns));
	d->last_cpu = calloc(d->job->workers, sizeof(*d->last_cpu));
	d->worker_tasks = calloc(d->job->workers, sizeof(*d->worker_tasks));
	d->slow = slow_open();
	if (!d->flights || !d->free_places || !d->last_end_ns ||
	    !d->batch_end_ns || !d->last_cpu || !d->worker_tasks || !d->slow)
		return -ENOMEM;
	d->n_free = capacity;
	for (uint32_t i = 0; i < capacity; i++)
		d->free_places[i] = capacity - 1 - i;
	for (uint32_t i = 0; i < d->job->workers; i++)
		d->last_cpu[i] = -1;
	r = inject_init(&d->inject, d->job->workers);
	return r < 0 ? r : result_init(d);
}

void drive_done(struct drive *d)
{
	free(d->flights);
	free(d->free_places);
	free(d->last_end_ns);
	free(d->batch_end_ns);
	free(d->last_cpu);
	free(d->worker_tasks);
	slow_close(d->slow);
	inject_done(&d->inject);
	arrivals_done(&d->arrivals);
}

static uint64_t seed_of(uint64_t id)
{
	return id % N_SEEDS + 1;
}

/* The next @n tasks; the id tells the place in `flights': id modulo capacity. */
static void make_tasks(struct drive *d, struct task *ret, size_t n)
{
	uint32_t capacity = job_capacity(d->job);

	for (size_t i = 0; i < n; i++) {
		uint64_t number = d->n_ids + 1 + i;

		ret[i].id =
			number * capacity + d->free_places[d->n_free - 1 - i];
		ret[i].seed = seed_of(number);
	}
}

/* The model has taken @task. */
static void note_flight(struct drive *d, const struct task *task,
			uint64_t due_ns, uint64_t submit_ns)
{
	struct flight *f = &d->flights[task->id % job_capacity(d->job)];

	*f = (struct flight){
		.id = task->id,
		.due_ns = due_ns,
		.submit_ns = submit_ns,
		.faulty = task->seed & FAULT_SEED,
	};
	d->n_ids++;
	d->n_free--;
	d->result->submitted++;
	inject_sent(d, f);
}

/*
 * What is handed over at once was handed over at one moment: one look at the
 * clock for all.  A model that takes one at a time is asked, and the clock is
 * looked at, for each.
 */
int drive_submit(struct drive *d, const uint64_t *due_ns, size_t n)
{
	struct task tasks[BATCH];
	size_t sent = 0;

	n = n < d->n_free ? n : d->n_free;
	n = n < BATCH ? n : BATCH;
	if (n > 0 && d->inject.fault)
		n = 1; /* each is asked whether it is the faulty one */
	make_tasks(d, tasks, n);
	if (n > 0)
		tasks[0].seed |= inject_seed(d);
	while (sent < n) {
		uint64_t now_ns = d->now();
		int r = d->model->submit(d->handle, &tasks[sent], n - sent);

		if (r < 0)
			return sent > 0 ? (int)sent : r;
		if (r == 0)
			break;
		CHECK((size_t)r <= n - sent);
		for (int i = 0; i < r; i++, sent++)
			note_flight(d, &tasks[sent],
				    due_ns ? due_ns[sent] : now_ns, now_ns);
	}
	return (int)sent;
}

/*
 * Whether a task counts.  Closed loop: by its end, for a completion is what
 * brings the next task.  Open loop: by its due time, which the schedule chose
 * without asking the model; so all models count the same tasks, and one that
 * is late cannot push its slow tasks out of the window.
 */
static bool in_window(const struct drive *d, uint64_t due_ns, uint64_t done_ns)
{
	uint64_t at_ns = d->open_loop ? due_ns : done_ns;

	return at_ns >= d->window_start_ns && at_ns < d->window_end_ns;
}

static void note_place(struct drive *d, const struct completion *c)
{
	struct slice_result *result = d->result;
	int planned = placement_cpu(d->job->placement, c->worker);

	if (c->bind_errno) {
		result->unbound++;
		if (!result->bind_errno)
			result->bind_errno = c->bind_errno;
	}
	if (c->cpu < 0)
		return;
	if (planned >= 0 && c->cpu != planned)
		result->misplaced++;
	if (d->last_cpu[c->worker] >= 0 && d->last_cpu[c->worker] != c->cpu)
		result->migrations++;
	d->last_cpu[c->worker] = c->cpu;
}

/* Of tasks handed over before the window a timeline would show the end only. */
static void note_trace(struct drive *d, const struct task_times *t,
		       const struct completion *c)
{
	struct slice_result *result = d->result;
	uint64_t begin = d->window_start_ns;

	if (result->n_trace == d->trace_room || t->due < begin)
		return;
	result->trace[result->n_trace++] = (struct task_trace){
		.worker = c->worker,
		.cpu = c->cpu,
		.due = t->due - begin,
		.submit = t->submit - begin,
		.created = t->created ? t->created - begin : 0,
		.start = t->start - begin,
		.end = t->end - begin,
		.done = t->done - begin,
	};
}

/* Enter an ok completion, received at @done_ns.  0 or -EPROTO: nonsense. */
static int note_ok(struct drive *d, const struct flight *flight,
		   const struct completion *c, uint64_t done_ns)
{
	struct slice_result *result = d->result;
	struct task_times times = {
		.due = flight->due_ns,
		.submit = flight->submit_ns,
		.created = c->created_ns,
		.start = c->start_ns,
		.end = c->end_ns,
		.done = done_ns,
		.free = d->last_end_ns[c->worker],
	};
	uint64_t phases[PHASES];
	uint64_t n = flight->id / job_capacity(d->job);

	if (task_phases(&times, phases) < 0)
		return -EPROTO;
	if (c->digest != d->reference[seed_of(n) - 1])
		result->wrong_digests++;
	note_place(d, c);
	d->last_end_ns[c->worker] = c->end_ns;
	if (!in_window(d, times.due, done_ns))
		return 0;
	result->tasks++;
	d->worker_tasks[c->worker]++;
	for (int i = 0; i < PHASES; i++)
		result->phase_sum_ns[i] += phases[i];
	histogram_add(result->latency, done_ns - times.due);
	if (d->open_loop)
		histogram_add(result->uncorrected, done_ns - times.submit);
	slow_add(d->slow, phases);
	note_trace(d, &times, c);
	return 0;
}

void drive_note_backlog(struct drive *d, uint64_t due_ns, uint64_t done_ns)
{
	if (due_ns < d->window_start_ns && done_ns >= d->window_start_ns)
		d->result->backlog_begin++;
	if (due_ns < d->window_end_ns && done_ns >= d->window_end_ns)
		d->result->backlog_end++;
}

/*
 * Account for one completion.  Only a task that is in flight can end, so none
 * counts twice.  0, or -EPROTO: an answer to what was never asked.
 */
static int account(struct drive *d, const struct completion *c,
		   uint64_t done_ns)
{
	int32_t status = c->status;
	uint32_t capacity = job_capacity(d->job);
	uint32_t place = (uint32_t)(c->id % capacity);
	struct flight *flight = &d->flights[place];
	enum task_end end = task_status_end(c->status);

	if (c->id == 0 || flight->id != c->id || c->worker >= d->job->workers) {
		d->result->strays++;
		return -EPROTO;
	}
	if (end <= TASK_LOST || end >= TASK_ENDS)
		end = TASK_PROTOCOL;
	if (end == TASK_OK && note_ok(d, flight, c, done_ns) < 0)
		end = TASK_PROTOCOL;
	if (end == TASK_PROTOCOL)
		status = TASK_STATUS(TASK_PROTOCOL, 0);
	d->result->ended[end]++;
	inject_note(d, flight, c, status);
	if (d->open_loop)
		drive_note_backlog(d, flight->due_ns, done_ns);
	flight->id = 0;
	d->free_places[d->n_free++] = place;
	return 0;
}

/*
 * A worker's tasks in the order in which it ended them; those without an end
 * last, for what failed came after what was done.
 */
static int compare_end(const void *a, const void *b)
{
	const struct completion *x = a, *y = b;
	uint64_t x_ns = x->end_ns ? x->end_ns : CLOCK_NEVER;
	uint64_t y_ns = y->end_ns ? y->end_ns : CLOCK_NEVER;

	return (x_ns > y_ns) - (x_ns < y_ns);
}

/*
 * Whether the tasks of each worker are in that order already, as they are if it
 * works them off one after the other and the model does not mix them up.
 */
static bool in_order(struct drive *d, const struct completion *batch, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (batch[i].worker >= d->job->workers)
			return false;
		d->batch_end_ns[batch[i].worker] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t *before_ns = &d->batch_end_ns[batch[i].worker];
		uint64_t end_ns = batch[i].end_ns;

		if (end_ns < *before_ns || end_ns == 0)
			return false;
		*before_ns = end_ns;
	}
	return true;
}

int drive_take(struct drive *d, uint64_t deadline_ns)
{
	struct completion batch[BATCH];
	uint64_t done_ns;
	int n;

	inject_strike(d);
	deadline_ns = inject_deadline(d, deadline_ns);
	n = d->model->reap(d->handle, deadline_ns, batch, BATCH);
	done_ns = d->seen_ns = d->now();
	if (n > 1 && !in_order(d, batch, (size_t)n))
		qsort(batch, (size_t)n, sizeof(*batch), compare_end);
	for (int i = 0; i < n; i++) {
		int r = account(d, &batch[i], done_ns);

		if (r < 0)
			return r;
	}
	return n;
}

uint64_t drive_timeout_ns(const struct drive *d)
{
	return slice_timeout_ns(&d->result->cell, d->timing);
}

bool drive_idle(const struct drive *d)
{
	return d->n_free == job_capacity(d->job);
}

/* An open loop's task that will not end has a latency of at least its wait. */
static void note_unfinished(struct drive *d, const struct flight *f,
			    uint64_t now_ns)
{
	drive_note_backlog(d, f->due_ns, CLOCK_NEVER);
	if (!in_window(d, f->due_ns, now_ns))
		return;
	d->result->unfinished++;
	histogram_add(d->result->latency, now_ns - f->due_ns);
	histogram_add(d->result->uncorrected, now_ns - f->submit_ns);
}

void drive_give_up(struct drive *d)
{
	uint32_t capacity = job_capacity(d->job);
	uint64_t now_ns = d->now();

	d->result->ended[TASK_TIMEOUT] += capacity - d->n_free;
	d->result->lost += capacity - d->n_free;
	for (uint32_t i = 0; d->open_loop && i < capacity; i++) {
		if (d->flights[i].id != 0)
			note_unfinished(d, &d->flights[i], now_ns);
	}
}

/* Tasks end out of order, but a timeline is read from left to right. */
static int compare_start(const void *a, const void *b)
{
	const struct task_trace *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void note_spread(struct drive *d)
{
	struct slice_result *result = d->result;

	result->worker_tasks_max = result->worker_tasks_squares = 0;
	for (uint32_t i = 0; i < d->job->workers; i++) {
		int64_t n = (int64_t)d->worker_tasks[i];

		result->worker_tasks_squares += n * n;
		if (n > result->worker_tasks_max)
			result->worker_tasks_max = n;
	}
}

void drive_finish(struct drive *d)
{
	note_spread(d);
	slow_note(d->slow, d->result);
	inject_finish(d);
	qsort(d->result->trace, d->result->n_trace, sizeof(*d->result->trace),
	      compare_start);
}
