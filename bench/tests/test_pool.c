/*
 * What the pool promises beyond what all models do: what becomes of tasks, and
 * of places, when workers die at any moment, hang, grow or have nothing to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/registry.h"
#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/lanes.h"
#include "harness/respawn.h"

#define PATIENCE_NS (60 * NS_PER_S)

#define N_TASKS 2048
#define OK TASK_STATUS(TASK_OK, 0)

/* What tasks do, chosen by their seed; below BEHAVE they only sleep. */
enum behaviour {
	BEHAVE = 1 << 20,
	HANG,       /* sleep until released, or for ever */
	CRASH,      /* abort, each time */
	CRASH_ONCE, /* abort the first time */
	PART_FIRST, /* PART_FIRST + k: write k bytes of a result, and go on */
};

#define BALLAST (2 << 20)

/* In memory that all processes share. */
static struct tally {
	atomic_uint runs[N_TASKS]; /* how often the task of that seed began */
	atomic_uint crashes;       /* of CRASH and CRASH_ONCE, how often */
	atomic_uint most;          /* tasks that one process has run */
	atomic_bool released;      /* HANG goes on */
	atomic_bool grow;          /* each process takes BALLAST bytes */
	atomic_uint births;        /* of processes, while they are counted */
	pid_t dispatcher;
} * tally;

/* The task that writes parts of a result has this id. */
#define PART_ID 3
#define PART_DEPTH 4

/* The part of a lane in shared memory that this worker may write; NULL: none. */
static struct lane_up *find_lane(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];
	char *end = NULL;

	CHECK(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, " rw-s ") && strstr(line, "memfd:lanes"))
			CHECK(sscanf(line, "%*p-%p", (void **)&end) == 1);
	}
	CHECK(fclose(maps) == 0);
	/* The last such page; before it may be another that all may write. */
	return end ? (struct lane_up *)(end - sysconf(_SC_PAGESIZE)) : NULL;
}

/* Publish @garbage, @bytes of it, ring the bell, and never be heard of again. */
static void publish_part(struct lane_up *lane, const struct completion *garbage,
			 size_t bytes)
{
	struct ring_source *results = &lane->results;
	char *record = results->records +
		       results->n_put % PART_DEPTH * sizeof(*garbage);
	uint64_t one = 1;

	memset(record, 0, sizeof(*garbage));
	memcpy(record, garbage, bytes);
	__atomic_fetch_add(&results->n_put, 1, __ATOMIC_RELEASE);
	for (int fd = 3; fd < 100; fd++) {
		char path[32], target[32] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) > 0 &&
		    strstr(target, "eventfd"))
			(void)!write(fd, &one, sizeof(one));
	}
	clock_sleep_until(CLOCK_NEVER / 2);
}

/*
 * As a broken worker would: into the wire, and whatever else is one, or into
 * shared memory.  What is too short begins with the right id.
 */
static void write_part(size_t bytes)
{
	struct completion garbage = {
		.id = bytes < sizeof(garbage) ? PART_ID : 0x6566,
		.worker = UINT32_MAX,
		.status = OK,
	};
	struct lane_up *lane = find_lane();
	struct stat s;

	if (lane)
		publish_part(lane, &garbage, bytes);

	for (int fd = 3; fd < 100; fd++) {
		if (fstat(fd, &s) != 0)
			continue;
		if (S_ISSOCK(s.st_mode))
			(void)send(fd, &garbage, bytes, MSG_NOSIGNAL);
		if (S_ISFIFO(s.st_mode) &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
			(void)!write(fd, &garbage, bytes);
	}
}

static uint64_t tally_run(uint64_t size, uint64_t seed)
{
	static char ballast[BALLAST];
	static unsigned mine;

	if (getpid() == tally->dispatcher)
		return mix64(seed); /* who only wants to know the digest */
	if (++mine > tally->most)
		tally->most = mine;
	if (tally->grow)
		memset(ballast, (int)mine, sizeof(ballast));
	if (seed < N_TASKS)
		tally->runs[seed]++;
	if (seed == CRASH || (seed == CRASH_ONCE && tally->crashes == 0)) {
		tally->crashes++;
		abort();
	}
	while (seed == HANG && !tally->released)
		clock_sleep_until(clock_ns() + NS_PER_MS);
	if (seed >= PART_FIRST)
		write_part(seed - PART_FIRST);
	clock_sleep_until(clock_ns() + size);
	return mix64(seed);
}

static const struct workload tally_workload = {
	.name = "tally",
	.summary = "counts what it does",
	.size_unit = "ns",
	.default_size = 1000,
	.run = tally_run,
};

/* A load of tasks that sleep for @size ns, with nothing counted yet. */
static struct kit_load load(const struct model *model, uint64_t size,
			    uint32_t workers, uint32_t depth)
{
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(tally != MAP_FAILED);
	tally->dispatcher = getpid();
	return kit_load(model, &tally_workload, size, workers, depth);
}

static void set(struct kit_load *l, const char *key, int64_t value)
{
	size_t i = 0;

	while (strcmp(l->model->settings[i].key, key) != 0)
		i++;
	l->job.settings[i] = value;
}

static struct model_counts counts(const struct kit_load *l)
{
	struct model_counts c;

	l->model->count(l->handle, &c);
	return c;
}

static void submit(struct kit_load *l, uint64_t id, uint64_t seed)
{
	struct task task = {.id = id, .seed = seed};

	KIT_EQUAL(l->model->submit(l->handle, &task, 1), 1);
}

static struct completion take(struct kit_load *l)
{
	struct completion c;

	KIT_EQUAL(l->model->reap(l->handle, clock_ns() + PATIENCE_NS, &c, 1),
		  1);
	return c;
}

static void kill_all(int sig)
{
	pid_t pids[16];
	size_t n = kit_children(pids, ARRAY_LEN(pids));

	for (size_t i = 0; i < n; i++)
		KIT_EQUAL(kill(pids[i], sig), 0);
}

/* Kill one of our children; none if all are dead already. */
static void kill_any(struct rng *rng)
{
	pid_t pids[16];
	size_t n = kit_children(pids, ARRAY_LEN(pids));

	if (n > 0)
		KIT_EQUAL(kill(pids[rng_below(rng, n)], SIGKILL), 0);
}

/*
 * A thousand tasks while somebody kills workers at any moment.  Each task has
 * one end, and runs once, or as often as it was retried.
 */
static void drive_killed(const struct model *model, int retry)
{
	struct kit_load l = load(model, 200 * NS_PER_US, 3, 4);
	uint32_t answers[1000] = {0}, failed = 0, kills = 0, runs = 0;
	uint64_t sent = 0, answered = 0;
	struct rng rng = {.state = 7};
	struct kit_census before;

	kit_count(&before);
	set(&l, "retry", retry);
	kit_open(&l);
	while (answered < ARRAY_LEN(answers)) {
		struct completion c[4];
		struct task task = {.id = sent, .seed = sent};
		int n;

		while (sent < ARRAY_LEN(answers) &&
		       l.model->submit(l.handle, &task, 1) == 1) {
			sent++;
			task = (struct task){.id = sent, .seed = sent};
		}
		if (rng_below(&rng, 10) == 0) {
			kill_any(&rng);
			kills++;
		}
		n = l.model->reap(l.handle, clock_ns() + PATIENCE_NS, c, 4);
		KIT_EXPECT(n > 0);
		answered += (uint64_t)n;
		for (int i = 0; i < n; i++) {
			KIT_EXPECT(c[i].id < sent);
			answers[c[i].id]++;
			failed += c[i].status != OK;
			if (c[i].status != OK)
				KIT_EQUAL(c[i].status,
					  TASK_STATUS(TASK_SIGNAL, SIGKILL));
		}
	}
	for (uint32_t i = 0; i < ARRAY_LEN(answers); i++) {
		KIT_EQUAL(answers[i], 1);
		runs += tally->runs[i];
		KIT_EXPECT(tally->runs[i] <= (retry ? 2 : 1));
	}
	kit_note("%u kills, %u failed, %u runs", kills, failed, runs);
	KIT_EXPECT(failed <= kills);
	/* A run that nobody counted yet: killed after its begin was noted. */
	KIT_EXPECT(runs <= 1000 + counts(&l).retries);
	KIT_EXPECT(runs + kills >= 1000 + counts(&l).retries);
	KIT_EXPECT(counts(&l).respawns <= kills);
	KIT_EXPECT(counts(&l).respawns >= failed + counts(&l).retries - 3);
	KIT_EQUAL(counts(&l).given_up, 0);
	KIT_EQUAL(counts(&l).recycled, 0);
	kit_close(&l);
	kit_expect_as(&before);
}

static void check_random_kills(const struct model *model)
{
	drive_killed(model, 0);
	drive_killed(model, 1);
}

/* Who is killed before it has begun a task has taken none with it. */
static void check_idle_killed(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 3, 4);

	kit_open(&l);
	for (int i = 0; i < 10; i++) {
		kill_all(SIGKILL);
		kit_drive_ok(&l, 100);
	}
	KIT_EXPECT(counts(&l).respawns >= 10);
	KIT_EXPECT(counts(&l).respawns <= 30);
	kit_close(&l);
}

/*
 * All workers at once, while the dispatcher, which is this process, does not
 * look: of each worker's tasks the first at most has ended with it.
 */
static void check_all_killed(const struct model *model)
{
	struct kit_load l = load(model, 20 * NS_PER_MS, 3, 4);
	uint32_t failed = 0;

	kit_open(&l);
	for (uint64_t i = 0; i < 12; i++)
		submit(&l, i, i);
	while (tally->runs[0] + tally->runs[1] + tally->runs[2] < 3)
		clock_sleep_until(clock_ns() + NS_PER_MS);
	kill_all(SIGKILL);
	for (uint64_t i = 0; i < 12; i++)
		failed += take(&l).status != OK;
	KIT_EXPECT(failed <= 3);
	KIT_EXPECT(counts(&l).respawns >= 1);
	for (uint64_t i = 0; i < 12; i++)
		KIT_EQUAL(tally->runs[i], 1);
	kit_close(&l);
}

/* What was answered before the worker died counts, though more was unread. */
static void check_answered_first(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 1, 4);
	struct kit_census now;

	kit_open(&l);
	for (uint64_t i = 0; i < 4; i++)
		submit(&l, i, i == 1 ? HANG : i);
	while (tally->most < 2) /* the second has begun */
		clock_sleep_until(clock_ns() + NS_PER_MS);
	kill_all(SIGKILL);
	do
		kit_count(&now);
	while (now.zombies == 0);
	for (uint64_t i = 0; i < 4; i++) {
		struct completion c = take(&l);

		KIT_EQUAL(c.status,
			  c.id == 1 ? TASK_STATUS(TASK_SIGNAL, SIGKILL) : OK);
	}
	kit_close(&l);
}

static bool stillborn;

static void be_born(void)
{
	if (tally)
		tally->births++;
	if (stillborn)
		_exit(3);
}

/* Workers that die before they are ready: few are started, then no more. */
static void check_crash_loop(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 2, 2);
	struct kit_answer a[20];
	struct kit_census before;
	struct task task = {.id = 1};

	CHECK(pthread_atfork(NULL, NULL, be_born) == 0);
	kit_count(&before);
	kit_open(&l);
	kit_drive_ok(&l, 20);
	stillborn = true;
	tally->births = 0;
	kill_all(SIGKILL);
	KIT_EQUAL(kit_drive(&l, ARRAY_LEN(a), NULL, a), -ECHILD);
	for (size_t i = 0; i < ARRAY_LEN(a) && a[i].n > 0; i++)
		KIT_EQUAL(a[i].c.status, TASK_STATUS(TASK_START, ECHILD));
	KIT_EQUAL(tally->births, 2 * RESPAWN_DEATHS);
	KIT_EQUAL(counts(&l).given_up, 2);
	KIT_EQUAL(counts(&l).respawns, 2 * RESPAWN_DEATHS);
	KIT_EQUAL(l.model->submit(l.handle, &task, 1), -ECHILD);
	KIT_EQUAL(l.model->reap(l.handle, clock_ns() + NS_PER_MS, &a[0].c, 1),
		  0);
	kit_close(&l);
	kit_expect_as(&before);
}

static void expect_runs(const struct model *model, int retry, uint64_t seed,
			unsigned crashes, int32_t status)
{
	struct kit_load l = load(model, NS_PER_US, 2, 2);
	bool seen = false;

	set(&l, "retry", retry);
	kit_open(&l);
	for (uint64_t i = 0; i < 4; i++)
		submit(&l, i, i == 1 ? seed : i);
	for (uint64_t i = 0; i < 4; i++) {
		struct completion c = take(&l);

		KIT_EQUAL(c.status, c.id == 1 ? status : OK);
		seen |= c.id == 1;
	}
	KIT_EXPECT(seen);
	KIT_EQUAL(tally->crashes, crashes);
	KIT_EQUAL(counts(&l).retries, retry);
	kit_close(&l);
}

static void check_retry(const struct model *model)
{
	int32_t aborted = TASK_STATUS(TASK_SIGNAL, SIGABRT);

	expect_runs(model, 0, CRASH, 1, aborted);
	expect_runs(model, 0, CRASH_ONCE, 1, aborted);
	expect_runs(model, 1, CRASH, 2, aborted);
	expect_runs(model, 1, CRASH_ONCE, 1, OK);
}

/* Run 2,000 tasks, no process more than @most of them. */
static void expect_recycled(struct kit_load *l, unsigned most)
{
	struct kit_census before, open, now;
	int64_t recycled;

	kit_count(&before);
	kit_open(l);
	kit_count(&open);
	kit_drive_ok(l, 2000);
	kit_count(&now);
	recycled = counts(l).recycled;
	KIT_EQUAL(tally->most, most);
	for (size_t i = 1; i <= 2000; i++)
		KIT_EQUAL(tally->runs[i], 1);
	kit_note("%d recycled", (int)recycled);
	KIT_EXPECT(recycled >= 2000 / most - l->job.workers);
	KIT_EXPECT(recycled <= 2000 / most);
	KIT_EQUAL(counts(l).respawns, 0);
	KIT_EXPECT(now.descriptors <= open.descriptors);
	KIT_EXPECT(now.children <= open.children);
	kit_close(l);
	kit_expect_as(&before);
}

static void check_recycle(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 3, 4);

	set(&l, "recycle", 20);
	expect_recycled(&l, 20);
}

static void check_memory(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 2, 4);

	/* Each is too big at once, so none runs a second task. */
	tally->grow = true;
	set(&l, "memory_mb", BALLAST >> 20);
	expect_recycled(&l, 1);

	/* None is that big. */
	l = load(model, NS_PER_US, 2, 4);
	set(&l, "memory_mb", INT32_MAX);
	kit_open(&l);
	kit_drive_ok(&l, 200);
	KIT_EQUAL(counts(&l).recycled, 0);
	kit_close(&l);
}

/* Reap, where nothing can come, until all workers have left. */
static void wait_until_alone(struct kit_load *l)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;
	struct kit_census now;

	do {
		struct completion none;
		uint64_t soon_ns = clock_ns() + 10 * NS_PER_MS;

		KIT_EXPECT(clock_ns() < deadline_ns);
		KIT_EQUAL(l->model->reap(l->handle, soon_ns, &none, 1), 0);
		kit_count(&now);
	} while (now.children > 0);
}

static void check_idle(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 3, 2);

	set(&l, "idle_ms", 20);
	kit_open(&l);
	for (int i = 0; i < 3; i++) {
		kit_drive_ok(&l, 20);
		wait_until_alone(&l);
	}
	KIT_EQUAL(counts(&l).respawns, 0);
	KIT_EXPECT(counts(&l).recycled >= 2);
	/* One task needs one worker. */
	submit(&l, 1, 1);
	KIT_EQUAL(kit_children((pid_t[3]){0}, 3), 1);
	KIT_EQUAL(take(&l).status, OK);
	kit_close(&l);
}

/* Nothing stands behind a task that hangs if @key is one. */
static void expect_none_behind(const struct model *model, const char *key)
{
	struct kit_load l = load(model, NS_PER_US, 2, 4);

	set(&l, key, 1);
	kit_open(&l);
	for (uint64_t i = 0; i < 8; i++)
		submit(&l, i, i == 0 ? HANG : i);
	for (uint64_t i = 1; i < 8; i++)
		KIT_EQUAL(take(&l).id, i);
	tally->released = true;
	KIT_EQUAL(take(&l).id, 0);
	kit_drive_ok(&l, 100);
	kit_close(&l);
}

static void check_cap(const struct model *model)
{
	expect_none_behind(model, "cap");
	/* Nor is more sent to a worker than it will run. */
	expect_none_behind(model, "recycle");
}

/*
 * A task that hangs ends at its limit, those behind it run elsewhere; so with
 * one that its worker, being stopped, never began.  Neither is retried.
 */
static void check_run_limit(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 2, 4);
	uint64_t begin_ns;

	set(&l, "retry", 1);
	l.job.run_limit_ns = NS_PER_S;
	kit_open(&l);
	/* It has just looked after its workers, and all were idle. */
	KIT_EQUAL(l.model->reap(l.handle, 0, &(struct completion){0}, 1), 0);
	submit(&l, 0, HANG);
	KIT_EQUAL(take(&l).status, TASK_STATUS(TASK_TIMEOUT, 0));
	begin_ns = clock_ns();
	for (uint64_t i = 0; i < 8; i++)
		submit(&l, i, i == 1 ? HANG : i);
	for (uint64_t i = 0; i < 8; i++) {
		struct completion c = take(&l);

		KIT_EQUAL(c.status,
			  c.id == 1 ? TASK_STATUS(TASK_TIMEOUT, 0) : OK);
	}
	KIT_EXPECT(clock_ns() - begin_ns >= l.job.run_limit_ns);
	KIT_EQUAL(counts(&l).respawns, 2);

	kill_all(SIGSTOP);
	begin_ns = clock_ns();
	for (uint64_t i = 10; i < 16; i++)
		submit(&l, i, i);
	for (uint64_t i = 10; i < 16; i++) {
		struct completion c = take(&l);

		KIT_EQUAL(c.status,
			  c.id < 12 ? TASK_STATUS(TASK_TIMEOUT, 0) : OK);
		KIT_EQUAL(tally->runs[c.id], c.id < 12 ? 0 : 1);
	}
	KIT_EXPECT(clock_ns() - begin_ns >= l.job.run_limit_ns);
	KIT_EXPECT(counts(&l).respawns >= 1);
	KIT_EQUAL(counts(&l).retries, 0);
	kit_close(&l);
}

/* The limit counts from a task's own begin, not from when it was handed over. */
static void check_run_limit_of_many(const struct model *model)
{
	struct kit_load l = load(model, 150 * NS_PER_MS, 1, 8);

	l.job.run_limit_ns = NS_PER_S;
	kit_open(&l);
	kit_drive_ok(&l, 10);
	KIT_EQUAL(counts(&l).respawns, 0);
	kit_close(&l);
}

/* Any part of a result, then a whole one or the end: that worker is done for. */
static void check_garbage(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 3, PART_DEPTH);

	kit_open(&l);
	for (uint64_t k = 1; k <= sizeof(struct completion); k++) {
		kit_note("%d bytes", (int)k);
		for (uint64_t i = 0; i < 6; i++)
			submit(&l, i + 1,
			       i + 1 == PART_ID ? PART_FIRST + k : i);
		for (uint64_t i = 0; i < 6; i++) {
			struct completion c = take(&l);

			/* What it ran after that is lost, and not run again. */
			if (c.id == PART_ID || c.status != OK)
				KIT_EQUAL(c.status,
					  TASK_STATUS(TASK_PROTOCOL, 0));
		}
		for (uint64_t i = 0; i < 6; i++)
			KIT_EXPECT(tally->runs[i] <= k);
	}
	/* All but those whose place is not filled again yet. */
	KIT_EXPECT(counts(&l).respawns >= (int)sizeof(struct completion) - 3);
	kit_close(&l);
}

/* When fork(2) was tried, before the kernel has its say. */
static uint64_t tries_ns[16];
static uint32_t n_tries;

static void note_try(void)
{
	if (n_tries < ARRAY_LEN(tries_ns))
		tries_ns[n_tries++] = clock_ns();
}

static void limit_processes(rlim_t n)
{
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_NPROC, &limit) == 0);
	limit.rlim_cur = n < limit.rlim_max ? n : limit.rlim_max;
	CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
}

/*
 * No process can be had for a while.  Tries are ever further apart; the task
 * ends when five have failed, as another would later, and nothing is given up.
 */
static void check_no_fork(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 1, 4);

	/* No limit of processes holds root, so become somebody else. */
	CHECK(getuid() != 0 || setuid(65534) == 0);
	CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
	CHECK(pthread_atfork(note_try, NULL, NULL) == 0);
	kit_open(&l);
	limit_processes(1);
	kill_all(SIGKILL);
	n_tries = 0;
	submit(&l, 1, 1);
	KIT_EQUAL(take(&l).status, TASK_STATUS(TASK_START, EAGAIN));
	KIT_EQUAL(n_tries, 5);
	for (uint32_t i = 1; i < n_tries; i++)
		KIT_EXPECT(tries_ns[i] - tries_ns[i - 1] >=
			   (RESPAWN_PAUSE_NS << (i - 1)));
	limit_processes(RLIM_INFINITY);
	submit(&l, 2, 2);
	KIT_EQUAL(take(&l).status, TASK_STATUS(TASK_START, EAGAIN));
	KIT_EQUAL(counts(&l).given_up, 0);
	while (counts(&l).respawns == 0) {
		struct completion none;

		KIT_EQUAL(l.model->reap(l.handle, clock_ns() + NS_PER_MS, &none,
					1),
			  0);
	}
	kit_drive_ok(&l, 20);
	kit_close(&l);
}

/* One that is stopped cannot leave when it should. */
static void check_close_stopped(const struct model *model)
{
	struct kit_load l = load(model, NS_PER_US, 3, 2);
	struct kit_census before;

	kit_count(&before);
	kit_open(&l);
	submit(&l, 1, HANG);
	kill_all(SIGSTOP);
	kit_close(&l);
	kit_expect_as(&before);
}

static const struct kit_property properties[] = {
	{"loses and doubles no task under random kills", check_random_kills, 0},
	{"loses no task with an idle worker", check_idle_killed, 0},
	{"survives that all are killed at once", check_all_killed, 0},
	{"takes what was answered before a death", check_answered_first, 0},
	{"gives up on workers that are never ready", check_crash_loop, 0},
	{"retries once, if asked", check_retry, 0},
	{"recycles workers after N tasks", check_recycle, 0},
	{"recycles workers that grow", check_memory, 0},
	{"lets idle workers go and come back", check_idle, 0},
	{"queues no more at a worker than the cap", check_cap, 0},
	{"kills workers whose task is late", check_run_limit, 0},
	{"counts a task's time from its start", check_run_limit_of_many, 0},
	{"trusts no result that makes no sense", check_garbage, 0},
	{"backs off where fork fails", check_no_fork, 0},
	{"closes with stopped workers", check_close_stopped, 0},
};

int main(void)
{
	const struct model *variants[8] = {NULL};
	size_t n = 0;

	for (size_t i = 0; i < n_models; i++) {
		if (strcmp(models[i]->name, "pool") == 0 ||
		    strncmp(models[i]->name, "pool:", 5) == 0)
			variants[n++] = models[i];
	}
	CHECK(n < ARRAY_LEN(variants));
	return kit_main_of(variants, properties, ARRAY_LEN(properties));
}
