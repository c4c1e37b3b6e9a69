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
#include "bench/models/cluster_internal.h"
#include "bench/models/cluster_listen.h"
#include "harness/base.h"
#include "harness/child.h"

struct process *primary_process(struct cluster_primary *p, uint32_t seat)
{
	uint32_t workers = p->options.workers;

	return &p->places[seat % workers].seats[seat / workers];
}

uint32_t primary_seat(const struct cluster_primary *p, uint32_t index,
		      uint32_t which)
{
	return index + which * p->options.workers;
}

/* The epoll set would go on telling of it while anybody has a copy. */
static void close_watched(struct cluster_primary *p, int fd)
{
	if (fd < 0)
		return;
	(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
	(void)close(fd);
}

/* Give place @index a worker, now if that is allowed. */
static void fill(struct cluster_primary *p, uint32_t index)
{
	struct place *place = &p->places[index];
	uint64_t now_ns = clock_ns();

	if (p->closing || respawn_at(&place->respawn) > now_ns)
		return;
	if (primary_start(p, index, place->current) < 0) {
		respawn_failed(&place->respawn, now_ns);
		return;
	}
	respawn_started(&place->respawn, now_ns);
	p->n_respawns++;
	p->n_vacant--;
}

void primary_say(struct process *w, enum cluster_word word)
{
	struct cluster_note note = {.word = word};

	/* If it hears no more, it is dying or will be found to hang. */
	if (channel_put(&w->channel, &note, sizeof(note), -1) == 0)
		(void)channel_flush(&w->channel);
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
	p->n_vacant--;
	p->options.tell(p->options.arg, &event);
}

static bool is_current(const struct cluster_primary *p, uint32_t seat)
{
	uint32_t workers = p->options.workers;

	return p->places[seat % workers].current == seat / workers;
}

/* Take what the worker of @seat says. */
static void hear(struct cluster_primary *p, uint32_t seat)
{
	struct process *w = primary_process(p, seat);
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
			p->n_ready += !w->leaving;
			if (is_current(p, seat))
				respawn_ready(&p->places[event.index].respawn);
			p->options.tell(p->options.arg, &event);
		}
		w->free_at = ++p->n_free;
	}
	(void)channel_flush(&w->channel);
	if (p->options.policy->accept == ACCEPT_PRIMARY)
		handout_deal(p);
}

/* The worker of place @index has died: who is next, and when? */
static void succeed(struct cluster_primary *p, uint32_t index)
{
	struct place *place = &p->places[index];
	const struct process *other = &place->seats[!place->current];
	uint64_t now_ns = clock_ns();

	if (p->closing)
		return;
	respawn_died(&place->respawn, now_ns);
	if (other->pid != 0 && !other->leaving) {
		/* primary_roll() has started one already. */
		place->current = !place->current;
		respawn_started(&place->respawn, now_ns);
		if (other->ready)
			respawn_ready(&place->respawn);
		return;
	}
	p->n_vacant++;
	if (respawn_at(&place->respawn) == CLOCK_NEVER) {
		give_up(p, index);
		return;
	}
	fill(p, index);
	/* So soon that its siblings may leave it what the dead one had. */
	if (place->seats[place->current].pid == 0 &&
	    respawn_at(&place->respawn) < now_ns + CLUSTER_PAUSE_NS)
		seat_take(
			&p->board.seats[primary_seat(p, index, place->current)],
			SEAT_STARTING);
}

/* The worker of @seat is dead: collect it and see to its successor. */
static void bury(struct cluster_primary *p, uint32_t seat)
{
	struct process *w = primary_process(p, seat);
	struct cluster_seat *s = &p->board.seats[seat];
	uint32_t index = seat % p->options.workers;
	struct primary_event event = {
		.what = PRIMARY_DIED,
		.index = index,
		.pid = w->pid,
		.had_task = atomic_load(&s->task_since_ns) != 0,
		.task_id = atomic_load(&s->task_id),
		.was_asked = w->leaving,
	};

	hear(p, seat);                /* its last words */
	(void)kill(-w->pid, SIGKILL); /* what its tasks have started */
	while (waitpid(w->pid, &event.wait_status, 0) < 0 && errno == EINTR)
		;
	event.was_ready = w->ready;
	event.was_late = w->late;
	(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->channel.fd, NULL);
	channel_close(&w->channel);
	close_watched(p, w->pidfd);
	p->n_alive--;
	p->n_leaving -= w->leaving;
	p->n_ready -= w->ready && !w->leaving;
	w->pid = 0;
	w->ready = false;
	seat_take(s, SEAT_EMPTY);
	p->options.tell(p->options.arg, &event);
	if (is_current(p, seat))
		succeed(p, index);
	else if (!event.was_asked)
		roll_abort(p, index);
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
		.check_ns = o->run_limit_ns > 0 ? 0 : CLOCK_NEVER,
		.rolling = o->workers,
	};
	r = prepare(p);
	for (uint32_t i = 0; r == 0 && i < o->workers; i++) {
		r = primary_start(p, i, 0);
		if (r == 0)
			respawn_started(&p->places[i].respawn, clock_ns());
	}
	if (r < 0)
		primary_close(p);
	return r;
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

uint64_t primary_deadline(const struct cluster_primary *p)
{
	uint64_t first_ns = earlier(p->resume_ns, p->check_ns);

	if (p->n_leaving > 0)
		first_ns = earlier(first_ns, leave_deadline(p));
	if (p->rolling < p->options.workers && !p->roll_begun)
		first_ns = 0;
	for (uint32_t i = 0; p->n_vacant > 0 && i < p->options.workers; i++) {
		const struct place *place = &p->places[i];

		if (place->seats[place->current].pid == 0 && !p->closing)
			first_ns =
				earlier(first_ns, respawn_at(&place->respawn));
	}
	return first_ns;
}

/* What is due because its time has come. */
static void keep_time(struct cluster_primary *p)
{
	uint64_t now_ns;

	roll_on(p);
	if (primary_deadline(p) == CLOCK_NEVER)
		return;
	now_ns = clock_ns();
	if (now_ns >= p->resume_ns)
		handout_accept(p);
	if (now_ns >= p->check_ns)
		watch_check(p, now_ns);
	if (p->n_leaving > 0)
		leave_press(p, now_ns);
	for (uint32_t i = 0; p->n_vacant > 0 && i < p->options.workers; i++) {
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
		else if (primary_process(p, seat)->pid == 0)
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

void primary_deafen(struct cluster_primary *p)
{
	for (uint32_t i = 0; i < p->options.workers; i++) {
		if (p->places[i].listener >= 0)
			(void)close(p->places[i].listener);
		p->places[i].listener = -1;
	}
	if (p->listener >= 0) {
		/* Only with ACCEPT_PRIMARY is it watched; else that fails. */
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, p->listener, NULL);
		(void)close(p->listener);
	}
	p->listener = -1;
	p->resume_ns = CLOCK_NEVER;
}

void primary_close(struct cluster_primary *p)
{
	uint32_t n = 2 * p->options.workers;

	if (!p->places)
		return;
	p->closing = true;
	/* First all, so that they die at the same time. */
	for (uint32_t i = 0; i < n; i++) {
		if (primary_process(p, i)->pid != 0)
			(void)kill(-primary_process(p, i)->pid, SIGKILL);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct process *w = primary_process(p, i);

		if (w->pid == 0)
			continue;
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
		(void)close(w->pidfd);
		channel_close(&w->channel);
	}
	handout_done(p);
	primary_deafen(p);
	for (uint32_t i = 0; p->nudges && i < p->options.workers; i++) {
		if (p->nudges[i] >= 0)
			(void)close(p->nudges[i]);
	}
	if (p->epoll >= 0)
		(void)close(p->epoll);
	board_close(&p->board);
	free(p->nudges);
	free(p->places);
	*p = (struct cluster_primary){.epoll = -1, .listener = -1};
}
