#include "harness/fifo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fifo_init(struct fifo *f, uint32_t room, size_t size)
{
	char *items = calloc(room, size);

	if (!items)
		return -ENOMEM;
	*f = (struct fifo){.items = items, .size = size, .room = room};
	return 0;
}

void fifo_done(struct fifo *f)
{
	free(f->items);
	*f = (struct fifo){0};
}

int fifo_put(struct fifo *f, const void *item)
{
	uint32_t tail = f->head + f->n;

	if (f->n == f->room)
		return -EAGAIN;
	if (tail >= f->room)
		tail -= f->room;
	memcpy(f->items + tail * f->size, item, f->size);
	f->n++;
	return 0;
}

int fifo_take(struct fifo *f, void *ret)
{
	if (f->n == 0)
		return 0;
	memcpy(ret, f->items + f->head * f->size, f->size);
	if (++f->head == f->room)
		f->head = 0;
	f->n--;
	return 1;
}
