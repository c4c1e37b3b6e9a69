/*
 * The slice runner with every model of the registry: the sums are right and no
 * task fails.
 */
#include <math.h>
#include <string.h>

#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/slice.h"

/* About 50 us of work. */
#define ROUNDS 20000

static void expect_good(const struct slice_result *r)
{
	uint64_t phases = 0, sum = 0;

	KIT_EQUAL(r->status, SLICE_OK);
	KIT_EXPECT(r->submitted > 0);
	for (size_t i = 0; i < TASK_ENDS; i++)
		sum += r->ended[i];
	KIT_EQUAL(sum, r->submitted);
	KIT_EQUAL(r->ended[TASK_OK], r->submitted);
	KIT_EQUAL(slice_failed(r), 0);
	KIT_EQUAL(r->wrong_digests, 0);
	KIT_EXPECT(r->reference_digest != 0);

	KIT_EXPECT(r->tasks <= r->submitted);
	KIT_EQUAL(r->latency->n, r->tasks);
	for (size_t i = 0; i < PHASES; i++)
		phases += r->phase_sum_ns[i];
	KIT_EQUAL(phases, r->latency->sum);
	KIT_EXPECT(slice_throughput(r) >= 0.0);
	KIT_EXPECT(slice_tasks_per_cpu_s(r) > 0.0);
	KIT_EXPECT(r->user_ns + r->system_ns > 0);
	KIT_EXPECT(r->peak_self_bytes > 0);
}

static void slice_with(const struct model *model, uint32_t workers,
		       const char *pin)
{
	struct slice_timing timing = {
		.settle_ns = 5 * NS_PER_MS,
		.window_ns = 30 * NS_PER_MS,
		.timeout_ns = 30 * NS_PER_S,
	};
	struct cell_spec cell = {
		.size = ROUNDS,
		.workers = workers,
		.depth = 2,
	};
	struct slice_result r;

	if (model->traits & MODEL_SERIAL && workers > 1)
		return;
	kit_note("%u workers, pin %s", workers, pin);
	strcpy(cell.pin, pin);
	strcpy(cell.model, model->name);
	strcpy(cell.runs, model->name);
	KIT_EQUAL(slice_run(&cell, model, &kit_mix, &timing, NULL, &r), 0);
	expect_good(&r);
	KIT_EQUAL(strcmp(r.cell.model, model->name), 0);
	KIT_EQUAL(r.unbound, 0);
	KIT_EQUAL(r.bind_errno, 0);
	KIT_EQUAL(r.misplaced, 0);
	if (strcmp(pin, "none") != 0)
		KIT_EQUAL(r.migrations, 0);
	if (model->traits & MODEL_PROCESS)
		KIT_EXPECT(r.peak_child_bytes > 0);
	if (model->traits & MODEL_PER_TASK)
		KIT_EXPECT(r.tasks == 0 || r.phase_sum_ns[PHASE_CREATE] > 0);
	else
		KIT_EQUAL(r.phase_sum_ns[PHASE_CREATE], 0);
	slice_result_done(&r);
}

/* Tasks that come at random times, twice as slowly as they are done. */
static void open_slice_with(const struct model *model)
{
	struct slice_timing timing = {
		.settle_ns = 5 * NS_PER_MS,
		.window_ns = 30 * NS_PER_MS,
		/* A program per task, a sanitiser in each, a busy machine. */
		.timeout_ns = 100 * NS_PER_S,
	};
	struct slice_choice choice = {.arrival_seed = 9, .trace = 5};
	struct cell_spec cell = {
		.size = ROUNDS,
		.workers = model->traits & MODEL_SERIAL ? 1 : 2,
		.depth = 1,
		.interval_ns = 100 * NS_PER_US,
		.pin = "compact",
	};
	struct slice_result r;

	kit_note("open loop");
	KIT_EQUAL(slice_run(&cell, model, &kit_mix, &timing, &choice, &r), 0);
	expect_good(&r);
	KIT_EXPECT(r.offered > 200);
	KIT_EXPECT(r.submitted > r.offered);
	KIT_EQUAL(r.tasks, r.offered);
	KIT_EQUAL(r.unfinished, 0);
	KIT_EQUAL(r.uncorrected->n, r.tasks);
	KIT_EQUAL(r.lateness->n, r.offered);
	KIT_EXPECT(r.uncorrected->sum <= r.latency->sum);
	KIT_EQUAL(r.slow_tasks, r.tasks / 100);
	KIT_EQUAL(r.n_trace, 5);
	KIT_EXPECT(!slice_saturated(&r));
	slice_result_done(&r);
}

static void check_slices(const struct model *model)
{
	struct kit_census before;

	kit_count(&before);
	slice_with(model, 1, "compact");
	slice_with(model, 2, "compact");
	slice_with(model, 2, "none");
	open_slice_with(model);
	kit_expect_as(&before);
}

static const struct kit_property properties[] = {
	{"makes good slices", check_slices, 0},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	return kit_main(properties, ARRAY_LEN(properties));
}
