/*
 * A comparison as a table for people.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "harness/answer.h"
#include "harness/base.h"
#include "harness/compare.h"
#include "harness/number.h"

#define NAMED 3 /* cells that are named before "and N more" */

void compare_gap_text(enum compare_gap gap, char letter, char text[64])
{
	static const char *const formats[COMPARE_GAPS] = {
		[COMPARE_ONLY_A] = "only in A",
		[COMPARE_ONLY_B] = "only in %c",
		[COMPARE_NO_RATIO_A] = "without a ratio in A",
		[COMPARE_NO_RATIO_B] = "without a ratio in %c",
		[COMPARE_OPEN_LOOP] = "with a given load (open loop)",
		[COMPARE_OTHER_WORK] = "with other results of tasks in %c",
	};

	CHECK((size_t)gap < COMPARE_GAPS);
	snprintf(text, 64, formats[gap], letter);
}

void compare_counts_text(const struct comparison *c, char *buf, size_t size)
{
	snprintf(buf, size,
		 "%zu slower, %zu cannot tell, %zu no difference, %zu faster",
		 compare_count(c, VERDICT_SLOWER),
		 compare_count(c, VERDICT_CANNOT_TELL),
		 compare_count(c, VERDICT_NO_DIFFERENCE),
		 compare_count(c, VERDICT_FASTER));
}

/* @x in at most 7 characters: three digits, two where it is small. */
static const char *figure(double x, char buf[16])
{
	if (!isfinite(x))
		return "-";
	if (x >= 99.95)
		snprintf(buf, 16, "%.0f", x);
	else
		snprintf(buf, 16, x < 0.0995 ? "%.2g" : "%#.3g", x);
	return buf;
}

/* The same in at most 5, for intervals, whose ends can be anywhere. */
static const char *bound(double x, char buf[16])
{
	if (x < 0.00995)
		return "<.01";
	return x < 999.5 ? figure(x, buf) : ">999";
}

static void sentence(FILE *out, int rest, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One paragraph of at most 78 columns. */
static void sentence(FILE *out, int rest, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	answer_wrap(out, text, 0, rest);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* What must be known of one run before its numbers are read. */
static void run_notes(const struct summary *s, char letter, FILE *out)
{
	const struct run_info *i = &s->run->info;

	if (!i->complete)
		sentence(out, 2,
			 "%c is not complete: %" PRIu32 " of %" PRIu32
			 " blocks%s%s.",
			 letter, i->blocks_done, i->blocks_planned,
			 *i->stopped ? ", stopped: " : "", i->stopped);
	if (s->failed > 0 || s->wrong_digests > 0)
		sentence(out, 2,
			 "%c has tasks that failed (%" PRIu64
			 ") or gave a wrong result (%" PRIu64 ").",
			 letter, s->failed, s->wrong_digests);
}

static void notes(const struct comparison *c, char letter, FILE *out)
{
	const struct run_info *a = &c->a->run->info, *b = &c->b->run->info;

	if (c->same_run)
		sentence(out, 2,
			 "A and %c are the same run: it is compared with "
			 "itself.",
			 letter);
	run_notes(c->a, 'A', out);
	run_notes(c->b, letter, out);
	if (strcmp(a->reference, b->reference) != 0)
		sentence(
			out, 2,
			"The reports of A and %c have different references, %s "
			"and %s; here it is %s.",
			letter, a->reference, b->reference, c->reference);
	if (a->timing.window_ns != b->timing.window_ns)
		sentence(out, 2,
			 "The windows differ: %s in A and %s in %c; what a "
			 "slice does at its ends weighs more in a short one.",
			 number_time_short((double)a->timing.window_ns).text,
			 number_time_short((double)b->timing.window_ns).text,
			 letter);
	if (*c->absolute)
		sentence(out, 2, "Tasks per second are not compared: %s.",
			 c->absolute);
}

/* "scaling primes threads 2" */
static void cell_text(const struct cell_spec *s, char text[160])
{
	snprintf(text, 160, "%s %s %s %" PRIu32, s->experiment, s->workload,
		 s->model, s->workers);
}

/* A line for each reason to leave cells out, with the first of them. */
static void left_out(const struct comparison *c, char letter, FILE *out)
{
	for (int gap = 0; gap < COMPARE_GAPS; gap++) {
		char names[NAMED * 164] = "", why[64];
		size_t n = 0, used = 0;

		for (size_t i = 0; i < c->n_left_out; i++) {
			char name[160];

			if (c->left_out[i].gap != (enum compare_gap)gap ||
			    n++ >= NAMED)
				continue;
			cell_text(&c->left_out[i].cell->spec, name);
			used += (size_t)snprintf(&names[used],
						 sizeof(names) - used, "%s%s",
						 n > 1 ? ", " : "", name);
		}
		compare_gap_text((enum compare_gap)gap, letter, why);
		if (n > NAMED)
			sentence(out, 2,
				 "Left out, %s: %zu cells, %s and %zu more.",
				 why, n, names, n - NAMED);
		else if (n > 0)
			sentence(out, 2, "Left out, %s: %zu cell%s, %s.", why,
				 n, plural(n), names);
	}
}

/* The columns of a row and of the heading above it: 80 with usual names. */
static void print_row(FILE *out, const char *model, const char *workload,
		      const char *workers, const char *const figures[3],
		      const char *interval, const char *verdict)
{
	/* Long names have a line of their own. */
	if (strlen(model) > 15 || strlen(workload) > 10) {
		fprintf(out, "%s %s\n", model, workload);
		model = workload = "";
	}
	fprintf(out, "%-15s %-10s %3s%7s%7s%7s", model, workload, workers,
		figures[0], figures[1], figures[2]);
	if (*verdict)
		fprintf(out, " %-14s %s", interval, verdict);
	fputc('\n', out);
}

/* Do model, workload and workers not say which row this is? */
static bool is_ambiguous(const struct comparison *c, size_t i)
{
	const struct cell_spec *a = &c->rows[i].a->spec;

	for (size_t k = 0; k < c->n; k++) {
		const struct cell_spec *b = &c->rows[k].a->spec;

		if (k != i && a->workers == b->workers &&
		    strcmp(a->model, b->model) == 0 &&
		    strcmp(a->workload, b->workload) == 0)
			return true;
	}
	return false;
}

static void ratio_row(const struct comparison *c, size_t i, FILE *out)
{
	const struct compare_row *r = &c->rows[i];
	const struct cell_spec *spec = &r->a->spec;
	char a[16], b[16], ratio[16], low[16], high[16], workers[16];
	const char *figures[] = {figure(r->ratio_a, a), figure(r->ratio_b, b),
				 figure(r->ratio.median, ratio)};
	char interval[40] = "";

	if (isfinite(r->ratio.low) && isfinite(r->ratio.high))
		snprintf(interval, sizeof(interval), "[%s, %s]",
			 bound(r->ratio.low, low), bound(r->ratio.high, high));
	snprintf(workers, sizeof(workers), "%" PRIu32, spec->workers);
	print_row(out, spec->model, spec->workload, workers, figures, interval,
		  verdict_name(r->verdict));
	if (is_ambiguous(c, i))
		fprintf(out, "  %s, size %" PRIu64 ", depth %" PRIu32 "%s%s\n",
			spec->experiment, spec->size, spec->depth,
			spec->ballast_bytes > 0 ? ", ballast " : "",
			spec->ballast_bytes > 0
				? number_bytes((double)spec->ballast_bytes).text
				: "");
}

static void ratio_table(const struct comparison *c, char letter, FILE *out)
{
	char name[2] = {letter, '\0'}, quotient[4] = {letter, '/', 'A', '\0'};
	const char *heading[] = {"A", name, quotient};
	char counts[120];

	compare_counts_text(c, counts, sizeof(counts));
	sentence(
		out, 0,
		"Tasks per second as a ratio to %s, in A and in %c, and what "
		"became of it: above 1, %c does more. Intervals hold with 95 "
		"%% for the whole table; differences below 3 %% do not matter.",
		c->reference, letter, letter);
	fprintf(out, "%s.\n\n", counts);
	print_row(out, "model", "workload", "W", heading, "interval",
		  "verdict");
	for (size_t i = 0; i < c->n; i++)
		ratio_row(c, i, out);
}

/* Medians alone: how fast a machine is drifts, and no block evens it out. */
static void absolute_table(const struct comparison *c, char letter, FILE *out)
{
	char name[2] = {letter, '\0'}, quotient[4] = {letter, '/', 'A', '\0'};
	const char *heading[] = {"A", name, quotient};

	fputc('\n', out);
	sentence(out, 0,
		 "The machine is as it was. Tasks per second, medians; without "
		 "verdicts, because a machine's speed drifts from run to run.");
	fputc('\n', out);
	print_row(out, "model", "workload", "W", heading, "", "");
	for (size_t i = 0; i < c->a->n; i++) {
		const struct cell_summary *x = &c->a->cells[i];
		const struct cell_summary *y = compare_partner(c, x);
		char a[16], b[16], ratio[16], workers[16];
		double was = x->throughput_per_s.median;
		double is = y ? y->throughput_per_s.median : NAN;
		const char *figures[] = {figure(was, a), figure(is, b),
					 figure(is / was, ratio)};

		if (!(was > 0 && is > 0))
			continue;
		snprintf(workers, sizeof(workers), "%" PRIu32, x->spec.workers);
		print_row(out, x->spec.model, x->spec.workload, workers,
			  figures, "", "");
	}
}

void compare_run_line(const struct summary *s, char letter, const char *dir,
		      FILE *out)
{
	const struct run_info *i = &s->run->info;

	fprintf(out, "%c  %s\n   %s, %s, %" PRIu32 " block%s\n", letter, dir,
		i->host.name, i->started, i->blocks_done,
		plural(i->blocks_done));
}

void compare_table(const struct comparison *c, char letter, FILE *out)
{
	ratio_table(c, letter, out);
	if (!*c->absolute)
		absolute_table(c, letter, out);
	fputc('\n', out);
	left_out(c, letter, out);
	notes(c, letter, out);
}

/* "scaling primes (size 1000), scaling walk (size 7)": what a run measured. */
static void say_groups(const struct summary *s, FILE *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct cell_spec *a = &s->cells[i].spec, *b = NULL;

		for (size_t k = 0; k < i && !b; k++) {
			b = &s->cells[k].spec;
			if (a->size != b->size ||
			    strcmp(a->workload, b->workload) != 0 ||
			    strcmp(a->experiment, b->experiment) != 0)
				b = NULL;
		}
		if (!b && n++ < NAMED)
			fprintf(out, "%s%s %s (size %" PRIu64 ")",
				n > 1 ? ", " : "", a->experiment, a->workload,
				a->size);
	}
	fputs(n == 0 ? "nothing" : n > NAMED ? ", …" : "", out);
}

void compare_say_nothing(const struct comparison *c, char letter, FILE *out)
{
	size_t n[COMPARE_GAPS] = {0};

	fputs("A measured ", out);
	say_groups(c->a, out);
	fprintf(out, "; %c measured ", letter);
	say_groups(c->b, out);
	if (!c->reference)
		fprintf(out,
			"; neither reference, %s of A or %s of %c, is in both",
			c->a->reference, c->b->reference, letter);
	for (size_t i = 0; i < c->n_left_out; i++)
		n[c->left_out[i].gap]++;
	for (int gap = 0; gap < COMPARE_GAPS; gap++) {
		char why[64];

		compare_gap_text((enum compare_gap)gap, letter, why);
		if (n[gap] > 0)
			fprintf(out, "; %zu cell%s %s", n[gap], plural(n[gap]),
				why);
	}
}
