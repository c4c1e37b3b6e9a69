#include "bench/models/cluster_handout.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"

static void watch_listener(struct cluster_primary *p, bool more)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = HANDOUT_TAG,
	};

	if (more == p->accepting || p->listener < 0)
		return;
	if (epoll_ctl(p->epoll, more ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
		      p->listener, &event) == 0)
		p->accepting = more;
}

int handout_init(struct cluster_primary *p)
{
	int r = fifo_init(&p->queue, HANDOUT_QUEUE, sizeof(int));

	if (r < 0)
		return r;
	watch_listener(p, true);
	return p->accepting ? 0 : -errno;
}

void handout_done(struct cluster_primary *p)
{
	int fd;

	while (fifo_take(&p->queue, &fd))
		(void)close(fd);
	fifo_done(&p->queue);
}

static bool can_take(const struct cluster_primary *p, const struct process *w)
{
	return w->pid != 0 && w->ready && !w->leaving &&
	       (!p->options.policy->acks || w->free_at > 0);
}

/*
 * Node.js gives a connection to the worker that has been free for longest, and
 * nothing more until it acknowledges that: a busy worker gets no second one.
 * Blind turns give the next connection to the next worker, whatever it does.
 */
static struct process *choose(struct cluster_primary *p)
{
	struct process *best = NULL;
	uint32_t workers = p->options.workers;

	for (uint32_t i = 0; i < workers; i++) {
		uint32_t k = (p->next + i) % workers;
		struct place *place = &p->places[k];
		struct process *w = &place->seats[place->current];

		if (!can_take(p, w))
			continue;
		if (!p->options.policy->acks) {
			p->next = (k + 1) % workers;
			return w;
		}
		if (!best || w->free_at < best->free_at)
			best = w;
	}
	return best;
}

/* Whether one of the workers has taken @fd, which then is closed here. */
static bool hand_over(struct cluster_primary *p, int fd)
{
	struct cluster_note note = {.word = WORD_CONNECTION};

	/* One whose channel is full, or who is dying, is passed over. */
	for (uint32_t i = 0; i < p->options.workers; i++) {
		struct process *w = choose(p);

		if (!w)
			return false;
		if (channel_put(&w->channel, &note, sizeof(note), fd) < 0)
			continue;
		w->free_at = 0;
		(void)channel_flush(&w->channel); /* or when there is room */
		return true;
	}
	return false;
}

void handout_deal(struct cluster_primary *p)
{
	int fd;

	while (p->queue.n > 0) {
		/* It stays the oldest if nobody takes it. */
		memcpy(&fd, p->queue.items + p->queue.head * sizeof(fd),
		       sizeof(fd));
		if (!hand_over(p, fd))
			break;
		CHECK(fifo_take(&p->queue, &fd) == 1);
	}
	if (p->resume_ns == CLOCK_NEVER)
		watch_listener(p, p->queue.n < HANDOUT_QUEUE);
}

static void tell_short(struct cluster_primary *p, int error)
{
	struct primary_event event = {.what = PRIMARY_SHORT, .error = error};

	watch_listener(p, false);
	p->resume_ns = clock_ns() + CLUSTER_PAUSE_NS;
	p->options.tell(p->options.arg, &event);
}

void handout_accept(struct cluster_primary *p)
{
	while (p->queue.n < HANDOUT_QUEUE) {
		int fd = accept4(p->listener, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOMEM || errno == ENOBUFS)) {
			tell_short(p, errno);
			return;
		}
		if (fd < 0)
			break; /* no more, or the client has gone */
		CHECK(fifo_put(&p->queue, &fd) == 0);
		handout_deal(p);
	}
	p->resume_ns = CLOCK_NEVER;
	handout_deal(p);
}
