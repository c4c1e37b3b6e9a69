/*
 * The figures in the page, how to read them, and the tables with the numbers.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base.h"
#include "harness/file.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/plot.h"
#include "harness/report_internal.h"

#define MAX_SVG_BYTES (16u << 20)

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

/* The tables that follow a figure of some kind. */
static const struct {
	const char *kind;
	void (*write)(const struct view *v, FILE *out);
} tables[] = {
	{"throughput", report_table},  {"percentiles", report_load_table},
	{"granularity", report_metg},  {"startup", report_startup},
	{"calls", report_calls},       {"throughput", report_usl},
	{"policies", report_policies}, {"peers", report_peers},
	{"payload", report_payload},
};

static void write_tables(const struct view *v, const char *kind, FILE *out)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (strcmp(tables[i].kind, kind) == 0)
			tables[i].write(v, out);
	}
}

/* One figure with its caption; @number counts those that there are. */
static int write_figure(const struct view *v, const struct plot_kind *kind,
			size_t *number, const char *dir, FILE *out)
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
		   number_count(++*number).text, v->workload, p.title);
	plot_done(&p);
	return 0;
}

/* The figures of one kind for all @n workloads. */
static int write_section(const struct summary *s, const struct plot_kind *kind,
			 size_t n, size_t *number, const char *dir, FILE *out)
{
	int r = 0;

	fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n<p>%s</p>\n",
		kind->name, kind->heading, kind->lead);
	fprintf(out,
		"<details>\n<summary>How to read this</summary>\n<p>%s</p>\n"
		"<p><strong>Try this.</strong> %s</p>\n</details>\n",
		kind->how, kind->try);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct view v;

		r = view_make(s, kind->experiment, i, &v);
		if (r < 0)
			break;
		html_write(out, "<h3>%s</h3>\n", v.workload);
		r = write_figure(&v, kind, number, dir, out);
		if (r == 0)
			write_tables(&v, kind->name, out);
		view_done(&v);
	}
	fputs("</section>\n", out);
	return r;
}

/* Whether there is at least one figure of @kind, drawn or not: 1, 0, -errno. */
static int has_figure(const struct summary *s, const struct plot_kind *kind,
		      size_t n)
{
	int r = -ENODATA;

	for (size_t i = 0; i < n && r == -ENODATA; i++) {
		struct plot p;
		struct view v;

		r = view_make(s, kind->experiment, i, &v);
		if (r < 0)
			break;
		r = plot_make(&v, kind, &p);
		if (r == 0)
			plot_done(&p);
		view_done(&v);
	}
	return r == -ENODATA ? 0 : r < 0 ? r : 1;
}

static bool has_table(const struct plot_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (strcmp(tables[i].kind, kind->name) == 0)
			return true;
	}
	return false;
}

int report_figures(const struct summary *s, const char *dir, FILE *out)
{
	size_t number = 0;
	int r = 0;

	for (size_t k = 0; k < n_plot_kinds && r >= 0; k++) {
		const struct plot_kind *kind = plot_kinds[k];
		size_t n = view_workloads(s, kind->experiment);

		/* A table shows also what went wrong; a figure cannot. */
		r = has_table(kind) ? n > 0 : has_figure(s, kind, n);
		if (r > 0)
			r = write_section(s, kind, n, &number, dir, out);
	}
	return r;
}
