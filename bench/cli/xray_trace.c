#include "bench/cli/xray_trace.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cli/drill.h"
#include "harness/base.h"

#define UNFINISHED " <unfinished ...>"

/* Threads and processes are told apart by their numbers. */
struct person {
	long pid;
	size_t pending; /* index of the call it is in, plus 1; 0: none */
	bool executed;  /* another program than the one it was born with */
};

struct parser {
	struct xray_trace *trace;
	struct person *persons; /* [trace->n_processes] */
	enum xray_phase phase;
	size_t line;
};

/* Who @pid is; NULL: no memory. */
static struct person *find_person(struct parser *p, long pid, uint32_t *ret)
{
	uint32_t n = p->trace->n_processes;
	struct person *more;

	for (*ret = 0; *ret < n; ++*ret) {
		if (p->persons[*ret].pid == pid)
			return &p->persons[*ret];
	}
	more = reallocarray(p->persons, n + 1, sizeof(*more));
	if (!more)
		return NULL;
	p->persons = more;
	p->persons[n] = (struct person){.pid = pid};
	p->trace->n_processes++;
	return &p->persons[n];
}

static struct xray_call *add_call(struct xray_trace *t)
{
	struct xray_call *more;

	/* Doubled whenever a power of two is full. */
	if ((t->n & (t->n - 1)) == 0) {
		more = reallocarray(t->calls, t->n ? 2 * t->n : 1,
				    sizeof(*more));
		if (!more)
			return NULL;
		t->calls = more;
	}
	t->calls[t->n] = (struct xray_call){0};
	return &t->calls[t->n++];
}

/* What `-yy' says of the first argument, "7<pipe:[123]>, …". */
static const char *kind_of(const char *arguments)
{
	static const struct {
		const char *begins, *kind;
	} kinds[] = {
		{"pipe:", "pipe"},
		{"UNIX", "socket"},
		{"socket:", "socket"},
		{"TCP", "tcp"},
		{"anon_inode:[eventfd]", "event"},
		{"anon_inode:[signalfd]", "signal"},
		{"/", "file"},
	};
	const char *c = arguments;

	while (isdigit((unsigned char)*c))
		c++;
	if (c == arguments || *c++ != '<')
		return "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strncmp(c, kinds[i].begins, strlen(kinds[i].begins)) == 0)
			return kinds[i].kind;
	}
	return "";
}

static const char *find_last(const char *text, const char *what)
{
	const char *last = NULL;

	for (const char *c = text; (c = strstr(c, what)); c++)
		last = c;
	return last;
}

/* Take " = VALUE ERROR (words)" off the end of @c->arguments. */
static int finish_call(struct parser *p, struct xray_call *c)
{
	char *equals = (char *)find_last(c->arguments, " = ");
	char *paren;

	if (!equals)
		return -EBADMSG;
	c->ended = p->line;
	c->ended_in = p->phase;
	c->returned = equals[3] != '?';
	if (strcmp(c->name, "execve") == 0 && equals[3] == '0')
		p->persons[c->process].executed = true;
	c->value = strtoll(equals + 3, NULL, 0);
	if (c->value == -1)
		(void)sscanf(equals + 3, "-1 %15[A-Z0-9]", c->error);
	*equals = '\0';
	paren = strrchr(c->arguments, ')');
	if (paren)
		*paren = '\0';
	(void)snprintf(c->on, sizeof(c->on), "%s", kind_of(c->arguments));
	return 0;
}

/* "recvfrom(7<UNIX:[1->2]>, …": a call begins, and mostly ends as well. */
static int begin_call(struct parser *p, uint32_t process, const char *text)
{
	struct xray_call *c = add_call(p->trace);
	const char *paren = strchr(text, '(');
	char *unfinished;

	if (!c)
		return -ENOMEM;
	if (!paren || (size_t)(paren - text) >= sizeof(c->name))
		return -EBADMSG;
	memcpy(c->name, text, (size_t)(paren - text));
	c->process = process;
	c->after_exec = process > 0 && p->persons[process].executed;
	c->begun = p->line;
	c->begun_in = p->phase;
	c->arguments = strdup(paren + 1);
	if (!c->arguments)
		return -ENOMEM;
	unfinished = (char *)find_last(c->arguments, UNFINISHED);
	if (!unfinished || unfinished[strlen(UNFINISHED)])
		return finish_call(p, c);
	*unfinished = '\0';
	c->ended = SIZE_MAX;
	c->ended_in = XRAY_AFTER;
	p->persons[process].pending = p->trace->n;
	return 0;
}

/* "<... recvfrom resumed>…": the rest of a call. */
static int resume_call(struct parser *p, struct person *who, const char *text)
{
	static const char resumed[] = " resumed>";
	const char *rest = strstr(text, resumed);
	struct xray_call *c;
	char *whole;

	if (!rest || who->pending == 0)
		return -EBADMSG;
	c = &p->trace->calls[who->pending - 1];
	who->pending = 0;
	if (asprintf(&whole, "%s%s", c->arguments, rest + strlen(resumed)) < 0)
		return -ENOMEM;
	free(c->arguments);
	c->arguments = whole;
	return finish_call(p, c);
}

/* Is @text one of the marks of drill?  Then the next phase begins. */
static bool take_mark(struct parser *p, const char *text)
{
	static const char *const marks[] = {
		[XRAY_OPEN] = DRILL_OPEN, [XRAY_TASKS] = DRILL_TASKS,
		[XRAY_LAST] = DRILL_LAST, [XRAY_CLOSE] = DRILL_CLOSE,
		[XRAY_AFTER] = DRILL_END,
	};
	static const char call[] = "write(-1, \"";

	if (strncmp(text, call, strlen(call)) != 0)
		return false;
	text += strlen(call);
	for (size_t i = XRAY_OPEN; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);

		if (strncmp(text, marks[i], n) == 0 && text[n] == '"') {
			p->phase = (enum xray_phase)i;
			p->trace->whole = i == XRAY_AFTER;
			return true;
		}
	}
	return false;
}

static int take_line(struct parser *p, const char *line)
{
	char *text;
	long pid = strtol(line, &text, 10);
	struct person *who;
	uint32_t process;

	p->line++;
	if (pid <= 0 || *text != ' ')
		return -EBADMSG;
	text += strspn(text, " ");
	who = find_person(p, pid, &process);
	if (!who)
		return -ENOMEM;
	/* Signals and ends of processes are no calls. */
	if (text[0] == '-' || text[0] == '+' || take_mark(p, text))
		return 0;
	/* The rest of a mark that another process interrupted. */
	if (strncmp(text, "<... write resumed>", 19) == 0 && who->pending == 0)
		return 0;
	if (text[0] == '<')
		return resume_call(p, who, text);
	return begin_call(p, process, text);
}

int xray_trace_parse(const char *text, size_t bytes, struct xray_trace *ret)
{
	struct xray_trace t = {0};
	struct parser p = {.trace = &t};
	const char *end = text + bytes;
	int r = 0;

	while (r == 0 && text < end) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		char *line = strndup(text, (size_t)((lf ? lf : end) - text));

		r = line ? take_line(&p, line) : -ENOMEM;
		free(line);
		text = lf ? lf + 1 : end;
	}
	free(p.persons);
	if (r < 0) {
		xray_trace_done(&t);
		return r;
	}
	*ret = t;
	return 0;
}

void xray_trace_done(struct xray_trace *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->calls[i].arguments);
	free(t->calls);
	*t = (struct xray_trace){0};
}
