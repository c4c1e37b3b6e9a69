/*
 * payload_carriers - seven ways to bring bytes to a worker and back, as models.
 *
 *	generator ══bytes══▶ worker: turns each of them
 *	          ◀══bytes══
 *
 * All are the same but for how the bytes go.  A worker sleeps in read(2) or
 * poll(2) until the generator has written into a pipe or socket, and the
 * generator in poll(2) until the worker has: so each pays for two wake-ups, and
 * what they differ by is the price of moving.
 *
 *	start  the bytes have all come                  dispatch: the way there
 *	end    the worker has turned the last of them   return: the way back
 *
 * How often each byte is copied, there and back together:
 *
 *	carry:pointer   0  a thread works where the bytes are; it is told where
 *	carry:shm       0  a process does, in memory that it shares
 *	carry:copy      4  in and out of shared memory, on either side
 *	carry:pipe      4  in and out of the kernel, on either side
 *	carry:socket    4  the same, with a stream socket for both ways
 *	carry:channel   8  as socket, and in and out of a buffer for messages
 *	carry:http      6  as socket, by TCP, and out of the parser's buffer
 *
 * copy is what a program has to do whose bytes do not happen to lie in shared
 * memory: that alone is not what makes shm fast.
 *
 * With a workload other than `bytes' they carry the task and nothing else.
 */
#ifndef BENCH_EXPERIMENTS_PAYLOAD_CARRIERS_H
#define BENCH_EXPERIMENTS_PAYLOAD_CARRIERS_H

#include "harness/model.h"

extern const struct model *const payload_carriers[]; /* NULL at the end */

#endif
