#include "harness/slice.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"
#include "harness/placement.h"
#include "harness/slice_ballast.h"
#include "harness/slice_drive.h"
#include "harness/slice_memory.h"
#include "harness/slice_usage.h"

/* All load begins together, this long after the model is open. */
#define START_DELAY_NS (5 * NS_PER_MS)

/* A worker killed because its task took too long is gone soon after. */
#define KILL_NS (1 * NS_PER_S)

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

static void run_loop(struct drive *d, const struct loop *loop)
{
	uint64_t start_ns = clock_ns() + START_DELAY_NS;
	uint64_t drain_begun_ns;
	int r;

	clock_sleep_until(start_ns);
	r = loop->load(d, start_ns);
	if (r == 0)
		d->result->window_ns = d->window_ns;
	if (r < 0) {
		d->result->status = SLICE_BROKEN;
		d->result->status_value = -r;
	}
	if (d->memory && !d->open_loop)
		slice_memory_read(d->result);
	drain_begun_ns = clock_ns();
	loop->drain(d, drain_begun_ns + drive_timeout_ns(d) + KILL_NS);
	d->result->drain_ns = clock_ns() - drain_begun_ns;
	drive_finish(d);
}

/* Open the model, run the loop, close the model. */
static void work(struct drive *d, const struct loop *loop)
{
	struct slice_result *result = d->result;
	struct slice_usage before;
	uint64_t t;
	int r;

	slice_usage_begin(&before, result);
	inject_begin(d);
	t = clock_ns();
	r = d->model->open(d->job, &d->handle);
	result->open_ns = clock_ns() - t;
	if (r < 0) {
		result->status = SLICE_OPEN;
		result->status_value = -r;
		return;
	}
	run_loop(d, loop);
	if (d->model->count)
		d->model->count(d->handle, &result->counts);
	t = clock_ns();
	d->model->close(d->handle);
	result->close_ns = clock_ns() - t;
	inject_end(d);
	slice_usage_end(&before, result);
}

/* The same with the ballast, which is no part of the work. */
static void measure(struct drive *d, const struct loop *loop)
{
	const struct cell_spec *cell = &d->result->cell;
	struct ballast ballast;
	int r = ballast_load(cell->ballast_bytes, cell->ballast_huge, &ballast);

	if (r < 0) {
		d->result->status = SLICE_OPEN;
		d->result->status_value = -r;
		return;
	}
	work(d, loop);
	ballast_drop(&ballast);
}

/* Where generator and workers belong. */
static void take_places(const struct drive *d)
{
	const struct placement *placement = d->job->placement;

	/* A generator that cannot have its place shares: say so. */
	d->result->generator_cpu = -1;
	if (placement_bind_generator(placement) == 0)
		d->result->generator_cpu = placement_generator_cpu(placement);
	/* Serial's generator is its worker and goes to its place. */
	if (d->model->traits & MODEL_SERIAL)
		d->result->generator_cpu = placement_cpu(placement, 0);
	d->result->smt_shared =
		placement_smt_shared(placement, d->job->workers);
}

/*
 * What the workers of @cell are to do; where, is still to be planned.  0, or
 * -EINVAL: @model has no such settings.
 */
static int make_job(const struct cell_spec *cell, const struct model *model,
		    const struct workload *workload,
		    const struct slice_timing *timing,
		    const struct slice_choice *choice, struct job *ret)
{
	const struct fault *fault = fault_find(cell->fault);
	struct job job = {
		.workload = fault && fault->act ? fault_wrap(fault, workload)
						: workload,
		.size = cell->size,
		.workers = cell->workers,
		.depth = cell->depth,
		.extra_ppm = cell->extra_ppm,
		.words = choice ? choice->words : NULL,
		.task_program = choice ? choice->task_program : NULL,
		.open_limit_ns = timing->timeout_ns,
		.run_limit_ns =
			cell->limit_ns ? cell->limit_ns : timing->timeout_ns,
	};
	char error[320];
	int r;

	model_standard(model, job.settings);
	r = model_settings_parse(model, cell->settings, job.settings, error,
				 sizeof(error));
	if (r == 0)
		*ret = job;
	return r;
}

int slice_run(const struct cell_spec *cell, const struct model *model,
	      const struct workload *workload,
	      const struct slice_timing *timing,
	      const struct slice_choice *choice, struct slice_result *ret)
{
	const struct loop *loop = cell->interval_ns ? &loop_open : &loop_closed;
	struct placement *placement;
	struct slice_result result;
	struct job job;
	struct drive d = {
		.model = model,
		.job = &job,
		.timing = timing,
		.result = &result,
		.now = clock_ns,
		.sleep_until = clock_sleep_until,
		.memory = choice && choice->memory,
		.trace_room = choice ? choice->trace : 0,
		.arrival_seed = choice ? choice->arrival_seed : 0,
		.window_ns = slice_window_ns(cell, timing),
		.open_loop = cell->interval_ns > 0,
	};
	int r;

	CHECK(timing->settle_ns > 0);
	r = make_job(cell, model, workload, timing, choice, &job);
	if (r < 0)
		return r;
	r = placement_plan(cell->pin, cell->workers, NULL, &placement);
	if (r < 0)
		return r;
	job.placement = placement;
	result = slice_result_of(cell);
	r = drive_init(&d);
	if (r == 0)
		r = loop->prepare(&d);
	if (r == 0) {
		take_places(&d);
		make_reference(&d);
		measure(&d, loop);
		*ret = result;
	} else {
		slice_result_done(&result);
	}
	drive_done(&d);
	placement_free(placement);
	return r;
}
