/*
 * What every model of the registry does when workers crash, are killed or never
 * come to life.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/tests/kit.h"
#include "harness/base.h"

/* More than three times as many as any model here takes at once. */
#define N_TASKS 40

/* A place gets 20 successors a second: crashes take their time. */
#define N_CRASHES 24

/* How a task with this seed ends. */
static int32_t end_of(uint64_t seed)
{
	switch (seed % 8) {
	case KIT_CRASH_ABORT:
		return TASK_STATUS(TASK_SIGNAL, SIGABRT);
	case KIT_CRASH_KILL:
		return TASK_STATUS(TASK_SIGNAL, SIGKILL);
	case KIT_CRASH_EXIT_7:
		return TASK_STATUS(TASK_EXIT, 7);
	case KIT_CRASH_EXIT_0:
		return TASK_STATUS(TASK_PROTOCOL, 0);
	default:
		return TASK_STATUS(TASK_OK, 0);
	}
}

/*
 * Run tasks with @seeds and expect each to end as its seed says.  But the tasks
 * that a worker has at hand when it dies may end with it if @shared.
 */
static void expect_ends(struct kit_load *l, const uint64_t *seeds, int shared)
{
	struct kit_answer a[N_TASKS];

	KIT_EQUAL(kit_drive(l, N_TASKS, seeds, a), 0);
	for (size_t i = 0; i < N_TASKS; i++) {
		const struct completion *c = &a[i].c;
		int32_t end = end_of(seeds[i]);

		KIT_EXPECT(task_status_end(c->status) != TASK_LOST);
		if (!shared)
			KIT_EQUAL(c->status, end);
		if (end != TASK_STATUS(TASK_OK, 0))
			KIT_EXPECT(c->status != TASK_STATUS(TASK_OK, 0));
		if (c->status == TASK_STATUS(TASK_OK, 0))
			kit_expect_digest(l, seeds[i], c);
	}
}

static void crash_in_shape(const struct model *model, uint32_t workers,
			   uint32_t depth)
{
	struct kit_load l = kit_load(model, &kit_crash, 100, workers, depth);
	uint64_t seeds[N_TASKS];

	/* The first in a long row of harmless ones, later ones close by. */
	for (size_t i = 0; i < N_TASKS; i++)
		seeds[i] = 8 * i;
	seeds[14] = KIT_CRASH_ABORT;
	seeds[30] = KIT_CRASH_EXIT_7;
	seeds[31] = KIT_CRASH_KILL;
	seeds[39] = KIT_CRASH_EXIT_0;
	/* With a worker of a server, all its connections break. */
	kit_survive(&l, seeds, N_TASKS, expect_ends,
		    model->traits & MODEL_NETWORK);
}

static void check_crashes(const struct model *model)
{
	for (uint32_t workers = 1; workers <= 3; workers += 2) {
		crash_in_shape(model, workers, 1);
		crash_in_shape(model, workers, 4);
	}
}

/* Hand over crashing tasks from @first on while @l takes them; up to which. */
static size_t fill_with_crashes(struct kit_load *l, size_t first)
{
	struct task task = {.seed = KIT_CRASH_KILL};
	size_t n = first;
	int r = 1;

	while (n < N_CRASHES && r == 1) {
		task.id = kit_id(n);
		r = l->model->submit(l->handle, &task, 1);
		n += r == 1;
	}
	KIT_EXPECT(r == 0 || r == 1 || r == -ECHILD);
	return n;
}

/*
 * A task that failed is in flight until it is reaped, like any other: however
 * many workers die, the model takes no more than its capacity, and gives no
 * more than it is asked for.
 */
static void check_full_of_failures(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_crash, 100, 3, 4);
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
	size_t taken, ended = 0;

	kit_open(&l);
	taken = fill_with_crashes(&l, 0);
	while (ended < taken) {
		struct completion c[2] = {{.id = 0}, {.id = 0}};

		KIT_EXPECT(taken - ended <= kit_capacity(&l));
		KIT_EQUAL(l.model->reap(l.handle, deadline_ns, c, 1), 1);
		KIT_EXPECT(c[0].status != TASK_STATUS(TASK_OK, 0));
		KIT_EQUAL(c[1].status, 0);
		ended++;
		taken = fill_with_crashes(&l, taken);
	}
	kit_close(&l);
}

/* Where all share one process, the crash of a task is the crash of all. */
static void check_crash_of_all(const struct model *model)
{
	static const uint64_t seeds[] = {0, KIT_CRASH_ABORT};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct kit_load l = kit_load(model, &kit_crash, 100, 2, 2);
		struct kit_answer a[2];

		kit_open(&l);
		(void)kit_drive(&l, 2, seeds, a);
		_exit(0);
	}
	KIT_EQUAL(waitpid(pid, &status, 0), pid);
	KIT_EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* Workers killed from outside, while they sleep and while they work. */
static void check_killed(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_nap, NS_PER_MS, 3, 2);
	struct kit_answer a[N_TASKS];
	struct kit_census before;
	struct task task = {.id = 1, .seed = 1};
	struct completion c;
	pid_t pids[8];
	size_t n;
	int r;

	kit_count(&before);
	kit_open(&l);
	for (int round = 0; round < 2; round++) {
		if (round == 1)
			KIT_EQUAL(l.model->submit(l.handle, &task, 1), 1);
		n = kit_children(pids, ARRAY_LEN(pids));
		for (size_t i = 0; i < n; i++)
			KIT_EQUAL(kill(pids[i], SIGKILL), 0);
		for (r = 0; round == 1 && r == 0;)
			r = l.model->reap(l.handle, clock_ns() + NS_PER_S, &c,
					  1);
		KIT_EXPECT(r >= 0);

		/* Those that met a dead worker may have ended with it. */
		KIT_EQUAL(kit_drive(&l, N_TASKS, NULL, a), 0);
		kit_drive_ok(&l, N_TASKS);
	}
	kit_close(&l);
	kit_expect_as(&before);
}

/*
 * What a process does first after fork(2), before the model's own code, or after
 * execve(2), before all other.
 */
static enum birth {
	LIVE,
	END_AT_ONCE,
	LIVE_SLOWLY,
} birth;

/* A program that is executed knows of its birth from its environment. */
#define BIRTH "MANYHANDS_TEST_BIRTH"

static void set_birth(enum birth how)
{
	char value[] = {(char)('0' + how), '\0'};

	birth = how;
	CHECK(setenv(BIRTH, value, 1) == 0);
}

static void be_born(void)
{
	if (birth == END_AT_ONCE)
		_exit(3);
	if (birth == LIVE_SLOWLY)
		clock_sleep_until(clock_ns() + 5 * NS_PER_MS);
}

static void check_stillborn(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 3, 2);
	struct kit_answer a[20];
	struct kit_census before;
	void *const untouched = &l;
	int r;

	CHECK(pthread_atfork(NULL, NULL, be_born) == 0);
	l.handle = untouched;
	kit_count(&before);
	set_birth(END_AT_ONCE);
	r = model->open(&l.job, &l.handle);
	if (model->traits & MODEL_PER_TASK) {
		KIT_EQUAL(r, 0);
		KIT_EQUAL(kit_drive(&l, ARRAY_LEN(a), NULL, a), 0);
		for (size_t i = 0; i < ARRAY_LEN(a); i++)
			KIT_EQUAL(a[i].c.status, TASK_STATUS(TASK_EXIT, 3));
		kit_close(&l);
	} else {
		KIT_EQUAL(r, -ECHILD);
		KIT_EXPECT(l.handle == untouched);
	}
	set_birth(LIVE);
	kit_expect_as(&before);
	kit_open(&l);
	kit_drive_ok(&l, 20);
	kit_close(&l);
}

/*
 * Nothing but crashes: the model may give up, but every task that it took ends,
 * and none ends ok.
 */
static void check_only_crashes(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_crash, 100, 2, 4);
	struct kit_answer a[N_CRASHES];
	struct kit_census before;
	uint64_t seeds[N_CRASHES];
	int r;

	for (size_t i = 0; i < N_CRASHES; i++)
		seeds[i] = i % 4 + 1;
	kit_count(&before);
	kit_open(&l);
	r = kit_drive(&l, N_CRASHES, seeds, a);
	KIT_EXPECT(r == 0 || r == -ECHILD);
	for (size_t i = 0; i < N_CRASHES && a[i].n > 0; i++)
		KIT_EXPECT(a[i].c.status != TASK_STATUS(TASK_OK, 0));
	kit_close(&l);
	kit_expect_as(&before);
}

/* For a while, successors hold copies of every descriptor of their parent. */
static void check_slow_births(const struct model *model)
{
	CHECK(pthread_atfork(NULL, NULL, be_born) == 0);
	set_birth(LIVE_SLOWLY);
	check_only_crashes(model);
}

/* The first workers die in a task, and no successor can be brought to life. */
static void check_no_successor(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_crash, 100, 2, 4);
	struct kit_answer a[N_TASKS];
	struct kit_census before;
	uint64_t seeds[N_TASKS] = {KIT_CRASH_KILL};

	CHECK(pthread_atfork(NULL, NULL, be_born) == 0);
	kit_count(&before);
	kit_open(&l);
	set_birth(END_AT_ONCE);
	(void)kit_drive(&l, N_TASKS, seeds, a);
	set_birth(LIVE);
	kit_close(&l);
	kit_expect_as(&before);
}

static const struct kit_property properties[] = {
	{"tells how workers crashed", check_crashes, MODEL_PROCESS},
	{"ends every task if all crash", check_only_crashes, MODEL_PROCESS},
	{"takes no more than it must, even if all crash",
	 check_full_of_failures, MODEL_PROCESS},
	{"crashes with a task", check_crash_of_all,
	 MODEL_SERIAL | MODEL_THREAD},
	{"outlives workers that are killed", check_killed, MODEL_PROCESS},
	{"notices workers that never live", check_stillborn, MODEL_PROCESS},
	{"ends every task if successors are slow", check_slow_births,
	 MODEL_PROCESS},
	{"ends every task without successors", check_no_successor,
	 MODEL_PROCESS},
};

int main(int argc, char **argv)
{
	const char *value = getenv(BIRTH);

	if (value) {
		birth = (enum birth)(*value - '0');
		be_born();
	}
	kit_begin(argc, argv);
	return kit_main(properties, ARRAY_LEN(properties));
}
