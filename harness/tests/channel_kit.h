/*
 * channel_kit - what the tests of channel share.
 */
#ifndef HARNESS_TESTS_CHANNEL_KIT_H
#define HARNESS_TESTS_CHANNEL_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/channel.h"

/* Two connected channels with these limits. */
void kit_channels(struct channel *a, struct channel *b, uint32_t message_max,
		  size_t outbox_bytes);

/* A channel, and in @ret_fd the bare socket at its other end. */
void kit_channel(struct channel *ch, int *ret_fd, uint32_t message_max,
		 size_t outbox_bytes);

/* @n bytes at @ret that only message @i has. */
void kit_fill(char *ret, size_t n, uint64_t i);

/* Take a message from @ch, which has to come within seconds. */
void kit_take(struct channel *ch, struct channel_message *ret);

/* Take one, which must be kit_fill(n, i) without a descriptor. */
void kit_expect(struct channel *ch, size_t n, uint64_t i);

/* Write the bytes as they are to a bare socket; @fd, if not -1, with them. */
void kit_write(int socket, const void *bytes, size_t n, int fd);

#endif
