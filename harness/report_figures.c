/*
 * The figures in the page, how to read them, and the tables with the numbers.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/file.h"
#include "harness/html.h"
#include "harness/look.h"
#include "harness/number.h"
#include "harness/plot.h"
#include "harness/report_internal.h"

#define MAX_SVG_BYTES (16u << 20)

/* A section of the page for each kind of figure; trusted HTML. */
static const struct section {
	const char *id, *heading, *lead, *how, *try;
} sections[PLOT_KINDS] = {
	[PLOT_THROUGHPUT] =
		{
			"throughput",
			"How much work gets done",
			"Completed tasks per second, by number of workers.",
			"Each line is a model; higher is better.  The dashed line is "
			"the ideal: what the serial model does, times the workers, up "
			"to the processors there are.  More workers than processors "
			"cannot do more, they only take turns.  The band round a line "
			"is the 95&nbsp;% interval of its median: where bands of two "
			"models overlap, look at the ratio in the table, which "
			"compares slices measured side by side and is sharper.  A "
			"title that says a model uses the processors well means: at "
			"least 90&nbsp;% of the ideal.",
			"Which model loses most between its first and its last point, "
			"and which phase in the next figures explains it?",
		},
	[PLOT_BREAKDOWN] =
		{
			"breakdown",
			"Where the time of a task goes",
			"Mean time of one task, from its turn to having the result, "
			"cut into phases.",
			"Each bar is a model; shorter is better.  Grey is the task "
			"itself, all else is overhead: <em>create</em>, a process or "
			"thread comes to life for this task; <em>dispatch</em>, the "
			"task travels to a worker that is free; <em>return</em>, the "
			"result travels back.  These are means, because only means "
			"add up.  With several tasks in flight per worker, a task "
			"first waits for the one before it: that is the load's "
			"choice, not the model's cost, and left out here.  If the "
			"grey parts differ, the processor was shared or its caches "
			"were cold.",
			"How long would a task have to be for the overhead to be "
			"below 1&nbsp;%?",
		},
	[PLOT_LATENCY] =
		{
			"latency",
			"How long single tasks take",
			"Service time under full load: the next task is handed over "
			"as soon as one is done (closed loop).  It is not the time "
			"that users who come when they like would wait.",
			"Read the place 99&nbsp;% as: one task in a hundred took "
			"longer.  To the right, each step leaves a tenth of the "
			"tasks, so the slowest few get as much room as the many.  A "
			"curve ends where fewer than ten tasks are left.  The "
			"vertical axis is logarithmic: equal distances are equal "
			"ratios.",
			"Where does a curve bend up?  A bend at 1 in N says that "
			"something happens to about one task in N.",
		},
};

/* DIR/plots/NAME.svg as an image inside the page.  0, or -errno: not there. */
static int embed(const char *dir, const struct plot *p, FILE *out)
{
	char path[PATH_MAX], *svg;
	size_t bytes;
	int r;

	if (snprintf(path, sizeof(path), "%s/plots/%s.svg", dir, p->name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	r = file_read(path, MAX_SVG_BYTES, &svg, &bytes);
	if (r < 0)
		return r;
	html_write(out, "<img alt=\"%s\" src=\"data:image/svg+xml;base64,",
		   p->alt);
	html_base64(out, svg, bytes);
	fputs("\">\n", out);
	free(svg);
	return 0;
}

/* Figure number @number with its caption. */
static int write_figure(const struct view *v, enum plot_kind kind,
			size_t number, const char *dir, FILE *out)
{
	struct plot p;
	int r = plot_make(v, kind, &p);

	if (r == -ENODATA) {
		fputs("<p class=\"missing\">Nothing was measured that this "
		      "figure could show.</p>\n",
		      out);
		return 0;
	}
	if (r < 0)
		return r;
	fputs("<figure>\n", out);
	if (embed(dir, &p, out) < 0)
		html_write(out,
			   "<p class=\"missing\">The figure is missing.  With "
			   "gnuplot installed (apt-get install gnuplot-nox), "
			   "<code>manyhands report</code> draws it.  In words: "
			   "%s</p>\n",
			   p.alt);
	html_write(out,
		   "<figcaption>Figure %s.  %s: %s.</figcaption>\n</figure>\n",
		   number_count(number).text, v->workload, p.title);
	plot_done(&p);
	return 0;
}

/* All workloads in one kind of figure. */
static int write_section(const struct summary *s, enum plot_kind kind,
			 const char *dir, FILE *out)
{
	const struct section *section = &sections[kind];
	size_t n = view_workloads(s);
	int r = 0;

	fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n<p>%s</p>\n",
		section->id, section->heading, section->lead);
	fprintf(out,
		"<details>\n<summary>How to read this</summary>\n<p>%s</p>\n"
		"<p><strong>Try this.</strong> %s</p>\n</details>\n",
		section->how, section->try);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct view v;

		r = view_make(s, i, &v);
		if (r < 0)
			break;
		html_write(out, "<h3>%s</h3>\n", v.workload);
		r = write_figure(&v, kind, (size_t)kind * n + i + 1, dir, out);
		if (r == 0 && kind == PLOT_THROUGHPUT)
			report_table(&v, out);
		view_done(&v);
	}
	fputs("</section>\n", out);
	return r;
}

int report_figures(const struct summary *s, const char *dir, FILE *out)
{
	int r = 0;

	if (view_workloads(s) == 0)
		return 0;
	for (int k = 0; k < PLOT_KINDS && r == 0; k++)
		r = write_section(s, (enum plot_kind)k, dir, out);
	return r;
}
