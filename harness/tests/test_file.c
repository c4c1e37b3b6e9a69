#include "harness/file.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/tests/fake_summary.h"

#define NOBODY 65534

static char dir[64], path[128], temporary[140];

static int make_dir(void **state)
{
	(void)state;
	fake_summary_folder(dir);
	snprintf(path, sizeof(path), "%s/it", dir);
	snprintf(temporary, sizeof(temporary), "%s.tmp", path);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	fake_summary_folder_remove(dir);
	return 0;
}

static void assert_content(const char *content)
{
	char *text;
	size_t bytes;

	assert_int_equal(file_read(path, 1 << 20, &text, &bytes), 0);
	assert_string_equal(text, content);
	assert_int_equal(bytes, strlen(content));
	free(text);
	assert_int_equal(access(temporary, F_OK), -1);
}

static void appears_when_committed(void **state)
{
	struct file f;

	(void)state;
	assert_int_equal(file_begin(&f, path), 0);
	fprintf(f.stream, "some %s", "words");
	assert_int_equal(fflush(f.stream), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(file_commit(&f), 0);
	assert_content("some words");
}

static void replaces_the_old_one_whole(void **state)
{
	struct file f;
	size_t bytes;
	char *text;

	(void)state;
	assert_int_equal(file_write(path, "a long old text", 15), 0);
	assert_int_equal(file_begin(&f, path), 0);
	fputs("new", f.stream);
	assert_int_equal(fflush(f.stream), 0);
	assert_int_equal(file_read(path, 99, &text, &bytes), 0);
	assert_string_equal(text, "a long old text");
	free(text);
	assert_int_equal(file_commit(&f), 0);
	assert_content("new");
}

static void an_aborted_one_leaves_nothing(void **state)
{
	struct file f;

	(void)state;
	assert_int_equal(file_write(path, "old", 3), 0);
	assert_int_equal(file_begin(&f, path), 0);
	fputs("new", f.stream);
	file_abort(&f);
	assert_content("old");
}

static void says_why_it_cannot_begin(void **state)
{
	char missing[256], name[NAME_MAX + 80], huge[2 * PATH_MAX];
	struct file f;

	(void)state;
	snprintf(missing, sizeof(missing), "%s/no/it", dir);
	assert_int_equal(file_begin(&f, missing), -ENOENT);
	/* Room for the name, but not for that of the temporary one. */
	for (size_t n = PATH_MAX - 5; n < PATH_MAX + 5; n++) {
		memset(huge, 'x', n);
		for (size_t i = 0; i < n; i += 100)
			huge[i] = '/';
		huge[n] = '\0';
		assert_int_equal(file_begin(&f, huge),
				 n + 4 < PATH_MAX ? -ENOENT : -ENAMETOOLONG);
	}
	snprintf(name, sizeof(name), "%s/%0*d", dir, NAME_MAX + 1, 0);
	assert_int_equal(file_begin(&f, name), -ENAMETOOLONG);
}

static void a_folder_in_its_place_stays(void **state)
{
	struct file f;

	(void)state;
	assert_int_equal(mkdir(path, 0777), 0);
	assert_int_equal(file_begin(&f, path), 0);
	fputs("new", f.stream);
	assert_int_equal(file_commit(&f), -EISDIR);
	assert_int_equal(access(temporary, F_OK), -1);
	assert_int_equal(rmdir(path), 0);
}

/* Call @try in a process of its own, whose limits and user it may change. */
static int in_a_process(int (*try)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(-try());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* A disk that is full after 10000 bytes. */
static void fill_disk(void)
{
	struct rlimit limit = {10000, 10000};

	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static int write_too_much(void)
{
	static char data[65536];

	fill_disk();
	return file_write(path, data, sizeof(data));
}

static int print_too_much(void)
{
	struct file f;

	fill_disk();
	if (file_begin(&f, path) < 0)
		return -EDOM;
	for (int i = 0; i < 5000; i++)
		fprintf(f.stream, "line %d\n", i);
	return file_commit(&f);
}

/* Too much only by what is still in the stream's buffer at the end. */
static int print_a_little_too_much(void)
{
	struct file f;

	fill_disk();
	if (file_begin(&f, path) < 0)
		return -EDOM;
	for (int i = 0; i < 10001; i++)
		fputc('x', f.stream);
	return file_commit(&f);
}

static void a_full_disk_leaves_the_old_one(void **state)
{
	int (*const tries[])(void) = {write_too_much, print_too_much,
				      print_a_little_too_much};

	(void)state;
	assert_int_equal(file_write(path, "old", 3), 0);
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		assert_int_equal(in_a_process(tries[i]), -EFBIG);
		assert_content("old");
	}
}

static int write_as_nobody(void)
{
	CHECK(geteuid() != 0 || setuid(NOBODY) == 0);
	return file_write(path, "new", 3);
}

static void a_folder_that_may_not_be_written(void **state)
{
	(void)state;
	assert_int_equal(file_write(path, "old", 3), 0);
	assert_int_equal(chmod(dir, 0555), 0);
	assert_int_equal(in_a_process(write_as_nobody), -EACCES);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_content("old");
}

static int read_as_nobody(void)
{
	char *text;
	size_t bytes;

	CHECK(geteuid() != 0 || setuid(NOBODY) == 0);
	return file_read(path, 99, &text, &bytes);
}

static void reads_up_to_its_limit(void **state)
{
	static char data[20000];
	/* Around the sizes to which the buffer grows, too. */
	const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 20000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n = sizes[i], bytes = 77;
		char *text = data;

		assert_int_equal(file_write(path, data, n), 0);
		assert_int_equal(file_read(path, n, &text, &bytes), 0);
		assert_int_equal(bytes, n);
		assert_memory_equal(text, data, n);
		assert_int_equal(text[n], 0);
		free(text);
		if (n == 0)
			continue;
		text = data;
		bytes = 77;
		assert_int_equal(file_read(path, n - 1, &text, &bytes), -EFBIG);
		assert_ptr_equal(text, data);
		assert_int_equal(bytes, 77);
	}
}

static void says_why_it_cannot_read(void **state)
{
	char *text;
	size_t bytes;

	(void)state;
	assert_int_equal(file_read(path, 99, &text, &bytes), -ENOENT);
	assert_int_equal(file_read(dir, 99, &text, &bytes), -EISDIR);
	assert_int_equal(file_write(path, "mine", 4), 0);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(in_a_process(read_as_nobody), -EACCES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(appears_when_committed),
		TEST(replaces_the_old_one_whole),
		TEST(an_aborted_one_leaves_nothing),
		TEST(says_why_it_cannot_begin),
		TEST(a_folder_in_its_place_stays),
		TEST(a_full_disk_leaves_the_old_one),
		TEST(a_folder_that_may_not_be_written),
		TEST(reads_up_to_its_limit),
		TEST(says_why_it_cannot_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
