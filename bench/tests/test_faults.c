/*
 * Every fault in every model of the registry: is it what the model promises?
 *
 * The faults are those of harness/fault.h, the promise that of
 * harness/summary_faults.h; around each cell, processes, zombies, descriptors,
 * shared memory and files are counted.  What else may happen to a model, the
 * harness or the server is tested elsewhere: see "What must survive what" in
 * harness/README.md.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/tests/kit.h"
#include "harness/base.h"
#include "harness/fault.h"
#include "harness/slice.h"
#include "harness/summary_faults.h"

/* About 50 us of work. */
#define ROUNDS 20000

/* Long enough for a worker to be found and hit from outside. */
#define LONG_ROUNDS 1000000

/*
 * Of a task; a busy machine was seen to keep a thread waiting for 0.3 s, and a
 * program under a sanitiser takes as long to start.
 */
#define LIMIT_NS (20 * NS_PER_S)
#define HANG_LIMIT_NS (700 * NS_PER_MS)

/* A model that cannot end a task hangs for at least as long. */
#define HANG_NS (700 * NS_PER_MS)

/* Files in the folder @path but `.' and `..'; 0 if there is no such folder. */
static uint32_t count_files(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	uint32_t n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);
	return n;
}

static struct cell_spec make_cell(const struct model *model,
				  const struct fault *fault)
{
	struct cell_spec cell = {
		.experiment = "faults",
		.workload = "mix",
		.pin = "none",
		.size = fault->act ? ROUNDS : LONG_ROUNDS,
		.workers = model->traits & MODEL_SERIAL ? 1 : 2,
		.depth = 2,
		.fault_reach = fault_reach_of(model->traits),
		.fault_every_ns = 40 * NS_PER_MS,
		.limit_ns = task_status_end(fault->end) == TASK_TIMEOUT
				    ? HANG_LIMIT_NS
				    : LIMIT_NS,
		.window_ns = 150 * NS_PER_MS,
	};

	(void)snprintf(cell.model, sizeof(cell.model), "%s", model->name);
	(void)snprintf(cell.runs, sizeof(cell.runs), "%s", model->name);
	(void)snprintf(cell.fault, sizeof(cell.fault), "%s", fault->name);
	return cell;
}

static void run_cell(const struct model *model, const struct cell_spec *cell,
		     struct slice_result *ret)
{
	struct slice_timing timing = {
		.settle_ns = 5 * NS_PER_MS,
		.window_ns = 200 * NS_PER_MS,
		.timeout_ns = 30 * NS_PER_S,
	};

	KIT_EQUAL(slice_run(cell, model, &kit_mix, &timing, NULL, ret), 0);
}

/* The verdict of a run that is nothing but @slice, which is taken over. */
static void expect_promised(struct slice_result *slice)
{
	struct run_results run = {.info = {.processors = 2}};
	struct summary s;
	struct fault_row *rows;

	slice->block = 1;
	run.info.blocks_done = 1;
	CHECK(results_add(&run, slice) == 0);
	CHECK(summary_make(&run, &s) == 0);
	CHECK(summary_faults(&s, &rows) == 1);
	kit_note("%s: %.100s", slice->cell.fault, rows[0].broken);
	KIT_EXPECT(rows[0].broken[0] == '\0');
	free(rows);
	summary_done(&s);
	results_done(&run);
}

/* The model goes on: every task is accounted for, and every place works. */
static void check_outlived(const struct model *model, const struct fault *fault)
{
	struct cell_spec cell = make_cell(model, fault);
	struct slice_result r;
	uint64_t sum = 0;

	run_cell(model, &cell, &r);
	for (int i = 0; i < TASK_ENDS; i++)
		sum += r.ended[i];
	KIT_EQUAL(sum, r.submitted);
	KIT_EXPECT(r.injected > 0);
	if (fault->act && cell.fault_reach == REACH_TASK)
		KIT_EQUAL(slice_failed(&r),
			  fault->end == TASK_STATUS(TASK_OK, 0) ? 0
								: r.injected);
	expect_promised(&r);
}

/*
 * The process that all share ends, or has to be ended; what it started ends
 * with it, or test_model_limits.c would know.
 */
static void check_ends_all(const struct model *model, const struct fault *fault)
{
	struct cell_spec cell = make_cell(model, fault);
	struct slice_result r = slice_result_of(&cell);
	uint64_t deadline_ns;
	pid_t pid = fork(), ended = 0;
	int status;

	if (pid == 0) {
		run_cell(model, &cell, &r);
		_exit(42);
	}
	deadline_ns = clock_ns() + (task_status_end(fault->end) == TASK_TIMEOUT
					    ? HANG_NS
					    : 60 * NS_PER_S);
	while (ended == 0 && clock_ns() < deadline_ns) {
		ended = waitpid(pid, &status, WNOHANG);
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	if (ended == 0) {
		KIT_EQUAL(kill(pid, SIGKILL), 0);
		KIT_EQUAL(waitpid(pid, &status, 0), pid);
		r.status = SLICE_LATE;
	} else if (WIFSIGNALED(status)) {
		r.status = SLICE_CRASHED;
		r.status_value = WTERMSIG(status);
	} else {
		r.status = SLICE_EXITED;
		r.status_value = WEXITSTATUS(status);
	}
	expect_promised(&r);
}

static void check_fault(const struct model *model, const char *name)
{
	char folder[] = "/tmp/manyhands-faults-XXXXXX";
	const struct fault *fault = fault_find(name);
	uint32_t shared = count_files("/dev/shm");
	struct kit_census before;
	bool harmless = fault->end == TASK_STATUS(TASK_OK, 0);

	/* A bare call of an experiment's own is no model that anybody uses. */
	if (strncmp(model->name, "call:", 5) == 0)
		return;
	CHECK(mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0);
	kit_count(&before);
	if (fault_reach_of(model->traits) == REACH_ALL && !harmless)
		check_ends_all(model, fault);
	else
		check_outlived(model, fault);
	/* What a task leaks into a process that all share stays there. */
	if (strcmp(name, "leak") != 0 || model->traits & MODEL_PROCESS)
		kit_expect_as(&before);
	KIT_EQUAL(count_files(folder), 0);
	KIT_EQUAL(rmdir(folder), 0);
	/* Others may use it, too, but nobody else is to have more in the end. */
	KIT_EXPECT(count_files("/dev/shm") <= shared);
}

#define FAULT(function, name)                                                  \
	static void check_##function(const struct model *model)                \
	{                                                                      \
		check_fault(model, name);                                      \
	}

FAULT(kill, "kill")
FAULT(segv, "segv")
FAULT(abort, "abort")
FAULT(exit0, "exit0")
FAULT(exit7, "exit7")
FAULT(hang, "hang")
FAULT(sleep, "sleep")
FAULT(stop, "stop")
FAULT(garble, "garble")
FAULT(flood, "flood")
FAULT(leak, "leak")
FAULT(kill_outside, "kill:outside")
FAULT(stop_outside, "stop:outside")

static const struct kit_property properties[] = {
	{"a worker that is killed", check_kill, 0},
	{"a bad pointer", check_segv, 0},
	{"abort()", check_abort, 0},
	{"exit(0) without a result", check_exit0, 0},
	{"exit(7)", check_exit7, 0},
	{"a task that computes for ever", check_hang, 0},
	{"a task that sleeps for ever", check_sleep, 0},
	{"a worker that is stopped", check_stop, 0},
	{"a worker that writes nonsense", check_garble, 0},
	{"a task that prints too much", check_flood, 0},
	{"a task that leaks descriptors", check_leak, 0},
	{"kill -9 from outside", check_kill_outside, 0},
	{"kill -STOP from outside", check_stop_outside, 0},
};

int main(int argc, char **argv)
{
	kit_begin(argc, argv);
	/*
	 * The programs that models execute end without a leak check: for that the
	 * sanitiser starts a process, and one that is killed from outside may be
	 * that one, which is none of the model's.
	 */
	CHECK(setenv("ASAN_OPTIONS", "detect_leaks=0", 1) == 0);
	/* No fault without a cell. */
	CHECK(ARRAY_LEN(properties) == n_faults);
	return kit_main(properties, ARRAY_LEN(properties));
}
