/*
 * payload_keeper - workers that die, are late, or never live.
 *
 * A worker answers in the order in which it was asked.  So if one dies, the task
 * that it died in is the first one that it has not answered; all others go to
 * its successor, with new bytes, as nobody knows how far it came with the old.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/experiments/payload_carry.h"
#include "harness/base.h"

/* End @pid and all that its tasks have started.  What waitpid(2) says of it. */
static int collect(pid_t pid)
{
	int status = 0;

	CHECK(pid > 0);
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		CHECK(errno == EINTR);
	return status;
}

/* The first task of @lane has come to its end without an answer. */
static void fail_first(struct carry_lane *lane, int32_t status)
{
	struct carry *c = lane->carry;
	struct completion failed = {
		.id = lane->orders[lane->first].task.id,
		.worker = (uint32_t)(lane - c->lanes),
		.cpu = -1,
		.status = status,
	};

	CHECK(fifo_put(&c->failed, &failed) == 0);
	lane->first = (lane->first + 1) % c->job->depth;
	lane->n--;
}

void carry_bury(struct carry_lane *lane)
{
	struct carry *c = lane->carry;
	int wait_status = collect(lane->pid);
	uint32_t *notice = &c->notices[lane - c->lanes];
	int32_t status = lane->verdict ? lane->verdict
				       : task_status_of_wait(wait_status);

	lane->working = false;
	carry_end_close(&lane->here);
	if (__atomic_load_n(notice, __ATOMIC_ACQUIRE))
		respawn_ready(&lane->respawn);
	respawn_died(&lane->respawn, clock_ns());
	c->start_errno = ECHILD;
	for (uint32_t i = 0; i < lane->n_sent; i++)
		carry_slot_renew(lane, (lane->first + i) % c->job->depth);
	if (lane->n_sent > 0)
		fail_first(lane, status);
	lane->n_sent = 0;
}

/* Is nothing to be hoped for in @lane, be it for long? */
static bool hopeless(const struct carry_lane *lane)
{
	return lane->respawn.given_up ||
	       lane->respawn.failures >= RESPAWN_DEATHS;
}

/* Look at an empty place.  When to look again. */
static uint64_t fill(struct carry_lane *lane)
{
	struct carry *c = lane->carry;

	if (respawn_at(&lane->respawn) <= clock_ns() && carry_start(lane) == 0)
		return CLOCK_NEVER;
	while (hopeless(lane) && lane->n > 0)
		fail_first(lane, TASK_STATUS(TASK_START, c->start_errno));
	return respawn_at(&lane->respawn);
}

/* Has the first task of @lane had its time?  When to look again. */
static uint64_t check_late(struct carry_lane *lane)
{
	uint64_t limit_ns = lane->carry->job->run_limit_ns;
	uint64_t now_ns = clock_ns();

	if (limit_ns == 0 || lane->n_sent == 0 || lane->verdict)
		return CLOCK_NEVER;
	if (limit_ns >= CLOCK_NEVER - lane->first_ns)
		return CLOCK_NEVER;
	if (now_ns < lane->first_ns + limit_ns)
		return lane->first_ns + limit_ns;
	/* The wire ends now.  If an answer is on its way, that counts. */
	lane->verdict = TASK_STATUS(TASK_TIMEOUT, 0);
	(void)kill(-lane->pid, SIGKILL);
	return CLOCK_NEVER;
}

uint64_t carry_supervise(struct carry *c)
{
	uint64_t wake_ns = CLOCK_NEVER;

	for (uint32_t i = 0; i < c->job->workers; i++) {
		struct carry_lane *lane = &c->lanes[i];
		uint64_t again_ns = CLOCK_NEVER;

		if (!lane->working)
			again_ns = fill(lane);
		else if (!c->carrier->thread)
			again_ns = check_late(lane);
		if (again_ns < wake_ns)
			wake_ns = again_ns;
	}
	return wake_ns;
}

/*
 * A thread cannot be killed: it sees the end of its wire when it has done what
 * it was sent, and until then has somebody to answer.  From a process nobody
 * wants anything any more.
 */
void carry_end_all(struct carry *c)
{
	for (uint32_t i = 0; c->lanes && i < c->job->workers; i++) {
		struct carry_lane *lane = &c->lanes[i];

		if (lane->working && c->carrier->thread)
			carry_end_hang_up(&lane->here);
		else if (lane->working)
			(void)kill(-lane->pid, SIGKILL);
	}
	for (uint32_t i = 0; c->lanes && i < c->job->workers; i++) {
		struct carry_lane *lane = &c->lanes[i];

		if (lane->working && c->carrier->thread)
			CHECK(pthread_join(lane->thread, NULL) == 0);
		else if (lane->working)
			(void)collect(lane->pid);
		lane->working = false;
		carry_end_close(&lane->here);
		carry_end_close(&lane->there);
	}
}
