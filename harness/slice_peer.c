#include "harness/slice_peer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <jansson.h>

#include "harness/base.h"
#include "harness/child.h"
#include "harness/slice_drive.h"
#include "harness/slice_usage.h"

_Static_assert(PEER_SEEDS == N_SEEDS, "peers run the tasks of everybody");

/* For the start of a runtime and its end, on a busy machine. */
#define START_NS (5 * NS_PER_S)

#define MAX_OUTPUT 65536

/* What a peer says of the tasks with one seed. */
struct seed_account {
	const char *digest;
	json_int_t tasks, differed;
};

/* What it says of all; the strings are the JSON's. */
struct peer_account {
	json_int_t tasks, window_ns;
	struct seed_account seeds[PEER_SEEDS];
};

/* Say in @ret what went wrong. */
static void fail(struct slice_result *ret, enum slice_status status, int value,
		 const char *format, ...)
{
	va_list args;

	ret->status = status;
	ret->status_value = value;
	va_start(args, format);
	(void)vsnprintf(ret->message, sizeof(ret->message), format, args);
	va_end(args);
	ret->message[strcspn(ret->message, "\n")] = '\0';
	for (char *p = ret->message; *p; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	}
}

/* How many tasks there were in all, or -1: the numbers make no sense. */
static json_int_t count_tasks(const struct peer_account *a)
{
	json_int_t n = 0;

	for (size_t i = 0; i < PEER_SEEDS; i++) {
		const struct seed_account *s = &a->seeds[i];
		size_t digits = s->tasks > 0 ? 16 : 0;

		if (s->tasks < 0 || s->differed < 0 || s->differed > s->tasks ||
		    strlen(s->digest) != digits ||
		    strspn(s->digest, "0123456789abcdef") != digits ||
		    __builtin_add_overflow(n, s->tasks, &n))
			return -1;
	}
	return n;
}

/* A seed whose first digest is wrong has none that we would believe. */
static uint64_t wrong_digests(const struct peer_account *a,
			      const uint64_t reference[PEER_SEEDS])
{
	uint64_t n = 0;

	for (size_t i = 0; i < PEER_SEEDS; i++) {
		const struct seed_account *s = &a->seeds[i];
		char right[17];

		snprintf(right, sizeof(right), "%016" PRIx64, reference[i]);
		n += (uint64_t)(s->tasks > 0 && strcmp(s->digest, right) != 0
					? s->tasks
					: s->differed);
	}
	return n;
}

/*
 * Enter what @json tells; NULL, or what is wrong with it.  @window_ns was asked
 * for, and in @wall_ns the program was over.
 */
static const char *take_account(json_t *json, uint64_t window_ns,
				uint64_t wall_ns,
				const uint64_t reference[PEER_SEEDS],
				struct slice_result *ret)
{
	struct peer_account a;
	struct seed_account *s = a.seeds;
	json_int_t n;

	_Static_assert(PEER_SEEDS == 4, "the format has so many");
	if (json_unpack(json, "{s:I, s:I, s:[[sII!][sII!][sII!][sII!]!]!}",
			"tasks", &a.tasks, "window_ns", &a.window_ns, "seeds",
			&s[0].digest, &s[0].tasks, &s[0].differed, &s[1].digest,
			&s[1].tasks, &s[1].differed, &s[2].digest, &s[2].tasks,
			&s[2].differed, &s[3].digest, &s[3].tasks,
			&s[3].differed) < 0)
		return "not the object that was asked for";
	n = count_tasks(&a);
	if (n < 0)
		return "an account of its seeds that makes no sense";
	if (a.tasks < 0 || a.tasks > n)
		return "more tasks in the window than in all";
	if (a.window_ns < (json_int_t)window_ns ||
	    a.window_ns > (json_int_t)wall_ns)
		return "another window than was asked for";
	ret->tasks = (uint64_t)a.tasks;
	ret->window_ns = (uint64_t)a.window_ns;
	ret->submitted = ret->ended[TASK_OK] = (uint64_t)n;
	ret->wrong_digests = wrong_digests(&a, reference);
	return NULL;
}

/* What the peer, which has ended, leaves. */
static void judge(const struct child_result *child, uint64_t window_ns,
		  const uint64_t reference[PEER_SEEDS],
		  struct slice_result *ret)
{
	const char *wrong = NULL;
	json_error_t where;
	json_t *json;

	if (child->late) {
		fail(ret, SLICE_LATE, 0, "%s", child->err);
	} else if (WIFSIGNALED(child->wait_status)) {
		fail(ret, SLICE_CRASHED, WTERMSIG(child->wait_status), "%s",
		     child->err);
	} else if (child->wait_status != 0) {
		fail(ret, SLICE_EXITED, WEXITSTATUS(child->wait_status), "%s",
		     child->err);
	} else {
		json = json_loadb(child->out, child->out_bytes,
				  JSON_REJECT_DUPLICATES, &where);
		wrong = json ? take_account(json, window_ns, child->wall_ns,
					    reference, ret)
			     : where.text;
		if (wrong)
			fail(ret, SLICE_BROKEN, EPROTO, "no result: %s", wrong);
		json_decref(json);
	}
}

/* The words that follow `run'. */
static int make_words(const struct cell_spec *cell, const struct peer *peer,
		      const struct peer_home *home,
		      const struct slice_timing *timing, uint64_t settle_ns,
		      struct peer_words *ret)
{
	char size[24], workers[24], depth[24], settle[24], window[24];
	const char *const more[] = {"run",   cell->workload, size,
				    workers, depth,          settle,
				    window,  home->task,     NULL};

	snprintf(size, sizeof(size), "%" PRIu64, cell->size);
	snprintf(workers, sizeof(workers), "%" PRIu32, cell->workers);
	snprintf(depth, sizeof(depth), "%" PRIu32, cell->depth);
	snprintf(settle, sizeof(settle), "%" PRIu64, settle_ns);
	snprintf(window, sizeof(window), "%" PRIu64,
		 slice_window_ns(cell, timing));
	return peer_command(peer, home, more, ret);
}

/* Run every seed once: the digests the peer must give. */
static void make_reference(const struct cell_spec *cell,
			   const struct workload *workload,
			   uint64_t reference[PEER_SEEDS],
			   struct slice_result *ret)
{
	for (uint64_t i = 0; i < PEER_SEEDS; i++) {
		reference[i] = workload->run(cell->size, i + 1);
		ret->reference_digest =
			mix64(ret->reference_digest ^ reference[i]);
	}
}

int slice_run_peer(const struct cell_spec *cell, const struct peer *peer,
		   const struct peer_home *home,
		   const struct workload *workload,
		   const struct slice_timing *timing, struct slice_result *ret)
{
	uint64_t window_ns = slice_window_ns(cell, timing);
	uint64_t settle_ns = timing->settle_ns > peer->settle_ns
				     ? timing->settle_ns
				     : peer->settle_ns;
	struct slice_result result = slice_result_of(cell);
	uint64_t reference[PEER_SEEDS];
	struct peer_words words;
	const struct child_options options = {
		.argv = words.argv,
		.limit_ns =
			settle_ns + window_ns + timing->timeout_ns + START_NS,
		.out_cap = MAX_OUTPUT,
		.err_cap = MAX_OUTPUT,
	};
	struct slice_usage before;
	struct child_result child;
	enum child_step step;
	int r = make_words(cell, peer, home, timing, settle_ns, &words);

	if (r < 0)
		return r;
	result.unstamped = 1;
	result.generator_cpu = -1;
	make_reference(cell, workload, reference, &result);
	slice_usage_begin(&before, &result);
	r = child_run_until(&options, -1, &child, &step);
	slice_usage_end(&before, &result);
	if (r < 0 && step != CHILD_STEP_PROGRAM)
		return r;
	if (r < 0) {
		fail(&result, SLICE_OPEN, -r, "no %s: %s", words.argv[0],
		     peer->package);
	} else {
		judge(&child, window_ns, reference, &result);
		child_result_done(&child);
	}
	*ret = result;
	return 0;
}
