/*
 * What the system calls of every model in the registry are, per task.  Calls
 * that depend on timing are left out, as xray itself tells which those are: so
 * the numbers here are exact.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/base.h"
#include "harness/model.h"

/* Groups of calls that mean the same. */
static const char clones[] = " clone clone3 fork vfork ";
static const char waits[] = " wait4 waitid ";
static const char execs[] = " execve execveat ";
static const char sends[] = " write writev sendto sendmsg ";
static const char receives[] = " read readv recvfrom recvmsg ";

/* How many of the calls @group one side makes for each task. */
static double per_task(json_t *xray, const char *who, const char *group)
{
	json_t *row;
	size_t i;
	double n = 0;

	json_array_foreach(json_object_get(xray, "calls"), i, row)
	{
		const char *call, *side;
		double least, most;
		int by_chance, failed, r;
		char name[48];

		r = json_unpack(row, "{s:s, s:s, s:f, s:f, s:b, s:b}", "call",
				&call, "who", &side, "per_task", &least,
				"per_task_max", &most, "by_chance", &by_chance,
				"failed", &failed);
		assert_int_equal(r, 0);
		snprintf(name, sizeof(name), " %s ", call);
		if (!by_chance && !failed && strcmp(side, who) == 0 &&
		    strstr(group, name))
			n += most;
	}
	return n;
}

/* Run `xray @arguments'; skips the test where strace cannot be used. */
static json_t *look(const char *arguments)
{
	char command[256];
	struct child_result r;
	json_t *json;

	/* Its leak check cannot work under a tracer. */
	snprintf(command, sizeof(command),
		 "ASAN_OPTIONS=detect_leaks=0 \"$MANYHANDS\" xray --json %s",
		 arguments);
	program_run(command, &r);
	if (strstr(r.err, "xray needs strace") ||
	    strstr(r.err, "strace may not look here")) {
		print_message("%s", r.err);
		child_result_done(&r);
		skip();
	}
	program_expect_code(&r, 0, command);
	json = json_loads(r.out, 0, NULL);
	assert_non_null(json);
	child_result_done(&r);
	return json;
}

/*
 * The thread sanitizer starts a thread of its own in every process, which then
 * is a worker, too, in the eyes of xray.
 */
static bool has_strange_threads(void)
{
	return dlsym(RTLD_DEFAULT, "__tsan_init") != NULL;
}

/* Such a thread reads and writes, too, and is cloned by every worker. */
static bool is_blurred(const char *group, const char *who)
{
	return group == sends || group == receives ||
	       (group == clones && strcmp(who, "worker") == 0);
}

/* What the design of a model says nothing about. */
#define ANY (-1)

/* What the design of a model says, both sides. */
struct expected {
	const char *model;
	struct side {
		int clones, waits, execs, sends, receives;
	} dispatcher, worker;
};

static const struct expected expected[] = {
	{"serial", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"fork", {1, 1, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"fork:zygote", {0, 0, 0, 1, 1}, {1, 1, 0, 1, 1}},
	{"exec", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 0}},
	{"exec:fork", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 0}},
	{"exec:spawn", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 0}},
	{"exec:big", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 0}},
	/* What a shell does with a command is its own choice. */
	{"shell", {1, 1, 0, 0, 1}, {ANY, ANY, ANY, 1, 0}},
	{"thread_per_task", {1, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"pool", {0, 0, 0, 1, 1}, {0, 0, 0, 1, 1}},
	{"pool:socket", {0, 0, 0, 1, 1}, {0, 0, 0, 1, 1}},
	{"pool:shm", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"threads", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"threads:ring", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
	{"cluster", {0, 0, 0, 1, 1}, {0, 0, 0, 1, 1}},
};

static void check_side(const char *model, json_t *xray, const char *who,
		       const struct side *want)
{
	const struct {
		const char *group;
		int want;
	} groups[] = {
		{clones, want->clones},     {waits, want->waits},
		{execs, want->execs},       {sends, want->sends},
		{receives, want->receives},
	};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		double n = per_task(xray, who, groups[i].group);

		if (groups[i].want == ANY)
			continue;
		if (has_strange_threads() && is_blurred(groups[i].group, who))
			continue;
		if (n != groups[i].want)
			fail_msg("%s, %s:%s%g per task, not %d", model, who,
				 groups[i].group, n, groups[i].want);
	}
}

static void test_as_designed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		json_t *xray = look(expected[i].model);

		check_side(expected[i].model, xray, "dispatcher",
			   &expected[i].dispatcher);
		check_side(expected[i].model, xray, "worker",
			   &expected[i].worker);
		json_decref(xray);
	}
}

/* What holds for every model, whoever adds it. */
static void test_every_model(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_models; i++) {
		const struct model *m = models[i];
		bool per_task_model = (m->traits & MODEL_PER_TASK) != 0;
		json_t *xray = look(m->name);
		const char *maker = "dispatcher";
		double n;

		/* Somebody makes the worker of a task: we, or a helper. */
		if (per_task_model && per_task(xray, maker, clones) == 0)
			maker = "worker";
		n = per_task(xray, maker, clones);
		if (n != per_task_model &&
		    !(has_strange_threads() && is_blurred(clones, maker)))
			fail_msg("%s: makes %g workers per task", m->name, n);
		n = per_task(xray, maker, waits);
		if (per_task_model && (m->traits & MODEL_PROCESS) && n < 1)
			fail_msg("%s: %g waits per task", m->name, n);
		if (!per_task_model && n != 0)
			fail_msg("%s: %g waits per task", m->name, n);
		n = per_task(xray, "worker", execs);
		if (!per_task_model && n != 0)
			fail_msg("%s: %g execs per task", m->name, n);
		/* A task that crosses a network comes and goes in messages. */
		n = per_task(xray, "worker", receives);
		if ((m->traits & MODEL_NETWORK) && n < 1)
			fail_msg("%s: %g receives per task", m->name, n);
		if (m->traits & MODEL_SERIAL)
			assert_int_equal(
				json_array_size(json_object_get(xray, "story")),
				0);
		json_decref(xray);
	}
}

/* More workers, more in flight, other tasks: the same for each. */
static void test_options(void **state)
{
	static const char *const arguments[] = {
		"pool --workers 2",
		"pool --workers 2 --depth 2 --tasks 8",
		"pool --workload primes --size 100 --tasks 1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++) {
		json_t *xray = look(arguments[i]);

		check_side(arguments[i], xray, "dispatcher",
			   &(struct side){.sends = 1, .receives = 1});
		check_side(arguments[i], xray, "worker",
			   &(struct side){.sends = 1, .receives = 1});
		json_decref(xray);
	}
}

static void test_text(void **state)
{
	char *out;

	(void)state;
	json_decref(look("fork"));
	out = program_output("LC_ALL=C ASAN_OPTIONS=detect_leaks=0 "
			     "\"$MANYHANDS\" xray fork",
			     0);
	assert_non_null(strstr(out, "\nPER TASK: 1 clone, 1 wait4, "));
	assert_non_null(strstr(out, "\nclone: makes the worker, a copy of "));
	if (!has_strange_threads())
		assert_non_null(strstr(out, "| exit_group: ends, and its "));
	free(out);
}

/* One line, and nothing on standard output, if strace is not what it was. */
static void test_without_strace(void **state)
{
	static const struct {
		const char *strace, *says;
	} cases[] = {
		{NULL, "xray needs strace: on Debian or Ubuntu: apt-get "},
		{"echo 'strace: ptrace(PTRACE_TRACEME): Operation not "
		 "permitted' >&2; echo more >&2; exit 1",
		 "strace may not look here (exit 1): strace: ptrace("},
		{"echo 'manyhands: model broke' >&2; exit 3",
		 "xray: model broke"},
		{"kill -9 $$", "strace may not look here (killed by KILL)"},
		{"exit 0", "strace writes what we cannot read"},
		{"while [ $1 != -o ]; do shift; done; echo huch >$2",
		 "strace writes what we cannot read"},
	};
	static const char command[] = "PATH=$PWD/bin \"$MANYHANDS\" xray pool";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct child_result r;
		char make[512];

		snprintf(make, sizeof(make),
			 "rm -rf bin; mkdir bin; test -z \"%s\" || { "
			 "cat >bin/strace && chmod +x bin/strace; } <<'EOF'\n"
			 "#!/bin/sh\n%s\nEOF\n",
			 cases[i].strace ? "some" : "",
			 cases[i].strace ? cases[i].strace : "");
		free(program_output(make, 0));
		program_run(command, &r);
		program_expect_code(&r, 3, cases[i].says);
		program_expect_line(&r, cases[i].says, cases[i].says);
		assert_string_equal(r.out, "");
		child_result_done(&r);
	}
}

static void test_misuse(void **state)
{
	static const struct program_misuse misuse[] = {
		{"xray", 2, "xray needs MODEL"},
		{"xray bogus", 2, "unknown model 'bogus'"},
		{"xray pool fork", 2, "too many: 'fork'"},
		{"xray pool --tasks 0", 2, "--tasks '0'"},
		{"xray pool --tasks 301", 2, "--tasks '301'"},
		{"xray pool --workers 65", 2, "--workers '65'"},
		{"xray pool --depth 0", 2, "--depth '0'"},
		{"xray pool --size x", 2, "--size 'x'"},
		{"xray pool --workload bogus", 2, "unknown workload 'bogus'"},
		{"xray serial --workers 2", 2, "model 'serial' has one"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_designed),
		cmocka_unit_test(test_every_model),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_without_strace),
		cmocka_unit_test(test_misuse),
	};

	return cmocka_run_group_tests(tests, program_setup, program_teardown);
}
