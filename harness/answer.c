#include "harness/answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/answer_internal.h"
#include "harness/base.h"
#include "harness/decision.h"
#include "harness/number.h"

#define COLUMNS 78

/* Take over what was written to @item; an item without text is dropped. */
static int add_item(struct answer *a, struct answer_item item)
{
	if (!item.head || !item.text) {
		free(item.head);
		free(item.text);
		return -ENOMEM;
	}
	if (!item.text[0]) {
		free(item.head);
		free(item.text);
		return 0;
	}
	a->items[a->n++] = item;
	return 0;
}

static int add_run(struct answer *a, const struct summary *s)
{
	struct answer_item item = {.head = strdup("")};
	size_t size;
	FILE *out = open_memstream(&item.text, &size);

	if (out) {
		answer_say_run(s, out);
		/* A failed close shows as a text that is not there. */
		(void)fclose(out);
	}
	return add_item(a, item);
}

static void head_scaling(const struct view *v, FILE *out)
{
	fprintf(out, "%s, %s a task", v->workload,
		number_time(view_task_ns(v)).text);
}

static void head_granularity(const struct view *v, FILE *out)
{
	fprintf(out, "%s, how small tasks may be", v->workload);
}

static void head_load(const struct view *v, FILE *out)
{
	fprintf(out, "%s, when tasks come at random times", v->workload);
}

static void head_faults(const struct view *v, FILE *out)
{
	fprintf(out, "%s, when workers die", v->workload);
}

static void head_policies(const struct view *v, FILE *out)
{
	fprintf(out, "%s, by a server of %" PRIu32 " worker%s", v->workload,
		v->focus, v->focus == 1 ? "" : "s");
}

static void head_peers(const struct view *v, FILE *out)
{
	fprintf(out, "%s, beside what people use otherwise", v->workload);
}

static void head_payload(const struct view *v, FILE *out)
{
	(void)v;
	fputs("Moving the data", out);
}

/* Which experiments have something to say, in this order. */
static const struct topic {
	const char *experiment;
	void (*head)(const struct view *v, FILE *out);
	void (*say)(const struct view *v, FILE *out);
} topics[] = {
	{"scaling", head_scaling, answer_say_workload},
	{"granularity", head_granularity, answer_say_granularity},
	{"load", head_load, answer_say_load},
	{"policies", head_policies, answer_say_policies},
	{"peers", head_peers, answer_say_peers},
	{"payload", head_payload, answer_say_payload},
	{"faults", head_faults, answer_say_faults},
};

/* What @write says of @v, to be freed; NULL: no memory. */
static char *text_of(void (*write)(const struct view *v, FILE *out),
		     const struct view *v)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		write(v, out);
		(void)fclose(out); /* as in add_run() */
	}
	return text;
}

/* What there is to say of workload number @i of @topic. */
static int add_topic(struct answer *a, const struct summary *s,
		     const struct topic *topic, size_t i)
{
	struct answer_item item;
	struct view v;
	int r = view_make(s, topic->experiment, i, &v);

	if (r < 0)
		return r;
	item.head = text_of(topic->head, &v);
	item.text = text_of(topic->say, &v);
	view_done(&v);
	return add_item(a, item);
}

int answer_make(const struct summary *s, struct answer *ret)
{
	struct answer a = {.items = NULL};
	size_t n = 1;
	int r;

	for (size_t t = 0; t < ARRAY_LEN(topics); t++)
		n += view_workloads(s, topics[t].experiment);
	a.items = calloc(n, sizeof(*a.items));
	r = a.items ? add_run(&a, s) : -ENOMEM;
	for (size_t t = 0; t < ARRAY_LEN(topics); t++) {
		n = view_workloads(s, topics[t].experiment);
		for (size_t i = 0; i < n && r == 0; i++)
			r = add_topic(&a, s, &topics[t], i);
	}
	if (r < 0) {
		answer_done(&a);
		return r;
	}
	*ret = a;
	return 0;
}

void answer_done(struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->items[i].head);
		free(a->items[i].text);
	}
	free(a->items);
	*a = (struct answer){0};
}

/* How long the word at @text is; a number takes the unit behind it along. */
static size_t word_length(const char *text)
{
	size_t n = strcspn(text, " ");

	if (n > 0 && strchr("0123456789", text[n - 1]) && text[n] == ' ')
		n += 1 + strcspn(text + n + 1, " ");
	return n;
}

void answer_wrap(FILE *out, const char *text, int first, int rest)
{
	size_t column = (size_t)first;
	bool begun = false; /* a word is on this line already */

	fprintf(out, "%*s", first, "");
	while (*text) {
		char word[256];
		size_t n = word_length(text), width;

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		width = number_columns(word);
		if (begun && column + 1 + width > COLUMNS) {
			fprintf(out, "\n%*s", rest, "");
			column = (size_t)rest;
			begun = false;
		}
		fprintf(out, "%s%s", begun ? " " : "", word);
		column += width + begun;
		begun = true;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* The table of choices, a paragraph for each row. */
static void write_decision(const struct summary *s, FILE *out)
{
	struct decision d;

	if (decision_make(s, &d) < 0)
		return;
	for (size_t i = 0; i < d.n; i++) {
		const struct decision_row *row = &d.rows[i];

		fprintf(out, "Tasks of %s (%s, %s)\n", row->class_name,
			row->workload, number_time(row->task_ns).text);
		for (int need = 0; need < DECISION_NEEDS; need++) {
			char *line =
				decision_line(row, (enum decision_need)need);

			if (line && row->choices[need].n > 0)
				answer_wrap(out, line, 2, 6);
			free(line);
		}
		fputc('\n', out);
	}
	decision_done(&d);
}

void answer_text(const struct summary *s, FILE *out)
{
	struct answer a = {0};
	struct notes notes;
	int indent;

	if (answer_make(s, &a) < 0)
		return;
	for (size_t i = 0; i < a.n; i++) {
		if (a.items[i].head[0])
			fprintf(out, "%s\n", a.items[i].head);
		indent = a.items[i].head[0] ? 2 : 0;
		answer_wrap(out, a.items[i].text, indent, indent);
		fputc('\n', out);
	}
	answer_done(&a);
	write_decision(s, out);
	notes_make(s, &notes);
	for (size_t i = 0; i < notes.n; i++) {
		char line[300];

		snprintf(line, sizeof(line), "%s: %s",
			 note_level_name(notes.items[i].level),
			 notes.items[i].text);
		answer_wrap(out, line, 0, 6);
	}
}
