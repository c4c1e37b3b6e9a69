#include "harness/slice.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/placement.h"
#include "harness/slice_usage.h"

/* All load begins together, this long after the model is open. */
#define START_DELAY_NS (5 * NS_PER_MS)

/* Before the window, every worker has run so many tasks on average. */
#define SETTLE_TASKS 10

/* Tasks use the seeds 1 … N_SEEDS in turn; serial runs each once beforehand. */
#define N_SEEDS 4

/* At most so many completions are taken by one call of reap. */
#define BATCH 64

/* What is known of a task between submit and completion. */
struct flight {
	uint64_t id; /* 0: this place is free */
	uint64_t due_ns, submit_ns;
};

/* One closed loop under way. */
struct drive {
	const struct model *model;
	void *handle; /* the open model */
	const struct job *job;
	struct slice_result *result;

	uint64_t reference[N_SEEDS];
	struct flight *flights; /* [job_capacity()]; task id % capacity */
	uint32_t *free_places;  /* [n_free] of them */
	uint32_t n_free;
	uint64_t n_ids;        /* tasks made so far */
	uint64_t *last_end_ns; /* [workers], of its task before; 0: none */
	int *last_cpu;         /* [workers], -1: not seen yet */

	uint64_t window_ns, window_start_ns, window_end_ns;
};

/* Run every seed once, as serial would: the digests all others must give. */
static void make_reference(struct drive *d)
{
	uint64_t all = 0;

	for (uint64_t i = 0; i < N_SEEDS; i++) {
		d->reference[i] = d->job->workload->run(d->job->size, i + 1);
		all = mix64(all ^ d->reference[i]);
	}
	d->result->reference_digest = all;
}

static uint64_t seed_of(uint64_t id)
{
	return id % N_SEEDS + 1;
}

/*
 * Hand over new tasks until the model is full.  The id tells the place in
 * `flights': id modulo capacity.  0 or -errno of submit.
 */
static int refill(struct drive *d)
{
	uint32_t capacity = job_capacity(d->job);

	while (d->n_free > 0) {
		uint32_t place = d->free_places[d->n_free - 1];
		struct task task = {.id = ++d->n_ids * capacity + place};
		int r;

		task.seed = seed_of(d->n_ids);
		d->flights[place].id = task.id;
		d->flights[place].submit_ns = clock_ns();
		d->flights[place].due_ns = d->flights[place].submit_ns;
		r = d->model->submit(d->handle, &task);
		if (r < 0) {
			d->flights[place].id = 0;
			d->n_ids--;
			return r == -EAGAIN ? 0 : r;
		}
		d->n_free--;
		d->result->submitted++;
	}
	return 0;
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
	if (done_ns < d->window_start_ns || done_ns >= d->window_end_ns)
		return 0;
	result->tasks++;
	for (int i = 0; i < PHASES; i++)
		result->phase_sum_ns[i] += phases[i];
	histogram_add(result->latency, done_ns - times.due);
	return 0;
}

/*
 * Account for one completion.  Only a task that is in flight can end, so none
 * counts twice.  0, or -EPROTO: an answer to what was never asked.
 */
static int account(struct drive *d, const struct completion *c,
		   uint64_t done_ns)
{
	uint32_t capacity = job_capacity(d->job);
	uint32_t place = (uint32_t)(c->id % capacity);
	struct flight *flight = &d->flights[place];
	enum task_end end = task_status_end(c->status);

	if (c->id == 0 || flight->id != c->id || c->worker >= d->job->workers)
		return -EPROTO;
	if (end <= TASK_LOST || end >= TASK_ENDS)
		end = TASK_PROTOCOL;
	if (end == TASK_OK && note_ok(d, flight, c, done_ns) < 0)
		end = TASK_PROTOCOL;
	d->result->ended[end]++;
	flight->id = 0;
	d->free_places[d->n_free++] = place;
	return 0;
}

/* A worker's tasks in the order in which it ended them. */
static int compare_end(const void *a, const void *b)
{
	const struct completion *x = a, *y = b;

	return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

/* Reap until @deadline_ns, once.  How many, or -errno. */
static int take(struct drive *d, uint64_t deadline_ns)
{
	struct completion batch[BATCH];
	int n = d->model->reap(d->handle, deadline_ns, batch, BATCH);
	uint64_t done_ns = clock_ns();

	if (n > 1)
		qsort(batch, (size_t)n, sizeof(*batch), compare_end);
	for (int i = 0; i < n; i++) {
		int r = account(d, &batch[i], done_ns);

		if (r < 0)
			return r;
	}
	return n;
}

/* Keep the model full until @until_ns.  0 or -errno. */
static int load_until(struct drive *d, uint64_t until_ns)
{
	while (clock_ns() < until_ns) {
		int r = refill(d);

		if (r >= 0)
			r = take(d, until_ns);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Settle for whole periods of settle_ns until every worker has had its share of
 * tasks.  Whole periods, because a window that began with a completion would
 * count half a task too few.
 *
 * For the same reason the window begins with a period yet to come: serial
 * returns from a task after the end of the last one, and had the window begun
 * there, that task would have ended in it uncounted.
 */
static int settle(struct drive *d, const struct slice_timing *timing,
		  uint64_t start_ns)
{
	uint64_t enough = (uint64_t)SETTLE_TASKS * d->job->workers;
	uint64_t end_ns = start_ns;
	int r;

	do {
		end_ns += timing->settle_ns;
		r = load_until(d, end_ns);
	} while (r == 0 && d->result->ended[TASK_OK] < enough &&
		 end_ns < start_ns + timing->timeout_ns);
	while (end_ns <= clock_ns())
		end_ns += timing->settle_ns;
	d->window_start_ns = end_ns;
	d->window_end_ns = end_ns + d->window_ns;
	return r;
}

/* Take what is still out there; what does not come in time is a timeout. */
static void drain(struct drive *d, uint64_t deadline_ns)
{
	uint32_t capacity = job_capacity(d->job);
	uint64_t begun_ns = clock_ns();

	while (d->n_free < capacity && clock_ns() < deadline_ns) {
		if (take(d, deadline_ns) < 0)
			break;
	}
	d->result->ended[TASK_TIMEOUT] += capacity - d->n_free;
	d->result->drain_ns = clock_ns() - begun_ns;
}

static void run_loop(struct drive *d, const struct slice_timing *timing)
{
	uint64_t start_ns = clock_ns() + START_DELAY_NS;
	int r;

	/* Until the window is known, nothing is inside it. */
	d->window_start_ns = d->window_end_ns = CLOCK_NEVER;
	clock_sleep_until(start_ns);
	r = settle(d, timing, start_ns);
	if (r == 0)
		r = load_until(d, d->window_end_ns);
	if (r == 0)
		d->result->window_ns = d->window_ns;
	if (r < 0) {
		d->result->status = SLICE_BROKEN;
		d->result->status_value = -r;
	}
	drain(d, clock_ns() + timing->timeout_ns);
}

/* Open the model, run the loop, close the model. */
static void measure(struct drive *d, const struct slice_timing *timing)
{
	struct slice_result *result = d->result;
	struct slice_usage before;
	uint64_t t;
	int r;

	slice_usage_begin(&before, result);
	t = clock_ns();
	r = d->model->open(d->job, &d->handle);
	result->open_ns = clock_ns() - t;
	if (r < 0) {
		result->status = SLICE_OPEN;
		result->status_value = -r;
		return;
	}
	run_loop(d, timing);
	t = clock_ns();
	d->model->close(d->handle);
	result->close_ns = clock_ns() - t;
	slice_usage_end(&before, result);
}

static int drive_init(struct drive *d)
{
	uint32_t capacity = job_capacity(d->job);

	d->flights = calloc(capacity, sizeof(*d->flights));
	d->free_places = calloc(capacity, sizeof(*d->free_places));
	d->last_end_ns = calloc(d->job->workers, sizeof(*d->last_end_ns));
	d->last_cpu = calloc(d->job->workers, sizeof(*d->last_cpu));
	if (!d->flights || !d->free_places || !d->last_end_ns || !d->last_cpu ||
	    !d->result->latency)
		return -ENOMEM;
	d->n_free = capacity;
	for (uint32_t i = 0; i < capacity; i++)
		d->free_places[i] = capacity - 1 - i;
	for (uint32_t i = 0; i < d->job->workers; i++)
		d->last_cpu[i] = -1;
	return 0;
}

static void drive_done(struct drive *d)
{
	free(d->flights);
	free(d->free_places);
	free(d->last_end_ns);
	free(d->last_cpu);
}

int slice_run(const struct cell_spec *cell, const struct model *model,
	      const struct workload *workload,
	      const struct slice_timing *timing,
	      const struct slice_choice *choice, struct slice_result *ret)
{
	struct placement *placement;
	struct job job = {
		.workload = workload,
		.size = cell->size,
		.workers = cell->workers,
		.depth = cell->depth,
		.extra_ppm = cell->extra_ppm,
		.open_limit_ns = timing->timeout_ns,
	};
	struct drive d = {
		.model = model,
		.job = &job,
		.result = ret,
		.window_ns = slice_window_ns(cell, timing),
	};
	int r;

	(void)choice;
	CHECK(timing->settle_ns > 0);
	r = placement_plan(cell->pin, cell->workers, NULL, &placement);
	if (r < 0)
		return r;
	*ret = slice_result_of(cell);
	ret->latency = calloc(1, sizeof(*ret->latency));
	job.placement = placement;
	r = drive_init(&d);
	if (r < 0) {
		slice_result_done(ret);
	} else {
		/* A generator that cannot have its place shares: say so. */
		r = placement_bind_generator(placement);
		ret->generator_cpu =
			r == 0 ? placement_generator_cpu(placement) : -1;
		/* Serial's generator is its worker and goes to its place. */
		if (model->traits & MODEL_SERIAL)
			ret->generator_cpu = placement_cpu(placement, 0);
		r = 0;
		ret->smt_shared =
			placement_smt_shared(placement, cell->workers);
		make_reference(&d);
		measure(&d, timing);
	}
	drive_done(&d);
	placement_free(placement);
	return r;
}
