#include "bench/models/cluster_desk.h"

#include "harness/base.h"

/* Run the task of @call and write what came of it. */
static void run(const struct cluster_desk *d, struct cluster_seat *seat,
		const struct http_call *call, struct http_request *request,
		struct http_out *out)
{
	struct job job = *d->job;
	struct completion c;
	char body[HTTP_BODY_MAX];
	size_t n;

	job.workload = call->workload;
	job.size = call->size;
	seat_task_begin(seat, call->task.id, clock_ns());
	task_run(&job, &d->self, &call->task, 0, &c);
	seat_task_end(seat);
	atomic_store_explicit(&seat->cpu, c.cpu, memory_order_relaxed);
	if (call->close)
		request->close = 1;
	n = json_format_completion(call, &c, body);
	http_put_answer(out, 200, request, body, n);
}

bool desk_answer(const struct cluster_desk *d, struct cluster_seat *seat,
		 struct http_request *request, const char *bytes,
		 struct http_out *out)
{
	struct http_call call;
	char body[HTTP_BODY_MAX];

	switch (http_target_parse(bytes + request->target_at,
				  request->target_len, &d->menu, &call)) {
	case HTTP_TARGET_TASK:
		run(d, seat, &call, request, out);
		return true;
	case HTTP_TARGET_READY:
		http_put_answer(out, 200, request, body,
				json_format_ready(d->self.index, body));
		return true;
	case HTTP_TARGET_UNKNOWN:
		http_put_error(out, 404, request, "no workload has this name");
		return true;
	case HTTP_TARGET_LARGE:
		http_put_error(out, 422, request,
			       "this server takes no tasks of this size");
		return true;
	case HTTP_TARGET_BAD:
		request->close = 1;
		http_put_error(out, 400, request,
			       "a query has size, seed, id and close, each "
			       "once at most, with whole numbers");
		return true;
	case HTTP_TARGET_OTHER:
	default:
		return false;
	}
}
