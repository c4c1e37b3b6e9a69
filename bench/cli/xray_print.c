#include "bench/cli/xray_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/xray_story.h"
#include "harness/base.h"

/* Columns of a page of 80: two, and a line between them. */
#define COLUMN 38

/* Calls that tell what a model is: the headline has them. */
static const char telling[] =
	" clone clone3 fork vfork execve wait4 waitid exit_group exit read readv "
	"recvfrom recvmsg write writev sendto sendmsg accept accept4 futex ";

/* @words for the values from @min to @max, "%n" filled in. */
static void fill_in(const char *words, int64_t min, int64_t max, char *ret,
		    size_t size)
{
	const char *hole = strstr(words, "%n");
	char n[48] = "";

	if (!hole) {
		(void)snprintf(ret, size, "%s", words);
		return;
	}
	if (min == max)
		(void)snprintf(n, sizeof(n), "%" PRId64, min);
	else
		(void)snprintf(n, sizeof(n), "%" PRId64 " to %" PRId64, min,
			       max);
	(void)snprintf(ret, size, "%.*s%s%s", (int)(hole - words), words, n,
		       hole + 2);
}

/*
 * Print what fits of *@text into @width columns, no word cut, and go on behind
 * it.  Returns how many columns are left.
 */
static int print_part(const char **text, int indent, int width, FILE *out)
{
	const char *end = *text, *c = *text;
	int used = 0;

	width -= indent;
	for (int n = 0; n <= width; c++) {
		if (*c == ' ' || *c == '\0') {
			end = c;
			used = n;
		}
		if (*c == '\0')
			break;
		n++;
	}
	fprintf(out, "%*s%.*s", indent, "", (int)(end - *text), *text);
	*text = *end ? end + 1 : end;
	return width - used;
}

static void print_step(const struct xray_story *s, const struct xray_step *step,
		       const char *line, FILE *out)
{
	const struct xray_call *c = step->call;
	const char *left = "", *right = "";
	char words[160], text[256], times[24] = "", who[24] = "";
	int indent = 0;

	fill_in(xray_words_text(step->words, c->process == 0), c->value,
		c->value, words, sizeof(words));
	if (step->times > 1)
		(void)snprintf(times, sizeof(times), " x %" PRIu32,
			       step->times);
	if (c->process > 0 && s->n_workers > 1)
		(void)snprintf(who, sizeof(who), "(%" PRIu32 ") ",
			       step->worker);
	(void)snprintf(text, sizeof(text), "%s%s%s: %s", who, step->name, times,
		       words);
	*(c->process == 0 ? &left : &right) = text;
	while (*left || *right) {
		int rest = print_part(&left, indent, COLUMN, out);

		fprintf(out, "%*s %s%s", rest, "", line, *right ? " " : "");
		if (*right)
			(void)print_part(&right, indent, COLUMN, out);
		fputc('\n', out);
		indent = 4;
	}
}

static void print_story(const struct xray_subject *subject, bool utf8,
			FILE *out)
{
	struct xray_story s;

	CHECK(xray_story_make(subject->story, &s) == 0);
	fputs("ONE TASK, time runs down\n\n", out);
	fprintf(out, "%-*s %s %s\n", COLUMN, "dispatcher", utf8 ? "│" : "|",
		subject->worker);
	for (int i = 0; i < 2 * COLUMN + 3; i++) {
		const char *plain = i == COLUMN + 1 ? "+" : "-";

		fputs(!utf8 ? plain : i == COLUMN + 1 ? "┼" : "─", out);
	}
	fputc('\n', out);
	for (size_t i = 0; i < s.n; i++)
		print_step(&s, &s.steps[i], utf8 ? "│" : "|", out);
	if (s.n == 0)
		fputs("no system call at all: reading the clock needs none\n",
		      out);
	fputc('\n', out);
	xray_story_done(&s);
}

/* "1", "0.2", and by chance "~1" or "~0.8-1.2". */
static void print_number(const struct xray_row *row, char *ret, size_t size)
{
	const char *about = row->by_chance ? "~" : "";
	char min[24], max[24];

	(void)snprintf(min, sizeof(min), "%.3g", row->min);
	(void)snprintf(max, sizeof(max), "%.3g", row->max);
	if (strcmp(min, max) == 0)
		(void)snprintf(ret, size, "%s%s", about, max);
	else
		(void)snprintf(ret, size, "%s%s-%s", about, min, max);
}

/*
 * The calls @name of both sides together, per task: those that are sure, or if
 * none is, those by chance.
 */
static struct xray_row sum_up(const struct xray_count *c, const char *name)
{
	struct xray_row sure = {0}, chance = {.by_chance = true};

	for (size_t i = 0; i < c->n; i++) {
		const struct xray_row *row = &c->rows[i];
		struct xray_row *sum = row->by_chance ? &chance : &sure;

		if (strcmp(row->name, name) != 0 ||
		    row->words->outcome == XRAY_FAILED)
			continue;
		sum->min += row->min;
		sum->max += row->max;
	}
	return sure.max > 0 ? sure : chance;
}

static void print_headline(const struct xray_subject *s, FILE *out)
{
	const struct xray_count *c = s->count;
	const char *comma = "";
	double sure = 0;

	fprintf(out, "%s: %s\n\nPER TASK:", s->model, s->summary);
	for (size_t i = 0; i < c->n; i++) {
		const char *call = c->rows[i].name;
		struct xray_row sum = sum_up(c, call);
		char name[48], number[64];
		size_t k = 0;

		if (!c->rows[i].by_chance)
			sure += c->rows[i].max;
		while (strcmp(c->rows[k].name, call) != 0)
			k++;
		(void)snprintf(name, sizeof(name), " %s ", call);
		if (k < i || sum.max <= 0 || !strstr(telling, name))
			continue;
		print_number(&sum, number, sizeof(number));
		fprintf(out, "%s %s %s", comma, number, call);
		comma = ",";
	}
	if (sure > 0)
		fprintf(out, "; %.3g calls in all", sure);
	fprintf(out, "%s\n\n", *comma || sure > 0 ? "" : " no system call");
}

/* What each task costs one side. */
static void print_side(const struct xray_count *c, bool dispatcher, FILE *out)
{
	bool any = false, chance = false;
	double sure = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct xray_row *row = &c->rows[i];
		char words[160], number[64];
		const char *rest = words;

		if (row->dispatcher != dispatcher || row->max <= 0)
			continue;
		if (!any)
			fprintf(out, "EACH TASK: %s\n",
				dispatcher ? "dispatcher" : "worker");
		any = true;
		fill_in(xray_words_text(row->words, dispatcher), row->value_min,
			row->value_max, words, sizeof(words));
		print_number(row, number, sizeof(number));
		fprintf(out, "%9s %-17s ", number, row->name);
		(void)print_part(&rest, 0, 52, out);
		while (*rest) {
			fprintf(out, "\n%28s", "");
			(void)print_part(&rest, 0, 52, out);
		}
		fputc('\n', out);
		chance |= row->by_chance;
		if (!row->by_chance)
			sure += row->max;
	}
	if (sure > 0)
		fprintf(out, "%9.3g in all%s\n", sure,
			chance ? ", without those marked ~" : "");
	if (any)
		fputc('\n', out);
}

/*
 * How often one side makes the call of row @i once, whatever it means; 0 if an
 * earlier row has told.
 */
static uint64_t once_of(const struct xray_count *c, size_t i, bool dispatcher)
{
	uint64_t n = 0;

	if (c->rows[i].dispatcher != dispatcher || c->rows[i].once == 0)
		return 0;
	for (size_t k = 0; k < c->n; k++) {
		const struct xray_row *row = &c->rows[k];

		if (row->dispatcher != dispatcher || row->once == 0 ||
		    strcmp(row->name, c->rows[i].name) != 0)
			continue;
		if (k < i)
			return 0;
		n += row->once;
	}
	return n;
}

/* The calls of one side that every run makes, whatever its tasks. */
static void print_once(const struct xray_count *c, bool dispatcher, FILE *out)
{
	int used = 0;

	for (size_t i = 0; i < c->n; i++) {
		uint64_t calls = once_of(c, i, dispatcher);
		char item[64];
		int n;

		if (calls == 0)
			continue;
		if (used == 0)
			fprintf(out, "ONCE: %s, to begin and to end\n",
				dispatcher ? "dispatcher" : "worker");
		n = snprintf(item, sizeof(item), "%" PRIu64 " %s", calls,
			     c->rows[i].name);
		fprintf(out, "%s%s",
			used == 0       ? "        "
			: used + n > 68 ? ",\n        "
					: ", ",
			item);
		used = used + n > 68 ? n + 2 : used + n + 2;
	}
	if (used > 0)
		fputs("\n\n", out);
}

void xray_print_text(const struct xray_subject *s, bool utf8, FILE *out)
{
	const struct xray_count *c = s->count;
	bool chance = false;

	print_headline(s, out);
	print_story(s, utf8, out);
	print_side(c, true, out);
	print_side(c, false, out);
	for (size_t i = 0; i < c->n; i++)
		chance |= c->rows[i].by_chance && c->rows[i].max > 0;
	if (chance)
		fputs("  ~ depends on who is faster: another number the next "
		      "time\n\n",
		      out);
	print_once(c, true, out);
	print_once(c, false, out);
	fprintf(out,
		"Seen by strace in runs of %" PRIu64 ", %" PRIu64
		" and %" PRIu64 " tasks of %s by %" PRIu32 " worker%s, %" PRIu32
		" at a time.\n"
		"What each run has more than the one before, its tasks cost.\n",
		s->tasks, 2 * s->tasks, 3 * s->tasks, s->workload, s->workers,
		s->workers == 1 ? "" : "s", s->workers * s->depth);
}

static json_t *json_story(const struct xray_trace *t)
{
	json_t *list = json_array();
	struct xray_story s;

	CHECK(xray_story_make(t, &s) == 0);
	for (size_t i = 0; i < s.n; i++) {
		const struct xray_step *step = &s.steps[i];
		const struct xray_call *c = step->call;
		char words[160];

		fill_in(xray_words_text(step->words, c->process == 0), c->value,
			c->value, words, sizeof(words));
		(void)json_array_append_new(
			list,
			json_pack("{s:i, s:s, s:s, s:i, s:I}", "worker",
				  (int)step->worker, "call", step->name,
				  "words", words, "times", (int)step->times,
				  "value", (json_int_t)c->value));
	}
	xray_story_done(&s);
	return list;
}

json_t *xray_print_json(const struct xray_subject *s)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < s->count->n; i++) {
		const struct xray_row *row = &s->count->rows[i];
		char words[160];

		fill_in(xray_words_text(row->words, row->dispatcher),
			row->value_min, row->value_max, words, sizeof(words));
		(void)json_array_append_new(
			calls,
			json_pack("{s:s, s:s, s:s, s:f, s:f, s:b, s:b, s:I}",
				  "who",
				  row->dispatcher ? "dispatcher" : "worker",
				  "call", row->name, "words", words, "per_task",
				  row->min, "per_task_max", row->max,
				  "by_chance", row->by_chance, "failed",
				  row->words->outcome == XRAY_FAILED, "once",
				  (json_int_t)row->once));
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:i, s:i, s:o, s:o}", "model",
			 s->model, "workload", s->workload, "size",
			 (json_int_t)s->size, "tasks", (json_int_t)s->tasks,
			 "workers", (int)s->workers, "depth", (int)s->depth,
			 "story", json_story(s->story), "calls", calls);
}
