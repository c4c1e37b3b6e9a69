/*
 * arguments - argp(3) with errors of one line that name the culprit.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"

#define KEY_HELP 'h'

/*
 * argp's own errors span two lines and end with exit code 64.  Silenced by
 * ARGP_NO_ERRS, argp says nothing at all, be it an error or help.  So both are
 * ours: this one stands above the command's own parser.
 */
struct outer {
	void *input; /* of the command's parser */
	int next;    /* argv[next] was to follow when an error came */
};

static const struct argp_option help_option[] = {
	{"help", KEY_HELP, 0, 0, "show this text", -1},
	{0},
};

static error_t parse_outer(int key, char *arg, struct argp_state *state)
{
	struct outer *outer = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = outer->input;
		return 0;
	case KEY_HELP:
		/* Wide enough for our names; a note on options less. */
		(void)setenv("ARGP_HELP_FMT", "opt-doc-col=33,no-dup-args-note",
			     0);
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP,
			  state->name);
		exit(finish_output(0));
	case ARGP_KEY_ERROR:
		outer->next = state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is wrong with the long option @arg; false: nothing. */
static bool explain_long(const struct argp_option *options, const char *arg,
			 char *buf, size_t size)
{
	size_t n = strcspn(arg + 2, "="), matches = 0, used;
	const struct argp_option *found = NULL;

	used = (size_t)snprintf(buf, size, "'%.*s' may mean", (int)n + 2, arg);
	for (const struct argp_option *o = options; o->name || o->doc; o++) {
		if (!o->name || strncmp(o->name, arg + 2, n) != 0)
			continue;
		found = o;
		if (o->name[n] == '\0') {
			matches = 1;
			break;
		}
		if (used < size)
			used += (size_t)snprintf(buf + used, size - used,
						 "%s --%s", matches ? "," : "",
						 o->name);
		matches++;
	}
	if (matches > 1)
		return true;
	if (!found)
		snprintf(buf, size, "unknown option '%.*s'", (int)n + 2, arg);
	else if (arg[2 + n] && !found->arg)
		snprintf(buf, size, "--%s takes no value", found->name);
	else if (!arg[2 + n] && found->arg)
		snprintf(buf, size, "--%s needs a value: %s", found->name,
			 found->arg);
	else
		return false;
	return true;
}

/* The same for the short options in @arg. */
static bool explain_short(const struct argp_option *options, const char *arg,
			  char *buf, size_t size)
{
	for (const char *c = arg + 1; *c; c++) {
		const struct argp_option *o = options;

		while ((o->name || o->doc) && (!o->name || o->key != *c))
			o++;
		if (*c == KEY_HELP)
			continue;
		if (!o->name) {
			snprintf(buf, size, "unknown option '-%c'", *c);
			return true;
		}
		if (o->arg) {
			snprintf(buf, size, "-%c needs a value: %s", *c,
				 o->arg);
			return c[1] == '\0';
		}
	}
	return false;
}

static bool explain(const struct argp *argp, const char *arg, char *buf,
		    size_t size)
{
	if (!arg || arg[0] != '-' || arg[1] == '\0')
		return false;
	return arg[1] == '-' ? explain_long(argp->options, arg, buf, size)
			     : explain_short(argp->options, arg, buf, size);
}

void parse_arguments(const struct argp *argp, int argc, char **argv,
		     void *input)
{
	const struct argp_child children[] = {{argp, 0, NULL, 0}, {0}};
	const struct argp whole = {
		.options = help_option,
		.parser = parse_outer,
		.children = children,
	};
	struct outer outer = {.input = input};
	char name[64], why[256];
	int next = argc;
	error_t r;

	snprintf(name, sizeof(name), "manyhands %s", argv[0]);
	argv[0] = name;
	r = argp_parse(&whole, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, &next,
		       &outer);
	if (r == 0 && next == argc)
		return;
	if (r == 0)
		die(EXIT_USAGE, "one argument too many: '%s'; see %s --help",
		    argv[next], name);
	/* Short options may share an argument, which is then not yet done. */
	if (explain(argp, argv[outer.next - 1], why, sizeof(why)) ||
	    explain(argp, argv[outer.next], why, sizeof(why)))
		die(EXIT_USAGE, "%s; see %s --help", why, name);
	die(EXIT_USAGE, "%s; see %s --help", strerror(r), name);
}
