#include "bench/cli/serve_site.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/assets.h"
#include "harness/base.h"

/* The seat of who works in place @index now, and not of who is leaving. */
static const struct cluster_seat *seat_of(const struct cluster_board *b,
					  uint32_t index)
{
	const struct cluster_seat *first = &b->seats[index];
	const struct cluster_seat *second = &b->seats[b->workers + index];

	if (atomic_load(&first->pid) == 0 ||
	    (atomic_load(&first->state) == SEAT_DRAINING &&
	     atomic_load(&second->pid) != 0))
		return second;
	return first;
}

struct serve_worker *site_workers(const struct serve_site *site)
{
	static const char *const states[] = {
		[SEAT_EMPTY] = "no process",
		[SEAT_STARTING] = "starting",
		[SEAT_READY] = "ready",
		[SEAT_DRAINING] = "draining",
	};
	uint32_t n = site->facts->workers;
	struct serve_worker *workers = calloc(n, sizeof(*workers));

	for (uint32_t i = 0; workers && i < n; i++) {
		const struct cluster_seat *seat = seat_of(site->board, i);
		struct board_sum sum = board_worker(site->board, i);

		workers[i] = (struct serve_worker){
			.pid = atomic_load(&seat->pid),
			.state = states[atomic_load(&seat->state)],
			.cpu = atomic_load(&seat->cpu),
			.open = sum.connections,
			.connections = sum.accepted,
			.requests = sum.requests,
			.busy_ns = sum.busy_ns,
			.wakeups = sum.wakeups,
			.wasted_wakeups = sum.wasted_wakeups,
			.respawns = sum.starts ? sum.starts - 1 : 0,
		};
	}
	return workers;
}

static void answer_page(struct serve_site *site, struct http_request *request,
			struct http_out *out)
{
	(void)site;
	http_put_page(out, request, "text/html; charset=utf-8", asset_live_html,
		      strlen(asset_live_html), NULL);
}

static void answer_about(struct serve_site *site, struct http_request *request,
			 struct http_out *out)
{
	http_put_page(out, request, "application/json", site->about,
		      site->about_n, NULL);
}

static void answer_metrics(struct serve_site *site,
			   struct http_request *request, struct http_out *out)
{
	struct serve_worker *workers = site_workers(site);
	char *text = NULL;
	size_t n;

	if (workers)
		text = serve_metrics(site->facts, workers, &n);
	free(workers);
	if (text)
		http_put_page(out, request,
			      "text/plain; version=0.0.4; charset=utf-8", text,
			      n, text);
	else
		http_put_error(out, 500, request, "out of memory");
}

static void answer_events(struct serve_site *site, struct http_request *request,
			  struct http_out *out)
{
	(void)site;
	http_put_stream(out, request, "text/event-stream");
	request->hand_over = !request->head;
}

static const struct page {
	const char *path;
	void (*answer)(struct serve_site *site, struct http_request *request,
		       struct http_out *out);
} pages[] = {
	{"/", answer_page},
	{"/about", answer_about},
	{"/metrics", answer_metrics},
	{"/events", answer_events},
};

static void answer(void *arg, struct cluster_seat *seat,
		   struct http_request *request, const char *bytes,
		   struct http_out *out)
{
	struct serve_site *site = arg;
	const char *target = bytes + request->target_at;

	if (desk_answer(&site->desk, seat, request, bytes, out))
		return;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (strlen(pages[i].path) == request->target_len &&
		    memcmp(pages[i].path, target, request->target_len) == 0) {
			pages[i].answer(site, request, out);
			return;
		}
	}
	http_put_error(out, 404, request, "see / for what there is");
}

static int take_over(void *arg, int fd)
{
	struct serve_site *site = arg;

	return watch_give(&site->watch, fd);
}

/*
 * A worker leads a process group of its own: Ctrl-C is for the primary, who
 * tells the workers when to end.  Signals that the primary has blocked, to
 * wait for them, must end a worker as they end any other process.
 */
static void begin(void *arg, uint32_t index)
{
	struct serve_site *site = arg;
	sigset_t none;

	(void)setpgid(0, 0); /* can fail only for a leader of a session */
	sigemptyset(&none);
	CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
	worker_begin(&site->desk.self, site->desk.job, index);
}

struct cluster_service site_service(struct serve_site *site)
{
	return (struct cluster_service){
		.begin = begin,
		.answer = answer,
		.take_over = take_over,
		.arg = site,
	};
}
