/* The faults: what they are, what they do, how a task with one may end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/fault.h"
#include "harness/model.h"
#include "harness/task.h"

#define OK TASK_STATUS(TASK_OK, 0)

static uint64_t twice(uint64_t size, uint64_t seed)
{
	return 2 * seed + size;
}

static const struct workload plain = {
	.name = "twice",
	.summary = "doubles",
	.size_unit = "units",
	.default_size = 5,
	.run = twice,
};

static void names_are_names(void **state)
{
	struct cell_room {
		char fault[16];
	} room;

	(void)state;
	assert_true(n_faults > 0);
	for (size_t i = 0; i < n_faults; i++) {
		assert_ptr_equal(fault_find(faults[i].name), &faults[i]);
		assert_true(strlen(faults[i].name) < sizeof(room.fault));
		assert_true(faults[i].act || faults[i].sent > 0);
		assert_true(task_status_end(faults[i].end) != TASK_LOST);
	}
	assert_null(fault_find(""));
	assert_null(fault_find("KILL"));
}

static void reach_is_the_kind_of_model(void **state)
{
	(void)state;
	assert_int_equal(fault_reach_of(MODEL_PROCESS), REACH_TASK);
	assert_int_equal(fault_reach_of(MODEL_PROCESS | MODEL_PER_TASK),
			 REACH_TASK);
	assert_int_equal(fault_reach_of(MODEL_PROCESS | MODEL_NETWORK),
			 REACH_WORKER);
	assert_int_equal(fault_reach_of(MODEL_THREAD), REACH_ALL);
	assert_int_equal(fault_reach_of(MODEL_SERIAL), REACH_ALL);
	assert_string_equal(fault_reach_name(REACH_ALL), "everything");
	assert_string_equal(fault_reach_name((enum fault_reach)99), "unknown");
}

static bool promised(const char *name, enum fault_reach reach, int32_t status)
{
	return fault_promised(fault_find(name), reach, status);
}

static void only_what_was_promised(void **state)
{
	(void)state;
	assert_true(promised("exit7", REACH_TASK, TASK_STATUS(TASK_EXIT, 7)));
	assert_false(promised("exit7", REACH_TASK, TASK_STATUS(TASK_EXIT, 8)));
	assert_true(
		promised("exit0", REACH_TASK, TASK_STATUS(TASK_PROTOCOL, 0)));
	assert_false(promised("exit0", REACH_TASK, OK));
	assert_true(promised("hang", REACH_TASK, TASK_STATUS(TASK_TIMEOUT, 0)));
	assert_false(promised("hang", REACH_TASK,
			      TASK_STATUS(TASK_SIGNAL, SIGKILL)));
	/* A shell's way to tell of a signal. */
	assert_true(promised("segv", REACH_TASK,
			     TASK_STATUS(TASK_EXIT, 128 + SIGSEGV)));
	assert_false(promised("segv", REACH_TASK,
			      TASK_STATUS(TASK_EXIT, 128 + SIGKILL)));
	/* Behind a connection every end but a good one is as good. */
	assert_true(
		promised("kill", REACH_WORKER, TASK_STATUS(TASK_PROTOCOL, 0)));
	assert_false(promised("kill", REACH_WORKER, OK));
	assert_true(
		promised("garble", REACH_TASK, TASK_STATUS(TASK_PROTOCOL, 0)));
	assert_false(
		promised("kill", REACH_TASK, TASK_STATUS(TASK_PROTOCOL, 0)));
	/* What does no harm to its task must not end it. */
	assert_true(promised("leak", REACH_WORKER, OK));
	assert_false(
		promised("leak", REACH_WORKER, TASK_STATUS(TASK_PROTOCOL, 0)));
}

static void a_seed_decides(void **state)
{
	const struct workload *w = fault_wrap(fault_find("leak"), &plain);
	int before = dup(STDERR_FILENO), after;

	(void)state;
	assert_string_equal(w->name, "twice+leak");
	assert_int_equal(close(before), 0);
	assert_int_equal(w->run(3, 20), 43);
	after = dup(STDERR_FILENO);
	assert_int_equal(after, before);
	assert_int_equal(close(after), 0);
	/* The work is the same, but one descriptor is gone. */
	assert_int_equal(w->run(3, 20 | FAULT_SEED), 43);
	after = dup(STDERR_FILENO);
	assert_true(after > before);
	assert_int_equal(close(after), 0);
	assert_int_equal(close(before), 0);
}

static const struct workload *find(const char *name)
{
	return strcmp(name, "twice") == 0 ? &plain : NULL;
}

static void names_of_both_are_found(void **state)
{
	const struct workload *w = fault_workload("twice+leak", find);
	char endless[200];

	(void)state;
	assert_non_null(w);
	assert_string_equal(w->name, "twice+leak");
	memset(endless, 'x', sizeof(endless));
	strcpy(&endless[100], "+leak");
	assert_null(fault_workload("twice", find));
	assert_null(fault_workload("twice+", find));
	assert_null(fault_workload("twice+peace", find));
	assert_null(fault_workload("thrice+leak", find));
	assert_null(fault_workload(endless, find));
	/* From outside nothing is to be done in a task. */
	assert_null(fault_workload("twice+kill:outside", find));
}

/* How a process ends that runs a task with fault @name; hanging: by SIGALRM. */
static int end_of(const char *name)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const struct workload *w = fault_wrap(fault_find(name), &plain);

		(void)alarm(1);
		(void)w->run(1, 1 | FAULT_SEED);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	if (WIFSTOPPED(status)) {
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	return status;
}

static void each_does_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_faults; i++) {
		int32_t end = faults[i].end;
		int value = task_status_value(end), status;

		if (!faults[i].act || strcmp(faults[i].name, "flood") == 0)
			continue;
		status = end_of(faults[i].name);
		switch (task_status_end(end)) {
		case TASK_SIGNAL:
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), value);
			break;
		case TASK_EXIT:
		case TASK_PROTOCOL:
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), value);
			break;
		case TASK_TIMEOUT:
			assert_true(WIFSTOPPED(status) ||
				    (WIFSIGNALED(status) &&
				     WTERMSIG(status) == SIGALRM));
			break;
		default:
			assert_true(WIFEXITED(status));
			assert_int_equal(WEXITSTATUS(status), 99);
		}
	}
}

/* To what was opened since, and to nothing of before. */
static void nonsense_goes_to_what_is_new(void **state)
{
	int old[2], new[2], status;
	char text[16];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(old), 0);
	pid = fork();
	if (pid == 0) {
		const struct workload *w =
			fault_wrap(fault_find("garble"), &plain);

		/* The parent reads what was said, from what it knows. */
		if (pipe(new) == 0 && fork() == 0)
			(void)w->run(1, 1 | FAULT_SEED);
		(void)close(new[1]);
		if (read(new[0], text, sizeof(text)) == 9)
			_exit(0);
		_exit(1);
	}
	assert_int_equal(close(old[1]), 0);
	assert_int_equal(read(old[0], text, sizeof(text)), 0);
	assert_int_equal(close(old[0]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void more_than_a_pipe_holds(void **state)
{
	int out[2], status;
	char text[65536];
	size_t bytes = 0;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		const struct workload *w =
			fault_wrap(fault_find("flood"), &plain);

		(void)dup2(out[1], STDOUT_FILENO);
		(void)dup2(out[1], STDERR_FILENO);
		(void)close(out[0]);
		(void)close(out[1]);
		_exit(w->run(3, 20 | FAULT_SEED) == 43 ? 0 : 1);
	}
	assert_int_equal(close(out[1]), 0);
	while ((n = read(out[0], text, sizeof(text))) > 0)
		bytes += (size_t)n;
	assert_int_equal(close(out[0]), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(bytes, 2 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(reach_is_the_kind_of_model),
		cmocka_unit_test(only_what_was_promised),
		cmocka_unit_test(a_seed_decides),
		cmocka_unit_test(names_of_both_are_found),
		cmocka_unit_test(each_does_what_it_says),
		cmocka_unit_test(nonsense_goes_to_what_is_new),
		cmocka_unit_test(more_than_a_pipe_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
