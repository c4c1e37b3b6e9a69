#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/gate.h"
#include "harness/tests/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void *report_thread(void *gate)
{
	gate_report(gate);
	return NULL;
}

static void threads_report(void **state)
{
	pthread_t t[8];
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, report_thread, &g),
				 0);
	assert_int_equal(gate_wait(&g, ARRAY_LEN(t), CLOCK_NEVER), 0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	gate_close(&g);
}

/* Fork @n workers, of which the first @reporting report; all of them end. */
static void fork_workers(struct gate *g, int n, int reporting)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			if (i < reporting)
				gate_report(g);
			gate_close(g);
			_exit(0);
		}
	}
}

static void collect_workers(int n)
{
	int status;

	for (int i = 0; i < n; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

static void processes_report(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	fork_workers(&g, 8, 8);
	gate_seal(&g);
	assert_int_equal(gate_wait(&g, 8, CLOCK_NEVER), 0);
	collect_workers(8);
	gate_close(&g);
}

static void reports_of_the_dead_count(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	fork_workers(&g, 3, 3);
	gate_seal(&g);
	collect_workers(3);
	assert_int_equal(gate_wait(&g, 3, CLOCK_NEVER), 0);
	gate_close(&g);
}

static void dead_worker_ends_the_wait(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	fork_workers(&g, 3, 2);
	gate_seal(&g);
	assert_int_equal(gate_wait(&g, 3, CLOCK_NEVER), -ECHILD);
	collect_workers(3);
	gate_close(&g);
}

static void silent_worker_is_a_timeout(void **state)
{
	uint64_t deadline;
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	gate_report(&g);
	assert_int_equal(gate_wait(&g, 2, 0), -ETIMEDOUT);
	gate_report(&g);
	deadline = clock_ns() + 10 * NS_PER_MS;
	assert_int_equal(gate_wait(&g, 2, deadline), -ETIMEDOUT);
	assert_true(clock_ns() >= deadline);
	gate_close(&g);
}

/* What is there counts, even if it is looked at too late. */
static void late_look_sees_reports(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	gate_report(&g);
	assert_int_equal(gate_wait(&g, 1, 0), 0);
	assert_int_equal(gate_wait(&g, 0, 0), 0);
	gate_close(&g);
}

static void wait_takes_no_more_than_it_asked(void **state)
{
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	for (int i = 0; i < 1000; i++)
		gate_report(&g);
	assert_int_equal(gate_wait(&g, 1, 0), 0);
	assert_int_equal(gate_wait(&g, 700, 0), 0);
	assert_int_equal(gate_wait(&g, 299, 0), 0);
	assert_int_equal(gate_wait(&g, 1, 0), -ETIMEDOUT);
	gate_close(&g);
}

static struct gate *alarm_gate;
static sig_atomic_t ticks;

static void on_alarm(int sig)
{
	(void)sig;
	if (++ticks == 3)
		gate_report(alarm_gate);
}

static void signals_do_not_end_the_wait(void **state)
{
	struct itimerval often = {{0, 2000}, {0, 2000}};
	struct itimerval never = {{0, 0}, {0, 0}};
	struct sigaction act = {.sa_handler = on_alarm}, old;
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	alarm_gate = &g;
	ticks = 0;
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	assert_int_equal(gate_wait(&g, 1, CLOCK_NEVER), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(ticks >= 3);
	gate_close(&g);
}

static void descriptors_are_ours_and_closed(void **state)
{
	int before = fds_count();
	struct gate g;

	(void)state;
	assert_int_equal(gate_open(&g), 0);
	assert_int_equal(fds_count(), before + 2);
	assert_true(fcntl(g.reader, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(g.writer, F_GETFD) & FD_CLOEXEC);
	gate_seal(&g);
	assert_int_equal(fds_count(), before + 1);
	assert_int_equal(g.writer, -1);
	gate_close(&g);
	gate_close(&g);
	assert_int_equal(fds_count(), before);
	assert_int_equal(g.reader, -1);
}

static void no_descriptors_is_an_error(void **state)
{
	struct gate g = {.reader = 77, .writer = 78};
	struct rlimit old, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(gate_open(&g), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(g.reader, 77);
	assert_int_equal(g.writer, 78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_report),
		cmocka_unit_test(processes_report),
		cmocka_unit_test(reports_of_the_dead_count),
		cmocka_unit_test(dead_worker_ends_the_wait),
		cmocka_unit_test(silent_worker_is_a_timeout),
		cmocka_unit_test(late_look_sees_reports),
		cmocka_unit_test(wait_takes_no_more_than_it_asked),
		cmocka_unit_test(signals_do_not_end_the_wait),
		cmocka_unit_test(descriptors_are_ours_and_closed),
		cmocka_unit_test(no_descriptors_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
