/*
 * talk - HTTP as a test speaks it: byte by byte if need be, and no politer
 * than it wants to be.
 */
#ifndef BENCH_TESTS_TALK_H
#define BENCH_TESTS_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nothing takes so long, unless it never ends. */
#define TALK_PATIENCE_S 30

/* A connection to 127.0.0.1; @window: bytes it can receive, 0: as is. */
int talk_open(uint16_t port, int window);

/* Close @fd with a reset, as if the client had crashed. */
void talk_reset(int fd);

void talk_say(int fd, const char *bytes, size_t n);
void talk_say_text(int fd, const char *text);

/* An answer as a client sees it. */
struct talk_reply {
	int status; /* 0: the connection ended instead */
	bool close; /* it says that this is the last one */
	size_t n;   /* bytes of body that it announces */
	char head[1024];
	char body[65536]; /* ends with a NUL */
};

/*
 * Read one answer, not a byte more; a HEAD's has no body.  Its head ends with
 * an empty line and says how long the body is, or the test fails.
 */
void talk_hear(int fd, bool is_head, struct talk_reply *ret);

/* GET @target on the connection @fd. */
void talk_get(int fd, const char *target, struct talk_reply *ret);

/* Nothing more comes, and @fd is closed. */
void talk_expect_end(int fd);

/*
 * Start `manyhands serve --port 0 @arguments' as program_start() does, and wait
 * until it is ready.  The port is @ret_port.
 */
pid_t talk_start_server(const char *arguments, uint16_t *ret_port);

/* End it by SIGTERM: it must have survived, and end well. */
void talk_stop_server(pid_t pid);

#endif
