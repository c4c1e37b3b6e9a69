/*
 * The end of the page: what the numbers mean, how they were made, on what.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"

static void write_scope(const struct summary *s, FILE *out)
{
	fputs("<section id=\"scope\">\n"
	      "<h2>What this shows, and what it does not</h2>\n<ul>\n",
	      out);
	html_write(
		out,
		"<li>It holds for this machine, these tasks and these "
		"sizes.  Shorter tasks make overheads larger, longer ones "
		"smaller.</li>\n"
		"<li>The load is a closed loop: always the same number of "
		"tasks in flight.  How long users would wait who come at "
		"random times, it does not show.</li>\n"
		"<li>All %s cells are compared at 95 %%: about one "
		"interval in twenty misses the truth by chance alone.</li>\n",
		number_count(s->n).text);
	fputs("<li>The load generator is part of every model: its work to "
	      "hand over tasks and take results competes with the workers "
	      "when it has no processor of its own.</li>\n"
	      "<li>A verdict says that a difference is there, not why.</li>\n"
	      "</ul>\n</section>\n",
	      out);
}

static void write_method(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;
	const struct cell_spec *spec = s->n > 0 ? &s->cells[0].spec : NULL;
	char seed[24];

	snprintf(seed, sizeof(seed), "%" PRIu64, info->seed);
	fputs("<section id=\"method\">\n<h2>How it was measured</h2>\n", out);
	html_write(
		out,
		"<p>%s <a href=\"#block\">blocks</a>, each with every "
		"<a href=\"#cell\">cell</a> once, in a balanced random order (seed "
		"%s).  So slow changes of the machine hit all models "
		"alike, and models are compared within a block.  Each "
		"<a href=\"#slice\">slice</a> ran in a fresh process: at "
		"least %s to settle, then a window of %s in which results "
		"count; the load stays on until the window closes.  A task "
		"without an answer after %s ends as timeout.</p>\n",
		number_count(info->blocks_done).text, seed,
		number_time_short((double)info->timing.settle_ns).text,
		number_time_short((double)info->timing.window_ns).text,
		number_time_short((double)info->timing.timeout_ns).text);
	if (spec)
		html_write(out,
			   "<p>Tasks in flight per worker: %s.  Placement of "
			   "workers: %s.</p>\n",
			   number_count(spec->depth).text, spec->pin);
	fputs("<p>A number is the median of the blocks.  Its <a "
	      "href=\"#interval\">interval</a> is made of order statistics "
	      "and assumes no distribution.  A ratio is the median of the "
	      "ratios within the blocks.  Verdicts: <em>faster</em> or "
	      "<em>slower</em>, if the interval excludes 1 and the median is "
	      "more than 3 % away; <em>no difference</em>, if the whole "
	      "interval is within 3 %; else <em>cannot tell</em>, which is "
	      "not the same as equal.</p>\n",
	      out);
	html_write(out,
		   "<p>To measure again:</p>\n<pre><code>%s</code></pre>\n"
		   "</section>\n",
		   info->command);
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

/* Words and what they mean here; trusted HTML. */
static const struct {
	const char *id, *word, *meaning;
} glossary[] = {
	{"model", "model", "A way to bring tasks to workers and results back."},
	{"worker", "worker", "A process or thread that runs tasks."},
	{"cell", "cell",
	 "One model with one workload and one number of workers."},
	{"slice", "slice",
	 "One measurement of a cell, in a fresh process of its own."},
	{"block", "block",
	 "One slice of every cell, in a balanced random order, shortly after each "
	 "other.  Blocks are the repetitions that the statistics count."},
	{"interval", "interval",
	 "The range that contains the true median in at least 95 of 100 "
	 "such runs.  It takes 6 blocks at least."},
	{"family", "at once",
	 "All intervals of a table of ratios hold together in at least 95 of "
	 "100 such runs: each is as much wider as it must be for that "
	 "(Bonferroni's correction)."},
	{"efficiency", "efficiency",
	 "Throughput as a share of the ideal: the serial model's, times the "
	 "workers, up to the processors there are."},
	{"cpu", "CPU per task",
	 "Processor time of all processes of the slice, divided by the "
	 "tasks.  It hardly changes when other programs run beside."},
	{"p99", "p50, p99",
	 "The time that 50 %, or 99 %, of the tasks did not exceed."},
	{"memory", "memory",
	 "The most that was resident: of the process with the load "
	 "generator and all threads; after the plus sign, of the largest "
	 "worker process."},
	{"closed", "closed loop",
	 "The next task starts when one is done, so that the load adapts to "
	 "the speed."},
};

static void write_end(FILE *out)
{
	fputs("<section id=\"data\">\n<h2>Raw data</h2>\n<ul>\n"
	      "<li><a href=\"results.json\">results.json</a>: every slice, in "
	      "the format of Google Benchmark</li>\n"
	      "<li><a href=\"slices.csv\">slices.csv</a>: the same for a "
	      "spreadsheet</li>\n"
	      "<li><a href=\"plots/\">plots/</a>: the numbers and gnuplot "
	      "scripts of the figures</li>\n"
	      "<li><a href=\"latency/\">latency/</a>: the percentiles of each "
	      "cell for the plotter of HdrHistogram</li>\n</ul>\n</section>\n"
	      "<section id=\"glossary\">\n<h2>Words</h2>\n<dl>\n",
	      out);
	for (size_t i = 0; i < sizeof(glossary) / sizeof(glossary[0]); i++)
		fprintf(out, "<dt id=\"%s\">%s</dt><dd>%s</dd>\n",
			glossary[i].id, glossary[i].word, glossary[i].meaning);
	fputs("</dl>\n</section>\n", out);
}

void report_background(const struct summary *s, FILE *out)
{
	write_scope(s, out);
	write_method(s, out);
	write_machine(s, out);
	write_end(out);
}
