#include "harness/fault.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/model.h"

/* More than any pipe holds. */
#define FLOOD_BYTES (1 << 20)

/* Descriptors below are looked at by garble(). */
#define MAX_DESCRIPTORS 1024

/* The workload inside the wrapped one, and the descriptors of before. */
static struct {
	const struct fault *fault;
	const struct workload *inner;
	struct workload outer;
	char name[96];
	bool was_open[MAX_DESCRIPTORS];
} wrapped;

/* Each of these: what a task does to the worker it runs on. */

static void kill_it(void)
{
	(void)kill(getpid(), SIGKILL);
}

/* As by a bad pointer; a sanitiser would make it an exit with a report. */
static void segv(void)
{
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
}

static void exit_0(void)
{
	_exit(0);
}

static void exit_7(void)
{
	_exit(7);
}

static void hang(void)
{
	for (;;)
		(void)clock_ns();
}

static void sleep_on(void)
{
	for (;;)
		(void)pause();
}

static void stop_it(void)
{
	(void)kill(getpid(), SIGSTOP);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/*
 * As a worker that runs wild: some bytes of nonsense to whatever the model has
 * opened, which is whatever the model listens to.  Then it dies.
 */
static void garble(void)
{
	for (int fd = STDERR_FILENO + 1; fd < MAX_DESCRIPTORS; fd++) {
		if (wrapped.was_open[fd] || !is_open(fd))
			continue;
		/* Where it would have to wait, or may not write: so be it. */
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
		if (write(fd, "\377nonsense", 9) < 0)
			continue;
	}
	kill_it();
}

/*
 * All at once to both, as a program that says too much.  Empty lines, so that
 * nobody takes them for a message.
 */
static void flood(void)
{
	char text[4096];

	memset(text, '\n', sizeof(text));
	for (int i = 0; i < FLOOD_BYTES / (int)sizeof(text); i++) {
		for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
			/* Nobody may listen; then it is said to nobody. */
			if (write(fd, text, sizeof(text)) < 0)
				continue;
		}
	}
}

static void leak(void)
{
	(void)open("/dev/null", O_RDONLY | O_CLOEXEC); /* and never closed */
}

const struct fault faults[] = {
	{"kill", "killed with SIGKILL in the middle of a task", kill_it, 0,
	 TASK_STATUS(TASK_SIGNAL, SIGKILL)},
	{"segv", "a bad pointer: SIGSEGV", segv, 0,
	 TASK_STATUS(TASK_SIGNAL, SIGSEGV)},
	{"abort", "abort(): SIGABRT", abort, 0,
	 TASK_STATUS(TASK_SIGNAL, SIGABRT)},
	{"exit0", "exit(0) without a result, as if all were well", exit_0, 0,
	 TASK_STATUS(TASK_PROTOCOL, 0)},
	{"exit7", "exit(7)", exit_7, 0, TASK_STATUS(TASK_EXIT, 7)},
	{"hang", "computes for ever", hang, 0, TASK_STATUS(TASK_TIMEOUT, 0)},
	{"sleep", "sleeps for ever", sleep_on, 0, TASK_STATUS(TASK_TIMEOUT, 0)},
	{"stop", "stopped with SIGSTOP", stop_it, 0,
	 TASK_STATUS(TASK_TIMEOUT, 0)},
	{"garble", "writes nonsense to all it can reach, then dies", garble, 0,
	 TASK_STATUS(TASK_SIGNAL, SIGKILL)},
	{"flood", "prints a MiB to standard output and error each", flood, 0,
	 TASK_STATUS(TASK_OK, 0)},
	{"leak", "leaves a descriptor open", leak, 0, TASK_STATUS(TASK_OK, 0)},
	{"kill:outside", "kill -9 of some worker, whatever it does", NULL,
	 SIGKILL, TASK_STATUS(TASK_SIGNAL, SIGKILL)},
	{"stop:outside", "kill -STOP of some worker, whatever it does", NULL,
	 SIGSTOP, TASK_STATUS(TASK_TIMEOUT, 0)},
};
const size_t n_faults = ARRAY_LEN(faults);

const struct fault *fault_find(const char *name)
{
	for (size_t i = 0; i < n_faults; i++) {
		if (strcmp(faults[i].name, name) == 0)
			return &faults[i];
	}
	return NULL;
}

const char *fault_reach_name(enum fault_reach reach)
{
	static const char *const names[] = {
		[REACH_NOTHING] = "nothing",
		[REACH_TASK] = "its own task",
		[REACH_WORKER] = "what its worker has at hand",
		[REACH_ALL] = "everything",
	};

	return (size_t)reach < ARRAY_LEN(names) ? names[reach] : "unknown";
}

enum fault_reach fault_reach_of(unsigned traits)
{
	if (!(traits & MODEL_PROCESS))
		return REACH_ALL;
	/* All requests on the worker's connections break with them. */
	return traits & MODEL_NETWORK ? REACH_WORKER : REACH_TASK;
}

bool fault_promised(const struct fault *fault, enum fault_reach reach,
		    int32_t status)
{
	enum task_end end = task_status_end(status);
	int value = task_status_value(status);

	if (status == fault->end)
		return true;
	/* Nothing has happened to the task: then it must end well. */
	if (fault->end == TASK_STATUS(TASK_OK, 0) || end == TASK_OK)
		return false;
	/* Who has only a connection knows only that it broke. */
	if (reach == REACH_WORKER)
		return true;
	/* Nonsense is found out, or the death after it. */
	if (fault->act == garble && end == TASK_PROTOCOL)
		return true;
	/* A shell exits with 128 + n when its command dies of signal n. */
	return task_status_end(fault->end) == TASK_SIGNAL && end == TASK_EXIT &&
	       value == 128 + task_status_value(fault->end);
}

static uint64_t run(uint64_t size, uint64_t seed)
{
	if (seed & FAULT_SEED)
		wrapped.fault->act();
	return wrapped.inner->run(size, seed & ~FAULT_SEED);
}

const struct workload *fault_wrap(const struct fault *fault,
				  const struct workload *workload)
{
	CHECK(fault->act);
	wrapped.fault = fault;
	wrapped.inner = workload;
	wrapped.outer = *workload;
	wrapped.outer.run = run;
	snprintf(wrapped.name, sizeof(wrapped.name), "%s+%s", workload->name,
		 fault->name);
	wrapped.outer.name = wrapped.name;
	for (int fd = 0; fd < MAX_DESCRIPTORS; fd++)
		wrapped.was_open[fd] = is_open(fd);
	return &wrapped.outer;
}

const struct workload *
fault_workload(const char *name,
	       const struct workload *(*find)(const char *name))
{
	const char *plus = strchr(name, '+');
	const struct fault *fault = plus ? fault_find(plus + 1) : NULL;
	const struct workload *workload;
	char inner[64];

	if (!fault || !fault->act ||
	    snprintf(inner, sizeof(inner), "%.*s", (int)(plus - name), name) >=
		    (int)sizeof(inner))
		return NULL;
	workload = find(inner);
	return workload ? fault_wrap(fault, workload) : NULL;
}
