#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/cli/xray_count.h"
#include "bench/cli/xray_print.h"
#include "bench/cli/xray_story.h"
#include "bench/cli/xray_trace.h"
#include "bench/cli/xray_words.h"
#include "harness/base.h"

#define MARK(name) "10 write(-1, \"xray: " name "\", 9) = -1 EBADF (Bad file)\n"

/* One task, of a dispatcher 10 and a worker, who may be another each time. */
#define TASK(worker)                                                           \
	"10 clone(child_stack=NULL, flags=SIGCHLD) = " worker "\n" worker      \
	" recvfrom(8<UNIX:[1->2]>,  <unfinished ...>\n"                        \
	"10    sendto(7<UNIX:[2->1]>, \"= 3) = \", 16, 0, NULL, 0 "            \
	"<unfinished ...>\n" worker                                            \
	" <... recvfrom resumed>\"= 3) = \", 16, 0, NULL, NULL) = 16\n"        \
	"10 <... sendto resumed>)              = 16\n" worker                  \
	" exit_group(0)   = ?\n" worker " +++ exited with 0 +++\n"             \
	"10 --- SIGCHLD {si_signo=SIGCHLD} ---\n"                              \
	"10 wait4(" worker ", [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, "    \
	"NULL) = " worker "\n"

/* Before and behind the tasks: pipe2 twice, and what is not the model's. */
#define OPEN                                                                   \
	"10 execve(\"/bin/manyhands\", [\"manyhands\"], 0x7ff) = 0\n" MARK(    \
		"open") "10 pipe2([3<pipe:[5]>, 4<pipe:[5]>], O_CLOEXEC) = "   \
			"0\n" MARK("tasks")
#define CLOSE                                                                  \
	MARK("close")                                                          \
	"10 pipe2([3<pipe:[5]>, 4<pipe:[5]>], 0) = 0\n" MARK(                  \
		"end") "10 exit_group(0) = ?\n"

static void parse(const char *text, struct xray_trace *ret)
{
	assert_int_equal(xray_trace_parse(text, strlen(text), ret), 0);
}

static void test_parse(void **state)
{
	struct xray_trace t;
	const struct xray_call *c;

	(void)state;
	parse(OPEN TASK("11") MARK("last") CLOSE, &t);
	assert_true(t.whole);
	assert_int_equal(t.n_processes, 2);
	assert_int_equal(t.n, 9);
	c = t.calls;
	assert_string_equal(c[0].name, "execve");
	assert_int_equal(c[0].begun_in, XRAY_BEFORE);
	assert_string_equal(c[1].name, "pipe2");
	assert_int_equal(c[1].begun_in, XRAY_OPEN);
	assert_string_equal(c[1].on, "");
	assert_string_equal(c[2].name, "clone");
	assert_int_equal(c[2].value, 11);
	assert_int_equal(c[2].begun_in, XRAY_TASKS);

	/* Two calls at a time, each put together again. */
	assert_string_equal(c[3].name, "recvfrom");
	assert_int_equal(c[3].process, 1);
	assert_string_equal(c[3].on, "socket");
	assert_int_equal(c[3].value, 16);
	assert_true(c[3].returned);
	assert_non_null(strstr(c[3].arguments, "\"= 3) = \", 16, 0, NULL"));
	assert_string_equal(c[4].name, "sendto");
	assert_int_equal(c[4].process, 0);
	assert_true(c[3].begun < c[4].begun && c[4].begun < c[3].ended);
	assert_true(c[3].ended < c[4].ended);

	assert_string_equal(c[5].name, "exit_group");
	assert_false(c[5].returned);
	assert_string_equal(c[6].name, "wait4");
	assert_int_equal(c[6].value, 11);
	assert_int_equal(c[7].begun_in, XRAY_CLOSE);
	assert_int_equal(c[8].begun_in, XRAY_AFTER);
	xray_trace_done(&t);
	xray_trace_done(&t);
}

static void test_parse_ends(void **state)
{
	static const struct {
		const char *line, *on, *error;
		int64_t value;
		bool returned;
	} cases[] = {
		{"9 read(3<pipe:[1]>, 0x1, 8) = -1 EAGAIN (Try (it) again)",
		 "pipe", "EAGAIN", -1, true},
		{"9 read(3<TCP:[1.2.3.4:5]>, \"a\", 8) = 1", "tcp", "", 1,
		 true},
		{"9 read(3<anon_inode:[eventfd]>, \"a\", 8) = 8", "event", "",
		 8, true},
		{"9 read(3</tmp/a b>, \"\", 8)  = 0", "file", "", 0, true},
		{"9 read(3, \"\", 8)  = 0", "", "", 0, true},
		{"9 mmap(NULL, 5, 0) = 0x7f0000000000", "", "", 0x7f0000000000,
		 true},
		{"9 write(1, \"a <unfinished ...>\", 3) = 3", "", "", 3, true},
		{"9 pause( <unfinished ...>", "", "", 0, false},
		{"9 pause( <unfinished ...>\n"
		 "9 <... pause resumed> <unfinished ...>) = ?",
		 "", "", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct xray_trace t;

		parse(cases[i].line, &t);
		assert_int_equal(t.n, 1);
		assert_false(t.whole);
		assert_string_equal(t.calls[0].on, cases[i].on);
		assert_string_equal(t.calls[0].error, cases[i].error);
		assert_int_equal(t.calls[0].value, cases[i].value);
		assert_int_equal(t.calls[0].returned, cases[i].returned);
		xray_trace_done(&t);
	}
}

static void test_parse_nonsense(void **state)
{
	static const char *const texts[] = {
		"hello",
		"strace: Process 12 attached",
		"12",
		"12 hello",
		"12 read(3, 4",
		"12 <... read resumed>) = 3",
		"12 <... read",
		"12 a_name_that_is_far_too_long_to_be_a_call(1) = 1",
		"-3 read(3, 4, 5) = 5",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct xray_trace t = {.n = 77};

		if (xray_trace_parse(texts[i], strlen(texts[i]), &t) !=
			    -EBADMSG ||
		    t.n != 77)
			fail_msg("%s", texts[i]);
	}
}

/* What @line, of a dispatcher or a worker, means. */
static void expect_words(const char *line, bool dispatcher, const char *words,
			 bool by_chance)
{
	const struct xray_words *w;
	struct xray_trace t;

	parse(line, &t);
	w = xray_words_of(&t.calls[0]);
	assert_string_equal(xray_words_text(w, dispatcher), words);
	assert_int_equal(w->by_chance, by_chance);
	xray_trace_done(&t);
}

static void test_words(void **state)
{
	(void)state;
	expect_words("9 clone(child_stack=NULL, flags=SIGCHLD) = 11", true,
		     "makes the worker, a copy of this process", false);
	expect_words("9 clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = 11", true,
		     "makes the worker, a thread in the same memory", false);
	expect_words("9 wait4(11, 0x7f, WNOHANG, NULL) = 0", true,
		     "looks, but nobody has ended yet", true);
	expect_words("9 wait4(-1, [{}], WNOHANG, NULL) = 11", true,
		     "learns how the worker ended, and lets it go", false);
	expect_words("9 read(3<pipe:[1]>, \"a\", 16) = 16", true,
		     "takes a result off a pipe, %n bytes", false);
	expect_words("9 read(3<pipe:[1]>, \"a\", 16) = 16", false,
		     "takes a task off a pipe, %n bytes", false);
	expect_words("9 read(3<pipe:[1]>, 0x1, 16) = -1 EAGAIN (Later)", true,
		     "looks, but the pipe is empty or ended", true);
	expect_words("9 epoll_wait(4, [], 1, 0) = 0", true,
		     "looks, but nothing has come yet", true);
	expect_words("9 epoll_wait(4, [{}], 1, 9) = 1", true,
		     "sleeps until something has come", true);
	expect_words("9 execve(\"/a\", [], 0x1) = -1 ENOENT (No)", false,
		     "looks for a program, not here", false);
	/* Part of a name is not the name. */
	expect_words("9 clo(1) = 1", true,
		     "see its page in section 2 of the manual", false);
}

/* How a program loads itself is one thing, once it is another program. */
static void test_loading(void **state)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{"openat", "opens a file"},
		{"execve", "looks for a program, not here"},
		{"openat", "opens a file"},
		{"execve", "becomes another program"},
		{"(loading)", "loads the program and its libraries, and sets "
			      "it up"},
		{"exit_group", "ends, and its process with it"},
		/* The dispatcher has done so long before. */
		{"execve", "becomes another program"},
		{"openat", "opens a file"},
	};
	struct xray_trace t;

	(void)state;
	parse("10 openat(AT_FDCWD, \"a\") = 3\n"
	      "11 execve(\"a\", [], 1) = -1 ENOENT (No such file)\n"
	      "11 openat(AT_FDCWD, \"a\") = 3\n"
	      "11 execve(\"/a\", [], 1) = 0\n"
	      "11 openat(AT_FDCWD, \"a\") = 3\n"
	      "11 exit_group(0) = ?\n"
	      "10 execve(\"/a\", [], 1) = 0\n"
	      "10 openat(AT_FDCWD, \"a\") = 3\n",
	      &t);
	assert_int_equal(t.n, ARRAY_LEN(cases));
	for (size_t i = 0; i < t.n; i++) {
		const struct xray_words *w = xray_words_of(&t.calls[i]);

		assert_string_equal(xray_words_name(w, &t.calls[i]),
				    cases[i].name);
		assert_string_equal(xray_words_text(w, false), cases[i].says);
	}
	xray_trace_done(&t);
}

static struct xray_row *find(const struct xray_count *c, const char *name,
			     bool dispatcher)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->rows[i].name, name) == 0 &&
		    c->rows[i].dispatcher == dispatcher)
			return &c->rows[i];
	}
	fail_msg("no row %s", name);
	return NULL;
}

#define LAST MARK("last") TASK("99") CLOSE
#define GETPID "10 getpid() = 10\n"

/* Runs of two, four and six tasks; getpid is called when it likes to. */
static void make_runs(struct xray_trace runs[XRAY_RUNS])
{
	parse(OPEN TASK("11") TASK("12") LAST, &runs[0]);
	parse(OPEN TASK("11") TASK("12") GETPID TASK("13") TASK("14") LAST,
	      &runs[1]);
	parse(OPEN TASK("11") TASK("12") TASK("13") TASK("14")
		      GETPID GETPID GETPID "14 getpid() = 14\n" TASK("15")
			      TASK("16") LAST,
	      &runs[2]);
}

static void test_count(void **state)
{
	struct xray_trace runs[XRAY_RUNS];
	struct xray_count c;
	struct xray_row *row;

	(void)state;
	make_runs(runs);
	assert_int_equal(xray_count_make(runs, 2, &c), 0);
	assert_int_equal(c.n, 8);
	row = find(&c, "clone", true);
	assert_float_equal(row->min, 1, 0);
	assert_float_equal(row->max, 1, 0);
	assert_false(row->by_chance);
	assert_int_equal(row->once, 0);
	row = find(&c, "pipe2", true);
	assert_float_equal(row->max, 0, 0);
	assert_int_equal(row->once, 2);
	row = find(&c, "recvfrom", false);
	assert_float_equal(row->max, 1, 0);
	assert_int_equal(row->value_min, 16);
	assert_int_equal(row->value_max, 16);
	row = find(&c, "exit_group", false);
	assert_float_equal(row->max, 1, 0);
	/* 0, 1, 3: by chance, though the table does not know it. */
	row = find(&c, "getpid", true);
	assert_float_equal(row->min, 0.5, 0);
	assert_float_equal(row->max, 1, 0);
	assert_true(row->by_chance);
	assert_int_equal(row->once, 0);
	row = find(&c, "getpid", false);
	assert_float_equal(row->max, 0.5, 0);
	xray_count_done(&c);
	for (size_t i = 0; i < XRAY_RUNS; i++)
		xray_trace_done(&runs[i]);
}

#define READ "10 recvfrom(3<UNIX:[1->2]>, \"=\", 1, 0, NULL, NULL) = 1\n"
#define BEGIN                                                                  \
	"10 execve(\"/bin/manyhands\", [\"manyhands\"], 0x7ff) = 0\n" MARK(    \
		"open")

/* Two workers are ready: one look may see both.  That is not a task's affair. */
static void test_count_of_tasks_alone(void **state)
{
	struct xray_trace runs[XRAY_RUNS];
	const struct xray_row *row;
	struct xray_count c;

	(void)state;
	parse(BEGIN READ READ MARK("tasks") READ READ MARK("last") READ CLOSE,
	      &runs[0]);
	parse(BEGIN READ MARK("tasks") READ READ READ READ MARK("last")
		      READ CLOSE,
	      &runs[1]);
	parse(BEGIN READ READ MARK("tasks")
		      READ READ READ READ READ READ MARK("last") READ CLOSE,
	      &runs[2]);
	assert_int_equal(xray_count_make(runs, 2, &c), 0);
	row = find(&c, "recvfrom", true);
	assert_float_equal(row->min, 1, 0);
	assert_float_equal(row->max, 1, 0);
	assert_false(row->by_chance);
	assert_int_equal(row->once, 2);
	xray_count_done(&c);
	for (size_t i = 0; i < XRAY_RUNS; i++)
		xray_trace_done(&runs[i]);
}

/* Told in the order of causes, be it calls that begin or that return. */
static void test_story(void **state)
{
	static const char *const order[] = {
		"clone", "sendto", "recvfrom", "exit_group", "wait4",
	};
	struct xray_trace t;
	struct xray_story s;

	(void)state;
	parse(OPEN TASK("11") LAST, &t);
	assert_int_equal(xray_story_make(&t, &s), 0);
	assert_int_equal(s.n, ARRAY_LEN(order));
	for (size_t i = 0; i < s.n; i++) {
		assert_string_equal(s.steps[i].call->name, order[i]);
		assert_int_equal(s.steps[i].times, 1);
	}
	assert_int_equal(s.steps[2].call->process, 2);
	assert_int_equal(s.steps[2].worker, 1);
	assert_int_equal(s.n_workers, 1);
	xray_story_done(&s);
	xray_trace_done(&t);

	/* The same again is one step, but not with another number of bytes. */
	parse(OPEN MARK("last") GETPID GETPID
	      "10 getpid() = 11\n"
	      "10 write(3<pipe:[5]>, \"abcde\", 5) = 5\n"
	      "10 write(3<pipe:[5]>, \"abcdef\", 6) = 6\n" CLOSE,
	      &t);
	assert_int_equal(xray_story_make(&t, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.steps[0].times, 3);
	assert_int_equal(s.steps[1].times, 1);
	assert_int_equal(s.steps[2].times, 1);
	assert_int_equal(s.n_workers, 0);
	xray_story_done(&s);
	xray_trace_done(&t);
}

static void test_print(void **state)
{
	static const char *const lines[] = {
		"it: what it is\n",
		"PER TASK: 1 clone, 1 recvfrom, 1 sendto, 1 exit_group, 1 "
		"wait4; 5 calls in all\n",
		"clone: makes the worker, a copy of     |\n"
		"    this process                       |\n"
		"sendto: sends a task, 16 bytes         |\n"
		"                                       | recvfrom: receives a "
		"task, 16 bytes\n",
		" ~0.5-1 getpid            asks for its own number\n",
		"        3 in all, without those marked ~\n",
		"ONCE: dispatcher, to begin and to end\n        2 pipe2\n",
		"runs of 2, 4 and 6 tasks of nop by 1 worker, 1 at a time.\n",
	};
	struct xray_trace runs[XRAY_RUNS];
	struct xray_count c;
	struct xray_subject s = {
		.model = "it",
		.summary = "what it is",
		.worker = "worker",
		.workload = "nop",
		.size = 1,
		.tasks = 2,
		.workers = 1,
		.depth = 1,
		.story = &runs[0],
		.count = &c,
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	make_runs(runs);
	assert_int_equal(xray_count_make(runs, 2, &c), 0);
	xray_print_text(&s, false, out);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (!strstr(text, lines[i]))
			fail_msg("no \"%s\" in:\n%s", lines[i], text);
	}
	/* Nothing is wider than a terminal, nothing ends in a space. */
	for (char *c1 = text, *lf; (lf = strchr(c1, '\n')); c1 = lf + 1) {
		assert_true(lf - c1 <= 80);
		assert_true(lf == c1 || lf[-1] != ' ');
	}
	free(text);
	xray_count_done(&c);
	for (size_t i = 0; i < XRAY_RUNS; i++)
		xray_trace_done(&runs[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_ends),
		cmocka_unit_test(test_parse_nonsense),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_loading),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_count_of_tasks_alone),
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
