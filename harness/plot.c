#include "harness/plot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/base.h"
#include "harness/child.h"
#include "harness/file.h"
#include "harness/html.h"
#include "harness/plot_internal.h"

#define LIMIT_NS (30 * NS_PER_S)
#define MAX_SVG_BYTES (16u << 20)
#define TITLE_ROOM 840.0 /* pixels */

/* The table of figures, in the order of the page. */
const struct plot_kind *const plot_kinds[] = {
	&plot_throughput,  &plot_breakdown, &plot_latency,  &plot_granularity,
	&plot_percentiles, &plot_knee,      &plot_omission, &plot_startup,
	&plot_calls,       &plot_placement, &plot_policies, &plot_peers,
	&plot_payload,     &plot_timeline,  &plot_evidence,
};
const size_t n_plot_kinds = ARRAY_LEN(plot_kinds);

/* A file name of @prefix and @workload, which may be anything. */
static void name_files(char *name, size_t size, const char *prefix,
		       const char *workload)
{
	snprintf(name, size, "%s-%s", prefix, workload);
	for (char *p = name; *p; p++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *p))
			*p = '_';
	}
}

/* A claim that does not fit gives way to the neutral title. */
static void choose_title(const struct view *v, const struct plot_kind *kind,
			 char *title, size_t size)
{
	kind->title(v, title, size);
	if (plot_text_width(title, SIZE_TITLE, true) > TITLE_ROOM)
		snprintf(title, size, "%s", kind->neutral);
}

/* Let @draw write the parts of @p, whose name and title are there. */
static int assemble(struct plot *p, struct draft *d, const char *script,
		    int (*draw)(struct draft *d, const char *name))
{
	size_t data_size, alt_size, script_size;
	int r = -ENOMEM;

	memcpy(d->title, p->title, sizeof(d->title));
	d->data = open_memstream(&p->data, &data_size);
	d->alt = open_memstream(&p->alt, &alt_size);
	d->gp = open_memstream(&p->script, &script_size);
	if (d->data && d->alt && d->gp) {
		r = draw(d, p->name);
		fputs(asset_style_gp, d->gp);
		fputs(script, d->gp);
	}
	/* A close that fails for want of memory leaves its string NULL. */
	if (d->data)
		(void)fclose(d->data);
	if (d->alt)
		(void)fclose(d->alt);
	if (d->gp)
		(void)fclose(d->gp);
	if (r == 0 && (!p->data || !p->alt || !p->script))
		r = -ENOMEM;
	if (r < 0)
		plot_done(p);
	return r;
}

int plot_make(const struct view *v, const struct plot_kind *kind,
	      struct plot *ret)
{
	struct draft d = {.v = v};
	struct plot p = {.alt = NULL};
	int r;

	name_files(p.name, sizeof(p.name), kind->name, v->workload);
	choose_title(v, kind, p.title, sizeof(p.title));
	r = assemble(&p, &d, kind->script, kind->draw);
	if (r < 0)
		return r;
	*ret = p;
	return 0;
}

int plot_compare(const struct comparison *c, char letter, const char *name,
		 struct plot *ret)
{
	struct draft d = {.compared = c, .letter = letter};
	struct plot p = {.alt = NULL};
	char counts[120];
	int r;

	compare_counts_text(c, counts, sizeof(counts));
	snprintf(p.name, sizeof(p.name), "%s", name);
	snprintf(p.title, sizeof(p.title), "%c against A: %s", letter, counts);
	r = assemble(&p, &d, asset_compare_gp, plot_compare_draw);
	if (r < 0)
		return r;
	*ret = p;
	return 0;
}

void plot_done(struct plot *p)
{
	free(p->alt);
	free(p->data);
	free(p->script);
	*p = (struct plot){.alt = NULL};
}

/* FOLDER/NAME.SUFFIX in @path.  0 or -ENAMETOOLONG. */
static int path_of(char path[PATH_MAX], const char *folder, const char *name,
		   const char *suffix)
{
	int n = snprintf(path, PATH_MAX, "%s/%s.%s", folder, name, suffix);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int write_part(const char *folder, const char *name, const char *suffix,
		      const char *text)
{
	char path[PATH_MAX];
	int r = path_of(path, folder, name, suffix);

	return r < 0 ? r : file_write(path, text, strlen(text));
}

/* What gnuplot writes by itself, and what readers shall get instead. */
static const char made_by[] = "<desc>Produced by GNUPLOT";
static const char font[] = "font-family=\"Liberation Sans\"";
static const char better_font[] =
	"font-family=\"Liberation Sans, Arial, Helvetica, sans-serif\"";
static const char root[] = "<svg ";
static const char root_title[] = "<title>Gnuplot</title>";

/* Copy @svg to @out with a title, a description and fonts to fall back to. */
static void improve(const char *svg, const struct plot *p, FILE *out)
{
	bool root_done = false;

	while (*svg) {
		if (!root_done && strncmp(svg, root, strlen(root)) == 0) {
			fputs("<svg role=\"img\" ", out);
			svg += strlen(root);
			root_done = true;
		} else if (strncmp(svg, root_title, strlen(root_title)) == 0) {
			html_write(out, "<title>%s</title>", p->title);
			svg += strlen(root_title);
		} else if (strncmp(svg, made_by, strlen(made_by)) == 0) {
			html_write(out, "<desc>%s", p->alt);
			svg += strcspn(svg + 1, "<") + 1;
		} else if (strncmp(svg, font, strlen(font)) == 0) {
			fputs(better_font, out);
			svg += strlen(font);
		} else {
			fputc(*svg++, out);
		}
	}
}

static int improve_svg(const struct plot *p, const char *folder)
{
	char path[PATH_MAX], *svg = NULL, *text = NULL;
	size_t n, size;
	FILE *out;
	int r = path_of(path, folder, p->name, "svg");

	if (r == 0)
		r = file_read(path, MAX_SVG_BYTES, &svg, &n);
	if (r < 0)
		return r;
	out = open_memstream(&text, &size);
	if (out) {
		improve(svg, p, out);
		(void)fclose(out); /* as in plot_make() */
	}
	r = text ? file_write(path, text, strlen(text)) : -ENOMEM;
	free(text);
	free(svg);
	return r;
}

/* The last line of what gnuplot said that says something. */
static void last_words(const char *said, char *error, size_t size,
		       const char *name, const char *how)
{
	const char *line = "", *p = said;

	while (*p) {
		size_t n = strcspn(p, "\n");

		if (strspn(p, " \t^") < n && !strstr(p, "iconv failed"))
			line = p;
		p += n;
		p += *p == '\n';
	}
	snprintf(error, size, "gnuplot %s.gp: %s%s%.*s", name, how,
		 *line ? ": " : "", (int)strcspn(line, "\n"), line);
}

/* Let gnuplot draw @p.  0 or -errno as plot_write(). */
static int draw(const struct plot *p, const char *folder, char *error,
		size_t size)
{
	char script[96], how[64];
	char program[] = "gnuplot", locale[] = "LC_ALL=C";
	char *argv[] = {program, script, NULL}, *env[] = {locale, NULL};
	struct child_options options = {
		.argv = argv,
		.cwd = folder,
		.env = env,
		.limit_ns = LIMIT_NS,
		.out_cap = 4096,
		.err_cap = 4096,
	};
	struct child_result result;
	int r;

	snprintf(script, sizeof(script), "%s.gp", p->name);
	r = child_run(&options, &result);
	if (r < 0)
		return r;
	if (result.late || result.cancelled || result.wait_status != 0) {
		last_words(result.err, error, size, p->name,
			   child_result_text(&result, how, sizeof(how)));
		r = -EIO;
	}
	child_result_done(&result);
	return r < 0 ? r : improve_svg(p, folder);
}

int plot_write(const struct plot *p, const char *folder, char *error,
	       size_t error_size)
{
	char svg[PATH_MAX];
	int r = path_of(svg, folder, p->name, "svg");

	if (r == 0 && unlink(svg) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0)
		r = write_part(folder, p->name, "dat", p->data);
	if (r == 0)
		r = write_part(folder, p->name, "gp", p->script);
	if (r < 0)
		return r == -ENOENT ? -ENOTDIR : r;
	r = draw(p, folder, error, error_size);
	if (r < 0)
		(void)unlink(svg); /* it may not even be there */
	return r;
}

/* Write one figure into @folder; nothing measured is no error. */
static int plot_one(const struct view *v, const struct plot_kind *kind,
		    const char *folder, char *error, size_t size)
{
	struct plot p;
	int r = plot_make(v, kind, &p);

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	r = plot_write(&p, folder, error, size);
	plot_done(&p);
	return r;
}

/* One figure for every workload.  *@missing is set if there is no gnuplot. */
static int plot_all_of(const struct summary *s, const struct plot_kind *kind,
		       const char *folder, bool *missing, char *error,
		       size_t size)
{
	size_t n = view_workloads(s, kind->experiment);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct view v;

		r = view_make(s, kind->experiment, i, &v);
		if (r < 0)
			break;
		r = plot_one(&v, kind, folder, error, size);
		*missing |= r == -ENOENT;
		r = r == -ENOENT ? 0 : r;
		view_done(&v);
	}
	return r;
}

int plot_all(const struct summary *s, const char *dir, char *error,
	     size_t error_size)
{
	char folder[PATH_MAX];
	bool missing = false; /* gnuplot; the other files are still made */
	int r = 0;

	if (snprintf(folder, sizeof(folder), "%s/plots", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return errno == ENOENT ? -ENOTDIR : -errno;
	for (size_t k = 0; k < n_plot_kinds && r == 0; k++)
		r = plot_all_of(s, plot_kinds[k], folder, &missing, error,
				error_size);
	return r < 0 ? r : missing ? -ENOENT : 0;
}
