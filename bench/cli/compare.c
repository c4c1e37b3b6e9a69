/*
 * compare - run against run: what has become faster or slower, and an exit code
 * for scripts.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bench/cli/cli.h"
#include "harness/base.h"
#include "harness/compare.h"
#include "harness/plot.h"

#define MAX_RUNS 26 /* A to Z */
#define NAME_LETTERS                                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct side {
	const char *dir;
	struct run_results run;
	struct summary summary;
	struct comparison against; /* the first one; unused there */
};

struct compare_arguments {
	const char *dirs[MAX_RUNS]; /* [n] */
	size_t n;
	const char *plot; /* FILE.svg; NULL: none */
	unsigned fail_on; /* a bit for each enum verdict */
	bool json;
};

static const struct argp_option options[] = {
	{"fail-on", 'f', "LIST", 0,
	 "exit with 1 if any verdict is in LIST: slower, faster, different (one "
	 "of both), unsure (cannot tell)",
	 0},
	{"plot", 'p', "FILE.svg", 0,
	 "draw the ratios into FILE.svg, beside it FILE.dat and FILE.gp; for "
	 "the third run FILE-C.svg and so on",
	 0},
	{"json", 'j', NULL, 0, "print one JSON object instead of tables", 0},
	{0},
};

/* The words of --fail-on, and the verdicts that they stand for. */
static const struct {
	const char *name;
	unsigned verdicts;
} words[] = {
	{"slower", 1u << VERDICT_SLOWER},
	{"faster", 1u << VERDICT_FASTER},
	{"different", 1u << VERDICT_SLOWER | 1u << VERDICT_FASTER},
	{"unsure", 1u << VERDICT_CANNOT_TELL},
};

static unsigned parse_fail_on(const char *list)
{
	unsigned verdicts = 0;
	char *item;

	while ((item = parse_item("--fail-on", &list))) {
		size_t i = 0;

		while (i < ARRAY_LEN(words) && strcmp(words[i].name, item) != 0)
			i++;
		if (i == ARRAY_LEN(words))
			die(EXIT_USAGE,
			    "--fail-on '%s': one of slower, faster, different, "
			    "unsure",
			    item);
		verdicts |= words[i].verdicts;
		free(item);
	}
	return verdicts;
}

static char letter(size_t i)
{
	return (char)('A' + i);
}

/*
 * Where the figure of @sides[i] goes: the folder and the name of "a/b.svg", or
 * "b-C" for a third run.  Dies if that is no name for a figure.
 */
static void plot_place(const char *file, size_t i, char folder[PATH_MAX],
		       char name[80])
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t n = strlen(base), stem = n - 4;

	/* A name that begins with - would be an option to gnuplot. */
	if (n < 5 || n > 70 || *base == '-' ||
	    strcmp(&base[stem], ".svg") != 0 || strspn(base, NAME_LETTERS) < n)
		die(EXIT_USAGE,
		    "--plot '%s': a file's name that ends with .svg, of "
		    "letters, digits, '.', '_' and '-'",
		    file);
	if (snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(base - file) : 1,
		     slash ? file : ".") >= PATH_MAX)
		die(EXIT_USAGE, "--plot: the name is too long");
	if (i > 1)
		snprintf(name, 80, "%.*s-%c", (int)stem, base, letter(i));
	else
		snprintf(name, 80, "%.*s", (int)stem, base);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_arguments *a = state->input;
	char folder[PATH_MAX], name[80];

	switch (key) {
	case 'f':
		a->fail_on |= parse_fail_on(arg);
		return 0;
	case 'p':
		plot_place(arg, 0, folder, name); /* only to see if it can be */
		a->plot = arg;
		return 0;
	case 'j':
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->n == MAX_RUNS)
			die(EXIT_USAGE, "one run too many: '%s'", arg);
		a->dirs[a->n++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Compare @sides[i] with the first one, or die saying why it is no use. */
static void compare_side(struct side *sides, size_t i)
{
	struct side *s = &sides[i];
	char *why = NULL;
	size_t size;
	FILE *out;
	int r = compare_make(&sides[0].summary, &s->summary, &s->against);

	if (r < 0)
		die(EXIT_ENVIRONMENT, "compare: %s", strerror(-r));
	if (s->against.n > 0)
		return;
	out = open_memstream(&why, &size);
	if (out) {
		compare_say_nothing(&s->against, letter(i), out);
		(void)fclose(out);
	}
	die(EXIT_USAGE, "nothing to compare in %s (A) and %s (%c): %s",
	    sides[0].dir, s->dir, letter(i), why ? why : "");
}

static void print_tables(const struct side *sides, size_t n)
{
	for (size_t i = 0; i < n; i++)
		compare_run_line(&sides[i].summary, letter(i), sides[i].dir,
				 stdout);
	for (size_t i = 1; i < n; i++) {
		fputc('\n', stdout);
		compare_table(&sides[i].against, letter(i), stdout);
	}
}

static void print_json(const struct side *sides, size_t n)
{
	json_t *list = json_array(), *o;

	for (size_t i = 1; i < n; i++)
		(void)json_array_append_new(
			list, compare_json(&sides[i].against, sides[i].dir));
	CHECK(json_array_size(list) == n - 1);
	o = json_pack("{s:s, s:o, s:o}", "schema", COMPARE_SCHEMA, "base",
		      compare_run_json(&sides[0].summary, sides[0].dir),
		      "comparisons", list);
	CHECK(o);
	(void)json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	fputc('\n', stdout);
	json_decref(o);
}

/* Whether any verdict is one of @verdicts. */
static bool any_verdict(const struct side *sides, size_t n, unsigned verdicts)
{
	for (size_t i = 1; i < n; i++) {
		const struct comparison *c = &sides[i].against;

		for (size_t k = 0; k < c->n; k++) {
			if (verdicts >> c->rows[k].verdict & 1)
				return true;
		}
	}
	return false;
}

/* 0, or EXIT_ENVIRONMENT after complaining. */
static int draw(const struct side *sides, size_t n, const char *file)
{
	for (size_t i = 1; i < n; i++) {
		char folder[PATH_MAX], name[80], error[512] = "";
		struct plot p;
		int r;

		plot_place(file, i, folder, name);
		r = plot_compare(&sides[i].against, letter(i), name, &p);
		if (r < 0)
			die(EXIT_ENVIRONMENT, "compare: %s", strerror(-r));
		r = plot_write(&p, folder, error, sizeof(error));
		plot_done(&p);
		if (r == -ENOENT)
			complain("no gnuplot, so no plot: apt-get install "
				 "gnuplot-nox (or make deps)");
		else if (r < 0)
			complain("--plot %s: %s", file,
				 error[0] ? error : strerror(-r));
		if (r < 0)
			return EXIT_ENVIRONMENT;
	}
	return 0;
}

int command_compare(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DIR DIR…",
		"Compare runs with the first of them, the base: each cell's "
		"ratio to the reference model, with verdicts.  The runs may be "
		"of different machines.",
		NULL,
		NULL,
		NULL};
	struct compare_arguments a = {.n = 0};
	struct side *sides;
	int code;

	parse_arguments(&argp, argc, argv, &a);
	if (a.n < 2)
		die(EXIT_USAGE,
		    "compare needs the folders of two runs or more: "
		    "DIR DIR…");
	sides = calloc(a.n, sizeof(*sides));
	CHECK(sides);
	for (size_t i = 0; i < a.n; i++) {
		sides[i].dir = a.dirs[i];
		require_run(a.dirs[i], &sides[i].run, &sides[i].summary);
	}
	for (size_t i = 1; i < a.n; i++)
		compare_side(sides, i);
	if (a.json)
		print_json(sides, a.n);
	else
		print_tables(sides, a.n);
	code = any_verdict(sides, a.n, a.fail_on) ? EXIT_VERDICT : 0;
	if (a.plot && draw(sides, a.n, a.plot) != 0)
		code = EXIT_ENVIRONMENT;
	for (size_t i = 0; i < a.n; i++) {
		compare_done(&sides[i].against);
		summary_done(&sides[i].summary);
		results_done(&sides[i].run);
	}
	free(sides);
	return finish_output(code);
}
