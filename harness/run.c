#include "harness/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/order.h"

/* A slice prints one JSON object, mostly its histogram: some ten KiB. */
#define MAX_SLICE_OUTPUT (1 << 22)
#define MAX_SLICE_ERRORS 4096

/* Environment padding: 0 … 4095 bytes move the stack by up to a page. */
#define MAX_PADDING 4096

/*
 * A slice opens, settles and drains within timeout_ns each; the rest is for
 * starting the program and the serial reference on a busy machine.
 */
static uint64_t slice_limit_ns(const struct slice_timing *t,
			       const struct cell_spec *c)
{
	return 3 * t->timeout_ns + t->settle_ns + slice_window_ns(c, t) +
	       10 * NS_PER_S;
}

/* The arguments of `manyhands slice', with room for their text. */
struct slice_argv {
	char text[28][PATH_MAX];
	char *argv[32]; /* NULL-terminated */
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
	push_number(a, "extra-ppm", c->extra_ppm);
	push_number(a, "load-percent", c->load_percent);
	push_number(a, "interval-ns", c->interval_ns);
	push_number(a, "own-window-ns", c->window_ns);
	push_number(a, "ballast-bytes", c->ballast_bytes);
	push_number(a, "ballast-huge", c->ballast_huge);
	push_number(a, "rank", c->rank);
	if (c->interval_ns > 0)
		push_number(a, "arrival-seed", choice->arrival_seed);
	push_number(a, "trace", choice->trace);
}

/* Everything a slice must know, so that anyone can repeat one by hand. */
static void make_argv(const struct run_options *o, const struct cell_spec *c,
		      const struct slice_choice *choice, struct slice_argv *a)
{
	const struct slice_timing *t = &o->timing;

	*a = (struct slice_argv){.n = 0};
	push(a, "%s", o->program);
	push(a, "slice");
	if (o->plugin)
		push(a, "--load-workload=%s", o->plugin);
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
	char pad[sizeof("MANYHANDS_PADDING=") + MAX_PADDING];
	char *env[] = {pad, NULL};
	struct slice_argv args;
	struct child_spec spec = {
		.argv = args.argv,
		.env = env,
		.limit_ns = slice_limit_ns(&options->timing, cell),
		.out_cap = MAX_SLICE_OUTPUT,
		.err_cap = MAX_SLICE_ERRORS,
		.cancel_fd = options->cancel_fd,
	};
	struct child_result child;
	int r;

	CHECK(padding < MAX_PADDING);
	snprintf(pad, sizeof(pad), "MANYHANDS_PADDING=%0*d", (int)padding, 0);
	make_argv(options, cell, choice, &args);
	r = child_run(&spec, &child);
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

/* Append @json, whose reference it takes, as one line to the journal. */
static int journal_put(int fd, json_t *json)
{
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	size_t n, done = 0;
	int r = 0;

	json_decref(json);
	if (!line)
		return -ENOMEM;
	n = strlen(line);
	line[n++] = '\n'; /* in place of the NUL */
	while (r == 0 && done < n) {
		ssize_t k = write(fd, line + done, n - done);

		if (k < 0 && errno != EINTR)
			r = -errno;
		else if (k > 0)
			done += (size_t)k;
	}
	free(line);
	return r;
}

static int journal_open(const char *dir, const struct run_info *info)
{
	char path[PATH_MAX];
	int fd, r;

	if (snprintf(path, sizeof(path), "%s/journal.jsonl", dir) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
		  0666);
	if (fd < 0)
		return -errno;
	r = journal_put(fd, info_to_json(info));
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

/* A run under way. */
struct state {
	const struct run_options *options;
	struct run_results *results;
	int journal;
	uint32_t *order;             /* [plan->n] */
	uint64_t begun_ns, block_ns; /* start; length of the last block */
};

static void tell(const struct state *s, uint32_t block, size_t slice,
		 const struct cell_spec *cell)
{
	const struct run_options *o = s->options;
	struct run_progress p = {
		.block = block,
		.blocks = o->blocks,
		.slice = slice,
		.slices = o->plan->n,
		.elapsed_ns = clock_ns() - s->begun_ns,
		.cell = cell,
	};
	uint64_t todo;

	if (!o->watch)
		return;
	/* What is left of this block and the blocks after it, or the budget. */
	todo = (uint64_t)(o->blocks - block + 1) * o->plan->n - slice;
	p.left_ns = s->block_ns / o->plan->n * todo;
	if (p.elapsed_ns + p.left_ns > o->budget_ns)
		p.left_ns = o->budget_ns > p.elapsed_ns
				    ? o->budget_ns - p.elapsed_ns
				    : NS_PER_S;
	if (s->block_ns == 0)
		p.left_ns = 0;
	o->watch(o->ctx, &p);
}

/* Keep a measured slice: first in the journal, then in memory. */
static int keep(struct state *s, struct slice_result *slice)
{
	int r = journal_put(s->journal, slice_to_json(slice));

	if (r == 0)
		r = results_add(s->results, slice);
	if (r < 0)
		slice_result_done(slice);
	return r;
}

/* Block 0 is the warm-up: the same slices, not kept. */
static int run_block(struct state *s, uint32_t block)
{
	const struct run_options *o = s->options;
	struct rng rng = {.state = mix64(o->seed) ^ block};
	uint64_t begun_ns = clock_ns();
	int r;

	/* The squares begin with the blocks that count. */
	r = order_block(o->plan, o->seed, block > 0 ? block - 1 : 0, s->order);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < o->plan->n; i++) {
		const struct cell_spec *cell = &o->plan->cells[s->order[i]];
		uint32_t padding = (uint32_t)rng_below(&rng, MAX_PADDING);
		/* The same arrivals for all models of a block. */
		struct slice_choice choice = {
			.arrival_seed = mix64(o->seed ^ mix64(block)) >> 1,
		};
		struct slice_result slice;

		tell(s, block, i, cell);
		r = run_slice(o, cell, &choice, padding, &slice);
		if (r < 0)
			return r;
		slice.block = block;
		slice.position = i;
		slice.cell_index = s->order[i];
		if (block == 0)
			slice_result_done(&slice);
		else
			r = keep(s, &slice);
		if (r < 0)
			return r;
	}
	s->block_ns = clock_ns() - begun_ns;
	return 0;
}

static void stopped(struct run_results *results, const char *why)
{
	snprintf(results->info.stopped, sizeof(results->info.stopped), "%s",
		 why);
}

int run_blocks(const struct run_options *options, struct run_results *results)
{
	struct state s = {
		.options = options,
		.results = results,
		.begun_ns = clock_ns(),
	};
	int r = 0;

	s.journal = journal_open(options->dir, &results->info);
	if (s.journal < 0)
		return s.journal;
	s.order = calloc(options->plan->n, sizeof(*s.order));
	if (!s.order)
		r = -ENOMEM;
	for (uint32_t block = 0; r == 0 && block <= options->blocks; block++) {
		uint64_t elapsed_ns = clock_ns() - s.begun_ns;

		/* One block is measured in any case: no data, no report. */
		if (block > 1 && elapsed_ns + s.block_ns > options->budget_ns) {
			stopped(results, "budget");
			break;
		}
		r = run_block(&s, block);
		if (r == 0)
			results->info.blocks_done = block;
		/* A power cut may cost the block under way, not more. */
		(void)fdatasync(s.journal);
	}
	results->info.complete = r == 0;
	if (r < 0)
		stopped(results, r == -ECANCELED ? "interrupted" : "error");
	free(s.order);
	(void)close(s.journal);
	return r == -ECANCELED ? 0 : r;
}
