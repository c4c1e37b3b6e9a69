#include "harness/ring.h"

#include <errno.h>
#include <string.h>

#include "harness/base.h"

uint32_t ring_room(uint32_t n)
{
	uint32_t room = 1;

	CHECK(n >= 1 && n <= UINT32_C(1) << 31);
	while (room < n)
		room *= 2;
	return room;
}

size_t ring_source_bytes(uint32_t room, size_t size)
{
	size_t bytes = sizeof(struct ring_source) + room * size;

	return (bytes + RING_LINE - 1) / RING_LINE * RING_LINE;
}

void ring_clear(struct ring_source *source, struct ring_sink *sink)
{
	__atomic_store_n(&source->n_put, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&sink->n_taken, 0, __ATOMIC_RELAXED);
}

void ring_open(struct ring_end *ret, struct ring_source *source,
	       struct ring_sink *sink, uint32_t room, size_t size)
{
	CHECK(room > 0 && (room & (room - 1)) == 0);
	*ret = (struct ring_end){
		.source = source,
		.sink = sink,
		.size = size,
		.room = room,
	};
}

/* Of @n records from here on, how many come before the ring starts again. */
static size_t first_run(const struct ring_end *e, size_t n)
{
	size_t to_end = e->room - (e->mine & (e->room - 1));

	return n < to_end ? n : to_end;
}

int ring_put(struct ring_end *e, const void *records, size_t n)
{
	size_t run;

	if (e->mine - e->theirs + n > e->room) {
		/*
		 * Acquire, and the consumer's release: it has copied a record
		 * out before we see that it did, so we overwrite nothing that
		 * is still being read.
		 */
		uint64_t theirs =
			__atomic_load_n(&e->sink->n_taken, __ATOMIC_ACQUIRE);

		/* Between what we know and what we have put. */
		if (e->mine - theirs > e->mine - e->theirs)
			return -EPROTO;
		e->theirs = theirs;
		if (n > e->room - (e->mine - theirs))
			n = e->room - (e->mine - theirs);
	}
	run = first_run(e, n);
	memcpy(ring_at(e, e->mine), records, run * e->size);
	memcpy(ring_at(e, 0), (const char *)records + run * e->size,
	       (n - run) * e->size);
	e->mine += n;
	/*
	 * Release: the records are whole before the index says that they are
	 * there.  The one store publishes all of them; before it, none.
	 */
	__atomic_store_n(&e->source->n_put, e->mine, __ATOMIC_RELEASE);
	return (int)n;
}

int ring_look(struct ring_end *e)
{
	/* Acquire: having seen the index, we see the records it speaks of. */
	uint64_t theirs = __atomic_load_n(&e->source->n_put, __ATOMIC_ACQUIRE);

	if (theirs - e->mine > e->room)
		return -EPROTO;
	e->theirs = theirs;
	return (int)(theirs - e->mine);
}

int ring_ready(struct ring_end *e)
{
	if (e->theirs != e->mine)
		return (int)(e->theirs - e->mine);
	return ring_look(e);
}

int ring_take(struct ring_end *e, void *ret, size_t n)
{
	int ready = ring_ready(e);
	size_t run;

	if (ready <= 0)
		return ready;
	if (n > (size_t)ready)
		n = (size_t)ready;
	run = first_run(e, n);
	memcpy(ret, ring_at(e, e->mine), run * e->size);
	memcpy((char *)ret + run * e->size, ring_at(e, 0), (n - run) * e->size);
	e->mine += n;
	/* Release: from now on the producer may overwrite what we copied. */
	__atomic_store_n(&e->sink->n_taken, e->mine, __ATOMIC_RELEASE);
	return (int)n;
}
