/*
 * payload - from how many bytes on does moving them cost more than the work?
 *
 * Tasks of workload `bytes' bring their bytes along, and take as many back.  A
 * worker reads and changes each of them once, the least that a task can do with
 * its data.  All that is asked is how they get there and back: see
 * payload_carriers.h for the ways.
 *
 * One worker and one task in flight, so that a time has nothing in it but the
 * task itself: not another one's bytes, for which the generator has no time
 * either, nor another worker who needs the generator's processor.  (With two
 * workers on two processors a pointer to 4 MiB seems to take milliseconds to
 * move: that long the generator waits for one of the two.)
 *
 * Whatever models, workloads, sizes and workers the user chose, this is about
 * these alone: no other workload has bytes.
 */
#include <stdio.h>
#include <string.h>

#include "bench/experiments/payload_carriers.h"
#include "bench/workloads/bytes.h"
#include "harness/base.h"
#include "harness/experiment.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

/* Tasks of up to so many bytes come by the hundred in a short window. */
#define SHORT_BYTES (64 * KIB)
#define SHORT_WINDOW_NS (100 * NS_PER_MS)

static const struct load {
	uint64_t bytes; /* each way */
	uint32_t rank;
} loads[] = {
	{0, RANK_MAIN},           {64, RANK_EXTRA},
	{1 * KIB, RANK_DETAIL},   {4 * KIB, RANK_MAIN},
	{16 * KIB, RANK_DETAIL},  {64 * KIB, RANK_MAIN},
	{256 * KIB, RANK_DETAIL}, {1 * MIB, RANK_MAIN},
	{4 * MIB, RANK_DETAIL},
};

/* All carriers with one load: these are compared, and have the same rank. */
static int add_load(const struct plan_options *o, const struct load *load,
		    struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && payload_carriers[i]; i++) {
		const struct plan_model carrier = {
			.name = payload_carriers[i]->name,
			.model = payload_carriers[i],
		};
		struct cell_spec cell = plan_cell(o, "payload", &carrier, 0, 1);

		memset(cell.workload, 0, sizeof(cell.workload));
		snprintf(cell.workload, sizeof(cell.workload), "%s",
			 workload_bytes.name);
		cell.size = load->bytes;
		cell.depth = 1;
		cell.rank = load->rank;
		if (load->bytes <= SHORT_BYTES &&
		    o->window_ns > SHORT_WINDOW_NS)
			cell.window_ns = SHORT_WINDOW_NS;
		r = plan_add(plan, &cell);
	}
	return r;
}

static int payload_add(const struct plan_options *o, struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(loads); i++)
		r = add_load(o, &loads[i], plan);
	return r;
}

static const char *const payload_workloads[] = {"bytes", NULL};

const struct experiment experiment_payload = {
	.name = "payload",
	.question = "From how many bytes on does moving them cost more than "
		    "the work?",
	.default_workloads = payload_workloads,
	.own_models = payload_carriers,
	.add = payload_add,
};
