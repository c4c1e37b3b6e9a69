/*
 * report - make everything for people again from a run's results.json.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/cli/cli.h"
#include "harness/base.h"

struct report_arguments {
	const char *dir; /* NULL: the newest in results/ */
	bool no_plots;
};

static const struct argp_option options[] = {
	{"no-plots", 'P', NULL, 0, "leave the plots as they are", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_arguments *a = state->input;

	switch (key) {
	case 'P':
		a->no_plots = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir)
			die(EXIT_USAGE, "one argument too many: '%s'", arg);
		a->dir = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* When the run in results/@name was finished; 0: it is no finished run. */
static time_t finished(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "results/%s/results.json", name) >=
		    (int)sizeof(path) ||
	    stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return st.st_mtime;
}

/* The run in results/ that was finished last, or die. */
static void find_newest(char path[PATH_MAX])
{
	DIR *dir = opendir("results");
	const struct dirent *entry;
	time_t newest = 0;

	while (dir && (entry = readdir(dir))) {
		time_t t = finished(entry->d_name);

		if (t > newest) {
			newest = t;
			snprintf(path, PATH_MAX, "results/%s", entry->d_name);
		}
	}
	if (dir)
		(void)closedir(dir);
	if (newest == 0)
		die(EXIT_USAGE, "no run in results/: make one with manyhands "
				"run, or name its folder");
}

int command_report(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"[DIR]",
		"Make plots, report.html and summary.txt of the run in DIR "
		"again from its results.json.  Without DIR: the newest run in "
		"results/.",
		NULL,
		NULL,
		NULL};
	struct report_arguments a = {0};
	struct run_results run;
	struct summary summary;
	char newest[PATH_MAX];
	int code, r;

	parse_arguments(&argp, argc, argv, &a);
	if (!a.dir) {
		find_newest(newest);
		a.dir = newest;
	}
	require_run(a.dir, &run, &summary);
	code = make_products(&summary, a.dir, a.no_plots);
	r = results_write_csv(&run, a.dir);
	if (r < 0) {
		complain("slices.csv in %s: %s", a.dir, strerror(-r));
		code = EXIT_ENVIRONMENT;
	}
	printf("%s/report.html\n", a.dir);
	summary_done(&summary);
	results_done(&run);
	return finish_output(code);
}
