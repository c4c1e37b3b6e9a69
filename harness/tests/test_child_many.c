/*
 * Whether something is left behind by a child, too little to be seen after one.
 *
 *	test_child_many			2,000 programs and 2,000 functions
 *	test_child_many 100000		so many of each; prints what they leave
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/tests/children.h"
#include "harness/tests/fds.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first ones fill caches that stay: stdio's, the allocator's. */
#define WARM_UP 50

static long many = 2000;
static int tells; /* what it has measured */

static int act_copy(void *nothing)
{
	char c;

	(void)nothing;
	return read(0, &c, 1) != 1 || write(1, &c, 1) != 1;
}

static void start_one(const struct child_options *o)
{
	struct child_result r;

	CHECK(child_run(o, &r) == 0);
	CHECK(r.wait_status == 0 && strcmp(r.out, "x") == 0);
	child_result_done(&r);
}

/* What we hold of memory in pages, of which the kernel knows. */
static long resident_pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	fclose(f);
	return pages;
}

static void start_many(const char *what, const struct child_options *o)
{
	uint64_t begin_ns;
	size_t bytes;
	long pages;
	int fds;

	for (int i = 0; i < WARM_UP; i++)
		start_one(o);
	fds = fds_count();
	pages = resident_pages();
	bytes = mallinfo2().uordblks;
	begin_ns = clock_ns();
	for (long i = 0; i < many; i++)
		start_one(o);
	if (tells)
		printf("%ld %s in %" PRIu64 " s: %+ld bytes of malloc, "
		       "%+ld pages resident, %+d descriptors\n",
		       many, what, (clock_ns() - begin_ns) / NS_PER_S,
		       (long)(mallinfo2().uordblks - bytes),
		       resident_pages() - pages, fds_count() - fds);
	assert_int_equal(mallinfo2().uordblks, bytes);
	assert_int_equal(fds_count(), fds);
}

static void programs_leave_nothing(void **state)
{
	(void)state;
	start_many("programs", &(struct child_options){
				       .argv = ARGV("cat"),
				       .env = ARGV("A=1"),
				       .stdio[0] = {CHILD_BYTES, .bytes = "x",
						    .n_bytes = 1},
				       .limit_ns = LONG,
			       });
}

static void functions_leave_nothing(void **state)
{
	(void)state;
	start_many("functions", &(struct child_options){
					.function = act_copy,
					.stdio[0] = {CHILD_BYTES, .bytes = "x",
						     .n_bytes = 1},
					.limit_ns = LONG,
				});
}

static void failures_leave_nothing(void **state)
{
	const struct child_options o = {.argv = ARGV("/no/such/program")};
	struct child_result r;
	size_t bytes = 0;

	(void)state;
	for (long i = 0; i < WARM_UP + many; i++) {
		if (i == WARM_UP)
			bytes = mallinfo2().uordblks;
		CHECK(child_run(&o, &r) == -ENOENT);
	}
	assert_int_equal(mallinfo2().uordblks, bytes);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CHILDREN_TEST(programs_leave_nothing),
		CHILDREN_TEST(functions_leave_nothing),
		CHILDREN_TEST(failures_leave_nothing),
	};

	/*
	 * A sanitizer has an allocator of its own, of which mallinfo2() knows
	 * nothing; it finds leaks by itself, and its forks are slow.
	 */
	if (mallinfo2().arena == 0)
		many /= 10;
	if (argc > 1) {
		many = children_number(argv[1]);
		tells = 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
