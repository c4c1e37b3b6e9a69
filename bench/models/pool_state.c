/*
 * pool_state - the memory of a pool, all of it made before the first worker.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/models/pool_internal.h"

int pool_init(struct pool *p, const struct job *job)
{
	size_t bytes = job->workers * sizeof(*p->notices);
	int r = 0;

	p->job = job;
	p->counts = model_no_counts;
	p->counts.respawns = p->counts.recycled = p->counts.retries = 0;
	p->epoll = -1;
	p->notices = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->notices == MAP_FAILED) {
		p->notices = NULL;
		return -errno;
	}
	p->lanes = calloc(job->workers, sizeof(*p->lanes));
	p->events = calloc(job->workers, sizeof(*p->events));
	p->retried = calloc(job_capacity(job), sizeof(*p->retried));
	if (!p->lanes || !p->events || !p->retried)
		return -ENOMEM;
	for (uint32_t i = 0; i < job->workers; i++)
		p->lanes[i].wire = (struct pool_wire){-1, -1, -1};
	for (uint32_t i = 0; i < job->workers && r == 0; i++)
		r = fifo_init(&p->lanes[i].sent, job->depth,
			      sizeof(struct task));
	if (r == 0)
		r = fifo_init(&p->waiting, job_capacity(job),
			      sizeof(struct task));
	if (r == 0)
		r = fifo_init(&p->returned, job_capacity(job),
			      sizeof(struct task));
	if (r == 0)
		r = fifo_init(&p->failed, job_capacity(job),
			      sizeof(struct completion));
	return r < 0 ? r : p->carrier->open(p);
}

void pool_done(struct pool *p)
{
	for (uint32_t i = 0; p->lanes && i < p->job->workers; i++)
		fifo_done(&p->lanes[i].sent);
	if (p->notices)
		(void)munmap(p->notices, p->job->workers * sizeof(*p->notices));
	if (p->epoll >= 0 && p->epoll != p->rings.epoll)
		(void)close(p->epoll);
	lanes_close(&p->rings);
	if (p->memory)
		(void)munmap(p->memory, lanes_bytes(p->job));
	fifo_done(&p->waiting);
	fifo_done(&p->returned);
	fifo_done(&p->failed);
	free(p->retried);
	free(p->events);
	free(p->lanes);
}
