/*
 * child_stream - one stream of a child's output on its way to the caller.
 *
 * Floor 1, part of child: a pipe, and what came out of it up to a cap.
 */
#ifndef HARNESS_CHILD_STREAM_H
#define HARNESS_CHILD_STREAM_H

#include <stddef.h>

struct stream {
	int reader, writer; /* of its pipe; -1 when closed */
	char *data;         /* [room + 1], so that a NUL always fits */
	size_t bytes, room;
	size_t cap; /* room never grows beyond */
	int cut;    /* something was dropped */
};

/*
 * Open the pipe, to keep at most @cap bytes of it.  0 or -errno; what was opened
 * until then is closed by stream_close().
 */
int stream_open(struct stream *s, size_t cap);

/*
 * Take one portion, of which the caller knows that it is there, or the end of
 * the stream.  Not all there is: a child that writes without end must not keep
 * us from looking at the clock.  Returns the bytes taken, 0 when there are none.
 */
size_t stream_read(struct stream *s);

/*
 * Take what lies in the pipe now that the child has ended, and put a NUL after
 * it.  Not until the end of the stream: a process that left the group may hold
 * the pipe open, and write, for ever.
 */
void stream_rest(struct stream *s);

/* Close what is open and free the data, if they are here still. */
void stream_close(struct stream *s);

#endif
