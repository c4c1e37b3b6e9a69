/*
 * pool_keeper - who is dead, late, due or asleep, and what becomes of tasks.
 *
 * A dead worker tells two things without saying a word: its wire ends, or its
 * process does, and what it wrote in shared memory says how many tasks it had
 * begun.  If that is one more than it has answered, the first of the tasks at
 * hand died with it and has its end now.  (It is more than one if results came
 * that made no sense.)  All others were never begun: they go back, and run
 * elsewhere as if nothing had happened.  So no task is lost, and none runs twice
 * unless asked for.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/models/pool_internal.h"
#include "harness/base.h"

/* How long an idle worker may take to leave when the pool closes. */
#define LEAVE_NS NS_PER_S

void pool_started(struct pool *p, struct pool_lane *lane)
{
	lane->n_sent = lane->n_answered = 0;
	lane->verdict = 0;
	p->n_working++;
	respawn_started(&lane->respawn, clock_ns());
	if (p->ready)
		return; /* the first of this place */
	if (lane->end == POOL_DIED)
		p->counts.respawns++;
	else
		p->counts.recycled++;
}

void pool_wake(struct pool *p)
{
	uint32_t index = 0;

	while (!p->lanes[index].asleep)
		index++;
	p->lanes[index].asleep = false;
	p->n_asleep--;
	/* If that fails, the place is one to be filled: pool_supervise(). */
	(void)pool_start(p, index);
}

void pool_fail(struct pool *p, uint32_t index, const struct task *task,
	       int32_t status)
{
	struct completion c = {
		.id = task->id,
		.worker = index,
		.cpu = -1,
		.status = status,
	};

	pool_forget(p, task->id);
	CHECK(fifo_put(&p->failed, &c) == 0);
}

int pool_collect(pid_t pid)
{
	int status = 0;

	/*
	 * The number, of it and of its group, is taken until it is waited for.
	 * The group: what its tasks have started ends with it.
	 */
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		CHECK(errno == EINTR);
	return status;
}

/* Where @id is among the tasks retried; n_retried: it is not. */
static uint32_t find_retried(const struct pool *p, uint64_t id)
{
	uint32_t i = 0;

	while (i < p->n_retried && p->retried[i] != id)
		i++;
	return i;
}

void pool_forget(struct pool *p, uint64_t id)
{
	uint32_t i = find_retried(p, id);

	if (i < p->n_retried)
		p->retried[i] = p->retried[--p->n_retried];
}

/*
 * A task that a worker had begun and not answered when it ended as @wait_status
 * says.
 */
static void end_begun(struct pool *p, uint32_t index, const struct task *task,
		      int wait_status)
{
	int32_t status = p->lanes[index].verdict;

	if (status == 0 && p->job->settings[POOL_RETRY] &&
	    find_retried(p, task->id) == p->n_retried) {
		p->retried[p->n_retried++] = task->id;
		p->counts.retries++;
		CHECK(fifo_put(&p->returned, task) == 0);
		return;
	}
	if (status == 0)
		status = task_status_of_wait(wait_status);
	pool_fail(p, index, task, status);
}

void pool_bury(struct pool *p, uint32_t index)
{
	const struct pool_notice *notice = &p->notices[index];
	struct pool_lane *lane = &p->lanes[index];
	int wait_status = pool_collect(lane->pid);
	struct task task;
	uint64_t n_ended;

	p->carrier->disconnect(p, index);
	lane->pid = 0;
	p->n_working--;

	if (__atomic_load_n(&notice->ready, __ATOMIC_ACQUIRE))
		respawn_ready(&lane->respawn);
	lane->end = __atomic_load_n(&notice->end, __ATOMIC_ACQUIRE);
	if (lane->end == POOL_DIED)
		respawn_died(&lane->respawn, clock_ns());
	else
		respawn_left(&lane->respawn, clock_ns());
	p->start_errno = ECHILD;
	p->n_given_up += lane->respawn.given_up;
	lane->asleep = lane->end == POOL_IDLE_END;
	p->n_asleep += lane->asleep;

	n_ended = p->carrier->n_begun(p, index);
	if (n_ended == 0 && task_status_end(lane->verdict) == TASK_TIMEOUT)
		n_ended = 1; /* never begun, and that is what is wrong */
	while (n_ended-- > 0 && p->carrier->take_back(p, index, &task))
		end_begun(p, index, &task, wait_status);
	while (p->carrier->take_back(p, index, &task))
		CHECK(fifo_put(&p->returned, &task) == 0);
	p->look_ns = 0; /* there is a place to fill */
}

/* Look at lane @index and do what is to be done.  When to look again. */
static uint64_t look(struct pool *p, uint32_t index)
{
	struct pool_lane *lane = &p->lanes[index];
	uint64_t limit_ns = p->job->run_limit_ns;
	uint64_t now_ns = clock_ns(), since_ns;

	if (lane->pid == 0) {
		if (lane->asleep)
			return CLOCK_NEVER;
		if (respawn_at(&lane->respawn) <= now_ns &&
		    pool_start(p, index) == 0)
			return CLOCK_NEVER;
		return respawn_at(&lane->respawn);
	}
	if (limit_ns == 0 || lane->verdict || p->carrier->n_sent(p, index) == 0)
		return CLOCK_NEVER;
	since_ns = p->carrier->first_since(p, index);
	if (now_ns < since_ns || now_ns - since_ns < limit_ns)
		return limit_ns < CLOCK_NEVER - since_ns ? since_ns + limit_ns
							 : CLOCK_NEVER;
	/*
	 * Its wire or its process ends now, and pool_bury() will find the verdict; unless the
	 * answer was already on its way: then that counts.
	 */
	lane->verdict = TASK_STATUS(TASK_TIMEOUT, 0);
	(void)kill(-lane->pid, SIGKILL);
	return CLOCK_NEVER;
}

/*
 * Nobody works.  If each place is given up or its last tries have all failed,
 * no task shall wait for a next one.
 */
static void end_waiting(struct pool *p)
{
	struct task task;

	for (uint32_t i = 0; i < p->job->workers; i++) {
		const struct respawn *r = &p->lanes[i].respawn;

		if (!r->given_up && r->failures < RESPAWN_DEATHS)
			return;
	}
	while (fifo_take(&p->returned, &task) || fifo_take(&p->waiting, &task))
		pool_fail(p, 0, &task, TASK_STATUS(TASK_START, p->start_errno));
}

uint64_t pool_supervise(struct pool *p)
{
	uint64_t wake_ns = CLOCK_NEVER;

	/* As a rule nothing is to be done, and no look at any lane needed. */
	if (p->n_working + p->n_asleep == p->job->workers &&
	    p->job->run_limit_ns == 0)
		return CLOCK_NEVER;
	for (uint32_t i = 0; i < p->job->workers; i++) {
		uint64_t again_ns = look(p, i);

		if (again_ns < wake_ns)
			wake_ns = again_ns;
	}
	pool_dispatch(p);
	if (p->n_working == 0)
		end_waiting(p);
	return wake_ns;
}

/* Give @pid until @deadline_ns to end by itself. */
static void wait_for(pid_t pid, uint64_t deadline_ns)
{
	struct pollfd ended = {.events = POLLIN};
	int n;

	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ended.fd < 0)
		return; /* out of descriptors: then it gets no time */
	do
		n = poll(&ended, 1, clock_poll_ms(deadline_ns));
	while (n != 1 && clock_ns() < deadline_ns);
	(void)close(ended.fd);
}

void pool_end_all(struct pool *p)
{
	uint64_t deadline_ns = clock_ns() + LEAVE_NS;

	for (uint32_t i = 0; p->lanes && i < p->job->workers; i++) {
		struct pool_lane *lane = &p->lanes[i];

		if (lane->pid == 0)
			continue;
		if (p->carrier->n_sent(p, i) > 0)
			(void)kill(-lane->pid, SIGKILL);
		p->carrier->disconnect(p, i);
	}
	for (uint32_t i = 0; p->lanes && i < p->job->workers; i++) {
		struct pool_lane *lane = &p->lanes[i];

		if (lane->pid == 0)
			continue;
		wait_for(lane->pid, deadline_ns);
		(void)pool_collect(lane->pid);
		lane->pid = 0;
		p->n_working--;
	}
}
