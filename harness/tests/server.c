#include "harness/tests/server.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/placement.h"
#include "harness/slice_drive.h"

#define MAX_PENDING 64

static struct {
	struct server is;
	uint64_t now;
	uint64_t n_taken;
	uint64_t free_ns[MAX_PENDING]; /* [workers], when each has nothing */
	struct completion pending[MAX_PENDING];
	size_t n_pending;
} server;

static uint64_t server_now(void)
{
	return server.now;
}

static void server_sleep(uint64_t deadline_ns)
{
	if (deadline_ns > server.now)
		server.now = deadline_ns;
}

uint64_t server_end(const struct server *s, uint64_t *start_ns)
{
	uint64_t left_ns = s->service_ns, t = *start_ns, stall_end, next;

	for (int first = 1;; first = 0) {
		if (s->every_ns == 0)
			return t + left_ns;
		stall_end = t / s->every_ns * s->every_ns + s->stall_ns;
		if (t < stall_end)
			t = stall_end;
		if (first)
			*start_ns = t;
		next = (t / s->every_ns + 1) * s->every_ns;
		if (t + left_ns <= next)
			return t + left_ns;
		left_ns -= next - t;
		t = next;
	}
}

static int server_submit(void *model, const struct task *task, size_t n)
{
	struct completion *c = &server.pending[server.n_pending];
	uint32_t w = 0;

	(void)model;
	(void)n;
	if (server.is.submit_fails &&
	    server.n_taken + 1 >= server.is.submit_fails)
		return -ECHILD;
	if (server.now < server.is.full_until)
		return 0;
	/* The generator keeps the limit by itself. */
	assert_true(server.n_pending < server.is.workers * server.is.depth);
	for (uint32_t i = 1; i < server.is.workers; i++)
		w = server.free_ns[i] < server.free_ns[w] ? i : w;
	*c = (struct completion){
		.id = task->id,
		.digest = task->seed,
		.worker = w,
		.cpu = (int32_t)w,
		.status = TASK_STATUS(TASK_OK, 0),
	};
	c->start_ns =
		server.free_ns[w] > server.now ? server.free_ns[w] : server.now;
	c->end_ns = server_end(&server.is, &c->start_ns);
	server.free_ns[w] = c->end_ns;
	server.n_taken++;
	if (server.is.lose && server.n_taken >= server.is.lose)
		c->end_ns = CLOCK_NEVER;
	if (server.n_taken == server.is.fail)
		c->status = TASK_STATUS(TASK_EXIT, 3);
	server.n_pending++;
	return 1;
}

static int server_reap(void *model, uint64_t deadline_ns,
		       struct completion *ret, size_t max)
{
	size_t first = 0;

	(void)model;
	assert_true(max > 0);
	for (size_t i = 1; i < server.n_pending; i++) {
		if (server.pending[i].end_ns < server.pending[first].end_ns)
			first = i;
	}
	if (server.is.serial && server.n_pending == 0)
		return 0;
	if (server.n_pending == 0 ||
	    (server.pending[first].end_ns > deadline_ns && !server.is.serial)) {
		server_sleep(deadline_ns);
		return 0;
	}
	server_sleep(server.pending[first].end_ns);
	*ret = server.pending[first];
	server.pending[first] = server.pending[--server.n_pending];
	return 1;
}

static uint64_t same(uint64_t size, uint64_t seed)
{
	(void)size;
	return seed;
}

static const struct workload workload_same = {.name = "same", .run = same};

static const struct model model_server = {
	.name = "server",
	.submit = server_submit,
	.reap = server_reap,
};

static void expect_sound(const struct slice_result *r)
{
	uint64_t sum = 0, phases = 0;

	for (int i = 0; i < TASK_ENDS; i++)
		sum += r->ended[i];
	for (int i = 0; i < PHASES; i++)
		phases += r->phase_sum_ns[i];
	assert_int_equal(sum, r->submitted);
	assert_int_equal(r->wrong_digests, 0);
	assert_int_equal(r->latency->n, r->tasks + r->unfinished);
	assert_true(r->unfinished > 0 || phases == r->latency->sum);
	assert_int_equal(r->lateness->n, r->offered);
	assert_true(r->tasks + r->unfinished <= r->offered);
}

struct slice_result server_run(const struct server *what,
			       const struct server_load *load)
{
	struct job job = {
		.workload = &workload_same,
		.workers = what->workers,
		.depth = what->depth,
	};
	struct cell_spec cell = {.workers = what->workers,
				 .depth = what->depth,
				 .interval_ns = load->interval_ns};
	struct slice_result result = slice_result_of(&cell);
	struct drive d = {
		.model = &model_server,
		.job = &job,
		.timing = &load->timing,
		.result = &result,
		.now = server_now,
		.sleep_until = server_sleep,
		.window_ns = load->timing.window_ns,
		.trace_room = load->trace,
		.open_loop = true,
		.arrival_seed = load->seed,
	};
	struct placement *placement;
	int r;

	memset(&server, 0, sizeof(server));
	server.is = *what;
	server.now = SERVER_BEGIN;
	for (uint64_t i = 0; i < N_SEEDS; i++)
		d.reference[i] = i + 1;
	assert_int_equal(
		placement_plan("none", what->workers, NULL, &placement), 0);
	job.placement = placement;
	assert_int_equal(drive_init(&d), 0);
	assert_int_equal(loop_open.prepare(&d), 0);
	r = loop_open.load(&d, SERVER_BEGIN);
	if (r < 0) {
		result.status = SLICE_BROKEN;
		result.status_value = -r;
	}
	loop_open.drain(&d, server.now + load->timing.timeout_ns);
	drive_finish(&d);
	drive_done(&d);
	placement_free(placement);
	expect_sound(&result);
	return result;
}
