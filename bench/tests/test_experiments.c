/*
 * Every experiment of the registry, with made-up choices of a user: each cell
 * can be run, none is there twice, and no choice is too little or too much.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"
#include "harness/placement.h"

/* What size_of() and capacity_of() answer, and what they were asked. */
struct fake {
	uint64_t size_per_us; /* 0: there is no size for any time */
	double capacity;
	uint64_t unit; /* sizes are multiples of it */
	size_t sizes_asked;
};

static uint64_t fake_size_of(void *ctx, size_t workload, uint64_t task_ns)
{
	struct fake *f = ctx;

	assert_true(workload < n_workloads);
	assert_true(task_ns >= NS_PER_US);
	f->sizes_asked++;
	return (task_ns / NS_PER_US * f->size_per_us + f->unit - 1) / f->unit *
	       f->unit;
}

static double fake_capacity_of(void *ctx, const struct cell_spec *cell)
{
	const struct fake *f = ctx;

	assert_non_null(model_find(cell->runs));
	return f->capacity;
}

/* A user's choice, with room for all there is. */
struct choice {
	struct plan_options options;
	struct plan_model models[32];
	const struct workload *workloads[16];
	uint64_t sizes[16];
	uint32_t workers[4];
	struct fake fake;
};

static void add_model(struct choice *c, const char *name,
		      const struct model *model)
{
	size_t n = c->options.n_models++;

	assert_true(n < ARRAY_LEN(c->models));
	assert_non_null(model);
	c->models[n] = (struct plan_model){.name = name, .model = model};
}

static void add_workload(struct choice *c, const char *name)
{
	size_t n = c->options.n_workloads++;

	assert_true(n < ARRAY_LEN(c->workloads));
	c->workloads[n] = workload_find(name);
	assert_non_null(c->workloads[n]);
	c->sizes[n] = c->workloads[n]->default_size;
}

/* All models and the workloads of @e with 1, 2 and 4 workers. */
static void choose(struct choice *c, const struct experiment *e)
{
	*c = (struct choice){
		.workers = {1, 2, 4},
		.fake = {.size_per_us = 7, .unit = 1, .capacity = 1000},
		.options =
			{
				.models = c->models,
				.all_models = models,
				.n_all_models = n_models,
				.workloads = c->workloads,
				.sizes = c->sizes,
				.workers = c->workers,
				.n_workers = 3,
				.processors = 2,
				.depth = 2,
				.pin = "compact",
				.window_ns = 200 * NS_PER_MS,
				.size_of = fake_size_of,
				.capacity_of = fake_capacity_of,
				.ctx = &c->fake,
			},
	};
	for (size_t i = 0; i < n_models; i++)
		add_model(c, models[i]->name, models[i]);
	for (size_t i = 0; e->default_workloads[i]; i++)
		add_workload(c, e->default_workloads[i]);
	c->options.reference = "threads";
}

static bool terminated(const char *text, size_t size)
{
	return text[0] != '\0' && memchr(text, '\0', size);
}

/* The model that @cell runs: as `manyhands slice' finds it. */
static const struct model *runs(const struct experiment *e,
				const struct cell_spec *cell)
{
	for (size_t i = 0; e->own_models && e->own_models[i]; i++) {
		if (strcmp(e->own_models[i]->name, cell->runs) == 0)
			return e->own_models[i];
	}
	return model_find(cell->runs);
}

static void expect_cell(const struct experiment *e,
			const struct cell_spec *cell)
{
	const struct model *model;

	assert_string_equal(cell->experiment, e->name);
	assert_true(terminated(cell->model, sizeof(cell->model)));
	assert_true(terminated(cell->runs, sizeof(cell->runs)));
	assert_true(terminated(cell->workload, sizeof(cell->workload)));
	assert_true(terminated(cell->pin, sizeof(cell->pin)));
	model = runs(e, cell);
	assert_non_null(model);
	assert_non_null(workload_find(cell->workload));
	/* Only a task that brings its bytes along may have none. */
	assert_true(cell->size >= 1 || strcmp(cell->workload, "bytes") == 0);
	assert_true(cell->workers >= 1 && cell->workers <= JOB_MAX_WORKERS);
	assert_true(cell->depth >= 1 && cell->depth <= JOB_MAX_DEPTH);
	if (model->traits & MODEL_SERIAL)
		assert_int_equal(cell->workers, 1);
	assert_true(cell->rank <= RANK_EXTRA);
	assert_true(cell->ballast_huge <= 1);
	assert_true(cell->ballast_huge == 0 || cell->ballast_bytes > 0);
}

/*
 * There are places for the workers of cell @i.  To find them takes hwloc some
 * milliseconds, so of cells with the same places only the first looks.
 */
static void expect_places(const struct plan *plan, size_t i)
{
	const struct cell_spec *cell = &plan->cells[i];
	struct placement *p;

	for (size_t k = 0; k < i; k++) {
		if (plan->cells[k].workers == cell->workers &&
		    strcmp(plan->cells[k].pin, cell->pin) == 0)
			return;
	}
	assert_int_equal(placement_plan(cell->pin, cell->workers, NULL, &p), 0);
	placement_free(p);
}

/* The cells of @e for @c; each is good, and there only once. */
static struct plan make(const struct experiment *e, const struct choice *c)
{
	struct plan plan = {0};

	assert_int_equal(e->add(&c->options, &plan), 0);
	for (size_t i = 0; i < plan.n; i++) {
		expect_cell(e, &plan.cells[i]);
		expect_places(&plan, i);
		/* Not assert_memory_not_equal(): it always looks at all. */
		for (size_t k = 0; k < i; k++)
			assert_true(memcmp(&plan.cells[i], &plan.cells[k],
					   sizeof(*plan.cells)) != 0);
	}
	return plan;
}

/* How many cells that makes. */
static size_t count(const struct experiment *e, const struct choice *c)
{
	struct plan plan = make(e, c);
	size_t n = plan.n;

	plan_done(&plan);
	return n;
}

static void test_usual(void **state)
{
	struct choice c;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		const struct experiment *e = experiments[i];
		size_t short_of_time;

		assert_true(e->question[strlen(e->question) - 1] == '?');
		assert_non_null(e->default_workloads[0]);
		choose(&c, e);
		short_of_time = count(e, &c);
		assert_true(short_of_time > 0);
		c.options.thorough = true;
		assert_true(count(e, &c) >= short_of_time);
	}
}

/* Everything there is to choose at once. */
static void test_most(void **state)
{
	struct choice c;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		choose(&c, experiments[i]);
		c.options.n_workloads = 0;
		for (size_t w = 0; w < n_workloads; w++)
			add_workload(&c, workloads[w]->name);
		add_model(&c, "a-name-of-one-and-thirty-bytes-", models[1]);
		c.models[c.options.n_models - 1].extra_ppm = 50000;
		c.options.reference = "a-name-of-one-and-thirty-bytes-";
		c.options.workers = (const uint32_t[]){1, 64, JOB_MAX_WORKERS};
		c.options.processors = JOB_MAX_WORKERS;
		c.options.thorough = true;
		assert_true(count(experiments[i], &c) > 0);
	}
}

/* One model, whichever; serial may have nothing to be compared in. */
static void test_one_model(void **state)
{
	struct choice c;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		for (size_t m = 0; m < n_models; m++) {
			bool serial = models[m]->traits & MODEL_SERIAL;

			choose(&c, experiments[i]);
			c.options.n_models = 0;
			add_model(&c, "alias", models[m]);
			c.options.reference = "alias";
			assert_true(count(experiments[i], &c) > 0 || serial);
		}
	}
}

static void test_one_number_of_workers(void **state)
{
	static const uint32_t numbers[] = {1, 2, 3, JOB_MAX_WORKERS};
	struct choice c;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		for (size_t k = 0; k < ARRAY_LEN(numbers); k++) {
			choose(&c, experiments[i]);
			c.workers[0] = numbers[k];
			c.options.n_workers = 1;
			c.options.thorough = true;
			assert_true(count(experiments[i], &c) > 0);
		}
	}
}

/* Only one processor, really: all places are the same. */
static void test_one_processor(void **state)
{
	struct choice c;
	cpu_set_t all, one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	for (size_t i = 0; i < n_experiments; i++) {
		choose(&c, experiments[i]);
		c.options.processors = 1;
		c.options.n_workers = 2;
		assert_true(count(experiments[i], &c) > 0);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* No task is small enough, no model works: nothing to measure, no crash. */
static void test_nothing_works(void **state)
{
	struct choice c;

	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		choose(&c, experiments[i]);
		c.fake.size_per_us = 0;
		(void)count(experiments[i], &c);
		choose(&c, experiments[i]);
		c.fake.capacity = 0;
		(void)count(experiments[i], &c);
	}
}

/* A name must not mean two things. */
static void test_own_models(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_experiments; i++) {
		const struct model *const *own = experiments[i]->own_models;

		for (size_t k = 0; own && own[k]; k++) {
			assert_null(model_find(own[k]->name));
			assert_non_null(strchr(own[k]->name, ':'));
			for (size_t j = 0; j < k; j++)
				assert_string_not_equal(own[j]->name,
							own[k]->name);
		}
	}
}

static void test_check(void **state)
{
	const struct experiment *e = experiment_find("check");
	struct choice c;
	struct plan plan;

	(void)state;
	choose(&c, e);
	c.models[1].extra_ppm = 70000;
	c.models[1].name = "slow";
	c.options.reference = "slow";
	plan = make(e, &c);
	assert_int_equal(plan.n, 2);
	assert_string_equal(plan.cells[0].model, "slow");
	assert_string_equal(plan.cells[1].model, "slow:again");
	assert_int_equal(plan.cells[0].workers, 2);
	assert_int_equal(plan.cells[0].extra_ppm, 70000);
	/* Nothing but the name is different. */
	memset(plan.cells[0].model, 0, sizeof(plan.cells[0].model));
	memset(plan.cells[1].model, 0, sizeof(plan.cells[1].model));
	assert_memory_equal(&plan.cells[0], &plan.cells[1],
			    sizeof(*plan.cells));
	plan_done(&plan);
	c.models[1].name = "a-name-of-one-and-thirty-bytes-";
	c.options.reference = c.models[1].name;
	plan = make(e, &c);
	assert_string_equal(plan.cells[1].model,
			    "a-name-of-one-and-thirty-:again");
	plan_done(&plan);
}

static void test_granularity(void **state)
{
	const struct experiment *e = experiment_find("granularity");
	struct choice c;
	struct plan plan;

	(void)state;
	choose(&c, e);
	assert_int_equal(count(e, &c), 4 * n_models);
	c.options.thorough = true;
	c.fake.sizes_asked = 0;
	plan = make(e, &c);
	assert_int_equal(plan.n, 14 * n_models);
	assert_int_equal(c.fake.sizes_asked, 14);
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *cell = &plan.cells[i];
		uint64_t task_ns = cell->size / 7 * NS_PER_US;
		bool serial = strcmp(cell->model, "serial") == 0;

		assert_int_equal(cell->workers, serial ? 1 : 2);
		assert_true(cell->window_ns >= 20 * task_ns);
		assert_true(cell->window_ns >= 40 * NS_PER_MS);
		assert_true(cell->window_ns <= NS_PER_S);
	}
	plan_done(&plan);

	/* One size is the next to all times up to 100 µs: one point. */
	c.fake.unit = 700;
	assert_int_equal(count(e, &c), 9 * n_models);
}

/* How many of the cells of @plan with @model are pinned as @pin says. */
static size_t count_pinned(const struct plan *plan, const char *model,
			   const char *pin)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		n += strcmp(plan->cells[i].model, model) == 0 &&
		     strcmp(plan->cells[i].pin, pin) == 0;
	return n;
}

/* The first processor of policy compact, as a list. */
static const char *first_cpu(char text[16])
{
	struct placement *p;

	assert_int_equal(placement_plan("compact", 1, NULL, &p), 0);
	snprintf(text, 16, "%d", placement_cpu(p, 0));
	placement_free(p);
	return text;
}

static void test_placement(void **state)
{
	const struct experiment *e = experiment_find("placement");
	struct choice c;
	struct plan plan;
	char one[16];

	(void)state;
	choose(&c, e);
	/* More workers than there are processors have no place alone. */
	c.options.processors = 4;
	plan = make(e, &c);
	assert_int_equal(count_pinned(&plan, "pool", "compact"), 2);
	assert_int_equal(count_pinned(&plan, "pool", "none"), 2);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		assert_int_equal(count_pinned(&plan, "pool", first_cpu(one)),
				 2);
	for (size_t i = 0; i < plan.n; i++) {
		assert_string_not_equal(plan.cells[i].model, "serial");
		assert_int_equal(plan.cells[i].workers, 4);
	}
	plan_done(&plan);

	/* The user's own list comes first, and names what is the same. */
	c.options.pin = first_cpu(one);
	c.options.n_workers = 1;
	plan = make(e, &c);
	assert_string_equal(plan.cells[0].pin, one);
	assert_int_equal(plan.n, 2 * 2 * (n_models - 1));
	assert_int_equal(count_pinned(&plan, "pool", one), 2);
	assert_int_equal(count_pinned(&plan, "pool", "none"), 2);
	plan_done(&plan);

	c.options.pin = "no-such-policy";
	assert_int_equal(e->add(&c.options, &plan), -EINVAL);
	assert_int_equal(plan.n, 0);
}

/* How many cells of @plan run @model in a parent of @mib. */
static size_t count_probes(const struct plan *plan, const char *model,
			   uint64_t mib, uint32_t huge)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct cell_spec *c = &plan->cells[i];

		n += strcmp(c->model, model) == 0 && c->workers == 1 &&
		     c->depth == 1 && c->ballast_bytes == mib << 20 &&
		     c->ballast_huge == huge;
	}
	return n;
}

/* Of "/proc/meminfo". */
static uint64_t available_mib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char line[128];

	assert_non_null(f);
	while (kib == 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "MemAvailable:", 13) == 0)
			kib = strtoull(line + 13, NULL, 10);
	}
	assert_int_equal(fclose(f), 0);
	return kib / 1024;
}

static void test_startup_probes(void **state)
{
	const struct experiment *e = experiment_find("startup");
	uint64_t mib = available_mib();
	struct choice c;
	struct plan plan;

	(void)state;
	choose(&c, e);
	for (int thorough = 0; thorough <= 1; thorough++) {
		c.options.thorough = thorough;
		plan = make(e, &c);
		for (size_t i = 0; e->own_models[i]; i++) {
			const char *name = e->own_models[i]->name;

			assert_int_equal(count_probes(&plan, name, 0, 0), 1);
			assert_int_equal(count_probes(&plan, name, 0, 1), 0);
			/* What is available changes while we look. */
			if (mib > 8 * 64)
				assert_int_equal(
					count_probes(&plan, name, 64, 0), 1);
			if (mib > 8 * 1024)
				assert_int_equal(
					count_probes(&plan, name, 1024, 1),
					thorough);
			if (mib < 2 * 1024)
				assert_int_equal(
					count_probes(&plan, name, 1024, 0), 0);
		}
		plan_done(&plan);
	}
}

static void test_startup_models(void **state)
{
	const struct experiment *e = experiment_find("startup");
	struct choice c;
	struct plan plan;
	uint64_t seen = 0;
	size_t serial = 0;

	(void)state;
	choose(&c, e);
	c.options.n_workers = 2; /* 1 and 2: the focus is 2 */
	c.options.processors = 3;
	plan = make(e, &c);
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *cell = &plan.cells[i];

		/* Room for some forks, however many pages they copy. */
		assert_true(cell->window_ns >= cell->ballast_bytes);
		assert_true(cell->window_ns <= 2 * NS_PER_S);
		serial += strcmp(cell->model, "serial") == 0;
		if (strcmp(cell->model, "pool") != 0)
			continue;
		assert_int_equal(cell->ballast_bytes, 0);
		assert_int_equal(cell->rank,
				 cell->workers == 2 ? RANK_MAIN : RANK_DETAIL);
		seen = 10 * seen + cell->workers;
	}
	assert_int_equal(seen, 126);
	assert_int_equal(serial, 1);
	plan_done(&plan);
}

/* Each carrier with the same sizes, whatever the user chose. */
static void test_payload(void **state)
{
	const struct experiment *e = experiment_find("payload");
	struct choice c;
	struct plan plan;
	size_t n_sizes = 0, n_own = 0;

	(void)state;
	choose(&c, e);
	plan = make(e, &c);
	while (e->own_models[n_own])
		n_own++;
	for (size_t i = 0; i < plan.n; i++) {
		const struct cell_spec *cell = &plan.cells[i];
		size_t like_it = 0;

		assert_int_equal(cell->workers, 1);
		assert_int_equal(cell->depth, 1);
		assert_int_equal(strncmp(cell->runs, "carry:", 6), 0);
		assert_string_equal(cell->model, cell->runs);
		for (size_t k = 0; k < plan.n; k++)
			like_it += cell->size == plan.cells[k].size &&
				   cell->rank == plan.cells[k].rank;
		assert_int_equal(like_it, n_own);
		n_sizes += strcmp(cell->runs, "carry:pipe") == 0;
	}
	assert_int_equal(plan.n, n_own * n_sizes);
	assert_int_equal(plan.cells[0].size, 0);
	assert_int_equal(plan.cells[plan.n - 1].size, 4 << 20);
	plan_done(&plan);

	/* No other workload has bytes to bring. */
	c.options.n_workloads = 0;
	add_workload(&c, "primes");
	add_workload(&c, "walk");
	plan = make(e, &c);
	assert_int_equal(plan.n, n_own * n_sizes);
	for (size_t i = 0; i < plan.n; i++)
		assert_string_equal(plan.cells[i].workload, "bytes");
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_one_model),
		cmocka_unit_test(test_one_number_of_workers),
		cmocka_unit_test(test_one_processor),
		cmocka_unit_test(test_nothing_works),
		cmocka_unit_test(test_own_models),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_granularity),
		cmocka_unit_test(test_placement),
		cmocka_unit_test(test_startup_probes),
		cmocka_unit_test(test_startup_models),
		cmocka_unit_test(test_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
