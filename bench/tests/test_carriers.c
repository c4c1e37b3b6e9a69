/*
 * The carriers of experiment `payload': every byte arrives and comes back, in
 * every size, and a worker that dies with half of them leaves nothing behind.
 * What they promise as models is checked with all others.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiments/payload_carriers.h"
#include "bench/experiments/payload_carry.h"
#include "bench/tests/kit.h"
#include "bench/workloads/bytes.h"
#include "harness/base.h"

#define KIB 1024
#define MIB (1024 * KIB)

/* Expect the bytes of every slot to be those of the last task there. */
static void expect_bytes(const struct kit_load *l)
{
	const struct carry *c = l->handle;
	char *want = malloc(c->n_bytes + 8);

	CHECK(want);
	KIT_EQUAL(c->n_bytes, l->job.size);
	for (uint32_t i = 0; i < job_capacity(&l->job); i++) {
		const struct carry_lane *lane = &c->lanes[i / l->job.depth];
		uint32_t slot = i % l->job.depth;

		bytes_make(want, c->n_bytes, lane->orders[slot].seed);
		KIT_EXPECT(memcmp(want, carry_slot(lane, slot)->bytes,
				  c->n_bytes) == 0);
	}
	free(want);
}

static void check_size(const struct model *model, uint64_t size, size_t n)
{
	for (uint32_t depth = 1; depth <= 4; depth += 3) {
		struct kit_load l =
			kit_load(model, &workload_bytes, size, 2, depth);
		struct kit_census before;

		kit_note("%d bytes, depth %d", (int)size, (int)depth);
		kit_count(&before);
		kit_open(&l);
		kit_drive_ok(&l, n);
		expect_bytes(&l);
		kit_close(&l);
		kit_expect_as(&before);
	}
}

static void check_sizes(const struct model *model)
{
	/* With and without a rest, around what pipes and buffers hold. */
	static const uint64_t sizes[] = {
		0,
		1,
		7,
		8,
		63,
		64,
		1 * KIB,
		4 * KIB,
		16 * KIB,
		64 * KIB - 129,
		64 * KIB - 128,
		64 * KIB - 127,
		64 * KIB,
		64 * KIB + 1,
		256 * KIB,
	};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		check_size(model, sizes[i], 50);
	check_size(model, 1 * MIB, 20);
	check_size(model, 4 * MIB + 3, 20);
}

/* More work by a known share is more work on the same bytes. */
static void check_twice(const struct model *model)
{
	struct kit_load l = kit_load(model, &workload_bytes, 1000, 2, 2);

	l.job.extra_ppm = 500000;
	kit_open(&l);
	kit_drive_ok(&l, 100);
	expect_bytes(&l);
	kit_close(&l);
}

/* More than anybody may want, and more than there is. */
static void check_too_large(const struct model *model)
{
	static const uint64_t sizes[] = {UINT64_C(1) << 30, INT64_MAX};
	struct kit_census before;

	kit_count(&before);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct kit_load l =
			kit_load(model, &workload_bytes, sizes[i], 1, 1);

		KIT_EQUAL(model->open(&l.job, &l.handle), -EMSGSIZE);
	}
	kit_expect_as(&before);
}

static pid_t only_child(void)
{
	pid_t pid;

	KIT_EQUAL(kit_children(&pid, 1), 1);
	return pid;
}

/*
 * The worker is stopped, so of 4 MiB only what fits into the kernel is on its
 * way; and then it is killed.  The next one does better.
 */
static void check_killed_halfway(const struct model *model)
{
	for (uint32_t depth = 1; depth <= 4; depth += 3) {
		struct kit_load l =
			kit_load(model, &workload_bytes, 4 * MIB, 1, depth);
		struct task task = {.id = 7, .seed = 3};
		struct kit_census before;
		struct completion c;
		pid_t pid;
		int r;

		kit_count(&before);
		kit_open(&l);
		pid = only_child();
		KIT_EQUAL(kill(pid, SIGSTOP), 0);
		KIT_EQUAL(model->submit(l.handle, &task, 1), 1);
		KIT_EQUAL(model->reap(l.handle, clock_ns() + NS_PER_MS, &c, 1),
			  0);
		KIT_EQUAL(kill(pid, SIGKILL), 0);
		r = model->reap(l.handle, clock_ns() + 60 * NS_PER_S, &c, 1);
		KIT_EQUAL(r, 1);
		KIT_EQUAL(c.id, 7);
		KIT_EQUAL(c.status, TASK_STATUS(TASK_SIGNAL, SIGKILL));
		kit_drive_ok(&l, 10);
		expect_bytes(&l);
		kit_close(&l);
		kit_expect_as(&before);
	}
}

/* A stopped worker that never takes its bytes is late, like any other. */
static void check_late_halfway(const struct model *model)
{
	struct kit_load l = kit_load(model, &workload_bytes, 4 * MIB, 1, 2);
	struct task task = {.id = 7, .seed = 3};
	struct completion c;

	l.job.run_limit_ns = 20 * NS_PER_S;
	kit_open(&l);
	kit_drive_ok(&l, 2);
	kit_close(&l);
	l.job.run_limit_ns = NS_PER_MS;
	kit_open(&l);
	KIT_EQUAL(kill(only_child(), SIGSTOP), 0);
	KIT_EQUAL(model->submit(l.handle, &task, 1), 1);
	KIT_EQUAL(model->reap(l.handle, clock_ns() + 60 * NS_PER_S, &c, 1), 1);
	KIT_EQUAL(c.status, TASK_STATUS(TASK_TIMEOUT, 0));
	kit_close(&l);
}

/* Submit what fits, then take what there is until @until_ns.  How many. */
static size_t go_on(struct kit_load *l, size_t *submitted, uint64_t until_ns)
{
	struct completion c;
	size_t n = 0;

	do {
		struct task task = {.id = *submitted, .seed = *submitted};

		while (l->model->submit(l->handle, &task, 1) == 1) {
			*submitted += 1;
			task.id = task.seed = *submitted;
		}
		if (l->model->reap(l->handle, until_ns, &c, 1) == 0)
			continue;
		n++;
		if (c.status == TASK_STATUS(TASK_OK, 0))
			kit_expect_digest(l, c.id, &c);
		else
			KIT_EQUAL(c.status, TASK_STATUS(TASK_SIGNAL, SIGKILL));
	} while (clock_ns() < until_ns);
	return n;
}

/* Killed at random moments: in a send, in a receive, in a task, asleep. */
static void check_killed_anywhere(const struct model *model)
{
	struct kit_load l = kit_load(model, &workload_bytes, 200 * KIB, 2, 3);
	struct rng rng = {.state = 1};
	struct kit_census before;
	size_t submitted = 0, ended = 0;
	struct kit_answer a[20];

	kit_count(&before);
	kit_open(&l);
	for (int i = 0; i < 40; i++) {
		uint64_t us = 100 + rng_below(&rng, 3000);
		pid_t pids[2];
		size_t n;

		ended += go_on(&l, &submitted, clock_ns() + us * NS_PER_US);
		n = kit_children(pids, ARRAY_LEN(pids));
		if (n > 0)
			KIT_EQUAL(kill(pids[rng_below(&rng, n)], SIGKILL), 0);
	}
	while (ended < submitted) {
		struct completion c;
		int r = l.model->reap(l.handle, clock_ns() + 60 * NS_PER_S, &c,
				      1);

		KIT_EQUAL(r, 1);
		ended++;
	}
	/* The last that was killed may have been idle: then a task finds out. */
	KIT_EQUAL(kit_drive(&l, ARRAY_LEN(a), NULL, a), 0);
	kit_drive_ok(&l, 20);
	expect_bytes(&l);
	kit_close(&l);
	kit_expect_as(&before);
}

static const struct kit_property properties[] = {
	{"brings all bytes there and back", check_sizes, 0},
	{"does more work on the same bytes", check_twice, 0},
	{"refuses more bytes than there can be", check_too_large, 0},
	{"outlives a worker killed halfway", check_killed_halfway,
	 MODEL_PROCESS},
	{"notices a worker that takes no bytes", check_late_halfway,
	 MODEL_PROCESS},
	{"outlives workers killed anywhere", check_killed_anywhere,
	 MODEL_PROCESS},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	return kit_main_of(payload_carriers, properties, ARRAY_LEN(properties));
}
