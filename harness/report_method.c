/*
 * How it was measured: from what the run recorded, never from memory.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "harness/base.h"
#include "harness/bootstrap.h"
#include "harness/design.h"
#include "harness/html.h"
#include "harness/number.h"
#include "harness/report_internal.h"

/* Handed over, created (where it has a worker of its own), start, end, done. */
#define MAX_STAMPS 5

static struct number count(uint64_t n)
{
	return number_count(n);
}

static struct number time_of(int64_t ns)
{
	return number_time_short((double)ns);
}

/* Blocks, cells, order; what one slice does. */
static void write_design(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;
	char seed[24];

	snprintf(seed, sizeof(seed), "%" PRIu64, info->seed);
	html_write(
		out,
		"<p>%s <a href=\"#block\">blocks</a>, each with each of %s "
		"<a href=\"#cell\">cells</a> once, in a <a "
		"href=\"#square\">balanced random order</a> (seed %s), after "
		"one block to warm up that is not recorded.  So slow changes "
		"of the machine hit all models alike, and models are compared "
		"within a block.  Each <a href=\"#slice\">slice</a> ran in a "
		"fresh process: at least %s to settle, then a window of %s in "
		"which results count, if its experiment sets no other; the "
		"load stays on until the window closes.  A task without an "
		"answer after %s ends as timeout.</p>\n",
		count(info->blocks_done).text, count(s->n).text, seed,
		time_of((int64_t)info->timing.settle_ns).text,
		time_of((int64_t)info->timing.window_ns).text,
		time_of((int64_t)info->timing.timeout_ns).text);
	if (s->n > 0)
		html_write(out,
			   "<p>Tasks in flight per worker: %s, where nothing "
			   "else is said.  Placement of workers: %s.</p>\n",
			   count(s->cells[0].spec.depth).text,
			   s->cells[0].spec.pin);
}

/* Why it ended when it did: by a rule that was there before. */
static void write_stop(const struct run_info *info, FILE *out)
{
	if (info->exact) {
		fputs("<p>The number of blocks was fixed beforehand: nobody "
		      "<a href=\"#look\">looked</a> on the way, and nothing was "
		      "repeated.",
		      out);
	} else {
		html_write(
			out,
			"<p>After %s blocks, and then now and again, the run "
			"<a href=\"#look\">looks</a> whether it may stop: "
			"when every headline ratio is known to within %s.  "
			"Looks of this run: %s.",
			count(DESIGN_MIN_BLOCKS).text,
			number_percent(DESIGN_HALF_WIDTH).text,
			count(info->looks).text);
		if (strcmp(info->stopped, "precise") == 0)
			fputs("  At the last one it was so.", out);
	}
	if (strcmp(info->stopped, "budget") == 0)
		fputs("  It ended because its time was used up.", out);
	else if (info->stopped[0] && strcmp(info->stopped, "precise") != 0)
		html_write(out, "  It ended early: %s.", info->stopped);
	if (info->budget_ns > 0 && info->budget_ns < INT64_MAX)
		html_write(out, "  The time allowed was %s.",
			   time_of((int64_t)info->budget_ns).text);
	fputs("</p>\n", out);
	if (info->pruned[0])
		html_write(out,
			   "<p>Left out, because there was no time for it: "
			   "%s.</p>\n",
			   info->pruned);
}

static void write_noise(const struct summary *s, FILE *out)
{
	html_write(
		out,
		"<p>A block is <a href=\"#noise\">noisy</a> if other "
		"programs or other guests took more than %s of its "
		"processors' time.  %sNothing is ever dropped from the "
		"files.  Numbers are made of the clean blocks if there are "
		"at least %s of them, and else of all.  Here %s of %s blocks "
		"were noisy, and %s count.</p>\n",
		number_percent(NOISE_LIMIT).text,
		s->run->info.exact ? ""
				   : "It is repeated whole, until repetitions "
				     "took half as many blocks again.  ",
		count(DESIGN_MIN_BLOCKS).text, count(s->n_noisy).text,
		count(s->run->info.blocks_done).text,
		count(s->n_counting).text);
}

static void write_statistics(FILE *out)
{
	html_write(
		out,
		"<p>A number is the median of the blocks.  Its <a "
		"href=\"#interval\">interval</a> is made of order statistics "
		"and assumes no distribution.  A ratio is the median of the "
		"ratios within the blocks, and the intervals of a group of "
		"ratios hold <a href=\"#family\">at once</a>.  Intervals of "
		"<a href=\"#p99\">percentiles</a> come from a <a "
		"href=\"#bootstrap\">bootstrap</a> of whole blocks, drawn %s "
		"times; there are none from fewer than %s blocks, and no "
		"percentile without the tasks for it.</p>\n",
		count(BOOTSTRAP_RESAMPLES).text,
		count(BOOTSTRAP_MIN_BLOCKS).text);
	html_write(
		out,
		"<p>Verdicts: <em>faster</em> or <em>slower</em>, if the "
		"interval excludes 1 and the median is more than %s away; "
		"<em>no difference</em>, if the whole interval is within %s; "
		"else <em>cannot tell</em>, which is not the same as "
		"equal.</p>\n",
		number_percent(STATS_MARGIN).text,
		number_percent(STATS_MARGIN).text);
}

static void write_clock(const struct run_info *info, FILE *out)
{
	if (info->clock_cost_ns > 0)
		html_write(out,
			   "<p>The clock is read at most %s times for each "
			   "task, %s each; tasks that are handed over at once, "
			   "or come back at once, share a stamp.",
			   count(MAX_STAMPS).text,
			   time_of(info->clock_cost_ns).text);
	else
		fputs("<p>What a reading of the clock costs is not known.",
		      out);
	if (info->clock_hop_ns >= 0 && info->clock_backwards >= 0)
		html_write(out,
			   "  Sent to another processor, a stamp took %s at "
			   "least and arrived before it had left %s times.",
			   time_of(info->clock_hop_ns).text,
			   count((uint64_t)info->clock_backwards).text);
	fputs("</p>\n", out);
}

/* How much of the time was measured in; NaN: unknown. */
static double measured_share(const struct run_results *run)
{
	double window_ns = 0, wall_ns = 0;

	for (size_t i = 0; i < run->n; i++) {
		window_ns += (double)run->slices[i].window_ns;
		wall_ns += (double)run->slices[i].wall_ns;
	}
	return wall_ns > 0 ? window_ns / wall_ns : NAN;
}

static void write_cost(const struct summary *s, FILE *out)
{
	double share = measured_share(s->run);

	if (isfinite(share))
		html_write(out,
			   "<p>Of the time that the slices took, %s were "
			   "windows that count.  The rest went into starting "
			   "processes and workers, settling and cleaning "
			   "up.</p>\n",
			   number_percent(share).text);
}

void report_method(const struct summary *s, FILE *out)
{
	const struct run_info *info = &s->run->info;

	fputs("<section id=\"method\">\n<h2>How it was measured</h2>\n", out);
	write_design(s, out);
	write_stop(info, out);
	write_noise(s, out);
	write_statistics(out);
	write_clock(info, out);
	write_cost(s, out);
	html_write(out,
		   "<p>To measure again:</p>\n<pre><code>%s</code></pre>\n"
		   "</section>\n",
		   info->command);
}

/* Words and what they mean here; trusted HTML. */
static const struct {
	const char *id, *word, *meaning;
} glossary[] = {
	{"model", "model", "A way to bring tasks to workers and results back."},
	{"worker", "worker", "A process or thread that runs tasks."},
	{"cell", "cell",
	 "One model with one workload, one size of tasks, one number of workers "
	 "and one load."},
	{"slice", "slice",
	 "One measurement of a cell, in a fresh process of its own."},
	{"block", "block",
	 "One slice of every cell, in a balanced random order, shortly after each "
	 "other.  Blocks are the repetitions that the statistics count."},
	{"square", "balanced order",
	 "A Williams square: over its blocks each model is at each place "
	 "equally often and follows each other one equally often.  So what a "
	 "slice leaves behind, as a warm cache, hits all alike."},
	{"look", "look",
	 "A moment at which the run may stop because it knows enough.  Who "
	 "looks all the time stops at the first lucky streak; so the moments "
	 "are few and fixed beforehand."},
	{"noise", "noisy",
	 "Disturbed by others: by programs on the same machine, or by guests "
	 "of the same host (steal).  A rule fixed beforehand decides, without "
	 "looking at any result."},
	{"interval", "interval",
	 "The range that contains the true median in at least 95 of 100 "
	 "such runs.  It takes 6 blocks at least."},
	{"family", "at once",
	 "All intervals of a group of ratios hold together in at least 95 of "
	 "100 such runs: each is as much wider as it must be for that "
	 "(Bonferroni's correction)."},
	{"bootstrap", "bootstrap",
	 "What other runs might have shown: blocks are drawn from those that "
	 "there are, each as often as chance wants.  How far the results "
	 "spread is the interval."},
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
	{"open", "open loop",
	 "Tasks come when they come, whether or not those before are done.  "
	 "Their waiting counts."},
};

void report_glossary(FILE *out)
{
	fputs("<section id=\"glossary\">\n<h2>Words</h2>\n<dl>\n", out);
	for (size_t i = 0; i < ARRAY_LEN(glossary); i++)
		fprintf(out, "<dt id=\"%s\">%s</dt><dd>%s</dd>\n",
			glossary[i].id, glossary[i].word, glossary[i].meaning);
	fputs("</dl>\n</section>\n", out);
}
