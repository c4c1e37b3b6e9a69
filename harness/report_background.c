/*
 * The end of the page: what the numbers mean, how they were made, on what.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"

/* How many groups of ratios are on the page. */
static size_t count_groups(const struct summary *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->cells[i].is_reference;
	return n;
}

static void write_scope(const struct summary *s, FILE *out)
{
	char usl[200];

	fputs("<section id=\"scope\">\n"
	      "<h2>What this shows, and what it does not</h2>\n<ul>\n"
	      "<li>It holds for this machine, these tasks and these sizes.  "
	      "Shorter tasks make overheads larger, longer ones smaller.</li>\n",
	      out);
	if (view_workloads(s, "load") > 0)
		fputs("<li>Where nothing else is said, the load is a <a "
		      "href=\"#closed\">closed loop</a>, which shows how much "
		      "work gets done.  How long tasks wait that come at random "
		      "times, only the <a href=\"#open\">open loop</a> "
		      "shows.</li>\n",
		      out);
	else
		fputs("<li>The load is a <a href=\"#closed\">closed loop</a>: "
		      "always the same number of tasks in flight.  How long "
		      "users would wait who come at random times, it does not "
		      "show.</li>\n",
		      out);
	html_write(out,
		   "<li>The intervals of one group of ratios hold <a "
		   "href=\"#family\">at once</a>, at 95 %%.  Of the %s groups "
		   "of this run one in twenty has an interval that misses the "
		   "truth by chance alone.</li>\n",
		   number_count(count_groups(s)).text);
	if (answer_usl_missing(s, usl, sizeof(usl)))
		html_write(out, "<li>%s</li>\n", usl);
	fputs("<li>The load generator is part of every model: its work to "
	      "hand over tasks and take results competes with the workers "
	      "when it has no processor of its own.</li>\n"
	      "<li>A verdict says that a difference is there, not why.</li>\n"
	      "</ul>\n</section>\n",
	      out);
}

/* A row of a list of facts; unknown ones are left out. */
static void fact(FILE *out, const char *name, const char *value)
{
	if (value[0] && strcmp(value, number_plain(NAN).text) != 0)
		html_write(out, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static void write_caches(const struct run_info *info, FILE *out)
{
	for (size_t i = 0; i < info->n_caches; i++) {
		const struct placement_cache *c = &info->caches[i];
		char name[64], value[96];

		snprintf(name, sizeof(name), "Level %" PRIu32 " cache, %.16s",
			 c->level, c->type);
		snprintf(value, sizeof(value),
			 "%.30s, shared by %" PRIu32 " processor%s",
			 number_bytes((double)c->size_bytes).text, c->sharing,
			 c->sharing == 1 ? "" : "s");
		fact(out, name, value);
	}
}

/* A drawing of several lines, which escaping would make one. */
static void write_drawing(const char *drawing, FILE *out)
{
	if (!drawing[0])
		return;
	fputs("<p>The machine, with a worker on each processor:</p>\n"
	      "<pre class=\"drawing\" role=\"region\" tabindex=\"0\" "
	      "aria-label=\"Drawing of the machine\">",
	      out);
	while (*drawing) {
		char line[512];
		size_t n = strcspn(drawing, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, drawing);
		html_write(out, "%s\n", line);
		drawing += n + (drawing[n] == '\n');
	}
	fputs("</pre>\n", out);
}

static void write_machine(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;
	const struct host *h = &info->host;
	char text[160];

	fputs("<section id=\"machine\">\n<h2>Machine and build</h2>\n<dl>\n",
	      out);
	fact(out, "Host", h->name);
	fact(out, "Processor", h->cpu);
	snprintf(text, sizeof(text),
		 "%" PRIu32 " usable in %" PRIu32 " core%s, of %" PRIu32
		 " online",
		 info->usable_pus, info->usable_cores,
		 info->usable_cores == 1 ? "" : "s", h->cpus);
	fact(out, "Processors", text);
	if (isfinite(h->quota_cpus)) {
		snprintf(text, sizeof(text), "%.40s processors (cgroup %.8s)",
			 number_short(h->quota_cpus).text, h->quota_from);
		fact(out, "CPU quota", text);
	}
	if (isfinite(h->mhz)) {
		snprintf(text, sizeof(text), "%.0f MHz at the start", h->mhz);
		fact(out, "Clock rate", text);
	}
	write_caches(info, out);
	fact(out, "Memory", number_bytes((double)h->memory_bytes).text);
	fact(out, "Virtual machine", h->hypervisor);
	fact(out, "Frequency governor", h->governor);
	fact(out, "Clock source", h->clocksource);
	if (h->aslr >= 0)
		fact(out, "Address space randomisation",
		     h->aslr ? "on" : "off");
	if (isfinite(h->load[0])) {
		snprintf(text, sizeof(text), "%.2f, %.2f, %.2f", h->load[0],
			 h->load[1], h->load[2]);
		fact(out, "Load average at the start", text);
	}
	fact(out, "Kernel", h->kernel);
	fact(out, "Compiler", h->compiler);
	fputs("</dl>\n", out);
	write_drawing(info->topology, out);
	fputs("</section>\n", out);
}

/* Whether some slice kept the times of its tasks. */
static bool has_trace(const struct run_results *run)
{
	for (size_t i = 0; i < run->n; i++) {
		if (run->slices[i].n_trace > 0)
			return true;
	}
	return false;
}

static void write_data(const struct summary *s, FILE *out)
{
	fputs("<section id=\"data\">\n<h2>Raw data</h2>\n<ul>\n"
	      "<li><a href=\"results.json\">results.json</a>: every slice, in "
	      "the format of Google Benchmark; <code>manyhands report</code> "
	      "makes all the rest from it</li>\n"
	      "<li><a href=\"slices.csv\">slices.csv</a>: the same for a "
	      "spreadsheet</li>\n"
	      "<li><a href=\"plots/\">plots/</a>: of each figure the numbers "
	      "(.dat), the gnuplot script (.gp) and the picture</li>\n"
	      "<li><a href=\"latency/\">latency/</a>: the percentiles of each "
	      "cell (.hgrm) for the plotter of HdrHistogram</li>\n",
	      out);
	if (has_trace(s->run))
		fputs("<li><a href=\"trace.json\">trace.json</a>: who ran what "
		      "when, for ui.perfetto.dev</li>\n",
		      out);
	fputs("</ul>\n</section>\n", out);
}

void report_background(const struct summary *s, FILE *out)
{
	write_scope(s, out);
	report_method(s, out);
	write_machine(s, out);
	write_data(s, out);
	report_glossary(out);
}
