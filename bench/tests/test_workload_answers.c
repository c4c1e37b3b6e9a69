/*
 * Workloads against the plainest way to compute the same: whatever is fast
 * about one must not make it wrong.  deflate is not here, as it compares its
 * own two ends; nop has nothing to get wrong.
 */
#include <complex.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "bench/registry.h"
#include "bench/workloads/bytes.h"
#include "bench/workloads/digest.h"
#include "harness/child.h"

#define SEED 42

static uint64_t run(const char *name, uint64_t size)
{
	const struct workload *w = workload_find(name);

	assert_non_null(w);
	return w->run(size, SEED);
}

/* A fraction in [0, 1): the upper 53 bits of @bits. */
static double fraction(uint64_t bits)
{
	return ldexp((double)(bits >> 11), -53);
}

static bool is_prime(uint64_t n)
{
	for (uint64_t d = 2; d * d <= n; d++) {
		if (n % d == 0)
			return false;
	}
	return n >= 2;
}

/* All small sizes, so all squares of primes, and the ends of two segments. */
static void test_primes(void **state)
{
	uint64_t digest = mix64(SEED);

	(void)state;
	for (uint64_t n = 1; n <= 70000; n++) {
		uint64_t near = n % 32768;

		if (is_prime(n))
			digest = digest_add(digest, n);
		if (n <= 1000 || near < 8 || near > 32760)
			assert_true(run("primes", n) == digest);
	}
}

static void test_sha256(void **state)
{
	unsigned char block[1024], hash[SHA256_DIGEST_LENGTH];
	struct rng rng = {.state = SEED};
	uint64_t digest = mix64(SEED);

	(void)state;
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (unsigned char)rng_next(&rng);
	for (size_t i = 0; i < 100; i++) {
		SHA256(block, sizeof(block), hash);
		memcpy(block + 32 * (i % 32), hash, 32);
		digest = digest_bytes(digest, hash, 32);
		assert_true(run("sha256", i + 1) == digest);
	}
}

/* The definition, RFC 8018, section 5.2, for a key as long as the hash. */
static void test_pbkdf2(void **state)
{
	unsigned char u[32], key[32] = {0};

	(void)state;
	HMAC(EVP_sha256(), "42", 2, (const void *)"manyhands\0\0\0\1", 13, u,
	     NULL);
	for (uint64_t size = 1; size <= 100; size++) {
		uint64_t digest = 0;

		for (size_t i = 0; i < sizeof(key); i++)
			key[i] ^= u[i];
		for (size_t i = 0; i < 8; i++)
			digest = digest * 256 + key[i];
		assert_true(run("pbkdf2", size) == digest);
		HMAC(EVP_sha256(), "42", 2, u, sizeof(u), u, NULL);
	}
}

/* What @argv prints is the digest of some pbkdf2 tasks, one a line. */
static void check_elsewhere(char *const *argv)
{
	const uint64_t seeds[] = {1, SEED, UINT64_MAX};
	const struct workload *w = workload_find("pbkdf2");
	const struct child_options options = {.argv = argv,
					      .limit_ns = 60 * NS_PER_S};
	struct child_result r;
	char expected[64];
	size_t used = 0;
	int error = child_run(&options, &r);

	if (error == -ENOENT) {
		print_message("no %s here\n", argv[0]);
		skip();
	}
	assert_int_equal(error, 0);
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		used += (size_t)snprintf(
			expected + used, sizeof(expected) - used, "%016llx\n",
			(unsigned long long)w->run(1000, seeds[i]));
	assert_string_equal(r.out, expected);
	child_result_done(&r);
}

#define SEEDS "'1', '42', '18446744073709551615'"

static void test_pbkdf2_node(void **state)
{
	char *argv[] = {
		"node", "-e",
		"for (const seed of [" SEEDS "])"
		"	console.log(crypto.pbkdf2Sync(seed, 'manyhands',"
		"		1000, 32, 'sha256').toString('hex', 0, 8));",
		NULL};

	(void)state;
	check_elsewhere(argv);
}

static void test_pbkdf2_python(void **state)
{
	char *argv[] = {
		"python3", "-c",
		"import hashlib\n"
		"for seed in [" SEEDS "]:\n"
		"	print(hashlib.pbkdf2_hmac('sha256', seed.encode(),"
		"		b'manyhands', 1000).hex()[:16])\n",
		NULL};

	(void)state;
	check_elsewhere(argv);
}

/* What is in the document, without a document. */
static void test_json(void **state)
{
	struct rng rng = {.state = SEED};
	uint64_t digest = mix64(SEED);

	(void)state;
	for (uint64_t id = 0; id < 50; id++) {
		uint64_t a = rng_next(&rng), b = rng_next(&rng);
		char name[32];
		int n = snprintf(name, sizeof(name), "user-%llx",
				 (unsigned long long)a / 4294967296);

		digest = digest_add(digest, id);
		digest = digest_bytes(digest, name, (size_t)n);
		digest = digest_add(digest, a & 1);
		digest =
			digest_add(digest, b / (1 << 20) / (1 << 20) - 8388608);
		digest = digest_add(digest, b % 10);
		digest = digest_add(digest, b % 100);
		digest = digest_add(digest, b % 1000);
		digest = digest_add(digest, b % 1920);
		digest = digest_add(digest, b % 1080);
		assert_true(run("json", id + 1) == digest);
	}
}

#define N 64

/* The Hadamard matrix by Sylvester's rule: four of half the size. */
static double hadamard(size_t i, size_t j, size_t n)
{
	double sign = i >= n / 2 && j >= n / 2 ? -1 : 1;

	if (n == 1)
		return 1;
	return sign * hadamard(i % (n / 2), j % (n / 2), n / 2);
}

static double multiply(double a[N][N], double b[N][N])
{
	double c[N][N], squares = 0;

	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < N; j++) {
			double sum = 0;

			for (size_t k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
			squares += sum * sum;
		}
	}
	memcpy(a, c, sizeof(c));
	return squares;
}

/* The products are right, and they neither grow nor fade. */
static void test_matmul(void **state)
{
	struct rng rng = {.state = SEED};
	double a[N][N], b[N][N];
	double first_squares = 0;
	size_t column[N];

	(void)state;
	for (size_t j = 0; j < N; j++)
		column[j] = j;
	rng_shuffle(&rng, column, N, sizeof(column[0]));
	for (size_t i = 0; i < N; i++) {
		double sign = rng_next(&rng) & 1 ? 1 : -1;

		for (size_t j = 0; j < N; j++) {
			b[i][j] = sign * hadamard(i, column[j], N) / 8;
			a[i][j] = fraction(rng_next(&rng)) - 0.5;
		}
	}
	for (uint64_t size = 1; size <= 20; size++) {
		uint64_t digest = mix64(SEED);
		double squares = multiply(a, b);
		uint64_t bits[sizeof(a) / sizeof(uint64_t)];

		memcpy(bits, a, sizeof(bits));
		if (size == 1)
			first_squares = squares;
		assert_true(squares > first_squares * 0.999999);
		assert_true(squares < first_squares * 1.000001);
		for (size_t i = 0; i < ARRAY_LEN(bits); i++)
			digest = digest_add(digest, bits[i]);
		assert_true(run("matmul", size) == digest);
	}
}

/* Does a formula say that @c, not too near the edge, never escapes? */
static bool never_escapes(double complex c)
{
	double x = creal(c), y = cimag(c);
	double q = (x - 0.25) * (x - 0.25) + y * y;

	return q * (q + x - 0.25) < 0.24 * y * y ||
	       (x + 1) * (x + 1) + y * y < 0.06;
}

static void test_mandelbrot(void **state)
{
	struct rng rng = {.state = SEED};
	uint64_t digest = mix64(SEED), height = rng_next(&rng);
	double shift = fraction(rng_next(&rng));
	size_t inside = 0;

	(void)state;
	for (uint64_t row = 0; row < 50; row++) {
		double y = 2.5 * fraction(height) - 1.25;

		for (int i = 0; i < 64; i++) {
			double complex c = 2.5 / 64 * (i + shift) - 2 + y * I;
			double complex z = 0;
			uint64_t steps = 0;

			while (steps < 256 &&
			       creal(z) * creal(z) + cimag(z) * cimag(z) <= 4) {
				z = z * z + c;
				steps++;
			}
			if (never_escapes(c)) {
				assert_int_equal(steps, 256);
				inside++;
			}
			digest = digest_add(digest, steps);
		}
		height += UINT64_C(0x9e3779b97f4a7c15);
		assert_true(run("mandelbrot", row + 1) == digest);
	}
	/* A quarter of the window, a little more or less. */
	assert_in_range(inside, 50 * 64 / 8, 50 * 64 / 2);
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void check_sort(size_t n)
{
	uint64_t numbers[5000];
	struct rng rng = {.state = SEED};
	uint64_t digest = mix64(SEED);

	for (size_t i = 0; i < n; i++)
		numbers[i] = rng_next(&rng);
	qsort(numbers, n, sizeof(numbers[0]), compare);
	for (size_t i = 0; i < n; i++)
		digest = digest_add(digest, numbers[i]);
	assert_true(run("sort", n) == digest);
}

static void test_sort(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 200; n++)
		check_sort(n);
	check_sort(5000);
}

#define WIDTH 256
#define MAX_HEIGHT 20

/* Pixel @x of row @y, or of the border if there is none. */
static unsigned pixel(uint8_t image[][WIDTH], int height, int x, int y)
{
	x = x < 0 ? 0 : x >= WIDTH ? WIDTH - 1 : x;
	y = y < 0 ? 0 : y >= height ? height - 1 : y;
	return image[y][x];
}

/* Both dimensions at once: 49 weights a pixel. */
static void check_blur(int height)
{
	static const unsigned weights[] = {1, 6, 15, 20, 15, 6, 1};
	uint8_t image[MAX_HEIGHT][WIDTH], row[WIDTH];
	struct rng rng = {.state = SEED};
	uint64_t digest = mix64(SEED);

	for (int i = 0; i < height * WIDTH / 8; i++) {
		uint64_t bits = rng_next(&rng);

		for (int k = 0; k < 8; k++, bits /= 256)
			image[i / 32][i % 32 * 8 + k] = (uint8_t)bits;
	}
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < WIDTH; x++) {
			unsigned sum = 0;

			for (int k = 0; k < 49; k++)
				sum += weights[k / 7] * weights[k % 7] *
				       pixel(image, height, x + k % 7 - 3,
					     y + k / 7 - 3);
			row[x] = (uint8_t)(sum / 4096 + (sum % 4096 >= 2048));
		}
		digest = digest_bytes(digest, row, WIDTH);
	}
	assert_true(run("blur", (uint64_t)height) == digest);
}

static void test_blur(void **state)
{
	(void)state;
	for (int height = 1; height <= MAX_HEIGHT; height++)
		check_blur(height);
}

/* From arithmetic alone; and it is a cycle through all the entries. */
static void test_walk(void **state)
{
	const uint64_t entries = 4194304;
	uint64_t digest = mix64(SEED);
	uint64_t start = digest % entries, at = start;

	(void)state;
	for (uint64_t step = 1; step <= entries; step++) {
		at = (1664525 * at + 1013904223) % entries;
		digest = digest_add(digest, at);
		if (step <= 100)
			assert_true(run("walk", step) == digest);
		assert_true((at == start) == (step == entries));
	}
	assert_true(run("walk", entries) == digest);
}

/* The digest of @n bytes, by its definition. */
static uint64_t bytes_digest(const unsigned char *bytes, size_t n)
{
	uint64_t lanes[4] = {0}, digest = mix64(n);

	for (size_t i = 0; i <= n / 8; i++) {
		size_t left = i < n / 8 ? 8 : n % 8;
		uint64_t word = digest_word(bytes + 8 * i, left);
		uint64_t x =
			(lanes[i % 4] ^ word) * UINT64_C(0x9e3779b97f4a7c15);

		lanes[i % 4] = (x << 29) | (x >> 35);
	}
	for (size_t i = 0; i < 4; i++)
		digest = digest_add(digest, lanes[i]);
	return digest;
}

/* The bytes themselves, by theirs; the word after them must stay as it was. */
static void make_bytes(unsigned char *bytes, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t word = (i / 8 + 1) * UINT64_C(0x9e3779b97f4a7c15);

		bytes[i] = (unsigned char)((word ^ mix64(seed)) >> i % 8 * 8);
	}
	memset(bytes + n, 0xa5, 8);
}

/* Made here or brought from elsewhere: the same bytes and the same digest. */
static void test_bytes(void **state)
{
	_Alignas(8) unsigned char want[300 + 8], bytes[300 + 8];

	(void)state;
	for (size_t n = 0; n <= 300; n++) {
		uint64_t mask = bytes_mask(7, SEED), digest;

		make_bytes(want, n, SEED);
		digest = bytes_digest(want, n);
		assert_true(run("bytes", n) == digest);

		make_bytes(bytes, n, 7);
		assert_int_equal(bytes_seem(bytes, n, SEED), n == 0);
		bytes_bring(bytes, mask);
		assert_true(run("bytes", n) == digest);
		assert_true(run("bytes", n) == digest); /* may run twice */
		bytes_bring(NULL, 0);
		assert_memory_equal(bytes, want, n + 8);
		assert_int_equal(bytes_seem(bytes, n, SEED), 1);

		memset(bytes, 0xa5, sizeof(bytes));
		bytes_make(bytes, n, SEED);
		assert_memory_equal(bytes, want, n + 8);
	}
}

/* A byte that was lost on the way, or came from another place, is noticed. */
static void test_bytes_damaged(void **state)
{
	_Alignas(8) unsigned char bytes[77];
	uint64_t digest = run("bytes", sizeof(bytes));

	(void)state;
	bytes_make(bytes, sizeof(bytes), SEED);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		for (size_t k = i; k < sizeof(bytes); k += 8) {
			bytes[i] ^= 0x80;
			bytes[k] ^= 0x80;
			bytes[i] ^= k == i ? 1 : 0;
			assert_true(bytes_turn(bytes, sizeof(bytes), 0) !=
				    digest);
			bytes[i] ^= k == i ? 1 : 0;
			bytes[i] ^= 0x80;
			bytes[k] ^= 0x80;
		}
	}
	bytes[0] ^= 1;
	assert_int_equal(bytes_seem(bytes, sizeof(bytes), SEED), 0);
	bytes[0] ^= 1;
	bytes[sizeof(bytes) - 1] ^= 1;
	assert_int_equal(bytes_seem(bytes, sizeof(bytes), SEED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_primes),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_pbkdf2),
		cmocka_unit_test(test_pbkdf2_node),
		cmocka_unit_test(test_pbkdf2_python),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_matmul),
		cmocka_unit_test(test_mandelbrot),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_blur),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
