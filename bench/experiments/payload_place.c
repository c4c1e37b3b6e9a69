/*
 * payload_place - messages in memory that generator and worker both see.
 *
 * What goes through the pipe is 16 bytes that say where, whatever the size of
 * the message.  A place and not a pointer: two processes may have the same memory
 * at different addresses.
 *
 *	pointer, shm	[ message ]                the worker works in there
 *	copy		[ message ] ─▶ [ shared ] ─▶ [ worker's ]   and so back
 *
 * Two processes do not write there at once: a message belongs to whom its place
 * was sent to last, and read(2) after write(2) makes what was written before
 * visible.
 */
#include <errno.h>
#include <string.h>

#include "bench/experiments/payload_carry.h"

/* Where the generator's message @m is; its copy has the same place. */
static uint64_t place_of(const struct carry *c, const struct carry_message *m)
{
	return (uint64_t)((const char *)m - c->slots);
}

/* A worker has one message in hand, and answers from where it came. */
static int place_send(struct carry_end *end, struct carry_message *m)
{
	const struct carry *c = end->carry;

	end->sent = (struct carry_place){
		.at = end->worker ? end->received.at : place_of(c, m),
		.n = c->message_size,
	};
	if (c->carrier->memory == CARRY_COPIED)
		memcpy(c->shared + end->sent.at, m, c->message_size);
	carry_say(end, &end->sent, sizeof(end->sent));
	return 0;
}

static int place_take(struct carry_end *end, struct carry_message **m)
{
	const struct carry *c = end->carry;
	int r = carry_receive(end, &end->received, sizeof(end->received));

	if (r != 1)
		return r;
	/* The generator knows whose turn it is; a worker is told. */
	if (end->received.n != c->message_size ||
	    (!end->worker && end->received.at != place_of(c, *m)))
		return -EPROTO;
	if (c->carrier->memory == CARRY_COPIED)
		memcpy(*m, c->shared + end->received.at, c->message_size);
	else
		*m = (struct carry_message *)(c->shared + end->received.at);
	return 1;
}

const struct carrier carrier_pointer = {
	.thread = true,
	.memory = CARRY_SHARED,
	.pair = carry_pair_pipes,
	.send = place_send,
	.flush = carry_flush_pipe,
	.take = place_take,
};

const struct carrier carrier_shm = {
	.memory = CARRY_SHARED,
	.pair = carry_pair_pipes,
	.send = place_send,
	.flush = carry_flush_pipe,
	.take = place_take,
};

const struct carrier carrier_copy = {
	.memory = CARRY_COPIED,
	.pair = carry_pair_pipes,
	.send = place_send,
	.flush = carry_flush_pipe,
	.take = place_take,
};
