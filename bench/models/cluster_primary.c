#include "bench/models/cluster_primary.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/models/cluster_handout.h"
#include "bench/models/cluster_listen.h"
#include "harness/base.h"
#include "harness/child.h"

/* epoll data: which seat, and which of its two descriptors. */
#define TAG_CHANNEL(seat) ((uint64_t)(seat)*2)
#define TAG_PIDFD(seat) ((uint64_t)(seat)*2 + 1)

static struct process *process_of(struct cluster_primary *p, uint32_t seat)
{
	uint32_t workers = p->options.workers;

	return &p->places[seat % workers].seats[seat / workers];
}

static uint32_t seat_of(const struct cluster_primary *p, uint32_t index,
			uint32_t which)
{
	return index + which * p->options.workers;
}

static int watch(struct cluster_primary *p, int fd, uint64_t tag,
		 uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = tag};

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* The epoll set would go on telling of it while anybody has a copy. */
static void close_watched(struct cluster_primary *p, int fd)
{
	if (fd < 0)
		return;
	(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
	(void)close(fd);
}

/*
 * In a new worker: close what fork(2) gave us of the primary.  With a copy of a
 * sibling's channel that sibling would not notice the primary's end; with one
 * of another place's listener, connections would wait there for nobody; with
 * one of a connection, its client would not see it close.
 */
static int forget(struct cluster_primary *p, uint32_t index)
{
	bool pushed = p->options.policy->accept == ACCEPT_PRIMARY;

	for (uint32_t i = 0; i < 2 * p->options.workers; i++) {
		struct process *w = process_of(p, i);

		if (w->pid == 0)
			continue;
		(void)close(w->pidfd);
		channel_close(&w->channel);
	}
	handout_done(p);
	(void)close(p->epoll);
	if (p->options.forget)
		p->options.forget(p->options.arg);
	for (uint32_t i = 0; i < p->options.workers; i++) {
		if (i != index && p->places[i].listener >= 0)
			(void)close(p->places[i].listener);
	}
	if (pushed)
		(void)close(p->listener);
	if (pushed)
		return -1;
	return p->listener >= 0 ? p->listener : p->places[index].listener;
}

/* The worker process. */
static _Noreturn void work(struct cluster_primary *p, uint32_t index,
			   uint32_t seat, pid_t parent, const sigset_t *mask,
			   int channel)
{
	struct cluster_duty duty = {
		.policy = p->options.policy,
		.service = &p->options.service,
		.limits = &p->options.limits,
		.board = &p->board,
		.index = index,
		.seat = seat,
		.channel = channel,
		.nudges = p->nudges,
	};

	child_begin(parent, mask);
	duty.listener = forget(p, index);
	atomic_store(&p->board.seats[seat].pid, getpid());
	p->options.service.begin(p->options.service.arg, index);
	if (p->options.policy->accept == ACCEPT_BLOCK)
		cluster_work_blocking(&duty);
	cluster_work(&duty);
}

/* Fork a worker for seat @which of place @index.  0 or -errno: none is there. */
static int start(struct cluster_primary *p, uint32_t index, uint32_t which)
{
	uint32_t seat = seat_of(p, index, which);
	struct process *w = process_of(p, seat);
	pid_t pid, parent = getpid();
	sigset_t all, mask;
	int ends[2], pidfd = -1;
	int r = channel_pair(ends);

	if (r < 0)
		return r;
	r = channel_open(&w->channel, ends[0], sizeof(struct cluster_note),
			 CLUSTER_OUTBOX);
	if (r < 0) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		return r;
	}
	seat_take(&p->board.seats[seat], SEAT_STARTING);
	seat_add(&p->board.seats[seat].starts, 1);
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	CHECK(pthread_sigmask(SIG_SETMASK, &all, &mask) == 0);
	pid = fork();
	r = pid < 0 ? -errno : 0;
	if (pid == 0) {
		channel_close(&w->channel);
		work(p, index, seat, parent, &mask, ends[1]);
	}
	CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
	/* Were the worker's end open here too, its death would go unseen. */
	(void)close(ends[1]);
	if (r == 0)
		r = watch(p, w->channel.fd, TAG_CHANNEL(seat),
			  EPOLLIN | EPOLLOUT | EPOLLET);
	if (r == 0) {
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		r = pidfd < 0 ? -errno : 0;
	}
	if (r == 0)
		r = watch(p, pidfd, TAG_PIDFD(seat), EPOLLIN);
	if (r == 0) {
		w->pid = pid;
		w->pidfd = pidfd;
		w->ready = false;
		w->leaving = false;
		w->free_at = 0;
		return 0;
	}
	if (pid > 0) {
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (pidfd >= 0)
		(void)close(pidfd);
	channel_close(&w->channel);
	seat_take(&p->board.seats[seat], SEAT_EMPTY);
	return r;
}

/* Give place @index a worker, now if that is allowed. */
static void fill(struct cluster_primary *p, uint32_t index)
{
	struct place *place = &p->places[index];
	uint64_t now_ns = clock_ns();

	if (p->closing || now_ns < respawn_at(&place->respawn))
		return;
	if (start(p, index, place->current) < 0) {
		respawn_failed(&place->respawn, now_ns);
		return;
	}
	respawn_started(&place->respawn, now_ns);
	p->n_respawns++;
	p->n_alive++;
}

static void give_up(struct cluster_primary *p, uint32_t index)
{
	struct place *place = &p->places[index];
	struct primary_event event = {
		.what = PRIMARY_GIVEN_UP,
		.index = index,
	};

	/* The kernel would go on to send its share of connections there. */
	if (place->listener >= 0)
		(void)close(place->listener);
	place->listener = -1;
	p->n_given_up++;
	p->options.tell(p->options.arg, &event);
}

/* Take what the worker of @seat says. */
static void hear(struct cluster_primary *p, uint32_t seat)
{
	struct process *w = process_of(p, seat);
	struct channel_message m;
	struct primary_event event = {
		.what = PRIMARY_READY,
		.index = seat % p->options.workers,
		.pid = w->pid,
	};

	while (channel_take(&w->channel, &m) == 1) {
		struct cluster_note note = {.word = WORD_HAVE};

		if (m.n == sizeof(note))
			memcpy(&note, m.bytes, sizeof(note));
		if (note.word == WORD_READY && !w->ready) {
			w->ready = true;
			p->n_ready++;
			respawn_ready(&p->places[event.index].respawn);
			p->options.tell(p->options.arg, &event);
		}
		w->free_at = ++p->n_free;
	}
	(void)channel_flush(&w->channel);
	if (p->options.policy->accept == ACCEPT_PRIMARY)
		handout_deal(p);
}

/* Place @index is empty: for how long? */
static void expect_successor(struct cluster_primary *p, uint32_t index)
{
	struct place *place = &p->places[index];
	uint64_t at_ns = respawn_at(&place->respawn);

	if (at_ns == CLOCK_NEVER) {
		give_up(p, index);
		return;
	}
	fill(p, index);
	/* So soon that its siblings may leave it what the dead one had. */
	if (place->seats[place->current].pid == 0 &&
	    at_ns < clock_ns() + CLUSTER_PAUSE_NS)
		seat_take(&p->board.seats[seat_of(p, index, place->current)],
			  SEAT_STARTING);
}

/* The worker of @seat is dead: collect it and see to its successor. */
static void bury(struct cluster_primary *p, uint32_t seat)
{
	struct process *w = process_of(p, seat);
	struct cluster_seat *s = &p->board.seats[seat];
	uint32_t index = seat % p->options.workers;
	struct place *place = &p->places[index];
	struct primary_event event = {
		.what = PRIMARY_DIED,
		.index = index,
		.pid = w->pid,
		.had_task = atomic_load(&s->task_since_ns) != 0,
		.task_id = atomic_load(&s->task_id),
		.was_asked = w->leaving,
	};

	hear(p, seat); /* its last words */
	while (waitpid(w->pid, &event.wait_status, 0) < 0 && errno == EINTR)
		;
	event.was_ready = w->ready;
	(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->channel.fd, NULL);
	channel_close(&w->channel);
	close_watched(p, w->pidfd);
	w->pid = 0;
	p->n_ready -= w->ready;
	w->ready = false;
	p->n_alive--;
	seat_take(s, SEAT_EMPTY);
	if (event.was_asked)
		respawn_left(&place->respawn, clock_ns());
	else
		respawn_died(&place->respawn, clock_ns());
	p->options.tell(p->options.arg, &event);
	expect_successor(p, index);
}

static int open_listeners(struct cluster_primary *p)
{
	const struct cluster_policy *policy = p->options.policy;
	bool several = policy->own_listener;

	for (uint32_t i = 0; i < (several ? p->options.workers : 1); i++) {
		int fd = cluster_listen(policy, &p->address);

		if (fd < 0)
			return fd;
		if (several)
			p->places[i].listener = fd;
		else
			p->listener = fd;
	}
	return policy->accept == ACCEPT_PRIMARY ? handout_init(p) : 0;
}

/* An eventfd for each worker, where the workers share one epoll'ed listener. */
static int open_nudges(struct cluster_primary *p)
{
	const struct cluster_policy *policy = p->options.policy;
	uint32_t n = p->options.workers;

	if (policy->accept != ACCEPT_EVENT || policy->own_listener)
		return 0;
	p->nudges = malloc(n * sizeof(*p->nudges));
	if (!p->nudges)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		p->nudges[i] = -1;
	for (uint32_t i = 0; i < n; i++) {
		p->nudges[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (p->nudges[i] < 0)
			return -errno;
	}
	return 0;
}

static int prepare(struct cluster_primary *p)
{
	int r;

	p->places = calloc(p->options.workers, sizeof(*p->places));
	if (!p->places)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->options.workers; i++)
		p->places[i].listener = -1;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0)
		return -errno;
	r = board_open(&p->board, p->options.workers);
	if (r == 0)
		r = open_nudges(p);
	if (r == 0)
		r = open_listeners(p);
	return r;
}

int primary_open(struct cluster_primary *p, const struct cluster_options *o)
{
	int r;

	*p = (struct cluster_primary){
		.options = *o,
		.address = o->address,
		.epoll = -1,
		.listener = -1,
		.resume_ns = CLOCK_NEVER,
	};
	r = prepare(p);
	for (uint32_t i = 0; r == 0 && i < o->workers; i++) {
		r = start(p, i, 0);
		if (r == 0) {
			respawn_started(&p->places[i].respawn, clock_ns());
			p->n_alive++;
		}
	}
	if (r < 0)
		primary_close(p);
	return r;
}

uint64_t primary_deadline(const struct cluster_primary *p)
{
	uint64_t first_ns = p->resume_ns;

	if (p->n_alive + p->n_given_up == p->options.workers)
		return first_ns;
	for (uint32_t i = 0; i < p->options.workers; i++) {
		const struct place *place = &p->places[i];
		uint64_t at_ns = respawn_at(&place->respawn);

		if (place->seats[place->current].pid == 0 && at_ns < first_ns)
			first_ns = at_ns;
	}
	return first_ns;
}

/* What is due because its time has come. */
static void keep_time(struct cluster_primary *p)
{
	uint64_t now_ns = clock_ns();

	if (now_ns < primary_deadline(p))
		return;
	if (now_ns >= p->resume_ns)
		handout_accept(p);
	for (uint32_t i = 0; i < p->options.workers; i++) {
		struct place *place = &p->places[i];

		if (place->seats[place->current].pid == 0)
			fill(p, i);
	}
}

int primary_wait(struct cluster_primary *p, uint64_t deadline_ns)
{
	struct epoll_event events[64];
	uint64_t due_ns = primary_deadline(p);
	int n = clock_epoll_wait(p->epoll, events, ARRAY_LEN(events),
				 due_ns < deadline_ns ? due_ns : deadline_ns);

	if (n < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < n; i++) {
		uint64_t tag = events[i].data.u64;
		uint32_t seat = (uint32_t)(tag / 2);

		if (tag == HANDOUT_TAG)
			handout_accept(p);
		else if (process_of(p, seat)->pid == 0)
			continue; /* has been buried meanwhile */
		else if (tag % 2)
			bury(p, seat);
		else
			hear(p, seat);
	}
	keep_time(p);
	return 0;
}

int primary_turn(struct cluster_primary *p)
{
	return primary_wait(p, 0);
}

void primary_close(struct cluster_primary *p)
{
	uint32_t n = 2 * p->options.workers;

	if (!p->places)
		return;
	p->closing = true;
	/* First all, so that they die at the same time. */
	for (uint32_t i = 0; i < n; i++) {
		if (process_of(p, i)->pid != 0)
			(void)kill(process_of(p, i)->pid, SIGKILL);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct process *w = process_of(p, i);

		if (w->pid == 0)
			continue;
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
		(void)close(w->pidfd);
		channel_close(&w->channel);
	}
	handout_done(p);
	for (uint32_t i = 0; i < p->options.workers; i++) {
		if (p->places[i].listener >= 0)
			(void)close(p->places[i].listener);
	}
	for (uint32_t i = 0; p->nudges && i < p->options.workers; i++) {
		if (p->nudges[i] >= 0)
			(void)close(p->nudges[i]);
	}
	if (p->listener >= 0)
		(void)close(p->listener);
	if (p->epoll >= 0)
		(void)close(p->epoll);
	board_close(&p->board);
	free(p->nudges);
	free(p->places);
	*p = (struct cluster_primary){.epoll = -1, .listener = -1};
}
