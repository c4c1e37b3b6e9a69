/*
 * xray_trace - what strace(1) wrote down, as a table of system calls.
 */
#ifndef BENCH_CLI_XRAY_TRACE_H
#define BENCH_CLI_XRAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where in `manyhands drill' a call was made, by the marks of drill.h. */
enum xray_phase {
	XRAY_BEFORE, /* the program itself starts */
	XRAY_OPEN,   /* the model opens */
	XRAY_TASKS,  /* all tasks but the last */
	XRAY_LAST,   /* one task, alone */
	XRAY_CLOSE,  /* the model closes */
	XRAY_AFTER,
};

/* One call.  A line of the trace is a moment; calls have two, or one twice. */
struct xray_call {
	uint32_t process; /* 0: the dispatcher; others in order of birth */
	char name[32];    /* "recvfrom" */
	char *arguments;  /* as strace prints them, with what they brought */
	char on[8];    /* what the first one is: "pipe", "socket", … or "" */
	bool returned; /* or ended with its process */
	bool after_exec; /* its process has become another program before */
	int64_t value;   /* that it returned; -1 with an error */
	char error[16];  /* "EAGAIN", or "" */
	enum xray_phase begun_in, ended_in;
	size_t begun, ended; /* lines */
};

struct xray_trace {
	struct xray_call *calls; /* [n], as they began */
	size_t n;
	uint32_t n_processes; /* threads counted, too */
	bool whole;           /* has the mark of its end */
};

/*
 * Read @text of @bytes, what `strace -f -yy -qq -o' writes.  0; -ENOMEM;
 * -EBADMSG: it is none.  To be passed to xray_trace_done().
 */
int xray_trace_parse(const char *text, size_t bytes, struct xray_trace *ret);

/* Free what it owns; accepts a zeroed struct. */
void xray_trace_done(struct xray_trace *t);

#endif
