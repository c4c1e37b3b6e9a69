/*
 * Faults in a slice: are they counted right, whatever the model makes of them?
 * With a model that does to a task with a fault just what a test wants.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/fault.h"
#include "harness/fifo.h"
#include "harness/slice.h"
#include "harness/tests/fake.h"

/* What the model makes of a task with a fault. */
static struct {
	int32_t status; /* 0: its work, TASK_OK */
	bool lose, twice;
	uint32_t out_for; /* so many tasks of its place fail as well */
	bool leave;       /* a child, a descriptor and a mapping */
} script;

static struct {
	const struct job *job;
	struct worker self;
	struct fifo tasks;
	uint32_t out; /* tasks that are still to fail */
	uint64_t faults, n;
	pid_t child;
	int fd;
	void *map;
} puppet;

static int puppet_open(const struct job *job, void **ret)
{
	memset(&puppet, 0, sizeof(puppet));
	puppet.job = job;
	assert_int_equal(fifo_init(&puppet.tasks, job_capacity(job),
				   sizeof(struct task)),
			 0);
	if (script.leave) {
		puppet.child = fork();
		if (puppet.child == 0)
			_exit(0); /* and nobody collects it */
		puppet.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		puppet.map = mmap(NULL, 4096, PROT_READ,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	}
	*ret = &puppet;
	return 0;
}

static int puppet_submit(void *model, const struct task *tasks, size_t n)
{
	(void)model;
	(void)n;
	return fifo_put(&puppet.tasks, &tasks[0]) == 0;
}

static int puppet_reap(void *model, uint64_t deadline_ns,
		       struct completion *ret, size_t max)
{
	struct task task;
	bool faulty;

	(void)model;
	assert_true(max >= 2);
	if (!fifo_take(&puppet.tasks, &task)) {
		clock_sleep_until(deadline_ns);
		return 0;
	}
	faulty = task.seed & FAULT_SEED;
	puppet.faults += faulty;
	puppet.out = faulty ? script.out_for : puppet.out;
	if (faulty && script.lose)
		return 0;
	task.seed &= ~FAULT_SEED;
	task_run(puppet.job, &puppet.self, &task, 0, ret);
	if ((faulty && script.status) || (!faulty && puppet.out > 0)) {
		puppet.out -= !faulty;
		*ret = (struct completion){
			.id = task.id,
			.cpu = -1,
			.status = script.status,
		};
	}
	if (!faulty || !script.twice)
		return 1;
	ret[1] = ret[0];
	return 2;
}

static void puppet_close(void *model)
{
	(void)model;
	fifo_done(&puppet.tasks);
}

static const struct model model_puppet = {
	.name = "puppet",
	.summary = "does as it is told",
	.traits = MODEL_PROCESS,
	.open = puppet_open,
	.submit = puppet_submit,
	.reap = puppet_reap,
	.close = puppet_close,
};

static struct cell_spec make_cell(const char *fault)
{
	struct cell_spec c = fake_cell("none");

	c.workers = 1;
	c.fault_reach = REACH_TASK;
	c.fault_every_ns = 5 * NS_PER_MS;
	c.limit_ns = 20 * NS_PER_MS;
	c.window_ns = 40 * NS_PER_MS;
	strcpy(c.fault, fault);
	return c;
}

static struct slice_result run_cell(const struct cell_spec *cell)
{
	struct slice_result r;

	assert_int_equal(slice_run(cell, &model_puppet, &fake_grinding,
				   &fake_timing, NULL, &r),
			 0);
	return r;
}

static struct slice_result run_fault(const char *fault)
{
	struct cell_spec cell = make_cell(fault);

	return run_cell(&cell);
}

static int reset(void **state)
{
	(void)state;
	memset(&script, 0, sizeof(script));
	return 0;
}

#define KILLED TASK_STATUS(TASK_SIGNAL, SIGKILL)

static void as_promised(void **state)
{
	struct slice_result r;

	(void)state;
	script.status = KILLED;
	r = run_fault("kill");
	assert_int_equal(r.status, SLICE_OK);
	/* Every 5 ms in 20 ms; at least the first, however slow we are. */
	assert_in_range(r.injected, 1, 4);
	assert_int_equal(r.injected, puppet.faults);
	assert_int_equal(r.ended[TASK_SIGNAL], r.injected);
	assert_int_equal(slice_failed(&r), r.injected);
	assert_int_equal(r.misreported + r.collateral + r.strays + r.lost, 0);
	assert_int_equal(r.outages, r.injected);
	assert_true(r.outage_sum_ns > 0 && r.outage_max_ns > 0);
	assert_true(r.outage_max_ns <= r.outage_sum_ns);
	assert_int_equal(r.places_lost, 0);
	assert_int_equal(
		r.left_processes + r.left_descriptors + r.left_mappings, 0);
	assert_int_equal(r.wrong_digests, 0);
	slice_result_done(&r);
}

static void without_a_fault_nothing_happens(void **state)
{
	struct slice_result r;

	(void)state;
	script.status = KILLED;
	r = run_fault("");
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.injected, 0);
	assert_int_equal(puppet.faults, 0);
	assert_int_equal(slice_failed(&r), 0);
	slice_result_done(&r);
}

static void harmless_ones_end_ok(void **state)
{
	struct slice_result r;

	(void)state;
	r = run_fault("leak");
	assert_true(r.injected > 0);
	assert_int_equal(slice_failed(&r) + r.misreported + r.outages, 0);
	assert_int_equal(r.wrong_digests, 0);
	slice_result_done(&r);
}

static void another_end_is_misreported(void **state)
{
	struct slice_result r;

	(void)state;
	r = run_fault("kill"); /* and the model says: ok */
	assert_true(r.injected > 0);
	assert_int_equal(r.misreported, r.injected);
	slice_result_done(&r);
	script.status = TASK_STATUS(TASK_EXIT, 8);
	r = run_fault("exit7");
	assert_int_equal(r.misreported, r.injected);
	slice_result_done(&r);
}

static void neighbours_that_fail_are_counted(void **state)
{
	struct slice_result r;

	(void)state;
	script.status = KILLED;
	script.out_for = 3;
	r = run_fault("kill");
	assert_int_equal(r.collateral, 3 * r.injected);
	assert_int_equal(slice_failed(&r), 4 * r.injected);
	assert_int_equal(r.outages, r.injected);
	assert_int_equal(r.places_lost, 0);
	slice_result_done(&r);
}

static void lost_tasks_are_told_from_timeouts(void **state)
{
	struct slice_result r;

	(void)state;
	script.lose = true;
	r = run_fault("hang");
	assert_true(r.injected > 0);
	assert_int_equal(r.lost, r.injected);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.injected);
	slice_result_done(&r);
	script.lose = false;
	script.status = TASK_STATUS(TASK_TIMEOUT, 0);
	r = run_fault("hang");
	assert_int_equal(r.lost, 0);
	assert_int_equal(r.ended[TASK_TIMEOUT], r.injected);
	slice_result_done(&r);
}

static void an_answer_too_many_is_a_stray(void **state)
{
	struct slice_result r;

	(void)state;
	script.twice = true;
	r = run_fault("leak");
	assert_int_equal(r.status, SLICE_BROKEN);
	assert_int_equal(r.status_value, EPROTO);
	assert_int_equal(r.strays, 1);
	slice_result_done(&r);
}

static void a_place_that_stays_out_is_lost(void **state)
{
	struct slice_result r;

	(void)state;
	script.status = KILLED;
	script.out_for = UINT32_MAX;
	r = run_fault("kill");
	assert_int_equal(r.places_lost, 1);
	assert_int_equal(r.outages, 0);
	slice_result_done(&r);
}

static void what_is_left_is_counted(void **state)
{
	struct slice_result r;

	(void)state;
	script.leave = true;
	r = run_fault("leak");
	assert_int_equal(waitpid(puppet.child, NULL, 0), puppet.child);
	assert_int_equal(close(puppet.fd), 0);
	assert_int_equal(munmap(puppet.map, 4096), 0);
	assert_int_equal(r.left_processes, 1);
	assert_int_equal(r.left_descriptors, 1);
	assert_int_equal(r.left_mappings, 1);
	slice_result_done(&r);
}

/* Without a worker process there is nobody to send a signal to. */
static void nobody_to_strike(void **state)
{
	struct slice_result r;

	(void)state;
	r = run_fault("kill:outside");
	assert_int_equal(r.status, SLICE_OK);
	assert_int_equal(r.injected, 0);
	slice_result_done(&r);
}

/* Where all share one process, it is the one that is struck. */
static void all_share_what_is_struck(void **state)
{
	struct cell_spec cell = make_cell("kill:outside");
	int status;

	(void)state;
	cell.fault_reach = REACH_ALL;
	if (fork() == 0) {
		(void)run_cell(&cell);
		_exit(0);
	}
	assert_true(wait(&status) > 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(as_promised, reset),
		cmocka_unit_test_setup(without_a_fault_nothing_happens, reset),
		cmocka_unit_test_setup(harmless_ones_end_ok, reset),
		cmocka_unit_test_setup(another_end_is_misreported, reset),
		cmocka_unit_test_setup(neighbours_that_fail_are_counted, reset),
		cmocka_unit_test_setup(lost_tasks_are_told_from_timeouts,
				       reset),
		cmocka_unit_test_setup(an_answer_too_many_is_a_stray, reset),
		cmocka_unit_test_setup(a_place_that_stays_out_is_lost, reset),
		cmocka_unit_test_setup(what_is_left_is_counted, reset),
		cmocka_unit_test_setup(nobody_to_strike, reset),
		cmocka_unit_test_setup(all_share_what_is_struck, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
