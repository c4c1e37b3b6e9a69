#include "harness/clock_check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base.h"

/*
 * How often a player looks for the ball before it gives its processor away.  A
 * hop between two processors takes less than that, about 1 us; on one processor
 * the other player can only throw when this one yields.
 */
#define LOOKS 1000

#define CACHE_LINE 64

/* Each hand on a cache line of its own: only the ball itself shall travel. */
struct hand {
	alignas(CACHE_LINE) _Atomic uint64_t stamp_ns; /* 0: empty */
};

struct game {
	struct hand hands[2];
	uint64_t rounds; /* a round is a hop there and a hop back */
	uint64_t deadline_ns;
	atomic_bool over; /* one player has left, the other need not wait */
};

struct player {
	struct game *game;
	pthread_t thread;
	int me; /* 0 serves, 1 returns */
	struct clock_check seen;
};

void clock_check_note(struct clock_check *c, uint64_t thrown_ns,
		      uint64_t caught_ns)
{
	c->hops++;
	if (caught_ns < thrown_ns)
		c->backwards++;
	else if (caught_ns - thrown_ns < c->min_hop_ns)
		c->min_hop_ns = caught_ns - thrown_ns;
}

/*
 * Release and acquire: who sees the stamp also sees everything that was before
 * it, and clock_ns() itself does not run ahead of the loads before it.
 */
static void throw_ball(struct player *p)
{
	atomic_store_explicit(&p->game->hands[1 - p->me].stamp_ns, clock_ns(),
			      memory_order_release);
}

/* Wait for the ball and look at the clock; false: the game is over. */
static bool catch_ball(struct player *p)
{
	_Atomic uint64_t *hand = &p->game->hands[p->me].stamp_ns;
	uint64_t thrown_ns = 0, now_ns;

	for (;;) {
		for (int i = 0; i < LOOKS && thrown_ns == 0; i++)
			thrown_ns = atomic_load_explicit(hand,
							 memory_order_acquire);
		now_ns = clock_ns();
		if (thrown_ns || now_ns >= p->game->deadline_ns ||
		    atomic_load(&p->game->over))
			break;
		(void)sched_yield(); /* cannot fail on Linux */
	}
	if (thrown_ns == 0)
		return false;
	/* Nobody throws to us before we have thrown back. */
	atomic_store_explicit(hand, 0, memory_order_relaxed);
	clock_check_note(&p->seen, thrown_ns, now_ns);
	return true;
}

static void *play(void *player)
{
	struct player *p = player;

	for (uint64_t i = 0; i < p->game->rounds; i++) {
		if (clock_ns() >= p->game->deadline_ns)
			break;
		if (p->me == 0)
			throw_ball(p);
		if (!catch_ball(p))
			break;
		if (p->me == 1)
			throw_ball(p);
	}
	return NULL;
}

/* Start @p on @cpu; the thread never runs anywhere else.  0 or -errno. */
static int start(struct player *p, int cpu)
{
	size_t size = CPU_ALLOC_SIZE((size_t)(cpu < 0 ? 1 : cpu + 1));
	cpu_set_t *set = NULL;
	pthread_attr_t attr;
	int r;

	r = -pthread_attr_init(&attr);
	if (r < 0)
		return r;
	if (cpu >= 0) {
		set = CPU_ALLOC((size_t)cpu + 1);
		r = set ? 0 : -ENOMEM;
	}
	if (set) {
		CPU_ZERO_S(size, set);
		CPU_SET_S((size_t)cpu, size, set);
		r = -pthread_attr_setaffinity_np(&attr, size, set);
	}
	if (r == 0)
		r = -pthread_create(&p->thread, &attr, play, p);
	CPU_FREE(set);
	(void)pthread_attr_destroy(&attr); /* cannot fail on Linux */
	return r;
}

int clock_check_run(int cpu_a, int cpu_b, uint64_t hops, uint64_t deadline_ns,
		    struct clock_check *ret)
{
	struct game game = {.rounds = hops / 2, .deadline_ns = deadline_ns};
	struct player a = {.game = &game, .me = 0, .seen = CLOCK_CHECK_INIT};
	struct player b = {.game = &game, .me = 1, .seen = CLOCK_CHECK_INIT};
	int r;

	CHECK(hops >= 2);
	r = start(&a, cpu_a);
	if (r < 0)
		return r;
	r = start(&b, cpu_b);
	if (r < 0)
		atomic_store(&game.over, true);
	else
		CHECK(pthread_join(b.thread, NULL) == 0);
	CHECK(pthread_join(a.thread, NULL) == 0);
	if (r < 0)
		return r;
	if (a.seen.hops + b.seen.hops == 0)
		return -ETIMEDOUT;
	*ret = (struct clock_check){
		.hops = a.seen.hops + b.seen.hops,
		.backwards = a.seen.backwards + b.seen.backwards,
		.min_hop_ns = a.seen.min_hop_ns < b.seen.min_hop_ns
				      ? a.seen.min_hop_ns
				      : b.seen.min_hop_ns,
	};
	return 0;
}

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t clock_check_cost_ns(void)
{
	enum {
		BATCHES = 31,
		CALLS = 100
	};
	uint64_t batch_ns[BATCHES];

	for (int i = 0; i < BATCHES; i++) {
		uint64_t begun_ns = clock_ns(), now_ns = begun_ns;

		for (int k = 0; k < CALLS; k++)
			now_ns = clock_ns();
		batch_ns[i] = now_ns - begun_ns;
	}
	qsort(batch_ns, BATCHES, sizeof(*batch_ns), compare_u64);
	return (batch_ns[BATCHES / 2] + CALLS - 1) / CALLS;
}
