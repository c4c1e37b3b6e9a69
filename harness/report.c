#include "harness/report.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/assets.h"
#include "harness/decision.h"
#include "harness/file.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"

static void write_head(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"generator\" content=\"manyhands\">\n",
	      out);
	html_write(out, "<title>manyhands: %s, %s</title>\n<style>\n",
		   info->host.name, info->started);
	fputs(asset_report_css, out);
	fputs("</style>\n</head>\n<body>\n<main>\n", out);
}

static void write_title(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;

	fputs("<header>\n<p class=\"brand\">manyhands</p>\n"
	      "<h1>Which way should the work be run?</h1>\n",
	      out);
	html_write(out, "<p class=\"when\">%s%s%s</p>\n</header>\n",
		   info->host.name, info->host.name[0] ? " · " : "",
		   info->started);
}

static int write_answer(const struct summary *s, FILE *out)
{
	struct answer a;
	int r = answer_make(s, &a);

	if (r < 0)
		return r;
	fputs("<section id=\"answer\" class=\"answer\">\n<h2>The answer</h2>\n",
	      out);
	for (size_t i = 0; i < a.n; i++) {
		if (a.items[i].head[0])
			html_write(out, "<h3>%s</h3>\n", a.items[i].head);
		html_write(out, "<p>%s</p>\n", a.items[i].text);
	}
	fputs("</section>\n", out);
	answer_done(&a);
	return 0;
}

static const char *const level_signs[] = {
	[NOTE_GOOD] = "✓",
	[NOTE_INFO] = "•",
	[NOTE_WARN] = "!",
	[NOTE_BAD] = "✗",
};

static void write_notes(const struct summary *s, FILE *out)
{
	struct notes notes;

	notes_make(s, &notes);
	fputs("<section id=\"trust\">\n<h2>Can it be trusted?</h2>\n<ul class=\"notes\">\n",
	      out);
	for (size_t i = 0; i < notes.n; i++) {
		const struct note *n = &notes.items[i];

		html_write(out,
			   "<li class=\"%s\"><span class=\"sign\">"
			   "<span aria-hidden=\"true\">%s</span> %s</span> "
			   "<span>%s</span></li>\n",
			   note_level_name(n->level), level_signs[n->level],
			   note_level_name(n->level), n->text);
	}
	fputs("</ul>\n</section>\n", out);
}

/*
 * Links to the sections of @body, read off the page itself: so they are those
 * that there are.  All other text in it is escaped and cannot look like this.
 */
static void write_contents(const char *body, FILE *out)
{
	static const char section[] = "<section id=\"", heading[] = "<h2>";

	fputs("<nav aria-label=\"Contents\">\n<ul>\n", out);
	while ((body = strstr(body, section))) {
		const char *title = strstr(body, heading);

		if (!title)
			break;
		body += strlen(section);
		title += strlen(heading);
		fprintf(out, "<li><a href=\"#%.*s\">%.*s</a></li>\n",
			(int)strcspn(body, "\""), body,
			(int)strcspn(title, "<"), title);
	}
	fputs("</ul>\n</nav>\n", out);
}

/*
 * From the answer to the words.  Who sees only the first screen sees the answer,
 * the choices and whether to trust them.
 */
static int write_body(const struct summary *s, const char *dir, FILE *out)
{
	struct decision d;
	int r = decision_make(s, &d);

	if (r < 0)
		return r;
	r = write_answer(s, out);
	if (r == 0) {
		report_decision(s, &d, out);
		write_notes(s, out);
		r = report_figures(s, dir, out);
	}
	if (r == 0) {
		report_faults(s, out);
		report_choices(&d, out);
		report_background(s, out);
	}
	decision_done(&d);
	return r;
}

static int write_page(const struct summary *s, const char *dir, FILE *out)
{
	char *body = NULL;
	size_t size;
	FILE *in = open_memstream(&body, &size);
	int r = in ? write_body(s, dir, in) : -ENOMEM;

	if (in && fclose(in) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0) {
		write_head(s, out);
		write_title(s, out);
		write_contents(body, out);
		fwrite(body, 1, size, out);
		fputs("</main>\n</body>\n</html>\n", out);
	}
	free(body);
	return r;
}

int report_write(const struct summary *s, const char *dir)
{
	char path[PATH_MAX];
	struct file f;
	int r;

	if (snprintf(path, sizeof(path), "%s/report.html", dir) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = file_begin(&f, path);
	if (r < 0)
		return r;
	r = write_page(s, dir, f.stream);
	if (r < 0) {
		file_abort(&f);
		return r;
	}
	return file_commit(&f);
}
