#include "bench/models/cluster_crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "harness/base.h"

/* The tag of whatever crowd_watch() was asked to watch. */
#define TAG_WATCHED UINT64_MAX

/*
 * After a connection was lost or refused, so long until the next is tried.
 * Should its worker have died, that will be known, and crowd_bereave() will
 * make it sooner.
 */
#define RETRY_NS (250 * NS_PER_MS)

/* Let @k, which is in no queue, be the last that is given a task. */
static void enqueue(struct crowd *c, struct client *k)
{
	k->next = NULL;
	if (c->last)
		c->last->next = k;
	else
		c->first = k;
	c->last = k;
}

static void dequeue(struct crowd *c, struct client *k)
{
	struct client **at = &c->first;
	struct client *before = NULL;

	while (*at != k) {
		before = *at;
		at = &before->next;
	}
	*at = k->next;
	if (c->last == k)
		c->last = before;
}

int crowd_init(struct crowd *c, uint32_t workers, uint32_t depth, bool close)
{
	int r;

	*c = (struct crowd){
		.close = close,
		.n = workers * depth,
		.n_workers = workers,
		.retry_ns = CLOCK_NEVER,
	};
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll < 0)
		return -errno;
	c->clients = calloc(c->n, sizeof(*c->clients));
	if (!c->clients)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->n; i++) {
		c->clients[i].fd = -1;
		c->clients[i].worker = CLIENT_ANYBODY;
		if (close)
			enqueue(c, &c->clients[i]);
	}
	r = fifo_init(&c->waiting, c->n, sizeof(struct task));
	if (r < 0)
		return r;
	return fifo_init(&c->ended, c->n, sizeof(struct completion));
}

void crowd_done(struct crowd *c)
{
	for (uint32_t i = 0; c->clients && i < c->n; i++)
		client_close(&c->clients[i], c->epoll);
	if (c->epoll >= 0)
		(void)close(c->epoll);
	fifo_done(&c->waiting);
	fifo_done(&c->ended);
	free(c->clients);
}

void crowd_forget(const struct crowd *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (c->clients[i].fd >= 0)
			(void)close(c->clients[i].fd);
	}
	(void)close(c->epoll);
}

int crowd_watch(struct crowd *c, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	event.data.u64 = TAG_WATCHED;
	return epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Connecting has failed; it may be for lack of descriptors, so not for ever. */
static void retry_later(struct crowd *c)
{
	if (c->retry_ns == CLOCK_NEVER)
		c->retry_ns = clock_ns() + RETRY_NS;
}

/* Hand waiting tasks to clients, for as long as there are both. */
static void dispatch(struct crowd *c)
{
	while (c->waiting.n > 0 && c->first) {
		struct client *k = c->first;
		uint64_t tag = (uint64_t)(k - c->clients);
		struct http_call call = {.workload = c->workload,
					 .size = c->size};

		/* It stays the oldest if it cannot be sent now. */
		memcpy(&call.task,
		       c->waiting.items + c->waiting.head * sizeof(call.task),
		       sizeof(call.task));
		if (!c->close) {
			client_send(k, c->epoll, tag, &call);
		} else if (client_open(k, &c->address, c->epoll, tag, &call) <
			   0) {
			retry_later(c);
			return;
		}
		k->n_deaths = c->n_deaths;
		dequeue(c, k);
		CHECK(fifo_take(&c->waiting, &call.task) == 1);
	}
}

int crowd_join(struct crowd *c)
{
	int first = 0;

	c->retry_ns = CLOCK_NEVER;
	for (uint32_t i = 0; i < c->n && !c->close; i++) {
		struct client *k = &c->clients[i];
		int r = 0;

		if (k->state == CLIENT_CLOSED)
			r = client_open(k, &c->address, c->epoll, i, NULL);
		if (first == 0)
			first = r;
	}
	if (first < 0)
		retry_later(c);
	dispatch(c);
	return first;
}

int crowd_submit(struct crowd *c, const struct task *tasks, size_t n)
{
	if (n > c->n - c->in_flight)
		n = c->n - c->in_flight;
	for (size_t i = 0; i < n; i++)
		CHECK(fifo_put(&c->waiting, &tasks[i]) == 0);
	c->in_flight += (uint32_t)n;
	dispatch(c);
	return (int)n;
}

/* The task of @k ends without a result, for what worker @index did. */
static void fail_task(struct crowd *c, const struct client *k, uint32_t index,
		      int32_t status)
{
	struct completion failed = {
		.id = k->call.task.id,
		.worker = index == CLIENT_ANYBODY ? 0 : index,
		.cpu = -1,
		.status = status,
	};

	CHECK(fifo_put(&c->ended, &failed) == 0);
}

/* Close @k, whose task, if it has one, is the caller's. */
static void leave(struct crowd *c, struct client *k)
{
	bool was_open = k->state != CLIENT_CLOSED;

	if (k->state == CLIENT_IDLE)
		dequeue(c, k);
	if (k->state == CLIENT_BROKEN)
		c->n_broken--;
	if (k->worker != CLIENT_ANYBODY)
		c->n_joined--;
	k->worker = CLIENT_ANYBODY;
	client_close(k, c->epoll);
	if (was_open && c->close)
		enqueue(c, k);
}

/* Read the whole answer of @k.  0, or -EBADMSG: there is no sense in it. */
static int take_answer(struct crowd *c, struct client *k)
{
	struct completion done;
	const struct http_answer *a = &k->answer;

	if (k->state == CLIENT_JOINING) {
		uint32_t worker;

		if (json_parse_ready(a->body, a->n, &worker) < 0 ||
		    worker >= c->n_workers)
			return -EBADMSG;
		k->worker = worker;
		c->n_joined++;
	} else {
		if (json_parse_completion(a->body, a->n, &k->call, &done) < 0 ||
		    done.worker >= c->n_workers ||
		    (k->worker != CLIENT_ANYBODY && done.worker != k->worker))
			return -EBADMSG;
		CHECK(fifo_put(&c->ended, &done) == 0);
	}
	k->state = CLIENT_IDLE;
	enqueue(c, k);
	if (client_is_last(k)) {
		leave(c, k);
		c->retry_ns = 0;
	}
	return 0;
}

/*
 * Nothing more will come from @k, for reason @why.  Why a connection ended in
 * the middle of a task only the owner of the crowd can tell.
 */
static void lose(struct crowd *c, struct client *k, int why)
{
	if (k->state == CLIENT_BUSY && why != -EBADMSG) {
		client_break(k, c->epoll);
		c->n_broken++;
		return;
	}
	if (k->state == CLIENT_BUSY) {
		fail_task(c, k, k->worker, TASK_STATUS(TASK_PROTOCOL, 0));
	}
	leave(c, k);
	retry_later(c);
}

int crowd_turn(struct crowd *c, uint64_t deadline_ns)
{
	struct epoll_event events[64];
	int n = clock_epoll_wait(c->epoll, events, ARRAY_LEN(events),
				 c->retry_ns < deadline_ns ? c->retry_ns
							   : deadline_ns);

	if (n < 0 && errno != EINTR)
		return -errno;
	c->alarm = false;
	for (int i = 0; i < n; i++) {
		uint64_t tag = events[i].data.u64;
		struct client *k;
		int r;

		if (tag == TAG_WATCHED) {
			c->alarm = true;
			continue;
		}
		/* It may have been connected anew since: just look. */
		k = &c->clients[tag];
		if (k->fd < 0)
			continue;
		r = client_receive(k, c->epoll, tag);
		if (r == 1)
			r = take_answer(c, k);
		if (r < 0)
			lose(c, k, r);
	}
	dispatch(c);
	return 0;
}

struct client *crowd_broken(const struct crowd *c)
{
	for (uint32_t i = 0; c->n_broken > 0 && i < c->n; i++) {
		if (c->clients[i].state == CLIENT_BROKEN)
			return &c->clients[i];
	}
	return NULL;
}

void crowd_mend(struct crowd *c, struct client *k, int32_t status)
{
	CHECK(k->state == CLIENT_BROKEN);
	fail_task(c, k, k->worker, status);
	leave(c, k);
	retry_later(c);
}

/* Whether the end of the worker @index is the end of the task of @k, too. */
static bool is_hit(const struct client *k, uint32_t index,
		   const uint64_t *task_id)
{
	bool has_task = k->state == CLIENT_BUSY || k->state == CLIENT_BROKEN;

	if (has_task && task_id && k->call.task.id == *task_id)
		return true;
	if (k->worker == CLIENT_ANYBODY)
		return k->state == CLIENT_BROKEN;
	return k->worker == index;
}

void crowd_bereave(struct crowd *c, uint32_t index, const uint64_t *task_id,
		   int32_t status)
{
	c->n_deaths++;
	c->dead = index;
	c->status = status;
	for (uint32_t i = 0; i < c->n; i++) {
		struct client *k = &c->clients[i];

		if (k->state == CLIENT_CLOSED || !is_hit(k, index, task_id))
			continue;
		if (k->state == CLIENT_BUSY &&
		    client_receive(k, c->epoll, i) == 1 &&
		    take_answer(c, k) == 0) {
			leave(c, k);
			continue;
		}
		if (k->state != CLIENT_IDLE)
			fail_task(c, k, index, status);
		leave(c, k);
	}
	c->retry_ns = 0; /* when the caller is done with it */
}

void crowd_give_up(struct crowd *c)
{
	int32_t never = TASK_STATUS(TASK_START, ECHILD);
	struct client waiting = {.worker = CLIENT_ANYBODY};

	for (uint32_t i = 0; i < c->n; i++) {
		struct client *k = &c->clients[i];

		if (k->state == CLIENT_BUSY || k->state == CLIENT_BROKEN)
			fail_task(c, k, k->worker, never);
		leave(c, k);
	}
	while (fifo_take(&c->waiting, &waiting.call.task))
		fail_task(c, &waiting, waiting.worker, never);
	c->retry_ns = CLOCK_NEVER;
}

int crowd_take(struct crowd *c, struct completion *ret, size_t max)
{
	size_t n = 0;

	while (n < max && fifo_take(&c->ended, &ret[n]))
		n++;
	c->in_flight -= (uint32_t)n;
	return (int)n;
}
