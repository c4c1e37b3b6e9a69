#include "harness/respawn.h"

void respawn_started(struct respawn *r, uint64_t now_ns)
{
	r->ready = false;
	r->started_ns = now_ns;
}

void respawn_ready(struct respawn *r)
{
	r->ready = true;
	r->failures = 0;
}

/* Wait, twice as long each time; few doublings reach the longest wait. */
static void back_off(struct respawn *r, uint64_t now_ns)
{
	uint64_t pause_ns = RESPAWN_PAUSE_NS;

	for (uint32_t i = 0; i < r->failures && pause_ns < RESPAWN_MAX_PAUSE_NS;
	     i++)
		pause_ns *= 2;
	if (pause_ns > RESPAWN_MAX_PAUSE_NS)
		pause_ns = RESPAWN_MAX_PAUSE_NS;
	r->failures++;
	r->at_ns = now_ns + pause_ns;
}

void respawn_failed(struct respawn *r, uint64_t now_ns)
{
	back_off(r, now_ns);
}

void respawn_died(struct respawn *r, uint64_t now_ns)
{
	uint64_t oldest_ns;

	if (r->ready) {
		r->at_ns = r->started_ns + RESPAWN_SPACE_NS;
		return;
	}
	back_off(r, now_ns);
	r->deaths_ns[r->n_deaths++ % RESPAWN_DEATHS] = now_ns;
	if (r->n_deaths < RESPAWN_DEATHS)
		return;
	oldest_ns = r->deaths_ns[r->n_deaths % RESPAWN_DEATHS];
	r->given_up = now_ns - oldest_ns <= RESPAWN_WINDOW_NS;
}

void respawn_left(struct respawn *r, uint64_t now_ns)
{
	r->at_ns = now_ns;
}
