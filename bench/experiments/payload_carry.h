/*
 * payload_carry - what the files of the carriers share.
 *
 * payload_carry.c makes the workers and is the model; payload_worker.c is what a
 * worker does; payload_keeper.c looks after workers that die or are late.  All
 * that differs from one carrier to the next is a row of operations: struct
 * carrier.
 *
 * What travels is a message: a task, its bytes, and on the way back the answer.
 * It lies in one piece, so that whoever has to can copy it in one.  The generator
 * has a place for each task in flight, where the bytes stay from task to task:
 * they are those of the seed before, and come back as those of this one, with
 * nobody having to make new ones in between.
 */
#ifndef BENCH_EXPERIMENTS_PAYLOAD_CARRY_H
#define BENCH_EXPERIMENTS_PAYLOAD_CARRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "harness/fifo.h"
#include "harness/gate.h"
#include "harness/model.h"
#include "harness/respawn.h"

struct carry_message {
	struct task task;
	uint64_t mask;             /* of bytes_turn() */
	struct completion answer;  /* on the way back */
	_Alignas(64) char bytes[]; /* [carry->n_bytes] */
};

/* What travels in place of a message that stays where it is. */
struct carry_place {
	uint64_t at; /* of its first byte in the memory that both see */
	uint64_t n;  /* how many they are */
};

/* One end of the wire between generator and worker. */
struct carry_end {
	const struct carry *carry;
	int in, out; /* where to receive and to send; may be the same */
	int spare;   /* a third one that must stay open as long; -1: none */
	bool worker; /* whose end it is */
	void *own;   /* what the carrier needs besides; NULL: nothing */

	struct iovec parts[2]; /* still to be sent, one after the other */
	size_t got;            /* bytes of the message being received */

	struct carry_place sent, received;
};

enum carry_memory {
	CARRY_OWN,    /* messages lie in the generator's own memory */
	CARRY_SHARED, /* in memory that the worker has, too: left in place */
	CARRY_COPIED, /* in its own, and are copied through shared memory */
};

/*
 * How messages travel.  The generator's end never waits, the worker's may: it
 * is the same code, as a descriptor that waits only never says EAGAIN.
 */
struct carrier {
	bool thread; /* workers are threads, not processes */
	enum carry_memory memory;

	/* Set in, out and spare of both ends: the generator's, the worker's. */
	int (*pair)(struct carry_end *here, struct carry_end *there);

	/* Make what is `own'.  0 or -errno.  NULL: nothing is. */
	int (*open)(struct carry_end *end);

	/* Undo it; may close descriptors, and set them to -1 then. */
	void (*close)(struct carry_end *end);

	/* Begin to send @m, which stays as it is until flush() has said 1. */
	int (*send)(struct carry_end *end, struct carry_message *m);

	/* 1: it is sent; 0: not yet, call again at POLLOUT; -errno. */
	int (*flush)(struct carry_end *end);

	/*
	 * Receive a message: to *@m, or set @m to where it lies.  1; 0: not yet,
	 * call again at POLLIN; -EPIPE: the other side has ended; -EPROTO: it
	 * talks nonsense.
	 */
	int (*take)(struct carry_end *end, struct carry_message **m);
};

extern const struct carrier carrier_pointer, carrier_shm, carrier_copy,
	carrier_pipe, carrier_socket, carrier_channel, carrier_http;

/*
 * What the generator knows of a slot by itself: the message there may be written
 * to by others, and half of it.
 */
struct carry_order {
	struct task task;
	uint64_t seed; /* whose bytes they are, as long as it is not sent */
};

/* One place, its worker, and the tasks that are there. */
struct carry_lane {
	struct carry *carry;
	bool working; /* there is a worker, a process or a thread: */
	pid_t pid;
	pthread_t thread;
	struct carry_end here, there; /* `there': closed here after fork(2) */
	struct respawn respawn;       /* when the next may start */

	/* Tasks at hand, the oldest in slot `first': n, of them n_sent sent. */
	uint32_t first, n, n_sent;
	bool flushing;     /* the last of those is not wholly sent */
	bool deaf;         /* the worker takes no more; its end will be seen */
	bool more;         /* there may be answers that poll(2) cannot see */
	uint64_t first_ns; /* since when it could run the first of them */
	int32_t verdict;   /* how we had to judge that one; 0: we did not */
	struct carry_order *orders; /* [job->depth], of the slots */
};

struct carry {
	const struct job *job;
	const struct carrier *carrier;
	uint64_t n_bytes;    /* with each task, each way */
	size_t message_size; /* with its bytes */
	size_t stride;       /* from one message to the next in memory */

	char *slots;       /* messages of all lanes, [job_capacity()] strides */
	char *shared;      /* the same where both see it; may be `slots' */
	uint32_t *notices; /* [job->workers] worker was ready; all share it */

	struct carry_lane *lanes; /* [job->workers] */
	struct pollfd *polled;    /* [2 * job->workers], room for poll(2) */
	struct fifo failed;       /* completions of tasks without a worker */
	uint32_t in_flight;       /* tasks taken and not reaped */
	uint32_t next;            /* lane to look at first for the next task */
	int start_errno;          /* why the last start came to nothing */
	struct gate *ready; /* where new workers report; NULL after open */
};

/*
 * Fill a zeroed @c but for its carrier; no worker yet.  0 or -errno, then with
 * the rest left to carry_done().
 */
int carry_init(struct carry *c, const struct job *job);

/* Free what carry_init() made, if it came to that. */
void carry_done(struct carry *c);

/* The message in @slot of @lane. */
struct carry_message *carry_slot(const struct carry_lane *lane, uint32_t slot);

/* Give the bytes in @slot of @lane a beginning: they are those of seed 0. */
void carry_slot_renew(struct carry_lane *lane, uint32_t slot);

/* Start a worker in @lane, which is empty.  0 or -errno, told to respawn. */
int carry_start(struct carry_lane *lane);

/* The life of a worker: until its end of the wire is closed. */
void carry_serve(struct carry_lane *lane);

/*
 * The worker of @lane has ended, or is to: collect it and empty the place.  The
 * first of its tasks has an end now, all others wait for the next worker.
 */
void carry_bury(struct carry_lane *lane);

/*
 * End workers that are late, fill empty places, end tasks that nobody will run.
 * Returns when to look again; CLOCK_NEVER: only a message can make it necessary.
 */
uint64_t carry_supervise(struct carry *c);

/* End all workers; what they had at hand is forgotten. */
void carry_end_all(struct carry *c);

/* An end without a descriptor. */
struct carry_end carry_no_end(const struct carry *c);

/* Close all of it; may be called twice. */
void carry_end_close(struct carry_end *end);

/* Send no more, so that the other side sees the end; of pipes. */
void carry_end_hang_up(struct carry_end *end);

/* The generator's descriptor @fd never waits.  0 or -errno. */
int carry_unwaiting(int fd);

/* Begin to send the @n bytes at @bytes; all of carrier.send that most need. */
void carry_say(struct carry_end *end, void *bytes, size_t n);

/* carrier.flush for pipes and for sockets. */
int carry_flush_pipe(struct carry_end *end);
int carry_flush_socket(struct carry_end *end);

/*
 * Receive @n bytes to @to, however many calls it takes: returns as
 * carrier.take.  With a socket or a pipe.
 */
int carry_receive(struct carry_end *end, void *to, size_t n);

/* carrier.pair with two pipes, and with a stream socket. */
int carry_pair_pipes(struct carry_end *here, struct carry_end *there);
int carry_pair_socket(struct carry_end *here, struct carry_end *there);

#endif
