#include "harness/child_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int capture_init(struct capture *c, size_t cap)
{
	size_t room = cap < 4096 ? cap : 4096;
	char *data = malloc(room + 1);

	if (!data)
		return -ENOMEM;
	data[0] = '\0';
	*c = (struct capture){.data = data, .room = room, .cap = cap};
	return 0;
}

/* Make room for @n bytes in all; without memory the cap is where we are. */
static void capture_grow(struct capture *c, size_t n)
{
	size_t room = c->room;
	char *data;

	while (room < n && room < c->cap)
		room = room < c->cap / 2 ? room * 2 : c->cap;
	if (room == c->room)
		return;
	data = realloc(c->data, room + 1);
	if (!data) {
		c->cap = c->room;
		return;
	}
	c->data = data;
	c->room = room;
}

void capture_put(struct capture *c, const char *bytes, size_t n)
{
	size_t left;

	capture_grow(c, c->bytes + n);
	left = c->room - c->bytes;
	if (n > left) {
		n = left;
		c->cut = 1;
	}
	memcpy(c->data + c->bytes, bytes, n);
	c->bytes += n;
	c->data[c->bytes] = '\0';
}

void capture_done(struct capture *c)
{
	free(c->data);
	c->data = NULL;
}
