/*
 * cluster - a prefork HTTP server: processes that share one listening socket.
 *
 *	generator ──TCP connection──▶ worker 0 ┐ accept
 *	          ──TCP connection──▶ worker 0 ├────────▶ one listener,
 *	          ──TCP connection──▶ worker 1 │          opened by the
 *	          ──TCP connection──▶ worker 1 ┘          primary, inherited
 *	   (`depth' keep-alive connections a worker, one request at a time each)
 *
 * The cost to look for: `dispatch' and `return'.  A task is a text that is
 * written, sent through TCP, read and checked, and so is its answer.  And a
 * connection stays with its worker: a task may wait for a busy worker while
 * another one is idle.
 *
 * What that buys: anyone who speaks HTTP can use it, from any program and any
 * machine, and workers that crash take nobody with them.  It is how nginx,
 * Apache and Node.js use more processors than one.
 *
 * Compare pool.c: the same processes, spoken to directly.
 *
 * Reading order: this file, the primary and its own clients; cluster_worker.c,
 * what a worker does; cluster_http.c and cluster_request.c, the messages;
 * cluster_crowd.c and cluster_client.c, the generator's connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/models/cluster_crowd.h"
#include "bench/models/cluster_worker.h"
#include "harness/base.h"
#include "harness/child.h"
#include "harness/gate.h"
#include "harness/model.h"

/* A worker that keeps dying is replaced so often, then given up. */
#define MAX_RESPAWNS 5

/* A process whose connection has ended should be gone as well by then. */
#define DEATH_LIMIT_NS (1 * NS_PER_S)

/* A place for one worker process; its index is the worker's number. */
struct slot {
	pid_t pid;         /* 0: nobody works here (any more) */
	int pidfd;         /* readable when the worker is dead; -1 */
	uint32_t respawns; /* so far */
};

struct cluster {
	const struct job *job;
	struct cluster_limits limits; /* of each worker */
	int listener;                 /* shared with the workers; -1 */
	struct slot *slots;           /* [job->workers] */
	uint32_t n_alive;             /* slots with a worker */
	uint32_t n_deaths;            /* of workers, so far */
	struct crowd crowd;           /* our clients: depth for each worker */
};

/* The worker process. */
static _Noreturn void work(const struct cluster *c, uint32_t index,
			   pid_t parent, const sigset_t *mask,
			   struct gate *ready)
{
	struct worker self;

	child_begin(parent, mask);
	/*
	 * Close what fork(2) gave us of the client side: as long as any process
	 * holds a connection, its other end does not see it close.
	 */
	crowd_forget(&c->crowd);
	for (uint32_t i = 0; i < c->job->workers; i++) {
		if (c->slots[i].pidfd >= 0)
			(void)close(c->slots[i].pidfd);
	}
	worker_begin(&self, c->job, index);
	cluster_work(c->job, &self, c->listener, &c->limits, ready);
}

/* End the worker of @slot, if it has not ended yet, and return its status. */
static int collect(struct cluster *c, struct slot *slot)
{
	int status = 0;

	/* It may be dead already: then this changes nothing. */
	(void)kill(slot->pid, SIGKILL);
	while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (slot->pidfd >= 0) {
		crowd_ignore(&c->crowd, slot->pidfd);
		(void)close(slot->pidfd);
	}
	slot->pidfd = -1;
	slot->pid = 0;
	c->n_alive--;
	return status;
}

/* Fork worker @index.  0 or -errno, the slot then empty. */
static int start(struct cluster *c, uint32_t index, struct gate *ready)
{
	struct slot *slot = &c->slots[index];
	pid_t parent = getpid();
	sigset_t all, mask;
	int r;

	/* No handler of ours may run in the child. */
	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &mask) == 0);
	slot->pid = fork();
	r = -errno;
	if (slot->pid == 0)
		work(c, index, parent, &mask, ready);
	CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
	if (slot->pid < 0) {
		slot->pid = 0;
		return r;
	}
	c->n_alive++;
	/* It tells of a worker that dies while all its clients are idle. */
	slot->pidfd = (int)syscall(SYS_pidfd_open, slot->pid, 0);
	r = slot->pidfd < 0 ? -errno : crowd_watch(&c->crowd, slot->pidfd);
	if (r < 0)
		(void)collect(c, slot);
	return r;
}

/* Worker @index is dead: a successor takes its place and its clients. */
static void bury(struct cluster *c, uint32_t index)
{
	struct slot *slot = &c->slots[index];
	int status = collect(c, slot);

	c->n_deaths++;
	crowd_bereave(&c->crowd, index, task_status_of_wait(status));
	if (slot->respawns < MAX_RESPAWNS) {
		slot->respawns++;
		if (start(c, index, NULL) == 0)
			(void)crowd_join(&c->crowd); /* or with the next */
	}
	if (c->n_alive == 0)
		crowd_give_up(&c->crowd);
}

/* Whether the worker of @slot dies by @deadline_ns. */
static int is_dead(const struct slot *slot, uint64_t deadline_ns)
{
	struct pollfd p = {.fd = slot->pidfd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, clock_poll_ms(deadline_ns));
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* Let time pass until @deadline_ns, and see to workers that died meanwhile. */
static int turn(struct cluster *c, uint64_t deadline_ns)
{
	struct client *broken;
	int r = crowd_turn(&c->crowd, deadline_ns);

	if (r < 0)
		return r;
	for (uint32_t i = 0; c->crowd.alarm && i < c->job->workers; i++) {
		if (is_dead(&c->slots[i], 0))
			bury(c, i);
	}
	/*
	 * A connection ends a moment before the process that held it, so wait
	 * for that moment.  But not for ever: it may not die at all.
	 */
	while ((broken = crowd_broken(&c->crowd))) {
		uint32_t index = broken->worker;

		if (is_dead(&c->slots[index], clock_ns() + DEATH_LIMIT_NS))
			bury(c, index);
		else
			crowd_mend(&c->crowd, broken,
				   TASK_STATUS(TASK_PROTOCOL, 0));
	}
	return 0;
}

static void cluster_close(void *model);

/* A listener on a free port of this machine, to be reached from it only. */
static int listen_here(struct cluster *c)
{
	socklen_t size = sizeof(c->crowd.address);
	struct sockaddr *address = (struct sockaddr *)&c->crowd.address;

	c->crowd.address.sin_family = AF_INET;
	c->crowd.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/*
	 * Non-blocking, as workers race for a connection that epoll has
	 * announced to more than one of them.
	 */
	c->listener =
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->listener < 0 || bind(c->listener, address, size) < 0 ||
	    listen(c->listener, SOMAXCONN) < 0 ||
	    getsockname(c->listener, address, &size) < 0)
		return -errno;
	return 0;
}

/* Fork the workers and wait until each is ready. */
static int start_all(struct cluster *c, uint64_t deadline_ns)
{
	struct gate ready;
	int r;

	c->slots = calloc(c->job->workers, sizeof(*c->slots));
	if (!c->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->job->workers; i++)
		c->slots[i].pidfd = -1;
	r = gate_open(&ready);
	if (r < 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < c->job->workers; i++)
		r = start(c, i, &ready);
	gate_seal(&ready);
	if (r == 0)
		r = gate_wait(&ready, c->job->workers, deadline_ns);
	gate_close(&ready);
	return r;
}

static int cluster_open(const struct job *job, void **ret)
{
	struct cluster *c = calloc(1, sizeof(*c));
	uint64_t deadline_ns = clock_ns() + job->open_limit_ns;
	int r;

	if (!c)
		return -ENOMEM;
	c->job = job;
	c->limits = (struct cluster_limits){
		.connections = job->depth,
		.request_ns = 5 * NS_PER_S,
		.idle_ns = 30 * NS_PER_S,
	};
	c->listener = -1;
	r = crowd_init(&c->crowd, job->workers, job->depth);
	c->crowd.workload = job->workload;
	c->crowd.size = job->size;
	if (r == 0)
		r = listen_here(c);
	if (r == 0)
		r = start_all(c, deadline_ns);
	if (r == 0)
		r = crowd_join(&c->crowd);
	/* Every connection accepted, and by whom: that is ready. */
	while (r == 0 && c->crowd.n_joined < job_capacity(job)) {
		r = turn(c, deadline_ns);
		if (r == 0 && c->n_deaths > 0)
			r = -ECHILD;
		else if (r == 0 && clock_ns() >= deadline_ns)
			r = -ETIMEDOUT;
	}
	if (r < 0) {
		cluster_close(c);
		return r;
	}
	*ret = c;
	return 0;
}

static int cluster_submit(void *model, const struct task *task)
{
	struct cluster *c = model;

	if (c->n_alive == 0)
		return -ECHILD;
	return crowd_submit(&c->crowd, task);
}

static int cluster_reap(void *model, uint64_t deadline_ns,
			struct completion *ret, size_t max)
{
	struct cluster *c = model;

	while (c->crowd.ended.n == 0) {
		int r = turn(c, deadline_ns);

		if (r < 0)
			return r;
		if (clock_ns() >= deadline_ns)
			break;
	}
	return crowd_take(&c->crowd, ret, max);
}

static void cluster_close(void *model)
{
	struct cluster *c = model;

	if (!c)
		return;
	/* First all, so that they die at the same time. */
	for (uint32_t i = 0; c->slots && i < c->job->workers; i++) {
		if (c->slots[i].pid != 0)
			(void)kill(c->slots[i].pid, SIGKILL);
	}
	for (uint32_t i = 0; c->slots && i < c->job->workers; i++) {
		if (c->slots[i].pid != 0)
			(void)collect(c, &c->slots[i]);
	}
	crowd_done(&c->crowd);
	if (c->listener >= 0)
		(void)close(c->listener);
	free(c->slots);
	free(c);
}

const struct model model_cluster = {
	.name = "cluster",
	.summary = "a prefork HTTP server, reached through TCP",
	.traits = MODEL_PROCESS | MODEL_NETWORK,
	.open = cluster_open,
	.submit = cluster_submit,
	.reap = cluster_reap,
	.close = cluster_close,
};
