#include "harness/tests/fake_load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"

static const struct fake_load_model usual_models[] = {
	{"threads", 2000, 2000, 1.0e6},
	{"fork", 1000, 1000, 2.0e6},
	{"cluster", 1500, 1500, 2.6e6},
};

static const uint32_t usual_percents[] = {30, 70, 90};

const struct fake_load fake_load_usual = {
	.models = usual_models,
	.n_models = ARRAY_LEN(usual_models),
	.percents = usual_percents,
	.n_percents = ARRAY_LEN(usual_percents),
	.own = true,
	.blocks = 8,
	.tasks = 1500,
	.lateness_ns = 20000,
};

struct fake_load fake_load_changeable(struct fake_load_model *models)
{
	struct fake_load usual = fake_load_usual;

	memcpy(models, usual_models, sizeof(usual_models));
	usual.models = models;
	return usual;
}

static struct histogram *new_histogram(void)
{
	struct histogram *h = calloc(1, sizeof(*h));

	CHECK(h);
	return h;
}

/* A queue's waiting times: few at low load, without end near a full one. */
static void fill_times(const struct fake_load *how,
		       const struct fake_load_model *m, double use,
		       struct slice_result *s, struct rng *r)
{
	double mean = use < 1 ? use / (1 - use) : 50;

	s->latency = new_histogram();
	s->uncorrected = new_histogram();
	s->lateness = new_histogram();
	for (uint64_t i = 0; i < s->offered; i++) {
		double u = (double)(rng_next(r) >> 11) / 9007199254740992.0;
		double wait = -log(1 - u) * mean * m->service_ns;

		histogram_add(s->uncorrected, (uint64_t)m->service_ns);
		histogram_add(s->lateness, how->lateness_ns);
		histogram_add(s->latency, (uint64_t)(m->service_ns + wait));
	}
}

static void add_slice(const struct fake_load *how,
		      const struct fake_load_model *m, uint32_t percent,
		      const char *of, double per_s, uint32_t cell,
		      uint32_t block, struct run_results *run, struct rng *r)
{
	double offered = per_s * percent / 100, use = offered / m->bears_per_s;
	struct slice_result s = {
		.cell = {.experiment = "load",
			 .workload = "primes",
			 .pin = "compact",
			 .size = 12000,
			 .workers = 2,
			 .depth = 1,
			 .load_percent = percent,
			 .interval_ns = (uint64_t)((double)NS_PER_S / offered)},
		.cell_index = cell,
		.block = block,
		.window_ns = 200 * NS_PER_MS,
		.offered = how->tasks,
		.tasks = how->tasks,
		.reference_digest = 7,
		.backlog_begin = 5,
		.backlog_end = block % 2 ? 3 : 7,
		.pss_bytes = -1,
		.rss_bytes = -1,
		.generator_cpu = -1,
	};

	snprintf(s.cell.model, sizeof(s.cell.model), "%s", m->name);
	snprintf(s.cell.runs, sizeof(s.cell.runs), "%s", m->name);
	snprintf(s.cell.load_of, sizeof(s.cell.load_of), "%s", of);
	if (use >= 1)
		s.backlog_end = 5 + how->tasks / 4;
	fill_times(how, m, use, &s, r);
	s.submitted = s.ended[TASK_OK] = s.tasks;
	s.phase_sum_ns[PHASE_COMPUTE] = s.latency->sum;
	CHECK(results_add(run, &s) == 0);
}

void fake_load_make(const struct fake_load *how, struct run_results *run,
		    struct summary *ret)
{
	struct rng r = {1};
	double slowest = INFINITY;

	*run = (struct run_results){
		.info = {.reference = "threads",
			 .processors = 2,
			 .complete = true,
			 .blocks_done = how->blocks},
	};
	for (size_t m = 0; m < how->n_models; m++)
		slowest = fmin(slowest, how->models[m].capacity_per_s);
	for (uint32_t b = 1; b <= how->blocks; b++) {
		uint32_t cell = 0;

		for (size_t p = 0; p < how->n_percents; p++) {
			for (size_t m = 0; m < how->n_models; m++) {
				const struct fake_load_model *model =
					&how->models[m];

				add_slice(how, model, how->percents[p],
					  "slowest", slowest, cell++, b, run,
					  &r);
				if (how->own)
					add_slice(how, model, how->percents[p],
						  "own", model->capacity_per_s,
						  cell++, b, run, &r);
			}
		}
	}
	CHECK(summary_make(run, ret) == 0);
}

struct cell_summary *fake_load_cell(struct summary *s, const char *model,
				    const char *of, uint32_t percent)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *c = &s->cells[i].spec;

		if (strcmp(c->model, model) == 0 &&
		    strcmp(c->load_of, of) == 0 && c->load_percent == percent)
			return &s->cells[i];
	}
	check_failed("such a cell", __FILE__, __LINE__);
}
