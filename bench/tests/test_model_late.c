/*
 * What every model of processes does with tasks that run too long: it ends them,
 * and nobody else.
 *
 * The limit is no measure of time here.  It only has to be long enough for any
 * harmless task on any machine; those that hang do so for ever.
 */
#include <errno.h>
#include <sys/wait.h>

#include "bench/tests/kit.h"
#include "harness/base.h"

#define RUN_LIMIT_NS NS_PER_S
#define N_TASKS 24

static struct kit_load hang_load(const struct model *model, uint32_t workers,
				 uint32_t depth)
{
	struct kit_load l = kit_load(model, &kit_hang, 100, workers, depth);

	l.job.run_limit_ns = RUN_LIMIT_NS;
	return l;
}

/*
 * Each task that hangs times out, each other one is ok.  But those that a
 * worker has at hand when it is killed may end with it if @shared.
 */
static void expect_ends(struct kit_load *l, const uint64_t *seeds, int shared)
{
	struct kit_answer a[N_TASKS];

	KIT_EQUAL(kit_drive(l, N_TASKS, seeds, a), 0);
	for (size_t i = 0; i < N_TASKS; i++) {
		const struct completion *c = &a[i].c;

		if (seeds[i] % 8 != 0)
			KIT_EQUAL(c->status, TASK_STATUS(TASK_TIMEOUT, 0));
		else if (!shared)
			KIT_EQUAL(c->status, TASK_STATUS(TASK_OK, 0));
		if (c->status == TASK_STATUS(TASK_OK, 0))
			kit_expect_digest(l, seeds[i], c);
	}
}

static void hang_in_shape(const struct model *model, uint32_t workers,
			  uint32_t depth)
{
	struct kit_load l = hang_load(model, workers, depth);
	uint64_t seeds[N_TASKS];

	for (size_t i = 0; i < N_TASKS; i++)
		seeds[i] = 8 * i;
	seeds[3] = KIT_HANG_BUSY;
	/* A single worker would spend the limit on each, one after the other. */
	if (workers > 1) {
		seeds[11] = KIT_HANG_ASLEEP;
		seeds[12] = KIT_HANG_STOPPED;
	}
	/* With a worker of a server, all its connections break. */
	kit_survive(&l, seeds, N_TASKS, expect_ends,
		    model->traits & MODEL_NETWORK && depth > 1);
}

static void check_late(const struct model *model)
{
	hang_in_shape(model, 1, 1);
	hang_in_shape(model, 3, 4);
}

/* What is left of killed workers' own children has come to us: collect it. */
static void collect_orphans(void)
{
	uint64_t deadline_ns = clock_ns() + 10 * NS_PER_S;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		KIT_EXPECT(pid > 0 || clock_ns() < deadline_ns);
		if (pid == 0)
			clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	KIT_EQUAL(errno, ECHILD);
}

/* A worker has started a process of its own, and both hang. */
static void check_late_family(const struct model *model)
{
	struct kit_load l = hang_load(model, 1, 1);
	struct task task = {.id = 7, .seed = KIT_HANG_WITH_CHILD};
	struct kit_census before;
	struct completion c;
	int r;

	kit_count(&before);
	kit_open(&l);
	KIT_EQUAL(l.model->submit(l.handle, &task, 1), 1);
	r = l.model->reap(l.handle, clock_ns() + 60 * NS_PER_S, &c, 1);
	KIT_EQUAL(r, 1);
	KIT_EQUAL(c.id, 7);
	KIT_EQUAL(c.status, TASK_STATUS(TASK_TIMEOUT, 0));
	kit_close(&l);
	collect_orphans();
	kit_expect_as(&before);
}

/* Not everything that takes its time is late: waiting for a turn is not. */
static void check_in_time(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_nap, RUN_LIMIT_NS / 8, 1, 10);

	l.job.run_limit_ns = RUN_LIMIT_NS;
	kit_open(&l);
	kit_drive_ok(&l, kit_capacity(&l));
	kit_close(&l);
}

static const struct kit_property properties[] = {
	{"ends a task that runs too long", check_late, MODEL_PROCESS},
	{"ends what a late task has started", check_late_family, MODEL_PROCESS},
	{"counts no waiting as running", check_in_time, MODEL_PROCESS},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	return kit_main(properties, ARRAY_LEN(properties));
}
