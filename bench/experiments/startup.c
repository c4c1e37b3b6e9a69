/*
 * startup - what does it cost to bring workers up, and what memory do they
 * take?
 *
 * Two questions.  The first is asked of every model, with one worker, with as
 * many as really run at once, and with twice the processors: how long until all
 * are ready and until all are gone again (x_open_ns and x_close_ns of a slice),
 * and how much memory they have meanwhile (x_pss_bytes, x_rss_bytes).  What they
 * work is no part of it: nop, and not for long.
 *
 * The second is that of "A fork() in the road" (HotOS'19): fork(2) copies the
 * page tables of its parent, so what does it cost a parent that has much memory?
 * Beside it the calls that copy none, each alone: see startup_probes.h.  The
 * parent's memory is ballast that it has touched, up to a gibibyte, in pages of
 * 4 KiB and, 512 times fewer, in huge pages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiments/startup_probes.h"
#include "harness/base.h"
#include "harness/experiment.h"

/* For memory and open_ns any window will do. */
#define MODEL_WINDOW_NS (30 * NS_PER_MS)

/* Calls by the hundred; of forks some ten, at 0.4 us for each page copied. */
#define PROBE_WINDOW_NS (100 * NS_PER_MS)
#define PROBE_WINDOW_NS_PER_PAGE 4000

#define MIB (UINT64_C(1) << 20)

static const struct parent {
	uint64_t bytes;
	uint32_t huge;
	uint32_t rank; /* beyond RANK_MAIN: only if there is time for it */
} parents[] = {
	{0, 0, RANK_MAIN},
	{64 * MIB, 0, RANK_MAIN},
	{256 * MIB, 0, RANK_DETAIL},
	{1024 * MIB, 0, RANK_EXTRA},
	{64 * MIB, 1, RANK_DETAIL},
	{256 * MIB, 1, RANK_DETAIL},
	{1024 * MIB, 1, RANK_DETAIL},
};

/* What programs may still take without harm to others; 0: unknown. */
static uint64_t available_bytes(void)
{
	static const char name[] = "MemAvailable:";
	FILE *f = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char line[128];

	if (!f)
		return 0;
	while (kib == 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtoull(line + strlen(name), NULL, 10);
	}
	(void)fclose(f); /* only read */
	return kib * 1024;
}

static uint64_t at_most(uint64_t x, uint64_t most)
{
	return x < most ? x : most;
}

static int add_model(const struct plan_options *o, const struct plan_model *m,
		     struct plan *plan)
{
	bool serial = m->model->traits & MODEL_SERIAL;
	uint32_t focus = serial ? 1 : plan_focus(o);
	uint32_t workers[] = {
		1,
		focus,
		(uint32_t)at_most(2 * (uint64_t)o->processors, JOB_MAX_WORKERS),
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(workers); i++) {
		struct cell_spec cell =
			plan_cell(o, "startup", m, 0, workers[i]);
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= workers[k] == workers[i];
		if (again || (serial && workers[i] != 1))
			continue;
		cell.window_ns = at_most(MODEL_WINDOW_NS, o->window_ns);
		cell.rank = workers[i] == focus ? RANK_MAIN : RANK_DETAIL;
		r = plan_add(plan, &cell);
	}
	return r;
}

/* Huge pages are not worth counting. */
static uint64_t probe_window_ns(const struct parent *parent)
{
	uint64_t pages = parent->huge ? 0 : parent->bytes / 4096;

	return PROBE_WINDOW_NS + pages * PROBE_WINDOW_NS_PER_PAGE;
}

/* All calls in one parent. */
static int add_probes(const struct plan_options *o, const struct parent *parent,
		      struct plan *plan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && startup_probes[i]; i++) {
		const struct plan_model probe = {
			.name = startup_probes[i]->name,
			.model = startup_probes[i],
		};
		struct cell_spec cell = plan_cell(o, "startup", &probe, 0, 1);

		/* One at a time, or a task's time has a wait in it. */
		cell.depth = 1;
		cell.ballast_bytes = parent->bytes;
		cell.ballast_huge = parent->huge;
		cell.window_ns = probe_window_ns(parent);
		cell.rank = parent->rank;
		r = plan_add(plan, &cell);
	}
	return r;
}

static int startup_add(const struct plan_options *o, struct plan *plan)
{
	/* A parent and its child may double it, and others want to live. */
	uint64_t most = available_bytes() / 4;
	int r = 0;

	for (size_t m = 0; r == 0 && m < o->n_models; m++)
		r = add_model(o, &o->models[m], plan);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(parents); i++) {
		if (parents[i].bytes > most ||
		    (parents[i].rank > RANK_MAIN && !o->thorough))
			continue;
		r = add_probes(o, &parents[i], plan);
	}
	return r;
}

static const char *const startup_workloads[] = {"nop", NULL};

const struct experiment experiment_startup = {
	.name = "startup",
	.question = "What does it cost to bring workers up, and what memory do "
		    "they take?",
	.default_workloads = startup_workloads,
	.own_models = startup_probes,
	.add = startup_add,
};
