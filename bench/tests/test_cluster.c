/*
 * The cluster model as a whole: who serves what, and what dies with whom.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/models/cluster_http.h"
#include "harness/base.h"
#include "harness/model.h"

extern const struct model model_cluster;

/* Nothing here takes so long, unless it never ends. */
#define PATIENCE_NS (30 * NS_PER_S)

/* What a task does, as its seed says. */
enum deed {
	WHO,       /* nothing; its digest is the pid of its worker */
	MEET,      /* wait for the others: see meet() */
	HANG,      /* never end */
	DIE,       /* SIGKILL to itself */
	EXIT_7,    /* exit(7) */
	EXIT_0,    /* exit(0) */
	HANG_UP,   /* end all its connections, but live on */
	TALK,      /* send nonsense to all its clients */
	LIE,       /* send somebody else's answer, and die */
	CLOSE_ALL, /* close everything that its worker has */
};

/* Shared with the workers. */
static struct board {
	uint32_t arrived; /* tasks that have come to meet() or hang() */
	uint32_t leave;   /* they may go when so many have arrived */
} * board;

static uint32_t arrived(void)
{
	return __atomic_load_n(&board->arrived, __ATOMIC_ACQUIRE);
}

/* Be there until all that belong together are. */
static void meet(void)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;

	__atomic_add_fetch(&board->arrived, 1, __ATOMIC_ACQ_REL);
	while (arrived() < board->leave && clock_ns() < deadline_ns)
		clock_sleep_until(clock_ns() + NS_PER_MS);
}

/* Do something to every connection of this process. */
static void each_connection(void (*deed)(int fd))
{
	for (int fd = 3; fd < 256; fd++) {
		int listens = 1;
		socklen_t size = sizeof(listens);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens,
			       &size) == 0 &&
		    !listens)
			deed(fd);
	}
}

static void hang_up(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
}

static void talk(int fd)
{
	(void)send(fd, "What?\r\n", 7, MSG_NOSIGNAL);
}

static uint64_t run(uint64_t size, uint64_t seed);

static const struct workload workload = {.name = "deeds", .run = run};

static void lie(int fd)
{
	static const struct http_call call = {&workload, 1, {1234567, LIE}, 0};
	static const struct completion other = {.id = 1234567};
	struct http_request request = {0};
	struct http_out out = {0};
	char body[HTTP_BODY_MAX];
	size_t n = json_format_completion(&call, &other, body);

	http_put_answer(&out, 200, &request, body, n);
	(void)http_out_flush(&out, fd);
}

static uint64_t run(uint64_t size, uint64_t seed)
{
	switch (seed) {
	case MEET:
		meet();
		break;
	case HANG:
		__atomic_add_fetch(&board->arrived, 1, __ATOMIC_ACQ_REL);
		for (;;)
			pause();
	case DIE:
		(void)kill(getpid(), SIGKILL);
		break;
	case EXIT_7:
		_exit(7);
	case EXIT_0:
		_exit(0);
	case HANG_UP:
		each_connection(hang_up);
		break;
	case TALK:
		each_connection(talk);
		break;
	case LIE:
		each_connection(lie);
		(void)kill(getpid(), SIGKILL);
		break;
	case CLOSE_ALL:
		for (int fd = 3; fd < 256; fd++)
			(void)close(fd);
		break;
	default:
		break;
	}
	(void)size;
	return (uint64_t)getpid();
}

static struct job job_of(uint32_t workers, uint32_t depth)
{
	return (struct job){
		.workload = &workload,
		.size = 1,
		.workers = workers,
		.depth = depth,
		.open_limit_ns = PATIENCE_NS,
	};
}

static void *open_with(const struct job *job)
{
	void *m = NULL;

	*board = (struct board){0};
	assert_int_equal(model_cluster.open(job, &m), 0);
	assert_non_null(m);
	return m;
}

static uint32_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint32_t n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

/* No child is left, not even a zombie, and as many descriptors as before. */
static void expect_nothing_left(uint32_t descriptors)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(count_descriptors(), descriptors);
}

static void submit(void *m, uint64_t id, enum deed deed)
{
	struct task task = {.id = id, .seed = deed};

	assert_int_equal(model_cluster.submit(m, &task, 1), 1);
}

static void reap(void *m, size_t n, struct completion *ret)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;

	for (size_t got = 0; got < n;) {
		int r = model_cluster.reap(m, deadline_ns, ret + got, n - got);

		assert_true(r > 0);
		got += (size_t)r;
	}
}

/* Run one task and return how it ended. */
static int32_t one(void *m, enum deed deed, struct completion *ret)
{
	submit(m, 1, deed);
	reap(m, 1, ret);
	assert_int_equal(ret->id, 1);
	return ret->status;
}

static const int32_t ok = TASK_STATUS(TASK_OK, 0);
static const int32_t nonsense = TASK_STATUS(TASK_PROTOCOL, 0);
static const int32_t killed = TASK_STATUS(TASK_SIGNAL, SIGKILL);

static void wait_for_arrivals(uint32_t n)
{
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;

	while (arrived() < n) {
		assert_true(clock_ns() < deadline_ns);
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
}

/*
 * As many tasks as there are clients: each worker gets as many as it has
 * clients.  Returns whether that was the same number for each.
 */
static int is_even(void *m, const struct job *job)
{
	uint32_t n = job_capacity(job);
	struct completion done[64];
	uint32_t served[16] = {0};
	struct task more = {.id = 1000, .seed = WHO};

	assert_true(n <= ARRAY_LEN(done));
	for (uint32_t i = 0; i < n; i++)
		submit(m, i, WHO);
	assert_int_equal(model_cluster.submit(m, &more, 1), 0);
	reap(m, n, done);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(done[i].status, ok);
		assert_true(done[i].worker < job->workers);
		served[done[i].worker]++;
		for (uint32_t k = 0; k < i; k++)
			assert_true(done[k].id != done[i].id);
	}
	for (uint32_t w = 0; w < job->workers; w++) {
		if (served[w] != job->depth)
			return 0;
	}
	return 1;
}

/* As many tasks as there are clients, all of them ok. */
static void expect_served(void *m, const struct job *job)
{
	(void)is_even(m, job);
}

static void test_even(void **state)
{
	uint32_t descriptors = count_descriptors();

	(void)state;
	for (uint32_t workers = 1; workers <= 4; workers++) {
		for (uint32_t depth = 1; depth <= 3; depth++) {
			struct job job = job_of(workers, depth);
			void *m = open_with(&job);

			/* From the first task on. */
			for (int i = 0; i < 20; i++)
				assert_true(is_even(m, &job));
			model_cluster.close(m);
			expect_nothing_left(descriptors);
		}
	}
}

/* All workers at once: they can only meet if each has one of the tasks. */
static void test_meeting(void **state)
{
	struct job job = job_of(3, 1);
	void *m = open_with(&job);
	struct completion done[3];

	(void)state;
	for (uint32_t i = 1; i <= 10; i++) {
		board->leave = 3 * i;
		for (uint32_t k = 0; k < 3; k++)
			submit(m, k, MEET);
		reap(m, 3, done);
		assert_int_equal(arrived(), 3 * i);
	}
	model_cluster.close(m);
}

/* Connections take turns, whoever serves them. */
static void test_turns(void **state)
{
	struct job job = job_of(3, 2);
	void *m = open_with(&job);
	struct completion done;
	uint32_t served[3] = {0};

	(void)state;
	for (int i = 0; i < 30; i++) {
		assert_int_equal(one(m, WHO, &done), ok);
		served[done.worker]++;
	}
	for (int w = 0; w < 3; w++)
		assert_int_equal(served[w], 10);
	model_cluster.close(m);
}

static void test_deadline(void **state)
{
	struct job job = job_of(1, 1);
	void *m = open_with(&job);
	struct completion done;

	(void)state;
	assert_int_equal(model_cluster.reap(m, 0, &done, 1), 0);
	board->leave = 2;
	submit(m, 1, MEET);
	assert_int_equal(
		model_cluster.reap(m, clock_ns() + 20 * NS_PER_MS, &done, 1),
		0);
	__atomic_add_fetch(&board->arrived, 1, __ATOMIC_ACQ_REL);
	reap(m, 1, &done);
	assert_int_equal(done.status, ok);
	model_cluster.close(m);
}

/* Someone ends a worker by @signal while it works. */
static void kill_one(int signal)
{
	struct job job = job_of(2, 1);
	uint32_t descriptors = count_descriptors();
	void *m = open_with(&job);
	struct completion done[2];
	uint64_t pids[2];
	uint32_t victim;

	submit(m, 1, WHO);
	submit(m, 2, WHO);
	reap(m, 2, done);
	for (uint32_t i = 0; i < 2; i++)
		pids[done[i].worker] = done[i].digest;

	submit(m, 10, HANG);
	wait_for_arrivals(1);
	submit(m, 11, WHO);
	reap(m, 1, done);
	assert_int_equal(done[0].id, 11);
	assert_int_equal(done[0].status, ok);
	victim = !done[0].worker;
	assert_int_equal(kill((pid_t)pids[victim], signal), 0);
	reap(m, 1, done);
	assert_int_equal(done[0].id, 10);
	assert_int_equal(done[0].status, TASK_STATUS(TASK_SIGNAL, signal));
	assert_int_equal(done[0].worker, victim);

	/* The other worker is who it was. */
	expect_served(m, &job);
	submit(m, 1, WHO);
	submit(m, 2, WHO);
	reap(m, 2, done);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(done[i].status, ok);
		assert_int_equal(done[i].digest != pids[done[i].worker],
				 done[i].worker == victim);
	}
	model_cluster.close(m);
	expect_nothing_left(descriptors);
}

static void test_kill(void **state)
{
	(void)state;
	kill_one(SIGKILL);
}

/* SIGTERM is not caught, even if our own process would ignore it. */
static void test_term(void **state)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;

	(void)state;
	assert_int_equal(sigaction(SIGTERM, &ignore, &before), 0);
	kill_one(SIGTERM);
	assert_int_equal(sigaction(SIGTERM, &before, NULL), 0);
}

/* Kill the idle worker that gave @done, and let the model see it. */
static void kill_and_see(void *m, const struct completion *done)
{
	pid_t pid = (pid_t)done->digest;
	uint64_t deadline_ns = clock_ns() + PATIENCE_NS;
	struct completion none;

	assert_int_equal(kill(pid, SIGKILL), 0);
	/* Until it is collected, it is there, be it as a zombie. */
	while (kill(pid, 0) == 0) {
		assert_true(clock_ns() < deadline_ns);
		assert_int_equal(
			model_cluster.reap(m, clock_ns() + NS_PER_MS, &none, 1),
			0);
	}
}

/* A worker dies while nobody waits for it. */
static void test_kill_idle(void **state)
{
	struct job job = job_of(2, 2);
	void *m = open_with(&job);
	struct completion done;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(one(m, WHO, &done), ok);
		kill_and_see(m, &done);
		expect_served(m, &job);
	}
	model_cluster.close(m);
}

static void test_deeds(void **state)
{
	struct job job = job_of(1, 2);
	uint32_t descriptors = count_descriptors();
	void *m = open_with(&job);
	struct completion done;

	(void)state;
	assert_int_equal(one(m, DIE, &done), killed);
	assert_int_equal(one(m, EXIT_7, &done), TASK_STATUS(TASK_EXIT, 7));
	/* To end well without an answer is not to end well. */
	assert_int_equal(one(m, EXIT_0, &done), nonsense);
	assert_int_equal(one(m, CLOSE_ALL, &done), TASK_STATUS(TASK_EXIT, 1));
	expect_served(m, &job);
	model_cluster.close(m);
	expect_nothing_left(descriptors);
}

/*
 * Not this task's answer: whether that or its death is seen first, the task is
 * not ok.  One client only, for a lie on another one would spoil the next task.
 */
static void test_lie(void **state)
{
	struct job job = job_of(1, 1);
	uint32_t descriptors = count_descriptors();
	void *m = open_with(&job);
	struct completion done;

	(void)state;
	assert_int_not_equal(one(m, LIE, &done), ok);
	expect_served(m, &job);
	model_cluster.close(m);
	expect_nothing_left(descriptors);
}

/* The worker lives, but the task's connection has come to nothing. */
static void test_live_nonsense(void **state)
{
	static const enum deed deeds[] = {TALK, TALK, HANG_UP};
	struct job job = job_of(2, 2);
	uint32_t descriptors = count_descriptors();
	void *m = open_with(&job);
	struct completion done, later;

	(void)state;
	/*
	 * Its successor is forked while the other worker has clients: did it
	 * keep copies of their sockets, they could not leave.
	 */
	assert_int_equal(one(m, DIE, &done), killed);
	expect_served(m, &job);
	for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
		assert_int_equal(one(m, deeds[i], &done), nonsense);
		/*
		 * Its other clients have heard nonsense, too.  One that is sent
		 * a task before it has looked takes it for the answer.
		 */
		for (uint32_t n = 0; n <= job_capacity(&job); n++) {
			(void)one(m, WHO, &later);
			if (later.status != nonsense)
				break;
		}
		assert_int_equal(later.status, ok);
	}
	model_cluster.close(m);
	expect_nothing_left(descriptors);
}

/* All clients of a worker that dies are told; those of others are served. */
static void test_deaths_among_many(void **state)
{
	struct job job = job_of(3, 3);
	void *m = open_with(&job);
	struct completion done[9];
	uint32_t n_killed = 0;

	(void)state;
	for (int round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < 9; i++)
			submit(m, i, i == 4 ? DIE : WHO);
		reap(m, 9, done);
		n_killed = 0;
		for (uint32_t i = 0; i < 9; i++) {
			assert_true(done[i].status == ok ||
				    done[i].status == killed);
			n_killed += done[i].status == killed;
			assert_true(done[i].id != 4 ||
				    done[i].status == killed);
			for (uint32_t k = 0; k < i; k++)
				assert_true(done[k].id != done[i].id);
		}
		assert_true(n_killed >= 1 && n_killed <= 3);
		expect_served(m, &job);
	}
	model_cluster.close(m);
}

/* A worker that dies in a task has done nothing wrong before: it is replaced. */
static void test_many_deaths(void **state)
{
	struct job job = job_of(1, 2);
	uint32_t descriptors = count_descriptors();
	struct model_counts counts;
	void *m = open_with(&job);
	struct completion done;

	(void)state;
	for (int i = 0; i < 12; i++)
		assert_int_equal(one(m, DIE, &done), killed);
	assert_int_equal(one(m, WHO, &done), ok);
	model_cluster.count(m, &counts);
	assert_int_equal(counts.respawns, 12);
	assert_int_equal(counts.given_up, 0);
	model_cluster.close(m);
	expect_nothing_left(descriptors);
}

/* A task that runs for too long ends, with its worker; others do not. */
static void test_run_limit(void **state)
{
	struct job job = job_of(2, 1);
	void *m;
	struct completion done[2];

	(void)state;
	job.run_limit_ns = 200 * NS_PER_MS;
	m = open_with(&job);
	submit(m, 1, HANG);
	submit(m, 2, WHO);
	reap(m, 2, done);
	assert_int_equal(done[0].id, 2);
	assert_int_equal(done[0].status, ok);
	assert_int_equal(done[1].id, 1);
	assert_int_equal(done[1].status, TASK_STATUS(TASK_TIMEOUT, 0));
	expect_served(m, &job);
	model_cluster.close(m);
}

/* Connections are kept, or each task has its own; either way they are counted. */
static void test_count(void **state)
{
	static const int64_t connections[] = {4, 20};
	struct job job = job_of(2, 2);
	struct model_counts counts;
	struct completion done;

	(void)state;
	for (int close = 0; close < 2; close++) {
		void *m;

		job.settings[0] = close;
		m = open_with(&job);
		for (int i = 0; i < 20; i++)
			assert_int_equal(one(m, WHO, &done), ok);
		model_cluster.count(m, &counts);
		assert_int_equal(counts.connections, connections[close]);
		assert_true(counts.connections_max >= counts.connections / 2);
		assert_true(2 * counts.connections_squares >=
			    counts.connections * counts.connections);
		/* Who comes while a worker is awake may be served at once. */
		assert_true(counts.wakeups >= (close ? 1 : 20));
		assert_true(counts.wasted_wakeups >= 0);
		assert_int_equal(counts.respawns, 0);
		assert_int_equal(counts.recycled, -1);
		assert_int_equal(counts.retries, -1);
		model_cluster.close(m);
	}
}

static void test_close_in_flight(void **state)
{
	struct job job = job_of(2, 2);
	uint32_t descriptors = count_descriptors();
	void *m = open_with(&job);

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		submit(m, i, HANG);
	wait_for_arrivals(2);
	model_cluster.close(m);
	expect_nothing_left(descriptors);
	model_cluster.close(NULL);
}

static void test_late(void **state)
{
	struct job job = job_of(4, 4);
	uint32_t descriptors = count_descriptors();
	void *m = &job;

	(void)state;
	job.open_limit_ns = 1;
	assert_int_equal(model_cluster.open(&job, &m), -ETIMEDOUT);
	assert_ptr_equal(m, &job);
	expect_nothing_left(descriptors);
}

/* Whatever the number of descriptors: it opens, or leaves nothing. */
static void test_few_descriptors(void **state)
{
	struct job job = job_of(2, 2);
	uint32_t descriptors = count_descriptors();
	struct rlimit before, few;
	uint32_t n_failed = 0;
	int r = -1;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	/* 3: that of opendir(), and its entries "." and "..". */
	for (few.rlim_cur = descriptors - 3; r < 0; few.rlim_cur++) {
		void *m = NULL;

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		r = model_cluster.open(&job, &m);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		if (r == 0) {
			expect_served(m, &job);
			model_cluster.close(m);
		} else {
			n_failed++;
			assert_null(m);
			assert_true(r == -EMFILE || r == -ECHILD ||
				    r == -ETIMEDOUT);
		}
		expect_nothing_left(descriptors);
	}
	assert_true(n_failed >= 5);
}

static int setup(void **state)
{
	(void)state;
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return board == MAP_FAILED;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_even),
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_term),
		cmocka_unit_test(test_kill_idle),
		cmocka_unit_test(test_deeds),
		cmocka_unit_test(test_lie),
		cmocka_unit_test(test_live_nonsense),
		cmocka_unit_test(test_deaths_among_many),
		cmocka_unit_test(test_many_deaths),
		cmocka_unit_test(test_run_limit),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_close_in_flight),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_few_descriptors),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
