/* Which promises were kept under faults, and what the report says of it. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/report.h"
#include "harness/summary_faults.h"
#include "harness/tests/fake_summary.h"
#include "harness/tests/readme.h"

#define BLOCKS 12

/* A run to which slices are added, and what came of it. */
struct made {
	struct run_results run;
	struct summary s;
	struct fault_row *rows;
	int n;
};

static void begin(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->run.info = (struct run_info){
		.reference = "pool",
		.processors = 2,
		.complete = true,
		.blocks_planned = BLOCKS,
		.blocks_done = BLOCKS,
		.host.load = {NAN, NAN, NAN},
		.clock_backwards = -1,
	};
}

/* A slice in which four faults did what they should, each for 3 ms. */
static struct slice_result make_slice(const char *model, const char *fault,
				      enum fault_reach reach)
{
	struct slice_result r = {
		.cell = {.experiment = "faults",
			 .workload = "primes",
			 .pin = "compact",
			 .size = 100,
			 .workers = 2,
			 .depth = 2},
		.submitted = 404,
		.ended = {[TASK_OK] = 400, [TASK_SIGNAL] = 4},
		.tasks = 380,
		.window_ns = 400 * NS_PER_MS,
		.reference_digest = 7,
		.injected = 4,
		.outages = 4,
		.outage_sum_ns = 12 * NS_PER_MS,
		.outage_max_ns = 5 * NS_PER_MS,
		.counts = {.respawns = 4, .retries = -1},
		.pss_bytes = -1,
		.rss_bytes = -1,
	};

	strcpy(r.cell.model, model);
	strcpy(r.cell.runs, model);
	strcpy(r.cell.fault, fault);
	r.cell.fault_reach = fault[0] ? reach : REACH_NOTHING;
	return r;
}

/* @slice in all blocks; in each its throughput is a little different. */
static void add(struct made *m, struct slice_result slice)
{
	uint32_t cell = (uint32_t)(m->run.n / BLOCKS);

	for (uint32_t b = 1; b <= BLOCKS; b++) {
		struct slice_result s = slice;

		s.block = b;
		s.cell_index = s.position = cell;
		s.tasks += s.tasks * b / 200;
		assert_int_equal(results_add(&m->run, &s), 0);
	}
}

static void end(struct made *m)
{
	assert_int_equal(summary_make(&m->run, &m->s), 0);
	m->n = summary_faults(&m->s, &m->rows);
	assert_true(m->n >= 0);
}

static void done(struct made *m)
{
	free(m->rows);
	summary_done(&m->s);
	results_done(&m->run);
}

static struct slice_result peace_of(const char *model)
{
	struct slice_result r = make_slice(model, "", REACH_NOTHING);

	r.submitted = r.ended[TASK_OK] = 400;
	r.ended[TASK_SIGNAL] = 0;
	r.injected = r.outages = r.outage_sum_ns = r.outage_max_ns = 0;
	return r;
}

static void no_faults_no_rows(void **state)
{
	struct made m;

	(void)state;
	begin(&m);
	add(&m, peace_of("pool"));
	end(&m);
	assert_int_equal(m.n, 0);
	done(&m);
}

static void a_row_adds_up(void **state)
{
	struct slice_result half = make_slice("pool", "kill", REACH_TASK);
	struct made m;
	char buf[80];

	(void)state;
	begin(&m);
	add(&m, peace_of("pool"));
	half.tasks /= 2;
	/* Longer and less needed, but the same in all that matters. */
	half.cell.window_ns = NS_PER_S;
	half.cell.rank = RANK_EXTRA;
	add(&m, half);
	end(&m);
	assert_int_equal(m.n, 1);
	assert_string_equal(m.rows[0].broken, "");
	assert_string_equal(m.rows[0].fault->name, "kill");
	assert_int_equal(m.rows[0].injected, 4 * BLOCKS);
	assert_int_equal(m.rows[0].replaced, 4 * BLOCKS);
	assert_int_equal(m.rows[0].retried, -1);
	assert_float_equal(m.rows[0].outage_ns, 3e6, 1);
	assert_float_equal(m.rows[0].outage_max_ns, 5e6, 1);
	assert_float_equal(m.rows[0].kept.median, 0.5, 0.01);
	assert_true(m.rows[0].kept.low > 0.4);
	assert_true(m.rows[0].kept.high < 0.6);
	assert_string_equal(fault_row_fate(&m.rows[0], buf, sizeof(buf)),
			    "48 killed");
	assert_string_equal(fault_row_survived(&m.rows[0]), "all workers");
	assert_false(fault_row_ends_all(&m.rows[0]));
	/* What had to fail is no failure of the run. */
	assert_int_equal(m.s.failed, 0);
	assert_int_equal(m.s.n_bad_slices, 0);
	assert_int_equal(m.s.submitted, 400 * BLOCKS);
	done(&m);
}

/* The verdict on a run that is @slice in all blocks, in @buf. */
static const char *broken(struct slice_result slice)
{
	static char buf[128];
	struct made m;

	begin(&m);
	add(&m, slice);
	end(&m);
	assert_int_equal(m.n, 1);
	strcpy(buf, m.rows[0].broken);
	done(&m);
	return buf;
}

/* A count of a slice, and what is said if it is @n in each of 12 slices. */
static const struct {
	size_t offset;
	uint64_t n;
	const char *says;
} breaches[] = {
#define COUNT(field) offsetof(struct slice_result, field)
	{COUNT(lost), 1, "12 tasks were never answered"},
	{COUNT(strays), 1, "12 answers too many"},
	{COUNT(wrong_digests), 1, "12 wrong results"},
	{COUNT(misreported), 2, "24 tasks ended in a way not promised"},
	{COUNT(collateral), 1, "12 tasks failed that should not have"},
	{COUNT(places_lost), 1, "12 workers were not replaced"},
	{COUNT(left_processes), 1, "left 12 processes"},
	{COUNT(left_descriptors), 1, "left 12 descriptors open"},
	{COUNT(left_mappings), 1, "left 12 mappings of shared memory"},
	{COUNT(injected), 0, "nothing happened to break it"},
#undef COUNT
};

static void each_promise_can_be_broken(void **state)
{
	const struct slice_result good = make_slice("pool", "kill", REACH_TASK);
	struct slice_result r = good;

	(void)state;
	assert_string_equal(broken(good), "");
	for (size_t i = 0; i < ARRAY_LEN(breaches); i++) {
		r = good;
		memcpy((char *)&r + breaches[i].offset, &breaches[i].n,
		       sizeof(breaches[i].n));
		assert_string_equal(broken(r), breaches[i].says);
	}
	r = good;
	r.status = SLICE_BROKEN;
	r.status_value = 10; /* ECHILD */
	assert_string_equal(
		broken(r),
		"the model ended (broken:ECHILD) in 12 of 12 slices");
}

static void some_may_go_farther(void **state)
{
	struct slice_result r = make_slice("cluster", "kill", REACH_WORKER);

	(void)state;
	/* Four connections, each with a task: three besides its own. */
	r.collateral = 3 * r.injected;
	assert_string_equal(broken(r), "");
	r.collateral++;
	assert_string_equal(broken(r), "156 tasks failed that should not have");
	/* From outside, a task that is hit was never chosen. */
	r = make_slice("pool", "kill:outside", REACH_TASK);
	r.collateral = r.injected;
	assert_string_equal(broken(r), "");
	r.collateral++;
	assert_string_not_equal(broken(r), "");
}

static void where_all_share_one_process(void **state)
{
	static const struct {
		const char *fault;
		enum slice_status status;
		int value;
	} ends[] = {
		{"kill", SLICE_CRASHED, SIGKILL},
		{"segv", SLICE_CRASHED, SIGSEGV},
		{"exit0", SLICE_EXITED, 0},
		{"exit7", SLICE_EXITED, 7},
		{"hang", SLICE_LATE, 0},
	};
	struct slice_result r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct made m;

		r = (struct slice_result){
			.cell = make_slice("threads", ends[i].fault, REACH_ALL)
					.cell,
			.status = ends[i].status,
			.status_value = ends[i].value,
		};
		begin(&m);
		add(&m, r);
		end(&m);
		assert_string_equal(m.rows[0].broken, "");
		assert_int_equal(m.rows[0].died, BLOCKS);
		assert_true(fault_row_ends_all(&m.rows[0]));
		assert_string_equal(fault_row_survived(&m.rows[0]), "nothing");
		assert_true(isnan(m.rows[0].kept.median));
		assert_int_equal(m.s.n_bad_slices, 0);
		done(&m);
		r.status_value++;
		if (r.status != SLICE_LATE)
			assert_string_equal(
				broken(r),
				"12 of 12 slices did not end with it");
	}
	/* As if nothing had been: then the fault did not happen. */
	r = make_slice("threads", "kill", REACH_ALL);
	assert_string_not_equal(broken(r), "");
}

static void a_leak_stays_where_all_share(void **state)
{
	struct slice_result r = make_slice("threads", "leak", REACH_ALL);

	(void)state;
	r.left_descriptors = r.injected;
	assert_string_equal(broken(r), "");
	r.left_descriptors++;
	assert_string_equal(broken(r), "left 60 descriptors open");
	r = make_slice("pool", "leak", REACH_TASK);
	r.left_descriptors = 1;
	assert_string_not_equal(broken(r), "");
}

/* All that is said of @m, as one string, to be freed. */
static char *text_of(const struct made *m,
		     void (*write)(const struct summary *s, FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write(&m->s, out);
	assert_int_equal(fclose(out), 0);
	/* Lines are wrapped. */
	for (char *p = text; *p; p++) {
		if (*p == '\n' && p[1] == ' ' && p[2] == ' ')
			memmove(p, p + 2, strlen(p + 2) + 1);
	}
	return text;
}

static void make_usual(struct made *m)
{
	struct slice_result dead = {
		.cell = make_slice("threads", "kill", REACH_ALL).cell,
		.status = SLICE_CRASHED,
		.status_value = SIGKILL,
	};
	struct slice_result slow = make_slice("cluster", "kill", REACH_WORKER);

	begin(m);
	slow.outage_sum_ns *= 2;
	add(m, peace_of("pool"));
	add(m, peace_of("cluster"));
	add(m, make_slice("pool", "kill", REACH_TASK));
	add(m, slow);
	add(m, dead);
}

static void sentences_when_all_is_kept(void **state)
{
	struct made m;
	char *text;

	(void)state;
	make_usual(&m);
	end(&m);
	text = text_of(&m, answer_text);
	assert_non_null(strstr(text, "primes, when workers die"));
	assert_non_null(strstr(text, "Of 108 faults, each did what its model "
				     "promises"));
	assert_non_null(strstr(text, "In pool a fault costs the task in which "
				     "it happens, no other."));
	assert_non_null(strstr(text, "In cluster it also costs"));
	assert_non_null(strstr(text, "In threads all share one process"));
	assert_non_null(strstr(text, "3.00 ms (pool) to 6.00 ms (cluster)"));
	assert_null(strstr(text, "Not as promised"));
	assert_null(strstr(text, "tasks failed ("));
	assert_null(strstr(text, "did not end well"));
	assert_null(strstr(text, "never measured"));
	free(text);
	done(&m);
}

static void sentences_when_one_is_broken(void **state)
{
	struct slice_result bad = make_slice("fork", "hang", REACH_TASK);
	struct made m;
	char *text;

	(void)state;
	make_usual(&m);
	bad.lost = 1;
	add(&m, bad);
	end(&m);
	text = text_of(&m, answer_text);
	assert_non_null(strstr(text, "Not as promised: fork under \"hang\": "
				     "12 tasks were never answered."));
	assert_null(strstr(text, "each did what"));
	/* Who broke its word is not in the list of those who kept it. */
	assert_non_null(strstr(text, "In pool a fault costs"));
	free(text);
	text = text_of(&m, summary_faults_table);
	assert_non_null(strstr(text, "BROKEN PROMISE: 12 tasks were never"));
	free(text);
	done(&m);
}

static void the_table(void **state)
{
	struct made m;
	char *text, *all;

	(void)state;
	make_usual(&m);
	end(&m);
	text = text_of(&m, summary_faults_table);
	assert_non_null(
		strstr(text, "kill         pool               48 killed"));
	assert_non_null(strstr(text, "all lost with it"));
	assert_non_null(strstr(text, " 100 %"));
	assert_null(strstr(text, "BROKEN"));
	/* The large table leaves these cells to this one. */
	all = text_of(&m, summary_table);
	assert_non_null(strstr(all, text));
	assert_int_equal(fake_summary_count(all, "faults, primes"), 1);
	assert_null(strstr(all, "crashed:KILL"));
	free(all);
	free(text);
	done(&m);
	begin(&m);
	add(&m, peace_of("pool"));
	end(&m);
	text = text_of(&m, summary_faults_table);
	assert_string_equal(text, "");
	free(text);
	done(&m);
}

static void the_object(void **state)
{
	json_t *o, *list, *row, *value;
	struct readme explained;
	const char *key;
	char path[64];
	struct made m;

	(void)state;
	make_usual(&m);
	end(&m);
	o = summary_json(&m.s, "x");
	assert_non_null(o);
	list = json_object_get(o, "faults");
	assert_int_equal(json_array_size(list), 3);
	row = json_array_get(list, 0);
	readme_read("### The objects of `faults`", &explained);
	json_object_foreach(row, key, value)
		assert_int_equal(readme_count(&explained, key), 1);
	json_object_foreach(json_object_get(row, "kept"), key, value)
	{
		snprintf(path, sizeof(path), "kept.%s", key);
		assert_int_equal(readme_count(&explained, path), 1);
	}
	assert_int_equal(explained.n, json_object_size(row) + 3);
	assert_string_equal(json_string_value(json_object_get(row, "fault")),
			    "kill");
	assert_string_equal(json_string_value(json_object_get(row, "reach")),
			    "its own task");
	assert_int_equal(json_integer_value(json_object_get(row, "happened")),
			 48);
	assert_true(json_is_null(json_object_get(row, "broken")));
	assert_true(json_is_object(json_object_get(row, "kept")));
	assert_true(json_is_null(json_object_get(row, "retried")));
	assert_int_equal(json_integer_value(json_object_get(row, "replaced")),
			 48);
	row = json_array_get(list, 2);
	assert_true(json_is_null(json_object_get(row, "kept")));
	assert_true(json_is_null(json_object_get(row, "outage_ns")));
	assert_string_equal(json_string_value(json_object_get(row, "survived")),
			    "nothing");
	json_decref(o);
	done(&m);
}

static void the_page(void **state)
{
	char folder[64], path[96], *page;
	struct made m;
	FILE *f;
	size_t n;

	(void)state;
	make_usual(&m);
	end(&m);
	fake_summary_folder(folder);
	assert_int_equal(report_write(&m.s, folder), 0);
	snprintf(path, sizeof(path), "%s/report.html", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	page = calloc(1, 1 << 20);
	n = fread(page, 1, (1 << 20) - 1, f);
	assert_true(n > 0);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(page, "href=\"#faults\""));
	assert_non_null(strstr(page, "<h2>When workers die</h2>"));
	assert_int_equal(fake_summary_count(page, ">as promised<"), 3);
	assert_null(strstr(page, "broken promise:"));
	free(page);
	fake_summary_folder_remove(folder);
	done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_faults_no_rows),
		cmocka_unit_test(a_row_adds_up),
		cmocka_unit_test(each_promise_can_be_broken),
		cmocka_unit_test(some_may_go_farther),
		cmocka_unit_test(where_all_share_one_process),
		cmocka_unit_test(a_leak_stays_where_all_share),
		cmocka_unit_test(sentences_when_all_is_kept),
		cmocka_unit_test(sentences_when_one_is_broken),
		cmocka_unit_test(the_table),
		cmocka_unit_test(the_object),
		cmocka_unit_test(the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
