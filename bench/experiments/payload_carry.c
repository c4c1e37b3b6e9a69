/*
 * payload_carry - the model around all carriers: workers that stay, a wire each.
 *
 *	generator ══wire══▶ worker 0: receive, turn, send
 *	          ══wire══▶ worker 1: receive, turn, send
 *
 * The generator never waits for a wire.  What does not fit is sent when poll(2)
 * says that there is room, and meanwhile it receives: if both sides only sent,
 * with all buffers full, neither would ever read again.
 *
 * Compare bench/models/pool.c and threads.c, which carry a task and a result of
 * a few bytes and do it better.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/experiments/payload_carriers.h"
#include "bench/experiments/payload_carry.h"
#include "bench/workloads/bytes.h"
#include "harness/base.h"
#include "harness/child.h"

static void *work_as_thread(void *lane)
{
	carry_serve(lane);
	return NULL;
}

/*
 * Close what fork(2) gave us of the generator's ends.  A copy would keep a wire
 * alive after the generator closes its own.
 */
static _Noreturn void work_as_process(struct carry_lane *lane, pid_t parent)
{
	struct carry *c = lane->carry;

	child_begin(parent, NULL);
	(void)setpgid(0, 0); /* leads a group: what it starts ends with it */
	for (uint32_t i = 0; i < c->job->workers; i++)
		carry_end_close(&c->lanes[i].here);
	carry_serve(lane);
	_exit(0);
}

/* Bring the worker of @lane to life; both ends of its wire are there. */
static int create(struct carry_lane *lane)
{
	pid_t parent = getpid();

	if (lane->carry->carrier->thread) {
		int r = -pthread_create(&lane->thread, NULL, work_as_thread,
					lane);

		return r;
	}
	lane->pid = fork();
	if (lane->pid == 0)
		work_as_process(lane, parent);
	if (lane->pid < 0)
		return -errno;
	/* Were the worker's end open here too, its death would go unseen. */
	carry_end_close(&lane->there);
	/* As in the worker: both must, or one might come too late. */
	(void)setpgid(lane->pid, lane->pid);
	return 0;
}

/* Begin to send the next task of @lane.  0 or -errno. */
static int send_next(struct carry_lane *lane)
{
	uint32_t depth = lane->carry->job->depth;
	uint32_t slot = (lane->first + lane->n_sent) % depth;
	struct carry_order *order = &lane->orders[slot];
	struct carry_message *m = carry_slot(lane, slot);

	m->task = order->task;
	m->mask = bytes_mask(order->seed, order->task.seed);
	m->answer.status = TASK_LOST;
	order->seed = order->task.seed;
	if (lane->n_sent == 0 && lane->carry->job->run_limit_ns > 0)
		lane->first_ns = clock_ns();
	lane->n_sent++;
	lane->flushing = true;
	return lane->carry->carrier->send(&lane->here, m);
}

/* Send what is to be sent, as far as that goes without waiting. */
static void push(struct carry_lane *lane)
{
	int r = 1;

	while (r > 0 && !lane->deaf && lane->working) {
		if (lane->flushing) {
			r = lane->carry->carrier->flush(&lane->here);
			lane->flushing = r == 0;
		} else if (lane->n_sent < lane->n) {
			r = send_next(lane) < 0 ? -EPIPE : 1;
		} else {
			break;
		}
	}
	lane->deaf |= r < 0;
}

int carry_start(struct carry_lane *lane)
{
	struct carry *c = lane->carry;
	int r;

	lane->here = lane->there = carry_no_end(c);
	lane->there.worker = true;
	c->notices[lane - c->lanes] = 0;
	r = c->carrier->pair(&lane->here, &lane->there);
	if (r == 0 && c->carrier->open)
		r = c->carrier->open(&lane->here);
	if (r == 0)
		r = create(lane);
	if (r < 0) {
		carry_end_close(&lane->here);
		carry_end_close(&lane->there);
		c->start_errno = -r;
		respawn_failed(&lane->respawn, clock_ns());
		return r;
	}
	lane->working = true;
	lane->flushing = lane->deaf = lane->more = false;
	lane->verdict = 0;
	respawn_started(&lane->respawn, clock_ns());
	push(lane);
	return 0;
}

static void carry_close(void *model);

static int carry_open(const struct job *job, const struct carrier *carrier,
		      void **ret)
{
	struct carry *c = calloc(1, sizeof(*c));
	struct gate ready = {.reader = -1, .writer = -1};
	int r;

	if (!c)
		return -ENOMEM;
	c->carrier = carrier;
	r = carry_init(c, job);
	if (r < 0)
		goto fail;
	r = gate_open(&ready);
	if (r < 0)
		goto fail;
	c->ready = &ready;
	for (uint32_t i = 0; i < job->workers; i++) {
		r = carry_start(&c->lanes[i]);
		if (r < 0)
			goto fail;
	}
	if (!carrier->thread)
		gate_seal(&ready);
	r = gate_wait(&ready, job->workers, clock_ns() + job->open_limit_ns);
	if (r < 0)
		goto fail;
	c->ready = NULL;
	gate_close(&ready);
	*ret = c;
	return 0;
fail:
	/* Threads may still report there. */
	carry_close(c);
	gate_close(&ready);
	return r;
}

/*
 * The place with the fewest tasks, in turn where several have as few; NULL: none
 * has room.  One that is given up has none.
 */
static struct carry_lane *choose(struct carry *c)
{
	struct carry_lane *best = NULL;

	for (uint32_t i = 0; i < c->job->workers; i++) {
		uint32_t k = (c->next + i) % c->job->workers;
		struct carry_lane *lane = &c->lanes[k];

		if (!lane->respawn.given_up && lane->n < c->job->depth &&
		    (!best || lane->n < best->n))
			best = lane;
	}
	c->next = (c->next + 1) % c->job->workers;
	return best;
}

static bool all_given_up(const struct carry *c)
{
	for (uint32_t i = 0; i < c->job->workers; i++) {
		if (!c->lanes[i].respawn.given_up)
			return false;
	}
	return true;
}

/* One at a time: each is a message of its own. */
static int carry_submit(void *model, const struct task *tasks, size_t n)
{
	struct carry *c = model;
	struct carry_lane *lane = choose(c);

	(void)n;
	if (!lane && all_given_up(c))
		return -ECHILD;
	if (!lane || c->in_flight == job_capacity(c->job))
		return 0;
	lane->orders[(lane->first + lane->n) % c->job->depth].task = tasks[0];
	lane->n++;
	c->in_flight++;
	push(lane);
	return 1;
}

/* Is @m the answer to the first task of @lane, with its bytes? */
static bool is_answer(const struct carry_lane *lane,
		      const struct carry_message *m)
{
	const struct carry *c = lane->carry;
	const struct task *task = &lane->orders[lane->first].task;

	return m->answer.id == task->id &&
	       m->answer.worker == (uint32_t)(lane - c->lanes) &&
	       task_status_is_end(m->answer.status) &&
	       bytes_seem(m->bytes, c->n_bytes, task->seed);
}

/* Receive from @lane.  1: @ret is a completion; 0: nothing. */
static int receive(struct carry_lane *lane, struct completion *ret)
{
	struct carry_message *m = carry_slot(lane, lane->first);
	int r = lane->carry->carrier->take(&lane->here, &m);

	if (r == 1 && lane->n_sent > 0 && is_answer(lane, m)) {
		*ret = m->answer;
		lane->first = (lane->first + 1) % lane->carry->job->depth;
		lane->n--;
		lane->n_sent--;
		lane->first_ns = ret->end_ns;
		lane->verdict = 0;
		return 1;
	}
	if (r == 0)
		return 0;
	/* Threads have our memory, too: one that talks nonsense broke it. */
	CHECK(!lane->carry->carrier->thread);
	if (r != -EPIPE)
		lane->verdict = TASK_STATUS(TASK_PROTOCOL, 0);
	carry_bury(lane);
	return 0;
}

/* Receive from all lanes to which poll(2) or `more' points.  How many. */
static size_t receive_all(struct carry *c, struct completion *ret, size_t max)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->job->workers; i++) {
		struct carry_lane *lane = &c->lanes[i];

		if (!lane->working || !(lane->more || c->polled[2 * i].revents))
			continue;
		while (n < max && receive(lane, &ret[n])) {
			n++;
			if (lane->n_sent == 0)
				break;
		}
		lane->more = n == max && lane->n_sent > 0;
	}
	return n;
}

/* Sleep until there is something to receive or to send, or @until_ns. */
static void wait_for_any(struct carry *c, uint64_t until_ns)
{
	uint64_t now_ns = clock_ns();
	struct timespec left =
		clock_timespec(until_ns > now_ns ? until_ns - now_ns : 0);

	for (uint32_t i = 0; i < c->job->workers; i++) {
		const struct carry_lane *lane = &c->lanes[i];
		struct pollfd *in = &c->polled[2 * i], *out = in + 1;
		bool waits = lane->working && lane->flushing && !lane->deaf;

		if (lane->more)
			left = (struct timespec){0};
		in->fd = lane->working ? lane->here.in : -1;
		in->events = POLLIN;
		out->fd = waits ? lane->here.out : -1;
		out->events = POLLOUT;
	}
	if (ppoll(c->polled, 2 * (nfds_t)c->job->workers, &left, NULL) < 0) {
		CHECK(errno == EINTR || errno == ENOMEM);
		for (uint32_t i = 0; i < 2 * c->job->workers; i++)
			c->polled[i].revents = 0;
	}
}

static int carry_reap(void *model, uint64_t deadline_ns, struct completion *ret,
		      size_t max)
{
	struct carry *c = model;
	size_t n = 0;

	for (;;) {
		uint64_t wake_ns = carry_supervise(c);

		while (n < max && fifo_take(&c->failed, &ret[n]))
			n++;
		if (n > 0)
			break;
		wait_for_any(c, wake_ns < deadline_ns ? wake_ns : deadline_ns);
		n = receive_all(c, ret, max);
		for (uint32_t i = 0; i < c->job->workers; i++)
			push(&c->lanes[i]);
		if (n > 0 || clock_ns() >= deadline_ns)
			break;
	}
	c->in_flight -= (uint32_t)n;
	return (int)n;
}

static void carry_close(void *model)
{
	struct carry *c = model;

	if (!c)
		return;
	carry_end_all(c);
	carry_done(c);
	free(c);
}

#define CARRIER(carrier, what, kind)                                           \
	static int carrier##_open(const struct job *job, void **ret)           \
	{                                                                      \
		return carry_open(job, &carrier_##carrier, ret);               \
	}                                                                      \
	static const struct model model_##carrier = {                          \
		.name = "carry:" #carrier,                                     \
		.summary = (what),                                             \
		.traits = (kind),                                              \
		.open = carrier##_open,                                        \
		.submit = carry_submit,                                        \
		.reap = carry_reap,                                            \
		.close = carry_close,                                          \
	}

CARRIER(pointer, "a thread works where the bytes are", MODEL_THREAD);
CARRIER(shm, "a process works where the bytes are", MODEL_PROCESS);
CARRIER(copy, "bytes copied through shared memory", MODEL_PROCESS);
CARRIER(pipe, "bytes through a pipe each way", MODEL_PROCESS);
CARRIER(socket, "bytes through a stream socket", MODEL_PROCESS);
CARRIER(channel, "bytes as messages of a channel", MODEL_PROCESS);
CARRIER(http, "bytes as bodies of HTTP, by TCP", MODEL_PROCESS | MODEL_NETWORK);

const struct model *const payload_carriers[] = {
	&model_pointer, &model_shm,     &model_copy, &model_pipe,
	&model_socket,  &model_channel, &model_http, NULL,
};
