/*
 * One slice in a process of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/run.h"

/* A slice prints one JSON object, mostly its histogram: some ten KiB. */
#define MAX_SLICE_OUTPUT (1 << 22)
#define MAX_SLICE_ERRORS 4096

/*
 * A slice opens, settles and drains within its timeout each; the rest is for
 * starting the program and the serial reference on a busy machine, and for
 * collecting a worker that was killed.  Of models that cannot end a task that
 * hangs, the slice ends only here, in every block: so wait less where tasks hang
 * on purpose.
 */
#define START_NS (10 * NS_PER_S)
#define FAULTY_START_NS (3 * NS_PER_S)

static uint64_t slice_limit_ns(const struct slice_timing *t,
			       const struct cell_spec *c)
{
	uint64_t start_ns = c->limit_ns ? FAULTY_START_NS : START_NS;

	return 3 * slice_timeout_ns(c, t) + t->settle_ns +
	       slice_window_ns(c, t) + start_ns;
}

/* The arguments of `manyhands slice', with room for their text. */
struct slice_argv {
	char text[32][PATH_MAX];
	char *argv[36]; /* NULL-terminated */
	size_t n;
};

static void push(struct slice_argv *a, const char *format, ...)
{
	va_list args;
	size_t i = a->n++;

	CHECK(i < ARRAY_LEN(a->text));
	va_start(args, format);
	CHECK(vsnprintf(a->text[i], sizeof(a->text[i]), format, args) <
	      (int)sizeof(a->text[i]));
	va_end(args);
	a->argv[i] = a->text[i];
}

static void push_number(struct slice_argv *a, const char *option,
			uint64_t number)
{
	if (number != 0)
		push(a, "--%s=%" PRIu64, option, number);
}

/* What only some experiments need, where it is not zero. */
static void push_special(const struct cell_spec *c,
			 const struct slice_choice *choice,
			 struct slice_argv *a)
{
	if (strcmp(c->runs, c->model) != 0)
		push(a, "--runs=%s", c->runs);
	if (c->load_of[0])
		push(a, "--load-of=%s", c->load_of);
	if (c->settings[0])
		push(a, "--set=%s", c->settings);
	push_number(a, "extra-ppm", c->extra_ppm);
	push_number(a, "load-percent", c->load_percent);
	push_number(a, "interval-ns", c->interval_ns);
	push_number(a, "own-window-ns", c->window_ns);
	if (c->fault[0])
		push(a, "--fault=%s", c->fault);
	push_number(a, "fault-reach", c->fault_reach);
	push_number(a, "fault-every-ns", c->fault_every_ns);
	push_number(a, "limit-ns", c->limit_ns);
	push_number(a, "ballast-bytes", c->ballast_bytes);
	push_number(a, "ballast-huge", c->ballast_huge);
	push_number(a, "rank", c->rank);
	if (c->interval_ns > 0)
		push_number(a, "arrival-seed", choice->arrival_seed);
	push_number(a, "trace", choice->trace);
	push_number(a, "memory", choice->memory);
}

/* Everything a slice must know, so that anyone can repeat one by hand. */
static void make_argv(const struct run_options *o, const struct cell_spec *c,
		      const struct slice_choice *choice, struct slice_argv *a)
{
	const struct slice_timing *t = &o->timing;

	*a = (struct slice_argv){.n = 0};
	push(a, "%s", o->program);
	push(a, "slice");
	for (const char *const *word = o->words; word && *word; word++)
		push(a, "%s", *word);
	push(a, "--experiment=%s", c->experiment);
	push(a, "--model=%s", c->model);
	push(a, "--workload=%s", c->workload);
	push(a, "--size=%" PRIu64, c->size);
	push(a, "--workers=%" PRIu32, c->workers);
	push(a, "--depth=%" PRIu32, c->depth);
	push(a, "--pin=%s", c->pin);
	push(a, "--settle-ns=%" PRIu64, t->settle_ns);
	push(a, "--window-ns=%" PRIu64, t->window_ns);
	push(a, "--timeout-ns=%" PRIu64, t->timeout_ns);
	push_special(c, choice, a);
}

/*
 * The first line of what the process said on standard error, if anything;
 * nothing but printable ASCII.
 */
static void note_message(const struct child_result *child,
			 struct slice_result *ret)
{
	size_t n = strcspn(child->err, "\n");

	if (n > 0)
		snprintf(ret->message, sizeof(ret->message), "%.*s", (int)n,
			 child->err);
	for (char *p = ret->message; *p; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	}
}

/* A process that did not give a result: why, as a row of the result. */
static void note_failure(const struct child_result *child,
			 struct slice_result *ret)
{
	if (child->late) {
		ret->status = SLICE_LATE;
	} else if (WIFSIGNALED(child->wait_status)) {
		ret->status = SLICE_CRASHED;
		ret->status_value = WTERMSIG(child->wait_status);
	} else {
		ret->status = SLICE_EXITED;
		ret->status_value = WEXITSTATUS(child->wait_status);
	}
}

/*
 * Fill @ret from what the process printed; false: it was no result of @cell,
 * and @ret's message says why.
 */
static bool parse_output(const struct child_result *child,
			 const struct cell_spec *cell, struct slice_result *ret)
{
	struct slice_result s;
	char error[128] = "not the cell that was asked for";
	json_error_t where;
	json_t *json;
	int r;

	if (child->wait_status != 0 || child->late)
		return false;
	json = json_loadb(child->out, child->out_bytes, 0, &where);
	if (!json)
		snprintf(error, sizeof(error), "%.100s", where.text);
	r = json ? slice_from_json(json, &s, error, sizeof(error)) : -EINVAL;
	json_decref(json);
	if (r == 0 && memcmp(&s.cell, cell, sizeof(*cell)) == 0) {
		*ret = s;
		return true;
	}
	if (r == 0)
		slice_result_done(&s);
	snprintf(ret->message, sizeof(ret->message), "no result: %s", error);
	return false;
}

int run_slice(const struct run_options *options, const struct cell_spec *cell,
	      const struct slice_choice *choice, uint32_t padding,
	      struct slice_result *ret)
{
	char pad[sizeof("MANYHANDS_PADDING=") + RUN_MAX_PADDING];
	char *env[] = {pad, NULL};
	struct slice_argv args;
	struct child_options start = {
		.argv = args.argv,
		/* What a task has started may have a group of its own. */
		.group = CHILD_NEW_SESSION,
		.env = env,
		.limit_ns = slice_limit_ns(&options->timing, cell),
		.out_cap = MAX_SLICE_OUTPUT,
		.err_cap = MAX_SLICE_ERRORS,
	};
	struct child_result child;
	int r;

	CHECK(padding < RUN_MAX_PADDING);
	snprintf(pad, sizeof(pad), "MANYHANDS_PADDING=%0*d", (int)padding, 0);
	make_argv(options, cell, choice, &args);
	r = child_run_until(&start, options->cancel_fd, &child, NULL);
	if (r < 0)
		return r;
	if (child.cancelled) {
		child_result_done(&child);
		return -ECANCELED;
	}
	*ret = slice_result_of(cell);
	if (!parse_output(&child, cell, ret))
		note_failure(&child, ret);
	note_message(&child, ret);
	ret->wall_ns = child.wall_ns;
	child_result_done(&child);
	return 0;
}
