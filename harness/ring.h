/*
 * ring - a bounded queue of records between one producer and one consumer.
 *
 * Floor 1.  For threads or processes: nothing in the shared memory is a
 * pointer, and nobody ever waits or locks.
 *
 *	ring_source, written by the producer:	n_put, [room] records
 *	ring_sink, written by the consumer:	n_taken
 *
 * Each index stands in a cache line of its own and has one writer.  An end keeps
 * its own index, and what it last saw of the other one's, in private memory: so
 * a ring that is neither full nor empty is used without a look at the other
 * side's line, which would have to come over from the other processor.
 *
 * Either side may be killed at any instruction.  A record is there from the
 * store of the index that publishes it on, whole, and was not there before.
 *
 * Nor need the other side be trusted: addresses are computed from private
 * numbers, and an index that no honest peer could have written is -EPROTO.
 */
#ifndef HARNESS_RING_H
#define HARNESS_RING_H

#include <stddef.h>
#include <stdint.h>

/* What a processor moves and owns as one; on every common machine. */
#define RING_LINE 64

struct ring_source {
	_Alignas(RING_LINE) uint64_t n_put; /* ever */
	_Alignas(RING_LINE) char records[];
};

struct ring_sink {
	_Alignas(RING_LINE) uint64_t n_taken; /* ever */
};

/* One side's view; private to the thread that is this side. */
struct ring_end {
	struct ring_source *source;
	struct ring_sink *sink;
	size_t size; /* of a record */
	uint64_t room;
	uint64_t mine;   /* our own index: n_put or n_taken */
	uint64_t theirs; /* the other one, when we last looked */
};

/* The smallest power of two that is @n or more; @n is 1 … 2^31. */
uint32_t ring_room(uint32_t n);

/* Bytes of a source with @room records of @size bytes, whole lines. */
size_t ring_source_bytes(uint32_t room, size_t size);

/*
 * Make the ring empty.  For whoever owns both parts just now: no end of it may
 * be in use.
 */
void ring_clear(struct ring_source *source, struct ring_sink *sink);

/*
 * Begin to use one end of an empty ring of @room records, a power of two, of
 * @size bytes.  Both parts outlive the end, and have the alignment of a line.
 */
void ring_open(struct ring_end *ret, struct ring_source *source,
	       struct ring_sink *sink, uint32_t room, size_t size);

/*
 * Producer: put the first of the @n records, as many as there is room for, and
 * publish them at once.  How many; 0: full; -EPROTO.
 */
int ring_put(struct ring_end *e, const void *records, size_t n);

/* Consumer: take up to @n records, oldest first.  How many; 0; -EPROTO. */
int ring_take(struct ring_end *e, void *ret, size_t n);

/*
 * Consumer: how many records are there to be taken, at least; looks at the
 * other side only if none is known of.  -EPROTO.
 */
int ring_ready(struct ring_end *e);

/* The same, but looks in any case. */
int ring_look(struct ring_end *e);

/* The record that was, or will be, number @i; its bytes stay in the ring. */
static inline void *ring_at(const struct ring_end *e, uint64_t i)
{
	return e->source->records + (i & (e->room - 1)) * e->size;
}

#endif
