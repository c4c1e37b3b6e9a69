/*
 * cluster - a prefork HTTP server: processes that share one listening socket.
 *
 *	generator ──TCP connection──▶ worker 0 ┐ accept
 *	          ──TCP connection──▶ worker 0 ├────────▶ one listener,
 *	          ──TCP connection──▶ worker 1 │          opened by the
 *	          ──TCP connection──▶ worker 1 ┘          primary, inherited
 *	   (`depth' connections for each worker, one request at a time each)
 *
 * How a connection comes to a worker is the policy: `exclusive', in the
 * picture, and the variants `herd', `block', `reuseport', `roundrobin' and
 * `ack'.  See the table in cluster_policy.c.
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
 * Reading order: this file, the model and what its workers answer;
 * cluster_primary.c, which forks them; cluster_worker.c and cluster_block.c,
 * what a worker does; cluster_peer.c, with its connections;
 * cluster_handout.c, the primary that accepts for all; cluster_board.c, what
 * all of them know; cluster_http.c and cluster_request.c, the messages;
 * cluster_crowd.c and cluster_client.c, the generator's connections.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "bench/models/cluster_crowd.h"
#include "bench/models/cluster_desk.h"
#include "bench/models/cluster_primary.h"
#include "harness/base.h"
#include "harness/model.h"

/* A process whose connection has ended should be gone as well by then. */
#define DEATH_LIMIT_NS (1 * NS_PER_S)

struct cluster {
	const struct job *job;
	struct cluster_desk desk; /* what every worker answers */
	struct cluster_primary primary;
	struct crowd crowd; /* our clients: depth for each worker */
	uint32_t n_deaths;  /* of workers, so far */
	int short_of;       /* errno: the primary lacks it; 0 */
};

/* In the worker's process. */
static void begin(void *arg, uint32_t index)
{
	struct cluster *c = arg;

	worker_begin(&c->desk.self, c->job, index);
}

/* In the worker's process: do what @request asks for. */
static void answer(void *arg, struct cluster_seat *seat,
		   struct http_request *request, const char *bytes,
		   struct http_out *out)
{
	struct cluster *c = arg;

	if (!desk_answer(&c->desk, seat, request, bytes, out))
		http_put_error(out, 404, request, NULL);
}

/*
 * In the worker's process: close the generator's side.  As long as any process
 * holds a connection, its other end does not see it close.
 */
static void forget(void *arg)
{
	struct cluster *c = arg;

	crowd_forget(&c->crowd);
}

/* The primary tells what has become of its workers. */
static void hear(void *arg, const struct primary_event *e)
{
	struct cluster *c = arg;

	switch (e->what) {
	case PRIMARY_READY:
	case PRIMARY_ROLLED:
	case PRIMARY_STUCK:
		break;
	case PRIMARY_DIED:
		c->n_deaths++;
		crowd_bereave(
			&c->crowd, e->index, e->had_task ? &e->task_id : NULL,
			e->was_late ? TASK_STATUS(TASK_TIMEOUT, 0)
				    : task_status_of_wait(e->wait_status));
		break;
	case PRIMARY_GIVEN_UP:
		if (c->primary.n_given_up == c->job->workers)
			crowd_give_up(&c->crowd);
		break;
	case PRIMARY_SHORT:
		c->short_of = e->error;
		break;
	}
}

/*
 * Why the connection of @k has ended in the middle of its task: a connection
 * ends a moment before the process that held it, so wait for that moment.  But
 * not for ever: it may not die at all.
 */
static int explain(struct cluster *c, struct client *k)
{
	uint64_t deadline_ns = clock_ns() + DEATH_LIMIT_NS;
	int r = 0;

	/* A client that never asked for its worker may have been left alone. */
	if (k->worker == CLIENT_ANYBODY && c->crowd.n_deaths > k->n_deaths)
		crowd_mend(&c->crowd, k, c->crowd.status);
	while (r == 0 && k->state == CLIENT_BROKEN) {
		r = primary_wait(&c->primary, deadline_ns);
		if (k->state == CLIENT_BROKEN && clock_ns() >= deadline_ns)
			crowd_mend(&c->crowd, k, TASK_STATUS(TASK_PROTOCOL, 0));
	}
	return r;
}

/* Let time pass until @deadline_ns, and see to workers that died meanwhile. */
static int turn(struct cluster *c, uint64_t deadline_ns)
{
	uint64_t due_ns = primary_deadline(&c->primary);
	struct client *broken;
	int r = crowd_turn(&c->crowd,
			   due_ns < deadline_ns ? due_ns : deadline_ns);

	if (r == 0 && (c->crowd.alarm || clock_ns() >= due_ns))
		r = primary_turn(&c->primary);
	while (r == 0 && (broken = crowd_broken(&c->crowd)))
		r = explain(c, broken);
	/*
	 * Not before the primary knows who is dead: a new connection should
	 * find the successor, at least on its way.
	 */
	if (r == 0 && c->crowd.retry_ns != CLOCK_NEVER &&
	    clock_ns() >= c->crowd.retry_ns)
		(void)crowd_join(&c->crowd); /* or later */
	return r;
}

static void cluster_close(void *model);

/* Every worker ready and, if they are to be kept, every connection accepted. */
static int get_ready(struct cluster *c, uint64_t deadline_ns)
{
	bool joined = false;
	uint32_t n = c->crowd.close ? 0 : job_capacity(c->job);
	int r = 0;

	while (c->primary.n_ready < c->job->workers || c->crowd.n_joined < n) {
		if (!joined && c->primary.n_ready == c->job->workers) {
			joined = true;
			r = crowd_join(&c->crowd);
		}
		if (r == 0)
			r = turn(c, deadline_ns);
		if (r == 0 && c->n_deaths > 0)
			r = -ECHILD;
		if (r == 0 && c->short_of)
			r = -c->short_of;
		if (r == 0 && clock_ns() >= deadline_ns)
			r = -ETIMEDOUT;
		if (r < 0)
			return r;
	}
	return 0;
}

static int open_policy(const struct job *job, const char *policy, void **ret)
{
	struct cluster *c = calloc(1, sizeof(*c));
	uint64_t deadline_ns = clock_ns() + job->open_limit_ns;
	struct cluster_options options = {
		.address = {.sin_family = AF_INET,
			    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
		.policy = cluster_policy_find(policy),
		.service = {.begin = begin, .answer = answer, .arg = c},
		.limits = {.connections = job_capacity(job),
			   .request_ns = 5 * NS_PER_S,
			   .idle_ns = 30 * NS_PER_S},
		.workers = job->workers,
		.run_limit_ns = job->run_limit_ns,
		.tell = hear,
		.forget = forget,
		.arg = c,
	};
	bool close =
		options.policy->accept == ACCEPT_BLOCK || job->settings[0] != 0;
	int r;

	if (!c)
		return -ENOMEM;
	c->job = job;
	c->desk.job = job;
	c->desk.menu = (struct http_menu){&job->workload, 1, 0, job->size};
	r = crowd_init(&c->crowd, job->workers, job->depth, close);
	if (r == 0)
		r = primary_open(&c->primary, &options);
	c->crowd.address = c->primary.address;
	c->crowd.workload = job->workload;
	c->crowd.size = job->size;
	if (r == 0)
		r = crowd_watch(&c->crowd, c->primary.epoll);
	if (r == 0)
		r = get_ready(c, deadline_ns);
	if (r < 0) {
		cluster_close(c);
		return r;
	}
	*ret = c;
	return 0;
}

static int cluster_submit(void *model, const struct task *tasks, size_t n)
{
	struct cluster *c = model;

	if (c->primary.n_given_up == c->job->workers)
		return -ECHILD;
	return crowd_submit(&c->crowd, tasks, n);
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
	primary_close(&c->primary);
	crowd_done(&c->crowd);
	free(c);
}

static void cluster_count(void *model, struct model_counts *ret)
{
	struct cluster *c = model;

	*ret = model_no_counts;
	ret->respawns = (int64_t)c->primary.n_respawns;
	ret->given_up = c->primary.n_given_up;
	ret->wakeups = 0;
	ret->wasted_wakeups = 0;
	ret->connections = 0;
	ret->connections_max = 0;
	ret->connections_squares = 0;
	for (uint32_t i = 0; i < c->job->workers; i++) {
		struct board_sum sum = board_worker(&c->primary.board, i);
		int64_t n = (int64_t)sum.accepted;

		ret->wakeups += (int64_t)sum.wakeups;
		ret->wasted_wakeups += (int64_t)sum.wasted_wakeups;
		ret->connections += n;
		ret->connections_squares += n * n;
		if (n > ret->connections_max)
			ret->connections_max = n;
	}
}

/* A model for each policy: all the same but for the one word. */

static int exclusive_open(const struct job *job, void **ret)
{
	return open_policy(job, "exclusive", ret);
}

static int herd_open(const struct job *job, void **ret)
{
	return open_policy(job, "herd", ret);
}

static int block_open(const struct job *job, void **ret)
{
	return open_policy(job, "block", ret);
}

static int reuseport_open(const struct job *job, void **ret)
{
	return open_policy(job, "reuseport", ret);
}

static int roundrobin_open(const struct job *job, void **ret)
{
	return open_policy(job, "roundrobin", ret);
}

static int ack_open(const struct job *job, void **ret)
{
	return open_policy(job, "ack", ret);
}

static const struct model_setting settings[] = {
	{"close", "1: a connection for each task; 0: connections are kept", 0,
	 0, 1},
	{NULL, NULL, 0, 0, 0},
};

#define CLUSTER(full_name, word, text, more)                                   \
	{                                                                      \
		.name = (full_name), .variant = #word, .summary = (text),      \
		.traits = MODEL_PROCESS | MODEL_NETWORK | (more),              \
		.settings = settings, .open = word##_open,                     \
		.submit = cluster_submit, .reap = cluster_reap,                \
		.close = cluster_close, .count = cluster_count,                \
	}

const struct model model_cluster = CLUSTER(
	"cluster", exclusive, "a prefork HTTP server, reached through TCP", 0);

const struct model model_cluster_herd =
	CLUSTER("cluster:herd", herd,
		"cluster, where a connection wakes every worker", 0);

const struct model model_cluster_block = CLUSTER(
	"cluster:block", block,
	"cluster, whose workers sleep in accept, a client at a time", 0);

const struct model model_cluster_reuseport =
	CLUSTER("cluster:reuseport", reuseport,
		"cluster with a listener for each worker", MODEL_UNEVEN);

const struct model model_cluster_roundrobin =
	CLUSTER("cluster:roundrobin", roundrobin,
		"cluster, whose primary accepts and deals in turn", 0);

const struct model model_cluster_ack =
	CLUSTER("cluster:ack", ack,
		"cluster, whose primary deals to workers that are free", 0);
