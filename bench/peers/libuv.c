/*
 * libuv - uv_queue_work(), as a peer: the thread pool under Node.js.
 *
 * A task is a request; its second function is called in the loop's thread when
 * the task has ended, and hands over the next one, so that DEPTH of them for each
 * worker are in flight.  The loop's thread runs none itself.  No task takes
 * stamps of time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "bench/peers/stint.h"
#include "harness/base.h"

static struct stint stint;

/* Each thread of the pool takes a number at its first task. */
static _Thread_local uint32_t thread;
static uint32_t n_threads;

static void run(uv_work_t *request)
{
	if (thread == 0)
		thread = __atomic_add_fetch(&n_threads, 1, __ATOMIC_RELAXED);
	stint_run(&stint, thread, (uintptr_t)request->data);
}

static void ended(uv_work_t *request, int status);

static void queue(uv_work_t *request)
{
	request->data = (void *)(uintptr_t)stint_next(&stint);
	CHECK(uv_queue_work(uv_default_loop(), request, run, ended) == 0);
}

/* When nobody queues any more the loop has nothing to do, and ends. */
static void ended(uv_work_t *request, int status)
{
	static bool over;

	CHECK(status == 0);
	over = over || !stint_goes_on(&stint);
	if (!over)
		queue(request);
}

int main(int argc, char **argv)
{
	uv_work_t *requests;
	char workers[16];
	int code;

	if (!stint_begin(&stint, argc, argv, uv_version_string(), &code))
		return code;
	(void)snprintf(workers, sizeof(workers), "%u", stint.workers);
	CHECK(setenv("UV_THREADPOOL_SIZE", workers, 1) == 0);
	requests = calloc(stint.in_flight, sizeof(*requests));
	CHECK(requests);
	for (uint32_t i = 0; i < stint.in_flight; i++)
		queue(&requests[i]);
	CHECK(uv_run(uv_default_loop(), UV_RUN_DEFAULT) == 0);
	free(requests);
	return stint_print(&stint);
}
