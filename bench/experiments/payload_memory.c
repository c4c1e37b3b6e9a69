/*
 * payload_memory - where messages lie: all of it made before the first worker.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench/experiments/payload_carry.h"
#include "bench/workloads/bytes.h"

/* With a task; a run with more would be no measurement but a shortage. */
#define MOST_BYTES (UINT64_C(1) << 29)

struct carry_message *carry_slot(const struct carry_lane *lane, uint32_t slot)
{
	const struct carry *c = lane->carry;
	size_t index = (size_t)(lane - c->lanes) * c->job->depth + slot;

	return (struct carry_message *)(c->slots + index * c->stride);
}

void carry_slot_renew(struct carry_lane *lane, uint32_t slot)
{
	bytes_make(carry_slot(lane, slot)->bytes, lane->carry->n_bytes, 0);
	lane->orders[slot].seed = 0;
}

/* Memory as after calloc(3); NULL, with errno set. */
static void *map(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* The memory of all messages.  0 or -errno. */
static int map_messages(struct carry *c)
{
	enum carry_memory memory = c->carrier->memory;
	size_t bytes = c->stride * job_capacity(c->job);

	c->slots =
		map(bytes, memory == CARRY_SHARED ? MAP_SHARED : MAP_PRIVATE);
	if (!c->slots)
		return -errno;
	if (memory == CARRY_SHARED) {
		c->shared = c->slots;
		return 0;
	}
	/* Or fork(2) would mark all of it to be copied when we write there. */
	if (madvise(c->slots, bytes, MADV_DONTFORK) < 0)
		return -errno;
	if (memory == CARRY_COPIED) {
		c->shared = map(bytes, MAP_SHARED);
		if (!c->shared)
			return -errno;
	}
	return 0;
}

int carry_init(struct carry *c, const struct job *job)
{
	int r;

	c->job = job;
	if (job->workload->run == workload_bytes.run)
		c->n_bytes = job->size;
	if (c->n_bytes > MOST_BYTES)
		return -EMSGSIZE;
	c->message_size = sizeof(struct carry_message) + c->n_bytes;
	c->stride = (c->message_size + 63) / 64 * 64;
	c->lanes = calloc(job->workers, sizeof(*c->lanes));
	c->polled = calloc(job->workers, 2 * sizeof(*c->polled));
	if (!c->lanes || !c->polled)
		return -ENOMEM;
	for (uint32_t i = 0; i < job->workers; i++) {
		c->lanes[i].carry = c;
		c->lanes[i].here = c->lanes[i].there = carry_no_end(c);
	}
	c->notices = map(job->workers * sizeof(*c->notices), MAP_SHARED);
	if (!c->notices)
		return -errno;
	r = map_messages(c);
	for (uint32_t i = 0; r == 0 && i < job->workers; i++) {
		struct carry_lane *lane = &c->lanes[i];

		lane->orders = calloc(job->depth, sizeof(*lane->orders));
		if (!lane->orders)
			return -ENOMEM;
		for (uint32_t k = 0; k < job->depth; k++)
			carry_slot_renew(lane, k);
	}
	return r < 0 ? r
		     : fifo_init(&c->failed, job_capacity(job),
				 sizeof(struct completion));
}

void carry_done(struct carry *c)
{
	size_t bytes = c->stride * job_capacity(c->job);

	if (c->shared && c->shared != c->slots)
		(void)munmap(c->shared, bytes);
	if (c->slots)
		(void)munmap(c->slots, bytes);
	if (c->notices)
		(void)munmap(c->notices, c->job->workers * sizeof(*c->notices));
	for (uint32_t i = 0; c->lanes && i < c->job->workers; i++)
		free(c->lanes[i].orders);
	fifo_done(&c->failed);
	free(c->polled);
	free(c->lanes);
}
