/*
 * The command line, used as people use it, and as they misuse it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "harness/base.h"

#define M "\"$MANYHANDS\" "

/* The smallest run; more options may follow. */
#define TINY                                                                               \
	"run --experiment scaling --blocks 1 --slice-ms 30 --workload primes --size 1000 " \
	"--workers 1 --quiet "
/* For who needs figures: time enough for a task on a busy machine. */
#define TINY_PLOTS TINY "--slice-ms 200 "
#define TINY_SERIAL TINY "--model serial --no-plots --out out "

static void refuses_unknown_commands(void **state)
{
	static const struct program_misuse misuse[] = {
		{"", 2,
		 "run, report, compare, list, topology, serve, task, xray"},
		{"bogus", 2, "'bogus'; one of: run, report, compare, list"},
		{"--bogus", 2, "'--bogus'"},
		{"RUN", 2, "'RUN'"},
		{"ru", 2, "'ru'"},
		{"''", 2, "''"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void refuses_bad_options(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --bogus", 2,
		 "unknown option '--bogus'; see manyhands run --help"},
		{"run --bogus=1", 2, "unknown option '--bogus'"},
		{"run --quiet -xq", 2, "unknown option '-x'"},
		{"run --usage", 2, "unknown option '--usage'"},
		{"run --workers", 2, "--workers needs a value: LIST|auto"},
		{"run -m", 2, "-m needs a value: LIST"},
		{"run --quick=3", 2, "--quick takes no value"},
		{"run --work 1", 2, "--workload, --workers"},
		{"run extra", 2, "too many: 'extra'"},
		{"run -- --quiet", 2, "too many: '--quiet'"},
		{"run run", 2, "too many: 'run'"},
		{"run --quick --full", 2, "--quick and --full"},
		{"run --full --quick", 2, "--quick and --full"},
		{"run --size 1 --task-us 2", 2, "--size and --task-us"},
		{"list --bogus", 2, "'--bogus'; see manyhands list --help"},
		{"list bogus", 2, "'bogus'; one of: models, workloads"},
		{"list models policies", 2, "too many: 'policies'"},
		{"report a b", 2, "too many: 'b'"},
		{"topology extra", 2, "too many: 'extra'"},
		{"task", 2, "WORKLOAD SIZE SEED"},
		{"task primes 1", 2, "WORKLOAD SIZE SEED"},
		{"task primes 1 1 1", 2, "too many: '1'"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void refuses_bad_values(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --workers 0", 2,
		 "--workers '0': a whole number from 1 to 1024"},
		{"run --workers 10000000", 2, "--workers '10000000'"},
		{"run --workers -1", 2, "--workers '-1'"},
		{"run --workers 1.5", 2, "--workers '1.5'"},
		{"run --workers ' 1'", 2, "--workers ' 1'"},
		{"run --workers 99999999999999999999999", 2, "to 1024"},
		{"run --workers 1,,2", 2, "--workers: an empty item"},
		{"run --workers 1,", 2, "--workers: an empty item"},
		{"run --workers ''", 2, "--workers: an empty item"},
		{"run --model ''", 2, "--model: an empty item"},
		{"run --model bogus", 2,
		 "model 'bogus'; one of: serial, fork, "},
		{"run --model pool,fork,pool", 2, "'pool' is named twice"},
		{"run --model pool --model pool", 2, "'pool' is named twice"},
		{"run --workload bogus", 2,
		 "workload 'bogus'; one of: nop, primes, "},
		{"run --workload nop --workload nop", 2,
		 "'nop' is named twice"},
		{"run --workload ,", 2, "--workload: an empty item"},
		{"run --experiment bogus", 2,
		 "experiment 'bogus'; one of: scaling"},
		{"run --pin bogus", 2,
		 "--pin 'bogus': one of compact, scatter, core, none"},
		{"run --pin 99999", 2,
		 "--pin '99999': a CPU that does not exist"},
		{"run --pin ''", 2, "--pin ''"},
		{"run --size 0", 2, "--size '0': a whole number from 1"},
		{"run --task-us 0", 2, "--task-us '0'"},
		{"run --task-us 99999999", 2, "--task-us '99999999'"},
		{"run --depth 0", 2, "--depth '0'"},
		{"run --depth 65", 2, "--depth '65'"},
		{"run --blocks 0", 2, "--blocks '0'"},
		{"run --slice-ms 0", 2, "--slice-ms '0'"},
		{"run --budget 0", 2, "--budget '0'"},
		{"run --timeout 0", 2, "--timeout '0'"},
		{"run --seed x", 2, "--seed 'x'"},
		{"task bogus 1 1", 2, "workload 'bogus'; one of: nop, "},
		{"task primes 0 1", 2, "SIZE '0'"},
		{"task primes 1 1x", 2, "SEED '1x'"},
		{"task primes 1 1 --count 0", 2, "--count '0'"},
		{"topology --workers 0", 2, "--workers '0'"},
		{"topology --synthetic bogus", 2, "--synthetic 'bogus'"},
		{"topology --synthetic ''", 2, "--synthetic ''"},
		{"topology --synthetic 'pack:1 pu:2' --pin bogus", 2,
		 "--pin 'bogus'"},
		{"run --task-us 5 --workload nop --quiet", 2,
		 "workload 'nop' does not grow"},
		{"run --model $(printf %09999d 0)", 2, "unknown model '000"},
		{"run --pin $(printf %09999d 0)", 2, "too long"},
	};

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void refuses_bad_folders(void **state)
{
	static const struct program_misuse misuse[] = {
		{TINY "--out folder", 2, "'folder' exists already"},
		{TINY "--out file", 2, "'file' exists already"},
		{TINY "--out file/x", 3, "'file/x': Not a directory"},
		{TINY "--out no/parent", 3, "'no/parent': No such file"},
		{TINY "--out /proc/out", 3, "'/proc/out'"},
		{TINY "--out ''", 3, "''"},
		{TINY "--out $(printf %09999d 0)", 2, "too long"},
		{"report no/where", 2, "no/where/results.json"},
		{"report folder", 2, "folder/results.json"},
		{"report file", 2, "file/results.json"},
		{"report", 2, "no run in results/"},
		{"report broken", 2, "broken/results.json:2:0: "},
		{"report --no-plots newer", 2, "made by a newer manyhands"},
		{"report nested", 2, "nested/results.json: Is a directory"},
		{"report fifo", 2, "fifo/results.json: Not a regular file"},
		{"report loop", 2, "loop/results.json: Too many levels"},
		{"report sparse", 2, "sparse/results.json: File too large"},
		{"report $(printf %09999d 0)", 2, "File name too long"},
	};

	(void)state;
	free(program_output(
		"mkdir folder broken && touch file && echo '{\"context\":' "
		">broken/results.json; mkdir -p newer nested/results.json "
		"fifo loop sparse; echo '{\"context\": {\"x_schema\": "
		"\"manyhands-results/99\"}}' >newer/results.json; "
		"mkfifo fifo/results.json; "
		"ln -s results.json loop/results.json; "
		"truncate -s 2G sparse/results.json",
		0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
	assert_false(program_has("folder/*"));
	assert_false(program_has("broken/*.html"));
}

/* Root may read everything, so there it cannot be shown. */
static void refuses_what_it_may_not_read(void **state)
{
	static const struct program_misuse misuse[] = {
		{"report shut", 3, "shut/results.json: Permission denied"},
	};

	(void)state;
	if (geteuid() == 0)
		skip();
	free(program_output("mkdir shut && touch shut/results.json && "
			    "chmod 0 shut/results.json",
			    0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void needs_a_place_for_results(void **state)
{
	/* Both work for root too, unlike missing rights. */
	static const char *const commands[] = {
		"touch results; " M TINY "--model serial --no-plots",
		"mkdir gone; cd gone; rmdir ../gone; " M TINY
		"--model serial --no-plots",
	};
	static const char *const says[] = {
		"make the folder 'results/",
		"make the folder results/ here",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct child_result r;

		program_run(commands[i], &r);
		program_expect_code(&r, 3, commands[i]);
		program_expect_line(&r, says[i], commands[i]);
		assert_int_equal(r.out_bytes, 0);
		child_result_done(&r);
	}
}

/* Compile a workload of which @body is the code; false: no compiler. */
static bool compile(const char *name, const char *body)
{
	struct child_result r;
	char command[2048];
	bool done;

	snprintf(command, sizeof(command),
		 "cat >%s.c <<'END'\n"
		 "#include <stdio.h>\n#include <stdlib.h>\n"
		 "#include \"harness/workload.h\"\n"
		 "static uint64_t run(uint64_t size, uint64_t seed)\n"
		 "{ %s; return size ^ seed; }\n"
		 "const struct workload %s = {\"%s\", \"test\", \"units\", 7,\n"
		 "run, 0};\n"
		 "END\n"
		 "${CC:-cc} -I\"$TREE\" -shared -fPIC %s.c -o %s.so",
		 name, body, strcmp(name, "nosymbol") ? "workload" : "other",
		 name, name, name);
	program_run(command, &r);
	done = r.wait_status == 0;
	child_result_done(&r);
	return done;
}

static void refuses_what_is_no_workload(void **state)
{
	static const struct program_misuse misuse[] = {
		{"run --load-workload missing.so", 2, "'missing.so': No such"},
		{"run --load-workload text.so", 2, "text.so: file too short"},
		{"run --load-workload .", 2, "directory"},
		{"run --load-workload nosymbol.so", 2,
		 "'nosymbol.so': it defines no symbol 'workload'"},
		{"run --load-workload function.so", 2,
		 "'function.so': its symbol 'workload' is not"},
		{"run --load-workload Bad.so", 2,
		 "'Bad.so': its workload needs a name"},
		{"run --load-workload primes.so", 2,
		 "there is a workload 'primes' already"},
		{"run --load-workload good.so --load-workload good.so", 2,
		 "only one"},
		{"run --load-workload good.so --workload bad", 2,
		 "workload 'bad'"},
		{"run --load-workload aborts.so --task-us 9", 2,
		 "'aborts': killed by ABRT"},
		{"run --load-workload exits.so --task-us 9", 2,
		 "'exits': it ended its process"},
		{"task good 1 1", 2, "workload 'good'"},
	};

	(void)state;
	if (!compile("good", "") || !compile("nosymbol", "") ||
	    !compile("Bad", "") || !compile("primes", "") ||
	    !compile("aborts", "abort()") || !compile("exits", "exit(0)"))
		skip();
	free(program_output(
		"echo text >text.so; echo 'int workload(void) "
		"{ return 1; }' >f.c; ${CC:-cc} -shared -fPIC f.c -o "
		"function.so",
		0));
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
}

static void runs_a_loaded_workload(void **state)
{
	char *out;
	json_t *json;
	const char *name;

	(void)state;
	/* What it prints must not mix with what we print. */
	if (!compile("chatty", "puts(\"hello\")"))
		skip();
	out = program_output(M "task chatty 5 1 --load-workload chatty.so", 0);
	assert_string_equal(out, "0000000000000004\n");
	free(out);
	json = program_json(
		M
		"run --experiment scaling --load-workload chatty.so --blocks 1 --slice-ms "
		"5 --model serial,fork --workers 1 --no-plots "
		"--quiet --json --out out",
		0);
	assert_int_equal(
		json_unpack(json, "{s:[{s:s}]}", "cells", "workload", &name),
		0);
	assert_string_equal(name, "chatty");
	json_decref(json);
}

/* The status of the only slice of the run in `out', to be freed. */
static char *status_of_slice(void)
{
	json_t *json = json_load_file("out/results.json", 0, NULL);
	const char *status;
	char *copy;

	assert_int_equal(json_unpack(json, "{s:[{s:s}]}", "benchmarks",
				     "x_status", &status),
			 0);
	copy = strdup(status);
	json_decref(json);
	return copy;
}

static void survives_a_bad_workload(void **state)
{
	static const char *const cases[][3] = {
		{"aborts", "abort()", "crashed:ABRT"},
		{"exits", "exit(3)", "exited:3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct child_result r;
		char command[512], *status;

		if (!compile(cases[i][0], cases[i][1]))
			skip();
		snprintf(command, sizeof(command),
			 "rm -rf out; " M
			 "run --experiment scaling --load-workload %s.so "
			 "--blocks 1 --slice-ms 5 --model serial --workers 1 "
			 "--no-plots --quiet --out out",
			 cases[i][0]);
		program_run(command, &r);
		program_expect_code(&r, 1, command);
		program_expect_line(&r, "1 of 1 slices gave no result",
				    command);
		child_result_done(&r);
		status = status_of_slice();
		assert_string_equal(status, cases[i][2]);
		free(status);
		assert_true(program_has("out/report.html"));
	}
}

static void helps(void **state)
{
	static const char *const commands[] = {"run",      "report", "list",
					       "topology", "task",   "xray"};
	char *out = program_output(M "--help", 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		char command[128], usage[64];
		char *help;

		assert_non_null(strstr(out, commands[i]));
		snprintf(command, sizeof(command), M "%s --help", commands[i]);
		snprintf(usage, sizeof(usage), "Usage: manyhands %s ",
			 commands[i]);
		help = program_output(command, 0);
		assert_true(strncmp(help, usage, strlen(usage)) == 0);
		assert_non_null(strstr(help, "--help"));
		free(help);
	}
	free(out);
	/* Help comes alone: nothing is measured, whatever else is asked. */
	free(program_output(M "run --quick -h", 0));
	assert_false(program_has("results"));
}

static void says_when_output_is_lost(void **state)
{
	static const char *const commands[] = {
		"--help",
		"run --help",
		"list",
		"list --json",
		"topology",
		"task primes 10 1",
		TINY_SERIAL "--json",
		"report out --no-plots",
	};
	static const char *const sinks[] = {">/dev/full", ">&-"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(commands) * 2; i++) {
		char command[512];
		struct child_result r;

		snprintf(command, sizeof(command), M "%s %s", commands[i / 2],
			 sinks[i % 2]);
		if (strstr(command, "--out out"))
			free(program_output("rm -rf out", 0));
		program_run(command, &r);
		program_expect_code(&r, 3, command);
		program_expect_line(&r, "cannot write to standard output",
				    command);
		child_result_done(&r);
	}
	/* What was measured is kept all the same. */
	assert_true(program_has("out/results.json"));
}

static void ends_when_nobody_reads(void **state)
{
	(void)state;
	free(program_output("(" M
			    "task primes 10 1 --count 1000000; echo $? >code)"
			    " 2>/dev/null | head -n 1",
			    0));
	free(program_output("grep -qx 3 code", 0));
}

/* What the list says of a model beyond its name. */
static void expect_model(const json_t *row, const struct model *m)
{
	const json_t *variant = json_object_get(row, "variant");
	const json_t *settings = json_object_get(row, "settings");
	size_t n = 0;

	assert_non_null(variant);
	if (m->variant)
		assert_string_equal(json_string_value(variant), m->variant);
	else
		assert_true(json_is_null(variant));
	for (; m->settings && m->settings[n].key; n++) {
		const struct model_setting *s = &m->settings[n];
		const json_t *got = json_array_get(settings, n);

		assert_string_equal(
			json_string_value(json_object_get(got, "key")), s->key);
		assert_int_equal(
			json_integer_value(json_object_get(got, "standard")),
			s->standard);
		assert_int_equal(
			json_integer_value(json_object_get(got, "max")),
			s->max);
	}
	assert_int_equal(json_array_size(settings), n);
}

static void lists(void **state)
{
	json_t *json = program_json(M "list --json", 0);
	const json_t *rows = json_object_get(json, "models");
	char *out;

	(void)state;
	assert_int_equal(json_object_size(json), 5);
	assert_int_equal(json_array_size(json_object_get(json, "peers")),
			 n_peers);
	assert_int_equal(json_array_size(rows), n_models);
	for (size_t i = 0; i < n_models; i++) {
		const char *name = json_string_value(
			json_object_get(json_array_get(rows, i), "name"));

		assert_string_equal(name, models[i]->name);
		expect_model(json_array_get(rows, i), models[i]);
	}
	assert_int_equal(json_array_size(json_object_get(json, "workloads")),
			 n_workloads + 1); /* and `command' */
	json_decref(json);
	out = program_output(M "list", 0);
	for (size_t i = 0; i < n_workloads; i++)
		assert_non_null(strstr(out, workloads[i]->summary));
	/* Each setting once: variants share them. */
	assert_non_null(strstr(out, "\n    recycle=0 "));
	assert_null(strstr(strstr(out, "recycle=0") + 1, "recycle=0"));
	assert_non_null(strstr(out, " (pool:"));
	assert_non_null(strstr(out, "\n  pool:"));
	free(out);
	json = program_json(M "list policies --json", 0);
	assert_int_equal(json_object_size(json), 1);
	json_decref(json);
}

static void prints_digests_of_tasks(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_workloads; i++) {
		const struct workload *w = workloads[i];
		char command[128], expected[64];
		char *out;

		snprintf(command, sizeof(command), M "task %s %llu 1 --count 2",
			 w->name, (unsigned long long)w->default_size);
		snprintf(expected, sizeof(expected), "%016llx\n%016llx\n",
			 (unsigned long long)w->golden,
			 (unsigned long long)w->run(w->default_size, 2));
		out = program_output(command, 0);
		assert_string_equal(out, expected);
		free(out);
	}
}

static void draws_topologies(void **state)
{
	char *out = program_output("LC_ALL=C " M "topology --workers 3 --pin "
				   "scatter --synthetic 'pack:2 core:2 pu:1'",
				   0);

	(void)state;
	assert_non_null(strstr(out, "2 packages"));
	assert_non_null(strstr(out, "P0 w0"));
	assert_non_null(strstr(out, "P2 w1"));
	assert_non_null(strstr(out, "P1 w2"));
	assert_non_null(strstr(out, "P3 gen"));
	for (const char *p = out; *p; p++)
		assert_true((unsigned char)*p < 128);
	free(out);
	free(program_output(M "topology", 0));
}

/* Every model with three workloads: all digests equal, no task failed. */
static void measures_every_model(void **state)
{
	json_t *json = program_json(
		M "run --full --experiment scaling --blocks 1 --slice-ms 5 "
		  "--workload primes,walk --size 300 --workers 2 "
		  "--no-plots --quiet --json --out out",
		0);
	const json_t *cells = json_object_get(json, "cells");
	size_t expected = 0, i;
	const json_t *cell;

	(void)state;
	/* Variants are measured only where they are named. */
	for (i = 0; i < n_models; i++) {
		if (!strchr(models[i]->name, ':'))
			expected += 2;
	}
	assert_int_equal(json_array_size(cells), expected);
	json_array_foreach(cells, i, cell)
	{
		const char *digests;
		int failed;

		assert_int_equal(json_unpack((json_t *)cell, "{s:s, s:i}",
					     "digests", &digests, "failed",
					     &failed),
				 0);
		assert_string_equal(digests, "equal");
		assert_int_equal(failed, 0);
	}
	assert_true(json_is_true(json_object_get(json, "complete")));
	json_decref(json);
}

static void leaves_all_files(void **state)
{
	static const char *const files[] = {
		"results.json", "slices.csv", "journal.jsonl", "report.html",
		"summary.txt",  "latency",    "trace.json"};
	struct child_result r;

	(void)state;
	/* Without --quiet: lines, and no bar, since nobody looks. */
	program_run(
		M
		"run --experiment scaling --blocks 2 --slice-ms 50 --workload nop --workers 1 "
		"--model serial,fork --no-plots --out out",
		&r);
	program_expect_code(&r, 0, "run");
	assert_non_null(strstr(r.out, "out/report.html\n"));
	assert_non_null(strstr(r.err, "warming up: 2 slices\nblock 1 of 2"));
	assert_null(strchr(r.err, '\033'));
	assert_null(strchr(r.err, '\r'));
	assert_null(strchr(r.out, '\033'));
	child_result_done(&r);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[64];

		snprintf(path, sizeof(path), "out/%s", files[i]);
		assert_true(program_has(path));
	}
	/* … and no temporary ones. */
	free(program_output("test $(ls -A out | wc -l) -eq 7", 0));
}

static void makes_the_same_report_again(void **state)
{
	(void)state;
	free(program_output(M TINY_SERIAL, 0));
	free(program_output("cp -r out before && " M "report out --no-plots",
			    0));
	free(program_output("diff -r out before", 0));
	/* All but the results: also what is missing, without what is stale. */
	free(program_output("rm -f out/latency/* && "
			    "touch out/latency/scaling-stale-w1.hgrm && " M
			    "report out --no-plots && diff -r out before",
			    0));
	/* Without a name: the newest run. */
	free(program_output("mkdir results && mv out results/x && rm "
			    "results/x/report.html && " M "report --no-plots",
			    0));
	assert_true(program_has("results/x/report.html"));
}

static void refuses_cut_results(void **state)
{
	struct child_result r;

	(void)state;
	free(program_output(M TINY_SERIAL, 0));
	free(program_output("head -c 2000 out/results.json >x && mv x "
			    "out/results.json && rm out/report.html",
			    0));
	program_run(M "report out", &r);
	program_expect_code(&r, 2, "report");
	program_expect_line(&r, "out/results.json", "report");
	assert_int_equal(r.out_bytes, 0);
	assert_false(program_has("out/report.html"));
	child_result_done(&r);
}

/* Make a program `gnuplot' of the shell commands @script in the folder bin. */
static void fake_gnuplot(const char *script)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "mkdir bin && printf '#!/bin/sh\n%%s\n' '%s' >bin/gnuplot && "
		 "chmod +x bin/gnuplot",
		 script);
	free(program_output(command, 0));
}

static void works_without_gnuplot(void **state)
{
	struct child_result r;

	(void)state;
	program_run("PATH=/nowhere; " M TINY_PLOTS "--model serial --out out",
		    &r);
	program_expect_code(&r, 3, "run");
	program_expect_line(&r, "gnuplot", "run");
	assert_non_null(strstr(r.out, "out/report.html"));
	child_result_done(&r);
	assert_true(program_has("out/report.html"));
	assert_true(program_has("out/summary.txt"));
}

static void tells_what_gnuplot_said(void **state)
{
	struct child_result r;

	(void)state;
	fake_gnuplot("echo line 7: bad plot >&2; exit 1");
	program_run("PATH=$PWD/bin:$PATH; " M TINY_PLOTS
		    "--model serial --out out",
		    &r);
	program_expect_code(&r, 3, "run");
	program_expect_line(&r, "line 7: bad plot", "run");
	child_result_done(&r);
	assert_true(program_has("out/report.html"));
	assert_false(program_has("out/plots/*.svg"));
}

static void plots(void **state)
{
	struct child_result r;
	bool there;

	(void)state;
	program_run("gnuplot --version", &r);
	there = r.wait_status == 0;
	child_result_done(&r);
	if (!there)
		skip();
	free(program_output(M TINY_PLOTS "--model serial,fork --out out", 0));
	assert_true(program_has("out/plots/*.svg"));
}

/* Slices that would take an hour, and runs that never end. */
#define LONG                                                                                       \
	"run --experiment scaling --workload primes --size 1000 --workers 1 --model fork,threads " \
	"--quiet --out out "
#define ENDLESS_SLICES LONG "--slice-ms 600000 "
#define ENDLESS_BLOCKS LONG "--blocks 10000 --budget 1000000 --slice-ms 5 "

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void leaves_nothing_if_stopped_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++) {
		pid_t pid = program_start("", ENDLESS_SLICES "--no-plots");
		char *out, *err;

		program_await("out/journal.jsonl", 0);
		kill(pid, stop_signals[i]);
		program_expect_exit(program_wait(pid), 128 + stop_signals[i]);
		out = program_read("stdout");
		err = program_read("stderr");
		assert_string_equal(out, "");
		assert_string_equal(err, "manyhands: stopped before anything "
					 "was measured\n");
		free(out);
		free(err);
		assert_false(program_has("out"));
		program_expect_alone();
	}
}

/* The folder has all that a whole run has, and says that this one is not. */
static void expect_interrupted(void)
{
	json_t *json = json_load_file("out/results.json", 0, NULL);
	const char *stopped;
	int complete;

	assert_int_equal(json_unpack(json, "{s:{s:b, s:s}}", "context",
				     "x_complete", &complete, "x_stopped",
				     &stopped),
			 0);
	assert_false(complete);
	assert_string_equal(stopped, "interrupted");
	json_decref(json);
	assert_true(program_has("out/report.html"));
	assert_true(program_has("out/summary.txt"));
}

static void keeps_what_was_measured(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stop_signals); i++) {
		pid_t pid = program_start("", ENDLESS_BLOCKS "--no-plots");

		program_await("out/journal.jsonl", 3);
		/* Once to all of its group, as a terminal does. */
		kill(i == 0 ? -pid : pid, stop_signals[i]);
		program_expect_exit(program_wait(pid), 128 + stop_signals[i]);
		expect_interrupted();
		program_expect_alone();
		free(program_output("rm -r out", 0));
	}
}

static void prints_json_if_stopped(void **state)
{
	pid_t pid = program_start("", ENDLESS_BLOCKS "--no-plots --json");
	json_t *json;

	(void)state;
	program_await("out/journal.jsonl", 3);
	kill(pid, SIGINT);
	program_expect_exit(program_wait(pid), 130);
	json = json_load_file("stdout", 0, NULL);
	assert_true(json_is_false(json_object_get(json, "complete")));
	json_decref(json);
}

static void stops_at_once_when_told_twice(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	/*
	 * It runs in a folder that we do not know, and only if a slice of 200 ms
	 * has had time for a task.
	 */
	fake_gnuplot("echo >\"$STARTED\"; exec sleep 1000");
	pid = program_start("PATH=$PWD/bin:$PATH STARTED=$PWD/started",
			    ENDLESS_BLOCKS "--slice-ms 200 ");
	program_await("out/journal.jsonl", 3);
	kill(pid, SIGINT);
	program_await("started", 1);
	kill(pid, SIGINT);
	status = program_wait(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	program_expect_alone();
	assert_true(program_has("out/results.json"));
}

static void leaves_no_process_when_killed(void **state)
{
	static const char *const models_of[] = {"fork", "threads", "pool",
						"cluster"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(models_of); i++) {
		char arguments[512];
		pid_t pid;

		snprintf(
			arguments, sizeof(arguments),
			"run --experiment scaling --workload primes --size 1000 --workers 2 "
			"--model %s --quiet --out out --slice-ms 600000",
			models_of[i]);
		pid = program_start("", arguments);
		program_await("out/journal.jsonl", 0);
		/* A process model's slice has processes of its own. */
		if (i != 1)
			program_child(program_child(pid));
		else
			program_child(pid);
		kill(pid, SIGKILL);
		assert_true(WIFSIGNALED(program_wait(pid)));
		program_expect_alone();
		free(program_output("rm -r out", 0));
	}
}

static void goes_on_when_a_slice_is_killed(void **state)
{
	pid_t pid = program_start(
		"", "run --experiment scaling --workload primes --size 1000 "
		    "--workers 1 --model threads --quiet "
		    "--no-plots --blocks 2 --slice-ms 500 "
		    "--out out");
	char *text;

	(void)state;
	/* The warm-up is over and block 1 in the journal: this is block 2. */
	program_await("out/journal.jsonl", 2);
	kill(program_child(pid), SIGKILL);
	program_expect_exit(program_wait(pid), 1);
	text = program_read("out/results.json");
	assert_non_null(strstr(text, "\"crashed:KILL\""));
	free(text);
	assert_true(program_has("out/report.html"));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, program_setup, program_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refuses_unknown_commands),
		TEST(refuses_bad_options),
		TEST(refuses_bad_values),
		TEST(refuses_bad_folders),
		TEST(refuses_what_it_may_not_read),
		TEST(needs_a_place_for_results),
		TEST(refuses_what_is_no_workload),
		TEST(runs_a_loaded_workload),
		TEST(survives_a_bad_workload),
		TEST(helps),
		TEST(says_when_output_is_lost),
		TEST(ends_when_nobody_reads),
		TEST(lists),
		TEST(prints_digests_of_tasks),
		TEST(draws_topologies),
		TEST(measures_every_model),
		TEST(leaves_all_files),
		TEST(makes_the_same_report_again),
		TEST(refuses_cut_results),
		TEST(works_without_gnuplot),
		TEST(tells_what_gnuplot_said),
		TEST(plots),
		TEST(leaves_nothing_if_stopped_at_once),
		TEST(keeps_what_was_measured),
		TEST(prints_json_if_stopped),
		TEST(stops_at_once_when_told_twice),
		TEST(leaves_no_process_when_killed),
		TEST(goes_on_when_a_slice_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
