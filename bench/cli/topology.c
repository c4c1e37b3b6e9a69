/*
 * topology - draw the machine and where the workers would be pinned.
 */
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "harness/placement.h"

struct topology_arguments {
	uint32_t workers; /* 0: as many as there are processors */
	const char *pin;
	const char *synthetic; /* NULL: this machine */
};

static const struct argp_option options[] = {
	{"workers", 'n', "N", 0, "how many workers (a processor each)", 0},
	{"pin", 'p', "POLICY", 0,
	 "compact, scatter, core, none or a CPU list (compact)", 0},
	{"synthetic", 's', "SPEC", 0,
	 "a machine one does not have, \"pack:2 numa:2 core:8 pu:2\"", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct topology_arguments *a = state->input;

	switch (key) {
	case 'n':
		a->workers = parse_workers(arg);
		return 0;
	case 'p':
		a->pin = arg;
		return 0;
	case 's':
		a->synthetic = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_topology(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Draw the machine: packages, NUMA nodes, caches, cores and "
		"processors, with the workers on them.",
		NULL,
		NULL,
		NULL};
	struct topology_arguments a = {.pin = "compact"};
	struct placement *p;
	char *drawing;
	int utf8;

	parse_arguments(&argp, argc, argv, &a);
	p = require_placement(a.pin, a.workers ? a.workers : 1, a.synthetic);
	if (a.workers == 0) {
		a.workers = placement_usable_pus(p);
		placement_free(p);
		p = require_placement(a.pin, a.workers, a.synthetic);
	}
	utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	drawing = placement_draw(p, utf8);
	if (!drawing)
		die(EXIT_ENVIRONMENT, "topology: %s", strerror(ENOMEM));
	fputs(drawing, stdout);
	free(drawing);
	placement_free(p);
	return finish_output(0);
}
