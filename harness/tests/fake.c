#include "harness/tests/fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/fifo.h"

struct fake_seen fake_seen;
const struct job *fake_job;

static struct fake_script script;

static struct {
	struct worker self;
	struct fifo tasks;
} fake;

static int fake_open(const struct job *job, void **ret)
{
	if (script.open_fails)
		return -script.open_fails;
	fake_job = job;
	fake.self = (struct worker){0};
	assert_int_equal(
		fifo_init(&fake.tasks, job_capacity(job), sizeof(struct task)),
		0);
	assert_int_equal(
		sched_getaffinity(0, sizeof(cpu_set_t), &fake_seen.open_on), 0);
	fake_seen.opened++;
	*ret = &fake;
	return 0;
}

static int fake_submit(void *model, const struct task *tasks, size_t n)
{
	assert_ptr_equal(model, &fake);
	if (script.submit_fails &&
	    fake_seen.submitted + 1 >= script.submit_fails)
		return -EIO;
	if (fake.tasks.n + script.less >= job_capacity(fake_job)) {
		fake_seen.full++;
		return 0;
	}
	/* Never more than there is room for, at times less than that. */
	assert_in_range(n, 1, job_capacity(fake_job) - fake.tasks.n);
	n = script.batches ? n : 1;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fifo_put(&fake.tasks, &tasks[i]), 0);
	fake_seen.submitted += n;
	fake_seen.n_submits++;
	return (int)n;
}

static int to_spoil(uint64_t number)
{
	if (script.only == FAKE_ALL)
		return 1;
	return script.only ? number == script.only : number % 10 == 0;
}

/* All there is, the last one first. */
static int reap_batch(struct completion *ret, size_t max)
{
	size_t n = fake.tasks.n < max ? fake.tasks.n : max;
	struct task task;

	for (size_t i = n; i > 0; i--) {
		assert_int_equal(fifo_take(&fake.tasks, &task), 1);
		fake.self.index =
			(uint32_t)(fake_seen.answered++ % fake_job->workers);
		task_run(fake_job, &fake.self, &task, 0, &ret[i - 1]);
	}
	return (int)n;
}

static int fake_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		     size_t max)
{
	struct task task;
	uint64_t number = fake_seen.answered + 1;

	assert_ptr_equal(model, &fake);
	assert_true(max >= 2);
	if (script.reap_fails && number > script.reap_fails)
		return -EIO;
	if (script.batches && fake.tasks.n > 0)
		return reap_batch(ret, max);
	if (!fifo_take(&fake.tasks, &task)) {
		clock_sleep_until(deadline_ns);
		return 0;
	}
	fake_seen.answered++;
	if (script.lose == FAKE_ALL || script.lose == number)
		return 0;
	/* The workers take turns. */
	fake.self.index = (uint32_t)(number % fake_job->workers);
	task_run(fake_job, &fake.self, &task, 0, ret);
	if (script.spoil && to_spoil(number)) {
		script.spoil(ret);
		fake_seen.spoiled++;
	}
	if (script.twice != number)
		return 1;
	ret[1] = ret[0];
	return 2;
}

static void fake_close(void *model)
{
	assert_ptr_equal(model, &fake);
	fifo_done(&fake.tasks);
	fake_seen.closed++;
}

static void fake_count(void *model, struct model_counts *ret)
{
	assert_ptr_equal(model, &fake);
	assert_int_equal(fake_seen.closed, 0);
	*ret = script.counts;
}

const struct model model_fake = {
	.name = "fake",
	.summary = "lies when told to",
	.traits = MODEL_THREAD,
	.open = fake_open,
	.submit = fake_submit,
	.reap = fake_reap,
	.close = fake_close,
	.count = fake_count,
};

static uint64_t grind(uint64_t size, uint64_t seed)
{
	uint64_t x = seed;

	for (uint64_t i = 0; i < 400 * size; i++)
		x = mix64(x);
	return x;
}

const struct workload fake_grinding = {
	.name = "grinding",
	.summary = "mixes",
	.size_unit = "us",
	.default_size = 1000,
	.run = grind,
};

static uint64_t nap(uint64_t size, uint64_t seed)
{
	clock_sleep_until(clock_ns() + size);
	return seed;
}

const struct workload fake_napping = {
	.name = "napping",
	.summary = "sleeps",
	.size_unit = "ns",
	.default_size = 1000000,
	.run = nap,
};

const struct slice_timing fake_timing = {
	.settle_ns = 2 * NS_PER_MS,
	.window_ns = 10 * NS_PER_MS,
	.timeout_ns = 30 * NS_PER_S,
};

struct cell_spec fake_cell(const char *pin)
{
	struct cell_spec c = {.size = 5, .workers = 2, .depth = 2};

	strcpy(c.experiment, "testing");
	strcpy(c.model, "fake");
	strcpy(c.runs, "fake");
	strcpy(c.workload, "grinding");
	strcpy(c.pin, pin);
	return c;
}

static uint64_t sum_of_ends(const struct slice_result *r)
{
	uint64_t sum = 0;

	for (int i = 0; i < TASK_ENDS; i++)
		sum += r->ended[i];
	return sum;
}

struct slice_result fake_slice(const struct cell_spec *cell,
			       const struct workload *workload,
			       const struct slice_timing *timing,
			       struct fake_script what)
{
	struct slice_result r;
	cpu_set_t old;

	script = what;
	memset(&fake_seen, 0, sizeof(fake_seen));
	assert_int_equal(sched_getaffinity(0, sizeof(old), &old), 0);
	assert_int_equal(slice_run(cell, &model_fake, workload, timing,
				   &script.choice, &r),
			 0);
	assert_int_equal(sched_setaffinity(0, sizeof(old), &old), 0);
	return r;
}

struct slice_result fake_run(struct fake_script what)
{
	struct cell_spec c = fake_cell("none");
	struct slice_timing timing = fake_timing;
	struct slice_result r;
	uint64_t phases = 0;

	if (what.timeout_ns)
		timing.timeout_ns = what.timeout_ns;
	r = fake_slice(&c, &fake_grinding, &timing, what);

	assert_int_equal(fake_seen.opened, fake_seen.closed);
	assert_int_equal(r.submitted, fake_seen.submitted);
	assert_int_equal(sum_of_ends(&r), r.submitted);
	assert_int_equal(r.ended[TASK_LOST], 0);
	assert_non_null(r.latency);
	assert_int_equal(r.latency->n, r.tasks);
	assert_true(r.tasks <= r.ended[TASK_OK]);
	for (int i = 0; i < PHASES; i++)
		phases += r.phase_sum_ns[i];
	assert_int_equal(phases, r.latency->sum);
	return r;
}
