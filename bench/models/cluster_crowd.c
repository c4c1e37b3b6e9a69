#include "bench/models/cluster_crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "harness/base.h"

/* The tag of whatever crowd_watch() was asked to watch. */
#define TAG_WATCHED UINT64_MAX

int crowd_init(struct crowd *c, uint32_t workers, uint32_t depth)
{
	int r;

	*c = (struct crowd){.n = workers * depth, .n_workers = workers};
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll < 0)
		return -errno;
	c->services = calloc(workers, sizeof(*c->services));
	c->clients = calloc(c->n, sizeof(*c->clients));
	if (!c->services || !c->clients)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->n; i++)
		c->clients[i].fd = -1;
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
	free(c->services);
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

void crowd_ignore(struct crowd *c, int fd)
{
	/* Should it not be watched after all, so much the better. */
	(void)epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int crowd_join(struct crowd *c)
{
	int first = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		struct client *k = &c->clients[i];
		int r = 0;

		if (k->state == CLIENT_CLOSED)
			r = client_open(k, &c->address, c->epoll, i);
		if (first == 0)
			first = r;
	}
	return first;
}

/*
 * The worker with the fewest tasks among those with an idle client, or NULL;
 * workers in turn where several have as few.
 */
static struct service *choose(struct crowd *c)
{
	struct service *best = NULL;

	for (uint32_t i = 0; i < c->n_workers; i++) {
		uint32_t k = (c->next + i) % c->n_workers;
		struct service *service = &c->services[k];

		if (service->idle && (!best || service->n_busy < best->n_busy))
			best = service;
	}
	c->next = (c->next + 1) % c->n_workers;
	return best;
}

/* Hand waiting tasks to idle clients, for as long as there are both. */
static void dispatch(struct crowd *c)
{
	while (c->waiting.n > 0) {
		struct service *service = choose(c);
		struct http_call call = {c->workload, c->size, {0}};
		struct client *k;

		if (!service)
			return;
		k = service->idle;
		service->idle = k->next;
		service->n_busy++;
		CHECK(fifo_take(&c->waiting, &call.task) == 1);
		client_send(k, c->epoll, (uint64_t)(k - c->clients), &call);
	}
}

int crowd_submit(struct crowd *c, const struct task *task)
{
	if (c->in_flight == c->n)
		return -EAGAIN;
	c->in_flight++;
	CHECK(fifo_put(&c->waiting, task) == 0);
	dispatch(c);
	return 0;
}

/* Task @task of worker @index ends without a result. */
static void fail_task(struct crowd *c, const struct task *task, uint32_t index,
		      int32_t status)
{
	struct completion failed = {
		.id = task->id,
		.worker = index,
		.cpu = -1,
		.status = status,
	};

	CHECK(fifo_put(&c->ended, &failed) == 0);
}

/* Read the whole answer of @k.  0, or -EBADMSG: there is no sense in it. */
static int take_answer(struct crowd *c, struct client *k)
{
	struct service *service;
	struct completion done;
	const struct http_answer *a = &k->answer;

	if (k->state == CLIENT_JOINING) {
		if (json_parse_ready(a->body, a->n, &k->worker) < 0 ||
		    k->worker >= c->n_workers)
			return -EBADMSG;
		c->n_joined++;
	} else {
		if (json_parse_completion(a->body, a->n, &k->call, &done) < 0 ||
		    done.worker != k->worker)
			return -EBADMSG;
		CHECK(fifo_put(&c->ended, &done) == 0);
		c->services[k->worker].n_busy--;
	}
	service = &c->services[k->worker];
	k->state = CLIENT_IDLE;
	k->next = service->idle;
	service->idle = k;
	return 0;
}

/* Close @k, whose task, if it has one, is the caller's. */
static void leave(struct crowd *c, struct client *k)
{
	struct service *service = &c->services[k->worker];

	if (k->state == CLIENT_CLOSED)
		return;
	if (k->state == CLIENT_IDLE) {
		struct client **at = &service->idle;

		while (*at != k)
			at = &(*at)->next;
		*at = k->next;
	}
	if (k->state == CLIENT_BUSY || k->state == CLIENT_BROKEN)
		service->n_busy--;
	if (k->state == CLIENT_BROKEN)
		c->n_broken--;
	if (k->state != CLIENT_JOINING)
		c->n_joined--;
	client_close(k, c->epoll);
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
		fail_task(c, &k->call.task, k->worker,
			  TASK_STATUS(TASK_PROTOCOL, 0));
	}
	leave(c, k);
	/*
	 * Its descriptor is free again; should connecting fail all the same,
	 * the others go on, and it is tried again with the next that is lost.
	 */
	(void)crowd_join(c);
}

int crowd_turn(struct crowd *c, uint64_t deadline_ns)
{
	struct epoll_event events[64];
	int n = clock_epoll_wait(c->epoll, events, ARRAY_LEN(events),
				 deadline_ns);

	if (n < 0 && errno != EINTR)
		return -errno;
	c->alarm = 0;
	for (int i = 0; i < n; i++) {
		uint64_t tag = events[i].data.u64;
		struct client *k;
		int r;

		if (tag == TAG_WATCHED) {
			c->alarm = 1;
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
	fail_task(c, &k->call.task, k->worker, status);
	leave(c, k);
	(void)crowd_join(c); /* as in lose() */
}

void crowd_bereave(struct crowd *c, uint32_t index, int32_t status)
{
	for (uint32_t i = 0; i < c->n; i++) {
		struct client *k = &c->clients[i];

		if (k->state < CLIENT_IDLE || k->worker != index)
			continue;
		if (k->state == CLIENT_BUSY &&
		    client_receive(k, c->epoll, i) == 1 &&
		    take_answer(c, k) == 0) {
			leave(c, k);
			continue;
		}
		if (k->state != CLIENT_IDLE)
			fail_task(c, &k->call.task, index, status);
		leave(c, k);
	}
}

void crowd_give_up(struct crowd *c)
{
	struct task task;

	for (uint32_t i = 0; i < c->n; i++)
		leave(c, &c->clients[i]);
	while (fifo_take(&c->waiting, &task))
		fail_task(c, &task, 0, TASK_STATUS(TASK_START, ECHILD));
}

int crowd_take(struct crowd *c, struct completion *ret, size_t max)
{
	size_t n = 0;

	while (n < max && fifo_take(&c->ended, &ret[n]))
		n++;
	c->in_flight -= (uint32_t)n;
	return (int)n;
}
