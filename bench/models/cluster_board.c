#include "bench/models/cluster_board.h"

#include <errno.h>
#include <sys/mman.h>

static size_t bytes_of(uint32_t workers)
{
	return 2 * (size_t)workers * sizeof(struct cluster_seat);
}

int board_open(struct cluster_board *b, uint32_t workers)
{
	/* Zeroed by the kernel, and zero is what every number begins with. */
	void *seats = mmap(NULL, bytes_of(workers), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (seats == MAP_FAILED)
		return -errno;
	b->workers = workers;
	b->seats = seats;
	return 0;
}

void board_close(struct cluster_board *b)
{
	if (b->seats)
		CHECK(munmap(b->seats, bytes_of(b->workers)) == 0);
	b->seats = NULL;
}

void seat_take(struct cluster_seat *seat, enum seat_state state)
{
	atomic_store(&seat->pid, 0);
	atomic_store(&seat->connections, 0);
	atomic_store(&seat->asleep, 0);
	atomic_store(&seat->nudged_ns, 0);
	atomic_store(&seat->task_since_ns, 0);
	atomic_store(&seat->cpu, -1);
	atomic_store(&seat->state, state);
}

void seat_task_begin(struct cluster_seat *seat, uint64_t id, uint64_t now_ns)
{
	atomic_store_explicit(&seat->task_id, id, memory_order_relaxed);
	atomic_store_explicit(&seat->task_since_ns, now_ns,
			      memory_order_release);
}

void seat_task_end(struct cluster_seat *seat)
{
	atomic_store_explicit(&seat->task_since_ns, 0, memory_order_release);
}

struct board_sum board_worker(const struct cluster_board *b, uint32_t index)
{
	struct board_sum sum = {0};

	for (uint32_t i = index; i < 2 * b->workers; i += b->workers) {
		const struct cluster_seat *seat = &b->seats[i];

		sum.starts += atomic_load(&seat->starts);
		sum.connections += atomic_load(&seat->connections);
		sum.accepted += atomic_load(&seat->accepted);
		sum.requests += atomic_load(&seat->requests);
		sum.busy_ns += atomic_load(&seat->busy_ns);
		sum.wakeups += atomic_load(&seat->wakeups);
		sum.wasted_wakeups += atomic_load(&seat->wasted_wakeups);
	}
	return sum;
}
