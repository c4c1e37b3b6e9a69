/*
 * main - manyhands COMMAND: find the command and run it.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "harness/base.h"

static const struct command commands[] = {
	{"run", "[OPTION…]", "measure; writes results/<run>/ and its report",
	 command_run},
	{"report", "[DIR]", "make plots and report again from DIR/results.json",
	 command_report},
	{"compare", "[OPTION…] DIR DIR…",
	 "say what has become faster or slower", command_compare},
	{"list", "[models|workloads|experiments|peers|policies]",
	 "say what there is", command_list},
	{"topology", "[OPTION…]", "draw this machine and who is pinned where",
	 command_topology},
	{"serve", "[OPTION…]", "run tasks for curl, wrk and browsers",
	 command_serve},
	{"task", "WORKLOAD SIZE SEED", "run tasks and print their digests",
	 command_task},
	{"xray", "[OPTION…] MODEL", "show the system calls of a task",
	 command_xray},
	{"slice", "", NULL, command_slice},
	{"calibrate", "", NULL, command_calibrate},
	{"drill", "", NULL, command_drill},
	{"goals", "DIR", NULL, command_goals},
};

static void usage(FILE *out)
{
	fputs("manyhands - many ways to run tasks on many workers, measured\n\n"
	      "Usage: manyhands COMMAND [ARGUMENT…]\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const struct command *c = &commands[i];

		if (c->summary)
			fprintf(out, "  %-9s %s\n", c->name, c->summary);
	}
	fputs("\n`manyhands COMMAND --help' tells more.  Exit codes: 0 all "
	      "well, 1 some tasks\nfailed, or a verdict of --fail-on, 2 usage, 3 "
	      "environment, 128 + n on signal n.\n",
	      out);
}

/*
 * A standard stream that was closed before we came would be the next file that
 * we open, and get what was meant for the stream.  Take its place with what
 * cannot be written to.
 */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			CHECK(open("/dev/null", O_RDONLY) == fd);
	}
}

int main(int argc, char **argv)
{
	fill_standard_streams();
	/* A reader that leaves is a write error, and we report those. */
	signal(SIGPIPE, SIG_IGN);
	/* So is a file that may not grow any more (ulimit -f). */
	signal(SIGXFSZ, SIG_IGN);
	/* Who started us may ignore the end of children, and we would, too. */
	signal(SIGCHLD, SIG_DFL);
	/* How wide a character is, and nothing else, is the user's choice. */
	setlocale(LC_CTYPE, "");
	if (argc < 2)
		die(EXIT_USAGE,
		    "no command; one of: run, report, compare, "
		    "list, topology, serve, task, xray (or --help)");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return finish_output(0);
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	die(EXIT_USAGE,
	    "unknown command '%s'; one of: run, report, compare, list, "
	    "topology, serve, task, xray (or --help)",
	    argv[1]);
}
