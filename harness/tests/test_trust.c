/*
 * Every note of the trust box, with data that make it and data that do not.
 */
#include "harness/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/tests/fake_summary.h"

static struct run_results run;
static struct notes notes;

static void make(uint32_t blocks)
{
	struct fake_recipe how = fake_summary_usual;

	how.blocks = blocks;
	how.n_workloads = 1;
	fake_summary_run(&how, &run);
}

/* Make the notes of the run as it is now. */
static void take_notes(void)
{
	struct summary s;

	assert_int_equal(summary_make(&run, &s), 0);
	notes_make(&s, &notes);
	summary_done(&s);
}

/* The note that has @words; NULL: none. */
static const struct note *find(const char *words)
{
	for (size_t i = 0; i < notes.n; i++) {
		if (strstr(notes.items[i].text, words))
			return &notes.items[i];
	}
	return NULL;
}

static void expect(const char *words, enum note_level level)
{
	const struct note *note = find(words);

	if (!note) {
		for (size_t i = 0; i < notes.n; i++)
			print_error("%s\n", notes.items[i].text);
		fail_msg("no note says: %s", words);
		return;
	}
	assert_int_equal(note->level, level);
}

static int tear_down(void **state)
{
	(void)state;
	results_done(&run);
	return 0;
}

/* In every slice of 250 ms, two processors, 350 ms ours. */
static void set_noise(uint32_t from, int64_t steal_ns, int64_t busy_ns)
{
	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *s = &run.slices[i];

		s->noise_span_ns = 250000000;
		s->user_ns = 350000000;
		s->system_ns = 0;
		if (s->block >= from) {
			s->steal_ns = steal_ns;
			s->busy_ns = busy_ns;
		}
	}
}

static void the_share_of_the_processors(void **state)
{
	(void)state;
	make(12);
	set_noise(0, 5000000, 360000000);
	take_notes();
	expect("97 % of the processors' time was there for us: other programs "
	       "took 2.0 %, other guests of the host (steal) 1.0 %.",
	       NOTE_GOOD);
	set_noise(0, 5000000, 420000000);
	take_notes();
	expect("85 % of the processors' time was there for us", NOTE_WARN);
	set_noise(0, -1, 360000000);
	take_notes();
	expect("cannot be known here", NOTE_INFO);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].noise_span_ns = -1;
	take_notes();
	assert_null(find("processors' time"));
}

static void noisy_blocks(void **state)
{
	(void)state;
	make(14);
	set_noise(0, 0, 360000000);
	take_notes();
	assert_null(find("noisy"));
	set_noise(13, 0, 420000000);
	take_notes();
	expect("2 of 14 blocks were noisy: others took more than a tenth of "
	       "the processors.  The 12 clean ones count.",
	       NOTE_INFO);
	set_noise(12, 0, 420000000);
	take_notes();
	expect("3 of 14 blocks were noisy", NOTE_WARN);
	expect("Fewer than 12 clean ones are left, so all count.", NOTE_WARN);
}

static void the_canary(void **state)
{
	(void)state;
	make(12);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].canary_after_ns = 2000000;
	take_notes();
	expect("A fixed piece of work, done after every slice, took 2.00 ms of "
	       "CPU time in four slices of five.",
	       NOTE_GOOD);
	for (size_t i = 0; i < run.n; i += 4)
		run.slices[i].canary_after_ns = 3000000;
	take_notes();
	expect("took 2.00 ms to 3.00 ms of CPU time", NOTE_WARN);
	/* One slice in fifty says nothing of the machine. */
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].canary_after_ns = i % 50 ? 2000000 : 9000000;
	take_notes();
	expect("took 2.00 ms of CPU time", NOTE_GOOD);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].canary_after_ns = -1;
	take_notes();
	assert_null(find("fixed piece"));
}

static void the_clock(void **state)
{
	(void)state;
	make(1);
	run.info.clock_cost_ns = 24;
	run.info.clock_backwards = 0;
	take_notes();
	expect("The clock never went back between processors; reading it takes "
	       "24.0 ns.",
	       NOTE_GOOD);
	run.info.clock_backwards = 3;
	take_notes();
	expect("The clock went back 3 times", NOTE_BAD);
	run.info.clock_backwards = -1;
	take_notes();
	assert_null(find("clock"));
}

static void the_harness(void **state)
{
	(void)state;
	make(1);
	run.info.harness_ns = 134;
	take_notes();
	expect("The harness itself takes 134 ns of processor time a task: more "
	       "than 5.0 % of tasks shorter than 2.68 µs.",
	       NOTE_INFO);
	run.info.harness_ns = -1;
	take_notes();
	assert_null(find("harness"));
}

/* Let pool be threads again, @by times as fast in every block. */
static void measure_again(double by)
{
	const struct slice_result *threads = NULL;

	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *s = &run.slices[i];

		if (strcmp(s->cell.model, "pool") == 0)
			strcpy(s->cell.runs, "threads");
	}
	for (size_t i = 0; i < run.n; i++) {
		struct slice_result *s = &run.slices[i];

		if (strcmp(s->cell.model, "pool") != 0)
			continue;
		for (size_t k = 0; k < run.n; k++) {
			threads = &run.slices[k];
			if (threads->block == s->block &&
			    threads->cell.workers == s->cell.workers &&
			    strcmp(threads->cell.model, "threads") == 0)
				s->tasks =
					(uint64_t)((double)threads->tasks * by *
						   (s->block % 2 ? 1.01 : 1));
		}
	}
}

static void the_same_model_again(void **state)
{
	(void)state;
	make(12);
	take_notes();
	assert_null(find("two names"));
	measure_again(0.995);
	take_notes();
	expect("The same model measured twice under two names: ", NOTE_GOOD);
	measure_again(1.05);
	take_notes();
	expect("under two names differs: 1.05×", NOTE_WARN);
	/* With more work it is not the same model. */
	for (size_t i = 0; i < run.n; i++) {
		if (strcmp(run.slices[i].cell.model, "pool") == 0)
			run.slices[i].cell.extra_ppm = 50000;
	}
	take_notes();
	assert_null(find("two names"));
}

static void the_weather(void **state)
{
	(void)state;
	make(20);
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].tasks = run.slices[i].block % 2 ? 300 : 200;
	take_notes();
	assert_null(find("weather"));
	for (size_t i = 0; i < run.n; i++)
		run.slices[i].tasks = run.slices[i].block > 10 ? 300 : 200;
	take_notes();
	expect("The machine had its weather", NOTE_INFO);
}

static void what_was_left_out(void **state)
{
	(void)state;
	make(1);
	take_notes();
	assert_null(find("Left out"));
	strcpy(run.info.pruned, "load primes: 3 of 6 cells");
	take_notes();
	expect("Left out for lack of time: load primes: 3 of 6 cells.",
	       NOTE_INFO);
}

static void how_it_ended(void **state)
{
	(void)state;
	make(12);
	strcpy(run.info.stopped, "precise");
	run.info.blocks_planned = 40;
	take_notes();
	expect("After 12 blocks every headline ratio was known to within 3 %, "
	       "and the run stopped.",
	       NOTE_GOOD);
	strcpy(run.info.stopped, "");
	run.info.blocks_planned = 10;
	take_notes();
	expect("All 10 planned blocks were measured, and 2 more because of "
	       "noise.",
	       NOTE_GOOD);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_share_of_the_processors),
		TEST(noisy_blocks),
		TEST(the_canary),
		TEST(the_clock),
		TEST(the_harness),
		TEST(the_same_model_again),
		TEST(the_weather),
		TEST(what_was_left_out),
		TEST(how_it_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
