#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/fault.h"

/* How long a model may keep us waiting for one more answer. */
#define ANSWER_LIMIT_NS (60 * NS_PER_S)

static uint64_t mix_run(uint64_t size, uint64_t seed)
{
	uint64_t x = seed;

	for (uint64_t i = 0; i < size; i++)
		x = mix64(x);
	return x;
}

const struct workload kit_mix = {
	.name = "mix",
	.summary = "mix64() again and again",
	.size_unit = "rounds",
	.default_size = 100000,
	.run = mix_run,
};

static uint64_t nap_run(uint64_t size, uint64_t seed)
{
	clock_sleep_until(clock_ns() + size);
	return mix64(seed);
}

const struct workload kit_nap = {
	.name = "nap",
	.summary = "sleeps",
	.size_unit = "ns",
	.default_size = 1000000,
	.run = nap_run,
};

static uint64_t crash_run(uint64_t size, uint64_t seed)
{
	switch (seed % 8) {
	case KIT_CRASH_ABORT:
		abort();
	case KIT_CRASH_KILL:
		(void)kill(getpid(), SIGKILL);
		break;
	case KIT_CRASH_EXIT_7:
		_exit(7);
	case KIT_CRASH_EXIT_0:
		_exit(0);
	default:
		break;
	}
	return mix_run(size, seed);
}

const struct workload kit_crash = {
	.name = "crash",
	.summary = "ends its worker if the seed says so",
	.size_unit = "rounds",
	.default_size = 100,
	.run = crash_run,
};

static uint64_t fail_run(uint64_t size, uint64_t seed)
{
	task_fail((int32_t)seed);
	return mix_run(size, seed);
}

const struct workload kit_fail = {
	.name = "fail",
	.summary = "fails as the seed says",
	.size_unit = "rounds",
	.default_size = 10,
	.run = fail_run,
};

static _Noreturn void hang_busy(void)
{
	for (uint64_t x = 0;; x++)
		__asm__("" : "+r"(x)); /* or there would be nothing to do */
}

static _Noreturn void hang_asleep(void)
{
	for (;;)
		(void)pause();
}

static uint64_t hang_run(uint64_t size, uint64_t seed)
{
	switch (seed % 8) {
	case KIT_HANG_BUSY:
		hang_busy();
	case KIT_HANG_STOPPED:
		(void)raise(SIGSTOP);
		hang_asleep(); /* should somebody wake it up */
	case KIT_HANG_WITH_CHILD:
		CHECK(fork() >= 0);
		hang_asleep();
	case KIT_HANG_ASLEEP:
		hang_asleep();
	default:
		return mix_run(size, seed);
	}
}

const struct workload kit_hang = {
	.name = "hang",
	.summary = "never ends if the seed says so",
	.size_unit = "rounds",
	.default_size = 100,
	.run = hang_run,
};

static const struct workload *find_workload(const char *name)
{
	static const struct workload *const own[] = {
		&kit_mix, &kit_nap, &kit_crash, &kit_hang, &kit_fail};
	const struct workload *faulty;

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (strcmp(own[i]->name, name) == 0)
			return own[i];
	}
	faulty = fault_workload(name, find_workload);
	return faulty ? faulty : require_workload(name);
}

void kit_begin(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "task") == 0)
		exit(task_main(argc - 1, argv + 1, find_workload));
}

struct kit_load kit_load(const struct model *model,
			 const struct workload *workload, uint64_t size,
			 uint32_t workers, uint32_t depth)
{
	struct kit_load l;

	if (model->traits & MODEL_SERIAL)
		workers = 1;
	kit_note("%u workers, depth %u", workers, depth);
	l = (struct kit_load){
		.model = model,
		.job =
			{
				.workload = workload,
				.size = size,
				.workers = workers,
				.depth = depth,
				.open_limit_ns = 30 * NS_PER_S,
			},
	};
	model_standard(model, l.job.settings);
	return l;
}

uint32_t kit_capacity(const struct kit_load *l)
{
	return job_capacity(&l->job);
}

void kit_open(struct kit_load *l)
{
	KIT_EQUAL(l->model->open(&l->job, &l->handle), 0);
}

void kit_close(struct kit_load *l)
{
	l->model->close(l->handle);
	l->handle = NULL;
}

uint64_t kit_id(size_t i)
{
	return mix64(i);
}

/* Which task is in flight as @id; all before @first have been answered. */
static size_t find(const struct kit_answer *answers, size_t first, size_t n,
		   uint64_t id)
{
	for (size_t i = first; i < n; i++) {
		if (kit_id(i) == id) {
			KIT_EQUAL(answers[i].n, 0);
			return i;
		}
	}
	kit_failed("an answer to a task in flight", __FILE__, __LINE__);
}

/* Take some answers to tasks @first … @n - 1.  How many, or -errno. */
static int take(struct kit_load *l, size_t first, size_t n,
		struct kit_answer *ret)
{
	struct completion some[5];
	uint64_t deadline_ns = clock_ns() + ANSWER_LIMIT_NS;
	int r = l->model->reap(l->handle, deadline_ns, some, ARRAY_LEN(some));

	KIT_EXPECT(r != 0); /* this is longer than anything may take */
	for (int i = 0; i < r; i++) {
		size_t k = find(ret, first, n, some[i].id);

		KIT_EXPECT(some[i].worker < l->job.workers);
		ret[k].done_ns = clock_ns();
		ret[k].n++;
		ret[k].c = some[i];
	}
	return r;
}

/*
 * Hand over tasks from @sent on, in batches of one size after the other, while
 * they are taken, up to @n.  Up to which, or -errno.
 */
static int send(struct kit_load *l, size_t sent, size_t n,
		const uint64_t *seeds, struct kit_answer *ret)
{
	struct task batch[5];
	uint64_t now_ns;
	int r = 1;

	while (r > 0 && sent < n) {
		size_t k = sent % ARRAY_LEN(batch) + 1;

		if (k > n - sent)
			k = n - sent;
		for (size_t i = 0; i < k; i++)
			batch[i] = (struct task){
				.id = kit_id(sent + i),
				.seed = seeds ? seeds[sent + i] : sent + i + 1,
			};
		now_ns = clock_ns();
		r = l->model->submit(l->handle, batch, k);
		KIT_EXPECT(r <= (int)k);
		for (int i = 0; i < r; i++)
			ret[sent++].submit_ns = now_ns;
	}
	return r < 0 ? r : (int)sent;
}

int kit_drive(struct kit_load *l, size_t n, const uint64_t *seeds,
	      struct kit_answer *ret)
{
	size_t sent = 0, answered = 0, first = 0;
	int failed = 0, r;

	for (size_t i = 0; i < n; i++)
		ret[i] = (struct kit_answer){0};
	while (answered < (failed ? sent : n)) {
		if (!failed) {
			r = send(l, sent, n, seeds, ret);
			if (r < 0)
				failed = r;
			while (sent < n && ret[sent].submit_ns > 0)
				sent++;
		}
		if (answered == sent) {
			KIT_EXPECT(failed); /* an empty model is not full */
			continue;
		}
		r = take(l, first, sent, ret);
		if (r < 0)
			return r;
		answered += (size_t)r;
		while (first < sent && ret[first].n > 0)
			first++;
	}
	return failed;
}

void kit_expect_digest(const struct kit_load *l, uint64_t seed,
		       const struct completion *c)
{
	/* What nap digests has nothing to do with how long it sleeps. */
	uint64_t size = l->job.workload == &kit_nap ? 0 : l->job.size;

	KIT_EQUAL(c->digest, l->job.workload->run(size, seed));
}

void kit_survive(struct kit_load *l, uint64_t *seeds, size_t n,
		 void (*expect)(struct kit_load *l, const uint64_t *seeds,
				int shared),
		 int shared)
{
	struct kit_census before;

	kit_count(&before);
	kit_open(l);
	expect(l, seeds, shared);
	for (size_t i = 0; i < n; i++)
		seeds[i] = 8 * i;
	expect(l, seeds, 0);
	kit_close(l);
	kit_expect_as(&before);
}

void kit_drive_ok(struct kit_load *l, size_t n)
{
	struct kit_answer *answers = calloc(n, sizeof(*answers));

	CHECK(answers);
	KIT_EQUAL(kit_drive(l, n, NULL, answers), 0);
	for (size_t i = 0; i < n; i++) {
		KIT_EQUAL(answers[i].n, 1);
		KIT_EQUAL(answers[i].c.status, TASK_STATUS(TASK_OK, 0));
		kit_expect_digest(l, i + 1, &answers[i].c);
	}
	free(answers);
}
