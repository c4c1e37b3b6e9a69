#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/fifo.h"

static void test_order(void **state)
{
	struct fifo f;
	uint64_t x, put = 0, taken = 0;

	(void)state;
	assert_int_equal(fifo_init(&f, 3, sizeof(x)), 0);
	/* Every number of records in it, at every place of the ring. */
	for (uint32_t n = 1; n <= 3; n++) {
		for (int i = 0; i < 7; i++) {
			for (uint32_t k = 0; k < n; k++) {
				put++;
				assert_int_equal(fifo_put(&f, &put), 0);
				assert_int_equal(f.n, k + 1);
			}
			for (uint32_t k = 0; k < n; k++) {
				assert_int_equal(fifo_take(&f, &x), 1);
				assert_int_equal(x, ++taken);
			}
			assert_int_equal(f.n, 0);
		}
	}
	fifo_done(&f);
}

static void test_limits(void **state)
{
	struct fifo f;
	char c = 'a', out = '-';

	(void)state;
	assert_int_equal(fifo_init(&f, 2, 1), 0);
	assert_int_equal(fifo_take(&f, &out), 0);
	assert_int_equal(out, '-');
	assert_int_equal(fifo_put(&f, &c), 0);
	c = 'b';
	assert_int_equal(fifo_put(&f, &c), 0);
	c = 'c';
	assert_int_equal(fifo_put(&f, &c), -EAGAIN);
	assert_int_equal(fifo_take(&f, &out), 1);
	assert_int_equal(out, 'a');
	assert_int_equal(fifo_put(&f, &c), 0);
	assert_int_equal(fifo_put(&f, &c), -EAGAIN);
	assert_int_equal(fifo_take(&f, &out), 1);
	assert_int_equal(out, 'b');
	assert_int_equal(fifo_take(&f, &out), 1);
	assert_int_equal(out, 'c');
	assert_int_equal(fifo_take(&f, &out), 0);
	fifo_done(&f);
}

static void test_done(void **state)
{
	struct fifo zero = {0}, f;

	(void)state;
	fifo_done(&zero);
	assert_int_equal(fifo_init(&f, 1, 8), 0);
	fifo_done(&f);
	fifo_done(&f);
	assert_null(f.items);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
