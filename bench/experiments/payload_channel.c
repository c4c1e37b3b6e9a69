/*
 * payload_channel - messages through a channel: see harness/channel.h.
 *
 *	─copy▶ [ outbox ] ─copy▶ [ kernel ] ─copy▶ [ inbox ] ─copy▶
 *
 * A channel makes messages of a stream for whoever does not want to count bytes:
 * it knows their length, waits until one is whole, and never blocks.  For that
 * it has a buffer on either side, and each is one copy more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/experiments/payload_carry.h"
#include "harness/channel.h"

static int channel_end_pair(struct carry_end *here, struct carry_end *there)
{
	int ends[2];
	int r = channel_pair(ends);

	if (r < 0)
		return r;
	here->in = here->out = ends[0];
	there->in = there->out = ends[1];
	return 0;
}

/* The channel has the descriptor from here on; we keep its number, to poll. */
static int channel_end_open(struct carry_end *end)
{
	uint32_t size = (uint32_t)end->carry->message_size;
	struct channel *ch = calloc(1, sizeof(*ch));
	int r = -ENOMEM;

	if (ch)
		r = channel_open(ch, end->in, size, CHANNEL_HEADER + size);
	if (r < 0)
		free(ch);
	else
		end->own = ch;
	return r;
}

static void channel_end_close(struct carry_end *end)
{
	channel_close(end->own);
	free(end->own);
	end->own = NULL;
	end->in = end->out = -1;
}

static int channel_end_send(struct carry_end *end, struct carry_message *m)
{
	return channel_put(end->own, m, end->carry->message_size, -1);
}

static int channel_end_flush(struct carry_end *end)
{
	return channel_flush(end->own);
}

static int channel_end_take(struct carry_end *end, struct carry_message **m)
{
	struct channel_message whole;
	int r = channel_take(end->own, &whole);

	if (r == -EBADMSG)
		r = -EPIPE; /* it ended, be it within a message */
	if (r <= 0)
		return r == 0 || r == -EPIPE ? r : -EPROTO;
	if (whole.n != end->carry->message_size)
		return -EPROTO;
	memcpy(*m, whole.bytes, whole.n);
	return 1;
}

const struct carrier carrier_channel = {
	.memory = CARRY_OWN,
	.pair = channel_end_pair,
	.open = channel_end_open,
	.close = channel_end_close,
	.send = channel_end_send,
	.flush = channel_end_flush,
	.take = channel_end_take,
};
