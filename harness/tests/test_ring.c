#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/ring.h"

/* A record of which every word tells its number: half of one would show. */
struct record {
	uint64_t words[7];
};

#define ROOM 16

/* A ring in memory that all processes share. */
struct shared {
	struct ring_sink sink;
	_Alignas(RING_LINE) char source[sizeof(struct ring_source) +
					ROOM * sizeof(struct record)];
	_Alignas(RING_LINE) char behind[RING_LINE];
};

static uint64_t n_items = 2000000, n_kills = 40;

static struct record record_of(uint64_t i)
{
	struct record r;

	for (size_t k = 0; k < ARRAY_LEN(r.words); k++)
		r.words[k] = mix64(i) + k;
	return r;
}

static bool is_record(const struct record *r, uint64_t i)
{
	struct record want = record_of(i);

	return memcmp(r, &want, sizeof(want)) == 0;
}

static struct ring_source *source_of(struct shared *s)
{
	return (struct ring_source *)(void *)s->source;
}

static struct shared *shared_new(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(s != MAP_FAILED);
	memset(s->behind, 0x5a, sizeof(s->behind));
	return s;
}

static void shared_free(struct shared *s)
{
	for (size_t i = 0; i < sizeof(s->behind); i++)
		assert_int_equal(s->behind[i], 0x5a);
	assert_int_equal(munmap(s, sizeof(*s)), 0);
}

static void open_end(struct ring_end *e, struct shared *s)
{
	ring_open(e, source_of(s), &s->sink, ROOM, sizeof(struct record));
}

static void room_is_a_power_of_two(void **state)
{
	(void)state;
	assert_int_equal(ring_room(1), 1);
	assert_int_equal(ring_room(2), 2);
	assert_int_equal(ring_room(3), 4);
	assert_int_equal(ring_room(64), 64);
	assert_int_equal(ring_room(65), 128);
	assert_int_equal(ring_room(UINT32_C(1) << 31), UINT32_C(1) << 31);
	assert_int_equal(ring_source_bytes(ROOM, sizeof(struct record)),
			 RING_LINE + ROOM * sizeof(struct record));
	assert_int_equal(ring_source_bytes(1, 1), 2 * RING_LINE);
}

/* Every fill, at every place of the ring, in every size of batch. */
static void batches_keep_order(void **state)
{
	struct shared *s = shared_new();
	struct ring_end in, out;
	uint64_t put = 0, taken = 0;

	(void)state;
	open_end(&in, s);
	open_end(&out, s);
	for (size_t n = 1; n <= ROOM; n++) {
		for (size_t k = 1; k <= n; k++) {
			struct record batch[ROOM + 1];

			for (size_t i = 0; i < n; i++)
				batch[i] = record_of(put + i);
			assert_int_equal(ring_put(&in, batch, n), n);
			put += n;
			for (size_t left = n; left > 0;) {
				size_t want = k < left ? k : left;

				assert_int_equal(ring_ready(&out), left);
				memset(batch, 0x77, sizeof(batch));
				assert_int_equal(ring_take(&out, batch, k),
						 want);
				for (size_t i = 0; i < want; i++)
					assert_true(
						is_record(&batch[i], taken++));
				assert_int_equal(batch[want].words[0],
						 0x7777777777777777);
				left -= want;
			}
			assert_int_equal(ring_ready(&out), 0);
			assert_int_equal(ring_take(&out, batch, k), 0);
		}
	}
	shared_free(s);
}

static void full_takes_no_more(void **state)
{
	struct shared *s = shared_new();
	struct record batch[ROOM + 3], one;
	struct ring_end in, out;

	(void)state;
	open_end(&in, s);
	open_end(&out, s);
	for (size_t i = 0; i < ARRAY_LEN(batch); i++)
		batch[i] = record_of(i);
	assert_int_equal(ring_put(&in, batch, ROOM + 3), ROOM);
	assert_int_equal(ring_put(&in, batch, 1), 0);
	assert_int_equal(ring_take(&out, &one, 1), 1);
	assert_true(is_record(&one, 0));
	assert_int_equal(ring_put(&in, &batch[ROOM], 3), 1);
	for (size_t i = 1; i <= ROOM; i++) {
		assert_int_equal(ring_take(&out, &one, 1), 1);
		assert_true(is_record(&one, i));
	}
	assert_int_equal(ring_take(&out, &one, 1), 0);
	shared_free(s);
}

/* What the other side's index may be in the hands of a madman. */
static void impossible_index_is_an_error(void **state)
{
	static const uint64_t garbage[] = {
		UINT64_MAX, UINT64_MAX / 2, 1000, 4 + ROOM + 1, 3,
	};
	struct shared *s = shared_new();
	struct record batch[ROOM];
	struct ring_end in, out;

	(void)state;
	open_end(&in, s);
	open_end(&out, s);
	memset(batch, 0, sizeof(batch));
	assert_int_equal(ring_put(&in, batch, 4), 4);
	assert_int_equal(ring_take(&out, batch, ROOM), 4);
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		source_of(s)->n_put = garbage[i];
		assert_int_equal(ring_ready(&out), -EPROTO);
		assert_int_equal(ring_take(&out, batch, ROOM), -EPROTO);
	}
	source_of(s)->n_put = 4;
	assert_int_equal(ring_take(&out, batch, ROOM), 0);

	/* The producer looks when it believes the ring full. */
	assert_int_equal(ring_put(&in, batch, ROOM - 4), ROOM - 4);
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		if (garbage[i] == 3)
			continue;
		s->sink.n_taken = garbage[i];
		assert_int_equal(ring_put(&in, batch, 1), -EPROTO);
	}
	s->sink.n_taken = 4;
	assert_int_equal(ring_put(&in, batch, ROOM), 4);
	/* Nor can it take back what it gave. */
	s->sink.n_taken = 3;
	assert_int_equal(ring_put(&in, batch, 1), -EPROTO);
	s->sink.n_taken = 4;
	assert_int_equal(ring_put(&in, batch, 1), 0);
	shared_free(s);
}

/* Put the records from @i on, up to @n, in batches of odd sizes. */
static void produce(struct shared *s, uint64_t n)
{
	struct rng rng = {.state = 5};
	struct ring_end in;

	open_end(&in, s);
	for (uint64_t i = 0; i < n;) {
		struct record batch[ROOM];
		size_t want = 1 + rng_below(&rng, ROOM), k = 0;
		int r;

		for (; k < want && i + k < n; k++)
			batch[k] = record_of(i + k);
		r = ring_put(&in, batch, k);
		CHECK(r >= 0);
		i += (uint64_t)r;
		if (r == 0)
			sched_yield();
	}
}

/* Take all records that come; how many were right, until a wrong one. */
static uint64_t consume(struct shared *s, uint64_t n)
{
	struct rng rng = {.state = 6};
	struct ring_end out;
	uint64_t i = 0;

	open_end(&out, s);
	while (i < n) {
		struct record batch[ROOM];
		int r = ring_take(&out, batch, 1 + rng_below(&rng, ROOM));

		CHECK(r >= 0);
		for (int k = 0; k < r; k++) {
			if (!is_record(&batch[k], i))
				return i;
			i++;
		}
		if (r == 0)
			sched_yield();
	}
	return i;
}

static void *producer(void *arg)
{
	produce(arg, n_items);
	return NULL;
}

static void threads_lose_nothing(void **state)
{
	struct shared *s = shared_new();
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, producer, s), 0);
	assert_int_equal(consume(s, n_items), n_items);
	assert_int_equal(pthread_join(thread, NULL), 0);
	shared_free(s);
}

/* A process that puts @n records; ends with us, whatever comes. */
static pid_t start_producer(struct shared *s, uint64_t n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		produce(s, n);
		_exit(0);
	}
	return pid;
}

static void processes_lose_nothing(void **state)
{
	struct shared *s = shared_new();
	pid_t pid = start_producer(s, n_items);
	int status;

	(void)state;
	assert_int_equal(consume(s, n_items), n_items);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	shared_free(s);
}

/*
 * A producer killed at any moment: what it has published is whole and in order,
 * and what is there is all that will ever be.
 */
static void killed_producer_leaves_whole_records(void **state)
{
	struct rng rng = {.state = 8};
	uint64_t most = 0;

	(void)state;
	for (uint64_t kill_nr = 0; kill_nr < n_kills; kill_nr++) {
		uint64_t n = 100 + rng_below(&rng, 5000);
		struct shared *s = shared_new();
		struct record one;
		struct ring_end out;
		uint64_t i = 0;
		int status, r;
		pid_t pid = start_producer(s, UINT64_MAX);

		open_end(&out, s);
		while (i < n) {
			r = ring_take(&out, &one, 1);
			assert_true(r >= 0);
			if (r == 1)
				assert_true(is_record(&one, i++));
			else
				sched_yield();
		}
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		while ((r = ring_take(&out, &one, 1)) == 1)
			assert_true(is_record(&one, i++));
		assert_int_equal(r, 0);
		assert_int_equal(i, source_of(s)->n_put);
		most = i > most ? i : most;
		shared_free(s);
	}
	assert_true(most > 100);
}

/* [items [kills]]: the full 1000000000 and 1000 are for a person to run. */
int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_a_power_of_two),
		cmocka_unit_test(batches_keep_order),
		cmocka_unit_test(full_takes_no_more),
		cmocka_unit_test(impossible_index_is_an_error),
		cmocka_unit_test(threads_lose_nothing),
		cmocka_unit_test(processes_lose_nothing),
		cmocka_unit_test(killed_producer_leaves_whole_records),
	};

	if (argc > 1)
		n_items = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_kills = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
