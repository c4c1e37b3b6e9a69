#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/lanes.h"

#define WORKERS 3
#define DEPTH 8

static uint64_t n_kills = 60;

/* How often each task of kill_workers() ran; shared with the workers. */
#define N_TASKS (1 << 20)
static uint8_t *runs;

static uint64_t tally_run(uint64_t size, uint64_t seed)
{
	(void)size;
	if (runs)
		__atomic_fetch_add(&runs[seed], 1, __ATOMIC_RELAXED);
	return mix64(seed);
}

static const struct workload tally = {.name = "tally", .run = tally_run};
static const struct job job = {
	.workload = &tally,
	.workers = WORKERS,
	.depth = DEPTH,
};

static void *shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	return p;
}

/* All lanes open to DEPTH tasks. */
static void begin(struct lanes *l)
{
	assert_int_equal(
		lanes_open(l, &job, shared(lanes_bytes(&job)), true, 0), 0);
	for (uint32_t i = 0; i < WORKERS; i++)
		lanes_begin(l, i, DEPTH, UINT64_MAX);
}

static void end(struct lanes *l)
{
	void *memory = l->memory;

	lanes_close(l);
	lanes_close(l);
	assert_int_equal(munmap(memory, lanes_bytes(&job)), 0);
}

/* Submit @n tasks with ids from @first on; how many were taken. */
static size_t submit(struct lanes *l, uint64_t first, size_t n)
{
	struct task tasks[64];

	for (size_t i = 0; i < n; i++)
		tasks[i] = (struct task){.id = first + i, .seed = first + i};
	return lanes_submit(l, tasks, n);
}

/* Worker @i, here and now: run all that is in its lane.  How many. */
static int serve(struct lanes_worker *w, uint32_t i)
{
	struct worker self;
	int n = 0;

	worker_begin(&self, &job, i);
	while (lanes_next(w, 0) == 1) {
		lanes_run(w, &job, &self);
		n++;
	}
	return n;
}

static void expect_open(const struct lanes *l, uint32_t a, uint32_t b,
			uint32_t c)
{
	uint32_t want[] = {a, b, c}, got[WORKERS];

	for (uint32_t i = 0; i < WORKERS; i++)
		got[i] = lanes_open_tasks(l, i);
	assert_memory_equal(got, want, sizeof(got));
}

/* With one as with many: none gets a second while another has none. */
static void hands_out_evenly(void **state)
{
	struct lanes l;

	(void)state;
	begin(&l);
	for (uint32_t k = 1; k <= DEPTH; k++) {
		for (uint32_t i = 0; i < WORKERS; i++)
			assert_int_equal(submit(&l, k * WORKERS + i, 1), 1);
		expect_open(&l, k, k, k);
	}
	assert_int_equal(submit(&l, 100, 1), 0);
	end(&l);

	begin(&l);
	assert_int_equal(submit(&l, 1, 6), 6);
	expect_open(&l, 2, 2, 2);
	for (uint32_t i = 0; i < 2; i++) {
		struct task task;

		/* Two more in the first lane, two less in the last. */
		assert_int_equal(lanes_send(&l, 0, &(struct task){.id = 9}, 1),
				 1);
		assert_true(lanes_take_back(&l, 2, &task));
	}
	lanes_begin(&l, 2, DEPTH, UINT64_MAX);
	expect_open(&l, 4, 2, 0);
	assert_int_equal(submit(&l, 20, 1), 1);
	expect_open(&l, 4, 2, 1);
	assert_int_equal(submit(&l, 21, 3), 3);
	expect_open(&l, 4, 3, 3);
	assert_int_equal(submit(&l, 30, 5), 5);
	expect_open(&l, 5, 5, 5);
	assert_int_equal(submit(&l, 40, 60), 9);
	expect_open(&l, 8, 8, 8);
	end(&l);
}

static void keeps_limits_and_quotas(void **state)
{
	struct lanes_worker w;
	struct completion c[64];
	struct lanes l;

	(void)state;
	begin(&l);
	lanes_begin(&l, 0, 2, UINT64_MAX);
	lanes_begin(&l, 1, DEPTH, 3);
	assert_int_equal(submit(&l, 1, 60), 2 + 3 + DEPTH);
	expect_open(&l, 2, 3, DEPTH);
	/* What was answered is no longer in a lane, but it was sent. */
	for (uint32_t i = 0; i < WORKERS; i++) {
		lanes_attach(&w, &l, i);
		assert_true(serve(&w, i) > 0);
	}
	assert_int_equal(lanes_reap(&l, c, 64), 2 + 3 + DEPTH);
	assert_int_equal(submit(&l, 100, 60), 2 + DEPTH);
	expect_open(&l, 2, 0, DEPTH);
	lanes_end(&l, 2);
	assert_int_equal(lanes_room(&l, 2), 0);
	end(&l);
}

static void carries_both_ways(void **state)
{
	struct lanes_worker w[WORKERS];
	struct completion c[DEPTH];
	uint64_t id = 1;
	struct lanes l;

	(void)state;
	begin(&l);
	for (uint32_t i = 0; i < WORKERS; i++)
		lanes_attach(&w[i], &l, i);
	for (int round = 0; round < 20; round++) {
		bool seen[WORKERS * DEPTH + 1] = {false};
		size_t n = 1 + (size_t)round % (WORKERS * DEPTH), reaped = 0;

		assert_int_equal(submit(&l, id, n), n);
		assert_int_equal(lanes_reap(&l, c, DEPTH), 0);
		for (uint32_t i = 0; i < WORKERS; i++) {
			uint32_t open = lanes_open_tasks(&l, i);

			assert_int_equal(lanes_begun(&l, i), 0);
			assert_int_equal(serve(&w[i], i), open);
			assert_int_equal(lanes_begun(&l, i), open);
			assert_true(open == 0 || lanes_begun_ns(&l, i) > 0);
		}
		while (reaped < n) {
			size_t k = lanes_reap(&l, c, 5);

			assert_true(k > 0 && k <= 5);
			for (size_t i = 0; i < k; i++) {
				assert_false(seen[c[i].id - id]);
				seen[c[i].id - id] = true;
				assert_int_equal(c[i].digest, mix64(c[i].id));
				assert_true(c[i].start_ns <= c[i].end_ns);
			}
			reaped += k;
		}
		expect_open(&l, 0, 0, 0);
		id += n;
	}
	assert_int_equal(l.n_broken, 0);
	end(&l);
}

/* Only a task that is known to be there may begin with the end of another. */
static void one_look_between_two(void **state)
{
	struct completion c[DEPTH];
	struct worker self = {.index = 0};
	struct lanes_worker w;
	struct lanes l;

	(void)state;
	begin(&l);
	lanes_attach(&w, &l, 0);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(lanes_send(&l, 0,
					    &(struct task){.id = i, .seed = i},
					    1),
				 1);
	assert_int_equal(serve(&w, 0), 3);
	assert_int_equal(lanes_reap(&l, c, DEPTH), 3);
	assert_int_equal(c[1].start_ns, c[0].end_ns);
	assert_int_equal(c[2].start_ns, c[1].end_ns);
	for (uint64_t i = 0; i < 2; i++) {
		assert_int_equal(lanes_send(&l, 0, &(struct task){.id = 7}, 1),
				 1);
		assert_int_equal(lanes_next(&w, 0), 1);
		lanes_run(&w, &job, &self);
		assert_int_equal(lanes_reap(&l, &c[i], 1), 1);
	}
	assert_true(c[1].start_ns > c[0].end_ns);
	end(&l);
}

/* What a worker gone mad may answer to the task 5 of lane 1. */
static void trusts_no_answer(void **state)
{
	static const struct completion nonsense[] = {
		{.id = 6, .worker = 1, .status = TASK_OK},
		{.id = 5, .worker = 0, .status = TASK_OK},
		{.id = 5, .worker = 1, .status = TASK_LOST},
		{.id = 5, .worker = 1, .status = TASK_ENDS},
	};
	struct completion c[DEPTH];
	struct task task;
	struct lanes l;

	(void)state;
	begin(&l);
	for (size_t i = 0; i <= ARRAY_LEN(nonsense); i++) {
		struct lanes_worker w;

		lanes_begin(&l, 1, DEPTH, UINT64_MAX);
		lanes_attach(&w, &l, 1);
		assert_int_equal(l.n_broken, 0);
		task = (struct task){.id = 5};
		assert_int_equal(lanes_send(&l, 1, &task, 1), 1);
		if (i < ARRAY_LEN(nonsense))
			(void)ring_put(&w.results, &nonsense[i], 1);
		else
			w.up->results.n_put = UINT64_MAX / 2;
		assert_int_equal(lanes_reap(&l, c, DEPTH), 0);
		assert_int_equal(l.n_broken, 1);
		assert_int_equal(lanes_room(&l, 1), 0);
		assert_int_equal(lanes_begun(&l, 1), 0);
		task.id = 0;
		assert_true(lanes_take_back(&l, 1, &task));
		assert_int_equal(task.id, 5);
		assert_false(lanes_take_back(&l, 1, &task));
	}

	/* An answer too many, after a right one. */
	lanes_begin(&l, 1, DEPTH, UINT64_MAX);
	lanes_attach(&(struct lanes_worker){0}, &l, 1);
	assert_int_equal(lanes_send(&l, 1, &task, 1), 1);
	for (int i = 0; i < 2; i++) {
		struct lane_up *up = l.lane[1].up;
		struct completion *at =
			(struct completion *)up->results.records + i;

		*at = (struct completion){.id = i == 0 ? task.id : 0,
					  .worker = 1,
					  .status = TASK_OK};
		up->results.n_put++;
	}
	assert_int_equal(lanes_reap(&l, c, DEPTH), 1);
	assert_int_equal(l.n_broken, 1);
	end(&l);
}

static uint64_t rings(const struct lanes *l)
{
	uint64_t n;

	return read(l->bell, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void rings_for_who_sleeps(void **state)
{
	struct lanes_worker w;
	struct lanes l;

	(void)state;
	begin(&l);
	lanes_attach(&w, &l, 0);
	assert_int_equal(lanes_send(&l, 0, &(struct task){.id = 1}, 1), 1);
	assert_int_equal(serve(&w, 0), 1);
	assert_int_equal(rings(&l), 0);
	for (uint64_t n = 1; n <= DEPTH / 2; n++) {
		uint32_t key = eventcount_prepare(l.asleep);

		for (uint64_t i = 0; i < n; i++)
			assert_int_equal(
				lanes_send(&l, 0, &(struct task){.id = i}, 1),
				1);
		assert_int_equal(serve(&w, 0), n);
		/* However many came, it wakes up once. */
		assert_int_equal(rings(&l), 1);
		eventcount_cancel(l.asleep, key);
		assert_true(lanes_reap(&l, (struct completion[DEPTH]){0},
				       DEPTH) > 0);
	}
	end(&l);
}

/*
 * As long as neither side sleeps, a task costs no system call at all.  A process
 * that the kernel kills at its first one runs 10,000.
 */
static _Noreturn void run_without_kernel(struct lanes *l)
{
	struct lanes_worker w[WORKERS];
	struct completion c[DEPTH];
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {ARRAY_LEN(filter), filter};
	size_t reaped = 0;
	uint64_t n;

	for (uint32_t i = 0; i < WORKERS; i++)
		lanes_attach(&w[i], l, i);
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	while (reaped < 10000) {
		(void)submit(l, reaped, WORKERS * DEPTH / 2);
		for (uint32_t i = 0; i < WORKERS; i++) {
			struct worker self = {.index = i};

			while (lanes_open_tasks(l, i) > 0 &&
			       ring_ready(&w[i].tasks) > 0)
				lanes_run(&w[i], &job, &self);
		}
		reaped += lanes_reap(l, c, DEPTH);
	}
	_exit(read(l->bell, &n, sizeof(n)) > 0);
}

static void busy_sides_need_no_kernel(void **state)
{
	struct lanes l;
	int status;
	pid_t pid;

	(void)state;
	/* Sanitisers make calls of their own. */
	if (dlsym(RTLD_DEFAULT, "__tsan_init") ||
	    dlsym(RTLD_DEFAULT, "__asan_init"))
		skip();
	begin(&l);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		run_without_kernel(&l);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	end(&l);
}

static void waits_for_others_too(void **state)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = 77};
	uint64_t deadline_ns, one = 1;
	struct lanes_worker w;
	struct lanes l;
	int other;

	(void)state;
	begin(&l);
	other = eventfd(0, 0);
	assert_int_equal(epoll_ctl(l.epoll, EPOLL_CTL_ADD, other, &event), 0);
	deadline_ns = clock_ns() + 3 * NS_PER_MS;
	assert_int_equal(lanes_wait(&l, deadline_ns), LANES_BELL);
	assert_true(clock_ns() >= deadline_ns);
	assert_int_equal(lanes_look(&l), LANES_BELL);
	assert_int_equal(write(other, &one, sizeof(one)), sizeof(one));
	assert_int_equal(lanes_look(&l), 77);
	assert_int_equal(lanes_wait(&l, CLOCK_NEVER), 77);
	/* What can be reaped comes first, and without a system call. */
	lanes_attach(&w, &l, 0);
	assert_int_equal(submit(&l, 1, WORKERS), WORKERS);
	assert_int_equal(serve(&w, 0), 1);
	assert_int_equal(lanes_wait(&l, CLOCK_NEVER), LANES_BELL);
	assert_int_equal(close(other), 0);
	end(&l);
}

static void leaves_when_told(void **state)
{
	struct lanes_worker w;
	struct lanes l;

	(void)state;
	begin(&l);
	lanes_attach(&w, &l, 0);
	assert_int_equal(lanes_next(&w, NS_PER_MS), -ETIMEDOUT);
	assert_int_equal(submit(&l, 1, WORKERS), WORKERS);
	assert_int_equal(lanes_next(&w, CLOCK_NEVER), 1);
	lanes_end(&l, 0);
	assert_int_equal(lanes_next(&w, CLOCK_NEVER), 0);
	end(&l);
}

/* A process may write its own part, and the generator's eventcount. */
static void defends_what_is_not_its_own(void **state)
{
	struct lanes l;

	(void)state;
	begin(&l);
	for (int i = 0; i < 6; i++) {
		char *targets[] = {
			(char *)&l.lane[1].up->tasks_taken,
			(char *)l.asleep,
			(char *)&l.lane[0].up->tasks_taken,
			(char *)&l.lane[2].up->tasks_taken,
			(char *)&l.lane[1].down->tasks,
			(char *)&l.lane[2].down->tasks,
		};
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			(void)signal(SIGSEGV, SIG_DFL);
			CHECK(lanes_defend(&l, 1) == 0);
			*targets[i] = 1;
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status == 0, i < 2);
	}
	end(&l);
}

struct thread {
	pthread_t id;
	const struct lanes *l;
	uint32_t index;
};

static void *serve_thread(void *arg)
{
	const struct thread *t = arg;
	struct lanes_worker w;
	struct worker self;

	worker_begin(&self, &job, t->index);
	lanes_attach(&w, t->l, t->index);
	while (lanes_next(&w, CLOCK_NEVER) == 1)
		lanes_run(&w, &job, &self);
	return NULL;
}

/* Batches of all sizes, to workers that sleep and that do not. */
static void threads_lose_no_task(void **state)
{
	struct rng rng = {.state = 3};
	uint64_t sent = 1, reaped = 1, sum = 0, want = 0, n = 100000;
	struct thread threads[WORKERS];
	struct lanes l;

	(void)state;
	begin(&l);
	for (uint32_t i = 0; i < WORKERS; i++) {
		threads[i] = (struct thread){.l = &l, .index = i};
		assert_int_equal(pthread_create(&threads[i].id, NULL,
						serve_thread, &threads[i]),
				 0);
	}
	while (reaped < n) {
		struct completion c[DEPTH];
		size_t k = 1 + rng_below(&rng, WORKERS * DEPTH);

		sent += submit(&l, sent, k < n - sent ? k : n - sent);
		k = lanes_reap(&l, c, 1 + rng_below(&rng, DEPTH));
		for (size_t i = 0; i < k; i++)
			sum += c[i].digest;
		reaped += k;
		if (k == 0 && sent > reaped)
			assert_int_equal(
				lanes_wait(&l, clock_ns() + 60 * NS_PER_S),
				LANES_BELL);
	}
	for (uint64_t i = 1; i < n; i++)
		want += mix64(i);
	assert_true(sum == want);
	for (uint32_t i = 0; i < WORKERS; i++) {
		lanes_end(&l, i);
		assert_int_equal(pthread_join(threads[i].id, NULL), 0);
	}
	end(&l);
}

/* What gated tasks wait for, but not for ever. */
#define GATED UINT64_C(1000)
static bool gate_is_open;

static uint64_t gated_run(uint64_t size, uint64_t seed)
{
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;

	(void)size;
	while (seed == GATED &&
	       !__atomic_load_n(&gate_is_open, __ATOMIC_ACQUIRE) &&
	       clock_ns() < deadline_ns)
		clock_sleep_until(clock_ns() + NS_PER_MS);
	return seed;
}

/* A worker that comes when the generator sleeps. */
static void *serve_sleeper(void *arg)
{
	static const struct workload gated = {.name = "gated",
					      .run = gated_run};
	const struct job gated_job = {
		.workload = &gated, .workers = WORKERS, .depth = DEPTH};
	const struct lanes *l = arg;
	struct lanes_worker w;
	struct worker self;

	while (__atomic_load_n(&l->asleep->word, __ATOMIC_ACQUIRE) % 2 == 0)
		clock_sleep_until(clock_ns() + NS_PER_MS);
	worker_begin(&self, &gated_job, 0);
	lanes_attach(&w, l, 0);
	while (lanes_next(&w, CLOCK_NEVER) == 1)
		lanes_run(&w, &gated_job, &self);
	return NULL;
}

/*
 * A worker may keep a result back, as it expects the next one soon.  When that
 * takes longer, the generator comes and looks.
 */
static void fetches_what_is_kept_back(void **state)
{
	const struct task tasks[] = {{1, 1}, {2, GATED}, {3, 3}};
	uint64_t deadline_ns = clock_ns() + 30 * NS_PER_S;
	struct completion c[DEPTH] = {{0}};
	struct lanes l;
	pthread_t id;
	size_t n = 0;

	(void)state;
	gate_is_open = false;
	begin(&l);
	for (uint32_t i = 1; i < WORKERS; i++)
		lanes_begin(&l, i, 0, 0);
	assert_int_equal(lanes_submit(&l, tasks, 3), 3);
	assert_int_equal(pthread_create(&id, NULL, serve_sleeper, &l), 0);
	while (n == 0 && clock_ns() < deadline_ns) {
		lanes_wait(&l, deadline_ns);
		n = lanes_reap(&l, c, DEPTH);
	}
	assert_int_equal(n, 1);
	assert_int_equal(c[0].id, 1);
	__atomic_store_n(&gate_is_open, true, __ATOMIC_RELEASE);
	while (n < 3 && clock_ns() < deadline_ns) {
		lanes_wait(&l, deadline_ns);
		n += lanes_reap(&l, c, DEPTH);
	}
	assert_int_equal(n, 3);
	lanes_end(&l, 0);
	assert_int_equal(pthread_join(id, NULL), 0);
	end(&l);
}

static pid_t start(struct lanes *l, uint32_t i)
{
	pid_t pid;

	lanes_begin(l, i, DEPTH, UINT64_MAX);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		CHECK(lanes_defend(l, i) == 0);
		(void)serve_thread(&(struct thread){.l = l, .index = i});
		_exit(0);
	}
	return pid;
}

/* What came of the tasks of kill_workers(). */
static struct count {
	uint64_t sent;
	uint32_t answers[N_TASKS];
	uint64_t answered, lost, returned;
} count;

static void reap_some(struct lanes *l)
{
	struct completion c[DEPTH];
	size_t n = lanes_reap(l, c, DEPTH);

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(c[i].digest, mix64(c[i].id));
		assert_int_equal(runs[c[i].id], 1);
		count.answers[c[i].id]++;
		count.answered++;
	}
	assert_int_equal(l->n_broken, 0);
}

/* The worker of lane @i is dead: what it published counts, then the rest. */
static void bury(struct lanes *l, uint32_t i)
{
	uint32_t begun;
	struct task task;

	while (ring_ready(&l->lane[i].results) > 0)
		reap_some(l);
	begun = lanes_begun(l, i);
	assert_in_range(begun, 0, 1);
	while (lanes_take_back(l, i, &task)) {
		if (begun > 0) {
			begun--;
			count.answers[task.id]++;
			count.lost++;
			continue;
		}
		/* Never begun: run it elsewhere, later. */
		assert_int_equal(runs[task.id], 0);
		count.answers[task.id]++;
		count.returned++;
	}
}

/*
 * Workers killed at any moment, while others go on.  Each task has one end, and
 * one that was said never to have begun has not.
 */
static void kill_workers(void **state)
{
	uint64_t deadline_ns = clock_ns() + 600 * NS_PER_S;
	struct rng rng = {.state = 11};
	pid_t pids[WORKERS];
	struct lanes l;

	(void)state;
	runs = shared(N_TASKS);
	begin(&l);
	for (uint32_t i = 0; i < WORKERS; i++)
		pids[i] = start(&l, i);
	for (uint64_t k = 0; k < n_kills; k++) {
		uint64_t until = count.answered + rng_below(&rng, 300);
		uint32_t i = (uint32_t)rng_below(&rng, WORKERS);
		int status;

		while (count.answered < until) {
			assert_true(clock_ns() < deadline_ns);
			count.sent += submit(&l, count.sent, 12);
			reap_some(&l);
		}
		assert_int_equal(kill(pids[i], SIGKILL), 0);
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		bury(&l, i);
		pids[i] = start(&l, i);
	}
	for (uint32_t i = 0; i < WORKERS; i++) {
		int status;

		while (lanes_open_tasks(&l, i) > 0)
			reap_some(&l);
		lanes_end(&l, i);
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_true(count.lost <= n_kills);
	assert_int_equal(count.answered + count.lost + count.returned,
			 count.sent);
	for (uint64_t i = 0; i < count.sent; i++)
		assert_int_equal(count.answers[i], 1);
	end(&l);
	assert_int_equal(munmap(runs, N_TASKS), 0);
	runs = NULL;
}

/* [kills], the full 1000 of them being for a person to ask for. */
int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_out_evenly),
		cmocka_unit_test(keeps_limits_and_quotas),
		cmocka_unit_test(carries_both_ways),
		cmocka_unit_test(one_look_between_two),
		cmocka_unit_test(trusts_no_answer),
		cmocka_unit_test(rings_for_who_sleeps),
		cmocka_unit_test(busy_sides_need_no_kernel),
		cmocka_unit_test(waits_for_others_too),
		cmocka_unit_test(leaves_when_told),
		cmocka_unit_test(defends_what_is_not_its_own),
		cmocka_unit_test(threads_lose_no_task),
		cmocka_unit_test(fetches_what_is_kept_back),
		cmocka_unit_test(kill_workers),
	};

	if (argc > 1)
		n_kills = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
