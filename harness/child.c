#include "harness/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base.h"
#include "harness/child_capture.h"
#include "harness/child_stream.h"

#define USUAL_CAP ((size_t)1 << 20)

struct run {
	struct child *child;
	struct capture out, err;
	enum child_over_cap over_cap;
	int over; /* the cap, and that is an error */
	int exited, cancelled;
	int wait_status;
};

static void on_data(void *ctx, int fd, const char *bytes, size_t n)
{
	struct run *run = ctx;
	struct capture *c = fd == 1 ? &run->out : &run->err;

	capture_put(c, bytes, n);
	if (c->cut && run->over_cap == CHILD_END) {
		run->over = 1;
		child_stop(run->child);
	}
}

static void on_exit_of(void *ctx, int wait_status)
{
	struct run *run = ctx;

	run->exited = 1;
	run->wait_status = wait_status;
}

static int run_open(struct run *run, const struct child_options *o,
		    enum child_step *ret_step)
{
	const struct child_events events = {
		.ctx = run,
		.data = on_data,
		.exit = on_exit_of,
	};
	int r = capture_init(&run->out, o->out_cap ? o->out_cap : USUAL_CAP);

	if (r == 0)
		r = capture_init(&run->err,
				 o->err_cap ? o->err_cap : USUAL_CAP);
	if (r == 0)
		return child_start(o, &events, &run->child, ret_step);
	if (ret_step)
		*ret_step = CHILD_STEP_PREPARE;
	return r;
}

static void run_close(struct run *run)
{
	child_end(run->child);
	capture_done(&run->out);
	capture_done(&run->err);
}

/*
 * Until the exit, not the close: a grandchild that holds the pipes open would
 * keep us for as long as it likes.
 */
static void run_listen(struct run *run, int cancel_fd)
{
	struct pollfd p[CHILD_POLLFDS + 1];
	struct pollfd *cancel = &p[CHILD_POLLFDS];

	*cancel = (struct pollfd){.fd = cancel_fd, .events = POLLIN};
	while (!run->exited) {
		uint64_t deadline_ns = child_deadline_ns(run->child);

		child_prepare(run->child, p);
		if (poll(p, ARRAY_LEN(p), clock_poll_ms(deadline_ns)) < 0)
			continue; /* EINTR, or ENOMEM, which passes */
		(void)child_handle(run->child, p);
		if (cancel->revents && !run->exited) {
			run->cancelled = !child_is_late(run->child);
			child_stop(run->child);
			cancel->fd = -1;
		}
	}
	child_hang_up(run->child);
}

int child_run_until(const struct child_options *options, int cancel_fd,
		    struct child_result *ret, enum child_step *ret_step)
{
	struct run run = {.over_cap = options->over_cap};
	uint64_t start_ns = clock_ns();
	int late, r;

	r = run_open(&run, options, ret_step);
	if (r < 0) {
		run_close(&run);
		return r;
	}
	run_listen(&run, cancel_fd);
	if (run.over) {
		run_close(&run);
		return -ENOBUFS;
	}
	late = child_is_late(run.child);
	child_end(run.child);
	*ret = (struct child_result){
		.wait_status = run.wait_status,
		.late = late,
		.cancelled = run.cancelled,
		.limit_ns = options->limit_ns,
		.wall_ns = clock_ns() - start_ns,
		.out = run.out.data,
		.err = run.err.data,
		.out_bytes = run.out.bytes,
		.err_bytes = run.err.bytes,
		.out_cut = run.out.cut,
		.err_cut = run.err.cut,
	};
	return 0;
}

int child_run(const struct child_options *options, struct child_result *ret)
{
	return child_run_until(options, -1, ret, NULL);
}

void child_result_done(struct child_result *r)
{
	free(r->out);
	free(r->err);
	r->out = r->err = NULL;
}

const char *child_result_text(const struct child_result *r, char *buf,
			      size_t size)
{
	int status = r->wait_status;
	const char *name;

	if (r->cancelled)
		snprintf(buf, size, "cancelled");
	else if (r->late)
		snprintf(buf, size, "no end within %g s",
			 (double)r->limit_ns / (double)NS_PER_S);
	else if (!WIFSIGNALED(status))
		snprintf(buf, size, "exit %d", WEXITSTATUS(status));
	else if ((name = sigabbrev_np(WTERMSIG(status))))
		snprintf(buf, size, "killed by %s", name);
	else
		snprintf(buf, size, "killed by signal %d", WTERMSIG(status));
	return buf;
}
