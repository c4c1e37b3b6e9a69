/*
 * pool_carrier - tasks and results through wires, with one message for each.
 */
#include <errno.h>
#include <sys/epoll.h>

#include "bench/models/pool_internal.h"
#include "harness/base.h"

static int wire_open(struct pool *p)
{
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	return p->epoll < 0 ? -errno : 0;
}

static int wire_connect(struct pool *p, uint32_t index, struct pool_wire *there)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
	struct pool_wire *here = &p->lanes[index].wire;
	int r = p->carrier->wire->open(here, there);

	if (r < 0)
		return r;
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, here->in, &event) < 0) {
		r = -errno;
		pool_wire_close(here);
		pool_wire_close(there);
	}
	return r;
}

/* The worker has its end: when it dies, ours tells. */
static int wire_connected(struct pool *p, uint32_t index)
{
	(void)p;
	(void)index;
	return 0;
}

static void wire_disconnect(struct pool *p, uint32_t index)
{
	struct pool_wire *here = &p->lanes[index].wire;

	/*
	 * Closing alone would not do: a worker just forked may still have a
	 * copy of this end, and the epoll set would go on telling of it.
	 */
	CHECK(epoll_ctl(p->epoll, EPOLL_CTL_DEL, here->in, NULL) == 0);
	pool_wire_close(here);
}

static bool wire_has_room(const struct pool *p, uint32_t index)
{
	const struct pool_lane *lane = &p->lanes[index];
	int64_t cap = p->job->settings[POOL_CAP];
	int64_t recycle = p->job->settings[POOL_RECYCLE];

	return lane->sent.n < p->job->depth &&
	       (cap == 0 || lane->sent.n < cap) &&
	       (recycle == 0 || (int64_t)lane->n_sent < recycle);
}

static void wire_send(struct pool *p, uint32_t index, const struct task *task)
{
	struct pool_lane *lane = &p->lanes[index];

	if (lane->sent.n == 0 && p->job->run_limit_ns > 0)
		lane->first_ns = clock_ns();
	p->carrier->wire->send_task(&lane->wire, task);
	CHECK(fifo_put(&lane->sent, task) == 0);
	lane->n_sent++;
}

static uint32_t wire_n_sent(const struct pool *p, uint32_t index)
{
	return p->lanes[index].sent.n;
}

static uint64_t wire_n_begun(const struct pool *p, uint32_t index)
{
	uint64_t n_begun =
		__atomic_load_n(&p->notices[index].n_begun, __ATOMIC_ACQUIRE);
	uint64_t n_answered = p->lanes[index].n_answered;

	/* More answers than begins are possible: those that were none. */
	return n_begun > n_answered ? n_begun - n_answered : 0;
}

/*
 * A worker that was stopped, say, may never begin its first task; then since
 * when it could have.
 */
static uint64_t wire_first_since(struct pool *p, uint32_t index)
{
	if (wire_n_begun(p, index) == 0)
		return p->lanes[index].first_ns;
	return __atomic_load_n(&p->notices[index].begun_ns, __ATOMIC_RELAXED);
}

static bool wire_take_back(struct pool *p, uint32_t index, struct task *ret)
{
	return fifo_take(&p->lanes[index].sent, ret) == 1;
}

#define WIRE_CARRIER(transport)                                                \
	.wire = (transport), .open = wire_open, .connect = wire_connect,       \
	.connected = wire_connected, .disconnect = wire_disconnect,            \
	.serve = pool_serve_wire, .has_room = wire_has_room,                   \
	.send = wire_send, .n_sent = wire_n_sent, .n_begun = wire_n_begun,     \
	.first_since = wire_first_since, .take_back = wire_take_back

const struct pool_carrier pool_carrier_socket = {WIRE_CARRIER(&pool_socket)};
const struct pool_carrier pool_carrier_pipe = {WIRE_CARRIER(&pool_pipe)};
