#include "harness/lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base.h"
#include "harness/placement.h"

/*
 * How long to look before sleeping, where that disturbs nobody: somewhat more
 * than it takes to be woken from another processor.  Who looks as long as a
 * wake-up costs pays at most double of the best choice (Karlin, Manasse,
 * McGeoch, Owicki, "Competitive randomized algorithms for nonuniform problems",
 * SODA 1990).
 */
#define SPIN_NS (20 * NS_PER_US)

static size_t in_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

/* A struct that ends in a source, with room for its records. */
static size_t with_records(size_t bytes, uint32_t depth, size_t size)
{
	return bytes - sizeof(struct ring_source) +
	       ring_source_bytes(ring_room(depth), size);
}

static size_t down_bytes(const struct job *job)
{
	return with_records(sizeof(struct lane_down), job->depth,
			    sizeof(struct task));
}

static size_t up_bytes(const struct job *job)
{
	return in_pages(with_records(sizeof(struct lane_up), job->depth,
				     sizeof(struct completion)));
}

size_t lanes_bytes(const struct job *job)
{
	return in_pages(job->workers * down_bytes(job)) +
	       in_pages(sizeof(struct eventcount)) +
	       job->workers * up_bytes(job);
}

/*
 * Whether every worker, and the generator, has a processor for itself: then who
 * spins there keeps nobody from working.
 */
static bool is_spare(const struct job *job)
{
	const struct placement *p = job->placement;

	if (!p || placement_generator_cpu(p) < 0)
		return false;
	/* With more workers than places, the places start again. */
	for (uint32_t i = 1; i < job->workers; i++) {
		if (placement_cpu(p, i) == placement_cpu(p, 0))
			return false;
	}
	return true;
}

int lanes_open(struct lanes *ret, const struct job *job, void *memory,
	       bool shared, int64_t spin_us)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET,
				    .data.u32 = LANES_BELL};
	struct lanes *l = ret;
	char *at = memory;

	*l = (struct lanes){
		.memory = memory,
		.workers = job->workers,
		.depth = job->depth,
		.down_bytes = in_pages(job->workers * down_bytes(job)),
		.bell_bytes = in_pages(sizeof(struct eventcount)),
		.up_bytes = up_bytes(job),
		.spin_ns = spin_us > 0 ? (uint64_t)spin_us * NS_PER_US : 0,
	};
	if (spin_us < 0 && is_spare(job))
		l->spin_ns = SPIN_NS;
	l->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->lane = calloc(job->workers, sizeof(*l->lane));
	if (!l->lane)
		return -ENOMEM;
	/*
	 * Edge-triggered: it tells of each ring once, and nobody has to read
	 * the counter to make it silent.
	 */
	if (l->bell < 0 || l->epoll < 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->bell, &event) < 0)
		return -errno;
	l->asleep = (struct eventcount *)(at + l->down_bytes);
	eventcount_init(l->asleep, shared);
	for (uint32_t i = 0; i < job->workers; i++) {
		struct lane *lane = &l->lane[i];

		lane->down = (struct lane_down *)(at + i * down_bytes(job));
		lane->up = (struct lane_up *)(at + l->down_bytes +
					      l->bell_bytes + i * l->up_bytes);
		eventcount_init(&lane->up->asleep, shared);
	}
	return 0;
}

void lanes_close(struct lanes *l)
{
	if (!l->memory)
		return;
	free(l->lane);
	if (l->epoll >= 0)
		(void)close(l->epoll);
	if (l->bell >= 0)
		(void)close(l->bell);
	*l = (struct lanes){0};
}

static void open_ends(struct ring_end *tasks, struct ring_end *results,
		      struct lane_down *down, struct lane_up *up,
		      uint32_t depth)
{
	ring_open(tasks, &down->tasks, &up->tasks_taken, ring_room(depth),
		  sizeof(struct task));
	ring_open(results, &up->results, &down->results_taken, ring_room(depth),
		  sizeof(struct completion));
}

void lanes_begin(struct lanes *l, uint32_t i, uint32_t limit, uint64_t quota)
{
	struct lane *lane = &l->lane[i];

	CHECK(lanes_open_tasks(l, i) == 0 && limit <= l->depth);
	l->n_broken -= lane->broken;
	lane->broken = false;
	lane->limit = limit;
	lane->quota = quota;
	lane->up->begun_ns = 0;
	__atomic_store_n(&lane->down->leave, 0, __ATOMIC_RELAXED);
	ring_clear(&lane->down->tasks, &lane->up->tasks_taken);
	ring_clear(&lane->up->results, &lane->down->results_taken);
	open_ends(&lane->tasks, &lane->results, lane->down, lane->up, l->depth);
}

void lanes_attach(struct lanes_worker *ret, const struct lanes *l, uint32_t i)
{
	const struct lane *lane = &l->lane[i];

	*ret = (struct lanes_worker){
		.down = lane->down,
		.up = lane->up,
		.generator = l->asleep,
		.bell = l->bell,
		.spin_ns = l->spin_ns,
	};
	open_ends(&ret->tasks, &ret->results, lane->down, lane->up, l->depth);
}

int lanes_defend(const struct lanes *l, uint32_t i)
{
	size_t before = l->down_bytes + l->bell_bytes;

	if (mprotect(l->memory, before + l->workers * l->up_bytes, PROT_READ) ||
	    mprotect(l->asleep, l->bell_bytes, PROT_READ | PROT_WRITE) ||
	    mprotect(l->memory + before + i * l->up_bytes, l->up_bytes,
		     PROT_READ | PROT_WRITE))
		return -errno;
	return 0;
}
