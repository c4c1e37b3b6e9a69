/*
 * lanes_generator - who gets which task, and how the generator hears of results.
 */
#include <sys/epoll.h>

#include "harness/base.h"
#include "harness/lanes.h"

/* So long a result may lie there unseen, if its worker misjudged the next. */
#define LOOK_NS NS_PER_MS

static void call_broken(struct lanes *l, struct lane *lane)
{
	l->n_broken += !lane->broken;
	lane->broken = true;
}

uint32_t lanes_room(const struct lanes *l, uint32_t i)
{
	const struct lane *lane = &l->lane[i];
	uint32_t n = lanes_open_tasks(l, i);
	uint64_t left = lane->quota - lane->tasks.mine;

	if (lane->broken || n >= lane->limit)
		return 0;
	return left < lane->limit - n ? (uint32_t)left : lane->limit - n;
}

/*
 * As water fills vessels of different height: up to what level @n more tasks
 * fill the lanes that have room.  One less, rather, and with @ret_extra lanes
 * one higher.  False: no lane has room.
 */
static bool find_level(const struct lanes *l, size_t n, uint64_t *ret_level,
		       uint64_t *ret_extra)
{
	uint64_t level = UINT64_MAX;

	for (;;) {
		uint64_t n_lanes = 0, sum = 0, next;

		for (uint32_t i = 0; i < l->workers; i++) {
			uint32_t open = lanes_open_tasks(l, i);

			if (open < level && lanes_room(l, i) > 0) {
				n_lanes++;
				sum += open;
			}
		}
		if (n_lanes == 0)
			return false;
		next = (n + sum + n_lanes - 1) / n_lanes;
		if (next < level) {
			level = next; /* lanes above it: not counted */
			continue;
		}
		*ret_level = level - 1;
		*ret_extra = n + sum - n_lanes * (level - 1);
		return true;
	}
}

size_t lanes_send(struct lanes *l, uint32_t i, const struct task *tasks,
		  size_t n)
{
	struct lane *lane = &l->lane[i];
	int r = ring_put(&lane->tasks, tasks, n);

	/* Of answered tasks the ring is free, unless the worker denies it. */
	if (r < (int)n)
		call_broken(l, lane);
	if (r <= 0)
		return 0;
	eventcount_notify(&lane->up->asleep);
	return (size_t)r;
}

/* Once around: to all lanes below the level.  How many were sent. */
static size_t hand_out(struct lanes *l, const struct task *tasks, size_t n)
{
	uint64_t level, extra;
	size_t sent = 0;

	if (!find_level(l, n, &level, &extra))
		return 0;
	l->turn = (l->turn + 1) % l->workers;
	for (uint32_t k = 0; k < l->workers && sent < n; k++) {
		uint32_t i = l->turn + k < l->workers
				     ? l->turn + k
				     : l->turn + k - l->workers;
		uint32_t open = lanes_open_tasks(l, i), room = lanes_room(l, i);
		uint64_t want;

		if (room == 0 || open > level || (open == level && extra == 0))
			continue;
		want = level - open;
		if (extra > 0) {
			extra--;
			want++;
		}
		want = want < room ? want : room;
		want = want < n - sent ? want : n - sent;
		sent += lanes_send(l, i, &tasks[sent], want);
	}
	return sent;
}

size_t lanes_submit(struct lanes *l, const struct task *tasks, size_t n)
{
	size_t sent = 0, k;

	/* Once is enough, unless a lane below the level had little room. */
	do {
		k = sent < n ? hand_out(l, &tasks[sent], n - sent) : 0;
		sent += k;
	} while (k > 0);
	return sent;
}

/*
 * Of @n completions just taken from @lane, how many are answers to its tasks,
 * one after the other.  The others are not taken after all.
 */
static size_t check(struct lanes *l, uint32_t i, const struct completion *c,
		    size_t n)
{
	struct lane *lane = &l->lane[i];
	uint64_t first = lane->results.mine - n;

	for (size_t k = 0; k < n; k++) {
		const struct task *task = ring_at(&lane->tasks, first + k);

		if (first + k < lane->tasks.mine && c[k].id == task->id &&
		    c[k].worker == i && task_status_is_end(c[k].status))
			continue;
		lane->results.mine = first + k;
		call_broken(l, lane);
		return k;
	}
	return n;
}

size_t lanes_reap(struct lanes *l, struct completion *ret, size_t max)
{
	uint32_t i = l->turn;
	size_t n = 0;

	for (uint32_t k = 0; k < l->workers && n < max; k++) {
		struct lane *lane = &l->lane[i];
		int r = 0;

		if (!lane->broken && lanes_open_tasks(l, i) > 0)
			r = ring_take(&lane->results, &ret[n], max - n);
		if (r > 0)
			n += check(l, i, &ret[n], (size_t)r);
		if (r < 0)
			call_broken(l, lane);
		if (++i == l->workers)
			i = 0;
	}
	return n;
}

/* Whether there is something to reap, or a lane has just broken. */
static bool is_ready(struct lanes *l)
{
	for (uint32_t i = 0; i < l->workers; i++) {
		if (!l->lane[i].broken && lanes_open_tasks(l, i) > 0 &&
		    ring_ready(&l->lane[i].results) != 0)
			return true;
	}
	return false;
}

static uint32_t sleep_until(struct lanes *l, uint64_t deadline_ns)
{
	struct epoll_event event;

	/* An interruption is a return like others: the caller looks again. */
	if (clock_epoll_wait(l->epoll, &event, 1, deadline_ns) == 1)
		return event.data.u32;
	return LANES_BELL;
}

/*
 * A worker with more than one task may keep a result back, as it expects the
 * next one soon (lanes_worker.c); it cannot know.  So we come and look now and
 * then: for tasks that take so long, that costs nothing.
 */
static uint64_t next_look_ns(const struct lanes *l, uint64_t deadline_ns)
{
	uint64_t look_ns;

	for (uint32_t i = 0; i < l->workers; i++) {
		if (lanes_open_tasks(l, i) < 2)
			continue;
		look_ns = clock_ns() + LOOK_NS;
		return look_ns < deadline_ns ? look_ns : deadline_ns;
	}
	return deadline_ns;
}

uint32_t lanes_wait(struct lanes *l, uint64_t deadline_ns)
{
	uint64_t until_ns = l->spin_ns > 0 ? clock_ns() + l->spin_ns : 0;
	uint32_t key, number = LANES_BELL;

	if (until_ns > deadline_ns)
		until_ns = deadline_ns;
	while (until_ns > 0 && clock_ns() < until_ns) {
		if (is_ready(l))
			return LANES_BELL;
	}
	key = eventcount_prepare(l->asleep);
	if (!is_ready(l))
		number = sleep_until(l, next_look_ns(l, deadline_ns));
	eventcount_cancel(l->asleep, key);
	return number;
}

uint32_t lanes_look(struct lanes *l)
{
	return sleep_until(l, 0);
}

uint32_t lanes_begun(const struct lanes *l, uint32_t i)
{
	const struct lane *lane = &l->lane[i];
	uint64_t n = __atomic_load_n(&lane->up->tasks_taken.n_taken,
				     __ATOMIC_ACQUIRE) -
		     lane->results.mine;
	uint32_t open = lanes_open_tasks(l, i);

	return n < open ? (uint32_t)n : open;
}

uint64_t lanes_begun_ns(const struct lanes *l, uint32_t i)
{
	return __atomic_load_n(&l->lane[i].up->begun_ns, __ATOMIC_RELAXED);
}

bool lanes_take_back(struct lanes *l, uint32_t i, struct task *ret)
{
	struct lane *lane = &l->lane[i];

	lane->limit = 0;
	if (lanes_open_tasks(l, i) == 0)
		return false;
	*ret = *(const struct task *)ring_at(&lane->tasks, lane->results.mine);
	lane->results.mine++;
	return true;
}

void lanes_end(struct lanes *l, uint32_t i)
{
	struct lane *lane = &l->lane[i];

	lane->limit = 0;
	__atomic_store_n(&lane->down->leave, 1, __ATOMIC_RELEASE);
	eventcount_notify(&lane->up->asleep);
}
