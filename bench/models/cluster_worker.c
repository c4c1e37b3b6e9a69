#include "bench/models/cluster_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/channel.h"

/*
 * data.ptr of an event is a peer, or the address of one of the three members
 * below that stand for something else to be watched.
 */
struct server {
	const struct cluster_duty *duty;
	struct cluster_seat *seat;
	struct peers peers;
	int listener;
	int nudge;
	struct channel channel;

	bool accepting;     /* open for new connections */
	bool stubborn;      /* takes the next one, whoever else could */
	bool found;         /* something to do, since it woke up */
	uint64_t resume_ns; /* when to be open again, at the latest */
};

/* A connection comes through the channel or from the listener. */
static bool is_pushed(const struct server *s)
{
	return s->duty->policy->accept == ACCEPT_PRIMARY;
}

/* A connection is left to a sibling for so long, then taken all the same. */
#define LEAVE_NS (500 * NS_PER_MS)

static void accept_more(struct server *s, bool more)
{
	bool pushed = is_pushed(s);
	int fd = pushed ? s->channel.fd : s->listener;
	struct epoll_event event = {
		.events = pushed ? (more ? EPOLLIN : 0) : EPOLLIN,
		.data.ptr = pushed ? (void *)&s->channel : &s->listener,
	};
	int op = more ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;

	if (more == s->accepting)
		return;
	if (s->duty->policy->exclusive)
		event.events |= EPOLLEXCLUSIVE;
	if (epoll_ctl(s->peers.epoll, pushed ? EPOLL_CTL_MOD : op, fd, &event) <
	    0)
		return;
	s->accepting = more;
	if (more)
		s->resume_ns = CLOCK_NEVER;
}

/* Leave new connections alone for a while, or until there is room. */
static void pause_accepting(struct server *s, uint64_t pause_ns)
{
	accept_more(s, false);
	s->resume_ns = clock_ns() + pause_ns;
}

/* Whether the worker at @seat could take a connection, as far as we know. */
static bool is_free(const struct cluster_seat *seat, uint64_t now_ns)
{
	uint64_t nudged_ns = atomic_load(&seat->nudged_ns);

	if (atomic_load(&seat->state) == SEAT_STARTING)
		return true;
	/* One that was nudged and does not wake may be stopped. */
	return atomic_load(&seat->state) == SEAT_READY &&
	       atomic_load(&seat->task_since_ns) == 0 &&
	       (nudged_ns == 0 || now_ns < nudged_ns + LEAVE_NS);
}

/*
 * The sibling that should have the next connection instead of us: it has the
 * fewest, fewer than we, and runs no task; or it is just being born.
 */
static struct cluster_seat *find_better(const struct server *s, uint64_t now_ns)
{
	const struct cluster_board *b = s->duty->board;
	struct cluster_seat *best = NULL;
	uint32_t fewest = s->peers.n;

	for (uint32_t i = 0; i < 2 * b->workers && fewest > 0; i++) {
		struct cluster_seat *seat = &b->seats[i];
		uint32_t n = atomic_load(&seat->connections);

		if (n < fewest && is_free(seat, now_ns)) {
			best = seat;
			fewest = n;
		}
	}
	return best;
}

/*
 * Which of the sleeping workers a connection wakes, nobody decides: one may
 * take every connection while its siblings idle (nginx moves itself to the end
 * of the queue now and then).  So one with more connections than an idle
 * sibling wakes that and leaves the listener to it.  For a while only: should
 * the sibling be stopped or dying, the connection must not wait for ever.
 */
static bool leave_to_sibling(struct server *s)
{
	static const uint64_t one = 1;
	uint64_t now_ns = clock_ns();
	struct cluster_seat *better;
	size_t seat;

	if (!s->duty->nudges || s->stubborn)
		return false;
	better = find_better(s, now_ns);
	if (!better)
		return false;
	seat = (size_t)(better - s->duty->board->seats);
	if (atomic_load(&better->state) == SEAT_READY &&
	    atomic_load(&better->nudged_ns) == 0) {
		atomic_store(&better->nudged_ns, now_ns);
		/* Fails only if its counter is full: then it is awake. */
		(void)!write(s->duty->nudges[seat % s->duty->board->workers],
			     &one, sizeof(one));
	}
	pause_accepting(s, LEAVE_NS);
	return true;
}

static void take(struct server *s, int fd)
{
	s->found = true;
	(void)peers_add(&s->peers, fd, clock_ns()); /* or the client is gone */
	if (s->peers.n >= s->duty->limits->connections)
		accept_more(s, false);
}

static void welcome(struct server *s)
{
	int fd;

	if (s->peers.draining || s->peers.n >= s->duty->limits->connections ||
	    leave_to_sibling(s))
		return;
	fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		take(s, fd);
	/*
	 * Else another worker was faster, or the client has gone: never mind.
	 * But with no descriptor or memory left, the listener would wake us for
	 * ever: leave it alone for a while.
	 */
	else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		 errno == ENOBUFS)
		pause_accepting(s, CLUSTER_PAUSE_NS);
}

static void tell(struct server *s, enum cluster_word word)
{
	struct cluster_note note = {.word = word};

	/* The primary reads all the time; if it does not, it is gone. */
	if (channel_put(&s->channel, &note, sizeof(note), -1) < 0 ||
	    channel_flush(&s->channel) != 1)
		_exit(0);
}

/* One more descriptor is to be had: else one that is sent to us is lost. */
static bool has_room(const struct server *s)
{
	int fd = fcntl(s->peers.epoll, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return false;
	(void)close(fd);
	return s->peers.n < s->duty->limits->connections;
}

static void drain(struct server *s)
{
	atomic_store(&s->seat->state, SEAT_DRAINING);
	s->resume_ns = CLOCK_NEVER;
	if (s->peers.draining)
		return;
	s->peers.draining = true;
	if (is_pushed(s))
		return;
	accept_more(s, false);
	(void)close(s->listener);
}

/* Do what the primary says. */
static void obey(struct server *s)
{
	struct channel_message m;
	int r = 0;

	for (;;) {
		struct cluster_note note;

		if (is_pushed(s) && !s->peers.draining && !has_room(s)) {
			pause_accepting(s, CLUSTER_PAUSE_NS);
			return;
		}
		r = channel_take(&s->channel, &m);
		if (r == 0)
			return;
		if (r < 0 || m.n != sizeof(note))
			_exit(0); /* the primary is gone, or out of its mind */
		s->found = true;
		memcpy(&note, m.bytes, sizeof(note));
		if (m.fd >= 0)
			take(s, m.fd);
		if (note.word == WORD_CONNECTION && s->duty->policy->acks)
			tell(s, WORD_HAVE);
		if (note.word == WORD_DRAIN || note.word == WORD_LEAVE)
			drain(s);
		if (note.word == WORD_LEAVE)
			peers_end_idle(&s->peers);
	}
}

static int prepare(struct server *s)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &s->channel};
	struct epoll_event nudge = {.events = EPOLLIN | EPOLLET,
				    .data.ptr = &s->nudge};
	int r = channel_open(&s->channel, s->duty->channel,
			     sizeof(struct cluster_note), CLUSTER_OUTBOX);

	if (r < 0)
		return r;
	s->peers.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->peers.epoll < 0 ||
	    epoll_ctl(s->peers.epoll, EPOLL_CTL_ADD, s->channel.fd, &event) < 0)
		return -errno;
	/* Edge-triggered: each write wakes, and nobody has to read. */
	if (s->nudge >= 0 &&
	    epoll_ctl(s->peers.epoll, EPOLL_CTL_ADD, s->nudge, &nudge) < 0)
		return -errno;
	s->accepting = is_pushed(s);
	accept_more(s, true);
	return s->accepting ? 0 : -errno;
}

static void look(struct server *s, void *what)
{
	if (what == &s->listener) {
		welcome(s);
	} else if (what == &s->channel) {
		obey(s);
	} else if (what == &s->nudge) {
		/* A sibling has left us a connection. */
		accept_more(s,
			    !s->peers.draining &&
				    s->peers.n < s->duty->limits->connections);
		welcome(s);
	} else {
		s->found = true;
		peer_go_on(&s->peers, what);
	}
}

/* What is due, whatever has woken us. */
static void keep_house(struct server *s, uint64_t now_ns, uint32_t n_before)
{
	bool is_time = now_ns >= s->resume_ns;

	if (s->peers.draining && s->peers.n == 0)
		_exit(0);
	if (s->peers.draining || s->accepting ||
	    s->peers.n >= s->duty->limits->connections ||
	    !(is_time || s->peers.n < n_before))
		return;
	accept_more(s, true);
	if (is_pushed(s)) {
		obey(s); /* more may be in the channel's buffer */
	} else if (is_time) {
		s->stubborn = true;
		welcome(s);
		s->stubborn = false;
	}
}

static int ms_until(uint64_t deadline_ns, uint64_t now_ns)
{
	uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	uint64_t ms = left_ns / NS_PER_MS + (left_ns % NS_PER_MS != 0);

	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int sleep_until(struct server *s, uint64_t deadline_ns, uint64_t now_ns,
		       struct epoll_event *ret, int max)
{
	int n;

	if (s->resume_ns < deadline_ns)
		deadline_ns = s->resume_ns;
	atomic_store_explicit(&s->seat->asleep, 1, memory_order_release);
	n = epoll_wait(s->peers.epoll, ret, max, ms_until(deadline_ns, now_ns));
	if (n < 0 && errno != EINTR)
		_exit(1);
	atomic_store_explicit(&s->seat->asleep, 0, memory_order_relaxed);
	if (atomic_load_explicit(&s->seat->nudged_ns, memory_order_relaxed))
		atomic_store(&s->seat->nudged_ns, 0);
	seat_add(&s->seat->progress, 1);
	return n;
}

static _Noreturn void loop(struct server *s)
{
	uint64_t tick_ns = s->duty->limits->request_ns / 5;
	uint64_t now_ns = clock_ns();
	uint64_t next_ns = now_ns + tick_ns;

	for (;;) {
		struct epoll_event events[64];
		int n = sleep_until(s, next_ns, now_ns, events,
				    ARRAY_LEN(events));
		uint64_t woken_ns = clock_ns();
		uint32_t n_before = s->peers.n;

		s->found = n <= 0;
		for (int i = 0; i < n; i++)
			look(s, events[i].data.ptr);
		seat_add(&s->seat->wakeups, n > 0);
		seat_add(&s->seat->wasted_wakeups, !s->found);
		/*
		 * A long task may have kept us from reading what came in time.
		 * So who is late is asked only when nothing more is to be read,
		 * and of the moment before the last look.
		 */
		if (woken_ns >= next_ns && n < (int)ARRAY_LEN(events)) {
			peers_sweep(&s->peers, woken_ns);
			next_ns = woken_ns + tick_ns;
		}
		keep_house(s, woken_ns, n_before);
		now_ns = clock_ns();
		seat_add(&s->seat->busy_ns, now_ns - woken_ns);
	}
}

_Noreturn void cluster_work(const struct cluster_duty *duty)
{
	struct server s = {
		.duty = duty,
		.seat = &duty->board->seats[duty->seat],
		.peers = {.service = duty->service,
			  .limits = duty->limits,
			  .seat = &duty->board->seats[duty->seat]},
		.listener = duty->listener,
		.nudge = duty->nudges ? duty->nudges[duty->index] : -1,
		.resume_ns = CLOCK_NEVER,
	};

	if (prepare(&s) < 0)
		_exit(1);
	atomic_store(&s.seat->state, SEAT_READY);
	tell(&s, WORD_READY);
	loop(&s);
}
