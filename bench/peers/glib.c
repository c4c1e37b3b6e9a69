/*
 * glib - GThreadPool, as a peer.
 *
 * A pool of its own threads gets each task by g_thread_pool_push(), and gives it
 * back by a GAsyncQueue.  The submitting thread answers each result with the next
 * task, so that DEPTH of them for each worker are in flight; it runs none itself.
 * No task takes stamps of time.
 */
#include <glib.h>
#include <stdio.h>

#include "bench/peers/stint.h"
#include "harness/base.h"

static struct stint stint;
static GAsyncQueue *ended;

/* Each thread of the pool takes a number at its first task. */
static _Thread_local uint32_t thread;
static uint32_t n_threads;

static void run(gpointer task, gpointer unused)
{
	(void)unused;
	if (thread == 0)
		thread = __atomic_add_fetch(&n_threads, 1, __ATOMIC_RELAXED);
	stint_run(&stint, thread, GPOINTER_TO_UINT(task));
	g_async_queue_push(ended, task);
}

static void push(GThreadPool *pool)
{
	guint seed = (guint)stint_next(&stint);

	CHECK(g_thread_pool_push(pool, GUINT_TO_POINTER(seed), NULL));
}

int main(int argc, char **argv)
{
	GThreadPool *pool;
	char version[32];
	uint32_t left;
	int code;

	(void)snprintf(version, sizeof(version), "%u.%u.%u", glib_major_version,
		       glib_minor_version, glib_micro_version);
	if (!stint_begin(&stint, argc, argv, version, &code))
		return code;
	ended = g_async_queue_new();
	/* Exclusive: its threads are there from the beginning, and stay. */
	pool = g_thread_pool_new(run, NULL, (gint)stint.workers, TRUE, NULL);
	CHECK(pool);
	for (left = 0; left < stint.in_flight; left++)
		push(pool);
	while (stint_goes_on(&stint)) {
		(void)g_async_queue_pop(ended);
		push(pool);
	}
	for (; left > 0; left--)
		(void)g_async_queue_pop(ended);
	g_thread_pool_free(pool, FALSE, TRUE);
	g_async_queue_unref(ended);
	return stint_print(&stint);
}
