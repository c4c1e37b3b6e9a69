/*
 * gate - the moment when every worker is ready.
 *
 * Floor 1.  A pipe: each worker writes one byte into it when it is pinned and
 * ready, and the model's open() waits for as many bytes as there are workers.
 * Works the same for threads and forked processes, and never sleeps "to give
 * them a chance".
 *
 *	gate_open(&g);
 *	… start workers; each ends its preparation with gate_report(&g) …
 *	gate_seal(&g);                  processes only
 *	r = gate_wait(&g, workers, deadline);
 *	gate_close(&g);
 */
#ifndef HARNESS_GATE_H
#define HARNESS_GATE_H

#include <stdint.h>

struct gate {
	int reader, writer; /* the two ends of the pipe; -1 when closed */
};

/* 0 or -errno of pipe2(2).  On failure @g needs no gate_close(). */
int gate_open(struct gate *g);

/* Worker: I am ready.  Async-signal-safe.  A forked worker then closes @g. */
void gate_report(const struct gate *g);

/*
 * Parent of worker processes, after the last fork: close the writing end here,
 * so that the pipe ends if every worker that could still report has died.
 */
void gate_seal(struct gate *g);

/*
 * Wait until @workers reports have come in.  0; -ETIMEDOUT at @deadline_ns;
 * -ECHILD if the gate is sealed and some worker died without reporting.
 */
int gate_wait(struct gate *g, uint32_t workers, uint64_t deadline_ns);

/* Close what is open; may be called twice. */
void gate_close(struct gate *g);

#endif
