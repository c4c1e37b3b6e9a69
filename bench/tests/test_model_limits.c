/*
 * What every model of the registry does where the system refuses, interrupts or
 * ends it.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/tests/kit.h"
#include "harness/base.h"

/* The user `nobody': whoever it is, no root. */
#define NOBODY 65534

static void set_limit(__rlimit_resource_t what, uint64_t soft)
{
	struct rlimit limit;

	CHECK(getrlimit(what, &limit) == 0);
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	CHECK(setrlimit(what, &limit) == 0);
}

/* No limit of processes holds root, so become somebody else. */
static void become_nobody(void)
{
	CHECK(getuid() != 0 || setuid(NOBODY) == 0);
	/* Which has closed /proc/self to us, for a good reason not ours. */
	CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static void check_no_process(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 3, 2);
	struct kit_answer a[20];
	struct kit_census before;
	int r;

	become_nobody();
	kit_count(&before);
	if (model->traits & MODEL_PER_TASK) {
		/* What open() starts inherits it. */
		set_limit(RLIMIT_NPROC, 1);
		kit_open(&l);
		KIT_EQUAL(kit_drive(&l, ARRAY_LEN(a), NULL, a), 0);
		for (size_t i = 0; i < ARRAY_LEN(a); i++)
			KIT_EQUAL(a[i].c.status,
				  TASK_STATUS(TASK_START, EAGAIN));
	} else {
		set_limit(RLIMIT_NPROC, 2); /* enough for the first worker */
		r = model->open(&l.job, &l.handle);
		set_limit(RLIMIT_NPROC, RLIM_INFINITY);
		KIT_EQUAL(r, -EAGAIN);
		kit_expect_as(&before);
		kit_open(&l);
	}
	set_limit(RLIMIT_NPROC, RLIM_INFINITY);
	kit_drive_ok(&l, 20);
	kit_close(&l);
	kit_expect_as(&before);
}

/* One descriptor more each time, until it is enough: every place to fail. */
static void check_no_descriptor(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 2, 2);
	struct kit_census before;
	struct rlimit old;
	int r = -EMFILE, free_fd = dup(STDERR_FILENO);

	CHECK(free_fd >= 0 && close(free_fd) == 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	kit_count(&before);
	for (uint64_t more = 0; r != 0; more++) {
		KIT_EXPECT(more < 100);
		kit_note("%d descriptors more", (int)more);
		set_limit(RLIMIT_NOFILE, (uint64_t)free_fd + more);
		r = model->open(&l.job, &l.handle);
		CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
		if (r != 0) {
			KIT_EQUAL(r, -EMFILE);
			kit_expect_as(&before);
		}
	}
	kit_drive_ok(&l, 20);
	kit_close(&l);
	kit_expect_as(&before);
}

/* No time at all to open: it works at once or it does not. */
static void check_no_time(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 10, 3, 2);
	struct kit_census before;

	kit_count(&before);
	for (int i = 0; i < 10; i++) {
		int r;

		l.job.open_limit_ns = 0;
		r = model->open(&l.job, &l.handle);
		if (r == 0)
			kit_close(&l);
		else
			KIT_EQUAL(r, -ETIMEDOUT);
	}
	kit_expect_as(&before);
}

static atomic_int n_signals;

static void count_signal(int sig)
{
	(void)sig;
	atomic_fetch_add(&n_signals, 1);
}

/* A signal every millisecond, whose handler interrupts whatever can be. */
static void check_signals(const struct model *model)
{
	struct kit_load l = kit_load(model, &kit_mix, 1000, 2, 2);
	struct sigaction count = {.sa_handler = count_signal};
	struct itimerval each_ms = {{0, 1000}, {0, 1000}}, off = {{0}, {0}};
	struct completion none;
	uint64_t soon_ns;

	CHECK(sigaction(SIGALRM, &count, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &each_ms, NULL) == 0);
	kit_open(&l);
	kit_drive_ok(&l, 500);
	do {
		soon_ns = clock_ns() + 5 * NS_PER_MS;
		KIT_EQUAL(l.model->reap(l.handle, soon_ns, &none, 1), 0);
		if (!(model->traits & MODEL_SERIAL))
			KIT_EXPECT(clock_ns() >= soon_ns);
	} while (n_signals == 0);
	kit_close(&l);
	CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
}

/* The process in the middle: open, be busy for long, say so. */
static _Noreturn void be_busy(const struct model *model, int say)
{
	struct kit_load l = kit_load(model, &kit_nap, 1000 * NS_PER_S, 2, 2);

	kit_open(&l);
	for (uint32_t i = 0; i < kit_capacity(&l); i++) {
		struct task task = {.id = i + 1, .seed = 1};

		KIT_EQUAL(model->submit(l.handle, &task, 1), 1);
	}
	CHECK(write(say, "", 1) == 1);
	for (;;)
		(void)pause();
}

static void check_parent_killed(const struct model *model)
{
	uint64_t deadline_ns;
	int fd[2];
	char busy;
	pid_t pid, orphan;

	CHECK(pipe(fd) == 0);
	pid = fork();
	if (pid == 0)
		be_busy(model, fd[1]);
	CHECK(read(fd[0], &busy, 1) == 1);
	KIT_EQUAL(kill(pid, SIGKILL), 0);
	KIT_EQUAL(waitpid(pid, NULL, 0), pid);

	/* The workers are our children now, and on their way. */
	deadline_ns = clock_ns() + 5 * NS_PER_S;
	while ((orphan = waitpid(-1, NULL, WNOHANG)) >= 0) {
		KIT_EXPECT(orphan > 0 || clock_ns() < deadline_ns);
		if (orphan == 0)
			clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	KIT_EQUAL(errno, ECHILD);
}

static const struct kit_property properties[] = {
	{"says that no worker could be started", check_no_process,
	 MODEL_PROCESS | MODEL_THREAD | MODEL_PER_TASK},
	{"says that descriptors are out", check_no_descriptor, 0},
	{"does not wait to open for longer than it may", check_no_time, 0},
	{"works under signals", check_signals, 0},
	{"dies with its parent", check_parent_killed, MODEL_PROCESS},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	return kit_main(properties, ARRAY_LEN(properties));
}
