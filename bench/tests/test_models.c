/*
 * What every model of the registry does in fair weather: answers, limits,
 * deadlines, places, and nothing left behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/placement.h"

/* Widths and depths that every property of answers is checked with. */
#define MAX_WORKERS 3
static const uint32_t depths[] = {1, 3}; /* 3 is no power of two */

/* Call @check with an open model of each shape. */
static void in_all_shapes(const struct model *model,
			  const struct workload *workload, uint64_t size,
			  void (*check)(struct kit_load *l))
{
	uint32_t last = model->traits & MODEL_SERIAL ? 1 : MAX_WORKERS;

	for (uint32_t workers = 1; workers <= last; workers++) {
		for (size_t i = 0; i < ARRAY_LEN(depths); i++) {
			struct kit_load l = kit_load(model, workload, size,
						     workers, depths[i]);
			struct kit_census before;

			kit_count(&before);
			kit_open(&l);
			check(&l);
			kit_close(&l);
			kit_expect_as(&before);
		}
	}
}

/* Several times as many as any shape takes at once. */
static void drive_40(struct kit_load *l)
{
	kit_drive_ok(l, 40);
}

static void check_answers(const struct model *model)
{
	in_all_shapes(model, &kit_mix, 100, drive_40);
}

/* Fewer where each is a new worker, or a new program with a sanitiser in it. */
static void check_many_answers(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 100, 2, 2);
	size_t n = model->traits & MODEL_PROGRAM    ? 100
		   : model->traits & MODEL_PER_TASK ? 500
						    : 2000;

	kit_open(&l);
	kit_drive_ok(&l, n);
	kit_close(&l);
}

static void expect_order(struct kit_load *l)
{
	struct kit_answer a[20];
	int per_task = l->model->traits & MODEL_PER_TASK;

	KIT_EQUAL(kit_drive(l, ARRAY_LEN(a), NULL, a), 0);
	for (size_t i = 0; i < ARRAY_LEN(a); i++) {
		const struct completion *c = &a[i].c;

		KIT_EXPECT(a[i].submit_ns > 0);
		KIT_EXPECT(a[i].submit_ns <= c->start_ns);
		KIT_EXPECT(c->start_ns <= c->end_ns);
		KIT_EXPECT(c->end_ns <= a[i].done_ns);
		KIT_EXPECT(c->end_ns - c->start_ns >= l->job.size);
		KIT_EQUAL(c->created_ns != 0, per_task != 0);
		if (per_task) {
			KIT_EXPECT(a[i].submit_ns <= c->created_ns);
			KIT_EXPECT(c->created_ns <= c->start_ns);
		}
		KIT_EXPECT(c->cpu >= 0);
		KIT_EQUAL(c->bind_errno, 0);
	}
}

static void check_times(const struct model *model)
{
	in_all_shapes(model, &kit_nap, 100 * NS_PER_US, expect_order);
}

/*
 * Drive until each has answered: that is what this test waits for.  Where
 * chance may leave a worker idle, it is enough that there is one that is not.
 */
static void expect_all_busy(struct kit_load *l)
{
	uint32_t seen[MAX_WORKERS] = {0}, n_seen = 0;
	uint32_t least = l->model->traits & MODEL_UNEVEN ? 1 : l->job.workers;

	while (n_seen < least) {
		struct kit_answer a[12];

		KIT_EQUAL(kit_drive(l, ARRAY_LEN(a), NULL, a), 0);
		for (size_t i = 0; i < ARRAY_LEN(a); i++)
			n_seen += seen[a[i].c.worker]++ == 0;
	}
}

static void check_all_busy(const struct model *model)
{
	in_all_shapes(model, &kit_nap, NS_PER_MS, expect_all_busy);
}

/* A workload that waits for somebody else may fail and live. */
static void expect_failures(struct kit_load *l)
{
	static const int32_t statuses[] = {
		TASK_STATUS(TASK_EXIT, 7),      TASK_STATUS(TASK_OK, 0),
		TASK_STATUS(TASK_SIGNAL, 9),    TASK_STATUS(TASK_TIMEOUT, 0),
		TASK_STATUS(TASK_START, EPERM), TASK_STATUS(TASK_PROTOCOL, 0),
		TASK_STATUS(TASK_OK, 0),
	};
	uint64_t seeds[ARRAY_LEN(statuses)];
	struct kit_answer a[ARRAY_LEN(statuses)];

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		seeds[i] = (uint64_t)statuses[i];
	KIT_EQUAL(kit_drive(l, ARRAY_LEN(statuses), seeds, a), 0);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		KIT_EQUAL(a[i].c.status, statuses[i]);
		KIT_EXPECT(a[i].c.start_ns > 0);
	}
}

static void check_failures(const struct model *model)
{
	in_all_shapes(model, &kit_fail, 10, expect_failures);
}

/* Submit until the model is full, ids and seeds from @first on. */
static void fill(struct kit_load *l, size_t first)
{
	struct task task;

	for (size_t i = first; i < first + kit_capacity(l); i++) {
		task = (struct task){.id = kit_id(i), .seed = i};
		KIT_EQUAL(l->model->submit(l->handle, &task, 1), 1);
	}
	task = (struct task){.id = kit_id(first + kit_capacity(l)), .seed = 1};
	KIT_EQUAL(l->model->submit(l->handle, &task, 1), 0);
}

/* Take one answer with room for one only. */
static void take_one(struct kit_load *l)
{
	struct completion some[2];
	int r;

	memset(some, 0x5a, sizeof(some));
	do
		r = l->model->reap(l->handle, clock_ns() + NS_PER_S, some, 1);
	while (r == 0);
	KIT_EQUAL(r, 1);
	KIT_EQUAL(some[0].status, TASK_STATUS(TASK_OK, 0));
	for (size_t i = 0; i < sizeof(some[1]); i++)
		KIT_EQUAL(((const char *)&some[1])[i], 0x5a);
}

static void expect_full(struct kit_load *l)
{
	struct task task = {.id = kit_id(1000), .seed = 1};
	struct completion none;

	fill(l, 0);
	/* Finished or not: a task is in flight until it is reaped. */
	for (int i = 0; i < 3; i++) {
		take_one(l);
		KIT_EQUAL(l->model->submit(l->handle, &task, 1), 1);
		KIT_EQUAL(l->model->submit(l->handle, &task, 1), 0);
		task.id = kit_id(1001 + (size_t)i);
	}
	for (uint32_t i = 0; i < kit_capacity(l); i++)
		take_one(l);
	KIT_EQUAL(l->model->reap(l->handle, 0, &none, 1), 0);
	fill(l, 2000);
	for (uint32_t i = 0; i < kit_capacity(l); i++)
		take_one(l);
}

static void check_full(const struct model *model)
{
	in_all_shapes(model, &kit_mix, 10, expect_full);
	in_all_shapes(model, &kit_nap, 200 * NS_PER_US, expect_full);
}

static void expect_nothing(struct kit_load *l)
{
	struct completion none[4];
	uint64_t soon_ns;

	KIT_EQUAL(l->model->reap(l->handle, 0, none, 4), 0);
	KIT_EQUAL(l->model->reap(l->handle, clock_ns() - 1, none, 4), 0);
	soon_ns = clock_ns() + 2 * NS_PER_MS;
	KIT_EQUAL(l->model->reap(l->handle, soon_ns, none, 4), 0);
	/* In serial nothing can ever come, so it need not wait. */
	if (!(l->model->traits & MODEL_SERIAL))
		KIT_EXPECT(clock_ns() >= soon_ns);
	kit_drive_ok(l, 5);
	KIT_EQUAL(l->model->reap(l->handle, 0, none, 4), 0);
}

static void check_nothing(const struct model *model)
{
	in_all_shapes(model, &kit_mix, 10, expect_nothing);
}

static void leave_open(struct kit_load *l)
{
	(void)l;
}

static void leave_in_flight(struct kit_load *l)
{
	fill(l, 0);
}

static void leave_some_in_flight(struct kit_load *l)
{
	fill(l, 0);
	take_one(l);
}

/* One worker works for one task at a time: until the last has ended, reap. */
static void leave_unreaped(struct kit_load *l)
{
	uint32_t n = kit_capacity(l);

	fill(l, 0);
	for (uint32_t i = 1; i < n; i++)
		take_one(l);
}

static void check_close_at_once(const struct model *model)
{
	in_all_shapes(model, &kit_mix, 10, leave_open);
	model->close(NULL);
}

static void check_close_in_flight(const struct model *model)
{
	in_all_shapes(model, &kit_nap, 2 * NS_PER_MS, leave_in_flight);
	in_all_shapes(model, &kit_nap, 2 * NS_PER_MS, leave_some_in_flight);
}

static void check_close_unreaped(const struct model *model)
{
	in_all_shapes(model, &kit_mix, 10, leave_in_flight);
	in_all_shapes(model, &kit_mix, 10, leave_unreaped);
}

static void check_20_times(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 2, 2);
	struct kit_census before;

	kit_count(&before);
	for (int i = 0; i < 20; i++) {
		kit_open(&l);
		kit_drive_ok(&l, 4);
		kit_close(&l);
	}
	kit_expect_as(&before);
}

/* A child that is none of the model's: ends by @end, or only when killed. */
static pid_t start_foreign(int end)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	while (pid == 0) {
		if (end)
			_exit(end);
		(void)pause();
	}
	return pid;
}

static void check_foreign_children(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 2, 2);
	pid_t alive = start_foreign(0), ended = start_foreign(42);
	int status;

	kit_open(&l);
	kit_drive_ok(&l, 50);
	kit_close(&l);
	KIT_EQUAL(waitpid(ended, &status, 0), ended);
	KIT_EQUAL(WEXITSTATUS(status), 42);
	KIT_EQUAL(waitpid(alive, &status, WNOHANG), 0);
	KIT_EQUAL(kill(alive, SIGKILL), 0);
	KIT_EQUAL(waitpid(alive, &status, 0), alive);
}

/* Run tasks with the workers placed by @policy on @machine; NULL: this one. */
static void drive_placed(const struct model *model, const char *policy,
			 const char *machine, uint32_t workers,
			 void (*expect)(const struct placement *p,
					const struct completion *c))
{
	struct kit_load l = kit_load(model, &kit_mix, 1000, workers, 2);
	struct kit_answer a[40];
	struct placement *p;
	cpu_set_t before, after;

	KIT_EQUAL(sched_getaffinity(0, sizeof(before), &before), 0);
	KIT_EQUAL(placement_plan(policy, workers, machine, &p), 0);
	l.job.placement = p;
	kit_open(&l);
	KIT_EQUAL(kit_drive(&l, ARRAY_LEN(a), NULL, a), 0);
	kit_close(&l);
	for (size_t i = 0; i < ARRAY_LEN(a); i++) {
		KIT_EQUAL(a[i].c.status, TASK_STATUS(TASK_OK, 0));
		expect(p, &a[i].c);
	}
	/* Workers bind themselves, nobody else; serial is its own worker. */
	KIT_EQUAL(sched_getaffinity(0, sizeof(after), &after), 0);
	if (!(model->traits & MODEL_SERIAL))
		KIT_EXPECT(CPU_EQUAL(&before, &after));
	placement_free(p);
}

static void expect_pinned(const struct placement *p, const struct completion *c)
{
	KIT_EQUAL(c->bind_errno, 0);
	KIT_EXPECT(placement_cpu(p, c->worker) >= 0);
	KIT_EQUAL(c->cpu, placement_cpu(p, c->worker));
}

static void expect_unbound(const struct placement *p,
			   const struct completion *c)
{
	(void)p;
	KIT_EXPECT(c->bind_errno > 0);
}

static void check_pinned(const struct model *model)
{
	drive_placed(model, "compact", NULL, 1, expect_pinned);
	drive_placed(model, "compact", NULL, 2, expect_pinned);
	drive_placed(model, "compact", NULL, 3, expect_pinned);
}

static void check_unbindable(const struct model *model)
{
	drive_placed(model, "compact", "pack:2 core:4 pu:1", 2, expect_unbound);
}

static const struct kit_property properties[] = {
	{"answers every task once, in every shape", check_answers, 0},
	{"answers many tasks", check_many_answers, 0},
	{"gives times in order", check_times, 0},
	{"tells how workloads failed", check_failures, 0},
	{"keeps every worker busy", check_all_busy, 0},
	{"takes as many tasks as it must and no more", check_full, 0},
	{"gives nothing when there is nothing", check_nothing, 0},
	{"survives close straight after open", check_close_at_once, 0},
	{"survives close with tasks in flight", check_close_in_flight, 0},
	{"survives close with results unreaped", check_close_unreaped, 0},
	{"leaves nothing after 20 times", check_20_times, 0},
	{"leaves other children alone", check_foreign_children, 0},
	{"pins its workers", check_pinned, 0},
	{"says that workers could not be pinned", check_unbindable, 0},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	return kit_main(properties, ARRAY_LEN(properties));
}
