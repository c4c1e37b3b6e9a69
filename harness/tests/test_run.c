#include "harness/order.h"
#include "harness/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/file.h"
#include "harness/journal.h"
#include "harness/tests/fake_summary.h"

#define N_CELLS 5

/*
 * A run of a program that is a shell script.  It notes its model, and how long
 * the padding is, in $dir/seen; then it does what the file $dir/<model>.do
 * says, or prints the result $dir/<model>.json.
 */
static struct fixture {
	char dir[64], program[96];
	struct cell_spec cells[N_CELLS];
	struct plan plan;
	struct run_options options;
	struct run_results results;
	int64_t busy_ns; /* of the machine in every slice of 1 s */
	int cancel;      /* the FIFO $dir/cancel: one byte cancels */
} f;

static const char script[] =
	"#!/bin/sh\n"
	"dir=$(dirname \"$0\")\n"
	"for arg; do case $arg in --model=*) model=${arg#--model=};; esac; done\n"
	"echo \"$model ${#MANYHANDS_PADDING}\" >>\"$dir/seen\"\n"
	"echo \"$*\" >>\"$dir/argv\"\n"
	"if [ -e \"$dir/$model.do\" ]; then . \"$dir/$model.do\"; fi\n"
	"exec cat \"$dir/$model.json\"\n";

static void put(const char *name, const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", f.dir, name);
	assert_int_equal(file_write(path, text, strlen(text)), 0);
}

/* The whole of a file of ours, to be freed. */
static char *get(const char *name)
{
	char path[160], *text;
	size_t bytes;

	snprintf(path, sizeof(path), "%s/%s", f.dir, name);
	assert_int_equal(file_read(path, 1 << 24, &text, &bytes), 0);
	return text;
}

/* What a good slice of @cell prints. */
static void put_result(const struct cell_spec *cell)
{
	struct slice_result s = {
		.cell = *cell,
		.window_ns = 1000,
		.submitted = 4,
		.ended = {[TASK_OK] = 4},
		.tasks = 3,
		.phase_sum_ns = {[PHASE_COMPUTE] = 30},
		.user_ns = 40,
		.noise_span_ns = (int64_t)NS_PER_S,
		.busy_ns = f.busy_ns,
	};
	char name[64], *text;
	json_t *json;

	s.latency = calloc(1, sizeof(*s.latency));
	assert_non_null(s.latency);
	for (int i = 0; i < 3; i++)
		histogram_add(s.latency, 10);
	json = slice_to_json(&s);
	text = json_dumps(json, 0);
	snprintf(name, sizeof(name), "%s.json", cell->model);
	put(name, text);
	free(text);
	json_decref(json);
	slice_result_done(&s);
}

static int set_up(void **state)
{
	char fifo[96];

	(void)state;
	f = (struct fixture){.cancel = -1};
	fake_summary_folder(f.dir);
	snprintf(f.program, sizeof(f.program), "%s/program", f.dir);
	put("program", script);
	assert_int_equal(chmod(f.program, 0755), 0);
	for (uint32_t i = 0; i < N_CELLS; i++) {
		struct cell_spec *c = &f.cells[i];

		*c = (struct cell_spec){.size = 9, .workers = 1, .depth = 1};
		strcpy(c->experiment, "testing");
		strcpy(c->workload, "nothing");
		strcpy(c->pin, "none");
		snprintf(c->model, sizeof(c->model), "m%u", i);
		memcpy(c->runs, c->model, sizeof(c->runs));
		put_result(c);
	}
	snprintf(fifo, sizeof(fifo), "%s/cancel", f.dir);
	assert_int_equal(mkfifo(fifo, 0666), 0);
	/* As a writer, too, so that it never looks like a closed one. */
	f.cancel = open(fifo, O_RDWR | O_CLOEXEC);
	assert_true(f.cancel >= 0);
	f.plan = (struct plan){.cells = f.cells, .n = N_CELLS};
	f.options = (struct run_options){
		.program = f.program,
		.plan = &f.plan,
		.blocks = 3,
		.budget_ns = 1000 * NS_PER_S,
		.seed = 11,
		.timing = {1, 1, 10 * NS_PER_S},
		.exact = true,
		.journal = journal_create(f.dir),
		.cancel_fd = f.cancel,
	};
	f.results.info.processors = 1;
	f.results.info.blocks_planned = 3;
	assert_true(f.options.journal >= 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	results_done(&f.results);
	(void)close(f.cancel);
	(void)close(f.options.journal);
	fake_summary_folder_remove(f.dir);
	return 0;
}

static void cancel(void)
{
	assert_int_equal(write(f.cancel, "x", 1), 1);
}

/* The journal has the context, and then the slices as they are in memory. */
static void assert_journal(void)
{
	char *text = get("journal.jsonl"), *rest = text, *line, error[128];
	size_t n = 0;

	/* Before the first block there is nothing to go on with. */
	if (f.results.n == 0) {
		assert_string_equal(text, "");
		free(text);
		return;
	}
	assert_int_equal(text[strlen(text) - 1], '\n');
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		struct run_info info;
		json_t *slice;

		assert_non_null(json);
		if (n++ == 0) {
			assert_int_equal(info_from_json(json, &info, error,
							sizeof(error)),
					 0);
			assert_int_equal(info.seed, f.results.info.seed);
		} else {
			assert_in_range(n - 1, 1, f.results.n);
			slice = slice_to_json(&f.results.slices[n - 2]);
			assert_true(json_equal(slice, json));
			json_decref(slice);
		}
		json_decref(json);
	}
	assert_int_equal(n, 1 + f.results.n);
	free(text);
}

static void every_cell_once_in_every_block(void **state)
{
	(void)state;
	f.results.info.seed = 11;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.n, 3 * N_CELLS);
	for (uint32_t i = 0; i < f.results.n; i++) {
		const struct slice_result *s = &f.results.slices[i];

		assert_int_equal(s->block, 1 + i / N_CELLS);
		assert_int_equal(s->position, i % N_CELLS);
		assert_int_equal(s->status, SLICE_OK);
		assert_string_equal(s->message, "");
		assert_int_equal(s->tasks, 3);
		assert_true(s->wall_ns > 0);
		assert_memory_equal(&s->cell, &f.cells[s->cell_index],
				    sizeof(s->cell));
		for (uint32_t k = i - i % N_CELLS; k < i; k++)
			assert_int_not_equal(s->cell_index,
					     f.results.slices[k].cell_index);
	}
	assert_int_equal(f.results.info.blocks_done, 3);
	assert_true(f.results.info.complete);
	assert_string_equal(f.results.info.stopped, "");
	assert_journal();
}

/* Four blocks have run, the first only to warm up. */
static void the_warm_up_is_not_kept(void **state)
{
	char *seen;

	(void)state;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	seen = get("seen");
	assert_int_equal(fake_summary_count(seen, "\n"), 4 * N_CELLS);
	for (uint32_t i = 0; i < N_CELLS; i++)
		assert_int_equal(fake_summary_count(seen, f.cells[i].model), 4);
	free(seen);
}

static void fresh_journal(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/journal.jsonl", f.dir);
	(void)close(f.options.journal);
	assert_int_equal(unlink(path), 0);
	f.options.journal = journal_create(f.dir);
	assert_true(f.options.journal >= 0);
}

/* Run with @seed: the cells in the order measured, and what the script saw. */
static char *order_of(uint64_t seed, uint32_t cells[3 * N_CELLS])
{
	results_done(&f.results);
	put("seen", "");
	fresh_journal();
	f.options.seed = seed;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.n, 3 * N_CELLS);
	for (uint32_t i = 0; i < 3 * N_CELLS; i++)
		cells[i] = f.results.slices[i].cell_index;
	return get("seen");
}

static void the_seed_decides_the_order(void **state)
{
	const size_t block = N_CELLS * sizeof(uint32_t);
	uint32_t first[3 * N_CELLS], second[3 * N_CELLS];
	char *seen = order_of(1, first), *again = order_of(1, second);

	(void)state;
	assert_memory_equal(first, second, sizeof(first));
	/* The warm-up and the paddings, too: they move the stack. */
	assert_string_equal(seen, again);
	free(again);
	again = order_of(2, second);
	assert_memory_not_equal(first, second, sizeof(first));
	assert_memory_not_equal(first, first + N_CELLS, block);
	assert_memory_not_equal(first, first + 2 * N_CELLS, block);
	assert_memory_not_equal(second, second + N_CELLS, block);
	free(seen);
	free(again);
}

/* The blocks that count, not the warm-up, are a whole Williams square. */
static void every_cell_at_every_position(void **state)
{
	uint32_t rows = williams_rows(N_CELLS);
	uint32_t at[N_CELLS][N_CELLS] = {0};

	(void)state;
	f.options.blocks = rows;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	for (uint32_t i = 0; i < f.results.n; i++)
		at[f.results.slices[i].position]
		  [f.results.slices[i].cell_index]++;
	for (uint32_t i = 0; i < N_CELLS; i++) {
		for (uint32_t k = 0; k < N_CELLS; k++)
			assert_int_equal(at[i][k], rows / N_CELLS);
	}
}

static void the_padding_varies(void **state)
{
	long padding[4 * N_CELLS], smallest = 1 << 20, largest = 0;
	char *seen, *rest, *line;
	size_t n = 0;

	(void)state;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	seen = rest = get("seen");
	while ((line = strsep(&rest, "\n")) && *line) {
		assert_true(n < ARRAY_LEN(padding));
		padding[n] = atol(strchr(line, ' '));
		assert_in_range(padding[n], 1, 4096);
		smallest = padding[n] < smallest ? padding[n] : smallest;
		largest = padding[n] > largest ? padding[n] : largest;
		n++;
	}
	assert_int_equal(n, ARRAY_LEN(padding));
	assert_true(largest - smallest > 1000);
	/* Every block has others. */
	for (size_t i = N_CELLS; i < n; i++)
		assert_int_not_equal(padding[i], padding[i - N_CELLS]);
	free(seen);
}

static void the_slice_is_told_everything(void **state)
{
	char *argv;

	(void)state;
	f.plan.n = 1;
	f.options.blocks = 1;
	f.options.words =
		(const char *const[]){"--load-workload=/some/mine.so", NULL};
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	argv = get("argv");
	argv[strcspn(argv, "\n")] = '\0';
	assert_string_equal(argv, "slice --load-workload=/some/mine.so "
				  "--experiment=testing --model=m0 "
				  "--workload=nothing --size=9 --workers=1 "
				  "--depth=1 --pin=none --settle-ns=1 "
				  "--window-ns=1 --timeout-ns=10000000000");
	free(argv);
}

/* What is not usual in a cell. */
static void the_slice_is_told_what_is_special(void **state)
{
	struct cell_spec *c = &f.cells[0];
	char *argv, *special, wanted[400];

	(void)state;
	strcpy(c->runs, "threads");
	strcpy(c->load_of, "own");
	c->extra_ppm = 100000;
	c->load_percent = 70;
	c->interval_ns = 12345;
	c->window_ns = 77;
	c->ballast_bytes = 1 << 20;
	c->ballast_huge = 1;
	c->rank = RANK_DETAIL;
	f.plan.n = 1;
	f.options.blocks = 1;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	argv = get("argv");
	argv[strcspn(argv, "\n")] = '\0';
	special = strstr(argv, "--runs");
	assert_non_null(special);
	snprintf(wanted, sizeof(wanted),
		 "--runs=threads --load-of=own --extra-ppm=100000 "
		 "--load-percent=70 --interval-ns=12345 --own-window-ns=77 "
		 "--ballast-bytes=1048576 --ballast-huge=1 --rank=2 "
		 "--arrival-seed=%" PRIu64,
		 mix64(f.options.seed ^ mix64(0)) >> 1);
	assert_string_equal(special, wanted);
	free(argv);
}

/* The row of @model in the only block. */
static const struct slice_result *row(const char *model)
{
	for (size_t i = 0; i < f.results.n; i++) {
		if (strcmp(f.results.slices[i].cell.model, model) == 0)
			return &f.results.slices[i];
	}
	fail_msg("no row of %s", model);
	abort(); /* never reached, which fail_msg() does not tell a compiler */
}

static void assert_row(const char *model, const char *status,
		       const char *message)
{
	const struct slice_result *s = row(model);
	char name[48];

	slice_status_name(s->status, s->status_value, name, sizeof(name));
	assert_string_equal(name, status);
	assert_string_equal(s->message, message);
	/* It has no part of a result that was not one. */
	if (s->status != SLICE_OK) {
		assert_int_equal(s->tasks, 0);
		assert_int_equal(s->submitted, 0);
		assert_null(s->latency);
	}
}

static void whatever_a_slice_does_is_a_row(void **state)
{
	struct run_results back;
	char error[256];

	(void)state;
	f.options.blocks = 1;
	put("m0.do", "kill -SEGV $$\n");
	put("m1.do", "echo 'so \001 sorry' >&2; echo more >&2; exit 3\n");
	put("m2.do", "echo garbage; exit 0\n");
	put("m3.do", "echo 'take care' >&2\n");
	put("m4.do", "exit 0\n");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_row("m0", "crashed:SEGV", "");
	assert_row("m1", "exited:3", "so ? sorry");
	assert_row("m3", "ok", "take care");
	assert_ptr_equal(strstr(row("m2")->message, "no result: "),
			 row("m2")->message);
	assert_row("m2", "exited:0", row("m2")->message);
	assert_ptr_equal(strstr(row("m4")->message, "no result: "),
			 row("m4")->message);
	assert_true(f.results.info.complete);
	assert_journal();
	/* And the run can be read again. */
	assert_int_equal(results_write(&f.results, f.dir), 0);
	assert_int_equal(results_read(f.dir, &back, error, sizeof(error)), 0);
	results_done(&back);
}

/* It is a good result, but of something else. */
static void the_result_of_another_cell_is_none(void **state)
{
	struct run_results back;
	char error[256];

	(void)state;
	f.options.blocks = 1;
	put("m1.do", "model=m2\n");
	put("m3.do", "cat \"$dir/m3.json\"; exit 1\n");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_row("m1", "exited:0",
		   "no result: not the cell that was asked for");
	assert_row("m3", "exited:1", "");
	assert_int_equal(results_write(&f.results, f.dir), 0);
	assert_int_equal(results_read(f.dir, &back, error, sizeof(error)), 0);
	results_done(&back);
}

static void impossible_results_are_none(void **state)
{
	char *text, *at;

	(void)state;
	f.options.blocks = 1;
	text = get("m0.json");
	at = strstr(text, "\"x_tasks\": 3");
	assert_non_null(at);
	at[strlen("\"x_tasks\": ")] = '2';
	put("m0.json", text);
	free(text);
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_row("m0", "exited:0",
		   "no result: \"x_latency\" does not count \"x_tasks\" tasks");
}

/* A long complaint is cut; a result is taken with any complaint. */
static void long_complaints_are_cut(void **state)
{
	(void)state;
	f.options.blocks = 1;
	put("m0.do", "printf '%09999d' 0 >&2\n");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(row("m0")->status, SLICE_OK);
	assert_int_equal(strlen(row("m0")->message),
			 sizeof(row("m0")->message) - 1);
}

/* Cancelled while a slice hangs: it ends, and what was measured stays. */
static void cancelled_in_the_middle(void **state)
{
	char command[256];

	(void)state;
	/* In the second block (the third with the warm-up) all of them hang. */
	snprintf(command, sizeof(command),
		 "if [ $(wc -l <\"$dir/seen\") -gt %d ]; then\n"
		 "printf x >\"$dir/cancel\"\nexec sleep 1000\nfi\n",
		 2 * N_CELLS + 2);
	for (uint32_t i = 0; i < N_CELLS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.do", f.cells[i].model);
		put(name, command);
	}
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_string_equal(f.results.info.stopped, "interrupted");
	assert_false(f.results.info.complete);
	assert_int_equal(f.results.info.blocks_done, 1);
	assert_int_equal(f.results.n, N_CELLS + 2);
	assert_journal();
}

static void cancelled_at_once(void **state)
{
	(void)state;
	cancel();
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_string_equal(f.results.info.stopped, "interrupted");
	assert_int_equal(f.results.n, 0);
	assert_int_equal(f.results.info.blocks_done, 0);
	assert_journal();
}

/* However short the time: no data, no report. */
static void the_budget_ends_it_after_one_block(void **state)
{
	(void)state;
	f.options.budget_ns = 1;
	for (size_t i = 0; i < N_CELLS; i++)
		f.cells[i].rank = RANK_HEADLINE;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_string_equal(f.results.info.stopped, "budget");
	assert_true(f.results.info.complete);
	assert_int_equal(f.results.info.blocks_done, 1);
	assert_int_equal(f.results.n, N_CELLS);
	assert_journal();
}

static void without_program_there_is_no_run(void **state)
{
	(void)state;
	f.options.program = "/no/such/program";
	assert_int_equal(run_blocks(&f.options, &f.results), -ENOENT);
	assert_string_equal(f.results.info.stopped, "error");
	assert_false(f.results.info.complete);
	assert_int_equal(f.results.n, 0);
	assert_journal();
}

static void a_program_that_goes_away(void **state)
{
	char path[160];

	(void)state;
	snprintf(path, sizeof(path),
		 "[ $(wc -l <\"$dir/seen\") -eq %d ] && rm \"$0\"\n",
		 2 * N_CELLS);
	for (uint32_t i = 0; i < N_CELLS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.do", f.cells[i].model);
		put(name, path);
	}
	assert_int_equal(run_blocks(&f.options, &f.results), -ENOENT);
	assert_string_equal(f.results.info.stopped, "error");
	assert_int_equal(f.results.n, N_CELLS);
	assert_int_equal(f.results.info.blocks_done, 1);
	assert_journal();
}

/* In every slice the processors were so busy, for 1 s. */
static void put_noise(uint64_t busy_ns)
{
	f.busy_ns = (int64_t)busy_ns;
	for (uint32_t i = 0; i < N_CELLS; i++)
		put_result(&f.cells[i]);
}

/* Up to half as many again; the noisy ones stay. */
static void noisy_blocks_are_repeated(void **state)
{
	(void)state;
	f.options.exact = false;
	f.options.blocks = 4;
	put_noise(200000000);
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 6);
	assert_int_equal(f.results.n, 6 * N_CELLS);
	assert_string_equal(f.results.info.stopped, "");
}

static void quiet_blocks_are_not_repeated(void **state)
{
	(void)state;
	f.options.exact = false;
	f.options.blocks = 4;
	put_noise(50000000);
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 4);
}

/* All slices are equal, so 12 blocks are precise. */
static void it_stops_where_it_is_precise(void **state)
{
	(void)state;
	f.options.exact = false;
	f.options.blocks = 40;
	strcpy(f.results.info.reference, "m0");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 12);
	assert_int_equal(f.results.info.looks, 1);
	assert_string_equal(f.results.info.stopped, "precise");
	assert_true(f.results.info.complete);
}

/* With exactly so many wanted, nobody looks. */
static void an_exact_number_is_exact(void **state)
{
	(void)state;
	f.options.blocks = 13;
	strcpy(f.results.info.reference, "m0");
	put_noise(900000000);
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 13);
	assert_int_equal(f.results.info.looks, 0);
	assert_string_equal(f.results.info.stopped, "");
}

/* One model has a ratio that jumps: there is a look at 12, but no stop. */
static void it_goes_on_where_it_is_not_precise(void **state)
{
	(void)state;
	f.options.exact = false;
	f.options.blocks = 20;
	strcpy(f.results.info.reference, "m0");
	put("m1.do", "n=$(grep -c m1 \"$dir/seen\")\n"
		     "if [ $((n % 2)) = 0 ]; then\n"
		     "sed 's/\"x_window_ns\": 1000/\"x_window_ns\": 2000/' "
		     "\"$dir/m1.json\"; exit; fi\n");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 20);
	assert_int_equal(f.results.info.looks, 1);
	assert_string_equal(f.results.info.stopped, "");
}

/* What there is no time for is not measured at all, and that is said. */
static void the_plan_is_pruned_to_the_budget(void **state)
{
	(void)state;
	f.cells[3].rank = f.cells[4].rank = RANK_EXTRA;
	f.cells[2].rank = RANK_MAIN;
	f.cells[2].window_ns = f.cells[3].window_ns = f.cells[4].window_ns =
		3600 * NS_PER_S;
	f.options.budget_ns = 20000 * NS_PER_S;
	put_result(&f.cells[2]);
	/* Four rounds of one hour are 14400 s: one of the three may stay. */
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.plan.n, 3);
	assert_int_equal(f.results.n, 3 * 3);
	assert_string_equal(f.results.info.pruned,
			    "testing nothing: 2 of 5 cells");
	assert_journal();
}

static int order_in_block(const void *a, const void *b)
{
	const struct slice_result *x = a, *y = b;

	return x->block != y->block ? (int)x->block - (int)y->block
				    : (int)x->position - (int)y->position;
}

/*
 * Killed in the middle and taken up again: every block once, and all of it in
 * the order in which one run would have measured it.
 */
static void it_goes_on_where_it_was_cut(void **state)
{
	struct run_results whole;
	char error[256];
	struct plan plan;

	(void)state;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	whole = f.results;
	/* Cut after one block and a bit. */
	{
		char *text = get("journal.jsonl"), *end = text;

		for (uint32_t i = 0; i < 1 + N_CELLS + 2; i++)
			end = strchr(end, '\n') + 1;
		(void)close(f.options.journal);
		end[20] = '\0';
		put("journal.jsonl", text);
		free(text);
	}
	f.results = (struct run_results){0};
	f.options.journal =
		journal_resume(f.dir, &f.results, &plan, error, sizeof(error));
	assert_true(f.options.journal >= 0);
	assert_int_equal(f.results.info.blocks_done, 1);
	f.options.plan = &plan;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.info.blocks_done, 3);
	assert_true(f.results.info.complete);
	assert_int_equal(f.results.n, whole.n);
	qsort(f.results.slices, f.results.n, sizeof(*f.results.slices),
	      order_in_block);
	for (size_t i = 0; i < whole.n; i++) {
		const struct slice_result *a = &whole.slices[i];
		const struct slice_result *b = &f.results.slices[i];

		assert_int_equal(a->block, b->block);
		assert_int_equal(a->position, b->position);
		assert_int_equal(a->cell_index, b->cell_index);
	}
	assert_journal();
	/* Once more: there is nothing left to do. */
	put("seen", "");
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(f.results.n, whole.n);
	results_done(&whole);
	plan_done(&plan);
	{
		char *seen = get("seen");

		assert_string_equal(seen, "");
		free(seen);
	}
}

static void watch(void *ctx, const struct run_progress *p)
{
	uint32_t *n = ctx;

	assert_int_equal(p->block, *n / N_CELLS);
	assert_int_equal(p->slice, *n % N_CELLS);
	assert_int_equal(p->blocks, 3);
	assert_int_equal(p->slices, N_CELLS);
	assert_non_null(p->cell);
	/* Unknown until one block has shown how long it takes. */
	assert_int_equal(p->left_ns > 0, p->block > 0);
	++*n;
}

static void the_watcher_sees_every_slice(void **state)
{
	uint32_t n = 0;

	(void)state;
	f.options.watch = watch;
	f.options.ctx = &n;
	assert_int_equal(run_blocks(&f.options, &f.results), 0);
	assert_int_equal(n, 4 * N_CELLS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_cell_once_in_every_block),
		TEST(the_warm_up_is_not_kept),
		TEST(the_seed_decides_the_order),
		TEST(every_cell_at_every_position),
		TEST(the_padding_varies),
		TEST(the_slice_is_told_everything),
		TEST(the_slice_is_told_what_is_special),
		TEST(whatever_a_slice_does_is_a_row),
		TEST(the_result_of_another_cell_is_none),
		TEST(impossible_results_are_none),
		TEST(long_complaints_are_cut),
		TEST(cancelled_in_the_middle),
		TEST(cancelled_at_once),
		TEST(the_budget_ends_it_after_one_block),
		TEST(without_program_there_is_no_run),
		TEST(a_program_that_goes_away),
		TEST(noisy_blocks_are_repeated),
		TEST(quiet_blocks_are_not_repeated),
		TEST(it_stops_where_it_is_precise),
		TEST(it_goes_on_where_it_is_not_precise),
		TEST(an_exact_number_is_exact),
		TEST(the_plan_is_pruned_to_the_budget),
		TEST(it_goes_on_where_it_was_cut),
		TEST(the_watcher_sees_every_slice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
