/*
 * payload_stream - messages through pipes, and through a socket.
 *
 *	write ─copy▶ [ kernel ] ─copy▶ read          there, and so back
 *
 * A pipe holds 64 KiB, a socket about 200: what is larger goes in pieces, and
 * writer and reader wake each other again and again on the way.  See pipe(7)
 * and unix(7).
 */
#include "bench/experiments/payload_carry.h"

static int stream_send(struct carry_end *end, struct carry_message *m)
{
	carry_say(end, m, end->carry->message_size);
	return 0;
}

static int stream_take(struct carry_end *end, struct carry_message **m)
{
	return carry_receive(end, *m, end->carry->message_size);
}

const struct carrier carrier_pipe = {
	.memory = CARRY_OWN,
	.pair = carry_pair_pipes,
	.send = stream_send,
	.flush = carry_flush_pipe,
	.take = stream_take,
};

const struct carrier carrier_socket = {
	.memory = CARRY_OWN,
	.pair = carry_pair_socket,
	.send = stream_send,
	.flush = carry_flush_socket,
	.take = stream_take,
};
