/*
 * products - what a run leaves for people: plots, report.html, summary.txt; and
 * for their tools: latency/.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bench/cli/cli.h"
#include "harness/answer.h"
#include "harness/export.h"
#include "harness/file.h"
#include "harness/plot.h"
#include "harness/report.h"
#include "harness/timeline.h"

static int write_summary(const struct summary *summary, const char *dir)
{
	char path[PATH_MAX];
	struct file f;
	int r;

	if (snprintf(path, sizeof(path), "%s/summary.txt", dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_begin(&f, path);
	if (r < 0)
		return r;
	answer_text(summary, f.stream);
	fputc('\n', f.stream);
	summary_table(summary, f.stream);
	return file_commit(&f);
}

static int make_plots(const struct summary *summary, const char *dir)
{
	char error[512] = "";
	int r = plot_all(summary, dir, error, sizeof(error));

	if (r == -ENOENT) {
		complain("no gnuplot, so no plots: apt-get install gnuplot-nox "
			 "(or make deps), then manyhands report %s; or "
			 "--no-plots",
			 dir);
		return EXIT_ENVIRONMENT;
	}
	if (r < 0) {
		complain("plots in %s: %s", dir,
			 error[0] ? error : strerror(-r));
		return EXIT_ENVIRONMENT;
	}
	return 0;
}

/* The traced tasks for Perfetto; no file if there are none. */
static int write_trace(const struct summary *summary, const char *dir)
{
	char path[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/trace.json", dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	r = timeline_write(summary->run, path);
	return r < 0 ? r : 0;
}

int make_products(const struct summary *summary, const char *dir, bool no_plots)
{
	int code = no_plots ? 0 : make_plots(summary, dir);
	int r = report_write(summary, dir);

	if (r == 0)
		r = write_summary(summary, dir);
	if (r == 0)
		r = export_latency(summary, dir);
	if (r == 0)
		r = write_trace(summary, dir);
	if (r < 0) {
		complain("report in %s: %s", dir, strerror(-r));
		code = EXIT_ENVIRONMENT;
	}
	return code;
}
