/*
 * What every workload of the registry promises, as harness/workload.h has it.
 * A new row of registry.def is tested without an edit here.
 */
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/registry.h"
#include "harness/base.h"

#define PARTS 32
#define SEEDS 5
#define THREADS 4

/* A forked child that is not done by then has hung. */
#define CHILD_LIMIT_S 60

static void assert_all_differ(const uint64_t *digests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			assert_true(digests[i] != digests[k]);
	}
}

/* One thread's share: the digests of all seeds, beginning with @first. */
struct share {
	const struct workload *workload;
	uint64_t first;
	uint64_t digests[SEEDS]; /* by seed */
};

static void *run_share(void *arg)
{
	struct share *s = arg;
	const struct workload *w = s->workload;

	for (uint64_t i = 0; i < SEEDS; i++) {
		uint64_t seed = (s->first + i) % SEEDS;

		s->digests[seed] = w->run(w->default_size, seed);
	}
	return NULL;
}

/*
 * The first of a workload's tests, so that whatever it builds once is built
 * while all the threads want it.
 */
static void test_threads(void **state)
{
	const struct workload *w = *state;
	struct share shares[THREADS];
	pthread_t threads[THREADS];

	for (uint64_t t = 0; t < THREADS; t++) {
		shares[t] = (struct share){.workload = w, .first = t};
		assert_int_equal(pthread_create(&threads[t], NULL, run_share,
						&shares[t]),
				 0);
	}
	for (size_t t = 0; t < THREADS; t++)
		assert_int_equal(pthread_join(threads[t], NULL), 0);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		uint64_t digest = w->run(w->default_size, seed);

		for (size_t t = 0; t < THREADS; t++)
			assert_true(shares[t].digests[seed] == digest);
	}
}

static void test_descriptor(void **state)
{
	const struct workload *w = *state;
	size_t n_same = 0;

	assert_true(islower((unsigned char)w->name[0]));
	for (const char *c = w->name; *c; c++)
		assert_non_null(
			strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *c));
	for (size_t i = 0; i < n_workloads; i++)
		n_same += strcmp(workloads[i]->name, w->name) == 0;
	assert_int_equal(n_same, 1);
	assert_true(w->summary && *w->summary && !strchr(w->summary, '\n'));
	assert_true(w->size_unit && *w->size_unit);
	assert_true(w->default_size >= 1);
	assert_non_null(w->run);
	assert_true(w->golden != 0);
}

static void test_golden(void **state)
{
	const struct workload *w = *state;
	uint64_t digest = w->run(w->default_size, 1);

	if (digest != w->golden)
		print_error("%s: golden is 0x%016llx, run() says 0x%016llx\n",
			    w->name, (unsigned long long)w->golden,
			    (unsigned long long)digest);
	assert_true(digest == w->golden);
}

static void test_pure(void **state)
{
	const struct workload *w = *state;
	uint64_t size = w->default_size;
	uint64_t before = w->run(size, 1);
	uint64_t other = w->run(size + 1, 2);

	assert_true(w->run(size, 1) == before);
	assert_true(w->run(size + 1, 2) == other);
	assert_true(w->run(size, 1) == before);
}

static void test_seeds(void **state)
{
	static const uint64_t seeds[] = {0, 1, 2, 3, 1000, UINT64_MAX};
	const struct workload *w = *state;
	uint64_t digests[ARRAY_LEN(seeds)];

	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		digests[i] = w->run(w->default_size, seeds[i]);
	assert_all_differ(digests, ARRAY_LEN(seeds));
}

/* Work that leaves no trace in the digest might as well not be done. */
static void test_every_part(void **state)
{
	const struct workload *w = *state;
	uint64_t digests[PARTS];
	uint64_t last = 0;
	size_t n = 0;

	for (uint64_t k = 1; k <= PARTS; k++) {
		uint64_t size = w->default_size * k / PARTS;

		if (size > last)
			digests[n++] = w->run(size, 1);
		last = size;
	}
	assert_true(n >= 1);
	assert_all_differ(digests, n);
}

static void test_smallest(void **state)
{
	const struct workload *w = *state;
	uint64_t digests[] = {w->run(1, 1), w->run(1, 2)};

	assert_true(w->run(1, 1) == digests[0]);
	assert_all_differ(digests, ARRAY_LEN(digests));
}

static void test_forked(void **state)
{
	const struct workload *w = *state;
	uint64_t digest = 0;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(CHILD_LIMIT_S);
		digest = w->run(w->default_size, 1);
		_exit(write(fds[1], &digest, sizeof(digest)) != sizeof(digest));
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &digest, sizeof(digest)), sizeof(digest));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(digest == w->run(w->default_size, 1));
}

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_descriptors_closed(void **state)
{
	const struct workload *w = *state;
	size_t before = count_descriptors();

	w->run(w->default_size, 1);
	assert_int_equal(count_descriptors(), before);
}

#define MODEL(x)
#define EXPERIMENT(x)
#define PEER(x)
#define WORKLOAD(x) extern const struct workload workload_##x;
#include "bench/registry.def"
#undef WORKLOAD

#define TEST(x, title, function)                                               \
	{                                                                      \
		.name = (title), .test_func = (function),                      \
		.initial_state = (void *)&workload_##x,                        \
	}

#define WORKLOAD(x)                                                            \
	TEST(x, #x ": same digests on four threads at once", test_threads),    \
		TEST(x, #x ": descriptor is complete", test_descriptor),       \
		TEST(x, #x ": golden digest", test_golden),                    \
		TEST(x, #x ": size and seed alone decide", test_pure),         \
		TEST(x, #x ": seeds differ", test_seeds),                      \
		TEST(x, #x ": digest depends on every part", test_every_part), \
		TEST(x, #x ": smallest size", test_smallest),                  \
		TEST(x, #x ": same digest in a forked child", test_forked),    \
		TEST(x, #x ": leaves no descriptor open",                      \
		     test_descriptors_closed),

int main(void)
{
	const struct CMUnitTest tests[] = {
#include "bench/registry.def"
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
