#include "harness/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/columns.h"
#include "harness/file.h"
#include "harness/tests/fake_summary.h"

#define CELLS 2
#define BLOCKS 3

static char dir[64], path[96];
static struct run_results run;
static struct plan plan;

/* A journal of BLOCKS blocks of CELLS cells, with all that was put into it. */
static int set_up(void **state)
{
	struct fake_recipe how = fake_summary_usual;
	int fd;

	(void)state;
	how.n_models = CELLS;
	how.n_workloads = how.n_workers = 1;
	how.blocks = BLOCKS;
	how.task_ns = 20e6;
	fake_summary_run(&how, &run);
	plan = (struct plan){0};
	fake_summary_folder(dir);
	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	for (size_t i = 0; i < CELLS; i++)
		assert_int_equal(plan_add(&plan, &run.slices[i].cell), 0);
	fd = journal_create(dir);
	assert_true(fd >= 0);
	assert_int_equal(journal_begin(fd, &run.info, &plan), 0);
	for (size_t i = 0; i < run.n; i++) {
		run.slices[i].cell_index = i % CELLS;
		assert_int_equal(journal_add(fd, &run.slices[i]), 0);
	}
	assert_int_equal(close(fd), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	results_done(&run);
	plan_done(&plan);
	fake_summary_folder_remove(dir);
	return 0;
}

static char *get(size_t *bytes)
{
	char *text;

	assert_int_equal(file_read(path, 1 << 24, &text, bytes), 0);
	return text;
}

static void put(const char *text, size_t bytes)
{
	assert_int_equal(file_write(path, text, bytes), 0);
}

/* Resume; how many blocks there are then, or -errno. */
static int resume(char error[256])
{
	struct run_results back;
	struct plan cells;
	int fd = journal_resume(dir, &back, &cells, error, 256);
	int blocks;

	if (fd < 0)
		return fd;
	assert_int_equal(cells.n, CELLS);
	assert_memory_equal(cells.cells, plan.cells,
			    CELLS * sizeof(*cells.cells));
	assert_int_equal(back.n % CELLS, 0);
	for (size_t i = 0; i < back.n; i++) {
		json_t *a = slice_to_json(&back.slices[i]);
		json_t *b = slice_to_json(&run.slices[i]);

		assert_true(json_equal(a, b));
		json_decref(a);
		json_decref(b);
	}
	assert_int_equal(back.info.seed, run.info.seed);
	blocks = (int)back.info.blocks_done;
	assert_int_equal(blocks, back.n / CELLS);
	results_done(&back);
	plan_done(&cells);
	assert_int_equal(close(fd), 0);
	return blocks;
}

static void all_comes_back(void **state)
{
	char error[256];

	(void)state;
	assert_int_equal(resume(error), BLOCKS);
}

static void the_journal_goes_on(void **state)
{
	struct run_results back;
	struct plan cells;
	char error[256];
	int fd = journal_resume(dir, &back, &cells, error, sizeof(error));

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < CELLS; i++) {
		run.slices[i].block = BLOCKS + 1;
		assert_int_equal(journal_add(fd, &run.slices[i]), 0);
		run.slices[i].block = 1;
	}
	assert_int_equal(close(fd), 0);
	results_done(&back);
	plan_done(&cells);
	fd = journal_resume(dir, &back, &cells, error, sizeof(error));
	assert_true(fd >= 0);
	assert_int_equal(back.info.blocks_done, BLOCKS + 1);
	assert_int_equal(back.n, (BLOCKS + 1) * CELLS);
	assert_int_equal(close(fd), 0);
	results_done(&back);
	plan_done(&cells);
}

/* Each place around the end of a line, of all others one in 61. */
static bool worth_a_cut(const char *text, size_t n)
{
	return n % 61 == 0 || text[n] == '\n' || text[n - 1] == '\n' ||
	       (n > 1 && text[n - 2] == '\n');
}

/*
 * Wherever a crash cut it: whole blocks are there, a part of one is nowhere,
 * neither in memory nor in the file.
 */
static void cut_anywhere_it_has_whole_blocks(void **state)
{
	size_t bytes, left, whole = 0, lines = 0;
	char *text = get(&bytes), error[256];

	(void)state;
	for (size_t n = 0; n <= bytes; n++) {
		int blocks;
		char *rest;

		lines += n > 0 && text[n - 1] == '\n';
		if (!worth_a_cut(text, n))
			continue;
		put(text, n);
		blocks = resume(error);
		if (lines == 0) {
			assert_int_equal(blocks, -ENODATA);
			assert_non_null(strstr(error, path));
			continue;
		}
		assert_int_equal(blocks, (lines - 1) / CELLS);
		if (n > 0 && text[n - 1] == '\n' && (lines - 1) % CELLS == 0)
			whole = n;
		rest = get(&left);
		assert_int_equal(left, whole);
		assert_memory_equal(rest, text, whole);
		free(rest);
	}
	free(text);
}

/* Line number @wanted (from 0) of @text, and how long it is. */
static char *line_at(char *text, size_t wanted, size_t *n)
{
	while (wanted-- > 0)
		text = strchr(text, '\n') + 1;
	*n = strcspn(text, "\n") + 1;
	return text;
}

/* Resume after line @line was replaced by line @by: what is said. */
static void assert_refused(size_t line, size_t by, const char *says)
{
	size_t bytes, n, m;
	char *text = get(&bytes), *from, *to, error[256] = "";
	char *changed = malloc(2 * bytes);

	assert_non_null(changed);
	to = line_at(text, line, &n);
	from = line_at(text, by, &m);
	memcpy(changed, text, (size_t)(to - text));
	memcpy(changed + (to - text), from, m);
	memcpy(changed + (to - text) + m, to + n,
	       bytes - (size_t)(to - text) - n);
	put(changed, bytes - n + m);
	assert_int_equal(resume(error), -EINVAL);
	if (!strstr(error, says) || !strstr(error, path))
		fail_msg("'%s' instead of '%s'", error, says);
	put(text, bytes);
	free(text);
	free(changed);
}

static void no_slice_twice_and_none_out_of_order(void **state)
{
	(void)state;
	assert_refused(2, 1, "line 3: its cell is in this block already");
	assert_refused(1, 3, "line 2: \"x_block\" is not the block that comes");
	assert_refused(0, 1, "line 1: ");
	assert_refused(2, 0, "line 3: ");
}

/* Put @to for the first @from after line @line. */
static void replace(size_t line, const char *from, const char *to)
{
	size_t bytes, n;
	char *text = get(&bytes), *at = strstr(line_at(text, line, &n), from);

	assert_non_null(at);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(at, to, strlen(to));
	put(text, bytes);
	free(text);
}

static void a_journal_of_another_plan_is_refused(void **state)
{
	char error[256];

	(void)state;
	replace(2, "\"x_size\":12000", "\"x_size\":12001");
	assert_int_equal(resume(error), -EINVAL);
	assert_non_null(strstr(error, "line 3: the slice is of another plan"));
	replace(2, "\"x_size\":12001", "\"x_size\":12000");
	replace(0, "\"x_plan\":", "\"x_plam\":");
	assert_int_equal(resume(error), -EINVAL);
	assert_non_null(strstr(error, "line 1: \"x_plan\" is missing"));
	replace(0, "\"x_plam\":", "\"x_plan\":");
	replace(0, "\"x_workers\":", "\"x_walkers\":");
	assert_int_equal(resume(error), -EINVAL);
	assert_non_null(strstr(error, "x_plan[0]: \"x_workers\" is missing"));
}

static void what_is_no_journal_is_refused(void **state)
{
	char error[256];

	(void)state;
	put("{}\n", 3);
	assert_int_equal(resume(error), -EINVAL);
	assert_non_null(strstr(error, "line 1: \"x_schema\" is missing"));
	put("\0\n", 2);
	assert_int_equal(resume(error), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(resume(error), -ENOENT);
	assert_non_null(strstr(error, path));
}

static void two_do_not_write_one_journal(void **state)
{
	struct run_results back;
	struct plan cells;
	char error[256];
	int fd = journal_resume(dir, &back, &cells, error, sizeof(error));

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(resume(error), -EWOULDBLOCK);
	assert_non_null(strstr(error, "another run is writing it"));
	assert_int_equal(close(fd), 0);
	assert_int_equal(resume(error), BLOCKS);
	results_done(&back);
	plan_done(&cells);
}

static void a_new_one_does_not_overwrite(void **state)
{
	size_t bytes, after;
	char *text = get(&bytes), *again;

	(void)state;
	assert_int_equal(journal_create(dir), -EEXIST);
	again = get(&after);
	assert_int_equal(after, bytes);
	assert_memory_equal(text, again, bytes);
	free(text);
	free(again);
	assert_int_equal(journal_create("/no/such/folder"), -ENOENT);
}

static void a_full_disk_is_told(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(journal_begin(fd, &run.info, &plan), -ENOSPC);
	assert_int_equal(journal_add(fd, &run.slices[0]), -ENOSPC);
	assert_int_equal(close(fd), 0);
}

static void a_cell_is_the_first_columns(void **state)
{
	(void)state;
	assert_string_equal(slice_columns[N_CELL_COLUMNS].key, "x_cell");
	for (size_t i = 0; i < n_slice_columns; i++)
		assert_int_equal(slice_columns[i].offset <
					 sizeof(struct cell_spec),
				 i < N_CELL_COLUMNS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_comes_back),
		TEST(the_journal_goes_on),
		TEST(cut_anywhere_it_has_whole_blocks),
		TEST(no_slice_twice_and_none_out_of_order),
		TEST(a_journal_of_another_plan_is_refused),
		TEST(what_is_no_journal_is_refused),
		TEST(two_do_not_write_one_journal),
		TEST(a_new_one_does_not_overwrite),
		TEST(a_full_disk_is_told),
		TEST(a_cell_is_the_first_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
