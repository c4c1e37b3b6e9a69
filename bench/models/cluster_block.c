/*
 * A worker that does one thing after the other: sleep in accept(2), serve this
 * client, sleep again.  Stevens' first prefork server, Apache's and gunicorn's
 * sync workers.  While it waits for a slow client it can do nothing else.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/models/cluster_worker.h"
#include "harness/base.h"
#include "harness/channel.h"

struct clerk {
	const struct cluster_duty *duty;
	struct cluster_seat *seat;
	struct channel channel;
	uint64_t listened_ns; /* to the primary, the last time */
	struct http_request request;
	struct http_out out;
	char in[HTTP_REQUEST_MAX];
};

static void tell_ready(struct clerk *c)
{
	struct cluster_note note = {.word = WORD_READY};

	if (channel_put(&c->channel, &note, sizeof(note), -1) < 0 ||
	    channel_flush(&c->channel) != 1)
		_exit(0);
}

/* Nothing wakes us from accept(2) to hear the primary: so ask now and then. */
static void obey(struct clerk *c, uint64_t now_ns)
{
	struct channel_message m;
	struct cluster_note note;
	int r;

	if (now_ns < c->listened_ns + CLUSTER_PAUSE_NS)
		return;
	c->listened_ns = now_ns;
	while ((r = channel_take(&c->channel, &m)) == 1) {
		if (m.n != sizeof(note))
			_exit(0);
		memcpy(&note, m.bytes, sizeof(note));
		if (note.word == WORD_DRAIN || note.word == WORD_LEAVE)
			_exit(0); /* nobody is being served right now */
	}
	if (r < 0)
		_exit(0); /* the primary is gone */
}

/*
 * Receive a whole request.  1; 0: it is refused, as request->status says; -1:
 * the client has gone or takes too long to begin.
 */
static int receive(struct clerk *c, int fd, uint64_t deadline_ns)
{
	size_t n = 0;

	http_request_init(&c->request);
	for (;;) {
		ssize_t got = recv(fd, c->in + n, sizeof(c->in) - n, 0);
		int r;

		seat_add(&c->seat->progress, 1);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return -1;
		n += got > 0 ? (size_t)got : 0;
		r = http_request_parse(&c->request, c->in, n);
		if (r != 0)
			return r > 0;
		if (clock_ns() < deadline_ns)
			continue;
		if (n == 0)
			return -1;
		c->request.status = 408;
		return 0;
	}
}

/* Send the answer.  Whether the client has taken it all. */
static bool send_answer(struct clerk *c, int fd, uint64_t deadline_ns)
{
	int r;

	do {
		r = http_out_flush(&c->out, fd);
		seat_add(&c->seat->progress, 1);
	} while (r == 0 && clock_ns() < deadline_ns);
	return r == 1;
}

/* Read what the client says after its last answer, as in cluster_peer.c. */
static void linger(struct clerk *c, int fd, uint64_t deadline_ns)
{
	ssize_t n;

	(void)shutdown(fd, SHUT_WR); /* the client may have gone */
	do {
		n = recv(fd, c->in, sizeof(c->in), 0);
		seat_add(&c->seat->progress, 1);
	} while ((n > 0 || (n < 0 && errno == EAGAIN)) &&
		 clock_ns() < deadline_ns);
}

/* One client, one request. */
static void serve(struct clerk *c, int fd)
{
	const struct cluster_service *service = c->duty->service;
	uint64_t limit_ns = c->duty->limits->request_ns;
	uint64_t deadline_ns = clock_ns() + limit_ns;
	int r = receive(c, fd, deadline_ns);

	c->request.close = 1;
	if (r == 0)
		http_put_error(&c->out, c->request.status, &c->request, NULL);
	if (r == 1) {
		service->answer(service->arg, c->seat, &c->request, c->in,
				&c->out);
		seat_add(&c->seat->requests, 1);
	}
	deadline_ns = clock_ns() + limit_ns;
	if (r < 0)
		return;
	if (!send_answer(c, fd, deadline_ns))
		http_out_drop(&c->out);
	else if (r == 0)
		linger(c, fd, deadline_ns);
	else if (c->request.hand_over)
		(void)service->take_over(service->arg, fd);
}

/* The listener's patience, SO_RCVTIMEO, is over after CLUSTER_PAUSE_NS. */
static _Noreturn void loop(struct clerk *c)
{
	for (;;) {
		uint64_t woken_ns;
		int fd;

		atomic_store(&c->seat->asleep, 1);
		fd = accept4(c->duty->listener, NULL, NULL, SOCK_CLOEXEC);
		atomic_store(&c->seat->asleep, 0);
		seat_add(&c->seat->progress, 1);
		woken_ns = clock_ns();
		if (fd >= 0) {
			seat_add(&c->seat->wakeups, 1);
			seat_add(&c->seat->accepted, 1);
			atomic_store(&c->seat->connections, 1);
			serve(c, fd);
			(void)close(fd);
			atomic_store(&c->seat->connections, 0);
			seat_add(&c->seat->busy_ns, clock_ns() - woken_ns);
		} else if (errno == EMFILE || errno == ENFILE ||
			   errno == ENOMEM || errno == ENOBUFS) {
			/*
			 * It would say so again at once, for ever.  Not poll(2),
			 * which fails, too, if the limit is low enough.
			 */
			clock_sleep_until(woken_ns + CLUSTER_PAUSE_NS);
		}
		obey(c, woken_ns);
	}
}

_Noreturn void cluster_work_blocking(const struct cluster_duty *duty)
{
	static struct clerk c;

	c.duty = duty;
	c.seat = &duty->board->seats[duty->seat];
	if (channel_open(&c.channel, duty->channel, sizeof(struct cluster_note),
			 CLUSTER_OUTBOX) < 0)
		_exit(1);
	atomic_store(&c.seat->state, SEAT_READY);
	tell_ready(&c);
	loop(&c);
}
