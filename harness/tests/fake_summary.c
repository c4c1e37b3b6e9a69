#include "harness/tests/fake_summary.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/file.h"

static const struct fake_model usual_models[] = {
	{"serial", 1.00, 0, 300, 200},
	{"fork", 0.55, 212000, 60000, 90000},
	{"thread_per_task", 0.85, 61000, 21000, 12000},
	{"pool", 0.96, 0, 24000, 11000},
	{"threads", 0.98, 0, 14000, 8000},
	{"cluster", 0.88, 0, 52000, 31000},
};

static const char *const usual_workloads[] = {"primes", "walk", "json"};
static const uint32_t usual_workers[] = {1, 2, 4};

const struct fake_recipe fake_summary_usual = {
	.models = usual_models,
	.n_models = ARRAY_LEN(usual_models),
	.workloads = usual_workloads,
	.n_workloads = ARRAY_LEN(usual_workloads),
	.workers = usual_workers,
	.n_workers = ARRAY_LEN(usual_workers),
	.blocks = 12,
	.processors = 2,
	.task_ns = 1e6,
	.noise = 0.004,
};

static double random_share(struct rng *r)
{
	return (double)(rng_next(r) >> 11) / 9007199254740992.0;
}

static void fill_info(const struct fake_recipe *how, struct run_info *info)
{
	*info = (struct run_info){
		.started = "2026-11-21T04:30:00Z",
		.command = "build/manyhands run --blocks 12",
		.seed = 42,
		.blocks_planned = how->blocks,
		.blocks_done = how->blocks,
		.complete = true,
		.reference = "threads",
		.baseline = "serial",
		.timing = {20 * NS_PER_MS, 200 * NS_PER_MS, 10 * NS_PER_S},
		.usable_pus = (uint32_t)ceil(how->processors),
		.usable_cores = (uint32_t)ceil(how->processors),
		.processors = how->processors,
		.host =
			{
				.name = "lab7",
				.cpu = "Example CPU @ 2.70GHz",
				.kernel = "Linux 6.1.0 x86_64",
				.compiler = "gcc 12.2.0",
				.hypervisor = "kvm",
				.clocksource = "tsc",
				.aslr = 2,
				.mhz = 2700,
				.turbo = -1,
				.on_battery = -1,
				.memory_bytes = UINT64_C(8) << 30,
				.load = {0.1, 0.2, 0.3},
				.cpus = (uint32_t)ceil(how->processors),
				.quota_cpus = NAN,
			},
		.topology = "┌ Package 0 ┐\n│ Core 0 w0 │\n└───────────┘\n",
		.caches = {{"Data", 1, 32768, 1}, {"Unified", 2, 1 << 20, 1}},
		.n_caches = 2,
	};
}

/* The time of one task: the mean phases, and a tail for one in fifty. */
static uint64_t latency_of(const struct fake_model *m, double compute_ns,
			   struct rng *r)
{
	double u = random_share(r);
	double ns = compute_ns * (0.97 + 0.06 * random_share(r));

	ns += m->create_ns + m->dispatch_ns + m->return_ns;
	if (u > 0.98)
		ns *= 1 + 2 * (u - 0.98) / 0.02 * random_share(r);
	return (uint64_t)ns;
}

/* The slowest in a hundred: some phases suffer more than others. */
static void fill_slowest(struct slice_result *s)
{
	static const double worse[PHASES] = {
		[PHASE_CREATE] = 1.5,
		[PHASE_DISPATCH] = 8,
		[PHASE_COMPUTE] = 1.8,
		[PHASE_RETURN] = 3,
	};

	s->slow_tasks = s->tasks / 100;
	for (int i = 0; i < PHASES && s->tasks > 0; i++)
		s->slow_phase_sum_ns[i] =
			(uint64_t)(worse[i] * (double)s->phase_sum_ns[i] /
				   (double)s->tasks * (double)s->slow_tasks);
}

static void fill_slice(const struct fake_recipe *how,
		       const struct fake_model *m, struct slice_result *s,
		       struct rng *r)
{
	double width = fmin(s->cell.workers, how->processors);
	double busy = s->cell.workers / width;
	double speed = m->speed * (1 + how->noise * (2 * random_share(r) - 1));

	s->window_ns = 200 * NS_PER_MS;
	s->tasks =
		(uint64_t)(width * speed * (double)s->window_ns / how->task_ns +
			   0.5);
	s->submitted = s->ended[TASK_OK] = s->tasks + 10;
	s->latency = calloc(1, sizeof(*s->latency));
	CHECK(s->latency);
	for (uint64_t i = 0; i < s->tasks; i++)
		histogram_add(s->latency,
			      latency_of(m, busy * how->task_ns, r));
	s->phase_sum_ns[PHASE_CREATE] = (uint64_t)m->create_ns * s->latency->n;
	s->phase_sum_ns[PHASE_DISPATCH] =
		(uint64_t)m->dispatch_ns * s->latency->n;
	s->phase_sum_ns[PHASE_RETURN] = (uint64_t)m->return_ns * s->latency->n;
	s->phase_sum_ns[PHASE_COMPUTE] = s->latency->sum;
	s->phase_sum_ns[PHASE_COMPUTE] -= s->phase_sum_ns[PHASE_CREATE] +
					  s->phase_sum_ns[PHASE_DISPATCH] +
					  s->phase_sum_ns[PHASE_RETURN];
	fill_slowest(s);
	s->user_ns = (uint64_t)(1.02 * how->task_ns * (double)s->submitted);
	s->system_ns = s->user_ns / 50;
	/* A machine that is all ours. */
	s->noise_span_ns = 260 * (int64_t)NS_PER_MS;
	s->busy_ns = (int64_t)(s->user_ns + s->system_ns);
	s->canary_before_ns = s->canary_after_ns = 2 * (int64_t)NS_PER_MS;
	s->peak_self_bytes = 5u << 20;
	s->peak_child_bytes = strcmp(m->name, "pool") == 0 ? 2u << 20 : 0;
	s->reference_digest = 7;
	s->generator_cpu = s->cell.workers < how->processors ? 1 : -1;
}

static void add_slice(const struct fake_recipe *how, const struct fake_model *m,
		      const char *workload, uint32_t workers, uint32_t cell,
		      uint32_t block, struct run_results *run, struct rng *r)
{
	struct slice_result s = {
		.cell = {.experiment = "scaling",
			 .size = 12000,
			 .workers = workers,
			 .depth = 1,
			 .pin = "compact"},
		.cell_index = cell,
		.block = block,
		.pss_bytes = -1,
		.rss_bytes = -1,
	};

	snprintf(s.cell.model, sizeof(s.cell.model), "%s", m->name);
	snprintf(s.cell.runs, sizeof(s.cell.runs), "%s", m->name);
	snprintf(s.cell.workload, sizeof(s.cell.workload), "%s", workload);
	fill_slice(how, m, &s, r);
	CHECK(results_add(run, &s) == 0);
}

void fake_summary_run(const struct fake_recipe *how, struct run_results *ret)
{
	struct rng r = {1};

	*ret = (struct run_results){.n = 0};
	fill_info(how, &ret->info);
	for (uint32_t b = 1; b <= how->blocks; b++) {
		uint32_t cell = 0;

		for (size_t w = 0; w < how->n_workloads; w++) {
			for (size_t m = 0; m < how->n_models; m++) {
				int serial = strcmp(how->models[m].name,
						    "serial") == 0;

				for (size_t i = 0;
				     i < (serial ? 1 : how->n_workers); i++)
					add_slice(how, &how->models[m],
						  how->workloads[w],
						  serial ? 1 : how->workers[i],
						  cell++, b, ret, &r);
			}
		}
	}
}

static void trace_slice(struct slice_result *s)
{
	uint64_t task_ns = NS_PER_MS, gap_ns = 0;
	uint32_t workers = s->cell.workers;

	if (strcmp(s->cell.model, "fork") == 0)
		gap_ns = task_ns / 2;
	free(s->trace);
	s->n_trace = (size_t)FAKE_TRACE_TASKS * workers;
	s->trace = calloc(s->n_trace, sizeof(*s->trace));
	CHECK(s->trace);
	for (uint32_t k = 0; k < s->n_trace; k++) {
		uint32_t worker = k % workers, turn = k / workers;
		uint64_t begin = turn * (task_ns + gap_ns) + 10 * worker;
		/* Two in flight: it has waited since the task before began. */
		uint64_t due = turn ? begin - task_ns / 2 : begin;

		s->trace[k] = (struct task_trace){
			.worker = worker,
			.cpu = (int32_t)worker,
			.due = due,
			.submit = due + 1000,
			.created = gap_ns ? begin + 200000 : 0,
			.start = begin + gap_ns + 20000,
			.end = begin + gap_ns + task_ns,
			/* Its worker is already busy with the next. */
			.done = begin + gap_ns + task_ns + 30000,
		};
	}
}

void fake_summary_trace(struct run_results *run)
{
	for (size_t i = 0; i < run->n; i++) {
		if (run->slices[i].block == 1)
			trace_slice(&run->slices[i]);
	}
}

void fake_summary_make(const struct fake_recipe *how, struct run_results *run,
		       struct summary *ret)
{
	fake_summary_run(how, run);
	CHECK(summary_make(run, ret) == 0);
}

void fake_summary_done(struct run_results *run, struct summary *s)
{
	summary_done(s);
	results_done(run);
}

struct cell_summary *fake_summary_cell(struct summary *s, const char *model,
				       const char *workload, uint32_t workers)
{
	const struct cell_summary *c =
		summary_find(s, "scaling", model, workload, workers);

	CHECK(c);
	return &s->cells[c - s->cells];
}

void fake_summary_folder(char path[64])
{
	strcpy(path, "/tmp/manyhands-test-XXXXXX");
	CHECK(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_summary_folder_remove(const char *path)
{
	CHECK(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

int fake_summary_draw(const struct plot *p)
{
	char folder[64], path[192], error[256] = "", *svg = NULL;
	size_t n;
	int r;

	fake_summary_folder(folder);
	r = plot_write(p, folder, error, sizeof(error));
	if (r == 0) {
		snprintf(path, sizeof(path), "%s/%s.svg", folder, p->name);
		CHECK(file_read(path, 1u << 24, &svg, &n) == 0);
		if (strstr(svg, "NaN") || strstr(svg, "nan "))
			r = -EIO;
		free(svg);
	}
	fake_summary_folder_remove(folder);
	if (r < 0 && r != -ENOENT)
		fprintf(stderr, "%s: %s\n", p->name, error);
	CHECK(r == 0 || r == -ENOENT);
	return r == -ENOENT;
}

size_t fake_summary_count(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *p = strstr(text, word); p; p = strstr(p + 1, word))
		n++;
	return n;
}
